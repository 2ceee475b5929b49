"""A row's summary from its moments and order statistics, however these were found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from alatau_finance.simulation.findings import PERCENTILES, RowSummary
from alatau_finance.simulation.undefined import Undefined


def row_summary(
    name: str,
    count: int,
    reasons: Undefined,
    moments: tuple[float, float, float, float],
    ordered: Mapping[int, float],
) -> RowSummary:
    """The summary of ``count`` values, one or more.

    ``moments`` are their mean, the sum of squared deviations from it, the smallest and the largest; ``ordered`` has the
    value of each of :func:`wanted_ranks`.
    """
    mean, squares, low, high = moments
    sd = math.sqrt(squares / (count - 1)) if count > 1 else 0.0
    at = [interpolated(ordered, place, count) for place in _places(count)]
    errors = [0.5 * (above - below) for below, above in zip(at[1::3], at[2::3], strict=True)]
    return RowSummary(name, count, reasons, mean, sd, sd / math.sqrt(count), low, high, tuple(at[::3]), tuple(errors))


def nothing_known(name: str, reasons: Undefined) -> RowSummary:
    """The summary of a row that has no value on any path."""
    nothing = (math.nan,) * len(PERCENTILES)
    return RowSummary(name, 0, reasons, *(math.nan,) * 5, nothing, nothing)


@cache
def wanted_ranks(count: int) -> tuple[int, ...]:
    """Ranks among ``count`` values from which percentiles and their standard errors are interpolated, in order."""
    return tuple(sorted({rank for place in _places(count) for rank in neighbours(place, count)}))


@cache
def _places(count: int) -> tuple[float, ...]:
    """For each percentile its place among ``count`` ordered values, then those one standard deviation of ranks off."""
    found: list[float] = []
    for percent in PERCENTILES:
        share = percent / 100
        width = math.sqrt(share * (1 - share) / count)
        found += [each * (count - 1) for each in (share, max(0.0, share - width), min(1.0, share + width))]
    return tuple(found)


def neighbours(place: float, count: int) -> tuple[int, int]:
    """The ranks between which ``place`` lies."""
    low = math.floor(place)
    return low, min(low + 1, count - 1)


def interpolated(ordered: Mapping[int, float], place: float, count: int) -> float:
    """Linear interpolation between order statistics (Hyndman and Fan's type 7, as numpy's default)."""
    low, high = neighbours(place, count)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
