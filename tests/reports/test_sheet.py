"""The writer: its fast path writes what xlsxwriter would, and no refused write goes unnoticed."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from alatau_finance.reports.sheet import NOT_AVAILABLE, OPTIONS, FormulaSheet, Sheet
from alatau_finance.reports.styles import Styles

from .conftest import CREATED

FORMULAS = ('=IF(A1<"x",1,0)', "=SUMIF('a & b'!$A$1:$A$9,$A1,G$1:G$9)", "=-$D$5^2", '=IF(1,"n/a",0)')
VALUES: tuple[float | str, ...] = (1.0, 1e-17, 12345.678901234567, "n/a")


def _book(path: Path) -> Any:
    book = xlsxwriter.Workbook(str(path), dict(OPTIONS))
    book.set_properties({"created": CREATED.replace(tzinfo=None)})
    return book


def test_the_fast_path_writes_what_xlsxwriter_writes(tmp_path: Path) -> None:
    """Guards the one place that uses xlsxwriter's inside: after an upgrade that changes it, this fails."""
    slow = _book(tmp_path / "slow.xlsx")
    style, sheet = slow.add_format({"num_format": "0.00"}), slow.add_worksheet("S")
    for row in (2, 5):
        for column, (formula, value) in enumerate(zip(FORMULAS, VALUES, strict=True), start=6):
            assert sheet.write_formula(row, column, formula, style, value) == 0
    slow.close()
    fast = _book(tmp_path / "fast.xlsx")
    style, sheet = fast.add_format({"num_format": "0.00"}), fast.add_worksheet("S", FormulaSheet)
    for row in (2, 5):
        assert sheet.store_formulas(row, 6, [formula[1:] for formula in FORMULAS], VALUES, style) == 0
    fast.close()
    assert (tmp_path / "fast.xlsx").read_bytes() == (tmp_path / "slow.xlsx").read_bytes()


@pytest.fixture
def sheet(tmp_path: Path) -> Any:
    book = _book(tmp_path / "book.xlsx")
    yield Sheet("S", book.add_worksheet("S", FormulaSheet), Styles(book))
    book.close()


def test_a_write_behind_the_row_that_was_written_is_refused(sheet: Sheet) -> None:
    sheet.text(5, 0, "first")
    sheet.text(6, 0, "second")
    with pytest.raises(ValueError, match="refused"):
        sheet.text(4, 0, "too late")
    with pytest.raises(ValueError, match="refused"):
        sheet.formula(4, 0, "=1", 1.0)


def test_a_text_that_is_too_long_is_refused(sheet: Sheet) -> None:
    with pytest.raises(ValueError, match="refused"):
        sheet.text(1, 0, "x" * 40000)


def test_a_formula_that_is_too_long_is_refused(sheet: Sheet) -> None:
    with pytest.raises(ValueError, match="9001 characters"):
        sheet.formula(1, 0, "=" + "1" * 9000, 0.0)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_is_a_text(sheet: Sheet, value: float) -> None:
    sheet.number(1, 0, value, "0.00")
    sheet.formula(1, 1, "=A1", value)
    assert sheet.worksheet.table[0][0].string == NOT_AVAILABLE
    assert sheet.worksheet.table[0][1].value == NOT_AVAILABLE


TEXTS = ("=1+1", "+7 727 000 00 00", "-1", "@SUM(A1)", "http://example.org", "mailto:a@b.kz", "<r>bold</r>", "A1")


def test_texts_of_any_look_stay_texts(tmp_path: Path) -> None:
    from openpyxl import load_workbook

    book = _book(tmp_path / "texts.xlsx")
    sheet = Sheet("S", book.add_worksheet("S", FormulaSheet), Styles(book))
    for row, text in enumerate(TEXTS, start=1):
        sheet.text(row, 0, text)
    book.close()
    cells = [load_workbook(tmp_path / "texts.xlsx")["S"].cell(row, 1) for row in range(1, len(TEXTS) + 1)]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in cells] == [(text, "s", None) for text in TEXTS]


@pytest.mark.parametrize("name", ["A1", "R1C1", "1st", "with space"])
def test_a_name_that_a_spreadsheet_would_not_take_is_refused(sheet: Sheet, name: str) -> None:
    with pytest.warns(UserWarning, match="name"), pytest.raises(ValueError, match="refused"):
        sheet.name_cell(name, "'S'!$A$1")


def test_a_validation_that_is_too_long_is_refused(sheet: Sheet) -> None:
    rule = {"validate": "any", "input_message": "x" * 300}
    with pytest.warns(UserWarning, match="255"), pytest.raises(ValueError, match="refused"):
        sheet.validate(1, 0, rule)


def test_a_long_label_makes_its_row_high_enough(sheet: Sheet) -> None:
    sheet.columns(0, 0, 10)
    sheet.group(1)
    sheet.text(1, 0, "three lines of a label", "label")
    assert sheet.worksheet.row_info[0].height == 60  # pixels: 3 lines of 15 points
    assert sheet.worksheet.row_info[0].level == 1
