"""Writing cells so that nothing is lost: each write is checked, and texts stay texts.

xlsxwriter looks at every formula with 29 regular expressions, for functions newer than our formulas use; that is two
thirds of the time of a large workbook. :class:`FormulaSheet` is the one place that goes round it.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from io import StringIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellFormulaTuple, Worksheet

from alatau_finance.backends.excel import LONGEST_FORMULA
from alatau_finance.errors import AlatauError
from alatau_finance.i18n import message, unit_name
from alatau_finance.reports.layout import FIRST, HEADER_ROWS, KEY, LABEL, OPENING
from alatau_finance.reports.styles import DEEP, Styles

#: What a number that does not exist shows as; formulas give the same text.
NOT_AVAILABLE = "n/a"
A4 = 9
DUST = 1e-9  # bn KZT; of other units it is less than any format shows
LINE_HEIGHT = 15.0  # points
#: Roles whose texts are broken into lines, and how many letters of any of the three languages, on average, stand in
#: the width of a digit: fewer where they are bold, fewer in narrow columns, where the last word of a line leaves a gap.
WRAPPED: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(("label", "wrapped", "top_label"), 1.05),
        **dict.fromkeys(("metric_label", "heading", "column_heading", "unit", "top"), 0.9),
    }
)
NOTE_WIDTH, NOTE_CHARACTERS, NOTE_LINE = 420, 66, 17  # pixels, characters of a line, pixels of its height

Cell = float | str

_letters = cache(xl_col_to_name)


def literal(text: str) -> str:
    """A text as formulas write it."""
    return '"' + text.replace('"', '""') + '"'


class FormulaSheet(Worksheet):  # type: ignore[misc]
    """A worksheet that takes rows of finished formulas (without "=") as they are."""

    fh: Any  # the file of the sheet, xlsxwriter's

    def store_formulas(self, row: int, column: int, formulas: Sequence[str], values: Sequence[Cell], style: Any) -> int:
        """Put formulas into consecutive cells of a row (0-based). Returns 0, or xlsxwriter's code for a bad place."""
        refused = self._check_dimensions(row, column) or self._check_dimensions(row, column + len(formulas) - 1)
        if refused:
            return int(refused)
        if self.constant_memory and row > self.previous_row:
            self._write_single_row(row)
        cells, index = self.table[row], style._get_xf_index()
        for number, (formula, value) in enumerate(zip(formulas, values, strict=True), start=column):
            if value.__class__ is float:
                shown = self._escape_data(formula) if "<" in formula or ">" in formula or "&" in formula else formula
                cells[number] = f'<c r="{_letters(number)}{row + 1}" s="{index}"><f>{shown}</f><v>{value}</v></c>'
            else:
                cells[number] = CellFormulaTuple(formula, style, value)
        return 0

    def _write_single_row(self, current_row_num: int = 0) -> None:
        """A row in one piece: the file takes as long for a cell as for a row of them."""
        file, cells = self.fh, StringIO()
        try:
            self.fh = cells
            super()._write_single_row(current_row_num)
            file.write(cells.getvalue())
        finally:
            self.fh = file

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        """A cell; one that :meth:`store_formulas` has rendered, as it is."""
        if cell.__class__ is str:
            self.fh.write(cell)
        else:
            super()._write_cell(row, col, cell)

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        """A text that opens and closes like rich text is no markup: nobody writes any here."""
        self._xml_inline_string(string, False, attributes)


