"""Formulas as text: one walk over the tree for every dialect, spelling taken from the operator table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from alatau_finance.modelling.expression import Constant, Expr, Next, Operation, Previous, Reference, WholeLife
from alatau_finance.modelling.operators import OPERATORS

Dialect = Literal["python", "kernel", "excel"]


@dataclass(frozen=True)
class Spelling:
    """How one dialect writes names; operators come from the table."""

    dialect: Dialect
    reference: Callable[[str], str]
    previous: Callable[[str], str]
    following: Callable[[str], str]
    whole_life: Callable[[WholeLife], str]


def number(value: float, dialect: Dialect) -> str:
    """0, 1 or 12 in the dialect: floats where code computes, plain in a cell."""
    return repr(value) if dialect != "excel" else repr(int(value))


def render(expression: Expr, spelling: Spelling) -> str:
    """``expression`` in the dialect of ``spelling``."""
    if isinstance(expression, Constant):
        return number(expression.value, spelling.dialect)
    if isinstance(expression, Reference):
        return spelling.reference(expression.name)
    if isinstance(expression, Previous):
        return spelling.previous(expression.name)
    if isinstance(expression, Next):
        return spelling.following(expression.name)
    if isinstance(expression, WholeLife):
        return spelling.whole_life(expression)
    if isinstance(expression, Operation):
        return _operation(expression, spelling)
    raise TypeError(f"{type(expression).__name__} cannot be rendered")


def _operation(expression: Operation, spelling: Spelling) -> str:
    row = OPERATORS[expression.operator]
    arguments = [render(argument, spelling) for argument in expression.arguments]
    if expression.operator == "where":
        arguments[0] = _test(expression.arguments[0], arguments[0], spelling)
    return str(getattr(row, spelling.dialect)).format(*arguments)


def _test(condition: Expr, rendered: str, spelling: Spelling) -> str:
    """The condition of ``where`` as a test: a comparison bare, any other flag against 0."""
    if isinstance(condition, Operation) and OPERATORS[condition.operator].test:
        sides = [render(argument, spelling) for argument in condition.arguments]
        test = OPERATORS[condition.operator].test
        return (test.replace(" ", "") if spelling.dialect == "excel" else test).format(*sides)
    return f"{rendered}<>0" if spelling.dialect == "excel" else f"{rendered} != 0.0"
