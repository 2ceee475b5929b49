"""Cash waterfall of a project company: debt service, reserves, lock-up, sweep, distributions."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, larger_of, line, metric, prev, smaller_of, total, where

from .project_funding import ProjectFunding


class CashWaterfall(ProjectFunding):
    """CFADS -> debt service -> debt service reserve -> lock-up -> cash sweep -> shareholder loan -> dividends.

    The maintenance reserve is filled ahead of debt service: CFADS is after transfers to it. A shortfall is met from
    cash held back, then from the debt service reserve, then by support of the sponsors, so that debt is always served
    and cash is never negative. Cash held back by the lock-up is released when the test is passed again or the debt
    is repaid. What is left of the shareholder loan when the contract ends, with nothing more to come, becomes equity.
    """

    lock_up_dscr = Input("1", "Debt service cover ratio below which nothing is distributed")
    sweep_share = Input("1", "Share of cash free for distribution that prepays the debt")

    @line("bn KZT")
    def cfads(m) -> Expr:
        """Cash flow available for debt service: none, unless the contract says so."""
        return 0 * m.project_cost

    @line("bn KZT")
    def interest_income(m) -> Expr:
        """Interest on cash, on its opening balance."""
        return prev(m.cash) * m.deposit_interest

    @line("bn KZT")
    def debt_reserve_target(m) -> Expr:
        """Debt service reserve required at the end of the period.

        On completion the initial reserve.
        """
        return m.debt_amount * where(m.in_operation, m.reserve_share, m.initial_reserve_share)

    @line("bn KZT")
    def available_cash(m) -> Expr:
        """Cash after debt service, with the reserve and cash held back from the period before."""
        return m.cfads - m.debt_service + m.initial_reserve + prev(m.debt_reserve) + prev(m.locked_cash)

    @line("bn KZT")
    def sponsor_support(m) -> Expr:
        """Support of the sponsors: what debt service lacks after all cash is used."""
        return larger_of(-m.available_cash, 0)

    @line("bn KZT")
    def debt_reserve(m) -> Expr:
        """Debt service reserve account, end of period."""
        return larger_of(smaller_of(m.available_cash, m.debt_reserve_target), 0)

    @line("bn KZT")
    def excess_cash(m) -> Expr:
        """Cash after debt service and debt service reserve."""
        return larger_of(m.available_cash - m.debt_reserve_target, 0)

    @line("bn KZT")
    def locked_cash(m) -> Expr:
        """Cash held back by the lock-up, end of period.

        Where cover is below the lock-up ratio and debt is left to repay.
        """
        locked = (m.cfads < m.debt_service * m.lock_up_dscr) * (prev(m.debt) > m.principal)
        return m.excess_cash * locked

    @line("bn KZT")
    def cash_sweep(m) -> Expr:
        """Debt prepaid from cash free for distribution."""
        return smaller_of((m.excess_cash - m.locked_cash) * m.sweep_share, prev(m.debt) - m.principal)

    @line("bn KZT")
    def distributions(m) -> Expr:
        """Distributions to shareholders: service of their loan, then dividends."""
        return m.excess_cash - m.locked_cash - m.cash_sweep

    # --- shareholder loan
    @line("bn KZT")
    def shareholder_interest(m) -> Expr:
        """Interest of the shareholder loan, on its opening balance.

        Added to it until it is paid.
        """
        rate = m.signed_yield + m.shareholder_loan_margin
        return prev(m.shareholder_loan) * rate * m.year_fraction * ((m.period_start < m.taking_over) + m.in_operation)

    @line("bn KZT")
    def shareholder_loan_service(m) -> Expr:
        """Service of the shareholder loan.

        Interest and principal, as far as there are distributions.
        """
        return smaller_of(m.distributions, prev(m.shareholder_loan) + m.shareholder_interest)

    @line("bn KZT")
    def shareholder_loan_converted(m) -> Expr:
        """Shareholder loan converted into equity: what is not repaid when the contract ends."""
        return _shareholder_loan_left(m) * (m.operated >= m.concession_term)

    @line("bn KZT")
    def shareholder_loan(m) -> Expr:
        """Shareholder loan with unpaid interest, end of period."""
        return _shareholder_loan_left(m) - m.shareholder_loan_converted

    @line("bn KZT")
    def cash(m) -> Expr:
        """Cash, end of period: debt service reserve, maintenance reserve, cash held back."""
        return m.debt_reserve + m.maintenance_reserve + m.locked_cash

    @line("bn KZT")
    def equity_flow(m) -> Expr:
        """Cash flow of the shareholders, their loan included.

        Distributions less funds paid in and support.
        """
        return m.distributions - m.shareholder_funding - m.sponsor_support

    @metric("bn KZT")
    def total_sponsor_support(m) -> Expr:
        """Support of the sponsors over life, nominal."""
        return total(m.sponsor_support)


def _shareholder_loan_left(m: CashWaterfall) -> Expr:
    """Shareholder loan after the service of the period."""
    owed = prev(m.shareholder_loan) + m.shareholder_interest
    return owed + m.shareholder_loan_drawing - m.shareholder_loan_service
