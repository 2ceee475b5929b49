"""What a state owes under a partnership: the ledger of its obligation, and what an early end would cost it."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, absolute, check, final, larger_of, lead, line, maximum, prev, total

from .project_statements import ProjectStatements


class PartnershipObligation(ProjectStatements):
    """Ledger of the capital part of the availability payment, and termination payments by cause.

    The obligation is recognised as works are certified (GFSM 2014, IPSAS 32), less the grant. It accrues what the
    payment is sized to return on it: interest of the debt at the gearing cap, the required return on equity, and other
    uses of funds; a deduction for unavailability lowers it. The capital part settles it. Users, not the state, owe
    the user-paid share.
    """

    default_debt_share = Input("1", "Share of the debt the state pays if the partner defaults")

    @line("bn KZT")
    def contract_debt(m) -> Expr:
        """Debt on the contract: at the gearing cap, repaid by the level profile; end of period."""
        return m.gearing_debt * (m.drawn_share - 1 + m.level_debt_share)

    @line("bn KZT")
    def contract_equity(m) -> Expr:
        """Equity on the contract with its required return, end of period.

        Less equity charges; ends at zero.
        """
        in_contract = (m.period_start < m.taking_over) + m.in_operation
        returned = prev(m.contract_equity) * m.period_equity_return * in_contract
        return prev(m.contract_equity) + returned + m.equity_requirement - m.net_equity_charge

    @line("bn KZT")
    def works_certified(m) -> Expr:
        """Works certified under the contract, excluding VAT.

        As delivered, with overruns passed through.
        """
        return m.contract_capex

    @line("bn KZT")
    def obligation_recognised(m) -> Expr:
        """Obligation recognised as works are certified.

        Less the grant, for the share that users do not pay.
        """
        return m.works_certified * (1 - m.capital_grant_share) * (1 - m.user_pays)

    @line("bn KZT")
    def obligation_signed(m) -> Expr:
        """Deferred obligation committed at signing: all works it will be recognised for."""
        return m.signing * total(m.obligation_recognised)

    @line("bn KZT")
    def obligation_due(m) -> Expr:
        """Obligation falling due: capital part of the payment for full availability."""
        return m.capital_payment * (1 - m.user_pays)

    @line("bn KZT")
    def obligation_settled(m) -> Expr:
        """Obligation settled: capital part of the payment after deductions."""
        return m.obligation_due * (1 - m.availability_deduction)

    @line("bn KZT")
    def obligation_accrued(m) -> Expr:
        """Obligation accrued: interest, return on equity, other uses of funds, less deductions.

        What makes the obligation equal to debt and equity on the contract: their growth, plus the capital part paid,
        less works recognised.
        """
        growth = m.contract_debt - prev(m.contract_debt) + m.contract_equity - prev(m.contract_equity)
        return growth * (1 - m.user_pays) + m.obligation_settled - m.obligation_recognised

    @line("bn KZT")
    def obligation_outstanding(m) -> Expr:
        """Obligation of the state outstanding, end of period."""
        return prev(m.obligation_outstanding) + m.obligation_recognised + m.obligation_accrued - m.obligation_settled

    # --- early end
    @line("1")
    def in_contract(m) -> Expr:
        """Flag: the contract is signed and, at the end of the period, not over."""
        return (m.period_end > m.construction_start) * (m.operated < m.concession_term)

    @line("bn KZT")
    def shareholder_claim(m) -> Expr:
        """What shareholders lack of their required return, end of period.

        Paid in less distributions, with return.
        """
        return prev(m.shareholder_claim) * (1 + m.period_equity_return) - m.equity_flow

    @line("bn KZT")
    def termination_partner_default(m) -> Expr:
        """Termination payment on default of the partner.

        Were it to happen at the end of the period: share of the debt, less cash.
        """
        return larger_of(m.debt * m.default_debt_share - m.cash, 0) * m.in_contract

    @line("bn KZT")
    def termination_force_majeure(m) -> Expr:
        """Termination payment on force majeure.

        Were it to happen at the end of the period: debt and money not recovered, less cash.
        """
        return larger_of(m.debt + larger_of(-m.shareholder_position, 0) - m.cash, 0) * m.in_contract

    @line("bn KZT")
    def termination_authority_default(m) -> Expr:
        """Termination payment on default of the state.

        Were it to happen at the end of the period: debt, equity with return, less cash.
        """
        return larger_of(m.debt + larger_of(m.shareholder_claim, 0) - m.cash, 0) * m.in_contract

    @line("bn KZT")
    def contingent_liability(m) -> Expr:
        """Contingent liability of the state, end of period.

        Default of the partner now, and revenue guaranteed for the next period.
        Gross: a termination payment would take the place of the obligation outstanding.
        """
        return m.termination_partner_default + m.guaranteed_share * lead(m.planned_user_revenue)

    @check
    def obligation_ledger_closes(m) -> Expr:
        """The obligation outstanding ends at zero."""
        return absolute(final(m.obligation_outstanding)) / (maximum(m.obligation_outstanding) + total(m.obligation_due))
