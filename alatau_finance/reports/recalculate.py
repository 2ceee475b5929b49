"""A workbook calculated by programs that are not ours, to compare with what Python says.

Both read the file from disk and calculate every formula; neither may trust the values that were written with it, so
write the workbook with ``cached=False`` where that matters.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alatau_finance.errors import AlatauError
from alatau_finance.i18n import message

CellValue = float | str | bool | None

#: LibreOffice calculates a loaded file anew only where its profile says "always" (0).
_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">\
<value>0</value></prop></item>
</oor:items>
"""


@dataclass(frozen=True)
class Cells:
    """The values of a calculated workbook. ``read`` takes a sheet's name, a row and a column, both counted from 1."""

    sheets: tuple[str, ...]
    read: Callable[[str, int, int], CellValue]

    def row(self, sheet: str, row: int, first: int, last: int) -> list[CellValue]:
        """The values of one row, from column ``first`` to ``last``."""
        return [self.read(sheet, row, column) for column in range(first, last + 1)]


@dataclass(frozen=True)
class LiveWorkbook:
    """A workbook in IronCalc whose inputs can be changed. Rows and columns count from 1."""

    path: Path
    sheets: tuple[str, ...]
    model: Any

    def set(self, sheet: str, row: int, column: int, value: float | str) -> None:
        """Write an input as a user would; nothing is calculated yet."""
        self.model.set_user_input(
            self.sheets.index(sheet), row, column, value if isinstance(value, str) else repr(value)
        )

    def cells(self) -> Cells:
        """Every cell, calculated anew. The values are those of now: ask again after a change."""
        self.model.evaluate()
        number_of = {name: number for number, name in enumerate(self.sheets)}

        def read(sheet: str, row: int, column: int) -> CellValue:
            value: CellValue = self.model.get_cell_value(number_of[sheet], row, column)
            return None if value == "" else value

        return Cells(self.sheets, read)


def open_with_ironcalc(path: Path) -> LiveWorkbook:
    """``path`` in IronCalc. Raises :class:`AlatauError` where it cannot read the file."""
    import ironcalc

    try:
        model = ironcalc.load_from_xlsx(str(path))
    except ironcalc.WorkbookError as error:
        raise AlatauError(message("IronCalc cannot read {path}: {reason}", path=path, reason=str(error))) from error
    return LiveWorkbook(path, tuple(str(sheet["name"]) for sheet in model.get_worksheets_properties()), model)


def recalculate_with_ironcalc(path: Path) -> Cells:
    """Every cell of ``path``, calculated by IronCalc. Raises :class:`AlatauError` where it cannot read the file."""
    return open_with_ironcalc(path).cells()


def recalculate_with_libreoffice(path: Path, *, soffice: str = "soffice", timeout: float = 1800.0) -> Cells:
    """Every cell of ``path``, calculated by LibreOffice Calc in a profile of its own.

    ``timeout`` is in seconds. Raises :class:`AlatauError` where LibreOffice is missing, fails, or ends well without a
    file.
    """
    with tempfile.TemporaryDirectory(prefix="alatau-libreoffice-") as folder:
        profile, output = Path(folder) / "profile", Path(folder) / "output"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, encoding="utf-8")
        command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
        command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(output), str(path)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise AlatauError(
                message("LibreOffice cannot calculate {path}: {reason}", path=path, reason=str(error))
            ) from error
        converted = output / f"{path.stem}.xlsx"
        if done.returncode != 0 or not converted.exists():
            reason = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
            raise AlatauError(message("LibreOffice cannot calculate {path}: {reason}", path=path, reason=reason))
        return _read(converted)


def _read(path: Path) -> Cells:
    """The values a program stored in ``path``."""
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    rows: Mapping[str, list[tuple[CellValue, ...]]] = {
        sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets
    }
    book.close()

    def read(sheet: str, row: int, column: int) -> CellValue:
        found = rows[sheet]
        if row > len(found) or column > len(found[row - 1]):
            return None
        return found[row - 1][column - 1]

    return Cells(tuple(rows), read)
