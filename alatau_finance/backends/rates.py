"""Rates of return of eight lanes at once; what they are and when there is one is told in :mod:`functions`.

``flows`` is a flat array, the first period's row is at ``start``, and each following one ``step`` further on. They are
first copied to ``scratch``, where a row lies beside the next: they are gone through some four times, four periods at a
time, as each step of Horner's scheme waits for the one before. Four periods are always the same four, counted from the
first of the calendar, so that a lane's bits do not depend on where its neighbours' flows begin.

The rate is that of :func:`functions.internal_rate` to the tolerance of both, found in fewer steps: by Halley's method,
whose error is as the third power of the one before, from a guess that knows how flows are spread around their mean
time. Whether a rate lies in the bracket, flows of one change of sign show by themselves unless it is near an end.
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
from alatau_finance.vectors import (
    absolute,
    any_of,
    divide,
    is_in,
    lanes,
    lanes_in,
    larger_of,
    load,
    smaller_of,
    store,
    where,
)

_ONE_SIGN, _SEVERAL_RATES, _OUT_OF_REACH = functions.UNDEFINED_RATES[functions.ONE_SIGN :]
#: Periods that are gone through together.
_GROUP = 4
#: Discount factors between which a rate found is clear of the bracket's ends.
_CLEAR = 1.1 * LOWEST_DISCOUNT, 0.95 * HIGHEST_DISCOUNT


def scratch_rows(periods: int) -> int:
    """How many rows ``scratch`` must have."""
    return periods + _GROUP


@inline_function
def _summed(sums: tuple[Any, Any, Any], flow: Any) -> tuple[Any, Any, Any]:
    """Sums of flows, of these sums, and of those: see :func:`_moments`."""
    total, first, second = sums[0] + flow, sums[1], sums[2]
    first = first + total
    return total, first, second + first


@inline_function
def _moments(sums: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
    """Sums of flows, of flows times their period, and times its square.

    As the last period is summed first, the flow of period t is t + 1 times in the second sum, and (t + 1) (t + 2) / 2
    times in the third.
    """
    total, first, second = sums
    return total, first - total, 2.0 * second - 3.0 * first + total


@inline_function
def _taken(flows: Any, start: int, step: int, periods: int, scratch: Any, rounding: Any) -> tuple[Any, ...]:
    """Flows copied to ``scratch``, and what is known of them from one look at each, the last period first.

    The first and the last period with one in any lane; by lane the largest size, and the smallest that is not 0; sums
    of flows, and of their sizes; the lanes in which more than ``rounding`` is received before the last is paid, and
    those in which it is paid before the last is received.
    """
    for t in range(periods, periods + _GROUP):
        store(scratch, t * TILE, lanes(0.0))
    end, found = periods, 0
    while end > 0 and found == 0:
        end -= 1
        store(scratch, end * TILE, load(flows, start + end * step))
        found = any_of(load(scratch, end * TILE) != 0.0)
    begin, largest, least = end, lanes(0.0), lanes(math.inf)
    sums, sizes = (lanes(0.0), lanes(0.0), lanes(0.0)), (lanes(0.0), lanes(0.0), lanes(0.0))
    received, paid, received_before, paid_before = 0, 0, 0, 0
    for t in range(end, -1, -1):
        flow = load(flows, start + t * step)
        store(scratch, t * TILE, flow)
        size = absolute(flow)
        sums, sizes = _summed(sums, flow), _summed(sizes, size)
        largest = larger_of(size, largest)
        least = smaller_of(where(size > 0.0, size, math.inf), least)
        receiving, paying = lanes_in(flow > rounding), lanes_in(flow < -rounding)
        received, paid = received | receiving, paid | paying
        received_before, paid_before = received_before | (receiving & paid), paid_before | (paying & received)
        begin = t if receiving | paying else begin
    return begin, end, largest, least, _moments(sums), _moments(sizes), received_before, paid_before


@inline_function
def _first(scratch: Any, begin: int, end: int, lanes_left: int) -> Any:
    """The first period with a flow, of those lanes that have any; infinite elsewhere."""
    first, t = lanes(math.inf), begin
    while lanes_left and t <= end:
        flowing = load(scratch, t * TILE) != 0.0
        first = smaller_of(where(flowing, lanes(float(t)), math.inf), first)
        lanes_left &= ~lanes_in(flowing)
        t += 1
    return first


@inline_function
def _cut(scratch: Any, begin: int, end: int, rounding: Any) -> None:
    """Set to 0 what a lane has before the first flow that is more than rounding, and after the last."""
    first, last = lanes(math.inf), lanes(-math.inf)
    for t in range(begin, end + 1):
        counted = absolute(load(scratch, t * TILE)) > rounding
        first, last = smaller_of(where(counted, lanes(float(t)), math.inf), first), where(counted, float(t), last)
    for t in range(begin, end + 1):
        lasting = (first <= float(t)) & (last >= float(t))
        store(scratch, t * TILE, where(lasting, load(scratch, t * TILE), 0.0))


@inline_function
def _turned(sign: Any, value: Any, rounding: Any) -> Any:
    """Where ``value`` is of the other sign than the last that counted, whose ``sign`` is told."""
    return ((value > rounding) & (sign < 0.0)) | ((value < -rounding) & (sign > 0.0))


@inline_function
def _sign_of(value: Any, rounding: Any, sign: Any) -> Any:
    """The sign of ``value`` where it counts, else ``sign``."""
    return where(value > rounding, 1.0, where(value < -rounding, -1.0, sign))


@kernel_function
def _norstrom(scratch: Any, begin: int, end: int, rounding: Any) -> Any:
    """What the flows add up to where they change sign once as they are added up, else 0."""
    total, sign, changes = lanes(0.0), lanes(0.0), lanes(0.0)
    for t in range(begin, end + 1):
        flow = load(scratch, t * TILE)
        total = total + where(absolute(flow) > rounding, flow, 0.0)
        changes = where(_turned(sign, total, rounding), changes + 1.0, changes)
        sign = _sign_of(total, rounding, sign)
    return where((changes == 1.0) & (absolute(total) > rounding), total, 0.0)


@kernel_function
def _value_at(scratch: Any, begin: int, end: int, factor: float) -> Any:
    """What the flows are worth at one discount factor for all lanes, but for a power of it."""
    value = lanes(0.0)
    for t in range(end, begin - 1, -1):
        value = value * factor + load(scratch, t * TILE)
    return value


@inline_function
def _guess(sums: tuple[Any, Any, Any], sizes: tuple[Any, Any, Any], highest: Any) -> Any:
    """A discount factor near the root; 1 where the formula gives none between the bracket's ends.

    With w the logarithm of the factor, that of received by paid is g + g1 w + g2 w**2 / 2 + ...: g at w = 0, g1 the
    difference of their mean times, g2 that of their times' variances. A step of Halley's from w = 0 is the guess. As
    in :func:`functions.first_guess` logarithms and powers are fractions near enough.
    """
    (total, moment, second), (size, size_moment, size_second) = sums, sizes
    q = divide(total, size)
    g = 2.0 * q * (1.0 + q * q * (1.0 / 3.0 + q * q * (1.0 / 5.0)))
    received, paid = size + total, size - total
    per_both = divide(1.0, received * paid)
    per_received, per_paid = paid * per_both, received * per_both
    received_at, paid_at = (size_moment + moment) * per_received, (size_moment - moment) * per_paid
    received_spread = (size_second + second) * per_received - received_at * received_at
    paid_spread = (size_second - second) * per_paid - paid_at * paid_at
    g1, g2 = received_at - paid_at, received_spread - paid_spread
    w = divide(-2.0 * g * g1, 2.0 * g1 * g1 - g * g2)
    guess = divide(2.0 + w, 2.0 - w)
    return where((guess > LOWEST_DISCOUNT) & (guess < highest), guess, 1.0)


@inline_function
def _search(flows: Any, start: int, step: int, periods: int, scratch: Any) -> tuple[Any, ...]:
    """The first and the last group of periods in which any lane has a flow; by lane its first period, why there is no
    rate, the highest discount factor, the sign at the lowest, and a first guess.

    The conditions are those of :func:`functions._search`, in the opposite order: what is decided last, stands. That a
    rate is within reach is not asked yet of flows that change sign once. Leaves in ``scratch`` the flows from each
    lane's first to its last, and 0 elsewhere.
    """
    begin, end, largest, least, sums, sizes, received_before, paid_before = _taken(
        flows, start, step, periods, scratch, lanes(0.0)
    )
    rounding, size = largest * ROUNDING, sizes[0]
    if any_of(least <= rounding):
        _cut(scratch, begin, end, rounding)
        begin, end, largest, least, sums, sizes, received_before, paid_before = _taken(
            scratch, 0, TILE, periods, scratch, rounding
        )
    both, once = is_in(received_before | paid_before), is_in(received_before ^ paid_before)
    sign = where(is_in(paid_before), lanes(-1.0), 1.0)
    reason = where(both, lanes(0.0), 1.0)
    several = is_in(received_before & paid_before)
    if any_of(several):
        added_up = _norstrom(scratch, begin, end, rounding)
        at_lowest = _sign_of(_value_at(scratch, begin, end, LOWEST_DISCOUNT), 0.0, 0.0)
        within = where(added_up == 0.0, lanes(2.0), where(at_lowest * added_up <= 0.0, lanes(0.0), 3.0))
        reason, sign = where(several, within, reason), where(several, at_lowest, sign)
    reason = where(size - size == 0.0, reason, 3.0)
    highest = where(once, lanes(HIGHEST_DISCOUNT), 1.0)
    first = _first(scratch, begin, end, received_before | paid_before)
    return begin, end, first, reason, highest, sign, _guess(sums, sizes, highest)


@kernel_function
def _reached(scratch: Any, begin: int, end: int, reason: Any, highest: Any) -> Any:
    """``reason``, and that of flows that change sign once where their values at the bracket's ends have one sign."""
    ends = _value_at(scratch, begin, end, LOWEST_DISCOUNT), _value_at(scratch, begin, end, HIGHEST_DISCOUNT)
    product = _sign_of(ends[0], 0.0, ends[0]) * _sign_of(ends[1], 0.0, ends[1])
    asked = (reason == 0.0) & (highest == HIGHEST_DISCOUNT)
    return where(asked, where(product <= 0.0, lanes(0.0), 3.0), reason)


