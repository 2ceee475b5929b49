"""Ratios of lenders and returns of shareholders."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    final,
    irr,
    larger_of,
    line,
    maximum,
    metric,
    minimum,
    present_value,
    prev,
    smaller_of,
    total,
    where,
)

from .availability_payment import AvailabilityPayment
from .cash_waterfall import CashWaterfall


class CoverRatios(AvailabilityPayment, CashWaterfall):
    """Cover ratios by period, and rates of return, net present value, multiple and payback over life.

    Loan and project life cover ratios stand at the start of a period: value of the cash flow still to come at the
    interest rate of the debt, without cash in the accounts, over the opening debt.
    """

    # --- cover
    @line("1")
    def debt_falls_due(m) -> Expr:
        """Flag: debt service falls due."""
        return m.debt_service > 0

    @line("1")
    def dscr(m) -> Expr:
        """Debt service cover ratio; 0 where there is no debt service."""
        return m.cfads / m.debt_service * m.debt_falls_due

    @line("1")
    def lowest_dscr_so_far(m) -> Expr:
        """Lowest debt service cover ratio so far, end of period; 0 before any debt service."""
        first = m.repayment_time <= m.year_fraction
        lowest = where(first, m.dscr, smaller_of(prev(m.lowest_dscr_so_far), m.dscr))
        return where(m.debt_falls_due, lowest, prev(m.lowest_dscr_so_far))

    @line("bn KZT")
    def project_life_value(m) -> Expr:
        """Cash flow so far, valued when operation starts, end of period.

        At the interest rate of the debt.
        """
        return prev(m.project_life_value) + m.cfads * m.loan_discount_factor

    @line("bn KZT")
    def loan_life_value(m) -> Expr:
        """Cash flow so far while debt is repaid, valued when operation starts, end of period."""
        return prev(m.loan_life_value) + m.cfads * m.loan_discount_factor * m.debt_falls_due

    @line("bn KZT")
    def opening_debt_value(m) -> Expr:
        """Opening debt of the period, valued when operation starts.

        At the interest rate of the debt.
        """
        return prev(m.debt) * m.loan_discount_factor * (1 + m.loan_interest) * m.debt_falls_due

    @line("1")
    def llcr(m) -> Expr:
        """Loan life cover ratio at the start of the period; 0 where there is no debt service."""
        return (final(m.loan_life_value) - prev(m.loan_life_value)) / m.opening_debt_value

    @line("1")
    def plcr(m) -> Expr:
        """Project life cover ratio at the start of the period.

        0 where there is no debt service.
        """
        return (final(m.project_life_value) - prev(m.project_life_value)) / m.opening_debt_value

    @line("1")
    def llcr_in_repayment(m) -> Expr:
        """Loan life cover ratio while debt is served.

        Elsewhere its value when operation starts.
        """
        return where(m.opening_debt_value > 0, m.llcr, final(m.loan_life_value) / m.debt_amount)

    @metric("1")
    def minimum_dscr(m) -> Expr:
        """Lowest debt service cover ratio."""
        return final(m.lowest_dscr_so_far)

    @metric("1")
    def average_dscr(m) -> Expr:
        """Average debt service cover ratio over the periods with debt service."""
        return total(m.dscr) / total(m.debt_falls_due)

    @metric("1")
    def lowest_llcr(m) -> Expr:
        """Lowest loan life cover ratio."""
        return minimum(m.llcr_in_repayment)

    @metric("1")
    def initial_plcr(m) -> Expr:
        """Project life cover ratio when operation starts."""
        return final(m.project_life_value) / m.debt_amount

    # --- returns
    @line("bn KZT")
    def project_flow(m) -> Expr:
        """Cash flow of the project before financing, after tax.

        Without what goes into accounts, comes back or is earned by them, as their funding is financing too. The tax is
        that of the project as financed.
        """
        into_accounts = m.maintenance_reserve - prev(m.maintenance_reserve)
        return m.cfads + into_accounts - m.interest_income - m.project_cost + m.capital_grant

    @line("bn KZT")
    def lender_flow(m) -> Expr:
        """Cash flow of the lenders: interest, principal, fees and prepayments less drawings."""
        financing = m.interest_during_construction + m.financing_fees
        return m.debt_service + m.cash_sweep + financing - m.drawing

    @line("bn KZT")
    def shareholder_position(m) -> Expr:
        """Cash flow of the shareholders so far, end of period."""
        return prev(m.shareholder_position) + m.equity_flow

    @line("year")
    def unrecovered_until(m) -> Expr:
        """End of the period if shareholders have not recovered their money by then, else 0."""
        return m.period_end * (m.shareholder_position < 0)

    @metric("1/year")
    def project_irr(m) -> Expr:
        """Internal rate of return of the project, nominal, after tax."""
        return irr(m.project_flow)

    @metric("1/year")
    def equity_irr(m) -> Expr:
        """Internal rate of return of equity and shareholder loan, nominal, after tax."""
        return irr(m.equity_flow)

    @metric("bn KZT")
    def equity_npv(m) -> Expr:
        """Net present value of equity and shareholder loan.

        At the required return and the start of the calendar.
        """
        return present_value(m.equity_flow, m.equity_discount_factor)

    @metric("1")
    def equity_multiple(m) -> Expr:
        """Distributions over life as a multiple of what the shareholders pay in."""
        return total(m.distributions) / (total(m.shareholder_funding) + total(m.sponsor_support))

    @metric("year")
    def payback(m) -> Expr:
        """Time from the start of construction until shareholders have their money back.

        To the end of the first period from which the cumulative cash flow stays positive; to the end of the calendar
        if they never have it back.
        """
        until = larger_of(maximum(m.unrecovered_until), m.construction_start)
        return until - m.construction_start + maximum(m.operating_time)
