"""Investment project: private money builds and operates, and pays taxes."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Series, irr, line, metric, present_value, prev, total

from .parts.investment_taxes import InvestmentTaxes


class Investment(InvestmentTaxes):
    """Private investment: the private share of an infrastructure project, or a project of the private portfolio.

    Only the mobilised part of the plan is built, in one phase or two. Revenue is a share of the capital expenditure
    per year, ramping up after the taking-over of each phase, moved by demand and consumer prices. Operating profit is
    after all operating cost, wages and social tax included. Taxes: value-added tax net of tax on purchases and
    capital expenditure (excess carried forward, not refunded), corporate income tax with losses carried forward,
    property tax on the opening book value, land tax, social tax and personal income tax on wages. In a special
    economic zone income, property and land tax are not paid for a term that depends on the size of the investment.
    The state pays nothing.
    """

    key = "investment"

    discount_factor = Series("1", "Present value at the base date of one tenge paid at the end of the period")

    # --- returns
    @line("bn KZT")
    def free_cash_flow(m) -> Expr:
        """Free cash flow.

        Operating profit less capital expenditure, income, property and land tax, and VAT tied up. Wages, social tax
        and personal income tax are operating cost. VAT passes through but for the credit carried forward.
        """
        vat_tied_up = m.vat_credit - prev(m.vat_credit)
        taxes = m.corporate_income_tax + m.property_tax + m.land_tax
        return m.operating_profit - m.capex - taxes - vat_tied_up

    @metric("1/year")
    def project_irr(m) -> Expr:
        """Internal rate of return of the project, nominal, after tax."""
        return irr(m.free_cash_flow)

    @metric("bn KZT")
    def total_capex(m) -> Expr:
        """Capital expenditure over life, nominal, excluding VAT."""
        return total(m.capex)

    @metric("bn KZT")
    def pv_taxes(m) -> Expr:
        """Present value of taxes paid, at the government bond curve."""
        return present_value(m.taxes_paid, m.discount_factor)
