"""Results of a run in portions of paths, a file each, which say by their hash whether they are whole.

A portion holds what later phases need of its paths and no more. Metrics of the pool, which outputs list path by path,
are kept as they are. Of all other rows only distributions are reported: they are kept to seven digits (float32), and
one number stands for a row that is the same on all paths of the portion. The digest is of the full numbers; it is taken
before.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from alatau_finance.backends.functions import UNDEFINED_RATES
from alatau_finance.jit import LANES
from alatau_finance.simulation.digest import block_hashes
from alatau_finance.simulation.rows import find_varying, join_rows, lengthen, shorten

Floats = NDArray[np.float64]

#: Paths of a portion: 32 blocks. Some 40 MB while they are computed, half a minute of work that an interruption costs.
SHARD_PATHS = 32 * LANES
#: Bytes of rows in memory at once, over all threads that read, and the least of one of them. Each reads its rows from
#: every shard, so that half of it doubles what opening and finding costs: more than the rest of a summary from some
#: hundred thousand paths on, and not a thing that threads share out.
_AT_ONCE, _LEAST = 1 << 28, 1 << 25
#: Bytes of a file that are hashed at once.
_HASHED_AT_ONCE = 1 << 25
_HASH = 32
_LENGTH = struct.Struct("<Q")
_REASONS = np.array(UNDEFINED_RATES).view(np.uint64)
#: NaN in float32 by reason: as in float64, the reason is in the lowest bits.
_SHORT_REASONS = np.uint32(0x7FC00000) + np.arange(len(_REASONS), dtype=np.uint32)


class SpoiltShard(Exception):
    """A portion is not what was written; it has to be computed again."""


def shorten_to(short: NDArray[np.float32], values: Floats) -> None:
    """``values`` [rows, paths] to seven digits in ``short``; what is no number keeps its reason."""
    shorten(values, values.view(np.uint64), short, short.view(np.uint32), _REASONS, _SHORT_REASONS)


def lengthen_to(values: Floats, targets: NDArray[np.int64], start: int, short: NDArray[np.float32]) -> None:
    """The float64 numbers that numbers of :func:`shorten_to` stand for: ``short`` [rows, paths] to rows ``targets`` of
    ``values``, from path ``start`` on."""
    bits = values.view(np.uint64)
    lengthen(short, short.view(np.uint32), targets, start, values, bits, _REASONS, _SHORT_REASONS)


@dataclass(frozen=True)
class ShardHeader:
    """What is known of a portion besides its numbers."""

    first: int
    count: int
    blocks: tuple[bytes, ...]
    checks: Mapping[str, Any]
    varying: NDArray[np.bool_]
    exact: int
    offset: int

    def exact_at(self, row: int) -> int:
        """Where in the file a row that is kept in full starts."""
        return self.offset + row * self.count * 8

    @property
    def constants_at(self) -> int:
        """Where in the file the numbers of rows that do not vary start: one a row, of all rows not kept in full."""
        return self.exact_at(self.exact)

    def varying_at(self, number: int) -> int:
        """Where in the file the ``number``-th row that varies starts."""
        return self.constants_at + len(self.varying) * 8 + number * self.count * 4


class Room:
    """Memory in which one portion after another is put together: to touch new memory takes longer than to fill it."""

    def __init__(self) -> None:
        self._bytes = np.empty(0, np.uint8)

    def of(self, size: int) -> NDArray[np.uint8]:
        """The first ``size`` bytes, with whatever they hold."""
        if size > len(self._bytes):
            # Portions of a run differ by the rows that happen not to vary.
            self._bytes = np.empty(size + size // 16, np.uint8)
        return self._bytes[:size]


class ShardBuilder:
    """A portion as it grows, block by block: what is kept of a block is made while the block is at hand.

    Room for ``paths`` paths of ``rows`` rows, of which the first ``exact`` are kept in full.
    """

    def __init__(self, rows: int, exact: int, paths: int = SHARD_PATHS) -> None:
        self._exact = np.empty((exact, paths), "<f8")
        # Block by block: what is written of a block lies together.
        self._short = np.empty((-(-paths // LANES), rows - exact, LANES), "<f4")
        self._first = np.empty(rows - exact, "<f8")
        self._varying = np.zeros(rows - exact, bool)
        self.start()

    def start(self) -> None:
        """Forget what there is."""
        self._varying[:] = False
        self._hashes: list[bytes] = []
        self._count = 0

    def add(self, block: Floats) -> None:
        """The next paths: ``block`` [rows, paths], 64 of them but for the last block of a run."""
        [digest] = block_hashes(block)
        exact, others = block[: len(self._exact)], block[len(self._exact) :]
        if not self._hashes:
            self._first[:] = others[:, 0]
        self._exact[:, self._count : self._count + block.shape[1]] = exact
        shorten_to(self._short[self._count // LANES, :, : block.shape[1]], others)
        find_varying(others.view(np.uint64), self._first.view(np.uint64), self._varying)
        self._hashes.append(digest)
        self._count += block.shape[1]

    def finish(self, first: int, checks: Mapping[str, Any], room: Room) -> memoryview:
        """The portion from path ``first`` on as it is written; it lies in ``room`` until that takes the next.

        Layout: BLAKE3 of all that follows, length of the header, the header as JSON, rows in full, one number for
        each other row, and those that vary as float32.
        """
        header = {
            "first": first,
            "count": self._count,
            "exact": len(self._exact),
            "blocks": b"".join(self._hashes).hex(),
            "varying": np.packbits(self._varying).tobytes().hex(),
            "rows": len(self._varying),
            "checks": checks,
        }
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-(_HASH + _LENGTH.size + len(text)) % 8)
        whole = self._laid_out(_LENGTH.pack(len(text)) + text, room)
        whole[:_HASH] = np.frombuffer(blake3(whole[_HASH:].data).digest(), np.uint8)
        return whole.data

    def _laid_out(self, header: bytes, room: Room) -> NDArray[np.uint8]:
        """All of the portion but its hash, put together in one piece: it may be some 40 MB, so it is copied once."""
        chosen, exact_at = np.flatnonzero(self._varying), _HASH + len(header)
        first_at = exact_at + len(self._exact) * self._count * 8
        short_at = first_at + len(self._first) * 8
        whole = room.of(short_at + len(chosen) * self._count * 4)
        whole[_HASH:exact_at] = np.frombuffer(header, np.uint8)
        whole[exact_at:first_at].view("<f8").reshape(-1, self._count)[...] = self._exact[:, : self._count]
        whole[first_at:short_at].view("<f8")[...] = self._first
        join_rows(self._short, chosen, whole[short_at:].view("<f4").reshape(len(chosen), self._count))
        return whole


def encode_shard(first: int, values: Floats, exact: int, checks: Mapping[str, Any]) -> memoryview:
    """``values`` [rows, paths] of paths from ``first`` on as a portion is written, ``exact`` rows in full."""
    builder = ShardBuilder(len(values), exact, values.shape[1])
    for start in range(0, values.shape[1], LANES):
        builder.add(values[:, start : start + LANES])
    return builder.finish(first, checks, Room())


def _hash_of_rest(handle: Any) -> bytes:
    found = blake3()
    while data := handle.read(_HASHED_AT_ONCE):
        found.update(data)
    return found.digest()


def _header(handle: Any) -> ShardHeader:
    handle.seek(_HASH)
    (length,) = _LENGTH.unpack(handle.read(_LENGTH.size))
    data = json.loads(handle.read(length))
    blocks = bytes.fromhex(data["blocks"])
    varying = np.unpackbits(np.frombuffer(bytes.fromhex(data["varying"]), np.uint8), count=data["rows"]).astype(bool)
    return ShardHeader(
        data["first"],
        data["count"],
        tuple(blocks[at : at + _HASH] for at in range(0, len(blocks), _HASH)),
        data["checks"],
        varying,
        data["exact"],
        _HASH + _LENGTH.size + length,
    )


class ShardStore:
    """The portions of a run in ``folder``. ``rows`` names all rows, of which the first ``exact`` are kept in full.

    Portion number k holds paths from ``k * shard_paths`` on; only the last one may be shorter.
    """

    def __init__(self, folder: Path, rows: Sequence[str], exact: int, shard_paths: int = SHARD_PATHS) -> None:
        if shard_paths <= 0 or shard_paths % LANES:
            raise ValueError(f"a shard holds a multiple of {LANES} paths, not {shard_paths}")
        self.folder = folder
        self.rows = tuple(rows)
        self.exact = exact
        self.shard_paths = shard_paths
        folder.mkdir(parents=True, exist_ok=True)
        self._headers: dict[int, ShardHeader] = {}
        self._whole: set[int] = set()

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
        partial = self.file(number).with_suffix(".part")
        try:
            partial.write_bytes(data)
            partial.replace(self.file(number))
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        self._headers.pop(number, None)
        self._whole.add(number)

    def holds(self, number: int, paths: int) -> bool:
        """Whether the portion is there, for as many paths. Raises SpoiltShard where its hash is not its own."""
        if number not in self._whole:
            try:
                with self.file(number).open("rb") as handle:
                    recorded = handle.read(_HASH)
                    if _hash_of_rest(handle) != recorded:
                        raise SpoiltShard(str(self.file(number)))
            except FileNotFoundError:
                return False
            self._whole.add(number)
        header = self.header(number)
        known = header.exact == self.exact and header.exact + len(header.varying) == len(self.rows)
        return known and (header.first, header.count) == (number * self.shard_paths, self.count_of(number, paths))

    def header(self, number: int) -> ShardHeader:
        """What is known of a portion besides its numbers."""
        if number not in self._headers:
            with self.file(number).open("rb") as handle:
                self._headers[number] = _header(handle)
        return self._headers[number]

    def blocks(self, paths: int) -> Iterator[bytes]:
        """Hashes of all blocks in the order of paths."""
        for number in self.numbers(paths):
            yield from self.header(number).blocks

    def portions_of_rows(self, paths: int, readers: int = 1) -> tuple[range, ...]:
        """All rows in order, as many at a time as each of so many threads reads at once."""
        step = max(1, max(_AT_ONCE // readers, _LEAST) // (8 * paths))
        return tuple(range(first, min(first + step, len(self.rows))) for first in range(0, len(self.rows), step))

    def read(self, first: int, last: int, paths: int, room: Floats | None = None) -> Floats:
        """Rows ``first`` to ``last`` (excluded) as [rows, paths], in ``room`` [rows or more, paths] if it is given."""
        values = np.empty((last - first, paths)) if room is None else room[: last - first]
        border = min(max(first, self.exact), last)
        for number in self.numbers(paths):
            header, start = self.header(number), number * self.shard_paths
            with self.file(number).open("rb") as handle:
                if first < border:
                    kept = _read(handle, header.exact_at(first), "<f8", (border - first, header.count))
                    values[: border - first, start : start + header.count] = kept
                if border < last:
                    rows = values[border - first :]
                    _read_others(handle, header, border - self.exact, last - self.exact, rows, start)
        return values


def _read(handle: Any, at: int, kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Numbers of the ``kind`` from byte ``at`` of the file on. Raises SpoiltShard where the file ends before."""
    numbers = np.empty(shape, kind)
    handle.seek(at)
    if handle.readinto(numbers.reshape(-1).view(np.uint8)) != numbers.nbytes:
        raise SpoiltShard(handle.name)
    return numbers


def _read_others(handle: Any, header: ShardHeader, first: int, last: int, values: Floats, start: int) -> None:
    """Rows ``first`` to ``last`` of those that are not kept in full, to ``values`` from path ``start`` on."""
    varying = header.varying[first:last]
    constants = _read(handle, header.constants_at + first * 8, "<f8", (last - first,))
    same = np.flatnonzero(~varying)
    values[same, start : start + header.count] = constants[same, None]
    targets = np.flatnonzero(varying)
    at = header.varying_at(int(header.varying[:first].sum()))
    lengthen_to(values, targets, start, _read(handle, at, "<f4", (len(targets), header.count)))
