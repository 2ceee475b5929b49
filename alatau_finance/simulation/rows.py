"""Rows of a block of paths as they are kept, each made in one pass over what the kernels of the models hand back."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alatau_finance.backends.lanes import ADD, REPLACE
from alatau_finance.jit import LANES, TILE, inline_function, kernel_function
from alatau_finance.memory import load, store
from alatau_finance.simulation.undefined import REASON_BITS
from alatau_finance.vectors import where

_SUM, _END, _MAX = range(3)
#: What a budget year makes of a line's periods, as a number for :func:`years_of_periods`.
HOW = MappingProxyType({"sum": _SUM, "end": _END, "max": _MAX})


@kernel_function
def begin_series(
    first_tile: int, shocks: Any, numbers: Any, bases: Any, modes: Any, columns: Any, gathered: int, series: Any
) -> None:
    """What ``series`` [tiles from the first, periods, columns, 8] hold before any model is run.

    Column ``columns[k]`` is ``bases[k]`` [periods] with shock ``numbers[k]`` of ``shocks`` [periods, shocks, 64] in its
    place, added or multiplied, by ``modes[k]`` as in :mod:`alatau_finance.backends.lanes`; columns from ``gathered`` on
    are 0.
    """
    target, source = series.reshape(series.size), shocks.reshape(shocks.size)
    tiles, periods, width = series.shape[0], series.shape[1], series.shape[2]
    for tile in range(tiles):
        for t in range(periods):
            at, drawn_at = (tile * periods + t) * width * TILE, t * shocks.shape[1] * LANES + (first_tile + tile) * TILE
            for k in range(len(columns)):
                drawn, base = load(source, drawn_at + numbers[k] * LANES), bases[k, t]
                value = drawn if modes[k] == REPLACE else (base + drawn if modes[k] == ADD else base * drawn)
                store(target, at + columns[k] * TILE, value)
            for column in range(gathered, width):
                store(target, at + column * TILE, 0.0)


@kernel_function
def years_of_periods(first_tile: int, exports: Any, how: Any, periods_per_year: int, rows: Any) -> None:
    """``exports`` [tiles from the first, periods, lines, 8 lanes] to ``rows`` [lines * years, 64]: by ``how`` [lines]
    added in their order, the last, or the largest of a year's periods; no number where one of these is none."""
    periods, lines = exports.shape[1], exports.shape[2]
    years, step = periods // periods_per_year, lines * TILE
    source, target = exports.reshape(exports.size), rows.reshape(rows.size)
    for tile in range(exports.shape[0]):
        for year in range(years):
            for line in range(lines):
                at = ((tile * periods + year * periods_per_year) * lines + line) * TILE
                value = load(source, at)
                for t in range(1, periods_per_year):
                    other = load(source, at + t * step)
                    if how[line] == _SUM:
                        value = value + other
                    elif how[line] == _END:
                        value = other
                    else:
                        value = where((value > other) | (value != value), value, other)
                store(target, (line * years + year) * LANES + (first_tile + tile) * TILE, value)


@kernel_function
def shorten(values: Any, bits: Any, short: Any, short_bits: Any, reasons: Any, short_reasons: Any) -> None:
    """``values`` [rows, paths] to seven digits in ``short`` [rows, paths]; what is no number keeps its reason.

    ``bits`` and ``short_bits`` are those of both as whole numbers; ``reasons`` those of NaN in float64, the first for
    none, and ``short_reasons`` in float32. Beyond 3e38 a number is as good as infinite, and is counted so.
    """
    for row in range(values.shape[0]):
        missing = False
        for path in range(values.shape[1]):
            short[row, path] = np.float32(values[row, path])
            missing |= values[row, path] != values[row, path]
        if missing:
            for path in range(values.shape[1]):
                if values[row, path] != values[row, path]:
                    known = 0
                    for reason in range(len(reasons)):
                        known = reason if bits[row, path] == reasons[reason] else known
                    short_bits[row, path] = short_reasons[known]


@kernel_function
def lengthen(
    short: Any, short_bits: Any, targets: Any, start: int, values: Any, bits: Any, reasons: Any, short_reasons: Any
) -> None:
    """The reverse of :func:`shorten`: ``short`` [rows, paths] to rows ``targets`` of ``values`` [.., all paths], from
    path ``start`` on."""
    for row in range(short.shape[0]):
        missing, target = False, targets[row]
        for path in range(short.shape[1]):
            values[target, start + path] = np.float64(short[row, path])
            missing |= short[row, path] != short[row, path]
        if missing:
            for path in range(short.shape[1]):
                if short[row, path] != short[row, path]:
                    bits[target, start + path] = reasons[short_bits[row, path] - short_reasons[0]]


@kernel_function
def find_varying(bits: Any, first: Any, varying: Any) -> None:
    """Marks in ``varying`` [rows] where ``bits`` [rows, paths] are not all those of ``first`` [rows]."""
    for row in range(bits.shape[0]):
        different = np.uint64(0)
        for path in range(bits.shape[1]):
            different |= bits[row, path] ^ first[row]
        varying[row] |= different != np.uint64(0)


@kernel_function
def join_rows(blocks: Any, chosen: Any, rows: Any) -> None:
    """Rows ``chosen`` of ``blocks`` [block, row, path of a block], from block to block, as ``rows`` [chosen, paths]."""
    for number in range(len(chosen)):
        join_row(blocks, chosen[number], rows[number])


@inline_function
def join_row(blocks: Any, row: int, joined: Any) -> None:
    """One row of ``blocks`` [block, row, path of a block], from block to block, as ``joined`` [paths]."""
    width = blocks.shape[2]
    whole = len(joined) // width
    for block in range(whole):
        for k in range(width):
            joined[block * width + k] = blocks[block, row, k]
    for k in range(len(joined) - whole * width):
        joined[whole * width + k] = blocks[whole, row, k]


def set_one_pattern(values: NDArray[np.float64]) -> None:
    """Give every NaN of ``values`` [rows, paths] the bits of its reason, or of none: processors differ in those that
    they make."""
    _settle_missing(values, values.view(np.uint64), REASON_BITS)


@kernel_function
def _settle_missing(values: Any, bits: Any, reasons: Any) -> None:
    for row in range(values.shape[0]):
        missing = False
        for path in range(values.shape[1]):
            missing |= values[row, path] != values[row, path]
        if missing:
            for path in range(values.shape[1]):
                if values[row, path] != values[row, path]:
                    known = reasons[0]
                    for reason in reasons:
                        known = reason if bits[row, path] == reason else known
                    bits[row, path] = known
