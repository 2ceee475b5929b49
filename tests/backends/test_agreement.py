"""One plan, two renderings, one result: Python and the kernel agree on every line of random models in every lane."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alatau_finance.backends.python import run_python
from alatau_finance.jit import LANES
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.modelling.plan import Plan

CALENDAR = Calendar(2026, 2028, 1, 2)
SEEDS = (1, 2, 6)
LINES = 14
"""Each compiles a kernel, which takes seconds; the structure of many more models is tested without the compiler."""


def python_lane(plan: Plan, block: dict[str, Any], lane: int, calendar: Calendar = CALENDAR) -> dict[str, Any]:
    given = {name: values[..., lane].tolist() for name, values in block.items()}
    return dict(run_python(plan, given, calendar))


def differences(plan: Plan, found: Any, expected: dict[str, Any], lane: int, tolerance: float) -> list[str]:
    """Lines that are apart by more than ``tolerance`` of their own scale (at least that of 1)."""
    apart = []
    for name in plan.lines:
        here, there = np.asarray(found[name][..., lane]), np.asarray(expected[name])
        scale = max(1.0, float(np.max(np.abs(np.nan_to_num(there)))))
        if not np.allclose(here, there, rtol=0.0, atol=tolerance * scale, equal_nan=True):
            apart.append(name)
    return apart


@settings(max_examples=200)
@given(st.randoms(use_true_random=False), st.integers(1, 12), st.integers(0, 2**32))
def test_generated_code_is_the_model_bit_for_bit(kit: Any, choose: random.Random, count: int, seed: int) -> None:
    """The same operations in the same order, so not even rounding may differ."""
    plan = kit.plan(choose, count)
    spec, block = kit.spec(plan), kit.block(plan, CALENDAR, seed)
    with np.errstate(all="ignore"):
        [found] = kit.run(kit.interpreted(spec), spec, [block], CALENDAR)
    for lane in (0, 1, LANES - 1):
        assert differences(plan, found, python_lane(plan, block, lane), lane, 0.0) == []


@pytest.fixture(scope="module", params=SEEDS)
def compiled(request: pytest.FixtureRequest, kit: Any) -> tuple[Plan, Any, Any]:
    plan = kit.plan(random.Random(request.param), LINES)
    spec = kit.spec(plan)
    return plan, spec, kit.compiled(spec)


def test_random_models_have_every_feature(kit: Any) -> None:
    """Else the tests of this file would prove less than they say."""
    plans = [kit.plan(random.Random(seed), LINES) for seed in SEEDS]
    keys = " ".join(item.formula.key for plan in plans for item in plan.lines.values())
    assert all(len(plan.phases) > 2 for plan in plans)
    for word in (
        "prev(",
        "lead(",
        "irr(",
        "irr_undefined(",
        "total(x",
        "total(row_",
        "present_value(",
        "final(",
        "minimum(",
        "maximum(",
    ):
        assert word in keys
    openings = {item.opening.key for plan in plans for item in plan.lines.values()}
    assert {"0.0", "1.0", "in_a"} < openings
    assert any(opening.startswith("x") for opening in openings)


def test_kernel_and_python_agree_on_every_line_of_every_lane(kit: Any, compiled: tuple[Plan, Any, Any]) -> None:
    """To 1e-12 of a line's scale: exp, log and power are our own in the kernel and the C library's in Python."""
    plan, spec, kernel = compiled
    for seed in range(5):
        block = kit.block(plan, CALENDAR, seed)
        [found] = kit.run(kernel, spec, [block], CALENDAR)
        for lane in range(LANES):
            assert differences(plan, found, python_lane(plan, block, lane), lane, 1e-12) == []


@pytest.mark.parametrize("calendar", [Calendar(2026, 2026, 0, 1), Calendar(2026, 2030, 5, 4)], ids=["short", "long"])
def test_any_calendar_will_do(kit: Any, compiled: tuple[Plan, Any, Any], calendar: Calendar) -> None:
    plan, spec, kernel = compiled
    block = kit.block(plan, calendar, 7)
    [found] = kit.run(kernel, spec, [block], calendar)
    for lane in range(LANES):
        assert differences(plan, found, python_lane(plan, block, lane, calendar), lane, 1e-12) == []


@pytest.mark.parametrize("lane", [0, 5, LANES - 1])
def test_a_lane_does_not_depend_on_its_neighbours(kit: Any, compiled: tuple[Plan, Any, Any], lane: int) -> None:
    """Bit for bit, whatever stands beside it: other numbers, zeros, infinities, no numbers at all."""
    plan, spec, kernel = compiled
    block = kit.block(plan, CALENDAR, 11)
    [alone] = kit.run(kernel, spec, [block], CALENDAR)
    others = [kit.block(plan, CALENDAR, 12)]
    others += [{name: np.full_like(values, stuff) for name, values in block.items()} for stuff in (0.0, np.inf, np.nan)]
    for other in others:
        for name, values in block.items():
            other[name][..., lane] = values[..., lane]
        [crowded] = kit.run(kernel, spec, [other], CALENDAR)
        for name in plan.lines:
            assert crowded[name][..., lane].tobytes() == alone[name][..., lane].tobytes(), name


def test_the_place_in_the_block_does_not_matter(kit: Any, compiled: tuple[Plan, Any, Any]) -> None:
    """Every lane is the same vector code: the block reversed gives the results reversed, bit for bit."""
    plan, spec, kernel = compiled
    block = kit.block(plan, CALENDAR, 13)
    [forth] = kit.run(kernel, spec, [block], CALENDAR)
    turned = {name: values[..., ::-1].copy() for name, values in block.items()}
    [back] = kit.run(kernel, spec, [turned], CALENDAR)
    for name in plan.lines:
        assert back[name][..., ::-1].tobytes() == forth[name].tobytes(), name


def test_an_instance_does_not_depend_on_those_before_it(kit: Any, compiled: tuple[Plan, Any, Any]) -> None:
    """All instances of a contract share one scratch array; nothing of the last one may be left in it."""
    plan, spec, kernel = compiled
    block, before = kit.block(plan, CALENDAR, 17), kit.block(plan, CALENDAR, 18)
    [alone] = kit.run(kernel, spec, [block], CALENDAR)
    first_series = {name: block[name] for name in plan.series}
    after = kit.run(kernel, spec, [before | first_series, block], CALENDAR)[1]
    for name in plan.lines:
        assert after[name].tobytes() == alone[name].tobytes(), name
