"""Records of what a run found about its figures. Whoever reads a finished run needs nothing that computes them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from alatau_finance.simulation.undefined import Undefined

#: Percentiles that are told of every row.
PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)
#: Shares of paths, in percent, beyond which expected shortfalls are reported.
TAILS = (90, 95)
_UNDEFINED = tuple(f"undefined_{reason.name}" for reason in fields(Undefined))


@dataclass(frozen=True)
class Estimate:
    """A figure taken from simulated paths and its Monte Carlo standard error, both in the unit of the measure."""

    figure: float
    standard_error: float


@dataclass(frozen=True)
class RowSummary:
    """Statistics of one row over paths; values that are no finite numbers are left out and counted by reason.

    ``standard_error`` is that of the mean (of a probability, where the row is a 0/1 flag); ``percentile_errors`` come
    from order statistics: half the distance between the values one standard deviation of ranks below and above, which
    is binomial unless paths come in pairs.
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

    def named(self) -> dict[str, float]:
        """Every statistic by the name that tables have for it."""
        numbers: dict[str, float] = {"mean": self.mean, "sd": self.sd, "standard_error": self.standard_error}
        for percent, value, error in zip(PERCENTILES, self.percentiles, self.percentile_errors, strict=True):
            numbers[f"p{percent}"] = value
            numbers[f"p{percent}_standard_error"] = error
        numbers |= {"minimum": self.minimum, "maximum": self.maximum, "undefined": self.undefined}
        return numbers | dict(zip(_UNDEFINED, self.reasons.counts, strict=True))


@dataclass(frozen=True)
class Target:
    """A figure of a measure whose standard error is to be at most ``tolerance`` of it."""

    metric: str
    figure: str
    tolerance: float

    def ratio(self, found: Estimate) -> float:
        """How many times too large the standard error is; at most 1 is enough. inf where it cannot be told."""
        if found.standard_error == 0.0:
            return 0.0
        allowed = self.tolerance * abs(found.figure)
        return found.standard_error / allowed if allowed > 0.0 else math.inf

    def __str__(self) -> str:
        return f"{self.metric}:{self.figure}:{100 * self.tolerance:g}%"


@dataclass(frozen=True)
class Reached:
    """What a target came to when the run ended."""

    target: Target
    estimate: Estimate

    @property
    def ok(self) -> bool:
        """Whether the figure is as sure as was asked."""
        return self.target.ratio(self.estimate) <= 1.0


@dataclass(frozen=True)
class ConvergenceRow:
    """A figure of a measure as it was after so many paths."""

    metric: str
    figure: str
    paths: int
    estimate: Estimate
