"""From assumptions to factors: where a risk strikes, and where its parameters come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from alatau_finance.assumptions.records import Place
from alatau_finance.errors import AssumptionErrors, Fault
from alatau_finance.risk.register import (
    CorrelationRule,
    RiskError,
    classes_of_projects,
    correlations_from_assumptions,
    factors_from_assumptions,
    plan_from_assumptions,
)

PLACE = Place("risks.yaml", 5, 1)


@dataclass(frozen=True)
class Value:
    """An entry that knows its value in some units."""

    numbers: dict[str, float]

    def in_unit(self, unit: str) -> float:
        if unit not in self.numbers:
            raise AssumptionErrors([self.fault(f"it is not in {unit}")])
        return self.numbers[unit]

    def curve_in_unit(self, unit: str) -> tuple[tuple[date, float], ...]:
        return ((date(2009, 2, 4), self.in_unit(unit)), (date(2014, 2, 11), 2.0 * self.in_unit(unit)))

    def fault(self, problem: str, allowed: str = "", suggestion: str = "") -> Fault:
        return Fault("risks.yaml", 7, 3, "a value", problem, allowed, suggestion)


def share(number: float) -> Value:
    return Value({"1": number})


@dataclass(frozen=True)
class AssetClass:
    values: dict[str, Value]


@dataclass(frozen=True)
class Project:
    id: str
    asset_class: str
    values: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Risk:
    name: str
    target: str
    scope: str
    distribution: str
    parameters: dict[str, Any]
    combine: str = "replace"
    per_period: bool = False
    place: Place = PLACE


@dataclass(frozen=True)
class Correlation:
    kind: str
    risks: tuple[str, ...]
    correlation: Value
    of: str = "normals"


@dataclass(frozen=True)
class TCopula:
    name: str
    risks: tuple[str, ...]
    degrees_of_freedom: Value


@dataclass(frozen=True)
class Assumptions:
    risks: tuple[Risk, ...]
    correlations: tuple[Correlation, ...] = ()
    t_copulas: tuple[TCopula, ...] = ()
    macro: dict[str, Value] = field(default_factory=lambda: {"usdkzt_volatility": share(0.12)})
    fiscal: dict[str, Value] = field(default_factory=dict)
    tax: dict[str, Value] = field(default_factory=dict)
    asset_classes: dict[str, AssetClass] = field(
        default_factory=lambda: {
            "power": AssetClass({"overrun_sigma": share(0.2), "delay_mode": Value({"year": 0.5})}),
            "roads": AssetClass({"overrun_sigma": share(0.3), "delay_mode": Value({"year": 0.75})}),
            "unused": AssetClass({}),
        }
    )
    projects: tuple[Project, ...] = (
        Project("arna", "power"),
        Project("ring_road", "roads", {"overrun_sigma": share(0.4)}),
    )
    portfolio_projects: tuple[Project, ...] = (Project("plant", "power"),)


UNITS = {"cost_overrun": "1", "delay": "year", "usdkzt_shock": "1", "opex_rate": "1/year", "devaluation": "1"}
OVERRUN = Risk("cost_overrun", "cost_overrun", "project", "lognormal", {"median": share(1.1), "sigma": "overrun_sigma"})


def test_a_project_risk_strikes_every_project_with_the_nearest_parameters() -> None:
    factors = factors_from_assumptions(Assumptions((OVERRUN,)), UNITS.__getitem__)
    assert [factor.name for factor in factors] == ["cost_overrun/arna", "cost_overrun/ring_road", "cost_overrun/plant"]
    assert [factor.parameters["sigma"] for factor in factors] == [0.2, 0.4, 0.2]
    assert {factor.parameters["median"] for factor in factors} == {1.1}
    assert {factor.scope for factor in factors} == {"project"}


def test_a_class_risk_strikes_the_classes_in_use() -> None:
    risk = Risk(
        "opex",
        "opex_rate",
        "asset_class",
        "lognormal",
        {"median": Value({"1": 1.0}), "sigma": "overrun_sigma"},
        "multiply",
    )
    factors = factors_from_assumptions(Assumptions((risk,)), UNITS.__getitem__)
    assert [(factor.name, factor.parameters["sigma"]) for factor in factors] == [
        ("opex/power", 0.2),
        ("opex/roads", 0.3),
    ]


def test_a_pool_risk_strikes_once_and_looks_among_the_shared_groups() -> None:
    risk = Risk(
        "usdkzt_shock",
        "usdkzt_shock",
        "pool",
        "normal",
        {"mean": share(0.0), "sd": "usdkzt_volatility"},
        per_period=True,
    )
    (factor,) = factors_from_assumptions(Assumptions((risk,)), UNITS.__getitem__)
    assert (factor.name, factor.scope_id, factor.per_period) == ("usdkzt_shock", "", True)
    assert factor.parameters == {"mean": 0.0, "sd": 0.12}


def test_parameters_are_in_the_unit_of_the_target_or_their_own() -> None:
    months = Value({"year": 0.25, "month": 3.0})
    delay = Risk(
        "delay", "delay", "project", "pert", {"low": months, "mode": "delay_mode", "high": Value({"year": 2.0})}, "add"
    )
    jump = Risk(
        "devaluation",
        "devaluation",
        "pool",
        "jump",
        {"probability": Value({"1/year": 0.08}), "mean_log": share(0.3), "sd_log": share(0.1)},
        per_period=True,
    )
    factors = factors_from_assumptions(Assumptions((delay, jump)), UNITS.__getitem__)
    assert factors[1].parameters == {"low": 0.25, "mode": 0.75, "high": 2.0}
    assert factors[1].combine == "add"
    assert factors[-1].parameters["probability"] == 0.08


def test_a_factor_that_multiplies_is_a_plain_number() -> None:
    risk = Risk("opex", "opex_rate", "pool", "uniform", {"low": share(0.9), "high": share(1.2)}, "multiply")
    (factor,) = factors_from_assumptions(Assumptions((risk,)), UNITS.__getitem__)
    assert factor.parameters == {"low": 0.9, "high": 1.2}


def test_all_faults_come_at_once_with_the_places_searched() -> None:
    misspelt = Risk(
        "cost_overrun", "cost_overrun", "project", "lognormal", {"median": share(1.0), "sigma": "overrun_sgma"}
    )
    wrong_unit = Risk("delay", "delay", "pool", "normal", {"mean": share(1.0), "sd": Value({"year": 1.0})})
    unknown = Risk("usdkzt_shock", "usdkzt_shock", "pool", "gaussian", {"mean": share(1.0)})
    with pytest.raises(RiskError) as caught:
        factors_from_assumptions(Assumptions((misspelt, wrong_unit, unknown)), UNITS.__getitem__)
    problems = [str(problem) for problem in caught.value.problems]
    assert problems[0] == (
        "risks.yaml:5:1: risks.cost_overrun.parameters.sigma: overrun_sgma is not an entry of project arna, "
        "asset class power, macro, fiscal, tax; did you mean overrun_sigma?"
    )
    assert [problem.split(": ")[1] for problem in problems] == [
        *["risks.cost_overrun.parameters.sigma"] * 3,
        "a value",
        "risks.usdkzt_shock.distribution",
    ]
    assert problems[3] == "risks.yaml:7:3: a value: it is not in year"


def test_faults_of_a_distribution_stand_at_the_parameter_or_at_the_risk() -> None:
    negative = Risk("delay", "delay", "pool", "normal", {"mean": share(1.0), "sd": share(-1.0)})
    missing = Risk("cost_overrun", "cost_overrun", "project", "normal", {"mean": share(1.0)})
    jump = Risk("price", "price", "pool", "jump", {"probability": Value({"1/year": 0.1})})
    with pytest.raises(RiskError) as caught:
        factors_from_assumptions(Assumptions((negative, missing, jump)), lambda _: "1")
    assert [str(problem) for problem in caught.value.problems] == [
        "risks.yaml:7:3: a value: sd = -1 must be at least 0",
        "risks.yaml:5:1: risks.cost_overrun.parameters: sd is missing; normal takes mean, sd",
        "risks.yaml:5:1: risks.price: jump is drawn every period: set per_period",
        "risks.yaml:5:1: risks.price.parameters: mean_log, sd_log is missing; jump takes probability, mean_log, sd_log",
    ]


def test_every_step_of_a_dated_value_is_an_observation() -> None:
    risk = Risk("jump_size", "jump_size", "pool", "empirical", {"observations": share(0.2)})
    (factor,) = factors_from_assumptions(Assumptions((risk,)), lambda _: "1")
    assert factor.parameters == {"observation_1": 0.2, "observation_2": 0.4}


def test_percentiles_and_bounds_are_in_the_unit_of_the_target() -> None:
    parameters = {"p10": Value({"year": 0.5}), "p90": Value({"year": 2.0}), "truncate_low": Value({"year": 0.1})}
    (factor,) = factors_from_assumptions(
        Assumptions((Risk("delay", "delay", "pool", "lognormal", parameters),)), UNITS.get
    )
    assert factor.parameters == {"p10": 0.5, "p90": 2.0, "truncate_low": 0.1}


def test_correlations_classes_and_the_whole_plan() -> None:
    declared = (
        Correlation("common", ("cost_overrun",), share(0.2)),
        Correlation("same_class", ("cost_overrun",), share(0.5)),
    )
    assumptions = Assumptions((OVERRUN,), declared)
    assert correlations_from_assumptions(assumptions)[0] == CorrelationRule("common", ("cost_overrun",), 0.2)
    assert classes_of_projects(assumptions) == {"arna": "power", "ring_road": "roads", "plant": "power"}
    plan = plan_from_assumptions(assumptions, UNITS.__getitem__, seed=1, periods=4, years_per_period=0.5)
    assert plan.scalar_names == ("cost_overrun/arna", "cost_overrun/ring_road", "cost_overrun/plant")
    assert "class:cost_overrun:power" in dict(plan.loadings["cost_overrun/plant"])
