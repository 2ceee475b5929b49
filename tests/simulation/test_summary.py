"""Statistics of a row: numpy is the judge of what they are, and sampling of how sure they are."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alatau_finance.simulation.findings import PERCENTILES
from alatau_finance.simulation.shard_builder import encode_shard
from alatau_finance.simulation.shards import ShardStore
from alatau_finance.simulation.summary import summarise, summarise_row

finite = arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e9, 1e9).map(lambda number: round(number, 3)))


@given(finite)
def test_statistics_are_those_of_numpy(values: np.ndarray) -> None:
    summary = summarise_row("row", values)
    scale = 1e-12 * (1.0 + np.abs(values).max())  # rounding of sums of numbers of that size
    assert (summary.paths, summary.undefined) == (len(values), 0)
    assert summary.mean == pytest.approx(np.mean(values), abs=scale)
    assert summary.percentiles == pytest.approx(np.percentile(values, PERCENTILES), abs=scale)
    assert (summary.minimum, summary.maximum) == (values.min(), values.max())
    sd = np.std(values, ddof=1) if len(values) > 1 else 0.0
    assert summary.sd == pytest.approx(sd, abs=scale)
    assert summary.standard_error == pytest.approx(sd / math.sqrt(len(values)), abs=scale)


@given(finite, st.randoms())
def test_the_order_of_paths_does_not_matter(values: np.ndarray, choose: object) -> None:
    shuffled = np.array(choose.sample(values.tolist(), len(values)))  # type: ignore[attr-defined]
    assert summarise_row("row", values) == summarise_row("row", shuffled)


@given(finite)
def test_percentiles_ascend_between_the_ends(values: np.ndarray) -> None:
    summary = summarise_row("row", values)
    # Interpolation may round past its upper end by the last bit.
    slack = 1e-15 * np.abs(values).max()
    assert all(low <= high + slack for low, high in zip(summary.percentiles, summary.percentiles[1:], strict=False))
    assert summary.minimum - slack <= summary.percentiles[0]
    assert summary.percentiles[-1] <= summary.maximum + slack
    assert min(summary.percentile_errors) >= -slack


def test_a_percentile_is_found_by_its_number() -> None:
    summary = summarise_row("row", np.arange(101.0))
    assert [summary.percentile(percent) for percent in PERCENTILES] == list(PERCENTILES)
    with pytest.raises(ValueError, match="not in tuple"):
        summary.percentile(42)


@given(finite, st.integers(0, 30), st.randoms())
def test_what_is_not_a_number_is_left_out_and_counted(values: np.ndarray, count: int, choose: object) -> None:
    mixed = [*values.tolist(), *([math.nan] * count)]
    choose.shuffle(mixed)  # type: ignore[attr-defined]
    with_gaps, without = summarise_row("row", np.array(mixed)), summarise_row("row", values)
    assert with_gaps.undefined == count
    assert with_gaps.paths == len(values)
    assert with_gaps.percentiles == without.percentiles
    assert (with_gaps.mean, with_gaps.sd) == (without.mean, without.sd)
    assert with_gaps.standard_error == without.standard_error


def test_a_row_without_any_number() -> None:
    summary = summarise_row("row", np.full(3, np.nan))
    assert (summary.paths, summary.undefined) == (0, 3)
    assert all(math.isnan(number) for number in (summary.mean, summary.sd, summary.minimum, *summary.percentiles))
    assert len(summary.percentiles) == len(summary.percentile_errors) == len(PERCENTILES)


def test_one_path_has_no_spread() -> None:
    summary = summarise_row("row", np.array([5.0]))
    assert (summary.mean, summary.sd, summary.standard_error) == (5.0, 0.0, 0.0)
    assert set(summary.percentiles) == {5.0}
    assert set(summary.percentile_errors) == {0.0}


@pytest.mark.parametrize("hits", [0, 1, 250, 1000])
def test_the_mean_of_a_flag_is_a_probability_with_its_standard_error(hits: int) -> None:
    summary = summarise_row("breach", np.array([1.0] * hits + [0.0] * (1000 - hits)))
    share = hits / 1000
    assert summary.mean == pytest.approx(share, rel=1e-15)
    # sqrt(p (1 - p) / n), with n - 1 for the estimated mean.
    assert summary.standard_error == pytest.approx(math.sqrt(share * (1 - share) / 999), rel=1e-12)


def test_standard_errors_are_as_large_as_the_spread_between_runs() -> None:
    """Of 400 runs of 500 normals: what each run says of its own error, against how far apart the runs are."""
    draws = np.random.default_rng(1).normal(size=(400, 500))
    runs = [summarise_row("row", row) for row in draws]
    between = np.std([run.mean for run in runs])
    # The spread of 400 values is itself known to 1 / sqrt(800) = 3.5 %; four times that.
    assert np.mean([run.standard_error for run in runs]) == pytest.approx(between, rel=0.15)
    for number, percent in enumerate(PERCENTILES):
        between = np.std([run.percentiles[number] for run in runs])
        said = np.mean([run.percentile_errors[number] for run in runs])
        # In the far tails order statistics of 500 are coarse, and skewed.
        assert said == pytest.approx(between, rel=0.3 if percent in (1, 99) else 0.15), percent


def test_rows_are_summarised_in_order(tmp_path: Path) -> None:
    names = [f"row {number}" for number in range(150)]
    # Whole numbers, which seven digits hold.
    values = np.random.default_rng(2).integers(0, 1_000_000, size=(150, 40)).astype(float)
    store = ShardStore(tmp_path, names, 3, 64)
    store.write(0, encode_shard(0, values, 3, {}))
    assert list(summarise(store, 40)) == [summarise_row(name, row) for name, row in zip(names, values, strict=True)]
