"""A tiny pool that uses every operator and every kind of declaration, and its workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from alatau_finance.assumptions import Assumptions, Place, Project, Scenario, Source, Timeline, Value
from alatau_finance.modelling import (
    Gather,
    Input,
    Model,
    Series,
    absolute,
    check,
    exp,
    final,
    irr,
    larger_of,
    lead,
    line,
    log,
    maximum,
    metric,
    minimum,
    present_value,
    prev,
    smaller_of,
    sqrt,
    total,
    where,
)
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.modelling.plan import Plan, build_plan
from alatau_finance.reports.workbook import write_workbook
from alatau_finance.simulation.binding import BoundInput, BoundPool, BoundSeries, Instance
from alatau_finance.simulation.reference import PathValues, run_path

CREATED = datetime(2026, 2, 3, tzinfo=UTC)
TRICKY = "=1+1 'quoted' <&> http://example.org"


class Economy(Model):
    """Prices."""

    key = "economy"
    one_year = Input("year", "One year")
    start_level = Input("1", "Price level at the base date")
    inflation = Series("1/year", "Inflation")

    @line("1", opening="start_level")
    def price(m):
        """Price level, end of period."""
        return prev(m.price) * (1 + m.inflation * m.one_year) ** (m.year_fraction / m.one_year)

    @line("1", opening=1)
    def discount(m):
        """Discount factor."""
        return prev(m.discount) * exp(-m.inflation * m.year_fraction)

    @metric("1")
    def last_price(m):
        """Price level at the end."""
        return final(m.price)


class Built(Model):
    """Built: works paid by a loan."""

    key = "built"
    cost = Input("bn KZT", "Cost of the works")
    start = Input("year", "Start of construction")
    duration = Input("year", "Duration of construction")
    loan_share = Input("1", "Share of the loan")
    rate = Input("1/year", "Interest rate")
    opening_debt = Input("bn KZT", "Debt at the base date")
    price = Series("1", "Price level, end of period")
    discount = Series("1", "Discount factor")

    @line("1")
    def progress(m):
        """Share of the works complete."""
        elapsed = smaller_of(larger_of((m.period_end - m.start) / m.duration, 0), 1)
        return elapsed * elapsed

    @line("bn KZT")
    def works(m):
        """Works of the period."""
        return m.cost * (m.progress - prev(m.progress)) * m.price

    @line("bn KZT")
    def debt_due(m):
        """Debt to be repaid, opening included."""
        return prev(m.debt_due) + m.works * m.loan_share

    @line("1")
    def flag_done(m):
        """Flag: the works are complete."""
        return (m.period_start >= m.start + m.duration) * (m.progress > 0)

    @line("bn KZT", opening="opening_debt")
    def debt(m):
        """Debt, end of period."""
        return prev(m.debt) + m.works * m.loan_share - m.repayment

    @line("bn KZT")
    def repayment(m):
        """Repayment: a quarter of the opening debt once the works are complete, all of it in the last period."""
        part = where(m.last, 1, m.year_fraction * m.rate)
        return prev(m.debt) * where(m.flag_done, part, 0)

    @line("1")
    def last(m):
        """Flag: the last year."""
        return where(lead(m.progress_ahead) <= 0, 1, 0)

    @line("1")
    def progress_ahead(m):
        """One in every period."""
        return m.year_fraction / m.year_fraction

    @line("bn KZT")
    def state_payment(m):
        """Payment by the state."""
        return m.works * (1 - m.loan_share) + m.repayment + prev(m.debt) * m.rate * m.year_fraction

    @line("bn KZT")
    def flow(m):
        """Flow of the loan."""
        return m.works - m.state_payment

    @line("1")
    def oddities(m):
        """Operators that no contract needs: roots, logarithms, signs, equal sides."""
        size = absolute(-m.progress) + sqrt(m.price) + log(m.price + 1)
        return size * (m.progress < 1) + 12 * (m.progress <= 0) * m.first_period_of_year

    @metric("1/year")
    def return_on_loan(m):
        """Rate of return of the loan."""
        return irr(m.flow)

    @metric("bn KZT")
    def pv_payments(m):
        """Present value of payments."""
        return present_value(m.state_payment, m.discount)

    @metric("bn KZT")
    def extremes(m):
        """Largest less smallest payment."""
        return maximum(m.state_payment) - minimum(m.state_payment)

    @check
    def works_complete(m):
        """The works are complete at the end."""
        return absolute(final(m.progress) - 1)


class Leased(Model):
    """Leased: rent only, no loan."""

    key = "leased"
    cost = Input("bn KZT", "Cost of the works")
    rent = Input("1/year", "Rent as a share of the cost")
    price = Series("1", "Price level, end of period")
    discount = Series("1", "Discount factor")

    @line("bn KZT")
    def state_payment(m):
        """Payment by the state."""
        return m.cost * m.rent * m.price * m.year_fraction

    @metric("1/year")
    def rate_of_rent(m):
        """Rate of return: there is none, since all flows have one sign."""
        return irr(m.state_payment)

    @metric("bn KZT")
    def pv_payments(m):
        """Present value of payments."""
        return present_value(m.state_payment, m.discount)


class Pool(Model):
    """All contracts."""

    key = "pool"
    ceiling_share = Input("1", "Ceiling as a share")
    discount = Series("1", "Discount factor")
    paid_built = Gather("bn KZT", "Paid, built", line="state_payment", contracts=("built",), group="infrastructure")
    paid_leased = Gather("bn KZT", "Paid, leased", line="state_payment", contracts=("leased",), group="infrastructure")
    paid_everywhere = Gather("bn KZT", "Paid in all groups", line="state_payment", contracts=("built", "leased"))
    owed_everywhere = Gather("bn KZT", "Owed in all groups", line="debt", contracts=("built",))
    pv_all = Gather("bn KZT", "PV of all", line="pv_payments", contracts=("built", "leased"), whole_life=True)
    missing = Gather("bn KZT", "Of a type without contracts", line="x", contracts=("private",), whole_life=True)

    @line("bn KZT", yearly="sum")
    def payments_built(m):
        """Payments, built."""
        return 1 * m.paid_built

    @line("bn KZT", yearly="sum")
    def state_payments_built(m):
        """State payments, built."""
        return m.paid_built

    @line("bn KZT", yearly="sum")
    def state_payments_leased(m):
        """State payments, leased."""
        return m.paid_leased

    @line("bn KZT", yearly="end")
    def obligations_outstanding(m):
        """Obligations outstanding, end of period."""
        return m.owed_everywhere

    @line("1", yearly="max")
    def peak_share(m):
        """Share of payments in what is owed."""
        return m.paid_everywhere / (m.owed_everywhere + m.paid_everywhere)

    @metric("bn KZT")
    def total_payments(m):
        """Payments over life."""
        return total(m.state_payments_built) + total(m.state_payments_leased) + m.missing

    @metric("bn KZT")
    def pv_payments(m):
        """Present value of all payments."""
        return 1 * m.pv_all

    @check
    def present_values_add_up(m):
        """Present values add up."""
        here = present_value(m.paid_everywhere, m.discount)
        return absolute(here - m.pv_all) / here


def entry(path: str, number: float, unit: str, basis: str = "assumed", note: str | None = None) -> Value:
    """A value of assumptions/test.yaml."""
    as_of, file = date(2026, 1, 15), "assumptions/test.yaml"
    return Value(path, number, None, unit, number / 2, number * 2, as_of, ("book",), basis, note, file, 7, 3)


VALUES = {
    "one_year": entry("macro.one_year", 1.0, "year", "derived"),
    "start_level": entry("macro.start_level", 1.0, "1"),
    "inflation": entry("macro.inflation", 8.0, "%", "sourced"),
    "loan_share": entry("contracts.built.loan_share", 70.0, "%", note=TRICKY),
    "rate": entry("contracts.built.rate", 12.0, "%/year"),
    "opening_debt": entry("contracts.built.opening_debt", 250.0, "mn KZT"),
    "rent": entry("contracts.leased.rent", 9.0, "%/year"),
    "ceiling_share": entry("fiscal.ceiling_share", 2.0, "%"),
    "duration": entry("asset_classes.roads.duration", 1.25, "year", "allocated"),
}
CURVE = replace(VALUES["inflation"], path="macro.curve", value=None, values=((date(2026, 1, 1), 8.0),))
INFRASTRUCTURE, PORTFOLIO = "infrastructure", "portfolio"


def _assumptions(projects: Mapping[str, Project]) -> Assumptions:
    empty: Any = MappingProxyType({})
    values = {value.path: value for value in (*VALUES.values(), CURVE)}
    values |= {v.path: v for project in projects.values() for v in project.values.values()}
    told: dict[str, Any] = {
        "timeline": Timeline(date(2026, 1, 1), date(2026, 2, 3), 2026, 2030, 2, 2),
        "sources": {"book": Source("book", TRICKY, "A publisher", None, "en", "book", None, None)},
        "scenario": Scenario("base", {"en": "Base case"}, {}),
        "values": values,
    }
    return Assumptions(**{field.name: told.get(field.name, empty) for field in fields(Assumptions)})


def _project(name: str, group: str, cost: float, start: float) -> Project:
    values = {
        "cost": entry(f"projects.{name}.cost", cost, "bn KZT", "allocated"),
        "start": entry(f"projects.{name}.start", start, "year"),
    }
    label = {"en": f"Project {name}", "ru": f"Проект {name}"}
    at = Place("assumptions/test.yaml", 1, 1)
    return Project(name, label, None, group, "roads", "roads", (), None, None, values, (), at)


def _bound(plan: Plan, project: Project | None = None) -> Mapping[str, BoundInput]:
    own = project.values if project else {}
    found = {name: own.get(name) or VALUES[name] for name in plan.inputs}
    return {
        name: BoundInput(name, declared.unit, declared.label, found[name].in_unit(declared.unit), found[name])
        for name, declared in plan.inputs.items()
    }


def bound_pool() -> BoundPool:
    """Two built and one leased contract in one group, one built in another."""
    plans = {model.key: build_plan(model) for model in (Economy, Built, Leased, Pool)}
    calendar = Calendar(2026, 2030, 2, 2)
    listed = (("a", INFRASTRUCTURE, 40.0, 2026.0), ("b", INFRASTRUCTURE, 3.3, 2028.5), ("c", PORTFOLIO, 7.0, 2027.0))
    projects = {name: _project(name, group, cost, start) for name, group, cost, start in listed}

    def instances(key: str, names: str) -> tuple[Instance, ...]:
        chosen = [projects[name] for name in names]
        return tuple(Instance(f"{p.id}/{key}", plans[key], p.group, _bound(plans[key], p), p) for p in chosen)

    rates = tuple(0.08 - 0.001 * t for t in range(calendar.periods))
    series = {"inflation": BoundSeries("inflation", "1/year", "Inflation", rates, CURVE)}
    return BoundPool(
        _assumptions(projects),
        calendar,
        Instance("economy", plans["economy"], "", _bound(plans["economy"])),
        series,
        {"built": instances("built", "abc"), "leased": instances("leased", "b"), "private": ()},
        Instance("pool", plans["pool"], "", _bound(plans["pool"])),
        plans,
    )


@pytest.fixture(scope="session")
def pool() -> BoundPool:
    return bound_pool()


@pytest.fixture(scope="session")
def values(pool: BoundPool) -> PathValues:
    return run_path(pool)


@pytest.fixture(scope="session")
def zeroed(pool: BoundPool, values: PathValues, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook as it is before anybody calculates it: 0 in every formula."""
    path = tmp_path_factory.mktemp("zeroed") / "pool.xlsx"
    write_workbook(path, pool, values, created=CREATED, cached=False)
    return path


@pytest.fixture(scope="session")
def written(pool: BoundPool, values: PathValues, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook as users get it."""
    path = tmp_path_factory.mktemp("written") / "pool.xlsx"
    write_workbook(path, pool, values, created=CREATED, about={"run": "base-1", "paths": "1000", "seed": "1"})
    return path


@pytest.fixture
def formulas(written: Path) -> Callable[[], list[tuple[str, str, str]]]:
    """Every formula of the workbook: sheet, address, text."""
    from openpyxl import load_workbook

    def read() -> list[tuple[str, str, str]]:
        book = load_workbook(written)
        return [
            (sheet.title, cell.coordinate, cell.value)
            for sheet in book.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]

    return read
