"""One loop over periods as text: its groups of lines, and what goes in and out of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from alatau_finance.backends.activity import Activities
from alatau_finance.backends.conditions import Condition, Window, rows_of
from alatau_finance.backends.groups import Group, names_read
from alatau_finance.backends.invariants import apart
from alatau_finance.backends.text import Spelling, render
from alatau_finance.jit import TILE
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
    def activities(self) -> Activities: ...
    @property
    def window_names(self) -> Mapping[Window, str]: ...
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


_SCALARS = (*CALENDAR_SERIES, "periods_per_year")


def _multiplied(node: Expr) -> Expr:
    if not isinstance(node, Operation):
        return node
    arguments = tuple(_multiplied(argument) for argument in node.arguments)
    if node.operator == "divide" and isinstance(arguments[1], Reference) and arguments[1].name == "year_fraction":
        return Operation("multiply", (arguments[0], Reference("periods_per_year")))
    return Operation(node.operator, arguments)


def assigned(name: str, formula: Expr) -> str:
    """The statement that computes ``name``; what is the same number in all lanes is made lanes of it."""
    same = all(read in _SCALARS for read in names_read([formula]))
    return f"{name} = lanes({text(formula)})" if same else f"{name} = {text(formula)}"


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
        return {
            name: tuple(read for read in names_read([formula]) if read not in self._fixed)
            for name, formula in self._formulas.items()
        }

    @cached_property
    def _formulas(self) -> Mapping[str, Expr]:
        """The formula of each line of this loop, with references to :attr:`_fixed`."""
        return self._apart[0]

    @property
    def _fixed(self) -> Mapping[str, Expr]:
        """What formulas of this loop have in them that is the same in all periods, by name."""
        return self._apart[1]

    @cached_property
    def _apart(self) -> tuple[Mapping[str, Expr], Mapping[str, Expr]]:
        lines = self.spec.plan.lines
        return apart({name: lines[name].formula for name in self._order}, self._is_fixed, f"_fixed_{self.number}_")

    def _is_fixed(self, name: str) -> bool:
        return name == "year_fraction" or not self.spec.plan.is_periodic(name)

    def _read(self, group: Group) -> list[str]:
        """Names that ``group`` finds in rows, or that an earlier group has found."""
        names = [*self._read_plainly(group), *(name for node in group.reductions for name in node.names)]
        own = {*group.lines, *CALENDAR_SERIES}
        backed = [f"previous_{name}" for name in group.lines if name in self._saved_before]
        return [name for name in dict.fromkeys([*names, *backed]) if name not in own]

    @cached_property
    def _loaded(self) -> tuple[tuple[str, ...], ...]:
        """Names that each group takes from rows: those that no group which is always computed has at hand."""
        found, known = list[tuple[str, ...]](), {f"previous_{name}" for name in self._carried}
        for group in self.groups:
            loaded = tuple(name for name in self._read(group) if name not in known)
            found.append(loaded)
            if group.condition is None:
                known.update((*loaded, *group.lines))
        return tuple(found)

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

    @cached_property
    def _carried(self) -> tuple[str, ...]:
        """Lines looked back at that are computed in every period: a variable brings them from one to the next."""
        always = {name for group in self.groups if group.condition is None for name in group.lines}
        return tuple(name for name in self._looked_back_at if name in always)

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
        }.difference(self._carried)

    def _stored(self, group: Group) -> list[str]:
        """Lines of ``group`` that are laid down in a row of the work array, because another group reads it."""
        others = {name for loaded in self._loaded for name in loaded}
        visible = {*others, *self._looked_back_at, *self.asked, *self._last()}.difference(self._carried)
        held = {name for name in group.lines if self._is_kept(name) and self._holds_in(group, name)}
        return [name for name in group.lines if name in visible or name in held]

    def _is_kept(self, name: str) -> bool:
        return name in {*self.spec.local, *self.spec.exports, *self.spec.gathered}

    def _last(self) -> dict[str, None]:
        return {node.names[0]: None for node in self.reductions if node.reducer == "final"}

    @cached_property
    def asked(self) -> dict[str, None]:
        """Lines of this loop whose rows are asked, here or in a later loop."""
        here = {row.removeprefix("previous_") for group in self.groups for row in rows_of(group.condition)}
        return {name: None for name in self._order if name in here or name in self.spec.saved}

    def row_names(self) -> list[str]:
        """Every row of the work array that this loop touches, but for those of scalars."""
        names = dict[str, None]()
        for number, group in enumerate(self.groups):
            names.update(dict.fromkeys(self._row_read(n, number) for n in self._loaded[number] if not self._given(n)))
            names.update(dict.fromkeys(self._stored(group)))
        names.update(dict.fromkeys(name for name in self._looked_back_at if name not in self._carried))
        names.update({f"previous_{name}": None for name in sorted(self._saved_before)})
        names.update(dict.fromkeys(node.symbol for node in self.reductions))
        return list(names)

    def _place(self, name: str) -> int:
        return self.spec.rows[name] * TILE

    def _after(self, name: str) -> str:
        """A line of this loop outside of the loop."""
        return name if name in self._carried else self._row(name)

    def _row(self, name: str) -> str:
        return f"load(work, {self._place(name)})"

    def _kept_at(self, name: str, periods: int = 0) -> str:
        """Where the row of ``name`` is kept, so many periods from this one."""
        return f"at + {self._step * periods + self.spec.local.index(name) * TILE}"

    @property
    def _step(self) -> int:
        return len(self.spec.local) * TILE

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
        before = names_read([*openings.values(), *self._fixed.values()])
        found = [f"{name} = {self._row(name)}" for name in before if name != "year_fraction"]
        found += [assigned(name, part) for name, part in self._fixed.items()]
        for name, opening in openings.items():
            carried = name in self._carried
            found.append(
                f"{name} = lanes({text(opening)})" if carried else f"store(work, {self._place(name)}, {text(opening)})"
            )
        for node in (node for group in self.groups for node in group.reductions):
            found.append(f"{node.symbol} = lanes({REDUCERS[node.reducer].start.format(inf='infinity')})")
        for name in self.asked:
            found.append(f"_{name} = any_nonzero({self._after(name)})")
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
        used.discard("year_fraction")
        found = [f"{name} = calendar[{row}, t]" for row, name in enumerate(CALENDAR_SERIES) if name in used]
        return [
            f"at = t * {self._step}",
            "here = series_start + t * series_step",
            *(["there = exports_start + t * exports_step"] if self.spec.exports else []),
            *(f"previous_{name} = {name}" for name in self._carried),
            *found,
        ]

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
        body, after = [*self._loads(number), *self._computed(group)], list[str]()
        for name in filter(self._is_kept, group.lines):
            held = self._holds_in(group, name)
            (after if held else body).extend(self._out(name, self._row(name) if held else name))
        flags = [name for name in group.lines if name in self.asked]
        body += [f"_{name} = any_nonzero({name})" for name in flags]
        after += [f"active[t + 1, {self.spec.saved.index(n)}] = _{n}" for n in flags if n in self.spec.saved]
        if group.condition is None:
            return [*body, *after]
        if self._silent(group):
            body.append(f"_idle_{number} = 0")
        return [
            *block(f"if _whole{self._asks(group.condition)}:", body),
            *block("else:", self._skipped(number, group)),
            *after,
        ]

    def _asks(self, condition: Condition) -> str:
        """Text of ``condition``, to follow another."""
        terms = sorted(sorted(map(self._part, term)) for term in condition or ())
        parts = [" & ".join(term) for term in terms]
        return "".join(f" | ({part})" if " & " in part else f" | {part}" for part in parts)

    def _part(self, part: str | Window) -> str:
        if isinstance(part, str):
            return f"_{part}"
        if part.side == "first":
            return "(t == 0)"
        name = self.spec.window_names[replace(part, one_more=False)]
        return f"(t >= {name})" if part.side == "since" else f"(t {'<=' if part.one_more else '<'} {name})"

    def _given(self, name: str) -> str:
        """Text of what is kept over time and not found in the work array; nothing for other names."""
        spec = self.spec
        if name in spec.local and name not in self._order:
            return f"load(local_rows, {self._kept_at(name)})"
        if name in spec.series:
            return f"load(series_rows, here + columns[{spec.series.index(name)}] * TILE)"
        return ""

    def _loads(self, number: int) -> list[str]:
        return [f"{name} = {self._load(name, number)}" for name in self._loaded[number]]

    def _load(self, name: str, group: int) -> str:
        line = name.removeprefix("previous_").removeprefix("following_")
        if line != name and line not in self._order and line in self.spec.local:
            if name.startswith("following_"):
                return f"load_next(local_rows, {self._kept_at(line, 1)}, t, periods)"
            return f"load_previous(local_rows, {self._kept_at(line, -1)}, t, work, {self._place(name)})"
        return self._given(name) or self._row(self._row_read(name, group))

    def _computed(self, group: Group) -> list[str]:
        body = [assigned(name, self._formulas[name]) for name in group.lines]
        before = [name for name in group.lines if name in self._saved_before]
        body += [f"store(work, {self._place('previous_' + name)}, previous_{name})" for name in before]
        body += [f"store(work, {self._place(name)}, {name})" for name in self._stored(group)]
        for node in group.reductions:
            step = REDUCERS[node.reducer].step.format(*node.names, acc=node.symbol)
            body.append(f"{node.symbol} = {step}")
        return body

    def _holds_in(self, group: Group, name: str) -> bool:
        """Whether a line is what it was where ``group`` is left out, so that it is there to be kept in any case."""
        return group.condition is not None and self.spec.activities.lines[name].holds

    def _out(self, name: str, value: str) -> list[str]:
        """The ``value`` of a line brought to where others look for it."""
        spec, found = self.spec, []
        if name in spec.local:
            found.append(f"store(local_rows, {self._kept_at(name)}, {value})")
        if name in spec.exports:
            found.append(f"store(export_rows, there + export_columns[{spec.exports.index(name)}] * TILE, {value})")
        for number, gathered in enumerate(spec.gathered):
            if gathered == name:
                found.append(f"add_row(series_rows, here, gather_columns[instance, {number}], {value})")
        return found

    # --- periods that are left out

    def _vanishing(self, group: Group) -> list[str]:
        """Lines that are 0 where ``group`` is left out."""
        found = self.spec.activities.lines
        return [name for name in group.lines if found[name].condition is not None and not found[name].holds]

    def _silent(self, group: Group) -> bool:
        return group.condition is not None and bool(self._quiet(group))

    def _quiet(self, group: Group) -> list[str]:
        """What is done where ``group`` begins to be left out, so that others read what its lines then are."""
        before = [name for name in group.lines if name in self._saved_before]
        others = {self._row_read(n, k) for k, loaded in enumerate(self._loaded) for n in loaded}
        read = {*others, *self._looked_back_at, *self._last()}
        found = [f"store(work, {self._place('previous_' + name)}, {self._row(name)})" for name in before]
        found += [f"store(work, {self._place(name)}, 0.0)" for name in self._vanishing(group) if name in read]
        return found

    def _rests(self, group: Group, holds: bool) -> list[WholeLife]:
        """Extremes of lines that hold, or of those that vanish, where ``group`` is left out."""
        if group.condition is None:
            return []
        extremes = [node for node in group.reductions if node.reducer in ("minimum", "maximum")]
        return [node for node in extremes if self.spec.activities.lines[node.names[0]].holds is holds]

    def _skipped(self, number: int, group: Group) -> list[str]:
        found = []
        if self._silent(group):
            found = [f"_idle_{number} += 1", *block(f"if _idle_{number} <= 2:", self._quiet(group))]
        spec, vanishing = self.spec, self._vanishing(group)
        found += [f"store(local_rows, {self._kept_at(n)}, 0.0)" for n in vanishing if n in spec.local]
        found += [
            f"store(export_rows, there + export_columns[{spec.exports.index(n)}] * TILE, 0.0)"
            for n in vanishing
            if n in spec.exports
        ]
        found += [f"_{name} = 0" for name in vanishing if name in self.asked]
        found += [f"_rested_{number} = 1"] if self._rests(group, holds=False) else []
        found += block("if t == 0:", [f"_waited_{number} = 1"] if self._rests(group, holds=True) else [])
        return found

    def _end(self) -> list[str]:
        found = list[str]()
        for number, group in enumerate(self.groups):
            # What a line is in periods left out: 0; or its opening until it is first computed, and then what it was.
            for flag, holds in (("_rested", False), ("_waited", True)):
                nodes = self._rests(group, holds)
                values = [self.spec.plan.lines[n.names[0]].opening if holds else Constant(0.0) for n in nodes]
                body = [f"{name} = {self._row(name)}" for name in names_read(values)]
                for node, value in zip(nodes, values, strict=True):
                    step = REDUCERS[node.reducer].step.format(text(value), acc=node.symbol)
                    body.append(f"{node.symbol} = {step}")
                found += block(f"if {flag}_{number}:", body)
        return [*found, *(f"store(work, {self._place(n.symbol)}, {self._whole_life(n)})" for n in self.reductions)]

    def _whole_life(self, node: WholeLife) -> str:
        reducer = REDUCERS[node.reducer]
        if not reducer.step:
            return reducer.kernel.format(flows=self._flows(node.names[0]))
        return self._final(node.names[0]) if node.reducer == "final" else node.symbol

    def _final(self, name: str) -> str:
        if name in self._order:
            return self._after(name)
        if name in CALENDAR_SERIES:
            return f"calendar[{list(CALENDAR_SERIES).index(name)}, periods - 1]"
        source, start, step = self._flows(name).split(", ")
        return f"load({source}, {start} + (periods - 1) * {step})"

    def _flows(self, name: str) -> str:
        """Array, first place and step between periods of a row over time."""
        spec = self.spec
        if name in spec.local:
            return f"local_rows, {spec.local.index(name) * TILE}, {self._step}"
        return f"series_rows, series_start + columns[{spec.series.index(name)}] * TILE, series_step"
