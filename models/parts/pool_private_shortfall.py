"""What becomes of works that private money was planned for and does not build."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Gather, line, metric, total

from .pool_planned_cost import PoolPlannedCost
from .pool_scope import INFRASTRUCTURE


class PoolPrivateShortfall(PoolPlannedCost):
    """The budget takes over a stated share of a private shortfall, now or later; the rest stays unfunded.

    The policy is that of budget procurement: its inputs ``shortfall_to_budget`` and ``shortfall_delay``.
    """

    unfunded_works = Gather(
        "bn KZT",
        "Planned cost nobody pays for",
        line="unfunded_works",
        contracts=("budget",),
        group=INFRASTRUCTURE,
    )
    takeover_works = Gather(
        "bn KZT",
        "Works of a private shortfall taken over",
        line="takeover_works",
        contracts=("budget",),
        group=INFRASTRUCTURE,
    )

    @line("bn KZT", yearly="sum")
    def unfunded_cost(m) -> Expr:
        """Planned cost of works left unfunded by a private shortfall, as published."""
        return m.unfunded_works

    @line("bn KZT", yearly="sum")
    def works_taken_over(m) -> Expr:
        """Works of a private shortfall that the budget builds instead, nominal, excluding VAT."""
        return m.takeover_works

    @metric("1")
    def unfunded_share(m) -> Expr:
        """Share of the planned cost that is left unfunded."""
        return total(m.unfunded_cost) / total(m.planned_cost)

    @metric("bn KZT")
    def total_works_taken_over(m) -> Expr:
        """Works of a private shortfall that the budget builds over life, nominal, excluding VAT."""
        return total(m.works_taken_over)
