"""What moves the result: a bar for each input at both ends of its range, from the sheet of sensitivity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alatau_finance.i18n import unit_name
from alatau_finance.reports.layout import quoted
from alatau_finance.reports.sheets.chart_data import Data
from alatau_finance.reports.sheets.drawing import COLOURS, LIMIT, Drawn, chart, filled, finish_bars
from alatau_finance.reports.sheets.sensitivity import HEADING_ROW, HIGH_COLUMN, LABEL_COLUMN, LOW_COLUMN
from alatau_finance.reports.swings import labels

#: So many inputs are drawn, those of the largest swing.
BARS = 12


def tornado(data: Data) -> Any:
    """Each input at both ends of its range, the widest swing on top."""
    _, swings = data.book.translate, data.book.swings[:BARS]
    prefix, last = quoted(data.book.layout.titles.sensitivity), HEADING_ROW + len(swings)
    names = labels(data.book.swings, _)[:BARS]

    def series(column: int, name: str, values: Sequence[float], colour: str) -> Drawn:
        letters = [chr(ord("A") + number) for number in (LABEL_COLUMN, column)]
        areas = [f"{prefix}${letter}${HEADING_ROW + 1}:${letter}${last}" for letter in letters]
        return Drawn(name, areas[0], areas[1], names, list(values), filled(colour))

    low = [swing.result_low - swing.result_base for swing in swings]
    high = [swing.result_high - swing.result_base for swing in swings]
    made = chart(
        data.workbook,
        "bar",
        [
            series(LOW_COLUMN, _("Input at the low end"), low, COLOURS[0]),
            series(HIGH_COLUMN, _("Input at the high end"), high, LIMIT),
        ],
    )
    measure = _(swings[0].measure_label)
    title = _("What moves: {measure} (static)").format(measure=measure)
    finish_bars(made, title, _("Change from the base case, {unit}").format(unit=unit_name("bn KZT", _)))
    return made
