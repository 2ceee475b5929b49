"""Deferred works: what is certified, what of it is paid as the works go, and what is deferred."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, absolute, check, larger_of, line, prev, smaller_of, total

from .priced_in_interest import PricedInInterest


class DeferredWorks(PricedInInterest):
    """A lump-sum price, indexed; a share of an overrun reaches the state as variations.

    The state pays an advance, a part of certified works as they go, and the retention at taking-over; the rest is
    deferred. Once a lender has stopped disbursing, the state pays all works as they go.
    """

    price_premium = Input("1", "Premium of the EPC+F price over the cost of the works")
    overrun_pass_through = Input("1", "Share of a cost overrun that the state pays as variations")
    lender_stop = Input("1", "Lender stops disbursing (1) or not (0)")
    lender_stop_progress = Input("1", "Share of the works complete at which a lender stops disbursing")

    @line("bn KZT_real")
    def works_price(m) -> Expr:
        """Lump-sum price at base-date prices, without interest in it, excluding VAT."""
        return m.base_cost * m.financing_share * (1 + m.price_premium)

    @line("bn KZT")
    def capex(m) -> Expr:
        """Certified works, excluding VAT.

        Contract price plus variations (pass-through share of an overrun; the state gains nothing from an underrun),
        indexed.
        """
        variations = m.overrun_pass_through * larger_of(m.cost_overrun, 0)
        return m.contract_price * (1 + variations) * m.progress_increment * m.escalation

    @line("bn KZT")
    def priced_in_interest(m) -> Expr:
        """Interest of the construction period in certified works, excluding VAT."""
        return m.capex - m.capex / (1 + m.interest_in_price)

    @line("1")
    def cash_share(m) -> Expr:
        """Share of certified works due in cash.

        The milestone share; all of them once a lender has stopped disbursing, which the state then does in its place.
        """
        stopped = m.lender_stop * (prev(m.progress) >= m.lender_stop_progress)
        return larger_of(m.milestone_cash_share, stopped)

    @line("bn KZT")
    def milestone_cash(m) -> Expr:
        """Certified works paid in cash as they go.

        Their share of certified works, at most what is left after advance recovery and retention.
        """
        left = m.capex - m.advance_recovered - m.retained
        return larger_of(smaller_of(m.cash_share * m.capex, left), 0)

    @line("bn KZT")
    def deferred_works(m) -> Expr:
        """Deferred works: certified works less advance recovered, retention and milestone cash."""
        return m.capex - m.advance_recovered - m.retained - m.milestone_cash

    @line("bn KZT")
    def cash_for_works(m) -> Expr:
        """Advance, milestone cash and retention released."""
        return m.advance_paid + m.milestone_cash + m.retention_released

    @check
    def works_accounted_for(m) -> Expr:
        """Certified works are paid in cash, from the advance and retention, or deferred: nothing is lost."""
        settled = total(m.cash_for_works) + total(m.deferred_works)
        return absolute(total(m.capex) - settled) / total(m.capex)