@inline_function
def _four_on(scratch: Any, group: int, value: Any, slope: Any, bend: Any, powers: tuple[Any, ...]) -> tuple[Any, ...]:
    """Value, slope and half the second derivative of a polynomial with four lower coefficients more."""
    factor, twice, square, fourth, four_cubes, six_squares = powers
    at = group * (_GROUP * TILE)
    c0, c1 = load(scratch, at), load(scratch, at + TILE)
    c2, c3 = load(scratch, at + 2 * TILE), load(scratch, at + 3 * TILE)
    low, high = c0 + c1 * factor, c2 + c3 * factor
    return (
        value * fourth + (low + high * square),
        slope * fourth + (value * four_cubes + ((c1 + high * twice) + c3 * square)),
        bend * fourth + (slope * four_cubes + (value * six_squares + (high + c3 * twice))),
    )


@inline_function
def _polynomial(scratch: Any, first: Any, active: Any, begin: int, end: int, factor: Any) -> tuple[Any, Any, Any]:
    """Value, slope and half the second derivative at ``factor`` of the flows from each lane's ``first`` group on.

    For lanes whose first flow is not the first of its group, times a power of the factor: the root is the same.
    """
    square = factor * factor
    powers = factor, factor + factor, square, square * square, 4.0 * square * factor, 6.0 * square
    since = begin // _GROUP
    while since <= end // _GROUP and any_of((active > 0.0) & (first >= float(_GROUP * (since + 1)))):
        since += 1
    value, slope, bend = lanes(0.0), lanes(0.0), lanes(0.0)
    for group in range(end // _GROUP, since - 1, -1):
        value, slope, bend = _four_on(scratch, group, value, slope, bend, powers)
    for group in range(since - 1, begin // _GROUP - 1, -1):
        further = _four_on(scratch, group, value, slope, bend, powers)
        live = first < float(_GROUP * (group + 1))
        value, slope, bend = (
            where(live, further[0], value),
            where(live, further[1], slope),
            where(live, further[2], bend),
        )
    return value, slope, bend


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
    active, highest, low, before = where(reason == 0.0, lanes(1.0), 0.0), high, lanes(LOWEST_DISCOUNT), lanes(0.0)
    for number in range(ITERATIONS + HALVINGS):
        if not any_of(active > 0.0):
            break
        value, slope, bend = _polynomial(scratch, first, active, begin, end, guess)
        below, running = value * sign > 0.0, active > 0.0
        low, high = where(running & below, guess, low), where(running & (value * sign <= 0.0), guess, high)
        following = guess - value * slope / (slope * slope - value * bend)
        halley = (low <= following) & (following <= high) & (lanes(float(number)) < float(ITERATIONS))
        following = where(halley, following, 0.5 * (low + high))
        moved = absolute(following - guess)
        # The next step would be as the third power of this one, moved**4 / before**3.
        settled = halley & (moved * moved * (moved * moved) <= guess * NEXT_TOLERANCE * (before * before * before))
        arrived = settled | (moved <= guess * TOLERANCE)
        before = where(halley, moved, 0.0)
        guess = where(running, following, guess)
        active = where(arrived, 0.0, active)
    if any_of((reason == 0.0) & ((guess < _CLEAR[0]) | (guess > _CLEAR[1]))):
        reason = _reached(scratch, begin, end, reason, highest)
    rate = _to_the_power(1.0 / guess, int(1.0 / year_fraction)) - 1.0
    none = where(reason == 1.0, lanes(_ONE_SIGN), where(reason == 2.0, lanes(_SEVERAL_RATES), _OUT_OF_REACH))
    return where(reason == 0.0, rate, none)


@kernel_function
def internal_rate_undefined(flows: Any, start: int, step: int, periods: int, scratch: Any) -> Any:
    """:func:`functions.internal_rate_undefined` of every lane."""
    begin, end, _, reason, highest, _, _ = _search(flows, start, step, periods, scratch)
    return _reached(scratch, begin, end, reason, highest)
