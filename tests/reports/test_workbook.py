"""The pool workbook: what it says, that it is live, and that it keeps the habits of a good model."""

from __future__ import annotations

import errno
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import ironcalc
import pytest
import xlsxwriter
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.worksheet import Worksheet

from alatau_finance.audit.manifest import checks_of
from alatau_finance.errors import AlatauError
from alatau_finance.reports.agreement import compare
from alatau_finance.reports.book import SummaryRow
from alatau_finance.reports.layout import CONSTANT, FIRST, LABEL, lay_out
from alatau_finance.reports.recalculate import Cells, recalculate_with_ironcalc, recalculate_with_libreoffice
from alatau_finance.reports.sheets.inputs import VALUE_COLUMN
from alatau_finance.reports.workbook import write_workbook
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.checks import CheckCount, FailingInstance
from alatau_finance.simulation.findings import ConvergenceRow, Estimate
from alatau_finance.simulation.reference import Draws, PathValues, run_path

from .conftest import CREATED, TRICKY

Formulas = Callable[[], list[tuple[str, str, str]]]

#: All that Excel 2010 has and every spreadsheet agrees on.
KNOWN = {
    *("IF", "MIN", "MAX", "EXP", "LN", "SQRT", "ABS", "SUM", "SUMPRODUCT", "IRR", "NPV", "SIGN", "AVERAGE", "N"),
    *("SUMIF", "SUMIFS", "AND", "INT", "DATE", "ISNUMBER", "COUNT", "INDEX", "MATCH"),
}


def assert_same(pool: BoundPool, values: PathValues, cells: Cells) -> None:
    found = compare(pool, values, cells)
    assert found.differences == ()
    assert found.cells > 500
    assert cells.read("Checks", 6, 4) == "OK"


def test_ironcalc_agrees_with_python_on_every_line(pool: BoundPool, values: PathValues, zeroed: Path) -> None:
    assert_same(pool, values, recalculate_with_ironcalc(zeroed))


@pytest.mark.libreoffice
def test_libreoffice_agrees_with_python_on_every_line(pool: BoundPool, values: PathValues, zeroed: Path) -> None:
    assert_same(pool, values, recalculate_with_libreoffice(zeroed))


def test_cached_values_are_those_a_calculation_gives(written: Path) -> None:
    calculated, book = recalculate_with_ironcalc(written), load_workbook(written, data_only=True)
    live = load_workbook(written)
    compared = 0
    for sheet in live.worksheets:
        for row in sheet.iter_rows():
            for cell in (cell for cell in row if cell.data_type == "f"):
                cached = book[sheet.title].cell(cell.row, cell.column).value
                cached = to_excel(cached) if isinstance(cached, datetime) else cached
                found = calculated.read(sheet.title, cell.row, cell.column)
                near = pytest.approx(cached, rel=1e-9, abs=1e-8) if isinstance(cached, (int, float)) else cached
                assert found == near, f"{sheet.title}!{cell.coordinate}"
                compared += 1
    assert compared > 1000


def test_a_changed_input_moves_what_python_says_it_moves(pool: BoundPool, zeroed: Path) -> None:
    """A shared assumption changed in its one cell, as a user would."""
    model = ironcalc.load_from_xlsx(str(zeroed))
    names = [sheet["name"] for sheet in model.get_worksheets_properties()]
    inputs = names.index("Inputs")
    row = next(r for r in range(5, 60) if model.get_cell_value(inputs, r, 1) == "contracts.built.loan_share")
    model.set_user_input(inputs, row, VALUE_COLUMN + 1, "0.4")
    model.evaluate()
    built = tuple(
        replace(i, inputs={**i.inputs, "loan_share": replace(i.inputs["loan_share"], value=0.4)})
        for i in pool.contracts["built"]
    )
    moved = replace(pool, contracts={**pool.contracts, "built": built})

    def read(sheet: str, at: int, column: int) -> float | str | bool | None:
        value: float | str | bool | None = model.get_cell_value(names.index(sheet), at, column)
        return value

    assert compare(moved, run_path(moved), Cells(tuple(names), read)).differences == ()


