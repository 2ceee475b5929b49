"""What a kernel must hand back, and what follows from that: lines, groups, windows, rests and rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from alatau_finance.backends.activity import Activities, Activity, activities
from alatau_finance.backends.conditions import Condition, Window, rows_of, windows_of
from alatau_finance.backends.groups import Group, group_lines, names_read
from alatau_finance.backends.loops import PeriodLoop
from alatau_finance.backends.rest import Rests, rests
from alatau_finance.modelling.expression import Expr, Next, Previous, Reference, WholeLife
from alatau_finance.modelling.operators import REDUCERS
from alatau_finance.modelling.plan import Plan


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
    def mark_rows(self) -> int:
        """Rows of a number for each period, one before and one after, that tell of the loops: what each watches, and
        in which period its rows are found."""
        return 1 + len(self._grouped)

    def marks(self, periods: int) -> int:
        """How many whole numbers the kernel needs for what it marks of periods."""
        return (self.mark_rows + len(self.saved)) * (periods + 2)

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
