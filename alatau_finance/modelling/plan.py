"""From a model class to a plan: formulas traced, names and units checked, lines ordered into phases.

A phase is: scalars, then one loop over periods, then whole-life values. Within a phase lines look back only
(``prev``); a whole-life value or ``lead`` of a line is known one phase later. The planner finds the phases as the
smallest numbers that satisfy this, and what has none is a cycle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.checking import check_arguments, check_names, check_opening, check_units
from alatau_finance.modelling.expression import Expr, Reference, WholeLife
from alatau_finance.modelling.model import (
    Declaration,
    Gather,
    Input,
    Line,
    LineKind,
    Model,
    Series,
    Yearly,
    summary,
    title,
)
from alatau_finance.modelling.ordering import ordered, phases
from alatau_finance.modelling.tracing import fail, is_series, opening, periodic_lines, trace

D = TypeVar("D", bound=Declaration)


@dataclass(frozen=True)
class PlannedLine:
    """A line with its traced formula. ``phase`` counts from 0; ``opening`` is what ``prev`` gives at first."""

    name: str
    unit: str
    label: str
    note: str
    kind: LineKind
    yearly: Yearly | None
    formula: Expr
    opening: Expr
    periodic: bool
    phase: int
    file: str
    line: int


@dataclass(frozen=True)
class Phase:
    """Names in an order in which they can be computed."""

    scalars: tuple[str, ...]
    periodic: tuple[str, ...]
    reductions: tuple[WholeLife, ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """A model ready to be rendered. ``lines`` keeps the order in which the model declares them."""

    key: str
    name: str
    title: str
    summary: str
    inputs: Mapping[str, Input]
    series: Mapping[str, Series]
    gathers: Mapping[str, Gather]
    calendar: tuple[str, ...]
    lines: Mapping[str, PlannedLine]
    phases: tuple[Phase, ...]

    def is_periodic(self, name: str) -> bool:
        """Whether ``name`` has one value per period."""
        if name in self.lines:
            return self.lines[name].periodic
        return name not in self.inputs and not (name in self.gathers and self.gathers[name].whole_life)

    def of_kind(self, kind: LineKind) -> tuple[str, ...]:
        """Names of the lines of one kind, in order."""
        return tuple(name for name, planned in self.lines.items() if planned.kind == kind)

    def phase_of(self, name: str) -> int:
        """The phase in whose loop ``name`` becomes known; 0 for what is given."""
        return self.lines[name].phase if name in self.lines else 0


def build_plan(model: type[Model]) -> Plan:
    """Trace, check and order ``model``.

    Raises :class:`ModelError` with file and line for an unknown name, a forbidden number, a unit clash or a circle.
    """
    lines = {name: item for name, item in model.declarations.items() if isinstance(item, Line)}
    formulas = {name: trace(model, name, declared) for name, declared in lines.items()}
    openings = {name: opening(model, name, declared) for name, declared in lines.items()}
    found = periodic_lines(formulas, model.declarations)
    _check(model, lines, formulas, openings, found)
    phase = phases(formulas, openings, lines)
    planned = {
        name: _planned(name, lines[name], formulas[name], openings[name], name in found, phase[name]) for name in lines
    }
    used = _used_names(formulas.values())
    return Plan(
        key=model.key,
        name=model.__name__,
        title=title(model),
        summary=summary(model),
        inputs=_declared(model, Input),
        series=_declared(model, Series),
        gathers=_declared(model, Gather),
        calendar=tuple(name for name in CALENDAR_SERIES if name in used),
        lines=MappingProxyType(planned),
        phases=_build_phases(planned, formulas, openings, lines),
    )


def _check(
    model: type[Model],
    lines: Mapping[str, Line],
    formulas: Mapping[str, Expr],
    openings: Mapping[str, Expr],
    found: set[str],
) -> None:
    def periodic(name: str) -> bool:
        given = name not in lines and (name in CALENDAR_SERIES or is_series(model.declarations[name]))
        return name in found or given

    check_names(model, formulas)
    for name, declared in lines.items():
        check_arguments(name, formulas[name], periodic, lines)
        check_opening(declared, name, openings[name], periodic)
        if declared.kind != "line" and name in found:
            problem = f"a {declared.kind} is one value for life; reduce it with total(), maximum(), ..."
            raise fail(declared, name, problem)
    check_units(model, formulas, openings, lines)


def _used_names(formulas: Iterable[Expr]) -> set[str]:
    nodes = [node for formula in formulas for node in formula.walk()]
    referred = {node.name for node in nodes if isinstance(node, Reference)}
    return referred | {name for node in nodes if isinstance(node, WholeLife) for name in node.names}


def _planned(name: str, declared: Line, formula: Expr, opening: Expr, periodic: bool, phase: int) -> PlannedLine:
    file, at = declared.where
    return PlannedLine(
        name,
        declared.unit,
        declared.label,
        declared.note,
        declared.kind,
        declared.yearly,
        formula,
        opening,
        periodic,
        phase,
        file,
        at,
    )


def _declared(model: type[Model], kind: type[D]) -> Mapping[str, D]:
    return MappingProxyType({name: item for name, item in model.declarations.items() if type(item) is kind})


def _build_phases(
    planned: Mapping[str, PlannedLine],
    formulas: Mapping[str, Expr],
    openings: Mapping[str, Expr],
    lines: Mapping[str, Line],
) -> tuple[Phase, ...]:
    reductions = {
        node.key: node for formula in formulas.values() for node in formula.walk() if isinstance(node, WholeLife)
    }
    count = 1 + max((line.phase for line in planned.values()), default=0)

    def known_in(node: WholeLife) -> int:
        return max((planned[name].phase for name in node.names if name in planned), default=0)

    return tuple(
        Phase(
            scalars=ordered([n for n, p in planned.items() if p.phase == number and not p.periodic], formulas, lines),
            periodic=ordered([n for n, p in planned.items() if p.phase == number and p.periodic], formulas, lines),
            reductions=tuple(node for node in reductions.values() if known_in(node) == number),
        )
        for number in range(count)
    )
