"""The sheet of inputs: what several instances share once, then one row for each scalar input of each instance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from alatau_finance.modelling.units import UnitError, convert
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import quoted
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.header import write_title
from alatau_finance.reports.sheets.input_cells import guard, name_cells
from alatau_finance.reports.sheets.scenario_rows import Identity, ScenarioRows, bound_inputs, lay_out_scenarios
from alatau_finance.reports.styles import BASIS_FILLS, number_format
from alatau_finance.simulation.binding import BoundInput

HEADING_ROW = 4
VALUE_COLUMN, VALUE_LETTER = 5, "F"
LOW_COLUMN, LOW_LETTER, HIGH_LETTER = 7, "H", "I"
LEGEND_ROW = 3
WIDTHS = (24, 34, 18, 56, 18, 15, 15, 14, 14, 24, 36, 11, 15, 36)


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
    _write_legend(sheet, book)
    sheet.table(headings, WIDTHS, HEADING_ROW, range(5, 9))
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
    name_cells(sheet, VALUE_LETTER, _numbers(book, rows))
    last = max(rows.own.values(), default=HEADING_ROW + 1)
    sheet.worksheet.autofilter(HEADING_ROW - 1, 0, last - 1, len(headings) - 1)
    sheet.print_set_up(repeat_rows=HEADING_ROW, pages_wide=2, repeat_columns=VALUE_COLUMN - 1)


def _write_legend(sheet: Sheet, book: Book) -> None:
    """What the colour behind a value says of it; the cover says more."""
    _ = book.translate
    sheet.text(LEGEND_ROW, VALUE_COLUMN - 1, _("Basis"), "subtitle")
    for column, basis in enumerate(BASIS_FILLS, start=VALUE_COLUMN):
        sheet.text(LEGEND_ROW, column, _(basis), "legend", basis)


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


def _numbers(book: Book, rows: InputRows) -> Iterator[tuple[str, int]]:
    """The path of each assumption and its row, without those that only repeat a shared one."""
    for identity, row in rows.shared.items():
        yield identity[0], row
    for instance, bound, identity in bound_inputs(book):
        if identity not in rows.shared:
            yield identity[0], rows.own[instance.key, bound.name]


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
    sheet.text(row, 2, names[1], "label")
    sheet.text(row, 3, book.translate(bound.label), "label")
    sheet.unit(row, 4, bound.unit)
    if cell.link:
        sheet.formula(row, VALUE_COLUMN, cell.link, book.cache(cell.value), numbers, cell.role)
    else:
        sheet.number(row, VALUE_COLUMN, cell.value, numbers, basis=basis)
    sheet.number(row, 6, bound.value, numbers, "static")
    limits = _limits(bound)
    for column, limit in enumerate(limits, start=LOW_COLUMN):
        if limit is not None:
            sheet.number(row, column, limit, numbers, "static")
    if not cell.link:
        _guard(sheet, book, row, bound, numbers, limits)
    if source:
        sheet.text(row, 10, ", ".join(source.source), "label")
        sheet.text(row, 11, source.as_of.isoformat())
        sheet.text(row, 13, f"{source.file}:{source.line}", "key")
    sheet.text(row, 9, bound.factor or "", "unit")
    sheet.text(row, 12, book.translate(basis), basis=basis)


def _limits(bound: BoundInput) -> tuple[float | None, float | None]:
    """Both ends of the range in the unit of the input; None where there is none, or one of another kind of unit."""
    source = bound.source
    if source is None:
        return None, None
    try:
        low, high = (
            None if end is None else convert(end, source.unit, bound.unit) for end in (source.low, source.high)
        )
    except UnitError:
        return None, None
    return low, high


def _guard(
    sheet: Sheet, book: Book, row: int, bound: BoundInput, numbers: str, limits: tuple[float | None, float | None]
) -> None:
    low, high = limits
    known = None if low is None or high is None else (f"${LOW_LETTER}${row}", f"${HIGH_LETTER}${row}", low, high)
    guard(sheet, book, row, VALUE_COLUMN, book.translate(bound.label), numbers, known)
