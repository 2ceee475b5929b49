"""How charts are drawn: columns, curves, bands and bars over live cells, each with a title and axes that say the unit.

The numbers are passed with the addresses, so that a viewer that does not calculate can draw them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alatau_finance.reports.sheet import Cell

COLOURS = ("#1F3864", "#C55A11", "#2E8B57", "#7F7F7F", "#BF9000", "#7030A0")
LIMIT = "#C00000"
WIDTH, HEIGHT = 1100, 420  # pixels
_GRID = {"visible": True, "line": {"color": "#D9D9D9"}}
_NOTHING = {"fill": {"none": True}, "border": {"none": True}}


@dataclass(frozen=True)
class Drawn:
    """A series: its name, where its categories and values stand, what they are, and how it looks."""

    name: str
    categories: str
    values: str
    category_data: Sequence[Cell]
    value_data: Sequence[Cell]
    look: Mapping[str, object] = field(default_factory=dict)

    def options(self) -> dict[str, object]:
        """As xlsxwriter takes it."""
        return {
            "name": self.name,
            "categories": "=" + self.categories,
            "values": "=" + self.values,
            "categories_data": list(self.category_data),
            "values_data": list(self.value_data),
            **self.look,
        }


def unseen() -> Mapping[str, object]:
    """The look of a series on which others stand."""
    return _NOTHING


def filled(colour: str) -> Mapping[str, object]:
    """The look of columns, bars and areas."""
    return {"fill": {"color": colour}, "border": {"none": True}, "gap": 40}


def drawn_line(colour: str, dashed: bool = False) -> Mapping[str, object]:
    """The look of a curve."""
    return {"line": {"color": colour, "width": 2.25, "dash_type": "dash" if dashed else "solid"}}


def chart(workbook: Any, kind: str, series: Sequence[Drawn], lines: Sequence[Drawn] = ()) -> Any:
    """A chart of ``kind`` (line, or stacked column, bar, area) with ``lines`` over it."""
    options = {"type": kind} if kind == "line" else {"type": kind, "subtype": "stacked"}
    made = workbook.add_chart(options)
    for one in series:
        made.add_series(one.options())
    if lines:
        over = workbook.add_chart({"type": "line"})
        for one in lines:
            over.add_series(one.options())
        made.combine(over)
    return made


def finish(
    made: Any, title: str, across: str, up: str, *, numbers: str = "#,##0", dates: str = "0", from_zero: bool = False
) -> None:
    """Title, legend below, and axes with their names; ``across`` is the horizontal one.

    Shares end at 100 %. ``from_zero``: rounding below 0 is not shown.
    """
    _dress(made, title)
    turned = {"num_font": {"rotation": -90, "size": 8}, "num_format": dates, "text_axis": True}
    made.set_x_axis({**_named(across), **turned, "label_position": "low"})
    ends = ({"max": 1} if numbers == "0%" else {}) | ({"min": 0} if from_zero else {})
    made.set_y_axis({**_named(up), **ends, "num_format": numbers, "major_gridlines": _GRID})


def finish_bars(made: Any, title: str, across: str) -> None:
    """The same for bars, the first of them on top and their names left of the lowest value."""
    _dress(made, title)
    made.set_y_axis(
        {"reverse": True, "label_position": "low", "num_font": {"size": 8}, "major_gridlines": {"visible": False}}
    )
    made.set_x_axis({**_named(across), "num_format": "#,##0.0", "label_position": "high", "major_gridlines": _GRID})


def _dress(made: Any, title: str) -> None:
    made.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
    made.set_legend({"position": "bottom"})
    made.set_size({"width": WIDTH, "height": HEIGHT})


def _named(name: str) -> dict[str, object]:
    return {"name": name, "name_font": {"size": 9, "bold": False}} if name else {}
