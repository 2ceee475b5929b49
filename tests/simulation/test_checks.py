"""Checks are counted on every instance and path, by every thread, and none is lost when the counts are merged."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from alatau_finance.jit import LANES
from alatau_finance.modelling import Input, Model, absolute, check, larger_of, metric
from alatau_finance.modelling.plan import build_plan
from alatau_finance.simulation.binding import BoundPool, bind
from alatau_finance.simulation.checks import CHECK_TOLERANCE, CheckCount, FailingInstance
from alatau_finance.simulation.engine import Engine
from alatau_finance.simulation.path import path_values
from alatau_finance.simulation.run import simulate
from alatau_finance.simulation.tally import Tally


class First(Model):
    """A metric and two checks, declared in another order than they are kept in."""

    key = "first"
    size = Input("1", "Size")

    @check
    def small(m):
        """Small."""
        return m.size

    @metric("1")
    def twice(m):
        """Twice."""
        return m.size + m.size

    @check
    def tiny(m):
        """Tiny."""
        return absolute(m.size)


class Second(Model):
    """No metric, one check."""

    key = "second"
    size = Input("1", "Size")

    @check
    def closed(m):
        """Closed."""
        return m.size


class Third(Model):
    """No check at all."""

    key = "third"
    size = Input("1", "Size")

    @metric("1")
    def measure(m):
        """Measure."""
        return m.size


def program(model: type[Model], instances: int) -> Any:
    named = tuple(SimpleNamespace(key=f"project_{number}/{model.key}") for number in range(instances))
    return SimpleNamespace(spec=SimpleNamespace(plan=build_plan(model)), instances=named)


def closed_count(paths: int, failed: int, first: int) -> CheckCount:
    """The one check of the one instance of the second program, which fails on ``failed`` paths."""
    failing_one = (FailingInstance("project_0/second", failed, first),)
    return CheckCount("second.closed", paths, failed, first, failed, "project_0/second", 1, failing_one)


PROGRAMS = [program(First, 2), program(Third, 3), program(Second, 1)]


def outputs() -> list[np.ndarray]:
    """A block in which every check holds; metrics are large, so that one taken for a check shows."""
    block = [np.zeros((2, 3, LANES)), np.full((3, 1, LANES), 9.0), np.zeros((1, 1, LANES))]
    block[0][:, 0] = 9.0
    return block


def failing(*places: tuple[int, int, int, int], residual: float = 1.0) -> list[np.ndarray]:
    """As :func:`outputs`, with a residual at each (program, instance, row, lane)."""
    block = outputs()
    for number, instance, row, lane in places:
        block[number][instance, row, lane] = residual
    return block


def test_what_holds_is_counted_once_an_instance_and_path() -> None:
    tally = Tally(PROGRAMS)
    tally.add(0, LANES, outputs())
    counts = Tally.merge([tally], LANES)
    assert counts == (
        CheckCount("first.small", 2 * LANES, 0, -1, 0, "", 2, ()),
        CheckCount("first.tiny", 2 * LANES, 0, -1, 0, "", 2, ()),
        CheckCount("second.closed", LANES, 0, -1, 0, "", 1, ()),
    )


def test_a_failure_is_counted_for_its_own_check() -> None:
    tally = Tally(PROGRAMS)
    tally.add(2 * LANES, LANES, failing((0, 1, 2, 5), (0, 0, 2, 7), (2, 0, 0, 3)))
    small, tiny, closed = Tally.merge([tally], 3 * LANES)
    assert (small.failed, small.first_failing_path) == (0, -1)
    assert (tiny.failed, tiny.first_failing_path) == (2, 2 * LANES + 5)
    assert (closed.failed, closed.first_failing_path) == (1, 2 * LANES + 3)


def test_paths_are_counted_once_and_every_failing_instance_is_named() -> None:
    """Two instances that fail on one path are two evaluations and one path; lane 9 is a second path."""
    tally = Tally(PROGRAMS)
    tally.add(LANES, LANES, failing((0, 0, 2, 5), (0, 1, 2, 5), (0, 1, 2, 9)))
    tiny = Tally.merge([tally], 2 * LANES)[1]
    assert (tiny.failed, tiny.paths_failed, tiny.instances) == (3, 2, 2)
    assert tiny.failing == (
        FailingInstance("project_0/first", 1, LANES + 5),
        FailingInstance("project_1/first", 2, LANES + 5),
    )
    # Of two that fail on the first failing path, the first in the order of the pool is the one to open.
    assert (tiny.first_failing_path, tiny.first_failing_instance) == (LANES + 5, "project_0/first")


def test_the_first_failing_instance_is_that_of_the_first_failing_path() -> None:
    tally = Tally(PROGRAMS)
    tally.add(0, LANES, failing((0, 0, 2, 40), (0, 1, 2, 3)))
    tiny = Tally.merge([tally], LANES)[1]
    assert (tiny.first_failing_path, tiny.first_failing_instance) == (3, "project_1/first")


@pytest.mark.parametrize(
    ("residual", "fails"),
    [
        (CHECK_TOLERANCE, False),
        (math.nextafter(CHECK_TOLERANCE, 1.0), True),
        (0.0, False),
        (math.nan, True),
        (math.inf, True),
    ],
)
def test_what_fails(residual: float, fails: bool) -> None:
    """A residual that is not a number does not hold: it is not known to be small."""
    tally = Tally(PROGRAMS)
    tally.add(0, LANES, failing((2, 0, 0, 4), residual=residual))
    closed = Tally.merge([tally], LANES)[2]
    assert (closed.failed, closed.first_failing_path) == ((1, 4) if fails else (0, -1))


def test_lanes_beyond_the_last_path_are_not_looked_at() -> None:
    tally = Tally(PROGRAMS)
    tally.add(LANES, 5, failing((2, 0, 0, 5), (2, 0, 0, LANES - 1)))
    tally.add(0, 0, failing((2, 0, 0, 0)))
    assert Tally.merge([tally], LANES + 5)[2].failed == 0
    tally.add(LANES, 6, failing((2, 0, 0, 5)))
    assert Tally.merge([tally], LANES + 6)[2] == closed_count(LANES + 6, 1, LANES + 5)


def test_blocks_add_up_and_the_first_failing_path_is_the_smallest_in_whatever_order() -> None:
    tally = Tally(PROGRAMS)
    for first in (3 * LANES, LANES, 5 * LANES):
        tally.add(first, LANES, failing((2, 0, 0, 2), (2, 0, 0, 9)))
    assert Tally.merge([tally], 6 * LANES)[2] == closed_count(6 * LANES, 6, LANES + 2)


def test_threads_are_merged_also_those_that_saw_nothing() -> None:
    idle, early, late = Tally(PROGRAMS), Tally(PROGRAMS), Tally(PROGRAMS)
    late.add(2 * LANES, LANES, failing((2, 0, 0, 0)))
    early.add(LANES, LANES, failing((2, 0, 0, 1), (0, 0, 1, 1)))
    for order in ([idle, early, late], [late, early, idle]):
        small, tiny, closed = Tally.merge(order, 3 * LANES)
        assert closed == closed_count(3 * LANES, 2, LANES + 1)
        failing_small = (FailingInstance("project_0/first", 1, LANES + 1),)
        assert small == CheckCount("first.small", 6 * LANES, 1, LANES + 1, 1, "project_0/first", 2, failing_small)
        assert tiny.failed == 0


# --- a model that fails, run as users run theirs


@pytest.fixture(scope="module")
def fragile(make: Any) -> BoundPool:
    """The tiny pool with an EPC+F contract that breaks a check of its own where its works overrun much."""

    class Fragile(make.models["epcf"]):  # type: ignore[misc, name-defined]
        """Paid later; sound only while its works cost little more than planned."""

        overrun_allowed = Input("1", "Overrun allowed")

        @check
        def overrun_is_modest(m):
            """The works cost no more than is allowed."""
            return larger_of(m.overrun - m.overrun_allowed, 0)

    assumptions = make.assumptions()
    allowed = {**assumptions.contracts["epcf"], **make.entries("contracts.epcf", overrun_allowed=(1.35, "1"))}
    return bind(replace(assumptions, contracts={"epcf": allowed}), {**make.models, "epcf": Fragile})


PATHS = 5 * LANES + 3


@pytest.fixture(scope="module")
def counted(fragile: BoundPool, engine_of: Callable[[BoundPool], Engine]) -> tuple[CheckCount, list[dict[str, bool]]]:
    """The check by the engine, and by hand: which instances fail on each path of the reference run."""
    counts = {count.name: count for count in simulate(fragile, paths=PATHS, seed=7, threads=1).checks}
    draws, instances = engine_of(fragile).draws, fragile.contracts["epcf"]
    by_hand = []
    for path in range(PATHS):
        lines = path_values(fragile, draws, path).lines
        by_hand.append({i.key: not lines[i.key]["overrun_is_modest"] <= CHECK_TOLERANCE for i in instances})
    return counts["epcf.overrun_is_modest"], by_hand


def test_a_failing_model_is_counted_as_the_reference_run_counts_it(counted: Any) -> None:
    count, by_hand = counted
    assert 0 < count.paths_failed < count.failed < PATHS * count.instances
    assert count.failed == sum(sum(path.values()) for path in by_hand)
    assert count.paths_failed == sum(any(path.values()) for path in by_hand)
    first = next(number for number, path in enumerate(by_hand) if any(path.values()))
    assert count.first_failing_path == first
    assert count.first_failing_instance == next(key for key, failed in by_hand[first].items() if failed)
    assert count.instances == 3
    for failing_one in count.failing:
        on = [number for number, path in enumerate(by_hand) if path[failing_one.instance]]
        assert (failing_one.paths_failed, failing_one.first_failing_path) == (len(on), on[0])


@pytest.mark.parametrize("threads", [2, 3])
def test_counts_do_not_depend_on_threads(fragile: BoundPool, counted: Any, threads: int, monkeypatch: Any) -> None:
    """A shard of one block, so that every thread gets some of the paths."""
    monkeypatch.setattr("alatau_finance.simulation.engine.BLOCKS_PER_SHARD", 1)
    counts = {c.name: c for c in simulate(fragile, paths=PATHS, seed=7, threads=threads).checks}
    assert counts["epcf.overrun_is_modest"] == counted[0]
