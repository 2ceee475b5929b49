"""Every check of every instance, live, the one cell that says whether all hold, and what the simulation found."""

from __future__ import annotations

from collections.abc import Mapping

from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import quoted
from alatau_finance.reports.sheet import Sheet, literal
from alatau_finance.reports.sheets.header import MASTER_ROW, TOLERANCE, TOLERANCE_ROW, verdict, write_title
from alatau_finance.reports.sheets.pool_tables import STATE_ROW
from alatau_finance.reports.sheets.statements import state_cell
from alatau_finance.reports.styles import COUNT, SCIENTIFIC
from alatau_finance.simulation.checks import FailingInstance

COUNT_ROW, FAILED_ROW, HEADING_ROW = 4, 5, 8
#: Columns of the simulation, beside the live ones.
SIMULATED, FIRST_FAILING = 6, 7


def write_checks(sheet: Sheet, book: Book) -> None:
    """One row a check of an instance: live residual and state, and how often and where first it fails in simulation."""
    _ = book.translate
    checks = [(m, b, name) for m, b in book.layout.blocks() for name in m.plan.of_kind("check")]
    write_title(
        sheet, book, sheet.name, _("A check is a relative residual; it holds where that is within the tolerance")
    )
    own = _of_the_workbook(book)
    first, last = HEADING_ROW + 1, HEADING_ROW + max(1, len(checks) + len(own))
    failed = sum(not book.scalar(b.instance, name) <= TOLERANCE for _m, b, name in checks)
    _write_state(sheet, book, f"$E${first}:$E${last}", len(checks) + len(own), failed)
    headings = (
        _("Key"), _("Project"), _("Check"), _("Residual"), _("Fails"), _("State"), _("Paths that fail (static)"),
        _("First failing path (static)"),
    )  # fmt: skip
    sheet.table(headings, (34, 44, 84, 14, 14, 14, 18, 18), HEADING_ROW, (3, 4, SIMULATED, FIRST_FAILING))
    found = _failing(book)
    for row, (model, block, name) in enumerate(checks, start=first):
        sheet.text(row, 0, f"{block.instance.key}|{name}", "key")
        sheet.text(row, 1, book.name_of(block.instance), "label")
        sheet.text(row, 2, _(model.plan.lines[name].label), "label")
        address = f"={model.prefix}$D${block.rows[name]}"
        _write_residual(sheet, book, row, address, book.scalar(block.instance, name))
        if book.checks:
            _write_simulated(sheet, row, found.get((f"{model.plan.key}.{name}", block.instance.key)))
    for row, (key, label, address) in enumerate(own, start=first + len(checks)):
        sheet.text(row, 0, key, "key")
        sheet.text(row, 1, _("This workbook"), "label")
        sheet.text(row, 2, label, "label")
        _write_residual(sheet, book, row, f"={address}", 0.0)
    sheet.flag(f"F{first}:F{last}", _("OK"), _("FAIL"))
    sheet.flag(f"D{MASTER_ROW}", _("OK"), _("FAIL"))
    sheet.worksheet.autofilter(HEADING_ROW - 1, 0, last - 1, len(headings) - 1)
    sheet.print_set_up(repeat_rows=HEADING_ROW)


def _of_the_workbook(book: Book) -> list[tuple[str, str, str]]:
    """Key, name and cell of what the workbook adds up beside the models."""
    _ = book.translate
    if book.layout.whole is None:
        return [("workbook|statements", _("Rows of every statement add up to its total"), state_cell(book))]
    tables = f"{quoted(book.layout.titles.tables)}$E${STATE_ROW}"
    return [("workbook|tables", _("All tables of the pool have the same total"), tables)]


def _write_state(sheet: Sheet, book: Book, flags: str, count: int, failed: int) -> None:
    """Above the list: the tolerance, how many checks of this path fail, and how many of the simulation."""
    _ = book.translate
    sheet.text(TOLERANCE_ROW, 2, _("Tolerance"))
    sheet.number(TOLERANCE_ROW, 3, TOLERANCE, SCIENTIFIC, basis="assumed")
    sheet.text(COUNT_ROW, 2, _("Checks"))
    sheet.formula(COUNT_ROW, 3, f"=COUNT({flags})", book.cache(float(count)), COUNT)
    sheet.text(FAILED_ROW, 2, _("Checks that fail"))
    sheet.formula(FAILED_ROW, 3, f"=SUM({flags})", book.cache(float(failed)), COUNT)
    sheet.text(MASTER_ROW, 2, _("All checks"), "metric")
    master = f"=IF($D${FAILED_ROW}=0,{literal(_('OK'))},{literal(_('FAIL'))})"
    sheet.formula(MASTER_ROW, 3, master, book.cache(verdict(book)), role="result")
    told = _("No simulation belongs to this workbook.")
    if book.checks:
        text = _("Simulation of {paths} paths: {failed} of {total} named checks fail on some path (static)")
        failing = sum(check.failed > 0 for check in book.checks)
        told = text.format(paths=book.about.get("paths", "?"), failed=failing, total=len(book.checks))
    sheet.text(MASTER_ROW + 1, 2, told, "subtitle")


def _write_residual(sheet: Sheet, book: Book, row: int, address: str, residual: float) -> None:
    _ = book.translate
    ok, fail = _("OK"), _("FAIL")
    sheet.formula(row, 3, address, book.cache(residual), SCIENTIFIC, "import")
    fails = f"=IF(ISNUMBER($D{row}),IF($D{row}<=$D${TOLERANCE_ROW},0,1),1)"
    sheet.formula(row, 4, fails, book.cache(float(not residual <= TOLERANCE)), "0")
    state = ok if residual <= TOLERANCE else fail
    sheet.formula(row, 5, f"=IF($E{row}=0,{literal(ok)},{literal(fail)})", book.cache(state), role="result")


def _failing(book: Book) -> Mapping[tuple[str, str], FailingInstance]:
    """What the simulation found, by named check and key of the instance, where it fails."""
    return {(check.name, one.instance): one for check in book.checks for one in check.failing}


def _write_simulated(sheet: Sheet, row: int, failing: FailingInstance | None) -> None:
    if failing is None:
        sheet.number(row, SIMULATED, 0.0, COUNT, "static")
    else:
        sheet.number(row, SIMULATED, float(failing.paths_failed), COUNT, "bad")
        sheet.number(row, FIRST_FAILING, float(failing.first_failing_path), COUNT, "bad")
