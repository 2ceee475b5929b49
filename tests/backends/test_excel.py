"""Formulas for cells: what they look like, and that a spreadsheet that is not ours gives what Python gives."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Any

import ironcalc
import pytest

from alatau_finance.backends.excel import (
    LONGEST_FORMULA,
    ExcelFormulas,
    Grid,
    Place,
    RateCells,
    _bare,
    excel_listing,
    in_column,
)
from alatau_finance.backends.python import run_python
from alatau_finance.modelling import (
    Input,
    Model,
    Series,
    irr,
    irr_undefined,
    lead,
    line,
    metric,
    present_value,
    prev,
    total,
    where,
)
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.modelling.plan import Plan, build_plan

CALENDAR = Calendar(2026, 2029, 0, 2)
SCALAR, OPENING, FIRST = 4, 6, 7  # columns D, F, G
LAST = ironcalc.column_name_from_number(FIRST + CALENDAR.periods - 1)


class Loan(Model):
    """A loan."""

    key = "loan"
    amount = Input("bn KZT", "Amount")
    rate = Input("1/year", "Rate")
    works = Series("bn KZT", "Works")

    @line("bn KZT", opening="amount")
    def balance(m):
        """Balance."""
        return prev(m.balance) - m.works

    @line("bn KZT")
    def due(m):
        """Due next period, if anything is left."""
        return where(m.balance > m.amount, 0, lead(m.early))

    @line("bn KZT")
    def early(m):
        """Known in the first phase."""
        return -(m.works + m.works)

    @metric("1")
    def share(m):
        """Share of works."""
        return total(m.works) / m.amount

    @metric("bn KZT")
    def worth(m):
        """Worth at the flags."""
        return present_value(m.works, m.last_period_of_year)

    @metric("1/year")
    def yearly(m):
        """Rate of return."""
        return irr(m.balance)

    @metric("1")
    def why_not(m):
        """Why there is none."""
        return irr_undefined(m.balance)


def formulas(plan: Plan, sheet: Callable[[str], str] = lambda name: "") -> tuple[ExcelFormulas, dict[str, int]]:
    """Formulas of a sheet with one name a row: scalars in D, openings in F, periods from G."""
    names = [*plan.inputs, *plan.series, *plan.calendar, *plan.lines]
    rows = {name: number for number, name in enumerate(names, start=1)}
    grid = Grid("G", LAST, "Timing!$D$2", lambda node: RateCells(f"Rates!$D${rows[node.names[0]]}", "Rates!$F$1"))
    return ExcelFormulas(plan, lambda name: Place(sheet(name), rows[name], "D"), grid), rows


@pytest.fixture(scope="module")
def loan() -> Plan:
    return build_plan(Loan)


def test_prev_reads_the_column_to_the_left(loan: Plan) -> None:
    text = formulas(loan)[0].template(loan.lines["balance"])
    assert in_column(text, "K", "J", "L") == "=J$5-K$3"
    assert in_column(text, "AA", "Z", "AB") == "=Z$5-AA$3"


def test_lead_reads_the_column_to_the_right_and_scalars_stand_still(loan: Plan) -> None:
    text = formulas(loan)[0].template(loan.lines["due"])
    assert in_column(text, "K", "J", "L") == "=IF(K$5>$D$1,0,N(L$7))"


def test_an_opening_is_a_formula_of_its_own(loan: Plan) -> None:
    excel, _ = formulas(loan)
    assert excel.opening(loan.lines["balance"]) == "=$D$1"
    assert excel.opening(loan.lines["early"]) == "=0"


def test_whole_life_values_take_the_whole_row(loan: Plan) -> None:
    excel, _ = formulas(loan)
    scalars = [excel.scalar(loan.lines[name]) for name in ("share", "worth", "yearly", "why_not")]
    assert scalars == [
        f"=IF($D$1=0,0,SUM($G$3:${LAST}$3)/$D$1)",
        f"=SUMPRODUCT($G$3:${LAST}$3,$G$4:${LAST}$4)",
        f'=IF(Rates!$D$5=0,(1+IRR($G$5:${LAST}$5,Rates!$F$1))^Timing!$D$2-1,"n/a")',
        "=Rates!$D$5",
    ]


def test_titles_of_other_sheets_stay_as_they_are(loan: Plan) -> None:
    """Spaces and parentheses in a title are no part of the formula's own."""
    title = "'Реестр (2) и ещё'!"
    excel, _ = formulas(loan, lambda name: title if name in ("amount", "works", "early") else "")
    assert in_column(excel.template(loan.lines["due"]), "K", "J", "L") == f"=IF(K$5>{title}$D$1,0,N({title}L$7))"
    assert in_column(excel.template(loan.lines["early"]), "K", "J", "L") == f"=-({title}K$3+{title}K$3)"
    assert excel.scalar(loan.lines["share"]).startswith(f"=IF({title}$D$1=0,0,SUM({title}$G$3:")


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("(a+b)", "a+b"),
        ("((a+b)*c)", "(a+b)*c"),
        ("(a+b)*(c+d)", "(a+b)*(c+d)"),
        ("(a)", "a"),
        ("a", "a"),
        ("IF(a,b,c)", "IF(a,b,c)"),
        ("('x)('!A1+1)", "'x)('!A1+1"),
        ("('x)'!A1+1)*('x('!A1+1)", "('x)'!A1+1)*('x('!A1+1)"),
        ("('it''s (1'!A1+1)", "'it''s (1'!A1+1"),
        ('(IF(a,"(",b)+1)', 'IF(a,"(",b)+1'),
    ],
)
def test_bare(text: str, bare: str) -> None:
    assert _bare(text) == bare


