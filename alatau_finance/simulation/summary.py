"""What is said of a row of simulated values: mean, spread, percentiles, and how sure each of them is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alatau_finance.simulation.store import Digest, RowStore
from alatau_finance.simulation.undefined import Undefined, count_undefined
from alatau_finance.simulation.workers import workers

PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)


@dataclass(frozen=True)
class RowSummary:
    """Statistics of one row over paths; values that are no finite numbers are left out and counted by reason.

    ``standard_error`` is that of the mean (of a probability, where the row is a 0/1 flag); ``percentile_errors`` come
    from order statistics: half the distance between the values one binomial standard deviation of ranks below and
    above.
    """

    name: str
    paths: int
    reasons: Undefined
    mean: float
    sd: float
    standard_error: float
    minimum: float
    maximum: float
    percentiles: tuple[float, ...]
    percentile_errors: tuple[float, ...]

    @property
    def undefined(self) -> int:
        """On how many paths there is no value, whatever the reason."""
        return self.reasons.total

    def percentile(self, percent: int) -> float:
        """One of the percentiles 1, 5, 10, 25, 50, 75, 90, 95, 99."""
        return self.percentiles[PERCENTILES.index(percent)]


def summarise_row(name: str, values: NDArray[np.float64]) -> RowSummary:
    """Statistics of ``values`` [paths]."""
    known = np.sort(values[np.isfinite(values)])
    count, reasons = len(known), count_undefined(values)
    if not count:
        nothing = (math.nan,) * len(PERCENTILES)
        return RowSummary(name, 0, reasons, *(math.nan,) * 5, nothing, nothing)
    mean = float(known.mean())
    sd = float(known.std(ddof=1)) if count > 1 else 0.0
    ranks = [_quantile(known, percent / 100) for percent in PERCENTILES]
    errors = [_quantile_error(known, percent / 100) for percent in PERCENTILES]
    ends = float(known[0]), float(known[-1])
    return RowSummary(name, count, reasons, mean, sd, sd / math.sqrt(count), *ends, tuple(ranks), tuple(errors))


def _quantile(ordered: NDArray[np.float64], share: float) -> float:
    """Linear interpolation between order statistics (Hyndman and Fan's type 7, as numpy's default)."""
    position = share * (len(ordered) - 1)
    low = math.floor(position)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (ordered[high] - ordered[low]) * (position - low))


def _quantile_error(ordered: NDArray[np.float64], share: float) -> float:
    width = math.sqrt(share * (1 - share) / len(ordered))
    return 0.5 * (_quantile(ordered, min(1.0, share + width)) - _quantile(ordered, max(0.0, share - width)))


def summarise(store: RowStore, digest: Digest) -> Iterator[RowSummary]:
    """Statistics of every row in order, adding each to ``digest`` on the way."""
    with workers() as (executor, _):
        for first, values in store.chunks():
            names = store.rows[first : first + len(values)]
            summaries = executor.map(summarise_row, names, values)
            digest.add(names, values)
            yield from summaries
