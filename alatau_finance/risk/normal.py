"""exp, log, power, the normal distribution and its inverse, from IEEE + - * / sqrt and integer operations only.

A C library's ``exp`` differs between machines in the last bit, and a loop that calls it is not vectorised. These do
neither: every branch is a select, every constant is written out, so a loop over the lanes of a block becomes vector
code with the bits of the scalar code. ``exponential``, ``logarithm``, ``power`` and ``inverse_normal`` take lanes as
well as one number.
Largest relative errors, over the whole range: exp, log 1 ulp, the normal distribution and its inverse 1e-15; power
2.3e-16 x (2 + |b ln a|).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from alatau_finance.jit import LANES, TILE, inline_function, kernel_function
from alatau_finance.lane_bits import bits_of, lanes_in, lowest_of, number_of
from alatau_finance.memory import load, room_for, store
from alatau_finance.vectors import absolute, square_root, where

INFINITY = math.inf
NOT_A_NUMBER = math.nan

# Adding 1.5 x 2**52 rounds a double to the nearest integer and leaves that integer in its low bits.
_ROUNDER = 6755399441055744.0
_ROUNDER_BITS = np.int64(np.float64(_ROUNDER).view(np.int64))
# ln 2 in two parts; the first has so many trailing zeros that its product with an exponent is exact.
_LOG2_HIGH = 6.93147180369123816490e-01
_LOG2_LOW = 1.90821492927058770002e-10
_LOG2_E = 1.44269504088896338700

_MANTISSA = np.int64(0xFFFFFFFFFFFFF)
_MANTISSA_OF_SQRT2 = np.int64(0x6A09E667F3BCD)
_EXPONENT_OF_ONE = np.int64(0x3FF0000000000000)
_EXPONENT_OF_HALF = np.int64(0x3FE0000000000000)
_TWO_52_BITS = np.int64(0x4330000000000000)
_TWO_52 = 4503599627370496.0
_TWO_54 = 18014398509481984.0
_SMALLEST_NORMAL = 2.2250738585072014e-308
#: Beyond this tail the root of -ln p is above 5 (exp(-25) is 1.39e-11), to be sure of it by some.
_FAR_TAIL = 2e-11
_ALL_LANES = 2**TILE - 1
#: Room for the tails of a block, and for what fills up the last tile.
_TAILS = LANES + TILE
_SPLITTER = 134217729.0  # 2**27 + 1: cuts a double in two halves whose products are exact
# Wichura's fractions, lowest powers first: eight coefficients above the line; below it seven, after a first that is 1.
_CENTRAL = (
    3.3871328727963666080e0,
    1.3314166789178437745e2,
    1.9715909503065514427e3,
    1.3731693765509461125e4,
    4.5921953931549871457e4,
    6.7265770927008700853e4,
    3.3430575583588128105e4,
    2.5090809287301226727e3,
    4.2313330701600911252e1,
    6.8718700749205790830e2,
    5.3941960214247511077e3,
    2.1213794301586595867e4,
    3.9307895800092710610e4,
    2.8729085735721942674e4,
    5.2264952788528545610e3,
)
_NEAR = (
    1.42343711074968357734e0,
    4.63033784615654529590e0,
    5.76949722146069140550e0,
    3.64784832476320460504e0,
    1.27045825245236838258e0,
    2.41780725177450611770e-1,
    2.27238449892691845833e-2,
    7.74545014278341407640e-4,
    2.05319162663775882187e0,
    1.67638483018380384940e0,
    6.89767334985100004550e-1,
    1.48103976427480074590e-1,
    1.51986665636164571966e-2,
    5.47593808499534494600e-4,
    1.05075007164441684324e-9,
)
_FAR = (
    6.65790464350110377720e0,
    5.46378491116411436990e0,
    1.78482653991729133580e0,
    2.96560571828504891230e-1,
    2.65321895265761230930e-2,
    1.24266094738807843860e-3,
    2.71155556874348757815e-5,
    2.01033439929228813265e-7,
    5.99832206555887937690e-1,
    1.36929880922735805310e-1,
    1.48753612908506148525e-2,
    7.86869131145613259100e-4,
    1.84631831751005468180e-5,
    1.42151175831644588870e-7,
    2.04426310338993978564e-15,
)


@inline_function
def exponential(x: float) -> float:
    """e**x; inf above 709.78, gradually 0 below -708.4."""
    x = where(x > 710.0, 710.0, 1.0 * x)
    x = where(x < -746.0, -746.0, x)
    shifted = x * _LOG2_E + _ROUNDER
    n = shifted - _ROUNDER
    r = (x - n * _LOG2_HIGH) - n * _LOG2_LOW
    # e**r = 1 + r + r**2 (1/2! + r/3! + ...), |r| <= ln(2) / 2, the first term left out is below 1e-17
    s = 1.6059043836821613e-10
    s = s * r + 2.08767569878681e-09
    s = s * r + 2.505210838544172e-08
    s = s * r + 2.755731922398589e-07
    s = s * r + 2.7557319223985893e-06
    s = s * r + 2.48015873015873e-05
    s = s * r + 1.984126984126984e-04
    s = s * r + 1.388888888888889e-03
    s = s * r + 8.333333333333333e-03
    s = s * r + 4.1666666666666664e-02
    s = s * r + 1.6666666666666666e-01
    s = s * r + 0.5
    s = 1.0 + (r + r * r * s)
    # 2**n in two factors, so that the largest and the gradually vanishing results are right
    biased = (bits_of(shifted) - _ROUNDER_BITS) + np.int64(2046)
    first = (biased & np.int64(0xFFF)) >> np.int64(1)
    second = biased - first
    result: float = s * number_of(first << np.int64(52)) * number_of(second << np.int64(52))
    return result


@inline_function
def logarithm(x: float) -> float:
    """Natural logarithm; -inf at 0, nan below."""
    tiny = x < _SMALLEST_NORMAL
    finite = _logarithm(where(tiny, x * _TWO_54, x), where(tiny, 54.0, 0.0))
    result: float = where(x < 0.0, NOT_A_NUMBER, where(x < INFINITY, finite, x))
    return where(x == 0.0, -INFINITY, result)  # type: ignore[no-any-return]


@inline_function
def _logarithm(x: float, doublings: float) -> float:
    """Of a positive number, neither infinite nor so small that its precision wanes, by 2**``doublings``."""
    bits = bits_of(x)
    mantissa = bits & _MANTISSA
    exponent = (bits >> np.int64(52)) & np.int64(0x7FF)
    upper = mantissa >= _MANTISSA_OF_SQRT2
    f = number_of(mantissa | where(upper, _EXPONENT_OF_HALF, _EXPONENT_OF_ONE)) - 1.0
    power_of_two = number_of(exponent | _TWO_52_BITS) - (_TWO_52 + 1023.0)
    k = power_of_two + where(upper, 1.0, 0.0) - doublings
    # x = 2**k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2); the polynomial is that of fdlibm (Sun Microsystems, 1993)
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    even = 2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860510658591e-01)
    rest = odd + z * (6.666666666666735130e-01 + w * even)
    half = 0.5 * f * f
    return k * _LOG2_HIGH - ((half - (s * (half + rest) + k * _LOG2_LOW)) - f)  # type: ignore[no-any-return]


@inline_function
def power(a: float, b: float) -> float:
    """a**b for a > 0; 0**b is 0, 1 or inf by the sign of b; nan below 0."""
    result: float = where(b == 0.0, 1.0, exponential(b * logarithm(a)))
    return result


@inline_function
def _lower_tail(x: float) -> float:
    """Probability that a standard normal is below -x, for x >= 0."""
    x = 40.0 if x > 40.0 else x
    w = 1.0 / (x + 5.0)
    t = (x - 5.0) * w
    # Chebyshev series of (x + 5) exp(x**2 / 2) Phi(-x) in t, from 0 to infinity, written in powers of t
    s = -1.331210743010702e-10
    s = s * t + -7.854458583247658e-10
    s = s * t + 1.2713759260278231e-09
    s = s * t + 9.275082241537343e-09
    s = s * t + -6.940847374044867e-09
    s = s * t + -6.741689051823604e-08
    s = s * t + 3.8571448567257587e-08
    s = s * t + 4.3347664285137567e-07
    s = s * t + -3.335427141231054e-07
    s = s * t + -2.7688787836720915e-06
    s = s * t + 3.979361513829216e-06
    s = s * t + 1.6680852719925394e-05
    s = s * t + -4.9762327924579515e-05
    s = s * t + -5.937558833377767e-05
    s = s * t + 5.448989683735629e-04
    s = s * t + -7.978694277475297e-04
    s = s * t + -2.993376758978478e-03
    s = s * t + 2.079506680323404e-02
    s = s * t + -6.911863870707162e-02
    s = s * t + 1.6502036617019517e-01
    s = s * t + -3.135331566712814e-01
    s = s * t + 4.953056159699805e-01
    s = s * t + -6.65382502890057e-01
    s = s * t + 7.69193049750063e-01
    return s * w * _density_kernel(x)


@inline_function
def _density_kernel(x: float) -> float:
    """exp(-x**2 / 2) with the rounding of x**2 made good."""
    square = x * x
    cut = _SPLITTER * x
    high = cut - (cut - x)
    low = x - high
    lost = ((high * high - square) + 2.0 * high * low) + low * low
    return exponential(-0.5 * square) * (1.0 - 0.5 * lost)


@inline_function
def normal_cdf(x: float) -> float:
    """Probability that a standard normal is below x."""
    x = np.float64(x)
    tail = _lower_tail(x if x > 0.0 else -x)
    return 1.0 - tail if x > 0.0 else tail


@inline_function
def normal_density(x: float) -> float:
    """Density of the standard normal at x."""
    x = np.float64(x)
    x = 40.0 if x > 40.0 else x
    x = -40.0 if x < -40.0 else x
    return 0.39894228040143267794 * _density_kernel(x)


@inline_function
def inverse_normal(p: float) -> float:
    """The x with normal_cdf(x) = p: Wichura's AS 241 (PPND16); -inf at 0, inf at 1, nan outside."""
    p = 1.0 * p
    q = p - 0.5
    root = square_root(-logarithm(_smaller_side(p, q)))
    far, central = root > 5.0, absolute(q) <= 0.425
    top, bottom = _fraction(0.180625 - q * q, _CENTRAL)
    near_top, near_bottom = _fraction(root - 1.6, _NEAR)
    far_top, far_bottom = _fraction(root - 5.0, _FAR)
    tail_top, tail_bottom = where(far, far_top, near_top), where(far, far_bottom, near_bottom)
    result = _quantile(q, central, where(central, top, tail_top), where(central, bottom, tail_bottom))
    result = where(p == 0.0, -INFINITY, result)
    return where(p == 1.0, INFINITY, result)  # type: ignore[no-any-return]


