"""Rates of return: numpy_financial judges what they are, exact arithmetic judges that there is one.

The kernel's lanes are the same function as the reference.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy_financial
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numba import njit

from alatau_finance.backends.flows import flows_take, scratch_for
from alatau_finance.backends.functions import (
    DEFINED,
    HIGHEST_DISCOUNT,
    ITERATIONS,
    LOWEST_DISCOUNT,
    ONE_SIGN,
    OUT_OF_REACH,
    SEVERAL_RATES,
    internal_rate,
    internal_rate_undefined,
)
from alatau_finance.backends.rates import internal_rate as internal_rate_of_lanes
from alatau_finance.backends.rates import internal_rate_undefined as undefined_rate_of_lanes
from alatau_finance.backends.rates import internal_rates
from alatau_finance.jit import LANES, TILE
from alatau_finance.memory import store
from alatau_finance.vectors import first_lanes, second_lanes

Flows = list[float]


@njit(error_model="numpy")
def _rates(flows: Any, start: int, step: int, periods: int, year_fraction: float, scratch: Any, found: Any) -> None:
    for tile in range(found.size // TILE):
        at = start + tile * TILE
        store(found, tile * TILE, internal_rate_of_lanes(flows, at, step, periods, year_fraction, scratch))


@njit(error_model="numpy")
def _reasons(flows: Any, start: int, step: int, periods: int, scratch: Any, found: Any) -> None:
    for tile in range(found.size // TILE):
        store(found, tile * TILE, undefined_rate_of_lanes(flows, start + tile * TILE, step, periods, scratch))


@njit(error_model="numpy")
def _rates_in_pairs(flows: Any, start: int, step: int, periods: int, scratch: Any, found: Any) -> None:
    tiles = found.size // TILE
    for tile in range(tiles // 2):
        one, other = tile * TILE, (tiles - 1 - tile) * TILE
        both = internal_rates(flows, start + one, start + other, step, periods, 1.0, scratch)
        store(found, one, first_lanes(both))
        store(found, other, second_lanes(both))


def flows_in_lanes(columns: list[Flows]) -> tuple[Any, int, int, int]:
    """Each list of flows in a lane of its own, the other lanes zero, between rows that hold something else."""
    flows = np.full((max(map(len, columns)), 3, LANES), -7.0)
    flows[:, 1] = 0.0
    for lane, column in enumerate(columns):
        flows[: len(column), 1, lane] = column
    return flows.reshape(-1), LANES, 3 * LANES, len(flows)


def scratch(periods: int, year_fraction: float = 1.0) -> np.ndarray:
    """What a search does not write before it reads it, shows."""
    found = scratch_for(periods, year_fraction)
    found[: flows_take(periods)] = math.nan
    return found


def in_lanes(columns: list[Flows], periods_per_year: float = 1.0) -> list[float]:
    """The rate of each list of flows, each in a lane of its own; the other lanes are zero."""
    flows, start, step, periods = flows_in_lanes(columns)
    found = np.full(LANES, -7.0)
    _rates(flows, start, step, periods, 1.0 / periods_per_year, scratch(periods, 1.0 / periods_per_year), found)
    return [float(rate) for rate in found[: len(columns)]]


def reasons_in_lanes(columns: list[Flows]) -> list[float]:
    """Why each list of flows has no rate, each in a lane of its own."""
    flows, start, step, periods = flows_in_lanes(columns)
    found = np.full(LANES, -7.0)
    _reasons(flows, start, step, periods, scratch(periods), found)
    return [float(reason) for reason in found[: len(columns)]]


def kept_reason(rate: float) -> int:
    """The reason in the lowest bits of a rate that is not a number; 0 for one that is."""
    bits = int(np.array(rate).view(np.uint64))
    if rate == rate:
        return DEFINED
    # A quiet NaN without a sign, as no processor makes by itself with these bits.
    assert bits >> 2 == 0x7FF8 << 46
    return bits & 3


def alike(first: float, second: float) -> bool:
    # Both stop where a step is below 1e-12 of the discount factor; their power functions differ by rounding.
    return (first != first and second != second) or math.isclose(first, second, rel_tol=1e-12, abs_tol=1e-12)


def net_present_value(flows: Flows, rate: float) -> float:
    return sum(flow / (1.0 + rate) ** t for t, flow in enumerate(flows))


KNOWN: dict[str, tuple[Flows, float]] = {
    "one year": ([-100.0, 110.0], 0.10),
    "no return": ([-100.0, 50.0, 50.0], 0.0),
    "loss": ([-100.0, 0.0, 81.0], -0.1),
    "borrower": ([100.0, -110.0], 0.10),
    "two years": ([-100.0, 0.0, 121.0], 0.10),
    "dear": ([-1.0, 9.0], 8.0),
    "nearly the dearest": ([-1.0, 9.99], 8.99),
    "nearly the largest loss": ([-1.0, 0.5001], -0.4999),
    "tiny amounts": ([-1e-12, 1.2e-12], 0.2),
    "large amounts": ([-1e15, 1.2e15], 0.2),
    "leading zeros": ([0.0] * 80 + [-100.0, 110.0], 0.10),
    "trailing zeros": ([-100.0, 110.0] + [0.0] * 80, 0.10),
    "both": ([0.0] * 40 + [-100.0, 0.0, 121.0] + [0.0] * 40, 0.10),
    "annuity": ([-1000.0] + [117.459624] * 20, 0.1),
}

#: More than one change of sign, but one of the cumulative flows: the rate above 0, worked out from the factors.
NORSTROM: dict[str, tuple[Flows, float]] = {
    # (-1 + 1.25 x)(100 + 20 x - 10 x2): the other roots are -2.3 and 4.3, no discount factors of the bracket.
    "repair at the end": ([-100.0, 105.0, 35.0, -12.5], 0.25),
    # (-1 + 1.25 x)(16 - 10 x): x = 0.8 is 25 %, x = 1.6 is -37.5 %, and only one of them is above 0.
    "another rate below 0": ([-16.0, 30.0, -12.5], 0.25),
    "the same for the other side": ([16.0, -30.0, 12.5], 0.25),
    "late": ([0.0] * 70 + [-16.0, 30.0, -12.5] + [0.0] * 20, 0.25),
    # The last flow makes x = 0.99 a root; it is 8.22, so the cumulative flows are -10, -4, -8, 0.22.
    "hardly any": ([-10.0, 6.0, -4.0, 10.0 / 0.99**3 - 6.0 / 0.99**2 + 4.0 / 0.99], 1.0 / 0.99 - 1.0),
}

#: What is left of 0 where flows should cancel is no flow: not at the ends, not between, not by its sign.
ROUNDED: dict[str, tuple[Flows, float]] = {
    "after the last": ([-100.0, 110.0] + [0.0] * 60 + [-1e-14], 0.10),
    "before the first": ([3e-14] + [0.0] * 60 + [-100.0, 110.0], 0.10),
    "between": ([-100.0, 1e-14, -1e-14, 0.0, 100.0 * 1.1**4], 0.10),
}

NONE: dict[str, tuple[Flows, int]] = {
    "all zero": ([0.0] * 10, ONE_SIGN),
    "nothing": ([], ONE_SIGN),
    "all negative": ([-1.0, -2.0, -3.0], ONE_SIGN),
    "all positive": ([1.0, 2.0, 3.0], ONE_SIGN),
    "zero and positive": ([0.0, 0.0, 5.0, 0.0], ONE_SIGN),
    "one flow": ([0.0, -5.0], ONE_SIGN),
    "nothing but rounding paid in": ([-1e-15, 5.0, 5.0], ONE_SIGN),
    # 1 - 2 x + 2 x2 has no real root; cumulative 1, -1, 1.
    "never zero": ([1.0, -2.0, 2.0], SEVERAL_RATES),
    # (-1 + 1.1 x)(1 - 1.2 x): 10 % and 20 %.
    "two rates": ([-1.0, 2.3, -1.32], SEVERAL_RATES),
    # (1 - x)(1 - 1.2 x)(1 - 1.5 x): 0 %, 20 %, 50 %.
    "three rates": ([-1.0, 3.7, -4.5, 1.8], SEVERAL_RATES),
    # (-1 + x)(1 - 2 x): 0 % and 100 %; the cumulative flows change sign once and end at 0.
    "two rates, one of them 0": ([-1.0, 3.0, -2.0], SEVERAL_RATES),
    # More is paid than comes back, with a repair on the way: nothing says that the loss has one rate.
    "loss with a repair": ([-100.0, 50.0, -10.0, 40.0], SEVERAL_RATES),
    "above 900 %": ([-1.0, 11.0], OUT_OF_REACH),
    "below -50 %": ([-1.0, 0.4], OUT_OF_REACH),
    "hardly above 900 %": ([-1.0, 10.001], OUT_OF_REACH),
    "hardly below -50 %": ([-1.0, 0.4999], OUT_OF_REACH),
    # 20 x - x2 = 1 at x = 0.0501: 1895 %.
    "above 900 %, two changes": ([-1.0, 20.0, -1.0], OUT_OF_REACH),
    "not a number": ([-1.0, math.nan, 2.0], OUT_OF_REACH),
    "only not a number": ([math.nan, math.nan], OUT_OF_REACH),
    "infinite": ([-1.0, math.inf], OUT_OF_REACH),
    "infinite of one sign": ([math.inf, 1.0], OUT_OF_REACH),
}

RATES = KNOWN | NORSTROM | ROUNDED


@pytest.mark.parametrize("case", RATES)
def test_known_rates(case: str) -> None:
    flows, rate = RATES[case]
    # The annuity's payment is written with nine digits.
    assert internal_rate(flows, 1.0) == pytest.approx(rate, abs=1e-9)
    assert internal_rate_undefined(flows) == DEFINED


@pytest.mark.parametrize("case", NONE)
def test_no_rate(case: str) -> None:
    """Not a number, no error, and why; whoever keeps the rate keeps the reason."""
    flows, reason = NONE[case]
    assert internal_rate_undefined(flows) == reason
    assert math.isnan(internal_rate(flows, 1.0))
    assert kept_reason(internal_rate(flows, 1.0)) == reason


def test_two_rates_in_step_have_the_bits_that_each_has_alone() -> None:
    columns = [flows for flows, _ in (*RATES.values(), *NONE.values()) if flows]
    flows, start, step, periods = flows_in_lanes(columns)
    found = np.full(LANES, -7.0)
    _rates_in_pairs(flows, start, step, periods, scratch(periods), found)
    alone = np.array(in_lanes(columns))
    np.testing.assert_array_equal(found[: len(columns)].view(np.uint64), alone.view(np.uint64))


def test_a_rate_has_the_same_bits_whatever_stands_beside_it() -> None:
    """Longer flows in one lane of each tile do not move the last digit of the others, as a guess of theirs might."""
    generator, others = np.random.default_rng(8), [lane for lane in range(LANES) if lane % TILE]
    for _ in range(200):
        paid, received = generator.uniform(5.0, 20.0, LANES), generator.uniform(0.2, 3.0, (LANES, 30))
        columns = [[-float(first), *rest] for first, rest in zip(paid, received.tolist(), strict=True)]
        beside = [column if lane % TILE else [-10.0, *[0.7] * 59] for lane, column in enumerate(columns)]
        columns[0] = [*columns[0], *[0.0] * 29]
        alone, together = in_lanes(columns), in_lanes(beside)
        assert [alone[lane] for lane in others] == [together[lane] for lane in others]


def test_the_kernel_agrees_on_all_of_them_side_by_side() -> None:
    """One block: lanes of different first flows, lengths and numbers of steps."""
    columns = [flows for flows, _ in (*RATES.values(), *NONE.values()) if flows]
    reasons = [internal_rate_undefined(column) for column in columns]
    for column, found, reason in zip(columns, in_lanes(columns), reasons, strict=True):
        assert alike(found, internal_rate(column, 1.0)), column
        assert kept_reason(found) == reason, column
    assert reasons_in_lanes(columns) == reasons


@pytest.mark.parametrize(
    ("flows", "bits"),
    [
        ([-100.0, 30.0, 0.0, 45.0, 60.0], "0x1.d1b0f73b948b8p-3"),
        ([0.0, -70.0, -30.0, 5.0, 5.0, 5.0, 90.0, 0.0], "0x1.6e62fe7b50540p-6"),
        ([-1000.0] + [37.0] * 40, "0x1.5680d86e0d440p-5"),
    ],
)
def test_flows_of_one_change_of_sign_have_the_bits_they_had(flows: Flows, bits: str) -> None:
    """As before flows of several changes of sign had reasons: published runs had such flows almost only."""
    assert internal_rate(flows, 2.0).hex() == bits


def test_a_step_that_arrives_at_an_end_of_the_bracket_is_not_halved() -> None:
    """Newton's steps come from above, so each is an end of the bracket: the last of them is the rate, to the last bits.

    Halved instead, the rate would be found again only to within the tolerance, in six times as many steps.
    """
    flows = [-1.0] + [0.0] * 30 + [0.2]
    assert internal_rate(flows, 2.0) == pytest.approx(5.0 ** (-2 / 31) - 1.0, rel=0.0, abs=4e-16)


@pytest.mark.parametrize("periods", [399, 800])
def test_flows_on_which_newton_is_slow_have_their_rate(periods: int) -> None:
    """Far out the polynomial is a power, and a step takes only 1 / periods off; halving does what is left to do."""
    flows = [-1.0] + [0.0] * (periods - 1) + [1e-11]
    # x ** periods = 1e11.
    assert periods * math.log(1.5 / 1e11 ** (1 / periods)) > ITERATIONS
    rate = 1e11 ** (-1 / periods) - 1.0
    assert internal_rate(flows, 1.0) == pytest.approx(rate, rel=1e-9)
    assert in_lanes([flows]) == pytest.approx([rate], rel=1e-9)


@pytest.mark.parametrize("each", [1.0, 2.0, 4.0])
def test_the_rate_is_annual_and_effective(each: float) -> None:
    flows = [-100.0, 4.0, 104.0]
    expected = 1.04**each - 1.0
    assert internal_rate(flows, each) == pytest.approx(expected, rel=1e-12)
    assert in_lanes([flows], each) == pytest.approx([expected], rel=1e-12)


# --- there is one: exact arithmetic counts the roots

Polynomial = list[Fraction]  # lowest power first


def value_at(polynomial: Polynomial, at: Fraction) -> Fraction:
    total = Fraction(0)
    for coefficient in reversed(polynomial):
        total = total * at + coefficient
    return total


def trimmed(polynomial: Polynomial) -> Polynomial:
    while polynomial and polynomial[-1] == 0:
        polynomial = polynomial[:-1]
    return polynomial


def remainder(dividend: Polynomial, divisor: Polynomial) -> Polynomial:
    left = trimmed(dividend)
    while len(left) >= len(divisor):
        factor, shift = left[-1] / divisor[-1], len(left) - len(divisor)
        left = trimmed([a - factor * (divisor[k - shift] if k >= shift else 0) for k, a in enumerate(left[:-1])])
    return left


def roots_between(flows: Flows, low: float, high: float) -> int:
    """How many different roots lie above ``low`` and not above ``high``, by Sturm's theorem in exact arithmetic."""
    first = trimmed([Fraction(flow) for flow in flows])
    chain = [first, trimmed([k * a for k, a in enumerate(first)][1:])]
    while chain[-1]:
        chain.append([-a for a in remainder(chain[-2], chain[-1])])

    def changes(at: float) -> int:
        signs = [value for p in chain if p and (value := value_at(p, Fraction(at))) != 0]
        return sum(a * b < 0 for a, b in pairwise(signs))

    return changes(low) - changes(high)


