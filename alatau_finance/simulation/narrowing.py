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
from alatau_finance.lane_bits import lanes_in, smallest_lane
from alatau_finance.memory import load, store
from alatau_finance.simulation.findings import PERCENTILES
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
    bits: Any,
    count: int,
    constants: Any,
    constant_bits: Any,
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

    ``blocks`` [block, row, path of a block] as float32 and ``bits`` the same as whole numbers, ``count`` paths in all;
    rows that are not ``varying`` are not read, every path has their one of ``constants`` (float32 too). NaN of reason k
    has the bits ``first_reason + k``. ``lows``, ``highs`` and ``tied`` are those of :class:`.brackets.Brackets`.
    ``kept`` has room for all values and one more.
    """
    values = np.empty(-(-count // TILE) * TILE)
    inside = np.empty(len(values) // TILE, np.int64)
    size = 0
    for row in range(len(constants)):
        counts[row, :] = 0
        if varying[row]:
            different = count
            if _joined(blocks, row, count, values):
                _count_missing(bits, row, count, first_reason, values, counts)
        else:
            different, values[0] = 1, np.float64(constants[row])
            if not abs(values[0]) < math.inf:
                counts[row, _reason(constant_bits[row], first_reason)] = 1
                values[0] = math.nan
        tiles = -(-different // TILE)
        values[different : tiles * TILE] = math.nan
        _summed(values, tiles, statistics, row)
        _placed(values, tiles, lows, highs, tied, counts, row, inside)
        start, size = size, _keep(values, tiles, inside, kept, size)
        if different < count:
            _repeat(count, statistics, counts, row)
            if size > start:
                kept[start : start + count] = constants[row]
                size = start + count
        counts[row, KEPT] = size - start
    return size


@inline_function
def _placed(values: Any, tiles: int, lows: Any, highs: Any, tied: Any, counts: Any, row: int, inside: Any) -> None:
    """Count values by where they lie to all brackets, and mark in ``inside`` [tiles] the lanes strictly within any."""
    inside[:tiles] = 0
    for bracket in range(lows.shape[1]):
        low, high = lows[row, bracket], highs[row, bracket]
        _compared(values, tiles, low, high, counts, row, bracket, inside)
        if tied[row, bracket]:
            _count_ends(values, tiles, low, high, counts, row, bracket)


@inline_function
def _keep(values: Any, tiles: int, inside: Any, kept: Any, size: int) -> int:
    """Put what is ``inside`` to ``kept``, which has ``size`` values so far; how many it has then."""
    for tile in range(tiles):
        if inside[tile]:
            for lane in range(TILE):
                kept[size] = np.float32(values[tile * TILE + lane])
                size += (inside[tile] >> lane) & 1
    return size


@inline_function
def _joined(blocks: Any, row: int, count: int, values: Any) -> bool:
    """A row's values one after the other; whether any is not finite."""
    width, missing = blocks.shape[2], False
    for block in range(blocks.shape[0]):
        start = block * width
        for k in range(min(width, count - start)):
            value = np.float64(blocks[block, row, k])
            values[start + k] = value
            missing |= value - value != 0.0
    return missing


@inline_function
def _reason(bits: Any, first_reason: int) -> int:
    """Why a value does not exist, as a number; 0 where it is infinite."""
    reason: Any = np.int64(bits) - first_reason
    return reason if 0 < reason < REASONS else 0


@inline_function
def _count_missing(bits: Any, row: int, count: int, first_reason: int, values: Any, counts: Any) -> None:
    """Count what does not exist by reason, and leave NaN in its place, which no comparison holds for."""
    width = bits.shape[2]
    for k in range(count):
        if not abs(values[k]) < math.inf:
            counts[row, _reason(bits[k // width, row, k % width], first_reason)] += 1
            values[k] = math.nan


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


@inline_function
def _compared(
    values: Any, tiles: int, low: float, high: float, counts: Any, row: int, bracket: int, inside: Any
) -> None:
    """Count values up to a bracket's low end and below its high end, and mark in ``inside`` [tiles] the lanes strictly
    within it."""
    up_to_low = below_high = lanes(0.0)
    for tile in range(tiles):
        value = load(values, tile * TILE)
        up_to_low = where(value <= low, up_to_low + 1.0, up_to_low)
        below_high = where(value < high, below_high + 1.0, below_high)
        inside[tile] |= lanes_in((value > low) & (value < high))
    counts[row, BELOW_LOW + bracket] = counts[row, UP_TO_LOW + bracket] = _counted(up_to_low)
    counts[row, BELOW_HIGH + bracket] = counts[row, UP_TO_HIGH + bracket] = _counted(below_high)


@inline_function
def _count_ends(values: Any, tiles: int, low: float, high: float, counts: Any, row: int, bracket: int) -> None:
    """Count values below a bracket's low end and up to its high end, where many may be one of these."""
    below_low = up_to_high = lanes(0.0)
    for tile in range(tiles):
        value = load(values, tile * TILE)
        below_low = where(value < low, below_low + 1.0, below_low)
        up_to_high = where(value <= high, up_to_high + 1.0, up_to_high)
    counts[row, BELOW_LOW + bracket] = _counted(below_low)
    counts[row, UP_TO_HIGH + bracket] = _counted(up_to_high)


@inline_function
def _counted(by_lane: Any) -> int:
    parts = np.empty(TILE)
    store(parts, 0, by_lane)
    return int(parts.sum())
