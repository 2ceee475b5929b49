"""What is said of a row of simulated values: mean, spread, percentiles, and how sure each of them is."""

from __future__ import annotations

import math
import queue
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from alatau_finance.simulation.findings import PERCENTILES, RowSummary
from alatau_finance.simulation.narrow_summary import summarise_narrowed
from alatau_finance.simulation.order import moments, order_statistics
from alatau_finance.simulation.pairs import pair_error, share_error
from alatau_finance.simulation.row_summary import nothing_known, places_among, row_summary, wanted_ranks
from alatau_finance.simulation.shards import ShardStore
from alatau_finance.simulation.undefined import Undefined, count_undefined
from alatau_finance.simulation.workers import thread_count, workers


def summarise_row(name: str, values: NDArray[np.float64], *, pairs: bool = False) -> RowSummary:
    """Statistics of ``values`` [paths]; ``pairs``: paths 2k and 2k + 1 are antithetic."""
    known, reasons = np.ascontiguousarray(values), Undefined()
    found = moments(known)
    if math.isnan(found[0]):
        known, reasons = known[np.isfinite(known)], count_undefined(values)
        if not len(known):
            return nothing_known(name, reasons)
        found = moments(known)
    mean, _, low, high = found
    ordered = order_statistics(known, low, high, wanted_ranks(len(known)))
    summary = row_summary(name, len(known), reasons, found, ordered)
    if not pairs:
        return summary
    errors = _errors_of_pairs(values, known, (low, high), summary.percentiles)
    return replace(summary, standard_error=pair_error(values, mean), percentile_errors=tuple(errors))


def _errors_of_pairs(
    values: NDArray[np.float64], known: NDArray[np.float64], ends: tuple[float, float], percentiles: Sequence[float]
) -> list[float]:
    """Standard errors of percentiles, the share of paths below each having the standard error of pairs."""
    shares = np.array(PERCENTILES) / 100
    width = np.array([share_error(values, percentile) for percentile in percentiles])
    ends_of_shares = np.concatenate([np.maximum(0.0, shares - width), np.minimum(1.0, shares + width)])
    places = places_among(len(known), ends_of_shares)
    below, above = places.values(order_statistics(known, *ends, places.ranks)).reshape(2, -1)
    return list[float]((0.5 * (above - below)).tolist())


def summarise(store: ShardStore, paths: int, *, pairs: bool = False) -> Iterator[RowSummary]:
    """Statistics of every row of the first ``paths`` paths, in order; ``pairs`` as in :func:`summarise_row`.

    Raises BracketMissed where portions do not keep what is asked of them.
    """
    if store.brackets is None:
        yield from _summarise_whole(store, len(store.rows), paths, pairs=pairs)
    else:
        yield from _summarise_whole(store, store.exact, paths, pairs=pairs)
        yield from summarise_narrowed(store, store.brackets, paths)


def _summarise_whole(store: ShardStore, rows: int, paths: int, *, pairs: bool) -> Iterator[RowSummary]:
    """Of the first ``rows`` rows. Whoever summarises rows reads them too, so that no thread waits for another to
    read."""
    readers = thread_count()
    portions, rooms = store.portions_of_rows(rows, paths, readers), queue.SimpleQueue[NDArray[np.float64]]()
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
