"""What stands above every sheet: title, the state of the checks, and for calculation sheets the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import (
    CONSTANT,
    DATE_ROW,
    FIRST,
    KEY,
    LABEL,
    OPENING,
    TOTAL,
    UNIT,
    YEAR_ROW,
    Columns,
    budget_year_of,
    quoted,
)
from alatau_finance.reports.sheet import Cell, Sheet
from alatau_finance.reports.sheets.scenario_rows import case_names, scenario_cell
from alatau_finance.reports.styles import DATE, YEAR

#: Excel counts days from this one, taking 1900 for a leap year as Lotus did.
_DAY_ZERO = 693594
#: Rows of the sheet of checks: the tolerance, and whether all of them hold.
TOLERANCE_ROW, MASTER_ROW = 3, 6


def serial_day(day: date) -> float:
    """A date as cells hold it."""
    return float(day.toordinal() - _DAY_ZERO)


def master_check(book: Book) -> str:
    """Address of the cell that says whether all checks hold."""
    return f"{quoted(book.layout.titles.checks)}$D${MASTER_ROW}"


def write_title(sheet: Sheet, book: Book, title: str, note: str = "", *, status: bool = False) -> None:
    """Rows 1 and 2: title, link back, what the sheet is and, for a calculation sheet, whether all checks hold."""
    _ = book.translate
    sheet.text(1, KEY, title, "title")
    if status:
        write_status(sheet, book)
    sheet.link(2, KEY, book.layout.titles.contents, _("Contents"))
    sheet.text(2, LABEL, note, "subtitle")


def write_status(sheet: Sheet, book: Book) -> None:
    """The live state of all checks and the scenario in use, in row 1 of a calculation sheet."""
    _ = book.translate
    ok, fail = _("OK"), _("FAIL")
    sheet.text(1, CONSTANT, _("All checks"), "subtitle")
    sheet.formula(1, TOTAL, f"={master_check(book)}", book.cache(verdict(book)), role="result")
    sheet.text(1, OPENING, _("Scenario"), "subtitle")
    sheet.formula(
        1, FIRST, f"={scenario_cell(book)}", book.cache(case_names(book)[book.selector.active]), role="import"
    )
    sheet.flag("E1", ok, fail)


def verdict(book: Book) -> str:
    """OK or FAIL, as Python's results have it."""
    _ = book.translate
    residuals = (
        book.scalar(block.instance, name)
        for model, block in book.layout.blocks()
        for name in model.plan.of_kind("check")
    )
    return _("OK") if all(residual <= TOLERANCE for residual in residuals) else _("FAIL")


#: A check holds where its relative residual is at most this; the workbook reads it from one cell.
TOLERANCE = 1e-9


def write_headings(sheet: Sheet, headings: Sequence[str]) -> None:
    """Row 3 above the fixed columns; row 4 carries the colour on."""
    for column, heading in enumerate(headings):
        sheet.text(DATE_ROW, column, heading, "heading" if column <= UNIT else "column_heading")


def write_calendar(sheet: Sheet, book: Book, dates: str, years: str, role: str = "column_heading") -> None:
    """Start of period and budget year above each period; ``dates`` and ``years`` are formulas with open columns."""
    _ = book.translate
    columns, calendar = book.layout.columns, book.pool.calendar
    headings = [_("Key"), _("Line"), _("Unit"), _("Constant"), _("Total"), _("Opening")]
    write_headings(sheet, headings)
    starts: list[Cell] = [serial_day(calendar.start_of(t)) for t in range(calendar.periods)]
    sheet.formulas(DATE_ROW, FIRST, columns.close(dates), [book.cache(day) for day in starts], DATE, role)
    sheet.text(YEAR_ROW, KEY, " ", "heading")
    sheet.text(YEAR_ROW, LABEL, _("Budget year"), "heading")
    sheet.fill(YEAR_ROW, UNIT, FIRST - 1, "heading")
    budget_years: list[Cell] = [float(budget_year_of(calendar, t)) for t in range(calendar.periods)]
    sheet.formulas(YEAR_ROW, FIRST, columns.close(years), [book.cache(year) for year in budget_years], YEAR, role)


def write_model_header(sheet: Sheet, book: Book, title: str, note: str) -> None:
    """All four rows of a calculation sheet, the calendar linked to the timing sheet."""
    timing, columns = book.layout.timing, book.layout.columns
    sheet.period_columns(periods=columns.count)
    write_title(sheet, book, title, note, status=True)
    dates = "=" + book.layout.timing_row(timing.start)
    years = "=" + book.layout.timing_row(timing.budget_year)
    write_calendar(sheet, book, dates, years)


def pages_across(columns: Columns) -> int:
    """How many A4 pages wide a sheet of periods prints so that it can be read: ten periods a page."""
    return -(-columns.count // 10)
