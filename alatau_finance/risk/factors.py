"""What the risk engine is told: factors and correlations, as plain data that knows nothing of files or models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from alatau_finance.errors import ProblemsError

Scope = Literal["pool", "asset_class", "project"]
CorrelationKind = Literal["common", "same_class", "within_project", "pair"]
CorrelationOf = Literal["normals", "ranks"]
SamplerName = Literal["pseudo_random", "antithetic", "sobol", "latin_hypercube"]
SAMPLERS: tuple[SamplerName, ...] = get_args(SamplerName)
DEFAULT_SAMPLER: SamplerName = "pseudo_random"


class RiskError(ProblemsError):
    """Risks or correlations that cannot be drawn; every mistake has its line."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How normals are spread over paths (:mod:`alatau_finance.risk.samplers`), and how many paths the run has.

    Only a ``latin_hypercube`` depends on their number.
    """

    sampler: SamplerName = DEFAULT_SAMPLER
    paths: int = 0


INDEPENDENT_PATHS = Sampling()


def factor_name(risk: str, scope_id: str) -> str:
    """``cost_overrun/arna_substation`` for a project or an asset class, ``construction_premium`` for the pool."""
    return f"{risk}/{scope_id}" if scope_id else risk


@dataclass(frozen=True, slots=True)
class RiskFactor:
    """One risk in one place: a draw per path, or per path and period.

    ``risk`` is the risk's name; ``scope_id`` the project or asset class it strikes, empty for the whole pool.
    ``target`` and ``combine`` (replace, add, multiply) are for the engine: which input the draw changes, and how.
    """

    risk: str
    target: str
    scope: Scope
    scope_id: str
    distribution: str
    parameters: Mapping[str, float]
    combine: str = "replace"
    per_period: bool = False

    @property
    def name(self) -> str:
        """What names its draws, and so decides them."""
        return factor_name(self.risk, self.scope_id)


@dataclass(frozen=True, slots=True)
class CorrelationRule:
    """One declared correlation of ``risks``: of the normals behind them, or of their ranks (Spearman's).

    - ``common``: of any two instances of each of these risks (two projects, or two asset classes);
    - ``same_class``: of two projects of one asset class, for each of these risks; not below its common correlation;
    - ``within_project``: of the two risks in one and the same project;
    - ``pair``: of two risks of the pool.
    """

    kind: CorrelationKind
    risks: tuple[str, ...]
    correlation: float
    of: CorrelationOf = "normals"


@dataclass(frozen=True, slots=True)
class TCopula:
    """Risks whose extremes come together: they share a random scale (:mod:`alatau_finance.risk.student`)."""

    name: str
    risks: tuple[str, ...]
    degrees_of_freedom: float


@dataclass(frozen=True, slots=True)
class Repair:
    """Declared correlations that cannot hold together, and what is used instead."""

    kind: CorrelationKind
    risks: tuple[str, ...]
    largest_change: float
    changes: tuple[tuple[str, str, float, float], ...]
    """(risk, other risk, declared, used) for every pair that moved."""
