"""Assumptions bound to models: which contract instances exist and where each of their inputs comes from.

Names are the same in YAML and in models, so binding is a search by name through a few scopes, nearest first
(docs/architecture.md, section 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from alatau_finance.assumptions import Assumptions, Project, Value
from alatau_finance.errors import AssumptionErrors, Fault, Problem, ProblemsError, nearest
from alatau_finance.i18n import message
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.modelling.model import Model
from alatau_finance.modelling.plan import Plan, build_plan
from alatau_finance.risk.factors import factor_name
from alatau_finance.simulation.unanswered import Search, Unanswered
from alatau_finance.simulation.wiring import gather_problems, risk_problems

ECONOMY, POOL = "economy", "pool"
INFRASTRUCTURE, PORTFOLIO = "infrastructure", "portfolio"

PRIVATE, INVESTMENT = "private", "investment"


class BindingError(ProblemsError):
    """Inputs of models that no assumption answers, all of them together."""


@dataclass(frozen=True)
class BoundInput:
    """A scalar input in its model's unit: the base-case value, where it comes from, and the draw that moves it."""

    name: str
    unit: str
    label: str
    value: float
    source: Value | None = None
    factor: str | None = None
    combine: str = "replace"


@dataclass(frozen=True)
class BoundSeries:
    """A given series of the economy in its unit, base-case values by period, and the risk whose draws move them."""

    name: str
    unit: str
    label: str
    values: tuple[float, ...]
    source: Value | None = None
    risk: str | None = None
    combine: str = "replace"


@dataclass(frozen=True, eq=False)
class Instance:
    """One contract of one project (or the economy, or the pool) with its inputs bound."""

    key: str
    plan: Plan
    group: str
    inputs: Mapping[str, BoundInput]
    project: Project | None = None


@dataclass(frozen=True, eq=False)
class BoundPool:
    """Everything a run computes: the economy, every contract instance by type, and the pool.

    ``plans`` are those of all models by key, of contract types without an instance too.
    """

    assumptions: Assumptions
    calendar: Calendar
    economy: Instance
    economy_series: Mapping[str, BoundSeries]
    contracts: Mapping[str, tuple[Instance, ...]]
    pool: Instance
    plans: Mapping[str, Plan]

    def instances(self) -> Iterable[Instance]:
        """Every contract instance, type by type in the order of the projects."""
        for group in self.contracts.values():
            yield from group

    def find(self, key: str) -> Instance | None:
        """The contract instance ``project/type``, if it exists."""
        return next((instance for instance in self.instances() if instance.key == key), None)


def calendar_of(assumptions: Assumptions) -> Calendar:
    """The calendar that timeline.yaml describes."""
    timeline = assumptions.timeline
    return Calendar(timeline.first_year, timeline.last_year, timeline.tail_years, timeline.periods_per_year)


def step_curve(steps: Sequence[tuple[date, float]], calendar: Calendar) -> tuple[float, ...]:
    """A dated value by period: the last step on or before the period's first day; the first step before it begins."""
    values = []
    for period in range(calendar.periods):
        day = calendar.start_of(period)
        known = [value for start, value in steps if start <= day]
        values.append(known[-1] if known else steps[0][1])
    return tuple(values)


