"""What is known of lanes' flows from one look at each, before a rate of return is searched in them.

``flows`` is a flat array, the first period's row is at ``start``, and each following one ``step`` further on. They are
copied to ``scratch``, where a row lies beside the next, as a search goes through them some four times. Two series of
flows are looked at together where ``start`` is the places of both; ``none``, 0 in every lane, tells how many lanes.
"""

from __future__ import annotations

import math
from typing import Any

from alatau_finance.jit import TILE, inline_function, kernel_function
from alatau_finance.lane_bits import any_of, lanes_in
from alatau_finance.memory import load_alike, load_flows, store
from alatau_finance.vectors import absolute, alike, larger_of, smaller_of, where, width_of

#: Periods that are gone through together.
GROUP = 4


def scratch_rows(periods: int) -> int:
    """How many rows ``scratch`` must have, for two series of flows and a weight for each period."""
    return 2 * (periods + GROUP) + periods // TILE + 1


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
def weights_at(periods: int, none: Any) -> int:
    """Where weights lie in ``scratch``: after the flows."""
    place: int = (periods + GROUP) * width_of(none)
    return place


@inline_function
def copied(flows: Any, start: Any, step: int, periods: int, discount: float, scratch: Any, none: Any) -> int:
    """Copy flows to ``scratch``, with 0 in the periods that fill up the last group; the last period with any.

    After them, what an amount of each period is worth in the first. It is counted from there and not from the last
    flow, as that of another lane must not move a bit of this one.
    """
    for t in range(periods, periods + GROUP):
        set_row(scratch, t, none)
    end, found = periods, 0
    while end > 0 and found == 0:
        end -= 1
        flow = load_flows(flows, start, end * step)
        set_row(scratch, end, flow)
        found = any_of(flow != 0.0)
    weights, weight = weights_at(periods, none), 1.0
    for t in range(end):
        set_row(scratch, t, load_flows(flows, start, t * step))
        scratch[weights + t] = weight
        weight = weight * discount
    scratch[weights + end] = weight
    return end


@inline_function
def looked_at(scratch: Any, end: int, weights: int, rounding: Any, none: Any) -> tuple[Any, ...]:
    """What is known of flows from one look at each, the last period first.

    The first period with one in any lane; by lane the largest size, and the smallest that is not 0; sums of flows, and
    of those received, each by its weight, found at ``weights``; the lanes in which more than ``rounding`` is received
    before the last is paid, and those in which it is paid before the last is received.
    """
    begin, largest, least = end, none, alike(math.inf, none)
    sums, receipts = (none, none, none), (none, none, none)
    received, paid, received_before, paid_before = 0, 0, 0, 0
    for t in range(end, -1, -1):
        flow = row_of(scratch, t, none)
        size, weighed = absolute(flow), scratch[weights + t] * flow
        sums, receipts = _summed(sums, weighed), _received(receipts, flow > rounding, weighed)
        largest = larger_of(size, largest)
        least = where(size > 0.0, smaller_of(size, least), least)
        counted, receiving = lanes_in(size > rounding), lanes_in(flow > rounding)
        paying = counted & ~receiving
        received, paid = received | receiving, paid | paying
        received_before, paid_before = received_before | (receiving & paid), paid_before | (paying & received)
        begin = t if counted else begin
    return begin, largest, least, _moments(sums), _moments(receipts), received_before, paid_before


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
