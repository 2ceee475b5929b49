"""Whether a calculated workbook says what Python says, line by line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from alatau_finance.modelling.expression import Next, Previous, Reference, WholeLife
from alatau_finance.modelling.plan import Plan
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import CONSTANT, FIRST, lay_out
from alatau_finance.reports.recalculate import Cells, CellValue
from alatau_finance.reports.sheet import NOT_AVAILABLE
from alatau_finance.simulation.binding import BoundPool, Instance
from alatau_finance.simulation.reference import PathValues

#: Largest relative difference between two calculations of one number.
TOLERANCE = 1e-9
#: A difference is taken relative to the value, but to no less than this part of its row's scale: what is left when
#: amounts cancel (a closing balance of 1e-13 against 0) is rounding of the amounts, not a number. Rounding is some
#: 1e-16 of the scale a step, 1e-13 after all periods; with this floor 1e-12 of the scale passes and nothing more.
FLOOR = 1e-3


@dataclass(frozen=True)
class Difference:
    """A cell that says something else than Python. ``period`` counts from 0; it is None for a value for life."""

    instance: str
    line: str
    period: int | None
    python: float
    workbook: CellValue


@dataclass(frozen=True)
class Agreement:
    """How many cells were compared, the largest relative difference within tolerance, and what lies beyond it."""

    cells: int
    worst: float
    differences: tuple[Difference, ...]


def compare(pool: BoundPool, values: PathValues, cells: Cells, translate: Callable[[str], str] = str) -> Agreement:
    """Every line of the economy, of every contract and of the pool against the workbook.

    ``translate`` is the one with which the workbook was written; sheets are found by their names.
    """
    layout = lay_out(pool, translate, whole=pool.pool.key in values.lines)
    book = Book(pool, values, layout, translate, {}, (), cached=True)
    count, worst, differences = 0, 0.0, []
    for instance, name, python, workbook in _pairs(book, cells):
        floor = FLOOR * scale(book, instance, name)
        for period, (ours, theirs) in enumerate(zip(python, workbook, strict=True)):
            count += 1
            apart = _relative(ours, theirs, floor)
            if apart > TOLERANCE:
                at = period if instance.plan.lines[name].periodic else None
                differences.append(Difference(instance.key, name, at, ours, theirs))
            else:
                worst = max(worst, apart)
    return Agreement(count, worst, tuple(differences))


def scale(book: Book, instance: Instance, name: str) -> float:
    """The largest magnitude among a line and what of its unit its formula is made of; 1 for a check: it is relative."""
    if instance.plan.lines[name].kind == "check":
        return 1.0
    return max(_magnitude(book, instance, other) for other in (name, *_made_of(instance.plan, name)))


def _made_of(plan: Plan, name: str) -> Iterator[str]:
    units = {**{n: d.unit for n, d in (*plan.inputs.items(), *plan.series.items(), *plan.gathers.items())}}
    units |= {n: line.unit for n, line in plan.lines.items()}
    for node in plan.lines[name].formula.walk():
        names = node.names if isinstance(node, WholeLife) else ()
        if isinstance(node, (Reference, Previous, Next)):
            names = (node.name,)
        yield from (other for other in names if units.get(other) == units[name])


def _magnitude(book: Book, instance: Instance, name: str) -> float:
    value = book.value(instance, name)
    row: Sequence[float] = (value,) if isinstance(value, (int, float)) else value
    return max((abs(number) for number in row if math.isfinite(number)), default=0.0)


def _pairs(book: Book, cells: Cells) -> Iterator[tuple[Instance, str, Sequence[float], Sequence[CellValue]]]:
    last = FIRST + book.layout.columns.count
    for sheet, block in book.layout.blocks():
        for name, line in sheet.plan.lines.items():
            row = block.rows[name]
            if line.periodic:
                yield block.instance, name, book.row(block.instance, name), cells.row(sheet.title, row, FIRST + 1, last)
            else:
                found = cells.read(sheet.title, row, CONSTANT + 1)
                yield block.instance, name, (book.scalar(block.instance, name),), (found,)


def _relative(ours: float, theirs: CellValue, floor: float) -> float:
    if math.isnan(ours):
        return 0.0 if theirs == NOT_AVAILABLE else math.inf
    if isinstance(theirs, bool) or not isinstance(theirs, (int, float)):
        return math.inf
    return 0.0 if ours == theirs else abs(ours - theirs) / max(abs(ours), abs(theirs), floor)
