"""The functions that rendered formulas call, as plain Python: the meaning of each operator at its edges.

The kernel compiles the arithmetic ones as they stand and takes ``exponential``, ``logarithm`` and ``power`` from
:mod:`alatau_finance.risk.normal`, whose bits do not depend on the machine's C library.
"""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate


def square_root(a: float) -> float:
    """Square root; NaN below 0."""
    return math.sqrt(a) if a >= 0.0 else math.nan


def exponential(a: float) -> float:
    """e**a; inf where that is too large for a number."""
    try:
        return math.exp(a)
    except OverflowError:
        return math.inf


def logarithm(a: float) -> float:
    """Natural logarithm; -inf at 0, NaN below."""
    if a > 0.0:
        return math.log(a)
    return -math.inf if a == 0.0 else math.nan


def divide(a: float, b: float) -> float:
    """``a / b``, and 0 where ``b`` is 0."""
    return 0.0 if b == 0.0 else a / b


def smaller_of(a: float, b: float) -> float:
    """The smaller value; a tie gives ``b``."""
    return a if a < b else b


def larger_of(a: float, b: float) -> float:
    """The larger value; a tie gives ``b``."""
    return a if a > b else b


def power(base: float, exponent: float) -> float:
    """``base ** exponent`` for ``base`` > 0; 0 to a power is 0, 1 or inf by the power's sign; NaN below 0."""
    if exponent == 0.0:
        return 1.0
    if base == 0.0:
        return 0.0 if exponent > 0.0 else math.inf
    try:
        return base**exponent if base > 0.0 else math.nan
    except OverflowError:
        return math.inf


# --- internal rate of return
#
# Flows are equally spaced, the rate is annual and effective. With x = 1 / (1 + rate per period) it is a root x > 0 of
# the polynomial P whose coefficients are the flows. A flow of at most ROUNDING of the largest is what rounding left of
# 0: it is no change of sign, nor the first or last flow. So zeros before and after the flows do not matter.
#
# Flows that change sign once: exactly one root x > 0 (Descartes), hence one rate above -100 %, whatever its own sign.
# Flows that change sign more often, but once added up, and do not add up to 0 in the end (Norstrom): for 0 < x < 1,
# P(x) = (1 - x) * (sum of cumulative flow * x ** t, the last of them for ever), so there is exactly one root in that
# interval, hence one rate above 0. There may be others below 0; they are not looked for.
# All other flows: nothing says that there is one rate, so there is none; internal_rate_undefined gives the reason.

#: Why flows have no rate of return: they have one; nothing is paid in, or nothing received; the criteria above leave
#: room for several; the one rate lies outside the bracket, or a flow is not a finite number.
DEFINED, ONE_SIGN, SEVERAL_RATES, OUT_OF_REACH = 0, 1, 2, 3
#: "Not a number" by reason: it is in the lowest bits, so that whoever keeps the rate keeps the reason.
UNDEFINED_RATES: tuple[float, ...] = tuple(
    struct.unpack("<d", struct.pack("<Q", (0x7FF8 << 48) + reason))[0] for reason in range(OUT_OF_REACH + 1)
)

#: The bracket: discount factors per period of rates from +900 % to -50 % a period; 1 is the rate 0.
LOWEST_DISCOUNT = 0.1
HIGHEST_DISCOUNT = 2.0
#: Steps by Newton's method, kept inside the bracket by halving it, and halvings for the rare flows that need more.
ITERATIONS = 100
HALVINGS = 50
#: Parts of the discount factor: it is found where the last step was at most the first, or the following one would be
#: at most the second.
TOLERANCE = 1e-12
NEXT_TOLERANCE = 1e-16
#: Part of the largest flow below which an amount is rounding.
ROUNDING = 1e-12


@dataclass(frozen=True)
class _Search:
    """Where a rate is looked for: ``live`` flows, discount factors up to ``highest``, sign at the lowest of them."""

    reason: int
    live: Sequence[float] = ()
    highest: float = HIGHEST_DISCOUNT
    sign_at_lowest: float = 0.0
    guess: float = 1.0


