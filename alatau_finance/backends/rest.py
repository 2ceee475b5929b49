"""When nothing in a loop over periods moves any more, so that periods can be passed over all at once.

A contract is under way in a third of its calendar. Before and after, every line is 0 or stays what it was, whatever
prices do. A loop is at rest in a period if no group runs whose lines follow prices, no date lies near, no line has
moved since the period before, and the loops before it are at rest. Then the next period is the same, and the one after
it, until a date comes. What still moves is little, a discount factor, say; a loop in which it is much never rests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alatau_finance.backends.activity import Activities
from alatau_finance.backends.conditions import Condition, any_of, comes_to_an_end, rows_of
from alatau_finance.backends.dates import Dates
from alatau_finance.backends.groups import Group, size_of
from alatau_finance.modelling.expression import Expr, Next, Previous
from alatau_finance.modelling.operators import REDUCERS
from alatau_finance.modelling.plan import Plan


@dataclass(frozen=True)
class Rest:
    """What decides whether the loop of one phase is at rest.

    ``restless``: numbers of the groups that are not at rest when they run. ``motion``: where a line may move although
    no such group runs. ``compared``: lines that must be what they were; ``zero``: by group, lines that must be 0, as
    they are added up. ``moving``: lines that move in any case; ``vanishing``: lines that are 0. ``looks_ahead``:
    whether the loop reads numbers of the following period.
    """

    restless: frozenset[int]
    motion: Condition
    compared: tuple[str, ...]
    zero: Mapping[int, tuple[str, ...]]
    moving: frozenset[str]
    vanishing: frozenset[str]
    looks_ahead: bool


@dataclass(frozen=True)
class Rests:
    """The :class:`Rest` of each loop, None where it never is; the dates that windows are named after, and the scalars
    that must not be below 0 for them to be true."""

    loops: tuple[Rest | None, ...]
    dates: Mapping[str, Expr] = field(default_factory=dict)
    not_negative: Mapping[str, Expr] = field(default_factory=dict)

    @property
    def moving(self) -> frozenset[str]:
        """Lines that move although their loop is at rest."""
        return frozenset(name for rest in self.loops if rest for name in rest.moving)


class _Analysis:
    def __init__(self, plan: Plan, loops: Sequence[Sequence[Group]], activities: Activities) -> None:
        self._plan, self._activities = plan, activities
        self.dates = Dates(plan)
        self._asked = {row.removeprefix("previous_") for g in _all(loops) for row in rows_of(g.condition)}
        self._moving: set[str] = set()

    def loop(self, groups: Sequence[Group]) -> Rest | None:
        """The rest of a loop; those of the loops before it are known."""
        always = [name for group in groups if group.condition is None for name in group.lines]
        left_out = {name for name in always if self._may_be_asked(self._activities.lines[name].condition)}
        while moving := [n for n in always if n not in left_out | self._moving and self._moved(n) is None]:
            self._moving.update(moving)
        left_out = {name for name in left_out if self._moved(name) is None}
        own = frozenset(always) & self._moving
        if own & self._asked or not self._pays(groups, own):
            return None
        steady = {n for n, group in enumerate(groups) if group.condition is None or self._is_steady(group, groups)}
        still = [name for n in sorted(steady) for name in groups[n].lines if name not in left_out | own]
        conditions = [self._activities.lines[name].condition for name in left_out]
        skipped = {name for number, group in enumerate(groups) if number not in steady for name in group.lines}
        gone = {name for name in skipped | left_out if not self._activities.lines[name].holds}
        return Rest(
            restless=frozenset(range(len(groups))) - steady,
            motion=_of_this_period(any_of([*map(self._moved, still), *conditions])),
            compared=tuple(name for name in always if name not in own and name in _looked_back_at(self._plan, groups)),
            zero={number: self._added_up(groups[number], gone) for number in sorted(steady)},
            moving=own,
            vanishing=frozenset(gone),
            looks_ahead=_looks_ahead(self._plan, groups),
        )

    def _pays(self, groups: Sequence[Group], moving: frozenset[str]) -> bool:
        """Whether what moves at rest is less than half of the work, so that it pays to look for rest."""
        work = {name: size_of(self._plan.lines[name].formula) for group in groups for name in group.lines}
        return 2 * sum(work[name] for name in moving) < sum(work.values())

    def _may_be_asked(self, condition: Condition) -> bool:
        """Whether a line that is always computed can be taken for 0, or held, by asking what is asked anyway."""
        if condition is None or not all(map(comes_to_an_end, condition)):
            return False
        return {row.removeprefix("previous_") for row in rows_of(condition)} <= self._asked

    def _moved(self, name: str) -> Condition:
        """Where a line may be another number than before though all others are what they were; None: anywhere."""
        line, known = self._plan.lines[name], self._activities.lines[name]
        grows = any(isinstance(node, Previous) and node.name == name for node in line.formula.walk())
        if grows and known.condition is None:
            return None
        return self.dates.disturbed(line.formula, self._is_still)

    def _is_still(self, name: str) -> bool:
        return name == "year_fraction" or (name in self._plan.lines and name not in self._moving)

    def _is_steady(self, group: Group, groups: Sequence[Group]) -> bool:
        back = _looked_back_at(self._plan, groups)
        return bool(group.lines) and all(name not in back and self._moved(name) is not None for name in group.lines)

    def _added_up(self, group: Group, gone: set[str]) -> tuple[str, ...]:
        """One line of each sum of ``group`` that still lines are part of, none of them seen to be 0 at rest."""
        found = dict[str, None]()
        for node in group.reductions:
            still = [name for name in node.names if self._is_still(name)]
            if still and "{acc} +" in REDUCERS[node.reducer].step and not gone.intersection(still):
                found[still[0]] = None
        return tuple(found)


def _of_this_period(condition: Condition) -> Condition:
    """At rest a line is what it was, so that one number of each is asked."""
    terms = condition or ()
    return frozenset(
        frozenset(part.removeprefix("previous_") if isinstance(part, str) else part for part in term) for term in terms
    )


def _all(loops: Sequence[Sequence[Group]]) -> list[Group]:
    return [group for groups in loops for group in groups]


def _looked_back_at(plan: Plan, groups: Sequence[Group]) -> set[str]:
    """Lines whose number of the period before is read in a loop."""
    nodes = [node for group in groups for name in group.lines for node in plan.lines[name].formula.walk()]
    return {node.name for node in nodes if isinstance(node, Previous)}


def _looks_ahead(plan: Plan, groups: Sequence[Group]) -> bool:
    """Whether a loop reads numbers of the following period."""
    return any(isinstance(node, Next) for g in groups for name in g.lines for node in plan.lines[name].formula.walk())


def rests(plan: Plan, loops: Sequence[Sequence[Group]], activities: Activities) -> Rests:
    """When each of ``loops``, the groups of each phase of ``plan``, is at rest."""
    analysis, found = _Analysis(plan, loops, activities), list[Rest | None]()
    possible = any(group.condition is not None for group in _all(loops))
    for groups in loops:
        rest = analysis.loop(groups) if possible and groups else None
        possible = possible and (rest is not None or not groups)
        found.append(rest)
    return Rests(tuple(found), analysis.dates.named, analysis.dates.not_negative)