@dataclass(frozen=True)
class Sheet:
    """A worksheet whose writes raise when they fail. Rows count from 1, columns from 0; rows are written downwards."""

    name: str
    worksheet: Any
    styles: Styles
    footer: str = ""
    translate: Callable[[str], str] = str
    _widths: dict[int, float] = field(default_factory=dict)
    #: Lines of text and level of the outline of a row, where they are not 1 and 0.
    _lines: dict[int, int] = field(default_factory=dict)
    _levels: dict[int, int] = field(default_factory=dict)

    def columns(self, first: int, last: int, width: float) -> None:
        """The width of some columns, in characters; what is wrapped in them makes its row high enough."""
        self._done(self.worksheet.set_column(first, last, width), 0, f"columns {first} to {last}")
        self._widths.update(dict.fromkeys(range(first, last + 1), width))

    def text(self, row: int, column: int, text: str, role: str = "text", basis: str = "") -> None:
        """A text, whatever it looks like: one that opens like a formula stays a text when it is edited, too."""
        if text:
            style = self.styles.get(role, "@" if text[0] in "=+-@" else "General", basis)
            self._done(self.worksheet.write_string(row - 1, column, text, style), row, text)
            if role in WRAPPED and len(text) > self._widths.get(column, math.inf) * WRAPPED[role]:
                self.height(row, len(textwrap.wrap(text, max(1, int(self._widths[column] * WRAPPED[role])))))

    def unit(self, row: int, column: int, unit: str) -> None:
        """A unit of the models as readers call it."""
        self.text(row, column, unit_name(unit, self.translate), "unit")

    def note(self, row: int, column: int, text: str) -> None:
        """A note that shows while the pointer is on the cell."""
        lines = sum(len(textwrap.wrap(line, NOTE_CHARACTERS)) for line in text.splitlines())
        size = {"width": NOTE_WIDTH, "height": NOTE_LINE * (lines + 1), "font_size": 9, "author": ""}
        self._done(self.worksheet.write_comment(row - 1, column, text, size), row, text)

    def number(self, row: int, column: int, value: float, numbers: str, role: str = "input", basis: str = "") -> None:
        """A number, or "n/a" where it is none. A zero is spelt out, not shown as a dash: somebody chose it."""
        style = self.styles.get(role, numbers.partition(";")[0], basis)
        if math.isfinite(value):
            self._done(self.worksheet.write_number(row - 1, column, value, style), row, repr(value))
        else:
            style = self.styles.get("missing" if role == "static" else role, basis=basis)
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

    def link(self, row: int, column: int, sheet: str, text: str, cell: str = "A1") -> None:
        """A link to another sheet of the workbook."""
        target = "internal:'" + sheet.replace("'", "''") + f"'!{cell}"
        done = self.worksheet.write_url(row - 1, column, target, self.styles.get("link"), text)
        self._done(done, row, text)

    def fill(self, row: int, first: int, last: int, role: str) -> None:
        """Empty cells that carry a colour."""
        for column in range(first, last + 1):
            self._done(self.worksheet.write_blank(row - 1, column, None, self.styles.get(role)), row, "")

    def small_chart(self, row: int, column: int, area: str, colour: str) -> None:
        """Columns within a cell, one for each cell of ``area``; programs older than 2010 leave the cell empty."""
        look = {"range": area, "type": "column", "series_color": colour}
        self._done(self.worksheet.add_sparkline(row - 1, column, look), row, area)

    def hide_dust(self, periods: int) -> None:
        """Show less than one tenge, which rounding left of 0, in the period columns written as the dash that a 0 is."""
        rule = {"type": "cell", "criteria": "between", "minimum": -DUST, "maximum": DUST, "format": self.styles.dash}
        area = (HEADER_ROWS, FIRST, self.worksheet.dim_rowmax, FIRST + periods - 1)
        self._done(self.worksheet.conditional_format(*area, rule), HEADER_ROWS, "dust")

    def negative(self, area: str) -> None:
        """Colour the cells of ``area`` that are below 0."""
        rule = {"type": "cell", "criteria": "<", "value": 0, "format": self.styles.get("bad")}
        self._done(self.worksheet.conditional_format(area, rule), 0, area)

    def validate(self, row: int, column: int, rule: Mapping[str, object]) -> None:
        """What may be entered into a cell."""
        done = self.worksheet.data_validation(row - 1, column, row - 1, column, dict(rule))
        self._done(done, row, str(rule))

    def name_cell(self, name: str, address: str) -> None:
        """Give a cell, told with its sheet, a name of the workbook."""
        self._done(self.styles.workbook.define_name(name, f"={address}"), 0, name)

    def group(self, row: int) -> None:
        """Put a row one level down in the outline."""
        self._levels[row] = 1
        self._set_row(row)

    def height(self, row: int, lines: int) -> None:
        """Make a row high enough for wrapped text, and no lower than it was; not every program does so by itself."""
        self._lines[row] = max(lines, self._lines.get(row, 1))
        self._set_row(row)

    def _set_row(self, row: int) -> None:
        lines, options = self._lines.get(row), {"level": self._levels[row]} if row in self._levels else {}
        height = LINE_HEIGHT * lines if lines else None
        self._done(self.worksheet.set_row(row - 1, height, None, options), row, "")

    def flag(self, area: str, good: str, bad: str) -> None:
        """Colour the cells of ``area`` that hold one of two texts."""
        for text, role in ((good, "good"), (bad, "bad")):
            rule = {"type": "cell", "criteria": "==", "value": literal(text), "format": self.styles.get(role)}
            self._done(self.worksheet.conditional_format(area, rule), 0, area)

    def print_set_up(
        self, *, repeat_rows: int = HEADER_ROWS, pages_wide: int = 1, periods: bool = False, repeat_columns: int = 0
    ) -> None:
        """A4 landscape, ``pages_wide`` pages across, headers repeated, "page x of y" below; 0 pages: not fitted.

        Pages further right repeat the first ``repeat_columns``; of ``periods``, those up to the opening.
        """
        sheet = self.worksheet
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        if pages_wide:
            sheet.fit_to_pages(pages_wide, 0)
        sheet.set_footer(f"&L&8{self.footer.replace('&', '&&')}&C&8&A&R&8&P / &N")
        if repeat_rows:
            sheet.repeat_rows(0, repeat_rows - 1)
        repeat_columns = OPENING + 1 if periods else repeat_columns
        if repeat_columns:
            sheet.repeat_columns(KEY, repeat_columns - 1)
            sheet.print_across()
        sheet.hide_gridlines(2)
        sheet.set_tab_color(DEEP)

    def table(self, headings: Sequence[str], widths: Sequence[float], row: int, numbers: Container[int] = ()) -> None:
        """Column headings of a list, widths, frozen above and left of the labels; ``numbers`` are numeric columns."""
        for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            self.columns(column, column, width)
            self.text(row, column, heading, "column_heading" if column in numbers else "heading")
        self.height(row, 2)
        self.worksheet.freeze_panes(row, min(LABEL + 1, len(headings)))

    def period_columns(self, width: float = 12.5, periods: int = 1) -> None:
        """Widths of a calculation sheet, its columns up to the opening frozen."""
        for column, fixed in enumerate((22, 64, 18, 13, 13, 12)):
            self.columns(column, column, fixed)
        self.columns(FIRST, FIRST + periods - 1, width)
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
