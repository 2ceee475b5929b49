"""One path in plain Python: every line of every contract. The workbook shows it, the kernel is proved against it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from alatau_finance.backends.python import run_python
from alatau_finance.modelling.excerpt import excerpt
from alatau_finance.modelling.model import Gather
from alatau_finance.modelling.plan import Plan
from alatau_finance.simulation.binding import BoundInput, BoundPool, BoundSeries, Instance

#: One number for life, or one per period: see :func:`packed`.
Computed = float | Sequence[float]
Given = Mapping[str, Computed]


@dataclass(frozen=True)
class Draws:
    """The random inputs of one path: by factor name, and by risk name one value per period. Empty: the base case."""

    scalars: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, Sequence[float]] = field(default_factory=dict)


BASE_CASE = Draws()


@dataclass(frozen=True)
class PathValues:
    """What one path was given and what it computed, by instance key and name."""

    given: Mapping[str, Given]
    lines: Mapping[str, Mapping[str, Computed]]


def packed(values: Sequence[float]) -> Sequence[float]:
    """``values`` in 8 bytes each, read-only. As Python's own numbers the lines of a pool take four times as much."""
    return cast(Sequence[float], memoryview(array("d", values)).toreadonly())


Combined = TypeVar("Combined", float, NDArray[np.float64])


def combined(base: Combined, drawn: Combined, combine: str) -> Combined:
    """A drawn value put in place of, added to or multiplied with the base value."""
    if combine == "add":
        return base + drawn
    return base * drawn if combine == "multiply" else drawn


def _value(bound: BoundInput, draws: Draws) -> float:
    if bound.factor is None or bound.factor not in draws.scalars:
        return bound.value
    return combined(bound.value, draws.scalars[bound.factor], bound.combine)


def _series(bound: BoundSeries, draws: Draws) -> Sequence[float]:
    if bound.risk is None or bound.risk not in draws.series:
        return bound.values
    drawn = draws.series[bound.risk]
    return tuple(combined(base, each, bound.combine) for base, each in zip(bound.values, drawn, strict=True))


def scalar_inputs(instance: Instance, draws: Draws) -> dict[str, float]:
    """The scalar inputs of one instance on one path."""
    return {name: _value(bound, draws) for name, bound in instance.inputs.items()}


def run_path(
    pool: BoundPool, draws: Draws = BASE_CASE, like: PathValues | None = None, *, measures_only: bool = False
) -> PathValues:
    """Every line of the economy, of every contract instance and of the pool on one path.

    ``like`` holds the results of the same models on the same calendar: an instance that is given the same as there is
    not computed again. With ``measures_only``, of the contracts only the metrics and what the pool gathers is computed
    and kept, which takes a tenth of the memory.
    """
    gathered = frozenset(gather.line for gather in pool.pool.plan.gathers.values())

    def measures(plan: Plan) -> frozenset[str]:
        return frozenset(plan.of_kind("metric")) | (gathered & plan.lines.keys())

    return _run(pool, draws, like, whole=True, wanted=measures if measures_only else _all_lines)


def run_contracts(
    pool: BoundPool, draws: Draws = BASE_CASE, like: PathValues | None = None, *, measure: str | None = None
) -> PathValues:
    """The same without the pool: what a pool has that was cut down to some of its contracts would not be its own.

    With ``measure``, of the contracts only that metric is computed, which every one of them must have.
    """
    return _run(
        pool, draws, like, whole=False, wanted=_all_lines if measure is None else lambda _: frozenset({measure})
    )


def _all_lines(plan: Plan) -> frozenset[str]:
    return frozenset(plan.lines)


def _run(
    pool: BoundPool, draws: Draws, like: PathValues | None, *, whole: bool, wanted: Callable[[Plan], frozenset[str]]
) -> PathValues:
    given: dict[str, Given] = {}
    lines: dict[str, Mapping[str, Computed]] = {}

    def run(instance: Instance, inputs: Given) -> None:
        if like is not None and like.given.get(instance.key) == inputs:
            given[instance.key], lines[instance.key] = like.given[instance.key], like.lines[instance.key]
            return
        given[instance.key] = MappingProxyType(dict(inputs))
        plan = instance.plan
        names = wanted(plan) if instance.project is not None else _all_lines(plan)
        computed = run_python(excerpt(plan, names), inputs, pool.calendar)
        lines[instance.key] = MappingProxyType({name: _kept(computed[name]) for name in plan.lines if name in names})

    series = {name: _series(bound, draws) for name, bound in pool.economy_series.items()}
    run(pool.economy, {**scalar_inputs(pool.economy, draws), **series})
    economy = lines[pool.economy.key]
    for instance in pool.instances():
        run(instance, {**scalar_inputs(instance, draws), **_given_series(instance, economy)})
    if whole:
        gathered = {name: _gather(pool, gather, lines) for name, gather in pool.pool.plan.gathers.items()}
        run(pool.pool, {**scalar_inputs(pool.pool, draws), **_given_series(pool.pool, economy), **gathered})
    return PathValues(MappingProxyType(given), MappingProxyType(lines))


def _kept(value: Computed) -> Computed:
    return value if isinstance(value, float) else packed(value)


def _given_series(instance: Instance, economy: Mapping[str, Computed]) -> dict[str, Sequence[float]]:
    return {name: economy[name] for name in instance.plan.series}  # type: ignore[misc]


def gathered_instances(pool: BoundPool, gather: Gather) -> tuple[Instance, ...]:
    """The contract instances a Gather adds up, in the order in which they are added."""
    return tuple(
        instance
        for instance in pool.instances()
        if instance.plan.key in gather.contracts and gather.group in (None, instance.group)
    )


def _gather(pool: BoundPool, gather: Gather, lines: Mapping[str, Mapping[str, Computed]]) -> float | Sequence[float]:
    values = [lines[instance.key][gather.line] for instance in gathered_instances(pool, gather)]
    if gather.whole_life:
        return sum((value for value in values if isinstance(value, float)), 0.0)
    rows = [value for value in values if isinstance(value, Sequence)]
    return packed([sum(values, 0.0) for values in zip(*rows, strict=True)] if rows else [0.0] * pool.calendar.periods)
