"""Budget levels: who pays what the state pays."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, Series, absolute, check, larger_of, line, metric, present_value, total

from .assets_in_service import AssetsInService


class BudgetLevels(AssetsInService):
    """Payments of the state split in fixed shares over the republican, oblast and city budgets and National Fund."""

    republican_share = Input("1", "Share paid by the republican budget")
    oblast_share = Input("1", "Share paid by the oblast budget")
    city_share = Input("1", "Share paid by the city budget")
    national_fund_share = Input("1", "Share paid by the National Fund")
    discount_factor = Series("1", "Present value at the base date of one tenge paid at the end of the period")

    @line("bn KZT")
    def state_payment(m) -> Expr:
        """Payment by the state, including VAT: works as they are delivered."""
        return m.capex * (1 + m.vat_rate)

    @line("bn KZT")
    def taxes_returned(m) -> Expr:
        """Taxes inside the payment of the state that return to the budgets: VAT on the works as they are delivered."""
        return m.capex * m.vat_rate

    @line("bn KZT")
    def state_payment_republican(m) -> Expr:
        """Payment by the republican budget."""
        return m.state_payment * m.republican_share

    @line("bn KZT")
    def state_payment_oblast(m) -> Expr:
        """Payment by the oblast budget."""
        return m.state_payment * m.oblast_share

    @line("bn KZT")
    def state_payment_city(m) -> Expr:
        """Payment by the city budget."""
        return m.state_payment * m.city_share

    @line("bn KZT")
    def state_payment_national_fund(m) -> Expr:
        """Payment by the National Fund."""
        return m.state_payment * m.national_fund_share

    @metric("bn KZT")
    def total_state_payments(m) -> Expr:
        """Payments by the state over life, nominal."""
        return total(m.state_payment)

    @metric("bn KZT")
    def pv_state_payments(m) -> Expr:
        """Present value of payments by the state, at the government bond curve."""
        return present_value(m.state_payment, m.discount_factor)

    @metric("bn KZT")
    def net_present_cost(m) -> Expr:
        """Net present cost to the state: present value of its payments less the taxes that return to the budgets.

        At the government bond curve and the base date. What contract types are compared by: each carries another
        amount of tax in its payments.
        """
        return m.pv_state_payments - present_value(m.taxes_returned, m.discount_factor)

    @check
    def levels_add_up(m) -> Expr:
        """Payments of the budget levels add up to the payments of the state."""
        central = total(m.state_payment_republican) + total(m.state_payment_national_fund)
        local = total(m.state_payment_oblast) + total(m.state_payment_city)
        return absolute(central + local - total(m.state_payment)) / larger_of(
            absolute(total(m.state_payment)), absolute(central + local)
        )
