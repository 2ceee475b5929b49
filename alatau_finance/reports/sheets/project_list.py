"""The list of projects: what each contract costs and is paid, live, with a small chart of its years."""

from __future__ import annotations

from collections.abc import Sequence

from alatau_finance.i18n import unit_name
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import LABEL, Block, ModelSheet
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.header import write_title
from alatau_finance.reports.sheets.pool_tables import UNIT_OF_TABLES, sector_name, stage_name
from alatau_finance.reports.styles import number_format
from alatau_finance.simulation.tables import MEASURES

HEADING_ROW = 4
_AMOUNTS, _PICTURES = 5, 8
#: Lines that are drawn small, with the colour of each.
_DRAWN = (("capex", "#1F3864"), ("state_payment", "#C55A11"))


def write_project_list(sheet: Sheet, book: Book) -> None:
    """One row a contract: a link to its lines, its stage and sector, totals of its measures, and its periods drawn."""
    _ = book.translate
    unit = unit_name(UNIT_OF_TABLES, _)
    note = _("Every contract of every project; a name leads to its lines. Amounts in {unit}").format(unit=unit)
    write_title(sheet, book, sheet.name, note)
    headings = (
        _("Key"), _("Project"), _("Contract"), _("Stage"), _("Sector"), _("Planned cost, as published"),
        _("Capital expenditure, nominal, excluding VAT"), _("Payments by the state, nominal, with VAT"),
        _("Capital expenditure by period"), _("Payments by the state by period"),
    )  # fmt: skip
    sheet.table(headings, (30, 58, 24, 34, 28, 18, 24, 24, 32, 32), HEADING_ROW, range(_AMOUNTS, _PICTURES))
    row = HEADING_ROW
    for row, (model, block) in enumerate(_contracts(book), start=HEADING_ROW + 1):
        _write_contract(sheet, book, row, model, block)
    sheet.worksheet.autofilter(HEADING_ROW - 1, 0, row - 1, len(headings) - 1)
    sheet.print_set_up(repeat_rows=HEADING_ROW)


def _contracts(book: Book) -> Sequence[tuple[ModelSheet, Block]]:
    return [(model, block) for model in book.layout.contracts.values() for block in model.blocks]


def _write_contract(sheet: Sheet, book: Book, row: int, model: ModelSheet, block: Block) -> None:
    project = block.instance.project
    sheet.height(row, 2)
    sheet.text(row, 0, block.instance.key, "key")
    sheet.link(row, LABEL, model.title, book.name_of(block.instance), f"A{block.heading}")
    sheet.text(row, 2, model.title, "label")
    if project is not None:
        sheet.text(row, 3, stage_name(book, project.stage) if project.stage else "", "label")
        sheet.text(row, 4, sector_name(book, project.sector), "label")
    numbers = number_format(UNIT_OF_TABLES)
    for column, line in enumerate(MEASURES.values(), start=_AMOUNTS):
        if line in model.plan.lines:
            area = book.layout.columns.row(block.rows[line], model.prefix)
            total = sum(book.row(block.instance, line))
            sheet.formula(row, column, f"=SUM({area})", book.cache(total), numbers, "import")
    for column, (line, colour) in enumerate(_DRAWN, start=_PICTURES):
        if line in model.plan.lines:
            sheet.small_chart(row, column, book.layout.columns.row(block.rows[line], model.prefix), colour)
