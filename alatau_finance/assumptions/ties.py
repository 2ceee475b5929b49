"""Whether the projects add up to the totals that have been published."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from alatau_finance.assumptions.records import Assumptions, Project, Texts, Total
from alatau_finance.errors import Fault
from alatau_finance.i18n import message
from alatau_finance.modelling.units import same_dimension

RELATIVE_TOLERANCE = 1e-9  # on top of the tolerance that a total may have
COUNT_UNITS = ("1", "project")


@dataclass(frozen=True, slots=True)
class Tie:
    """A published total and what the projects add up to, in ``unit``; ``ok``: they differ by ``tolerance`` at most."""

    name: str
    label: Texts
    published: float
    computed: float
    unit: str
    tolerance: float
    ok: bool


def ties(assumptions: Assumptions) -> tuple[Tie, ...]:
    """One tie for each total published by the run date."""
    return tuple(_tie(total, assumptions) for total in assumptions.totals)


def _tie(total: Total, assumptions: Assumptions) -> Tie:
    unit = total.published.unit
    published = total.published.in_unit(unit)
    projects = _covered(total, assumptions)
    if total.measure == "count":
        computed = float(sum(1 for _ in projects))
    else:
        computed = math.fsum(project.values["cost"].in_unit(unit) for project in projects)
    # Sums are rounded: without this, a difference of exactly the tolerance would pass or fail by chance.
    tolerance = (total.tolerance or 0.0) + RELATIVE_TOLERANCE * abs(published)
    ok = abs(computed - published) <= tolerance
    return Tie(total.name, total.label, published, computed, unit, tolerance, ok)


def _covered(total: Total, assumptions: Assumptions) -> Iterator[Project]:
    """The infrastructure projects that a total is about."""
    for project in assumptions.projects:
        if (not total.stages or project.stage in total.stages) and (
            not total.tags or not set(total.tags).isdisjoint(project.tags)
        ):
            yield project


def tie_faults(assumptions: Assumptions) -> Iterator[Fault]:
    """Faults of the totals that cannot be compared with what they are about."""
    for total in assumptions.totals:
        published = total.published
        if published.value is None:
            yield published.fault(message("a total cannot be dated; one value is needed"))
        elif total.measure == "count" and published.unit not in COUNT_UNITS:
            problem = message("projects are counted, the unit {unit} does not fit", unit=repr(published.unit))
            yield published.fault(problem, ", ".join(COUNT_UNITS))
        elif total.measure == "cost":
            yield from _cost_faults(total, assumptions)


def _cost_faults(total: Total, assumptions: Assumptions) -> Iterator[Fault]:
    published = total.published
    for project in _covered(total, assumptions):
        cost = project.values["cost"]
        if cost.value is None:
            yield cost.fault(message("a cost cannot be dated; one value is needed"))
        elif not same_dimension(cost.unit, published.unit):
            yield cost.fault(
                message(
                    "is in {unit}, the total {total} in {other}; they cannot be added up",
                    unit=cost.unit,
                    total=total.name,
                    other=published.unit,
                )
            )
