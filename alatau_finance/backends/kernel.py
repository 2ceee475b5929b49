"""A plan as a numba kernel that runs a block of paths for every instance of a contract type.

A block is cut in tiles, and a contract is run from its first period to its last for the lanes of one tile before the
next: a line is a value of :mod:`alatau_finance.backends.vectors`, and all that one contract needs of other periods lies
in the processor's nearest memory. Lines that are seen to be 0 in a period are left out (see
:mod:`alatau_finance.backends.activity`), lines that nobody asks for are left out altogether.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from alatau_finance.backends.activity import Activities, Activity, activities
from alatau_finance.backends.conditions import Condition, Window, rows_of, windows_of
from alatau_finance.backends.groups import Group, group_lines, names_read
from alatau_finance.backends.loops import PeriodLoop
from alatau_finance.backends.rest import Rests, rests
from alatau_finance.backends.statements import assigned, block, text
from alatau_finance.jit import LANES, TILE
from alatau_finance.modelling.expression import Expr, Next, Previous, Reference, WholeLife
from alatau_finance.modelling.operators import REDUCERS
from alatau_finance.modelling.plan import Plan

ARGUMENTS = (
    "first_tile, constants, rows, modes, scalars, series, columns, calendar, gather_columns, gather_rows, "
    "export_columns, exports, outputs, local, work, scratch"
)


@dataclass(frozen=True)
class KernelSpec:
    """What a kernel must hand back besides running the plan.

    ``outputs``: scalar lines kept per path. ``exports``: periodic lines written to an array of their own.
    ``gathered``: periodic lines added to shared series, ``gathered_scalars``: scalar lines added to shared scalars; a
    line stands there once for each sum it goes into.
    """

    plan: Plan
    outputs: tuple[str, ...] = ()
    exports: tuple[str, ...] = ()
    gathered: tuple[str, ...] = ()
    gathered_scalars: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """Scalars the kernel is given, in the order of its ``constants``."""
        return (*self.plan.inputs, *(name for name in self.plan.gathers if not self.plan.is_periodic(name)))

    @property
    def series(self) -> tuple[str, ...]:
        """Periodic inputs the kernel is given, in the order of its ``columns``."""
        return (*self.plan.series, *(name for name in self.plan.gathers if self.plan.is_periodic(name)))

    @property
    def is_pool(self) -> bool:
        """Whether the kernel has one instance, of lines that are seldom 0 and series that are read but once."""
        return bool(self.plan.gathers)

    @cached_property
    def lines(self) -> frozenset[str]:
        """Lines that what is handed back is made of."""
        lines, found = self.plan.lines, set[str]()
        wanted = [*self.outputs, *self.exports, *self.gathered, *self.gathered_scalars]
        while wanted:
            name = wanted.pop()
            if name in lines and name not in found:
                found.add(name)
                for node in _nodes(lines[name].formula, lines[name].opening):
                    wanted += node.names if isinstance(node, WholeLife) else _name(node)
        return frozenset(found)

    @cached_property
    def local(self) -> tuple[str, ...]:
        """What is kept period by period: the series, and lines that a later phase or a rate of return needs."""
        plan, kept = self.plan, dict[str, None]()
        for line in (line for name, line in plan.lines.items() if name in self.lines):
            for node in line.formula.walk():
                if line.periodic:
                    kept.update({name: None for name in _name(node) if _earlier(plan, name, line.phase)})
                if isinstance(node, WholeLife):
                    known = max(plan.phase_of(argument) for argument in node.names)
                    stepped = bool(REDUCERS[node.reducer].step)
                    kept.update(dict.fromkeys(a for a in node.names if not stepped or _earlier(plan, a, known)))
        return (*(() if self.is_pool else self.series), *(name for name in kept if name in plan.lines))

    @cached_property
    def activities(self) -> Activities:
        """When each periodic line must be computed."""
        always = {name: Activity(None) for name, line in self.plan.lines.items() if line.periodic}
        return Activities(always, {}, {}) if self.is_pool else activities(self.plan)

    @cached_property
    def _grouped(self) -> tuple[tuple[Group, ...], ...]:
        plan = self.plan
        nodes = [node for name in self.lines for node in plan.lines[name].formula.walk()]
        wanted = {*self.local, *self.exports, *self.gathered, *(n.name for n in nodes if isinstance(n, Previous))}
        wanted |= {node.names[0] for node in nodes if isinstance(node, WholeLife) and node.reducer == "final"}
        stepped = [
            tuple(node for node in self.reductions(number) if REDUCERS[node.reducer].step and node.reducer != "final")
            for number in range(len(plan.phases))
        ]
        periodic = [tuple(name for name in phase.periodic if name in self.lines) for phase in plan.phases]
        return group_lines(plan, list(zip(periodic, stepped, strict=True)), self.activities.lines, wanted)

    @cached_property
    def rests(self) -> Rests:
        """When each loop is at rest."""
        return rests(self.plan, self._grouped, self.activities)

    @cached_property
    def _asked(self) -> tuple[tuple[Condition, ...], ...]:
        """All conditions that the loop of each phase asks."""
        loops = zip(self._grouped, self.rests.loops, strict=True)
        return tuple((*(g.condition for g in groups), *([rest.motion] if rest else [])) for groups, rest in loops)

    def reductions(self, phase: int) -> tuple[WholeLife, ...]:
        """Whole-life values that are known after the loop of ``phase``."""
        return tuple(node for node in self.plan.phases[phase].reductions if node.symbol in self._whole_lives)

    @cached_property
    def _whole_lives(self) -> frozenset[str]:
        """Symbols of the whole-life values that are asked for."""
        lines = [self.plan.lines[name] for name in self.lines]
        nodes = (node for line in lines for node in _nodes(line.formula, line.opening))
        return frozenset(node.symbol for node in nodes if isinstance(node, WholeLife))

    @cached_property
    def saved(self) -> tuple[str, ...]:
        """Lines of which later loops must know in which periods they are not 0."""
        asked = {
            row.removeprefix("previous_"): number
            for number, conditions in enumerate(self._asked)
            for condition in conditions
            for row in rows_of(condition)
        }
        return tuple(name for name, line in self.plan.lines.items() if asked.get(name, -1) > line.phase)

    @cached_property
    def windows(self) -> tuple[tuple[Window, ...], ...]:
        """The windows that the loop of each phase is the first to ask, but for that of the first period."""
        found, known = [], set[Window]()
        for conditions in self._asked:
            asked = {w for condition in conditions for w in windows_of(condition) if w.date}
            bare = {replace(window, one_more=False) for window in asked}
            found.append(tuple(sorted(bare - known, key=lambda w: (w.date, w.side))))
            known |= bare
        return tuple(found)

    @cached_property
    def window_names(self) -> Mapping[Window, str]:
        """The variable of a kernel that holds the first period, or the first one no longer, of each window."""
        dates = dict.fromkeys(window.date for windows in self.windows for window in windows)
        numbers = {date: number for number, date in enumerate(dates)}
        return {w: f"_{w.side}_{numbers[w.date]}" for windows in self.windows for w in windows}

    @cached_property
    def loops(self) -> tuple[PeriodLoop, ...]:
        """The loop over periods of each phase."""
        return tuple(
            PeriodLoop(self, number, groups, self.reductions(number)) for number, groups in enumerate(self._grouped)
        )

    @cached_property
    def kept_whole(self) -> frozenset[str]:
        """Lines whose rows over time are needed in one piece."""
        nodes = [node for number in range(len(self.plan.phases)) for node in self.reductions(number)]
        return frozenset(name for node in nodes if not REDUCERS[node.reducer].step for name in node.names)

    def scalars(self, phase: int) -> tuple[str, ...]:
        """Scalar lines of ``phase``."""
        return tuple(name for name in self.plan.phases[phase].scalars if name in self.lines)

    @cached_property
    def given_to_loops(self) -> tuple[tuple[str, ...], ...]:
        """Scalar lines and whole-life values that the loop of each phase is the first to read."""
        found, known = [], {*self.inputs}
        for loop in self.loops:
            lines = [self.plan.lines[name] for group in loop.groups for name in group.lines]
            read = names_read(part for line in lines for part in (line.formula, line.opening))
            new = [name for name in read if name not in known and not self._is_row_over_time(name)]
            known.update(new)
            found.append(tuple(new))
        return tuple(found)

    def _is_row_over_time(self, name: str) -> bool:
        if name.startswith(("previous_", "following_")) and name not in self.plan.lines:
            return True
        return name not in self._whole_lives and self.plan.is_periodic(name)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Row of the work array for each name; the array has :attr:`row_count` rows."""
        names = dict.fromkeys(self.inputs)
        for given in self.given_to_loops:
            names.update(dict.fromkeys(given))
        for number, loop in enumerate(self.loops):
            names.update(dict.fromkeys(self.scalars(number)))
            names.update(dict.fromkeys(loop.row_names()))
        return {name: number for number, name in enumerate(names)}

    @property
    def row_count(self) -> int:
        """Rows of the work array."""
        return len(self.rows)


