"""Results of a run in portions of paths, a file each, which say by their hash whether they are whole.

A portion holds what later phases need of its paths and no more. Metrics of the pool, which outputs list path by path,
are kept as they are. Of all other rows only distributions are reported: they are kept to seven digits (float32), and
one number stands for a row that is the same on all paths of the portion. Once the first paths of a long run are known,
portions are narrowed to what lies near a percentile (:mod:`.brackets`). The digest is of the full numbers; it is taken
before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alatau_finance.jit import LANES
from alatau_finance.simulation.brackets import PILOT_PATHS, Brackets, brackets_of, joined_brackets
from alatau_finance.simulation.narrowing import COUNTS, STATISTICS
from alatau_finance.simulation.shard_builder import SHARD_PATHS, lengthen_to, narrowed
from alatau_finance.simulation.shard_layout import (
    HASH,
    Room,
    ShardHeader,
    SpoiltShard,
    hash_of_rest,
    header_in,
    numbers_at,
)

Floats = NDArray[np.float64]

#: Bytes of rows in memory at once, over all threads that read, and the least of one of them. Each reads its rows from
#: every shard, so that half of it doubles what opening and finding costs: more than the rest of a summary from some
#: hundred thousand paths on, and not a thing that threads share out.
_AT_ONCE, _LEAST = 1 << 28, 1 << 25
#: What a portion takes that is narrowed, as a share of what it would take else, at most where portions are not small.
_NARROWED = 0.35


@dataclass(frozen=True)
class Narrowed:
    """What a narrowed portion keeps of rows that are not kept in full, but for the values: see :mod:`.narrowing`."""

    constants: Floats
    varying: NDArray[np.bool_]
    statistics: Floats
    counts: NDArray[np.int32]


class ShardStore:
    """The portions of a run in ``folder``. ``rows`` names all rows, of which the first ``exact`` are kept in full.

    Portion number k holds paths from ``k * shard_paths`` on; only the last one may be shorter. They are not narrowed
    unless ``narrows``.
    """

    def __init__(
        self, folder: Path, rows: Sequence[str], exact: int, shard_paths: int = SHARD_PATHS, *, narrows: bool = True
    ) -> None:
        if shard_paths <= 0 or shard_paths % LANES:
            raise ValueError(f"a shard holds a multiple of {LANES} paths, not {shard_paths}")
        self.folder = folder
        self.rows = tuple(rows)
        self.exact = exact
        self.shard_paths = shard_paths
        folder.mkdir(parents=True, exist_ok=True)
        self._headers: dict[int, ShardHeader] = {}
        self._whole: set[int] = set()
        self._wide: set[int] = set()
        self._room, self._read_room = Room(), Room()
        widened = self._brackets_file.exists() and not self._brackets_file.stat().st_size
        self._narrows = narrows and not widened
        self._brackets = self._known_brackets() if self._narrows else None

    @property
    def brackets(self) -> Brackets | None:
        """By which portions are narrowed from now on; None as long as they are not."""
        return self._brackets

    def count_of(self, number: int, paths: int) -> int:
        """How many paths portion ``number`` of a run of ``paths`` paths has."""
        return min(self.shard_paths, paths - number * self.shard_paths)

    def numbers(self, paths: int) -> range:
        """Numbers of the portions of a run of ``paths`` paths."""
        return range(-(-paths // self.shard_paths))

    def file(self, number: int) -> Path:
        """Where a portion lies."""
        return self.folder / f"{number:06}.shard"

    def write(self, number: int, data: bytes | memoryview) -> None:
        """Keep a portion. It appears under its name only when it is whole. Raises OSError where the disk is full."""
        whole = data if self._brackets is None else narrowed(data, self._brackets, self._room)
        _write(self.file(number), whole)
        self._headers.pop(number, None)
        self._whole.add(number)
        if self._brackets is None:
            self._wide.add(number)
        else:
            self._wide.discard(number)

    def settle(self, paths: int) -> bool:
        """Of a run of ``paths`` whose first paths are known, narrow one portion that is not; whether there was one.

        One at a time, as others compute meanwhile and wait for what they have computed to be written. Raises OSError
        where the disk is full.
        """
        if self._brackets is None:
            pilot = self.numbers(PILOT_PATHS)
            if not self._narrows or paths <= PILOT_PATHS or not self._whole.issuperset(pilot):
                return False
            self._brackets = self._found_brackets(min(paths, self.shard_paths * len(pilot)))
            _write(self._brackets_file, self._brackets.to_bytes())
        if not self._wide:
            return False
        number = min(self._wide)
        with self.file(number).open("rb") as handle:
            data = self._read_room.of(self.file(number).stat().st_size)
            handle.readinto(data.data)
        self.write(number, data.data)
        return True

    def disk_needed(self, size: int, count: int, left: int) -> float:
        """Bytes for ``left`` more paths, by the ``size`` of a portion of ``count``."""
        will_narrow = self._narrows and self._brackets is None
        narrow = max(0, left - PILOT_PATHS) if will_narrow else 0
        return size / count * (left - narrow + narrow * _NARROWED)

    def widen(self) -> None:
        """Start anew, and keep all values from now on, after an interruption too: that is what no brackets mean."""
        for file in map(self.file, self._whole):
            file.unlink(missing_ok=True)
        self._brackets_file.write_bytes(b"")
        self._headers.clear()
        self._whole.clear()
        self._wide.clear()
        self._brackets, self._narrows = None, False

    @property
    def _brackets_file(self) -> Path:
        return self.folder / "brackets"

    def _known_brackets(self) -> Brackets | None:
        """Those of an earlier start of the run; None where there are none, or not what was written."""
        try:
            found = Brackets.from_bytes(self._brackets_file.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return found if len(found.lows) == len(self.rows) - self.exact else None

    def _found_brackets(self, paths: int) -> Brackets:
        # As little at once as there may be, as others compute meanwhile.
        portions = self.portions_of_rows(len(self.rows), paths, _AT_ONCE // _LEAST)
        room, found = np.empty((len(portions[0]), paths)), list[Brackets]()
        for rows in portions:
            values = self.read(rows.start, rows.stop, paths, room)
            found.append(brackets_of(values[max(0, self.exact - rows.start) :]))
        return joined_brackets(found)

    def holds(self, number: int, paths: int) -> bool:
        """Whether the portion is there, for as many paths, whole or narrowed as this run narrows. Raises SpoiltShard
        where its hash is not its own."""
        if number not in self._whole:
            try:
                with self.file(number).open("rb") as handle:
                    recorded = handle.read(HASH)
                    if hash_of_rest(handle) != recorded:
                        raise SpoiltShard(str(self.file(number)))
            except FileNotFoundError:
                return False
        if not self._fits(self.header(number), number, paths):
            return False
        self._whole.add(number)
        if not self.header(number).brackets:
            self._wide.add(number)
        return True

    def _fits(self, header: ShardHeader, number: int, paths: int) -> bool:
        place = number * self.shard_paths, self.count_of(number, paths)
        known = header.exact == self.exact and header.exact + len(header.varying) == len(self.rows)
        used = not header.brackets or (self._brackets is not None and header.brackets == self._brackets.digest)
        return known and used and (header.first, header.count) == place

    def header(self, number: int) -> ShardHeader:
        """What is known of a portion besides its numbers."""
        if number not in self._headers:
            with self.file(number).open("rb") as handle:
                self._headers[number] = header_in(handle)
        return self._headers[number]

    def blocks(self, paths: int) -> Iterator[bytes]:
        """Hashes of all blocks in the order of paths."""
        for number in self.numbers(paths):
            yield from self.header(number).blocks

    def portions_of_rows(self, rows: int, paths: int, readers: int = 1) -> tuple[range, ...]:
        """The first ``rows`` rows in order, as many at a time as each of so many threads reads at once."""
        step = max(1, max(_AT_ONCE // readers, _LEAST) // (8 * paths))
        return tuple(range(first, min(first + step, rows)) for first in range(0, rows, step))

    def read(self, first: int, last: int, paths: int, room: Floats | None = None) -> Floats:
        """Rows ``first`` to ``last`` (excluded) as [rows, paths], in ``room`` [rows or more, paths] if it is given.

        Rows that are not kept in full are there as long as portions are not narrowed.
        """
        values = np.empty((last - first, paths)) if room is None else room[: last - first]
        border = min(max(first, self.exact), last)
        for number in self.numbers(paths):
            header, start = self.header(number), number * self.shard_paths
            with self.file(number).open("rb") as handle:
                if first < border:
                    kept = numbers_at(handle, header.exact_at(first), "<f8", (border - first, header.count))
                    values[: border - first, start : start + header.count] = kept
                if border < last:
                    rows = values[border - first :]
                    _read_others(handle, header, border - self.exact, last - self.exact, rows, start)
        return values

    def read_narrowed(self, number: int) -> Narrowed:
        """What a narrowed portion tells of its rows."""
        header = self.header(number)
        rows = len(header.varying)
        with self.file(number).open("rb") as handle:
            return Narrowed(
                numbers_at(handle, header.constants_at, "<f8", (rows,)),
                header.varying,
                numbers_at(handle, header.rest_at, "<f8", (rows, STATISTICS)),
                numbers_at(handle, header.counts_at, "<i4", (rows, COUNTS)),
            )

    def read_kept(self, number: int, first: int, last: int) -> NDArray[np.float32]:
        """Of all values that a narrowed portion keeps, those from the ``first`` to the ``last`` (excluded)."""
        with self.file(number).open("rb") as handle:
            return numbers_at(handle, self.header(number).kept_at + first * 4, "<f4", (last - first,))


def _write(file: Path, data: bytes | memoryview) -> None:
    """Write a file that appears under its name only when it is whole."""
    partial = file.with_suffix(".part")
    try:
        partial.write_bytes(data)
        partial.replace(file)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def _read_others(handle: Any, header: ShardHeader, first: int, last: int, values: Floats, start: int) -> None:
    """Rows ``first`` to ``last`` of those that are not kept in full, to ``values`` from path ``start`` on."""
    if header.brackets:
        raise ValueError(f"{handle.name} is narrowed: not all values of its rows are kept")
    varying = header.varying[first:last]
    constants = numbers_at(handle, header.constants_at + first * 8, "<f8", (last - first,))
    same = np.flatnonzero(~varying)
    values[same, start : start + header.count] = constants[same, None]
    targets = np.flatnonzero(varying)
    at = header.varying_at(int(header.varying[:first].sum()))
    lengthen_to(values, targets, start, numbers_at(handle, at, "<f4", (len(targets), header.count)))
