"""What is kept of a row of one portion of paths once brackets are known: moments, counts, and the values in brackets.

``statistics`` [rows, 6]: the sum of values and what rounding took off it, the same of their squares, the smallest and
the largest. ``counts`` [rows, :data:`COUNTS`]: values that do not exist by reason; for each bracket values below its
low end and up to that, below its high end and up to that; and how many lie strictly within any bracket. Those are kept,
and no others: a value at an end of a bracket is told by the counts, as many paths may have it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from alatau_finance.backends.functions import UNDEFINED_RATES
from alatau_finance.jit import TILE, inline_function, kernel_function
from alatau_finance.lane_bits import smallest_lane
from alatau_finance.memory import load
from alatau_finance.simulation.findings import PERCENTILES
from alatau_finance.simulation.rows import join_row
from alatau_finance.sums import added, over_lanes
from alatau_finance.vectors import lanes, larger_of, smaller_of, where

STATISTICS = 6
#: Reasons why there is no value: none is known, or one of those of a rate of return.
REASONS = len(UNDEFINED_RATES)
_BRACKETS = len(PERCENTILES)
#: Where the counts of each bracket begin.
BELOW_LOW, UP_TO_LOW, BELOW_HIGH, UP_TO_HIGH = (REASONS + k * _BRACKETS for k in range(4))
KEPT = REASONS + 4 * _BRACKETS
COUNTS = KEPT + 1


@kernel_function
def narrow_rows(
    blocks: Any,
    places: Any,
    count: int,
    constants: Any,
    varying: Any,
    lows: Any,
    highs: Any,
    tied: Any,
    first_reason: int,
    statistics: Any,
    counts: Any,
    kept: Any,
) -> int:
    """Fill ``statistics``, ``counts`` and ``kept`` [values], row after row; how many values are kept.

    ``blocks`` [block, place, path of a block] as float32, ``count`` paths in all, have each row that is ``varying`` at
    its one of ``places``; of others every path has their one of ``constants`` (float32 too). NaN of reason k has the
    bits ``first_reason + k``. ``lows``, ``highs`` and ``tied`` are those of :class:`.brackets.Brackets`. ``kept`` has
    room for all values and one more.
    """
    short = np.empty(count, np.float32)
    inside = np.empty(count, np.uint8)
    values = np.empty(-(-count // TILE) * TILE)
    size = 0
    for row in range(len(constants)):
        counts[row, :] = 0
        if varying[row]:
            different = count
            join_row(blocks, places[row], short)
        else:
            different, short[0] = 1, constants[row]
        if _lengthened(short, different, values):
            _set_missing_aside(short, different, first_reason, row, counts)
            _lengthened(short, different, values)
        _summed(values, -(-different // TILE), statistics, row)
        _placed(short, different, lows, highs, tied, row, counts, inside)
        start, size = size, _keep(short, different, inside, kept, size)
        if different < count:
            _repeat(count, statistics, counts, row)
            if size > start:
                kept[start : start + count] = constants[row]
                size = start + count
        counts[row, KEPT] = size - start
    return size


@inline_function
def _lengthened(short: Any, count: int, values: Any) -> bool:
    """The first ``count`` of ``short`` as float64, and NaN to the end of a tile; whether any is not finite."""
    missing = False
    for k in range(count):
        value = np.float64(short[k])
        values[k] = value
        missing |= value - value != 0.0
    values[count : -(-count // TILE) * TILE] = math.nan
    return missing


@inline_function
def _set_missing_aside(short: Any, count: int, first_reason: int, row: int, counts: Any) -> None:
    """Count what does not exist by reason, and leave NaN in its place, which no comparison holds for; what is infinite
    has no reason."""
    bits = short.view(np.uint32)
    for k in range(count):
        if not abs(short[k]) < math.inf:
            reason: Any = np.int64(bits[k]) - first_reason
            counts[row, reason if 0 < reason < REASONS else 0] += 1
            short[k] = math.nan


@inline_function
def _summed(values: Any, tiles: int, statistics: Any, row: int) -> None:
    """Sums of values and of squares, each with what rounding took off it, and the ends; squares of float32 are exact
    in float64."""
    total = rest = squares = squares_rest = lanes(0.0)
    low, high = lanes(math.inf), lanes(-math.inf)
    for tile in range(tiles):
        value = load(values, tile * TILE)
        known = where(value == value, value, 0.0)
        total, rest = added(total, rest, known)
        squares, squares_rest = added(squares, squares_rest, known * known)
        low, high = smaller_of(value, low), larger_of(value, high)
    statistics[row, 0], statistics[row, 1] = over_lanes(total, rest)
    statistics[row, 2], statistics[row, 3] = over_lanes(squares, squares_rest)
    statistics[row, 4], statistics[row, 5] = smallest_lane(low), -smallest_lane(-high)


@inline_function
def _placed(short: Any, count: int, lows: Any, highs: Any, tied: Any, row: int, counts: Any, inside: Any) -> None:
    """Count values by where they lie to all brackets, and mark in ``inside`` [paths] those strictly within any."""
    inside[:count] = 0
    for bracket in range(_BRACKETS):
        # Ends are float32 too, so that they may be compared as such.
        low, high = np.float32(lows[row, bracket]), np.float32(highs[row, bracket])
        up_to_low, below_high = _compared(short, count, low, high, inside)
        below_low, up_to_high = up_to_low, below_high
        if tied[row, bracket]:
            below_low, up_to_high = _compared_with_ends(short, count, low, high)
        counts[row, BELOW_LOW + bracket], counts[row, UP_TO_LOW + bracket] = below_low, up_to_low
        counts[row, BELOW_HIGH + bracket], counts[row, UP_TO_HIGH + bracket] = below_high, up_to_high


@inline_function
def _compared(short: Any, count: int, low: Any, high: Any, inside: Any) -> tuple[int, int]:
    """How many values are up to a bracket's low end, and below its high end; those strictly within it are marked."""
    up_to_low: Any = np.int32(0)
    below_high: Any = np.int32(0)
    for k in range(count):
        value = short[k]
        up_to_low = np.int32(up_to_low + (value <= low))
        below_high = np.int32(below_high + (value < high))
        inside[k] |= (value > low) & (value < high)
    return up_to_low, below_high


@inline_function
def _compared_with_ends(short: Any, count: int, low: Any, high: Any) -> tuple[int, int]:
    """How many values are below a bracket's low end, and up to its high end, where many may be one of these."""
    below_low: Any = np.int32(0)
    up_to_high: Any = np.int32(0)
    for k in range(count):
        below_low = np.int32(below_low + (short[k] < low))
        up_to_high = np.int32(up_to_high + (short[k] <= high))
    return below_low, up_to_high


@inline_function
def _keep(short: Any, count: int, inside: Any, kept: Any, size: int) -> int:
    """Put what is ``inside`` to ``kept``, which has ``size`` values so far; how many it has then."""
    for k in range(count):
        kept[size] = short[k]
        size += inside[k]
    return size


@inline_function
def _repeat(count: int, statistics: Any, counts: Any, row: int) -> None:
    """Make of what is known of one value what is known of ``count`` that are the same. The sum of float32 is exact;
    that of squares is put together from powers of two of them, which are."""
    for number in range(counts.shape[1]):
        counts[row, number] *= count
    statistics[row, 0] *= count
    square, total, rest, left = statistics[row, 2], 0.0, 0.0, count
    while left:
        if left & 1:
            total, rest = added(total, rest, square)
        square, left = square + square, left >> 1
    statistics[row, 2], statistics[row, 3] = total, rest
