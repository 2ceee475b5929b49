"""The pool by stage, sector, contract type and year: every view adds up to the one total, and that to what is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from alatau_finance.root import find_root
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.path import draw_plan, path_values
from alatau_finance.simulation.reference import PathValues, run_path
from alatau_finance.simulation.run import prepare
from alatau_finance.simulation.tables import (
    DIMENSIONS,
    MEASURES,
    Amounts,
    PoolTable,
    TableRow,
    pool_table,
    table_groups,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def real() -> BoundPool:
    return prepare(find_root(ROOT), "base")


@pytest.fixture(scope="module", params=["base case", "path"])
def told(request: Any, real: BoundPool) -> tuple[PathValues, PoolTable]:
    """The table of the base case and of a simulated path, on which schedules slip and private money falls short."""
    values = run_path(real) if request.param == "base case" else path_values(real, draw_plan(real, 1), 3)
    return values, pool_table(real, values)


def numbers(amounts: Amounts) -> list[float]:
    return [getattr(amounts, name) for name in MEASURES]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_view_adds_up_to_the_same_total(told: tuple[PathValues, PoolTable], dimension: str) -> None:
    _, table = told
    view = table.by(dimension)
    assert len(view) > 3
    assert numbers(Amounts.added(view.values())) == pytest.approx(numbers(table.total), rel=1e-9)


def test_the_total_is_that_of_the_pool(told: tuple[PathValues, PoolTable]) -> None:
    values, table = told
    pool = values.lines["pool"]
    lines: list[Any] = [pool[name] for name in ("planned_cost", "capex_total", "state_payments")]
    assert numbers(table.total) == pytest.approx([sum(line) for line in lines], rel=1e-9)


def test_years_are_those_of_the_pool(real: BoundPool, told: tuple[PathValues, PoolTable]) -> None:
    values, table = told
    line: Any = values.lines["pool"]["state_payments"]
    by_year, each = table.by("year"), real.calendar.periods_per_year
    for number, year in enumerate(real.calendar.budget_years):
        expected = sum(line[number * each : (number + 1) * each])
        found = by_year[year].state_payments if year in by_year else 0.0
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_contract_types_are_those_of_the_pool(told: tuple[PathValues, PoolTable]) -> None:
    values, table = told
    by_type, pool = table.by("contract"), values.lines["pool"]
    for key in ("budget", "epcf", "concession"):
        payments: Any = pool[f"state_payments_{key}"]
        capex: Any = pool[f"capex_{key}"]
        assert by_type[key].state_payments == pytest.approx(sum(payments), rel=1e-9)
        assert by_type[key].capital_expenditure == pytest.approx(sum(capex), rel=1e-9)
    assert by_type["investment"].state_payments == 0


def test_planned_cost_ties_to_what_is_published_by_stage(told: tuple[PathValues, PoolTable]) -> None:
    """365.1 + 312.5 bn KZT of the roadmap, 3,100 to 2030 and 10,400 to 2050, on any path: plans do not move."""
    cost = {stage: amounts.planned_cost for stage, amounts in told[1].by("stage").items()}
    roadmap = [cost["roadmap_2026_2027"], cost["roadmap_2028_2030"]]
    assert roadmap == pytest.approx([365.1, 312.5], rel=1e-9)
    assert sum(roadmap) + cost["unidentified_to_2030"] == pytest.approx(3100, rel=1e-9)
    assert told[1].total.planned_cost == pytest.approx(10_400, rel=1e-9)


def test_rows_are_told_apart_and_none_is_empty(told: tuple[PathValues, PoolTable]) -> None:
    _, table = told
    keys = [(row.stage, row.sector, row.contract, row.year) for row in table.rows]
    assert len(set(keys)) == len(keys)
    assert all(any(numbers(row.amounts)) for row in table.rows)


# --- by hand


def test_a_small_pool_by_hand(pool: BoundPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines of the tiny models, added up here by hand; the plant belongs to the portfolio and is no infrastructure."""
    lines = {"planned_cost": "works", "capital_expenditure": "done", "state_payments": "payment"}
    monkeypatch.setattr("alatau_finance.simulation.tables.MEASURES", lines)
    values = run_path(pool)
    table = pool_table(pool, values)
    groups = {(row.stage, row.sector, row.contract) for row in table.rows}
    assert groups == {("roadmap_2026_2027", "transport", key) for key in ("budget", "epcf")}
    epcf: list[Any] = [values.lines[f"{name}/epcf"]["payment"] for name in ("bridge", "substation")]
    second_year = next(row for row in table.rows if row.contract == "epcf" and row.year == 2027)
    assert second_year.amounts.state_payments == pytest.approx(sum(sum(line[2:4]) for line in epcf), rel=1e-12)
    assert table.by("contract")["epcf"].state_payments == pytest.approx(sum(map(sum, epcf)), rel=1e-12)


def test_groups_hold_their_instances_in_the_order_of_the_projects(pool: BoundPool) -> None:
    members = table_groups(pool)["roadmap_2026_2027", "transport", "epcf"]
    assert [instance.key for instance in members] == ["bridge/epcf", "substation/epcf"]


def made(*rows: tuple[str, str, str, int, Sequence[float]]) -> PoolTable:
    return PoolTable(tuple(TableRow(*keys, Amounts(*amounts)) for *keys, amounts in rows))


def test_views_group_by_their_dimension() -> None:
    table = made(
        ("early", "roads", "budget", 2026, (1.0, 2.0, 3.0)),
        ("early", "power", "budget", 2027, (10.0, 20.0, 30.0)),
        ("late", "roads", "epcf", 2027, (100.0, 200.0, 300.0)),
    )
    assert table.by("stage") == {"early": Amounts(11, 22, 33), "late": Amounts(100, 200, 300)}
    assert table.by("sector") == {"roads": Amounts(101, 202, 303), "power": Amounts(10, 20, 30)}
    assert table.by("contract") == {"budget": Amounts(11, 22, 33), "epcf": Amounts(100, 200, 300)}
    assert table.by("year") == {2026: Amounts(1, 2, 3), 2027: Amounts(110, 220, 330)}
    assert table.total == Amounts(111, 222, 333)
    with pytest.raises(ValueError, match="no dimension 'colour'"):
        table.by("colour")
