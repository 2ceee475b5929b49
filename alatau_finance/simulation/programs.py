"""Kernels with their tables: which row or column of the shared arrays each input and each sum stands in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from alatau_finance.backends.compiled import compile_kernel
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.backends.lanes import ADD, MULTIPLY, REPLACE
from alatau_finance.modelling.model import Gather
from alatau_finance.simulation.binding import BoundInput, BoundPool, Instance

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: What a draw does to the value that it moves, as a number for kernels.
MODES = MappingProxyType({"replace": REPLACE, "add": ADD, "multiply": MULTIPLY})


@dataclass(frozen=True)
class Layout:
    """Where names stand in shared arrays: rows of ``scalars`` (draws first), columns of ``series`` (given first)."""

    scalars: Mapping[str, int]
    series: Mapping[str, int]
    first_gathered_scalar: int
    first_gathered_series: int


@dataclass(frozen=True)
class Program:
    """The kernel of one model and the tables of its instances; shapes as in :func:`kernel_source`."""

    spec: KernelSpec
    instances: tuple[Instance, ...]
    constants: Floats
    rows: Integers
    modes: Integers
    columns: Integers
    gather_columns: Integers
    gather_rows: Integers
    export_columns: Integers
    kernel: Callable[..., None]


@dataclass(frozen=True)
class Programs:
    """All programs of a pool in the order in which they run."""

    layout: Layout
    economy: Program
    contracts: tuple[Program, ...]
    pool: Program

    def __iter__(self) -> Iterator[Program]:
        return iter((self.economy, *self.contracts, self.pool))


def _gather_row(name: str) -> str:
    return f"gather:{name}"


def build_layout(pool: BoundPool, scalar_draws: Sequence[str]) -> Layout:
    """Places for the draws, the given series, the economy's lines that others use, and the pool's sums."""
    gathers = pool.pool.plan.gathers
    scalars = [*scalar_draws, *(_gather_row(name) for name, gather in gathers.items() if gather.whole_life)]
    plans = [pool.pool.plan, *(instances[0].plan for instances in pool.contracts.values() if instances)]
    used = dict.fromkeys(name for plan in plans for name in plan.series)
    series = [*pool.economy_series, *(name for name in used if name not in pool.economy_series)]
    sums = [name for name, gather in gathers.items() if not gather.whole_life]
    return Layout(
        MappingProxyType({name: number for number, name in enumerate(scalars)}),
        MappingProxyType({name: number for number, name in enumerate([*series, *sums])}),
        len(scalar_draws),
        len(series),
    )


def build_programs(pool: BoundPool, scalar_draws: Sequence[str]) -> Programs:
    """Generate and load the kernels of every model of ``pool``."""
    layout = build_layout(pool, scalar_draws)
    lines = tuple(name for name, line in pool.economy.plan.lines.items() if line.periodic and name in layout.series)
    economy = KernelSpec(pool.economy.plan, outputs=_kept(pool.economy), exports=lines)
    contracts = []
    for instances in pool.contracts.values():
        if instances:
            members = _gathers_of(pool, instances[0].plan.key)
            contracts.append(_program(_contract_spec(instances[0], members), instances, layout, (), members))
    plan = pool.pool.plan
    yearly = tuple(name for name, line in plan.lines.items() if line.yearly)
    spec = KernelSpec(plan, outputs=_kept(pool.pool), exports=yearly)
    return Programs(
        layout,
        _program(economy, (pool.economy,), layout, [layout.series[name] for name in lines]),
        tuple(contracts),
        _program(spec, (pool.pool,), layout, range(len(yearly))),
    )


def _kept(instance: Instance) -> tuple[str, ...]:
    return (*instance.plan.of_kind("metric"), *instance.plan.of_kind("check"))


def _gathers_of(pool: BoundPool, contract: str) -> dict[str, Gather]:
    return {name: gather for name, gather in pool.pool.plan.gathers.items() if contract in gather.contracts}


def _contract_spec(instance: Instance, gathers: Mapping[str, Gather]) -> KernelSpec:
    return KernelSpec(
        instance.plan,
        outputs=_kept(instance),
        gathered=tuple(gather.line for gather in gathers.values() if not gather.whole_life),
        gathered_scalars=tuple(gather.line for gather in gathers.values() if gather.whole_life),
    )


def _program(
    spec: KernelSpec,
    instances: tuple[Instance, ...],
    layout: Layout,
    exports: Sequence[int],
    gathers: Mapping[str, Gather] = MappingProxyType({}),
) -> Program:
    shape = (len(instances), len(spec.inputs))
    bound = [[_bound(instance, name) for name in spec.inputs] for instance in instances]
    periodic = {name: layout.series[name] for name, gather in gathers.items() if not gather.whole_life}
    scalar = {name: layout.scalars[_gather_row(name)] for name, gather in gathers.items() if gather.whole_life}
    return Program(
        spec,
        instances,
        np.array([[item.value for item in row] for row in bound], np.float64).reshape(shape),
        np.array([[layout.scalars.get(item.factor or "", -1) for item in row] for row in bound], np.int64).reshape(
            shape
        ),
        np.array([[MODES[item.combine] for item in row] for row in bound], np.int64).reshape(shape),
        np.array([layout.series[name] for name in spec.series], np.int64),
        _slots(instances, gathers, periodic),
        _slots(instances, gathers, scalar),
        np.array(exports, np.int64),
        compile_kernel(spec),
    )


def _slots(instances: Sequence[Instance], gathers: Mapping[str, Gather], places: Mapping[str, int]) -> Integers:
    """[instances, sums]: where each instance adds to each sum, -1 where its group is not part of it."""
    slots = np.full((len(instances), len(places)), -1, np.int64)
    for column, (name, place) in enumerate(places.items()):
        for row, instance in enumerate(instances):
            if gathers[name].group in (None, instance.group):
                slots[row, column] = place
    return slots


def _bound(instance: Instance, name: str) -> BoundInput:
    if name in instance.inputs:
        return instance.inputs[name]
    gather = instance.plan.gathers[name]
    return BoundInput(name, gather.unit, gather.label, 0.0, factor=_gather_row(name))