class _Binder:
    """Collects every unanswered input before it complains."""

    def __init__(self, assumptions: Assumptions, calendar: Calendar) -> None:
        self._calendar = calendar
        self.problems: list[Problem] = []
        self.unanswered = Unanswered()
        shared = [assumptions.tax, assumptions.macro, assumptions.fiscal]
        self.shared: list[Search] = [("tax.yaml, macro.yaml, fiscal.yaml", _merged(shared, self.problems))]
        self._scalar_risks = {risk.target: risk for risk in assumptions.risks if not risk.per_period}
        self._series_risks = {risk.target: risk for risk in assumptions.risks if risk.per_period}

    def inputs(
        self, plan: Plan, where: str, scopes: Sequence[Search], given: Mapping[str, float], project: Project | None
    ) -> Mapping[str, BoundInput]:
        bound = {}
        for name, declared in plan.inputs.items():
            source = next((values[name] for _, values in scopes if name in values), None)
            if name in given:
                bound[name] = BoundInput(name, declared.unit, declared.label, given[name])
            elif source is None:
                self.unanswered.add(where, plan.key, name, scopes)
            else:
                value = self._number(source, declared.unit)
                factor, combine = self._factor(name, project)
                bound[name] = BoundInput(name, declared.unit, declared.label, value, source, factor, combine)
        return MappingProxyType(bound)

    def series(self, plan: Plan, scopes: Sequence[Search]) -> Mapping[str, BoundSeries]:
        bound = {}
        for name, declared in plan.series.items():
            source = next((values[name] for _, values in scopes if name in values), None)
            risk = self._series_risks.get(name)
            if source is not None:
                values = self._curve(source, declared.unit)
            elif risk is not None:
                values = (0.0,) * self._calendar.periods
            else:
                self.unanswered.add(plan.key, plan.key, name, scopes)
                continue
            moved = (risk.name, risk.combine) if risk else (None, "replace")
            bound[name] = BoundSeries(name, declared.unit, declared.label, values, source, *moved)
        return MappingProxyType(bound)

    def _factor(self, name: str, project: Project | None) -> tuple[str | None, str]:
        risk = self._scalar_risks.get(name)
        if risk is None or (project is None and risk.scope != "pool"):
            return None, "replace"
        scope = {
            "pool": "",
            "asset_class": project.asset_class if project else "",
            "project": project.id if project else "",
        }
        return factor_name(risk.name, scope[risk.scope]), risk.combine

    def _number(self, source: Value, unit: str) -> float:
        try:
            return source.in_unit(unit)
        except AssumptionErrors as error:
            self.problems += error.faults
            return 0.0

    def _curve(self, source: Value, unit: str) -> tuple[float, ...]:
        try:
            return step_curve(source.curve_in_unit(unit), self._calendar)
        except AssumptionErrors as error:
            self.problems += error.faults
            return (0.0,) * self._calendar.periods


def _merged(groups: Iterable[Mapping[str, Value]], problems: list[Problem]) -> Mapping[str, Value]:
    merged: dict[str, Value] = {}
    for group in groups:
        for name, value in group.items():
            if name in merged:
                text = "also defined as {path}; keep one of the two"
                problems.append(value.fault(message(text, path=merged[name].path)))
            merged[name] = value
    return merged


def bind(assumptions: Assumptions, models: Mapping[str, type[Model]]) -> BoundPool:
    """Every contract instance of the pool with its inputs.

    Raises :class:`BindingError` with every input that has no value or the wrong unit, and ``ModelError`` from planning.
    """
    plans = {key: build_plan(model) for key, model in models.items()}
    return _bind(assumptions, MappingProxyType(plans), calendar_of(assumptions), frozenset())


def rebind(
    pool: BoundPool, assumptions: Assumptions, *, calendar: Calendar | None = None, also: frozenset[str] = frozenset()
) -> BoundPool:
    """The models of ``pool`` with other assumptions.

    ``calendar`` goes before that of the assumptions; ``also`` names contract instances (``project/type``) that exist
    even where their share is 0. Raises :class:`BindingError` as :func:`bind` does.
    """
    return _bind(assumptions, pool.plans, calendar or calendar_of(assumptions), also)


def instance_keys(assumptions: Assumptions, plans: Mapping[str, Plan]) -> frozenset[str]:
    """``project/type`` of every contract instance that the assumptions call for."""
    return frozenset(
        f"{project.id}/{key}"
        for project in (*assumptions.projects, *assumptions.portfolio_projects)
        for key in plans
        if key not in (ECONOMY, POOL) and _called_for(key, project, _shares(assumptions, project))
    )


