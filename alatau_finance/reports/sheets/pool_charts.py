"""Charts of the pool: capital expenditure, payments, their fan and ceiling, obligations, works done, the premium."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from alatau_finance.backends.excel import CURRENT, LEFT
from alatau_finance.i18n import message, unit_name
from alatau_finance.modelling.expression import Reference
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import quoted, yearly_lines
from alatau_finance.reports.sheets.budget_years import by_year, year_rows
from alatau_finance.reports.sheets.chart_data import Data, Picture
from alatau_finance.reports.sheets.drawing import COLOURS, LIMIT, Drawn, chart, drawn_line, filled, finish, unseen
from alatau_finance.reports.sheets.monte_carlo import fan_rows
from alatau_finance.reports.sheets.premium import premium_chart
from alatau_finance.reports.sheets.tornado import tornado
from alatau_finance.reports.styles import number_format

#: Titles of the charts that stack the same line of each contract type.
STACKED: Mapping[str, str] = {
    "capex": message("Capital expenditure by contract type"),
    "state_payment": message("Payments by the state by contract type"),
}
#: bn KZT that no chart shows.
NEGLIGIBLE = 1e-6
_OWED = ("obligations_outstanding", "obligations_committed", "obligation_headroom")
_PAID = ("payments_in_year", "affordability_ceiling")
_WORKS = ("planned_cost", "capex_total")
_BANDS = ("#BDD0E9", "#7FA3D1", "#BDD0E9")


def pool_charts(book: Book) -> list[Picture]:
    """Every chart for which the pool has lines."""
    _, rows, found = book.translate, year_rows(book), list[Picture]()
    for line, members in stacked_families(book).items():
        found.append(Picture(lambda data, row, t=STACKED[line], m=members: (_stacked(data, t, m), row)))  # type: ignore[misc]
    if fan_rows(book):
        found.append(Picture(lambda data, row: (_fan(data), row)))
    if all(name in rows for name in _PAID):
        found.append(
            Picture(lambda data, row: (_curves(data, _("Payments of the budget year and their ceiling")), row))
        )
    if "obligations_outstanding" in rows:
        found.append(Picture(_obligations))
    if all(name in rows and sum(yearly(book, name)) > 0 for name in _WORKS):
        found.append(Picture(_works))
    if premium := premium_chart(book):
        found.append(Picture(premium))
    if book.swings:
        found.append(Picture(lambda data, row: (tornado(data), row)))
    return found


def yearly(book: Book, name: str) -> list[float]:
    """A line of the pool by budget year."""
    line = book.layout.pool.plan.lines[name]
    row = book.row(book.layout.pool.blocks[0].instance, name)
    return by_year(row, line.yearly or "sum", book.pool.calendar.periods_per_year)


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
    names += [name for name in _OWED[:1] if name in year_rows(book)]
    rows = [book.row(book.layout.pool.blocks[0].instance, name) for name in names]
    busy = [t // calendar.periods_per_year for row in rows for t, value in enumerate(row) if abs(value) > NEGLIGIBLE]
    return max([calendar.last_year - calendar.first_year, *busy]) + 1


def _line(data: Data, name: str, label: str, look: Mapping[str, object]) -> Drawn:
    book = data.book
    years = book.layout.titles.years
    return data.series(year_rows(book)[name], label, yearly(book, name), horizon(book), look, years)


def _label(data: Data, name: str) -> str:
    return data.book.translate(data.book.layout.pool.plan.lines[name].label)


def _finish(data: Data, made: Any, title: str) -> Any:
    """Amounts that are never below 0, by budget year."""
    _ = data.book.translate
    finish(made, title, _("Budget year"), unit_name("bn KZT", _), from_zero=True)
    return made


def _stacked(data: Data, title: str, members: Mapping[str, str]) -> Any:
    book = data.book
    series = [
        _line(data, name, book.layout.contracts[key].title, filled(colour))
        for colour, (key, name) in zip(COLOURS, members.items(), strict=False)
    ]
    return _finish(data, chart(data.workbook, "column", series), book.translate(title))


def _curves(data: Data, title: str) -> Any:
    looks = (drawn_line(COLOURS[0]), drawn_line(LIMIT, dashed=True))
    series = [_line(data, name, _label(data, name), look) for name, look in zip(_PAID, looks, strict=True)]
    return _finish(data, chart(data.workbook, "line", series), title)


def _fan(data: Data) -> Any:
    """Payments of the simulation: P10 to P25, to P75, to P90 as bands, the median and the mean of the ceiling."""
    _, book, rows = data.book.translate, data.book, fan_rows(data.book)
    first, count = min(rows.values()), min(horizon(book), len(rows))
    fans = list(rows)[:count]
    prefix = quoted(book.layout.titles.monte_carlo)

    def column(letter: str, name: str, values: Sequence[float], look: Mapping[str, object]) -> Drawn:
        area = f"{prefix}${{0}}${first}:${{0}}${first + count - 1}"
        return Drawn(name, area.format("C"), area.format(letter), [fan.year for fan in fans], list(values), look)

    bands = [
        column("D", "P10", [fan.p10 for fan in fans], unseen()),
        column("I", _("P10 to P25"), [fan.p25 - fan.p10 for fan in fans], filled(_BANDS[0])),
        column("J", _("P25 to P75"), [fan.p75 - fan.p25 for fan in fans], filled(_BANDS[1])),
        column("K", _("P75 to P90"), [fan.p90 - fan.p75 for fan in fans], filled(_BANDS[2])),
    ]
    lines = [column("F", _("Median"), [fan.p50 for fan in fans], drawn_line(COLOURS[0]))]
    if all(fan.ceiling is not None for fan in fans):
        ceiling = [fan.ceiling or 0.0 for fan in fans]
        lines.append(column("L", _("Mean of the ceiling"), ceiling, drawn_line(LIMIT, dashed=True)))
    made = _finish(
        data,
        chart(data.workbook, "area", bands, lines),
        _("Payments by the state in the simulation, P10 to P90 (static)"),
    )
    made.set_legend({"position": "bottom", "delete_series": [0]})
    return made


def _obligations(data: Data, row: int) -> tuple[Any, int]:
    """What is owed and what is committed by signing, stacked, against the limit on both."""
    _, book, rows = data.book.translate, data.book, year_rows(data.book)
    title = _("Obligations outstanding and committed, and their limit")
    names = [name for name in _OWED[:2] if name in rows]
    series = [
        _line(data, name, _label(data, name), filled(colour)) for name, colour in zip(names, COLOURS, strict=False)
    ]
    if not all(name in rows for name in _OWED):
        return _finish(data, chart(data.workbook, "column", series), _("Obligations outstanding")), row
    label, prefix = _("Limit: outstanding, committed and headroom"), quoted(book.layout.titles.years)
    template = "=" + "+".join(f"{prefix}{CURRENT}${rows[name]}" for name in _OWED)
    values = [sum(parts) for parts in zip(*(yearly(book, name) for name in _OWED), strict=True)]
    data.row(row, label, "bn KZT", template, values, number_format("bn KZT"))
    limit = data.series(row, _("Limit"), values, horizon(book), drawn_line(LIMIT, dashed=True))
    return _finish(data, chart(data.workbook, "column", series, [limit]), title), row + 1


def _works(data: Data, row: int) -> tuple[Any, int]:
    """The planned cost and what is spent, cumulative, each as a share of its total."""
    _, book, rows = data.book.translate, data.book, year_rows(data.book)
    labels = (_("Planned cost so far, share of its total"), _("Capital expenditure so far, share of its total"))
    prefix, series = quoted(book.layout.titles.years), []
    for name, label, colour in zip(_WORKS, labels, COLOURS, strict=False):
        whole = book.layout.years.row(rows[name], prefix)
        template = f"=N({LEFT}${row})+IF(SUM({whole})=0,0,{prefix}{CURRENT}${rows[name]}/SUM({whole}))"
        amounts = yearly(book, name)
        values = list(accumulate(amount / sum(amounts) for amount in amounts))
        data.row(row, label, "1", template, values, "0.0%")
        series.append(data.series(row, label, values, horizon(book), drawn_line(colour)))
        row += 1
    made = chart(data.workbook, "line", series)
    finish(made, _("Works: planned and carried out"), _("Budget year"), _("Share of the total"), numbers="0%")
    return made, row
