"""The draws of a block of 64 paths: a plan made once, and a kernel that is a pure function of plan and path number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alatau_finance.i18n import message
from alatau_finance.jit import LANES
from alatau_finance.risk.copulas import copula_problems, mixing_name
from alatau_finance.risk.correlation import Loadings, build_loadings
from alatau_finance.risk.distributions import distribution_named
from alatau_finance.risk.draw_kernel import DrawArrays, Floats, Integers, draw_block
from alatau_finance.risk.factors import (
    INDEPENDENT_PATHS,
    CorrelationRule,
    Repair,
    RiskError,
    RiskFactor,
    Sampling,
    TCopula,
)
from alatau_finance.risk.ranks import of_normals
from alatau_finance.risk.samplers import SampleArrays, sample_arrays
from alatau_finance.risk.sampling import factor_key
from alatau_finance.risk.student import normal_table, scale_table
from alatau_finance.risk.tables import NODES
from alatau_finance.risk.transforms import CONSTANTS

_COMBINATIONS = ("replace", "add", "multiply")


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """All risks of a run, ready to be drawn. ``factors`` are the scalars followed by the series."""

    factors: tuple[RiskFactor, ...]
    scalar_names: tuple[str, ...]
    series_names: tuple[str, ...]
    loadings: Mapping[str, Loadings]
    repairs: tuple[Repair, ...]
    seed: int
    sampling: Sampling
    periods: int
    years_per_period: float
    arrays: DrawArrays
    samples: SampleArrays

    @property
    def scalar_shape(self) -> tuple[int, int]:
        """[scalar, lane]"""
        return len(self.scalar_names), LANES

    @property
    def series_shape(self) -> tuple[int, int, int]:
        """[period, series, lane]"""
        return self.periods, len(self.series_names), LANES

    def draw(self, first_path: int, scalars_out: Floats, series_out: Floats) -> None:
        """Fill both arrays with the draws of paths ``first_path`` .. ``first_path + 63``."""
        if scalars_out.shape != self.scalar_shape or series_out.shape != self.series_shape:
            raise ValueError(
                f"draws have the shapes {self.scalar_shape} and {self.series_shape}, "
                f"not {scalars_out.shape} and {series_out.shape}"
            )
        draw_block(*self.arrays, *self.samples, np.uint64(first_path), scalars_out, series_out)

    def draw_path(self, path: int) -> tuple[dict[str, float], dict[str, Floats]]:
        """The scalars and the series (one value a period) of a single path, by name."""
        scalars, series = np.empty(self.scalar_shape), np.empty(self.series_shape)
        self.draw(path, scalars, series)
        return (
            {name: float(scalars[i, 0]) for i, name in enumerate(self.scalar_names)},
            {name: series[:, i, 0].copy() for i, name in enumerate(self.series_names)},
        )


def build_draw_plan(
    factors: Iterable[RiskFactor],
    correlations: Sequence[CorrelationRule],
    classes_of_project: Mapping[str, str],
    *,
    seed: int,
    periods: int,
    years_per_period: float,
    sampling: Sampling = INDEPENDENT_PATHS,
    copulas: Sequence[TCopula] = (),
) -> DrawPlan:
    """Check everything, resolve the correlations, pack the arrays. Raises :class:`RiskError` with all mistakes."""
    ordered = tuple(sorted(factors, key=lambda factor: factor.per_period))
    problems = [*_problems(ordered), *copula_problems(ordered, correlations, copulas)]
    if problems:
        raise RiskError(problems)
    loadings, repairs = build_loadings(ordered, of_normals(correlations, copulas), classes_of_project)
    scalars, series = _normals(ordered, loadings, copulas)
    return DrawPlan(
        ordered,
        tuple(factor.name for factor in ordered if not factor.per_period),
        tuple(factor.name for factor in ordered if factor.per_period),
        loadings,
        repairs,
        seed,
        sampling,
        periods,
        years_per_period,
        _arrays(ordered, loadings, copulas, (scalars, series), seed, years_per_period),
        sample_arrays(sampling, seed, scalars, series, periods),
    )


def _problems(factors: Sequence[RiskFactor]) -> list[str]:
    problems: list[str] = []
    seen: dict[str, RiskFactor] = {}
    for factor in factors:
        if seen.setdefault(factor.name, factor) is not factor:
            problems.append(f"{factor.name}: there are two factors of this name")
        like = seen.setdefault(f"risk {factor.risk}", factor)
        if (like.scope, like.per_period) != (factor.scope, factor.per_period):
            problems.append(f"{factor.name}: scope and per_period must be those of {like.name}")
        if (factor.scope == "pool") != (factor.scope_id == ""):
            problems.append(f"{factor.name}: a risk of the pool, and no other, has an empty scope_id")
        problems += [f"{factor.name}: {fault}" for fault in _faults(factor)]
    return problems


def _faults(factor: RiskFactor) -> list[str]:
    try:
        distribution = distribution_named(factor.distribution)
    except RiskError as error:
        return [str(problem) for problem in error.problems]
    faults = distribution.faults(factor.parameters)
    if distribution.per_period_only and not factor.per_period:
        faults.append(message("{distribution} is drawn every period: set per_period", distribution=distribution.name))
    if factor.combine not in _COMBINATIONS:
        faults.append(f"combine is {factor.combine}; allowed: {', '.join(_COMBINATIONS)}")
    return faults


def _normals(
    factors: Sequence[RiskFactor], loadings: Mapping[str, Loadings], copulas: Sequence[TCopula]
) -> tuple[list[str], list[str]]:
    """The normals that scalars are made of, and those that series are made of; last those of scales."""

    def of(per_period: bool) -> list[str]:
        chosen = [factor for factor in factors if factor.per_period == per_period]
        names = dict.fromkeys(name for factor in chosen for name, _ in loadings[factor.name])
        risks = {factor.risk for factor in chosen}
        return [*names, *(mixing_name(copula) for copula in copulas if risks.intersection(copula.risks))]

    return of(per_period=False), of(per_period=True)


def _arrays(
    factors: Sequence[RiskFactor],
    loadings: Mapping[str, Loadings],
    copulas: Sequence[TCopula],
    normals: tuple[Sequence[str], Sequence[str]],
    seed: int,
    years: float,
) -> DrawArrays:
    scalars, series = normals
    names = [*scalars, *series]
    place = {name: i for i, name in enumerate(names)}
    flat = [(place[name], weight) for factor in factors for name, weight in loadings[factor.name]]
    rows = [distribution_named(factor.distribution) for factor in factors]
    tables, table_of = _tables([row.quantile_table(f.parameters) for row, f in zip(rows, factors, strict=True)])
    constants = [row.constants(f.parameters, years) for row, f in zip(rows, factors, strict=True)]
    copula_of = {risk: number for number, copula in enumerate(copulas) for risk in copula.risks}
    return DrawArrays(
        keys=np.array([factor_key(seed, name) for name in names], dtype=np.uint64),
        scalar_keys=len(scalars),
        starts=np.cumsum([0, *(len(loadings[factor.name]) for factor in factors)], dtype=np.int64),
        columns=np.array([column for column, _ in flat], dtype=np.int64),
        weights=np.array([weight for _, weight in flat], dtype=np.float64),
        shapes=np.array([row.shape for row in rows], dtype=np.int64),
        constants=np.array(constants, dtype=np.float64).reshape(len(rows), CONSTANTS),
        table_of=table_of,
        tables=tables,
        truncations=np.array([_truncation(factor) for factor in factors]).reshape(len(factors), 5),
        copula_of=np.array([copula_of.get(factor.risk, -1) for factor in factors], dtype=np.int64),
        mixing=np.array([place.get(mixing_name(copula), -1) for copula in copulas], dtype=np.int64),
        degrees=np.array([copula.degrees_of_freedom for copula in copulas], dtype=np.float64),
        copula_tables=np.array([_copula_tables(copula) for copula in copulas]).reshape(len(copulas), 2, NODES, 2),
    )


def _copula_tables(copula: TCopula) -> tuple[Floats, Floats]:
    return scale_table(copula.degrees_of_freedom), normal_table(copula.degrees_of_freedom)


def _truncation(factor: RiskFactor) -> tuple[float, ...]:
    cut = distribution_named(factor.distribution).truncation(factor.parameters)
    return (cut.below, cut.beyond, cut.between, cut.low, cut.high) if cut else (0.0,) * 5


def _tables(per_factor: Sequence[Floats | None]) -> tuple[Floats, Integers]:
    """Each table once: equal parameters have the same array, it comes from a cache."""
    distinct: dict[int, Floats] = {id(None): np.zeros((NODES, 2))}
    for table in per_factor:
        if table is not None:
            distinct[id(table)] = table
    order = {identity: i for i, identity in enumerate(distinct)}
    return np.stack(list(distinct.values())), np.array([order[id(table)] for table in per_factor], dtype=np.int64)
