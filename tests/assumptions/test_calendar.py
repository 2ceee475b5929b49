"""Dates are calendar years and back."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from alatau_finance.assumptions import calendar_year, date_of


def test_quarters_are_exact() -> None:
    days = [date(2026, month, 1) for month in (1, 4, 7, 10)]
    assert [calendar_year(day) for day in days] == [2026, 2026.25, 2026.5, 2026.75]


@given(st.dates())
def test_there_and_back(day: date) -> None:
    assert date_of(calendar_year(day)) == day


@given(st.dates(), st.dates())
def test_order_is_kept(first: date, second: date) -> None:
    assert (first < second) == (calendar_year(first) < calendar_year(second))
