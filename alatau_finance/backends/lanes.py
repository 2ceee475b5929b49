"""What generated kernels call: row copies around the lane loop, the operators, and rates of return lane by lane."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from alatau_finance.backends import functions
from alatau_finance.backends.functions import (
    HALVINGS,
    HIGHEST_DISCOUNT,
    ITERATIONS,
    LOWEST_DISCOUNT,
    ROUNDING,
    TOLERANCE,
)
from alatau_finance.jit import LANES, inline_function, kernel_function
from alatau_finance.risk.normal import exponential, logarithm, power

__all__ = [
    "add_row",
    "add_scalar",
    "any_nonzero",
    "by_period",
    "clear",
    "clear_row",
    "copy",
    "divide",
    "exponential",
    "fill",
    "flags",
    "internal_rate_lanes",
    "internal_rate_undefined_lanes",
    "kernel_function",
    "larger_of",
    "load_inputs",
    "load_next",
    "load_row",
    "logarithm",
    "not_finite",
    "power",
    "smaller_of",
    "square_root",
    "store_row",
    "take_series",
]

divide = inline_function(functions.divide)
smaller_of = inline_function(functions.smaller_of)
larger_of = inline_function(functions.larger_of)
square_root = math.sqrt

REPLACE, ADD, MULTIPLY = 0, 1, 2


@kernel_function
def load_inputs(constants: Any, rows: Any, modes: Any, scalars: Any, work: Any, instance: int, count: int) -> None:
    """Fill the first ``count`` rows of ``work`` for one instance.

    Each is a constant, or a draw that replaces, adds to or multiplies it.
    """
    for k in range(count):
        base, row, mode = constants[instance, k], rows[instance, k], modes[instance, k]
        for i in range(LANES):
            work[k * LANES + i] = base
        if row >= 0:
            for i in range(LANES):
                drawn = scalars[row, i]
                work[k * LANES + i] = drawn if mode == REPLACE else (base + drawn if mode == ADD else base * drawn)


@inline_function
def load_row(source: Any, t: int, column: int, work: Any, at: int) -> None:
    """Copy ``source[t, column, :]`` to ``work[at:]``."""
    for i in range(source.shape[2]):
        work[at + i] = source[t, column, i]


@inline_function
def load_next(source: Any, t: int, column: int, work: Any, at: int) -> None:
    """Copy the following period's row, or zeros after the last period."""
    if t + 1 < source.shape[0]:
        load_row(source, t + 1, column, work, at)
    else:
        for i in range(LANES):
            work[at + i] = 0.0


@inline_function
def store_row(target: Any, t: int, column: int, work: Any, at: int) -> None:
    """Copy ``work[at:]`` to ``target[t, column, :]``."""
    for i in range(target.shape[2]):
        target[t, column, i] = work[at + i]


@inline_function
def add_row(target: Any, t: int, column: int, work: Any, at: int) -> None:
    """Add ``work[at:]`` to ``target[t, column, :]``; a negative column means nowhere."""
    if column >= 0:
        for i in range(target.shape[2]):
            target[t, column, i] += work[at + i]


@inline_function
def add_scalar(target: Any, row: int, work: Any, at: int) -> None:
    """Add ``work[at:]`` to ``target[row, :]``; a negative row means nowhere."""
    if row >= 0:
        for i in range(target.shape[1]):
            target[row, i] += work[at + i]


@inline_function
def clear_row(target: Any, t: int, column: int) -> None:
    """Write 0 to ``target[t, column, :]``."""
    for i in range(target.shape[2]):
        target[t, column, i] = 0.0


@inline_function
def clear(work: Any, at: int) -> None:
    """Write 0 to ``work[at:]``."""
    for i in range(LANES):
        work[at + i] = 0.0


@inline_function
def fill(work: Any, at: int, value: float) -> None:
    """Write ``value`` to ``work[at:]``."""
    for i in range(LANES):
        work[at + i] = value


@inline_function
def copy(work: Any, to: int, at: int) -> None:
    """Copy ``work[at:]`` to ``work[to:]``."""
    for i in range(LANES):
        work[to + i] = work[at + i]


@inline_function
def any_nonzero(work: Any, at: int) -> int:
    """1 where a lane of ``work[at:]`` is not 0 (or no number), else 0."""
    found = 0
    for i in range(LANES):
        found |= 1 if work[at + i] != 0.0 else 0
    return found


@kernel_function
def not_finite(work: Any, at: int, rows: int) -> int:
    """1 where one of so many rows of ``work[at:]`` holds an infinity or no number, else 0."""
    found = 0
    for k in range(rows * LANES):
        found |= 0 if work[at + k] - work[at + k] == 0.0 else 1
    return found


