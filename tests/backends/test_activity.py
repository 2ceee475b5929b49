"""Periods are left out only where nothing is missed: conditions by hand, and random contracts with random dates."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alatau_finance.backends.activity import activities
from alatau_finance.backends.conditions import FIRST, NEVER, Window, all_of, any_of, implies
from alatau_finance.backends.kernel import kernel_source
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.backends.python import run_python
from alatau_finance.jit import LANES
from alatau_finance.modelling import (
    Input,
    Model,
    Series,
    exp,
    final,
    larger_of,
    line,
    maximum,
    minimum,
    prev,
    smaller_of,
    total,
    where,
)
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.modelling.names import RESERVED
from alatau_finance.modelling.plan import Plan, build_plan


def row(*names: str) -> frozenset[frozenset[str]]:
    return frozenset({frozenset(names)})


class Loan(Model):
    """Drawn while building, repaid afterwards; one line for each rule."""

    key = "loan"
    start = Input("year", "Start")
    term = Input("year", "Term")
    price = Input("bn KZT", "Price")
    index = Series("1", "Index")

    @line("1")
    def building(m):
        """Flag: before the start."""
        return m.period_end <= m.start

    @line("1")
    def repaying(m):
        """Flag: after the start, until the term has passed."""
        return (m.period_start >= m.start) * (prev(m.repaid_time) < m.term)

    @line("year")
    def repaid_time(m):
        """Time repaid over."""
        return prev(m.repaid_time) + m.repaying * m.year_fraction

    @line("1")
    def progress(m):
        """Share built: 1 from the start on, never 0 again."""
        return larger_of(1 - m.building, 0)

    @line("1")
    def step(m):
        """Share built in the period."""
        return m.progress - prev(m.progress)

    @line("1")
    def level(m):
        """Price level, never 0."""
        return m.index + 1

    @line("bn KZT")
    def works(m):
        """Works of the period."""
        return m.price * m.step * m.level

    @line("bn KZT")
    def debt(m):
        """Debt: what is drawn stays."""
        return prev(m.debt) + m.works - m.instalment

    @line("bn KZT")
    def instalment(m):
        """Instalment."""
        return where(m.repaying, prev(m.debt) * m.level, 0)

    @line("bn KZT")
    def losses(m):
        """Losses carried forward: never below 0, so that nothing but a profit or loss moves them."""
        return larger_of(prev(m.losses) - (m.instalment - m.works), 0)

    @line("bn KZT")
    def taxable(m):
        """Profit less losses: with no profit it is not above 0."""
        return larger_of(m.instalment - prev(m.losses), 0)

    @line("year")
    def counted(m):
        """Time counted: 0 in a period not repaid in, because what is left is not negative."""
        return smaller_of(m.repaying * m.year_fraction, larger_of(m.term - prev(m.repaid_time), 0))

    @line("1")
    def grown(m):
        """May be infinite, and 0 times that is not 0."""
        return m.repaying * exp(m.index)


@pytest.fixture(scope="module")
def loan() -> Plan:
    return build_plan(Loan)


def test_conditions_by_hand(loan: Plan) -> None:
    found = activities(loan).lines
    conditions = {name: activity.condition for name, activity in found.items()}
    assert {name for name, condition in conditions.items() if condition is None} == {"level", "grown"}
    since, until = Window("since", "start"), Window("until", "start", one_more=True)
    passing = frozenset({frozenset({since, until})})
    # A flag that turns once, and what is made of it, stays what it is after the period in which it turns.
    assert conditions["building"] == conditions["progress"] == conditions["step"] == any_of([FIRST, passing])
    assert conditions["repaying"] == frozenset({frozenset({since})})
    assert conditions["works"] == row("step")
    assert conditions["instalment"] == row("repaying", "previous_debt")
    assert conditions["repaid_time"] == row("repaying")
    assert conditions["debt"] == conditions["losses"] == row("step") | row("repaying", "previous_debt")
    assert conditions["taxable"] == row("repaying", "previous_debt")
    assert conditions["counted"] == row("repaying")
    assert {name for name, activity in found.items() if activity.holds} == {
        "building",
        "progress",
        "repaid_time",
        "debt",
        "losses",
    }


def test_conditions_combine() -> None:
    a, b, both = row("a"), row("b"), row("a", "b")
    assert any_of([a, b]) == a | b
    assert any_of([a, both]) == a
    assert any_of([a, None]) is None
    assert any_of([]) == NEVER
    assert all_of([a, b]) == both
    assert all_of([a, None]) == a
    assert all_of([a | b, NEVER]) == NEVER
    assert all(implies(*pair) for pair in ((both, a), (a, a | b), (a, None), (NEVER, a)))
    assert not any(implies(*pair) for pair in ((a, both), (None, a), (a | b, a)))


def test_what_nobody_asks_for_is_not_computed(loan: Plan) -> None:
    source = kernel_source(KernelSpec(loan, exports=("works",)))
    assert "works = " in source
    assert not {"losses", "taxable", "debt"} & set(source.split())


def test_every_other_name_in_guarded_code_is_closed_to_models(loan: Plan) -> None:
    """A model's names begin with a letter, so what begins otherwise is closed to it too."""
    tree = ast.parse(kernel_source(KernelSpec(loan, exports=tuple(loan.lines), gathered=("works",))))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    own = {*loan.inputs, *loan.series, *loan.calendar, *loan.lines, *(f"previous_{name}" for name in loan.lines)}
    assert {"any_nonzero", "active", "add_row"} <= used
    assert {name for name in used - own if not name.startswith("_")} <= RESERVED


