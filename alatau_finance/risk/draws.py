"""The draws of a block of 64 paths: a plan made once, and a kernel that is a pure function of plan and path number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alatau_finance.i18n import message
from alatau_finance.jit import LANES, kernel_function
from alatau_finance.risk.correlation import Loadings, build_loadings
from alatau_finance.risk.distributions import distribution_named
from alatau_finance.risk.factors import INDEPENDENT_PATHS, CorrelationRule, Repair, RiskError, RiskFactor, Sampling
from alatau_finance.risk.samplers import PSEUDO_RANDOM, SampleArrays, sample_arrays, sample_block
from alatau_finance.risk.sampling import factor_key, normal_block, normal_pair_block
from alatau_finance.risk.tables import NODES
from alatau_finance.risk.transforms import CONSTANTS, clamp_row, transform_row, truncate_row

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_COMBINATIONS = ("replace", "add", "multiply")


class DrawArrays(NamedTuple):
    """What the kernel reads. Factors: first the scalars, then the series; so the normals they are made of."""

    keys: npt.NDArray[np.uint64]
    """[normal]"""
    scalar_keys: int
    """how many of the normals belong to scalars"""
    starts: Integers
    """[factor + 1]: the factor's loadings are those from here to the next start"""
    columns: Integers
    """[loading]: which normal"""
    weights: Floats
    """[loading]"""
    shapes: Integers
    """[factor]"""
    constants: Floats
    """[factor, constant]"""
    table_of: Integers
    """[factor]: which table; 0 where none is needed"""
    tables: Floats
    """[table, node, value | slope]"""
    truncations: Floats
    """[factor, probability below | above | between the bounds, lower bound, upper bound]; zeros: not truncated"""


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
) -> DrawPlan:
    """Check everything, resolve the correlations, pack the arrays. Raises :class:`RiskError` with all mistakes."""
    ordered = tuple(sorted(factors, key=lambda factor: factor.per_period))
    problems = _problems(ordered)
    if problems:
        raise RiskError(problems)
    loadings, repairs = build_loadings(ordered, correlations, classes_of_project)
    scalars, series = _normals(ordered, loadings)
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
        _arrays(ordered, loadings, seed, years_per_period),
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


def _normals(factors: Sequence[RiskFactor], loadings: Mapping[str, Loadings]) -> tuple[list[str], list[str]]:
    """The normals that scalars are made of, and those that series are made of."""

    def of(per_period: bool) -> list[str]:
        chosen = (factor for factor in factors if factor.per_period == per_period)
        return list(dict.fromkeys(name for factor in chosen for name, _ in loadings[factor.name]))

    return of(per_period=False), of(per_period=True)


def _arrays(factors: Sequence[RiskFactor], loadings: Mapping[str, Loadings], seed: int, years: float) -> DrawArrays:
    scalars, series = _normals(factors, loadings)
    names = [*scalars, *series]
    place = {name: i for i, name in enumerate(names)}
    flat = [(place[name], weight) for factor in factors for name, weight in loadings[factor.name]]
    rows = [distribution_named(factor.distribution) for factor in factors]
    tables, table_of = _tables([row.quantile_table(f.parameters) for row, f in zip(rows, factors, strict=True)])
    constants = [row.constants(f.parameters, years) for row, f in zip(rows, factors, strict=True)]
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
    )


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


@kernel_function
def draw_block(
    keys: npt.NDArray[np.uint64],
    scalar_keys: int,
    starts: Integers,
    columns: Integers,
    weights: Floats,
    shapes: Integers,
    constants: Floats,
    table_of: Integers,
    tables: Floats,
    truncations: Floats,
    sampler: int,
    paths: np.uint64,
    directions: npt.NDArray[np.uint64],
    shifts: npt.NDArray[np.uint64],
    first_path: np.uint64,
    scalars_out: Floats,
    series_out: Floats,
) -> None:
    """Fill ``scalars_out[scalar, lane]`` and ``series_out[period, series, lane]`` for 64 paths from ``first_path``."""
    scalars = scalars_out.shape[0]
    periods, series = series_out.shape[0], series_out.shape[1]
    series_keys = keys.shape[0] - scalar_keys
    normals = np.empty((max(scalar_keys, 2 * series_keys), LANES))
    for n in range(scalar_keys):
        if sampler == PSEUDO_RANDOM:
            normal_block(keys[n], first_path, np.uint64(0), normals[n])
        else:
            sample_block(sampler, paths, directions, shifts, n, keys[n], first_path, np.uint64(0), normals[n])
    for f in range(scalars):
        _mix(starts[f], starts[f + 1], columns, weights, 0, normals, scalars_out[f])
        _to_values(shapes[f], constants[f], tables[table_of[f]], truncations[f], scalars_out[f])
    for call in range((periods + 1) // 2 if series > 0 else 0):
        for n in range(series_keys):
            key = keys[scalar_keys + n]
            if sampler == PSEUDO_RANDOM:
                normal_pair_block(key, first_path, np.uint64(call), normals[n], normals[series_keys + n])
                continue
            for half in range(min(2, periods - 2 * call)):
                period, row = 2 * call + half, normals[half * series_keys + n]
                dimension = scalar_keys + period * series_keys + n
                sample_block(sampler, paths, directions, shifts, dimension, key, first_path, np.uint64(period), row)
        for half in range(min(2, periods - 2 * call)):
            shift = half * series_keys - scalar_keys
            for s in range(series):
                f = scalars + s
                row = series_out[2 * call + half, s]
                _mix(starts[f], starts[f + 1], columns, weights, shift, normals, row)
                _to_values(shapes[f], constants[f], tables[table_of[f]], truncations[f], row)


@kernel_function
def _to_values(shape: int, constants: Floats, table: Floats, truncation: Floats, row: Floats) -> None:
    """Replace standard normals by values."""
    is_truncated = truncation[2] > 0.0
    if is_truncated:
        truncate_row(truncation, row)
    transform_row(shape, constants, table, row)
    if is_truncated:
        clamp_row(truncation[3], truncation[4], row)


@kernel_function
def _mix(start: int, stop: int, columns: Integers, weights: Floats, shift: int, normals: Floats, row: Floats) -> None:
    """row = sum of weights times normals."""
    weight = weights[start]
    normal = normals[columns[start] + shift]
    for lane in range(LANES):
        row[lane] = weight * normal[lane]
    for k in range(start + 1, stop):
        weight = weights[k]
        normal = normals[columns[k] + shift]
        for lane in range(LANES):
            row[lane] += weight * normal[lane]
