"""Rates of return of eight lanes at once; what they are and when there is one is told in :mod:`functions`.

``flows`` is a flat array, the first period's row is at ``start``, and each following one ``step`` further on. They are
first copied to ``scratch``, where a row lies beside the next: they are gone through some ten times, two periods at a
time, as each step of Horner's scheme waits for the one before. Two periods are always the same two, an even one and the
odd one after it, so that a lane's bits do not depend on where its neighbours' flows begin.
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
    NEXT_TOLERANCE,
    ROUNDING,
    TOLERANCE,
)
from alatau_finance.jit import TILE, inline_function, kernel_function
from alatau_finance.vectors import absolute, any_of, divide, lanes, larger_of, load, smaller_of, store, where

_ONE_SIGN, _SEVERAL_RATES, _OUT_OF_REACH = functions.UNDEFINED_RATES[functions.ONE_SIGN :]


@inline_function
def _taken(
    flows: Any, start: int, step: int, periods: int, scratch: Any
) -> tuple[int, int, Any, tuple[Any, Any], tuple[Any, Any]]:
    """Flows copied to ``scratch``: the first and the last period with one in any lane, each lane's largest; the sums of
    flows and of their sizes, both as such and times periods."""
    begin, end = periods, -1
    largest, total, moment, size, size_moment = lanes(0.0), lanes(0.0), lanes(0.0), lanes(0.0), lanes(0.0)
    for t in range(periods):
        flow = load(flows, start + t * step)
        store(scratch, t * TILE, flow)
        each = absolute(flow)
        largest = larger_of(each, largest)
        total, moment = total + flow, moment + flow * float(t)
        size, size_moment = size + each, size_moment + each * float(t)
        if any_of(each > 0.0):
            begin, end = min(begin, t), t
    store(scratch, periods * TILE, lanes(0.0))
    return begin, end, largest, (total, moment), (size, size_moment)


@inline_function
def _cut(scratch: Any, begin: int, end: int, first: Any, last: Any) -> tuple[Any, Any]:
    """The sums of flows, as such and times periods, with 0 before a lane's ``first`` period and after its ``last``."""
    total, moment = lanes(0.0), lanes(0.0)
    for t in range(begin, end + 1):
        flow = where((first <= float(t)) & (last >= float(t)), load(scratch, t * TILE), 0.0)
        store(scratch, t * TILE, flow)
        total, moment = total + flow, moment + flow * float(t)
    return total, moment


@inline_function
def _ends(scratch: Any, begin: int, end: int, rounding: Any) -> tuple[Any, Any]:
    """The first and the last period of each lane in which its flow is more than rounding; +-inf where there is none."""
    first, last = lanes(math.inf), lanes(-math.inf)
    t, looking = begin, 1
    while looking and t <= end:
        first = smaller_of(where(absolute(load(scratch, t * TILE)) > rounding, lanes(float(t)), math.inf), first)
        t, looking = t + 1, any_of(first == math.inf)
    t, looking = end, 1
    while looking and t >= begin:
        last = larger_of(where(absolute(load(scratch, t * TILE)) > rounding, lanes(float(t)), -math.inf), last)
        t, looking = t - 1, any_of(last == -math.inf)
    return first, last


@inline_function
def _turned(sign: Any, value: Any, rounding: Any) -> Any:
    """Where ``value`` is of the other sign than the last that counted, whose ``sign`` is told."""
    return ((value > rounding) & (sign < 0.0)) | ((value < -rounding) & (sign > 0.0))


@inline_function
def _sign_of(sign: Any, value: Any, rounding: Any) -> Any:
    """The sign of ``value`` where it counts, else the one so far."""
    return where(value > rounding, 1.0, where(value < -rounding, -1.0, sign))


@kernel_function
def _norstrom(scratch: Any, begin: int, end: int, rounding: Any) -> Any:
    """What the flows add up to where they change sign once as they are added up, else 0."""
    total, sign, changes = lanes(0.0), lanes(0.0), lanes(0.0)
    for t in range(begin, end + 1):
        flow = load(scratch, t * TILE)
        total = total + where(absolute(flow) > rounding, flow, 0.0)
        changes = where(_turned(sign, total, rounding), changes + 1.0, changes)
        sign = _sign_of(sign, total, rounding)
    return where((changes == 1.0) & (absolute(total) > rounding), total, 0.0)


@inline_function
def _guess(total: Any, moment: Any, size: Any, size_moment: Any, highest: Any) -> Any:
    """:func:`functions.first_guess` from sums of flows and of their sizes, as such and times their periods."""
    q = divide(total, size)
    y = divide(-total * (1.0 + q * q / 3.0) * (1.0 - q * q) * size, moment * size - size_moment * total)
    guess = divide(2.0 + y, 2.0 - y)
    return where((guess > LOWEST_DISCOUNT) & (guess < highest), guess, 1.0)


