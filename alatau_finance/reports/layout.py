"""Where everything of the pool workbook stands: sheets, blocks and rows, fixed before a single cell is written.

Every calculation sheet has the same columns, so a period stands in one column throughout. Rows are counted from 1, as a
reader of the workbook sees them; columns from 0, as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType
from typing import ClassVar

from xlsxwriter.utility import xl_col_to_name

from alatau_finance.backends.excel import Place, in_column
from alatau_finance.modelling.calendar import CALENDAR_SERIES, Calendar
from alatau_finance.modelling.expression import WholeLife
from alatau_finance.modelling.model import Gather
from alatau_finance.modelling.plan import Plan
from alatau_finance.simulation.binding import BoundPool, Instance

KEY, LABEL, UNIT, CONSTANT, TOTAL, OPENING, FIRST = range(7)
#: Title, note and two header rows (start of period, budget year); the fourth holds the budget year.
DATE_ROW, YEAR_ROW, HEADER_ROWS = 3, 4, 4
LONGEST_TITLE = 31
#: Halvings of the interval in which a rate of return is looked for: what is left is below 1e-8.
RATE_STEPS = 32
#: The reasons why there is none stand one below the other, the first of them (that there is one) in this row.
REASON_ROW, REASONS = HEADER_ROWS + 2, 4


@dataclass(frozen=True)
class Columns:
    """The columns of ``count`` periods (or years, or steps), from column G on."""

    count: int

    @property
    def first(self) -> str:
        """Letter of the first period's column."""
        return self.letters[0]

    @property
    def last(self) -> str:
        """Letter of the last period's column."""
        return self.letters[-1]

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """Letter of each column in order."""
        return tuple(xl_col_to_name(FIRST + number) for number in range(self.count))

    @cached_property
    def _neighbours(self) -> tuple[tuple[str, str, str], ...]:
        all_letters = [xl_col_to_name(FIRST + number - 1) for number in range(self.count + 2)]
        return tuple(zip(all_letters[1:], all_letters, all_letters[2:], strict=False))

    def close(self, template: str) -> list[str]:
        """``template`` (with open columns) as one formula per column."""
        return [in_column(template, here, left, right) for here, left, right in self._neighbours]

    def row(self, row: int, sheet: str = "") -> str:
        """The whole row, columns fixed."""
        return f"{sheet}${self.first}${row}:${self.last}${row}"


@dataclass(frozen=True)
class Block:
    """The rows of one instance: its heading (0 where there is none), then a row for each name."""

    instance: Instance
    heading: int
    rows: Mapping[str, int]


@dataclass(frozen=True)
class ModelSheet:
    """The sheet of one model: calendar and shared series once at the top, then its instances, block under block."""

    title: str
    plan: Plan
    shared: Mapping[str, int]
    blocks: tuple[Block, ...]
    helpers: Mapping[str, int]

    @property
    def prefix(self) -> str:
        """How formulas of other sheets write this sheet."""
        return quoted(self.title)

    @property
    def first_row(self) -> int:
        """First row of the first block."""
        return min(min(block.rows.values()) for block in self.blocks)

    @property
    def last_row(self) -> int:
        """Last row of the last block."""
        return max(max(block.rows.values()) for block in self.blocks)

    def place(self, block: Block, name: str) -> Place:
        """Where a name of the model stands for the instance of ``block``, seen from this sheet."""
        return Place("", self.shared.get(name) or block.rows[name], xl_col_to_name(CONSTANT))


@dataclass(frozen=True)
class TimingRows:
    """Rows of the timing sheet: scalars in the constant column, then the calendar."""

    first_year: int = 6
    periods_per_year: int = 7
    lowest_rate: int = 8
    highest_rate: int = 9
    rounding: int = 10
    number: int = 12
    budget_year: int = 13 + len(CALENDAR_SERIES)
    start: int = 14 + len(CALENDAR_SERIES)

    @cached_property
    def series(self) -> Mapping[str, int]:
        """Row of each calendar series."""
        return MappingProxyType({name: self.number + 1 + offset for offset, name in enumerate(CALENDAR_SERIES)})


