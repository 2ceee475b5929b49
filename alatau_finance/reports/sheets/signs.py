"""How often the flows of each rate of return, and what they add up to, change sign: whether they have one rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from alatau_finance.backends.excel import CURRENT, LEFT
from alatau_finance.backends.functions import changes_of_sign, rounding_of, runs_of_sign
from alatau_finance.modelling.expression import WholeLife
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import (
    CONSTANT,
    FIRST,
    KEY,
    LABEL,
    OPENING,
    UNIT,
    Block,
    ModelSheet,
    SignRows,
    irr_nodes,
    rate_flows,
)
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.header import pages_across, write_model_header
from alatau_finance.reports.sheets.rates import bisection, lowest_rate
from alatau_finance.reports.styles import COUNT, SCIENTIFIC, number_format


def write_signs(sheet: Sheet, book: Book) -> None:
    """For each rate of return: what is rounding, runs of one sign, the same of cumulative flows, and the bracket."""
    _ = book.translate
    note = _("One rate: flows change sign once. One rate above 0: cumulative flows do, and do not end at 0")
    write_model_header(sheet, book, sheet.name, note)
    for model, block in book.layout.blocks():
        for name, node in irr_nodes(model.plan):
            _Writer(sheet, book, model, block, rate_flows(node)).write(model.plan.lines[name].label, node)
    sheet.print_set_up(pages_wide=pages_across(book.layout.columns), periods=True)


@dataclass(frozen=True)
class _Writer:
    """Writes the rows of one rate of return; ``flows`` is the line whose rate it is."""

    sheet: Sheet
    book: Book
    model: ModelSheet
    block: Block
    flows: str

    @property
    def rows(self) -> SignRows:
        return self.book.layout.signs[self.block.instance.key, self.flows]

    def write(self, label: str, node: WholeLife) -> None:
        _, key = self.book.translate, f"{self.block.instance.key}|{node.key}"
        self.sheet.text(self.rows.heading, KEY, key, "section_key")
        heading = f"{self.book.name_of(self.block.instance)}: {_(label)}"
        self.sheet.text(self.rows.heading, LABEL, heading, "section")
        self.sheet.fill(self.rows.heading, UNIT, OPENING, "section")
        values = self.book.row(self.block.instance, self.flows)
        rounding = rounding_of(values)
        counted = [value if abs(value) > rounding else 0.0 for value in values]
        source = self.model.place(self.block, self.flows).row
        flow = f"{self.model.prefix}{CURRENT}${source}"
        self._rounding(self.book.layout.columns.row(source, self.model.prefix), rounding)
        text = _("Runs of flows of one sign so far (minus: the last is negative); changes of sign")
        self._runs(self.rows.runs, text, flow, counted, rounding)
        self._cumulative(flow, counted)
        text = _("Runs of cumulative flows of one sign so far (minus: the last is negative); changes of sign")
        cumulative = f"{CURRENT}${self.rows.cumulative}"
        self._runs(self.rows.cumulative_runs, text, cumulative, list(accumulate(counted)), rounding)
        self._bracket(self.book.layout.columns.row(source, self.model.prefix), values)

    def _rounding(self, area: str, value: float) -> None:
        _, row, timing = self.book.translate, self.rows.rounding, self.book.layout.timing
        self.sheet.text(row, LABEL, _("Amounts up to this are rounding"), "label")
        self.sheet.unit(row, UNIT, self._unit)
        formula = f"={self.book.layout.timing_cell(timing.rounding)}*MAX(MAX({area}),-MIN({area}))"
        self.sheet.formula(row, CONSTANT, formula, self.book.cache(value), SCIENTIFIC, "import")

    def _runs(self, row: int, label: str, value: str, values: Sequence[float], rounding: float) -> None:
        """Period by period, and in the constant column how often the sign changes."""
        columns = self.book.layout.columns
        self.sheet.text(row, LABEL, label, "label")
        changes = f"=MAX(ABS({columns.last}{row})-1,0)"
        cached = float(changes_of_sign(values, rounding))
        self.sheet.formula(row, CONSTANT, changes, self.book.cache(cached), COUNT)
        self.sheet.number(row, OPENING, 0.0, COUNT, "calculation")
        before = f"{LEFT}${row}"
        template = (
            f"=IF(ABS({value})<=$D${self.rows.rounding},{before},"
            f"IF({before}*SIGN({value})>0,{before},SIGN({value})-{before}))"
        )
        runs = self.book.caches(runs_of_sign(values, rounding))
        self.sheet.formulas(row, FIRST, columns.close(template), runs, COUNT)

    def _cumulative(self, flow: str, counted: Sequence[float]) -> None:
        _, row, smallest = self.book.translate, self.rows.cumulative, f"$D${self.rows.rounding}"
        self.sheet.text(row, LABEL, _("Cumulative flows"), "label")
        self.sheet.unit(row, UNIT, self._unit)
        self.sheet.number(row, OPENING, 0.0, COUNT, "calculation")
        template = f"={LEFT}${row}+IF(ABS({flow})<={smallest},0,{flow})"
        totals = self.book.caches(list(accumulate(counted)))
        numbers = number_format(self._unit, self.flows)
        self.sheet.formulas(row, FIRST, self.book.layout.columns.close(template), totals, numbers, "import")

    def _bracket(self, area: str, values: Sequence[float]) -> None:
        _, rows, timing = self.book.translate, self.rows, self.book.layout.timing
        lowest, highest = (self.book.layout.timing_cell(row) for row in (timing.lowest_rate, timing.highest_rate))
        once = f"=IF($D${rows.runs}=1,{lowest},0)"
        at_lowest, bracket, _guesses = bisection(values)
        for row, label, unit, formula, value, numbers in (
            (rows.lowest, _("Lowest rate of return looked for, per period"), "1", once, lowest_rate(values), "0.0%"),
            (
                rows.at_lowest,
                _("Sign of the net present value at the lowest rate"),
                "1",
                f"=SIGN(NPV($D${rows.lowest},{area}))",
                at_lowest,
                COUNT,
            ),
            (
                rows.bracket,
                _("That times its sign at the highest rate: 1 where the rate is out of reach"),
                "1",
                f"=$D${rows.at_lowest}*SIGN(NPV({highest},{area}))",
                bracket,
                COUNT,
            ),
        ):
            self.sheet.text(row, LABEL, label, "label")
            self.sheet.unit(row, UNIT, unit)
            self.sheet.formula(row, CONSTANT, formula, self.book.cache(value), numbers, "import")

    @property
    def _unit(self) -> str:
        plan = self.model.plan
        return plan.lines[self.flows].unit if self.flows in plan.lines else plan.series[self.flows].unit
