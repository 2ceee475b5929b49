"""Between which values the percentiles of a row will lie, told by the first paths of a long run.

Of a row only its moments and a few order statistics are reported (:mod:`.summary`). Once some ten thousand paths are
known, so is where those order statistics will be, to a few percent of the paths. From then on it is enough to keep the
values that lie there, and to count all others: the order statistics are exact as before. Should one not lie where it
was looked for, that is seen, and the run is computed anew with all values kept.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from alatau_finance.risk.factors import DEFAULT_SAMPLER
from alatau_finance.simulation.findings import PERCENTILES
from alatau_finance.simulation.order import ends, order_statistics

Floats = NDArray[np.float64]

#: Paths that tell brackets, at least; a run of no more keeps all values.
PILOT_PATHS = 1 << 14
#: Samplers whose first paths tell of the others: those of Sobol points, in hundreds of dimensions, do not, and standard
#: errors of antithetic pairs ask for more than order statistics.
SAMPLERS_OF_LIKE_PATHS = (DEFAULT_SAMPLER, "latin_hypercube")
#: Half the width of a bracket in standard deviations of the share of the first paths below a percentile: six for the
#: percentile, which misses once in 500,000,000, and one for the ranks beside it that tell its standard error.
_DEVIATIONS = 6.0 + 1.0
_HASH = 32


@dataclass(frozen=True)
class Brackets:
    """``lows`` and ``highs`` [rows, percentiles]: a percentile of a row is looked for from one to the other.

    ``tied`` [rows, percentiles]: many paths may have the value of an end, so that it may be the percentile itself.
    """

    lows: Floats
    highs: Floats
    tied: NDArray[np.bool_]

    @cached_property
    def digest(self) -> str:
        """The same for the same brackets only."""
        return self.to_bytes()[:_HASH].hex()

    def to_bytes(self) -> bytes:
        """A hash, and what it is of; :meth:`from_bytes` reads it."""
        numbers = np.stack([self.lows, self.highs, self.tied]).astype("<f8").tobytes()
        return hashlib.sha256(numbers).digest() + numbers

    @staticmethod
    def from_bytes(data: bytes) -> Brackets:
        """Raises ValueError where ``data`` are not what was written."""
        if hashlib.sha256(data[_HASH:]).digest() != data[:_HASH]:
            raise ValueError("not the brackets that were written")
        lows, highs, tied = np.frombuffer(data[_HASH:], "<f8").reshape(3, -1, len(PERCENTILES))
        return Brackets(lows, highs, tied != 0.0)


def brackets_of(values: Floats) -> Brackets:
    """Brackets by ``values`` [rows, first paths], as float32 has them; those of a row meet at most in their ends."""
    # [low, next to low, next to high, high]
    bounds = np.array([_bounds(row) for row in values]).reshape(len(values), len(PERCENTILES), 4)
    with np.errstate(over="ignore"):  # beyond 3e38 a value is counted as infinite
        short = bounds.astype(np.float32)
    lows, next_to_low, next_to_high, highs = np.moveaxis(short.astype(np.float64), 2, 0)
    # What a bracket shares with the one below it is looked for there, the end of that one in both.
    shared = lows[:, 1:] < highs[:, :-1]
    lows[:, 1:] = np.where(shared, highs[:, :-1], lows[:, 1:])
    tied = (lows == next_to_low) | (highs == next_to_high) | (lows == highs)
    tied[:, 1:] |= shared
    return Brackets(np.ascontiguousarray(lows), np.ascontiguousarray(highs), tied)


def joined_brackets(parts: Sequence[Brackets]) -> Brackets:
    """Brackets of the rows of all ``parts``."""
    columns = zip(*((part.lows, part.highs, part.tied) for part in parts), strict=True)
    return Brackets(*map(np.concatenate, columns))


def _bounds(values: Floats) -> Floats:
    """[percentiles, 4]: the low end of each bracket, what follows it, what comes before the high end, and that."""
    smallest, largest, finite = ends(values)
    known = values if finite else values[np.isfinite(values)]
    if not finite and len(known):
        smallest, largest, _ = ends(known)
    ranks = _ranks(len(known), _DEVIATIONS)
    # Where the first paths do not reach far enough out, anything further out is kept.
    at = np.concatenate([[-math.inf], order_statistics(known, smallest, largest, ranks.ranks), [math.inf]])
    return np.asarray(at[ranks.positions])


@dataclass(frozen=True)
class _Ranks:
    """``ranks``, ascending, that lie among the values, and where those of each bracket are in them [percentiles, 4],
    counted from 1: before the first is what lies below all values, and after the last what lies above."""

    ranks: NDArray[np.int64]
    positions: NDArray[np.int64]


@cache
def _ranks(count: int, deviations: float) -> _Ranks:
    """Ranks among ``count`` values of the low end of each bracket, of what follows it, of what comes before the high
    end, and of that."""
    shares = np.array(PERCENTILES) / 100
    width = deviations * np.sqrt(shares * (1.0 - shares) * count)
    low = np.maximum(np.floor(shares * (count - 1) - width), -1)
    high = np.minimum(np.ceil(shares * (count - 1) + width), count)
    four = np.stack([low, np.minimum(low + 1, count), np.maximum(high - 1, -1), high], axis=1).astype(np.int64)
    within = np.unique(four[(four >= 0) & (four < count)])
    positions = np.searchsorted(within, four) + 1
    return _Ranks(within, np.where(four < 0, 0, positions))
