"""Conditions under which a line has to be computed in a period, and how they combine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["since", "until", "first"]


@dataclass(frozen=True)
class Window:
    """Periods on one side of ``date``, the key of an expression of scalars.

    ``since``: from the first period that does not end before the date in all lanes. ``until``: to the last period that
    does not start after it in all lanes, or with ``one_more`` to the one that follows. ``first``: the first period.
    """

    side: Side
    date: str = ""
    one_more: bool = False


Condition: TypeAlias = "frozenset[frozenset[str | Window]] | None"
"""Any of several sets of rows and windows: a number other than 0 in every row of the set, in every window of it.

A row is a line of the period, ``x``, or of the period before, ``previous_x``. None: always.
"""

NEVER: Condition = frozenset()
FIRST: Condition = frozenset({frozenset({Window("first")})})
_MOST_TERMS = 8


def any_of(conditions: Iterable[Condition]) -> Condition:
    """The condition that one of ``conditions`` holds."""
    terms: set[frozenset[str | Window]] = set()
    for condition in conditions:
        if condition is None:
            return None
        terms |= condition
    return frozenset(term for term in terms if not any(other < term for other in terms))


def all_of(conditions: Iterable[Condition]) -> Condition:
    """A condition that holds at least where all of ``conditions`` do."""
    known = [condition for condition in conditions if condition is not None]
    if not known:
        return None
    terms = any_of([frozenset(frozenset().union(*choice) for choice in product(*known))])
    return terms if terms is not None and len(terms) <= _MOST_TERMS else min(known, key=len)


def implies(condition: Condition, other: Condition) -> bool:
    """Whether ``other`` is seen to hold wherever ``condition`` does."""
    if other is None or condition is None:
        return other is None
    return all(any(weaker <= term for weaker in other) for term in condition)


def rows_of(condition: Condition) -> set[str]:
    """Every row that ``condition`` asks."""
    return {part for term in condition or () for part in term if isinstance(part, str)}


def windows_of(condition: Condition) -> set[Window]:
    """Every window that ``condition`` names."""
    return {part for term in condition or () for part in term if isinstance(part, Window)}


def comes_to_an_end(term: frozenset[str | Window]) -> bool:
    """Whether dates bound a span at both ends: a row of dates, or windows of both sides."""
    return any(isinstance(p, str) for p in term) or len({p.side for p in term if isinstance(p, Window)}) > 1
