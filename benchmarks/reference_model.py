"""The reference project: 33 lines in 30 years, two rates of return, four random inputs, in the modelling language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from alatau_finance.modelling import (
    Expr,
    Input,
    Model,
    Series,
    final,
    irr,
    larger_of,
    line,
    metric,
    minimum,
    present_value,
    prev,
    smaller_of,
    total,
    where,
)
from alatau_finance.modelling.calendar import Calendar

CALENDAR = Calendar(2026, 2055, 0, 1)
#: Line items (of one period each) of a scenario, in which all engines are measured.
LINE_ITEMS = 33 * CALENDAR.periods

#: What is the same in every scenario, by the names of the model's inputs.
CONSTANTS: Mapping[str, float] = MappingProxyType(
    {
        "first_year": float(CALENDAR.first_year),
        "base_cost": 100.0,
        "gearing": 0.70,
        "base_revenue": 16.0,
        "base_operating_cost": 4.0,
        "tax_rate": 0.25,
        "equity_discount_rate": 0.10,
        "project_discount_rate": 0.07,
        "construction_years": 3.0,
        "repayment_years": 15.0,
        "depreciation_years": 20.0,
        "drawn_on_average": 0.5,
        "coverage_without_debt": 1e300,
    }
)
#: Share of the cost spent in each year.
SPENDING = np.array([0.25, 0.45, 0.30, *[0.0] * (CALENDAR.periods - 3)])
#: The random inputs, in the order of the rows of every engine's input.
RANDOM = ("cost_overrun", "inflation", "interest_rate", "revenue_level")
#: What every engine hands back, in the order of its rows.
METRICS = (
    "lowest_coverage",
    "average_coverage",
    "equity_irr",
    "equity_npv",
    "project_irr",
    "project_npv",
    "debt_at_completion",
    "tax_paid",
)


class ReferenceProject(Model):
    """Reference project: built in three years, level debt service, tax with losses carried forward."""

    key = "reference"
    first_year = Input("year", "First year of construction")
    base_cost = Input("bn KZT", "Cost before overrun, at the prices of the first year")
    gearing = Input("1", "Share of the cost that is borrowed")
    base_revenue = Input("bn KZT/year", "Revenue at the prices of the first year")
    base_operating_cost = Input("bn KZT/year", "Operating cost at the prices of the first year")
    tax_rate = Input("1", "Rate of the tax on profit")
    equity_discount_rate = Input("1/year", "Discount rate of equity")
    project_discount_rate = Input("1/year", "Discount rate of the project")
    construction_years = Input("year", "Length of construction")
    repayment_years = Input("year", "Length of repayment")
    depreciation_years = Input("year", "Length of depreciation")
    drawn_on_average = Input("1", "Share of a year's loan that is drawn on average over the year")
    coverage_without_debt = Input("1", "Coverage shown where no debt is served")
    cost_overrun = Input("1", "Cost as a multiple of the base cost")
    inflation = Input("1/year", "Inflation")
    interest_rate = Input("1/year", "Interest rate")
    revenue_level = Input("1", "Revenue as a multiple of the base revenue")
    spending = Series("1", "Share of the cost spent in the period")

    # --- flags and indices
    @line("1")
    def under_construction(m) -> Expr:
        """Flag: under construction."""
        return m.period_start < m.first_year + m.construction_years

    @line("1")
    def repaying(m) -> Expr:
        """Flag: debt is served."""
        in_time = m.period_start < m.first_year + m.construction_years + m.repayment_years
        return (1 - m.under_construction) * in_time

    @line("1")
    def depreciating(m) -> Expr:
        """Flag: the works are depreciated."""
        in_time = m.period_start < m.first_year + m.construction_years + m.depreciation_years
        return (1 - m.under_construction) * in_time

    @line("1")
    def price_index(m) -> Expr:
        """Price index, first year = 1."""
        grown = prev(m.price_index) * (1 + m.inflation * m.year_fraction)
        return where(m.period_start > m.first_year, grown, 1)

    @line("1")
    def equity_discount_factor(m) -> Expr:
        """Discount factor of equity."""
        later = prev(m.equity_discount_factor) * (1 / (1 + m.equity_discount_rate * m.year_fraction))
        return where(m.period_start > m.first_year, later, 1)

    @line("1")
    def project_discount_factor(m) -> Expr:
        """Discount factor of the project."""
        later = prev(m.project_discount_factor) * (1 / (1 + m.project_discount_rate * m.year_fraction))
        return where(m.period_start > m.first_year, later, 1)

    # --- construction
    @line("bn KZT")
    def capital_expenditure(m) -> Expr:
        """Capital expenditure."""
        return m.base_cost * m.spending * m.cost_overrun * m.price_index

    @line("bn KZT")
    def drawdown(m) -> Expr:
        """Loan drawn."""
        return m.gearing * m.capital_expenditure

    @line("bn KZT")
    def capitalised_interest(m) -> Expr:
        """Interest added to the loan."""
        drawn = prev(m.construction_loan) + m.drawn_on_average * m.drawdown
        return m.under_construction * (m.interest_rate * m.year_fraction) * drawn

    @line("bn KZT")
    def construction_loan(m) -> Expr:
        """Loan before repayments."""
        return prev(m.construction_loan) + m.drawdown + m.capitalised_interest

    @line("bn KZT")
    def equity_paid_in(m) -> Expr:
        """Equity paid in."""
        return m.capital_expenditure - m.drawdown

    @metric("bn KZT")
    def debt_at_completion(m) -> Expr:
        """Debt when construction ends."""
        return final(m.construction_loan)

    # --- debt
    @line("bn KZT/year")
    def level_debt_service(m) -> Expr:
        """Debt service of a year."""
        left = (1 / (1 + m.interest_rate * m.one_year)) ** (m.repayment_years / m.one_year)
        return m.debt_at_completion * m.interest_rate / (1 - left)

    one_year = Input("year", "One year")

    @line("bn KZT")
    def opening_balance(m) -> Expr:
        """Debt at the start of the period."""
        return prev(m.closing_balance)

    @line("bn KZT")
    def interest(m) -> Expr:
        """Interest paid."""
        return m.repaying * (m.interest_rate * m.year_fraction) * m.opening_balance

    @line("bn KZT")
    def principal(m) -> Expr:
        """Debt repaid."""
        return m.repaying * (m.level_debt_service * m.year_fraction - m.interest)

    @line("bn KZT")
    def closing_balance(m) -> Expr:
        """Debt at the end of the period."""
        return m.opening_balance + m.drawdown + m.capitalised_interest - m.principal

    @line("bn KZT")
    def debt_service(m) -> Expr:
        """Debt service."""
        return m.interest + m.principal

    # --- operation
    @line("bn KZT")
    def revenue(m) -> Expr:
        """Revenue."""
        operated = (1 - m.under_construction) * m.year_fraction
        return m.base_revenue * m.revenue_level * m.price_index * operated

    @line("bn KZT")
    def operating_cost(m) -> Expr:
        """Operating cost."""
        operated = (1 - m.under_construction) * m.year_fraction
        return m.base_operating_cost * m.price_index * operated

    @line("bn KZT")
    def operating_profit(m) -> Expr:
        """Profit before interest, depreciation and tax."""
        return m.revenue - m.operating_cost

    @line("bn KZT")
    def depreciation(m) -> Expr:
        """Depreciation of the works and of the interest added to their cost."""
        cost = total(m.capital_expenditure) + total(m.capitalised_interest)
        return cost * m.year_fraction / m.depreciation_years * m.depreciating

    @line("bn KZT")
    def project_depreciation(m) -> Expr:
        """Depreciation of the works."""
        return total(m.capital_expenditure) * m.year_fraction / m.depreciation_years * m.depreciating

    # --- tax with the loan
    @line("bn KZT")
    def taxable_income(m) -> Expr:
        """Profit before tax."""
        return m.operating_profit - m.depreciation - m.interest

    @line("bn KZT")
    def opening_losses(m) -> Expr:
        """Losses carried forward at the start of the period."""
        return prev(m.losses)

    @line("bn KZT")
    def losses_used(m) -> Expr:
        """Losses set against profit."""
        return smaller_of(m.opening_losses, larger_of(m.taxable_income, 0))

    @line("bn KZT")
    def losses(m) -> Expr:
        """Losses carried forward at the end of the period."""
        return m.opening_losses - m.losses_used + larger_of(-m.taxable_income, 0)

    @line("bn KZT")
    def tax(m) -> Expr:
        """Tax on profit."""
        return m.tax_rate * (larger_of(m.taxable_income, 0) - m.losses_used)

    # --- tax without the loan
    @line("bn KZT")
    def project_taxable_income(m) -> Expr:
        """Profit before tax, without a loan."""
        return m.operating_profit - m.project_depreciation

    @line("bn KZT")
    def project_opening_losses(m) -> Expr:
        """Losses carried forward at the start of the period, without a loan."""
        return prev(m.project_losses)

    @line("bn KZT")
    def project_losses_used(m) -> Expr:
        """Losses set against profit, without a loan."""
        return smaller_of(m.project_opening_losses, larger_of(m.project_taxable_income, 0))

    @line("bn KZT")
    def project_losses(m) -> Expr:
        """Losses carried forward at the end of the period, without a loan."""
        return m.project_opening_losses - m.project_losses_used + larger_of(-m.project_taxable_income, 0)

    @line("bn KZT")
    def project_tax(m) -> Expr:
        """Tax on profit, without a loan."""
        return m.tax_rate * (larger_of(m.project_taxable_income, 0) - m.project_losses_used)

    # --- cash
    @line("bn KZT")
    def cash_for_debt_service(m) -> Expr:
        """Cash flow available for debt service."""
        return m.operating_profit - m.tax

    @line("1")
    def coverage(m) -> Expr:
        """Debt service coverage; 0 where no debt is served."""
        return m.cash_for_debt_service / m.debt_service

    @line("bn KZT")
    def equity_cash_flow(m) -> Expr:
        """Cash flow of equity."""
        return m.cash_for_debt_service - m.debt_service - m.equity_paid_in

    @line("bn KZT")
    def project_cash_flow(m) -> Expr:
        """Cash flow of the project."""
        return m.operating_profit - m.project_tax - m.capital_expenditure

    @line("1")
    def coverage_tested(m) -> Expr:
        """Debt service coverage where debt is served."""
        return where(m.repaying > 0, m.coverage, m.coverage_without_debt)

    @metric("1")
    def lowest_coverage(m) -> Expr:
        """Lowest debt service coverage."""
        return minimum(m.coverage_tested)

    @metric("1")
    def average_coverage(m) -> Expr:
        """Average debt service coverage."""
        return total(m.coverage) / (m.repayment_years / m.one_year)

    @metric("1/year")
    def equity_irr(m) -> Expr:
        """Rate of return of equity."""
        return irr(m.equity_cash_flow)

    @metric("bn KZT")
    def equity_npv(m) -> Expr:
        """Net present value of equity."""
        return present_value(m.equity_cash_flow, m.equity_discount_factor)

    @metric("1/year")
    def project_irr(m) -> Expr:
        """Rate of return of the project."""
        return irr(m.project_cash_flow)

    @metric("bn KZT")
    def project_npv(m) -> Expr:
        """Net present value of the project."""
        return present_value(m.project_cash_flow, m.project_discount_factor)

    @metric("bn KZT")
    def tax_paid(m) -> Expr:
        """Tax paid over life."""
        return total(m.tax)
