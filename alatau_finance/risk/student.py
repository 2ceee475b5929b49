"""A t copula: normals that share a random scale, made normal again one by one.

With W = chi-square of nu degrees of freedom over nu, drawn once for all risks of the copula, z / sqrt(W) are jointly
Student's t: their extremes come together. Each is turned back into a standard normal z', Phi(z') = T_nu(z / sqrt(W)),
so that every distribution stays as it is and only the dependence changes. Both functions are tables, exact at nodes:

- log(1 / sqrt(W)) by the normal that W is drawn from, rising;
- z' by x = sign(t) sqrt(nu log(1 + t**2 / nu)) (Wallace, 1959), of which it is nearly a straight line.

Error of z' for |z'| < 5: below 1e-7.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from alatau_finance.jit import inline_function, kernel_function
from alatau_finance.risk.normal import exponential, inverse_normal, logarithm, normal_cdf, normal_density, power
from alatau_finance.risk.tables import NODES, beta_integral, beta_series, interpolate, limit_slopes, node_at

Array = npt.NDArray[np.float64]

LEAST_DEGREES, MOST_DEGREES = 1.0, 200.0
_ITERATIONS = 200
_FARTHEST = 9.0
_CLOSE_ENOUGH = 1e-15
_LOWEST, _HIGHEST = -800.0, 8.0  # logarithm of half a chi-square, beyond what the nodes ask for


@kernel_function
def student_row(degrees: float, scales: Array, to_normal: Array, mixing: Array, row: Array) -> None:
    """Replace the normals of ``row`` by those of a t copula whose scale is drawn from the normals ``mixing``."""
    for lane in range(row.shape[0]):
        t = row[lane] * exponential(interpolate(scales, 0.0, mixing[lane]))
        x = math.sqrt(degrees * logarithm(1.0 + t * t / degrees))
        row[lane] = interpolate(to_normal, 0.0, -x if t < 0.0 else x)


@lru_cache(maxsize=64)
def scale_table(degrees: float) -> Array:
    """log(1 / sqrt(W)) by a standard normal."""
    table = np.empty((NODES, 2))
    _fill_scales(0.5 * degrees, table)
    limit_slopes(table)
    return table


@lru_cache(maxsize=64)
def normal_table(degrees: float) -> Array:
    """The standard normal by x of the module's text."""
    table = np.empty((NODES, 2))
    _fill_normals(degrees, table)
    limit_slopes(table)
    return table


@kernel_function
def _fill_normals(degrees: float, table: Array) -> None:
    a = 0.5 * degrees
    whole = beta_series(0.5, a, 0.5) + beta_series(0.5, 0.5, a)
    for node in range(NODES):
        x, per_node = node_at(node, 0.0)
        if x == 0.0:
            table[node, 0] = 0.0
            table[node, 1] = per_node / (math.sqrt(degrees) * whole * normal_density(0.0))
            continue
        # P(|T| > t) is the integral up to s = degrees / (degrees + t**2) = exp(-x**2 / degrees).
        s = exponential(-x * x / degrees)
        z = -inverse_normal(0.5 * beta_integral(s, a, 0.5, whole) / whole)
        slope = power(s, a) * abs(x) / (degrees * math.sqrt(1.0 - s) * whole * normal_density(z))
        table[node, 0] = z if x > 0.0 else -z
        table[node, 1] = per_node * slope


@kernel_function
def _fill_scales(a: float, table: Array) -> None:
    whole = _gamma_lower(a + 1.0, a) + _gamma_upper(a + 1.0, a)
    for node in range(NODES):
        z, per_node = node_at(node, 0.0)
        if abs(z) > _FARTHEST:  # never drawn
            z, per_node = (_FARTHEST if z > 0.0 else -_FARTHEST), 0.0
        upper = z < 0.0  # a large chi-square is a small scale; the smaller tail is matched
        wanted = normal_cdf(z if upper else -z) * whole
        low, high, y, density = _LOWEST, _HIGHEST, logarithm(a), 0.0
        for _ in range(_ITERATIONS):
            x = exponential(y)
            density = _kernel(x, a)
            excess = _tail(x, a, whole) - wanted if upper else wanted - _head(x, a, whole)
            low = y if excess > 0.0 else low
            high = high if excess > 0.0 else y
            step = excess / density if density > 0.0 else 0.0
            step = step if low < y + step < high and step != 0.0 else 0.5 * (low + high) - y
            y = y + step
            if abs(step) < _CLOSE_ENOUGH * (1.0 + abs(y)):
                break
        table[node, 0] = 0.5 * (logarithm(a) - y)
        table[node, 1] = 0.5 * per_node * normal_density(z) * whole / density


@inline_function
def _kernel(x: float, a: float) -> float:
    """x**a e**-x relative to its value at x = a, so that it does not overflow."""
    return exponential(a * logarithm(x / a) - x + a)


@kernel_function
def _head(x: float, a: float, whole: float) -> float:
    return _gamma_lower(x, a) if x < a + 1.0 else whole - _gamma_upper(x, a)


@kernel_function
def _tail(x: float, a: float, whole: float) -> float:
    return whole - _gamma_lower(x, a) if x < a + 1.0 else _gamma_upper(x, a)


@kernel_function
def _gamma_lower(x: float, a: float) -> float:
    """Integral of t**(a-1) e**-t up to x by its power series, in units of :func:`_kernel`."""
    term = 1.0 / a
    result = term
    k = 1.0
    while term > 1e-18 * result:
        term = term * x / (a + k)
        result = result + term
        k = k + 1.0
    return result * _kernel(x, a)


@kernel_function
def _gamma_upper(x: float, a: float) -> float:
    """The same from x on, by Legendre's continued fraction (Lentz's method)."""
    b = x + 1.0 - a
    c = 1e300
    d = 1.0 / b
    result = d
    for i in range(1, 2000):
        an = -i * (i - a)
        b = b + 2.0
        d = 1.0 / (an * d + b)
        c = b + an / c
        change = d * c
        result = result * change
        if abs(change - 1.0) < 1e-16:
            break
    return result * _kernel(x, a)
