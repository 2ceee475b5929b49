"""Planned cost of the pool by contract type."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Gather, Input, Model, absolute, check, line, total

from .pool_scope import INFRASTRUCTURE


class PoolPlannedCost(Model):
    """Published cost by contract type, spread over construction: what ties to the published pool."""

    published_pool = Input("bn KZT", "Published total of the pool")
    planned_budget = Gather(
        "bn KZT",
        "Planned cost under budget procurement",
        line="planned_works",
        contracts=("budget",),
        group=INFRASTRUCTURE,
    )
    planned_epcf = Gather(
        "bn KZT", "Planned cost under EPC+F", line="planned_works", contracts=("epcf",), group=INFRASTRUCTURE
    )
    planned_concession = Gather(
        "bn KZT",
        "Planned cost under concessions",
        line="planned_works",
        contracts=("concession",),
        group=INFRASTRUCTURE,
    )
    planned_private = Gather(
        "bn KZT",
        "Planned cost of private investment",
        line="planned_works",
        contracts=("investment",),
        group=INFRASTRUCTURE,
    )

    @line("bn KZT", yearly="sum")
    def planned_cost(m) -> Expr:
        """Planned cost of the works, as published, unfunded works included."""
        return m.planned_budget + m.planned_epcf + m.planned_concession + m.planned_private

    @check
    def cost_ties_to_published(m) -> Expr:
        """Planned cost, unfunded works included, ties to the published total of the pool."""
        return absolute(total(m.planned_cost) - m.published_pool) / m.published_pool
