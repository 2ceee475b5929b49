"""Rows below the charts: what is computed for them alone, live and beside its value in Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from alatau_finance.backends.excel import CURRENT
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import FIRST, LABEL, UNIT, YEAR_ROW, Columns, quoted
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.drawing import Drawn
from alatau_finance.reports.styles import YEAR


@dataclass(frozen=True)
class Data:
    """Where the rows go; ``first`` is the first of them, the heading."""

    sheet: Sheet
    book: Book
    workbook: Any
    first: int

    @property
    def years_row(self) -> int:
        """The row of the budget years."""
        return self.first + 1

    def row(
        self,
        row: int,
        label: str,
        unit: str,
        template: str,
        values: Sequence[float],
        numbers: str,
        role: str = "import",
    ) -> None:
        """A row by budget year; ``template`` is its formula with open columns."""
        self.sheet.text(row, LABEL, label, "label")
        self.sheet.unit(row, UNIT, unit)
        formulas = self.book.layout.years.close(template)
        self.sheet.formulas(row, FIRST, formulas, self.book.caches(values), numbers, role)

    def series(self, row: int, name: str, values: Sequence[float], years: int, look: Any, sheet: str = "") -> Drawn:
        """A row by budget year, here or on ``sheet``, as a series of the first ``years``."""
        prefix, columns = quoted(sheet or self.sheet.name), Columns(years)
        years_row = YEAR_ROW if sheet else self.years_row
        calendar = self.book.pool.calendar
        return Drawn(
            name,
            columns.row(years_row, prefix),
            columns.row(row, prefix),
            list(calendar.budget_years[:years]),
            list(self.book.caches(values[:years])),
            look,
        )


@dataclass(frozen=True)
class Picture:
    """A chart to be: ``draw`` writes the rows it needs from a row on, and gives the chart and the next free row."""

    draw: Callable[[Data, int], tuple[Any, int]]


def year_sheet(book: Book) -> str:
    """The sheet whose header has the budget years."""
    return book.layout.titles.statements if book.layout.whole is None else book.layout.titles.years


def year_header(data: Data, row: int) -> None:
    """The budget years above the rows."""
    _, book = data.book.translate, data.book
    data.sheet.text(row, LABEL, _("Budget year"), "label")
    source = f"={quoted(year_sheet(book))}{CURRENT}${YEAR_ROW}"
    years = [float(year) for year in book.pool.calendar.budget_years]
    data.sheet.formulas(row, FIRST, book.layout.years.close(source), book.caches(years), YEAR, "import")
