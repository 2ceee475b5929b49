"""Where the selector stands, and which inputs and series follow it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from xlsxwriter.utility import xl_col_to_name

from alatau_finance.backends.excel import CURRENT
from alatau_finance.reports.book import Book
from alatau_finance.reports.cases import Case
from alatau_finance.reports.layout import quoted
from alatau_finance.simulation.binding import BoundInput, Instance

SELECTOR_ROW, NUMBER_ROW, ABOUT_ROW, CASES_ROW = 4, 5, 6, 8
LABEL_COLUMN, UNIT_COLUMN, ACTIVE_COLUMN, FIRST_CASE_COLUMN = 1, 2, 3, 4

#: Where a value is written, its unit, and the value in each case: inputs that agree in all three are one assumption.
Identity = tuple[str, str, tuple[float, ...]]
#: The same curve is written once; cases tell by number, from 1, which one they take.
Curves = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class SwitchedSeries:
    """A given series of the economy that differs between cases: its curves, and the number of each case's."""

    name: str
    curves: Curves
    numbers: tuple[int, ...]
    #: On the sheet of the economy: the row of the first curve.
    first: int

    @property
    def last(self) -> int:
        """The row of the last curve."""
        return self.first + len(self.curves) - 1


@dataclass(frozen=True)
class ScenarioRows:
    """Rows of the sheet of scenarios: of each input that follows the selector, and of each series."""

    sheet: str
    changed: Mapping[Identity, int]
    drawn: Mapping[Identity, int]
    series: Mapping[str, tuple[int, SwitchedSeries]]

    def active(self, row: int) -> str:
        """Address of the value in use."""
        return f"{quoted(self.sheet)}${xl_col_to_name(ACTIVE_COLUMN)}${row}"

    def of(self, identity: Identity) -> int | None:
        """The row of an input; None where it is the same in every case."""
        return self.changed.get(identity) or self.drawn.get(identity)

    def curve(self, name: str) -> str | None:
        """The formula, with an open column, of a series that follows the selector."""
        if name not in self.series:
            return None
        row, switched = self.series[name]
        return f"=INDEX({CURRENT}${switched.first}:{CURRENT}${switched.last},{self.active(row)})"


def cases_row(number: int) -> int:
    """The row of case ``number``, from 0, in the list of cases."""
    return CASES_ROW + 1 + number


def after_cases(book: Book) -> int:
    """The first row below the list of cases and of those left out."""
    left_out = len(book.selector.left_out)
    return cases_row(len(book.selector.cases)) + (left_out + 2 if left_out else 0) + 1


def case_names(book: Book) -> list[str]:
    """What each entry of the selector is called, all different."""
    _, names = book.translate, []
    for case in book.selector.cases:
        name = book.in_language(case.label) or case.name
        if case.path is not None:
            name = _("Path {path} as drawn").format(path=case.path)
        names.append(f"{name} ({case.name})" if name in names else name)
    return names


def about_case(book: Book, number: int) -> str:
    """What case ``number``, from 0, is, in a sentence or two."""
    _, selector = book.translate, book.selector
    case, usual = selector.cases[number], selector.cases[selector.active]
    if case.path is not None:
        return _("Every input as it was drawn on this path of the simulation")
    about = book.in_language(case.description) or case.name
    if case is not usual and usual.path is None and case.given == usual.given:
        return _("{about} It changes nothing here.").format(about=about)
    return about


def active_cell(book: Book, row: int) -> str:
    """Address of the selector's name, number or text."""
    return f"{quoted(book.layout.titles.scenario)}${xl_col_to_name(ACTIVE_COLUMN)}${row}"


def scenario_cell(book: Book) -> str:
    """Address of the selector: the name of the scenario in use."""
    return active_cell(book, SELECTOR_ROW)


def bound_inputs(book: Book) -> Iterator[tuple[Instance, BoundInput, Identity]]:
    """Every scalar input of every instance, in the order of the sheets."""
    cases = book.selector.cases
    for _, block in book.layout.blocks():
        key = block.instance.key
        for bound in block.instance.inputs.values():
            values = tuple(_scalar(case, key, bound.name) for case in cases)
            path = bound.source.path if bound.source is not None else f"{key}/{bound.name}"
            yield block.instance, bound, (path, bound.unit, values)


def _scalar(case: Case, key: str, name: str) -> float:
    value = case.given[key][name]
    if not isinstance(value, (int, float)):
        raise TypeError(f"{key}: {name} has one value per period")
    return float(value)


def lay_out_scenarios(book: Book) -> ScenarioRows:
    """A row for each input that scenarios change, for each that this path has drawn, and for each series."""
    differing = sorted({identity for _i, _b, identity in bound_inputs(book) if len(set(identity[2])) > 1})
    paths = sum(case.path is not None for case in book.selector.cases)
    changed = [identity for identity in differing if len(set(identity[2][paths:])) > 1]
    drawn = [identity for identity in differing if identity not in set(changed)]
    series = switched_series(book)
    first = after_cases(book) + 2
    rows_changed = {identity: first + number for number, identity in enumerate(changed)}
    first += len(changed) + 3
    rows_series = {one.name: (first + number, one) for number, one in enumerate(series)}
    first += len(series) + 3 if series else 0
    rows_drawn = {identity: first + number for number, identity in enumerate(drawn)}
    return ScenarioRows(
        book.layout.titles.scenario,
        MappingProxyType(rows_changed),
        MappingProxyType(rows_drawn),
        MappingProxyType(rows_series),
    )


def switched_series(book: Book) -> Sequence[SwitchedSeries]:
    """The given series of the economy that differ between cases; their curves stand below the economy's lines."""
    economy, found = book.layout.economy, []
    first = economy.last_row + len(economy.helpers) + 5
    for name in economy.plan.series:
        each = [tuple(case.given[economy.plan.key][name]) for case in book.selector.cases]  # type: ignore[arg-type]
        curves = tuple(dict.fromkeys(each))
        if len(curves) > 1:
            found.append(SwitchedSeries(name, curves, tuple(curves.index(curve) + 1 for curve in each), first))
            first += len(curves) + 1
    return found