def internal_rate(flows: Sequence[float], periods_per_year: float) -> float:
    """Annual effective internal rate of return of ``flows``, 1, 2 or 4 a year; without one, NaN with a reason."""
    search = _search(flows)
    if search.reason != DEFINED:
        return UNDEFINED_RATES[search.reason]
    low, high, guess, before = LOWEST_DISCOUNT, search.highest, search.guess, 0.0
    for number in range(ITERATIONS + HALVINGS):
        value, slope = _polynomial(search.live, guess)
        if value * search.sign_at_lowest > 0.0:
            low = guess
        else:
            high = guess
        step = guess - value / slope if slope != 0.0 else math.inf
        # A step of 0 is at an end of the bracket and has arrived: to halve there would throw the root away.
        newton = low <= step <= high and number < ITERATIONS
        following = step if newton else 0.5 * (low + high)
        moved = abs(following - guess)
        # Steps by Newton's method are each as the square of the one before: the next would be moved**3 / before**2.
        settled = newton and moved * moved * moved <= NEXT_TOLERANCE * guess * before * before
        converged = settled or moved <= TOLERANCE * guess
        guess, before = following, moved if newton else 0.0
        if converged:
            break
    growth = 1.0 / guess
    for _ in range(int(periods_per_year).bit_length() - 1):  # 1, 2 or 4, as in the kernels
        growth *= growth
    return growth - 1.0


def internal_rate_undefined(flows: Sequence[float]) -> float:
    """Why ``flows`` have no internal rate of return: 0 they have one, 1 one sign, 2 several rates, 3 out of reach."""
    return float(_search(flows).reason)


def _search(flows: Sequence[float]) -> _Search:
    if not all(map(math.isfinite, flows)):
        return _Search(OUT_OF_REACH)
    rounding = rounding_of(flows)
    counted = [t for t, flow in enumerate(flows) if abs(flow) > rounding]
    live = flows[counted[0] : counted[-1] + 1] if counted else ()
    changes = changes_of_sign(live, rounding)
    if changes == 0:
        return _Search(ONE_SIGN)
    at_lowest = _sign(_polynomial(live, LOWEST_DISCOUNT)[0])
    if changes == 1:
        highest, at_highest = HIGHEST_DISCOUNT, _polynomial(live, HIGHEST_DISCOUNT)[0]
    else:
        cumulative = list(accumulate(flow if abs(flow) > rounding else 0.0 for flow in live))
        highest, at_highest = 1.0, cumulative[-1]
        if changes_of_sign(cumulative, rounding) != 1 or abs(at_highest) <= rounding:
            return _Search(SEVERAL_RATES)
    if not at_lowest * at_highest <= 0.0:
        return _Search(OUT_OF_REACH)
    return _Search(DEFINED, live, highest, at_lowest, first_guess(live, highest))


def first_guess(flows: Sequence[float], highest: float) -> float:
    """A discount factor near the root: the one at which all that is paid, in one sum at its mean time, is worth all
    that is received, in one sum at its own. 1 where that is no factor between the bracket's ends.

    With q the part of the difference in what is paid and received together, the logarithm of the ratio of the two is
    2 artanh(q), of which q + q**3 / 3 is near enough, as (2 + y) / (2 - y) is to exp(y).
    """
    total, size = _total(flows), _total(map(abs, flows))
    moment = _total(t * flow for t, flow in enumerate(flows))
    size_moment = _total(t * abs(flow) for t, flow in enumerate(flows))
    q = divide(total, size)
    y = divide(-total * (1.0 + q * q / 3.0) * (1.0 - q * q) * size, moment * size - size_moment * total)
    guess = divide(2.0 + y, 2.0 - y)
    return guess if LOWEST_DISCOUNT < guess < highest else 1.0


def _total(values: Iterable[float]) -> float:
    """The sum in the order of ``values``: that of Python is another from version 3.12 on."""
    return reduce(operator.add, values, 0.0)


def rounding_of(flows: Sequence[float]) -> float:
    """The amount up to which one of ``flows`` is taken for what rounding left of 0."""
    return ROUNDING * max(map(abs, flows), default=0.0)


def runs_of_sign(values: Sequence[float], rounding: float) -> list[float]:
    """How many runs of one sign there were up to each value, with the sign of the last; rounding is passed over."""
    runs, so_far = 0.0, []
    for value in values:
        if abs(value) > rounding and runs * value <= 0.0:
            runs = (1.0 if value > 0.0 else -1.0) - runs
        so_far.append(runs)
    return so_far


def changes_of_sign(values: Sequence[float], rounding: float) -> int:
    """How often ``values`` change sign; those within ``rounding`` of 0 are passed over."""
    return max(0, int(abs(runs_of_sign(values, rounding)[-1])) - 1) if values else 0


def _sign(value: float) -> float:
    """1, -1 or 0; not a number stays what it is."""
    return 1.0 if value > 0.0 else (-1.0 if value < 0.0 else value)


def _polynomial(flows: Sequence[float], factor: float) -> tuple[float, float]:
    """Value and slope at ``factor`` of the polynomial with coefficients ``flows``, first flow constant."""
    value = slope = 0.0
    for flow in reversed(flows):
        slope = slope * factor + value
        value = value * factor + flow
    return value, slope
