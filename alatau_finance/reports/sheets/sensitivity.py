"""One input at a time at both ends of its range: static, the widest swing first."""

from __future__ import annotations

from alatau_finance.reports.book import Book
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.header import write_title
from alatau_finance.reports.styles import number_format
from alatau_finance.reports.swings import Swing, labels

#: Rows and columns of the table, for whoever draws it: labels, results at the low and the high end less the base case.
HEADING_ROW, LABEL_COLUMN, LOW_COLUMN, HIGH_COLUMN = 7, 1, 9, 10
_BASE_ROW = 4


def write_sensitivity(sheet: Sheet, book: Book) -> None:
    """One row an input that has a range: its ends, the measure there, and how far that is from the base case."""
    _ = book.translate
    note = _("Static: computed in Python at export. One input at a time, all others as in the base case of the run")
    write_title(sheet, book, sheet.name, note)
    headings = (
        _("Key"), _("Input"), _("Unit"), _("Low"), _("Base case"), _("High"), _("Measure at low"),
        _("Measure at high"), _("Swing"), _("Low less base case"), _("High less base case"), _("Basis"),
    )  # fmt: skip
    if book.swings:
        _write_measure(sheet, book, book.swings[0])
        if book.project is None:
            text = _(
                "Of the contracts' inputs, those that most contracts read; a project's workbook has all of its own."
            )
            sheet.text(_BASE_ROW + 1, 1, text, "subtitle")
    else:
        text = _("No input of this workbook has a range that moves its measure.")
        if book.project is None:
            text = _("The workbook of a run holds no sensitivities; `alatau-fin export` writes one that does.")
        sheet.text(_BASE_ROW, 1, text, "subtitle")
    sheet.table(headings, (34, 66, 18, 14, 14, 14, 15, 15, 14, 16, 16, 15), HEADING_ROW, range(3, 11))
    for number, (swing, label) in enumerate(zip(book.swings, labels(book.swings, _), strict=True), start=1):
        _write_swing(sheet, book, HEADING_ROW + number, swing, label)
    sheet.print_set_up(repeat_rows=HEADING_ROW)


def _write_measure(sheet: Sheet, book: Book, swing: Swing) -> None:
    _ = book.translate
    sheet.text(_BASE_ROW, 0, swing.measure, "key")
    sheet.text(_BASE_ROW, 1, _(swing.measure_label), "metric_label")
    sheet.unit(_BASE_ROW, 2, swing.result_unit)
    sheet.number(_BASE_ROW, 4, swing.result_base, number_format(swing.result_unit, swing.measure), "static")


def _write_swing(sheet: Sheet, book: Book, row: int, swing: Swing, label: str) -> None:
    _ = book.translate
    numbers = number_format(swing.unit, swing.path.rpartition(".")[2], swing.label)
    results = number_format(swing.result_unit, swing.measure)
    sheet.text(row, 0, swing.path, "key")
    sheet.text(row, LABEL_COLUMN, label, "label")
    sheet.unit(row, 2, swing.unit)
    for column, value in enumerate((swing.low, swing.base, swing.high), start=3):
        sheet.number(row, column, value, numbers, "static")
    apart = (swing.result_low - swing.result_base, swing.result_high - swing.result_base)
    for column, value in enumerate((swing.result_low, swing.result_high, swing.size, *apart), start=6):
        sheet.number(row, column, value, results, "static")
    sheet.text(row, 11, _(swing.value.basis), "top", swing.value.basis)
