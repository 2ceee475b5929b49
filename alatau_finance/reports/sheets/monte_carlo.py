"""What the simulation of all paths found: static numbers, labelled so."""

from __future__ import annotations

from dataclasses import astuple

from alatau_finance.reports.book import Book
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.header import write_title
from alatau_finance.reports.styles import number_format
from alatau_finance.simulation.undefined import undefined_headings

HEADING_ROW = 5
_NUMBERS = 3


def write_monte_carlo(sheet: Sheet, book: Book) -> None:
    """One row for each measure: mean, spread, quantiles and the standard error of the mean."""
    _ = book.translate
    note = _("Static: results of the simulation, not recalculated by this workbook")
    write_title(sheet, book, sheet.name, note)
    known = (("paths", _("Paths")), ("seed", _("Seed")))
    told = [f"{label}: {book.about[name]}" for name, label in known if name in book.about]
    sheet.text(3, 1, "; ".join(told) or _("No simulation belongs to this workbook."), "subtitle")
    headings = (
        _("Key"), _("Measure"), _("Unit"), _("Mean"), _("Standard deviation"), _("P10"), _("P50"), _("P90"),
        _("Standard error of the mean"),
    )  # fmt: skip
    sheet.table(headings, (30, 66, 18, 15, 15, 15, 15, 15, 18), HEADING_ROW, range(3, 9))
    for row, measure in enumerate(book.summary, start=HEADING_ROW + 1):
        numbers = number_format(measure.unit, measure.name, measure.label)
        sheet.text(row, 0, measure.name, "key")
        sheet.text(row, 1, _(measure.label), "label")
        sheet.unit(row, 2, measure.unit)
        found = (
            measure.mean,
            measure.standard_deviation,
            measure.p10,
            measure.p50,
            measure.p90,
            measure.standard_error,
        )
        for column, value in enumerate(found, start=3):
            sheet.number(row, column, value, numbers, "static")
    if book.undefined:
        _write_undefined(sheet, book, HEADING_ROW + len(book.summary) + 3)
    sheet.print_set_up(repeat_rows=HEADING_ROW)


def _write_undefined(sheet: Sheet, book: Book, row: int) -> None:
    """Rates of return: how often they were asked for, over all contracts and paths, and how often in vain, and why."""
    _ = book.translate
    headings = (
        _("Key"), _("Rate of return, all contracts of a type"), _("Unit"), _("Computed"), _("Without a rate"),
        *undefined_headings(_),
    )  # fmt: skip
    for column, heading in enumerate(headings):
        sheet.text(row, column, heading, "heading" if column < _NUMBERS else "column_heading")
    sheet.height(row, 3)
    for at, metric in enumerate(book.undefined, start=row + 1):
        sheet.text(at, 0, f"{metric.model}.{metric.metric}", "key")
        sheet.text(at, 1, f"{_(metric.title)}: {_(metric.label)}")
        counts = (metric.evaluated, metric.undefined.total, *astuple(metric.undefined))
        for column, count in enumerate(counts, start=_NUMBERS):
            sheet.number(at, column, float(count), "#,##0", "static")