@dataclass(frozen=True)
class SignRows:
    """Rows of one rate of return on the sheet of changes of sign, the first of them its heading."""

    heading: int

    #: With the gap below them.
    COUNT: ClassVar[int] = 9

    @property
    def rounding(self) -> int:
        """The amount up to which a flow is rounding."""
        return self.heading + 1

    @property
    def runs(self) -> int:
        """Runs of flows of one sign; in the constant column, changes of sign."""
        return self.heading + 2

    @property
    def cumulative(self) -> int:
        """Cumulative flows."""
        return self.heading + 3

    @property
    def cumulative_runs(self) -> int:
        """Their runs and changes of sign."""
        return self.heading + 4

    @property
    def lowest(self) -> int:
        """The lowest rate per period that is looked for."""
        return self.heading + 5

    @property
    def at_lowest(self) -> int:
        """Sign of the net present value there."""
        return self.heading + 6

    @property
    def bracket(self) -> int:
        """That times the sign at the highest rate: 1 where the rate is out of reach."""
        return self.heading + 7


@dataclass(frozen=True)
class Titles:
    """Names of the sheets that are not models."""

    cover: str
    contents: str
    scenario: str
    inputs: str
    timing: str
    statements: str
    projects: str
    years: str
    tables: str
    charts: str
    monte_carlo: str
    sensitivity: str
    rates: str
    signs: str
    checks: str
    register: str
    reconciliation: str


@dataclass(frozen=True)
class Layout:
    """The whole workbook. ``whole`` is the sheet of the pool; None where the workbook is of one project."""

    titles: Titles
    columns: Columns
    years: Columns
    steps: Columns
    timing: TimingRows
    economy: ModelSheet
    contracts: Mapping[str, ModelSheet]
    whole: ModelSheet | None
    #: (instance key, name of the flows) -> row on the sheet of rates.
    rates: Mapping[tuple[str, str], int]
    #: The same -> rows on the sheet of changes of sign.
    signs: Mapping[tuple[str, str], SignRows]

    @property
    def pool(self) -> ModelSheet:
        """The sheet of the pool. Raises LookupError where there is none."""
        if self.whole is None:
            raise LookupError("the workbook of a project has no pool")
        return self.whole

    def models(self) -> Iterator[ModelSheet]:
        """Every model sheet in the order of calculation."""
        yield self.economy
        yield from self.contracts.values()
        if self.whole is not None:
            yield self.whole

    def blocks(self) -> Iterator[tuple[ModelSheet, Block]]:
        """Every block of every model sheet, in order."""
        for sheet in self.models():
            for block in sheet.blocks:
                yield sheet, block

    def timing_cell(self, row: int) -> str:
        """Address of a scalar of the timing sheet."""
        return f"{quoted(self.titles.timing)}${xl_col_to_name(CONSTANT)}${row}"

    def timing_row(self, row: int) -> str:
        """Address, with an open column, of a series of the timing sheet."""
        return Place(quoted(self.titles.timing), row).period("\x01")


def quoted(title: str) -> str:
    """A sheet's name as formulas write it, with the exclamation mark."""
    return "'" + title.replace("'", "''") + "'!"


def safe_titles(wanted: Iterable[str]) -> list[str]:
    """Names that a spreadsheet accepts for sheets: no forbidden characters, at most 31, all different."""
    taken: dict[str, None] = {}
    titles = []
    for text in wanted:
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f']", " ", text).strip() or "Sheet"
        title, number = base[:LONGEST_TITLE].strip(), 1
        while title.casefold() in taken:
            number += 1
            title = f"{base[: LONGEST_TITLE - len(str(number)) - 1].strip()} {number}"
        taken[title.casefold()] = None
        titles.append(title)
    return titles


def gather_key(gather: Gather) -> str:
    """What the key column of the rows that ``gather`` adds up matches; ``*`` stands for any group."""
    return f"{gather.group or '*'}|{gather.line}"


def line_key(instance: Instance, name: str) -> str:
    """The machine key of a line: the group of its instance (or the model) and its name."""
    return f"{instance.group or instance.plan.key}|{name}"


