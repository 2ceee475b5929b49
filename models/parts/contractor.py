"""The contractor who also finances: cost, funding need, net present value, rate of return, margin."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    irr,
    larger_of,
    line,
    metric,
    minimum,
    present_value,
    prev,
    total,
)

from .delay_damages import DelayDamages
from .late_instalments import LateInstalments


class Contractor(DelayDamages, LateInstalments):
    """Cash flow of the contractor before its own borrowing and tax, in tenge, excluding VAT.

    The contractor bears the overrun that is not passed through and pays the whole insurance premium, of which the state
    refunds the part that is not financed.
    """

    contractor_discount_rate = Input("1/year", "Discount rate of the contractor, annual, in tenge")
    one_year = Input("year", "One year: turns an annual rate into a growth factor")

    @line("bn KZT")
    def contract_payment(m) -> Expr:
        """Payments under the contract, excluding VAT, less liquidated damages."""
        financing = m.debt_service + m.fees + m.late_payment_penalty
        return m.cash_for_works + financing - m.liquidated_damages

    @line("bn KZT")
    def contractor_cost(m) -> Expr:
        """Contractor's cost of the works, excluding VAT: cost with its overrun, at prices of the period."""
        return m.base_cost * m.financing_share * (1 + m.cost_overrun) * m.progress_increment * m.escalation

    @line("bn KZT")
    def contractor_cash(m) -> Expr:
        """Cash flow of the contractor, who also finances, before its own borrowing and tax.

        Contract payments less cost of the works and less the whole insurance premium.
        """
        premium = m.signing * m.cover_premium * m.basket_value
        return m.contract_payment - m.contractor_cost - premium

    # --- funding
    @line("bn KZT")
    def contractor_funding(m) -> Expr:
        """Cumulative cash flow of the contractor."""
        return prev(m.contractor_funding) + m.contractor_cash

    @line("bn KZT")
    def contractor_funding_need(m) -> Expr:
        """Funding need of the contractor: money to be raised in the period.

        What earlier payments leave is used up first.
        """
        return larger_of(larger_of(-m.contractor_funding, 0) - larger_of(-prev(m.contractor_funding), 0), 0)

    @metric("bn KZT")
    def contractor_peak_funding(m) -> Expr:
        """Largest sum the contractor has to fund."""
        return larger_of(-minimum(m.contractor_funding), 0)

    # --- return
    @line("1", opening=1)
    def contractor_discount_factor(m) -> Expr:
        """Present value to the contractor of one tenge at the end of the period."""
        growth = (1 + m.contractor_discount_rate * m.one_year) ** (m.year_fraction / m.one_year)
        return prev(m.contractor_discount_factor) / growth

    @metric("bn KZT")
    def contractor_npv(m) -> Expr:
        """Contractor's net present value, before its own borrowing and tax.

        At the base date and the contractor's discount rate.
        """
        return present_value(m.contractor_cash, m.contractor_discount_factor)

    @line("bn KZT")
    def contractor_return_flow(m) -> Expr:
        """Cash flow of the contractor with the advance counted as it is recovered, so that its sign changes once."""
        return m.contractor_cash - m.advance_paid + m.advance_recovered

    @metric("1/year")
    def contractor_irr(m) -> Expr:
        """Contractor's internal rate of return, in tenge, before its own borrowing and tax."""
        return irr(m.contractor_return_flow)

    @metric("1")
    def contractor_margin(m) -> Expr:
        """Contractor's margin on the works, before what financing earns.

        (certified works without the interest in their price - cost - liquidated damages) / certified works without
        the interest in their price
        """
        price = total(m.capex) - total(m.priced_in_interest)
        return (price - total(m.contractor_cost) - m.liquidated_damages_due) / price
