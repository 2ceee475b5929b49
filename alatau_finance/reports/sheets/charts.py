"""The sheet of charts: of the pool by budget year, or of one project; below them, live, what they draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import HEADER_ROWS, KEY, LABEL, OPENING, UNIT
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.chart_data import Data, Picture, year_header
from alatau_finance.reports.sheets.header import write_title
from alatau_finance.reports.sheets.pool_charts import pool_charts
from alatau_finance.reports.sheets.project_charts import project_charts

ROWS_EACH = 23
PRINT_SCALE = 65  # percent; two charts fill an A4 page


def write_charts(sheet: Sheet, book: Book, workbook: Any) -> int:
    """Every chart that the contracts of the workbook have something for. Returns how many there are."""
    _ = book.translate
    sheet.period_columns(periods=book.layout.years.count)
    sheet.worksheet.freeze_panes(0, 0)
    told = _("Drawn from live cells; what is computed for the charts alone stands below them")
    write_title(sheet, book, sheet.name, told)
    pictures = pool_charts(book) if book.layout.whole is not None else project_charts(book)
    data = Data(sheet, book, workbook, HEADER_ROWS + len(pictures) * ROWS_EACH + 2)
    charts = _draw(data, pictures)
    for number, chart in enumerate(charts):
        sheet.worksheet.insert_chart(
            HEADER_ROWS - 1 + number * ROWS_EACH, KEY, chart, {"object_position": 1, "y_offset": 4}
        )
    sheet.hide_dust(book.layout.years.count)
    sheet.print_set_up(repeat_rows=0, pages_wide=0)
    sheet.worksheet.set_print_scale(PRINT_SCALE)
    sheet.worksheet.set_h_pagebreaks([HEADER_ROWS - 1 + number * ROWS_EACH for number in range(2, len(charts) + 2, 2)])
    return len(charts)


def _draw(data: Data, pictures: Sequence[Picture]) -> list[Any]:
    _ = data.book.translate
    row = data.first
    data.sheet.text(row, KEY, " ", "section")
    data.sheet.text(row, LABEL, _("What the charts draw"), "section")
    data.sheet.fill(row, UNIT, OPENING, "section")
    year_header(data, row + 1)
    row += 2
    charts = []
    for picture in pictures:
        chart, row = picture.draw(data, row)
        charts.append(chart)
    return charts
