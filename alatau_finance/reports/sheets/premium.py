"""The financing premium of EPC+F step by step, in present value: from the works received to what is paid for them.

Payments for the works are cash, instalments, fees, guarantee and penalties less damages, and VAT; the works received
are certified works less the interest in their price. What lies between them is split without a remainder:

- interest in the price: certified works less the works received;
- advance and retention: cash and deferred works less certified works;
- deferral: instalments less the credit drawn, both in contract tenge;
- exchange rate: instalments less deferred works in tenge of the day, less the same in contract tenge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from alatau_finance.i18n import message, unit_name
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import CONSTANT, FIRST, LABEL, OPENING, TOTAL, UNIT, Block, ModelSheet, quoted
from alatau_finance.reports.sheets.chart_data import Data
from alatau_finance.reports.sheets.drawing import COLOURS, Drawn, chart, filled, finish, unseen
from alatau_finance.reports.styles import SCIENTIFIC, number_format

CONTRACT, FACTOR, VAT = "epcf", "discount_factor", "vat_rate"
#: A formula takes no more contracts than this.
MOST = 60


@dataclass(frozen=True)
class Step:
    """Lines that are added and taken away; ``taxed``: times 1 and the VAT rate. ``whole``: a column from 0."""

    label: str
    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    taxed: bool = False
    whole: bool = False


STEPS = (
    Step(message("Works received"), ("works_received",), whole=True),
    Step(message("Interest in the price"), ("priced_in_interest",), taxed=True),
    Step(message("Advance and retention"), ("cash_for_works", "deferred_works"), ("capex",)),
    Step(message("Deferral: interest less discounting"), ("instalment_paid",), ("drawn_for_works",)),
    Step(message("Exchange rate"), ("debt_service", "drawn_for_works"), ("instalment_paid", "deferred_works")),
    Step(message("Fees, insurance, guarantee"), ("fees", "guarantee_cost")),
    Step(message("Penalties less damages"), ("late_payment_penalty",), ("liquidated_damages",)),
    Step(message("Payments for the works"), ("works_payment",), whole=True),
)


def premium_chart(book: Book) -> Callable[[Data, int], tuple[Any, int]] | None:
    """What draws the chart; None where no EPC+F contract of the workbook has works."""
    model = book.layout.contracts.get(CONTRACT)
    needed = {name for step in STEPS for name in (*step.plus, *step.minus)}
    if model is None or not needed <= set(model.plan.lines) or len(model.blocks) > MOST:
        return None
    if FACTOR not in model.shared or VAT not in model.plan.inputs or _amount(book, model, STEPS[0]) <= 0.0:
        return None
    return lambda data, row: _draw(data, row, model)


def amounts(book: Book, model: ModelSheet) -> list[float]:
    """The present value of each step over all contracts, as Python has it."""
    return [_amount(book, model, step) for step in STEPS]


def _amount(book: Book, model: ModelSheet, step: Step) -> float:
    return sum(_of_block(book, block, step) for block in model.blocks)


def _of_block(book: Book, block: Block, step: Step) -> float:
    instance, factor = block.instance, book.row(block.instance, FACTOR)

    def present(names: Sequence[str]) -> float:
        rows = (book.row(instance, name) for name in names)
        return sum(value * at for row in rows for value, at in zip(row, factor, strict=True))

    value = present(step.plus) - present(step.minus)
    return value * (1.0 + book.scalar(instance, VAT)) if step.taxed else value


def _formula(book: Book, model: ModelSheet, step: Step) -> str:
    columns, prefix = book.layout.columns, model.prefix
    factor = columns.row(model.shared[FACTOR], prefix)

    def present(block: Block, names: Sequence[str], sign: str) -> str:
        return "".join(f"{sign}SUMPRODUCT({columns.row(block.rows[name], prefix)},{factor})" for name in names)

    parts = []
    for block in model.blocks:
        tax = f"*(1+{prefix}$D${block.rows[VAT]})" if step.taxed else ""
        parts.append("".join((present(block, step.plus, "+"), tax, present(block, step.minus, "-"))))
    return "=" + "".join(parts).removeprefix("+")


def _draw(data: Data, row: int, model: ModelSheet) -> tuple[Any, int]:
    _, sheet, book, row = data.book.translate, data.sheet, data.book, row + 1
    numbers, found = number_format("bn KZT"), amounts(data.book, model)
    headings = (
        _("Premium of EPC+F, present value"),
        _("Unit"),
        _("Amount"),
        _("Below"),
        _("More"),
        _("Less"),
        _("Whole"),
    )
    for column, heading in enumerate(headings, start=LABEL):
        sheet.text(row, column, heading, "heading" if column <= UNIT else "column_heading")
    first, last = row + 1, row + len(STEPS)
    shown = [_Shown.of(found, number) for number in range(len(STEPS))]
    for at, (step, value, one) in enumerate(zip(STEPS, found, shown, strict=True), start=first):
        sheet.text(at, LABEL, _(step.label), "label")
        sheet.unit(at, UNIT, "bn KZT")
        sheet.formula(at, CONSTANT, _formula(book, model, step), book.cache(value), numbers, "import")
        before, here = f"SUM($D${first}:$D{at - 1})", f"SUM($D${first}:$D{at})"
        below = "=0" if step.whole else f"=MIN({before},{here})"
        formulas = (below, "=0" if step.whole else f"=MAX($D{at},0)", "=0" if step.whole else f"=MAX(-$D{at},0)")
        for column, formula, cached in zip(
            (TOTAL, OPENING, FIRST), formulas, (one.below, one.more, one.less), strict=True
        ):
            sheet.formula(at, column, formula, book.cache(cached), numbers)
        sheet.formula(at, FIRST + 1, f"=$D{at}" if step.whole else "=0", book.cache(one.whole), numbers)
    miss = f"=SUM($D${first}:$D${last - 1})-$D${last}"
    sheet.text(last + 1, LABEL, _("Steps less payments: 0 where nothing is lost"), "label")
    sheet.unit(last + 1, UNIT, "bn KZT")
    sheet.formula(last + 1, CONSTANT, miss, book.cache(sum(found[:-1]) - found[-1]), SCIENTIFIC)
    return _chart(data, first, last, shown), last + 3


@dataclass(frozen=True)
class _Shown:
    """The parts of one column: what it stands on, how much more or less it is, or the whole of it."""

    below: float
    more: float
    less: float
    whole: float

    @classmethod
    def of(cls, found: Sequence[float], number: int) -> _Shown:
        value, before = found[number], sum(found[:number])
        if STEPS[number].whole:
            return cls(0.0, 0.0, 0.0, value)
        return cls(min(before, before + value), max(value, 0.0), max(-value, 0.0), 0.0)


def _chart(data: Data, first: int, last: int, shown: Sequence[_Shown]) -> Any:
    _, book, prefix = data.book.translate, data.book, quoted(data.sheet.name)
    labels = [_(step.label) for step in STEPS]

    def series(letter: str, name: str, values: Sequence[float], look: Any) -> Drawn:
        area = f"{prefix}${letter}${first}:${letter}${last}"
        return Drawn(name, f"{prefix}$B${first}:$B${last}", area, labels, list(book.caches(values)), look)

    made = chart(
        data.workbook,
        "column",
        [
            series("E", _("Below"), [one.below for one in shown], unseen()),
            series("F", _("More"), [one.more for one in shown], filled(COLOURS[1])),
            series("G", _("Less"), [one.less for one in shown], filled(COLOURS[2])),
            series("H", _("Whole"), [one.whole for one in shown], filled(COLOURS[0])),
        ],
    )
    finish(made, _("EPC+F: from the works to what is paid for them, present value"), "", unit_name("bn KZT", _))
    made.set_x_axis({"num_font": {"size": 9}, "label_position": "low"})
    made.set_legend({"position": "bottom", "delete_series": [0]})
    return made
