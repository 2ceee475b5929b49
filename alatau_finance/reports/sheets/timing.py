"""The timing sheet: first year and periods per year, and the calendar that follows from them."""

from __future__ import annotations

from alatau_finance.backends.excel import CURRENT, LEFT
from alatau_finance.backends.functions import HIGHEST_DISCOUNT, LOWEST_DISCOUNT, ROUNDING
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.reports.book import Book
from alatau_finance.reports.layout import CONSTANT, FIRST, KEY, LABEL, OPENING, UNIT, budget_year_of
from alatau_finance.reports.sheet import Sheet
from alatau_finance.reports.sheets.header import pages_across, write_calendar, write_title
from alatau_finance.reports.styles import COUNT, DATE, SCIENTIFIC, YEAR, number_format

#: The rates between which Python looks for a rate of return, from its discount factors.
LOWEST_RATE, HIGHEST_RATE = 1.0 / HIGHEST_DISCOUNT - 1.0, 1.0 / LOWEST_DISCOUNT - 1.0


def write_timing(sheet: Sheet, book: Book) -> None:
    """The one calendar of the workbook; every other sheet links to it."""
    _ = book.translate
    rows = book.layout.timing
    sheet.period_columns(periods=book.layout.columns.count)
    write_title(sheet, book, sheet.name, _("The calendar that every sheet shares"), status=True)
    write_calendar(sheet, book, f"={CURRENT}${rows.start}", f"={CURRENT}${rows.budget_year}")
    _write_scalars(sheet, book)
    sheet.text(rows.number, LABEL, _("Number of the period"))
    sheet.number(rows.number, OPENING, 0.0, COUNT, "calculation")
    _write_row(
        sheet,
        book,
        rows.number,
        f"={LEFT}${rows.number}+1",
        [t + 1.0 for t in range(book.pool.calendar.periods)],
        COUNT,
    )
    _write_series(sheet, book)
    sheet.print_set_up(pages_wide=pages_across(book.layout.columns), periods=True)


def _write_scalars(sheet: Sheet, book: Book) -> None:
    _ = book.translate
    rows, calendar = book.layout.timing, book.pool.calendar
    for row, name, label, unit, value, numbers in (
        (rows.first_year, "first_year", _("First budget year"), "year", float(calendar.first_year), YEAR),
        (
            rows.periods_per_year,
            "periods_per_year",
            _("Periods per year"),
            "1/year",
            float(calendar.periods_per_year),
            COUNT,
        ),
        (rows.lowest_rate, "lowest_rate", _("Lowest rate of return looked for, per period"), "1", LOWEST_RATE, "0.0%"),
        (
            rows.highest_rate,
            "highest_rate",
            _("Highest rate of return looked for, per period"),
            "1",
            HIGHEST_RATE,
            "0.0%",
        ),
        (
            rows.rounding,
            "rounding",
            _("Part of the largest flow below which a flow is rounding"),
            "1",
            ROUNDING,
            SCIENTIFIC,
        ),
    ):
        sheet.text(row, KEY, name, "key")
        sheet.text(row, LABEL, label)
        sheet.unit(row, UNIT, unit)
        sheet.number(row, CONSTANT, value, numbers, basis="assumed")


def _write_series(sheet: Sheet, book: Book) -> None:
    _ = book.translate
    rows, calendar = book.layout.timing, book.pool.calendar
    start, end = rows.series["period_start"], rows.series["period_end"]
    formulas = {
        "period_start": f"=$D${rows.first_year}+({CURRENT}${rows.number}-1)/$D${rows.periods_per_year}",
        "period_end": f"=$D${rows.first_year}+{CURRENT}${rows.number}/$D${rows.periods_per_year}",
        "year_fraction": f"={CURRENT}${end}-{CURRENT}${start}",
        "first_period_of_year": f"=IF({CURRENT}${start}={CURRENT}${rows.budget_year},1,0)",
        "last_period_of_year": f"=IF({CURRENT}${end}=INT({CURRENT}${end}),1,0)",
    }
    for name, (unit, label) in CALENDAR_SERIES.items():
        sheet.text(rows.series[name], KEY, name, "key")
        sheet.text(rows.series[name], LABEL, _(label))
        sheet.unit(rows.series[name], UNIT, unit)
        _write_row(
            sheet, book, rows.series[name], formulas[name], calendar.series[name], number_format(unit, name, label)
        )
    sheet.text(rows.budget_year, KEY, "budget_year", "key")
    sheet.text(rows.budget_year, LABEL, _("Budget year"))
    years = [float(budget_year_of(calendar, t)) for t in range(calendar.periods)]
    _write_row(sheet, book, rows.budget_year, f"=INT({CURRENT}${start})", years, YEAR)
    sheet.text(rows.start, LABEL, _("First day of the period"))
    days = [float(calendar.start_of(t).toordinal() - 693594) for t in range(calendar.periods)]
    first_day = f"=DATE({CURRENT}${rows.budget_year},1+12*({CURRENT}${start}-{CURRENT}${rows.budget_year}),1)"
    _write_row(sheet, book, rows.start, first_day, days, DATE)


def _write_row(
    sheet: Sheet, book: Book, row: int, template: str, values: list[float] | tuple[float, ...], numbers: str
) -> None:
    sheet.formulas(row, FIRST, book.layout.columns.close(template), book.caches(values), numbers)
