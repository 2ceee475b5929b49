"""Results of a run while it grows: rows of float64, one value a path.

They are kept in a file so that memory does not grow with paths.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

_ITEM = 8
_ROWS_AT_ONCE = 64


def store_size(rows: Sequence[str], paths: int) -> int:
    """Bytes that a store of so many rows and paths takes."""
    return max(1, len(rows) * paths * _ITEM)


class RowStore:
    """``rows`` x ``paths`` numbers. Threads may write different path ranges at the same time.

    Raises :class:`OSError` where the disk is full: the file is given its size at once, before any path is computed.
    """

    def __init__(self, file: Path, rows: Sequence[str], paths: int) -> None:
        self.rows = tuple(rows)
        self.paths = paths
        self._file = file
        self._lock = threading.Lock()
        self._handle = file.open("w+b", buffering=0)  # closed by close()
        size = store_size(self.rows, paths)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._handle.fileno(), 0, size)
            else:
                self._handle.truncate(size)
        except OSError:
            self.close()
            raise

    def write(self, first_path: int, values: NDArray[np.float64]) -> None:
        """Store ``values`` [rows, n] for n paths from ``first_path`` on; lanes beyond the last path are dropped."""
        count = min(values.shape[1], self.paths - first_path)
        with self._lock:
            for number in range(len(self.rows)):
                self._handle.seek((number * self.paths + first_path) * _ITEM)
                self._put(memoryview(np.ascontiguousarray(values[number, :count]).data).cast("B"))

    def _put(self, view: memoryview) -> None:
        while view:
            view = view[self._handle.write(view) or 0 :]

    def read(self, first: int, last: int) -> NDArray[np.float64]:
        """Rows ``first`` to ``last`` (excluded) as [rows, paths]."""
        values = np.empty((last - first, self.paths))
        view = memoryview(values.data).cast("B")
        with self._lock:
            self._handle.seek(first * self.paths * _ITEM)
            while view:
                count = self._handle.readinto(view)
                if not count:
                    raise OSError(f"{self._file.name} ends before row {last}")
                view = view[count:]
        return values

    def chunks(self) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """All rows in order, some at a time: number of the first, and [rows, paths]."""
        for first in range(0, len(self.rows), _ROWS_AT_ONCE):
            yield first, self.read(first, min(first + _ROWS_AT_ONCE, len(self.rows)))

    def close(self) -> None:
        """Let go of the file and remove it."""
        self._handle.close()
        self._file.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