CALENDAR = Calendar(2026, 2030, 1, 2)


_FLAGS = ["building", "repaying", "step", "waiting", "served"]
_SHARES = ["built", "ramp", "relieved", "paid"]


class _Contract:
    """Dates, flags made of them, and random lines of money that the flags switch on and off."""

    def __init__(self, choose: random.Random, count: int) -> None:
        self.choose, self.count = choose, count

    def model(self) -> type[Model]:
        lines = [self._money(number) for number in range(self.count)]
        later = [self._whole(number) for number in range(self.choose.randint(1, 4))]
        flags = {
            "building": _building,
            "repaying": _repaying,
            "repaid_time": _repaid_time,
            "step": _step,
            "built": _built,
            "waiting": _waiting,
            "served": _served,
            "ramp": _ramp,
            "relieved": _relieved,
            "paid": _paid,
            "used": _used,
            "kept": _kept,
            "span": _span,
            "reached": _reached,
        }
        declared: dict[str, Any] = {name: Input("1", name) for name in ("in_a", "in_b")}
        declared |= {name: Input("year", name) for name in ("begin", "length", "term")}
        declared |= {"rate": Input("1/year", "rate")}
        declared |= {name: Series("1", name) for name in ("row_u", "row_v")}
        declared |= {name: line(*unit)(formula) for name, (unit, formula) in _documented(flags).items()}
        for number, formula in enumerate([*lines, *later]):
            formula.__doc__ = f"Line {number}."
            declared[f"x{number}"] = line("1", opening=self.choose.choice([0, 0, 0, 1, "in_a"]))(formula)
        return type("Contract", (Model,), {"key": "contract", **declared})

    def _leaf(self, number: int) -> Any:
        earlier = [f"x{k}" for k in range(number)]
        names = [*earlier, *earlier, "row_u", "row_v", "in_a", "in_b", *_FLAGS, *_SHARES, "used", "kept"]
        back = [f"x{k}" for k in range(self.count)]
        if self.choose.random() < 0.25:
            name = self.choose.choice(back)
            return lambda m: prev(getattr(m, name))
        name = self.choose.choice(names)
        return lambda m: getattr(m, name)

    def _money(self, number: int) -> Any:
        a, b, c = (self._leaf(number) for _ in range(3))
        flag = self.choose.choice(_FLAGS)
        own = f"x{number}"

        def on(m: Any) -> Any:
            return getattr(m, flag)

        def before(m: Any) -> Any:
            return prev(getattr(m, own))

        # Squashed where it could grow from period to period.
        shapes = [
            lambda m: on(m) * a(m) * m.row_u,
            lambda m: on(m) * a(m) + on(m) * b(m) * m.row_v,
            lambda m: before(m) + on(m) * m.row_u - on(m) * m.in_a,
            lambda m: larger_of(before(m) - on(m) * m.row_u, 0),
            lambda m: where(on(m), m.row_u, before(m)),
            lambda m: where(on(m), a(m), 0) - smaller_of(on(m) * m.in_b, larger_of(m.in_a - b(m), 0)),
            lambda m: larger_of(on(m) * m.row_u - larger_of(b(m), 0), 0),
            lambda m: a(m) / (1 + b(m) * b(m)) - c(m) * m.row_u * m.year_fraction * m.rate + m.length / m.year_fraction,
            lambda m: (on(m) * m.row_v < 0) * m.in_a + on(m) * a(m),
        ]
        return self.choose.choice(shapes)

    def _whole(self, number: int) -> Any:
        names = [f"x{k}" for k in range(self.count)]
        first, second, third = (self.choose.choice(names) for _ in range(3))
        shapes = [
            lambda m: total(getattr(m, first)) + maximum(getattr(m, second)),
            lambda m: minimum(getattr(m, first)) - final(getattr(m, second)),
            lambda m: maximum(getattr(m, first)) * m.step * m.row_u + m.building * final(getattr(m, third)),
            lambda m: prev(getattr(m, first)) * total(getattr(m, second)) * m.step + m.repaying * getattr(m, third),
            lambda m: m.reached * getattr(m, first) - prev(m.reached) * m.row_u,
        ]
        return self.choose.choice(shapes)


