"""What the selector of a workbook offers: the same contracts under each scenario, on one calendar.

A contract that only some scenarios call for is in the workbook with a share of 0 under the others, and the calendar is
the longest any of them needs; neither moves a result of another scenario.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from alatau_finance.assumptions import Assumptions, Override
from alatau_finance.errors import AlatauError, AssumptionErrors
from alatau_finance.i18n import message
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.simulation.binding import BoundInput, BoundPool, Instance, calendar_of, instance_keys, rebind
from alatau_finance.simulation.reference import BASE_CASE, Draws, Given, PathValues, run_contracts, run_path

Texts = Mapping[str, str]  # language -> text
Scenarios = Mapping[str, Assumptions | AssumptionErrors]
#: What a workbook of the whole pool takes in for the sake of scenarios: so many contracts and years, and no more.
MORE_CONTRACTS, MORE_YEARS = 5, 5

#: Whether the contract of that key (``project/type``) is written.
Keep = Callable[[str], bool]

_NOTHING: Scenarios = MappingProxyType({})


def _everything(key: str) -> bool:
    return True


@dataclass(frozen=True)
class Case:
    """One entry of the selector: what every instance is given under it, and the measures Python computes from that.

    ``path`` is the number of a simulated path where the entry is that path as it was drawn, else None: the base case.
    """

    name: str
    label: Texts
    description: Texts
    pool: BoundPool
    given: Mapping[str, Given]
    metrics: Mapping[str, Mapping[str, float]]
    overrides: tuple[Override, ...] = ()
    path: int | None = None


@dataclass(frozen=True)
class LeftOut:
    """A scenario that the selector does not offer, and why not."""

    name: str
    label: Texts
    reason: str


@dataclass(frozen=True)
class Selection:
    """The entries of a selector; ``pool`` and ``values`` are those of the ``active`` one, in full.

    ``project`` is the project that the workbook is about; None: the whole pool.
    """

    pool: BoundPool
    values: PathValues
    cases: tuple[Case, ...]
    active: int = 0
    left_out: tuple[LeftOut, ...] = ()
    project: str | None = None


def one_case(pool: BoundPool, values: PathValues) -> Selection:
    """A selector that offers nothing but what is given."""
    return Selection(pool, values, (_case(pool, values),))


def select(
    pool: BoundPool,
    scenarios: Scenarios = _NOTHING,
    *,
    project: str | None = None,
    path: int | None = None,
    draw: Callable[[BoundPool], Draws] | None = None,
    keep: Keep = _everything,
) -> Selection:
    """The selector of a workbook of ``pool``, a run's, or of one project of it.

    ``keep`` tells by its key which contract is written. The selector stands at the run's own scenario. Where ``draw``
    is given, which tells the draws of path number ``path`` of a pool, the first entry is that path; it stands there.
    """
    own = pool.assumptions.scenario.name
    if project is not None:
        keep = lambda key: key.partition("/")[0] == project  # noqa: E731
    known: dict[str, Assumptions] = {}
    left_out: list[LeftOut] = []
    for name, found in scenarios.items():
        if isinstance(found, AssumptionErrors) and name != own:
            left_out.append(LeftOut(name, {}, message("its assumptions cannot be used: {reason}", reason=str(found))))
        else:
            known[name] = pool.assumptions if isinstance(found, AssumptionErrors) or name == own else found
    known.setdefault(own, pool.assumptions)
    offered = _offered(pool, known, keep, project is None, left_out)
    calendar = max((calendar_of(known[name]) for name in offered), key=lambda found: found.periods)
    also = frozenset().union(*(_keys(pool, known[name], keep) for name in offered))
    bound: dict[str, BoundPool] = {}
    for name in offered:
        try:
            fresh = _bound(pool, known[name], calendar, also, keep)
            bound[name] = _sharing(fresh, next(iter(bound.values()), fresh))
        except AlatauError as error:
            if name == own:
                raise
            left_out.append(_left_out(known[name], message("its assumptions cannot be used: {reason}", reason=error)))
    return _selection(bound, own, tuple(left_out), project, path, draw)


def _selection(
    bound: Mapping[str, BoundPool],
    own: str,
    left_out: tuple[LeftOut, ...],
    project: str | None,
    path: int | None,
    draw: Callable[[BoundPool], Draws] | None,
) -> Selection:
    run = run_path if project is None else run_contracts
    values = run(bound[own], draw(bound[own]) if draw else BASE_CASE)
    cases = [_case(bound[own], values, path)] if draw else []
    for name, pool in bound.items():
        if name == own and not draw:
            cases.append(_case(pool, values))
        elif project is None:
            cases.append(_case(pool, run_path(pool, like=values, measures_only=True)))
        else:
            cases.append(_case(pool, run_contracts(pool, like=values)))
    active = 0 if draw else list(bound).index(own)
    return Selection(bound[own], values, tuple(cases), active, left_out, project)


def _case(pool: BoundPool, values: PathValues, path: int | None = None) -> Case:
    metrics = {
        instance.key: {name: float(values.lines[instance.key][name]) for name in instance.plan.of_kind("metric")}  # type: ignore[arg-type]
        for instance in (pool.economy, *pool.instances(), pool.pool)
        if instance.key in values.lines
    }
    scenario, overrides = pool.assumptions.scenario, pool.assumptions.overrides
    return Case(scenario.name, scenario.label, scenario.description, pool, values.given, metrics, overrides, path)


def _offered(
    pool: BoundPool, known: Mapping[str, Assumptions], keep: Keep, whole: bool, left_out: list[LeftOut]
) -> tuple[str, ...]:
    """Names of the scenarios that one workbook can hold; those it cannot are added to ``left_out``.

    The whole pool takes in the scenarios that need the fewest contracts more, as long as there is room.
    """
    own = pool.assumptions.scenario.name
    keys = {name: _keys(pool, found, keep) for name, found in known.items()}
    there, offered = keys[own], {own}
    for name in sorted(keys, key=lambda other: len(keys[other] - keys[own])):
        if name == own:
            continue
        reason = _calendar_reason(calendar_of(known[own]), calendar_of(known[name]), whole)
        if not reason and whole and len((there | keys[name]) - keys[own]) > MORE_CONTRACTS:
            text = "it needs {count} contracts more than this workbook has room for; simulate it by itself"
            reason = message(text, count=len(keys[name] - there))
        if reason:
            left_out.append(_left_out(known[name], reason))
        else:
            offered.add(name)
            there |= keys[name]
    return tuple(name for name in _base_first(known) if name in offered)


def _calendar_reason(own: Calendar, other: Calendar, whole: bool) -> str:
    if (own.first_year, own.periods_per_year) != (other.first_year, other.periods_per_year):
        return message("its calendar begins in another year or has other periods; simulate it by itself")
    years = (other.periods - own.periods) // own.periods_per_year
    if whole and years > MORE_YEARS:
        return message("it needs {count} years more than this workbook has; simulate it by itself", count=years)
    return ""


def _base_first(names: Mapping[str, object]) -> Iterator[str]:
    yield from (name for name in ("base",) if name in names)
    yield from (name for name in names if name != "base")


def _left_out(assumptions: Assumptions, reason: str) -> LeftOut:
    return LeftOut(assumptions.scenario.name, assumptions.scenario.label, reason)


def _keys(pool: BoundPool, assumptions: Assumptions, keep: Keep) -> frozenset[str]:
    return frozenset(filter(keep, instance_keys(assumptions, pool.plans)))


def _bound(
    pool: BoundPool, assumptions: Assumptions, calendar: Calendar, also: frozenset[str], keep: Keep
) -> BoundPool:
    """The contracts that are kept under a scenario; projects without any are left aside, to save time."""
    wanted = {key.partition("/")[0] for key in also}
    fewer = replace(
        assumptions,
        projects=tuple(project for project in assumptions.projects if project.id in wanted),
        portfolio_projects=tuple(project for project in assumptions.portfolio_projects if project.id in wanted),
    )
    bound = rebind(pool, fewer, calendar=calendar, also=also)
    contracts = {key: tuple(i for i in instances if keep(i.key)) for key, instances in bound.contracts.items()}
    # The draws of a path are those of all projects, whichever are written.
    return replace(bound, assumptions=assumptions, contracts=MappingProxyType(contracts))


def _sharing(pool: BoundPool, like: BoundPool) -> BoundPool:
    """``pool`` with the very instances and inputs of ``like`` where they are equal, to save memory."""
    known = {instance.key: instance for instance in like.instances()}

    def shared(instance: Instance) -> Instance:
        other = known.get(instance.key, instance)
        inputs = {
            name: other.inputs[name] if _equal(bound, other.inputs[name]) else bound
            for name, bound in instance.inputs.items()
        }
        same = all(bound is other.inputs[name] for name, bound in inputs.items())
        return other if same else replace(instance, inputs=MappingProxyType(inputs))

    contracts = {key: tuple(map(shared, instances)) for key, instances in pool.contracts.items()}
    return replace(pool, contracts=MappingProxyType(contracts))


def _equal(one: BoundInput, other: BoundInput) -> bool:
    return one.value == other.value and one.source is other.source and one.factor == other.factor
