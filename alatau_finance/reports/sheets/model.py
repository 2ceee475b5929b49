"""A sheet of calculations: calendar and shared series once at the top, then each instance with its inputs and lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from alatau_finance.backends.excel import CURRENT, LEFT, ExcelFormulas
from alatau_finance.backends.words import Words
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import Constant, WholeLife
from alatau_finance.modelling.model import Gather
from alatau_finance.modelling.plan import PlannedLine
from alatau_finance.reports.book import Book, looked_back_at
from alatau_finance.reports.layout import (
    CONSTANT,
    FIRST,
    HEADER_ROWS,
    KEY,
    LABEL,
    OPENING,
    TOTAL,
    UNIT,
    Block,
    ModelSheet,
    gather_key,
    line_key,
    rate_flows,
)
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.budget_years import HEADROOM
from alatau_finance.reports.sheets.header import pages_across, write_model_header
from alatau_finance.reports.sheets.rates import reason_in_words
from alatau_finance.reports.sheets.scenario_rows import ScenarioRows
from alatau_finance.reports.styles import number_format

#: What writes the row of a given series: (sheet, row, name).
WriteSeries = Callable[[Sheet, int, str], None]


@dataclass(frozen=True)
class _Writer:
    """Writes the rows of one model sheet."""

    sheet: Sheet
    book: Book
    model: ModelSheet
    inputs: Mapping[tuple[str, str], str]
    totals: frozenset[str]
    openings: frozenset[str]

    def label(self, row: int, key: str, label: str, unit: str, role: str = "label") -> None:
        self.sheet.text(row, KEY, key, "key")
        self.sheet.text(row, LABEL, self.book.translate(label), role)
        self.sheet.unit(row, UNIT, unit)

    def total(self, row: int, values: Sequence[float], numbers: str) -> None:
        area = self.book.layout.columns.row(row)
        self.sheet.formula(row, TOTAL, f"=SUM({area})", self.book.cache(sum(values)), numbers)

    def block(self, block: Block) -> None:
        if block.heading:
            self.sheet.text(block.heading, KEY, block.instance.key, "section_key")
            self.sheet.text(block.heading, LABEL, self.book.name_of(block.instance), "section")
            self.sheet.fill(block.heading, UNIT, OPENING, "section")
        formulas = self.book.formulas(self.model, block)
        for name, row in block.rows.items():
            if block.heading:
                self.sheet.group(row)
            if name in self.model.plan.inputs:
                self.input(block, name, row)
            elif name in self.model.plan.gathers:
                self.gather(block, name, row)
            else:
                self.line(block, self.model.plan.lines[name], row, formulas)

    def input(self, block: Block, name: str, row: int) -> None:
        declared = self.model.plan.inputs[name]
        self.label(row, name, declared.label, declared.unit)
        value = self.book.cache(self.book.scalar(block.instance, name))
        numbers = number_format(declared.unit, name, declared.label)
        self.sheet.formula(row, CONSTANT, f"={self.inputs[block.instance.key, name]}", value, numbers, "import")

    def gather(self, block: Block, name: str, row: int) -> None:
        gather = self.model.plan.gathers[name]
        self.label(row, gather_key(gather), gather.label, gather.unit)
        numbers = number_format(gather.unit, name, gather.label)
        if gather.whole_life:
            value = self.book.cache(self.book.scalar(block.instance, name))
            self.sheet.formula(row, CONSTANT, self._sum(gather, row, "$D"), value, numbers, "import")
            return
        values = self.book.row(block.instance, name)
        if name in self.totals:
            self.total(row, values, numbers)
        template = self.book.layout.columns.close(self._sum(gather, row, CURRENT))
        self.sheet.formulas(row, FIRST, template, self.book.caches(values), numbers, "import")

    def _sum(self, gather: Gather, row: int, column: str) -> str:
        """The lines of that key on the sheets of the contracts, added up."""
        sheets = [self.book.layout.contracts[key] for key in gather.contracts if key in self.book.layout.contracts]
        parts = [
            f"SUMIF({s.prefix}$A${s.first_row}:$A${s.last_row},$A{row},{s.prefix}{column}${s.first_row}:{column}${s.last_row})"
            for s in sheets
        ]
        return "=" + ("+".join(parts) or "0")

    def line(self, block: Block, line: PlannedLine, row: int, formulas: ExcelFormulas) -> None:
        role = "label" if line.kind == "line" else "metric_label"
        self.label(row, line_key(block.instance, line.name), line.label, line.unit, role)
        self.note(block, line, row)
        numbers = number_format(line.unit, line.name, line.label)
        if not line.periodic:
            value = self.book.cache(self.book.scalar(block.instance, line.name))
            role = "calculation" if line.kind == "line" else "metric"
            self.sheet.formula(row, CONSTANT, formulas.scalar(line), value, numbers, role)
            self.reason(block, line, row)
            return
        values = self.book.row(block.instance, line.name)
        if line.name in self.totals:
            self.total(row, values, numbers)
        if line.name in self.openings:
            self.opening(block, line, row, formulas, numbers)
        if line.name.endswith(HEADROOM):
            self.sheet.negative(self.book.layout.columns.row(row))
        closed = self.book.layout.columns.close(formulas.template(line))
        self.sheet.formulas(row, FIRST, closed, self.book.caches(values), numbers)

    def note(self, block: Block, line: PlannedLine, row: int) -> None:
        """The formula in words, once for each line: in the first block."""
        if block is not self.model.blocks[0]:
            return
        _, words = self.book.translate, Words(self.model.plan, self.book.translate)
        told = f"= {words.tell(line.formula)}"
        if line.name in self.openings:
            told += "\n" + _("Opening: {opening}").format(opening=words.tell(line.opening))
        self.sheet.note(row, LABEL, told)

    def reason(self, block: Block, line: PlannedLine, row: int) -> None:
        """Beside a rate of return that does not exist, why."""
        flows = next(
            (rate_flows(n) for n in line.formula.walk() if isinstance(n, WholeLife) and n.reducer == "irr"), ""
        )
        if flows:
            cells = self.book.rate_cells(block.instance, flows)
            words = reason_in_words(self.book, self.book.row(block.instance, flows))
            formula = f'=IF({cells.undefined}=0,"",{cells.reason})'
            self.sheet.formula(row, TOTAL, formula, self.book.cache(words), role="import")

    def opening(self, block: Block, line: PlannedLine, row: int, formulas: ExcelFormulas, numbers: str) -> None:
        if isinstance(line.opening, Constant):
            self.sheet.number(row, OPENING, line.opening.value, numbers, "calculation")
        else:
            value = self.book.cache(self.book.scalar(block.instance, line.opening.key))
            self.sheet.formula(row, OPENING, formulas.opening(line), value, numbers)

    def shared(self, write_series: WriteSeries) -> None:
        _ = self.book.translate
        if not self.model.shared:
            return
        self.sheet.text(HEADER_ROWS + 2, KEY, " ", "section")
        self.sheet.text(HEADER_ROWS + 2, LABEL, _("Calendar and shared series"), "section")
        self.sheet.fill(HEADER_ROWS + 2, UNIT, OPENING, "section")
        for name, row in self.model.shared.items():
            unit, label = self._series(name)
            self.label(row, name, label, unit)
            if name not in CALENDAR_SERIES:
                write_series(self.sheet, row, name)
                continue
            link = "=" + self.book.layout.timing_row(self.book.layout.timing.series[name])
            values = self.book.caches(self.book.pool.calendar.series[name])
            numbers = number_format(unit, name, label)
            self.sheet.formulas(row, FIRST, self.book.layout.columns.close(link), values, numbers, "import")

    def _series(self, name: str) -> tuple[str, str]:
        if name in CALENDAR_SERIES:
            return CALENDAR_SERIES[name]
        declared = self.model.plan.series[name]
        return declared.unit, declared.label

    def helpers(self) -> None:
        """Running maxima within the budget year, for lines of which the largest value of a year is reported."""
        _ = self.book.translate
        book, block = self.book, self.model.blocks[0]
        for name, row in self.model.helpers.items():
            line, source = self.model.plan.lines[name], block.rows[name]
            self.label(row, f"{name}_since_january", _(line.label) + ": " + _("largest since 1 January"), line.unit)
            flag = book.layout.timing_row(book.layout.timing.series["first_period_of_year"])
            template = f"=IF({flag}=1,{CURRENT}${source},MAX({LEFT}${row},{CURRENT}${source}))"
            values = running_maximum(book.row(block.instance, name), book.pool.calendar.periods_per_year)
            numbers = number_format(line.unit, name, line.label)
            self.sheet.formulas(row, FIRST, book.layout.columns.close(template), book.caches(values), numbers)


def running_maximum(values: Sequence[float], each: int) -> list[float]:
    """The largest value since the start of each group of ``each`` values."""
    return [max(values[t - t % each : t + 1]) for t in range(len(values))]


def write_model(
    sheet: Sheet,
    book: Book,
    model: ModelSheet,
    inputs: Mapping[tuple[str, str], str],
    write_series: WriteSeries,
    write_below: Callable[[Sheet], None] = lambda sheet: None,
) -> None:
    """The sheet of ``model``.

    ``inputs`` is the address of each scalar input by instance and name; ``write_series`` writes what the model is given
    by period, apart from the calendar; ``write_below`` what stands below everything else.
    """
    _ = book.translate
    writer = _Writer(sheet, book, model, inputs, book.totals[model.plan.key], looked_back_at(model.plan))
    write_model_header(sheet, book, sheet.name, book.translate(model.plan.summary))
    writer.shared(write_series)
    for block in model.blocks:
        writer.block(block)
    writer.helpers()
    write_below(sheet)
    sheet.hide_dust(book.layout.columns.count)
    sheet.print_set_up(pages_wide=pages_across(book.layout.columns), periods=True)


def link_to_economy(book: Book) -> WriteSeries:
    """Writes a shared series as a link to the economy's line of that name."""
    economy = book.layout.economy

    def write(sheet: Sheet, row: int, name: str) -> None:
        line = economy.plan.lines[name]
        template = f"={economy.prefix}{CURRENT}${economy.blocks[0].rows[name]}"
        values = book.caches(book.row(economy.blocks[0].instance, name))
        numbers = number_format(line.unit, name, line.label)
        sheet.formulas(row, FIRST, book.layout.columns.close(template), values, numbers, "import")

    return write


def given_series(book: Book, scenarios: ScenarioRows) -> WriteSeries:
    """Writes a series of the economy as the numbers that this path was given, or as the curve the selector chooses."""
    economy = book.layout.economy.blocks[0].instance

    def write(sheet: Sheet, row: int, name: str) -> None:
        bound = book.pool.economy_series[name]
        basis = bound.source.basis if bound.source else "assumed"
        numbers, values = number_format(bound.unit, name, bound.label), book.row(economy, name)
        if curve := scenarios.curve(name):
            sheet.formulas(row, FIRST, book.layout.columns.close(curve), book.caches(values), numbers)
        else:
            sheet.numbers(row, FIRST, values, numbers, basis)

    return write
