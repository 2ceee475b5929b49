"""The pool workbook: every line of the economy, of every contract and of the pool as a live formula, on one path."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any

from alatau_finance.errors import AlatauError
from alatau_finance.i18n import message
from alatau_finance.reports.book import Book, Fan, SummaryRow
from alatau_finance.reports.cases import Selection
from alatau_finance.reports.layout import lay_out
from alatau_finance.reports.sheet import FormulaSheet, Sheet, workbook_file
from alatau_finance.reports.sheets.budget_years import write_budget_years
from alatau_finance.reports.sheets.charts import write_charts
from alatau_finance.reports.sheets.checks import write_checks
from alatau_finance.reports.sheets.cover import write_contents, write_cover
from alatau_finance.reports.sheets.inputs import InputRows, lay_out_inputs, write_inputs
from alatau_finance.reports.sheets.model import given_series, link_to_economy, write_model
from alatau_finance.reports.sheets.monte_carlo import write_monte_carlo
from alatau_finance.reports.sheets.pool_tables import write_pool_tables
from alatau_finance.reports.sheets.project_list import write_project_list
from alatau_finance.reports.sheets.rates import write_rates
from alatau_finance.reports.sheets.reconciliation import write_reconciliation
from alatau_finance.reports.sheets.register import write_register
from alatau_finance.reports.sheets.scenario import write_curves, write_scenario
from alatau_finance.reports.sheets.sensitivity import write_sensitivity
from alatau_finance.reports.sheets.signs import write_signs
from alatau_finance.reports.sheets.statements import write_statements
from alatau_finance.reports.sheets.timing import write_timing
from alatau_finance.reports.styles import Styles
from alatau_finance.reports.swings import Swing
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.checks import CheckCount
from alatau_finance.simulation.findings import ConvergenceRow
from alatau_finance.simulation.reference import PathValues
from alatau_finance.simulation.undefined import UndefinedMetric

__all__ = ["Fan", "SummaryRow", "write_workbook"]

NOTHING: Mapping[str, str] = MappingProxyType({})

#: A sheet, what it is for, and what writes it.
Entry = tuple[str, str, Callable[[Sheet], object]]


def write_workbook(
    path: Path,
    pool: BoundPool,
    values: PathValues,
    *,
    created: datetime,
    translate: Callable[[str], str] = str,
    about: Mapping[str, str] = NOTHING,
    summary: Sequence[SummaryRow] = (),
    checks: Sequence[CheckCount] = (),
    undefined: Sequence[UndefinedMetric] = (),
    convergence: Sequence[ConvergenceRow] = (),
    selection: Selection | None = None,
    swings: Sequence[Swing] = (),
    fans: Sequence[Fan] = (),
    cached: bool = True,
) -> Path:
    """Write the workbook of one path of ``pool``; the same arguments give the same bytes.

    ``values.given`` holds the inputs of the path, ``values.lines`` what Python computed, which is what cells hold until
    they are calculated (0 where ``cached`` is false). ``about`` is what the cover tells of the run; its ``language``
    chooses among names that the assumptions give in several, its ``paths`` and ``seed`` go with ``summary``,
    ``checks``, ``undefined`` and ``convergence``, the static results of the simulation. ``selection`` is what the
    selector offers; ``pool`` and ``values`` are those of its active entry. Without it, the selector offers nothing
    else. The workbook of a project has statements in place of the sheets of the pool. ``swings`` fill the sheet of
    sensitivity, ``fans`` the fan chart. ``created`` is the time stamp of the document.

    Returns where it was written: beside ``path`` (workbook-2.xlsx) where another program holds that file open. Raises
    :class:`AlatauError` where it cannot be written. Either way, what was at ``path`` before is still there.
    """
    layout = lay_out(pool, translate, whole=selection is None or selection.project is None)
    book = Book(
        pool, values, layout, translate, about, summary, cached, checks, undefined, convergence, selection, swings, fans
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".workbook-", dir=path.parent) as folder:
            unfinished = Path(folder) / path.name
            with workbook_file(unfinished, Path(folder), created) as workbook:
                _write_sheets(workbook, book)
            return _put(unfinished, path)
    except PermissionError as error:
        text = "{path} cannot be written; is it open in another program?"
        raise AlatauError(message(text, path=path)) from error
    except OSError as error:
        raise AlatauError(
            message("{path} cannot be written: {reason}", path=path, reason=error.strerror or error)
        ) from error


def _put(unfinished: Path, path: Path) -> Path:
    """Move the finished file to ``path`` or, where a file there cannot be replaced, to a free name beside it."""
    try:
        return unfinished.replace(path)
    except PermissionError:
        if not path.exists():
            raise
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    return unfinished.replace(next(name for name in names if not name.exists()))


def _write_sheets(workbook: Any, book: Book) -> None:
    styles, entries = Styles(workbook), _entries(workbook, book)
    footer = f"{book.translate('Alatau City: infrastructure pool')} · {book.pool.assumptions.scenario.name}"
    sheets = [
        Sheet(name, workbook.add_worksheet(name, FormulaSheet), styles, footer, book.translate)
        for name, _, _ in entries
    ]
    for sheet, (_name, _purpose, write) in zip(sheets, entries, strict=True):
        write(sheet)


def _entries(workbook: Any, book: Book) -> list[Entry]:
    """Every sheet in the order of its tab: how to read it, inputs, calculation, results, proofs."""
    inputs, entries = lay_out_inputs(book), list[Entry]()
    entries += _front(book, entries)
    entries += _inputs(book, inputs)
    entries += _calculation(book, inputs)
    entries += _results(workbook, book, inputs)
    entries += _proofs(book)
    return entries


def _front(book: Book, entries: list[Entry]) -> list[Entry]:
    """What the workbook is and what is in it; ``entries`` will hold all of it by the time it is written."""
    _, titles = book.translate, book.layout.titles
    return [
        (titles.cover, _("What this workbook is and how to read it"), lambda s: write_cover(s, book)),
        (
            titles.contents,
            _("This list"),
            lambda s: write_contents(s, book, [(name, text) for name, text, _w in entries]),
        ),
    ]


def _inputs(book: Book, inputs: InputRows) -> list[Entry]:
    _, titles = book.translate, book.layout.titles
    return [
        (
            titles.scenario,
            _("The scenario in use, and what each scenario changes"),
            lambda s: write_scenario(s, book, inputs.scenarios),
        ),
        (titles.inputs, _("Every scalar input with its source"), lambda s: write_inputs(s, book, inputs)),
        (titles.timing, _("The calendar that every sheet shares"), lambda s: write_timing(s, book)),
    ]


def _calculation(book: Book, inputs: InputRows) -> list[Entry]:
    _, layout = book.translate, book.layout
    shared = link_to_economy(book)
    entries: list[Entry] = [
        (
            layout.economy.title,
            _("Prices, rates and budgets that every contract shares"),
            lambda s: write_model(
                s,
                book,
                layout.economy,
                inputs.addresses,
                given_series(book, inputs.scenarios),
                lambda below: write_curves(below, book, inputs.scenarios),
            ),
        )
    ]
    for model in layout.contracts.values():
        purpose = _("{count} contracts, block under block").format(count=len(model.blocks))
        if layout.whole is None:
            purpose = _("Every line of the contract by period")
        entries.append((model.title, purpose, lambda s, m=model: write_model(s, book, m, inputs.addresses, shared)))  # type: ignore[misc]
    return [
        *entries,
        (layout.titles.rates, _("Where rates of return are looked for"), lambda s: write_rates(s, book)),
        (
            layout.titles.signs,
            _("How often flows change sign: whether they have one rate of return"),
            lambda s: write_signs(s, book),
        ),
    ]


def _results(workbook: Any, book: Book, inputs: InputRows) -> list[Entry]:
    _, titles = book.translate, book.layout.titles
    simulated: list[Entry] = [
        (titles.monte_carlo, _("What the simulation found (static)"), lambda s: write_monte_carlo(s, book, workbook)),
        (titles.sensitivity, _("One input at a time (static)"), lambda s: write_sensitivity(s, book)),
    ]
    if book.layout.whole is None:
        statements = _("Statements of each contract by budget year, live")
        return [
            (titles.statements, statements, lambda s: write_statements(s, book)),
            (
                titles.charts,
                _("Works, payments, cover of the debt and what moves them"),
                lambda s: write_charts(s, book, workbook),
            ),
            *simulated,
        ]
    shared, pool = link_to_economy(book), book.layout.pool
    return [
        (
            pool.title,
            _("All contracts together, against the ceilings"),
            lambda s: write_model(s, book, pool, inputs.addresses, shared),
        ),
        (titles.projects, _("Every contract with its totals and years"), lambda s: write_project_list(s, book)),
        (titles.years, _("The pool by budget year"), lambda s: write_budget_years(s, book)),
        (
            titles.tables,
            _("The pool by stage, sector, contract type and budget year"),
            lambda s: write_pool_tables(s, book),
        ),
        (
            titles.charts,
            _("Capital expenditure, payments and obligations by year"),
            lambda s: write_charts(s, book, workbook),
        ),
        *simulated,
    ]


def _proofs(book: Book) -> list[Entry]:
    _, titles = book.translate, book.layout.titles
    return [
        (titles.checks, _("Every check of every contract, live"), lambda s: write_checks(s, book)),
        (titles.register, _("Every assumption with its provenance (static)"), lambda s: write_register(s, book)),
        (titles.reconciliation, _("Python against this workbook"), lambda s: write_reconciliation(s, book)),
    ]
