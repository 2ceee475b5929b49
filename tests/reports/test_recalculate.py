"""Other programs are run so that a failure is told and not taken for a result."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from alatau_finance.errors import AlatauError
from alatau_finance.reports.agreement import compare
from alatau_finance.reports.layout import FIRST, lay_out
from alatau_finance.reports.recalculate import Cells, CellValue, recalculate_with_ironcalc, recalculate_with_libreoffice
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.reference import PathValues


def test_libreoffice_that_leaves_no_file_is_an_error(zeroed: Path, tmp_path: Path) -> None:
    silent = tmp_path / "soffice"
    silent.write_text("#!/bin/sh\nexit 0\n")
    silent.chmod(silent.stat().st_mode | stat.S_IEXEC)
    with pytest.raises(AlatauError, match="LibreOffice cannot calculate"):
        recalculate_with_libreoffice(zeroed, soffice=str(silent))


def test_libreoffice_that_is_missing_is_an_error(zeroed: Path, tmp_path: Path) -> None:
    with pytest.raises(AlatauError, match="LibreOffice cannot calculate"):
        recalculate_with_libreoffice(zeroed, soffice=str(tmp_path / "none"))


def test_ironcalc_refuses_what_is_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("no workbook")
    with pytest.raises(AlatauError, match="IronCalc cannot read"):
        recalculate_with_ironcalc(tmp_path / "x.xlsx")


def test_a_cell_that_differs_is_found(pool: BoundPool, values: PathValues, zeroed: Path) -> None:
    cells = recalculate_with_ironcalc(zeroed)
    sheet = lay_out(pool, str).contracts["built"]
    at = (sheet.title, sheet.blocks[1].rows["works"], FIRST + 6)

    def read(title: str, row: int, column: int) -> CellValue:
        value = cells.read(title, row, column)
        return float(value or 0.0) + 1e-7 if (title, row, column) == at else value

    (found,) = compare(pool, values, Cells(cells.sheets, read)).differences
    assert (found.instance, found.line, found.period) == ("b/built", "works", 5)


def test_zeroed_caches_are_not_results(pool: BoundPool, values: PathValues, zeroed: Path) -> None:
    """What makes the comparisons mean something: before anything is calculated, the workbook says 0 everywhere."""
    from openpyxl import load_workbook

    book = load_workbook(zeroed, data_only=True)

    def read(title: str, row: int, column: int) -> CellValue:
        value: CellValue = book[title].cell(row, column).value
        return value

    assert len(compare(pool, values, Cells(tuple(book.sheetnames), read)).differences) > 100
