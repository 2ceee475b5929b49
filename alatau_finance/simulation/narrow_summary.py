"""Statistics of rows whose portions are narrowed: exact, from moments, counts and the values near percentiles."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alatau_finance.jit import kernel_function
from alatau_finance.simulation.brackets import Brackets
from alatau_finance.simulation.findings import RowSummary
from alatau_finance.simulation.narrowing import BELOW_HIGH, BELOW_LOW, KEPT, REASONS, UP_TO_HIGH, UP_TO_LOW
from alatau_finance.simulation.order import ends, order_statistics
from alatau_finance.simulation.row_summary import nothing_known, row_summary, wanted_ranks
from alatau_finance.simulation.shards import ShardStore
from alatau_finance.simulation.undefined import Undefined
from alatau_finance.simulation.workers import workers

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: What portions keep, where each portion's part of each row begins in that, and which of the rows.
_Kept = tuple[NDArray[np.float32], Integers, int]

#: Values that a thread reads at once.
_AT_ONCE = 1 << 23


class BracketMissed(Exception):
    """A percentile does not lie where the first paths of the run told."""


@dataclass(frozen=True)
class _Totals:
    """Of all portions together: [rows, ..] as in :mod:`.narrowing`, and where each portion keeps values of a row:
    [portions, rows + 1]. ``constant`` [rows]: whether the row is ``constants`` [rows] on all paths."""

    statistics: Floats
    counts: Integers
    places: Integers
    paths: int
    constant: NDArray[np.bool_]
    constants: Floats


def summarise_narrowed(store: ShardStore, brackets: Brackets, paths: int) -> Iterator[RowSummary]:
    """Statistics of every row that is not kept in full, of the first ``paths`` paths, in order.

    Raises BracketMissed where a rank does not lie within ``brackets``.
    """
    totals = _totals(store, paths)

    def some(rows: range) -> list[RowSummary]:
        kept, places = _read(store, totals.places, rows)
        return [_row(store, brackets, totals, row, (kept, places, row - rows.start)) for row in rows]

    with workers() as (executor, _):
        for found in executor.map(some, _portions_of_rows(totals.places)):
            yield from found


def _totals(store: ShardStore, paths: int) -> _Totals:
    numbers = store.numbers(paths)
    first = store.read_narrowed(0)
    statistics, counts = first.statistics.copy(), np.zeros(first.counts.shape, np.int64)
    places = np.zeros((len(numbers), len(counts) + 1), np.int64)
    constant = np.ones(len(counts), bool)
    for number in numbers:
        part = store.read_narrowed(number)
        if number:
            _add(statistics, part.statistics)
        counts += part.counts
        np.cumsum(part.counts[:, KEPT], out=places[number, 1:])
        constant &= ~part.varying & (part.constants.view(np.uint64) == first.constants.view(np.uint64))
    return _Totals(statistics, counts, places, paths, constant, first.constants)


def _add(statistics: Floats, others: Floats) -> None:
    """Put ``others`` on top of ``statistics``, sums with what rounding takes off them."""
    for total in (0, 2):
        for term in (others[:, total + 1], others[:, total]):
            before = statistics[:, total].copy()
            together = before + term
            shadow = together - before
            statistics[:, total] = together
            statistics[:, total + 1] += (before - (together - shadow)) + (term - shadow)
    np.minimum(statistics[:, 4], others[:, 4], out=statistics[:, 4])
    np.maximum(statistics[:, 5], others[:, 5], out=statistics[:, 5])


def _portions_of_rows(places: Integers) -> list[range]:
    """All rows in order, in portions of which no more is kept than a thread reads at once, but of one row."""
    kept = places.sum(axis=0)
    portions, start = list[range](), 0
    for stop in range(1, len(kept)):
        if stop + 1 == len(kept) or kept[stop + 1] - kept[start] > _AT_ONCE:
            portions.append(range(start, stop))
            start = stop
    return portions


def _read(store: ShardStore, places: Integers, rows: range) -> tuple[NDArray[np.float32], Integers]:
    """What all portions keep of ``rows``, and where in that each portion's part of each row begins."""
    own = places[:, rows.start : rows.stop + 1]
    parts = [store.read_kept(number, int(each[0]), int(each[-1])) for number, each in enumerate(own)]
    begin = np.cumsum([0, *(len(part) for part in parts[:-1])])
    return np.concatenate(parts), own - own[:, :1] + begin[:, None]


