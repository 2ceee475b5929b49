"""Random models, and a kernel run by hand: every line of every lane of one block."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from alatau_finance.backends import functions, lanes
from alatau_finance.backends.compiled import compile_kernel
from alatau_finance.backends.flows import flows_take
from alatau_finance.backends.kernel import kernel_source
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.backends.workspace import workspace_for
from alatau_finance.jit import LANES, TILE, TILES
from alatau_finance.modelling import Input, Model, Series, line
from alatau_finance.modelling.calendar import CALENDAR_SERIES, Calendar
from alatau_finance.modelling.expression import Constant, Expr, Next, Operation, Previous, Reference, WholeLife
from alatau_finance.modelling.operators import OPERATORS, REDUCERS
from alatau_finance.modelling.plan import Plan, build_plan

INPUTS, SERIES, RATE = ("in_a", "in_b"), ("row_u", "row_v"), "in_rate"
FLAG = "last_period_of_year"

Floats = np.ndarray[Any, np.dtype[np.float64]]
Block = Mapping[str, Floats]


class RandomModel:
    """Lines ``x0``, ``x1`` ... in a few groups; a whole-life value or ``lead`` takes lines of earlier groups only."""

    def __init__(self, choose: random.Random, count: int, rates: bool = True) -> None:
        self.choose = choose
        self.reducers = [row for row in REDUCERS.values() if rates or row.step]
        groups = sorted(choose.randint(0, 2) for _ in range(count))
        self.group = {f"x{i}": group for i, group in enumerate(groups)}
        self.periodic = {name: choose.random() < 0.75 for name in self.group}

    def model(self) -> type[Model]:
        declared: dict[str, Any] = {name: Input("1", name) for name in INPUTS}
        declared |= {RATE: Input("1/year", RATE)}
        declared |= {name: Series("1", name) for name in SERIES}
        lines = {name: self._line(name) for name in self.group}
        # In whatever order they are declared, they must be computed in an order that works.
        declared |= {name: lines[name] for name in self.choose.sample(list(lines), len(lines))}
        return type("Random", (Model,), {"key": "random", **declared})

    def _line(self, name: str) -> Any:
        tree = self._tree(name, 3)
        if self.periodic[name] and not _touches_a_period(tree, self.periodic):
            tree = Operation("add", (tree, Reference(self.choose.choice(SERIES))))
        # x / (1 + |x|) keeps every line between -1 and 1, so that rounding does not grow from line to line.
        bounded = Operation("divide", (tree, Operation("add", (Constant(1.0), Operation("absolute", (tree,))))))

        def formula(m: object) -> Expr:
            return bounded

        formula.__doc__ = f"Line {name}."
        scalars = [other for other in self._known(name) if not self.periodic[other]]
        return line("1", opening=self.choose.choice([0, 1, *INPUTS, *scalars]))(formula)

    def _known(self, name: str, groups_back: int = 0) -> list[str]:
        """Lines of no later group, or of groups that are earlier by ``groups_back``; not ``name`` itself."""
        latest = self.group[name] - groups_back
        return [other for other, group in self.group.items() if group <= latest and other != name]

    def _leaf(self, name: str) -> Expr:
        earlier = [other for other in self.group if int(other[1:]) < int(name[1:])]
        whole = [other for other in self._known(name, 1) if self.periodic[other]]
        leaves: list[Callable[[], Expr]] = [
            lambda: Constant(float(self.choose.choice((0, 1, 12)))),
            lambda: Reference(self.choose.choice(INPUTS)),
            lambda: self._whole_life([*whole, *SERIES]),
        ]
        scalars = [other for other in earlier if not self.periodic[other]]
        if scalars:
            leaves.append(lambda: Reference(self.choose.choice(scalars)))
        if self.periodic[name]:
            back = [name, *(other for other in self._known(name) if self.periodic[other])]
            same = [*SERIES, FLAG, *(other for other in earlier if self.periodic[other])]
            leaves += 2 * [lambda: Reference(self.choose.choice(same)), lambda: Previous(self.choose.choice(back))]
            if whole:
                leaves.append(lambda: Next(self.choose.choice(whole)))
        return self.choose.choice(leaves)()

    def _whole_life(self, names: list[str]) -> Expr:
        reducer = self.choose.choice(self.reducers)
        value = WholeLife(reducer.name, tuple(self.choose.choice(names) for _ in range(reducer.arity)))
        if reducer.name != "irr":
            return value
        # 0 where there is no rate of return: "not a number" would spread until few lines are left to compare.
        return Operation("larger_of", (Operation("divide", (value, Reference(RATE))), Constant(0.0)))

    def _tree(self, name: str, depth: int) -> Expr:
        if depth == 0 or self.choose.random() < 0.2:
            return self._leaf(name)
        row = self.choose.choice(list(OPERATORS.values()))
        arguments = [self._tree(name, depth - 1) for _ in range(row.arity)]
        if row.name in ("exp", "log", "sqrt", "power"):
            # Between 1 and 2, and positive: inside the domain of all of them.
            size = Operation("smaller_of", (Operation("absolute", (arguments[0],)), Constant(1.0)))
            arguments[0] = Operation("add", (Constant(1.0), size))
        if row.name == "divide" and not isinstance(arguments[1], Reference):
            # Not the constant 0, which the unit check refuses; a reference may be 0 and sometimes is.
            arguments[1] = Operation("subtract", (arguments[1], Reference(INPUTS[0])))
        if row.name == "power":
            arguments[1] = Operation("smaller_of", (arguments[1], Constant(1.0)))
        return Operation(row.name, tuple(arguments))


def _touches_a_period(tree: Expr, periodic: Mapping[str, bool]) -> bool:
    return any(
        isinstance(node, (Previous, Next))
        or (isinstance(node, Reference) and (node.name in (*SERIES, FLAG) or periodic.get(node.name, False)))
        for node in tree.walk()
    )


def random_plan(choose: random.Random, count: int, rates: bool = True) -> Plan:
    return build_plan(RandomModel(choose, count, rates).model())


def random_block(plan: Plan, calendar: Calendar, seed: int) -> dict[str, Floats]:
    """Inputs [lanes] and series [periods, lanes] of both signs, with some zeros and ties among them."""
    generator = np.random.default_rng(seed)
    shape = (calendar.periods, LANES)
    block = {name: generator.normal(size=LANES).round(1) for name in plan.inputs}
    return block | {name: generator.normal(size=shape) * (generator.random(shape) < 0.8) for name in plan.series}


def full_spec(plan: Plan) -> KernelSpec:
    """A kernel that hands back every line."""
    lines = plan.lines.values()
    return KernelSpec(
        plan,
        outputs=tuple(item.name for item in lines if not item.periodic),
        exports=tuple(item.name for item in lines if item.periodic),
    )


class Guarded:
    """An array with numbers before and behind it that no kernel may touch: it is not asked how long an array is."""

    LENGTH, NUMBER = 512, 77

    def __init__(self, array: Any) -> None:
        self._whole = np.full(array.size + 2 * self.LENGTH, self.NUMBER, array.dtype)
        self.array: Any = self._whole[self.LENGTH : -self.LENGTH].reshape(array.shape)
        self.array[...] = array

    def check(self) -> None:
        """Raises AssertionError where any of these numbers is another one."""
        for part in (self._whole[: self.LENGTH], self._whole[-self.LENGTH :]):
            assert (part == self.NUMBER).all(), "a kernel has written beyond its arrays"


def run_block(kernel: Callable[..., None], spec: KernelSpec, blocks: list[Block], calendar: Calendar) -> list[Block]:
    """Every line by instance, one block of inputs an instance; periodic lines are those of the last instance."""
    count, periods = len(spec.inputs), calendar.periods
    scalars = np.array([block[name] for block in blocks for name in spec.inputs]).reshape(-1, LANES)
    series = np.zeros((periods, max(1, len(spec.series)), LANES))
    for column, name in enumerate(spec.series):
        series[:, column] = blocks[-1][name]
    outputs = np.full((len(blocks), len(spec.outputs), LANES), np.nan)
    exports = np.full((TILES, periods, len(spec.exports), TILE), np.nan)
    room = workspace_for([spec], calendar)
    # What a kernel did not write before it reads it, shows.
    room.local[:], room.work[:], room.marks[:] = np.nan, np.nan, 1
    room.scratch[: flows_take(periods)] = np.nan
    written = [Guarded(array) for array in (exports, outputs, *room)]
    exports, outputs = written[0].array, written[1].array
    kernel(
        0,
        np.zeros((len(blocks), count)),
        np.arange(len(blocks) * count, dtype=np.int64).reshape(len(blocks), count),
        np.zeros((len(blocks), count), np.int64),
        scalars,
        np.ascontiguousarray(np.moveaxis(series.reshape(periods, -1, TILES, TILE), 2, 0)),
        np.arange(len(spec.series), dtype=np.int64),
        np.array([calendar.series[name] for name in CALENDAR_SERIES]),
        np.zeros((len(blocks), 0), np.int64),
        np.zeros((len(blocks), 0), np.int64),
        np.arange(len(spec.exports), dtype=np.int64),
        *(each.array for each in written),
    )
    for each in written:
        each.check()
    rows = np.concatenate(exports, axis=-1)
    periodic = {name: rows[:, number] for number, name in enumerate(spec.exports)}
    return [{**dict(zip(spec.outputs, rows, strict=True)), **periodic} for rows in outputs]


def _lanes(value: Any) -> Floats:
    return np.broadcast_to(np.asarray(value, np.float64), (TILE,))


def _in_each_lane(function: Callable[..., float]) -> Callable[..., Floats]:
    return lambda *values: np.array([function(*map(float, lane)) for lane in zip(*map(_lanes, values), strict=True)])


def _store(array: Floats, at: int, value: Any) -> None:
    array[at : at + TILE] = value


def _load(array: Floats, at: int) -> Floats:
    return array[at : at + TILE].copy()


def _load_either(test: bool, array: Floats, at: int, other: Floats, other_at: int) -> Floats:
    return _load(array, at) if test else _load(other, other_at)


def _flows(array: Floats, start: int, step: int, periods: int) -> list[list[float]]:
    return np.array([array[start + t * step :][:TILE] for t in range(periods)]).T.tolist()


def _rates(array: Floats, start: int, step: int, periods: int, year_fraction: float, scratch: Floats) -> Floats:
    flows = _flows(array, start, step, periods)
    return np.array([functions.internal_rate(lane, 1.0 / year_fraction) for lane in flows])


def _rates_of_two(array: Floats, start: int, other: int, *given: Any) -> Floats:
    return np.concatenate([_rates(array, start, *given), _rates(array, other, *given)])


def _undefined_rates(array: Floats, start: int, step: int, periods: int, scratch: Floats) -> Floats:
    return np.array([functions.internal_rate_undefined(lane) for lane in _flows(array, start, step, periods)])


#: Lanes as numpy arrays, with Python's exp and log: what these do here, instructions of the processor do in kernels.
VECTORS: Mapping[str, Callable[..., Any]] = {
    "flat": np.ravel,
    "further": lambda array, by: array[by:],
    "lanes": _lanes,
    "lanes_in": lambda test: sum(1 << lane for lane in np.flatnonzero(test).tolist()),
    "load": _load,
    "load_either": _load_either,
    "smallest_lane": lambda lanes: float(np.min(lanes)),
    "store": _store,
    "where": np.where,
    "any_of": lambda test: int(np.any(test)),
    "absolute": np.abs,
    "divide": _in_each_lane(functions.divide),
    "smaller_of": _in_each_lane(functions.smaller_of),
    "larger_of": _in_each_lane(functions.larger_of),
    "exponential": _in_each_lane(functions.exponential),
    "logarithm": _in_each_lane(functions.logarithm),
    "power": _in_each_lane(functions.power),
    "square_root": _in_each_lane(functions.square_root),
    "internal_rate": _rates,
    "internal_rate_undefined": _undefined_rates,
    "internal_rates": _rates_of_two,
    "first_lanes": lambda both: both[:TILE],
    "second_lanes": lambda both: both[TILE:],
}


def interpreted(spec: KernelSpec) -> Callable[..., None]:
    """The generated kernel run by Python itself: its structure without the compiler."""
    names: dict[str, Any] = {name: getattr(lanes, name) for name in lanes.__dict__ if not name.startswith("__")}
    for name, value in list(names.items()):
        if hasattr(value, "py_func"):
            names[name] = FunctionType(value.py_func.__code__, names)
    names |= {**VECTORS, "kernel_function": lambda function: function, "infinity": float("inf")}
    code = kernel_source(spec).replace("from alatau_finance.backends.lanes import *", "")
    exec(compile(code, "<kernel>", "exec"), names)
    return names["run"]


@pytest.fixture(scope="session")
def kit() -> type:
    """The functions of this file."""

    class Kit:
        plan = staticmethod(random_plan)
        block = staticmethod(random_block)
        spec = staticmethod(full_spec)
        run = staticmethod(run_block)
        interpreted = staticmethod(interpreted)
        compiled = staticmethod(compile_kernel)

    return Kit
