"""Where the rows of the tables of the pool stand: for each measure a detail, its total, and a view of each key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import CONSTANT, HEADER_ROWS, KEY, UNIT, Block
from alatau_finance.reports.sheets.budget_years import year_rows
from alatau_finance.simulation.tables import MEASURES, table_groups

#: The line of the pool that adds up the same contracts, on the sheet of the pool and on that of budget years.
POOL_LINES: Mapping[str, str] = {
    "planned_cost": "planned_cost",
    "capital_expenditure": "capex_total",
    "state_payments": "state_payments",
}
#: The columns that hold the keys of a row: stage, sector, contract type.
KEY_COLUMNS: Mapping[str, int] = {"stage": KEY, "sector": UNIT, "contract": CONSTANT}
#: Contracts that one formula reads; a group of more takes several rows.
CONTRACTS_EACH = 40
FIRST_SECTION = HEADER_ROWS + 4


@dataclass(frozen=True)
class Group:
    """A row of the detail: the blocks of one stage, sector and contract type."""

    stage: str
    sector: str
    contract: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Section:
    """One measure: its heading, rows of detail, their total, that of the pool, then a view of each dimension.

    ``pool_line`` is "" where the pool has no line of that measure.
    """

    measure: str
    heading: int
    groups: tuple[Group, ...]
    pool_line: str

    @property
    def first(self) -> int:
        """First row of the detail."""
        return self.heading + 1

    @property
    def last(self) -> int:
        """Last row of the detail."""
        return self.heading + max(1, len(self.groups))

    @property
    def total(self) -> int:
        """Row of the total."""
        return self.last + 1

    @property
    def pool(self) -> int:
        """Row of the pool's own total; that of the total where the pool has none."""
        return self.total + bool(self.pool_line)

    def names(self, dimension: str) -> tuple[str, ...]:
        """Keys of a view, in the order in which they first stand in the detail."""
        return tuple(dict.fromkeys(getattr(group, dimension) for group in self.groups))

    def views(self) -> Iterator[tuple[str, int]]:
        """Each dimension with the row of the heading of its view."""
        row = self.pool + 1
        for dimension in KEY_COLUMNS:
            yield dimension, row
            row += len(self.names(dimension)) + 1

    @property
    def end(self) -> int:
        """Last row of the last view."""
        return self.pool + sum(len(self.names(dimension)) + 1 for dimension in KEY_COLUMNS)


def groups_of(book: Book) -> tuple[Group, ...]:
    """Rows of the detail, by stage in the order of the projects, then by sector and contract type."""
    blocks = {block.instance.key: block for _, block in book.layout.blocks()}
    return tuple(
        Group(*key, tuple(blocks[instance.key] for instance in members))
        for key, everyone in table_groups(book.pool).items()
        for members in (everyone[at : at + CONTRACTS_EACH] for at in range(0, len(everyone), CONTRACTS_EACH))
    )


def sections_of(book: Book) -> tuple[Section, ...]:
    """Where every table of the sheet stands."""
    sections, row, groups = [], FIRST_SECTION, groups_of(book)
    for measure, line in MEASURES.items():
        plans = {key: sheet.plan for key, sheet in book.layout.contracts.items()}
        held = tuple(group for group in groups if line in plans[group.contract].lines)
        known = POOL_LINES[measure] in year_rows(book)
        sections.append(Section(measure, row, held, POOL_LINES[measure] if known else ""))
        row = sections[-1].end + 2
    return tuple(sections)
