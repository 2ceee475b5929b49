"""Where rates of return are looked for: whether there is one, and a bisection whose last step is the guess of IRR."""

from __future__ import annotations

from collections.abc import Sequence

from alatau_finance.backends.excel import CURRENT, LEFT
from alatau_finance.backends.functions import (
    DEFINED,
    ONE_SIGN,
    OUT_OF_REACH,
    SEVERAL_RATES,
    changes_of_sign,
    internal_rate_undefined,
    rounding_of,
)
from alatau_finance.i18n import message
from alatau_finance.modelling.expression import WholeLife
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import (
    CONSTANT,
    DATE_ROW,
    FIRST,
    KEY,
    LABEL,
    OPENING,
    RATE_STEPS,
    REASON_ROW,
    TOTAL,
    UNIT,
    YEAR_ROW,
    Block,
    ModelSheet,
    irr_nodes,
    quoted,
    rate_flows,
)
from alatau_finance.reports.sheet import Cell, Sheet
from alatau_finance.reports.sheets.header import write_headings, write_title
from alatau_finance.reports.sheets.timing import HIGHEST_RATE, LOWEST_RATE
from alatau_finance.simulation.undefined import WORDS

_RATE = "0.000000%"
_WORDS_WIDTH = 34


def write_rates(sheet: Sheet, book: Book) -> None:
    """The reasons why there may be no rate, then one row for each rate of return of each instance."""
    _ = book.translate
    sheet.period_columns(13, book.layout.steps.count)
    sheet.columns(TOTAL, TOTAL, _WORDS_WIDTH)
    note = _(
        "Halving the interval until a rate per period is found; IRR on the contract's sheet starts from the last step"
    )
    write_title(sheet, book, sheet.name, note, status=True)
    headings = [_("Key"), _("Rate of return"), _("Unit"), _("Reason"), _("In words"), _("Lowest rate")]
    write_headings(sheet, headings)
    sheet.numbers_as_headings(DATE_ROW, FIRST, [float(step + 1) for step in range(RATE_STEPS)])
    _write_widths(sheet, book)
    sheet.text(REASON_ROW - 1, LABEL, _("Why there is no rate of return"), "section")
    for reason in range(DEFINED, OUT_OF_REACH + 1):
        sheet.text(REASON_ROW + reason, LABEL, _words(book, reason))
        sheet.number(REASON_ROW + reason, CONSTANT, float(reason), "0", "calculation")
    for model, block in book.layout.blocks():
        for name, node in irr_nodes(model.plan):
            _write_rate(sheet, book, model, block, name, node)
    sheet.print_set_up(pages_wide=2, periods=True)


def _write_widths(sheet: Sheet, book: Book) -> None:
    """How wide the interval is, and half of it at each step."""
    _, timing = book.translate, book.layout.timing
    lowest, highest = book.layout.timing_cell(timing.lowest_rate), book.layout.timing_cell(timing.highest_rate)
    sheet.text(YEAR_ROW, KEY, " ", "heading")
    sheet.text(YEAR_ROW, LABEL, _("Width of the interval, then half of it at each step"), "heading")
    sheet.fill(YEAR_ROW, UNIT, TOTAL, "heading")
    width = HIGHEST_RATE - LOWEST_RATE
    sheet.formula(YEAR_ROW, OPENING, f"={highest}-{lowest}", book.cache(width), "0.0E+00", "column_heading")
    halves = [width * 0.5 ** (step + 1) for step in range(RATE_STEPS)]
    half = book.layout.steps.close(f"=AVERAGE(0,{LEFT}${YEAR_ROW})")
    sheet.formulas(YEAR_ROW, FIRST, half, book.caches(halves), "0.0E+00", "column_heading")


