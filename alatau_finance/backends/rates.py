"""Rates of return of eight lanes at once; what they are and when there is one is told in :mod:`functions`.

``flows`` is a flat array, the first period's row is at ``start``, and each following one ``step`` further on. They are
first copied to ``scratch``, where a row lies beside the next: they are gone through some ten times.
"""

from __future__ import annotations

import math
from typing import Any

from alatau_finance.backends import functions
from alatau_finance.backends.functions import (
    HALVINGS,
    HIGHEST_DISCOUNT,
    ITERATIONS,
    LOWEST_DISCOUNT,
    ROUNDING,
    TOLERANCE,
)
from alatau_finance.jit import TILE, inline_function, kernel_function
from alatau_finance.risk.normal import power
from alatau_finance.vectors import absolute, any_of, divide, lanes, larger_of, load, smaller_of, store, where

_ONE_SIGN, _SEVERAL_RATES, _OUT_OF_REACH = functions.UNDEFINED_RATES[functions.ONE_SIGN :]


@inline_function
def _live_range(flows: Any, start: int, step: int, periods: int, scratch: Any) -> tuple[int, int, Any, Any]:
    """First period with a flow in any lane, and the one after the last; each lane's largest, and if all are finite."""
    begin, end = periods, 0
    largest, finite = lanes(0.0), lanes(1.0)
    for t in range(periods):
        flow = load(flows, start + t * step)
        store(scratch, t * TILE, flow)
        size = absolute(flow)
        largest = larger_of(size, largest)
        finite = where(size < math.inf, finite, 0.0)
        if any_of(size > 0.0):
            begin, end = min(begin, t), t + 1
    return begin, end, largest, finite


@inline_function
def _turned(runs: Any, value: Any, counted: Any) -> Any:
    """Runs of one sign, with the sign of the last, after one more ``value``, which may be too small to be counted."""
    return where(counted & (runs * value <= 0.0), where(value > 0.0, 1.0, -1.0) - runs, runs)


@kernel_function
def _search(flows: Any, start: int, step: int, periods: int, scratch: Any) -> tuple[int, int, Any, Any, Any, Any, Any]:
    """The periods in which any lane has a flow; by lane its first and last, why there is no rate, the highest discount
    factor, and the sign at the lowest.

    The conditions are those of :func:`functions._search`, in the opposite order: what is decided last, stands.
    """
    begin, end, largest, finite = _live_range(flows, start, step, periods, scratch)
    rounding = largest * ROUNDING
    first, last = lanes(float(end)), lanes(-1.0)
    runs, total, total_runs = lanes(0.0), lanes(0.0), lanes(0.0)
    for t in range(begin, end):
        flow = load(scratch, t * TILE)
        counted = absolute(flow) > rounding
        first = where(counted, smaller_of(first, float(t)), first)
        last = where(counted, float(t), last)
        runs = _turned(runs, flow, counted)
        total = total + where(counted, flow, 0.0)
        total_runs = _turned(total_runs, total, absolute(total) > rounding)
    at_lowest, at_highest = lanes(0.0), lanes(0.0)
    for t in range(end - 1, begin - 1, -1):
        flow = load(scratch, t * TILE)
        live = (first <= float(t)) & (last >= float(t))
        at_lowest = where(live, at_lowest * LOWEST_DISCOUNT + flow, at_lowest)
        at_highest = where(live, at_highest * HIGHEST_DISCOUNT + flow, at_highest)
    sign = where(at_lowest > 0.0, 1.0, where(at_lowest < 0.0, -1.0, at_lowest))
    once = absolute(runs) == 2.0
    reason = where(sign * where(once, at_highest, total) <= 0.0, 0.0, 3.0)
    norstrom = (absolute(total_runs) == 2.0) & (absolute(total) > rounding)
    reason = where(once | norstrom, reason, 2.0)
    reason = where(absolute(runs) < 2.0, 1.0, reason)
    reason = where(finite > 0.0, reason, 3.0)
    return begin, end, first, last, reason, where(once, HIGHEST_DISCOUNT, 1.0), sign


@inline_function
def _common(first: Any, last: Any, active: Any, begin: int, end: int) -> tuple[int, int]:
    """The periods, from one to before another, that are live in all lanes that are ``active``."""
    since, until = begin, end
    while since < until and any_of((active > 0.0) & (first > float(since))):
        since += 1
    while until > since and any_of((active > 0.0) & (last < float(until - 1))):
        until -= 1
    return since, until


@kernel_function
def internal_rate(flows: Any, start: int, step: int, periods: int, year_fraction: float, scratch: Any) -> Any:
    """:func:`functions.internal_rate` of every lane.

    A lane that has converged is frozen, so that none depends on its neighbours.
    """
    begin, end, first, last, reason, high, sign = _search(flows, start, step, periods, scratch)
    active, guess, low = where(reason == 0.0, lanes(1.0), 0.0), lanes(1.0), lanes(LOWEST_DISCOUNT)
    since, until = _common(first, last, active, begin, end)
    for number in range(ITERATIONS + HALVINGS):
        if not any_of(active > 0.0):
            break
        value, slope = lanes(0.0), lanes(0.0)
        for t in range(end - 1, until - 1, -1):
            live = (first <= float(t)) & (last >= float(t))
            slope = where(live, slope * guess + value, slope)
            value = where(live, value * guess + load(scratch, t * TILE), value)
        for t in range(until - 1, since - 1, -1):
            slope = slope * guess + value
            value = value * guess + load(scratch, t * TILE)
        for t in range(since - 1, begin - 1, -1):
            live = (first <= float(t)) & (last >= float(t))
            slope = where(live, slope * guess + value, slope)
            value = where(live, value * guess + load(scratch, t * TILE), value)
        below, running = value * sign > 0.0, active > 0.0
        lowest, highest = where(below, guess, low), where(below, high, guess)
        newton = where(slope != 0.0, guess - divide(value, slope), math.inf)
        inside = (lowest <= newton) & (newton <= highest)
        middle = 0.5 * (lowest + highest)
        following = where(inside, newton, middle) if number < ITERATIONS else middle
        moved = absolute(following - guess) > guess * TOLERANCE
        low, high = where(running, lowest, low), where(running, highest, high)
        guess = where(running, following, guess)
        active = where(running & moved, active, 0.0)
    rate = power(1.0 / guess, lanes(1.0 / year_fraction)) - 1.0
    none = where(reason == 1.0, lanes(_ONE_SIGN), where(reason == 2.0, lanes(_SEVERAL_RATES), _OUT_OF_REACH))
    return where(reason == 0.0, rate, none)


@kernel_function
def internal_rate_undefined(flows: Any, start: int, step: int, periods: int, scratch: Any) -> Any:
    """:func:`functions.internal_rate_undefined` of every lane."""
    return _search(flows, start, step, periods, scratch)[4]