def changes_in(values: Flows) -> int:
    signs = [value for value in values if value]
    return sum(a * b < 0 for a, b in pairwise(signs))


def everywhere(flows: Flows) -> int:
    """Roots x > 0: above the bound of Cauchy there is none."""
    live = trimmed([Fraction(flow) for flow in flows])
    return roots_between(flows, 0.0, float(1 + max(abs(a) for a in live) / abs(live[-1])) + 1)


small_flows = st.lists(st.integers(-6, 6).map(float), min_size=1, max_size=9)


@settings(max_examples=1000)
@given(small_flows)
def test_a_rate_is_the_only_one_and_a_reason_is_true(flows: Flows) -> None:
    reason, live = internal_rate_undefined(flows), np.trim_zeros(flows)
    changes, cumulative = changes_in(flows), list(accumulate(flows))
    if reason == ONE_SIGN:
        assert changes == 0
        return
    by_norstrom = changes > 1 and changes_in(cumulative) == 1 and cumulative[-1] != 0
    if reason == SEVERAL_RATES:
        assert changes > 1
        assert not by_norstrom
        return
    assert (changes == 1) != by_norstrom
    low, high = LOWEST_DISCOUNT, (1.0 if by_norstrom else HIGHEST_DISCOUNT)
    if by_norstrom:
        assert roots_between(live, 0.0, 1.0) == 1
    else:
        assert everywhere(live) == 1
    if reason == OUT_OF_REACH:
        assert roots_between(live, low, high) == 0
        return
    factor = 1.0 / (1.0 + internal_rate(flows, 1.0))
    width = 1e-11 * factor
    assert roots_between(live, factor - width, factor + width) == 1