def _nodes(*expressions: Expr) -> Iterable[Expr]:
    return (node for expression in expressions for node in expression.walk())


def _name(node: Expr) -> tuple[str, ...]:
    return (node.name,) if isinstance(node, (Reference, Previous, Next)) else ()


def _earlier(plan: Plan, name: str, phase: int) -> bool:
    return name in plan.lines and plan.lines[name].periodic and plan.lines[name].phase < phase


def kernel_source(spec: KernelSpec) -> str:
    """The text of a module with one function ``run``; its arguments are :data:`ARGUMENTS`.

    A call is for some of the 8 tiles of a block, from ``first_tile`` on. Shapes (float64 unless said otherwise), for n
    instances, T periods, k tiles of 8 lanes: ``constants``, ``rows`` (int64: row of ``scalars`` or -1), ``modes``
    (int64: 0 replace, 1 add, 2 multiply) [n, inputs]; ``scalars`` [.., 64]; ``series`` [k, T, .., 8]; ``columns``
    (int64) [series]; ``calendar`` [5, T]; ``gather_columns`` / ``gather_rows`` (int64, -1 none) [n, gathered];
    ``export_columns`` (int64) [exports]; ``exports`` [k, T, .., 8]; ``outputs`` [n, .., 64]; ``local`` at least
    T * local * 8, ``work`` rows * 8, ``scratch`` (T + 1) * 8 long. All arrays are contiguous.
    """
    body = ["load_inputs(constants, rows, modes, scalar_rows, work, instance, lane)"]
    guarded = any(group.condition is not None for loop in spec.loops for group in loop.groups)
    if guarded:
        body.append(f"_whole = _strange | not_finite(work, 0, {len(spec.inputs)})")
    for number, loop in enumerate(spec.loops):
        body += [f"# phase {number}", *_scalars(spec, number)]
        body += [*_finite(spec, number), *_windows(spec, number)] if guarded else []
        body += loop.lines()
    body += _results(spec)
    start = [
        "scalar_rows, series_rows, export_rows = flat(scalars), flat(series), flat(exports)",
        "output_rows, local_rows = flat(outputs), flat(local)",
        "periods, series_step, exports_step = series.shape[1], series.shape[2] * TILE, exports.shape[2] * TILE",
        "year_fraction = calendar[2, 0]",
        "periods_per_year = 1.0 / year_fraction",
    ]
    if guarded:
        start.append(f"active = flags(periods + 1, {len(spec.saved)})")
    if any(spec.rests.loops):
        start.append("_watch = flags(1, 3)")
        start.append(f"_settled = flags({len(spec.loops)}, periods + 2)")
        start.append("_uneven = not_of_one_length(calendar, periods)")
    tile = ["series_start, lane = tile * periods * series_step, (first_tile + tile) * TILE"]
    if spec.exports:
        tile.append("exports_start = tile * periods * exports_step")
    if not spec.is_pool:
        step = len(spec.local) * TILE
        tile.append(
            f"_strange = take_series(series_rows, series_start, series_step, columns, local_rows, {step}, periods)"
        )
    whole = [*tile, *block("for instance in range(constants.shape[0]):", body)]
    return "\n".join(
        [
            f'"""{spec.plan.name} as a kernel over tiles of {TILE} lanes; generated from its model."""',
            "from math import inf as infinity",
            "",
            "from alatau_finance.backends.lanes import *",
            "",
            "",
            "@kernel_function",
            f"def run({ARGUMENTS}):",
            *("    " + line for line in [*start, *block("for tile in range(series.shape[0]):", whole)]),
            "",
        ]
    )


