"""Standard errors and intervals against closed forms and against the spread between runs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.estimates import binomial_interval, expected_shortfall, is_flag
from alatau_finance.simulation.findings import TAILS
from alatau_finance.simulation.summary import summarise_row

Floats = np.ndarray[Any, np.dtype[np.float64]]


def shortfall(values: Floats, percent: int) -> Any:
    return expected_shortfall(values, summarise_row("", values), percent)


@pytest.mark.parametrize("percent", TAILS)
def test_expected_shortfall_of_a_normal_is_the_closed_form(percent: int) -> None:
    share = 1 - percent / 100
    expected = stats.norm.pdf(stats.norm.ppf(percent / 100)) / share
    found = shortfall(np.random.default_rng(5).normal(size=200_000), percent)
    assert abs(found.figure - expected) < 4 * found.standard_error
    assert 0 < found.standard_error < 0.02


@pytest.mark.parametrize("percent", TAILS)
def test_its_standard_error_is_the_spread_between_runs(percent: int) -> None:
    draws = np.random.default_rng(1).normal(size=(400, 2000))
    runs = [shortfall(row, percent) for row in draws]
    between = np.std([run.figure for run in runs])
    # The spread of 400 values is itself known to 3.5 %; four times that.
    assert np.mean([run.standard_error for run in runs]) == pytest.approx(between, rel=0.15)


def test_the_error_of_antithetic_paths_is_the_spread_between_runs_of_pairs() -> None:
    draws = np.random.default_rng(3).normal(size=(400, 1000))
    values = np.stack([draws, -draws], axis=2).reshape(400, 2000)
    runs = [expected_shortfall(row, summarise_row("", row, pairs=True), 90, pairs=True) for row in values]
    between = np.std([run.figure for run in runs])
    assert np.mean([run.standard_error for run in runs]) == pytest.approx(between, rel=0.15)


def test_expected_shortfall_is_the_mean_of_the_largest_where_they_can_be_counted_off() -> None:
    values = np.arange(1.0, 1002.0)  # P90 is the value 901 itself
    largest = values[values > 901]
    assert shortfall(values, 90).figure == pytest.approx(901 + (largest - 901).sum() / 1001 / 0.1, rel=1e-12)


def test_what_is_no_number_is_left_out() -> None:
    values = np.random.default_rng(2).normal(size=500)
    assert shortfall(np.append(values, [np.nan, np.inf]), 95) == shortfall(values, 95)
    nothing = shortfall(np.full(3, np.nan), 95)
    assert math.isnan(nothing.figure)
    assert math.isnan(nothing.standard_error)
    assert shortfall(np.array([5.0]), 95).standard_error == 0.0


@pytest.mark.parametrize(("hits", "trials"), [(0, 10), (10, 10), (3, 10), (1, 100_000), (50_000, 100_000)])
def test_the_interval_of_a_probability_is_that_of_clopper_and_pearson(hits: int, trials: int) -> None:
    low, high = binomial_interval(hits, trials)
    # By its definition: at either end, what was seen or more of it has a probability of 2.5 %.
    if hits:
        assert stats.binom.sf(hits - 1, trials, low) == pytest.approx(0.025, rel=1e-6)
    else:
        assert low == 0.0
    if hits < trials:
        assert stats.binom.cdf(hits, trials, high) == pytest.approx(0.025, rel=1e-6)
    else:
        assert high == 1.0


def test_a_flag_is_known_by_its_formula(pool: BoundPool) -> None:
    plan = pool.pool.plan
    assert [name for name in plan.of_kind("metric") if is_flag(plan, name)] == ["breach"]