TITLE = f"'{'x' * 31}'!"


def sum_of(count: int) -> type[Model]:
    class Long(Model):
        key = "long"
        flow = Series("1", "Flow")

        @line("1")
        def result(m):
            """Sum of many."""
            return sum([m.flow] * count)

    return Long


def test_a_formula_that_excel_would_not_take_is_an_error() -> None:
    """With a title of 31 letters each term has 38; what is left of Excel's limit is for columns of long names."""
    plan = build_plan(sum_of(200))
    with pytest.raises(ValueError, match=r"^long: a formula of \d+ characters; split the line add\("):
        formulas(plan, lambda name: TITLE)[0].template(plan.lines["result"])


def test_a_formula_just_below_the_limit_fits_in_the_last_columns() -> None:
    plan = build_plan(sum_of(175))
    text = formulas(plan, lambda name: TITLE)[0].template(plan.lines["result"])
    text = in_column(text, "XFC", "XFB", "XFD")
    assert 6900 < len(text) <= LONGEST_FORMULA


def test_the_listing_has_every_name_once(loan: Plan) -> None:
    listed = [text.split()[1] for text in excel_listing(loan).splitlines()]
    assert listed == [*loan.inputs, *loan.series, *loan.calendar, *loan.lines]
    assert re.search(r"^ +5  balance +=F\$5-G\$3$", excel_listing(loan), re.MULTILINE)


# --- the same numbers


def in_spreadsheet(plan: Plan, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every line as IronCalc calculates it from the formulas alone."""
    book = ironcalc.create("model", "en", "UTC", "en")
    excel, rows = formulas(plan)
    columns = [ironcalc.column_name_from_number(FIRST - 1 + period) for period in range(CALENDAR.periods + 2)]
    for name, values in {**{name: CALENDAR.series[name] for name in plan.calendar}, **given}.items():
        single = isinstance(values, float)
        for place, value in enumerate([values] if single else values):
            book.update_cell_with_number(0, rows[name], SCALAR if single else FIRST + place, value)
    for name, item in plan.lines.items():
        if not item.periodic:
            book.update_cell_with_formula(0, rows[name], SCALAR, excel.scalar(item))
            continue
        book.update_cell_with_formula(0, rows[name], OPENING, excel.opening(item))
        for period in range(CALENDAR.periods):
            text = in_column(excel.template(item), columns[period + 1], columns[period], columns[period + 2])
            book.update_cell_with_formula(0, rows[name], FIRST + period, text)
    book.evaluate()
    found = {}
    for name, item in plan.lines.items():
        last = FIRST + CALENDAR.periods if item.periodic else FIRST
        values = [book.get_cell_value(0, rows[name], column) for column in range(FIRST, last)]
        found[name] = values if item.periodic else book.get_cell_value(0, rows[name], SCALAR)
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_spreadsheet_gives_what_python_gives(kit: Any, seed: int) -> None:
    """To 1e-12: lines are between -1 and 1, and what is rounded differently is exp, log and power alone.

    Without rates of return: they need cells of their own, which belong to the workbook and its tests.
    """
    plan = kit.plan(random.Random(seed), 10, rates=False)
    block = kit.block(plan, CALENDAR, seed)
    given = {name: float(rows[0]) if rows.ndim == 1 else rows[:, 0].tolist() for name, rows in block.items()}
    expected, found = run_python(plan, given, CALENDAR), in_spreadsheet(plan, given)
    for name in plan.lines:
        assert found[name] == pytest.approx(expected[name], rel=0, abs=1e-12), plan.lines[name].formula.key
