"""Financial statements of a project company: income statement, cash flow statement, balance sheet."""

from __future__ import annotations

from alatau_finance.modelling import Expr, absolute, check, final, line, maximum, minimum, prev, total

from .cover_ratios import CoverRatios
from .partnership_revenue import PartnershipRevenue


class ProjectStatements(PartnershipRevenue, CoverRatios):
    """Three statements of a project company; each period they tie to one another.

    Assets stand at cost less grants and depreciation. Interest and fees until operation starts, the interest of the
    shareholder loan included, are part of the cost. Support of the sponsors is paid-in equity, and so is a
    shareholder loan that is left when the contract ends. Dividends are limited by cash, not by retained earnings, which
    can thus be negative.
    """

    # --- income statement
    @line("bn KZT")
    def ebitda(m) -> Expr:
        """Operating profit before depreciation, interest and corporate income tax."""
        return m.operating_revenue - m.operating_cost - m.property_tax

    @line("bn KZT")
    def net_income(m) -> Expr:
        """Profit after tax."""
        financing = m.interest + m.shareholder_interest * m.in_operation - m.interest_income
        return m.ebitda - m.depreciation - financing - m.corporate_income_tax

    # --- cash flow statement
    @line("bn KZT")
    def operating_cash_flow(m) -> Expr:
        """Cash flow from operation.

        Before interest paid, after tax, less growth of receivables.
        """
        return m.ebitda + m.interest_income - m.corporate_income_tax - (m.receivables - prev(m.receivables))

    @line("bn KZT")
    def investing_cash_flow(m) -> Expr:
        """Cash flow from investing: cost of the project less grants."""
        return m.capital_grant - m.project_cost

    @line("bn KZT")
    def financing_cash_flow(m) -> Expr:
        """Cash flow from financing.

        Paid in and drawn, less fees, interest, repayment and distributions.
        """
        return -m.lender_flow - m.equity_flow

    @line("bn KZT")
    def net_cash_flow(m) -> Expr:
        """Net cash flow of the period."""
        return m.operating_cash_flow + (m.capital_grant - m.project_cost) + m.financing_cash_flow

    # --- balance sheet
    @line("bn KZT")
    def total_assets(m) -> Expr:
        """Assets: fixed assets at book value, receivables and cash, end of period."""
        return m.book_value + m.receivables + m.cash

    @line("bn KZT")
    def paid_in_equity(m) -> Expr:
        """Equity paid in so far, end of period.

        Support of the sponsors and shareholder loan converted included.
        """
        return prev(m.paid_in_equity) + m.equity_injection + m.sponsor_support + m.shareholder_loan_converted

    @line("bn KZT")
    def retained_earnings(m) -> Expr:
        """Profit after tax less dividends so far, end of period."""
        dividends = m.distributions - m.shareholder_loan_service
        return prev(m.retained_earnings) + m.net_income - dividends

    @line("bn KZT")
    def total_liabilities(m) -> Expr:
        """Debt, shareholder loan and equity, end of period."""
        return m.debt + m.shareholder_loan + m.paid_in_equity + m.retained_earnings

    @line("bn KZT")
    def balance_gap(m) -> Expr:
        """Assets less liabilities and equity, end of period."""
        return absolute(m.total_assets - m.total_liabilities)

    @line("bn KZT")
    def cash_gap(m) -> Expr:
        """Change of cash less the net cash flow of the statement."""
        return absolute(m.cash - prev(m.cash) - m.net_cash_flow)

    @line("bn KZT")
    def turnover(m) -> Expr:
        """Money that passes through the company, which gaps are measured against."""
        return m.uses_of_funds + m.operating_cost + m.debt_service + m.distributions + m.shareholder_loan

    # --- checks
    @check
    def balance_sheet_balances(m) -> Expr:
        """Assets equal liabilities and equity at the end of every period."""
        return maximum(m.balance_gap) / total(m.turnover)

    @check
    def waterfall_adds_up(m) -> Expr:
        """What the project yields is what lenders, shareholders and accounts take.

        In every period.
        """
        return maximum(m.cash_gap) / total(m.turnover)

    @check
    def cash_never_negative(m) -> Expr:
        """Cash is never below zero."""
        return absolute(minimum(m.cash) * (minimum(m.cash) < 0)) / total(m.turnover)

    @check
    def reserves_released(m) -> Expr:
        """All accounts and receivables are empty at the end."""
        return (final(m.cash) + absolute(final(m.receivables))) / total(m.turnover)
