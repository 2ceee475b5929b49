"""What a traced model must keep to: free names, arguments that make sense, units that agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alatau_finance.errors import ModelError
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import Constant, Expr, Next, Operation, Previous, Reference, WholeLife
from alatau_finance.modelling.model import Line, Model
from alatau_finance.modelling.names import taken
from alatau_finance.modelling.operators import OPERATORS, REDUCERS, UnitOf, describe
from alatau_finance.modelling.tracing import fail
from alatau_finance.modelling.units import UnitError, registry


def check_names(model: type[Model], formulas: Mapping[str, Expr]) -> None:
    nodes = [node for formula in formulas.values() for node in formula.walk()]
    generated = {f"{before}_{name}" for name in formulas for before in ("previous", "following")}
    generated |= {node.symbol for node in nodes if isinstance(node, WholeLife)}
    name = taken(model.declarations, generated)
    if name:
        raise ModelError(f"{model.__name__}.{name}: generated code keeps this name for itself; choose another")


def check_arguments(name: str, formula: Expr, periodic: Callable[[str], bool], lines: Mapping[str, Line]) -> None:
    for node in formula.walk():
        if isinstance(node, (Previous, Next)) and (node.name not in lines or not periodic(node.name)):
            raise fail(lines[name], name, f"{node.key}: prev() and lead() take a line with one value per period")
        if isinstance(node, WholeLife):
            for argument in node.names:
                if not periodic(argument):
                    raise fail(lines[name], name, f"{node.key}: {argument!r} already is one value for life")
                if not REDUCERS[node.reducer].step and argument in CALENDAR_SERIES:
                    raise fail(lines[name], name, f"{node.key}: the calendar has no rate of return")


def check_opening(declared: Line, name: str, opening: Expr, periodic: Callable[[str], bool]) -> None:
    if isinstance(opening, Reference) and periodic(opening.name):
        problem = f"opening: {opening.name!r} has one value per period; an opening is one value for life"
        raise fail(declared, name, problem)


def _unit_of(expression: Expr, units: Mapping[str, UnitOf]) -> UnitOf:
    if isinstance(expression, Constant):
        return None if expression.value == 0 else registry().Unit("")
    if isinstance(expression, (Reference, Previous, Next)):
        return units[expression.name]
    if isinstance(expression, WholeLife):
        return REDUCERS[expression.reducer].unit(*(units[name] for name in expression.names))
    if isinstance(expression, Operation):
        arguments = [_unit_of(argument, units) for argument in expression.arguments]
        try:
            return OPERATORS[expression.operator].unit(*arguments)
        except UnitError as error:
            raise UnitError(f"{expression.operator}: {error} in {expression.key}") from error
    raise UnitError(f"{type(expression).__name__} has no unit")


def _unit_problem(what: str, expression: Expr, units: Mapping[str, UnitOf], declared: UnitOf) -> str:
    try:
        found = _unit_of(expression, units)
    except UnitError as error:
        return str(error)
    if found is None or found == declared:
        return ""
    return f"declared {describe(declared)!r} but the {what} gives {describe(found)!r}"


def check_units(
    model: type[Model], formulas: Mapping[str, Expr], openings: Mapping[str, Expr], lines: Mapping[str, Line]
) -> None:
    units: dict[str, UnitOf] = {}
    for name, declaration in model.declarations.items():
        try:
            units[name] = registry().parse_units(declaration.unit) if declaration.unit != "1" else registry().Unit("")
        except Exception as error:  # pint raises a family of unrelated classes
            raise ModelError(f"{model.__name__}.{name}: unknown unit {declaration.unit!r}") from error
    units.update({name: registry().Unit("" if unit == "1" else unit) for name, (unit, _) in CALENDAR_SERIES.items()})
    for name, formula in formulas.items():
        for what, expression in (("formula", formula), ("opening", openings[name])):
            problem = _unit_problem(what, expression, units, units[name])
            if problem:
                raise fail(lines[name], name, f"units: {problem}; convert with an index, a rate or a year fraction")
