"""Quantile functions without a closed form, as tables in the standard normal z, exact at the nodes.

Nodes are equally far apart in s = x / (1 + |x|), x = z - centre: dense about the centre, where the body of a
`body_and_tail` ends and its tail begins. Between nodes a cubic with the exact slopes is drawn, limited (Fritsch and
Carlson, 1980) so that it never turns back. Error against the exact quantile for |z| < 5: the beta of `pert` 6e-10 of
its range; log(1 + overrun) of `body_and_tail` 1e-8 to 2e-5; where a narrow tail stands clear of the body, the gap
between them is passed within 0.002 of z.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from alatau_finance.jit import inline_function, kernel_function
from alatau_finance.risk.normal import inverse_normal, normal_cdf, normal_density, power

Array = npt.NDArray[np.float64]

NODES = 1025
_MIDDLE = 512.0
_NODES_PER_S = 540.0  # nodes reach to |s| = 512 / 540, |z - centre| = 18.3
_ITERATIONS = 60
_CLOSE_ENOUGH = 1e-15


@inline_function
def interpolate(table: Array, centre: float, z: float) -> float:
    """The tabulated function at z; beyond the table its end value."""
    x = z - centre
    position = _MIDDLE + _NODES_PER_S * (x / (1.0 + abs(x)))
    position = 0.0 if position < 0.0 else position
    position = NODES - 1.0 if position > NODES - 1.0 else position
    node = min(int(position), NODES - 2)
    t = position - node
    start: float = table[node, 0]
    slope: float = table[node, 1]
    next_slope: float = table[node + 1, 1]
    rise: float = table[node + 1, 0] - start
    return start + t * (slope + t * ((3.0 * rise - 2.0 * slope - next_slope) + t * (slope + next_slope - 2.0 * rise)))


@inline_function
def node_at(node: int, centre: float) -> tuple[float, float]:
    """z of a node, and the derivative of z by the node's number."""
    s = (node - _MIDDLE) / _NODES_PER_S
    stretch = 1.0 / (1.0 - abs(s))
    return centre + s * stretch, stretch * stretch / _NODES_PER_S


@lru_cache(maxsize=512)
def pert_table(mode: float) -> Array:
    """Quantiles of the beta distribution on 0..1 with this mode and shapes 1 + 4 mode, 5 - 4 mode; centre 0."""
    return beta_table(1.0 + 4.0 * mode, 5.0 - 4.0 * mode)


@lru_cache(maxsize=512)
def beta_table(a: float, b: float) -> Array:
    """Quantiles of the beta distribution on 0..1 with these shapes; centre 0."""
    table = np.empty((NODES, 2))
    _fill_beta(a, b, table)
    limit_slopes(table)
    return table


@lru_cache(maxsize=512)
def outcome_table(outcomes: tuple[float, ...], probabilities: tuple[float, ...]) -> Array:
    """Outcomes in rising order, each with the z up to which it is drawn."""
    table = np.zeros((NODES, 2))
    pairs = sorted(zip(outcomes, probabilities, strict=True))
    below = 0.0
    for row, (outcome, probability) in enumerate(pairs):
        below += probability
        table[row] = outcome, inverse_normal(min(below, 1.0)) if row < len(pairs) - 1 else math.inf
    return table


def mixture_centre(weight: float) -> float:
    """Where the second part of a mixture begins, were the two apart; within what can be drawn."""
    return min(8.0, max(-8.0, -inverse_normal(weight)))


@lru_cache(maxsize=512)
def mixture_table(low: tuple[float, float], high: tuple[float, float], weight: float) -> Array:
    """Quantiles of the mixture of two normals (mean, sd), the second with this weight."""
    table = np.empty((NODES, 2))
    _fill_mixture(low[0], low[1], high[0], high[1], weight, mixture_centre(weight), table)
    limit_slopes(table)
    return table


