"""A tiny pool: an economy, two contract types, three projects in two groups, every kind of risk and of sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from alatau_finance.assumptions import AssetClass, Assumptions, Place, Project, Risk, Scenario, Timeline, Total, Value
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
    maximum,
    metric,
    present_value,
    prev,
    total,
    where,
)
from alatau_finance.simulation.binding import BoundPool, bind
from alatau_finance.simulation.engine import Engine
from alatau_finance.simulation.path import draw_plan

SEED = 7


class Economy(Model):
    """Prices that wander."""

    key = "economy"
    volatility = Input("1", "Volatility of prices")
    one_year = Input("year", "One year")
    growth = Series("1/year", "Expected growth")
    shock = Series("1", "Shock, standard normal")

    @line("1", opening=1)
    def price(m):
        """Price level."""
        return prev(m.price) * exp(m.growth * m.year_fraction + m.volatility * m.shock)

    @line("1", opening=1)
    def discount(m):
        """Discount factor."""
        return prev(m.discount) / (1 + m.growth * m.year_fraction)


class Works:
    """What both contracts have."""

    cost = Input("bn KZT", "Cost")
    overrun = Input("1", "Cost overrun factor")
    start = Input("year", "Start of works")
    duration = Input("year", "Duration")
    financing_share = Input("1", "Share of this contract")
    price = Series("1", "Price level")
    discount = Series("1", "Discount factor")

    @line("bn KZT")
    def works(m):
        """Works, at equal pace."""
        pace = m.cost * m.overrun * m.financing_share * m.year_fraction / m.duration
        return where(m.period_start >= m.start, where(m.period_end <= m.start + m.duration, pace, 0), 0) * m.price

    @line("bn KZT")
    def done(m):
        """Works so far."""
        return prev(m.done) + m.works

    @check
    def works_add_up(m):
        """Works add up."""
        return absolute(total(m.works) - final(m.done)) / larger_of(final(m.done), m.cost)


class Budget(Works, Model):
    """Paid as the works are done."""

    key = "budget"

    @line("bn KZT")
    def payment(m):
        """Payment."""
        return m.works

    @metric("bn KZT")
    def worth(m):
        """Present value of payments."""
        return present_value(m.payment, m.discount)


class EpcF(Works, Model):
    """Paid later, with interest and a reserve for the next payment."""

    key = "epcf"
    margin = Input("1/year", "Interest rate")

    @line("bn KZT")
    def payment(m):
        """Payment: the works of the year before, with interest."""
        return prev(m.works) * (1 + m.margin * m.year_fraction)

    @line("bn KZT")
    def flow(m):
        """Cash flow of the contractor."""
        return m.payment - m.works + lead(m.payment) * m.margin * m.year_fraction / total(m.payment) * m.cost

    @metric("bn KZT")
    def worth(m):
        """Present value of payments."""
        return present_value(m.payment, m.discount)

    @metric("1/year")
    def contractor_irr(m):
        """Rate of return of the contractor."""
        return irr(m.flow)


class Pool(Model):
    """Everything together."""

    key = "pool"
    ceiling = Input("bn KZT", "Ceiling")
    published_all = Input("bn KZT", "Published total")
    price = Series("1", "Price level")
    all_payments = Gather("bn KZT", "All payments", line="payment", contracts=("budget", "epcf"))
    epcf_payments = Gather("bn KZT", "EPC+F", line="payment", contracts=("epcf",), group="infrastructure")
    portfolio = Gather("bn KZT", "Portfolio", line="works", contracts=("budget", "epcf"), group="portfolio")
    worth_all = Gather("bn KZT", "Worth", line="worth", contracts=("budget", "epcf"), whole_life=True)
    worth_epcf = Gather(
        "bn KZT", "Worth of EPC+F", line="worth", contracts=("epcf",), group="infrastructure", whole_life=True
    )

    @line("bn KZT", yearly="sum")
    def payments(m):
        """Payments."""
        return m.all_payments + m.portfolio

    @line("bn KZT", yearly="end")
    def paid(m):
        """Paid so far."""
        return prev(m.paid) + m.payments

    @line("bn KZT", yearly="max")
    def largest(m):
        """EPC+F payments."""
        return m.epcf_payments * m.price

    @metric("bn KZT")
    def worth(m):
        """Present value of all."""
        return m.worth_all + m.worth_epcf

    @metric("1")
    def breach(m):
        """Whether the ceiling is broken."""
        return maximum(m.payments) > m.ceiling

    @check
    def below_ceiling(m):
        """Payments stay below the ceiling; they do not on many paths."""
        return larger_of(maximum(m.payments) - m.ceiling, 0) / m.ceiling

    @check
    def ties(m):
        """What is paid is what is gathered."""
        return absolute(total(m.payments) - final(m.paid)) / m.published_all


MODELS = MappingProxyType({model.key: model for model in (Economy, Budget, EpcF, Pool)})


def value(number: Any, unit: str, path: str = "macro.thing") -> Value:
    """An entry; a mapping of dates gives a dated one."""
    steps = tuple(number.items()) if isinstance(number, Mapping) else None
    single = None if steps else float(number)
    day = date(2026, 1, 1)
    return Value(path, single, steps, unit, None, None, day, ("seed",), "assumed", None, "macro.yaml", 3, 5)


def entries(root: str, **given: tuple[Any, str]) -> dict[str, Value]:
    return {name: value(number, unit, f"{root}.{name}") for name, (number, unit) in given.items()}


def project(name: str, group: str = "infrastructure", **changes: Any) -> Project:
    settings: dict[str, Any] = {
        "id": name,
        "name": {"en": name},
        "stage": "roadmap_2026_2027",
        "group": group,
        "asset_class": "roads",
        "sector": "transport",
        "tags": (),
        "financing": "mixed",
        "budget_levels": None,
        "values": entries(f"projects.{name}", cost=(100, "bn KZT"), start=(2026.5, "year"), duration=(18, "month")),
        "facts": (),
        "place": Place("pool/all.yaml", 1, 1),
    }
    return Project(**settings | changes)


def risk(name: str, target: str, scope: str, distribution: str, combine: str, **parameters: Any) -> Risk:
    per_period = distribution == "standard_normal"
    place = Place("risks.yaml", 1, 1)
    return Risk(name, {"en": name}, target, scope, per_period, distribution, combine, parameters, place)


def _assumptions(**changes: Any) -> Assumptions:
    """Assumptions of the tiny pool; any field may be replaced."""
    shares = {"budget": 40, "epcf": 60, "concession": 0, "private": 0}
    settings: dict[str, Any] = {
        "timeline": Timeline(date(2026, 1, 1), date(2026, 4, 1), 2026, 2028, 1, 2),
        "macro": {
            **entries("macro", volatility=(5, "%"), one_year=(1, "year")),
            "growth": value({date(2026, 1, 1): 10.0, date(2027, 7, 1): 6.0}, "%/year", "macro.growth"),
        },
        "fiscal": entries("fiscal", ceiling=(190, "bn KZT")),
        "asset_classes": {
            "roads": AssetClass("roads", {}, "transport", entries("asset_classes.roads", overrun=(1, "1"))),
            "power": AssetClass("power", {}, "energy", entries("asset_classes.power", overrun=(1.1, "1"))),
        },
        "contracts": {"epcf": entries("contracts.epcf", margin=(12, "%/year"))},
        "financing": {"mixed": {name: value(share, "%") for name, share in shares.items()}},
        "projects": (project("bridge"), project("substation", asset_class="power")),
        "portfolio_projects": (project("plant", group="portfolio"),),
        "risks": (
            risk("cost_overrun", "overrun", "project", "lognormal", "multiply", **_numbers(median=1, sigma=0.3)),
            risk("delay", "start", "asset_class", "pert", "add", **_numbers("year", low=0, mode=0.4, high=1.5)),
            risk("rate", "margin", "pool", "uniform", "replace", **_numbers("1/year", low=0.05, high=0.2)),
            risk("price_shock", "shock", "pool", "standard_normal", "replace"),
        ),
        "totals": (Total("all", {}, value(300, "bn KZT"), "cost", (), (), None),),
        "scenario": Scenario("base", {}, {}),
    }
    # Whatever else assumptions hold is empty.
    empty = {field.name: () if "tuple" in str(field.type) else MappingProxyType({}) for field in fields(Assumptions)}
    return Assumptions(**empty | settings | changes)


def _numbers(unit: str = "1", **given: float) -> dict[str, Value]:
    return {name: value(number, unit, f"risks.x.parameters.{name}") for name, number in given.items()}


@pytest.fixture(scope="session")
def make() -> type:
    """What builds small assumptions."""

    class Make:
        assumptions = staticmethod(_assumptions)
        value = staticmethod(value)
        entries = staticmethod(entries)
        project = staticmethod(project)
        risk = staticmethod(risk)
        numbers = staticmethod(_numbers)
        models = MODELS

    return Make


@pytest.fixture(scope="session")
def pool() -> BoundPool:
    """The tiny pool, bound."""
    return bind(_assumptions(), MODELS)


@pytest.fixture(scope="session")
def engine(pool: BoundPool) -> Engine:
    """The tiny pool with its random numbers, compiled."""
    made = Engine(pool, draw_plan(pool, SEED))
    made.warm_up()
    return made


@pytest.fixture(scope="session")
def engine_of() -> Callable[[BoundPool], Engine]:
    """An engine of another pool, with the seed of these tests."""
    return lambda pool: Engine(pool, draw_plan(pool, SEED))
