"""How many paths are enough: a run that grows until chosen figures are as sure as asked, and how figures converged."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from alatau_finance.errors import UsageError, nearest
from alatau_finance.i18n import message
from alatau_finance.simulation.estimates import expected_shortfall
from alatau_finance.simulation.findings import PERCENTILES, TAILS, ConvergenceRow, Estimate, Reached, Target
from alatau_finance.simulation.summary import summarise_row

Floats = NDArray[np.float64]

#: Figures of a measure by name.
FIGURES = ("mean", *(f"P{percent}" for percent in PERCENTILES), *(f"CVaR{percent}" for percent in TAILS))
#: Figures whose convergence is recorded of every measure.
_CONVERGED = ("mean", "P10", "P50", "P90")
#: Paths of the first batch, and of the first row of a convergence table at least.
FIRST_BATCH, _FIRST_ROW = 4096, 64
#: A batch makes the run at least and at most so many times as long.
_GROWTH = (1.25, 4.0)
#: How much longer than the square root law asks, as errors are themselves estimates.
_MARGIN = 1.05


def target_of(text: str, metrics: Iterable[str]) -> Target:
    """A target written like ``pv_state_payments:P90:0.5%``. Raises UsageError where it cannot be read or met."""
    found = re.fullmatch(r"(\w+):(\w+):(\d+(?:\.\d*)?|\.\d+)%", text.replace(" ", ""))
    if found is None:
        wrong = "{text} is no precision; write measure, figure and largest standard error: pv_state_payments:P90:0.5%"
        raise UsageError(message(wrong, text=text))
    metric, known = found[1], tuple(metrics)
    if metric not in known:
        likely = nearest(metric, known) or ", ".join(known)
        raise UsageError(message("the run has no metric {name}; did you mean {likely}?", name=metric, likely=likely))
    figure = next((figure for figure in FIGURES if figure.lower() == found[2].lower()), None)
    if figure is None:
        raise UsageError(message("{name} is no figure; allowed: {figures}", name=found[2], figures=", ".join(FIGURES)))
    tolerance = float(found[3]) / 100
    if not tolerance:
        raise UsageError(message("{text}: no run is long enough for a standard error of 0 %", text=text))
    return Target(metric, figure, tolerance)


def estimate(values: Floats, figures: Sequence[str], *, pairs: bool = False) -> tuple[Estimate, ...]:
    """Some of :data:`FIGURES` of ``values`` [paths]; ``pairs``: paths 2k and 2k + 1 are antithetic."""
    summary = summarise_row("", values, pairs=pairs)
    found = {"mean": Estimate(summary.mean, summary.standard_error)}
    for percent, value, error in zip(PERCENTILES, summary.percentiles, summary.percentile_errors, strict=True):
        found[f"P{percent}"] = Estimate(value, error)
    for percent in TAILS:
        if f"CVaR{percent}" in figures:
            found[f"CVaR{percent}"] = expected_shortfall(values, summary, percent, pairs=pairs)
    return tuple(found[figure] for figure in figures)


def grow(
    targets: Sequence[Target], most: int, step: int, values_of: Callable[[int, Sequence[str]], Sequence[Floats]]
) -> tuple[int, tuple[Reached, ...]]:
    """Lengthen a run until all of ``targets`` are reached or it has ``most`` paths; how many it has, and what it found.

    ``values_of`` runs so many paths and gives the values of metrics. Lengths are multiples of ``step`` but for
    ``most``. They follow from the values alone, so they are the same on any number of threads and machines.
    """
    paths = min(most, _rounded_up(FIRST_BATCH, step))
    while True:
        values = values_of(paths, [target.metric for target in targets])
        found = tuple(
            Reached(target, *estimate(row, [target.figure])) for target, row in zip(targets, values, strict=True)
        )
        worst = max(each.target.ratio(each.estimate) for each in found)
        if worst <= 1.0 or paths == most:
            return paths, found
        factor = min(max(_MARGIN * worst * worst, _GROWTH[0]), _GROWTH[1])
        paths = min(most, _rounded_up(math.ceil(paths * factor), step))


def _rounded_up(paths: int, step: int) -> int:
    return step * -(-paths // step)


def convergence(
    metrics: Mapping[str, Floats], targets: Sequence[Target] = (), *, pairs: bool = False
) -> tuple[ConvergenceRow, ...]:
    """How figures of ``metrics`` by name came to be what they are: after all paths, half of them, and so on down to 64.

    Mean, P10, P50 and P90 of every measure, and whatever ``targets`` name.
    """
    rows = []
    for name, values in metrics.items():
        asked = [target.figure for target in targets if target.metric == name]
        figures = tuple(dict.fromkeys([*_CONVERGED, *asked]))
        for paths in _lengths(len(values)):
            found = estimate(values[:paths], figures, pairs=pairs)
            rows += [ConvergenceRow(name, figure, paths, each) for figure, each in zip(figures, found, strict=True)]
    return tuple(rows)


def _lengths(paths: int) -> list[int]:
    lengths: list[int] = []
    while paths >= _FIRST_ROW or not lengths:
        lengths.append(paths)
        paths //= 2
    return lengths[::-1]
