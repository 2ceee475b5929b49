"""Standard errors of antithetic paths: 2k and 2k + 1 depend on each other, pairs of paths do not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alatau_finance.jit import kernel_function


def pair_error(values: NDArray[np.float64], centre: float) -> float:
    """Standard error of ``centre``, the mean of those of ``values`` [paths] that are finite numbers.

    That of a ratio of sums over pairs (Cochran, "Sampling Techniques", 1977, section 2.11), as a pair may have a
    value on one path only; with both everywhere, the standard deviation of pair means over the root of their number.
    """
    squares, known = _deviations(np.ascontiguousarray(values), centre)
    return _error(squares, known, len(values))


def share_error(values: NDArray[np.float64], bound: float) -> float:
    """Standard error of the share of the finite ``values`` that are at most ``bound``: :func:`pair_error` of answers
    that are 0 or 1, from whole numbers."""
    known, pairs_known, below, pairs_below, beside = _counted(np.ascontiguousarray(values), bound)
    # Of a pair of which n are below and k known, the deviation is n - share k; squares of sums of 0 and 1 are counts.
    share = below / known
    squares = (below + 2 * pairs_below) - 2.0 * share * (below + beside) + share * share * (known + 2 * pairs_known)
    return _error(max(0.0, squares), known, len(values))


def _error(squares: float, known: int, paths: int) -> float:
    pairs = (paths + 1) // 2
    return math.sqrt(squares * pairs / (pairs - 1)) / known if pairs > 1 else 0.0


@kernel_function
def _deviations(values: Any, centre: float) -> tuple[float, int]:
    """The sum over pairs of the square of what both are above ``centre`` together, and how many values are known."""
    squares, known, whole = 0.0, 0, len(values) // 2
    for pair in range(whole):
        one, other = values[2 * pair], values[2 * pair + 1]
        known += (one - one == 0.0) + (other - other == 0.0)
        both = (one - centre if one - one == 0.0 else 0.0) + (other - centre if other - other == 0.0 else 0.0)
        squares += both * both
    if 2 * whole < len(values) and values[-1] - values[-1] == 0.0:
        squares, known = squares + (values[-1] - centre) ** 2, known + 1
    return squares, known


@kernel_function
def _counted(values: Any, bound: float) -> tuple[int, int, int, int, int]:
    """How many values are known, and pairs both of whose are; how many values are at most ``bound``, and pairs both of
    whose are; and how many values are that beside a known one."""
    known = pairs_known = below = pairs_below = beside = 0
    whole = len(values) // 2
    for pair in range(whole):
        one, other = values[2 * pair], values[2 * pair + 1]
        one_known, other_known = one - one == 0.0, other - other == 0.0
        one_below, other_below = one_known & (one <= bound), other_known & (other <= bound)
        known += int(one_known) + int(other_known)
        pairs_known += int(one_known & other_known)
        below += int(one_below) + int(other_below)
        pairs_below += int(one_below & other_below)
        beside += int(one_below & other_known) + int(other_below & one_known)
    if 2 * whole < len(values) and values[-1] - values[-1] == 0.0:
        known, below = known + 1, below + int(values[-1] <= bound)
    return known, pairs_known, below, pairs_below, beside