def _write_rate(sheet: Sheet, book: Book, model: ModelSheet, block: Block, name: str, node: WholeLife) -> None:
    _, flow_name = book.translate, rate_flows(node)
    row, flows = book.layout.rates[block.instance.key, flow_name], book.row(block.instance, flow_name)
    area = book.layout.columns.row(model.place(block, flow_name).row, model.prefix)
    sheet.text(row, KEY, f"{block.instance.key}|{name}", "key")
    sheet.text(row, LABEL, f"{book.name_of(block.instance)}: {_(model.plan.lines[name].label)}", "label")
    sheet.text(row, UNIT, _("per period"), "unit")
    reason = internal_rate_undefined(flows)
    formula = _reason_formula(book, block.instance.key, flow_name, area)
    sheet.formula(row, CONSTANT, formula, book.cache(reason), "0", "import")
    cells = [f"{column}${REASON_ROW + code}" for code in range(OUT_OF_REACH) for column in ("$D", "$B")]
    chosen = "=IF($D{0}={1},{2},IF($D{0}={3},{4},IF($D{0}={5},{6},{7})))"
    in_words = chosen.format(row, *cells, f"$B${REASON_ROW + OUT_OF_REACH}")
    sheet.formula(row, TOTAL, in_words, book.cache(_words(book, int(reason))))
    signs, rows = quoted(book.layout.titles.signs), book.layout.signs[block.instance.key, flow_name]
    lowest = book.cache(lowest_rate(flows))
    sheet.formula(row, OPENING, f"={signs}$D${rows.lowest}", lowest, "0.0%", "import")
    step = f"={LEFT}${row}+{signs}$D${rows.at_lowest}*SIGN(NPV({LEFT}${row},{area}))*{CURRENT}${YEAR_ROW}"
    cached: list[Cell] = [book.cache(guess) for guess in bisection(flows)[2]]
    sheet.formulas(row, FIRST, book.layout.steps.close(step), cached, _RATE, "import")


def _reason_formula(book: Book, instance: str, flows: str, area: str) -> str:
    """As :func:`alatau_finance.backends.functions.internal_rate_undefined` finds the reason."""
    signs, rows = quoted(book.layout.titles.signs), book.layout.signs[instance, flows]
    timing, columns = book.layout.timing, book.layout.columns
    periods = columns.row(timing.number, quoted(book.layout.titles.timing))
    one_sign, several, out_of_reach = (f"$D${REASON_ROW + code}" for code in (ONE_SIGN, SEVERAL_RATES, OUT_OF_REACH))
    changes, cumulative_changes = f"{signs}$D${rows.runs}", f"{signs}$D${rows.cumulative_runs}"
    ends_apart = f"ABS({signs}${columns.last}${rows.cumulative})>{signs}$D${rows.rounding}"
    found = f"IF({signs}$D${rows.bracket}>0,{out_of_reach},0)"
    norstrom = f"IF(AND({cumulative_changes}=1,{ends_apart}),{found},{several})"
    by_sign = f"IF({changes}=0,{one_sign},IF({changes}=1,{found},{norstrom}))"
    return f"=IF(COUNT({area})<COUNT({periods}),{out_of_reach},{by_sign})"


def _words(book: Book, reason: int) -> str:
    return book.translate(WORDS[reason] if reason else message("There is one rate"))


def reason_in_words(book: Book, flows: Sequence[float]) -> str:
    """Why ``flows`` have no rate of return, in the book's language; empty where they have one."""
    reason = int(internal_rate_undefined(flows))
    return _words(book, reason) if reason else ""


def lowest_rate(flows: Sequence[float]) -> float:
    """From where a rate per period is looked for: -50 % for flows that change sign once, else 0."""
    return LOWEST_RATE if changes_of_sign(flows, rounding_of(flows)) == 1 else 0.0


def bisection(flows: Sequence[float]) -> tuple[float, float, list[float]]:
    """Sign at the lowest rate; that times the sign at the highest; and the rate after each halving."""
    live = flows[next((t for t, flow in enumerate(flows) if flow != 0.0), len(flows)) :]

    def sign(rate: float) -> float:
        value, factor = 0.0, 1.0 / (1.0 + rate)
        for flow in reversed(live):
            value = value * factor + flow
        return float((value > 0.0) - (value < 0.0))

    rate = lowest_rate(flows)
    at_lowest, guesses = sign(rate), []
    for step in range(RATE_STEPS):
        rate += at_lowest * sign(rate) * (HIGHEST_RATE - LOWEST_RATE) * 0.5 ** (step + 1)
        guesses.append(rate)
    return at_lowest, at_lowest * sign(HIGHEST_RATE), guesses