def _building(m: Any) -> Any:
    return (m.period_start < m.begin + m.length) * (m.begin < m.period_end)


def _repaying(m: Any) -> Any:
    return (m.period_start >= m.begin + m.length) * (prev(m.repaid_time) < m.term)


def _repaid_time(m: Any) -> Any:
    return prev(m.repaid_time) + m.repaying * m.year_fraction


def _built(m: Any) -> Any:
    return smaller_of(larger_of((m.period_end - m.begin) / m.length, 0), 1)


def _waiting(m: Any) -> Any:
    return larger_of(smaller_of(m.period_end, m.begin) - m.period_start, 0) / m.year_fraction


def _served(m: Any) -> Any:
    end = m.begin + m.length
    return larger_of(smaller_of(m.period_end, end + m.term) - larger_of(m.period_start, end), 0) / m.year_fraction


def _ramp(m: Any) -> Any:
    return smaller_of(larger_of(where(m.in_a > 0, (m.period_end - m.begin) / m.term, 1), 0), 1)


def _relieved(m: Any) -> Any:
    return m.in_b * (1 - (m.period_start < m.begin + m.term) * m.in_a)


def _paid(m: Any) -> Any:
    """Of a time that is counted and no date: stays what it is once the term has passed."""
    return smaller_of(m.repaid_time / m.term, 1) * m.in_a


def _used(m: Any) -> Any:
    return smaller_of(prev(m.kept), larger_of(m.row_u * m.repaying, 0))


def _kept(m: Any) -> Any:
    return prev(m.kept) - m.used + larger_of(-m.row_v * m.building, 0)


def _span(m: Any) -> Any:
    """Known only after a loop, and may be less than none."""
    return maximum(m.repaid_time) - m.length


def _reached(m: Any) -> Any:
    return smaller_of(larger_of((m.period_end - m.begin) / m.span, 0), 1)


def _step(m: Any) -> Any:
    return m.built - prev(m.built)


