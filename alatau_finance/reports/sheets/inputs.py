"""The sheet of inputs: what several instances share once, then one row for each scalar input of each instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from alatau_finance.modelling.units import UnitError, convert
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import quoted
from alatau_finance.reports.sheet import NOT_AVAILABLE, Sheet
from alatau_finance.reports.sheets.header import write_title
from alatau_finance.reports.sheets.scenario_rows import Identity, ScenarioRows, bound_inputs, lay_out_scenarios
from alatau_finance.reports.styles import number_format
from alatau_finance.simulation.binding import BoundInput

HEADING_ROW = 4
VALUE_COLUMN, VALUE_LETTER = 5, "F"


@dataclass(frozen=True)
class InputRows:
    """Which input stands in which row."""

    shared: Mapping[Identity, int]
    own: Mapping[tuple[str, str], int]
    sheet: str
    scenarios: ScenarioRows

    @property
    def addresses(self) -> Mapping[tuple[str, str], str]:
        """Address of the value of each input, by instance and name."""
        return MappingProxyType({key: f"{quoted(self.sheet)}${VALUE_LETTER}${row}" for key, row in self.own.items()})


def lay_out_inputs(book: Book) -> InputRows:
    """A row for each assumption that several instances read alike, then one for each input."""
    bound = list(bound_inputs(book))
    uses = Counter(identity for _, _, identity in bound)
    several = [identity for identity, count in uses.items() if count > 1]
    shared = {identity: HEADING_ROW + 1 + number for number, identity in enumerate(several)}
    first = HEADING_ROW + 1 + len(shared)
    own = {(instance.key, one.name): first + number for number, (instance, one, _) in enumerate(bound)}
    return InputRows(
        MappingProxyType(shared), MappingProxyType(own), book.layout.titles.inputs, lay_out_scenarios(book)
    )


def write_inputs(sheet: Sheet, book: Book, rows: InputRows) -> None:
    """Every scalar input with its value on this path, the range, and where it comes from."""
    _ = book.translate
    note = _("Change a blue number and the workbook follows. What several contracts share stands once, at the top.")
    write_title(sheet, book, sheet.name, note)
    headings = (
        _("Key"), _("Project"), _("Contract"), _("Input"), _("Unit"), _("Value"), _("Base case"), _("Low"), _("High"),
        _("Drawn from"), _("Sources"), _("As of"), _("Basis"), _("Written in"),
    )  # fmt: skip
    sheet.table(headings, (9, 30, 16, 52, 15, 13, 13, 11, 11, 18, 22, 11, 10, 26), HEADING_ROW, range(5, 9))
    readers: dict[Identity, list[BoundInput]] = {}
    for _instance, bound, identity in bound_inputs(book):
        readers.setdefault(identity, []).append(bound)
    for identity, row in rows.shared.items():
        shared = replace(readers[identity][0], factor=_factors(readers[identity]))
        _write_row(sheet, book, row, identity[0], (_("several"), _("several")), shared, _Cell.of(book, rows, identity))
    for instance, bound, identity in bound_inputs(book):
        row = rows.own[instance.key, bound.name]
        names = (book.name_of(instance), book.sheet_of(instance.plan.key).title)
        _write_row(
            sheet, book, row, f"{instance.key}/{bound.name}", names, bound, _Cell.of(book, rows, identity, own=True)
        )
    last = max(rows.own.values(), default=HEADING_ROW + 1)
    sheet.worksheet.autofilter(HEADING_ROW - 1, 0, last - 1, len(headings) - 1)
    sheet.print_set_up(repeat_rows=HEADING_ROW)


@dataclass(frozen=True)
class _Cell:
    """What stands in the column of values: a number, or a link to where the number stands."""

    value: float
    link: str
    role: str

    @classmethod
    def of(cls, book: Book, rows: InputRows, identity: Identity, *, own: bool = False) -> _Cell:
        value = identity[2][book.selector.active]
        row, shared = rows.scenarios.of(identity), rows.shared.get(identity)
        if own and shared:
            return cls(value, f"=${VALUE_LETTER}${shared}", "calculation")
        return cls(value, f"={rows.scenarios.active(row)}" if row else "", "import")


def _factors(readers: Sequence[BoundInput]) -> str:
    """The one draw that moves all of ``readers``, or the name that their draws share."""
    factors = {bound.factor or "" for bound in readers}
    return (
        factors.pop() if len(factors) == 1 else "; ".join(sorted({f.partition("/")[0] for f in factors} - {""})) + "/*"
    )


def _write_row(
    sheet: Sheet,
    book: Book,
    row: int,
    key: str,
    names: tuple[str, str],
    bound: BoundInput,
    cell: _Cell,
) -> None:
    """One input: where it stands, whose it is, its value and provenance."""
    numbers, source = number_format(bound.unit, bound.name, bound.label), bound.source
    basis = source.basis if source else "derived"
    sheet.text(row, 0, key, "key")
    sheet.text(row, 1, names[0], "label")
    sheet.text(row, 2, names[1])
    sheet.text(row, 3, book.translate(bound.label), "label")
    sheet.text(row, 4, bound.unit, "unit")
    if cell.link:
        sheet.formula(row, VALUE_COLUMN, cell.link, book.cache(cell.value), numbers, cell.role)
    else:
        sheet.number(row, VALUE_COLUMN, cell.value, numbers, basis=basis)
    sheet.number(row, 6, bound.value, numbers, "static")
    if source:
        for column, limit in ((7, source.low), (8, source.high)):
            if limit is not None:
                _write_limit(sheet, row, column, limit, (source.unit, bound.unit), numbers)
        sheet.text(row, 10, ", ".join(source.source), "label")
        sheet.text(row, 11, source.as_of.isoformat())
        sheet.text(row, 13, f"{source.file}:{source.line}", "label")
    sheet.text(row, 9, bound.factor or "", "label")
    sheet.text(row, 12, book.translate(basis), basis=basis)


def _write_limit(sheet: Sheet, row: int, column: int, limit: float, units: tuple[str, str], numbers: str) -> None:
    try:
        sheet.number(row, column, convert(limit, *units), numbers, "static")
    except UnitError:
        sheet.text(row, column, NOT_AVAILABLE)
