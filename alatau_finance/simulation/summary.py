"""What is said of a row of simulated values: mean, spread, percentiles, and how sure each of them is."""

from __future__ import annotations

import math
import queue
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from alatau_finance.simulation.findings import PERCENTILES, RowSummary
from alatau_finance.simulation.order import moments, order_statistics
from alatau_finance.simulation.pairs import pair_error, share_error
from alatau_finance.simulation.shards import ShardStore
from alatau_finance.simulation.undefined import Undefined, count_undefined
from alatau_finance.simulation.workers import thread_count, workers


def summarise_row(name: str, values: NDArray[np.float64], *, pairs: bool = False) -> RowSummary:
    """Statistics of ``values`` [paths]; ``pairs``: paths 2k and 2k + 1 are antithetic."""
    known, reasons = np.ascontiguousarray(values), Undefined()
    mean, squares, low, high = moments(known)
    if math.isnan(mean):
        known, reasons = known[np.isfinite(known)], count_undefined(values)
        if not len(known):
            nothing = (math.nan,) * len(PERCENTILES)
            return RowSummary(name, 0, reasons, *(math.nan,) * 5, nothing, nothing)
        mean, squares, low, high = moments(known)
    count = len(known)
    sd = math.sqrt(squares / (count - 1)) if count > 1 else 0.0
    places = _places(count)
    ordered = order_statistics(known, low, high, [rank for place in places for rank in _neighbours(place, count)])
    at = [_interpolated(ordered, place, count) for place in places]
    ranks, errors = at[::3], [0.5 * (above - below) for below, above in zip(at[1::3], at[2::3], strict=True)]
    error = sd / math.sqrt(count)
    if pairs:
        error, errors = pair_error(values, mean), _errors_of_pairs(values, known, (low, high), ranks)
    return RowSummary(name, count, reasons, mean, sd, error, low, high, tuple(ranks), tuple(errors))


def _errors_of_pairs(
    values: NDArray[np.float64], known: NDArray[np.float64], ends: tuple[float, float], percentiles: Sequence[float]
) -> list[float]:
    """Standard errors of percentiles, the share of paths below each having the standard error of pairs."""
    count, places = len(known), []
    for percent, percentile in zip(PERCENTILES, percentiles, strict=True):
        share, width = percent / 100, share_error(values, percentile)
        places += [each * (count - 1) for each in (max(0.0, share - width), min(1.0, share + width))]
    ordered = order_statistics(known, *ends, [rank for place in places for rank in _neighbours(place, count)])
    at = [_interpolated(ordered, place, count) for place in places]
    return [0.5 * (above - below) for below, above in zip(at[::2], at[1::2], strict=True)]


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


def summarise(store: ShardStore, paths: int, *, pairs: bool = False) -> Iterator[RowSummary]:
    """Statistics of every row of the first ``paths`` paths, in order; ``pairs`` as in :func:`summarise_row`.

    Whoever summarises rows reads them too, so that no thread waits for another to read.
    """
    readers = thread_count()
    portions, rooms = store.portions_of_rows(paths, readers), queue.SimpleQueue[NDArray[np.float64]]()
    for _ in range(readers):
        rooms.put(np.empty((len(portions[0]), paths)))

    def some(rows: range) -> list[RowSummary]:
        room = rooms.get()
        try:
            values = store.read(rows.start, rows.stop, paths, room)
            return [summarise_row(store.rows[row], values[row - rows.start], pairs=pairs) for row in rows]
        finally:
            rooms.put(room)

    with workers() as (executor, _):
        for found in executor.map(some, portions):
            yield from found
