"""What helps whoever changes an input: the range it may take, and a name for formulas of one's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from alatau_finance.i18n import LANGUAGES, Language, number, percent
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import quoted
from alatau_finance.reports.sheet import Sheet

#: What a spreadsheet shows beside a cell, and above that.
LONGEST_PROMPT, LONGEST_TITLE = 255, 32
#: Where no range is given, any number will do, but a text will not.
_ANY = 1e15
_PERCENT_DECIMALS, _DECIMALS = 2, 4


def guard(
    sheet: Sheet,
    book: Book,
    row: int,
    column: int,
    label: str,
    numbers: str,
    limits: tuple[str, str, float, float] | None,
) -> None:
    """Tell the range beside the cell while it is chosen, and ask back where a number lies outside.

    ``limits`` are the cells of both ends and their values, in the unit of the cell; None where there is no range.
    """
    _ = book.translate
    rule: dict[str, object] = {
        "validate": "decimal",
        "criteria": "between",
        "input_title": shortened(label, LONGEST_TITLE),
        "error_title": shortened(label, LONGEST_TITLE),
    }
    if limits is None:
        rule |= {"minimum": -_ANY, "maximum": _ANY, "input_message": _("A number; no range is given for it.")}
        rule |= {"error_message": _("A number belongs here.")}
    else:
        low, high, lowest, highest = limits
        text = _("Range: {low} to {high}").format(low=told(book, lowest, numbers), high=told(book, highest, numbers))
        asked = _("{range}. The number is outside it; keep it all the same?").format(range=text)
        rule |= {"minimum": f"={low}", "maximum": f"={high}", "error_type": "warning"}
        rule |= {"input_message": text, "error_message": shortened(asked, LONGEST_PROMPT)}
    sheet.validate(row, column, rule)


def told(book: Book, value: float, numbers: str) -> str:
    """A number as the reader's language writes it, in percent where the cell shows percent."""
    language = language_of(book)
    if "%" in numbers:
        return percent(value, language, _PERCENT_DECIMALS)
    return number(value, language, None if abs(value) >= 1 else _DECIMALS)


def shortened(text: str, length: int) -> str:
    """``text``, its end left out where it is longer than ``length``."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def language_of(book: Book) -> Language:
    """The language of the book; English where it is told in one that has no catalogue."""
    return next((known for known in LANGUAGES if known == book.language), "en")


def name_cells(sheet: Sheet, letter: str, rows: Iterable[tuple[str, int]]) -> Mapping[str, str]:
    """Name the cell of each assumption by its path, where one row alone holds it. Gives the name of each address.

    Raises ValueError where xlsxwriter refuses a name.
    """
    listed = list(rows)
    uses = Counter(path.casefold() for path, _row in listed)
    named = {}
    for path, row in listed:
        if uses[path.casefold()] == 1 and "/" not in path:
            address = f"{quoted(sheet.name)}${letter}${row}"
            sheet.name_cell(path, address)
            named[address] = path
    return named
