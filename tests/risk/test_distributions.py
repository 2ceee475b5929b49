"""Every distribution against its closed form: moments, quantiles, Kolmogorov-Smirnov, bounds of its parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from alatau_finance.risk.distributions import DISTRIBUTIONS, distribution_named, tail_sd
from alatau_finance.risk.factors import RiskError
from alatau_finance.risk.sampling import factor_key, normals

DRAWS = 200_000
BODY_AND_TAIL = {"body_mean": 0.1, "body_sd": 0.2, "tail_probability": 0.1, "tail_mean": 0.9}
CLEAR_TAIL = {"body_mean": 0.0, "body_sd": 0.1, "tail_probability": 0.2, "tail_mean": 2.0, "tail_sd": 0.2}
CASES: list[tuple[str, dict[str, float]]] = [
    ("standard_normal", {}),
    ("normal", {"mean": -3.0, "sd": 2.0}),
    ("lognormal", {"median": 1.5, "sigma": 0.4}),
    ("triangular", {"low": -1.0, "mode": 0.5, "high": 4.0}),
    ("triangular", {"low": 0.0, "mode": 0.0, "high": 2.0}),
    ("uniform", {"low": 2.0, "high": 5.0}),
    ("pert", {"low": 0.0, "mode": 0.5, "high": 3.0}),
    ("pert", {"low": 1.0, "mode": 1.0, "high": 2.0}),
    ("bernoulli", {"probability": 0.3}),
    ("body_and_tail", BODY_AND_TAIL),
    ("body_and_tail", BODY_AND_TAIL | {"tail_sd": 1.5}),
    ("body_and_tail", CLEAR_TAIL),
    ("jump", {"probability": 0.4, "mean_log": 0.3, "sd_log": 0.1}),
]
YEARS = 0.5
SMOOTH = [case for case in CASES if case[0] not in ("bernoulli", "jump", "body_and_tail")]


def reference(name: str, v: dict[str, float]) -> Any:
    """The distribution in scipy."""
    if name == "standard_normal":
        return stats.norm()
    if name == "normal":
        return stats.norm(v["mean"], v["sd"])
    if name == "lognormal":
        return stats.lognorm(v["sigma"], scale=v["median"])
    low, width = v["low"], v["high"] - v["low"]
    if name == "uniform":
        return stats.uniform(low, width)
    share = (v["mode"] - low) / width
    if name == "triangular":
        return stats.triang(share, low, width)
    return stats.beta(1.0 + 4.0 * share, 5.0 - 4.0 * share, low, width)


def body_and_tail_cdf(x: np.ndarray, v: dict[str, float]) -> np.ndarray:
    """The mixture of two lognormals of 1 + x, from its definition."""
    parts = []
    for mean, sd in ((v["body_mean"], v["body_sd"]), (v["tail_mean"], tail_sd(v))):
        variance = math.log1p((sd / (1.0 + mean)) ** 2)
        scale = (1.0 + mean) * math.exp(-variance / 2.0)
        parts.append(stats.lognorm(math.sqrt(variance), scale=scale).cdf(1.0 + np.asarray(x)))
    p = v["tail_probability"]
    return (1.0 - p) * parts[0] + p * parts[1]


def draws(name: str, values: dict[str, float]) -> np.ndarray:
    z = normals(factor_key(11, f"{name} {sorted(values.items())}"), 0, DRAWS)
    return distribution_named(name).from_normal(z, values, YEARS)


def test_every_distribution_is_tested() -> None:
    assert tuple(dict.fromkeys(name for name, _ in CASES)) == DISTRIBUTIONS


@pytest.mark.parametrize(("name", "values"), CASES)
def test_moments_of_the_draws(name: str, values: dict[str, float]) -> None:
    distribution = distribution_named(name)
    assert distribution.faults(values) == []
    x = draws(name, values)
    mean, sd = distribution.mean(values, YEARS), distribution.sd(values, YEARS)
    assert abs(x.mean() - mean) < 4.0 * sd / math.sqrt(DRAWS)
    fourth = ((x - mean) ** 4).mean()
    assert abs(x.var() - sd**2) < 4.0 * math.sqrt(max(fourth - sd**4, 1e-6) / DRAWS)


@pytest.mark.parametrize(("name", "values"), SMOOTH)
def test_moments_and_quantiles_are_those_of_scipy(name: str, values: dict[str, float]) -> None:
    distribution, wanted = distribution_named(name), reference(name, values)
    assert distribution.mean(values) == pytest.approx(wanted.mean(), rel=1e-13, abs=1e-13)
    assert distribution.sd(values) == pytest.approx(wanted.std(), rel=1e-13)
    for p in (1e-6, 0.01, 0.1, 0.25, 0.5, 0.6, 0.9, 0.99, 1.0 - 1e-6):
        assert distribution.quantile(p, values) == pytest.approx(wanted.ppf(p), rel=1e-9, abs=2e-9)


@pytest.mark.parametrize(("name", "values"), SMOOTH)
def test_kolmogorov_smirnov(name: str, values: dict[str, float]) -> None:
    assert stats.kstest(draws(name, values), reference(name, values).cdf).pvalue > 1e-3


@pytest.mark.parametrize("values", [values for name, values in CASES if name == "body_and_tail"])
def test_body_and_tail_is_the_mixture(values: dict[str, float]) -> None:
    assert stats.kstest(draws("body_and_tail", values), lambda x: body_and_tail_cdf(x, values)).pvalue > 1e-3
    for p in (1e-6, 0.01, 0.5, 0.7, 0.93, 0.99, 1.0 - 1e-6):
        wanted = optimize.brentq(lambda x, p=p: body_and_tail_cdf(x, values) - p, -1.0 + 1e-9, 200.0, xtol=1e-13)
        assert distribution_named("body_and_tail").quantile(p, values) == pytest.approx(wanted, rel=3e-5, abs=3e-5)


def test_tail_sd_is_the_distance_of_the_means_unless_given() -> None:
    assert tail_sd(BODY_AND_TAIL) == pytest.approx(0.8)
    assert tail_sd(BODY_AND_TAIL | {"tail_mean": 0.15}) == 0.2
    assert tail_sd(CLEAR_TAIL) == 0.2


@pytest.mark.parametrize(("name", "values"), [case for case in CASES if case[0] != "jump"])
def test_values_never_fall_as_the_normal_rises(name: str, values: dict[str, float]) -> None:
    z = np.linspace(-9.0, 9.0, 40_001)
    assert np.all(np.diff(distribution_named(name).from_normal(z, values)) >= 0.0)


def test_jumps_come_as_often_and_as_large_as_declared() -> None:
    values = {"probability": 0.4, "mean_log": 0.3, "sd_log": 0.1}
    x = draws("jump", values)
    jumps = x[x != 0.0]
    probability = 1.0 - math.exp(-0.4 * YEARS)
    assert abs(jumps.size / DRAWS - probability) < 4.0 * math.sqrt(probability * (1.0 - probability) / DRAWS)
    assert stats.kstest(jumps, stats.norm(0.3, 0.1).cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("triangular", {"low": 2.0, "mode": 2.0, "high": 2.0}, 2.0),
        ("pert", {"low": 2.0, "mode": 2.0, "high": 2.0}, 2.0),
        ("uniform", {"low": 2.0, "high": 2.0}, 2.0),
        ("normal", {"mean": 2.0, "sd": 0.0}, 2.0),
        ("lognormal", {"median": 2.0, "sigma": 0.0}, 2.0),
        ("bernoulli", {"probability": 0.0}, 0.0),
        ("bernoulli", {"probability": 1.0}, 1.0),
        ("jump", {"probability": 0.0, "mean_log": 0.3, "sd_log": 0.1}, 0.0),
    ],
)
def test_a_risk_switched_off_is_a_constant(name: str, values: dict[str, float], wanted: float) -> None:
    assert distribution_named(name).faults(values) == []
    np.testing.assert_array_equal(distribution_named(name).from_normal([-9.0, -1.0, 0.0, 0.5, 9.0], values), wanted)


@pytest.mark.parametrize("probability", [0.0, 1.0])
def test_body_or_tail_alone_is_lognormal(probability: float) -> None:
    values = BODY_AND_TAIL | {"tail_probability": probability}
    mean, sd = (0.9, 0.8) if probability else (0.1, 0.2)
    variance = math.log1p((sd / (1.0 + mean)) ** 2)
    z = np.linspace(-5.0, 5.0, 101)
    wanted = (1.0 + mean) * np.exp(math.sqrt(variance) * z - variance / 2.0) - 1.0
    np.testing.assert_allclose(distribution_named("body_and_tail").from_normal(z, values), wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "values", "fault"),
    [
        ("normal", {"mean": 1.0}, "sd is missing; normal takes mean, sd"),
        ("normal", {"mean": 1.0, "sd": -1.0}, "sd = -1 must be at least 0"),
        ("normal", {"mean": math.nan, "sd": 1.0}, "mean = nan is not a number"),
        (
            "normal",
            {"mean": 0.0, "sd": 1.0, "sdd": 2.0},
            "normal has no parameter sdd; it takes mean, sd; did you mean sd?",
        ),
        ("standard_normal", {"mean": 1.0}, "standard_normal has no parameter mean; it takes no parameters"),
        ("lognormal", {"median": 0.0, "sigma": 1.0}, "median = 0 must be above 0"),
        ("triangular", {"low": 1.0, "mode": 0.0, "high": 2.0}, "low = 1 must not exceed mode = 0"),
        ("pert", {"low": 1.0, "mode": 3.0, "high": 2.0}, "mode = 3 must not exceed high = 2"),
        ("uniform", {"low": 1.0, "high": 0.0}, "low = 1 must not exceed high = 0"),
        ("bernoulli", {"probability": 30.0}, "probability = 30 must be at most 1"),
        ("body_and_tail", BODY_AND_TAIL | {"tail_mean": 0.0}, "body_mean = 0.1 must not exceed tail_mean = 0"),
        ("jump", {"probability": -1.0, "mean_log": 0.0, "sd_log": 0.0}, "probability = -1 must be at least 0"),
    ],
)
def test_faults(name: str, values: dict[str, float], fault: str) -> None:
    assert distribution_named(name).faults(values) == [fault]


def test_unknown_distribution() -> None:
    with pytest.raises(RiskError, match=r"no distribution log_normal; there are .*did you mean lognormal\?"):
        distribution_named("log_normal")
