"""The sheet with the selector: the scenarios, what each of them changes, and the values in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlsxwriter.utility import xl_col_to_name

from alatau_finance.assumptions import Override
from alatau_finance.i18n import spoken
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import FIRST, HEADER_ROWS, KEY, LABEL, OPENING, UNIT
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.header import write_title
from alatau_finance.reports.sheets.scenario_rows import (
    ABOUT_ROW,
    ACTIVE_COLUMN,
    CASES_ROW,
    FIRST_CASE_COLUMN,
    LABEL_COLUMN,
    NUMBER_ROW,
    SELECTOR_ROW,
    UNIT_COLUMN,
    Identity,
    ScenarioRows,
    about_case,
    after_cases,
    bound_inputs,
    case_names,
    cases_row,
)
from alatau_finance.reports.styles import COUNT, number_format
from alatau_finance.simulation.binding import BoundInput, Instance, contract_of

_ACTIVE = xl_col_to_name(ACTIVE_COLUMN)
_WIDTHS = (34, 62, 13, 18)
_CASE_WIDTH = 15.0
_CASES_A_PAGE = 8


def write_scenario(sheet: Sheet, book: Book, rows: ScenarioRows) -> None:
    """Selector, scenarios, those left out, the inputs and series that follow, and each scenario's changes."""
    _ = book.translate
    write_title(sheet, book, sheet.name, _("Choose a scenario in the blue cell and the whole workbook follows"))
    for column, width in enumerate(_WIDTHS):
        sheet.columns(column, column, width)
    count = len(book.selector.cases)
    sheet.columns(FIRST_CASE_COLUMN, FIRST_CASE_COLUMN + count - 1, _CASE_WIDTH)
    _write_selector(sheet, book)
    _write_cases(sheet, book)
    _write_inputs(sheet, book, rows)
    _write_overrides(sheet, book, rows)
    sheet.worksheet.freeze_panes(HEADER_ROWS + 2, ACTIVE_COLUMN)
    sheet.print_set_up(repeat_rows=0, pages_wide=-(-count // _CASES_A_PAGE))
    sheet.worksheet.repeat_columns(0, ACTIVE_COLUMN)


def _write_selector(sheet: Sheet, book: Book) -> None:
    _, names, active = book.translate, case_names(book), book.selector.active
    first, last = cases_row(0), cases_row(len(names) - 1)
    sheet.text(SELECTOR_ROW, LABEL_COLUMN, _("Scenario in use"), "metric")
    sheet.text(SELECTOR_ROW, ACTIVE_COLUMN, names[active], "input")
    done = sheet.worksheet.data_validation(
        SELECTOR_ROW - 1,
        ACTIVE_COLUMN,
        SELECTOR_ROW - 1,
        ACTIVE_COLUMN,
        {
            "validate": "list",
            "source": f"=$B${first}:$B${last}",
            "input_title": _("Scenario in use")[:32],
            "input_message": _("Choose one of the scenarios listed below."),
            "error_title": _("Scenario in use")[:32],
            "error_message": _("There is no scenario of that name; choose one from the list."),
        },
    )
    if done not in (0, None):
        raise ValueError(f"{sheet.name}: xlsxwriter refused the selector ({done})")
    sheet.text(NUMBER_ROW, LABEL_COLUMN, _("Its number"))
    number = f"=MATCH(${_ACTIVE}${SELECTOR_ROW},$B${first}:$B${last},0)"
    sheet.formula(NUMBER_ROW, ACTIVE_COLUMN, number, book.cache(active + 1.0), COUNT)
    sheet.text(ABOUT_ROW, LABEL_COLUMN, _("What it is"))
    about = f"=INDEX(${_ACTIVE}${first}:${_ACTIVE}${last},${_ACTIVE}${NUMBER_ROW})"
    sheet.formula(ABOUT_ROW, ACTIVE_COLUMN, about, book.cache(about_case(book, active)))


def _heading(sheet: Sheet, row: int, texts: Sequence[str], last: int = ACTIVE_COLUMN) -> None:
    for column, text in enumerate(texts):
        sheet.text(row, column, text, "heading" if column < ACTIVE_COLUMN else "column_heading")
    sheet.fill(row, len(texts), last, "heading")


def _write_cases(sheet: Sheet, book: Book) -> None:
    _, selector = book.translate, book.selector
    last = FIRST_CASE_COLUMN + len(selector.cases) - 1
    _heading(sheet, CASES_ROW, (_("Key"), _("Scenario"), _("Number")), last)
    sheet.text(CASES_ROW, ACTIVE_COLUMN, _("What it is"), "heading")
    for number, (case, name) in enumerate(zip(selector.cases, case_names(book), strict=True)):
        row = cases_row(number)
        sheet.text(row, KEY, f"{case.name}/{case.path}" if case.path is not None else case.name, "key")
        sheet.text(row, LABEL_COLUMN, name)
        sheet.number(row, UNIT_COLUMN, number + 1.0, "0", "unit")
        sheet.text(row, ACTIVE_COLUMN, about_case(book, number))
    if not selector.left_out:
        return
    row = cases_row(len(selector.cases)) + 1
    _heading(sheet, row, (_("Key"), _("Scenarios that are not offered here"), ""), last)
    sheet.text(row, ACTIVE_COLUMN, _("Why not"), "heading")
    for at, left in enumerate(selector.left_out, start=row + 1):
        sheet.text(at, KEY, left.name, "key")
        sheet.text(at, LABEL_COLUMN, book.in_language(left.label) or left.name)
        sheet.text(at, ACTIVE_COLUMN, str(spoken(left.reason, book.translate)))


def _write_inputs(sheet: Sheet, book: Book, rows: ScenarioRows) -> None:
    _ = book.translate
    named: dict[Identity, BoundInput] = {}
    owners: dict[Identity, set[str]] = {}
    for instance, bound, identity in bound_inputs(book):
        if rows.of(identity):
            named.setdefault(identity, bound)
            owners.setdefault(identity, set()).add(_owner(book, instance))
    first = min(rows.changed.values(), default=0)
    headings = (_("Key"), _("Inputs that scenarios change"), _("Unit"), _("In use"), *case_names(book))
    if rows.changed:
        _case_headings(sheet, first - 1, headings)
    else:
        none = _("No scenario changes a scalar input of this workbook.")
        sheet.text(after_cases(book) + 1, LABEL_COLUMN, none, "subtitle")
    _write_identities(sheet, book, rows.changed, named, owners)
    if rows.series:
        first = min(row for row, _series in rows.series.values())
        text = _("Series by period: number of the curve, below the lines of the economy")
        _case_headings(sheet, first - 1, (_("Key"), text, _("Unit"), *headings[ACTIVE_COLUMN:]))
    for name, (row, switched) in rows.series.items():
        sheet.text(row, KEY, name, "key")
        sheet.text(row, LABEL_COLUMN, _(book.layout.economy.plan.series[name].label), "label")
        active = float(switched.numbers[book.selector.active])
        sheet.formula(row, ACTIVE_COLUMN, _in_use(book, row), book.cache(active), COUNT)
        sheet.numbers(row, FIRST_CASE_COLUMN, [float(number) for number in switched.numbers], COUNT)
    if rows.drawn:
        first = min(rows.drawn.values())
        _case_headings(sheet, first - 1, (_("Key"), _("Inputs drawn on this path"), *headings[UNIT_COLUMN:]))
    _write_identities(sheet, book, rows.drawn, named, owners)


def _owner(book: Book, instance: Instance) -> str:
    """Whose an input is: the project's, or, where the workbook is about one project, the contract's."""
    return book.name_of(instance) if book.project is None else book.sheet_of(instance.plan.key).title


def _case_headings(sheet: Sheet, row: int, headings: Sequence[str]) -> None:
    for column, text in enumerate(headings):
        sheet.text(row, column, text, "heading" if column < ACTIVE_COLUMN else "column_heading")
    sheet.height(row, 3)


def _in_use(book: Book, row: int) -> str:
    first = xl_col_to_name(FIRST_CASE_COLUMN)
    last = xl_col_to_name(FIRST_CASE_COLUMN + len(book.selector.cases) - 1)
    return f"=INDEX(${first}{row}:${last}{row},${_ACTIVE}${NUMBER_ROW})"


def _write_identities(
    sheet: Sheet,
    book: Book,
    rows: Mapping[Identity, int],
    named: Mapping[Identity, BoundInput],
    owners: Mapping[Identity, set[str]],
) -> None:
    _, active = book.translate, book.selector.active
    for identity, row in rows.items():
        path, unit, values = identity
        bound = named[identity]
        numbers = number_format(unit, bound.name, bound.label)
        label = _(bound.label)
        if len(owners[identity]) == 1:
            label = f"{next(iter(owners[identity]))}: {label}"
        sheet.text(row, KEY, path, "key")
        sheet.text(row, LABEL_COLUMN, label, "label")
        sheet.unit(row, UNIT_COLUMN, unit)
        sheet.formula(row, ACTIVE_COLUMN, _in_use(book, row), book.cache(values[active]), numbers)
        usual = values[active]
        for column, value in enumerate(values, start=FIRST_CASE_COLUMN):
            # What differs from the scenario that the workbook was written for stands out.
            sheet.number(row, column, value, numbers, basis="assumed" if value != usual else "")


def _after_inputs(book: Book, rows: ScenarioRows) -> tuple[int, int]:
    """The first free row below the tables of inputs, and the last column of the sheet."""
    taken = [*rows.changed.values(), *(row for row, _series in rows.series.values()), *rows.drawn.values()]
    return max([*taken, after_cases(book) + 2]) + 3, FIRST_CASE_COLUMN + len(book.selector.cases) - 1


def _write_overrides(sheet: Sheet, book: Book, rows: ScenarioRows) -> None:
    """Old and new value of what each scenario overlays, as its file has it; static."""
    _ = book.translate
    row, last = _after_inputs(book, rows)
    headings = (_("Key"), _("What each scenario changes (static)"), _("Unit"), _("Published or standard value"))
    _heading(sheet, row, headings, last)
    sheet.text(row, FIRST_CASE_COLUMN, _("Under the scenario"), "column_heading")
    sheet.height(row, 2)
    labels = _labels(book)
    row += 1
    for case, name in zip(book.selector.cases, case_names(book), strict=True):
        if case.path is not None or not case.overrides:
            continue
        sheet.text(row, KEY, case.name, "section_key")
        sheet.text(row, LABEL_COLUMN, name, "section")
        sheet.fill(row, UNIT_COLUMN, last, "section")
        shown = [override for override in case.overrides if _label(override, labels)]
        for row, override in enumerate(shown, start=row + 1):  # noqa: B020
            _write_override(sheet, row, override, _label(override, labels))
        if hidden := len(case.overrides) - len(shown):
            row += 1
            text = _("and {count} values that move simulated paths or other projects only").format(count=hidden)
            sheet.text(row, LABEL_COLUMN, text, "subtitle")
        row += 1


def _write_override(sheet: Sheet, row: int, override: Override, label: str) -> None:
    sheet.text(row, KEY, override.path, "key")
    sheet.text(row, LABEL_COLUMN, label, "label")
    sheet.unit(row, UNIT_COLUMN, override.unit)
    sheet.number(row, ACTIVE_COLUMN, override.old, "General", "static")
    sheet.number(row, FIRST_CASE_COLUMN, override.new, "General", "static")


def _labels(book: Book) -> Mapping[str, str]:
    """What the assumptions that move this workbook are called, by path."""
    _ = book.translate
    found: dict[str, str] = {}
    for case in book.selector.cases:
        for instance in (case.pool.economy, *case.pool.instances(), case.pool.pool):
            if instance.key not in case.given:
                continue
            found |= {b.source.path: _(b.label) for b in instance.inputs.values() if b.source is not None}
            if instance.project is not None and instance.project.financing is not None:
                share = _("Share of the project under this contract type")
                path = f"financing.{instance.project.financing}"
                for key in case.pool.assumptions.financing[instance.project.financing]:
                    found[f"{path}.{key}"] = f"{share}: {_(case.pool.plans[contract_of(key)].title)}"
        for series in case.pool.economy_series.values():
            if series.source is not None:
                found[series.source.path] = _(series.label)
    return found


def _label(override: Override, labels: Mapping[str, str]) -> str:
    """What an override changes is called; "" where it does not move this workbook."""
    whole, _, step = override.path.rpartition(".")
    if override.path in labels:
        return labels[override.path]
    if whole in labels:
        return f"{labels[whole]}, {step}"
    return ""


def write_curves(sheet: Sheet, book: Book, rows: ScenarioRows) -> None:
    """Below the lines of the economy: every curve of each series that follows the selector."""
    _, names = book.translate, case_names(book)
    for name, (_row, switched) in rows.series.items():
        bound = book.pool.economy_series[name]
        label, numbers = _(bound.label), number_format(bound.unit, name, bound.label)
        basis = bound.source.basis if bound.source else "assumed"
        if switched is next(iter(rows.series.values()))[1]:
            heading = switched.first - 2
            sheet.text(heading, KEY, " ", "section")
            sheet.text(heading, LABEL, _("Series of the scenarios: the selector chooses the curve"), "section")
            sheet.fill(heading, UNIT, OPENING, "section")
        for number, curve in enumerate(switched.curves, start=1):
            row = switched.first + number - 1
            users = [case for case, taken in zip(names, switched.numbers, strict=True) if taken == number]
            told = (
                users[0]
                if len(users) == 1
                else _("{first} and {count} others").format(first=users[0], count=len(users) - 1)
            )
            sheet.text(row, KEY, f"{name}/{number}", "key")
            sheet.text(row, LABEL, f"{number}. {label}: {told}", "label")
            sheet.unit(row, UNIT, bound.unit)
            sheet.numbers(row, FIRST, curve, numbers, basis)
