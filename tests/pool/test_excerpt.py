"""A plan cut down to one measure gives that measure, and computes nothing that the measure does not need."""

from __future__ import annotations

import pytest

from alatau_finance.backends.python import run_python
from alatau_finance.modelling.excerpt import excerpt
from alatau_finance.modelling.plan import Plan
from alatau_finance.simulation.binding import BoundPool, Instance
from alatau_finance.simulation.reference import run_path


def _instances(pool: BoundPool) -> list[Instance]:
    """One contract of each type, the economy and the pool."""
    return [pool.economy, pool.pool, *(group[0] for group in pool.contracts.values() if group)]


def test_each_measure_alone_is_that_of_the_whole_plan(pool: BoundPool) -> None:
    whole = run_path(pool)
    for instance in _instances(pool):
        for name in instance.plan.of_kind("metric"):
            alone = run_python(excerpt(instance.plan, frozenset({name})), whole.given[instance.key], pool.calendar)
            expected = whole.lines[instance.key][name]
            assert repr(alone[name]) == repr(expected), f"{instance.key}: {name}"


def test_what_nothing_needs_is_left_out(pool: BoundPool) -> None:
    for instance in _instances(pool):
        plan = instance.plan
        for name in plan.of_kind("metric"):
            lines = excerpt(plan, frozenset({name})).lines
            assert list(lines) == [line for line in plan.lines if line in lines]
            assert not [line for line in lines if lines[line].kind == "check"]
            assert len(lines) < len(plan.lines)


def test_everything_is_the_plan_itself(pool: BoundPool) -> None:
    plan: Plan = pool.pool.plan
    same = excerpt(plan, frozenset(plan.lines))
    assert (same.lines, same.phases) == (plan.lines, plan.phases)


def test_an_unknown_line(pool: BoundPool) -> None:
    with pytest.raises(KeyError, match="no_such_line"):
        excerpt(pool.pool.plan, frozenset({"no_such_line"}))
