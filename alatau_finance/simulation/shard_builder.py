"""A portion of paths as it grows, and as it is written: with all its values, or narrowed to what brackets ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alatau_finance.jit import LANES
from alatau_finance.simulation.brackets import Brackets
from alatau_finance.simulation.digest import block_hashes
from alatau_finance.simulation.narrowing import COUNTS, STATISTICS, narrow_rows
from alatau_finance.simulation.rows import find_varying, join_rows, lengthen, shorten
from alatau_finance.simulation.shard_layout import HASH, Room, ShardHeader, header_of, sealed
from alatau_finance.simulation.undefined import REASON_BITS

Floats = NDArray[np.float64]
Shorts = NDArray[np.float32]

#: Paths of a portion: 32 blocks. Some 40 MB while they are computed, half a minute of work that an interruption costs.
SHARD_PATHS = 32 * LANES
_FIRST_REASON = 0x7FC00000
#: NaN in float32 by reason: as in float64, the reason is in the lowest bits.
_SHORT_REASONS = np.uint32(_FIRST_REASON) + np.arange(len(REASON_BITS), dtype=np.uint32)


def shorten_to(short: Shorts, values: Floats) -> None:
    """``values`` [rows, paths] to seven digits in ``short``; what is no number keeps its reason."""
    shorten(values, values.view(np.uint64), short, short.view(np.uint32), REASON_BITS, _SHORT_REASONS)


def lengthen_to(values: Floats, targets: NDArray[np.int64], start: int, short: Shorts) -> None:
    """The float64 numbers that numbers of :func:`shorten_to` stand for: ``short`` [rows, paths] to rows ``targets`` of
    ``values``, from path ``start`` on."""
    bits = values.view(np.uint64)
    lengthen(short, short.view(np.uint32), targets, start, values, bits, REASON_BITS, _SHORT_REASONS)


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

    def finish(self, first: int, checks: Mapping[str, Any], room: Room, brackets: Brackets | None = None) -> memoryview:
        """The portion from path ``first`` on as :mod:`.shard_layout` tells, narrowed where ``brackets`` are given.

        It lies in ``room`` until that takes the next.
        """
        exact = self._exact[:, : self._count]
        header = ShardHeader(first, self._count, tuple(self._hashes), checks, self._varying, len(exact), "")
        if brackets is not None:
            places = np.arange(len(self._first))
            return _narrowed(header, exact, self._first, (self._short, places), brackets, room)
        chosen = np.flatnonzero(self._varying)
        whole, header = _begun(header, exact, self._first, len(chosen) * self._count * 4, room)
        join_rows(self._short, chosen, whole[header.rest_at :].view("<f4").reshape(len(chosen), self._count))
        return sealed(whole)


def encode_shard(first: int, values: Floats, exact: int, checks: Mapping[str, Any]) -> memoryview:
    """``values`` [rows, paths] of paths from ``first`` on as a portion is written, ``exact`` rows in full."""
    builder = ShardBuilder(len(values), exact, values.shape[1])
    for start in range(0, values.shape[1], LANES):
        builder.add(values[:, start : start + LANES])
    return builder.finish(first, checks, Room())


def narrowed(data: bytes | memoryview, brackets: Brackets, room: Room) -> bytes | memoryview:
    """A portion as it would have been written with ``brackets``; itself where it was. It lies in ``room``."""
    header = header_of(data)
    if header.brackets:
        return data
    whole = np.frombuffer(data, np.uint8)
    exact = whole[header.offset : header.constants_at].view("<f8").reshape(header.exact, header.count)
    constants = whole[header.constants_at : header.rest_at].view("<f8")
    rows = whole[header.rest_at :].view("<f4").reshape(1, -1, header.count)
    return _narrowed(header, exact, constants, (rows, np.cumsum(header.varying) - 1), brackets, room)


def _narrowed(
    header: ShardHeader,
    exact: Floats,
    constants: Floats,
    varying: tuple[Shorts, NDArray[np.int64]],
    brackets: Brackets,
    room: Room,
) -> memoryview:
    """``varying``: values [block, place, path of a block], and the place there of each row, if it varies."""
    blocks, places = varying[0].view(), varying[1]
    # Bytes cannot be written to: to numba that is another type, for which it would compile anew.
    blocks.flags.writeable = False
    rows, header = len(constants), replace(header, brackets=brackets.digest)
    most = rows * (STATISTICS * 8 + COUNTS * 4 + header.count * 4) + 4
    whole, header = _begun(header, exact, constants, most, room)
    short = np.empty((rows, 1), "<f4")
    shorten_to(short, constants[:, None])
    kept = narrow_rows(
        blocks,
        places,
        header.count,
        short[:, 0],
        header.varying,
        brackets.lows,
        brackets.highs,
        brackets.tied,
        _FIRST_REASON,
        whole[header.rest_at : header.counts_at].view("<f8").reshape(rows, STATISTICS),
        whole[header.counts_at : header.kept_at].view("<i4").reshape(rows, COUNTS),
        whole[header.kept_at :].view("<f4"),
    )
    return sealed(whole[: header.kept_at + kept * 4])


def _begun(
    header: ShardHeader, exact: Floats, constants: Floats, rest: int, room: Room
) -> tuple[NDArray[np.uint8], ShardHeader]:
    """A portion up to the numbers of its first path, in one piece with ``rest`` bytes for what follows, as it may be
    some 40 MB; and its header, which knows now where they are."""
    beginning = header.to_bytes()
    header = replace(header, offset=HASH + len(beginning))
    whole = room.of(header.rest_at + rest)
    whole[HASH : header.offset] = np.frombuffer(beginning, np.uint8)
    whole[header.offset : header.constants_at].view("<f8").reshape(exact.shape)[...] = exact
    whole[header.constants_at : header.rest_at].view("<f8")[...] = constants
    return whole, header
