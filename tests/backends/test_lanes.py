"""The row copies that kernels are made of, and the edges of the operators' functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from alatau_finance.backends import functions, lanes
from alatau_finance.jit import LANES

RAMP = np.arange(float(LANES))


def test_an_input_is_a_constant_or_a_draw_that_replaces_adds_or_multiplies() -> None:
    constants = np.array([[9.0] * 4, [2.0] * 4])
    rows = np.array([[-1, -1, -1, -1], [-1, 0, 1, 0]], np.int64)
    modes = np.array([[0, 0, 0, 0], [0, lanes.REPLACE, lanes.ADD, lanes.MULTIPLY]], np.int64)
    work = np.full(5 * LANES, -7.0)
    lanes.load_inputs(constants, rows, modes, np.array([RAMP, RAMP + 100]), work, 1, 4)
    expected = [np.full(LANES, 2.0), RAMP, 2.0 + RAMP + 100, 2.0 * RAMP, np.full(LANES, -7.0)]
    assert work.reshape(5, LANES).tolist() == np.array(expected).tolist()


@pytest.fixture
def rows() -> Any:
    """[period, column, lane], every number another."""
    return np.arange(float(3 * 2 * LANES)).reshape(3, 2, LANES)


def test_a_row_is_copied_in_and_out(rows: Any) -> None:
    work = np.zeros(2 * LANES)
    lanes.load_row(rows, 1, 0, work, LANES)
    assert work[LANES:].tolist() == rows[1, 0].tolist()
    assert not work[:LANES].any()
    target = np.zeros_like(rows)
    lanes.store_row(target, 2, 1, work, LANES)
    assert target[2, 1].tolist() == rows[1, 0].tolist()
    assert np.count_nonzero(target) == np.count_nonzero(rows[1, 0])


def test_the_next_row_is_zero_after_the_last_period(rows: Any) -> None:
    work = np.full(LANES, -7.0)
    lanes.load_next(rows, 1, 1, work, 0)
    assert work.tolist() == rows[2, 1].tolist()
    lanes.load_next(rows, 2, 1, work, 0)
    assert not work.any()


def test_sums_grow_where_they_are_and_nowhere_for_a_negative_place(rows: Any) -> None:
    before = rows.copy()
    lanes.add_row(rows, 1, 1, RAMP, 0)
    assert rows[1, 1].tolist() == (before[1, 1] + RAMP).tolist()
    lanes.add_row(rows, 0, -1, RAMP, 0)
    rows[1, 1] = before[1, 1]
    assert rows.tolist() == before.tolist()
    scalars = np.ones((2, LANES))
    lanes.add_scalar(scalars, 1, RAMP, 0)
    lanes.add_scalar(scalars, -1, RAMP, 0)
    assert scalars.tolist() == [[1.0] * LANES, (1.0 + RAMP).tolist()]


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        ("exponential", (800.0,), math.inf),
        ("exponential", (-800.0,), 0.0),
        ("exponential", (math.nan,), math.nan),
        ("logarithm", (0.0,), -math.inf),
        ("logarithm", (-1.0,), math.nan),
        ("logarithm", (math.inf,), math.inf),
        ("logarithm", (math.nan,), math.nan),
        ("square_root", (-1.0,), math.nan),
        ("square_root", (math.inf,), math.inf),
        ("square_root", (math.nan,), math.nan),
        ("power", (-2.0, 2.0), math.nan),
        ("power", (0.0, 2.0), 0.0),
        ("power", (0.0, 0.0), 1.0),
        ("power", (0.0, -1.0), math.inf),
        ("power", (-1.0, 0.0), 1.0),
        ("power", (10.0, 400.0), math.inf),
        ("power", (10.0, -400.0), 0.0),
        ("power", (math.nan, 2.0), math.nan),
        ("divide", (math.nan, 0.0), 0.0),
        ("divide", (1.0, math.nan), math.nan),
        ("smaller_of", (math.nan, 1.0), 1.0),
        ("smaller_of", (1.0, math.nan), math.nan),
        ("larger_of", (math.nan, 1.0), 1.0),
        ("larger_of", (1.0, math.nan), math.nan),
    ],
)
def test_beyond_the_edges_both_give_the_same_and_no_error(
    function: str, arguments: tuple[float, ...], expected: float
) -> None:
    """A path that leaves the domain shows as "not a number" in a check; it does not stop the reference run."""
    # math.sqrt is square_root of the kernel: a NaN there, an error in Python. The operator table's tests compile it.
    for module in (functions,) if function == "square_root" else (functions, lanes):
        found = float(getattr(module, function)(*arguments))
        assert found == expected or (found != found and expected != expected), module.__name__
