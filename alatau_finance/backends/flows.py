"""What is known of eight lanes' flows from one look at each, before a rate of return is searched in them.

``flows`` is a flat array, the first period's row is at ``start``, and each following one ``step`` further on. They are
copied to ``scratch``, where a row lies beside the next, as a search goes through them some four times.
"""

from __future__ import annotations

import math
from typing import Any

from alatau_finance.jit import TILE, inline_function, kernel_function
from alatau_finance.memory import load, store
from alatau_finance.vectors import absolute, any_of, lanes, lanes_in, larger_of, smaller_of, where

#: Periods that are gone through together.
GROUP = 4


def scratch_rows(periods: int) -> int:
    """How many rows ``scratch`` must have."""
    return periods + GROUP


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
def taken(flows: Any, start: int, step: int, periods: int, scratch: Any, rounding: Any) -> tuple[Any, ...]:
    """Flows copied to ``scratch``, and what is known of them from one look at each, the last period first.

    The first and the last period with one in any lane; by lane the largest size, and the smallest that is not 0; sums
    of flows, and of their sizes; the lanes in which more than ``rounding`` is received before the last is paid, and
    those in which it is paid before the last is received.
    """
    for t in range(periods, periods + GROUP):
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
def first_flow(scratch: Any, begin: int, end: int, lanes_left: int) -> Any:
    """The first period with a flow, of those lanes that have any; infinite elsewhere."""
    first, t = lanes(math.inf), begin
    while lanes_left and t <= end:
        flowing = load(scratch, t * TILE) != 0.0
        first = smaller_of(where(flowing, lanes(float(t)), math.inf), first)
        lanes_left &= ~lanes_in(flowing)
        t += 1
    return first


@inline_function
def cut(scratch: Any, begin: int, end: int, rounding: Any) -> None:
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
def sign_of(value: Any, rounding: Any, sign: Any) -> Any:
    """The sign of ``value`` where it counts, else ``sign``."""
    return where(value > rounding, 1.0, where(value < -rounding, -1.0, sign))


@kernel_function
def norstrom(scratch: Any, begin: int, end: int, rounding: Any) -> Any:
    """What the flows add up to where they change sign once as they are added up, else 0."""
    total, sign, changes = lanes(0.0), lanes(0.0), lanes(0.0)
    for t in range(begin, end + 1):
        flow = load(scratch, t * TILE)
        total = total + where(absolute(flow) > rounding, flow, 0.0)
        changes = where(_turned(sign, total, rounding), changes + 1.0, changes)
        sign = sign_of(total, rounding, sign)
    return where((changes == 1.0) & (absolute(total) > rounding), total, 0.0)


@kernel_function
def value_at(scratch: Any, begin: int, end: int, factor: float) -> Any:
    """What the flows are worth at one discount factor for all lanes, but for a power of it."""
    value = lanes(0.0)
    for t in range(end, begin - 1, -1):
        value = value * factor + load(scratch, t * TILE)
    return value
