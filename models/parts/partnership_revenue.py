"""Revenue of a partner that the state pays for availability, users pay for use, or both."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, larger_of, line, smaller_of, where

from .availability_payment import AvailabilityPayment


class PartnershipRevenue(AvailabilityPayment):
    """Availability payment for the share users do not pay, user revenue for the rest, and a guarantee of a part of it.

    User revenue is a share of the price of the works per year, ramping up after taking-over, moved by demand and
    consumer prices.
    """

    user_pays = Input("1", "Share of the concession paid for by users instead of the state")
    user_revenue_rate = Input("1/year", "User revenue per year as a share of the price of the works")
    demand_factor = Input("1", "Demand relative to plan")
    ramp_up_years = Input("year", "Time from taking-over to full capacity")
    guaranteed_share = Input("1", "Revenue guaranteed by the state as a share of planned user revenue")
    availability_deduction = Input("1", "Deduction from the payment for availability not delivered")

    @line("1")
    def ramp_up(m) -> Expr:
        """Share of full demand reached, end of period; linear from taking-over."""
        reached = where(m.ramp_up_years > 0, (m.period_end - m.taking_over) / m.ramp_up_years, 1)
        return smaller_of(larger_of(reached, 0), 1)

    @line("bn KZT")
    def planned_user_revenue(m) -> Expr:
        """Planned user revenue, excluding VAT."""
        tariff = m.works_price * m.user_revenue_rate * m.cost_index * m.operating_time
        return tariff * m.ramp_up * m.user_pays

    @line("bn KZT")
    def user_revenue(m) -> Expr:
        """User revenue, excluding VAT."""
        return m.planned_user_revenue * m.demand_factor

    @line("bn KZT")
    def guarantee_payment(m) -> Expr:
        """Minimum revenue guarantee paid by the state.

        Guaranteed share of the plan less user revenue.
        """
        return larger_of(m.planned_user_revenue * m.guaranteed_share - m.user_revenue, 0)

    @line("bn KZT")
    def payment_before_tax(m) -> Expr:
        """Availability payment before its tax part, excluding VAT.

        Capital and operation part less deductions.
        """
        return m.full_payment * (1 - m.user_pays) * (1 - m.availability_deduction)

    @line("bn KZT")
    def revenue_before_tax_part(m) -> Expr:
        """Revenue before the tax part of the payment: availability, users, guarantee.

        Users and guarantee together pay the plan times demand or guaranteed share, whichever is more.
        """
        return m.payment_before_tax + m.planned_user_revenue * larger_of(m.demand_factor, m.guaranteed_share)

    @line("bn KZT")
    def unpaid_availability(m) -> Expr:
        """Availability payment not yet paid by the state, end of period; the tax part is settled in the period."""
        return m.payment_before_tax * m.receivable_share

    @line("bn KZT")
    def receivables(m) -> Expr:
        """Revenue not yet paid, end of period: availability payment and users."""
        return m.unpaid_availability + m.user_revenue * m.receivable_share

    @line("bn KZT")
    def operating_revenue(m) -> Expr:
        """Revenue of the partner, excluding VAT."""
        return m.revenue_before_tax_part
