"""The pool by budget year: periods added, the last or the largest one taken, as each line says."""

from __future__ import annotations

from collections.abc import Sequence

from alatau_finance.backends.excel import CURRENT, LEFT
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import DATE_ROW, FIRST, HEADER_ROWS, KEY, LABEL, TOTAL, UNIT, YEAR_ROW, yearly_lines
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.header import pages_across, write_headings, write_title
from alatau_finance.reports.styles import COUNT, YEAR, number_format

#: How lines end that say how much is left under a ceiling.
HEADROOM = "_headroom"


def year_rows(book: Book) -> dict[str, int]:
    """The row of each yearly line of the pool."""
    return {name: HEADER_ROWS + 2 + number for number, name in enumerate(yearly_lines(book.layout.pool.plan))}


def by_year(values: Sequence[float], how: str, each: int) -> list[float]:
    """One value for each ``each`` periods: their ``sum``, the ``end`` or the ``max``."""
    years = [values[start : start + each] for start in range(0, len(values), each)]
    if how == "end":
        return [year[-1] for year in years]
    return [sum(year) if how == "sum" else max(year) for year in years]


def write_budget_years(sheet: Sheet, book: Book) -> None:
    """One row for each yearly line, one column for each budget year."""
    _ = book.translate
    years, timing = book.layout.years, book.layout.timing
    sheet.period_columns(periods=years.count)
    write_title(sheet, book, sheet.name, _("The pool by budget year"), status=True)
    write_headings(sheet, [_("Key"), _("Line"), _("Unit"), _("Taken"), _("Total"), " "])
    numbers = [number + 1.0 for number in range(years.count)]
    sheet.formulas(
        DATE_ROW, FIRST, years.close(f"=N({LEFT}${DATE_ROW})+1"), book.caches(numbers), COUNT, "column_heading"
    )
    sheet.text(YEAR_ROW, KEY, " ", "heading")
    sheet.text(YEAR_ROW, LABEL, _("Budget year"), "heading")
    sheet.fill(YEAR_ROW, UNIT, FIRST - 1, "heading")
    headers = [float(year) for year in book.pool.calendar.budget_years]
    year = f"={book.layout.timing_cell(timing.first_year)}+{CURRENT}${DATE_ROW}-1"
    sheet.formulas(YEAR_ROW, FIRST, years.close(year), book.caches(headers), YEAR, "column_heading")
    for name, row in year_rows(book).items():
        _write_line(sheet, book, name, row)
    sheet.hide_dust(years.count)
    sheet.print_set_up(pages_wide=pages_across(years), periods=True)


def _write_line(sheet: Sheet, book: Book, name: str, row: int) -> None:
    _ = book.translate
    taken = {"sum": _("sum"), "end": _("end of year"), "max": _("largest")}
    block, line = book.layout.pool.blocks[0], book.layout.pool.plan.lines[name]
    how = line.yearly or "sum"
    sheet.text(row, KEY, name, "key")
    sheet.text(row, LABEL, _(line.label), "label")
    sheet.unit(row, UNIT, line.unit)
    sheet.text(row, UNIT + 1, taken[how], "unit")
    numbers = number_format(line.unit, name, line.label)
    values = by_year(book.row(block.instance, name), how, book.pool.calendar.periods_per_year)
    if how == "sum":
        total = f"=SUM({book.layout.years.row(row)})"
        sheet.formula(row, TOTAL, total, book.cache(sum(values)), numbers)
    formulas = book.layout.years.close(_template(book, name, how))
    sheet.formulas(row, FIRST, formulas, book.caches(values), numbers, "import")
    if name.endswith(HEADROOM):
        sheet.negative(book.layout.years.row(row))


def _template(book: Book, name: str, how: str) -> str:
    columns, timing, pool = book.layout.columns, book.layout.timing, book.layout.pool
    headers = columns.row(YEAR_ROW, pool.prefix)
    if how == "sum":
        return f"=SUMIF({headers},{CURRENT}${YEAR_ROW},{columns.row(pool.blocks[0].rows[name], pool.prefix)})"
    # The largest value of a year is what its running maximum has reached in the last period.
    row = pool.helpers[name] if how == "max" else pool.blocks[0].rows[name]
    last = columns.row(timing.series["last_period_of_year"], book.layout.timing_cell(1).partition("$")[0])
    return f"=SUMIFS({columns.row(row, pool.prefix)},{headers},{CURRENT}${YEAR_ROW},{last},1)"
