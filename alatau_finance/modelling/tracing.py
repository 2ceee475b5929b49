"""Formulas traced: each is called once with a model that answers every name with a reference to it."""

from __future__ import annotations

import traceback
from collections.abc import Mapping

from alatau_finance.errors import ModelError, nearest
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import Expr, Next, Previous, Reference, as_expression
from alatau_finance.modelling.model import Declaration, Gather, Line, Model, Series


class _Tracer:
    """What a formula sees as ``m``: every attribute is a reference to a declared name."""

    def __init__(self, model: type[Model]) -> None:
        self._known = {**model.declarations, **dict.fromkeys(CALENDAR_SERIES)}
        self._model = model.__name__

    def __getattr__(self, name: str) -> Reference:
        if name not in self._known:
            guess = nearest(name, self._known)
            hint = f"; did you mean {guess!r}?" if guess else f"; {self._model} has: {', '.join(sorted(self._known))}"
            raise ModelError(f"{self._model} has no {name!r}{hint}")
        return Reference(name)


def fail(declared: Line, name: str, problem: object, line: int | None = None) -> ModelError:
    file, first = declared.where
    return ModelError(f"{file}:{line or first}: line {name!r}: {problem}")


def trace(model: type[Model], name: str, declared: Line) -> Expr:
    try:
        return as_expression(declared.formula(_Tracer(model)))
    except (ModelError, TypeError) as error:
        only = "" if isinstance(error, ModelError) else "only the functions of alatau_finance.modelling make formulas; "
        code = declared.formula.__code__
        frames = traceback.extract_tb(error.__traceback__)
        at = [frame.lineno for frame in frames if frame.filename == code.co_filename]
        raise fail(declared, name, f"{only}{error}", at[-1] if at else None) from error


def opening(model: type[Model], name: str, declared: Line) -> Expr:
    try:
        if isinstance(declared.opening, str):
            return getattr(_Tracer(model), declared.opening)  # type: ignore[no-any-return]
        return as_expression(declared.opening)
    except ModelError as error:
        raise fail(declared, name, f"opening: {error}") from error


def is_series(declaration: Declaration) -> bool:
    return isinstance(declaration, Series) or (isinstance(declaration, Gather) and not declaration.whole_life)


def periodic_lines(formulas: Mapping[str, Expr], declarations: Mapping[str, Declaration]) -> set[str]:
    """Lines with one value per period: those that, outside whole-life values, touch a series or ``prev``."""
    given = {name for name, item in declarations.items() if is_series(item)} | set(CALENDAR_SERIES)
    found: set[str] = set()

    def touches(expression: Expr) -> bool:
        if isinstance(expression, (Previous, Next)):
            return True
        if isinstance(expression, Reference):
            return expression.name in given or expression.name in found
        return any(touches(child) for child in expression.children)

    while new := {name for name, formula in formulas.items() if name not in found and touches(formula)}:
        found |= new
    return found