def test_a_failing_check_shows_on_the_cover(pool: BoundPool, tmp_path: Path) -> None:
    first, *others = pool.contracts["built"]
    late = replace(first, inputs={**first.inputs, "start": replace(first.inputs["start"], value=2032.5)})
    moved = replace(pool, contracts={**pool.contracts, "built": (late, *others)})
    write_workbook(tmp_path / "late.xlsx", moved, run_path(moved), created=CREATED)
    cells = recalculate_with_ironcalc(tmp_path / "late.xlsx")
    assert cells.read("Checks", 5, 4) == 1.0
    row = next(row for row in range(5, 12) if cells.read("Cover", row, 2) == "All checks")
    assert cells.read("Cover", row, 3) == "FAIL"
    cached = load_workbook(tmp_path / "late.xlsx", data_only=True)
    assert cached["Cover"].cell(row, 3).value == "FAIL"


def test_a_rate_that_does_not_exist_reads_not_available(pool: BoundPool, zeroed: Path) -> None:
    sheet = lay_out(pool, str).contracts["leased"]
    cells = recalculate_with_ironcalc(zeroed)
    assert cells.read(sheet.title, sheet.blocks[0].rows["rate_of_rent"], CONSTANT + 1) == "n/a"


def test_a_simulated_path_has_its_draws_as_inputs(pool: BoundPool, tmp_path: Path) -> None:
    risky = replace(pool.economy_series["inflation"], risk="shock")
    drawn = replace(pool, economy_series={"inflation": risky})
    values = run_path(drawn, Draws(series={"shock": [0.01 * t for t in range(pool.calendar.periods)]}))
    write_workbook(tmp_path / "path.xlsx", drawn, values, created=CREATED, cached=False)
    cells = recalculate_with_ironcalc(tmp_path / "path.xlsx")
    assert compare(drawn, values, cells).differences == ()
    row = lay_out(drawn, str).economy.shared["inflation"]
    assert cells.read("Economy", row, FIRST + 3) == pytest.approx(0.02)


def test_budget_years_take_sum_end_and_largest(pool: BoundPool, values: PathValues, zeroed: Path) -> None:
    cells, lines = recalculate_with_ironcalc(zeroed), values.lines["pool"]
    rows = {cells.read("Budget years", row, 1): row for row in range(5, 12)}

    def second_year(name: str) -> object:
        return cells.read("Budget years", rows[name], FIRST + 2)

    periods = {name: list(lines[name])[2:4] for name in rows if name}  # type: ignore[arg-type]
    assert second_year("state_payments_built") == pytest.approx(sum(periods["state_payments_built"]))
    assert second_year("obligations_outstanding") == pytest.approx(periods["obligations_outstanding"][-1])
    assert second_year("peak_share") == pytest.approx(max(periods["peak_share"]))


