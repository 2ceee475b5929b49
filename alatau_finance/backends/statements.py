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

    def spelled(part: str | Window) -> str:
        if isinstance(part, str):
            return f"_{part}"
        if part.side == "first":
            return "(t == 0)"
        name = window_names[replace(part, one_more=False)]
        return f"(t >= {name})" if part.side == "since" else f"(t {'<=' if part.one_more else '<'} {name})"

    terms = [" & ".join(term) for term in sorted(sorted(map(spelled, term)) for term in condition or ())]
    return "".join(f" | ({term})" if " & " in term else f" | {term}" for term in terms)
