"""Writing cells so that nothing is lost: each write is checked, and texts stay texts.

xlsxwriter looks at every formula with 29 regular expressions, for functions newer than our formulas use; that is two
thirds of the time of a large workbook. :class:`FormulaSheet` is the one place that goes round it.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.worksheet import CellFormulaTuple, Worksheet

from alatau_finance.backends.excel import LONGEST_FORMULA
from alatau_finance.errors import AlatauError
from alatau_finance.i18n import message
from alatau_finance.reports.layout import FIRST, HEADER_ROWS, KEY, LABEL, OPENING
from alatau_finance.reports.styles import DEEP, Styles

#: What a number that does not exist shows as; formulas give the same text.
NOT_AVAILABLE = "n/a"
A4 = 9
LINE_HEIGHT = 15.0  # points

Cell = float | str


def literal(text: str) -> str:
    """A text as formulas write it."""
    return '"' + text.replace('"', '""') + '"'


class FormulaSheet(Worksheet):  # type: ignore[misc]
    """A worksheet that takes rows of finished formulas (without "=") as they are."""

    def store_formulas(self, row: int, column: int, formulas: Sequence[str], values: Sequence[Cell], style: Any) -> int:
        """Put formulas into consecutive cells of a row (0-based). Returns 0, or xlsxwriter's code for a bad place."""
        refused = self._check_dimensions(row, column) or self._check_dimensions(row, column + len(formulas) - 1)
        if refused:
            return int(refused)
        if self.constant_memory and row > self.previous_row:
            self._write_single_row(row)
        cells = self.table[row]
        for number, (formula, value) in enumerate(zip(formulas, values, strict=True), start=column):
            cells[number] = CellFormulaTuple(formula, style, value)
        return 0


