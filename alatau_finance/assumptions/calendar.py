"""Dates as calendar years: 1 July 2026 is 2026.5. Every month is a twelfth of a year, so that quarters are exact."""

from __future__ import annotations

import math
from calendar import monthrange
from datetime import date

_ROUNDING = 1e-9


def calendar_year(day: date) -> float:
    """``day`` in calendar years."""
    days = monthrange(day.year, day.month)[1]
    return day.year + (day.month - 1 + (day.day - 1) / days) / 12


def date_of(year: float) -> date:
    """The day nearest to ``year``, given in calendar years (1 to 9999)."""
    whole = math.floor(year + _ROUNDING)
    months = max(year - whole, 0.0) * 12
    month = math.floor(months + _ROUNDING)
    days = monthrange(whole, month + 1)[1]
    return date(whole, month + 1, min(round(max(months - month, 0.0) * days) + 1, days))
