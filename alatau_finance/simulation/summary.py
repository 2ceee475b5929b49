"""What is said of a row of simulated values: mean, spread, percentiles, and how sure each of them is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from alatau_finance.simulation.order import moments, order_statistics
from alatau_finance.simulation.shards import ShardStore
from alatau_finance.simulation.undefined import Undefined, count_undefined
from alatau_finance.simulation.workers import workers

PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)


@dataclass(frozen=True)
class RowSummary:
    """Statistics of one row over paths; values that are no finite numbers are left out and counted by reason.

    ``standard_error`` is that of the mean (of a probability, where the row is a 0/1 flag); ``percentile_errors`` come
    from order statistics: half the distance between the values one binomial standard deviation of ranks below and
    above.
    """

    name: str
    paths: int
    reasons: Undefined
    mean: float
    sd: float
    standard_error: float
    minimum: float
    maximum: float
    percentiles: tuple[float, ...]
    percentile_errors: tuple[float, ...]

    @property
    def undefined(self) -> int:
        """On how many paths there is no value, whatever the reason."""
        return self.reasons.total

    def percentile(self, percent: int) -> float:
        """One of the percentiles 1, 5, 10, 25, 50, 75, 90, 95, 99."""
        return self.percentiles[PERCENTILES.index(percent)]


def summarise_row(name: str, values: NDArray[np.float64]) -> RowSummary:
    """Statistics of ``values`` [paths]."""
    finite = np.isfinite(values)
    known = np.ascontiguousarray(values) if finite.all() else values[finite]
    count, reasons = len(known), count_undefined(values)
    if not count:
        nothing = (math.nan,) * len(PERCENTILES)
        return RowSummary(name, 0, reasons, *(math.nan,) * 5, nothing, nothing)
    mean, squares, low, high = moments(known)
    sd = math.sqrt(squares / (count - 1)) if count > 1 else 0.0
    places = _places(count)
    ordered = order_statistics(known, low, high, [rank for place in places for rank in _neighbours(place, count)])
    at = [_interpolated(ordered, place, count) for place in places]
    ranks, errors = at[::3], [0.5 * (above - below) for below, above in zip(at[1::3], at[2::3], strict=True)]
    return RowSummary(name, count, reasons, mean, sd, sd / math.sqrt(count), low, high, tuple(ranks), tuple(errors))


@cache
def _places(count: int) -> tuple[float, ...]:
    """For each percentile its place among ``count`` ordered values, then those one standard deviation of ranks off."""
    found: list[float] = []
    for percent in PERCENTILES:
        share = percent / 100
        width = math.sqrt(share * (1 - share) / count)
        found += [each * (count - 1) for each in (share, max(0.0, share - width), min(1.0, share + width))]
    return tuple(found)


def _neighbours(place: float, count: int) -> tuple[int, int]:
    """The ranks between which ``place`` lies."""
    low = math.floor(place)
    return low, min(low + 1, count - 1)


def _interpolated(ordered: Mapping[int, float], place: float, count: int) -> float:
    """Linear interpolation between order statistics (Hyndman and Fan's type 7, as numpy's default)."""
    low, high = _neighbours(place, count)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def summarise(store: ShardStore, paths: int) -> Iterator[RowSummary]:
    """Statistics of every row of the first ``paths`` paths, in order."""
    with workers() as (executor, _):
        for first, values in store.chunks(paths):
            yield from executor.map(summarise_row, store.rows[first : first + len(values)], values)
