"""What generated kernels call: inputs and rows in and out of memory, and the operators, eight lanes at once.

A row is :data:`TILE` numbers side by side in a flat array. Arrays that kernels share are cut in tiles first and in
periods after, so that what one tile touches lies together: see :func:`alatau_finance.backends.kernel.kernel_source`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from alatau_finance.backends.rates import internal_rate, internal_rate_undefined
from alatau_finance.jit import LANES, TILE, TILES, inline_function, kernel_function
from alatau_finance.risk import normal
from alatau_finance.vectors import (
    absolute,
    any_of,
    divide,
    lanes,
    larger_of,
    load,
    smaller_of,
    square_root,
    store,
    where,
)

__all__ = [
    "TILE",
    "TILES",
    "absolute",
    "add_row",
    "any_nonzero",
    "divide",
    "exponential",
    "flags",
    "flat",
    "internal_rate",
    "internal_rate_undefined",
    "kernel_function",
    "lanes",
    "larger_of",
    "load",
    "load_inputs",
    "load_next",
    "load_previous",
    "logarithm",
    "not_finite",
    "power",
    "smaller_of",
    "square_root",
    "store",
    "take_series",
    "where",
]

REPLACE, ADD, MULTIPLY = 0, 1, 2


@inline_function
def flat(array: Any) -> Any:
    """``array`` in one dimension, without a copy."""
    return array.reshape(array.size)


@kernel_function
def load_inputs(constants: Any, rows: Any, modes: Any, scalars: Any, work: Any, instance: int, tile: int) -> None:
    """Fill the first rows of ``work`` for one instance and tile.

    Each is a constant, or a draw that replaces, adds to or multiplies it.
    """
    for k in range(constants.shape[1]):
        base, row, mode = constants[instance, k], rows[instance, k], modes[instance, k]
        if row < 0:
            store(work, k * TILE, base)
        else:
            drawn = load(scalars, row * LANES + tile * TILE)
            store(work, k * TILE, drawn if mode == REPLACE else (base + drawn if mode == ADD else base * drawn))


@kernel_function
def take_series(
    series: Any, start: int, shared_step: int, columns: Any, local: Any, local_step: int, periods: int
) -> int:
    """Copy ``columns`` of ``series`` to the first rows of ``local``: the compiler then knows where each stands.

    1 where one of them holds an infinity or no number, else 0.
    """
    found = 0
    for t in range(periods):
        for k in range(len(columns)):
            value = load(series, start + t * shared_step + columns[k] * TILE)
            store(local, t * local_step + k * TILE, value)
            found |= any_of(value - value != 0.0)
    return found


@inline_function
def load_previous(array: Any, at: int, t: int, work: Any, opening: int) -> Any:
    """The row of the period before, at ``array[at:]``; before the first period the one at ``work[opening:]``."""
    if t > 0:
        return load(array, at)
    return load(work, opening)


@inline_function
def load_next(array: Any, at: int, t: int, periods: int) -> Any:
    """The row of the following period, at ``array[at:]``; 0 after the last period."""
    if t + 1 < periods:
        return load(array, at)
    return lanes(0.0)


@inline_function
def add_row(array: Any, start: int, row: int, value: Any) -> None:
    """Add ``value`` to a row counted from ``array[start:]``; a negative row means nowhere."""
    if row >= 0:
        store(array, start + row * TILE, load(array, start + row * TILE) + value)


@inline_function
def any_nonzero(value: Any) -> int:
    """1 where a lane is not 0 (or no number), else 0."""
    found: int = any_of(lanes(value) != 0.0)
    return found


@kernel_function
def not_finite(work: Any, at: int, rows: int) -> int:
    """1 where one of so many rows from ``work[at:]`` on holds an infinity or no number, else 0."""
    found = 0
    for k in range(rows):
        value = load(work, at + k * TILE)
        found |= any_of(value - value != 0.0)
    return found


@kernel_function
def flags(periods: int, count: int) -> Any:
    """Room for one flag a period of each of ``count`` lines."""
    return np.zeros((periods, count), np.int64)


@kernel_function
def exponential(a: Any) -> Any:
    """:func:`alatau_finance.risk.normal.exponential`, compiled once and not wherever it is called."""
    return normal.exponential(lanes(a))


@kernel_function
def logarithm(a: Any) -> Any:
    """:func:`alatau_finance.risk.normal.logarithm`, compiled once and not wherever it is called."""
    return normal.logarithm(lanes(a))


@kernel_function
def power(a: Any, b: Any) -> Any:
    """:func:`alatau_finance.risk.normal.power`, compiled once and not wherever it is called."""
    return normal.power(lanes(a), lanes(b))
