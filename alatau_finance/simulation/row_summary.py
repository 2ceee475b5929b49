"""A row's summary from its moments and order statistics, however these were found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from alatau_finance.simulation.findings import PERCENTILES, RowSummary
from alatau_finance.simulation.undefined import Undefined

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Places:
    """Places between order statistics: ``ranks``, ascending, and for each place the one below it, the one above it, as
    positions in ``ranks``, and how far it lies between them."""

    ranks: Integers
    below: Integers
    above: Integers
    share: Floats

    def values(self, ordered: Floats) -> Floats:
        """What lies at each place where ``ordered`` are the values of ``ranks``: linear interpolation (Hyndman and
        Fan's type 7, as numpy's default)."""
        below = ordered[self.below]
        return below + (ordered[self.above] - below) * self.share


def places_among(count: int, shares: Floats) -> Places:
    """Where shares of ``count`` ordered values, one or more, end."""
    places = shares * (count - 1)
    low = np.floor(places).astype(np.int64)
    both = np.concatenate([low, np.minimum(low + 1, count - 1)])
    ranks, positions = np.unique(both, return_inverse=True)
    return Places(ranks, positions[: len(low)], positions[len(low) :], places - low)


def row_summary(
    name: str, count: int, reasons: Undefined, moments: tuple[float, float, float, float], ordered: Floats
) -> RowSummary:
    """The summary of ``count`` values, one or more.

    ``moments`` are their mean, the sum of squared deviations from it, the smallest and the largest; ``ordered`` has the
    value of each of :func:`wanted_ranks`.
    """
    mean, squares, low, high = moments
    sd = math.sqrt(squares / (count - 1)) if count > 1 else 0.0
    percentiles, below, above = _places(count).values(ordered).reshape(3, -1)
    errors = (0.5 * (above - below)).tolist()
    error = sd / math.sqrt(count)
    return RowSummary(name, count, reasons, mean, sd, error, low, high, tuple(percentiles.tolist()), tuple(errors))


def nothing_known(name: str, reasons: Undefined) -> RowSummary:
    """The summary of a row that has no value on any path."""
    nothing = (math.nan,) * len(PERCENTILES)
    return RowSummary(name, 0, reasons, *(math.nan,) * 5, nothing, nothing)


def wanted_ranks(count: int) -> Integers:
    """Ranks among ``count`` values from which percentiles and their standard errors are interpolated, in order."""
    return _places(count).ranks


@cache
def _places(count: int) -> Places:
    """Percentiles of ``count`` values, then what lies one standard deviation of ranks below them, and above."""
    shares = np.array(PERCENTILES) / 100
    width = np.sqrt(shares * (1 - shares) / count)
    below, above = np.maximum(0.0, shares - width), np.minimum(1.0, shares + width)
    return places_among(count, np.concatenate([shares, below, above]))
