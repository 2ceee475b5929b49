"""Statements name lines that exist and add up; sensitivities are what a run with the other value gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from alatau_finance.reports.book import Book
from alatau_finance.reports.cases import Selection, select
from alatau_finance.reports.layout import FIRST, lay_out
from alatau_finance.reports.recalculate import recalculate_with_ironcalc
from alatau_finance.reports.sheets.sensitivity import HEADING_ROW
from alatau_finance.reports.sheets.statements import STATE_ROW, placed_statements
from alatau_finance.reports.statements import STATEMENTS, lines_of, statements_of
from alatau_finance.reports.swings import labels, swings
from alatau_finance.reports.workbook import write_workbook
from alatau_finance.root import find_root
from alatau_finance.simulation.binding import ECONOMY, POOL, BoundPool, Instance
from alatau_finance.simulation.reference import run_contracts
from alatau_finance.simulation.run import prepare

from .conftest import CREATED


@pytest.fixture(scope="module")
def whole() -> BoundPool:
    return prepare(find_root(Path(__file__).parents[2]), "base")


@pytest.fixture(scope="module")
def concession(whole: BoundPool) -> Selection:
    return select(whole, project="roads_from_2031")


def test_every_contract_type_has_statements_of_lines_that_exist(whole: BoundPool) -> None:
    types = set(whole.plans) - {ECONOMY, POOL}
    assert types == set(STATEMENTS)
    for key in types:
        plan = whole.plans[key]
        assert lines_of(statements_of(plan)) <= set(plan.lines), key
        for statement in statements_of(plan):
            assert all(plan.lines[name].kind == "metric" for name in statement.metrics)


def test_a_contract_type_without_statements_shows_payments_and_measures(pool: BoundPool) -> None:
    (statement,) = statements_of(pool.plans["built"])
    assert [item.line for item in statement.items] == ["state_payment"]
    assert set(statement.metrics) == set(pool.plans["built"].of_kind("metric"))


def test_statements_are_read_by_year_and_add_up(concession: Selection, tmp_path: Path) -> None:
    """The balance sheet and the income statement of a concession, against the lines of the model."""
    file = tmp_path / "project.xlsx"
    values = concession.values
    write_workbook(file, concession.pool, values, created=CREATED, selection=concession, cached=False)
    cells = recalculate_with_ironcalc(file)
    assert cells.read("Statements", STATE_ROW, 6) == "OK"
    book = Book(
        concession.pool, values, lay_out(concession.pool, str, whole=False), str, {}, (), True, selection=concession
    )
    each, lines = concession.pool.calendar.periods_per_year, values.lines["roads_from_2031/concession"]
    found = {
        placed.statement.title: placed for placed in placed_statements(book) if placed.model.plan.key == "concession"
    }
    profit, assets = found["Income statement"].total, found["Balance sheet: assets"].total
    for year in range(len(concession.pool.calendar.budget_years)):
        periods = slice(year * each, (year + 1) * each)
        assert cells.read("Statements", profit, FIRST + 1 + year) == pytest.approx(sum(lines["net_income"][periods]))  # type: ignore[index]
        end = lines["total_assets"][periods][-1]  # type: ignore[index]
        assert cells.read("Statements", assets, FIRST + 1 + year) == pytest.approx(end, abs=1e-9)


def test_a_statement_that_misses_its_total_fails_the_workbook(
    concession: Selection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without depreciation, the rows of the income statement are not the profit."""
    first, *others = STATEMENTS["concession"]
    fewer = replace(first, items=tuple(item for item in first.items if item.line != "depreciation"))
    monkeypatch.setitem(STATEMENTS, "concession", (fewer, *others))  # type: ignore[arg-type]
    file = tmp_path / "project.xlsx"
    write_workbook(file, concession.pool, concession.values, created=CREATED, selection=concession, cached=False)
    cells = recalculate_with_ironcalc(file)
    assert cells.read("Statements", STATE_ROW, 6) == "FAIL"
    assert cells.read("Checks", 6, 4) == "FAIL"


def test_a_swing_is_what_a_run_with_the_other_value_gives(concession: Selection) -> None:
    found = swings(concession.pool, concession.values)
    assert len(found) > 20
    assert [swing.size for swing in found] == sorted((swing.size for swing in found), reverse=True)
    swing = next(one for one in found if one.path == "contracts.concession.equity_premium")

    def moved(instance: Instance, value: float) -> Instance:
        bound = instance.inputs["equity_premium"]
        return replace(instance, inputs={**instance.inputs, "equity_premium": replace(bound, value=value)})

    for value, result in ((swing.low, swing.result_low), (swing.high, swing.result_high)):
        contracts = {
            key: tuple(moved(i, value) if "equity_premium" in i.inputs else i for i in group)
            for key, group in concession.pool.contracts.items()
        }
        lines = run_contracts(replace(concession.pool, contracts=contracts)).lines
        assert result == pytest.approx(sum(_present_values(lines)), rel=1e-12)
    assert swing.result_base == pytest.approx(sum(_present_values(concession.values.lines)), rel=1e-12)


def _present_values(lines: object) -> Iterator[float]:
    yield from (found["pv_state_payments"] for key, found in lines.items() if "/" in key)  # type: ignore[attr-defined]


def test_the_sheet_of_sensitivity_is_static_and_says_so(concession: Selection, tmp_path: Path) -> None:
    found = swings(concession.pool, concession.values)
    file = tmp_path / "project.xlsx"
    write_workbook(file, concession.pool, concession.values, created=CREATED, selection=concession, swings=found)
    sheet = load_workbook(file)["Sensitivity"]
    assert "Static" in sheet["B2"].value
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEADING_ROW + 1)]
    assert [row[0] for row in rows] == [swing.path for swing in found]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert rows[0][8] == pytest.approx(found[0].size)
    assert rows[0][9] == pytest.approx(found[0].result_low - found[0].result_base)


def test_inputs_that_are_called_the_same_are_told_apart_by_their_contract(concession: Selection) -> None:
    first, second, third, *_ = swings(concession.pool, concession.values)
    alike = replace(second, label=first.label, reader="EPC+F contract")
    other = replace(third, label="Another")
    assert first.reader
    assert labels([first, alike, other], str) == [
        f"{first.label} ({first.reader})",
        f"{first.label} (EPC+F contract)",
        "Another",
    ]


def test_with_little_time_only_what_most_contracts_read_is_moved(concession: Selection) -> None:
    everything = swings(concession.pool, concession.values)
    few = swings(concession.pool, concession.values, 5)
    assert 0 < len(few) < len(everything)
    assert {swing.path for swing in few} <= {swing.path for swing in everything}
