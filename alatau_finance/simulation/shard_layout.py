"""How a portion of paths lies in its file.

BLAKE3 of all that follows, the length of the header, the header as JSON; rows in full as float64; one number for each
other row, that of the portion's first path. Then, of a portion that keeps all values, those of the rows that vary as
float32. Of one that is narrowed, what :mod:`.narrowing` makes of each row: statistics, counts, and the values kept.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from alatau_finance.simulation.narrowing import COUNTS, STATISTICS

#: Bytes of a file that are hashed at once.
_HASHED_AT_ONCE = 1 << 25
HASH = 32
_LENGTH = struct.Struct("<Q")


class SpoiltShard(Exception):
    """A portion is not what was written; it has to be computed again."""


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


@dataclass(frozen=True)
class ShardHeader:
    """What is known of a portion besides its numbers. ``brackets`` is the digest of those by which it was narrowed, or
    empty; ``offset`` is where numbers begin."""

    first: int
    count: int
    blocks: tuple[bytes, ...]
    checks: Mapping[str, Any]
    varying: NDArray[np.bool_]
    exact: int
    brackets: str
    offset: int = 0

    def to_bytes(self) -> bytes:
        """The beginning of a file but for its hash, as :func:`header_in` reads it."""
        data = {
            "first": self.first,
            "count": self.count,
            "exact": self.exact,
            "blocks": b"".join(self.blocks).hex(),
            "varying": np.packbits(self.varying).tobytes().hex(),
            "rows": len(self.varying),
            "brackets": self.brackets,
            "checks": self.checks,
        }
        text = json.dumps(data, separators=(",", ":")).encode()
        # Numbers begin at a multiple of their size.
        text += b" " * (-(HASH + _LENGTH.size + len(text)) % 8)
        return _LENGTH.pack(len(text)) + text

    def exact_at(self, row: int) -> int:
        """Where in the file a row that is kept in full starts."""
        return self.offset + row * self.count * 8

    @property
    def constants_at(self) -> int:
        """Where in the file the numbers of the first path start: one a row, of all rows not kept in full."""
        return self.exact_at(self.exact)

    @property
    def rest_at(self) -> int:
        """Where what follows them starts."""
        return self.constants_at + len(self.varying) * 8

    def varying_at(self, number: int) -> int:
        """Where the ``number``-th row that varies starts, in a portion that keeps all values."""
        return self.rest_at + number * self.count * 4

    @property
    def counts_at(self) -> int:
        """Where counts start, after statistics, in a portion that is narrowed."""
        return self.rest_at + len(self.varying) * STATISTICS * 8

    @property
    def kept_at(self) -> int:
        """Where the values kept start in a portion that is narrowed."""
        return self.counts_at + len(self.varying) * COUNTS * 4


def header_in(handle: Any) -> ShardHeader:
    """The header of a file that is open to be read."""
    handle.seek(HASH)
    (length,) = _LENGTH.unpack(handle.read(_LENGTH.size))
    data = json.loads(handle.read(length))
    blocks = bytes.fromhex(data["blocks"])
    varying = np.unpackbits(np.frombuffer(bytes.fromhex(data["varying"]), np.uint8), count=data["rows"]).astype(bool)
    return ShardHeader(
        data["first"],
        data["count"],
        tuple(blocks[at : at + HASH] for at in range(0, len(blocks), HASH)),
        data["checks"],
        varying,
        data["exact"],
        data["brackets"],
        HASH + _LENGTH.size + length,
    )


def header_of(data: bytes | memoryview) -> ShardHeader:
    """The header of a portion as it is written."""
    (length,) = _LENGTH.unpack_from(data, HASH)
    return header_in(io.BytesIO(data[: HASH + _LENGTH.size + length]))


def sealed(whole: NDArray[np.uint8]) -> memoryview:
    """``whole`` with the hash of what follows it at its beginning."""
    whole[:HASH] = np.frombuffer(blake3(whole[HASH:].data).digest(), np.uint8)
    return whole.data


def hash_of_rest(handle: Any) -> bytes:
    """The hash of a file from where it is read on."""
    found = blake3()
    while data := handle.read(_HASHED_AT_ONCE):
        found.update(data)
    return found.digest()


def numbers_at(handle: Any, at: int, kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Numbers of the ``kind`` from byte ``at`` of a file on. Raises SpoiltShard where the file ends before."""
    numbers = np.empty(shape, kind)
    handle.seek(at)
    if handle.readinto(numbers.reshape(-1).view(np.uint8)) != numbers.nbytes:
        raise SpoiltShard(handle.name)
    return numbers
