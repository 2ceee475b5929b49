"""Charts of one project: works, what it costs and is paid, cover of its debt, the premium, and what moves them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alatau_finance.backends.excel import CURRENT
from alatau_finance.i18n import message, unit_name
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import DATE_ROW, YEAR_ROW, Block, Columns, ModelSheet, quoted
from alatau_finance.reports.sheets.budget_years import by_year
from alatau_finance.reports.sheets.chart_data import Data, Picture
from alatau_finance.reports.sheets.drawing import (
    COLOURS,
    Drawn,
    chart,
    drawn_line,
    filled,
    finish,
)
from alatau_finance.reports.sheets.header import serial_day
from alatau_finance.reports.sheets.premium import premium_chart
from alatau_finance.reports.sheets.tornado import tornado
from alatau_finance.reports.styles import number_format

#: Lines of contracts that are stacked by budget year.
YEARLY = (
    ("capex", message("Capital expenditure by contract type")),
    ("state_payment", message("Payments by the state by contract type")),
    ("obligation_outstanding", message("Obligations outstanding")),
)
#: Taken at the end of the year; all others are added up over it.
BALANCES = frozenset(("obligation_outstanding",))
NEGLIGIBLE = 1e-6
_COVER = ("dscr", "llcr")


def project_charts(book: Book) -> list[Picture]:
    """Every chart for which a contract of the project has lines that are not 0."""
    found = [Picture(lambda data, row: (_works(data), row))] if _built(book, "progress") else []
    for line, title in YEARLY:
        if blocks := _built(book, line):
            found.append(Picture(lambda data, row, a=line, t=title, b=blocks: _by_year(data, row, a, t, b)))  # type: ignore[misc]
    for model, block in _built(book, "dscr"):
        found.append(Picture(lambda data, row, m=model, b=block: (_cover(data, m, b), row)))  # type: ignore[misc]
    if premium := premium_chart(book):
        found.append(Picture(premium))
    if book.swings:
        found.append(Picture(lambda data, row: (tornado(data), row)))
    return found


def _built(book: Book, line: str) -> list[tuple[ModelSheet, Block]]:
    """Contracts that have a line which is not 0 throughout, and works: a share of 0 leaves none."""
    return [
        (model, block)
        for model, block in book.layout.blocks()
        if {line, "capex"} <= set(model.plan.lines)
        and all(any(abs(v) > NEGLIGIBLE for v in book.row(block.instance, name)) for name in (line, "capex"))
    ]


def _yearly(book: Book, block: Block, line: str) -> list[float]:
    how = "end" if line in BALANCES else "sum"
    return by_year(book.row(block.instance, line), how, book.pool.calendar.periods_per_year)


def _horizon(book: Book) -> int:
    """How many budget years are drawn: as long as anything is built, paid or owed."""
    rows = [_yearly(book, block, line) for line, _title in YEARLY for _m, block in _built(book, line)]
    return max([year for row in rows for year, value in enumerate(row) if abs(value) > NEGLIGIBLE], default=0) + 1


def _by_year(
    data: Data, row: int, line: str, title: str, blocks: Sequence[tuple[ModelSheet, Block]]
) -> tuple[Any, int]:
    """One stacked column a year, a colour for each contract type."""
    _, book, series = data.book.translate, data.book, []
    for colour, (model, block) in zip(COLOURS, blocks, strict=False):
        columns, values = book.layout.columns, _yearly(book, block, line)
        years, cells = columns.row(YEAR_ROW, model.prefix), columns.row(block.rows[line], model.prefix)
        template = f"=SUMIF({years},{CURRENT}${data.years_row},{cells})"
        if line in BALANCES:
            last = book.layout.timing.series["last_period_of_year"]
            flags = columns.row(last, quoted(book.layout.titles.timing))
            template = f"=SUMIFS({cells},{years},{CURRENT}${data.years_row},{flags},1)"
        label = f"{model.title}: {_(model.plan.lines[line].label)}"
        data.row(row, label, "bn KZT", template, values, number_format("bn KZT"))
        series.append(data.series(row, model.title, values, _horizon(book), filled(colour)))
        row += 1
    made = chart(data.workbook, "column", series)
    finish(made, _(title), _("Budget year"), unit_name("bn KZT", _), numbers="#,##0.0")
    return made, row


def _periods(data: Data, model: ModelSheet, block: Block, name: str, span: range, look: Any, label: str) -> Drawn:
    """A line of a contract over some of its periods, counted from 0."""
    book, columns = data.book, Columns(data.book.layout.columns.count)
    first, last = columns.letters[span.start], columns.letters[span.stop - 1]
    values = list(book.row(block.instance, name))[span.start : span.stop]
    days = [serial_day(book.pool.calendar.start_of(t)) for t in span]
    return Drawn(
        label,
        f"{model.prefix}${first}${DATE_ROW}:${last}${DATE_ROW}",
        f"{model.prefix}${first}${block.rows[name]}:${last}${block.rows[name]}",
        days,
        list(book.caches(values)),
        look,
    )


def _span(rows: Sequence[Sequence[float]]) -> range:
    """From a period before the first value that is not 0 to one after the last of any row."""
    busy = [t for row in rows for t, value in enumerate(row) if abs(value) > NEGLIGIBLE]
    length = max(map(len, rows))
    return range(max(min(busy, default=0) - 1, 0), min(max(busy, default=0) + 2, length))


def _works(data: Data) -> Any:
    """The S-curve: the share of the works that is complete, planned and as this path has it."""
    _, book, series = data.book.translate, data.book, []
    blocks = _built(book, "progress")
    capex = [book.row(block.instance, "capex") for _model, block in blocks]
    span = _span(capex)
    planned = next(((m, b) for m, b in blocks if "planned_progress" in m.plan.lines), None)
    if planned is not None:
        look = drawn_line(COLOURS[3], dashed=True)
        series.append(_periods(data, *planned, "planned_progress", span, look, _("Planned")))
    for colour, (model, block) in zip(COLOURS, blocks, strict=False):
        series.append(_periods(data, model, block, "progress", span, drawn_line(colour), model.title))
    made = chart(data.workbook, "line", series)
    title = _("Works complete, share of the whole, end of period")
    finish(made, title, _("Start of the period"), _("Share of the whole"), numbers="0%", dates="yyyy-mm")
    return made


def _cover(data: Data, model: ModelSheet, block: Block) -> Any:
    """Cover of the debt while there is debt service."""
    _, book = data.book.translate, data.book
    span = _span([book.row(block.instance, "dscr")])
    span = range(span.start + 1, max(span.stop - 1, span.start + 2))
    series = [
        _periods(data, model, block, name, span, drawn_line(colour), _(model.plan.lines[name].label))
        for name, colour in zip(_COVER, (COLOURS[0], COLOURS[1]), strict=True)
        if name in model.plan.lines
    ]
    made = chart(data.workbook, "line", series)
    title = _("Cover of the debt: {contract}").format(contract=model.title)
    finish(made, title, _("Start of the period"), _("Times"), numbers="0.00", dates="yyyy-mm", from_zero=True)
    return made
