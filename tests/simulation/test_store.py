"""Rows of results in a file: every number where it belongs, whoever wrote it and when."""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alatau_finance.simulation import store as store_module
from alatau_finance.simulation.store import RowStore

Rows = np.ndarray[Any, np.dtype[np.float64]]
NAMES = ("a", "b", "c")


def numbers(rows: int, paths: int) -> Rows:
    """Every number another, so that none can stand in another's place unseen."""
    return np.arange(float(rows * paths)).reshape(rows, paths)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    values = numbers(3, 100)
    with RowStore(tmp_path / "rows", NAMES, 100) as store:
        store.write(0, values[:, :60])
        store.write(60, values[:, 60:])
        assert store.read(0, 3).tolist() == values.tolist()
        assert store.read(1, 2).tolist() == values[1:2].tolist()


def test_lanes_beyond_the_last_path_are_dropped(tmp_path: Path) -> None:
    """The last block is a whole block; what is too much of it must not run into the next row."""
    with RowStore(tmp_path / "rows", NAMES, 5) as store:
        store.write(0, numbers(3, 4))
        store.write(4, 100 + numbers(3, 4))
        assert store.read(0, 3).tolist() == [[0, 1, 2, 3, 100], [4, 5, 6, 7, 104], [8, 9, 10, 11, 108]]
        assert (tmp_path / "rows").stat().st_size == 3 * 5 * 8


def test_threads_write_at_the_same_time(tmp_path: Path) -> None:
    values = numbers(7, 997)
    starts = list(range(0, 997, 16))
    random.Random(1).shuffle(starts)
    with RowStore(tmp_path / "rows", [str(row) for row in range(7)], 997) as store:
        with ThreadPoolExecutor(8) as executor:
            list(executor.map(lambda first: store.write(first, values[:, first : first + 16]), starts))
        assert store.read(0, 7).tobytes() == values.tobytes()


def test_a_slice_that_is_not_contiguous_is_written_right(tmp_path: Path) -> None:
    values = np.asfortranarray(numbers(3, 10))
    with RowStore(tmp_path / "rows", NAMES, 5) as store:
        store.write(0, values[:, ::2])
        assert store.read(0, 3).tolist() == values[:, ::2].tolist()


def test_writes_and_reads_that_stop_half_way_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system call may move fewer bytes than it was asked to."""
    values = numbers(3, 40)
    with RowStore(tmp_path / "rows", NAMES, 40) as store:

        class Slow:
            def __init__(self, handle: Any) -> None:
                self.handle = handle

            def __getattr__(self, name: str) -> Any:
                return getattr(self.handle, name)

            def write(self, view: memoryview) -> int:
                return int(self.handle.write(view[:13]))

            def readinto(self, view: memoryview) -> int:
                return int(self.handle.readinto(view[:13]))

        monkeypatch.setattr(store, "_handle", Slow(store._handle))
        store.write(0, values)
        assert store.read(0, 3).tolist() == values.tolist()


def test_a_file_cut_short_is_an_error_and_not_zeros(tmp_path: Path) -> None:
    with RowStore(tmp_path / "rows", NAMES, 10) as store:
        os.truncate(tmp_path / "rows", 100)
        with pytest.raises(OSError, match="rows ends before row 3"):
            store.read(0, 3)


@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 130])
def test_chunks_are_all_rows_in_order(tmp_path: Path, count: int) -> None:
    values = numbers(count, 3)
    with RowStore(tmp_path / "rows", [str(row) for row in range(count)], 3) as store:
        store.write(0, values)
        parts = list(store.chunks())
        assert [first for first, _ in parts] == list(range(0, count, 64))
        assert [row for _, part in parts for row in part.tolist()] == values.tolist()


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system has no posix_fallocate")
def test_a_full_disk_is_known_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, start: int, size: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left on device"):
        RowStore(tmp_path / "rows", NAMES, 10)
    assert not (tmp_path / "rows").exists()


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="the system has no posix_fallocate")
def test_the_whole_file_is_asked_for_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(store_module.os, "posix_fallocate", lambda handle, start, size: asked.append((start, size)))
    RowStore(tmp_path / "rows", NAMES, 10).close()
    assert asked == [(0, 240)]


def test_systems_without_posix_fallocate_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(store_module.os, "posix_fallocate", raising=False)
    with RowStore(tmp_path / "rows", NAMES, 10) as store:
        store.write(0, numbers(3, 10))
        assert store.read(0, 3).tolist() == numbers(3, 10).tolist()


def test_the_file_is_gone_afterwards_also_after_an_error(tmp_path: Path) -> None:
    def fail() -> None:
        with RowStore(tmp_path / "rows", NAMES, 10):
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert list(tmp_path.iterdir()) == []
