"""The register: every value of the assumptions with its provenance, as the files have it."""

from __future__ import annotations

from alatau_finance.assumptions import Value
from alatau_finance.i18n import unit_name
from alatau_finance.reports.book import Book
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.header import write_title

HEADING_ROW = 4
#: A spreadsheet cell takes no longer text.
LONGEST_TEXT = 32767
WIDTHS = (46, 18, 18, 12, 12, 14, 56, 17, 72, 36)


def write_register(sheet: Sheet, book: Book) -> None:
    """One row a value, in the order of the files. Static: the live inputs stand on the sheet of inputs.

    The workbook of a project has the values that its contracts and their risks use, under any of its scenarios.
    """
    _ = book.translate
    told = _("Static: every assumption as its file has it, in the file's unit")
    if book.project is not None:
        told = _("Static: the assumptions that this project uses as their files have them, in the file's unit")
    write_title(sheet, book, sheet.name, told)
    headings = (
        _("Path"), _("Value"), _("Unit"), _("Low"), _("High"), _("As of"), _("Sources"), _("Basis"), _("Note"),
        _("Written in"),
    )  # fmt: skip
    sheet.table(headings, WIDTHS, HEADING_ROW, (1, 3, 4))
    used = _used(book)
    register = [v for v in book.pool.assumptions.all_values() if book.project is None or v.path in used]
    for row, value in enumerate(register, start=HEADING_ROW + 1):
        _write_value(sheet, book, row, value)
    sheet.worksheet.autofilter(HEADING_ROW - 1, 0, HEADING_ROW - 1 + len(register), len(headings) - 1)
    sheet.print_set_up(repeat_rows=HEADING_ROW)


def _used(book: Book) -> set[str]:
    """Paths of the values that move the contracts of the workbook: inputs, series, split, risks that strike them."""
    paths, targets = set(), set(book.pool.economy_series)
    for case in book.selector.cases:
        for instance in (case.pool.economy, *case.pool.instances()):
            paths |= {bound.source.path for bound in instance.inputs.values() if bound.source is not None}
            targets |= set(instance.inputs)
        paths |= {series.source.path for series in case.pool.economy_series.values() if series.source is not None}
    assumptions, project = book.pool.assumptions, book.project
    if project is not None:
        paths |= {value.path for value in project.values.values()}
        if project.financing is not None:
            paths |= {value.path for value in assumptions.financing[project.financing].values()}
    for risk in assumptions.risks:
        if risk.target in targets:
            paths |= {value.path for value in risk.parameters.values() if isinstance(value, Value)}
    return paths | {path for path in assumptions.values if path.startswith("timeline.")}


def _write_value(sheet: Sheet, book: Book, row: int, value: Value) -> None:
    sheet.text(row, 0, value.path, "top_label")
    steps = [f"{day.isoformat()}: {number:g}" for day, number in value.values or ()]
    if value.value is not None:
        sheet.number(row, 1, value.value, "General", "top_static", value.basis)
    else:
        sheet.text(row, 1, "; ".join(steps), "wrapped", value.basis)
    sheet.text(row, 2, unit_name(value.unit, book.translate), "top")
    for column, limit in ((3, value.low), (4, value.high)):
        if limit is not None:
            sheet.number(row, column, limit, "General", "top_static")
    sheet.text(row, 5, value.as_of.isoformat(), "top")
    sources = book.pool.assumptions.sources
    named = [f"{sources[key].title} ({sources[key].publisher})" if key in sources else key for key in value.source]
    titles, note = "; ".join(named), (value.note or "")[:LONGEST_TEXT]
    sheet.text(row, 6, titles, "wrapped")
    sheet.text(row, 7, book.translate(value.basis), "top", value.basis)
    sheet.text(row, 8, note, "wrapped")
    sheet.text(row, 9, f"{value.file}:{value.line}", "top_label")
