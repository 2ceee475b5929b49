"""Delay damages: liquidated damages that a contractor pays for late works."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, larger_of, line, smaller_of, total

from .construction import Construction


class DelayDamages(Construction):
    """Liquidated damages for the delay of construction that the contractor answers for, up to a cap."""

    delay_charged_share = Input("1", "Share of a construction delay that the contractor answers for")
    liquidated_damages_rate = Input("1/year", "Liquidated damages for delay per unit of time, as a share of the price")
    liquidated_damages_cap = Input("1", "Liquidated damages: cap as a share of the price")

    @line("bn KZT")
    def liquidated_damages_due(m) -> Expr:
        """Liquidated damages for delay: rate times the delay charged times the price, at most the cap.

        The price is the total of certified works; the delay is that of construction, not of its start.
        """
        delay = larger_of(m.construction_duration - m.duration, 0) * m.delay_charged_share
        return smaller_of(m.liquidated_damages_rate * delay, m.liquidated_damages_cap) * total(m.capex)

    @line("bn KZT")
    def liquidated_damages(m) -> Expr:
        """Liquidated damages received by the state, at taking-over."""
        return m.liquidated_damages_due * m.completion
