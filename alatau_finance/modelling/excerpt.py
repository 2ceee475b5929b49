"""A plan cut down to some of its lines, for whoever needs one measure of a contract and not the contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from alatau_finance.modelling.expression import Expr, Next, Previous, Reference, WholeLife
from alatau_finance.modelling.plan import Phase, Plan, PlannedLine


@cache
def excerpt(plan: Plan, names: frozenset[str]) -> Plan:
    """``plan`` with the lines of ``names`` and those that they need; what is given stays, needed or not.

    Raises :class:`KeyError` for a name that is no line of ``plan``.
    """
    lines = {name: plan.lines[name] for name in names}
    waiting = list(lines.values())
    while waiting:
        for name in _needed(waiting.pop()):
            if name in plan.lines and name not in lines:
                lines[name] = plan.lines[name]
                waiting.append(plan.lines[name])
    reduced = {node.key for line in lines.values() for node in _nodes(line) if isinstance(node, WholeLife)}
    phases = (
        Phase(
            tuple(name for name in phase.scalars if name in lines),
            tuple(name for name in phase.periodic if name in lines),
            tuple(node for node in phase.reductions if node.key in reduced),
        )
        for phase in plan.phases
    )
    kept = {name: line for name, line in plan.lines.items() if name in lines}
    return replace(plan, lines=MappingProxyType(kept), phases=tuple(phases))


def _nodes(line: PlannedLine) -> Iterator[Expr]:
    yield from line.formula.walk()
    yield from line.opening.walk()


def _needed(line: PlannedLine) -> Iterator[str]:
    for node in _nodes(line):
        if isinstance(node, (Reference, Previous, Next)):
            yield node.name
        elif isinstance(node, WholeLife):
            yield from node.names
