"""What is known of lanes' flows from one look at each, before a rate of return is searched in them.

``flows`` is a flat array, the first period's row is at ``start``, and each following one ``step`` further on. They are
copied to ``scratch``, where a row lies beside the next, as a search goes through them some four times. Two series of
flows are looked at together where ``start`` is the places of both; ``none``, 0 in every lane, tells how many lanes.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alatau_finance.jit import TILE, inline_function, kernel_function
from alatau_finance.lane_bits import any_of, lanes_in
from alatau_finance.memory import aligned_zeros, load_alike, load_flows, store
from alatau_finance.vectors import absolute, alike, larger_of, smaller_of, where, width_of

Floats = NDArray[np.float64]

#: Periods that are gone through together.
GROUP = 4
#: A year. Rates near it are found in two steps; all others are found too.
EXPECTED_RATE = 0.12


def flows_take(periods: int) -> int:
    """Numbers of ``scratch`` that flows take: two series, and what fills up the last group."""
    return 2 * (periods + GROUP) * TILE


def expected_discount(year_fraction: float) -> float:
    """The discount factor of a period at the rate that is expected. Roots only, which are the same everywhere."""
    growth, periods = 1.0 + EXPECTED_RATE, int(1.0 / year_fraction)
    while periods > 1:
        growth, periods = math.sqrt(growth), periods // 2
    return 1.0 / growth


#: The same for kernels.
weights_at, discount_at = inline_function(flows_take), inline_function(expected_discount)


def scratch_for(periods: int, year_fraction: float) -> Floats:
    """What searches work in: room for flows, and after them what an amount of each period is worth in the first.

    It is counted from there and not from the last flow, as that of one lane must not move a bit of another.
    """
    first, weight, discount = flows_take(periods), 1.0, expected_discount(year_fraction)
    scratch = aligned_zeros(first + periods)
    for t in range(periods):
        scratch[first + t] = weight
        weight *= discount
    return scratch


@inline_function
def _summed(sums: tuple[Any, Any, Any], flow: Any) -> tuple[Any, Any, Any]:
    """Sums of flows, of these sums, and of those: see :func:`_moments`."""
    total, first, second = sums[0] + flow, sums[1], sums[2]
    first = first + total
    return total, first, second + first


@inline_function
def _received(sums: tuple[Any, Any, Any], receiving: Any, flow: Any) -> tuple[Any, Any, Any]:
    """:func:`_summed` where a flow is ``receiving``."""
    total, first, second = sums
    total = where(receiving, total + flow, total)
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
def row_of(scratch: Any, t: int, none: Any) -> Any:
    """The flows of period ``t``."""
    return load_alike(scratch, t * width_of(none), none)


@inline_function
def set_row(scratch: Any, t: int, flow: Any) -> None:
    """Lay down the flows of period ``t``."""
    store(scratch, t * width_of(flow), flow)


@inline_function
def _unseen(end: int, none: Any) -> tuple[Any, ...]:
    """What :func:`looked_at` finds, before it has looked."""
    sums = none, none, none
    return end, none, alike(math.inf, none), sums, sums, 0, 0, 0, 0


@inline_function
def _seen(found: tuple[Any, ...], t: int, flow: Any, weight: float, rounding: Any) -> tuple[Any, ...]:
    """What is known after the flows of period ``t`` too, which comes before those seen already."""
    begin, largest, least, sums, receipts, received, paid, received_before, paid_before = found
    size, weighed = absolute(flow), weight * flow
    counted, receiving = lanes_in(size > rounding), lanes_in(flow > rounding)
    paying = counted & ~receiving
    received, paid = received | receiving, paid | paying
    return (
        t if counted else begin,
        larger_of(size, largest),
        where(size > 0.0, smaller_of(size, least), least),
        _summed(sums, weighed),
        _received(receipts, flow > rounding, weighed),
        received,
        paid,
        received_before | (receiving & paid),
        paid_before | (paying & received),
    )


@inline_function
def _known(found: tuple[Any, ...]) -> tuple[Any, ...]:
    begin, largest, least, sums, receipts, _, _, received_before, paid_before = found
    return begin, largest, least, _moments(sums), _moments(receipts), received_before, paid_before


@inline_function
def copied(flows: Any, start: Any, step: int, periods: int, scratch: Any, none: Any) -> tuple[Any, ...]:
    """Copy flows to ``scratch``, with 0 in the periods that fill up the last group: the last period with any, and what
    :func:`looked_at` would find."""
    for t in range(periods, periods + GROUP):
        set_row(scratch, t, none)
    end, flowing = periods, 0
    while end > 0 and flowing == 0:
        end -= 1
        flow = load_flows(flows, start, end * step)
        set_row(scratch, end, flow)
        flowing = any_of(flow != 0.0)
    found, weights = _unseen(end, none), weights_at(periods)
    for t in range(end, -1, -1):
        flow = load_flows(flows, start, t * step)
        set_row(scratch, t, flow)
        found = _seen(found, t, flow, scratch[weights + t], none)
    return end, _known(found)


@inline_function
def looked_at(scratch: Any, end: int, weights: int, rounding: Any, none: Any) -> tuple[Any, ...]:
    """What is known of flows from one look at each, the last period first.

    The first period with one in any lane; by lane the largest size, and the smallest that is not 0; sums of flows, and
    of those received, each by its weight, found at ``weights``; the lanes in which more than ``rounding`` is received
    before the last is paid, and those in which it is paid before the last is received.
    """
    found = _unseen(end, none)
    for t in range(end, -1, -1):
        found = _seen(found, t, row_of(scratch, t, none), scratch[weights + t], rounding)
    return _known(found)


@inline_function
def first_flow(scratch: Any, begin: int, end: int, lanes_left: int, none: Any) -> Any:
    """The first period with a flow, of those lanes that have any; infinite elsewhere."""
    first, t = alike(math.inf, none), begin
    while lanes_left and t <= end:
        flowing = row_of(scratch, t, none) != 0.0
        first = smaller_of(where(flowing, alike(float(t), none), math.inf), first)
        lanes_left &= ~lanes_in(flowing)
        t += 1
    return first


@inline_function
def cut(scratch: Any, begin: int, end: int, rounding: Any, none: Any) -> None:
    """Set to 0 what a lane has before the first flow that is more than rounding, and after the last."""
    first, last = alike(math.inf, none), alike(-math.inf, none)
    for t in range(begin, end + 1):
        counted = absolute(row_of(scratch, t, none)) > rounding
        first, last = smaller_of(where(counted, float(t), math.inf), first), where(counted, float(t), last)
    for t in range(begin, end + 1):
        lasting = (first <= float(t)) & (last >= float(t))
        set_row(scratch, t, where(lasting, row_of(scratch, t, none), 0.0))


@inline_function
def _turned(sign: Any, value: Any, rounding: Any) -> Any:
    """Where ``value`` is of the other sign than the last that counted, whose ``sign`` is told."""
    return ((value > rounding) & (sign < 0.0)) | ((value < -rounding) & (sign > 0.0))


@inline_function
def sign_of(value: Any, rounding: Any, sign: Any) -> Any:
    """The sign of ``value`` where it counts, else ``sign``."""
    return where(value > rounding, 1.0, where(value < -rounding, -1.0, sign))


@kernel_function
def norstrom(scratch: Any, begin: int, end: int, rounding: Any, none: Any) -> Any:
    """What the flows add up to where they change sign once as they are added up, else 0."""
    total, sign, changes = none, none, none
    for t in range(begin, end + 1):
        flow = row_of(scratch, t, none)
        total = total + where(absolute(flow) > rounding, flow, 0.0)
        changes = where(_turned(sign, total, rounding), changes + 1.0, changes)
        sign = sign_of(total, rounding, sign)
    return where((changes == 1.0) & (absolute(total) > rounding), total, 0.0)


@kernel_function
def value_at(scratch: Any, begin: int, end: int, factor: float, none: Any) -> Any:
    """What the flows are worth at one discount factor for all lanes, but for a power of it."""
    value = none
    for t in range(end, begin - 1, -1):
        value = value * factor + row_of(scratch, t, none)
    return value
