"""The first two sheets: what this workbook is, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence

from alatau_finance.reports.book import Book
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.header import master_check, verdict
from alatau_finance.reports.sheets.scenario_rows import ABOUT_ROW, about_case, active_cell, case_names, scenario_cell


def write_cover(sheet: Sheet, book: Book) -> None:
    """Title, scenario, what the run says of itself, the state of the checks, and how to read the colours."""
    _ = book.translate
    sheet.columns(0, 0, 4)
    sheet.columns(1, 1, 34)
    sheet.columns(2, 2, 96)
    sheet.text(
        2, 1, book.in_language(book.project.name) if book.project else _("Alatau City: infrastructure pool"), "title"
    )
    sheet.text(3, 1, _("Live financial model: every line of every contract is a formula"), "subtitle")
    sheet.text(5, 1, _("Scenario"), "metric")
    names, active = case_names(book), book.selector.active
    sheet.formula(5, 2, f"={scenario_cell(book)}", book.cache(names[active]), role="import")
    sheet.formula(6, 2, f"={active_cell(book, ABOUT_ROW)}", book.cache(about_case(book, active)), role="import")
    row = 7
    if book.project is not None:
        sheet.text(row, 1, _("Project"), "metric")
        sheet.text(row, 2, book.project.id)
        row += 1
    sheet.text(row, 1, _("All checks"), "metric")
    sheet.formula(row, 2, f"={master_check(book)}", book.cache(verdict(book)), role="left_result")
    sheet.flag(f"C{row}", _("OK"), _("FAIL"))
    told = {"run": _("Run"), "digest": _("Digest"), "language": _("Language"), "paths": _("Paths"), "seed": _("Seed")}
    for name, value in book.about.items():
        if name != "scenario":
            row += 1
            sheet.text(row, 1, told.get(name) or _(name))
            sheet.text(row, 2, value, "wrapped")
    _write_legend(sheet, book, row + 2)
    sheet.worksheet.activate()
    sheet.print_set_up(repeat_rows=0)


def _write_legend(sheet: Sheet, book: Book, row: int) -> None:
    _ = book.translate
    sheet.text(row, 1, _("How to read the colours"), "section")
    sheet.fill(row, 2, 2, "section")
    legend = (
        (_("Input"), "input", "", _("Blue: a number to be changed. Everything else follows from it")),
        (_("Calculation"), "calculation", "", _("Black: a formula of this sheet")),
        (_("From another sheet"), "import", "", _("Green: a formula that reads another sheet")),
        (_("Static"), "static", "", _("Grey: a number that is shown for comparison and does not recalculate")),
        (_("sourced"), "input", "sourced", _("As published by the source named beside it")),
        (_("derived"), "input", "derived", _("Computed from published numbers")),
        (_("allocated"), "input", "allocated", _("A published total shared out by a stated rule")),
        (_("assumed"), "input", "assumed", _("A judgement: check it first")),
    )
    for number, (text, role, basis, meaning) in enumerate(legend, start=row + 1):
        sheet.text(number, 1, text, role, basis)
        sheet.text(number, 2, meaning)


def write_contents(sheet: Sheet, book: Book, names: Sequence[tuple[str, str]]) -> None:
    """A link to each sheet, and what it is for."""
    _ = book.translate
    sheet.text(1, 0, sheet.name, "title")
    sheet.columns(0, 0, 34)
    sheet.columns(1, 1, 110)
    for row, (name, purpose) in enumerate(names, start=3):
        sheet.link(row, 0, name, name)
        sheet.text(row, 1, purpose)
    sheet.print_set_up(repeat_rows=0)
