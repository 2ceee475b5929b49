"""From the assumptions' risks to a draw plan: one factor for each place a risk strikes, parameters found by name.

A parameter given as a name is looked up among the project's own entries, those of its asset class, then the shared
groups macro, fiscal and tax; a risk of an asset class starts at the class, one of the pool at the shared groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, cast

from alatau_finance.errors import nearest
from alatau_finance.modelling.units import DIMENSIONLESS, UnitError
from alatau_finance.risk.distributions import TARGET, Parameter, distribution_named
from alatau_finance.risk.draws import DrawArrays, DrawPlan, build_draw_plan, draw_block
from alatau_finance.risk.factors import (
    INDEPENDENT_PATHS,
    CorrelationKind,
    CorrelationRule,
    Repair,
    RiskError,
    RiskFactor,
    Sampling,
    Scope,
)

__all__ = [
    "CorrelationRule",
    "DrawArrays",
    "DrawPlan",
    "Repair",
    "RiskError",
    "RiskFactor",
    "build_draw_plan",
    "classes_of_projects",
    "correlations_from_assumptions",
    "draw_block",
    "factors_from_assumptions",
    "plan_from_assumptions",
]


class Entry(Protocol):
    """A value with its unit."""

    def in_unit(self, unit: str) -> float:
        """The value in this unit."""


class Entries(Protocol):
    """An asset class: what is read of it here."""

    @property
    def values(self) -> Mapping[str, Entry]: ...


class ProjectEntries(Entries, Protocol):
    """A project: what is read of it here."""

    @property
    def id(self) -> str: ...
    @property
    def asset_class(self) -> str: ...


class DeclaredRisk(Protocol):
    """A risk of risks.yaml."""

    @property
    def name(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def per_period(self) -> bool: ...
    @property
    def distribution(self) -> str: ...
    @property
    def combine(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, Entry | str]: ...


class DeclaredCorrelation(Protocol):
    """A correlation of risks.yaml."""

    @property
    def kind(self) -> str: ...
    @property
    def risks(self) -> Sequence[str]: ...
    @property
    def correlation(self) -> Entry: ...


class RiskAssumptions(Protocol):
    """The part of the assumptions that risks are made of."""

    @property
    def macro(self) -> Mapping[str, Entry]: ...
    @property
    def fiscal(self) -> Mapping[str, Entry]: ...
    @property
    def tax(self) -> Mapping[str, Entry]: ...
    @property
    def asset_classes(self) -> Mapping[str, Entries]: ...
    @property
    def projects(self) -> Sequence[ProjectEntries]: ...
    @property
    def portfolio_projects(self) -> Sequence[ProjectEntries]: ...
    @property
    def risks(self) -> Sequence[DeclaredRisk]: ...
    @property
    def correlations(self) -> Sequence[DeclaredCorrelation]: ...


Place = tuple[str, list[tuple[str, Mapping[str, Entry]]]]
"""(scope id, [(what it is called, its entries), ...] in the order of search)."""


def plan_from_assumptions(
    assumptions: RiskAssumptions,
    unit_of_target: Callable[[str], str],
    *,
    seed: int,
    periods: int,
    years_per_period: float,
    sampling: Sampling = INDEPENDENT_PATHS,
) -> DrawPlan:
    """The draw plan of all risks and correlations of the assumptions."""
    return build_draw_plan(
        factors_from_assumptions(assumptions, unit_of_target),
        correlations_from_assumptions(assumptions),
        classes_of_projects(assumptions),
        seed=seed,
        periods=periods,
        years_per_period=years_per_period,
        sampling=sampling,
    )


def factors_from_assumptions(
    assumptions: RiskAssumptions, unit_of_target: Callable[[str], str]
) -> tuple[RiskFactor, ...]:
    """One factor for each risk and place, its parameters in the unit of the target. All mistakes in one error.

    ``unit_of_target`` gives the unit in which the model declares the input of that name.
    """
    problems: list[str] = []
    factors: list[RiskFactor] = []
    for risk in assumptions.risks:
        try:
            known = {parameter.name: parameter for parameter in distribution_named(risk.distribution).parameters}
        except RiskError as error:
            problems += [f"risks.{risk.name}.distribution: {problem}" for problem in error.problems]
            continue
        unit = DIMENSIONLESS if risk.combine == "multiply" else unit_of_target(risk.target)
        for scope_id, searched in _places(assumptions, risk.scope):
            numbers: dict[str, float] = {}
            for name, given in risk.parameters.items():
                number = _number(f"risks.{risk.name}.parameters.{name}", given, known.get(name), unit, searched)
                if isinstance(number, str):
                    problems.append(number)
                else:
                    numbers[name] = number
            factors.append(_factor(risk, scope_id, numbers))
    if problems:
        raise RiskError(list(dict.fromkeys(problems)))
    return tuple(factors)


def _factor(risk: DeclaredRisk, scope_id: str, numbers: Mapping[str, float]) -> RiskFactor:
    return RiskFactor(
        risk=risk.name,
        target=risk.target,
        scope=cast(Scope, risk.scope),
        scope_id=scope_id,
        distribution=risk.distribution,
        parameters=numbers,
        combine=risk.combine,
        per_period=risk.per_period,
    )


def correlations_from_assumptions(assumptions: RiskAssumptions) -> tuple[CorrelationRule, ...]:
    """The declared correlations as plain numbers, in declared order."""
    return tuple(
        CorrelationRule(
            cast(CorrelationKind, declared.kind),
            tuple(declared.risks),
            declared.correlation.in_unit(DIMENSIONLESS),
        )
        for declared in assumptions.correlations
    )


def classes_of_projects(assumptions: RiskAssumptions) -> dict[str, str]:
    """project id -> asset class, of infrastructure and portfolio."""
    return {project.id: project.asset_class for project in _projects(assumptions)}


def _projects(assumptions: RiskAssumptions) -> tuple[ProjectEntries, ...]:
    return (*assumptions.projects, *assumptions.portfolio_projects)


def _places(assumptions: RiskAssumptions, scope: str) -> Iterator[Place]:
    """Where a risk of this scope strikes: the pool, every asset class that has a project, or every project."""
    shared = [(name, getattr(assumptions, name)) for name in ("macro", "fiscal", "tax")]
    used = {project.asset_class for project in _projects(assumptions)}
    classes = {name: (f"asset class {name}", entries.values) for name, entries in assumptions.asset_classes.items()}
    if scope == "project":
        for project in _projects(assumptions):
            own_class = [classes[project.asset_class]] if project.asset_class in classes else []
            yield project.id, [(f"project {project.id}", project.values), *own_class, *shared]
    elif scope == "asset_class":
        for name, entries in classes.items():
            if name in used:
                yield name, [entries, *shared]
    else:
        yield "", shared


def _number(
    path: str,
    given: Entry | str,
    parameter: Parameter | None,
    unit: str,
    searched: Sequence[tuple[str, Mapping[str, Entry]]],
) -> float | str:
    """The parameter's value in its unit, or the text of what is wrong."""
    entry = given
    if isinstance(entry, str):
        found = next((entries[entry] for _, entries in searched if entry in entries), None)
        if found is None:
            hint = nearest(entry, (name for _, entries in searched for name in entries))
            places = ", ".join(name for name, _ in searched)
            return f"{path}: {entry} is not an entry of {places}" + (f"; did you mean {hint}?" if hint else "")
        entry = found
    if parameter is None:
        return f"{path}: the distribution of the risk has no such parameter"
    try:
        return entry.in_unit(unit if parameter.unit == TARGET else parameter.unit)
    except UnitError as error:
        return f"{path}: {error}"
