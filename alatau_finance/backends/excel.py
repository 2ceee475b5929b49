"""A plan as live Excel formulas. Where names stand is the workbook's business; how formulas are spelt is this file's.

A periodic formula is rendered once, as a template in which the column letters are open, so that a row holds one
consistent formula. ``prev`` reads the column to the left, ``lead`` the one to the right; left of the first period
stands the opening, right of the last nothing: N() makes 0 of it, where MIN and MAX would pass over an empty cell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alatau_finance.backends.text import Spelling, render
from alatau_finance.modelling.expression import Expr, WholeLife
from alatau_finance.modelling.operators import REDUCERS
from alatau_finance.modelling.plan import Plan, PlannedLine

# Marks for open columns; they can stand in no name, number or sheet title.
CURRENT, LEFT, RIGHT = "\x01", "\x02", "\x03"

#: Excel takes no longer formula.
LONGEST_FORMULA = 8192


@dataclass(frozen=True)
class Place:
    """A row of a sheet (1-based). ``sheet`` is the quoted prefix with "!", or empty on the same sheet.

    A scalar stands in ``column`` (absolute); a periodic name has no column of its own.
    """

    sheet: str
    row: int
    column: str = ""

    def scalar(self) -> str:
        """Absolute address of a scalar."""
        return f"{self.sheet}${self.column}${self.row}"

    def period(self, mark: str) -> str:
        """Address in the period's column, or its neighbour's."""
        return f"{self.sheet}{mark}${self.row}"


@dataclass(frozen=True)
class RateCells:
    """Where a rate of return is searched for.

    ``undefined`` holds 0 where the flows have one rate, else the reason why not; ``guess`` the rate per period found by
    bisection; ``reason`` says ``undefined`` in words. IRR from an arbitrary guess fails in every spreadsheet once a
    contract starts late.
    """

    undefined: str
    guess: str
    reason: str = ""


@dataclass(frozen=True)
class Grid:
    """Columns of the first and last period, and the cells that hold what a rate of return needs."""

    first: str
    last: str
    periods_per_year: str
    rate: Callable[[WholeLife], RateCells]

    def row(self, place: Place) -> str:
        """The whole row of a periodic name."""
        return f"{place.sheet}${self.first}${place.row}:${self.last}${place.row}"


@dataclass(frozen=True)
class ExcelFormulas:
    """Formulas of one instance of ``plan``; ``place`` says where each name of the model stands."""

    plan: Plan
    place: Callable[[str], Place]
    grid: Grid

    def scalar(self, line: PlannedLine) -> str:
        """The formula of a whole-life line."""
        return self._text(line.formula)

    def template(self, line: PlannedLine) -> str:
        """The formula of a periodic line with open columns; close it with :func:`in_column`."""
        return self._text(line.formula)

    def opening(self, line: PlannedLine) -> str:
        """The formula of a line's opening."""
        return self._text(line.opening)

    def _text(self, expression: Expr) -> str:
        text = "=" + _bare(render(expression, self._spelling()))
        if len(text) > LONGEST_FORMULA - 1000:
            raise ValueError(
                f"{self.plan.key}: a formula of {len(text)} characters; split the line {expression.key[:60]}..."
            )
        return text

    def _spelling(self) -> Spelling:
        return Spelling(
            "excel",
            reference=lambda name: (
                self.place(name).period(CURRENT) if self.plan.is_periodic(name) else self.place(name).scalar()
            ),
            previous=lambda name: self.place(name).period(LEFT),
            following=lambda name: f"N({self.place(name).period(RIGHT)})",
            whole_life=self._whole_life,
        )

    def _whole_life(self, node: WholeLife) -> str:
        rows = [self.grid.row(self.place(name)) for name in node.names]
        last = self.place(node.names[0])
        cells = RateCells("", "") if REDUCERS[node.reducer].step else self.grid.rate(node)
        return REDUCERS[node.reducer].excel.format(
            *rows,
            last=f"{last.sheet}${self.grid.last}${last.row}",
            undefined=cells.undefined,
            guess=cells.guess,
            periods_per_year=self.grid.periods_per_year,
        )


def in_column(template: str, current: str, left: str, right: str) -> str:
    """``template`` for one period's column."""
    return template.replace(CURRENT, current).replace(LEFT, left).replace(RIGHT, right)


def _bare(text: str) -> str:
    """``text`` without a pair of parentheses that encloses all of it."""
    if not (text.startswith("(") and text.endswith(")")):
        return text
    depth, quote = 0, ""
    for position, character in enumerate(text):
        if quote or character in "'\"":  # a sheet's title may hold parentheses of its own
            quote = character if not quote else quote.replace(character, "")
            continue
        depth += (character == "(") - (character == ")")
        if depth == 0 and position < len(text) - 1:
            return text
    return text[1:-1]


def excel_listing(plan: Plan) -> str:
    """Every line of ``plan`` as it would stand on a sheet of its own, first period in column G: row, name, formula."""
    names = [*plan.inputs, *plan.series, *plan.gathers, *plan.calendar, *plan.lines]
    rows = {name: number for number, name in enumerate(names, start=1)}
    grid = Grid("G", "Z", "Timing!$D$2", lambda _: RateCells("Rates!$D$2", "Rates!$Z$2"))
    formulas = ExcelFormulas(plan, lambda name: Place("", rows[name], "D"), grid)
    width = max(len(name) for name in names)
    text = [f"{rows[name]:>4}  {name:<{width}}  (given)" for name in names if name not in plan.lines]
    for name, line in plan.lines.items():
        formula = in_column(formulas.template(line), "G", "F", "H") if line.periodic else formulas.scalar(line)
        text.append(f"{rows[name]:>4}  {name:<{width}}  {formula}")
    return "\n".join(text)
