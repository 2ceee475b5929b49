"""One loop over periods as text: its groups of lines, each a loop over lanes, and what goes in and out of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from alatau_finance.backends.activity import Activity, Condition, rows_of
from alatau_finance.backends.groups import Group, names_read
from alatau_finance.backends.text import Spelling, render
from alatau_finance.jit import LANES
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import Constant, Expr, Operation, Reference, WholeLife
from alatau_finance.modelling.operators import REDUCERS
from alatau_finance.modelling.plan import Plan


class Layout(Protocol):
    """What a loop has to know of its kernel."""

    @property
    def plan(self) -> Plan: ...
    @property
    def exports(self) -> tuple[str, ...]: ...
    @property
    def gathered(self) -> tuple[str, ...]: ...
    @property
    def series(self) -> tuple[str, ...]: ...
    @property
    def local(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> Mapping[str, int]: ...
    @property
    def activities(self) -> Mapping[str, Activity]: ...
    @property
    def saved(self) -> tuple[str, ...]: ...


_SPELLING = Spelling(
    "kernel",
    reference=lambda name: name,
    previous=lambda name: f"previous_{name}",
    following=lambda name: f"following_{name}",
    whole_life=lambda node: node.symbol,
)


def text(expression: Expr) -> str:
    """``expression`` as kernel code. A period is 1, 1/2 or 1/4 year, so that to divide by it is to multiply exactly."""
    return render(_multiplied(expression), _SPELLING)


def _multiplied(node: Expr) -> Expr:
    if not isinstance(node, Operation):
        return node
    arguments = tuple(_multiplied(argument) for argument in node.arguments)
    if node.operator == "divide" and isinstance(arguments[1], Reference) and arguments[1].name == "year_fraction":
        return Operation("multiply", (arguments[0], Reference("periods_per_year")))
    return Operation(node.operator, arguments)


def lanes_loop(body: Iterable[str]) -> list[str]:
    """A loop over lanes; nothing where its body is empty."""
    return block(f"for i in range({LANES}):", body)


def block(header: str, body: Iterable[str]) -> list[str]:
    """A header and its indented body; nothing where the body is empty."""
    body = list(body)
    return [header, *("    " + line for line in body)] if body else []


@dataclass(frozen=True)
class PeriodLoop:
    """The loop of one phase: ``groups`` of its lines, and the whole-life values known after it."""

    spec: Layout
    number: int
    groups: tuple[Group, ...]
    reductions: tuple[WholeLife, ...]
    _order: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        order = {name: number for number, group in enumerate(self.groups) for name in group.lines}
        object.__setattr__(self, "_order", order)

    # --- what is read, and where it stands

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        """What the formula of each line of this loop reads."""
        return {name: tuple(names_read([self.spec.plan.lines[name].formula])) for name in self._order}

    def _read(self, group: Group) -> list[str]:
        """Names that the lanes of ``group`` read from rows."""
        names = [*self._read_plainly(group), *(name for node in group.reductions for name in node.names)]
        own = {*group.lines, *CALENDAR_SERIES}
        backed = [f"previous_{name}" for name in group.lines if name in self._saved_before]
        return [name for name in dict.fromkeys([*names, *backed]) if name not in own]

    def _row_read(self, name: str, group: int) -> str:
        """The row in which ``group`` finds ``name``: a line that is computed there or later still is what it was."""
        line = name.removeprefix("previous_")
        return line if name.startswith("previous_") and self._order.get(line, -1) >= group else name

    @cached_property
    def _looked_back_at(self) -> dict[str, None]:
        """Lines whose value of the period before is read in this loop, and lines of it that may be asked for theirs."""
        read = [name for group in self.groups for name in self._read_plainly(group)]
        back = {name.removeprefix("previous_"): None for name in read if name.startswith("previous_")}
        return {**back, **self.asked}

    def _read_plainly(self, group: Group) -> list[str]:
        return list(dict.fromkeys(name for line in group.lines for name in self._names[line]))

    @cached_property
    def _saved_before(self) -> set[str]:
        """Lines of this loop that a later group looks back at: they leave what they were in a row of its own."""
        return {
            name.removeprefix("previous_")
            for number, group in enumerate(self.groups)
            for name in self._read_plainly(group)
            if name.startswith("previous_") and 0 <= self._order.get(name.removeprefix("previous_"), number) < number
        }

    def _kept(self, name: str) -> bool:
        """Whether a line of this loop is stored period by period."""
        return name in {*self.spec.exports, *self.spec.gathered}

    def _stored(self, group: Group) -> list[str]:
        """Lines of ``group`` that its lanes store, because something else than ``group`` itself reads them."""
        others = {name for other in self.groups if other is not group for name in self._read(other)}
        visible = {*others, *self._looked_back_at, *self.asked, *self._last()}
        kept = {name for name in group.lines if self._kept(name)}
        kept |= {name for name in group.lines if name in self.spec.local and self._holds_in(group, name)}
        return [name for name in group.lines if name in visible or name in kept]

    def _last(self) -> dict[str, None]:
        return {node.names[0]: None for node in self.reductions if node.reducer == "final"}

    @cached_property
    def asked(self) -> dict[str, None]:
        """Lines of this loop whose rows are asked, here or in a later loop."""
        here = {row.removeprefix("previous_") for group in self.groups for row in rows_of(group.condition)}
        return {name: None for name in self._order if name in here or name in self.spec.saved}

    def row_names(self) -> list[str]:
        """Every row that this loop touches, but for those of scalars."""
        names = dict[str, None]()
        for number, group in enumerate(self.groups):
            names.update(dict.fromkeys(self._row_read(n, number) for n in self._read(group) if not self._given(n)))
            names.update(dict.fromkeys(self._stored(group)))
        names.update(dict.fromkeys(self._looked_back_at if self.groups else ()))
        names.update({f"previous_{name}": None for name in sorted(self._saved_before)})
        names.update(dict.fromkeys(node.symbol for node in self.reductions))
        return list(names)

    def _at(self, name: str) -> str:
        return f"work[{self.spec.rows[name] * LANES} + i]"

    def _place(self, name: str) -> int:
        return self.spec.rows[name] * LANES

    # --- text

    def lines(self) -> list[str]:
        """The loop, what goes before it and what comes after it."""
        body = [*self._bindings(), *self._flags_given()]
        for number, group in enumerate(self.groups):
            body += self._group(number, group)
        return [*self._start(), *block("for t in range(periods):", body), *self._end()]

    def _start(self) -> list[str]:
        openings = {}
        for name in self._looked_back_at:
            openings[name if name in self._order else f"previous_{name}"] = self.spec.plan.lines[name].opening
        stepped = [node for group in self.groups for node in group.reductions]
        body = [f"{name} = {self._at(name)}" for name in names_read(openings.values())]
        body += [f"{self._at(name)} = {text(opening)}" for name, opening in openings.items()]
        body += [f"{self._at(node.symbol)} = {REDUCERS[node.reducer].start.format(inf='infinity')}" for node in stepped]
        found = lanes_loop(body)
        for name in self.asked:
            found.append(f"_{name} = any_nonzero(work, {self._place(name)})")
            if name in self.spec.saved:
                found.append(f"active[0, {self.spec.saved.index(name)}] = _{name}")
        for number, group in enumerate(self.groups):
            if self._silent(group):
                found.append(f"_idle_{number} = 0")
            found += [f"_rested_{number} = 0"] if self._rests(group, holds=False) else []
            found += [f"_waited_{number} = 0"] if self._rests(group, holds=True) else []
        return found

    def _bindings(self) -> list[str]:
        used = {name for group in self.groups for name in self._read_plainly(group)}
        used |= {name for group in self.groups for node in group.reductions for name in node.names}
        return [f"{name} = calendar[{row}, t]" for row, name in enumerate(CALENDAR_SERIES) if name in used]

    def _flags_given(self) -> list[str]:
        found = []
        for row in sorted({row for group in self.groups for row in rows_of(group.condition)}):
            name, back = row.removeprefix("previous_"), row.startswith("previous_")
            if name not in self._order:
                found.append(f"_{row} = active[{'t' if back else 't + 1'}, {self.spec.saved.index(name)}]")
            elif back:
                found.append(f"_{row} = _{name}")
        return found

    def _group(self, number: int, group: Group) -> list[str]:
        body, after = [*self._loads(group), *self._lanes(number, group)], list[str]()
        for name in group.lines:
            (after if self._holds_in(group, name) else body).extend(self._out(group, name))
        flags = [name for name in group.lines if name in self.asked]
        body += [f"_{name} = any_nonzero(work, {self._place(name)})" for name in flags]
        after += [f"active[t + 1, {self.spec.saved.index(n)}] = _{n}" for n in flags if n in self.spec.saved]
        if group.condition is None:
            return [*body, *after]
        if self._silent(group):
            body.append(f"_idle_{number} = 0")
        return [
            *block(f"if _whole{_condition(group.condition)}:", body),
            *block("else:", self._skipped(number, group)),
            *after,
        ]

    def _given(self, name: str) -> str:
        """Where lanes find what is kept over time, by period; nothing for other names."""
        spec = self.spec
        if name in spec.local and name not in self._order:
            return f"kept[t, {spec.local.index(name) * LANES} + i]"
        return ""

    def _loads(self, group: Group) -> list[str]:
        """Copies of what lanes cannot read where it stands: another period's row, which may not exist."""
        found, spec = list[str](), self.spec
        for name in self._read(group):
            line = name.removeprefix("previous_").removeprefix("following_")
            if name in spec.series and name not in spec.local:
                found.append(f"load_row(series, t, columns[{spec.series.index(name)}], work, {self._place(name)})")
            if line == name or line in self._order or line not in spec.local:
                continue
            at = self._place(name)
            if name.startswith("following_"):
                found.append(f"load_next(local, t, {spec.local.index(line)}, work, {at})")
            else:
                found += block("if t > 0:", [f"load_row(local, t - 1, {spec.local.index(line)}, work, {at})"])
        return found

    def _lanes(self, number: int, group: Group) -> list[str]:
        read = {name: self._given(name) or self._at(self._row_read(name, number)) for name in self._read(group)}
        body = [f"{name} = {place}" for name, place in read.items()]
        body += [f"{name} = {text(self.spec.plan.lines[name].formula)}" for name in group.lines]
        stored, before = self._stored(group), self._saved_before
        body += [f"{self._at('previous_' + name)} = previous_{name}" for name in group.lines if name in before]
        body += [f"{self._at(name)} = {name}" for name in stored]
        body += [
            f"kept[t, {self.spec.local.index(name) * LANES} + i] = {name}"
            for name in group.lines
            if name in self.spec.local and not self._holds_in(group, name)
        ]
        for node in group.reductions:
            at = self._at(node.symbol)
            body.append(f"{at} = {REDUCERS[node.reducer].step.format(*node.names, acc=at)}")
        return lanes_loop(body)

    def _holds_in(self, group: Group, name: str) -> bool:
        """Whether a line is what it was where ``group`` is left out, so that it is there to be kept in any case."""
        return group.condition is not None and self.spec.activities[name].holds

    def _out(self, group: Group, name: str) -> list[str]:
        """A line's row copied to where others look for it."""
        spec, found = self.spec, []
        if name in spec.local and self._holds_in(group, name):
            found.append(f"store_row(local, t, {spec.local.index(name)}, work, {self._place(name)})")
        if name in spec.exports:
            found.append(
                f"store_row(exports, t, export_columns[{spec.exports.index(name)}], work, {self._place(name)})"
            )
        for number, gathered in enumerate(spec.gathered):
            if gathered == name:
                found.append(f"add_row(series, t, gather_columns[instance, {number}], work, {self._place(name)})")
        return found

    # --- periods that are left out

    def _vanishing(self, group: Group) -> list[str]:
        """Lines that are 0 where ``group`` is left out."""
        found = self.spec.activities
        return [name for name in group.lines if found[name].condition is not None and not found[name].holds]

    def _silent(self, group: Group) -> bool:
        return group.condition is not None and bool(self._quiet(group))

    def _quiet(self, group: Group) -> list[str]:
        """What is done where ``group`` begins to be left out, so that others read what its lines then are."""
        before = [name for name in group.lines if name in self._saved_before]
        others = {
            n
            for k, g in enumerate(self.groups)
            if g is not group
            for n in (self._row_read(r, k) for r in self._read(g))
        }
        read = {*others, *self._looked_back_at, *self._last()}
        found = [f"copy(work, {self._place('previous_' + name)}, {self._place(name)})" for name in before]
        found += [f"clear(work, {self._place(name)})" for name in self._vanishing(group) if name in read]
        return found

    def _rests(self, group: Group, holds: bool) -> list[WholeLife]:
        """Extremes of lines that hold, or of those that vanish, where ``group`` is left out."""
        if group.condition is None:
            return []
        extremes = [node for node in group.reductions if node.reducer in ("minimum", "maximum")]
        return [node for node in extremes if self.spec.activities[node.names[0]].holds is holds]

    def _skipped(self, number: int, group: Group) -> list[str]:
        found = []
        if self._silent(group):
            found = [f"_idle_{number} += 1", *block(f"if _idle_{number} <= 2:", self._quiet(group))]
        spec, vanishing = self.spec, self._vanishing(group)
        found += [f"clear_row(local, t, {spec.local.index(n)})" for n in vanishing if n in spec.local]
        found += [
            f"clear_row(exports, t, export_columns[{spec.exports.index(n)}])" for n in vanishing if n in spec.exports
        ]
        found += [f"_{name} = 0" for name in vanishing if name in self.asked]
        found += [f"_rested_{number} = 1"] if self._rests(group, holds=False) else []
        found += block("if t == 0:", [f"_waited_{number} = 1"] if self._rests(group, holds=True) else [])
        return found

    def _end(self) -> list[str]:
        found = []
        for number, group in enumerate(self.groups):
            # What a line is in periods left out: 0; or its opening until it is first computed, and then what it was.
            for flag, holds in (("_rested", False), ("_waited", True)):
                nodes = self._rests(group, holds)
                values = [self.spec.plan.lines[n.names[0]].opening if holds else Constant(0.0) for n in nodes]
                body = [f"{name} = {self._at(name)}" for name in names_read(values)]
                for node, value in zip(nodes, values, strict=True):
                    step, at = REDUCERS[node.reducer].step, self._at(node.symbol)
                    body.append(f"{at} = {step.format(text(value), acc=at)}")
                found += block(f"if {flag}_{number}:", lanes_loop(body))
        for node in self.reductions:
            if not REDUCERS[node.reducer].step:
                flows, out = self._flows(node.names[0]), self._place(node.symbol)
                found.append(REDUCERS[node.reducer].kernel.format(flows=flows, out=out))
            elif node.reducer == "final":
                found.append(self._final(node))
        return found

    def _final(self, node: WholeLife) -> str:
        name, at = node.names[0], self._place(node.symbol)
        if name in self._order:
            return f"copy(work, {at}, {self._place(name)})"
        if name in CALENDAR_SERIES:
            return f"fill(work, {at}, calendar[{list(CALENDAR_SERIES).index(name)}, periods - 1])"
        source, column = self._flows(name).split(", ")
        return f"load_row({source}, periods - 1, {column}, work, {at})"

    def _flows(self, name: str) -> str:
        spec = self.spec
        return (
            f"series, columns[{spec.series.index(name)}]" if name in spec.series else f"local, {spec.local.index(name)}"
        )


def _condition(condition: Condition) -> str:
    terms = sorted(sorted(term) for term in condition or ())
    parts = [" & ".join(f"_{row}" for row in term) for term in terms]
    return "".join(f" | ({part})" if " & " in part else f" | {part}" for part in parts)
