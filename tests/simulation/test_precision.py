"""A run that grows until it is sure enough: as long as it must be, and the plain run of that length after all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from alatau_finance.errors import UsageError
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.findings import Estimate, Target
from alatau_finance.simulation.precision import FIRST_BATCH, convergence, estimate, grow, target_of
from alatau_finance.simulation.run import simulate
from alatau_finance.simulation.summary import summarise_row

NAMES = ("pv_state_payments", "peak_obligations")


def test_a_target_is_read_as_it_is_written() -> None:
    assert target_of("pv_state_payments:P90:0.5%", NAMES) == Target("pv_state_payments", "P90", 0.005)
    assert target_of("peak_obligations:cvar95: 2 %", NAMES) == Target("peak_obligations", "CVaR95", 0.02)
    assert str(target_of("peak_obligations:mean:.5%", NAMES)) == "peak_obligations:mean:0.5%"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("pv_state_payments", "pv_state_payments:P90:0.5%"),
        ("pv_state_payments:P90:0.5", "pv_state_payments:P90:0.5%"),
        ("pv_state_payment:P90:1%", "did you mean pv_state_payments"),
        ("pv_state_payments:P91:1%", "CVaR95"),
        ("pv_state_payments:P90:0%", "0 %"),
    ],
)
def test_a_target_that_cannot_be_met_is_explained(text: str, word: str) -> None:
    with pytest.raises(UsageError, match=word.replace("(", r"\(")):
        target_of(text, NAMES)


def normals(paths: int, names: Sequence[str], mean: float = 10.0) -> list[Any]:
    values = np.random.default_rng(1).normal(mean, 1.0, size=1 << 20)
    return [values[:paths] for _ in names]


def test_a_run_is_as_long_as_its_precision_asks() -> None:
    """0.1 / sqrt(n) of the mean is 0.05 % at 40,000 paths."""
    target = Target("m", "mean", 0.0005)
    paths, (reached,) = grow([target], 10**6, 1280, normals)
    assert reached.ok
    assert 38_000 < paths < 50_000
    assert paths % 1280 == 0
    assert reached.estimate == estimate(normals(paths, "m")[0], ["mean"])[0]


def test_it_ends_at_the_largest_length_and_says_so() -> None:
    paths, (reached,) = grow([Target("m", "mean", 0.0005)], 10_001, 1280, normals)
    assert (paths, reached.ok) == (10_001, False)


def test_a_target_that_is_reached_at_once_takes_one_batch() -> None:
    paths, (reached,) = grow([Target("m", "P50", 0.5)], 10**6, 64, normals)
    assert (paths, reached.ok) == (FIRST_BATCH, True)
    paths, _ = grow([Target("m", "P50", 0.5)], 100, 64, normals)
    assert paths == 100


def test_what_is_certain_is_reached_and_what_is_zero_never() -> None:
    target = Target("m", "mean", 0.01)
    assert target.ratio(Estimate(5.0, 0.0)) == 0.0
    assert target.ratio(Estimate(0.0, 0.1)) == math.inf
    assert target.ratio(Estimate(-10.0, 0.05)) == pytest.approx(0.5)


def test_convergence_ends_with_what_the_run_reports() -> None:
    values = normals(1000, "m")[0]
    rows = convergence({"m": values}, [Target("m", "CVaR95", 0.1)])
    assert [row.paths for row in rows if row.figure == "CVaR95"] == [125, 250, 500, 1000]
    last = {row.figure: row.estimate for row in rows if row.paths == 1000}
    summary = summarise_row("m", values)
    assert last["mean"] == Estimate(summary.mean, summary.standard_error)
    assert last["P90"].figure == summary.percentile(90)
    assert set(last) == {"mean", "P10", "P50", "P90", "CVaR95"}


@pytest.mark.parametrize("threads", [1, 3])
def test_a_run_that_grew_is_the_plain_run_of_that_many_paths(pool: BoundPool, threads: int) -> None:
    targets = (Target("worth", "mean", 0.002),)
    grown = simulate(pool, paths=50_000, seed=7, threads=threads, targets=targets)
    assert FIRST_BATCH < grown.paths < 50_000
    assert grown.reached[0].ok
    plain = simulate(pool, paths=grown.paths, seed=7)
    assert grown.digest == plain.digest
    assert grown.checks == plain.checks
    assert grown.years == plain.years