def test_the_same_run_gives_the_same_bytes(pool: BoundPool, values: PathValues, tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write_workbook(tmp_path / name, pool, values, created=CREATED)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_formulas_use_old_functions_and_no_numbers(formulas: Formulas) -> None:
    for sheet, address, text in formulas():
        bare = re.sub(r'"[^"]*"|\'[^\']*\'!', "", text)
        assert set(re.findall(r"([A-Z][A-Z.]*)\(", bare)) <= KNOWN, f"{sheet}!{address}: {text}"
        bare = re.sub(r"\$?[A-Z]{1,3}\$?\d+", "", bare)
        assert set(re.findall(r"\d[\d.]*", bare)) <= {"0", "1", "12"}, f"{sheet}!{address}: {text}"
        assert not text.startswith("{")


def test_a_row_holds_one_formula(formulas: Formulas) -> None:
    rows: dict[tuple[str, int], set[str]] = {}
    counted = 0
    for sheet, address, text in formulas():
        match = re.fullmatch(r"([A-Z]+)(\d+)", address)
        assert match
        column, row = column_index_from_string(match[1]), int(match[2])
        if sheet not in ("Inputs", "Checks", "Reconciliation", "Cover") and column > FIRST:
            counted += 1
            rows.setdefault((sheet, row), set()).add(_relative(text, column))
    assert counted > 500
    assert {key: texts for key, texts in rows.items() if len(texts) > 1} == {}


def _relative(text: str, column: int) -> str:
    """Columns that move with the cell, as their distance from it."""

    def distance(match: re.Match[str]) -> str:
        return f"C[{column_index_from_string(match[1]) - column}]{match[2]}"

    return re.sub(r"(?<![A-Z$'])([A-Z]{1,3})(\$\d+)", distance, text)


def test_texts_stay_texts(written: Path) -> None:
    book = load_workbook(written)
    register = book["Register"]
    notes = [register.cell(row, 9) for row in range(5, register.max_row + 1)]
    assert TRICKY in [cell.value for cell in notes]
    assert {cell.data_type for cell in notes if cell.value} == {"s"}
    with zipfile.ZipFile(written) as archive:
        assert not [name for name in archive.namelist() if "externalLink" in name]
        links = [archive.read(name) for name in archive.namelist() if "worksheets/_rels" in name]
    assert not [text for text in links if b"http://example.org" in text]


def test_calculation_sheets_share_their_columns(pool: BoundPool, written: Path) -> None:
    book, layout = load_workbook(written, data_only=True), lay_out(pool, str)
    for title in ("Timing", *(sheet.title for sheet in layout.models())):
        sheet: Worksheet = book[title]
        assert sheet.freeze_panes == "G5"
        assert [sheet.cell(4, FIRST + 1 + t).value for t in range(4)] == [2026, 2026, 2027, 2027]
        assert sheet.cell(3, FIRST + 2).value.date().isoformat() == "2026-07-01"
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows == "$1:$4"
        assert not [number for number, row in sheet.row_dimensions.items() if row.hidden]


def test_inputs_are_blue_and_coloured_by_basis(written: Path) -> None:
    sheet = load_workbook(written)["Inputs"]
    shared = {sheet.cell(row, 1).value: sheet.cell(row, VALUE_COLUMN + 1) for row in range(5, sheet.max_row + 1)}
    assert shared["contracts.built.rate"].font.color.rgb == "FF0000FF"
    assert shared["contracts.built.rate"].value == 0.12
    assert shared["a/built/rate"].value == f"=$F${shared['contracts.built.rate'].row}"
    fills = {shared[key].fill.fgColor.rgb for key in ("contracts.built.rate", "asset_classes.roads.duration")}
    assert len(fills) == 2


def test_the_simulation_is_told_as_static(pool: BoundPool, values: PathValues, tmp_path: Path) -> None:
    rows = [
        SummaryRow(
            *("total_payments", "Payments over life", "bn KZT"),
            *(10.0, 2.0, 7.5, 9.9, 12.5, float("nan")),
            *(0.1, 0.2, 0.3, 12.7, 0.4),
        ),
        SummaryRow("breach", "The ceiling is breached (1) or never (0)", "1", 0.086, 0.28, 0.0, 0.0, 0.0, 0.001),
    ]
    about = {"paths": "1000", "seed": "1"}
    write_workbook(tmp_path / "mc.xlsx", pool, values, created=CREATED, summary=rows, about=about)
    sheet = load_workbook(tmp_path / "mc.xlsx")["Monte Carlo"]
    assert [cell.value for cell in sheet[6]][3:] == [10.0, 2.0, 7.5, 9.9, 12.5, "n/a", 0.1, 0.2, 0.3, 12.7, 0.4]
    assert (sheet["D7"].value, sheet["D7"].number_format[:5]) == (0.086, "0.00%")
    assert sheet["B3"].value == "Paths: 1000; Seed: 1"
    assert "Static" in sheet["B2"].value


def test_convergence_is_a_table_and_a_native_chart(pool: BoundPool, values: PathValues, tmp_path: Path) -> None:
    rows = [SummaryRow("total_payments", "Payments over life", "bn KZT", 10.0, 2.0, 7.5, 9.9, 12.5, 0.1)]
    points = [
        ConvergenceRow("total_payments", figure, paths, Estimate(paths / 100 + shift, 1 / paths))
        for paths in (125, 250, 500)
        for figure, shift in (("mean", 0.0), ("P90", 3.0))
    ]
    file = tmp_path / "mc.xlsx"
    write_workbook(file, pool, values, created=CREATED, summary=rows, convergence=points)
    sheet = load_workbook(file)["Monte Carlo"]
    start = next(row for row in range(7, sheet.max_row + 1) if "Convergence" in str(sheet.cell(row, 2).value))
    assert [cell.value for cell in sheet[start]][2:7] == ["Paths", "Mean", "± s.e.", "P90", "± s.e."]
    found = [[cell.value for cell in sheet[row]][2:7] for row in range(start + 1, start + 4)]
    assert found == [[n, n / 100, 1 / n, n / 100 + 3, 1 / n] for n in (125, 250, 500)]
    (chart,) = sheet._charts
    assert [str(series.xVal.numRef.f) for series in chart.series] == [
        f"'Monte Carlo'!$C${start + 1}:$C${start + 3}"
    ] * 2
    assert [str(series.yVal.numRef.f).split("!")[1][:2] for series in chart.series] == ["$D", "$F"]


def test_tables_of_the_pool_are_live_and_add_up(pool: BoundPool, values: PathValues, zeroed: Path) -> None:
    """Two built contracts and one leased one, whose lines are added up here by hand."""
    cells = recalculate_with_ironcalc(zeroed)
    rows = {row: cells.read("Tables", row, 2) for row in range(5, 80)}
    heading = next(row for row, text in rows.items() if text == "Payments by the state, nominal, with VAT, bn KZT")
    paid: dict[str, list[float]] = {i.key: list(values.lines[i.key]["state_payment"]) for i in pool.instances()}  # type: ignore[arg-type]

    def second_year(*keys: str) -> float:
        return sum(sum(paid[key][2:4]) for key in keys)

    built, leased, total = heading + 1, heading + 2, heading + 3
    assert [cells.read("Tables", built, column) for column in (1, 3, 4)] == ["none", "roads", "built"]
    assert cells.read("Tables", built, FIRST + 2) == pytest.approx(second_year("a/built", "b/built"))
    assert cells.read("Tables", leased, FIRST + 2) == pytest.approx(second_year("b/leased"))
    whole = sum(sum(paid[key]) for key in ("a/built", "b/built", "b/leased"))
    assert cells.read("Tables", total, 5) == pytest.approx(whole)
    # By stage there is one key, by sector too, by contract type there are two: four rows below three headings.
    views = [cells.read("Tables", row, 5) for row in range(total + 1, total + 8)]
    assert [view for view in views if view] == pytest.approx(
        [whole, whole, sum(map(sum, (paid["a/built"], paid["b/built"]))), sum(paid["b/leased"])]
    )
    assert cells.read("Tables", 6, 5) <= 1e-12
    assert cells.read("Tables", 6, 6) == "OK"


def test_a_view_that_misses_its_total_is_told(zeroed: Path) -> None:
    """A row whose key somebody has overwritten is in no view, and the sheet says so."""
    model = ironcalc.load_from_xlsx(str(zeroed))
    names = [sheet["name"] for sheet in model.get_worksheets_properties()]
    tables = names.index("Tables")
    row = next(r for r in range(8, 80) if model.get_cell_value(tables, r, 4) == "leased")
    model.set_user_input(tables, row, 4, "lost")
    model.evaluate()
    assert model.get_cell_value(tables, 6, 5) > 1e-6
    assert model.get_cell_value(tables, 6, 6) == "FAIL"


def test_tables_are_held_against_the_pool_itself(
    pool: BoundPool, values: PathValues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line of the pool that holds the built contracts only misses the total by what the leased one is paid."""
    target = "alatau_finance.reports.sheets.pool_table_rows.POOL_LINES"
    lines = {"planned_cost": "", "capital_expenditure": "", "state_payments": "state_payments_built"}
    monkeypatch.setattr(target, lines)
    write_workbook(tmp_path / "tied.xlsx", pool, values, created=CREATED, cached=False)
    cells = recalculate_with_ironcalc(tmp_path / "tied.xlsx")
    row = next(row for row in range(8, 40) if cells.read("Tables", row, 2) == "The same from the sheets of the pool")
    paid: dict[str, float] = {i.key: sum(values.lines[i.key]["state_payment"]) for i in pool.instances()}  # type: ignore[arg-type]
    # The contract c belongs to another group than the infrastructure and is in neither.
    built, leased = paid["a/built"] + paid["b/built"], paid["b/leased"]
    assert cells.read("Tables", row, 5) == pytest.approx(built)
    assert cells.read("Tables", row, 6) == pytest.approx(-leased)
    assert cells.read("Tables", 6, 5) == pytest.approx(leased / (built + leased))
    assert cells.read("Tables", 6, 6) == "FAIL"


CHECKS = (
    CheckCount("built.debt_repaid", 3000, 7, 17, 6, "b/built", 3, (FailingInstance("b/built", 7, 17),)),
    CheckCount("pool.present_values_add_up", 1000, 0, -1, 0, "", 1, ()),
)


def test_checks_show_this_path_live_and_the_simulation_beside_it(
    pool: BoundPool, values: PathValues, tmp_path: Path
) -> None:
    checks = (replace(CHECKS[0], name=f"built.{pool.contracts['built'][0].plan.of_kind('check')[0]}"), CHECKS[1])
    about = {"paths": "1000", "seed": "1"}
    write_workbook(tmp_path / "mc.xlsx", pool, values, created=CREATED, checks=checks, about=about)
    sheet = load_workbook(tmp_path / "mc.xlsx")["Checks"]
    rows = {sheet.cell(row, 1).value: row for row in range(9, sheet.max_row + 1)}
    failing = rows[f"b/{checks[0].name.replace('.', '|')}"]
    assert [sheet.cell(failing, column).value for column in (7, 8)] == [7, 17]
    assert sheet.cell(failing, 4).value.startswith("=")
    assert [sheet.cell(rows["pool|present_values_add_up"], column).value for column in (7, 8)] == [0, None]
    assert sheet["C7"].value == "Simulation of 1000 paths: 1 of 2 named checks fail on some path (static)"


def test_a_manifest_gives_back_the_checks_it_was_written_from() -> None:
    named = json.loads(json.dumps([asdict(check) for check in CHECKS]))
    assert checks_of({"checks": {"named": named}}) == CHECKS
    older = [{name: entry[name] for name in ("name", "evaluated", "failed", "first_failing_path")} for entry in named]
    assert checks_of({"checks": {"named": older}}) == ()


def test_charts_are_drawn_from_live_cells(written: Path) -> None:
    with zipfile.ZipFile(written) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 2
    assert all("'Budget years'!$G$" in chart for chart in charts)


def test_another_language_names_sheets_and_projects(pool: BoundPool, values: PathValues, tmp_path: Path) -> None:
    path = tmp_path / "ru.xlsx"
    texts = {"Pool": "Пул: все/вместе", "OK": "ВЕРНО", "Cost of the works": "Стоимость работ"}

    def translate(text: str) -> str:
        return texts.get(text, text)

    write_workbook(path, pool, values, created=CREATED, translate=translate, about={"language": "ru"})
    cells = recalculate_with_ironcalc(path)
    assert "Пул  все вместе" in cells.sheets
    assert cells.read("Checks", 6, 4) == "ВЕРНО"
    assert compare(pool, values, cells, translate).differences == ()
    sheet = load_workbook(path)["Inputs"]
    assert {"Проект a", "Стоимость работ"} <= {cell.value for row in sheet.iter_rows() for cell in row}


def test_a_workbook_that_is_open_elsewhere_is_left_alone(
    pool: BoundPool, values: PathValues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "pool.xlsx"
    target.write_text("what was there")

    def locked(self: Path, other: Path) -> Path:
        raise PermissionError(errno.EACCES, "locked", str(other))

    monkeypatch.setattr(Path, "replace", locked)
    with pytest.raises(AlatauError, match=r"pool\.xlsx cannot be written; is it open in another program\?"):
        write_workbook(target, pool, values, created=CREATED)
    assert target.read_text() == "what was there"
    assert [path.name for path in tmp_path.iterdir()] == ["pool.xlsx"]


def test_a_workbook_that_is_open_elsewhere_gets_a_second_name(
    pool: BoundPool, values: PathValues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, move = tmp_path / "pool.xlsx", Path.replace
    target.write_text("what was there")
    (tmp_path / "pool-2.xlsx").write_text("taken, too")

    def locked(self: Path, other: Path) -> Path:
        if other == target:
            raise PermissionError(errno.EACCES, "locked", str(other))
        return move(self, other)

    monkeypatch.setattr(Path, "replace", locked)
    assert write_workbook(target, pool, values, created=CREATED) == tmp_path / "pool-3.xlsx"
    assert target.read_text() == "what was there"
    assert (tmp_path / "pool-2.xlsx").read_text() == "taken, too"
    assert load_workbook(tmp_path / "pool-3.xlsx").sheetnames[0] == "Cover"


def test_lines_have_their_formula_in_words_once(pool: BoundPool, written: Path) -> None:
    built = lay_out(pool, str).contracts["built"]
    sheet = load_workbook(written)[built.title]
    first, second = built.blocks[:2]
    note = sheet.cell(first.rows["state_payment"], LABEL + 1).comment
    assert note is not None
    assert note.text == (
        "= [Works of the period] × (1 − [Share of the loan]) + [Repayment: a quarter of the opening debt once the "
        "works are complete, all of it in the last period] + [Debt, end of period] of the previous period "
        "× [Interest rate] × [Length of the period]"
    )
    assert sheet.cell(second.rows["state_payment"], LABEL + 1).comment is None
    opening = sheet.cell(first.rows["debt"], LABEL + 1).comment
    assert opening is not None
    assert opening.text.endswith("Opening: [Debt at the base date]")


def test_inputs_have_a_name_and_tell_their_range(written: Path) -> None:
    book = load_workbook(written)
    sheet = book["Inputs"]
    rows = {sheet.cell(row, 1).value: row for row in range(5, sheet.max_row + 1)}
    row = rows["contracts.built.rate"]
    assert book.defined_names["contracts.built.rate"].attr_text == f"'Inputs'!$F${row}"
    assert "projects.a.cost" in book.defined_names
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    rule = rules[f"F{row}"]
    assert (rule.formula1, rule.formula2, rule.errorStyle) == (f"$H${row}", f"$I${row}", "warning")
    assert rule.prompt == "Range: 6.00% to 24.00%"
    assert f"F{rows['a/built/rate']}" not in rules, "a link to a shared assumption is no input"


def test_a_full_disk_is_told(
    pool: BoundPool, values: PathValues, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(xlsxwriter.Workbook, "_store_workbook", full)
    with pytest.raises(AlatauError, match="No space left on device"):
        write_workbook(tmp_path / "pool.xlsx", pool, values, created=CREATED)
    assert list(tmp_path.iterdir()) == []
