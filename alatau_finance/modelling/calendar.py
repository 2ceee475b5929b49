"""The one calendar: periods, their calendar years and the series every model sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import MappingProxyType

#: name -> (unit, label) of the series that exist in every model.
CALENDAR_SERIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "period_start": ("year", "Start of the period, calendar years"),
        "period_end": ("year", "End of the period, calendar years"),
        "year_fraction": ("year", "Length of the period"),
        "first_period_of_year": ("1", "Flag: first period of the budget year"),
        "last_period_of_year": ("1", "Flag: last period of the budget year"),
    }
)


@dataclass(frozen=True)
class Calendar:
    """Equal periods from 1 January of ``first_year`` to 31 December of ``last_year`` plus ``tail_years``.

    ``periods_per_year`` is 1, 2 or 4, so that every period boundary is an exact binary number of years.
    """

    first_year: int
    last_year: int
    tail_years: int
    periods_per_year: int

    def __post_init__(self) -> None:
        if self.periods_per_year not in (1, 2, 4):
            raise ValueError(f"periods_per_year is {self.periods_per_year}; allowed: 1, 2, 4")
        if self.last_year < self.first_year or self.tail_years < 0:
            raise ValueError("the calendar must end after it starts")

    @property
    def periods(self) -> int:
        """How many periods there are."""
        return (self.last_year + self.tail_years + 1 - self.first_year) * self.periods_per_year

    @property
    def year_fraction(self) -> float:
        """Length of a period in years."""
        return 1.0 / self.periods_per_year

    @property
    def budget_years(self) -> tuple[int, ...]:
        """Every budget (calendar) year, first to last."""
        return tuple(range(self.first_year, self.last_year + self.tail_years + 1))

    def start_of(self, period: int) -> date:
        """The first day of a period."""
        year, part = divmod(period, self.periods_per_year)
        return date(self.first_year + year, 1 + part * 12 // self.periods_per_year, 1)

    @cached_property
    def series(self) -> Mapping[str, tuple[float, ...]]:
        """The calendar series, name -> one value per period."""
        count, each = range(self.periods), self.periods_per_year
        return MappingProxyType(
            {
                "period_start": tuple(self.first_year + t / each for t in count),
                "period_end": tuple(self.first_year + (t + 1) / each for t in count),
                "year_fraction": tuple(self.year_fraction for _ in count),
                "first_period_of_year": tuple(float(t % each == 0) for t in count),
                "last_period_of_year": tuple(float(t % each == each - 1) for t in count),
            }
        )
