"""What generated kernels call: inputs and rows in and out of memory, and the operators, eight lanes at once.

A row is :data:`TILE` numbers side by side in a flat array. Arrays that kernels share are cut in tiles first and in
periods after, so that what one tile touches lies together: see :func:`alatau_finance.backends.kernel.kernel_source`.
"""

from __future__ import annotations

import math
from typing import Any

from alatau_finance.backends.rates import internal_rate, internal_rate_undefined, internal_rates
from alatau_finance.jit import LANES, TILE, TILES, inline_function, kernel_function
from alatau_finance.lane_bits import any_of, bits_of, lanes_in, smallest_lane
from alatau_finance.memory import flat, further, load, load_either, store
from alatau_finance.risk import normal
from alatau_finance.vectors import (
    absolute,
    divide,
    first_lanes,
    lanes,
    larger_of,
    second_lanes,
    smaller_of,
    square_root,
    where,
)

__all__ = [
    "TILE",
    "TILES",
    "absolute",
    "add_row",
    "add_rows",
    "any_nonzero",
    "differ",
    "divide",
    "exponential",
    "fill",
    "first_lanes",
    "flat",
    "further",
    "internal_rate",
    "internal_rate_undefined",
    "internal_rates",
    "is_negative",
    "kernel_function",
    "lanes",
    "larger_of",
    "load",
    "load_inputs",
    "load_next",
    "load_previous",
    "logarithm",
    "not_finite",
    "not_of_one_length",
    "power",
    "second_lanes",
    "settle",
    "since",
    "smaller_of",
    "sooner",
    "square_root",
    "store",
    "take_series",
    "until",
    "where",
    "within",
    "woken",
]

REPLACE, ADD, MULTIPLY = 0, 1, 2

# Added to a number, it rounds it to a whole one and leaves that in the lowest bits.
_ROUNDER = 1.5 * 2.0**52
_ALL_LANES = 2**TILE - 1


@kernel_function
def load_inputs(
    constants: Any, rows: Any, modes: Any, inputs: int, scalars: Any, work: Any, instance: int, lane: int
) -> None:
    """Fill the first rows of ``work`` for one instance and the tile that begins with ``lane``.

    Each is a constant, or a draw that replaces, adds to or multiplies it.
    """
    for k in range(inputs):
        place = instance * inputs + k
        base, row, mode = constants[place], rows[place], modes[place]
        if row < 0:
            store(work, k * TILE, base)
        else:
            drawn = load(scalars, row * LANES + lane)
            store(work, k * TILE, drawn if mode == REPLACE else (base + drawn if mode == ADD else base * drawn))


@kernel_function
def take_series(
    series: Any, start: int, shared_step: int, columns: Any, count: int, local: Any, local_step: int, periods: int
) -> int:
    """Copy ``columns`` of ``series`` to the first rows of ``local``: the compiler then knows where each stands.

    1 where one of them holds an infinity or no number, else 0.
    """
    strange = 0
    for k in range(count):
        first = start + columns[k] * TILE
        for t in range(periods):
            value = load(series, first + t * shared_step)
            store(local, t * local_step + k * TILE, value)
            strange |= lanes_in(value - value != 0.0)
    return 1 if strange else 0


@inline_function
def load_previous(array: Any, at: int, t: int, work: Any, opening: int) -> Any:
    """The row of the period before, at ``array[at:]``; before the first period the one at ``work[opening:]``."""
    return load_either(t > 0, array, at, work, opening)


@inline_function
def load_next(array: Any, at: int, t: int, periods: int) -> Any:
    """The row of the following period, at ``array[at:]``; 0 after the last period."""
    last = t + 1 >= periods
    return where(last, lanes(0.0), load_either(last, array, 0, array, at))


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


@inline_function
def differ(value: Any, other: Any) -> int:
    """1 where two numbers are not the same in a lane, else 0."""
    found: int = any_of(lanes(value) != lanes(other))
    return found


@kernel_function
def not_finite(work: Any, at: int, rows: int) -> int:
    """1 where one of so many rows from ``work[at:]`` on holds an infinity or no number, else 0."""
    strange = 0
    for k in range(rows):
        value = load(work, at + k * TILE)
        strange |= lanes_in(value - value != 0.0)
    return 1 if strange else 0


