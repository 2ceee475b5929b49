"""Deferred obligation: the ledger of what the state owes for works certified and not yet paid."""

from __future__ import annotations

from alatau_finance.modelling import Expr, absolute, check, final, line, maximum, prev, total

from .late_instalments import LateInstalments


class DeferredObligation(LateInstalments):
    """Ledger of the obligation in tenge of the period, arrears included.

    It is recognised as works are certified (GFSM 2014, IPSAS 32), with the insurance premium that the credit finances;
    raised by interest, penalties and the revaluation of its dollar part; settled by instalments and penalties paid.
    Works paid as they go and retention, which is paid at taking-over, are no part of it.
    """

    @line("bn KZT")
    def works_certified(m) -> Expr:
        """Works certified under the contract, at the contract price, excluding VAT."""
        return m.capex

    @line("bn KZT")
    def obligation_recognised(m) -> Expr:
        """Obligation recognised: deferred works certified, and the insurance premium financed."""
        return m.drawn * m.basket_value

    @line("bn KZT")
    def obligation_signed(m) -> Expr:
        """Deferred obligation committed at signing: all that it will be recognised for."""
        premium = m.cover_premium_financed * m.cover_premium * m.basket_value
        return m.signing * (total(m.deferred_works) + premium)

    @line("bn KZT")
    def obligation_accrued(m) -> Expr:
        """Obligation accrued: interest, penalties, revaluation of the opening obligation.

        Revaluation: opening debt and arrears, contract tenge, times the change in the value of the basket.
        """
        revaluation = (prev(m.balance) + prev(m.arrears)) * (m.basket_value - prev(m.basket_value))
        return m.interest * m.basket_value + m.late_payment_penalty + revaluation

    @line("bn KZT")
    def obligation_due(m) -> Expr:
        """Obligation falling due: the instalment, at the value of the basket when it falls due."""
        return m.ledger_payment * m.basket_value

    @line("bn KZT")
    def obligation_settled(m) -> Expr:
        """Obligation settled: instalments and penalties paid."""
        return m.debt_service + m.late_payment_penalty

    @line("bn KZT")
    def obligation_outstanding(m) -> Expr:
        """Obligation of the state outstanding, end of period: debt and arrears.

        At the exchange rate of the period's end.
        """
        return (m.balance + m.arrears) * m.basket_value

    @line("bn KZT")
    def obligation_gap(m) -> Expr:
        """Obligation outstanding less what its ledger adds up to, without the sign."""
        raised = prev(m.obligation_outstanding) + m.obligation_recognised + m.obligation_accrued
        return absolute(m.obligation_outstanding - raised + m.obligation_settled)

    @check
    def obligation_ledger_closes(m) -> Expr:
        """The obligation outstanding is that of its ledger in every period and ends at zero."""
        gap = maximum(m.obligation_gap) + absolute(final(m.obligation_outstanding))
        return gap / (maximum(m.obligation_outstanding) + total(m.capex))
