"""Lines ordered into phases, and within a phase so that each comes after what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from alatau_finance.errors import ModelError
from alatau_finance.modelling.expression import Expr, Next, Previous, Reference, WholeLife
from alatau_finance.modelling.model import Line
from alatau_finance.modelling.tracing import fail


def _needs(expression: Expr) -> Iterable[tuple[str, int]]:
    """Names an expression needs, each with how many phases earlier it must be known."""
    for node in expression.walk():
        if isinstance(node, (Reference, Previous)):
            yield node.name, 0
        elif isinstance(node, Next):
            yield node.name, 1
        elif isinstance(node, WholeLife):
            yield from ((name, 1) for name in node.names)


def phases(formulas: Mapping[str, Expr], openings: Mapping[str, Expr], declared: Mapping[str, Line]) -> dict[str, int]:
    phase = dict.fromkeys(formulas, 0)
    needs = {name: [*_needs(formula), *_needs(openings[name])] for name, formula in formulas.items()}
    changed = True
    while changed:
        changed = False
        for name, wanted in needs.items():
            least = max((phase.get(other, 0) + lag for other, lag in wanted), default=0)
            if least > phase[name]:
                if least > len(formulas):
                    raise _endless(needs, declared)
                phase[name], changed = least, True
    return phase


def _endless(needs: Mapping[str, list[tuple[str, int]]], declared: Mapping[str, Line]) -> ModelError:
    """The complaint about the first line that a whole-life value or ``lead`` leads back to itself."""
    for name, wanted in needs.items():
        for other in (other for other, lag in wanted if lag):
            way = _way(needs, other, name)
            if way:
                circle = " -> ".join([name, *way])
                rule = "whole-life values and lead() are known only after the lines they are made of"
                return fail(declared[name], name, f"circle {circle}; {rule}")
    raise AssertionError("phases without end, but no circle")


def _way(needs: Mapping[str, list[tuple[str, int]]], start: str, end: str) -> list[str]:
    """The shortest way of needs from ``start`` to ``end``, both included; empty where there is none."""
    ways = {start: [start]}
    for name in (queue := [start]):
        if name == end:
            return ways[name]
        for other, _ in needs.get(name, ()):
            if other not in ways:
                ways[other] = [*ways[name], other]
                queue.append(other)
    return []


def ordered(names: Iterable[str], formulas: Mapping[str, Expr], declared: Mapping[str, Line]) -> tuple[str, ...]:
    """``names`` so that each comes after those it references in the same period."""
    wanted, order, open_names = dict.fromkeys(names), dict[str, None](), dict[str, None]()

    def visit(name: str) -> None:
        if name in order or name not in wanted:
            return
        if name in open_names:
            circle = [*list(open_names)[list(open_names).index(name) :], name]
            raise fail(declared[name], name, f"circle {' -> '.join(circle)}; look back with prev() somewhere in it")
        open_names[name] = None
        for node in formulas[name].walk():
            if isinstance(node, Reference):
                visit(node.name)
        del open_names[name]
        order[name] = None

    for name in wanted:
        visit(name)
    return tuple(order)
