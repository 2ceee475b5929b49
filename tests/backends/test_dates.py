"""Windows of formulas of dates, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from alatau_finance.backends.conditions import NEVER, Condition, Window
from alatau_finance.backends.dates import Dates
from alatau_finance.backends.lanes import since, until
from alatau_finance.jit import TILE, kernel_function
from alatau_finance.memory import load
from alatau_finance.modelling import Input, Model, Series, larger_of, line, smaller_of, where
from alatau_finance.modelling.calendar import CALENDAR_SERIES, Calendar
from alatau_finance.modelling.plan import Plan, build_plan


def within(*windows: Window) -> Condition:
    return frozenset({frozenset(windows)})


SINCE_START, UNTIL_START = Window("since", "start"), Window("until", "start")
UNTIL_END = Window("until", "end")
START_PASSED = within(SINCE_START, Window("until", "start", one_more=True))


class Contract(Model):
    """One line for each form."""

    key = "contract"
    start = Input("year", "Start")
    end = Input("year", "End")
    term = Input("year", "Term")
    phased = Input("1", "Phased")
    rate = Series("1", "Rate")

    @line("1")
    def begun(m):
        """Begun."""
        return m.period_end > m.start

    @line("1")
    def over(m):
        """Over."""
        return m.end < m.period_start

    @line("year")
    def alive(m):
        """Time between the dates."""
        return larger_of(smaller_of(m.period_end, m.end) - larger_of(m.period_start, m.start), 0)

    @line("year")
    def ahead(m):
        """Time until the start."""
        return larger_of(m.start - m.period_start, 0)

    @line("1")
    def built(m):
        """Share built."""
        return smaller_of(larger_of((m.period_end - m.start) / m.term, 0), 1)

    @line("1")
    def ramp(m):
        """Share reached, or all of it."""
        return smaller_of(larger_of(where(m.phased > 0, (m.period_end - m.start) / m.term, 1), 0), 1)

    @line("1")
    def priced(m):
        """Of a price."""
        return m.begun * m.rate


@pytest.fixture(scope="module")
def plan() -> Plan:
    return build_plan(Contract)


@pytest.mark.parametrize(
    ("name", "windows"),
    [("alive", (SINCE_START, UNTIL_END)), ("ahead", (UNTIL_START,))],
)
def test_where_a_difference_may_be_above_zero(plan: Plan, name: str, windows: tuple[Window, ...]) -> None:
    [difference, _] = plan.lines[name].formula.children
    assert Dates(plan).positive(difference) == within(*windows)


def test_where_a_formula_may_move(plan: Plan) -> None:
    dates, found = Dates(plan), dict[str, Condition]()
    for name, planned in plan.lines.items():
        found[name] = dates.moved(planned.formula, found.get)
    crossing = within(SINCE_START, Window("until", "add(start, term)", one_more=True))
    assert found["begun"] == START_PASSED
    assert found["over"] == within(Window("since", "end"), Window("until", "end", one_more=True))
    assert found["built"] == found["ramp"] == crossing
    assert found["priced"] is None
    assert dates.moved(plan.lines["built"].formula.children[1], found.get) == NEVER
    assert set(dates.not_negative) == {"term"}


CALENDAR = Calendar(2026, 2029, 0, 2)


@kernel_function
def periods_of(calendar, dates, periods):
    return since(calendar, periods, load(dates, 0)), until(calendar, periods, load(dates, 0))


@pytest.mark.parametrize(
    ("earliest", "latest"),
    [
        (2026.0, 2026.0),
        (2026.5, 2027.25),
        (2026.49, 2028.0),
        (2020.0, 2026.2),
        (2029.9, 2050.0),
        (2040.0, 2041.0),
        (1990.0, 1995.0),
        (-1e9, 1e9),
        (-np.inf, np.inf),
    ],
)
def test_windows_open_and_close_with_the_earliest_and_the_latest_lane(earliest: float, latest: float) -> None:
    lanes = np.linspace(0.0, 1.0, TILE)
    lanes[:] = np.where(lanes < 0.5, earliest, latest)
    np.random.default_rng(3).shuffle(lanes)
    calendar = np.array([CALENDAR.series[name] for name in CALENDAR_SERIES])
    starts, ends = calendar[0], calendar[1]
    opened, closed = periods_of(calendar.ravel(), lanes, CALENDAR.periods)
    assert opened == int((ends < earliest).sum())
    assert closed == int((starts <= latest).sum())
