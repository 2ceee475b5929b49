"""Planned cost, capital expenditure and state payments by stage, sector, contract type and budget year, live.

Rows of each stage, sector and contract type read the sheets of the contracts; the views add up those rows. So all of
them have one total, and the sheet says by how much any of them misses it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from xlsxwriter.utility import xl_col_to_name

from alatau_finance.backends.excel import CURRENT
from alatau_finance.i18n import message, unit_name
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import (
    DATE_ROW,
    FIRST,
    HEADER_ROWS,
    KEY,
    LABEL,
    OPENING,
    TOTAL,
    UNIT,
    YEAR_ROW,
    quoted,
)
from alatau_finance.reports.sheet import Sheet, literal
from alatau_finance.reports.sheets.budget_years import by_year, year_rows
from alatau_finance.reports.sheets.header import pages_across, write_headings, write_title
from alatau_finance.reports.sheets.pool_table_rows import KEY_COLUMNS, Group, Section, sections_of
from alatau_finance.reports.styles import SCIENTIFIC, YEAR, number_format
from alatau_finance.simulation.tables import MEASURES, yearly_amounts

#: What each measure is called.
TITLES: Mapping[str, str] = {
    "planned_cost": message("Planned cost, as published"),
    "capital_expenditure": message("Capital expenditure, nominal, excluding VAT"),
    "state_payments": message("Payments by the state, nominal, with VAT"),
}
#: What each sector of the asset classes is called; one that is not known here goes by its own name.
SECTORS: Mapping[str, str] = {
    "power": message("Power"),
    "water": message("Water and wastewater"),
    "gas": message("Gas"),
    "roads": message("Roads"),
    "public_transport": message("Public transport"),
    "social": message("Social facilities"),
    "digital": message("Digital infrastructure"),
}
UNIT_OF_TABLES = "bn KZT"
STATE_ROW = HEADER_ROWS + 2


def write_pool_tables(sheet: Sheet, book: Book) -> None:
    """All tables, and above them the one cell that says whether they add up."""
    _ = book.translate
    years, sections = book.layout.years, sections_of(book)
    sheet.period_columns(periods=years.count)
    sheet.columns(KEY, KEY, 22)
    sheet.columns(LABEL, LABEL, 76)
    note = _("Rows read the sheets of the contracts, views add up the rows: all have the same total")
    write_title(sheet, book, sheet.name, note, status=True)
    write_headings(sheet, [_("Stage"), _("Table"), _("Sector"), _("Contract type"), _("Total"), _("Total less years")])
    source = f"={quoted(book.layout.titles.years)}{CURRENT}${YEAR_ROW}"
    headers = [float(year) for year in book.pool.calendar.budget_years]
    sheet.fill(DATE_ROW, FIRST, FIRST + years.count - 1, "heading")
    sheet.fill(YEAR_ROW, KEY, FIRST - 1, "heading")
    sheet.formulas(YEAR_ROW, FIRST, years.close(source), book.caches(headers), YEAR, "column_heading")
    _write_state(sheet, book, sections)
    for section in sections:
        _write_section(sheet, book, section)
    sheet.hide_dust(years.count)
    sheet.print_set_up(pages_wide=pages_across(years), periods=True)


def _write_state(sheet: Sheet, book: Book, sections: Sequence[Section]) -> None:
    """The largest miss of any table, relative to its total: total against years, and views against the total."""
    _ = book.translate
    sheet.text(STATE_ROW, LABEL, _("Largest relative difference between any table and its total"), "metric_label")
    letter, total = xl_col_to_name(OPENING), xl_col_to_name(TOTAL)
    parts = []
    for section in sections:
        misses = f"${letter}${section.first}:${letter}${section.end}"
        parts.append(f"IF(${total}${section.total}=0,0,MAX(MAX({misses}),-MIN({misses}))/${total}${section.total})")
    sheet.formula(STATE_ROW, TOTAL, f"=MAX({','.join(parts)})", book.cache(0.0), SCIENTIFIC, "metric")
    checks = f"{quoted(book.layout.titles.checks)}$D$3"
    verdict = f"=IF(${total}${STATE_ROW}<={checks},{literal(_('OK'))},{literal(_('FAIL'))})"
    sheet.formula(STATE_ROW, OPENING, verdict, book.cache(_("OK")), role="result")
    sheet.flag(f"{letter}{STATE_ROW}", _("OK"), _("FAIL"))


def _write_section(sheet: Sheet, book: Book, section: Section) -> None:
    _ = book.translate
    numbers = number_format(UNIT_OF_TABLES)
    title = f"{_(TITLES[section.measure])}, {unit_name(UNIT_OF_TABLES, _)}"
    _write_heading(sheet, section.heading, title)
    values = [_values(book, section, group) for group in section.groups]
    for row, (group, amounts) in enumerate(zip(section.groups, values, strict=True), start=section.first):
        _write_keys(sheet, book, row, {name: getattr(group, name) for name in KEY_COLUMNS})
        _write_row(sheet, book, row, _sources(book, section, group), amounts, numbers)
    whole = _added(values, book.layout.years.count)
    sheet.text(section.total, LABEL, _("Total"), "metric")
    column = f"SUM({CURRENT}${section.first}:{CURRENT}${section.last})"
    _write_row(sheet, book, section.total, ("=" + column, "=" + column), whole, numbers, "metric")
    if section.pool_line:
        _write_pool(sheet, book, section, numbers)
    for dimension, heading in section.views():
        _write_view(sheet, book, section, dimension, heading, values, numbers)


def _write_pool(sheet: Sheet, book: Book, section: Section, numbers: str) -> None:
    """What the pool itself adds up: its total less that of the rows above, and its years."""
    _ = book.translate
    row, pool, block = section.pool, book.layout.pool, book.layout.pool.blocks[0]
    values = book.row(block.instance, section.pool_line)
    yearly = by_year(values, "sum", book.pool.calendar.periods_per_year)
    total, columns = xl_col_to_name(TOTAL), book.layout.columns
    sheet.text(row, LABEL, _("The same from the sheets of the pool"), "label")
    whole = f"=SUM({columns.row(block.rows[section.pool_line], pool.prefix)})"
    sheet.formula(row, TOTAL, whole, book.cache(math.fsum(values)), numbers, "import")
    sheet.formula(row, OPENING, f"=${total}${row}-${total}${section.total}", book.cache(0.0), SCIENTIFIC)
    source = f"={quoted(book.layout.titles.years)}{CURRENT}${year_rows(book)[section.pool_line]}"
    sheet.formulas(row, FIRST, book.layout.years.close(source), book.caches(yearly), numbers, "import")


def _write_view(
    sheet: Sheet,
    book: Book,
    section: Section,
    dimension: str,
    heading: int,
    values: Sequence[Sequence[float]],
    numbers: str,
) -> None:
    """One row for each key of a dimension; its heading holds what the view misses the total by."""
    _ = book.translate
    titles = {"stage": _("By stage"), "sector": _("By sector"), "contract": _("By contract type")}
    names = section.names(dimension)
    _write_heading(sheet, heading, titles[dimension])
    total, last = xl_col_to_name(TOTAL), heading + len(names)
    if names:
        miss = f"=SUM(${total}${heading + 1}:${total}${last})-${total}${section.total}"
        sheet.formula(heading, OPENING, miss, book.cache(0.0), SCIENTIFIC)
    letter = xl_col_to_name(KEY_COLUMNS[dimension])
    keys = f"${letter}${section.first}:${letter}${section.last}"
    for row, name in enumerate(names, start=heading + 1):
        _write_keys(sheet, book, row, {dimension: name})
        added = f"=SUMIF({keys},${letter}{row},{CURRENT}${section.first}:{CURRENT}${section.last})"
        chosen = [v for v, group in zip(values, section.groups, strict=True) if getattr(group, dimension) == name]
        _write_row(sheet, book, row, (added, added), _added(chosen, book.layout.years.count), numbers)


def _write_heading(sheet: Sheet, row: int, title: str) -> None:
    sheet.fill(row, KEY, KEY, "section")
    sheet.text(row, LABEL, title, "section")
    sheet.fill(row, UNIT, TOTAL, "section")


def _write_keys(sheet: Sheet, book: Book, row: int, keys: Mapping[str, str]) -> None:
    """The keys that formulas match, and the same in words."""
    words = {"stage": stage_name, "sector": sector_name, "contract": contract_name}
    told = " · ".join(filter(None, (words[name](book, key) for name, key in keys.items())))
    sheet.text(row, LABEL, told, "label")
    for name, key in keys.items():
        sheet.text(row, KEY_COLUMNS[name], key, "key")


def _write_row(
    sheet: Sheet,
    book: Book,
    row: int,
    formulas: tuple[str, str],
    amounts: Sequence[float],
    numbers: str,
    role: str = "calculation",
) -> None:
    """Total, what the years miss it by, and one cell a year; ``formulas`` are those of the total and of a year."""
    years, total = book.layout.years, xl_col_to_name(TOTAL)
    whole, each = formulas
    whole = whole.replace(CURRENT, f"${total}")
    sheet.formula(row, TOTAL, whole, book.cache(math.fsum(amounts)), numbers, role)
    miss = f"=${total}${row}-SUM({years.row(row)})"
    sheet.formula(row, OPENING, miss, book.cache(0.0), SCIENTIFIC)
    sheet.formulas(row, FIRST, years.close(each), book.caches(amounts), numbers, role)


def _sources(book: Book, section: Section, group: Group) -> tuple[str, str]:
    """Formulas of the total and of a year: the totals of the contracts, and their periods of that year."""
    line, model = MEASURES[section.measure], book.layout.contracts[group.contract]
    columns, total = book.layout.columns, xl_col_to_name(TOTAL)
    rows = [block.rows[line] for block in group.blocks]
    if line in book.totals[model.plan.key]:
        whole = [f"{model.prefix}${total}${row}" for row in rows]
    else:
        whole = [f"SUM({columns.row(row, model.prefix)})" for row in rows]
    headers = columns.row(YEAR_ROW, model.prefix)
    each = [f"SUMIF({headers},{CURRENT}${YEAR_ROW},{columns.row(row, model.prefix)})" for row in rows]
    return "=" + "+".join(whole), "=" + "+".join(each)


def _values(book: Book, section: Section, group: Group) -> Sequence[float]:
    instances = [block.instance for block in group.blocks]
    return yearly_amounts(book.pool, book.values, instances, MEASURES[section.measure])


def _added(rows: Sequence[Sequence[float]], count: int) -> list[float]:
    return [math.fsum(row[number] for row in rows) for number in range(count)]


def stage_name(book: Book, stage: str) -> str:
    """What a stage is called: the label of the published total of its cost, if there is one."""
    for published in book.pool.assumptions.totals:
        if published.measure == "cost" and published.stages == (stage,) and not published.tags:
            return book.in_language(published.label)
    return stage


def sector_name(book: Book, sector: str) -> str:
    """What a sector is called."""
    return book.translate(SECTORS.get(sector, sector))


def contract_name(book: Book, contract: str) -> str:
    """What a contract type is called: the name of its sheet."""
    return book.layout.contracts[contract].title
