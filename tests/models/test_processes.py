"""The economy's processes on drawn shocks, against the closed forms of Vasicek and Merton."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from scipy import stats

from alatau_finance.risk.factors import RiskFactor
from alatau_finance.risk.register import build_draw_plan

Run = Callable[..., Mapping[str, Any]]
PATHS, YEARS, STEPS = 3_000, 6, 2
PERIODS = YEARS * STEPS
REVERSION, VOLATILITY = 0.5108, 0.02
SPOT, DRIFT, FX_VOLATILITY = 500.0, 0.04, 0.12
INTENSITY, MEAN_LOG, SD_LOG = 0.4, 0.22, 0.12
RATES = {"policy_rate_reversion": 0.35, "sofr_reversion": 0.25, "cpi_reversion": REVERSION, "usdkzt_spot": SPOT}


def shock(name: str, distribution: str = "standard_normal", **parameters: float) -> RiskFactor:
    return RiskFactor(name, name, "pool", "", distribution, parameters, per_period=True)


@pytest.fixture(scope="module")
def drawn() -> Mapping[str, np.ndarray]:
    """[path, period] of every shock."""
    jump = shock("usdkzt_jump", "jump", probability=INTENSITY, mean_log=MEAN_LOG, sd_log=SD_LOG)
    factors = [shock("cpi_shock"), shock("usdkzt_shock"), jump]
    plan = build_draw_plan(factors, (), {}, seed=11, periods=PERIODS, years_per_period=1.0 / STEPS)
    paths = [plan.draw_path(path)[1] for path in range(PATHS)]
    return {name: np.array([path[name] for path in paths]) for name in plan.series_names}


def lines(run: Run, drawn: Mapping[str, np.ndarray], names: Sequence[str]) -> dict[str, np.ndarray]:
    """[path, period] of lines of the economy."""
    found: dict[str, list[Sequence[float]]] = {name: [] for name in names}
    for path in range(PATHS):
        shocks = {name: [float(value) for value in row[path]] for name, row in drawn.items()}
        inputs = {"cpi_volatility": VOLATILITY, "usdkzt_drift": DRIFT, "usdkzt_volatility": FX_VOLATILITY}
        computed = run("economy", periods_per_year=STEPS, years=YEARS, cpi_floor=-1.0, **RATES, **inputs, **shocks)
        for name in names:
            found[name].append(computed[name][:PERIODS])
    return {name: np.array(rows) for name, rows in found.items()}


@pytest.fixture(scope="module")
def paths(run: Run, drawn: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return lines(run, drawn, ("cpi_deviation", "usdkzt"))


def test_inflation_has_the_mean_variance_and_memory_of_vasicek(paths: dict[str, np.ndarray]) -> None:
    deviation = paths["cpi_deviation"]
    for period in (0, 3, PERIODS - 1):
        time = (period + 1) / STEPS
        variance = VOLATILITY**2 * (1.0 - math.exp(-2.0 * REVERSION * time)) / (2.0 * REVERSION)
        values = deviation[:, period]
        assert abs(values.mean()) < 4.0 * math.sqrt(variance / PATHS)
        assert abs(values.var() / variance - 1.0) < 4.0 * math.sqrt(2.0 / PATHS)
        assert stats.kstest(values, stats.norm(0.0, math.sqrt(variance)).cdf).pvalue > 1e-3
    lag = 4
    decay = np.corrcoef(deviation[:, -1 - lag], deviation[:, -1])[0, 1]
    late, early = (1.0 - math.exp(-2.0 * REVERSION * (YEARS - back)) for back in (0.0, lag / STEPS))
    wanted = math.exp(-REVERSION * lag / STEPS) * math.sqrt(early / late)
    assert abs(decay - wanted) < 4.0 * (1.0 - wanted**2) / math.sqrt(PATHS)


def test_the_exchange_rate_has_the_moments_of_merton(paths: dict[str, np.ndarray]) -> None:
    """Jumps come with a period's Poisson probability of at least one, so their number is binomial, not Poisson."""
    probability = 1.0 - math.exp(-INTENSITY / STEPS)
    jump_mean = probability * MEAN_LOG
    jump_variance = probability * SD_LOG**2 + probability * (1.0 - probability) * MEAN_LOG**2
    growth = 1.0 + probability * math.expm1(MEAN_LOG + SD_LOG**2 / 2.0)
    for period in (0, PERIODS - 1):
        count, time = period + 1, (period + 1) / STEPS
        values = paths["usdkzt"][:, period]
        logs = np.log(values / SPOT)
        mean, variance = DRIFT * time + count * jump_mean, FX_VOLATILITY**2 * time + count * jump_variance
        assert abs(logs.mean() - mean) < 4.0 * math.sqrt(variance / PATHS)
        fourth = ((logs - mean) ** 4).mean()
        assert abs(logs.var() - variance) < 4.0 * math.sqrt((fourth - variance**2) / PATHS)
        expected = SPOT * math.exp((DRIFT + FX_VOLATILITY**2 / 2.0) * time) * growth**count
        assert abs(values.mean() - expected) < 4.0 * values.std() / math.sqrt(PATHS)


def test_the_exchange_rate_has_the_law_of_merton(paths: dict[str, np.ndarray]) -> None:
    """At the end: normals with the variance of so many jumps, mixed by the probability of that many."""
    probability = 1.0 - math.exp(-INTENSITY / STEPS)
    counts = np.arange(PERIODS + 1)
    weights = stats.binom(PERIODS, probability).pmf(counts)
    means = DRIFT * YEARS + counts * MEAN_LOG
    deviations = np.sqrt(FX_VOLATILITY**2 * YEARS + counts * SD_LOG**2)
    logs = np.log(paths["usdkzt"][:, -1] / SPOT)

    def cdf(x: np.ndarray) -> np.ndarray:
        return stats.norm.cdf(np.asarray(x)[..., None], means, deviations) @ weights

    assert stats.kstest(logs, cdf).pvalue > 1e-3


def test_jumps_are_those_of_merton_in_the_limit_of_short_periods() -> None:
    """Over a year of 256 periods the sum of jumps has the moments of a compound Poisson process."""
    jump = shock("usdkzt_jump", "jump", probability=INTENSITY, mean_log=MEAN_LOG, sd_log=SD_LOG)
    plan = build_draw_plan([jump], (), {}, seed=3, periods=256, years_per_period=1.0 / 256)
    sums = np.array([plan.draw_path(path)[1]["usdkzt_jump"].sum() for path in range(10_000)])
    mean, variance = INTENSITY * MEAN_LOG, INTENSITY * (MEAN_LOG**2 + SD_LOG**2)
    assert abs(sums.mean() - mean) < 4.0 * math.sqrt(variance / len(sums)) + mean * INTENSITY / 512
    assert abs(sums.var() / variance - 1.0) < 0.1
