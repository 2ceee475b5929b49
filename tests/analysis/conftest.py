"""A small world to compare in: three ways for the state to pay, a private one, and a pool that sums them.

All ways build the same works; only budget procurement bears all of an overrun.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest

from alatau_finance.assumptions import (
    AssetClass,
    Assumptions,
    Correlation,
    Place,
    Project,
    Risk,
    Scenario,
    Timeline,
    Value,
)
from alatau_finance.modelling import (
    Gather,
    Input,
    Model,
    Series,
    absolute,
    check,
    exp,
    irr,
    line,
    maximum,
    metric,
    present_value,
    prev,
    total,
    where,
)

STATE = ("budget", "epcf", "concession")


class Economy(Model):
    """Prices that wander."""

    key = "economy"
    volatility = Input("1", "Volatility of prices")
    growth = Input("1/year", "Expected growth")
    shock = Series("1", "Shock, standard normal")

    @line("1", opening=1)
    def price(m):
        """Price level."""
        return prev(m.price) * exp(m.volatility * m.shock)

    @line("1", opening=1)
    def discount(m):
        """Discount factor."""
        return prev(m.discount) / (1 + m.growth * m.year_fraction)


class Works:
    """The works, planned and built."""

    cost = Input("bn KZT", "Cost")
    start = Input("year", "Start of works")
    duration = Input("year", "Duration")
    financing_share = Input("1", "Share of this contract")
    price = Series("1", "Price level")
    discount = Series("1", "Discount factor")

    @line("bn KZT")
    def planned_works(m):
        """Works as planned, at equal pace."""
        pace = m.cost * m.financing_share * m.year_fraction / m.duration
        return where(m.period_start >= m.start, where(m.period_end <= m.start + m.duration, pace, 0), 0)


class State(Works):
    """What every contract has by which the state pays."""

    overrun = Input("1", "Cost overrun factor")
    tax_share = Input("1", "Taxes in the payment that return")

    @metric("bn KZT")
    def pv_state_payments(m):
        """Present value of payments."""
        return present_value(m.state_payment, m.discount)

    @metric("bn KZT")
    def total_state_payments(m):
        """Payments over life."""
        return total(m.state_payment)

    @metric("bn KZT")
    def net_present_cost(m):
        """Net present cost."""
        return m.pv_state_payments * (1 - m.tax_share)

    @check
    def nothing_is_negative(m):
        """The state is never paid."""
        return where(m.total_state_payments < 0, 1, 0)


class Budget(State, Model):
    """Paid as the works are done, with every overrun; builds private works that do not come."""

    key = "budget"
    private_share = Input("1", "Share planned to be private")
    private_shortfall = Input("1", "Share of private money that does not come")

    @line("bn KZT")
    def state_payment(m):
        """Payment."""
        pace = m.cost * (m.financing_share + m.private_share * m.private_shortfall) * m.year_fraction / m.duration
        works = where(m.period_start >= m.start, where(m.period_end <= m.start + m.duration, pace, 0), 0)
        return works * m.overrun * m.price


class BudgetWithComparator(Budget):
    """The same, with a public-sector comparator."""

    key = "budget"
    neutrality = Input("1", "Taxes of a private owner")

    @metric("bn KZT")
    def psc_neutrality(m):
        """Competitive neutrality."""
        return m.net_present_cost * m.neutrality

    @metric("bn KZT")
    def public_sector_comparator(m):
        """Comparator."""
        return m.net_present_cost + m.psc_neutrality


class EpcF(State, Model):
    """Paid a period later, with interest; half of an overrun is passed on."""

    key = "epcf"
    pass_through = Input("1", "Share of an overrun passed on")
    margin = Input("1/year", "Interest rate")

    @line("bn KZT")
    def works(m):
        """Works at their price."""
        return m.planned_works * (1 + m.pass_through * (m.overrun - 1)) * m.price

    @line("bn KZT")
    def state_payment(m):
        """Payment: the works of the period before, with interest."""
        return prev(m.works) * (1 + m.margin * m.year_fraction)

    @metric("bn KZT")
    def financing_premium(m):
        """Financing premium."""
        return m.pv_state_payments - present_value(m.works, m.discount)

    @line("bn KZT")
    def credit(m):
        """Works received less payments."""
        return m.works - m.state_payment

    @metric("1/year")
    def effective_rate(m):
        """Effective rate."""
        return irr(m.credit)


class Concession(State, Model):
    """Paid two periods later at a fixed price; has no premium of its own, and a rate of return that never exists."""

    key = "concession"
    markup = Input("1", "Price over cost")

    @line("bn KZT")
    def late_works(m):
        """Works of the period before."""
        return prev(m.planned_works)

    @line("bn KZT")
    def state_payment(m):
        """Payment."""
        return prev(m.late_works) * (1 + m.markup)

    @metric("1/year")
    def project_irr(m):
        """Rate of return of payments without a cost."""
        return irr(m.state_payment)


class Investment(Works, Model):
    """Built with private money."""

    key = "investment"

    @metric("bn KZT")
    def built(m):
        """Works."""
        return total(m.planned_works)


class Pool(Model):
    """Everything together."""

    key = "pool"
    ceiling = Input("bn KZT", "Ceiling")
    published = Input("bn KZT", "Published total")
    paid = Gather("bn KZT", "Payments", line="state_payment", contracts=STATE, group="infrastructure")
    planned = Gather("bn KZT", "Planned", line="planned_works", contracts=(*STATE, "investment"), group=None)

    @line("bn KZT", yearly="sum")
    def state_payments(m):
        """Payments of the state."""
        return m.paid

    @metric("bn KZT")
    def peak_obligations(m):
        """Largest obligations."""
        return maximum(m.paid)

    @metric("1")
    def breach_ceiling(m):
        """Payments of a period are above the ceiling."""
        return maximum(m.paid) > m.ceiling

    @check
    def cost_ties(m):
        """Planned cost ties to the published total."""
        return absolute(total(m.planned) - m.published) / m.published


MODELS: Mapping[str, type[Model]] = MappingProxyType(
    {model.key: model for model in (Economy, Budget, EpcF, Concession, Investment, Pool)}
)


def value(number: float, unit: str, path: str) -> Value:
    return Value(path, number, None, unit, None, None, date(2026, 1, 1), (), "assumed", None, "macro.yaml", 1, 1)


def entries(root: str, **given: tuple[float, str]) -> dict[str, Value]:
    return {name: value(number, unit, f"{root}.{name}") for name, (number, unit) in given.items()}


def project(name: str, cost: float = 100, financing: str = "mixed", group: str = "infrastructure") -> Project:
    values = entries(f"projects.{name}", cost=(cost, "bn KZT"), start=(2026, "year"), duration=(1, "year"))
    place = Place("pool/all.yaml", 1, 1)
    return Project(name, {"en": name}, None, group, "roads", "roads", (), financing, None, values, (), place)


def risk(name: str, target: str, scope: str, distribution: str, **parameters: tuple[float, str]) -> Risk:
    numbers = entries(f"risks.{name}.parameters", **parameters)
    per_period = distribution == "standard_normal"
    return Risk(name, {}, target, scope, per_period, distribution, "replace", numbers, Place("risks.yaml", 1, 1))


RISKS = (
    risk("cost_overrun", "overrun", "project", "lognormal", median=(1.1, "1"), sigma=(0.4, "1")),
    risk("rate", "margin", "pool", "uniform", low=(5, "%/year"), high=(20, "%/year")),
    risk("price_shock", "shock", "pool", "standard_normal"),
)
COMMON = Correlation("common", ("cost_overrun",), value(0.5, "1", "correlations.1.correlation"), Place("r", 1, 1))


def assumptions(**changes: Any) -> Assumptions:
    """Two projects under mixed splits; any field may be replaced."""
    splits = {
        "mixed": {"budget": 40, "epcf": 60, "concession": 0, "private": 0},
        "public": {"budget": 100, "epcf": 0, "concession": 0, "private": 0},
        "half_private": {"budget": 20, "epcf": 30, "concession": 0, "private": 50},
        "budget_and_private": {"budget": 50, "epcf": 0, "concession": 0, "private": 50},
    }
    macro = {"growth": (10.0, "%/year"), "volatility": (2.0, "%"), "tax_share": (10.0, "%"), "neutrality": (5.0, "%")}
    contracts = {
        "budget": {"private_shortfall": (20.0, "%")},
        "epcf": {"pass_through": (50.0, "%"), "margin": (12.0, "%/year")},
        "concession": {"markup": (30.0, "%")},
    }
    settings: dict[str, Any] = {
        "timeline": Timeline(date(2026, 1, 1), date(2026, 4, 1), 2026, 2027, 1, 2),
        "macro": entries("macro", **macro),
        "fiscal": entries("fiscal", ceiling=(120, "bn KZT"), published=(150, "bn KZT")),
        "asset_classes": {"roads": AssetClass("roads", {}, "roads", entries("asset_classes.roads", overrun=(1, "1")))},
        "contracts": {key: entries(f"contracts.{key}", **given) for key, given in contracts.items()},
        "financing": {
            split: {key: value(share, "%", f"financing.{split}.{key}") for key, share in shares.items()}
            for split, shares in splits.items()
        },
        "projects": (project("bridge"), project("road", cost=50)),
        "risks": RISKS,
        "correlations": (COMMON,),
        "scenario": Scenario("base", {}, {}),
    }
    # Whatever else assumptions hold is empty.
    empty = {field.name: () if "tuple" in str(field.type) else MappingProxyType({}) for field in fields(Assumptions)}
    return Assumptions(**empty | settings | changes)


@pytest.fixture(scope="session")
def world() -> Callable[..., Assumptions]:
    """Assumptions of the small world; any field may be replaced."""
    return assumptions
