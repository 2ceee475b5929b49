"""Periods in which a loop is at rest, as text: how that is seen, and what is done of them instead of computing them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from alatau_finance.backends.conditions import rows_of, windows_of
from alatau_finance.backends.groups import Group
from alatau_finance.backends.loop_rows import LoopRows, settled_in
from alatau_finance.backends.rest import Rest
from alatau_finance.backends.statements import asks, assigned, block
from alatau_finance.jit import TILE
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import WholeLife
from alatau_finance.modelling.operators import REDUCERS

#: The period in which a loop wakes, whether this period is not at rest, and how many up to it were quiet.
_WAKE, _STIRRED, _QUIET = (f"marks[{place}]" for place in range(3))


class LoopRests(LoopRows):
    """A loop that passes over periods in which it is at rest (see :mod:`alatau_finance.backends.rest`)."""

    def _places(self) -> list[str]:
        """Where rows of the period stand."""
        return [
            f"at = t * {self._step}",
            "here = series_start + t * series_step",
            *(["there = exports_start + t * exports_step"] if self.spec.exports else []),
        ]

    @property
    def _resting_before(self) -> list[int]:
        """Loops before this one that are at rest at times."""
        return [number for number in range(self.number) if self.spec.rests.loops[number]]

    def _settlings(self, body: Iterable[str]) -> list[str]:
        """Variables of ``body`` for the periods in which rows of earlier loops are found that are true for this one."""
        text, found = "\n".join(body), []
        for earlier in self._resting_before:
            for periods in (-1, 0, 1):
                name = settled_in(earlier, periods)
                found += [f"{name} = {self._settled_at(earlier, f't + {1 + periods}')}"] if name in text else []
        return found

    # --- whether a period is at rest
    #
    # What is known of the rest lies in an array and not in variables: it is set in many branches, and numba follows a
    # variable through all of them.

    def _awake(self) -> list[str]:
        """How a loop begins."""
        return [f"{_WAKE} = 0", f"{_QUIET} = 0"] if self.rest is not None else []

    def _stirring(self) -> list[str]:
        """How a period begins: at rest unless there is a reason why not."""
        return [f"{_STIRRED} = _whole | _uneven"] if self.rest is not None else []

    def _unrest(self, number: int) -> list[str]:
        """What a group that runs says of the rest."""
        rest, group = self.rest, self.groups[number]
        if rest is None or group.condition is None:
            return []
        if number in rest.restless:
            return [f"{_STIRRED} = 1"]
        given = [name for name in group.lines if self._is_given(name) and not self._holds_in(group, name)]
        return [f"{_STIRRED} |= any_nonzero({name})" for name in dict.fromkeys([*rest.zero[number], *given])]

    def _is_given(self, name: str) -> bool:
        """Whether others look for a line in every period, wherever it is at rest."""
        return name in self.spec.gathered or name in self.spec.exports or name in self.spec.kept_whole

    def _resting(self) -> list[str]:
        """The end of a period: whether it was at rest, and what is done of those that are like it."""
        if self.rest is None:
            return []
        zero = [n for k, group in enumerate(self.groups) if group.condition is None for n in self.rest.zero[k]]
        moved = [f"differ({name}, previous_{name})" for name in self.rest.compared]
        moved += [f"any_nonzero({name})" for name in dict.fromkeys(zero)]
        asked = asks(self.rest.motion, self.spec.window_names) + "".join(f" | {each}" for each in moved)
        passed = [*self._spread(self.rest), *self._moved_on(self.rest)]
        wake = [f"{_WAKE} = {self._woken(self.rest)}", *block(f"if t + 1 < {_WAKE}:", passed)]
        if asked:
            wake = block(f"if (0{asked}) == 0:", wake)
        return [
            f"{_QUIET} = ({_QUIET} + 1) * int({_STIRRED} == 0)",
            f"{self._settled_at(self.number, 't + 1')} = t + 1",
            # In the second quiet period also what its groups left in the period before is what it was.
            *block(f"if {_QUIET} > 1{self._others_rest()}:", wake),
        ]

    def _others_rest(self) -> str:
        """Whether rows of the loops before this one are the same in this period, in the next one, and in the one before
        if that is read."""
        if not self._resting_before:
            return ""
        back = any(self._settled(name.removeprefix("previous_")) is not None for name in self._all_looked_back())
        last = self._resting_before[-1]
        return f" and {settled_in(last, 0)} != t + 1" if back else f" and {settled_in(last, 1)} != t + 2"

    def _all_looked_back(self) -> set[str]:
        """Names under which this loop reads numbers, or asks flags, of the period before."""
        names = {name for loaded in self._loaded for name in loaded}
        names |= {row for condition in self.conditions for row in rows_of(condition)}
        return {name for name in names if name.startswith("previous_")}

    def _woken(self, rest: Rest) -> str:
        """The first period that may be another than this one."""
        before = [self._settled_row(number) for number in self._resting_before]
        last = f"woken(marks, {before[-1]}, t + 1, periods)" if before else "periods"
        dates = {w for condition in self.conditions for w in windows_of(condition) if w.side == "since"}
        wake = f"{last} - 1" if rest.looks_ahead else last
        for name in sorted({self.spec.window_names[replace(window, one_more=False)] for window in dates}):
            wake = f"sooner({wake}, t, {name})"
        return wake

    # --- what is done of the periods that are passed over

    def _spread(self, rest: Rest) -> list[str]:
        """What others look for in every period, of lines that are what they were."""
        found = [f"settle(marks, {self._settled_row(self.number)}, t + 1, {_WAKE})"]
        for group in self.groups:
            for name in group.lines:
                if self._is_given(name) and name not in rest.moving:
                    found += self._spread_line(name, self._resting_value(rest, group, name))
        return found

    def _resting_value(self, rest: Rest, group: Group, name: str) -> str:
        """What a line is at rest."""
        if group.condition is None:
            return "0.0" if name in rest.vanishing else name
        return self._row(name) if self._holds_in(group, name) else "0.0"

    def _spread_line(self, name: str, value: str) -> list[str]:
        spec, found = self.spec, []
        if name in spec.exports:
            place = f"exports_start + export_columns[{spec.exports.index(name)}] * TILE"
            found.append(f"fill(export_rows, {place}, exports_step, t + 1, {_WAKE}, {value})")
        if name in spec.kept_whole:
            found.append(f"fill(local_rows, {spec.local.index(name) * TILE}, {self._step}, t + 1, {_WAKE}, {value})")
        for number, gathered in enumerate(spec.gathered):
            if gathered == name and value != "0.0":
                column = self._gathered_in(number)
                found.append(f"add_rows(series_rows, series_start, series_step, t + 1, {_WAKE}, {column}, {value})")
        return found

    def _passing(self) -> list[str]:
        """Where a loop passes over periods."""
        return block(f"if t < {_WAKE}:", ["continue"]) if self.rest is not None else []

    def _moved_on(self, rest: Rest) -> list[str]:
        """The loop over the periods that are passed over, of the lines that move all the same.

        All else that these read is at hand, as the period before has left it.
        """
        always = [(number, group) for number, group in enumerate(self.groups) if group.condition is None]
        body = [line for number, group in always for line in self._moved_lines(rest, number, group)]
        if not body:
            return []
        sums = [node for _, group in always for node in self._moving_sums(group)]
        read = {*(name for line in rest.moving for name in self._names[line]), *(n for s in sums for n in s.names)}
        read.discard("year_fraction")
        calendar = self._of_calendar(read)
        back = [f"previous_{name} = {name}" for name in self._carried if name in rest.moving]
        return block(f"for t in range(t + 1, {_WAKE}):", [*self._places(), *back, *calendar, *body])

    def _moved_lines(self, rest: Rest, number: int, group: Group) -> list[str]:
        """Lines of a group that move, and what is added up of them."""
        own, sums = [name for name in group.lines if name in rest.moving], self._moving_sums(group)
        read = dict.fromkeys([*(n for name in own for n in self._names[name]), *(n for s in sums for n in s.names)])
        found = [f"{name} = {self._load(name, number)}" for name in read if self._moves_elsewhere(name)]
        found += [assigned(name, self._formulas[name]) for name in own]
        found += [f"store(work, {self._place(name)}, {name})" for name in self._stored(group) if name in own]
        found += [f"{s.symbol} = {REDUCERS[s.reducer].step.format(*s.names, acc=s.symbol)}" for s in sums]
        return [*found, *(line for name in filter(self._is_kept, own) for line in self._out(name, name))]

    def _moves_elsewhere(self, name: str) -> bool:
        """Whether ``name`` moves and is not of this loop."""
        line = name.removeprefix("previous_").removeprefix("following_")
        return line not in self._order and (line in self.spec.series or line in self.spec.rests.moving)

    def _moving_sums(self, group: Group) -> list[WholeLife]:
        moving = {*self.spec.rests.moving, *CALENDAR_SERIES, *self.spec.series}
        return [node for node in group.reductions if moving.issuperset(node.names)]
