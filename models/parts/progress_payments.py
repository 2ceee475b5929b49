"""Progress payments: advance and its recovery, retention and its release."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, absolute, check, larger_of, line, prev, smaller_of, total, where

from .construction import Construction


class ProgressPayments(Construction):
    """What of the certified works is paid when.

    The advance is a share of the price at signing, paid in the period of signing and recovered in proportion to
    progress. Retention is a share of what is certified, held until taking-over and released in that period. Neither
    exceeds what is certified.
    """

    advance_share = Input("1", "Advance as a share of the price")
    retention_share = Input("1", "Retention as a share of certified works")

    @line("KZT/KZT_real")
    def signing_escalation(m) -> Expr:
        """Price index of the works in the period of signing; 0 in every other."""
        return m.signing * m.escalation

    @line("bn KZT")
    def advance_amount(m) -> Expr:
        """Advance for the contract: its share of the price (before variations), at the price index of signing."""
        return m.advance_share * m.works_price * total(m.signing_escalation)

    @line("bn KZT")
    def advance_paid(m) -> Expr:
        """Advance paid, in the period of signing."""
        return m.advance_amount * m.signing

    @line("bn KZT")
    def advance_recovered(m) -> Expr:
        """Advance recovered from certified works, in proportion to progress."""
        return m.advance_amount * m.progress_increment

    @line("bn KZT")
    def advance_outstanding(m) -> Expr:
        """Advance not yet recovered, end of period."""
        return prev(m.advance_outstanding) + m.advance_paid - m.advance_recovered

    @line("bn KZT")
    def retained(m) -> Expr:
        """Retention withheld from certified works.

        Its share of certified works, at most what is left of them after the advance.
        """
        return larger_of(smaller_of(m.retention_share * m.capex, m.capex - m.advance_recovered), 0)

    @line("bn KZT")
    def retention_released(m) -> Expr:
        """Retention released: all that is held, in the period of taking-over."""
        return where(m.completion, prev(m.retention_held) + m.retained, 0)

    @line("bn KZT")
    def retention_held(m) -> Expr:
        """Retention held, end of period."""
        return prev(m.retention_held) + m.retained - m.retention_released

    @check
    def advance_recovered_in_full(m) -> Expr:
        """The advance is recovered in full."""
        return absolute(total(m.advance_paid) - total(m.advance_recovered)) / m.advance_amount

    @check
    def retention_released_in_full(m) -> Expr:
        """Retention released equals retention withheld."""
        return absolute(total(m.retained) - total(m.retention_released)) / total(m.retained)
