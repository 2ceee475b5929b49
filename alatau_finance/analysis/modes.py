"""Which contract types the state can choose from, and the assumptions under each choice.

A choice changes who contracts and finances the works, never the works: every other value stays as it is.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from alatau_finance.assumptions import Assumptions, Project, Value
from alatau_finance.errors import UsageError, nearest
from alatau_finance.i18n import message
from alatau_finance.modelling.plan import Plan
from alatau_finance.simulation.binding import PRIVATE, contract_of

#: The contract type that every other is held against: the public-sector comparator.
COMPARATOR = "budget"
#: What contract types are compared by: a metric that every one has by which the state pays.
NET_PRESENT_COST = "net_present_cost"

#: The input that makes a model a contract: the pool has a net present cost too.
_SHARE = "financing_share"
_SUGGESTED = 5


def find_project(assumptions: Assumptions, name: str) -> Project:
    """The infrastructure project called ``name``. Raises UsageError with the names that are closest."""
    known = {project.id: project for project in assumptions.projects}
    if name in known:
        return known[name]
    if any(project.id == name for project in assumptions.portfolio_projects):
        text = (
            "{project} is a private investment project: the state pays for none of it, so there is nothing to compare"
        )
        raise UsageError(message(text, project=name))
    close = difflib.get_close_matches(name, known, n=_SUGGESTED) or [each for each in known if name in each]
    if close:
        text = "no project {project}; did you mean {close}? `alatau-fin compare --list` names all"
        raise UsageError(message(text, project=name, close=", ".join(close[:_SUGGESTED])))
    raise UsageError(message("no project {project}; `alatau-fin compare --list` names all", project=name))


def modes_of(assumptions: Assumptions, plans: Mapping[str, Plan]) -> tuple[str, ...]:
    """The contract types by which the state pays, the comparator first, then in the order of the financing splits."""
    order = [COMPARATOR, *(contract_of(key) for split in assumptions.financing.values() for key in split), *plans]
    known = {key: plan for key, plan in plans.items() if _SHARE in plan.inputs}
    return tuple(
        key for key in dict.fromkeys(order) if key in known and NET_PRESENT_COST in known[key].of_kind("metric")
    )


def chosen_modes(asked: Sequence[str] | None, allowed: Sequence[str]) -> tuple[str, ...]:
    """The modes asked for, all that there are where none is. Raises UsageError for an unknown one and for a double."""
    if not asked:
        return tuple(allowed)
    for mode in asked:
        if mode not in allowed:
            guess, known = nearest(mode, allowed), ", ".join(allowed)
            if guess:
                text = "no mode {mode}; did you mean {guess}? Modes: {known}"
                raise UsageError(message(text, mode=repr(mode), guess=guess, known=known))
            raise UsageError(message("no mode {mode}; modes: {known}", mode=repr(mode), known=known))
        if asked.count(mode) > 1:
            raise UsageError(message("mode {mode} is named twice; name each once", mode=repr(mode)))
    return tuple(asked)


def only(assumptions: Assumptions, project: Project) -> Assumptions:
    """The assumptions with this project and no other."""
    return replace(assumptions, projects=(project,), portfolio_projects=())


def all_by(assumptions: Assumptions, mode: str) -> Assumptions:
    """The assumptions with every infrastructure project wholly under one contract type."""
    return _with_splits(assumptions, {project.id: {mode: 1.0} for project in assumptions.projects})


def budget_as_planned(assumptions: Assumptions) -> Assumptions:
    """The assumptions with private money as planned, and the budget for all that the state contracts otherwise."""
    shares = {project.id: private_share(assumptions, project) for project in assumptions.projects}
    return _with_splits(assumptions, {name: {COMPARATOR: 1.0 - each, PRIVATE: each} for name, each in shares.items()})


def private_share(assumptions: Assumptions, project: Project) -> float:
    """Share of a project that private money is planned for; a project without a split is private."""
    if project.financing is None:
        return 1.0
    return sum(value.in_unit("1") for key, value in assumptions.financing[project.financing].items() if key == PRIVATE)


def state_share(assumptions: Assumptions) -> float:
    """Share of the published cost of infrastructure that is planned under contracts of the state."""
    costs = {project.id: project.values["cost"].in_unit("bn KZT") for project in assumptions.projects}
    private = sum(costs[project.id] * private_share(assumptions, project) for project in assumptions.projects)
    whole = sum(costs.values())
    return 1.0 - private / whole if whole else 1.0


def _with_splits(assumptions: Assumptions, splits: Mapping[str, Mapping[str, float]]) -> Assumptions:
    """Each project with a financing split of its own."""
    financing = {
        f"{name}:compared": MappingProxyType(
            {key: _share(assumptions, name, key, share) for key, share in split.items()}
        )
        for name, split in splits.items()
    }
    return replace(
        assumptions,
        projects=tuple(replace(project, financing=f"{project.id}:compared") for project in assumptions.projects),
        financing=MappingProxyType({**assumptions.financing, **financing}),
    )


def _share(assumptions: Assumptions, project: str, key: str, share: float) -> Value:
    path, day = f"financing.{project}:compared.{key}", assumptions.timeline.run_date
    return Value(path, share, None, "1", None, None, day, (), "assumed", None, "", 0, 0)