@kernel_function
def _fill_mixture(
    mean_1: float, sd_1: float, mean_2: float, sd_2: float, weight: float, centre: float, table: Array
) -> None:
    for node in range(NODES):
        z, per_node = node_at(node, centre)
        side = 1.0 if z > 0.0 else -1.0  # the smaller tail is matched
        wanted = normal_cdf(-side * z)
        low = min(mean_1 + sd_1 * z, mean_2 + sd_2 * z)
        high = max(mean_1 + sd_1 * z, mean_2 + sd_2 * z)
        y = 0.5 * (low + high)
        density = 0.0
        for _ in range(_ITERATIONS):
            a = (y - mean_1) / sd_1
            b = (y - mean_2) / sd_2
            density = (1.0 - weight) * normal_density(a) / sd_1 + weight * normal_density(b) / sd_2
            excess = side * ((1.0 - weight) * normal_cdf(-side * a) + weight * normal_cdf(-side * b) - wanted)
            low = y if excess > 0.0 else low
            high = high if excess > 0.0 else y
            step = _step(y, excess / density, low, high)
            y = y + step
            if abs(step) < _CLOSE_ENOUGH:
                break
        table[node, 0] = y
        table[node, 1] = per_node * normal_density(z) / density


@inline_function
def _step(x: float, newton: float, low: float, high: float) -> float:
    """Newton's step where it stays between the bounds, else to their middle."""
    return newton if low < x + newton < high else 0.5 * (low + high) - x


@kernel_function
def _fill_beta(a: float, b: float, table: Array) -> None:
    whole = beta_series(0.5, a, b) + beta_series(0.5, b, a)
    for node in range(NODES):
        z, per_node = node_at(node, 0.0)
        x, density = _beta_solved(z, a, b, whole)
        table[node, 0] = x
        table[node, 1] = per_node * normal_density(z) * whole / density


@kernel_function
def beta_quantile(z: float, a: float, b: float) -> float:
    """The quantile of the beta distribution on 0..1 at the probability below ``z``."""
    return _beta_solved(z, a, b, beta_series(0.5, a, b) + beta_series(0.5, b, a))[0]


@kernel_function
def _beta_solved(z: float, a: float, b: float, whole: float) -> tuple[float, float]:
    """The quantile, and x**(a-1) (1-x)**(b-1) there."""
    upper = z > 0.0  # the smaller tail is matched, measured from its own end
    first, second = (b, a) if upper else (a, b)
    wanted = normal_cdf(-z if upper else z) * whole
    low = 0.0
    high = 1.0
    x = 0.5
    density = 0.0
    for _ in range(_ITERATIONS):
        density = power(x, first - 1.0) * power(1.0 - x, second - 1.0)
        excess = wanted - beta_integral(x, first, second, whole)
        low = x if excess > 0.0 else low
        high = high if excess > 0.0 else x
        step = _step(x, excess / density, low, high)
        x = x + step
        if abs(step) < _CLOSE_ENOUGH * x:
            break
    return (1.0 - x if upper else x), density


@kernel_function
def beta_integral(x: float, a: float, b: float, whole: float) -> float:
    """Integral from 0 to x of t**(a-1) (1-t)**(b-1)."""
    if x * (a + b + 2.0) <= a + 1.0:
        return beta_series(x, a, b)
    return whole - beta_series(1.0 - x, b, a)


@kernel_function
def beta_series(x: float, a: float, b: float) -> float:
    term = power(x, a) * power(1.0 - x, b) / a
    result = term
    k = 0.0
    while term > 1e-18 * result:
        term = term * x * (a + b + k) / (a + 1.0 + k)
        result = result + term
        k = k + 1.0
    return result


def limit_slopes(table: Array) -> None:
    """At most three times the rise to either neighbour: the cubic between is then monotone."""
    rises = np.maximum(np.diff(table[:, 0]), 0.0)
    beside = np.minimum(np.append(rises, math.inf), np.insert(rises, 0, math.inf))
    slopes = np.where(np.isfinite(table[:, 1]), table[:, 1], 0.0)
    table[:, 1] = np.clip(slopes, 0.0, 3.0 * beside)
