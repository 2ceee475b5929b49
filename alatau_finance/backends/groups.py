"""The lines of each loop over periods in groups that are computed, or left out, together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, pairwise
from typing import TypeAlias

from alatau_finance.backends.activity import Activity
from alatau_finance.backends.conditions import Condition, Window, any_of, implies, rows_of
from alatau_finance.modelling.expression import Expr, Next, Operation, Previous, Reference, WholeLife
from alatau_finance.modelling.plan import Plan

_WORTH_A_GROUP = 4
#: What a division takes longer than another operation.
_OF_A_DIVISION = 8
#: What it costs to ask a condition in a period, in operations.
_TO_ASK = 4.0


_Named: TypeAlias = "tuple[Condition, list[str]]"


@dataclass(frozen=True)
class Group:
    """Lines in an order in which they can be computed, and what is added up of them, where ``condition`` holds."""

    condition: Condition
    lines: tuple[str, ...]
    reductions: tuple[WholeLife, ...]


def names_read(expressions: Iterable[Expr]) -> dict[str, None]:
    """Names under which a lane loop reads what ``expressions`` need, in a stable order."""
    names = dict[str, None]()
    for expression in expressions:
        for node in expression.walk():
            if isinstance(node, Reference):
                names[node.name] = None
            elif isinstance(node, Previous):
                names[f"previous_{node.name}"] = None
            elif isinstance(node, Next):
                names[f"following_{node.name}"] = None
            elif isinstance(node, WholeLife):
                names[node.symbol] = None
    return names


def size_of(formula: Expr) -> int:
    """What a line of this formula takes to compute, in operations."""
    return 2 + sum(isinstance(node, Operation) for node in formula.walk())


def _time_of(formula: Expr) -> int:
    """What a line of this formula takes to compute, in operations that take no longer than most."""
    divisions = sum(isinstance(node, Operation) and node.operator == "divide" for node in formula.walk())
    return size_of(formula) + _OF_A_DIVISION * divisions


def group_lines(
    plan: Plan,
    loops: Sequence[tuple[Sequence[str], Sequence[WholeLife]]],
    found: Mapping[str, Activity],
    wanted: Collection[str],
) -> tuple[tuple[Group, ...], ...]:
    """The groups of each of ``loops``: lines, in an order in which they can be computed, and reductions over them.

    ``wanted``: lines that are needed in every period, whoever else needs them.
    """
    loops = [(lines, reductions) for lines, reductions in loops]
    size = {name: _time_of(plan.lines[name].formula) for name in found}
    coarse = [_coarse({name: found[name].condition for name in lines}, size) for lines, _ in loops]
    asked = {row.removeprefix("previous_") for part in coarse for c in part.values() for row in rows_of(c)}
    groups = []
    for (lines, reductions), conditions in zip(loops, coarse, strict=True):
        needs = {name: [n for n in names_read([plan.lines[name].formula]) if n in conditions] for name in lines}
        sums = {node.symbol: node for node in reductions}
        for symbol, node in sums.items():
            needs[symbol] = [name for name in node.names if name in lines]
            conditions[symbol] = _of_reduction(node, found, conditions)
        for name in reversed(lines):
            if conditions[name] is None and name not in wanted and name not in asked:
                conditions[name] = any_of(conditions[user] for user in needs if name in needs[user])
        size |= dict.fromkeys(sums, 1)
        groups.append(
            tuple(
                Group(condition, tuple(n for n in names if n not in sums), tuple(sums[n] for n in names if n in sums))
                for condition, names in _joined(_in_order(needs, conditions), size)
            )
        )
    return tuple(groups)


def _of_reduction(node: WholeLife, found: Mapping[str, Activity], conditions: Mapping[str, Condition]) -> Condition:
    """Where a period may change the running value. What holds does not change an extreme, but it does a sum."""
    extreme = node.reducer in ("minimum", "maximum")
    own = [conditions[n] for n in node.names if n in conditions and (extreme or not found[n].holds)]
    given = [found[n].condition for n in node.names if n in found and n not in conditions and not found[n].holds]
    known = [condition for condition in own or given if condition is not None]
    # 0 times what may be infinite or no number is not 0.
    bounded = len(node.names) == 1 or all(found[name].bounded for name in node.names if name in found)
    return min(known, key=len, default=None) if bounded and (own or not extreme) else None


def _coarse(conditions: Mapping[str, Condition], size: Mapping[str, int]) -> dict[str, Condition]:
    """Conditions of few lines replaced by a weaker one: to ask in every period may cost more than it saves."""
    members: dict[Condition, list[str]] = {}
    for name, condition in conditions.items():
        members.setdefault(condition, []).append(name)
    _merge_rows(members)
    _merge_windows(members, size)
    return {name: condition for condition, names in members.items() for name in names}


def _merge_rows(members: dict[Condition, list[str]]) -> None:
    """Have fewer of the conditions that ask rows."""
    for condition in sorted(filter(rows_of, members), key=lambda c: len(members[c])):
        if len(members.get(condition, ())) not in range(1, _WORTH_A_GROUP):
            continue
        # A line that is asked whether a group is to be computed cannot be in that group.
        others = [
            other
            for other in filter(rows_of, members)
            if other != condition
            and not (rows_of(condition) | rows_of(other)).intersection((*members[condition], *members[other]))
        ]
        weaker = [other for other in others if implies(condition, other)]
        together = [(any_of([condition, other]), other) for other in others]
        near = [(union, other) for union, other in together if union and len(union) <= 1 + _length(other)]
        names = members.pop(condition)
        if weaker:
            members[min(weaker, key=_length)] += names
        elif len(rows_of(condition)) <= len(names):
            members[condition] = names
        elif near:
            union, other = min(near, key=lambda pair: _length(pair[1]))
            names += members.pop(other)
            members.setdefault(union, []).extend(names)
        else:
            members.setdefault(None, []).extend(names)


def _length(condition: Condition) -> int:
    return len(condition or ())


def _merge_windows(members: dict[Condition, list[str]], size: Mapping[str, int]) -> None:
    """Put lines of few periods together as long as that is expected to save work."""
    members.setdefault(None, [])
    while True:
        bare = [(condition, names) for condition, names in members.items() if not rows_of(condition)]
        best = max(combinations(bare, 2), key=lambda pair: _saved(pair, size), default=None)
        if best is None or _saved(best, size) <= 0.0:
            break
        (one, _), (other, _) = best
        names = members.pop(one) + members.pop(other)
        members.setdefault(any_of([one, other]), []).extend(names)


def _joined(groups: Sequence[_Named], size: Mapping[str, int]) -> list[_Named]:
    """Groups, each joined with the one after it as long as that is expected to save work."""
    found = list(groups)
    while True:
        pairs = [pair for pair in pairwise(found) if _may_join(*pair)]
        best = max(pairs, key=lambda pair: _saved(pair, size), default=None)
        if best is None or _saved(best, size) <= 0.0:
            return found
        first, second = best
        place = found.index(first)
        found[place : place + 2] = [(any_of([first[0], second[0]]), [*first[1], *second[1]])]


def _may_join(first: _Named, second: _Named) -> bool:
    """Whether a group can be computed with the one before it without asking more than one of them asks now.

    A line that is asked whether a group is to be computed cannot be in that group.
    """
    alike = implies(first[0], second[0]) or implies(second[0], first[0])
    return alike and not rows_of(second[0]).intersection(first[1])


def _saved(pair: tuple[_Named, _Named], size: Mapping[str, int]) -> float:
    """What is expected to be saved by computing the lines of both in one group."""
    one, other = pair
    together = (any_of([one[0], other[0]]), [*one[1], *other[1]])
    return _cost(one, size) + _cost(other, size) - _cost(together, size)


def _cost(group: _Named, size: Mapping[str, int]) -> float:
    """Operations that a group is expected to take in a period, on average over all."""
    condition, names = group
    work = sum(size[name] for name in names)
    if condition is None:
        return work
    return _TO_ASK + sum(map(len, condition)) + _share_of_periods(condition) * work


@cache
def _share_of_periods(condition: Condition) -> float:
    """In how many of all periods ``condition`` is expected to hold."""
    if condition is None:
        return 1.0
    # Balances and flags of a contract are 0 in much the same periods.
    asking = sum(any(isinstance(part, str) for part in term) for term in condition)
    rest = 1.0 - (min(0.15 + 0.02 * asking, 0.4) if asking else 0.0)
    for term in condition:
        if all(isinstance(part, Window) for part in term):
            rest *= 1.0 - _share_of_windows(term)
    return 1.0 - rest


def _share_of_windows(term: frozenset[str | Window]) -> float:
    windows = {part.side: part for part in term if isinstance(part, Window)}
    if "first" in windows:
        return 0.01
    if len(windows) == 2:
        return 0.03 if len({window.date for window in windows.values()}) == 1 else 0.15
    # Fewer than that, but a loop is not at rest while such a group runs.
    return 0.3 if "until" in windows else 0.7


def _in_order(
    needs: Mapping[str, Sequence[str]], conditions: Mapping[str, Condition]
) -> list[tuple[Condition, list[str]]]:
    """Names with one condition together, as far as each comes after what it needs and what is asked for it."""
    left, groups = dict.fromkeys(needs), list[tuple[Condition, list[str]]]()
    asked = {name: [*needs[name], *(row for row in rows_of(conditions[name]) if row in needs)] for name in needs}
    while left:
        best: list[str] = []
        complete = False
        for condition in dict.fromkeys(conditions[name] for name in left):
            same = [name for name in left if conditions[name] == condition]
            ready = _ready(same, asked, left)
            if (len(ready) == len(same), len(ready)) > (complete, len(best)):
                best, complete = ready, len(ready) == len(same)
        if not best:
            # What is asked waits for what asks it: then this is computed in any case.
            best = [next(name for name in left if not any(need in left for need in needs[name]))]
            groups.append((None, best))
        else:
            groups.append((conditions[best[0]], best))
        for name in best:
            del left[name]
    return groups


def _ready(names: Sequence[str], needs: Mapping[str, Sequence[str]], left: Mapping[str, None]) -> list[str]:
    ready: list[str] = []
    for name in names:
        if all(need not in left or need in ready for need in needs[name]):
            ready.append(name)
    return ready
