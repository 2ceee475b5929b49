"""How cells look: what a colour means, and how a number of each unit is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

#: Words in the name of a pure number that say it is a share and is read in percent.
SHARES = frozenset(
    (
        *("share", "rate", "margin", "premium", "fee", "tax", "cit", "pit", "vat", "gearing", "mobilisation"),
        *("retention", "probability", "overrun", "through", "slip", "recovery", "deduction", "penalty", "irr"),
    )
)
#: Words that say it is none, whatever the others say.
LEVELS = frozenset(("index", "factor", "level", "dscr", "to"))

_DASH = '"–"'  # a zero, easier to overlook than 0.000
_FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "year": f"0.00;-0.00;{_DASH}",
        "1/year": f"0.00%;-0.00%;{_DASH}",
        "person": f"#,##0;-#,##0;{_DASH}",
        "1/project": f"#,##0;-#,##0;{_DASH}",
        "KZT/USD": f"#,##0.00;-#,##0.00;{_DASH}",
        "bn KZT/year": f"#,##0.0;-#,##0.0;{_DASH}",
        "bn KZT": f"#,##0.000;-#,##0.000;{_DASH}",
        "bn USD": f"#,##0.0000;-#,##0.0000;{_DASH}",
        "KZT/KZT_real": f"0.0000;-0.0000;{_DASH}",
    }
)
PERCENT = f"0.0%;-0.0%;{_DASH}"
PROBABILITY = f"0.00%;-0.00%;{_DASH}"
PLAIN = f"#,##0.0000;-#,##0.0000;{_DASH}"
SMALL = f"0.0000000;-0.0000000;{_DASH}"
COUNT = f"0;-0;{_DASH}"
SCIENTIFIC = f"0.0E+00;-0.0E+00;{_DASH}"
DATE = "yyyy-mm-dd"
YEAR = "0"

BLUE, BLACK, GREEN, GREY, WHITE = "#0000FF", "#000000", "#00722E", "#8C8C8C", "#FFFFFF"
DEEP, PALE = "#1F3864", "#DCE6F1"
#: How sure an input is: sourced and derived values against those that were allocated or assumed.
BASIS_FILLS: Mapping[str, str] = MappingProxyType(
    {"sourced": "#E2EFDA", "derived": "#DDEBF7", "allocated": "#FCE4D6", "assumed": "#FFF2CC"}
)


def number_format(unit: str, name: str = "", label: str = "") -> str:
    """The spreadsheet number format for a value of ``unit``; flags and shares are told by ``label`` and ``name``."""
    unit = unit.strip()
    if unit == "1":
        if label.startswith("Flag") or "(1)" in label:
            return COUNT
        words = set(name.split("_"))
        return PERCENT if SHARES & words and not LEVELS & words else PLAIN
    if unit.startswith("bn ") and "/" in unit.replace("/year", ""):
        return SMALL
    for known in (unit, unit.removesuffix("/year"), unit.removesuffix("/year").removesuffix("_real")):
        if known in _FORMATS:
            return _FORMATS[known]
    return PLAIN


def simulated_format(unit: str, name: str = "", label: str = "") -> str:
    """As :func:`number_format`, of what was found over paths: the mean of a flag is a probability."""
    found = number_format(unit, name, label)
    return PROBABILITY if found == COUNT else found


_ROLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "title": {"bold": True, "font_size": 16, "font_color": DEEP},
        "subtitle": {"font_color": GREY, "italic": True},
        "heading": {"bold": True, "font_color": WHITE, "bg_color": DEEP, "valign": "vcenter", "text_wrap": True},
        "column_heading": {
            "bold": True,
            "font_color": WHITE,
            "bg_color": DEEP,
            "align": "right",
            "valign": "vcenter",
            "text_wrap": True,
        },
        "section": {"bold": True, "font_color": DEEP, "bg_color": PALE},
        "section_key": {"font_color": GREY, "font_size": 8, "bg_color": PALE, "shrink": True},
        "key": {"font_color": GREY, "font_size": 8, "shrink": True},
        "text": {},
        "label": {"text_wrap": True},
        "metric_label": {"text_wrap": True, "bold": True},
        "top": {"valign": "top", "text_wrap": True, "indent": 1},
        "top_label": {"valign": "top", "text_wrap": True},
        "top_static": {"valign": "top", "font_color": GREY},
        "wrapped": {"text_wrap": True, "valign": "top"},
        "unit": {"font_color": GREY, "text_wrap": True, "indent": 1},
        "note": {"font_color": GREY, "text_wrap": True, "valign": "top"},
        "link": {"font_color": BLUE, "underline": 1},
        "input": {"font_color": BLUE},
        "calculation": {"font_color": BLACK},
        "metric": {"font_color": BLACK, "bold": True},
        "import": {"font_color": GREEN},
        "static": {"font_color": GREY},
        "missing": {"font_color": GREY, "align": "right"},
        "legend": {"font_color": BLUE, "align": "center", "shrink": True},
        "result": {"bold": True, "align": "center"},
        "left_result": {"bold": True, "align": "left"},
        "good": {"font_color": "#006100", "bg_color": "#C6EFCE"},
        "bad": {"font_color": "#9C0006", "bg_color": "#FFC7CE", "bold": True},
    }
)


@dataclass(frozen=True)
class Styles:
    """The formats of one workbook; each combination is made once. ``workbook`` is an xlsxwriter Workbook."""

    workbook: Any
    _made: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    @property
    def dash(self) -> Any:
        """How a 0 is written, whatever its sign, on top of another format."""
        if ("dash", "", "") not in self._made:
            self._made["dash", "", ""] = self.workbook.add_format({"num_format": f"{_DASH};{_DASH};{_DASH}"})
        return self._made["dash", "", ""]

    def get(self, role: str, numbers: str = "General", basis: str = "") -> Any:
        """The format of a role; ``numbers`` is a number format, ``basis`` colours an input by where it comes from."""
        key = (role, numbers, basis)
        if key not in self._made:
            fill = {"bg_color": BASIS_FILLS[basis]} if basis in BASIS_FILLS else {}
            self._made[key] = self.workbook.add_format({**_ROLES[role], "num_format": numbers, **fill})
        return self._made[key]