@kernel_function
def take_series(series: Any, columns: Any, local: Any) -> int:
    """Copy ``columns`` of ``series`` to the first rows of ``local``: the compiler then knows where each stands.

    1 where one of them holds an infinity or no number, else 0.
    """
    found = 0
    for t in range(series.shape[0]):
        for k in range(len(columns)):
            for i in range(series.shape[2]):
                value = series[t, columns[k], i]
                local[t, k, i] = value
                found |= 0 if value - value == 0.0 else 1
    return found


@inline_function
def by_period(local: Any) -> Any:
    """``local`` as [T, rows * 64]."""
    return local.reshape(local.shape[0], local.shape[1] * local.shape[2])


@kernel_function
def flags(periods: int, count: int) -> Any:
    """Room for one flag a period of each of ``count`` lines."""
    return np.zeros((periods, count), np.int64)


# Rows of the scratch array of a rate of return. They are literal to the compiler: offsets it could not see through
# would keep it from vectorising the loops over lanes.
_ROWS = 16
_FIRST, _LAST, _LARGEST, _FINITE, _RUNS, _SUM, _SUM_RUNS, _REASON, _LOW, _HIGH, _GUESS, _VALUE, _SLOPE, _SIGN = (
    LANES * row for row in range(14)
)
_AT_HIGHEST, _ACTIVE = 14 * LANES, 15 * LANES
SCRATCH = _ROWS * LANES
_ONE_SIGN, _SEVERAL_RATES, _OUT_OF_REACH = functions.UNDEFINED_RATES[functions.ONE_SIGN :]


@kernel_function
def _live_range(flows: Any, column: int, scratch: Any) -> tuple[int, int]:
    """First period with a flow in any lane, and the one after the last; each lane's largest, and if all are finite."""
    periods = flows.shape[0]
    for i in range(LANES):
        scratch[_FIRST + i] = float(periods)
        scratch[_LAST + i] = -1.0
        scratch[_LARGEST + i] = 0.0
        scratch[_FINITE + i] = 1.0
    for t in range(periods):
        for i in range(LANES):
            size, first, largest = abs(flows[t, column, i]), scratch[_FIRST + i], scratch[_LARGEST + i]
            scratch[_FIRST + i] = float(t) if ((size > 0.0) & (first > t)) else first
            scratch[_LAST + i] = float(t) if size > 0.0 else scratch[_LAST + i]
            scratch[_LARGEST + i] = size if size > largest else largest
            scratch[_FINITE + i] = scratch[_FINITE + i] if size < math.inf else 0.0
    begin, end = periods, 0
    for i in range(LANES):
        begin, end = min(begin, int(scratch[_FIRST + i])), max(end, int(scratch[_LAST + i]) + 1)
    return begin, end


@kernel_function
def _count_signs(flows: Any, column: int, begin: int, end: int, scratch: Any) -> None:
    """First and last flow that is more than rounding; runs of one sign, and those of the cumulative flows."""
    for i in range(LANES):
        scratch[_FIRST + i] = float(end)
        scratch[_LAST + i] = -1.0
        scratch[_LARGEST + i] *= ROUNDING
        scratch[_RUNS + i] = 0.0
        scratch[_SUM + i] = 0.0
        scratch[_SUM_RUNS + i] = 0.0
    for t in range(begin, end):
        for i in range(LANES):
            flow, rounding = flows[t, column, i], scratch[_LARGEST + i]
            first, runs, sum_runs = scratch[_FIRST + i], scratch[_RUNS + i], scratch[_SUM_RUNS + i]
            counted = abs(flow) > rounding
            scratch[_FIRST + i] = float(t) if (counted & (first > t)) else first
            scratch[_LAST + i] = float(t) if counted else scratch[_LAST + i]
            turned = (1.0 if flow > 0.0 else -1.0) - runs
            scratch[_RUNS + i] = turned if (counted & (runs * flow <= 0.0)) else runs
            cumulative = scratch[_SUM + i] + (flow if counted else 0.0)
            scratch[_SUM + i] = cumulative
            turned = (1.0 if cumulative > 0.0 else -1.0) - sum_runs
            above = abs(cumulative) > rounding
            scratch[_SUM_RUNS + i] = turned if (above & (sum_runs * cumulative <= 0.0)) else sum_runs


@kernel_function
def _values_at_ends(flows: Any, column: int, begin: int, end: int, scratch: Any) -> None:
    """Sign of every lane's polynomial at the lowest discount factor, and its value at the highest."""
    for i in range(LANES):
        scratch[_SIGN + i] = 0.0
        scratch[_AT_HIGHEST + i] = 0.0
    for k in range(end - begin):
        t = end - 1 - k
        for i in range(LANES):
            low, high, flow = scratch[_SIGN + i], scratch[_AT_HIGHEST + i], flows[t, column, i]
            live = (scratch[_FIRST + i] <= t) & (t <= scratch[_LAST + i])
            scratch[_SIGN + i] = low * LOWEST_DISCOUNT + flow if live else low
            scratch[_AT_HIGHEST + i] = high * HIGHEST_DISCOUNT + flow if live else high
    for i in range(LANES):
        value = scratch[_SIGN + i]
        scratch[_SIGN + i] = 1.0 if value > 0.0 else (-1.0 if value < 0.0 else value)