def _bind(assumptions: Assumptions, plans: Mapping[str, Plan], calendar: Calendar, also: frozenset[str]) -> BoundPool:
    binder = _Binder(assumptions, calendar)
    totals: Search = ("pool/totals.yaml", {f"published_{t.name}": t.published for t in assumptions.totals})
    economy = Instance(ECONOMY, plans[ECONOMY], "", binder.inputs(plans[ECONOMY], ECONOMY, binder.shared, {}, None))
    series = binder.series(plans[ECONOMY], binder.shared)
    pool_inputs = binder.inputs(plans[POOL], POOL, [*binder.shared, totals], {}, None)
    contracts = {
        key: tuple(_instances(assumptions, binder, plan, also))
        for key, plan in plans.items()
        if key not in (ECONOMY, POOL)
    }
    _check_series(plans, binder.problems)
    types = {key: plan for key, plan in plans.items() if key not in (ECONOMY, POOL)}
    binder.problems += gather_problems(plans[POOL], types, (INFRASTRUCTURE, PORTFOLIO))
    binder.problems += risk_problems(assumptions.risks, plans[ECONOMY], plans[POOL], types)
    binder.problems += _splits_without_model(assumptions, types)
    problems = [*binder.unanswered.problems(assumptions, plans), *binder.problems]
    if problems:
        raise BindingError(list(dict.fromkeys(problems)))
    pool = Instance(POOL, plans[POOL], "", pool_inputs)
    return BoundPool(assumptions, calendar, economy, series, MappingProxyType(contracts), pool, plans)


def _instances(assumptions: Assumptions, binder: _Binder, plan: Plan, also: frozenset[str]) -> Iterable[Instance]:
    for project in (*assumptions.projects, *assumptions.portfolio_projects):
        shares = _shares(assumptions, project)
        key = f"{project.id}/{plan.key}"
        if _called_for(plan.key, project, shares) or key in also:
            given = {"financing_share": shares.get(plan.key, 0.0), "private_share": shares.get(INVESTMENT, 0.0)}
            scopes = _scopes(assumptions, binder, plan, project)
            yield Instance(key, plan, project.group, binder.inputs(plan, key, scopes, given, project), project)


def _called_for(contract: str, project: Project, shares: Mapping[str, float]) -> bool:
    # The budget is the fallback of private money that does not come, so it has an instance wherever that is planned.
    falls_back = contract == "budget" and shares.get(INVESTMENT, 0.0) > 0.0 and project.group == INFRASTRUCTURE
    return shares.get(contract, 0.0) > 0.0 or falls_back


def _shares(assumptions: Assumptions, project: Project) -> dict[str, float]:
    """Share of each contract type in a project's cost; a project without a split is private."""
    if project.financing is None:
        return {INVESTMENT: 1.0}
    split = assumptions.financing[project.financing]
    return {contract_of(key): value.in_unit("1") for key, value in split.items()}


def contract_of(share: str) -> str:
    """The contract type that carries a share of a financing split: that of its name; investment for what is private."""
    return INVESTMENT if share == PRIVATE else share


def _splits_without_model(assumptions: Assumptions, contracts: Mapping[str, Plan]) -> Iterable[Fault]:
    for split in assumptions.financing.values():
        for key, value in split.items():
            if contract_of(key) not in contracts and value.in_unit("1") > 0.0:
                text = "no model has the key {key}; models: {models}"
                yield value.fault(message(text, key=repr(contract_of(key)), models=", ".join(contracts)))


def _scopes(assumptions: Assumptions, binder: _Binder, plan: Plan, project: Project) -> list[Search]:
    asset_class = assumptions.asset_classes[project.asset_class]
    levels = project.budget_levels
    return [
        (f"project {project.id}", project.values),
        (f"contracts/{plan.key}.yaml", assumptions.contracts.get(plan.key, {})),
        (f"asset class {asset_class.name}", asset_class.values),
        *([(f"budget levels {levels}", assumptions.budget_levels[levels])] if levels else []),
        *binder.shared,
    ]


def _check_series(plans: Mapping[str, Plan], problems: list[Problem]) -> None:
    offered = {name: line.unit for name, line in plans[ECONOMY].lines.items() if line.periodic}
    for key, plan in plans.items():
        for name, declared in plan.series.items() if key != ECONOMY else ():
            if name not in offered:
                hint = nearest(name, offered)
                problems.append(
                    f"models/{key}.py: series {name!r} is no periodic line of the economy"
                    + (f"; did you mean {hint!r}?" if hint else "")
                )
            elif offered[name] != declared.unit:
                problems.append(
                    f"models/{key}.py: series {name!r} is in {declared.unit!r}, the economy has it in {offered[name]!r}"
                )
