"""Rates of return of eight lanes at once; what they are and when there is one is told in :mod:`functions`.

Where flows and their copy in ``scratch`` lie, :mod:`.flows` says. They are gone through four periods at a time, as each
step of Horner's scheme waits for the one before. Four periods are always the same four, counted from the first of the
calendar, so that a lane's bits do not depend on where its neighbours' flows begin.

The rate is that of :func:`functions.internal_rate` to the tolerance of both, found in fewer steps: by Halley's method,
whose error is as the third power of the one before, from a guess that knows how flows are spread around their mean
time. Whether a rate lies in the bracket, flows of one change of sign show by themselves unless it is near an end.
"""

from __future__ import annotations

from typing import Any

from alatau_finance.backends import functions
from alatau_finance.backends.flows import (
    GROUP,
    copied,
    cut,
    discount_at,
    first_flow,
    looked_at,
    norstrom,
    row_of,
    sign_of,
    value_at,
    weights_at,
)
from alatau_finance.backends.functions import (
    HALVINGS,
    HIGHEST_DISCOUNT,
    ITERATIONS,
    LOWEST_DISCOUNT,
    NEXT_TOLERANCE,
    ROUNDING,
    TOLERANCE,
)
from alatau_finance.jit import inline_function, kernel_function
from alatau_finance.lane_bits import any_of, is_in
from alatau_finance.vectors import absolute, alike, divide, joined, lanes, where

_ONE_SIGN, _SEVERAL_RATES, _OUT_OF_REACH = functions.UNDEFINED_RATES[functions.ONE_SIGN :]
#: Discount factors between which a rate found is clear of the bracket's ends.
_CLEAR = 1.1 * LOWEST_DISCOUNT, 0.95 * HIGHEST_DISCOUNT


@inline_function
def _guess(sums: tuple[Any, Any, Any], receipts: tuple[Any, Any, Any], discount: float, highest: Any) -> Any:
    """A discount factor near the root; 1 where the formula gives none between the bracket's ends.

    With w the logarithm of the factor by the expected one, that of received by paid is g + g1 w + g2 w**2 / 2 + ...: g
    at w = 0, g1 the difference of their mean times, g2 that of their times' variances, all of them discounted. A step
    of Halley's from w = 0 is the guess. As in :func:`functions.first_guess` logarithms and powers are fractions near
    enough.
    """
    (total, moment, second), (received, received_moment, received_second) = sums, receipts
    paid = received - total
    q = divide(total, received + paid)
    g = 2.0 * q * (1.0 + q * q * (1.0 / 3.0 + q * q * (1.0 / 5.0)))
    per_both = divide(1.0, received * paid)
    per_received, per_paid = paid * per_both, received * per_both
    received_at, paid_at = received_moment * per_received, (received_moment - moment) * per_paid
    received_spread = received_second * per_received - received_at * received_at
    paid_spread = (received_second - second) * per_paid - paid_at * paid_at
    g1, g2 = received_at - paid_at, received_spread - paid_spread
    # w = -2 g g1 / (2 g1**2 - g g2), and the factor (2 + w) / (2 - w)
    top, bottom = g * g1, 2.0 * g1 * g1 - g * g2
    guess = discount * divide(bottom - top, bottom + top)
    return where((guess > LOWEST_DISCOUNT) & (guess < highest), guess, 1.0)


@inline_function
def _search(
    flows: Any, start: Any, step: int, periods: int, year_fraction: float, scratch: Any, none: Any
) -> tuple[Any, ...]:
    """The first and the last group of periods in which any lane has a flow; by lane its first period, why there is no
    rate, the highest discount factor, the sign at the lowest, and a first guess.

    The conditions are those of :func:`functions._search`, in the opposite order: what is decided last, stands. That a
    rate is within reach is not asked yet of flows that change sign once. Leaves in ``scratch`` the flows from each
    lane's first to its last, and 0 elsewhere.
    """
    end, found = copied(flows, start, step, periods, scratch, none)
    begin, largest, least, sums, receipts, received_before, paid_before = found
    rounding, total = largest * ROUNDING, sums[0]
    if any_of(least <= rounding):
        cut(scratch, begin, end, rounding, none)
        found = looked_at(scratch, end, weights_at(periods), rounding, none)
        begin, largest, least, sums, receipts, received_before, paid_before = found
    both, once = is_in(received_before | paid_before, none), is_in(received_before ^ paid_before, none)
    sign = where(is_in(paid_before, none), alike(-1.0, none), 1.0)
    reason = where(both, none, 1.0)
    several = is_in(received_before & paid_before, none)
    if any_of(several):
        added_up = norstrom(scratch, begin, end, rounding, none)
        at_lowest = sign_of(value_at(scratch, begin, end, LOWEST_DISCOUNT, none), 0.0, none)
        within = where(added_up == 0.0, alike(2.0, none), where(at_lowest * added_up <= 0.0, none, 3.0))
        reason, sign = where(several, within, reason), where(several, at_lowest, sign)
    reason = where(total - total == 0.0, reason, 3.0)
    highest = where(once, alike(HIGHEST_DISCOUNT, none), 1.0)
    first = first_flow(scratch, begin, end, received_before | paid_before, none)
    return begin, end, first, reason, highest, sign, _guess(sums, receipts, discount_at(year_fraction), highest)


@inline_function
def _near_an_end(factor: Any) -> Any:
    """Where a discount factor is not clear of the bracket's ends."""
    return (factor < _CLEAR[0]) | (factor > _CLEAR[1])


