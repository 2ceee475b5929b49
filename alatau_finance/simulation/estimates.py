"""Figures of one measure with how sure each is: expected shortfalls, and intervals of probabilities."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from alatau_finance.modelling.expression import Expr, Operation, Reference, WholeLife
from alatau_finance.modelling.plan import Plan
from alatau_finance.simulation.findings import Estimate, RowSummary
from alatau_finance.simulation.pairs import pair_error

_COMPARISONS = ("less", "less_or_equal", "greater", "greater_or_equal")
_CONFIDENCE = 0.95


def expected_shortfall(
    values: NDArray[np.float64], summary: RowSummary, percent: int, *, pairs: bool = False
) -> Estimate:
    """CVaR: the mean of the largest 100 - ``percent`` % of ``values`` [paths], of those that are finite numbers.

    q + mean((x - q)+) / (1 - p) at the percentile q, which minimises it (Rockafellar and Uryasev, "Optimization of
    conditional value-at-risk", 2000); as it does, the error of q has no part in the first order, and the standard error
    is that of the mean (Trindade, Uryasev, Shapiro and Zrazhevsky, 2007). ``pairs``: paths 2k and 2k + 1 are
    antithetic.
    """
    if not summary.paths:
        return Estimate(math.nan, math.nan)
    quantile, share = summary.percentile(percent), 1 - percent / 100
    known = np.isfinite(values)
    above = np.maximum(values[known] - quantile, 0.0)
    mean = float(above.mean())
    if pairs:
        error = pair_error(np.where(known, np.maximum(values - quantile, 0.0), np.nan), mean)
    else:
        error = float(above.std(ddof=1)) / math.sqrt(len(above)) if len(above) > 1 else 0.0
    return Estimate(quantile + mean / share, error / share)


def binomial_interval(hits: int, trials: int) -> tuple[float, float]:
    """The exact 95 % interval of a probability seen ``hits`` times in ``trials`` (Clopper and Pearson, 1934).

    It says something where a standard error does not: where an event was seen on no path, or on all.
    """
    rest = (1 - _CONFIDENCE) / 2
    low = float(betaincinv(hits, trials - hits + 1, rest)) if hits else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1 - rest)) if hits < trials else 1.0
    return low, high


def is_flag(plan: Plan, name: str) -> bool:
    """Whether a line is 1 or 0 by its formula, so that its mean is a probability."""
    return _is_flag(plan, plan.lines[name].formula)


def _is_flag(plan: Plan, node: Expr) -> bool:
    if isinstance(node, Operation):
        both = node.operator == "multiply" and all(_is_flag(plan, argument) for argument in node.arguments)
        return both or node.operator in _COMPARISONS
    if isinstance(node, WholeLife):
        return node.reducer in ("maximum", "minimum", "final") and is_flag(plan, node.names[0])
    return isinstance(node, Reference) and node.name in plan.lines and is_flag(plan, node.name)
