"""What the simulation of all paths found: static numbers, labelled so."""

from __future__ import annotations

from typing import Any

from alatau_finance.i18n import unit_name
from alatau_finance.reports.book import Book, Fan
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.convergence import write_convergence
from alatau_finance.reports.sheets.header import write_title
from alatau_finance.reports.styles import YEAR, number_format, simulated_format
from alatau_finance.simulation.undefined import undefined_headings

HEADING_ROW = 5
_NUMBERS = 3
_CEILING = 11


def write_monte_carlo(sheet: Sheet, book: Book, workbook: Any) -> None:
    """One row for each measure: mean, spread, quantiles, shortfall and the standard error of each; and convergence."""
    _ = book.translate
    note = _("Static: results of the simulation, not recalculated by this workbook")
    write_title(sheet, book, sheet.name, note)
    known = (("paths", _("Paths")), ("seed", _("Seed")))
    told = [f"{label}: {book.about[name]}" for name, label in known if name in book.about]
    sheet.text(3, 1, "; ".join(told) or _("No simulation belongs to this workbook."), "subtitle")
    headings = (
        _("Key"), _("Measure"), _("Unit"), _("Mean"), _("Standard deviation"), _("P10"), _("P50"), _("P90"),
        _("Standard error of the mean"), _("Standard error of P10"), _("Standard error of P50"),
        _("Standard error of P90"), _("CVaR 95: mean of the largest 5 %"), _("Standard error of CVaR 95"),
    )  # fmt: skip
    sheet.table(headings, (30, 66, 18, *[15] * 5, *[18] * 6), HEADING_ROW, range(3, 14))
    for row, measure in enumerate(book.summary, start=HEADING_ROW + 1):
        numbers = simulated_format(measure.unit, measure.name, measure.label)
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
            measure.p10_error,
            measure.p50_error,
            measure.p90_error,
            measure.cvar95,
            measure.cvar95_error,
        )
        for column, value in enumerate(found, start=3):
            sheet.number(row, column, value, numbers, "static")
    if book.undefined:
        _write_undefined(sheet, book, _after_summary(book))
    if book.fans:
        _write_fans(sheet, book)
    if book.convergence:
        write_convergence(sheet, book, workbook, _after_fans(book))
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
        counts = (metric.evaluated, metric.undefined.total, *metric.undefined.counts)
        for column, count in enumerate(counts, start=_NUMBERS):
            sheet.number(at, column, float(count), "#,##0", "static")


def _after_summary(book: Book) -> int:
    return HEADING_ROW + len(book.summary) + 3


def fan_rows(book: Book) -> dict[Fan, int]:
    """The row of each budget year of the fan: percentiles in columns D to H, bands in I to K, the ceiling in L."""
    first = _after_summary(book) + (len(book.undefined) + 3 if book.undefined else 0) + 1
    return {fan: first + number for number, fan in enumerate(book.fans)}


def _after_fans(book: Book) -> int:
    below = _after_summary(book) + (len(book.undefined) + 3 if book.undefined else 0)
    return below + (len(book.fans) + 3 if book.fans else 0)


def _write_fans(sheet: Sheet, book: Book) -> None:
    """Percentiles by budget year, static, and the bands between them."""
    _, rows = book.translate, fan_rows(book)
    label = _(book.layout.pool.plan.lines[book.fans[0].line].label)
    headings = (
        _("Key"), _("Measure by budget year"), _("Budget year"), _("P10"), _("P25"), _("P50"), _("P75"), _("P90"),
        _("P10 to P25"), _("P25 to P75"), _("P75 to P90"), _("Mean of the ceiling"),
    )  # fmt: skip
    heading = min(rows.values()) - 1
    for column, text in enumerate(headings):
        sheet.text(heading, column, text, "heading" if column < _NUMBERS else "column_heading")
    for fan, row in rows.items():
        numbers = number_format(fan.unit, fan.line)
        sheet.text(row, 0, fan.line, "key")
        sheet.text(row, 1, f"{label}, {unit_name(fan.unit, _)}", "label")
        sheet.number(row, 2, float(fan.year), YEAR, "static")
        found = (fan.p10, fan.p25, fan.p50, fan.p75, fan.p90)
        for column, value in enumerate(found, start=_NUMBERS):
            sheet.number(row, column, value, numbers, "static")
        bands = (
            (f"=E{row}-D{row}", fan.p25 - fan.p10),
            (f"=G{row}-E{row}", fan.p75 - fan.p25),
            (f"=H{row}-G{row}", fan.p90 - fan.p75),
        )
        for column, (formula, band) in enumerate(bands, start=_NUMBERS + len(found)):
            sheet.formula(row, column, formula, book.cache(band), numbers)
        if fan.ceiling is not None:
            sheet.number(row, _CEILING, fan.ceiling, numbers, "static")
