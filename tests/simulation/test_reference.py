"""The reference run of one path: who is given what, and what the pool gathers."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from alatau_finance.jit import TILES
from alatau_finance.simulation.binding import BoundPool, bind
from alatau_finance.simulation.engine import Buffers
from alatau_finance.simulation.path import path_values
from alatau_finance.simulation.reference import (
    BASE_CASE,
    Draws,
    PathValues,
    combined,
    gathered_instances,
    run_path,
    scalar_inputs,
)

STRESS = Draws(
    {"cost_overrun/bridge": 1.5, "delay/roads": 0.5, "rate": 0.2},
    {"price_shock": (1.0, 0.0, -1.0, 2.0, 0.0, 0.0, 0.0, 0.0)},
)


@pytest.fixture(scope="module")
def base(pool: BoundPool) -> PathValues:
    return run_path(pool)


@pytest.fixture(scope="module")
def stressed(pool: BoundPool) -> PathValues:
    return run_path(pool, STRESS)


def test_every_instance_has_what_it_was_given_and_its_lines(pool: BoundPool, base: PathValues) -> None:
    keys = ["economy", *(instance.key for instance in pool.instances()), "pool"]
    assert list(base.lines) == list(base.given) == keys
    for instance in pool.instances():
        assert set(base.lines[instance.key]) == set(instance.plan.lines)


@pytest.mark.parametrize(("how", "expected"), [("replace", 3.0), ("add", 5.0), ("multiply", 6.0)])
def test_a_draw_replaces_adds_or_multiplies(how: str, expected: float) -> None:
    assert combined(2.0, 3.0, how) == expected


def test_the_base_case_has_the_values_of_assumptions(pool: BoundPool, base: PathValues) -> None:
    bridge = pool.find("bridge/epcf")
    assert bridge is not None
    given = scalar_inputs(bridge, BASE_CASE)
    assert (given["cost"], given["overrun"], given["start"], given["margin"]) == (100.0, 1.0, 2026.5, 0.12)
    assert base.given["bridge/epcf"]["margin"] == 0.12
    assert base.given["economy"]["shock"] == (0.0,) * 8


def test_draws_reach_the_inputs_of_their_scope_and_no_other(stressed: PathValues) -> None:
    given = stressed.given
    # A factor of the project; one of its asset class, in years; one of the pool.
    assert given["bridge/budget"]["overrun"] == 1.5
    assert given["bridge/epcf"]["overrun"] == 1.5
    assert given["substation/budget"]["overrun"] == 1.1
    assert given["bridge/budget"]["start"] == 2027.0
    assert given["plant/epcf"]["start"] == 2027.0
    assert given["substation/epcf"]["start"] == 2026.5
    assert {given[key]["margin"] for key in ("bridge/epcf", "substation/epcf", "plant/epcf")} == {0.2}
    assert given["economy"]["shock"] == STRESS.series["price_shock"]


def test_lines_of_the_economy_are_the_series_of_contracts(base: PathValues, stressed: PathValues) -> None:
    for values in (base, stressed):
        for key in ("bridge/budget", "plant/epcf", "pool"):
            assert values.given[key]["price"] == values.lines["economy"]["price"]
    assert base.lines["economy"]["price"] != stressed.lines["economy"]["price"]


def test_values_by_hand(base: PathValues) -> None:
    """40 % of 100, in three half-years from July 2026, at prices that grow by 5 % a half-year and then by 3 %."""
    price = [2.718281828459045 ** (0.05 * min(t, 3) + 0.03 * max(0, t - 3)) for t in range(1, 9)]
    works = [0.0] + [40 / 3 * price[t] for t in (1, 2, 3)] + [0.0] * 4
    assert base.lines["economy"]["price"] == pytest.approx(price, rel=1e-12)
    assert base.lines["bridge/budget"]["works"] == pytest.approx(works, rel=1e-12)


def gathered(pool: BoundPool, name: str) -> list[str]:
    return [instance.key for instance in gathered_instances(pool, pool.pool.plan.gathers[name])]


def test_who_is_gathered(pool: BoundPool) -> None:
    every = [f"{name}/{kind}" for kind in ("budget", "epcf") for name in ("bridge", "substation", "plant")]
    assert gathered(pool, "all_payments") == every
    assert gathered(pool, "epcf_payments") == ["bridge/epcf", "substation/epcf"]
    assert gathered(pool, "portfolio") == ["plant/budget", "plant/epcf"]


def test_what_is_gathered_is_the_sum(pool: BoundPool, stressed: PathValues) -> None:
    given, lines = stressed.given["pool"], stressed.lines
    for name, line in (("all_payments", "payment"), ("portfolio", "works")):
        rows: list[Any] = [lines[key][line] for key in gathered(pool, name)]
        assert given[name] == pytest.approx([sum(row[t] for row in rows) for t in range(8)], rel=1e-15)
    worth: list[Any] = [lines[key]["worth"] for key in gathered(pool, "worth_epcf")]
    assert given["worth_epcf"] == pytest.approx(sum(worth), rel=1e-15)


def noisy(make: Any, how: str, distribution: str = "standard_normal", **parameters: Any) -> BoundPool:
    """The tiny pool with a risk of every period on its dated growth."""
    noise = make.risk("noise", "growth", "pool", distribution, how, **parameters)
    shock = make.risk("price_shock", "shock", "pool", "standard_normal", "replace")
    return bind(make.assumptions(risks=(dataclasses.replace(noise, per_period=True), shock)), make.models)


@pytest.mark.parametrize(
    ("how", "wanted"),
    [("add", (0.12, 0.08, 0.1, 0.06)), ("multiply", (0.002, -0.002, 0.0, 0.0)), ("replace", (0.02, -0.02, 0.0, 0.0))],
)
def test_a_curve_plus_noise(make: Any, how: str, wanted: tuple[float, ...]) -> None:
    pool = noisy(make, how)
    found = run_path(pool, Draws({}, {"noise": (0.02, -0.02, *(0.0,) * 6)}))
    assert found.given["economy"]["growth"][:4] == pytest.approx(wanted)
    assert run_path(pool).given["economy"]["growth"][:4] == pytest.approx((0.1, 0.1, 0.1, 0.06))


@pytest.mark.parametrize("how", ["add", "multiply"])
def test_a_curve_plus_noise_in_the_engine(make: Any, engine_of: Any, how: str) -> None:
    unit = "1" if how == "multiply" else "1/year"
    engine = engine_of(noisy(make, how, "normal", **make.numbers(unit, mean=0.9, sd=0.1)))
    buffers = Buffers(engine, TILES)
    engine.compute_block(0, buffers)
    column = engine.programs.layout.series["growth"]
    wanted = path_values(engine.pool, engine.draws, 5).given["economy"]["growth"]
    assert tuple(buffers.series[0, :, column, 5]) == wanted
    assert len(set(wanted)) == len(wanted)
