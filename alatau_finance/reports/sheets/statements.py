"""The statements of every contract by budget year, live; each row reads a line of the contract's sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xlsxwriter.utility import xl_col_to_name

from alatau_finance.backends.excel import CURRENT, LEFT
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import (
    CONSTANT,
    DATE_ROW,
    FIRST,
    HEADER_ROWS,
    KEY,
    LABEL,
    OPENING,
    TOTAL,
    UNIT,
    YEAR_ROW,
    Block,
    ModelSheet,
    quoted,
)
from alatau_finance.reports.sheet import NOT_AVAILABLE, Cell, Sheet, literal
from alatau_finance.reports.sheets.header import TOLERANCE_ROW, pages_across, write_headings, write_title
from alatau_finance.reports.statements import Item, Statement, statements_of
from alatau_finance.reports.styles import COUNT, SCIENTIFIC, YEAR, number_format

STATE_ROW = HEADER_ROWS + 2
FIRST_ROW = HEADER_ROWS + 4


@dataclass(frozen=True)
class Placed:
    """A statement of one contract with the row of its heading; items, total and measures follow below."""

    model: ModelSheet
    block: Block
    statement: Statement
    heading: int

    @property
    def total(self) -> int:
        """The row of the total; that of the last item where there is none."""
        return self.heading + len(self.statement.items) + (self.statement.total is not None)

    @property
    def end(self) -> int:
        """The last row."""
        return self.total + len(self.statement.metrics)


def placed_statements(book: Book) -> tuple[Placed, ...]:
    """Every statement of every contract of the workbook, in the order of the sheets."""
    placed, row = [], FIRST_ROW
    for model in book.layout.contracts.values():
        for block in model.blocks:
            for statement in statements_of(model.plan):
                placed.append(Placed(model, block, statement, row))
                row = placed[-1].end + 2
    return tuple(placed)


def state_cell(book: Book) -> str:
    """Address of the largest relative difference between a total and its rows."""
    return f"{quoted(book.layout.titles.statements)}${xl_col_to_name(TOTAL)}${STATE_ROW}"


def write_statements(sheet: Sheet, book: Book) -> None:
    """All statements, and above them the one cell that says whether they add up."""
    _ = book.translate
    years = book.layout.years
    sheet.period_columns(periods=years.count)
    note = _("Statements of each contract by budget year; rows with a minus go out or are owed")
    write_title(sheet, book, sheet.name, note, status=True)
    write_headings(sheet, [_("Key"), _("Line"), _("Unit"), _("Constant"), _("Total"), _("Difference")])
    _write_years(sheet, book)
    placed = placed_statements(book)
    _write_state(sheet, book, placed)
    for one in placed:
        _Writer(sheet, book, one).write()
    sheet.hide_dust(years.count)
    sheet.print_set_up(pages_wide=pages_across(years), periods=True)


def _write_years(sheet: Sheet, book: Book) -> None:
    _, years, timing = book.translate, book.layout.years, book.layout.timing
    numbers = book.caches([number + 1.0 for number in range(years.count)])
    sheet.formulas(DATE_ROW, FIRST, years.close(f"=N({LEFT}${DATE_ROW})+1"), numbers, COUNT, "column_heading")
    sheet.text(YEAR_ROW, KEY, " ", "heading")
    sheet.text(YEAR_ROW, LABEL, _("Budget year"), "heading")
    sheet.fill(YEAR_ROW, UNIT, FIRST - 1, "heading")
    year = f"={book.layout.timing_cell(timing.first_year)}+{CURRENT}${DATE_ROW}-1"
    headers = book.caches([float(year) for year in book.pool.calendar.budget_years])
    sheet.formulas(YEAR_ROW, FIRST, years.close(year), headers, YEAR, "column_heading")


def _write_state(sheet: Sheet, book: Book, placed: Sequence[Placed]) -> None:
    """The largest difference of any statement, relative to the largest amount of its total."""
    _ = book.translate
    letter = xl_col_to_name(OPENING)
    sheet.text(
        STATE_ROW, LABEL, _("Largest relative difference between the rows of a statement and its total"), "metric_label"
    )
    misses = f"${letter}${FIRST_ROW}:${letter}${max((one.end for one in placed), default=FIRST_ROW)}"
    worst = f"=MAX({misses})"
    sheet.formula(STATE_ROW, TOTAL, worst, book.cache(0.0), SCIENTIFIC, "metric")
    tolerance = f"{quoted(book.layout.titles.checks)}$D${TOLERANCE_ROW}"
    state = f"=IF(${xl_col_to_name(TOTAL)}${STATE_ROW}<={tolerance},{literal(_('OK'))},{literal(_('FAIL'))})"
    sheet.formula(STATE_ROW, OPENING, state, book.cache(_("OK")), role="result")
    sheet.flag(f"{letter}{STATE_ROW}", _("OK"), _("FAIL"))


@dataclass(frozen=True)
class _Writer:
    """Writes one statement."""

    sheet: Sheet
    book: Book
    placed: Placed

    def write(self) -> None:
        _, sheet, placed = self.book.translate, self.sheet, self.placed
        sheet.text(placed.heading, KEY, placed.block.instance.key, "section_key")
        sheet.text(placed.heading, LABEL, f"{placed.model.title}: {_(placed.statement.title)}", "section")
        sheet.fill(placed.heading, UNIT, OPENING, "section")
        for row, item in enumerate(placed.statement.items, start=placed.heading + 1):
            self.item(row, item, "label")
        if placed.statement.total is not None:
            self.item(placed.total, placed.statement.total, "metric_label", "metric")
            self.difference(placed.total)
        for row, name in enumerate(placed.statement.metrics, start=placed.total + 1):
            self.metric(row, name)

    def item(self, row: int, item: Item, label_role: str, role: str = "import") -> None:
        _, line = self.book.translate, self.placed.model.plan.lines[item.line]
        label = _(line.label)
        told = {"opening": _("opening"), "change": _("change over the year")}
        if item.taken in told:
            label = f"{label}: {told[item.taken]}"
        self.sheet.text(row, KEY, item.line, "key")
        self.sheet.text(row, LABEL, label, label_role)
        self.sheet.unit(row, UNIT, line.unit)
        numbers = number_format(line.unit, item.line, line.label)
        values = [item.sign * value for value in self.by_year(item)]
        if item.taken == "sum" and line.unit.startswith("bn"):
            total = f"=SUM({self.book.layout.years.row(row)})"
            self.sheet.formula(row, TOTAL, total, self.book.cache(sum(values)), numbers)
        formulas = self.book.layout.years.close("=" + "-" * (item.sign < 0) + self.formula(item))
        self.sheet.formulas(row, FIRST, formulas, self.book.caches(values), numbers, role)

    def formula(self, item: Item) -> str:
        """The year of an item out of the periods of its line, columns open."""
        columns, model, timing = self.book.layout.columns, self.placed.model, self.book.layout.timing
        line = columns.row(self.placed.block.rows[item.line], model.prefix)
        years = columns.row(YEAR_ROW, model.prefix)
        last = columns.row(timing.series["last_period_of_year"], quoted(self.book.layout.titles.timing))
        closing = f"SUMIFS({line},{years},{CURRENT}${YEAR_ROW},{last},1)"
        before = f"SUMIFS({line},{years},{CURRENT}${YEAR_ROW}-1,{last},1)"
        if item.taken == "end":
            return closing
        if item.taken == "opening":
            return before
        if item.taken == "change":
            return f"({closing}-{before})"
        if item.flag:
            flag = columns.row(self.placed.block.rows[item.flag], model.prefix)
            return f"SUMIFS({line},{years},{CURRENT}${YEAR_ROW},{flag},1)"
        return f"SUMIF({years},{CURRENT}${YEAR_ROW},{line})"

    def by_year(self, item: Item) -> list[float]:
        """The same in Python."""
        instance, each = self.placed.block.instance, self.book.pool.calendar.periods_per_year
        values = self.book.row(instance, item.line)
        if item.flag:
            flags = self.book.row(instance, item.flag)
            values = [value if flag == 1 else 0.0 for value, flag in zip(values, flags, strict=True)]
        years = [values[start : start + each] for start in range(0, len(values), each)]
        closing = [year[-1] for year in years]
        before = [0.0, *closing[:-1]]
        if item.taken == "sum":
            return [sum(year) for year in years]
        if item.taken == "change":
            return [now - then for now, then in zip(closing, before, strict=True)]
        return closing if item.taken == "end" else before

    def difference(self, row: int) -> None:
        """By how much the rows miss the total, over all years, relative to the largest amount of the total."""
        first, last = self.book.layout.years.first, self.book.layout.years.last
        rows = f"${first}${self.placed.heading + 1}:${last}${row - 1}"
        whole = self.book.layout.years.row(row)
        largest = f"MAX(MAX({whole}),-MIN({whole}))"
        formula = f"=IF({largest}=0,ABS(SUM({rows})),ABS(SUM({rows})-SUM({whole}))/{largest})"
        self.sheet.formula(row, OPENING, formula, self.book.cache(0.0), SCIENTIFIC)

    def metric(self, row: int, name: str) -> None:
        _, model, block = self.book.translate, self.placed.model, self.placed.block
        line, value = model.plan.lines[name], self.book.scalar(block.instance, name)
        self.sheet.text(row, KEY, name, "key")
        self.sheet.text(row, LABEL, _(line.label), "label")
        self.sheet.unit(row, UNIT, line.unit)
        cached: Cell = value if value == value else NOT_AVAILABLE
        link = f"={model.prefix}${xl_col_to_name(CONSTANT)}${block.rows[name]}"
        numbers = number_format(line.unit, name, line.label)
        self.sheet.formula(row, CONSTANT, link, self.book.cache(cached), numbers, "import")


def miss(book: Book) -> float:
    """The largest relative difference as Python has it."""
    return max((_miss(_Writer(None, book, one)) for one in placed_statements(book)), default=0.0)  # type: ignore[arg-type]


def _miss(writer: _Writer) -> float:
    statement = writer.placed.statement
    if statement.total is None:
        return 0.0
    rows = sum(item.sign * sum(writer.by_year(item)) for item in statement.items)
    total = writer.by_year(statement.total)
    largest = max(map(abs, total), default=0.0)
    return abs(rows - sum(total)) / largest if largest else abs(rows)
