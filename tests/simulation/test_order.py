"""Order statistics and moments against a sort and against exact arithmetic."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from alatau_finance.simulation import order
from alatau_finance.simulation.order import moments, order_statistics


@pytest.fixture(autouse=True, params=[0, 512])
def few(request: pytest.FixtureRequest) -> Iterator[None]:
    """With bins however few values there are, and with a sort where there are few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(order, "_FEW", request.param)
        yield


values_of_any_size = arrays(
    np.float64, st.integers(1, 300), elements=st.floats(allow_nan=False, allow_infinity=False, width=64)
)


@given(values_of_any_size, st.data())
def test_every_rank_is_what_a_sort_gives(values: np.ndarray, data: st.DataObject) -> None:
    ranks = np.array(sorted(data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1))))
    found = order_statistics(values, float(values.min()), float(values.max()), ranks)
    assert found.tolist() == np.sort(values)[ranks].tolist()


@pytest.mark.parametrize("tail", [1.0, 1e6, 1e300])
def test_a_far_tail_or_many_ties_hide_no_rank(tail: float) -> None:
    rng = np.random.default_rng(3)
    values = np.round(rng.normal(size=20_000), 2)
    values[7] = tail
    ranks = np.array([0, 1, 5, 777, 10_000, 19_998, 19_999])
    found = order_statistics(values, float(values.min()), float(values.max()), ranks)
    assert found.tolist() == np.sort(values)[ranks].tolist()


@pytest.mark.parametrize("ends", [(-1.7e308, 1.7e308), (0.0, 5e-324), (-5e-324, 2e-308), (1.0, 1.0 + 2.0**-52)])
def test_no_range_is_too_large_or_too_small(ends: tuple[float, float]) -> None:
    values = np.array([ends[1], *ends, 0.5 * ends[0] + 0.5 * ends[1], ends[0]])
    assert order_statistics(values, *ends, np.arange(5)).tolist() == np.sort(values).tolist()


@given(arrays(np.float64, st.integers(1, 100), elements=st.floats(-1e6, 1e6)))
def test_moments_are_exact_to_the_last_bit_or_two(values: np.ndarray) -> None:
    mean, squares, low, high = moments(values)
    exact = sum(map(Fraction, values.tolist())) / len(values)
    assert mean == pytest.approx(float(exact), rel=1e-15, abs=1e-300)
    assert squares == pytest.approx(float(sum((Fraction(x) - Fraction(mean)) ** 2 for x in values.tolist())), rel=1e-14)
    assert (low, high) == (values.min(), values.max())


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("count", [1, 7, 8, 9, 16, 23])
def test_a_value_that_is_no_finite_number_is_seen_wherever_it_is(odd: float, count: int) -> None:
    """Among values that differ, and among values that are the same."""
    for rest in (np.arange(float(count)), np.full(count, 3.0)):
        assert not math.isnan(moments(rest)[0])
        for place in range(count):
            values = rest.copy()
            values[place] = odd
            assert math.isnan(moments(values)[0])


def test_no_values_have_no_mean() -> None:
    assert math.isnan(moments(np.empty(0))[0])


def test_the_mean_of_values_that_are_the_same_is_that_value() -> None:
    assert moments(np.full(1001, 0.1)) == (0.1, 0.0, 0.1, 0.1)
