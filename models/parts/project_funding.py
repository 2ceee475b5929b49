"""Funding of a project company: debt drawn and repaid, uses of funds, and what the shareholders pay in."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    absolute,
    check,
    final,
    larger_of,
    line,
    maximum,
    prev,
    smaller_of,
    total,
    where,
)

from .senior_debt import SeniorDebt


class ProjectFunding(SeniorDebt):
    """Uses of funds = senior debt + grant + shareholder loan + equity, period by period.

    Interest on the opening balance falls due at the end of the period: until operation starts it is a use of funds,
    then debt service. The shareholders pay what debt and grant do not cover, so an overrun that is not passed through
    is theirs. Interest on their loan is capitalised until it is paid.
    """

    shareholder_loan_share = Input("1", "Shareholder loan as a share of what the shareholders pay in")
    shareholder_loan_margin = Input("1/year", "Margin of the shareholder loan over government bonds")

    @line("bn KZT")
    def drawing(m) -> Expr:
        """Senior debt drawn."""
        return m.debt_amount * (m.drawn_share - prev(m.drawn_share))

    @line("bn KZT")
    def interest_during_construction(m) -> Expr:
        """Interest until operation starts, on the opening balance: a use of funds."""
        return prev(m.debt) * (m.construction_interest + m.period_commitment_fee)

    @line("bn KZT")
    def financing_fees(m) -> Expr:
        """Arrangement fee and commitment fee.

        At signing; on debt not yet drawn at the start of the period.
        """
        return m.debt_amount * m.arrangement_fee * m.signing + (m.debt_amount - prev(m.debt)) * m.period_commitment_fee

    @line("bn KZT")
    def initial_reserve(m) -> Expr:
        """Initial debt service reserve, funded on completion."""
        return m.debt_amount * m.initial_reserve_share

    @line("bn KZT")
    def uses_of_funds(m) -> Expr:
        """Uses of funds.

        Cost of the project, interest during construction, fees, initial reserve.
        """
        return m.project_cost + m.interest_during_construction + m.financing_fees + m.initial_reserve

    @line("bn KZT")
    def shareholder_funding(m) -> Expr:
        """Paid in by the shareholders, equity and loan.

        Uses of funds that debt and grant do not cover.
        """
        return m.uses_of_funds - m.drawing - m.capital_grant

    @line("bn KZT")
    def shareholder_loan_drawing(m) -> Expr:
        """Shareholder loan drawn."""
        return m.shareholder_funding * m.shareholder_loan_share

    @line("bn KZT")
    def equity_injection(m) -> Expr:
        """Equity paid in."""
        return m.shareholder_funding - m.shareholder_loan_drawing

    # --- service of the senior debt
    @line("bn KZT")
    def interest(m) -> Expr:
        """Interest paid from operation, on the opening balance."""
        return prev(m.debt) * m.loan_interest * m.in_repayment

    @line("bn KZT")
    def principal(m) -> Expr:
        """Principal repaid as scheduled.

        A prepayment shortens the debt: instalments stay as they are until nothing is left.
        """
        scheduled = m.debt_amount * (prev(m.scheduled_debt_share) - m.scheduled_debt_share) * m.in_repayment
        return where(m.repayment_time < m.repayment_term, smaller_of(scheduled, prev(m.debt)), prev(m.debt))

    @line("bn KZT")
    def debt_service(m) -> Expr:
        """Debt service from operation."""
        return m.interest + m.principal

    @line("bn KZT")
    def cash_sweep(m) -> Expr:
        """Debt prepaid: none, unless the contract says so."""
        return 0 * m.project_cost

    @line("bn KZT")
    def debt(m) -> Expr:
        """Senior debt, end of period."""
        return prev(m.debt) + m.drawing - m.principal - m.cash_sweep

    # --- checks
    @check
    def sources_equal_uses(m) -> Expr:
        """Debt, grant, shareholder loan and equity add up to the uses of funds."""
        sources = (
            total(m.drawing) + total(m.capital_grant) + total(m.shareholder_loan_drawing) + total(m.equity_injection)
        )
        return absolute(sources - total(m.uses_of_funds)) / total(m.uses_of_funds)

    @check
    def debt_within_cap(m) -> Expr:
        """The debt drawn is within the gearing, on cost, interest and fees as they came.

        Equal to it where only the gearing binds: the residual of the closed form.
        """
        financing = total(m.interest_during_construction) + total(m.financing_fees) + total(m.initial_reserve)
        cost = smaller_of(total(m.contract_cost), total(m.project_cost) - total(m.capital_grant))
        cap = m.gearing * (cost + financing)
        excess = total(m.drawing) - cap
        return where(m.debt_amount < m.gearing_debt, larger_of(excess, 0), absolute(excess)) / total(m.uses_of_funds)

    @check
    def debt_repaid(m) -> Expr:
        """The debt ends at zero."""
        return absolute(final(m.debt)) / maximum(m.debt)

    @check
    def debt_repaid_within_term(m) -> Expr:
        """The debt is repaid within the operating term."""
        return larger_of(m.repayment_term - m.concession_term, 0) / m.concession_term
