"""Statements of generated kernels: formulas, conditions and what they head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from alatau_finance.backends.conditions import Condition, Window
from alatau_finance.backends.groups import names_read
from alatau_finance.backends.text import Spelling, render
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import Expr, Operation, Reference

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


def asks(condition: Condition, window_names: Mapping[Window, str]) -> str:
    """Text of ``condition``, to follow another; ``window_names`` are the variables that say when windows open."""

    def side(window: Window) -> str:
        name = window_names[replace(window, one_more=False)]
        return f"{name} + 1" if window.one_more else name

    def spelled(term: frozenset[str | Window]) -> str:
        windows = sorted((part for part in term if isinstance(part, Window)), key=lambda w: (w.side, w.date))
        opened, closed = ([w for w in windows if w.side == which] for which in ("since", "until"))
        parts = [f"_{part}" for part in term if isinstance(part, str)]
        parts += ["(t == 0)" for window in windows if window.side == "first"]
        # The processor asks both sides of a span at once.
        parts += [f"within(t, {side(a)}, {side(b)})" for a, b in zip(opened, closed, strict=False)]
        parts += [f"(t >= {side(window)})" for window in opened[len(closed) :]]
        parts += [f"(t < {side(window)})" for window in closed[len(opened) :]]
        return " & ".join(sorted(parts))

    terms = sorted(map(spelled, condition or ()))
    return "".join(f" | ({term})" if " & " in term else f" | {term}" for term in terms)
