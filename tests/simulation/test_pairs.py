"""Standard errors of antithetic pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from alatau_finance.simulation.pairs import pair_error, share_error
from alatau_finance.simulation.summary import summarise_row


def antithetic(seed: int, pairs: int = 2_000) -> np.ndarray:
    z = np.random.default_rng(seed).standard_normal(pairs)
    return np.stack([z, -z], axis=1).ravel()


def test_whole_pairs_have_the_error_of_their_means() -> None:
    values = np.exp(antithetic(1))
    means = values.reshape(-1, 2).mean(axis=1)
    assert pair_error(values, float(values.mean())) == pytest.approx(means.std(ddof=1) / math.sqrt(len(means)))


def test_what_is_monotone_is_surer_and_what_is_symmetric_less_sure_than_with_independent_paths() -> None:
    z = antithetic(2)
    for values, wanted in ((z, 0.0), (z**2, math.sqrt(2.0))):
        plain, paired = summarise_row("x", values), summarise_row("x", values, pairs=True)
        assert paired.mean == plain.mean
        assert paired.percentiles == plain.percentiles
        assert paired.standard_error == pytest.approx(wanted * plain.standard_error, rel=1e-3, abs=1e-12)


@pytest.mark.parametrize("lost", [0.0, 0.3])
def test_errors_are_those_seen_between_runs(lost: float) -> None:
    """Of a mean and of a percentile, with every path there or a part of them without a value."""
    means, tens, told = [], [], []
    for seed in range(200):
        values = np.exp(0.5 * antithetic(seed, 500))
        values[np.random.default_rng(seed + 1_000).random(len(values)) < lost] = np.nan
        summary = summarise_row("x", values, pairs=True)
        means.append(summary.mean)
        tens.append(summary.percentile(10))
        told.append((summary.standard_error, summary.percentile_errors[2]))
    for seen, error in zip((means, tens), np.mean(told, axis=0), strict=True):
        assert abs(np.std(seen, ddof=1) / error - 1.0) < 4.0 / math.sqrt(2 * 199)


@pytest.mark.parametrize("count", [2, 7, 400])
@pytest.mark.parametrize("lost", [0.0, 0.4])
def test_the_share_below_a_bound_has_the_error_of_a_mean_of_answers(count: int, lost: float) -> None:
    generator = np.random.default_rng(count)
    values = generator.normal(size=count)
    values[generator.random(count) < lost] = np.inf
    values[0] = 0.25
    for bound in (-9.0, -0.5, 0.25, 9.0):
        answers = np.where(np.isfinite(values), values <= bound, np.nan)
        expected = pair_error(answers, float(np.nanmean(answers)))
        assert share_error(values, bound) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_a_single_path_and_a_path_without_its_partner() -> None:
    assert pair_error(np.array([3.0]), 3.0) == 0.0
    assert share_error(np.array([1.0, np.nan, np.nan, 2.0]), 1.5) == pytest.approx(0.5)
    assert summarise_row("x", np.array([1.0, 2.0, 4.0]), pairs=True).paths == 3