def test_every_reason_is_met_in_small_flows() -> None:
    """Else the test above would prove less than it says."""
    cases = [
        [float(a), float(b), float(c), float(d)] for a in (-6, 1) for b in (-6, 0, 5) for c in (-1, 6) for d in (-6, 2)
    ]
    assert {internal_rate_undefined(flows) for flows in [*cases, [-1.0, 0.0, 0.0, 1000.0, 1000.0], [-6.0, 1.0]]} == {
        DEFINED,
        ONE_SIGN,
        SEVERAL_RATES,
        OUT_OF_REACH,
    }


investments = st.lists(st.floats(1.0, 1000.0), min_size=1, max_size=10)
returns = st.lists(st.floats(0.0, 1000.0).map(lambda flow: round(flow, 2)), min_size=1, max_size=40)
zeros = st.integers(0, 30)


@given(investments, returns, zeros, zeros)
def test_conventional_flows_have_the_rate_of_numpy_financial(out: Flows, back: Flows, before: int, after: int) -> None:
    """First out, then back: one rate. Zeros around them change nothing."""
    bare = [*(-flow for flow in out), *back]
    assume(_within_reach(bare))
    rate = internal_rate([0.0] * before + bare + [0.0] * after, 1.0)
    judge = float(numpy_financial.irr(bare))
    # numpy_financial takes eigenvalues; both are right to the size of the polynomial's slope at the root.
    assert rate == pytest.approx(judge, abs=1e-8 * (1.0 + rate))
    scale = sum(abs(flow) / (1.0 + rate) ** t for t, flow in enumerate(bare))
    assert abs(net_present_value(bare, rate)) <= 1e-9 * scale


