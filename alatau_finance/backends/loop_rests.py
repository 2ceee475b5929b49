"""Periods in which a loop is at rest, as text: how that is seen, and what is done of them instead of computing them."""

from __future__ import annotations

from dataclasses import replace

from alatau_finance.backends.conditions import windows_of
from alatau_finance.backends.groups import Group, names_read
from alatau_finance.backends.loop_rows import LoopRows
from alatau_finance.backends.statements import asks, assigned, block
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import WholeLife
from alatau_finance.modelling.operators import REDUCERS


class LoopRests(LoopRows):
    """A loop that passes over periods in which it is at rest (see :mod:`alatau_finance.backends.rest`)."""

    # --- whether a period is at rest

    def _places(self) -> list[str]:
        """Where rows of the period stand."""
        return [
            f"at = t * {self._step}",
            "here = series_start + t * series_step",
            *(["there = exports_start + t * exports_step"] if self.spec.exports else []),
        ]

    @property
    def _earlier(self) -> list[int]:
        """Loops before this one that are at rest at times."""
        return [number for number in range(self.number) if self.spec.rests.loops[number]]

    def _settlings(self) -> list[str]:
        """In which period the rows of earlier loops are found that are true for this one, or one beside it."""
        found = []
        for number in self._earlier:
            found += [f"{time}_{number} = settled[{number}, t{shift}]" for time, shift in self._asked_of(number)]
        return found

    def _asked_of(self, earlier: int) -> list[tuple[str, str]]:
        return [("before", ""), ("now", " + 1"), ("after", " + 2")]

    def _stirring(self) -> list[str]:
        """How a period begins: at rest unless there is a reason why not."""
        if self.rest is None:
            return []
        before = f" | (now_{self._earlier[-1]} == t)" if self._earlier else ""
        return [f"_stirred = _whole | irregular{before}"]

    def _unrest(self, number: int) -> list[str]:
        """What a group that runs says of the rest."""
        rest, group = self.rest, self.groups[number]
        if rest is None or group.condition is None:
            return []
        if number in rest.restless:
            return ["_stirred = 1"]
        given = [name for name in group.lines if self._is_given(name) and not self._holds_in(group, name)]
        return [f"_stirred |= any_nonzero({name})" for name in dict.fromkeys([*rest.zero[number], *given])]

    def _is_given(self, name: str) -> bool:
        """Whether others look for a line in every period."""
        return name in self.spec.gathered or self._is_filled(name)

    def _is_filled(self, name: str) -> bool:
        return name in self.spec.exports or name in self.spec.kept_whole

    # --- what is done of the periods that are passed over

    def _resting(self) -> list[str]:
        """The end of a period: whether it was at rest, and if so, all periods that are like it."""
        rest = self.rest
        assert rest is not None
        zero = [n for k, group in enumerate(self.groups) if group.condition is None for n in rest.zero[k]]
        quiet = [f"_stirred |= int(0{asks(rest.motion, self.spec.window_names)})"] if rest.motion else []
        quiet += [f"_stirred |= differ({name}, previous_{name})" for name in rest.compared]
        quiet += [f"_stirred |= any_nonzero({name})" for name in dict.fromkeys(zero)]
        return [
            *block("if _stirred == 0:", quiet),
            "_rested = 0 if _stirred else _rested + 1",
            f"settled[{self.number}, t + 1] = t",
            "t += 1",
            *block("if _rested > 1:", self._passed_over()),
        ]

    def _passed_over(self) -> list[str]:
        rest = self.rest
        assert rest is not None
        until = "periods"
        if self._earlier:
            until = f"woken(settled, {self._earlier[-1]}, t, periods){' - 1' if rest.looks_ahead else ''}"
        elif rest.looks_ahead:
            until = "periods - 1"
        dates = {w for condition in self.conditions for w in windows_of(condition) if w.side == "since"}
        names = sorted({self.spec.window_names[replace(window, one_more=False)] for window in dates})
        body = [f"wake = {until}"]
        body += [f"wake = {name} if (t <= {name}) & ({name} < wake) else wake" for name in names]
        return [*body, *block("if t < wake:", [*self._spread(), *self._moved_on(), "t = wake"])]

    def _spread(self) -> list[str]:
        """What others look for in every period, of lines that are what they were."""
        spec, found = self.spec, [f"settle(settled, {self.number}, t, wake)"]
        for group in self.groups:
            for name in filter(self._is_given, group.lines):
                value = self._resting_value(group, name)
                if name in spec.rests.moving:
                    continue
                if name in spec.exports:
                    place = f"exports_start + export_columns[{spec.exports.index(name)}] * TILE"
                    found.append(f"fill(export_rows, {place}, exports_step, t, wake, {value})")
                if name in spec.kept_whole:
                    place = f"{spec.local.index(name) * 8}"
                    found.append(f"fill(local_rows, {place}, {self._step}, t, wake, {value})")
                if value != "0.0":
                    found += [
                        f"add_rows(series_rows, series_start, series_step, t, wake, gather_columns[instance, {k}], {value})"
                        for k, gathered in enumerate(spec.gathered)
                        if gathered == name
                    ]
        return found

    def _resting_value(self, group: Group, name: str) -> str:
        rest = self.rest
        assert rest is not None
        if group.condition is None:
            return "0.0" if name in rest.vanishing else name
        return self._row(name) if self._holds_in(group, name) else "0.0"

    def _moved_on(self) -> list[str]:
        """The loop over the periods that are passed over, of the lines that move all the same."""
        rest = self.rest
        assert rest is not None
        body = []
        for number, group in enumerate(self.groups):
            if group.condition is None:
                body += self._moved_lines(number, group)
        if not body:
            return []
        read = {name for n in rest.moving for name in self._names[n]} | {
            name for group in self.groups for node in self._moving_sums(group) for name in node.names
        }
        calendar = [f"{name} = calendar[{row}, t]" for row, name in enumerate(CALENDAR_SERIES) if name in read]
        back = [f"previous_{name} = {name}" for name in self._carried if name in rest.moving]
        loop = [*self._places(), *back, *calendar, *body, "t += 1"]
        return block("while t < wake:", loop)

    def _moved_lines(self, number: int, group: Group) -> list[str]:
        rest = self.rest
        assert rest is not None
        own = [name for name in group.lines if name in rest.moving]
        sums = self._moving_sums(group)
        read = dict.fromkeys([*(n for name in own for n in self._names[name]), *(n for s in sums for n in s.names)])
        found = [f"{name} = {self._load(name, number)}" for name in read if self._moves_elsewhere(name)]
        found += [assigned(name, self._formulas[name]) for name in own]
        found += [f"store(work, {self._place(name)}, {name})" for name in self._stored(group) if name in own]
        for node in sums:
            found.append(f"{node.symbol} = {REDUCERS[node.reducer].step.format(*node.names, acc=node.symbol)}")
        for name in filter(self._is_kept, own):
            found += self._out(name, name)
        return found

    def _moves_elsewhere(self, name: str) -> bool:
        line = name.removeprefix("previous_").removeprefix("following_")
        if line in self._order or line in CALENDAR_SERIES:
            return False
        return line in self.spec.series or line in self.spec.rests.moving

    def _moving_sums(self, group: Group) -> list[WholeLife]:
        rest = self.rest
        assert rest is not None
        moving = [*self.spec.rests.moving, *CALENDAR_SERIES, *self.spec.series]
        return [
            node
            for node in group.reductions
            if group.condition is None and all(name in moving and name != "year_fraction" for name in node.names)
        ]