@kernel_function
def _reached(scratch: Any, begin: int, end: int, reason: Any, highest: Any, found: Any, none: Any) -> Any:
    """``reason``, and that of flows that change sign once where their values at the bracket's ends have one sign.

    Of lanes whose factor ``found`` is clear of both ends it is not asked.
    """
    ends = value_at(scratch, begin, end, LOWEST_DISCOUNT, none), value_at(scratch, begin, end, HIGHEST_DISCOUNT, none)
    product = sign_of(ends[0], 0.0, ends[0]) * sign_of(ends[1], 0.0, ends[1])
    asked = (reason == 0.0) & (highest == HIGHEST_DISCOUNT) & _near_an_end(found)
    return where(asked, where(product <= 0.0, none, 3.0), reason)


@inline_function
def _four_on(scratch: Any, group: int, value: Any, slope: Any, bend: Any, powers: tuple[Any, ...]) -> tuple[Any, ...]:
    """Value, slope and half the second derivative of a polynomial with four lower coefficients more."""
    factor, twice, square, fourth, four_cubes, six_squares = powers
    t = group * GROUP
    c0, c1 = row_of(scratch, t, value), row_of(scratch, t + 1, value)
    c2, c3 = row_of(scratch, t + 2, value), row_of(scratch, t + 3, value)
    low, high = c0 + c1 * factor, c2 + c3 * factor
    return (
        value * fourth + (low + high * square),
        slope * fourth + (value * four_cubes + ((c1 + high * twice) + c3 * square)),
        bend * fourth + (slope * four_cubes + (value * six_squares + (high + c3 * twice))),
    )


@inline_function
def _polynomial(
    scratch: Any, first: Any, active: Any, begin: int, end: int, factor: Any, none: Any
) -> tuple[Any, Any, Any]:
    """Value, slope and half the second derivative at ``factor`` of the flows from each lane's ``first`` group on.

    For lanes whose first flow is not the first of its group, times a power of the factor: the root is the same.
    """
    square = factor * factor
    powers = factor, factor + factor, square, square * square, 4.0 * square * factor, 6.0 * square
    since = begin // GROUP
    while since <= end // GROUP and any_of((active > 0.0) & (first >= float(GROUP * (since + 1)))):
        since += 1
    value, slope, bend = none, none, none
    for group in range(end // GROUP, since - 1, -1):
        value, slope, bend = _four_on(scratch, group, value, slope, bend, powers)
    for group in range(since - 1, begin // GROUP - 1, -1):
        further = _four_on(scratch, group, value, slope, bend, powers)
        live = first < float(GROUP * (group + 1))
        value, slope, bend = (
            where(live, further[0], value),
            where(live, further[1], slope),
            where(live, further[2], bend),
        )
    return value, slope, bend


@inline_function
def _to_the_power(factor: Any, exponent: int) -> Any:
    """``factor`` to the power of 1, 2 or 4."""
    while exponent > 1:
        factor, exponent = factor * factor, exponent // 2
    return factor


@inline_function
def _rates(flows: Any, start: Any, step: int, periods: int, year_fraction: float, scratch: Any, none: Any) -> Any:
    begin, end, first, reason, high, sign, guess = _search(flows, start, step, periods, year_fraction, scratch, none)
    active, highest, low, before = where(reason == 0.0, alike(1.0, none), 0.0), high, alike(LOWEST_DISCOUNT, none), none
    for number in range(ITERATIONS + HALVINGS):
        if not any_of(active > 0.0):
            break
        value, slope, bend = _polynomial(scratch, first, active, begin, end, guess, none)
        below, running = value * sign > 0.0, active > 0.0
        low, high = where(running & below, guess, low), where(running & (value * sign <= 0.0), guess, high)
        following = guess - value * slope / (slope * slope - value * bend)
        halley = (low <= following) & (following <= high) & (alike(float(number), none) < float(ITERATIONS))
        following = where(halley, following, 0.5 * (low + high))
        moved = absolute(following - guess)
        # The next step would be as the third power of this one, moved**4 / before**3.
        settled = halley & (moved * moved * (moved * moved) <= guess * NEXT_TOLERANCE * (before * before * before))
        arrived = settled | (moved <= guess * TOLERANCE)
        before = where(halley, moved, 0.0)
        guess = where(running, following, guess)
        active = where(arrived, 0.0, active)
    if any_of((reason == 0.0) & _near_an_end(guess)):
        reason = _reached(scratch, begin, end, reason, highest, guess, none)
    rate = _to_the_power(1.0 / guess, int(1.0 / year_fraction)) - 1.0
    undefined = where(reason == 1.0, alike(_ONE_SIGN, none), where(reason == 2.0, _SEVERAL_RATES, _OUT_OF_REACH))
    return where(reason == 0.0, rate, undefined)


@kernel_function
def internal_rate(flows: Any, start: int, step: int, periods: int, year_fraction: float, scratch: Any) -> Any:
    """:func:`functions.internal_rate` of every lane.

    A lane that has converged is frozen, so that none depends on its neighbours.
    """
    return _rates(flows, start, step, periods, year_fraction, scratch, lanes(0.0))


@kernel_function
def internal_rates(
    flows: Any, start: int, other_start: int, step: int, periods: int, year_fraction: float, scratch: Any
) -> Any:
    """:func:`internal_rate` of two series of flows in step, :func:`.vectors.joined`.

    What one of them waits for, the other is computed in; each lane has the bits that it has alone.
    """
    none = joined(lanes(0.0), lanes(0.0))
    return _rates(flows, (start, other_start), step, periods, year_fraction, scratch, none)


@kernel_function
def internal_rate_undefined(flows: Any, start: int, step: int, periods: int, scratch: Any) -> Any:
    """:func:`functions.internal_rate_undefined` of every lane."""
    none = lanes(0.0)
    begin, end, _, reason, highest, _, _ = _search(flows, start, step, periods, 1.0, scratch, none)
    return _reached(scratch, begin, end, reason, highest, lanes(LOWEST_DISCOUNT), none)
