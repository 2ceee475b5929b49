"""Availability payment: what a state pays so that debt is served and equity earns its return, on plan."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, larger_of, line, maximum, present_value, prev, smaller_of, total

from .senior_debt import SeniorDebt


class AvailabilityPayment(SeniorDebt):
    """Payment sized on the contract: debt at the gearing cap, its level repayment profile and planned cost.

    So it depends neither on the debt that is lent in the end nor on what happens afterwards, and nothing is circular.
    The equity charge is level and makes the planned cash flow of the shareholders worth nothing at the required
    return: funds paid in, reserves and what they earn, the wait for receivables.
    """

    equity_premium = Input("1/year", "Premium of the return on equity over government bonds")
    receivable_time = Input("year", "Time from the end of a period until its revenue is paid")
    one_year = Input("year", "One year: turns an annual rate into a growth factor")

    # --- required return
    @line("1/year")
    def required_equity_return(m) -> Expr:
        """Return on equity that the payment is sized for, annual effective.

        Bond yield at signing plus premium.
        """
        return m.signed_yield + m.equity_premium

    @line("1")
    def period_equity_return(m) -> Expr:
        """Required return on equity per period.

        (1 + annual) ^ period length - 1
        """
        return (1 + m.required_equity_return * m.one_year) ** (maximum(m.operating_time) / m.one_year) - 1

    @line("1", opening=1)
    def equity_discount_factor(m) -> Expr:
        """Discount factor of equity, start of the calendar = 1.

        Value of one tenge at the end of the period, at the required return.
        """
        return prev(m.equity_discount_factor) / (1 + m.period_equity_return)

    @line("1")
    def receivable_share(m) -> Expr:
        """Share of the revenue of the period not yet paid at its end.

        The last period is paid in full.
        """
        waiting = smaller_of(m.receivable_time / m.year_fraction, 1)
        return waiting * m.in_operation * (m.operated < m.concession_term)

    @line("1")
    def waiting_cost(m) -> Expr:
        """Cost of waiting one period for receivables, as a share of the revenue of the period.

        receivable share * (1 - 1 / (1 + period return))
        """
        return m.receivable_share * m.period_equity_return / (1 + m.period_equity_return)

    # --- equity charge
    @line("bn KZT")
    def planned_debt_service(m) -> Expr:
        """Debt service that the payment is sized on: debt at the gearing cap, level profile."""
        return m.gearing_debt * m.level_service_share

    @line("bn KZT")
    def contract_uses(m) -> Expr:
        """Uses of funds on the contract, net of grants, at the gearing cap."""
        financing = m.fees_and_reserve_share + prev(m.drawn_share) * m.construction_interest
        return m.contract_cost + m.gearing_debt * financing

    @line("bn KZT")
    def equity_requirement(m) -> Expr:
        """Cash that shareholders give up on plan before the equity charge.

        Uses of funds less debt; then change of the debt service reserve less what the reserves earn, and cost of
        waiting for the rest of the payment.
        """
        paid_in = m.contract_uses - m.gearing_debt * (m.drawn_share - prev(m.drawn_share))
        reserve = (m.level_reserve_share - prev(m.level_reserve_share)) * m.in_operation
        earned = (m.gearing_debt * prev(m.level_reserve_share) + prev(m.maintenance_reserve)) * m.deposit_interest
        waiting = m.waiting_cost * (m.planned_debt_service + m.planned_operation)
        return paid_in + m.gearing_debt * reserve - earned + waiting

    @line("1")
    def equity_annuity_factor(m) -> Expr:
        """Value of one tenge of equity charge in the period.

        At the required return and after the wait for it.
        """
        return m.in_operation * m.equity_discount_factor * (1 - m.waiting_cost)

    @line("bn KZT")
    def equity_charge(m) -> Expr:
        """Equity charge.

        Level over the operating term, worth the equity requirement at the required return.
        """
        worth = present_value(m.equity_requirement, m.equity_discount_factor)
        return m.in_operation * worth / total(m.equity_annuity_factor)

    @line("bn KZT")
    def net_equity_charge(m) -> Expr:
        """Equity charge less the cost of waiting for it."""
        return m.equity_charge * (1 - m.waiting_cost)

    # --- payment
    @line("bn KZT")
    def capital_payment(m) -> Expr:
        """Capital part of the payment.

        Debt service plus equity charge, or debt service times target cover where that is more.
        """
        return larger_of(m.planned_debt_service + m.equity_charge, m.planned_debt_service * m.target_dscr)

    @line("bn KZT")
    def full_payment(m) -> Expr:
        """Payment for full availability before its tax part.

        Capital, operation and heavy maintenance on plan.
        """
        return m.capital_payment + m.planned_operation