def _within_reach(flows: Flows) -> bool:
    """Whether present values have opposite signs, clear of rounding, at 900 % and at -50 %."""
    ends = [sum(flow * x**t for t, flow in enumerate(flows)) for x in (LOWEST_DISCOUNT, HIGHEST_DISCOUNT)]
    return ends[0] < -1e-6 and ends[1] > 1e-6


any_flows = st.lists(st.floats(-1e6, 1e6).map(lambda flow: round(flow, 2)) | st.just(0.0), min_size=1, max_size=40)


@given(any_flows)
def test_what_is_called_a_rate_is_one(flows: Flows) -> None:
    """Or there is none: whatever the flows, the net present value at the rate is 0 to rounding."""
    rate = internal_rate(flows, 1.0)
    if math.isnan(rate):
        return
    factor = 1.0 / (1.0 + rate)
    assert factor * (1 + 1e-12) >= LOWEST_DISCOUNT
    assert factor * (1 - 1e-12) <= HIGHEST_DISCOUNT
    live = np.trim_zeros(flows, "f")
    value = sum(flow * factor**t for t, flow in enumerate(live))
    slope = sum(t * abs(flow) * factor**t for t, flow in enumerate(live))
    scale = sum(abs(flow) * factor**t for t, flow in enumerate(live))
    # A step of 1e-12 of the factor at which it stops, times the slope, and rounding of 40 terms.
    assert abs(value) <= 1e-11 * slope + 1e-14 * scale