@kernel_function
def _search(flows: Any, start: int, step: int, periods: int, scratch: Any) -> tuple[int, int, Any, Any, Any, Any, Any]:
    """The first and the last pair of periods in which any lane has a flow; by lane its first pair, why there is no
    rate, the highest discount factor, the sign at the lowest, and a first guess.

    The conditions are those of :func:`functions._search`, in the opposite order: what is decided last, stands. Leaves
    in ``scratch`` the flows from each lane's first to its last, and 0 elsewhere.
    """
    begin, end, largest, (total, moment), (size, size_moment) = _taken(flows, start, step, periods, scratch)
    rounding = largest * ROUNDING
    first, last = _ends(scratch, begin, end, rounding)
    if any_of((first > float(begin)) | (last < float(end))):
        total, moment = _cut(scratch, begin, end, first, last)
    sign, changes = lanes(0.0), lanes(0.0)
    for t in range(begin, end + 1):
        flow = load(scratch, t * TILE)
        changes = where(_turned(sign, flow, rounding), changes + 1.0, changes)
        sign = _sign_of(sign, flow, rounding)
    once, several = changes == 1.0, changes > 1.0
    added_up = _norstrom(scratch, begin, end, rounding) if any_of(several) else lanes(0.0)
    at_lowest, at_highest = lanes(0.0), lanes(0.0)
    for pair in range(end // 2, begin // 2 - 1, -1):
        even, odd = load(scratch, 2 * pair * TILE), load(scratch, (2 * pair + 1) * TILE)
        at_lowest = at_lowest * LOWEST_DISCOUNT**2 + (odd * LOWEST_DISCOUNT + even)
        at_highest = at_highest * HIGHEST_DISCOUNT**2 + (odd * HIGHEST_DISCOUNT + even)
    lowest = where(at_lowest > 0.0, 1.0, where(at_lowest < 0.0, -1.0, at_lowest))
    reason = where(lowest * where(once, at_highest, added_up) <= 0.0, 0.0, 3.0)
    reason = where(several & (added_up == 0.0), 2.0, reason)
    reason = where(once | several, reason, 1.0)
    reason = where(size - size == 0.0, reason, 3.0)
    highest = where(once, lanes(HIGHEST_DISCOUNT), 1.0)
    return (begin // 2, end // 2, first, reason, highest, lowest, _guess(total, moment, size, size_moment, highest))


@inline_function
def _two_on(value: Any, slope: Any, even: Any, odd: Any, factor: Any) -> tuple[Any, Any]:
    """Value and slope of a polynomial at ``factor`` with two lower coefficients more: Horner's scheme, twice."""
    square = factor * factor
    return value * square + (odd * factor + even), slope * square + (value * (factor + factor) + odd)


@inline_function
def _polynomial(scratch: Any, first: Any, active: Any, begin: int, end: int, factor: Any) -> tuple[Any, Any]:
    """Value and slope at ``factor`` of the flows from each lane's ``first`` pair on.

    For lanes that have a flow in the odd period alone of their first pair, times the factor: the root is the same.
    """
    since = begin
    while since <= end and any_of((active > 0.0) & (first > float(2 * since + 1))):
        since += 1
    value, slope = lanes(0.0), lanes(0.0)
    for pair in range(end, since - 1, -1):
        even, odd = load(scratch, 2 * pair * TILE), load(scratch, (2 * pair + 1) * TILE)
        value, slope = _two_on(value, slope, even, odd, factor)
    for pair in range(since - 1, begin - 1, -1):
        even, odd = load(scratch, 2 * pair * TILE), load(scratch, (2 * pair + 1) * TILE)
        further, steeper = _two_on(value, slope, even, odd, factor)
        live = first <= float(2 * pair + 1)
        value, slope = where(live, further, value), where(live, steeper, slope)
    return value, slope


@inline_function
def _to_the_power(factor: Any, exponent: int) -> Any:
    """``factor`` to the power of 1, 2 or 4."""
    power = lanes(factor)
    while exponent > 1:
        power, exponent = power * power, exponent // 2
    return power


@kernel_function
def internal_rate(flows: Any, start: int, step: int, periods: int, year_fraction: float, scratch: Any) -> Any:
    """:func:`functions.internal_rate` of every lane.

    A lane that has converged is frozen, so that none depends on its neighbours.
    """
    begin, end, first, reason, high, sign, guess = _search(flows, start, step, periods, scratch)
    active, low, before = where(reason == 0.0, lanes(1.0), 0.0), lanes(LOWEST_DISCOUNT), lanes(0.0)
    for number in range(ITERATIONS + HALVINGS):
        if not any_of(active > 0.0):
            break
        value, slope = _polynomial(scratch, first, active, begin, end, guess)
        below, running = value * sign > 0.0, active > 0.0
        low, high = where(running & below, guess, low), where(running & (value * sign <= 0.0), guess, high)
        following = where(slope != 0.0, guess - divide(value, slope), math.inf)
        newton = (low <= following) & (following <= high) & (lanes(float(number)) < float(ITERATIONS))
        following = where(newton, following, 0.5 * (low + high))
        moved = absolute(following - guess)
        settled = newton & (moved * moved * moved <= guess * NEXT_TOLERANCE * before * before)
        arrived = settled | (moved <= guess * TOLERANCE)
        before = where(newton, moved, 0.0)
        guess = where(running, following, guess)
        active = where(arrived, 0.0, active)
    rate = _to_the_power(1.0 / guess, int(1.0 / year_fraction)) - 1.0
    none = where(reason == 1.0, lanes(_ONE_SIGN), where(reason == 2.0, lanes(_SEVERAL_RATES), _OUT_OF_REACH))
    return where(reason == 0.0, rate, none)


@kernel_function
def internal_rate_undefined(flows: Any, start: int, step: int, periods: int, scratch: Any) -> Any:
    """:func:`functions.internal_rate_undefined` of every lane."""
    return _search(flows, start, step, periods, scratch)[3]
