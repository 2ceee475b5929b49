"""From the assumptions' risks to a draw plan: one factor for each place a risk strikes, parameters found by name.

A parameter given as a name is looked up among the project's own entries, those of its asset class, then the shared
groups macro, fiscal and tax; a risk of an asset class starts at the class, one of the pool at the shared groups.
``observations`` is a dated value: each of its steps is one observation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, cast

from alatau_finance.errors import AssumptionErrors, Fault, Problem, nearest
from alatau_finance.i18n import message
from alatau_finance.modelling.units import DIMENSIONLESS
from alatau_finance.risk.distributions import distribution_named
from alatau_finance.risk.draws import DrawPlan, build_draw_plan
from alatau_finance.risk.factors import (
    INDEPENDENT_PATHS,
    CorrelationKind,
    CorrelationOf,
    CorrelationRule,
    Repair,
    RiskError,
    RiskFactor,
    Sampling,
    Scope,
    TCopula,
)
from alatau_finance.risk.marginal import OBSERVATION, TARGET, Distribution

__all__ = [
    "CorrelationRule",
    "DrawPlan",
    "Repair",
    "RiskError",
    "RiskFactor",
    "TCopula",
    "build_draw_plan",
    "classes_of_projects",
    "copulas_from_assumptions",
    "correlations_from_assumptions",
    "factors_from_assumptions",
    "plan_from_assumptions",
]


OBSERVATIONS = "observations"


class Entry(Protocol):
    """A value with its unit, and its place in a file."""

    def in_unit(self, unit: str) -> float:
        """The value in this unit."""

    def curve_in_unit(self, unit: str) -> Sequence[tuple[object, float]]:
        """The steps of a dated value in this unit."""

    def fault(self, problem: str, allowed: str = "", suggestion: str = "") -> Fault:
        """A fault of the value, where it is written."""


class Place(Protocol):
    """Where a risk stands in the files."""

    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


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
    @property
    def place(self) -> Place: ...


class DeclaredCorrelation(Protocol):
    """A correlation of risks.yaml."""

    @property
    def kind(self) -> str: ...
    @property
    def risks(self) -> Sequence[str]: ...
    @property
    def correlation(self) -> Entry: ...
    @property
    def of(self) -> str: ...


class DeclaredTCopula(Protocol):
    """A t copula of risks.yaml."""

    @property
    def name(self) -> str: ...
    @property
    def risks(self) -> Sequence[str]: ...
    @property
    def degrees_of_freedom(self) -> Entry: ...


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
    @property
    def t_copulas(self) -> Sequence[DeclaredTCopula]: ...


Searched = Sequence[tuple[str, Mapping[str, Entry]]]
"""[(what it is called, its entries), ...] in the order of search"""


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
        copulas=copulas_from_assumptions(assumptions),
    )


def factors_from_assumptions(
    assumptions: RiskAssumptions, unit_of_target: Callable[[str], str]
) -> tuple[RiskFactor, ...]:
    """One factor for each risk and place, its parameters in the unit of the target. All mistakes in one error.

    ``unit_of_target`` gives the unit in which the model declares the input of that name.
    """
    problems: list[Problem] = []
    factors: list[RiskFactor] = []
    for risk in assumptions.risks:
        path = f"risks.{risk.name}"
        try:
            distribution = distribution_named(risk.distribution)
        except RiskError as error:
            problems += [_located(risk, f"{path}.distribution", str(problem)) for problem in error.problems]
            continue
        if distribution.per_period_only and not risk.per_period:
            text = message("{distribution} is drawn every period: set per_period", distribution=distribution.name)
            problems.append(_located(risk, path, text))
        unit = DIMENSIONLESS if risk.combine == "multiply" else unit_of_target(risk.target)
        for scope_id, searched in _places(assumptions, risk.scope):
            found = _Parameters(risk, distribution, unit, searched)
            problems += found.problems
            factors.append(_factor(risk, scope_id, found.numbers))
    if problems:
        raise RiskError(list(dict.fromkeys(problems)))
    return tuple(factors)


def _located(risk: DeclaredRisk, path: str, problem: str) -> Fault:
    return Fault(risk.place.file, risk.place.line, risk.place.column, path, problem)


class _Parameters:
    """The numbers of a risk in one place, and what is wrong with them."""

    def __init__(self, risk: DeclaredRisk, distribution: Distribution, unit: str, searched: Searched) -> None:
        self.numbers: dict[str, float] = {}
        self.problems: list[Problem] = []
        self._risk, self._distribution, self._unit, self._searched = risk, distribution, unit, searched
        entries = {name: self._entry(name, given) for name, given in risk.parameters.items()}
        known = {name: entry for name, entry in entries.items() if entry is not None}
        for name, entry in known.items():
            self._read(name, entry)
        if not self.problems:
            for flaw in distribution.flaws(self.numbers):
                about = known.get(flaw.parameter)
                self.problems.append(about.fault(flaw.text) if about else self._fault("", flaw.text))

    def _fault(self, name: str, problem: str, suggestion: str = "") -> Fault:
        place, path = self._risk.place, f"risks.{self._risk.name}.parameters" + (f".{name}" if name else "")
        return Fault(place.file, place.line, place.column, path, problem, suggestion=suggestion)

    def _entry(self, name: str, given: Entry | str) -> Entry | None:
        """The parameter's value, looked up where it is a name."""
        if not isinstance(given, str):
            return given
        found = next((entries[given] for _, entries in self._searched if given in entries), None)
        if found is None:
            places = ", ".join(name for name, _ in self._searched)
            hint = nearest(given, (name for _, entries in self._searched for name in entries))
            self.problems.append(
                self._fault(name, message("{name} is not an entry of {places}", name=given, places=places), hint)
            )
        return found

    def _read(self, name: str, entry: Entry) -> None:
        if name == OBSERVATIONS:
            parameter = self._distribution.parameter(f"{OBSERVATION}_1")
        else:
            parameter = self._distribution.parameter(name)
        if parameter is None:
            self.problems += [self._fault(name, fault) for fault in self._distribution.faults({name: 0.0})[:1]]
            return
        unit = self._unit if parameter.unit == TARGET else parameter.unit
        try:
            if name == OBSERVATIONS:
                steps = entry.curve_in_unit(unit)
                self.numbers |= {f"{OBSERVATION}_{i}": number for i, (_, number) in enumerate(steps, start=1)}
            else:
                self.numbers[name] = entry.in_unit(unit)
        except AssumptionErrors as error:
            self.problems += error.faults


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
            cast(CorrelationOf, declared.of),
        )
        for declared in assumptions.correlations
    )


def copulas_from_assumptions(assumptions: RiskAssumptions) -> tuple[TCopula, ...]:
    """The declared t copulas with plain numbers."""
    return tuple(
        TCopula(each.name, tuple(each.risks), each.degrees_of_freedom.in_unit(DIMENSIONLESS))
        for each in assumptions.t_copulas
    )


def classes_of_projects(assumptions: RiskAssumptions) -> dict[str, str]:
    """project id -> asset class, of infrastructure and portfolio."""
    return {project.id: project.asset_class for project in _projects(assumptions)}


def _projects(assumptions: RiskAssumptions) -> tuple[ProjectEntries, ...]:
    return (*assumptions.projects, *assumptions.portfolio_projects)


def _places(assumptions: RiskAssumptions, scope: str) -> Iterator[tuple[str, Searched]]:
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
