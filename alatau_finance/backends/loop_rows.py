"""What one loop over periods reads, from where, and what of it others look for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from alatau_finance.backends.activity import Activities
from alatau_finance.backends.conditions import Condition, Window, rows_of
from alatau_finance.backends.groups import Group, names_read
from alatau_finance.backends.invariants import apart
from alatau_finance.backends.rest import Rest, Rests
from alatau_finance.jit import TILE
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import Expr, WholeLife
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
    @property
    def rests(self) -> Rests: ...
    @property
    def kept_whole(self) -> frozenset[str]: ...


def settled_in(earlier: int, periods: int) -> str:
    """The variable that says in which period, counted from 1 on, an ``earlier`` loop was what it is so many periods
    from this one."""
    return f"_{('now', 'after', 'before')[periods]}_{earlier}"


@dataclass(frozen=True)
class LoopRows:
    """What the loop of one phase reads, keeps and leaves behind: ``groups`` of its lines, and the whole-life values
    known after it."""

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
        found, known = list[tuple[str, ...]](), {f"previous_{name}" for name in self._carried} | self._variables
        for group in self.groups:
            loaded = tuple(name for name in self._read(group) if name not in known)
            found.append(loaded)
            if group.condition is None:
                known.update((*loaded, *group.lines))
        return tuple(found)

    @cached_property
    def _variables(self) -> frozenset[str]:
        """Lines of groups that are left out at times whose number nevertheless lies in a variable, and not in a row:
        those that are not read any more once the period is over."""
        rows = {*self._looked_back_at, *self._last()}
        lines = (name for group in self.groups if group.condition is not None for name in group.lines)
        return frozenset(name for name in lines if name not in rows)

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
        return [name for name in group.lines if name in held or (name in visible and name not in self._variables)]

    def _is_kept(self, name: str) -> bool:
        return name in {*self.spec.local, *self.spec.exports, *self.spec.gathered}

    def _last(self) -> dict[str, None]:
        return {node.names[0]: None for node in self.reductions if node.reducer == "final"}

    @cached_property
    def asked(self) -> dict[str, None]:
        """Lines of this loop whose rows are asked, here or in a later loop."""
        here = {row.removeprefix("previous_") for condition in self.conditions for row in rows_of(condition)}
        return {name: None for name in self._order if name in here or name in self.spec.saved}

    @property
    def conditions(self) -> list[Condition]:
        """All that this loop asks."""
        return [*(group.condition for group in self.groups), *([self.rest.motion] if self.rest else [])]

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

    @property
    def rest(self) -> Rest | None:
        """When this loop is at rest, if it ever is."""
        return self.spec.rests.loops[self.number]

    def _kept_at(self, name: str, periods: int = 0) -> str:
        """Where the row of ``name`` is kept, so many periods from this one."""
        place, settled = self.spec.local.index(name) * TILE, self._settled(name)
        if settled is None:
            return f"at + {self._step * periods + place}"
        return f"{settled_in(settled, periods)} * {self._step} + {place - self._step}"

    def _settled_row(self, number: int) -> str:
        """Where it is marked for a loop in which period its rows are found."""
        return f"{1 + number} * (periods + 2)"

    def _settled_at(self, number: int, period: str) -> str:
        """The mark of a ``period``, counted from 1 on."""
        return f"marks[{self._settled_row(number)} + {period}]"

    def _settled(self, name: str) -> int | None:
        """The earlier loop of ``name``, if its rows are found in the period in which that loop came to rest."""
        line = self.spec.plan.lines.get(name)
        if line is None or name in self._order or name in self.spec.rests.moving:
            return None
        return line.phase if self.spec.rests.loops[line.phase] else None

    @property
    def _step(self) -> int:
        return len(self.spec.local) * TILE

    def _given(self, name: str) -> str:
        """Text of what is kept over time and not found in the work array; nothing for other names."""
        spec = self.spec
        if name in spec.local and name not in self._order:
            return f"load(local_rows, {self._kept_at(name)})"
        if name in spec.series:
            return f"load(series_rows, here + columns[{spec.series.index(name)}] * TILE)"
        return ""

    def _holds_in(self, group: Group, name: str) -> bool:
        """Whether a line is what it was where ``group`` is left out, so that it is there to be kept in any case."""
        return group.condition is not None and self.spec.activities.lines[name].holds

    def _load(self, name: str, group: int) -> str:
        line = name.removeprefix("previous_").removeprefix("following_")
        if line != name and line not in self._order and line in self.spec.local:
            if name.startswith("following_"):
                return f"load_next(local_rows, {self._kept_at(line, 1)}, t, periods)"
            return f"load_previous(local_rows, {self._kept_at(line, -1)}, t, work, {self._place(name)})"
        return self._given(name) or self._row(self._row_read(name, group))

    def _out(self, name: str, value: str) -> list[str]:
        """The ``value`` of a line brought to where others look for it."""
        spec, found = self.spec, []
        if name in spec.local:
            found.append(f"store(local_rows, {self._kept_at(name)}, {value})")
        if name in spec.exports:
            found.append(f"store(export_rows, there + export_columns[{spec.exports.index(name)}] * TILE, {value})")
        for number, gathered in enumerate(spec.gathered):
            if gathered == name:
                found.append(f"add_row(series_rows, here, {self._gathered_in(number)}, {value})")
        return found

    def _of_calendar(self, names: Collection[str]) -> list[str]:
        """Those of ``names`` that the calendar gives, each in a variable."""
        rows = enumerate(CALENDAR_SERIES)
        return [f"{name} = calendar[{row} * periods + t]" for row, name in rows if name in names]

    def _gathered_in(self, number: int) -> str:
        """The column of the shared series to which a gathered line is added."""
        return f"gather_columns[instance * {len(self.spec.gathered)} + {number}]"