@given(st.lists(any_flows, min_size=1, max_size=LANES), st.sampled_from([1.0, 2.0, 4.0]))
def test_lanes_agree_with_the_reference(columns: list[Flows], each: float) -> None:
    reasons = [internal_rate_undefined(column) for column in columns]
    for column, found, reason in zip(columns, in_lanes(columns, each), reasons, strict=True):
        assert alike(found, internal_rate(column, each)), column
        assert kept_reason(found) == reason
    assert reasons_in_lanes(columns) == reasons


@given(any_flows, st.lists(any_flows, max_size=LANES - 1), st.integers(0, LANES - 1))
def test_a_lane_does_not_depend_on_its_neighbours(flows: Flows, others: list[Flows], lane: int) -> None:
    """Bit for bit: a lane that has converged is frozen while its neighbours go on."""
    [alone] = in_lanes([flows])
    crowd = [*others, *([[0.0]] * (LANES - 1 - len(others)))]
    crowd.insert(lane, flows)
    together = in_lanes(crowd)[lane]
    assert np.float64(together).tobytes() == np.float64(alone).tobytes()


@pytest.mark.parametrize("stuff", [math.nan, math.inf, -math.inf])
def test_a_lane_survives_neighbours_that_are_no_numbers(stuff: float) -> None:
    flows = [-100.0, 30.0, 90.0]
    [alone] = in_lanes([flows])
    crowd = [[-1.0, stuff, 1.0], flows, [stuff] * 3]
    assert in_lanes(crowd)[1] == alone


