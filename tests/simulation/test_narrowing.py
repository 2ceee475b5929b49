"""Portions narrowed to what lies near percentiles say of a row what all its values say."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alatau_finance.backends.functions import UNDEFINED_RATES
from alatau_finance.simulation import brackets, shards
from alatau_finance.simulation.brackets import Brackets, brackets_of
from alatau_finance.simulation.findings import PERCENTILES, RowSummary
from alatau_finance.simulation.narrow_summary import BracketMissed
from alatau_finance.simulation.shard_builder import encode_shard, lengthen_to, narrowed, shorten_to
from alatau_finance.simulation.shard_layout import Room
from alatau_finance.simulation.shards import ShardStore
from alatau_finance.simulation.summary import summarise

PATHS, PILOT = 5000, 1024
NOTHING: dict[str, list[list[int]]] = {"paths_failed": [], "failing": []}


def rows(paths: int = PATHS) -> np.ndarray:
    """Rows of all kinds. The first is kept in full."""
    rng = np.random.default_rng(5)
    normal, uniform = rng.normal(size=(4, paths)), rng.random(size=(4, paths))
    return np.array(
        [
            normal[0],
            1e6 + normal[1],
            np.exp(3.0 * normal[2]),
            1e30 * rng.standard_cauchy(paths),
            uniform[0] < 0.4,
            uniform[1] < 0.001,
            np.floor(20.0 * uniform[2]),
            np.maximum(normal[3], 0.0),
            np.minimum(normal[3], 1.0),
            np.full(paths, 0.1),
            np.full(paths, 1e300),
            np.full(paths, np.nan),
            np.full(paths, UNDEFINED_RATES[2]),
            np.where(uniform[0] < 0.3, UNDEFINED_RATES[1], normal[0]),
            np.where(uniform[1] < 0.9, UNDEFINED_RATES[3], normal[1]),
            np.where(uniform[2] < 0.3, np.inf, np.where(uniform[2] < 0.5, -np.inf, normal[2])),
            np.where(uniform[3] < 0.003, normal[3], 0.3),
            np.where(np.arange(paths) == paths - 1, 1e300, -0.0),
        ]
    )


NAMES = tuple(f"row {number}" for number in range(len(rows(1))))


@pytest.fixture(autouse=True)
def short_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "PILOT_PATHS", PILOT)


@pytest.fixture
def long_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """As runs have it; brackets of fewer paths are so wide that most values lie in one."""
    monkeypatch.setattr(shards, "PILOT_PATHS", brackets.PILOT_PATHS)


def stored(folder: Path, values: np.ndarray, shard_paths: int = 512, *, narrows: bool = True) -> ShardStore:
    store, paths = ShardStore(folder, NAMES[: len(values)], 1, shard_paths, narrows=narrows), values.shape[1]
    for number in store.numbers(paths):
        first = number * shard_paths
        store.write(number, encode_shard(first, values[:, first : first + shard_paths], 1, NOTHING))
        store.settle(paths)
    while store.settle(paths):
        pass
    assert {bool(store.header(number).brackets) for number in store.numbers(paths)} == {narrows}
    return store


def assert_same(found: RowSummary, expected: RowSummary) -> None:
    """Order statistics, counts and ends to the bit; sums are rounded once or twice."""
    for name in ("mean", "sd", "standard_error"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-14, nan_ok=True), (found, expected)
    unrounded = replace(found, mean=expected.mean, sd=expected.sd, standard_error=expected.standard_error)
    assert repr(unrounded) == repr(expected)


@pytest.mark.parametrize("shard_paths", [64, 512, 1024, 4096])
def test_a_narrowed_row_has_the_statistics_of_all_its_values(tmp_path: Path, shard_paths: int) -> None:
    # Of seven digits before, as a row that varies in some portions only would be rounded in those only.
    values, short = rows(), np.empty((len(NAMES) - 1, PATHS), np.float32)
    shorten_to(short, values[1:])
    lengthen_to(values, np.arange(1, len(NAMES)), 0, short)
    whole = stored(tmp_path / "whole", values, shard_paths, narrows=False)
    narrow = stored(tmp_path / "narrow", values, shard_paths)
    for found, expected in zip(summarise(narrow, PATHS), summarise(whole, PATHS), strict=True):
        assert_same(found, expected)


@pytest.mark.parametrize(("name", "value"), [("row 9", 0.1), ("row 10", 1e300)])
def test_a_row_that_never_varies_is_what_it_is_to_the_last_digit(tmp_path: Path, name: str, value: float) -> None:
    [summary] = [each for each in summarise(stored(tmp_path, rows()), PATHS) if each.name == name]
    assert {summary.mean, summary.minimum, summary.maximum, *summary.percentiles} == {value}
    assert {summary.sd, summary.standard_error, *summary.percentile_errors} == {0.0}
    assert summary.paths == PATHS


def test_shards_of_any_size_say_the_same(tmp_path: Path) -> None:
    found = [list(summarise(stored(tmp_path / str(size), rows(), size), PATHS)) for size in (64, 192, 1024)]
    assert repr(found[0]) == repr(found[1]) == repr(found[2])


def test_a_run_may_end_in_the_portion_that_holds_the_last_of_its_first_paths(tmp_path: Path) -> None:
    paths = PILOT + 30
    values = rows(paths)[:4]
    narrow, whole = (stored(tmp_path / str(narrows), values, 576, narrows=narrows) for narrows in (True, False))
    assert narrow.brackets is not None
    expected = brackets_of(whole.read(1, 4, paths))
    assert narrow.brackets.digest == expected.digest


@pytest.mark.usefixtures("long_pilot")
def test_less_is_kept(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=(3, 3 * brackets.PILOT_PATHS))

    def size(narrows: bool) -> int:
        store = stored(tmp_path / str(narrows), values, 2048, narrows=narrows)
        # Less what is kept in full.
        return sum(file.stat().st_size for file in store.folder.iterdir()) - values[0].nbytes

    assert size(True) < 0.45 * size(False)


def test_a_run_no_longer_than_its_first_paths_keeps_all_values(tmp_path: Path) -> None:
    store = ShardStore(tmp_path, NAMES, 1, 512)
    for number in range(2):
        store.write(number, encode_shard(512 * number, rows(PILOT)[:, 512 * number : 512 * number + 512], 1, NOTHING))
        assert not store.settle(PILOT)
    assert store.brackets is None
    assert len(store.read(0, len(NAMES), PILOT)) == len(NAMES)


def test_a_portion_is_narrowed_to_the_same_bytes_before_and_after_it_is_written(tmp_path: Path) -> None:
    store, values = stored(tmp_path, rows()), rows()
    assert store.brackets is not None
    for number in store.numbers(PATHS):
        whole = encode_shard(512 * number, values[:, 512 * number : 512 * number + 512], 1, NOTHING)
        small = narrowed(whole, store.brackets, Room())
        assert bytes(small) == store.file(number).read_bytes()
        assert narrowed(small, store.brackets, Room()) is small


def test_brackets_outlast_an_interruption_unless_they_are_damaged(tmp_path: Path) -> None:
    store = stored(tmp_path, rows())
    again = ShardStore(tmp_path, NAMES, 1, 512)
    assert store.brackets is not None
    assert again.brackets is not None
    assert again.brackets.digest == store.brackets.digest
    assert all(again.holds(number, PATHS) for number in again.numbers(PATHS))
    file = tmp_path / "brackets"
    for damaged in (file.read_bytes()[:-1], file.read_bytes()[:-8], b"?" + file.read_bytes()[1:], b""):
        file.write_bytes(damaged)
        lost = ShardStore(tmp_path, NAMES, 1, 512)
        assert lost.brackets is None
        assert not any(lost.holds(number, PATHS) for number in lost.numbers(PATHS))


def test_narrowed_portions_have_no_values_of_all_paths(tmp_path: Path) -> None:
    store = stored(tmp_path, rows())
    assert store.read(0, 1, PATHS).tobytes() == rows()[:1].tobytes()
    with pytest.raises(ValueError, match="narrowed"):
        store.read(0, 2, PATHS)


@pytest.mark.usefixtures("long_pilot")
def test_a_percentile_that_moves_out_of_its_bracket_is_seen(tmp_path: Path) -> None:
    """Paths that are not alike, as no sampler makes them."""
    values = np.random.default_rng(1).normal(size=(2, 2 * brackets.PILOT_PATHS))
    values[1, brackets.PILOT_PATHS :] += 0.5
    with pytest.raises(BracketMissed):
        list(summarise(stored(tmp_path, values, 4096), values.shape[1]))


def test_brackets_hold_percentiles_of_long_runs_and_are_no_wider_than_said() -> None:
    values, pilot = np.random.default_rng(2).normal(size=(100, 4 * brackets.PILOT_PATHS)), brackets.PILOT_PATHS
    found = brackets_of(values[:, :pilot])
    shares = np.array(PERCENTILES) / 100
    at = np.quantile(values, shares, axis=1).T
    assert ((found.lows <= at) & (at <= found.highs)).all()
    assert (found.lows[:, 1:] >= found.highs[:, :-1]).all()
    ends = zip(found.lows.T, found.highs.T, strict=True)
    inside = [((values > low[:, None]) & (values < high[:, None])).mean() for low, high in ends]
    np.testing.assert_allclose(inside, 2 * 7 * np.sqrt(shares * (1 - shares) / pilot), rtol=0.1)


@given(
    arrays(np.float64, st.integers(1, 200), elements=st.floats(-(2.0**100), 2.0**100, width=32)),
    st.integers(1, 200),
)
def test_any_values_are_where_brackets_say_or_are_missed(values: np.ndarray, pilot: int) -> None:
    """Whatever the first paths, order statistics are those of all values; or it is said that they are not known."""
    both = np.array([values, values])
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "PILOT_PATHS", pilot)
        patch.setattr(brackets, "_DEVIATIONS", 1.0)
        whole = ShardStore(Path(folder) / "whole", NAMES[:2], 1, 64, narrows=False)
        narrow = ShardStore(Path(folder) / "narrow", NAMES[:2], 1, 64)
        for store in (whole, narrow):
            for number in store.numbers(len(values)):
                store.write(number, encode_shard(64 * number, both[:, 64 * number : 64 * number + 64], 1, NOTHING))
            while store.settle(len(values)):
                pass
        try:
            found = list(summarise(narrow, len(values)))
        except BracketMissed:
            reject()  # one in twenty; were it most of them, hypothesis would say so
        for one, other in zip(found, summarise(whole, len(values)), strict=True):
            scale = max(abs(other.minimum), abs(other.maximum))
            assert one.mean == pytest.approx(other.mean, rel=1e-14, abs=1e-14 * scale)
            assert one.sd == pytest.approx(other.sd, rel=1e-9, abs=1e-9 * scale)
            assert (one.percentiles, one.percentile_errors) == (other.percentiles, other.percentile_errors)
            assert (one.minimum, one.maximum, one.paths) == (other.minimum, other.maximum, other.paths)


def test_brackets_are_read_as_they_are_written() -> None:
    found = brackets_of(rows()[1:])
    again = Brackets.from_bytes(found.to_bytes())
    assert again.digest == found.digest
    assert again.tied.dtype == bool
    assert math.isinf(brackets_of(np.full((1, 3), np.nan)).lows[0, 0])
    with pytest.raises(ValueError, match="that were written"):
        Brackets.from_bytes(found.to_bytes()[:-8])