@kernel_function
def _gather(kept: Any, places: Any, row: int, values: Any) -> None:
    """``values`` of a row from all portions, one after the other."""
    size = 0
    for number in range(places.shape[0]):
        first, count = places[number, row], places[number, row + 1] - places[number, row]
        for k in range(count):
            values[size + k] = np.float64(kept[first + k])
        size += count


def _row(store: ShardStore, brackets: Brackets, totals: _Totals, row: int, kept: _Kept) -> RowSummary:
    """The summary of one row."""
    name, counts = store.rows[store.exact + row], totals.counts[row]
    not_finite, one_sign, several_rates, out_of_reach = counts[:REASONS].tolist()
    reasons = Undefined(one_sign, several_rates, out_of_reach, not_finite)
    known, constant = totals.paths - reasons.total, float(totals.constants[row])
    if totals.constant[row] and math.isfinite(constant):
        ordered = np.full(len(wanted_ranks(totals.paths)), constant)
        return row_summary(name, totals.paths, Undefined(), (constant, 0.0, constant, constant), ordered)
    if not known:
        return nothing_known(name, reasons)
    ordered = _ordered(name, wanted_ranks(known), counts, brackets.lows[row], brackets.highs[row], kept)
    return row_summary(name, known, reasons, _moments(totals.statistics[row], known), ordered)


def _moments(statistics: Floats, known: int) -> tuple[float, float, float, float]:
    """Mean, sum of squared deviations from it, smallest and largest."""
    total, rest, squares, squares_rest, low, high = statistics.tolist()
    if low == high:
        return low, 0.0, low, high
    whole = Fraction(total) + Fraction(rest)
    deviations = Fraction(squares) + Fraction(squares_rest) - whole * whole / known
    return float(whole / known), max(0.0, float(deviations)), low, high


def _ordered(name: str, ranks: Integers, counts: Integers, lows: Floats, highs: Floats, kept: _Kept) -> Floats:
    """The value of each of ``ranks``, in ascending order."""
    found, places = np.empty(len(ranks)), np.empty(len(ranks), np.int64)
    if not _find(ranks, counts, lows, highs, found, places):
        raise BracketMissed(name)
    within = places >= 0
    if within.any():
        values = np.empty(int(counts[KEPT]))
        _gather(*kept, values)
        low, high = float(lows[0]), float(highs[-1])
        if math.isinf(high - low):
            low, high, _ = ends(values)
        found[within] = order_statistics(values, low, high, places[within])
    return found


@kernel_function
def _find(ranks: Any, counts: Any, lows: Any, highs: Any, found: Any, places: Any) -> bool:
    """``found`` of each rank where it is an end of a bracket, else its one of ``places`` in all that is kept, which is
    -1 elsewhere; whether every rank is in a bracket.

    Brackets and what is kept in them are in the same order, so that a place follows from the counts.
    """
    bracket = before = 0
    for number in range(len(ranks)):
        rank = ranks[number]
        while bracket < len(lows) and rank >= counts[UP_TO_HIGH + bracket]:
            # Below the high end are fewer than up to the low one where both ends are one value.
            before += max(counts[BELOW_HIGH + bracket] - counts[UP_TO_LOW + bracket], 0)
            bracket += 1
        if bracket == len(lows) or rank < counts[BELOW_LOW + bracket]:
            return False
        places[number] = -1
        if rank < counts[UP_TO_LOW + bracket]:
            found[number] = lows[bracket]
        elif rank < counts[BELOW_HIGH + bracket]:
            places[number] = before + rank - counts[UP_TO_LOW + bracket]
        else:
            found[number] = highs[bracket]
    return True
