"""Portions of a run in files: what is read is what was written, and what is damaged is seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alatau_finance.backends.functions import UNDEFINED_RATES
from alatau_finance.simulation.digest import block_hashes
from alatau_finance.simulation.shard_builder import encode_shard, lengthen_to, shorten_to
from alatau_finance.simulation.shard_layout import SpoiltShard
from alatau_finance.simulation.shards import ShardStore

Rows = np.ndarray[Any, np.dtype[np.float64]]
NAMES = tuple(f"row {number}" for number in range(9))
EXACT = 2
PATHS = 150


def numbers(paths: int = PATHS) -> Rows:
    """Rows of all kinds: exact ones, others, some that do not vary, one of NaN, one that is constant only at first."""
    values = np.random.default_rng(1).normal(size=(len(NAMES), paths)) * 1e3
    values[3], values[5], values[7] = 0.1, np.nan, UNDEFINED_RATES[2]
    values[8, :64] = 0.3
    values[6, ::3] = UNDEFINED_RATES[1]
    values[6, 1::3] = np.inf
    return values


@pytest.fixture
def store(tmp_path: Path) -> ShardStore:
    values, made = numbers(), ShardStore(tmp_path, NAMES, EXACT, 64)
    for number in made.numbers(PATHS):
        first = number * 64
        made.write(
            number, encode_shard(first, values[:, first : first + 64], EXACT, {"paths_failed": [], "failing": []})
        )
    return made


def test_metrics_are_read_in_full_and_other_rows_to_seven_digits(store: ShardStore) -> None:
    values, read = numbers(), store.read(0, len(NAMES), PATHS)
    assert read[:EXACT].tobytes() == values[:EXACT].tobytes()
    assert read[3].tobytes() == values[3].tobytes()
    np.testing.assert_allclose(read, values, rtol=2.0**-24)
    missing = np.isnan(values)
    assert (read[missing].view(np.uint64) == values[missing].view(np.uint64)).all()


def test_any_part_is_the_same_part_of_the_whole(store: ShardStore, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = store.read(0, len(NAMES), PATHS)
    for first in range(len(NAMES)):
        for last in range(first + 1, len(NAMES) + 1):
            assert store.read(first, last, PATHS).tobytes() == whole[first:last].tobytes()
    monkeypatch.setattr("alatau_finance.simulation.shards._AT_ONCE", 8 * PATHS * 4)
    monkeypatch.setattr("alatau_finance.simulation.shards._LEAST", 8 * PATHS * 2)
    assert store.portions_of_rows(len(NAMES), PATHS) == (range(4), range(4, 8), range(8, 9))
    assert len(store.portions_of_rows(len(NAMES), PATHS, readers=2)) == 5
    assert store.portions_of_rows(len(NAMES), PATHS, readers=64) == store.portions_of_rows(len(NAMES), PATHS, readers=2)
    assert store.read(0, 9, 64).tobytes() == whole[:, :64].tobytes()


def test_hashes_are_of_the_numbers_in_full(store: ShardStore) -> None:
    assert tuple(store.blocks(PATHS)) == block_hashes(numbers())


def test_a_shard_that_is_there_is_whole_and_of_as_many_paths(store: ShardStore, tmp_path: Path) -> None:
    again = ShardStore(tmp_path, NAMES, EXACT, 64)
    assert [again.holds(number, PATHS) for number in range(4)] == [True, True, True, False]
    assert not again.holds(2, PATHS - 1)
    assert not ShardStore(tmp_path, NAMES, EXACT, 128).holds(0, PATHS)
    assert not ShardStore(tmp_path, NAMES[:-1], EXACT, 64).holds(0, PATHS)


@pytest.mark.parametrize("place", [0, 40, 2000, -1])
def test_one_flipped_bit_anywhere_is_seen(store: ShardStore, tmp_path: Path, place: int) -> None:
    data = bytearray(store.file(1).read_bytes())
    data[place] ^= 1
    store.file(1).write_bytes(data)
    with pytest.raises(SpoiltShard):
        ShardStore(tmp_path, NAMES, EXACT, 64).holds(1, PATHS)


def test_a_shard_cut_short_is_seen(store: ShardStore, tmp_path: Path) -> None:
    store.file(1).write_bytes(store.file(1).read_bytes()[:-9])
    with pytest.raises(SpoiltShard):
        ShardStore(tmp_path, NAMES, EXACT, 64).holds(1, PATHS)


def test_a_write_that_fails_leaves_nothing(store: ShardStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> None:
        with self.open("wb") as handle:
            handle.write(data[:10])
        raise OSError(28, "No space left on device")

    before = {file.name: file.read_bytes() for file in store.folder.iterdir()}
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        store.write(0, b"new data, longer than what fits")
    monkeypatch.undo()
    assert {file.name: file.read_bytes() for file in store.folder.iterdir()} == before


def test_a_shard_is_of_whole_blocks(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a multiple of 64 paths, not 100"):
        ShardStore(tmp_path, NAMES, EXACT, 100)


def _shortened(values: np.ndarray) -> np.ndarray:
    short = np.empty((1, len(values)), np.float32)
    shorten_to(short, values[None, :])
    return short[0]


def _lengthened(short: np.ndarray) -> np.ndarray:
    values = np.zeros((2, len(short) + 1))
    lengthen_to(values, np.array([1]), 1, short[None, :])
    assert not values[0].any()
    assert not values[1, 0]
    return values[1, 1:]


def test_seven_digits_keep_what_has_fewer() -> None:
    values = np.array([0.0, 1.0, -0.5, 2.0**100, np.inf, -np.inf, 123456.0])
    assert _lengthened(_shortened(values)).tolist() == values.tolist()
    assert _lengthened(_shortened(np.array([2.0**1000]))).tolist() == [np.inf]
