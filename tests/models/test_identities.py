"""What must hold of every contract on the whole domain of its inputs, whatever its lines are called.

Checks hold; money has no scale; time has no origin; numpy_financial agrees on rates of return and present values.
The domain is that of the assumptions: a contract of the real pool, each input then drawn anew between the lowest and
highest value given anywhere for its name, with the edges 0 and 1 of shares, and terms in parts of a period.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy_financial
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alatau_finance.backends.functions import internal_rate_undefined
from alatau_finance.backends.python import Computed, run_python
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.modelling.expression import WholeLife
from alatau_finance.modelling.plan import Plan
from alatau_finance.modelling.units import convert, registry
from alatau_finance.root import find_root
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.run import prepare

ROOT = Path(__file__).parents[2]
CONTRACTS = ("budget", "concession", "epcf", "investment")
FIRST_YEAR, YEARS = 2026, 56

Range = tuple[float, float]

# --- the domain, where assumptions do not tell it

#: Inputs of every model that come from financing splits, projects and risk distributions.
RANGES: Mapping[str, Range] = {
    "financing_share": (0.0, 1.0),
    "cost": (0.0, 400.0),
    "start": (2026.0, 2030.0),
    "duration": (0.5, 4.0),
    "cost_overrun": (-0.25, 2.0),
    "schedule_slip": (-0.1, 1.5),
}
#: By model: ranges that differ from those, and terms that are at most another one.
MODEL_RANGES: Mapping[str, Mapping[str, Range]] = {"budget": {}, "concession": {}, "epcf": {}, "investment": {}}
AT_MOST: Mapping[str, Mapping[str, str]] = {"concession": {"repayment_term": "concession_term"}}
#: Lines that value what they tell at the start of the calendar, and the discount factor of the model they do it by.
AT_START: Mapping[str, Mapping[str, str]] = {
    "concession": {
        "equity_discount_factor": "equity_discount_factor",
        "equity_annuity_factor": "equity_discount_factor",
        "equity_npv": "equity_discount_factor",
    },
    "epcf": {
        "contract_discount_factor": "contract_discount_factor",
        "contractor_discount_factor": "contractor_discount_factor",
        "contractor_npv": "contractor_discount_factor",
    },
}
#: Lines that tell the end of the calendar where something never happens.
AT_END: Mapping[str, tuple[str, ...]] = {"concession": ("payback",)}
#: The rate of a period at which level annuities are levelled; the instalments are weighed by ``principal_weight``.
ANNUITY_RATE: Mapping[str, str] = {"concession": "loan_interest", "epcf": "annuity_interest"}
#: Shares of one whole: they add up to 1, or to at most 1.
WHOLES = (("republican_share", "oblast_share", "city_share", "national_fund_share"),)
PARTS = (("financing_share", "private_share"),)
#: Conversions and curves that are as they are, and counts that are whole.
KEPT = ("one_year", "base_price_level", "s_curve_quadratic", "s_curve_cubic", "s_curve_quartic", "project_count")
#: Pure numbers that are no share, nor a part of anything: 0 makes no sense of them.
LEVELS = ("dscr", "llcr", "cap", "factor", "limit")
#: A value in years that is larger is a date.
DATES_FROM = 1900.0
#: Parts of a year in which terms and delays are drawn: sums and comparisons of dates are then exact.
GRID = 64


@dataclass(frozen=True)
class World:
    """A contract, its calendar and all it is given."""

    plan: Plan
    calendar: Calendar
    seed: int
    inputs: Mapping[str, float]
    series: Mapping[str, tuple[float, ...]]

    def __repr__(self) -> str:
        """What it takes to build it again; the series follow from the seed."""
        return f"World({self.plan.key}, {self.calendar.periods_per_year} a year, seed {self.seed}, {dict(self.inputs)})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """How hypothesis shows it: it would spell out the plan and every value of every series."""
        printer.text(repr(self))

    def run(self) -> Mapping[str, Computed]:
        return run_python(self.plan, {**self.inputs, **self.series}, self.calendar)


@cache
def bound() -> BoundPool:
    return prepare(find_root(ROOT), "base")


def degree(unit: str) -> int:
    """The power of money in a unit: 1 for bn KZT, 0 for a ratio or a rate, -1 for what is counted per tenge."""
    powers = registry().parse_units("" if unit == "1" else unit)._units
    return sum(int(power) for name, power in powers.items() if name.endswith(("KZT", "USD", "_real")))


@cache
def domain(key: str) -> Mapping[str, Range]:
    """The range of each input of a model: of all its contracts in the pool, and the hints above."""
    found: dict[str, Range] = {}
    instances = bound().contracts[key]
    for name in instances[0].plan.inputs:
        values = [instance.inputs[name] for instance in instances]
        ends = [value.value for value in values]
        for value in values:
            told = (value.source.low, value.source.high) if value.source is not None else ()
            ends += [convert(end, value.source.unit, value.unit) for end in told if end is not None]
        found[name] = (min(ends), max(ends))
    hints = {**RANGES, **MODEL_RANGES.get(key, {})}
    return {name: hints.get(name, span) for name, span in found.items()}


@st.composite
def values(draw: st.DrawFn, name: str, unit: str, label: str, span: Range) -> float:
    """A value of one input; a flag is 0 or 1, a share may be all or nothing, and what costs may cost nothing."""
    low, high = span
    if "(1)" in label:
        return draw(st.sampled_from((0.0, 1.0)))
    if unit == "year":
        return draw(st.integers(math.ceil(low * GRID), math.floor(high * GRID))) / GRID
    edges = {low, high}
    share = unit == "1" and high <= 1.0 and not name.endswith(LEVELS)
    if low >= 0.0 and (share or unit == "1/year" or degree(unit) == 1):
        edges.add(0.0)
    if share and name.endswith("_share"):
        edges.add(1.0)
    return draw(st.sampled_from(sorted(edges)) | st.floats(low, high).map(lambda value: round(value, 6)))


def curve(name: str, unit: str, periods: int, each: int, choose: np.random.Generator) -> tuple[float, ...]:
    """A series as economies have them: rates between 0 and 20 %, levels that grow by them, discounts that shrink."""
    rates = np.clip(choose.uniform(0.0, 0.15) + choose.normal(0.0, 0.03, periods), 0.0, 0.2)
    if unit == "1/year":
        return tuple(map(float, rates))
    growth = np.cumprod(1.0 + rates / each)
    start = 500.0 if unit == "KZT/USD" else 1.0
    return tuple(map(float, 1.0 / growth if "discount" in name else start * growth))


@st.composite
def worlds(draw: st.DrawFn, key: str) -> World:
    """A contract of the pool with every input drawn anew."""
    instance = draw(st.sampled_from(bound().contracts[key]))
    plan, spans = instance.plan, domain(key)
    inputs = {name: item.value for name, item in instance.inputs.items()}
    for name, declared in plan.inputs.items():
        if name not in KEPT:
            inputs[name] = draw(values(name, declared.unit, declared.label, spans[name]))
    for names in (*WHOLES, *PARTS):
        present = [name for name in names if name in inputs]
        weights = [draw(st.integers(0, 4)) for _ in present]
        spare = draw(st.integers(0, 4)) if names in PARTS else 0
        whole = sum(weights) + spare
        inputs |= {
            name: weight / whole if whole else float(name == present[0])
            for name, weight in zip(present, weights, strict=True)
        }
    for name, other in AT_MOST.get(key, {}).items():
        inputs[name] = min(inputs[name], inputs[other])
    each = draw(st.sampled_from((1, 2, 4)))
    calendar = Calendar(FIRST_YEAR, FIRST_YEAR + YEARS - 1, 0, each)
    seed = draw(st.integers(0, 2**32))
    choose = np.random.default_rng(seed)
    series = {name: curve(name, item.unit, calendar.periods, each, choose) for name, item in plan.series.items()}
    return World(plan, calendar, seed, inputs, series)


# --- comparing runs


def row(value: Computed) -> Sequence[float]:
    return value if isinstance(value, tuple) else (value,)


def scales(plan: Plan, lines: Mapping[str, Computed]) -> dict[str, float]:
    """The largest magnitude per unit; what cancels is rounding of that, and 1 for pure numbers and rates."""
    found = {"1": 1.0, "1/year": 1.0, "year": 1.0}
    for name, line in plan.lines.items():
        known = [abs(value) for value in row(lines[name]) if math.isfinite(value)]
        found[line.unit] = max(found.get(line.unit, 0.0), *known, 0.0)
    return found


def apart(found: Sequence[float], expected: Sequence[float], scale: float) -> bool:
    """Whether two rows differ by more than 1e-9 of the scale; what is not a number must be so in both."""
    a, b = np.array(found), np.array(expected)
    return len(a) != len(b) or not np.allclose(a, b, rtol=1e-9, atol=1e-9 * scale, equal_nan=True)


def rates_of(plan: Plan) -> list[str]:
    """The lines whose rate of return a model takes."""
    nodes = [node for line in plan.lines.values() for node in line.formula.walk() if isinstance(node, WholeLife)]
    return list(dict.fromkeys(node.names[0] for node in nodes if node.reducer == "irr"))


def later(world: World, years: float) -> dict[str, float]:
    """The inputs with every date later by so much."""
    dates = [
        name for name, item in world.plan.inputs.items() if item.unit == "year" and world.inputs[name] > DATES_FROM
    ]
    assert dates
    return {name: value + (years if name in dates else 0.0) for name, value in world.inputs.items()}


def moved(plan: Plan, before: Mapping[str, Computed], after: Mapping[str, Computed], years: float) -> list[str]:
    """Lines that are not the same, dates being later by so much."""
    scale, found = scales(plan, before), []
    for name, line in plan.lines.items():
        dated = line.unit == "year"
        was = [value + (years if dated and value > DATES_FROM else 0.0) for value in row(before[name])]
        if apart(row(after[name]), was, scale[line.unit]):
            found.append(name)
    return found


thorough = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
every_contract = pytest.mark.parametrize("key", CONTRACTS)
pytestmark = pytest.mark.slow


# --- what must hold


def test_every_contract_type_of_the_pool_is_here() -> None:
    assert set(bound().contracts) == set(CONTRACTS) == set(MODEL_RANGES)


@every_contract
@thorough
@given(data=st.data())
def test_every_check_holds(key: str, data: st.DataObject) -> None:
    world = data.draw(worlds(key))
    lines = world.run()
    failing = {name: lines[name] for name in world.plan.of_kind("check") if not lines[name] <= 1e-9}
    assert failing == {}, world


@every_contract
@thorough
@given(data=st.data())
def test_money_has_no_scale(key: str, data: st.DataObject) -> None:
    """Twice every amount given is twice every amount computed; no ratio, rate or date moves."""
    world = data.draw(worlds(key))
    plan = world.plan
    doubled = replace(
        world,
        inputs={name: value * 2.0 ** degree(plan.inputs[name].unit) for name, value in world.inputs.items()},
        series={
            name: tuple(value * 2.0 ** degree(plan.series[name].unit) for value in values)
            for name, values in world.series.items()
        },
    )
    before, after = world.run(), doubled.run()
    scale = scales(plan, before)
    moved = [
        name
        for name, line in plan.lines.items()
        if apart([value / 2.0 ** degree(line.unit) for value in row(after[name])], row(before[name]), scale[line.unit])
    ]
    assert moved == [], world
    for name in rates_of(plan):
        assert internal_rate_undefined(row(after[name])) == internal_rate_undefined(row(before[name])), world


@every_contract
@thorough
@given(data=st.data())
def test_time_has_no_origin(key: str, data: st.DataObject) -> None:
    """Calendar, dates and series a year later: nothing else moves, and a date computed is a year later."""
    world = data.draw(worlds(key))
    calendar = replace(world.calendar, first_year=FIRST_YEAR + 1, last_year=world.calendar.last_year + 1)
    next_year = replace(world, calendar=calendar, inputs=later(world, 1.0))
    assert moved(world.plan, world.run(), next_year.run(), 1.0) == [], world


@every_contract
@thorough
@given(data=st.data())
def test_a_contract_of_the_next_period_is_the_same_contract(key: str, data: st.DataObject) -> None:
    """In one calendar, dates and series one period later: every line is, and every value for life is the same.

    The first values of the series hold in the period before as well. Where a model knows budget years, all is a whole
    year later instead. What is valued at the start of the calendar is discounted for the time between.
    """
    world = data.draw(worlds(key))
    plan, each = world.plan, world.calendar.periods_per_year
    by = each if {"first_period_of_year", "last_period_of_year"} & set(plan.calendar) else 1
    series = {name: (*row[:1] * by, *row, *row[-1:] * (each - by)) for name, row in world.series.items()}
    calendar = replace(world.calendar, tail_years=1)
    next_period = replace(world, calendar=calendar, inputs=later(world, by / each), series=series)
    before, after = world.run(), dict(next_period.run())
    for name, line in plan.lines.items():
        if line.periodic:
            after[name] = row(after[name])[by : by + world.calendar.periods]
    known = {name: factor for name, factor in AT_START.get(key, {}).items() if name in plan.lines}
    waited = {name: after[factor][0] / before[factor][0] for name, factor in known.items()}  # type: ignore[index]
    for name, factor in waited.items():
        undone = tuple(value / factor for value in row(after[name]))
        after[name] = undone if plan.lines[name].periodic else undone[0]
    different = moved(plan, before, after, by / each)
    assert [name for name in different if name not in AT_END.get(key, ())] == [], world


@every_contract
@thorough
@given(data=st.data())
def test_rates_of_return_are_those_of_numpy_financial(key: str, data: st.DataObject) -> None:
    """The value of the flows at the rate is 0; where they are few enough for eigenvalues, the rate is the same."""
    world = data.draw(worlds(key))
    lines, each = world.run(), world.calendar.periods_per_year
    for line in world.plan.lines.values():
        node = line.formula
        if not (isinstance(node, WholeLife) and node.reducer == "irr"):
            continue
        flows, rate = np.trim_zeros(np.array(row(lines[node.names[0]]))), float(lines[line.name])  # type: ignore[arg-type]
        reason = internal_rate_undefined(row(lines[node.names[0]]))
        assert math.isnan(rate) == (reason != 0), world
        if reason != 0:
            continue
        of_period = (1.0 + rate) ** (1.0 / each) - 1.0
        discounted = np.abs(flows) / (1.0 + of_period) ** np.arange(len(flows))
        slope = float((np.arange(len(flows)) * discounted).sum())
        assert abs(numpy_financial.npv(of_period, flows)) <= 1e-11 * slope + 1e-13 * discounted.sum(), world
        signs = np.sign(flows[flows != 0.0])
        if len(flows) <= 40 and (np.diff(signs) != 0.0).sum() == 1:
            assert of_period == pytest.approx(float(numpy_financial.irr(flows)), abs=1e-7), world


@every_contract
@thorough
@given(data=st.data(), rate=st.floats(0.0, 0.3))
def test_present_values_are_those_of_numpy_financial(key: str, data: st.DataObject, rate: float) -> None:
    """At one rate for all periods, paid at their ends."""
    world = data.draw(worlds(key))
    factors = tuple((1.0 + rate) ** -(t + 1.0) for t in range(world.calendar.periods))
    discounts = [name for name in world.series if "discount" in name]
    assert discounts
    level = replace(world, series={**world.series, **dict.fromkeys(discounts, factors)})
    lines, compared = level.run(), 0
    for line in world.plan.lines.values():
        node = line.formula
        if isinstance(node, WholeLife) and node.reducer == "present_value" and node.names[1] in discounts:
            flows = np.array((0.0, *row(lines[node.names[0]])))
            scale = float(numpy_financial.npv(rate, np.abs(flows)))
            expected = float(numpy_financial.npv(rate, flows))
            assert lines[line.name] == pytest.approx(expected, rel=1e-9, abs=1e-12 * scale), world
            compared += 1
    assert compared


@pytest.mark.parametrize("key", ANNUITY_RATE)
@thorough
@given(data=st.data())
def test_level_annuities_are_those_of_numpy_financial(key: str, data: st.DataObject) -> None:
    """Each instalment repays the part of the debt that it does where debt service is level."""
    world = data.draw(worlds(key))
    lines = replace(world, inputs={**world.inputs, "level_annuity": 1.0}).run()
    rate, weights = max(row(lines[ANNUITY_RATE[key]])), np.trim_zeros(np.array(row(lines["principal_weight"])))
    count = len(weights)
    assert count > 0, world
    with np.errstate(invalid="ignore"):  # at a rate of 0 the judge divides 0 by 0 before it takes its other branch
        expected = numpy_financial.ppmt(rate, np.arange(1, count + 1), count, -1.0)
    # The judge divides by (1 + rate) ** count - 1, of which little is left where the rate is small.
    rounding = 1e-15 / rate if rate > 0.0 else 0.0
    assert weights / weights.sum() == pytest.approx(expected, rel=1e-9 + rounding), world
