"""Private shortfall: what becomes of works that private money was planned for and does not build."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, absolute, check, final, larger_of, line, prev, smaller_of, where

from .construction import Construction
from .s_curve import s_curve


class PrivateShortfall(Construction):
    """The stated policy on a private shortfall: the budget builds a share of it, now or later; the rest is unfunded.

    Works taken over start ``shortfall_delay`` after the project's own works and take as long as they do, slip
    included; a delay of 0 builds them in the same years. They cost what the project's works cost, overrun included,
    at the prices of the period in which they are built.
    """

    private_share = Input("1", "Share of the project planned to be built with private money")
    private_mobilisation = Input("1", "Private money mobilised relative to plan")
    shortfall_to_budget = Input("1", "Share of a private shortfall that the budget takes over")
    shortfall_delay = Input("year", "Time by which works taken over start after the project's own")

    @line("1")
    def private_shortfall(m) -> Expr:
        """Share of the project that private money was planned for and does not build."""
        return m.private_share * (1 - smaller_of(m.private_mobilisation, 1))

    @line("bn KZT")
    def unfunded_works(m) -> Expr:
        """Published cost of works that nobody pays for: the rest of a private shortfall."""
        return m.cost * m.private_shortfall * (1 - m.shortfall_to_budget) * m.progress_increment

    @line("bn KZT_real")
    def takeover_price(m) -> Expr:
        """Price of the works the budget takes over, before overruns, excluding VAT."""
        return m.base_cost * m.private_shortfall * m.shortfall_to_budget

    @line("year")
    def takeover_end(m) -> Expr:
        """Completion of the works taken over."""
        return m.taking_over + m.shortfall_delay

    @line("year")
    def works_end(m) -> Expr:
        """Completion of all works, those taken over included."""
        return where(m.takeover_price > 0, m.takeover_end, m.taking_over)

    @line("1")
    def takeover_elapsed(m) -> Expr:
        """Elapsed share of the construction time of the works taken over."""
        start = m.construction_start + m.shortfall_delay
        return smaller_of(larger_of((m.period_end - start) / m.construction_duration, 0), 1)

    @line("1")
    def takeover_progress(m) -> Expr:
        """Share of the works taken over that is complete, end of period."""
        return s_curve(m, m.takeover_elapsed)

    @line("bn KZT_real")
    def takeover_built(m) -> Expr:
        """Works taken over as built, base-date prices, before overruns, excluding VAT."""
        return m.takeover_price * (m.takeover_progress - prev(m.takeover_progress))

    @line("bn KZT")
    def takeover_works(m) -> Expr:
        """Certified works of those taken over, excluding VAT."""
        return m.takeover_built * (1 + m.cost_overrun) * m.escalation

    @check
    def takeover_complete(m) -> Expr:
        """Works taken over are built in full within the calendar."""
        return where(m.takeover_price > 0, absolute(final(m.takeover_progress) - 1), 0)
