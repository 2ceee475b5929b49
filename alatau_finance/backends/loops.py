"""One loop over periods as text: its groups of lines, and what goes in and out of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from alatau_finance.backends.conditions import rows_of
from alatau_finance.backends.groups import Group, names_read
from alatau_finance.backends.loop_rests import LoopRests
from alatau_finance.backends.loop_rows import settled_in
from alatau_finance.backends.statements import asks, assigned, block, text
from alatau_finance.jit import TILE
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import Constant, WholeLife
from alatau_finance.modelling.operators import REDUCERS


class PeriodLoop(LoopRests):
    """The loop as text, with what goes before it and what comes after it."""

    def lines(self) -> list[str]:
        """The loop, what goes before it and what comes after it."""
        if not self.groups:
            return [*self._start(), *self._end()]
        body = [*self._bindings(), *self._flags_given(), *self._stirring()]
        for number, group in enumerate(self.groups):
            body += self._group(number, group)
        body += self._resting()
        loop = block("for t in range(periods):", [*self._passing(), *self._places(), *self._settlings(body), *body])
        return [*self._start(), *self._awake(), *loop, *self._end()]

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
        found += [f"{name} = lanes(0.0)" for name in self._shared]
        for group in self.groups:
            for node in group.reductions:
                start = REDUCERS[node.reducer].start.format(inf="infinity")
                found.append(self._reduced(group, node, f"lanes({start})"))
        for name in self.asked:
            found.append(f"_{name} = any_nonzero({self._after(name)})")
            if name in self.spec.saved:
                found.append(f"active[{self.spec.saved.index(name)}] = _{name}")
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
        return [*(f"previous_{name} = {name}" for name in self._carried), *self._of_calendar(used)]

    def _flags_given(self) -> list[str]:
        found = []
        for row in sorted({row for condition in self.conditions for row in rows_of(condition)}):
            name, back = row.removeprefix("previous_"), row.startswith("previous_")
            if name not in self._order:
                settled = self._settled(name)
                place = "t" if back else "t + 1"
                if settled is not None:
                    place = settled_in(settled, -back)
                found.append(f"_{row} = {self._active_at(place, name)}")
            elif back:
                found.append(f"_{row} = _{name}")
        return found

    def _active_at(self, period: str, name: str) -> str:
        """Whether a line was not 0 in a ``period``, counted from 1 on; its opening at 0."""
        return f"active[({period}) * {len(self.spec.saved)} + {self.spec.saved.index(name)}]"

    def _group(self, number: int, group: Group) -> list[str]:
        body, after = [*self._loads(number), *self._computed(group)], list[str]()
        for name in filter(self._is_kept, group.lines):
            held = self._holds_in(group, name)
            (after if held else body).extend(self._out(name, self._row(name) if held else name))
        body += self._unrest(number)
        flags = [name for name in group.lines if name in self.asked]
        body += [f"_{name} = any_nonzero({name})" for name in flags]
        after += [f"{self._active_at('t + 1', n)} = _{n}" for n in flags if n in self.spec.saved]
        if group.condition is None:
            return [*body, *after]
        if self._silent(group):
            body.append(f"_idle_{number} = 0")
        return [
            *block(f"if _whole{asks(group.condition, self.spec.window_names)}:", body),
            *block("else:", self._skipped(number, group)),
            *after,
        ]

    def _loads(self, number: int) -> list[str]:
        return [f"{name} = {self._load(name, number)}" for name in self._loaded[number]]

    def _computed(self, group: Group) -> list[str]:
        body = [assigned(name, self._formulas[name]) for name in group.lines]
        before = [name for name in group.lines if name in self._saved_before]
        body += [f"store(work, {self._place('previous_' + name)}, previous_{name})" for name in before]
        body += [f"store(work, {self._place(name)}, {name})" for name in self._stored(group)]
        for node in group.reductions:
            body.append(self._step_of(group, node, *node.names))
        return body

    def _reduced(self, group: Group, node: WholeLife, value: str) -> str:
        """A whole-life value set: a variable where its group is always computed, else a row, so that periods that leave
        the group out need not carry it along."""
        held = self._is_carried(group)
        return f"{node.symbol} = {value}" if held else f"store(work, {self._place(node.symbol)}, {value})"

    def _is_carried(self, group: Group) -> bool:
        """Whether what ``group`` adds up lies in variables."""
        return group.condition is None or self.rest is None

    @cached_property
    def _shared(self) -> list[str]:
        """Variables that other groups read."""
        read = {name for number, group in enumerate(self.groups) for name in self._read(group)}
        return [name for name in self._order if name in self._variables and name in read]

    def _step_of(self, group: Group, node: WholeLife, *values: str) -> str:
        """A whole-life value with what one period adds to it."""
        before = node.symbol if self._is_carried(group) else self._row(node.symbol)
        return self._reduced(group, node, REDUCERS[node.reducer].step.format(*values, acc=before))

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
        found += [f"{name} = lanes(0.0)" for name in self._shared if name in vanishing]
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
                    body.append(self._step_of(group, node, text(value)))
                found += block(f"if {flag}_{number}:", body)
        in_rows = {n.symbol for group in self.groups if not self._is_carried(group) for n in group.reductions}
        left = [node for node in self.reductions if node.symbol not in in_rows]
        pairs = self._in_pairs(left)
        paired = {node.symbol for pair in pairs for node in pair}
        alone = [node for node in left if node.symbol not in paired]
        found += [f"store(work, {self._place(node.symbol)}, {self._whole_life(node)})" for node in alone]
        return [*found, *(line for pair in pairs for line in self._of_two(*pair))]

    def _in_pairs(self, nodes: Iterable[WholeLife]) -> list[tuple[WholeLife, WholeLife]]:
        """Whole-life values that are computed two at a time, as is faster for those that go through a row step by
        step."""
        local = [node for node in nodes if REDUCERS[node.reducer].kernel_of_two and node.names[0] in self.spec.local]
        return list(zip(local[::2], local[1::2], strict=False))

    def _of_two(self, one: WholeLife, other: WholeLife) -> list[str]:
        starts = ", ".join(str(self.spec.local.index(node.names[0]) * TILE) for node in (one, other))
        both = REDUCERS[one.reducer].kernel_of_two.format(flows=f"local_rows, {starts}, {self._step}")
        halves = (("first_lanes", one), ("second_lanes", other))
        stores = [f"store(work, {self._place(node.symbol)}, {half}(_both))" for half, node in halves]
        return [f"_both = {both}", *stores]

    def _whole_life(self, node: WholeLife) -> str:
        reducer = REDUCERS[node.reducer]
        if not reducer.step:
            return reducer.kernel.format(flows=self._flows(node.names[0]))
        return self._final(node.names[0]) if node.reducer == "final" else node.symbol

    def _final(self, name: str) -> str:
        if name in self._order:
            return self._after(name)
        if name in CALENDAR_SERIES:
            return f"calendar[{list(CALENDAR_SERIES).index(name) + 1} * periods - 1]"
        if (settled := self._settled(name)) is not None:
            place = self.spec.local.index(name) * TILE - self._step
            return f"load(local_rows, {self._settled_at(settled, 'periods')} * {self._step} + {place})"
        source, start, step = self._flows(name).split(", ")
        return f"load({source}, {start} + (periods - 1) * {step})"

    def _flows(self, name: str) -> str:
        """Array, first place and step between periods of a row over time."""
        spec = self.spec
        if name in spec.local:
            return f"local_rows, {spec.local.index(name) * TILE}, {self._step}"
        return f"series_rows, series_start + columns[{spec.series.index(name)}] * TILE, series_step"
