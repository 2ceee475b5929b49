"""From a correlation of ranks to that of the normals behind it.

Two normals with correlation r have the rank correlation 6/pi asin(r/2) (Pearson, 1907). Under a t copula each is
divided by sqrt(W), and (Heinen and Valdesogo, "Spearman rank correlation of the bivariate Student t", 2020)

    rank correlation = 6/pi E asin( r V1 / sqrt((V1 + V2) (V1 + V3)) ),   V1, V2, V3 independent, as 1/W,

which is solved for r numerically. Results are rounded, so that the last bits of a library cannot move a draw.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from alatau_finance.risk.factors import CorrelationRule, TCopula
from alatau_finance.risk.student import scale_table
from alatau_finance.risk.tables import interpolate

_NODES = 40
_DIGITS = 9
_STEPS = 50


def of_normals(rules: Sequence[CorrelationRule], copulas: Sequence[TCopula]) -> tuple[CorrelationRule, ...]:
    """``rules`` with every correlation of ranks replaced by that of normals; of several risks, one rule each."""
    degrees = {risk: copula.degrees_of_freedom for copula in copulas for risk in copula.risks}
    return tuple(each for rule in rules for each in _converted(rule, degrees))


def _converted(rule: CorrelationRule, degrees: Mapping[str, float]) -> Sequence[CorrelationRule]:
    if rule.of == "normals" or not -1.0 <= rule.correlation <= 1.0:
        return [rule]
    if rule.kind in ("pair", "within_project"):
        found = pearson(rule.correlation, degrees.get(rule.risks[0]))
        return [replace(rule, correlation=found, of="normals")]
    return [
        replace(rule, risks=(risk,), correlation=pearson(rule.correlation, degrees.get(risk)), of="normals")
        for risk in rule.risks
    ]


def pearson(rank_correlation: float, degrees: float | None = None) -> float:
    """Correlation of normals whose ranks correlate so, under a t copula of so many degrees of freedom if given."""
    if degrees is None:
        return round(2.0 * math.sin(math.pi * rank_correlation / 6.0), _DIGITS)
    low, high = -1.0, 1.0
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if spearman(middle, degrees) < rank_correlation else (low, middle)
    return round(0.5 * (low + high), _DIGITS)


def spearman(correlation: float, degrees: float | None = None) -> float:
    """Rank correlation of normals, or of a t copula, whose normals correlate so."""
    if degrees is None:
        return 6.0 / math.pi * math.asin(correlation / 2.0)
    ratios, weights = _ratios(degrees)
    return float(6.0 / math.pi * (np.arcsin(np.clip(correlation * ratios, -1.0, 1.0)) @ weights))


@lru_cache(maxsize=16)
def _ratios(degrees: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """V1 / sqrt((V1 + V2) (V1 + V3)) at the nodes of a Gauss-Hermite rule in three dimensions, and their weights."""
    z, weight = np.polynomial.hermite_e.hermegauss(_NODES)
    weight = weight / weight.sum()
    v = np.exp(2.0 * np.array([interpolate(scale_table(degrees), 0.0, each) for each in z]))
    first, second, third = v[:, None, None], v[None, :, None], v[None, None, :]
    ratios = first / np.sqrt((first + second) * (first + third))
    return ratios.ravel(), np.einsum("i,j,k->ijk", weight, weight, weight).ravel()
