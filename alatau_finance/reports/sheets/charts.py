"""Charts of the pool by budget year, drawn from live cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alatau_finance.i18n import message
from alatau_finance.modelling.expression import Reference
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import LABEL, YEAR_ROW, Columns, quoted, yearly_lines
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.budget_years import by_year, year_rows
from alatau_finance.reports.sheets.header import write_title

#: Titles of the charts that stack the same line of each contract type.
STACKED: Mapping[str, str] = {
    "capex": message("Capital expenditure by contract type"),
    "state_payment": message("Payments by the state by contract type"),
}
#: Lines of the pool that are drawn together as curves, where the pool has them.
CURVES: Sequence[tuple[str, tuple[str, ...]]] = (
    (message("Obligations outstanding"), ("obligations_outstanding",)),
    (message("Payments of the budget year and their ceiling"), ("payments_in_year", "affordability_ceiling")),
)
COLOURS = ("#1F3864", "#C55A11", "#2E8B57", "#7F7F7F", "#BF9000", "#7030A0")
WIDTH, HEIGHT, ROWS_EACH = 1100, 420, 23
#: bn KZT that no chart shows.
NEGLIGIBLE = 1e-6
PRINT_SCALE = 65  # percent; two charts fill an A4 page


def stacked_families(book: Book) -> dict[str, dict[str, str]]:
    """Contract line -> {contract type: pool line}, for yearly lines that are just one contract type's gathered line."""
    plan = book.layout.pool.plan
    families: dict[str, dict[str, str]] = {}
    for name in yearly_lines(plan):
        formula = plan.lines[name].formula
        gather = plan.gathers.get(formula.name) if isinstance(formula, Reference) else None
        if gather and len(gather.contracts) == 1 and gather.contracts[0] in book.layout.contracts:
            families.setdefault(gather.line, {}).setdefault(gather.contracts[0], name)
    return {line: members for line, members in families.items() if line in STACKED and len(members) > 1}


def horizon(book: Book) -> int:
    """How many budget years are drawn: the programme, and after it as long as this path pays or owes anything."""
    calendar, names = book.pool.calendar, [n for members in stacked_families(book).values() for n in members.values()]
    names += [name for name in CURVES[0][1] if name in year_rows(book)]
    rows = [book.row(book.layout.pool.blocks[0].instance, name) for name in names]
    busy = [t // calendar.periods_per_year for row in rows for t, value in enumerate(row) if abs(value) > NEGLIGIBLE]
    return max([calendar.last_year - calendar.first_year, *busy]) + 1


def write_charts(sheet: Sheet, book: Book, workbook: Any) -> int:
    """Stacked columns for each family of lines, curves for the rest. Returns how many charts there are."""
    _ = book.translate
    write_title(sheet, book, sheet.name, _("By budget year, bn KZT, from the sheet of budget years"))
    charts = []
    for line, members in stacked_families(book).items():
        chart = workbook.add_chart({"type": "column", "subtype": "stacked"})
        for colour, (key, name) in zip(COLOURS, members.items(), strict=False):
            _add_series(chart, book, name, book.layout.contracts[key].title, {"fill": {"color": colour}, "gap": 40})
        charts.append((chart, _(STACKED[line])))
    rows = year_rows(book)
    for title, names in CURVES:
        present = [name for name in names if name in rows]
        if not present:
            continue
        chart = workbook.add_chart({"type": "line"})
        for colour, name in zip(COLOURS, present, strict=False):
            label = _(book.layout.pool.plan.lines[name].label)
            _add_series(chart, book, name, label, {"line": {"color": colour, "width": 2.25}})
        charts.append((chart, _(title)))
    for number, (chart, title) in enumerate(charts):
        _finish(chart, title)
        sheet.worksheet.insert_chart(3 + number * ROWS_EACH, LABEL, chart, {"object_position": 1})
    sheet.columns(0, 0, 12)
    sheet.print_set_up(repeat_rows=0, pages_wide=0)
    sheet.worksheet.set_print_scale(PRINT_SCALE)
    sheet.worksheet.set_h_pagebreaks([3 + number * ROWS_EACH for number in range(2, len(charts), 2)])
    return len(charts)


def _add_series(chart: Any, book: Book, name: str, label: str, look: Mapping[str, object]) -> None:
    """A series of live cells; the numbers are passed too, so that a viewer that does not calculate can draw it."""
    row, prefix, years = year_rows(book)[name], quoted(book.layout.titles.years), Columns(horizon(book))
    line, calendar = book.layout.pool.plan.lines[name], book.pool.calendar
    row_values = book.row(book.layout.pool.blocks[0].instance, name)
    values = by_year(row_values, line.yearly or "sum", calendar.periods_per_year)[: years.count]
    chart.add_series(
        {
            "name": label,
            "categories": "=" + years.row(YEAR_ROW, prefix),
            "values": "=" + years.row(row, prefix),
            "categories_data": list(calendar.budget_years[: years.count]),
            "values_data": list(book.caches(values)),
            **look,
        }
    )


def _finish(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 13}, "overlay": False})
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"num_font": {"rotation": -90, "size": 8}, "num_format": "0"})
    chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_size({"width": WIDTH, "height": HEIGHT})
