"""How the figures of one measure came to be what they are, by the number of paths: a table and a native chart."""

from __future__ import annotations

from typing import Any

from alatau_finance.reports.book import Book
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.styles import simulated_format

_PATHS, _FIRST = 2, 3
_ROWS_OF_CHART = 20


def write_convergence(sheet: Sheet, book: Book, workbook: Any, row: int) -> None:
    """Table of ``book.convergence``, which is of one measure, from ``row`` on, the chart below it."""
    _ = book.translate
    name = book.convergence[0].metric
    label, unit = next((m.label, m.unit) for m in book.summary if m.name == name)
    figures = list(dict.fromkeys(point.figure for point in book.convergence))
    found = {(point.paths, point.figure): point.estimate for point in book.convergence}
    lengths = list(dict.fromkeys(point.paths for point in book.convergence))
    sheet.text(row, 0, name, "key")
    sheet.text(row, 1, _("Convergence: {measure}").format(measure=_(label)), "heading")
    sheet.text(row, _PATHS, _("Paths"), "column_heading")
    for number, figure in enumerate(figures):
        shown = _("Mean") if figure == "mean" else figure
        sheet.text(row, _FIRST + 2 * number, shown, "column_heading")
        sheet.text(row, _FIRST + 2 * number + 1, _("± s.e."), "column_heading")
    numbers = simulated_format(unit, name, label)
    for at, length in enumerate(lengths, start=row + 1):
        sheet.number(at, _PATHS, float(length), "#,##0", "static")
        for number, figure in enumerate(figures):
            estimate = found[length, figure]
            sheet.number(at, _FIRST + 2 * number, estimate.figure, numbers, "static")
            sheet.number(at, _FIRST + 2 * number + 1, estimate.standard_error, numbers, "static")
    _chart(sheet, book, workbook, row, len(lengths), figures)


def _chart(sheet: Sheet, book: Book, workbook: Any, row: int, count: int, figures: list[str]) -> None:
    """Each figure over the number of paths, which doubles from row to row, so its axis is logarithmic."""
    _ = book.translate
    chart = workbook.add_chart({"type": "scatter", "subtype": "straight_with_markers"})
    for number, figure in enumerate(figures):
        column = _FIRST + 2 * number
        chart.add_series(
            {
                "name": _("Mean") if figure == "mean" else figure,
                "categories": [sheet.name, row, _PATHS, row + count - 1, _PATHS],
                "values": [sheet.name, row, column, row + count - 1, column],
            }
        )
    chart.set_title({"name": _("Convergence by number of paths"), "name_font": {"size": 13}, "overlay": False})
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"log_base": 10, "num_format": "#,##0", "name": _("Paths")})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_size({"width": 900, "height": 20 * _ROWS_OF_CHART})
    sheet.worksheet.insert_chart(row + count + 1, 1, chart, {"object_position": 1})