@kernel_function
def _search(flows: Any, column: int, scratch: Any) -> tuple[int, int]:
    """Reason, bracket and sign at its lowest end by lane, and the periods in which any lane has a flow.

    The conditions are those of :func:`functions._search`, in the opposite order: what is decided last, stands.
    """
    begin, end = _live_range(flows, column, scratch)
    _count_signs(flows, column, begin, end, scratch)
    _values_at_ends(flows, column, begin, end, scratch)
    for i in range(LANES):
        runs, total, rounding = abs(scratch[_RUNS + i]), scratch[_SUM + i], scratch[_LARGEST + i]
        once = runs == 2.0
        at_highest = scratch[_AT_HIGHEST + i] if once else total
        reason = 0.0 if scratch[_SIGN + i] * at_highest <= 0.0 else 3.0
        norstrom = (abs(scratch[_SUM_RUNS + i]) == 2.0) & (abs(total) > rounding)
        reason = reason if (once | norstrom) else 2.0
        reason = 1.0 if runs < 2.0 else reason
        scratch[_REASON + i] = reason if scratch[_FINITE + i] > 0.0 else 3.0
        scratch[_LOW + i] = LOWEST_DISCOUNT
        scratch[_HIGH + i] = HIGHEST_DISCOUNT if once else 1.0
    return begin, end


@kernel_function
def _horner_at_guess(flows: Any, column: int, begin: int, end: int, scratch: Any) -> None:
    """Value and slope of every lane's polynomial at its guess; coefficients start at the lane's first live period."""
    for i in range(LANES):
        scratch[_VALUE + i] = 0.0
        scratch[_SLOPE + i] = 0.0
    for k in range(end - begin):
        t = end - 1 - k
        for i in range(LANES):
            value, slope, factor = scratch[_VALUE + i], scratch[_SLOPE + i], scratch[_GUESS + i]
            live = (scratch[_FIRST + i] <= t) & (t <= scratch[_LAST + i])
            scratch[_SLOPE + i] = slope * factor + value if live else slope
            scratch[_VALUE + i] = value * factor + flows[t, column, i] if live else value


@kernel_function
def internal_rate_lanes(flows: Any, column: int, year_fraction: float, scratch: Any, work: Any, out: int) -> None:
    """:func:`functions.internal_rate` for all lanes at once, into ``work[out:]``.

    A lane that has converged is frozen, so that none depends on its neighbours. ``scratch`` has :data:`SCRATCH` places.
    """
    begin, end = _search(flows, column, scratch)
    for i in range(LANES):
        scratch[_ACTIVE + i] = 1.0 if scratch[_REASON + i] == 0.0 else 0.0
        scratch[_GUESS + i] = 1.0
    for number in range(ITERATIONS + HALVINGS):
        running = 0.0
        for i in range(LANES):
            running = max(running, scratch[_ACTIVE + i])
        if running == 0.0:
            break
        _horner_at_guess(flows, column, begin, end, scratch)
        _newton_step(scratch, number < ITERATIONS)
    for i in range(LANES):
        reason = scratch[_REASON + i]
        rate = power(1.0 / scratch[_GUESS + i], 1.0 / year_fraction) - 1.0
        none = _ONE_SIGN if reason == 1.0 else (_SEVERAL_RATES if reason == 2.0 else _OUT_OF_REACH)
        work[out + i] = rate if reason == 0.0 else none


@kernel_function
def internal_rate_undefined_lanes(flows: Any, column: int, scratch: Any, work: Any, out: int) -> None:
    """:func:`functions.internal_rate_undefined` for all lanes at once, into ``work[out:]``."""
    _search(flows, column, scratch)
    for i in range(LANES):
        work[out + i] = scratch[_REASON + i]


@kernel_function
def _newton_step(scratch: Any, by_slope: bool) -> None:
    for i in range(LANES):
        running, here = scratch[_ACTIVE + i] > 0.0, scratch[_GUESS + i]
        value, slope = scratch[_VALUE + i], scratch[_SLOPE + i]
        below = value * scratch[_SIGN + i] > 0.0
        low = here if below else scratch[_LOW + i]
        high = scratch[_HIGH + i] if below else here
        step = here - value / slope if slope != 0.0 else math.inf
        following = step if (low <= step and step <= high and by_slope) else 0.5 * (low + high)
        moved = abs(following - here) > TOLERANCE * here
        scratch[_LOW + i] = low if running else scratch[_LOW + i]
        scratch[_HIGH + i] = high if running else scratch[_HIGH + i]
        scratch[_GUESS + i] = following if running else here
        scratch[_ACTIVE + i] = 1.0 if (running and moved) else 0.0
