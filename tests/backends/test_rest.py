"""Periods are passed over where nothing moves, and only there. Random contracts are in test_activity.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from alatau_finance.backends.activity import activities
from alatau_finance.backends.conditions import Window
from alatau_finance.backends.groups import Group
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.backends.python import run_python
from alatau_finance.backends.rest import rests
from alatau_finance.jit import LANES
from alatau_finance.modelling import Input, Model, Series, lead, line, maximum, present_value, prev, total
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.modelling.plan import build_plan
from alatau_finance.root import find_root, load_models
from benchmarks.engine import ReferenceEngine

CALENDAR = Calendar(2026, 2040, 1, 2)


class Works(Model):
    """Built in one period, in service ever after, discounted all the time."""

    key = "works"
    begin = Input("year", "Begin")
    rate = Input("1", "Rate of a period")
    index = Series("1", "Index")

    @line("1")
    def started(m):
        """Flag: the period in which the works begin."""
        return (m.period_start <= m.begin) * (m.begin < m.period_end)

    @line("1")
    def works(m):
        """Works of the period."""
        return m.started * m.index

    @line("1")
    def tax(m):
        """Tax on the works."""
        return m.started * m.index * m.rate

    @line("1")
    def fee(m):
        """Fee on the works."""
        return m.started * m.index * m.rate * m.rate

    @line("1")
    def paid(m):
        """All that is paid."""
        return m.works + m.tax + m.fee

    @line("1")
    def in_service(m):
        """What was built."""
        return prev(m.in_service) + m.works

    @line("1", opening=1)
    def discount_factor(m):
        """Never what it was."""
        return prev(m.discount_factor) / (1 + m.rate)

    @line("1")
    def ahead(m):
        """What the following period adds."""
        return lead(m.in_service) - m.in_service

    @line("1")
    def value(m):
        """Value of the works."""
        return present_value(m.works, m.discount_factor)

    @line("1")
    def all_paid(m):
        """All that is ever paid."""
        return total(m.paid)

    @line("1")
    def most_ahead(m):
        """Largest step."""
        return maximum(m.ahead)

    @line("1")
    def earned(m):
        """All that is earned by what is in service."""
        return total(m.in_service)


def _passed_over(
    kit: Any, begin: float, *, calendar: Any = CALENDAR, rate: float = 0.04, exports: tuple[str, ...] = ()
) -> tuple[list[range], Any, Any]:
    """The periods that each loop passes over; what the kernel hands back, and what it was given."""
    spec = KernelSpec(build_plan(Works), ("value", "all_paid", "most_ahead"), exports)
    found = list[range]()

    def settle(marks: Any, row: int, first: int, last: int) -> None:
        found.append(range(first, last))
        marks[row + first + 1 : row + last + 1] = first

    run: Any = kit.interpreted(spec)
    run.__globals__["settle"] = settle
    generator = np.random.default_rng(1)
    block = {"begin": np.full(LANES, begin), "rate": np.full(LANES, rate)}
    block |= {"index": 1.0 + generator.random((calendar.periods, LANES))}
    with np.errstate(invalid="ignore"):
        [rows] = kit.run(run, spec, [block], calendar)
    return found, rows, block


@pytest.mark.parametrize("begin", [2020.0, 2026.0, 2034.0, 2034.2, 2040.5, 2060.0])
@pytest.mark.parametrize("exports", [(), ("in_service",), ("works", "ahead"), ("discount_factor",)])
def test_what_is_passed_over_is_not_missed(kit: Any, begin: float, exports: tuple[str, ...]) -> None:
    passed, rows, block = _passed_over(kit, begin, exports=exports)
    expected = run_python(build_plan(Works), {name: v[..., 3].tolist() for name, v in block.items()}, CALENDAR)
    assert all(np.array_equal(rows[name][..., 3], expected[name]) for name in rows)
    assert sum(map(len, passed)) > CALENDAR.periods / 2


def test_reasons_by_hand() -> None:
    """A sum of what stays is no rest; what a flag makes 0 is left out of it; a discount factor moves in any case."""
    plan = build_plan(Works)
    sums = [node for phase in plan.phases for node in phase.reductions]
    first = tuple(node for node in sums if node.names[0] in ("works", "in_service"))
    second = tuple(node for node in sums if node.names[0] == "ahead")
    started = frozenset({frozenset({"started"})})
    loop = (
        Group(None, ("started",), ()),
        Group(started, ("works",), ()),
        Group(None, ("in_service", "discount_factor"), first),
    )
    later = (Group(None, ("ahead",), second),)
    one, two = rests(plan, [loop, later], activities(plan)).loops
    assert one is not None
    assert two is not None
    begin = {Window("since", "begin"), Window("until", "begin", one_more=True)}
    assert (one.restless, one.moving, one.compared) == ({1}, {"discount_factor"}, ("in_service",))
    assert one.motion == frozenset({frozenset(begin)})
    assert one.zero == {0: (), 2: ("in_service",)}
    assert (one.looks_ahead, two.looks_ahead) == (False, True)
    # A flag that moves in any case cannot be asked whether a period is like the one before it.
    asked = (*loop, Group(frozenset({frozenset({"discount_factor"})}), (), ()))
    assert rests(plan, [asked, later], activities(plan)).loops == (None, None)


@pytest.mark.parametrize("key", ["budget", "concession", "epcf", "investment"])
def test_every_loop_of_every_contract_comes_to_rest(key: str) -> None:
    plan = build_plan(load_models(find_root())[key])
    spec = KernelSpec(plan, outputs=(*plan.of_kind("metric"), *plan.of_kind("check")))
    for loop, rest in zip(spec.loops, spec.rests.loops, strict=True):
        assert rest is not None or not loop.groups


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_nothing_is_passed_over_with_numbers_that_are_none(kit: Any, odd: float) -> None:
    assert _passed_over(kit, 2034.0)[0]
    assert _passed_over(kit, 2034.0, rate=odd)[0] == []


def test_nothing_is_passed_over_in_a_calendar_of_uneven_periods(kit: Any) -> None:
    ends = list(CALENDAR.series["period_end"])
    ends[7] += 1e-9
    series = {**CALENDAR.series, "period_end": ends}
    uneven = SimpleNamespace(periods=CALENDAR.periods, year_fraction=CALENDAR.year_fraction, series=series)
    assert _passed_over(kit, 2034.0)[0]
    assert _passed_over(kit, 2034.0, calendar=uneven)[0] == []


def test_a_loop_in_which_most_moves_is_left_as_it_is() -> None:
    """To look for rest costs 8 % of the reference project, which is never at rest."""
    spec = ReferenceEngine().spec
    assert spec.rests.loops == (None,) * len(spec.loops)
