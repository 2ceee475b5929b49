"""What every sheet of the pool workbook is written from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from alatau_finance.assumptions import Project
from alatau_finance.backends.excel import ExcelFormulas, Grid, RateCells
from alatau_finance.modelling.expression import Previous
from alatau_finance.modelling.plan import Plan
from alatau_finance.reports.cases import Selection, one_case
from alatau_finance.reports.layout import Block, Layout, ModelSheet, quoted, rate_flows
from alatau_finance.reports.sheet import Cell
from alatau_finance.reports.swings import Swing
from alatau_finance.reports.totals import flows, reported_balances
from alatau_finance.simulation.binding import BoundPool, Instance
from alatau_finance.simulation.checks import CheckCount
from alatau_finance.simulation.findings import ConvergenceRow
from alatau_finance.simulation.reference import PathValues
from alatau_finance.simulation.undefined import UndefinedMetric

Computed = float | Sequence[float]


@dataclass(frozen=True)
class SummaryRow:
    """What a simulation found about one measure of the pool, all in ``unit``; NaN where there is none."""

    name: str
    label: str
    unit: str
    mean: float
    standard_deviation: float
    p10: float
    p50: float
    p90: float
    standard_error: float
    p10_error: float = math.nan
    p50_error: float = math.nan
    p90_error: float = math.nan
    cvar95: float = math.nan
    cvar95_error: float = math.nan


@dataclass(frozen=True)
class Fan:
    """What a simulation found about a line of the pool in one budget year; ``ceiling`` is the mean of its ceiling."""

    line: str
    unit: str
    year: int
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float
    ceiling: float | None = None


@dataclass(frozen=True)
class Book:
    """One path of a pool, where it goes in the workbook, and the language it is told in."""

    pool: BoundPool
    values: PathValues
    layout: Layout
    translate: Callable[[str], str]
    about: Mapping[str, str]
    summary: Sequence[SummaryRow]
    cached: bool
    checks: Sequence[CheckCount] = ()
    undefined: Sequence[UndefinedMetric] = ()
    convergence: Sequence[ConvergenceRow] = ()
    selection: Selection | None = None
    swings: Sequence[Swing] = ()
    fans: Sequence[Fan] = ()

    @cached_property
    def selector(self) -> Selection:
        """The scenarios that the workbook offers; at least the one it shows."""
        return self.selection or one_case(self.pool, self.values)

    @property
    def project(self) -> Project | None:
        """The one project that the workbook is about; None: the whole pool."""
        if self.selection is None or self.selection.project is None:
            return None
        return next((i.project for i in self.pool.instances()), None)

    @cached_property
    def totals(self) -> Mapping[str, frozenset[str]]:
        """For each model, by its key, the names whose rows have a total."""
        plan, whole = self.pool.pool.plan, self.layout.whole
        others = {
            one.plan.key: flows(one.plan, balances=reported_balances(plan, one.plan.key))
            for one in self.layout.models()
            if one is not whole
        }
        return others if whole is None else {**others, plan.key: flows(plan, others)}

    @property
    def language(self) -> str:
        """The language of names that the assumptions give in several."""
        return self.about.get("language", "en")

    def in_language(self, texts: Mapping[str, str]) -> str:
        """The text of this book's language, else the English one, else the first."""
        return texts.get(self.language) or texts.get("en") or next(iter(texts.values()), "")

    def name_of(self, instance: Instance) -> str:
        """What readers call an instance: its project, or the model itself."""
        if instance.project is not None:
            return self.in_language(instance.project.name)
        return self.sheet_of(instance.plan.key).title

    def sheet_of(self, key: str) -> ModelSheet:
        """The sheet of a model."""
        return next(sheet for sheet in self.layout.models() if sheet.plan.key == key)

    def cache(self, value: Cell) -> Cell:
        """What a formula cell holds before it is calculated."""
        return value if self.cached else 0.0

    def caches(self, values: Sequence[float]) -> Sequence[Cell]:
        """The same for a row."""
        return values if self.cached else [0.0] * len(values)

    def value(self, instance: Instance, name: str) -> Computed:
        """What Python computed, or was given, for a name of an instance."""
        lines = self.values.lines[instance.key]
        if name in lines:
            return lines[name]
        given = self.values.given[instance.key]
        return given[name] if name in given else self.pool.calendar.series[name]

    def scalar(self, instance: Instance, name: str) -> float:
        """The same for a name with one value for life."""
        value = self.value(instance, name)
        if not isinstance(value, (int, float)):
            raise TypeError(f"{instance.key}: {name} has one value per period")
        return float(value)

    def row(self, instance: Instance, name: str) -> Sequence[float]:
        """The same for a name with one value per period."""
        value = self.value(instance, name)
        if isinstance(value, (int, float)):
            raise TypeError(f"{instance.key}: {name} has one value for life")
        return value

    def formulas(self, sheet: ModelSheet, block: Block) -> ExcelFormulas:
        """The formulas of one instance in its place."""
        columns, timing = self.layout.columns, self.layout.timing
        grid = Grid(
            columns.first,
            columns.last,
            self.layout.timing_cell(timing.periods_per_year),
            lambda node: self.rate_cells(block.instance, rate_flows(node)),
        )
        return ExcelFormulas(sheet.plan, lambda name: sheet.place(block, name), grid)

    def rate_cells(self, instance: Instance, flows: str) -> RateCells:
        """Where the sheet of rates holds the rate of return of a line."""
        row, prefix = self.layout.rates[instance.key, flows], quoted(self.layout.titles.rates)
        return RateCells(f"{prefix}$D${row}", f"{prefix}${self.layout.steps.last}${row}", f"{prefix}$E${row}")


def looked_back_at(plan: Plan) -> frozenset[str]:
    """Lines whose opening a formula reads."""
    formulas = (line.formula for line in plan.lines.values())
    return frozenset(node.name for formula in formulas for node in formula.walk() if isinstance(node, Previous))
