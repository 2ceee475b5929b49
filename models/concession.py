"""Concession: a private partner builds, finances and operates; the state pays for availability, or users pay."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, larger_of, line, metric, present_value, prev, total

from .parts.budget_levels import BudgetLevels
from .parts.partnership_obligation import PartnershipObligation


class Concession(BudgetLevels, PartnershipObligation):
    """Concession: a public-private partnership paid for availability, by its users, or by both in stated shares.

    The availability payment of a period, excluding VAT, is
        capital part       debt service + equity charge, or debt service x target cover ratio where that is more
        + operation part   planned operation and heavy maintenance, with consumer prices
        - deductions       for availability not delivered
        + tax part         the pass-through share of property tax and of the income tax the payment itself causes.
    It is sized on the contract cost: the planned cost plus the pass-through share of an overrun. The rest of an
    overrun, and operation cost above plan, come out of equity. Interest on a delay enters the debt and so the
    payment. User revenue is a share of the contract price per year, ramping up, with demand and consumer prices; the
    state may guarantee a part of the plan.

    Debt is sized on the lenders' case: plan without deductions, before working capital, on tax of the profit before
    interest and without losses carried forward, which is cautious and keeps interest out of its own size. The
    interest rate is fixed at signing. Whole periods are paid for, from the first that starts at or after taking-over.
    VAT on the availability payment and on the grant is paid by the state on top; a guarantee bears none.
    """

    key = "concession"

    tax_pass_through = Input("1", "Share of taxes that the availability payment passes through to the state")
    lenders_case_after_tax = Input("1", "Lenders' case after (1) or before (0) tax")

    # --- lenders' case
    @line("1")
    def passed_through(m) -> Expr:
        """Share of taxes passed through to the state.

        That of the availability payment, for what users do not pay.
        """
        return m.tax_pass_through * (1 - m.user_pays)

    @line("bn KZT")
    def lenders_ebitda(m) -> Expr:
        """Operating profit in the lenders' case.

        Revenue less operation, transfers for heavy maintenance and property tax borne, on plan.
        """
        revenue = m.full_payment * (1 - m.user_pays) + m.planned_user_revenue
        property_tax = total(m.contract_cost) * (1 - prev(m.depreciated_share)) * m.period_property_tax_rate
        return revenue - m.planned_operation - property_tax * (1 - m.passed_through) * m.lenders_case_after_tax

    @line("bn KZT")
    def lenders_cfads(m) -> Expr:
        """Cash flow available for debt service in the lenders' case.

        Tax on profit before interest: no interest shield and no losses carried forward, so none of it depends on debt.
        Of a tenge of that profit the partner bears rate * (1 - passed through) / (1 - rate * passed through).
        """
        profit = m.lenders_ebitda - total(m.contract_cost) * (m.depreciated_share - prev(m.depreciated_share))
        borne = m.effective_cit_rate * (1 - m.passed_through) / (1 - m.effective_cit_rate * m.passed_through)
        return m.lenders_ebitda - larger_of(profit, 0) * borne * m.lenders_case_after_tax

    # --- tax and payment
    @line("bn KZT")
    def capitalised_cost(m) -> Expr:
        """Cost put on the balance sheet: all uses of funds but the reserve.

        Less grants, plus interest of the shareholder loan.
        """
        shareholder_interest = m.shareholder_interest * (m.period_start < m.taking_over)
        return m.uses_of_funds - m.initial_reserve - m.capital_grant + shareholder_interest

    @line("bn KZT")
    def profit_before_tax(m) -> Expr:
        """Profit before income tax and the part of the payment that carries it."""
        borne_property_tax = m.property_tax * (1 - m.passed_through)
        operating = m.revenue_before_tax_part - m.operating_cost - borne_property_tax
        financing = m.interest + m.shareholder_interest * m.in_operation - m.interest_income
        return operating - m.depreciation - financing

    @line("bn KZT")
    def corporate_income_tax(m) -> Expr:
        """Corporate income tax.

        The tax part of the payment is itself taxed: rate * taxable profit / (1 - rate * passed through).
        """
        return m.taxable_profit * m.effective_cit_rate / (1 - m.effective_cit_rate * m.passed_through)

    @line("bn KZT")
    def tax_part(m) -> Expr:
        """Tax part of the availability payment: taxes passed through to the state."""
        return (m.corporate_income_tax + m.property_tax) * m.passed_through

    @line("bn KZT")
    def availability_payment(m) -> Expr:
        """Availability payment, excluding VAT."""
        return m.payment_before_tax + m.tax_part

    @line("bn KZT")
    def operating_revenue(m) -> Expr:
        """Revenue of the partner, excluding VAT."""
        return m.revenue_before_tax_part + m.tax_part

    @line("bn KZT")
    def cfads(m) -> Expr:
        """Cash flow available for debt service.

        Revenue and interest on cash less operation, heavy maintenance, taxes, growth of receivables and transfers to
        the maintenance reserve.
        """
        cost = m.operating_cost + m.property_tax + m.corporate_income_tax
        transfers = m.receivables - prev(m.receivables) + m.maintenance_reserve - prev(m.maintenance_reserve)
        return m.operating_revenue + m.interest_income - cost - transfers

    # --- the state
    @line("bn KZT")
    def availability_paid(m) -> Expr:
        """Availability payment paid in the period, excluding VAT."""
        return m.availability_payment - (m.unpaid_availability - prev(m.unpaid_availability))

    @line("bn KZT")
    def state_payment(m) -> Expr:
        """Payment by the state: availability and grant with VAT, guarantee."""
        return (m.availability_paid + m.capital_grant) * (1 + m.vat_rate) + m.guarantee_payment

    @line("bn KZT")
    def taxes_returned(m) -> Expr:
        """Taxes inside the payment of the state that return to the budgets.

        VAT on payment and grant: what the partner is refunded on its purchases its suppliers have paid. Further the
        VAT that is not refunded and the taxes passed through.
        """
        vat = m.availability_paid + m.capital_grant + m.capex * m.vat_not_refunded * (1 - m.user_pays)
        return vat * m.vat_rate + m.tax_part

    @metric("bn KZT")
    def pv_works(m) -> Expr:
        """Present value of the works, with VAT, as they are built."""
        return present_value(m.capex, m.discount_factor) * (1 + m.vat_rate)