@inline_function
def inverse_normals(row: Any, count: int) -> None:
    """Replace ``count`` numbers of ``row``, whole tiles of them, by their :func:`inverse_normal`.

    Three in twenty lie in the tails, a logarithm and a root away. They are brought together, so that it is not worked
    out for all lanes where one of them needs it.
    """
    tails = room_for(_TAILS)
    for first in range(0, count, LANES):
        outside = np.int64(0)
        for lane in range(first, min(first + LANES, count), TILE):
            p = load(row, lane)
            q = p - 0.5
            central = absolute(q) <= 0.425
            top, bottom = _fraction(0.180625 - q * q, _CENTRAL)
            store(row, lane, where(central, q * top / bottom, p))
            outside |= (lanes_in(central) ^ _ALL_LANES) << (lane - first)
        size, left = 0, outside
        while left != 0:
            tails[size] = row[first + lowest_of(left)]
            size, left = size + 1, left & (left - 1)
        store(tails, size, 0.25)
        for k in range(0, size, TILE):
            store(tails, k, _in_the_tails(load(tails, k)))
        size, left = 0, outside
        while left != 0:
            row[first + lowest_of(left)] = tails[size]
            size, left = size + 1, left & (left - 1)


@inline_function
def _in_the_tails(p: Any) -> Any:
    """:func:`inverse_normal` of lanes in the tails. What only the farthest need is left out where no lane lies there;
    of eight that lie in the tails one does once in 5 * 10**8 times."""
    if lanes_in((p > _FAR_TAIL) & (p < 1.0 - _FAR_TAIL)) != _ALL_LANES:
        return _inverse_normal_in_full(p)
    q = p - 0.5
    root = square_root(-_logarithm(_smaller_side(p, q), 0.0))
    top, bottom = _fraction(root - 1.6, _NEAR)
    return where(q < 0.0, -top, top) / bottom


@kernel_function
def _inverse_normal_in_full(p: Any) -> Any:
    return inverse_normal(p)


@inline_function
def _smaller_side(p: float, q: float) -> float:
    return where(q < 0.0, p, 1.0 - p)  # type: ignore[no-any-return]


@inline_function
def _quantile(q: float, central: Any, top: float, bottom: float) -> float:
    """The quantile at 1/2 + ``q`` from the fraction of its part."""
    return where(central, q * top, where(q < 0.0, -top, top)) / bottom  # type: ignore[no-any-return]


@inline_function
def _fraction(r: float, c: Any) -> tuple[float, float]:
    """What stands above and below the line of a fraction with coefficients ``c``."""
    top = c[4] + r * (c[5] + r * (c[6] + r * c[7]))
    top = c[0] + r * (c[1] + r * (c[2] + r * (c[3] + r * top)))
    bottom = c[11] + r * (c[12] + r * (c[13] + r * c[14]))
    return top, 1.0 + r * (c[8] + r * (c[9] + r * (c[10] + r * bottom)))
