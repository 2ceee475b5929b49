"""Samplers: every path alone, margins as declared, and what each promises of a whole run."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from alatau_finance.risk.factors import SAMPLERS, Sampling
from alatau_finance.risk.normal import normal_cdf
from alatau_finance.risk.register import DrawPlan, RiskError
from alatau_finance.risk.samplers import antithetic_block, latin_block, sobol_block
from alatau_finance.risk.sampling import factor_key, normals
from alatau_finance.risk.sobol import BITS, available_dimensions, dimensions, direction_numbers, scrambled

from .conftest import factor

Make = Callable[..., DrawPlan]
SCRAMBLED = [name for name in SAMPLERS if name != "pseudo_random"]


def uniforms(values: np.ndarray) -> np.ndarray:
    return np.array([normal_cdf(z) for z in values.ravel()]).reshape(values.shape)


def latin(key: int, paths: int, index: int = 0) -> np.ndarray:
    """The normals of a whole run."""
    out = np.empty(64 * math.ceil(paths / 64))
    for first in range(0, len(out), 64):
        latin_block(np.uint64(key), np.uint64(first), np.uint64(index), np.uint64(paths), out[first : first + 64])
    return out[:paths]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_one_path_alone_is_the_same_path_in_a_block(make_plan: Make, sampler: str) -> None:
    plan = make_plan(sampling=Sampling(sampler, 100_000))  # type: ignore[arg-type]
    first = 123_456 - 123_456 % 64
    scalars, series = np.empty(plan.scalar_shape), np.empty(plan.series_shape)
    plan.draw(first, scalars, series)
    assert np.isfinite(scalars).all()
    assert np.isfinite(series).all()
    for path in (first, 123_456, first + 63):
        alone_scalars, alone_series = plan.draw_path(path)
        assert list(alone_scalars.values()) == list(scalars[:, path - first])
        np.testing.assert_array_equal(np.array(list(alone_series.values())), series[:, :, path - first].T)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_seed_changes_everything(make_plan: Make, sampler: str) -> None:
    options = {"given": [factor("a"), factor("b", per_period=True)], "rules": ()}
    plans = [make_plan(**options, seed=seed, sampling=Sampling(sampler, 1000)) for seed in (1, 2)]  # type: ignore[arg-type]
    one, other = (plan.draw_path(7) for plan in plans)
    assert one[0]["a"] != other[0]["a"]
    assert not np.any(one[1]["b"] == other[1]["b"])


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_normal_is_standard_normal_and_independent(
    make_plan: Make, draw_many: Callable[..., tuple[np.ndarray, np.ndarray]], sampler: str
) -> None:
    given = [*(factor(name) for name in "abc"), *(factor(name, per_period=True) for name in "de")]
    plan = make_plan(given, (), periods=3, sampling=Sampling(sampler, 2**15))  # type: ignore[arg-type]
    scalars, series = draw_many(plan, 2**9)
    rows = np.concatenate([scalars, series.reshape(-1, scalars.shape[1])])
    for row in rows:
        assert stats.kstest(row, "norm").pvalue > 1e-3
    found = np.corrcoef(rows)[np.triu_indices(len(rows), 1)]
    assert np.abs(found).max() < 4.5 / math.sqrt(rows.shape[1])
    neighbours = [np.corrcoef(row[:-1], row[1:])[0, 1] for row in rows]
    if sampler in ("pseudo_random", "latin_hypercube"):
        assert np.abs(neighbours).max() < 4.5 / math.sqrt(rows.shape[1])


def test_antithetic_paths_are_each_others_negative(make_plan: Make) -> None:
    given = [factor("a"), factor("b", per_period=True)]
    plan = make_plan(given, (), periods=5, sampling=Sampling("antithetic"))
    for pair in (0, 41):
        (even, even_series), (odd, odd_series) = plan.draw_path(2 * pair), plan.draw_path(2 * pair + 1)
        assert even["a"] == -odd["a"]
        np.testing.assert_array_equal(even_series["b"], -odd_series["b"])
    key, out = np.uint64(factor_key(5, "x")), np.empty(64)
    antithetic_block(key, np.uint64(128), np.uint64(3), out)
    np.testing.assert_array_equal(out[::2], normals(int(key), 64, 32, 3))


@pytest.mark.parametrize("paths", [1, 2, 3, 10, 64, 100, 1000, 4096, 10_007])
def test_latin_hypercube_has_one_path_in_every_interval(paths: int) -> None:
    for index in (0, 1, 2):
        drawn = uniforms(latin(factor_key(2, "demand"), paths, index))
        # A value within a rounding error of an interval's end may be counted in its neighbour.
        assert np.all(np.abs(np.sort(drawn) - (np.arange(paths) + 0.5) / paths) <= 0.5 / paths + 1e-15)


def test_latin_hypercube_permutes_evenly() -> None:
    """All 24 orders of 4 paths, and all places of a path among 100, come equally often."""
    orders = Counter(tuple(np.argsort(latin(factor_key(seed, "order"), 4))) for seed in range(4_800))
    assert set(orders) == set(itertools.permutations(range(4)))
    assert stats.chisquare(list(orders.values())).pvalue > 1e-3
    ranks = [uniforms(latin(factor_key(seed, "place"), 100)[:2]) * 100 for seed in range(5_000)]
    first, second = np.array(ranks).astype(int).T
    assert stats.chisquare(np.bincount(first, minlength=100)).pvalue > 1e-3
    distance = np.bincount((second - first) % 100, minlength=100)
    assert distance[0] == 0
    assert stats.chisquare(distance[1:]).pvalue > 1e-3


def test_latin_hypercube_needs_the_number_of_paths(make_plan: Make) -> None:
    with pytest.raises(RiskError, match="latin_hypercube needs the number of paths, this is 0"):
        make_plan(sampling=Sampling("latin_hypercube"))


def test_an_unknown_sampler_is_refused(make_plan: Make) -> None:
    with pytest.raises(RiskError, match=r"there is no sampler sobl; there are pseudo_random, .*; did you mean sobol\?"):
        make_plan(sampling=Sampling("sobl"))  # type: ignore[arg-type]


def test_direction_numbers_give_the_points_of_scipy() -> None:
    """scipy goes through the points in the order of the Gray code."""
    dims, digits = 700, 10
    wanted = qmc.Sobol(dims, scramble=False, bits=BITS).random_base2(digits) * 2.0**BITS
    numbers = direction_numbers(dims)
    for n in (1, 2, 3, 5, 100, 1023):
        gray = n ^ (n >> 1)
        point = np.zeros(dims, dtype=np.uint64)
        for digit in range(digits):
            if gray >> digit & 1:
                point ^= numbers[:, digit]
        np.testing.assert_array_equal(point.astype(np.float64), wanted[n])
    assert available_dimensions() > 20_000


def points(seed: int, dims: int, count: int, first: int = 0) -> np.ndarray:
    """Scrambled points as uniforms [dimension, point]."""
    labels = [f"d{i}" for i in range(dims)]
    directions, shifts = scrambled(seed, labels, np.arange(dims, dtype=np.uint64))
    out = np.empty((dims, count))
    for i in range(dims):
        for start in range(0, count, 64):
            sobol_block(directions[i], shifts[i], np.uint64(first + start), out[i, start : start + 64])
    return uniforms(out)


@pytest.mark.parametrize("first", [0, 2048])
def test_scrambled_points_are_a_net(first: int) -> None:
    """Of 2**8 points exactly one lies in each of 2**8 equal boxes of any shape in the first two dimensions."""
    x, y = points(4, 2, 256, first)
    for power in range(9):
        boxes = (x * 2**power).astype(int) * 2 ** (8 - power) + (y * 2 ** (8 - power)).astype(int)
        assert len(set(boxes)) == 256
    for row in points(4, 40, 256, first):
        assert len(set((row * 256).astype(int))) == 256


def test_scrambling_leaves_no_trace_of_the_sequence() -> None:
    """Over seeds, one point is uniform, and two are as if independent within their boxes."""
    drawn = np.array([points(seed, 2, 64)[:, [3, 40]].ravel() for seed in range(400)])
    for column in drawn.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    assert stats.kstest(np.mod(drawn[:, 0] * 64, 1.0), "uniform").pvalue > 1e-3


def test_the_pool_comes_before_the_shocks_and_those_before_classes_and_projects() -> None:
    scalars = ["a/arna", "common:a", "class:a:power", "price"]
    assert dimensions(scalars, ["shock", "jump"], 2).tolist() == [7, 0, 6, 1, 2, 3, 4, 5]


def test_more_normals_than_dimensions_are_drawn_all_the_same(make_plan: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alatau_finance.risk.samplers.available_dimensions", lambda: 2)
    plan = make_plan([factor(name) for name in "abc"], (), sampling=Sampling("sobol"))
    drawn, _ = plan.draw_path(5)
    assert drawn["c"] == normals(factor_key(plan.seed, "c"), 5, 1)[0]
    assert drawn["b"] != normals(factor_key(plan.seed, "b"), 5, 1)[0]


def mean_over_seeds(make_plan: Make, draw_many: Callable[..., tuple[np.ndarray, np.ndarray]], sampler: str) -> float:
    """Standard deviation, over seeds, of the mean over 1,024 paths of a smooth function of six normals."""
    means = []
    for seed in range(40):
        plan = make_plan([factor(name) for name in "abcdef"], (), seed=seed, sampling=Sampling(sampler, 1024))  # type: ignore[arg-type]
        z, _ = draw_many(plan, 16)
        means.append(np.exp(0.2 * z.sum(axis=0)).mean())
    assert abs(np.mean(means) - math.exp(0.12)) < 4.0 * np.std(means, ddof=1) / math.sqrt(len(means))
    return float(np.std(means, ddof=1))


def test_they_are_unbiased_and_sharper_than_pseudo_random_paths(
    make_plan: Make, draw_many: Callable[..., tuple[np.ndarray, np.ndarray]]
) -> None:
    plain = mean_over_seeds(make_plan, draw_many, "pseudo_random")
    variance = math.exp(0.24) * math.expm1(0.24)
    assert abs(plain / math.sqrt(variance / 1024) - 1.0) < 4.0 / math.sqrt(2 * 39)
    for sampler in SCRAMBLED:
        assert mean_over_seeds(make_plan, draw_many, sampler) < plain / 2.0
