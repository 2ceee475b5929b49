"""Python against the workbook: each measure as Python computed it, and the live cell beside it."""

from __future__ import annotations

import math

from xlsxwriter.utility import xl_col_to_name

from alatau_finance.reports.agreement import FLOOR, scale
from alatau_finance.reports.book import Book
from alatau_finance.reports.sheet import NOT_AVAILABLE, Cell, Sheet
from alatau_finance.reports.sheets.header import write_title
from alatau_finance.reports.sheets.scenario_rows import NUMBER_ROW, active_cell, case_names
from alatau_finance.reports.styles import SCIENTIFIC, number_format

LARGEST_ROW, HEADING_ROW = 3, 5
#: What a difference is told relative to at the least: an amount that should be 0 is made of larger ones that cancel.
_LEAST = 8
_FIRST_CASE = 9


def write_reconciliation(sheet: Sheet, book: Book) -> None:
    """One row for each measure of each instance: static value, live value, difference, relative difference."""
    _ = book.translate
    note = _("Under every scenario both columns agree until an input is changed; then the difference is what that does")
    write_title(sheet, book, sheet.name, note)
    measures = [(m, b, name) for m, b in book.layout.blocks() for name in m.plan.of_kind("metric")]
    first, last = HEADING_ROW + 1, HEADING_ROW + max(1, len(measures))
    sheet.text(LARGEST_ROW, 2, _("Largest relative difference"), "metric")
    largest = f"=MAX($H${first}:$H${last})"
    sheet.formula(LARGEST_ROW, 7, largest, book.cache(0.0), SCIENTIFIC, "metric")
    headings = (
        _("Key"), _("Project"), _("Measure"), _("Unit"), _("Python (static)"), _("Workbook (live)"), _("Difference"),
        _("Relative difference"), _("Relative to at least (static)"), *(f"Python: {name}" for name in case_names(book)),
    )  # fmt: skip
    cases, active = book.selector.cases, active_cell(book, NUMBER_ROW)
    widths = (34, 44, 76, 18, 17, 17, 15, 15, 15, *(17 for _case in cases))
    sheet.table(headings, widths, HEADING_ROW, range(4, len(headings)))
    ends = [xl_col_to_name(column) for column in (_FIRST_CASE, _FIRST_CASE + len(cases) - 1)]
    for row, (model, block, name) in enumerate(measures, start=first):
        line, value = model.plan.lines[name], book.scalar(block.instance, name)
        numbers = number_format(line.unit, name, line.label)
        sheet.text(row, 0, f"{block.instance.key}|{name}", "key")
        sheet.text(row, 1, book.name_of(block.instance), "label")
        sheet.text(row, 2, _(line.label), "label")
        sheet.unit(row, 3, line.unit)
        live: Cell = NOT_AVAILABLE if math.isnan(value) else value
        python = f"=INDEX(${ends[0]}{row}:${ends[1]}{row},{active})"
        sheet.formula(row, 4, python, book.cache(live), numbers, "import")
        sheet.formula(row, 5, f"={model.prefix}$D${block.rows[name]}", book.cache(live), numbers, "import")
        # Two texts that agree differ by nothing; a text against a number differs by 1.
        both = f"AND(ISNUMBER($E{row}),ISNUMBER($F{row}))"
        sheet.formula(row, 6, f"=IF({both},$F{row}-$E{row},IF($E{row}=$F{row},0,1))", book.cache(0.0), SCIENTIFIC)
        relative = f"=IF({both},IF($G{row}=0,0,ABS($G{row})/MAX(ABS($E{row}),ABS($F{row}),$I{row})),$G{row})"
        sheet.formula(row, 7, relative, book.cache(0.0), SCIENTIFIC)
        sheet.number(row, _LEAST, FLOOR * scale(book, block.instance, name), SCIENTIFIC, "static")
        for column, case in enumerate(cases, start=_FIRST_CASE):
            sheet.number(row, column, case.metrics[block.instance.key][name], numbers, "static")
    sheet.worksheet.autofilter(HEADING_ROW - 1, 0, last - 1, len(headings) - 1)
    sheet.print_set_up(repeat_rows=HEADING_ROW)
    # The results of the other scenarios are there to be read by the formulas; on paper they would make the rest tiny.
    sheet.worksheet.print_area(0, 0, last - 1, _FIRST_CASE - 1)
