"""What kernels are made of, row by row, and the edges of the operators' functions."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest
from numba import njit

from alatau_finance.backends import functions, lanes
from alatau_finance.jit import LANES, TILE
from alatau_finance.memory import load, store
from alatau_finance.risk import normal

RAMP = np.arange(float(LANES))
TILE_RAMP = np.arange(float(TILE))


def test_an_input_is_a_constant_or_a_draw_that_replaces_adds_or_multiplies() -> None:
    constants = np.array([[9.0] * 4, [2.0] * 4])
    rows = np.array([[-1, -1, -1, -1], [-1, 0, 1, 0]], np.int64)
    modes = np.array([[0, 0, 0, 0], [0, lanes.REPLACE, lanes.ADD, lanes.MULTIPLY]], np.int64)
    work, tile = np.full(5 * TILE, -7.0), 3
    given, drawn = (constants.ravel(), rows.ravel(), modes.ravel(), 4), np.array([RAMP, RAMP + 100]).ravel()
    lanes.load_inputs(*given, drawn, work, 1, tile * TILE)
    drawn = RAMP[tile * TILE : (tile + 1) * TILE]
    expected = [np.full(TILE, 2.0), drawn, 2.0 + drawn + 100, 2.0 * drawn, np.full(TILE, -7.0)]
    assert work.reshape(5, TILE).tolist() == np.array(expected).tolist()


@pytest.fixture
def rows() -> Any:
    """[period, column, lane], every number another."""
    return np.arange(float(3 * 2 * TILE)).reshape(3, 2, TILE)


@njit(error_model="numpy")
def _neighbours(array: Any, t: int, periods: int, work: Any, found: Any) -> None:
    store(found, 0, lanes.load_previous(array, (t - 1) * 2 * TILE + TILE, t, work, 0))
    store(found, TILE, lanes.load_next(array, (t + 1) * 2 * TILE + TILE, t, periods))


def test_before_the_first_period_stands_the_opening_and_after_the_last_0(rows: Any) -> None:
    found, opening = np.zeros(2 * TILE), np.full(TILE, 5.0)
    expected = [[5.0] * TILE, *rows[:, 1].tolist(), [0.0] * TILE]
    for t in range(3):
        _neighbours(rows.reshape(-1), t, 3, opening, found)
        assert found.reshape(2, TILE).tolist() == [expected[t], expected[t + 2]]


def test_series_are_copied_and_what_is_not_finite_is_seen(rows: Any) -> None:
    local, columns = np.full((3, 4, TILE), -7.0), np.array([1, 0, 1], np.int64)
    for stuff, strange in ((0.5, 0), (math.inf, 1), (math.nan, 1)):
        rows[2, 0, 3] = stuff
        assert lanes.take_series(rows.ravel(), 0, 2 * TILE, columns, 3, local.reshape(-1), 4 * TILE, 3) == strange
        np.testing.assert_array_equal(local[:, :3], rows[:, columns])
    assert (local[:, 3] == -7.0).all()


@njit(error_model="numpy")
def _add(array: Any, start: int, row: int, value: Any) -> None:
    lanes.add_row(array, start, row, load(value, 0))


def test_sums_grow_where_they_are_and_nowhere_for_a_negative_place(rows: Any) -> None:
    before = rows.copy()
    _add(rows.reshape(-1), 2 * TILE, 1, TILE_RAMP)
    assert rows[1, 1].tolist() == (before[1, 1] + TILE_RAMP).tolist()
    _add(rows.reshape(-1), 0, -1, TILE_RAMP)
    rows[1, 1] = before[1, 1]
    assert rows.tolist() == before.tolist()


@njit(error_model="numpy")
def _inline(values: Any, found: Any) -> None:
    store(found, 0, lanes.exponential(load(values, 0)))
    store(found, TILE, lanes.logarithm(load(values, 0)))
    store(found, 2 * TILE, lanes.power(load(values, 0), load(values, TILE)))
    store(found, 3 * TILE, lanes.power(2.0, load(values, TILE)))


def test_lanes_have_the_bits_of_single_numbers() -> None:
    """exp, log and most powers are the same functions of risk/normal.py, compiled for lanes and for one number."""
    generator = np.random.default_rng(3)
    for scale in (1.0, 1e-3, 300.0):
        values, found = generator.normal(size=2 * TILE) * scale, np.empty(4 * TILE)
        values[0], values[1] = 0.0, -1.0
        _inline(values, found)
        for lane in range(TILE):
            a, b = float(values[lane]), float(values[TILE + lane])
            single = (normal.exponential(a), normal.logarithm(a), normal.power(a, b), normal.power(2.0, b))
            np.testing.assert_array_equal(found[lane::TILE], single)


@njit(error_model="numpy")
def _powers(bases: Any, exponents: Any, found: Any) -> None:
    for at in range(0, found.size, TILE):
        store(found, at, lanes.power(load(bases, at), load(exponents, at)))


def test_whole_powers_are_multiplied_whatever_stands_beside_them() -> None:
    """To an error that does not grow with the base; 0 and 64 are left to the logarithm, as is what is not whole."""
    generator = np.random.default_rng(4)
    whole = np.tile(np.arange(1.0, 64.0), 8)[: 60 * TILE]
    bases = generator.uniform(0.5, 3.0, whole.size)
    found, beside = np.empty(whole.size), np.empty(whole.size)
    _powers(bases, whole, found)
    exact = [float(Fraction(base) ** int(exponent)) for base, exponent in zip(bases.tolist(), whole, strict=True)]
    np.testing.assert_allclose(found, exact, rtol=64 * 2.0**-53)
    mixed = whole.copy()
    mixed[::2] = generator.choice([0.0, 0.5, 2.25, 64.0, -3.0, np.nan, np.inf], mixed[::2].size)
    _powers(bases, mixed, beside)
    np.testing.assert_array_equal(beside[1::2], found[1::2])
    left = [normal.power(base, exponent) for base, exponent in zip(bases[::2], mixed[::2], strict=True)]
    np.testing.assert_array_equal(beside[::2], left)


def test_whole_powers_of_0_and_below() -> None:
    found = np.empty(TILE)
    _powers(np.resize([0.0, -1.0, math.inf, math.nan], TILE), np.full(TILE, 3.0), found)
    np.testing.assert_array_equal(found, np.resize([0.0, math.nan, math.inf, math.nan], TILE))


@pytest.mark.parametrize(("since", "until"), [(2, 5), (2, 3), (2, 2), (4, 2), (0, 9), (9, 0)])
def test_a_period_is_within_a_span_from_its_first_on_and_before_its_end(since: int, until: int) -> None:
    assert [lanes.within(t, since, until) for t in range(10)] == [since <= t < until for t in range(10)]


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
    with_lanes, given = np.empty(TILE), np.zeros(2 * TILE)
    for number, argument in enumerate(arguments):
        given[number * TILE : (number + 1) * TILE] = argument
    _compiled(function, len(arguments))(given, with_lanes)
    for found in (getattr(functions, function)(*arguments), *with_lanes):
        assert found == expected or (found != found and expected != expected)


@cache
def _compiled(function: str, count: int) -> Any:
    arguments = ", ".join(f"load(given, {number * TILE})" for number in range(count))
    names = {"load": load, "store": store, function: getattr(lanes, function)}
    exec(f"def run(given, found):\n    store(found, 0, {function}({arguments}))\n", names)
    return njit(error_model="numpy")(names["run"])
