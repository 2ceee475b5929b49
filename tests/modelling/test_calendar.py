"""The calendar: equal periods whose boundaries are exact, and the series every model sees."""

from __future__ import annotations

from datetime import date

import pytest

from alatau_finance.assumptions import calendar_year
from alatau_finance.modelling.calendar import CALENDAR_SERIES, Calendar


def test_periods_cover_first_year_to_last_year_and_tail() -> None:
    calendar = Calendar(2026, 2050, 20, 2)
    assert calendar.periods == 90
    assert calendar.budget_years == tuple(range(2026, 2071))
    assert (calendar.series["period_start"][0], calendar.series["period_end"][-1]) == (2026.0, 2071.0)


@pytest.mark.parametrize("each", [1, 2, 4])
def test_a_period_starts_where_the_last_one_ends(each: int) -> None:
    series = Calendar(2026, 2030, 1, each).series
    assert series["period_start"][1:] == series["period_end"][:-1]
    lengths = [end - start for start, end in zip(series["period_start"], series["period_end"], strict=True)]
    assert lengths == list(series["year_fraction"]) == [1 / each] * len(lengths)


@pytest.mark.parametrize("each", [1, 2, 4])
def test_flags_mark_one_period_of_each_budget_year(each: int) -> None:
    calendar = Calendar(2026, 2028, 0, each)
    first, last = calendar.series["first_period_of_year"], calendar.series["last_period_of_year"]
    assert sum(first) == sum(last) == 3
    assert all(start == int(start) for start, flag in zip(calendar.series["period_start"], first, strict=True) if flag)
    assert all(end == int(end) for end, flag in zip(calendar.series["period_end"], last, strict=True) if flag)


def test_quarters_start_on_the_first_of_their_month() -> None:
    calendar = Calendar(2026, 2026, 1, 4)
    months = [date(2026, month, 1) for month in (1, 4, 7, 10)] + [date(2027, month, 1) for month in (1, 4, 7, 10)]
    assert [calendar.start_of(period) for period in range(calendar.periods)] == months


@pytest.mark.parametrize("each", [1, 2, 4])
def test_the_first_day_of_a_period_is_its_start_in_calendar_years(each: int) -> None:
    """The dates of assumptions and the periods of models are one calendar."""
    calendar = Calendar(2026, 2027, 0, each)
    starts = [calendar_year(calendar.start_of(period)) for period in range(calendar.periods)]
    assert starts == list(calendar.series["period_start"])


def test_there_is_a_value_of_each_series_for_each_period() -> None:
    calendar = Calendar(2026, 2027, 3, 2)
    assert set(calendar.series) == set(CALENDAR_SERIES)
    assert {len(values) for values in calendar.series.values()} == {calendar.periods}


@pytest.mark.parametrize("each", [0, 3, 12, -1])
def test_periods_per_year_are_1_2_or_4(each: int) -> None:
    with pytest.raises(ValueError, match="allowed: 1, 2, 4"):
        Calendar(2026, 2030, 0, each)


@pytest.mark.parametrize(("last", "tail"), [(2025, 0), (2030, -1)])
def test_a_calendar_ends_after_it_starts(last: int, tail: int) -> None:
    with pytest.raises(ValueError, match="must end after it starts"):
        Calendar(2026, last, tail, 2)