def _row(spec: KernelSpec, name: str) -> str:
    return f"load(work, {spec.rows[name] * TILE})"


def _scalars(spec: KernelSpec, number: int) -> list[str]:
    names = spec.scalars(number)
    formulas = {name: spec.plan.lines[name].formula for name in names}
    body = [f"{name} = {_row(spec, name)}" for name in names_read(formulas.values()) if name not in names]
    body += [assigned(name, formula) for name, formula in formulas.items()]
    return [*body, *(f"store(work, {spec.rows[name] * TILE}, {name})" for name in names)]


def _finite(spec: KernelSpec, number: int) -> list[str]:
    given = spec.given_to_loops[number]
    return [f"_whole |= not_finite(work, {spec.rows[given[0]] * TILE}, {len(given)})"] if given else []


def _windows(spec: KernelSpec, number: int) -> list[str]:
    """The windows that this phase is the first to ask, and a look at scalars that are taken for not negative."""
    found, windows = list[str](), spec.windows[number]
    known = {**spec.activities.dates, **spec.rests.dates}
    dates = {window.date: known[window.date] for window in windows}
    terms = [
        term
        for term in {**spec.activities.not_negative, **spec.rests.not_negative}.values()
        if names_read([term]).keys() <= spec.rows.keys()
        and max(map(spec.plan.phase_of, names_read([term])), default=0) == number
    ]
    for name in names_read([*dates.values(), *terms]):
        found.append(f"{name} = {_row(spec, name)}")
    for window in windows:
        found.append(f"{spec.window_names[window]} = {window.side}(calendar, periods, {text(dates[window.date])})")
    return [*found, *(f"_whole |= is_negative({text(term)})" for term in terms)]


def _results(spec: KernelSpec) -> list[str]:
    found = ["# results"]
    if spec.outputs:
        found.append(f"output_at = instance * outputs.shape[1] * {LANES} + lane")
    for number, name in enumerate(spec.outputs):
        # -0 + 0 is 0: whether a period was left out for all lanes must not show in what one of them hands back.
        found.append(f"store(output_rows, output_at + {number * LANES}, {_row(spec, name)} + 0.0)")
    for number, name in enumerate(spec.gathered_scalars):
        found.append(f"add_row(scalar_rows, lane, gather_rows[instance, {number}] * TILES, {_row(spec, name)})")
    return found
