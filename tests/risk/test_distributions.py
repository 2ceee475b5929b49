"""Every distribution against its closed form: moments, quantiles, Kolmogorov-Smirnov, bounds of its parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from alatau_finance.risk.distributions import DISTRIBUTIONS, distribution_named, tail_sd
from alatau_finance.risk.factors import RiskError
from alatau_finance.risk.percentiles import fitted
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
    ("lognormal", {"median": 1.5, "sigma": 0.4, "shift": -1.0}),
    ("beta", {"low": -1.0, "high": 3.0, "alpha": 2.0, "beta": 5.0}),
    ("beta", {"low": 0.0, "high": 1.0, "alpha": 0.5, "beta": 0.5}),
    ("discrete", {"outcome_1": 3.0, "probability_1": 0.2, "outcome_2": -1.0, "probability_2": 0.8}),
    ("empirical", {"observation_1": 0.25, "observation_2": 0.19, "observation_3": 0.36}),
    ("bernoulli", {"probability": 0.3}),
    ("body_and_tail", BODY_AND_TAIL),
    ("body_and_tail", BODY_AND_TAIL | {"tail_sd": 1.5}),
    ("body_and_tail", CLEAR_TAIL),
    ("jump", {"probability": 0.4, "mean_log": 0.3, "sd_log": 0.1}),
]
YEARS = 0.5
SMOOTH = [case for case in CASES if case[0] not in ("bernoulli", "jump", "body_and_tail", "discrete", "empirical")]
TRUNCATED: list[tuple[str, dict[str, float]]] = [
    ("normal", {"mean": 1.0, "sd": 2.0, "truncate_low": 0.0}),
    ("normal", {"mean": 0.0, "sd": 1.0, "truncate_low": 3.0, "truncate_high": 5.0}),
    ("normal", {"mean": 0.0, "sd": 1.0, "truncate_high": -2.0}),
    ("lognormal", {"median": 1.5, "sigma": 0.4, "truncate_low": 1.0, "truncate_high": 2.5}),
    ("triangular", {"low": -1.0, "mode": 0.5, "high": 4.0, "truncate_low": -3.0, "truncate_high": 2.0}),
    ("uniform", {"low": 2.0, "high": 5.0, "truncate_low": 4.0}),
    ("pert", {"low": 0.0, "mode": 0.5, "high": 3.0, "truncate_high": 1.5}),
    ("beta", {"low": -1.0, "high": 3.0, "alpha": 2.0, "beta": 5.0, "truncate_low": 0.0}),
]


def reference(name: str, v: dict[str, float]) -> Any:
    """The distribution in scipy."""
    if name == "standard_normal":
        return stats.norm()
    if name == "normal":
        return stats.norm(v["mean"], v["sd"])
    if name == "lognormal":
        return stats.lognorm(v["sigma"], v.get("shift", 0.0), v["median"])
    low, width = v["low"], v["high"] - v["low"]
    if name == "uniform":
        return stats.uniform(low, width)
    if name == "beta":
        return stats.beta(v["alpha"], v["beta"], low, width)
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


def truncated_cdf(name: str, values: dict[str, float]) -> Any:
    """From the definition: the whole distribution, given that the value lies between the bounds."""
    whole = reference(name, values)
    low, high = (whole.cdf(values.get(f"truncate_{end}", limit)) for end, limit in (("low", -np.inf), ("high", np.inf)))
    return lambda x: np.clip((whole.cdf(x) - low) / (high - low), 0.0, 1.0)


@pytest.mark.parametrize(("name", "values"), TRUNCATED)
def test_truncation_keeps_proportions_and_moves_nothing_to_the_bounds(name: str, values: dict[str, float]) -> None:
    distribution = distribution_named(name)
    assert distribution.faults(values) == []
    x = draws(name, values)
    assert values.get("truncate_low", -np.inf) <= x.min() < x.max() <= values.get("truncate_high", np.inf)
    assert len(np.unique(x)) > 0.999 * DRAWS
    cdf = truncated_cdf(name, values)
    assert stats.kstest(x, cdf).pvalue > 1e-3
    for p in (1e-6, 0.01, 0.3, 0.5, 0.9, 0.999):
        assert cdf(distribution.quantile(p, values)) == pytest.approx(p, rel=1e-6, abs=1e-9)
    mean, sd = distribution.mean(values), distribution.sd(values)
    assert abs(x.mean() - mean) < 4.0 * sd / math.sqrt(DRAWS)
    assert x.std() == pytest.approx(sd, rel=0.02)


def test_moments_of_a_truncated_normal_are_those_of_scipy() -> None:
    values = {"mean": 1.0, "sd": 2.0, "truncate_low": 0.0, "truncate_high": 4.0}
    wanted = stats.truncnorm(-0.5, 1.5, 1.0, 2.0)
    assert distribution_named("normal").mean(values) == pytest.approx(wanted.mean(), rel=1e-7)
    assert distribution_named("normal").sd(values) == pytest.approx(wanted.std(), rel=1e-6)


def test_a_body_and_tail_is_truncated_too() -> None:
    values = BODY_AND_TAIL | {"truncate_low": -0.1, "truncate_high": 2.0}
    low, high = body_and_tail_cdf(np.array([-0.1, 2.0]), values)
    x = draws("body_and_tail", values)
    assert (
        stats.kstest(x, lambda x: np.clip((body_and_tail_cdf(x, values) - low) / (high - low), 0.0, 1.0)).pvalue > 1e-3
    )


@pytest.mark.parametrize("name", ["discrete", "empirical"])
def test_outcomes_come_as_often_as_declared(name: str) -> None:
    values = dict(next(case[1] for case in CASES if case[0] == name))
    distribution = distribution_named(name)
    x, counts = np.unique(draws(name, values), return_counts=True)
    wanted = [-1.0, 3.0] if name == "discrete" else [0.19, 0.25, 0.36]
    assert list(x) == wanted
    assert (
        stats.chisquare(counts, DRAWS * np.array([0.8, 0.2] if name == "discrete" else [1.0 / 3.0] * 3)).pvalue > 1e-3
    )
    assert [distribution.quantile(p, values) for p in (1e-9, 1.0 - 1e-9)] == [wanted[0], wanted[-1]]


def test_a_thousand_observations() -> None:
    sample = np.random.default_rng(3).gamma(2.0, size=1_000)
    values = {f"observation_{i}": float(x) for i, x in enumerate(sample, start=1)}
    assert distribution_named("empirical").faults(values) == []
    x = draws("empirical", values)
    assert set(x) == set(sample)
    np.testing.assert_allclose(np.quantile(x, [0.1, 0.5, 0.9]), np.quantile(sample, [0.1, 0.5, 0.9]), rtol=0.02)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("normal", {"p10": 2.0, "p90": 7.0}),
        ("normal", {"p5": 2.0, "p50": 7.0}),
        ("uniform", {"p10": 2.0, "p90": 7.0}),
        ("lognormal", {"p10": 2.0, "p90": 7.0}),
        ("lognormal", {"p10": 2.0, "p90": 7.0, "shift": 1.0}),
        ("lognormal", {"p10": 2.0, "p50": 3.0, "p90": 7.0}),
        ("lognormal", {"p5": -2.0, "p50": 3.0, "p99": 20.0}),
        ("triangular", {"p10": 2.0, "p50": 4.0, "p90": 7.0}),
        ("triangular", {"p10": 2.0, "p90": 7.0, "mode": 3.0}),
        ("pert", {"p10": 2.0, "p50": 4.0, "p90": 7.0}),
        ("pert", {"p25": 2.0, "p75": 7.0, "mode": 5.0}),
    ],
)
def test_percentiles_are_met(name: str, given: dict[str, float]) -> None:
    distribution = distribution_named(name)
    assert distribution.faults(given) == []
    for key, value in given.items():
        if key.startswith("p"):
            assert distribution.quantile(int(key[1:]) / 100, given) == pytest.approx(value, rel=1e-8)
    fit = fitted(name, given)
    assert given.get("mode", fit.get("mode")) == fit.get("mode")
    assert given.get("shift", fit.get("shift", 0.0)) == fit.get("shift", 0.0)


def test_percentiles_of_a_known_distribution_give_it_back() -> None:
    for name, values in (
        ("pert", {"low": 0.0, "mode": 0.5, "high": 3.0}),
        ("lognormal", {"median": 2.0, "sigma": 0.3}),
    ):
        known = {f"p{p}": distribution_named(name).quantile(p / 100, values) for p in (10, 50, 90)}
        found = fitted(name, known)
        for key, value in values.items():
            assert found[key] == pytest.approx(value, abs=1e-7)


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
        ("normal", {"p10": 1.0, "p50": 2.0, "p90": 3.0}, "percentiles: a normal has two parameters, so give two"),
        ("normal", {"p10": 1.0, "p90": 2.0, "sd": 3.0}, "percentiles: sd follows from them, one of the two goes"),
        ("normal", {"p10": 3.0, "p90": 2.0}, "p10 = 3 must be below p90 = 2"),
        (
            "lognormal",
            {"p10": 8.0, "p50": 10.0, "p90": 11.0},
            "percentiles: a lognormal is skewed to the right: with the first two, the third must be above 12",
        ),
        ("lognormal", {"p10": -1.0, "p90": 2.0}, "percentiles: a lognormal is above 0"),
        (
            "triangular",
            {"p10": 8.0, "p50": 13.9, "p90": 14.0},
            "percentiles: with the outer two, the one between must lie between 10.2918 and 11.7082, it is 13.9",
        ),
        (
            "pert",
            {"p10": 8.0, "p90": 14.0},
            "percentiles: low, mode and high are three, so give three, or two and the mode",
        ),
        (
            "beta",
            {"p10": 8.0, "p90": 14.0},
            "beta cannot be given by percentiles; these can: normal, lognormal, uniform, triangular, pert",
        ),
        ("discrete", {"outcome_1": 1.0}, "probability_1 is missing; discrete takes outcome_1, probability_1"),
        (
            "discrete",
            {"outcome_1": 1.0, "probability_1": 0.5, "outcome_3": 2.0, "probability_2": 0.5},
            "outcome_2 is missing",
        ),
        (
            "discrete",
            {"outcome_1": 1.0, "probability_1": 0.5, "outcome_2": 2.0, "probability_2": 0.4},
            "the probabilities sum to 0.9, not to 1",
        ),
        ("empirical", {}, "observation_1 is missing; empirical takes observation_1"),
        ("bernoulli", {"probability": 0.5, "truncate_low": 0.0}, "bernoulli cannot be truncated"),
        (
            "normal",
            {"mean": 0.0, "sd": 1.0, "truncate_low": 2.0, "truncate_high": 1.0},
            "truncate_low = 2 must be below truncate_high = 1",
        ),
        (
            "normal",
            {"mean": 0.0, "sd": 1.0, "truncate_low": 6.0},
            "only 9.9e-10 of the distribution lies between the bounds of truncation",
        ),
    ],
)
def test_faults(name: str, values: dict[str, float], fault: str) -> None:
    assert distribution_named(name).faults(values) == [fault]


def test_unknown_distribution() -> None:
    with pytest.raises(RiskError, match=r"no distribution log_normal; there are .*did you mean lognormal\?"):
        distribution_named("log_normal")