@cache
def irr_nodes(plan: Plan) -> tuple[tuple[str, WholeLife], ...]:
    """Every rate of return that a plan computes or asks for, by its flows, with the first line that uses it."""
    found: dict[str, tuple[str, WholeLife]] = {}
    for reducer in ("irr", "irr_undefined"):
        for name, line in plan.lines.items():
            for node in line.formula.walk():
                if isinstance(node, WholeLife) and node.reducer == reducer:
                    found.setdefault(rate_flows(node), (name, node))
    return tuple(found.values())


def rate_flows(node: WholeLife) -> str:
    """The line whose rate of return a node is."""
    return node.names[0]


def yearly_lines(plan: Plan) -> tuple[str, ...]:
    """Lines that are reported by budget year."""
    return tuple(name for name, line in plan.lines.items() if line.yearly)


def _blocks(plan: Plan, instances: Iterable[Instance], first: int, headed: bool) -> Iterator[Block]:
    names = [*plan.inputs, *plan.gathers, *plan.lines]
    row = first
    for instance in instances:
        start = row + headed
        yield Block(instance, row * headed, {name: start + offset for offset, name in enumerate(names)})
        row = start + len(names) + 1


def _model_sheet(title: str, plan: Plan, instances: tuple[Instance, ...], headed: bool) -> ModelSheet:
    shared = {name: HEADER_ROWS + 3 + offset for offset, name in enumerate([*plan.calendar, *plan.series])}
    first = max(shared.values(), default=HEADER_ROWS) + 3
    blocks = tuple(_blocks(plan, instances, first, headed))
    largest = [name for name in yearly_lines(plan) if plan.lines[name].yearly == "max"]
    below = max((max(block.rows.values()) for block in blocks), default=first) + 3
    helpers = {name: below + offset for offset, name in enumerate(largest)}
    return ModelSheet(title, plan, shared, blocks, helpers)


def lay_out(pool: BoundPool, translate: Callable[[str], str], *, whole: bool = True) -> Layout:
    """The workbook of ``pool`` with sheet names in the language of ``translate``.

    ``whole``: with a sheet of the pool.
    """
    _ = translate
    used = {key: instances for key, instances in pool.contracts.items() if instances}
    fixed = [_("Cover"), _("Contents"), _("Scenario"), _("Inputs"), _("Timing"), _("Statements"), _("Projects")]
    fixed += [_("Budget years"), _("Tables"), _("Charts"), _("Monte Carlo"), _("Sensitivity")]
    fixed += [_("Rates of return"), _("Changes of sign"), _("Checks"), _("Register"), _("Reconciliation")]
    models = [_("Economy"), _("Pool"), *(_(instances[0].plan.title) for instances in used.values())]
    safe = safe_titles([*fixed, *models])
    economy, everything, *rest = safe[len(fixed) :]
    contracts = {
        key: _model_sheet(title, instances[0].plan, instances, True)
        for title, (key, instances) in zip(rest, used.items(), strict=True)
    }
    sheets = [
        _model_sheet(economy, pool.economy.plan, (pool.economy,), False),
        *contracts.values(),
        *([_model_sheet(everything, pool.pool.plan, (pool.pool,), False)] if whole else []),
    ]
    rates = [(b.instance.key, rate_flows(node)) for s in sheets for b in s.blocks for _name, node in irr_nodes(s.plan)]
    first_rate, first_sign = REASON_ROW + REASONS + 1, HEADER_ROWS + 2
    return Layout(
        Titles(*safe[: len(fixed)]),
        Columns(pool.calendar.periods),
        Columns(len(pool.calendar.budget_years)),
        Columns(RATE_STEPS),
        TimingRows(),
        sheets[0],
        MappingProxyType(contracts),
        sheets[-1] if whole else None,
        MappingProxyType({key: first_rate + offset for offset, key in enumerate(rates)}),
        MappingProxyType({key: SignRows(first_sign + SignRows.COUNT * at) for at, key in enumerate(rates)}),
    )


def budget_year_of(calendar: Calendar, period: int) -> int:
    """The budget year in which a period lies."""
    return calendar.first_year + period // calendar.periods_per_year
