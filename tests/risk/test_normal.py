"""exp, log, power, the normal distribution: against decimal arithmetic, the C library and scipy."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from alatau_finance.jit import kernel_function
from alatau_finance.risk.normal import (
    exponential,
    inverse_normal,
    inverse_normals,
    logarithm,
    normal_cdf,
    normal_density,
    power,
)

INF, NAN = math.inf, math.nan
positive = st.floats(min_value=5e-324, max_value=1.7e308)


def exact(function: str, x: float) -> Decimal:
    """e**x or ln x to 40 digits."""
    with localcontext() as context:
        context.prec = 40
        context.Emin, context.Emax = -(10**6), 10**6
        return getattr(Decimal(x), function)()


def ulps(value: float, wanted: Decimal) -> float:
    return abs(float((Decimal(value) - wanted) / Decimal(math.ulp(float(wanted)))))


@settings(deadline=None, max_examples=300)
@given(st.floats(min_value=-745.0, max_value=709.78))
def test_exponential_is_within_one_ulp(x: float) -> None:
    assert ulps(exponential(x), exact("exp", x)) <= 1.0


@settings(deadline=None, max_examples=300)
@given(positive)
def test_logarithm_is_within_one_ulp(x: float) -> None:
    assert ulps(logarithm(x), exact("ln", x)) <= 1.0


@settings(deadline=None)
@given(st.floats(min_value=1e-6, max_value=1e6), st.floats(min_value=-40.0, max_value=40.0))
def test_power(a: float, b: float) -> None:
    assert power(a, b) == pytest.approx(a**b, rel=2.3e-16 * (2.0 + abs(b * math.log(a))))


@settings(deadline=None, max_examples=300)
@given(st.floats(min_value=-37.0, max_value=9.0))
def test_normal_cdf(x: float) -> None:
    assert normal_cdf(x) == pytest.approx(special.ndtr(x), rel=5e-13)
    if x > -8.0:
        assert normal_cdf(x) == pytest.approx(special.ndtr(x), abs=1e-15, rel=1e-15)


@pytest.mark.parametrize(
    ("x", "probability"),
    [
        (0.0, 0.5),
        (-1.0, 0.15865525393145705),
        (-5.0, 2.866515718791939e-07),
        (-10.0, 7.619853024160527e-24),
        (-20.0, 2.7536241186062337e-89),
        (-37.0, 5.725571222524e-300),
    ],
)
def test_normal_tail_is_right_relatively(x: float, probability: float) -> None:
    assert normal_cdf(x) == pytest.approx(probability, rel=1e-12)
    assert normal_cdf(-x) == pytest.approx(1.0 - probability, abs=1e-15)


def test_normal_density() -> None:
    x = np.linspace(-30.0, 30.0, 601)
    found = [normal_density(value) for value in x]
    np.testing.assert_allclose(found, np.exp(-x * x / 2.0) / math.sqrt(2.0 * math.pi), rtol=2e-13)


@settings(deadline=None, max_examples=300)
@given(st.floats(min_value=5e-324, max_value=1.0 - 2.0**-53))
def test_inverse_normal(p: float) -> None:
    assert inverse_normal(p) == pytest.approx(special.ndtri(p), rel=2e-15, abs=1e-16)


@settings(deadline=None)
@given(st.floats(min_value=-37.0, max_value=5.0))
def test_inverse_normal_undoes_the_distribution(x: float) -> None:
    assert inverse_normal(normal_cdf(x)) == pytest.approx(x, rel=1e-13, abs=1e-10 if x > 0.0 else 1e-15)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=2**52 - 1))
def test_inverse_normal_is_symmetric(k: int) -> None:
    p = (k + 0.5) / 2**52
    assert inverse_normal(p) == -inverse_normal(1.0 - p)


@pytest.mark.parametrize(
    ("function", "x", "wanted"),
    [
        (exponential, 0.0, 1.0),
        (exponential, 709.79, INF),
        (exponential, INF, INF),
        (exponential, -745.2, 0.0),
        (exponential, -INF, 0.0),
        (exponential, NAN, NAN),
        (logarithm, 1.0, 0.0),
        (logarithm, 0.0, -INF),
        (logarithm, -0.0, -INF),
        (logarithm, -1e-300, NAN),
        (logarithm, -INF, NAN),
        (logarithm, INF, INF),
        (logarithm, NAN, NAN),
        (normal_cdf, INF, 1.0),
        (normal_cdf, -INF, 0.0),
        (normal_cdf, NAN, NAN),
        (inverse_normal, 0.0, -INF),
        (inverse_normal, 0.5, 0.0),
        (inverse_normal, 1.0, INF),
        (inverse_normal, -0.1, NAN),
        (inverse_normal, 1.1, NAN),
        (inverse_normal, NAN, NAN),
    ],
)
def test_extremes(function: Callable[[float], float], x: float, wanted: float) -> None:
    np.testing.assert_equal(function(x), wanted)


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [(0.0, 2.0, 0.0), (0.0, -2.0, INF), (0.0, 0.0, 1.0), (-1.0, 2.0, NAN), (1.0, 1e9, 1.0), (3.7, 0.0, 1.0)],
)
def test_power_at_extremes(a: float, b: float, wanted: float) -> None:
    np.testing.assert_equal(power(a, b), wanted)


@kernel_function
def all_functions(x: np.ndarray, p: np.ndarray, out: np.ndarray) -> None:
    """Each function in a loop of its own, which LLVM makes vector code of."""
    for i in range(x.shape[0]):
        out[0, i] = exponential(x[i])
    for i in range(x.shape[0]):
        out[1, i] = normal_cdf(x[i])
    for i in range(x.shape[0]):
        out[2, i] = logarithm(p[i])
    for i in range(x.shape[0]):
        out[3, i] = inverse_normal(p[i])
    for i in range(x.shape[0]):
        out[4, i] = power(p[i], x[i])


def test_vector_code_has_the_bits_of_scalar_code() -> None:
    generator = np.random.default_rng(5)
    x = np.concatenate([generator.uniform(-40.0, 40.0, 500), [0.0, 708.0, -708.0]])
    p = np.concatenate([generator.uniform(0.0, 1.0, 500), [1e-300, 1e-14, 1.0 - 1e-16]])
    out = np.empty((5, x.size))
    all_functions(x, p, out)
    alone = [
        [exponential(v) for v in x],
        [normal_cdf(v) for v in x],
        [logarithm(v) for v in p],
        [inverse_normal(v) for v in p],
        [power(a, b) for a, b in zip(p, x, strict=True)],
    ]
    np.testing.assert_array_equal(out, alone)


@pytest.mark.parametrize("far", [None, 0.0, 1e-300, 1.3e-11, 1.9e-11, 1.0 - 1.9e-11, 1.0 - 1e-15, 1.0, -0.1, NAN])
def test_a_row_has_the_bits_of_its_numbers(far: float | None) -> None:
    """Whether or not one of them lies where the row has to be computed in full."""
    near = [2.1e-11, 1.0 - 2.1e-11, *np.random.default_rng(6).uniform(0.0, 1.0, 61)]
    row = np.array([*near, near[0] if far is None else far])
    alone = [inverse_normal(p) for p in row]
    inverse_normals(row, len(row))
    np.testing.assert_array_equal(row, alone)


@pytest.mark.parametrize("count", [8, 56, 64, 72, 192])
@pytest.mark.parametrize("share", [0.0, 0.15, 1.0])
def test_tails_are_brought_together_and_put_back(count: int, share: float) -> None:
    """However many there are: none, some, or all."""
    generator = np.random.default_rng(count)
    row = np.where(
        generator.random(count) < share, generator.uniform(0.0, 0.07, count), generator.uniform(0.1, 0.9, count)
    )
    row = np.where(generator.random(count) < 0.5, row, 1.0 - row)
    found = np.append(row, -7.0)
    inverse_normals(found, count)
    np.testing.assert_array_equal(found, [*(inverse_normal(p) for p in row), -7.0])


def test_the_far_formula_is_asked_for_wherever_it_is_needed() -> None:
    """From exp(-25) on; with the other one these would be off by more than rounding."""
    row = np.array([1e-12, 1.0 - 1e-12] * 4)
    inverse_normals(row, len(row))
    np.testing.assert_allclose(row[:2], special.ndtri([1e-12, 1.0 - 1e-12]), rtol=2e-15)
