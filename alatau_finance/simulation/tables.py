"""The infrastructure pool of one path by stage, sector, contract type and budget year: tables with one total."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from alatau_finance.assumptions.file_models import STAGES
from alatau_finance.simulation.binding import INFRASTRUCTURE, BoundPool, Instance
from alatau_finance.simulation.reference import PathValues

#: What is added up, and the line of the contracts that holds it, in bn KZT. A type without that line adds nothing.
MEASURES: Mapping[str, str] = MappingProxyType(
    {"planned_cost": "planned_works", "capital_expenditure": "capex", "state_payments": "state_payment"}
)
#: What the rows are told apart by. ``contract`` is the contract type; private investment is ``investment``.
DIMENSIONS = ("stage", "sector", "contract", "year")

#: The stage of a project that has none; a spreadsheet would not match an empty key.
NO_STAGE = "none"

Key = str | int


@dataclass(frozen=True)
class Amounts:
    """bn KZT: planned cost as published, capital expenditure without VAT and state payments with it, both nominal."""

    planned_cost: float
    capital_expenditure: float
    state_payments: float

    @staticmethod
    def added(parts: Iterable[Amounts]) -> Amounts:
        """The sum, rounded once, so that it does not depend on how the parts were grouped."""
        kept = tuple(parts)
        return Amounts(*(math.fsum(getattr(part, name) for part in kept) for name in MEASURES))


@dataclass(frozen=True)
class TableRow:
    """The amounts of one stage, sector and contract type in one budget year."""

    stage: str
    sector: str
    contract: str
    year: int
    amounts: Amounts


@dataclass(frozen=True)
class PoolTable:
    """Every row that is not all zero, by stage in the order of time, then sector, contract type and year."""

    rows: tuple[TableRow, ...]

    @property
    def total(self) -> Amounts:
        """The whole pool over life."""
        return Amounts.added(row.amounts for row in self.rows)

    def by(self, dimension: str) -> Mapping[Key, Amounts]:
        """A view: the amounts of each stage, sector, contract type or year. Raises ValueError for anything else."""
        if dimension not in DIMENSIONS:
            raise ValueError(f"no dimension {dimension!r}; allowed: {', '.join(DIMENSIONS)}")
        return _grouped(self.rows, lambda row: getattr(row, dimension))


def _grouped(rows: Iterable[TableRow], key: Callable[[TableRow], Key]) -> Mapping[Key, Amounts]:
    groups: dict[Key, list[Amounts]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row.amounts)
    return MappingProxyType({name: Amounts.added(parts) for name, parts in groups.items()})


def table_groups(pool: BoundPool) -> Mapping[tuple[str, str, str], tuple[Instance, ...]]:
    """The instances of the infrastructure by stage, sector and contract type: what the rows of one year add up.

    Stages in the order of time, sectors as they are first met, instances in the order of the projects.
    """
    groups: dict[tuple[str, str, str], list[Instance]] = {}
    for instance in pool.instances():
        project = instance.project
        if project is not None and instance.group == INFRASTRUCTURE:
            groups.setdefault((project.stage or NO_STAGE, project.sector, instance.plan.key), []).append(instance)
    sectors = list(dict.fromkeys(sector for _, sector, _ in groups))
    stages, contracts = [*STAGES, NO_STAGE], list(pool.contracts)
    ordered = sorted(groups, key=lambda key: (stages.index(key[0]), sectors.index(key[1]), contracts.index(key[2])))
    return MappingProxyType({key: tuple(groups[key]) for key in ordered})


def pool_table(pool: BoundPool, values: PathValues) -> PoolTable:
    """The table of one path, from the lines of every contract instance."""
    rows = []
    for (stage, sector, contract), members in table_groups(pool).items():
        by_measure = [yearly_amounts(pool, values, members, name) for name in MEASURES.values()]
        for year, amounts in zip(pool.calendar.budget_years, zip(*by_measure, strict=True), strict=True):
            if any(amounts):
                rows.append(TableRow(stage, sector, contract, year, Amounts(*amounts)))
    return PoolTable(tuple(rows))


def yearly_amounts(pool: BoundPool, values: PathValues, members: Iterable[Instance], line: str) -> tuple[float, ...]:
    """A line of some instances, added up by budget year."""
    each, parts = pool.calendar.periods_per_year, []
    for instance in members:
        found = values.lines[instance.key].get(line)
        if isinstance(found, Sequence):
            parts.append(found)
    return tuple(
        math.fsum(part[period] for part in parts for period in range(number * each, (number + 1) * each))
        for number in range(len(pool.calendar.budget_years))
    )
