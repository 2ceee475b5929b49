"""Standard errors of antithetic paths: 2k and 2k + 1 depend on each other, pairs of paths do not."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def pair_error(values: NDArray[np.float64], centre: float) -> float:
    """Standard error of ``centre``, the mean of those of ``values`` [paths] that are finite numbers.

    That of a ratio of sums over pairs (Cochran, "Sampling Techniques", 1977, section 2.11), as a pair may have a
    value on one path only; with both everywhere, the standard deviation of pair means over the root of their number.
    """
    known = np.isfinite(values)
    deviations = np.where(known, values - centre, 0.0)
    if len(deviations) % 2:
        deviations = np.append(deviations, 0.0)
    sums = deviations[::2] + deviations[1::2]
    pairs = len(sums)
    if pairs < 2:
        return 0.0
    return math.sqrt(float(sums @ sums) * pairs / (pairs - 1)) / int(known.sum())


def share_error(values: NDArray[np.float64], bound: float) -> float:
    """Standard error of the share of the finite ``values`` that are at most ``bound``."""
    below = np.where(np.isfinite(values), values <= bound, np.nan)
    return pair_error(below, float(np.nanmean(below)))