@inline_function
def is_negative(value: Any) -> int:
    """1 where a lane is below 0, else 0."""
    found: int = any_of(lanes(value) < 0.0)
    return found


@inline_function
def _near(date: float, calendar: Any, periods: int) -> int:
    """The period in which ``date`` lies or one beside it, as periods are of one length; the nearest one there is."""
    passed = (date - calendar[0]) / calendar[2 * periods]
    return int(min(passed, float(periods))) if passed > 0.0 else 0


@inline_function
def since(calendar: Any, periods: int, date: Any) -> int:
    """The first period that does not end before ``date`` in all lanes; ``periods`` where all do."""
    earliest = smallest_lane(lanes(date))
    t = _near(earliest, calendar, periods)
    while t > 0 and calendar[periods + t - 1] >= earliest:
        t -= 1
    while t < periods and calendar[periods + t] < earliest:
        t += 1
    return t


@inline_function
def until(calendar: Any, periods: int, date: Any) -> int:
    """The first period that starts after ``date`` in all lanes; ``periods`` where none does."""
    latest = -smallest_lane(-lanes(date))
    t = _near(latest, calendar, periods)
    while t > 0 and calendar[t - 1] > latest:
        t -= 1
    while t < periods and calendar[t] <= latest:
        t += 1
    return t


@inline_function
def within(t: int, since: int, until: int) -> bool:
    """Whether period ``t`` is one of those from ``since`` to ``until`` (excluded), of which there may be none."""
    passed = t - since
    return (passed >= 0) & (passed < max(until - since, 0))


# --- periods that are passed over


@kernel_function
def not_of_one_length(calendar: Any, periods: int) -> int:
    """1 where two periods are not of the same length to the last bit, else 0."""
    found = 0
    for t in range(1, periods):
        if calendar[periods + t] - calendar[t] != calendar[periods] - calendar[0]:
            found = 1
    return found


@kernel_function
def settle(marks: Any, row: int, first: int, last: int) -> None:
    """Periods ``first`` to ``last`` (excluded) are like the one before them.

    ``marks[row:]``, from one period before to one after, holds for each period the one in which its loop was what it
    is, counted from 1 on.
    """
    for t in range(first, last):
        marks[row + t + 1] = first


@kernel_function
def woken(marks: Any, row: int, first: int, periods: int) -> int:
    """The first period from ``first`` on in which a loop, marked as :func:`settle` says, is not at rest."""
    t = first
    while t < periods and marks[row + t + 1] != t + 1:
        t += 1
    return t


@inline_function
def sooner(wake: int, t: int, date: int) -> int:
    """``date`` where it lies between period ``t`` and ``wake``, else ``wake``."""
    return date if t < date < wake else wake


@kernel_function
def fill(array: Any, start: int, step: int, first: int, last: int, value: Any) -> None:
    """Write ``value`` to a row of periods ``first`` to ``last`` (excluded)."""
    for t in range(first, last):
        store(array, start + t * step, value)


@kernel_function
def add_rows(array: Any, start: int, step: int, first: int, last: int, row: int, value: Any) -> None:
    """:func:`add_row` in periods ``first`` to ``last`` (excluded)."""
    if row >= 0 and any_nonzero(value) != 0:
        for t in range(first, last):
            add_row(array, start + t * step, row, value)


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
    """:func:`alatau_finance.risk.normal.power`, but for whole ``b`` from 1 to 63: then ``a`` is multiplied by itself.

    That takes a third of the time, and its error does not grow with the logarithm of ``a``.
    """
    a, b = lanes(a), lanes(b)
    whole = (b >= 1.0) & (b < 64.0) & ((b + _ROUNDER) - _ROUNDER == b)
    if not any_of(whole):
        return normal.power(a, b)
    product = _whole_power(a, bits_of(b + _ROUNDER))
    return product if lanes_in(whole) == _ALL_LANES else where(whole, product, normal.power(a, b))


@inline_function
def _whole_power(a: Any, exponent: Any) -> Any:
    """``a`` to the power of the lowest six bits of ``exponent``; no number below 0."""
    product, square = lanes(1.0), where(a < 0.0, math.nan, a)
    for bit in range(6):
        product = where((exponent >> bit) & 1 == 1, product * square, product)
        square = square * square
    return product