def _documented(flags: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, formula in flags.items():
        formula.__doc__ = f"The {name}."
        found[name] = (("year",) if name in ("repaid_time", "span") else ("1",), formula)
    return found


def _block(plan: Plan, seed: int, odd: float) -> dict[str, Any]:
    """Dates a lane or one date for all; ``odd`` stands for one number of the block."""
    generator = np.random.default_rng(seed)
    shape = (CALENDAR.periods, LANES)
    spread = generator.choice([0.0, 1.0])
    block = {name: generator.normal(size=LANES).round(1) for name in plan.inputs}
    block |= {name: generator.normal(size=shape) for name in plan.series}
    block["begin"] = 2026.0 + generator.integers(-2, 12) / 2 + spread * generator.integers(0, 3, LANES) / 2
    block["begin"] = np.broadcast_to(block["begin"], LANES).copy()
    block["length"], block["term"] = np.full(LANES, 1.0), spread * generator.random(LANES) + 0.7
    if generator.random() < 0.5:
        # Dates within periods, and times of a lane each: none, or even less than none.
        block["begin"] += spread * generator.random(LANES)
        block["length"] = generator.choice([1.0, 0.0, -0.7, 0.3, 2.1], LANES if spread else 1) * np.ones(LANES)
    block[str(generator.choice(["in_a", "in_b"]))][1] = odd
    return block


def _agree(plan: Plan, spec: KernelSpec, found: Any, block: dict[str, Any], tolerance: float = 0.0) -> None:
    for lane in (0, 1, LANES - 1):
        given_lane = {name: values[..., lane].tolist() for name, values in block.items()}
        expected = run_python(plan, given_lane, CALENDAR)
        for name in (*spec.outputs, *spec.exports):
            here, there = found[name][..., lane], np.asarray(expected[name])
            scale = max(1.0, float(np.nanmax(np.abs(np.nan_to_num(there)))))
            assert np.allclose(here, there, rtol=0.0, atol=tolerance * scale, equal_nan=True), name


@settings(max_examples=150, deadline=None)
@given(
    st.randoms(use_true_random=False),
    st.integers(2, 9),
    st.integers(0, 2**32),
    st.sampled_from([0.0, 1.0, np.nan, np.inf]),
    st.booleans(),
    st.booleans(),
)
def test_periods_left_out_are_not_missed(
    kit: Any, choose: random.Random, count: int, seed: int, odd: float, all_lines: bool, resting: bool
) -> None:
    """Bit for bit but for the sign of a zero, whichever lines are asked for, with numbers that are none, and in loops
    that never rest, which keep sums in variables where others keep them in rows."""
    plan = build_plan(_Contract(choose, count).model())
    spec, block = kit.spec(plan), _block(plan, seed, odd)
    if not all_lines:
        chosen = choose.sample(spec.exports, max(1, len(spec.exports) // 4))
        spec = KernelSpec(plan, outputs=spec.outputs, exports=tuple(chosen))
    if not resting:
        spec.__dict__["rests"] = replace(spec.rests, loops=(None,) * len(spec.rests.loops))
    other = _block(plan, seed + 1, 0.0)
    other |= {name: block[name] for name in plan.series}
    with np.errstate(all="ignore"):
        # An instance before it: what that leaves behind must not show.
        found = kit.run(kit.interpreted(spec), spec, [other, block], CALENDAR)[-1]
    _agree(plan, spec, found, block)


@pytest.mark.parametrize("begin", [2026.0, 2027.0])
def test_an_extreme_takes_in_an_opening_only_where_the_line_waits(kit: Any, begin: float) -> None:
    """Works of the first period bring the debt from its opening 1 down to 1/2, so that 1 was never its value."""

    class Reserve(Model):
        """A reserve that is drawn once."""

        key = "reserve"
        begin = Input("year", "Begin")

        @line("1")
        def drawing(m):
            """Flag: drawn in the period."""
            return (m.period_start <= m.begin) * (m.begin < m.period_end)

        @line("1", opening=1)
        def left(m):
            """Left over."""
            return prev(m.left) - m.drawing / (m.drawing + m.drawing)

        @line("1")
        def most(m):
            """Largest."""
            return maximum(m.left)

    plan = build_plan(Reserve)
    spec = KernelSpec(plan, outputs=("most",))
    [found] = kit.run(kit.interpreted(spec), spec, [{"begin": np.full(LANES, begin)}], CALENDAR)
    assert set(found["most"]) == {0.5 if begin == 2026.0 else 1.0}


@pytest.mark.parametrize("compiled", [False, True])
def test_a_lane_has_the_bits_it_has_among_others(kit: Any, compiled: bool) -> None:
    """The flag is 0 in lane 0, so -amount * flag is -0 where it is computed for a neighbour, 0 where it is left out."""

    class Refund(Model):
        """What is paid back at the end."""

        key = "refund"
        begin = Input("year", "Begin")
        amount = Input("1", "Amount")

        @line("1")
        def due(m):
            """Flag: due."""
            return m.period_start >= m.begin

        @line("1")
        def refund(m):
            """Refund."""
            return -m.amount * m.due

        @line("1")
        def last(m):
            """Last refund."""
            return final(m.refund)

        @line("1")
        def least(m):
            """Smallest refund."""
            return minimum(m.refund)

    spec = KernelSpec(build_plan(Refund), outputs=("last", "least"))
    run = kit.compiled(spec) if compiled else kit.interpreted(spec)
    never, always = np.full(LANES, 2100.0), np.full(LANES, 2020.0)
    always[0] = 2100.0
    alone, among = (
        kit.run(run, spec, [{"begin": begin, "amount": np.ones(LANES)}], CALENDAR)[0] for begin in (never, always)
    )
    assert among["last"][1] == among["least"][1] == -1.0
    for name in spec.outputs:
        assert alone[name][:1].tobytes() == among[name][:1].tobytes() == np.zeros(1).tobytes()


def test_compiled_too(kit: Any) -> None:
    plan = build_plan(_Contract(random.Random(5), 9).model())
    spec = kit.spec(plan)
    assert " | _" in kernel_source(spec)
    kernel = kit.compiled(spec)
    for seed, odd in ((1, 0.0), (2, np.nan), (3, 1.0)):
        block = _block(plan, seed, odd)
        [found] = kit.run(kernel, spec, [block], CALENDAR)
        _agree(plan, spec, found, block, 1e-12)
