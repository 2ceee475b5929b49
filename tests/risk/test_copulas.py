"""t copulas and correlations of ranks, against closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from alatau_finance.risk.factors import CorrelationRule, RiskError, TCopula
from alatau_finance.risk.ranks import of_normals, pearson, spearman
from alatau_finance.risk.register import DrawPlan
from alatau_finance.risk.student import normal_table, scale_table
from alatau_finance.risk.tables import interpolate

from .conftest import CLASSES, OVERRUN, factor

Make = Callable[..., DrawPlan]
Draw = Callable[..., tuple[np.ndarray, np.ndarray]]
BLOCKS = 3_000
PATHS = 64 * BLOCKS
PAIR = (CorrelationRule("pair", ("a", "b"), 0.5),)


def t_plan(make_plan: Make, degrees: float, **options: Any) -> DrawPlan:
    return make_plan([factor("a"), factor("b")], PAIR, copulas=(TCopula("ab", ("a", "b"), degrees),), **options)


@pytest.mark.parametrize("degrees", [1.0, 2.5, 4.0, 30.0, 200.0])
def test_tables_are_those_of_scipy(degrees: float) -> None:
    for z in np.linspace(-5.0, 5.0, 81):
        chi_square = stats.chi2(degrees).isf(stats.norm.cdf(z)) if z < 0 else stats.chi2(degrees).ppf(stats.norm.sf(z))
        wanted = 0.5 * math.log(degrees / chi_square)
        assert interpolate(scale_table(degrees), 0.0, z) == pytest.approx(wanted, abs=3e-7)
        t = stats.t(degrees).isf(stats.norm.sf(z)) if z > 0 else stats.t(degrees).ppf(stats.norm.cdf(z))
        x = math.copysign(math.sqrt(degrees * math.log1p(t * t / degrees)), t)
        assert interpolate(normal_table(degrees), 0.0, x) == pytest.approx(z, abs=1e-7)


@pytest.mark.parametrize("degrees", [2.0, 5.0])
def test_a_t_copula_leaves_each_risk_as_it_is_and_is_the_t_copula(
    make_plan: Make, draw_many: Draw, degrees: float
) -> None:
    z, _ = draw_many(t_plan(make_plan, degrees), BLOCKS)
    for row in z:
        assert stats.kstest(row, "norm").pvalue > 1e-3
    # Kendall's tau of every elliptical copula is 2/pi asin(rho); pairs of neighbouring paths are independent.
    signs = np.sign(np.diff(z, axis=1)[:, ::2]).prod(axis=0)
    tau = 2.0 / math.pi * math.asin(0.5)
    assert abs(signs.mean() - tau) < 4.0 / math.sqrt(len(signs))
    for p in (0.5, 0.1, 0.01):
        bound = stats.t(degrees).ppf(p)
        wanted = stats.multivariate_t(shape=[[1.0, 0.5], [0.5, 1.0]], df=degrees, seed=1).cdf([bound, bound])
        found = (z < stats.norm.ppf(p)).all(axis=0).mean()
        assert abs(found - wanted) < 4.0 * math.sqrt(wanted / PATHS) + 1e-4


@pytest.mark.parametrize("degrees", [None, 3.0])
def test_joint_defaults_are_those_of_the_copula(make_plan: Make, draw_many: Draw, degrees: float | None) -> None:
    """Two loans that fail with 5 % each, normals correlated by 0.5: bivariate normal and bivariate t."""
    given = [factor(name, "bernoulli", parameters={"probability": 0.05}) for name in "ab"]
    copulas = (TCopula("loans", ("a", "b"), degrees),) if degrees else ()
    fails, _ = draw_many(make_plan(given, PAIR, copulas=copulas), BLOCKS)
    matrix = [[1.0, 0.5], [0.5, 1.0]]
    if degrees is None:
        bound = stats.norm.ppf(0.05)
        wanted = stats.multivariate_normal(cov=matrix, seed=1).cdf([bound, bound])
    else:
        bound = stats.t(degrees).ppf(0.05)
        wanted = stats.multivariate_t(shape=matrix, df=degrees, seed=1).cdf([bound, bound])
    for row in fails:
        assert abs(row.mean() - 0.05) < 4.0 * math.sqrt(0.05 * 0.95 / PATHS)
    both = fails.prod(axis=0).mean()
    assert abs(both - wanted) < 4.0 * math.sqrt(wanted * (1.0 - wanted) / PATHS) + 1e-4
    assert (both > 0.016) == (degrees is not None)  # together oftener than with the Gaussian copula, 0.012


def test_the_scale_is_shared_by_projects_and_drawn_anew_every_period(make_plan: Make, draw_many: Draw) -> None:
    given = [
        *(factor("delay", scope_id=project) for project in CLASSES),
        *(factor(name, per_period=True) for name in ("usd", "cpi")),
    ]
    copulas = (TCopula("works", ("delay",), 3.0), TCopula("prices", ("usd", "cpi"), 3.0))
    scalars, series = draw_many(make_plan(given, (), periods=3, copulas=copulas), BLOCKS)
    squares = scalars**2
    assert np.corrcoef(squares)[0, 1] > 0.1  # no correlation, and yet extremes come together
    assert abs(np.corrcoef(scalars)[0, 1]) < 6.0 / math.sqrt(PATHS)
    together, apart = np.corrcoef(series[1] ** 2)[0, 1], np.corrcoef(series[0, 0] ** 2, series[1, 0] ** 2)[0, 1]
    assert together > 0.1
    assert abs(apart) < 6.0 / math.sqrt(PATHS)
    assert abs(np.corrcoef(squares[0], series[0, 0] ** 2)[0, 1]) < 6.0 / math.sqrt(PATHS)


def test_a_path_alone_and_other_risks_stay_as_they_are(make_plan: Make) -> None:
    plan = t_plan(make_plan, 4.0)
    scalars, series = np.empty(plan.scalar_shape), np.empty(plan.series_shape)
    plan.draw(64, scalars, series)
    assert list(plan.draw_path(70)[0].values()) == list(scalars[:, 6])
    alone = make_plan([factor("c")], ()).draw_path(70)[0]["c"]
    copulas = (TCopula("ab", ("a", "b"), 4.0),)
    beside = make_plan([factor("a"), factor("b"), factor("c")], PAIR, copulas=copulas).draw_path(70)[0]["c"]
    assert alone == beside


@pytest.mark.parametrize("degrees", [None, 1.0, 4.0])
@pytest.mark.parametrize("wanted", [-0.8, -0.2, 0.0, 0.3, 0.95, 1.0])
def test_correlation_of_normals_gives_back_that_of_ranks(degrees: float | None, wanted: float) -> None:
    assert spearman(pearson(wanted, degrees), degrees) == pytest.approx(wanted, abs=2e-8)
    assert pearson(wanted) == pytest.approx(2.0 * math.sin(math.pi * wanted / 6.0), abs=1e-9)


@pytest.mark.parametrize("degrees", [None, 2.0])
def test_a_rank_correlation_holds_in_the_draws(make_plan: Make, draw_many: Draw, degrees: float | None) -> None:
    """Between unlike distributions, within a project, for risks with a common level."""
    delay = {"low": 0.0, "mode": 0.5, "high": 3.0}
    given = [
        *(factor("cost_overrun", "body_and_tail", project, parameters=OVERRUN) for project in CLASSES),
        *(factor("delay", "pert", project, parameters=delay) for project in CLASSES),
    ]
    rules = (
        CorrelationRule("common", ("cost_overrun", "delay"), 0.3, "ranks"),
        CorrelationRule("within_project", ("cost_overrun", "delay"), 0.6, "ranks"),
    )
    copulas = (TCopula("works", ("cost_overrun", "delay"), degrees),) if degrees else ()
    plan = make_plan(given, rules, copulas=copulas)
    scalars, _ = draw_many(plan, BLOCKS)
    rows = dict(zip(plan.scalar_names, scalars, strict=True))
    for a, b, wanted in (("cost_overrun/arna", "delay/arna", 0.6), ("delay/arna", "delay/ring_road", 0.3)):
        found = stats.spearmanr(rows[a], rows[b]).statistic
        assert abs(found - wanted) < 4.0 * 1.5 / math.sqrt(PATHS)


def test_a_rule_for_several_risks_has_the_copula_of_each() -> None:
    rule = CorrelationRule("common", ("a", "b"), 0.5, "ranks")
    first, second = of_normals([rule], [TCopula("x", ("b",), 2.0)])
    assert (first.risks, first.correlation, first.of) == (("a",), pearson(0.5), "normals")
    assert (second.risks, second.correlation) == (("b",), pearson(0.5, 2.0))
    assert second.correlation > first.correlation


def test_all_faults_of_copulas_come_at_once(make_plan: Make) -> None:
    given = [factor("a"), factor("b"), factor("shock", per_period=True)]
    copulas = (
        TCopula("one", ("a", "shock"), 0.5),
        TCopula("two", ("a", "shok"), 4.0),
    )
    with pytest.raises(RiskError) as caught:
        make_plan(given, PAIR, copulas=copulas)
    assert [str(problem) for problem in caught.value.problems] == [
        "t_copulas.one: degrees_of_freedom = 0.5 must lie between 1 and 200",
        "t_copulas.one: some of its risks are drawn once a path, others every period",
        "t_copulas.two: a is in one already",
        "t_copulas.two: there is no risk shok; did you mean shock?",
        "a and b are correlated, so both or neither must be in a t copula, and in the same one",
    ]