@dataclass(frozen=True)
class Sheet:
    """A worksheet whose writes raise when they fail. Rows count from 1, columns from 0; rows are written downwards."""

    name: str
    worksheet: Any
    styles: Styles
    footer: str = ""

    def text(self, row: int, column: int, text: str, role: str = "text", basis: str = "") -> None:
        """A text, whatever it looks like: one that opens like a formula stays a text when it is edited, too."""
        if text:
            style = self.styles.get(role, "@" if text[0] in "=+-@" else "General", basis)
            self._done(self.worksheet.write_string(row - 1, column, text, style), row, text)

    def number(self, row: int, column: int, value: float, numbers: str, role: str = "input", basis: str = "") -> None:
        """A number, or "n/a" where it is none. A zero is spelt out, not shown as a dash: somebody chose it."""
        style = self.styles.get(role, numbers.partition(";")[0], basis)
        if math.isfinite(value):
            self._done(self.worksheet.write_number(row - 1, column, value, style), row, repr(value))
        else:
            self._done(self.worksheet.write_string(row - 1, column, NOT_AVAILABLE, style), row, NOT_AVAILABLE)

    def numbers(self, row: int, first: int, values: Sequence[float], numbers: str, basis: str = "") -> None:
        """Input numbers in consecutive columns."""
        for column, value in enumerate(values, start=first):
            self.number(row, column, value, numbers, basis=basis)

    def numbers_as_headings(self, row: int, first: int, values: Sequence[float]) -> None:
        """Counting numbers above columns."""
        for column, value in enumerate(values, start=first):
            self.number(row, column, value, "0", "column_heading")

    def formula(
        self, row: int, column: int, formula: str, value: Cell, numbers: str = "General", role: str = "calculation"
    ) -> None:
        """A formula (with "=") and the value it had in Python."""
        self.formulas(row, column, [formula], [value], numbers, role)

    def formulas(
        self,
        row: int,
        first: int,
        formulas: Sequence[str],
        values: Sequence[Cell],
        numbers: str,
        role: str = "calculation",
    ) -> None:
        """Formulas (with "=") in consecutive columns. Raises ValueError for one that is too long."""
        if max(map(len, formulas)) >= LONGEST_FORMULA:
            raise ValueError(f"{self.name}, row {row}: a formula of {max(map(len, formulas))} characters")
        bare = [formula[1:] for formula in formulas]
        cached = [value if isinstance(value, str) or math.isfinite(value) else NOT_AVAILABLE for value in values]
        self._done(
            self.worksheet.store_formulas(row - 1, first, bare, cached, self.styles.get(role, numbers)), row, bare[0]
        )

    def link(self, row: int, column: int, sheet: str, text: str) -> None:
        """A link to another sheet of the workbook."""
        target = "internal:'" + sheet.replace("'", "''") + "'!A1"
        done = self.worksheet.write_url(row - 1, column, target, self.styles.get("link"), text)
        self._done(done, row, text)

    def fill(self, row: int, first: int, last: int, role: str) -> None:
        """Empty cells that carry a colour."""
        for column in range(first, last + 1):
            self._done(self.worksheet.write_blank(row - 1, column, None, self.styles.get(role)), row, "")

    def group(self, row: int) -> None:
        """Put a row one level down in the outline."""
        self._done(self.worksheet.set_row(row - 1, None, None, {"level": 1}), row, "")

    def height(self, row: int, lines: int) -> None:
        """Make a row high enough for wrapped text; not every program does so by itself."""
        self._done(self.worksheet.set_row(row - 1, LINE_HEIGHT * lines), row, "")

    def flag(self, area: str, good: str, bad: str) -> None:
        """Colour the cells of ``area`` that hold one of two texts."""
        for text, role in ((good, "good"), (bad, "bad")):
            rule = {"type": "cell", "criteria": "==", "value": literal(text), "format": self.styles.get(role)}
            self._done(self.worksheet.conditional_format(area, rule), 0, area)

    def print_set_up(self, *, repeat_rows: int = HEADER_ROWS, pages_wide: int = 1, periods: bool = False) -> None:
        """A4 landscape, ``pages_wide`` pages across, headers repeated, "page x of y" below; 0 pages: not fitted."""
        sheet = self.worksheet
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        if pages_wide:
            sheet.fit_to_pages(pages_wide, 0)
        sheet.set_footer(f"&L&8{self.footer.replace('&', '&&')}&C&8&A&R&8&P / &N")
        if repeat_rows:
            sheet.repeat_rows(0, repeat_rows - 1)
        if periods:
            sheet.repeat_columns(KEY, OPENING)
            sheet.print_across()
        sheet.hide_gridlines(2)
        sheet.set_tab_color(DEEP)

    def table(self, headings: Sequence[str], widths: Sequence[float], row: int, numbers: Container[int] = ()) -> None:
        """Column headings of a list, widths, frozen above and left of the labels; ``numbers`` are numeric columns."""
        for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            self.worksheet.set_column(column, column, width)
            self.text(row, column, heading, "column_heading" if column in numbers else "heading")
        self.height(row, 2)
        self.worksheet.freeze_panes(row, min(LABEL + 1, len(headings)))

    def period_columns(self, width: float = 12.5, periods: int = 1) -> None:
        """Widths of a calculation sheet, its columns up to the opening frozen."""
        for column, width in enumerate((12, 60, 14, 13, 13, 12)):
            self.worksheet.set_column(column, column, width)
        self.worksheet.set_column(FIRST, FIRST + periods - 1, width)
        self.worksheet.freeze_panes(HEADER_ROWS, FIRST)
        self.worksheet.outline_settings(True, False, True, False)
        self.worksheet.set_zoom(85)
        # A total beside an opening balance is meant: it adds the periods and leaves the opening out.
        self.worksheet.ignore_errors({"formula_range": "D1:E1048576"})

    def _done(self, code: object, row: int, what: str) -> None:
        if code not in (0, None):
            raise ValueError(f"{self.name}, row {row}: xlsxwriter refused ({code}) {what[:80]!r}")


OPTIONS: Mapping[str, object] = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@contextmanager
def workbook_file(path: Path, folder: Path, created: datetime) -> Iterator[Any]:
    """An xlsxwriter Workbook that becomes ``path`` when the block ends well; ``folder`` takes its rows meanwhile.

    Raises :class:`AlatauError` where the disk does not let it.
    """
    book = xlsxwriter.Workbook(str(path), {**OPTIONS, "tmpdir": str(folder)})
    book.set_properties({"title": "Alatau City", "author": "alatau-finance", "created": created.replace(tzinfo=None)})
    try:
        yield book
        book.close()
    except (OSError, xlsxwriter.exceptions.XlsxFileError) as error:
        raise AlatauError(message("the workbook cannot be written: {reason}", reason=str(error))) from error
    finally:
        for sheet in book.worksheets():
            sheet._opt_close()