@given(any_flows, st.integers(0, 60), st.integers(0, 60))
def test_waiting_does_not_change_a_rate(flows: Flows, before: int, after: int) -> None:
    """Zeros around the flows are skipped, not discounted: the bits are the same, those of a reason too."""
    rates = internal_rate(flows, 1.0), internal_rate([0.0] * before + flows + [0.0] * after, 1.0)
    assert np.array(rates[0]).tobytes() == np.array(rates[1]).tobytes()


@given(any_flows)
def test_the_other_side_has_the_same_rate(flows: Flows) -> None:
    """Who pays what the other receives: the bits are the same."""
    rates = internal_rate(flows, 1.0), internal_rate([-flow for flow in flows], 1.0)
    assert np.array(rates[0]).tobytes() == np.array(rates[1]).tobytes()


@given(any_flows, st.integers(0, 60), st.sampled_from([1e-16, -1e-16, 1e-14, -1e-14]))
def test_what_rounding_left_after_the_last_flow_does_not_matter(flows: Flows, after: int, part: float) -> None:
    """A residue of 1e-14 of the largest flow, whose weight at -50 % a period would be 2 ** 60."""
    largest = max(map(abs, flows))
    with_residue = [*flows, *([0.0] * after), part * largest]
    assume(all(flow == 0.0 or abs(flow) > 1e-11 * largest for flow in flows))
    rates = internal_rate(flows, 1.0), internal_rate(with_residue, 1.0)
    assert np.array(rates[0]).tobytes() == np.array(rates[1]).tobytes()


@given(any_flows, st.sampled_from([2.0**-20, 0.25, 2.0, 2.0**30]))
def test_the_unit_of_account_does_not_change_a_rate(flows: Flows, unit: float) -> None:
    """Powers of two scale without rounding, so the bits are the same."""
    rates = internal_rate(flows, 1.0), internal_rate([flow * unit for flow in flows], 1.0)
    assert np.array(rates[0]).tobytes() == np.array(rates[1]).tobytes()
