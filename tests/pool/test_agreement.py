"""Kernel and plain Python agree on every line of every contract, on simulated paths of the real pool."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import pytest

from alatau_finance.backends.compiled import compile_kernel
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.backends.python import Computed
from alatau_finance.backends.workspace import workspace_for
from alatau_finance.jit import LANES, TILE, TILES
from alatau_finance.modelling.plan import Plan
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.engine import Buffers, Engine
from alatau_finance.simulation.programs import Program

from .conftest import FIRST_PATH

Expected: TypeAlias = "dict[int, Mapping[str, Mapping[str, Computed]]]"

TOLERANCE = 1e-9
ROUNDING = 1e-12


def everything(plan: Plan) -> KernelSpec:
    """A kernel that hands back all it computes."""
    periodic = tuple(name for name, line in plan.lines.items() if line.periodic)
    return KernelSpec(plan, outputs=tuple(name for name in plan.lines if name not in periodic), exports=periodic)


def one_instance(program: Program, number: int) -> Program:
    rows = slice(number, number + 1)
    return dataclasses.replace(
        program,
        instances=program.instances[rows],
        constants=program.constants[rows],
        rows=program.rows[rows],
        modes=program.modes[rows],
        gather_columns=np.full((1, 0), -1, np.int64),
        gather_rows=np.full((1, 0), -1, np.int64),
    )


def largest(values: object) -> float:
    """The largest magnitude among numbers; 0 where there is none."""
    numbers = np.abs(np.atleast_1d(np.asarray(values)))
    return float(np.nanmax(numbers)) if not np.isnan(numbers).all() else 0.0


def scales(plan: Plan, lines: Mapping[str, Computed]) -> dict[str, float]:
    """The largest magnitude per unit in one instance; 1 for pure numbers, so relative residuals compare as they are."""
    found = {"1": 1.0}
    for name, line in plan.lines.items():
        found[line.unit] = max(found.get(line.unit, 0.0), largest(lines[name]))
    return found


def differs(computed: object, expected: object, scale_of_unit: float) -> bool:
    """Whether two values of a line differ by more than 1e-9 of the line's largest value over its life.

    That scale, not each value's own, because a closing balance that is 0 in exact arithmetic is 1e-13 in floating
    point. Lines that are such residuals throughout may differ by the rounding of what they are the difference of:
    1e-12 of the largest value in their unit.
    """
    a, b = np.atleast_1d(np.asarray(computed)), np.atleast_1d(np.asarray(expected))
    if not np.array_equal(np.isnan(a), np.isnan(b)):
        return True
    allowed = max(TOLERANCE * largest(b), ROUNDING * scale_of_unit)
    return bool((np.abs(a - b) > allowed).any())


@pytest.mark.slow
@pytest.mark.parametrize("model", ["economy", "budget", "epcf", "concession", "investment", "pool"])
def test_every_line_of_every_instance(model: str, pool: BoundPool, engine: Engine, expected: Expected) -> None:
    buffers = Buffers(engine, TILES)
    engine.compute_block(FIRST_PATH, buffers)
    program = next(program for program in engine.programs if program.spec.plan.key == model)
    spec = everything(program.spec.plan)
    work = Buffers(engine, TILES)
    work.series, work.scalars = buffers.series.copy(), buffers.scalars.copy()
    work.workspace = workspace_for([spec], pool.calendar)
    exports = np.zeros((TILES, pool.calendar.periods, len(spec.exports), TILE))
    outputs = np.zeros((1, len(spec.outputs), LANES))
    # The text of a kernel of all lines is long: it is written once, not once an instance.
    columns = np.arange(len(spec.exports), dtype=np.int64)
    whole = dataclasses.replace(program, spec=spec, kernel=compile_kernel(spec), export_columns=columns)
    wrong = []
    for number, instance in enumerate(program.instances):
        engine.run_program(one_instance(whole, number), work, exports, outputs)
        rows = np.concatenate(exports, axis=-1)
        for lane, lines in expected.items():
            computed = {name: rows[:, k, lane] for k, name in enumerate(spec.exports)}
            computed |= {name: outputs[0, k, lane] for k, name in enumerate(spec.outputs)}
            unit_scales = scales(spec.plan, lines[instance.key])
            wrong += [
                (instance.key, name, FIRST_PATH + lane)
                for name, value in computed.items()
                if differs(value, lines[instance.key][name], unit_scales[spec.plan.lines[name].unit])
            ]
    assert not wrong


def test_stored_rows_are_those_of_the_path_replayed(pool: BoundPool, engine: Engine, expected: Expected) -> None:
    buffers = Buffers(engine)
    engine.compute_block(FIRST_PATH, buffers)
    rows = dict(zip(engine.row_names(), engine.block_rows(buffers), strict=True))
    for lane, lines in expected.items():
        for name in pool.pool.plan.of_kind("metric"):
            assert not differs(rows[f"pool:{name}"][lane], lines["pool"][name], 0.0), name
        for instance in pool.instances():
            for name in instance.plan.of_kind("metric"):
                kept = rows[f"contract:{instance.key}:{name}"][lane]
                assert not differs(kept, lines[instance.key][name], 0.0), (instance.key, name)


def test_a_block_does_not_depend_on_where_it_starts_to_be_computed(engine: Engine) -> None:
    alone, after = Buffers(engine, 1), Buffers(engine, TILES)
    engine.compute_block(LANES, alone)
    engine.compute_block(0, after)
    engine.compute_block(LANES, after)
    assert np.array_equal(engine.block_rows(alone), engine.block_rows(after), equal_nan=True)
