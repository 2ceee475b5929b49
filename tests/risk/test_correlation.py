"""Declared correlations hold, what cannot hold is reported, and nobody's draws move because of a neighbour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from alatau_finance.risk.correlation import build_loadings
from alatau_finance.risk.factors import CorrelationRule, RiskError, RiskFactor

from .conftest import CLASSES, RULES, factor, factors

Pair = tuple[str, str]


def normal_factors(*risks: str) -> list[RiskFactor]:
    """Standard normals of these risks in every project."""
    return [factor(risk, scope_id=project) for risk in risks for project in CLASSES]


def correlation(loadings: dict[str, Any], a: str, b: str) -> float:
    other = dict(loadings[b])
    return sum(weight * other.get(name, 0.0) for name, weight in loadings[a])


def test_no_declared_correlation_is_the_factor_s_own_normal() -> None:
    loadings, repairs = build_loadings([*normal_factors("delay"), factor("demand")], [], CLASSES)
    assert loadings["delay/arna"] == (("delay/arna", 1.0),)
    assert loadings["demand"] == (("demand", 1.0),)
    assert repairs == ()


def test_loadings_are_named_levels() -> None:
    loadings, _ = build_loadings(normal_factors("cost_overrun", "delay"), RULES[:3], CLASSES)
    names = [name for name, _ in loadings["delay/ring_road"]]
    assert [name for name, _ in loadings["cost_overrun/arna"]] == [
        "common:cost_overrun",
        "class:cost_overrun:power",
        "cost_overrun/arna",
    ]
    assert names == ["common:cost_overrun", "common:delay", "cost_overrun/ring_road", "delay/ring_road"]
    for row in loadings.values():
        assert sum(weight**2 for _, weight in row) == pytest.approx(1.0, abs=1e-14)


@pytest.mark.parametrize("rho", [-0.7, 0.0, 0.4, 0.9])
def test_declared_correlations_are_exact(rho: float) -> None:
    rules = [
        CorrelationRule("common", ("a", "b"), 0.2),
        CorrelationRule("same_class", ("a", "b"), 0.45),
        CorrelationRule("within_project", ("a", "b"), rho),
    ]
    loadings, repairs = build_loadings(normal_factors("a", "b"), rules, CLASSES)
    expected = {
        ("a/arna", "a/kaskelen"): 0.45,
        ("b/arna", "b/kaskelen"): 0.45,
        ("a/arna", "a/ring_road"): 0.2,
        ("b/kaskelen", "b/ring_road"): 0.2,
        ("a/arna", "b/arna"): rho,
        ("a/arna", "b/kaskelen"): 0.45 * rho,
        ("a/arna", "b/ring_road"): 0.2 * rho,
    }
    assert repairs == ()
    for (a, b), wanted in expected.items():
        assert correlation(loadings, a, b) == pytest.approx(wanted, abs=1e-14)


def test_within_project_is_exact_between_unlike_risks_too() -> None:
    loadings, repairs = build_loadings(normal_factors("cost_overrun", "delay"), RULES[:3], CLASSES)
    shared = 0.2 + np.sqrt(0.5 * 0.8)
    assert correlation(loadings, "cost_overrun/arna", "delay/arna") == pytest.approx(0.6, abs=1e-14)
    assert correlation(loadings, "cost_overrun/arna", "delay/kaskelen") == pytest.approx(0.6 / shared * 0.2, abs=1e-14)
    assert correlation(loadings, "delay/arna", "delay/kaskelen") == pytest.approx(0.2, abs=1e-14)
    assert repairs == ()


def test_three_risks_joined_in_pairs() -> None:
    pairs = {("a", "b"): 0.5, ("c", "b"): -0.3, ("a", "c"): 0.1}
    rules = [CorrelationRule("pair", pair, rho) for pair, rho in pairs.items()]
    loadings, repairs = build_loadings([factor("c"), factor("b"), factor("a")], rules, {})
    assert repairs == ()
    assert loadings["a"] == (("a", 1.0),)
    for (a, b), rho in pairs.items():
        assert correlation(loadings, a, b) == pytest.approx(rho, abs=1e-14)


def test_correlations_hold_in_the_draws(make_plan: Callable[..., Any], draw_many: Callable[..., Any]) -> None:
    given = [*normal_factors("cost_overrun", "delay"), *(row for row in factors() if row.per_period)]
    plan = make_plan(given, periods=4)
    scalars, series = draw_many(plan, 1500)
    rows = dict(zip(plan.scalar_names, scalars, strict=True))
    rows |= {f"{name}@{t}": series[t, i] for i, name in enumerate(plan.series_names[:2]) for t in range(4)}
    names = list(rows)
    found = np.corrcoef(list(rows.values()))
    for i, a in enumerate(names):
        for j in range(i):
            wanted = expected_correlation(plan.loadings, a, names[j])
            assert abs(found[i, j] - wanted) < 4.5 * (1.0 - wanted**2) / np.sqrt(scalars.shape[1]), (a, names[j])


def expected_correlation(loadings: dict[str, Any], a: str, b: str) -> float:
    (name_a, _, period_a), (name_b, _, period_b) = a.partition("@"), b.partition("@")
    return correlation(loadings, name_a, name_b) if period_a == period_b else 0.0


def test_what_cannot_hold_together_is_repaired_and_reported() -> None:
    pairs = [("a", "b", 0.9), ("b", "c", 0.9), ("a", "c", -0.5)]
    rules = [CorrelationRule("pair", (a, b), rho) for a, b, rho in pairs]
    loadings, (repair,) = build_loadings([factor(name) for name in "abcd"], rules, {})
    assert repair.kind == "pair"
    assert repair.risks == ("a", "b", "c")
    assert repair.largest_change == max(abs(used - declared) for *_, declared, used in repair.changes)
    assert repair.largest_change > 0.1
    for a, b, declared, used in repair.changes:
        assert (a, b, declared) in pairs
        assert correlation(loadings, a, b) == pytest.approx(used, abs=1e-12)
    for name in "abcd":
        assert sum(weight**2 for _, weight in loadings[name]) == pytest.approx(1.0, abs=1e-12)


def test_within_project_beyond_what_the_levels_share_is_repaired_and_reported() -> None:
    rules = [CorrelationRule("common", ("a",), 0.6), CorrelationRule("within_project", ("a", "b"), 0.9)]
    loadings, (repair,) = build_loadings(normal_factors("a", "b"), rules, CLASSES)
    assert repair.changes == (("a", "b", 0.9, pytest.approx(np.sqrt(0.4))),)
    assert correlation(loadings, "a/arna", "b/arna") == pytest.approx(np.sqrt(0.4))


def test_a_joined_risk_changes_only_itself() -> None:
    before, _ = build_loadings(normal_factors("cost_overrun", "delay"), RULES[:3], CLASSES)
    added = CorrelationRule("within_project", ("opex", "delay"), 0.3)
    after, _ = build_loadings(normal_factors("opex", "cost_overrun", "delay"), [*RULES[:3], added], CLASSES)
    assert {name: after[name] for name in before} == before
    assert correlation(after, "opex/arna", "delay/arna") == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("rules", "fault"),
    [
        ([CorrelationRule("common", ("dellay",), 0.1)], "there is no risk dellay; did you mean delay?"),
        ([CorrelationRule("pair", ("demand", "demnd"), 0.1)], "there is no risk demnd; did you mean demand?"),
        ([CorrelationRule("common", ("delay",), -0.1)], "common correlation of delay = -0.1 must lie between 0 and 1"),
        ([CorrelationRule("common", ("demand",), 0.1)], "common correlation of demand: its scope is pool"),
        ([CorrelationRule("common", ("delay", "delay"), 0.1)], "common correlation of delay is declared twice"),
        (
            [CorrelationRule("common", ("delay",), 0.5), CorrelationRule("same_class", ("delay",), 0.2)],
            "same_class correlation of delay = 0.2 must not be below the common one, 0.5",
        ),
        (
            [CorrelationRule("pair", ("demand", "delay"), 0.1)],
            "both must have the scope pool; they have pool and project",
        ),
        (
            [CorrelationRule("within_project", ("demand", "delay"), 0.1)],
            "both must have the scope project, or both asset_class; they have pool and project",
        ),
        ([CorrelationRule("pair", ("demand", "shock"), 0.1)], "one is drawn once a path, the other every period"),
        ([CorrelationRule("pair", ("demand",), 0.1)], "name two different risks"),
        ([CorrelationRule("pair", ("demand", "demand"), 0.1)], "name two different risks"),
        ([CorrelationRule("pair", ("demand", "price"), 1.1)], "must lie between -1 and 1"),
        (
            [CorrelationRule("pair", ("demand", "price"), 0.1), CorrelationRule("pair", ("price", "demand"), 0.1)],
            "pair correlation of price and demand is declared twice",
        ),
    ],
)
def test_faults(rules: list[CorrelationRule], fault: str) -> None:
    given = [*normal_factors("delay"), factor("demand"), factor("price"), factor("shock", per_period=True)]
    with pytest.raises(RiskError) as caught:
        build_loadings(given, rules, CLASSES)
    assert fault in str(caught.value)


def test_same_class_needs_the_class() -> None:
    rules = [CorrelationRule("same_class", ("delay",), 0.5)]
    with pytest.raises(RiskError, match="project arna has no asset class"):
        build_loadings([factor("delay", scope_id="arna")], rules, {})


def test_a_risk_of_asset_classes_has_a_common_level_only() -> None:
    given = [factor("opex", scope_id=name, scope="asset_class") for name in ("power", "roads")]
    loadings, _ = build_loadings(given, [CorrelationRule("common", ("opex",), 0.25)], CLASSES)
    assert correlation(loadings, "opex/power", "opex/roads") == pytest.approx(0.25)
    with pytest.raises(RiskError, match="its scope is asset_class"):
        build_loadings(given, [CorrelationRule("same_class", ("opex",), 0.25)], CLASSES)
