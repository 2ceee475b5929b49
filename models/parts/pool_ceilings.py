"""Ceilings on the whole pool and on what the republic pays: affordability, budget, National Fund, obligation limit."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, Series, larger_of, line, maximum, metric

from .pool_obligations import PoolObligations
from .pool_payments import PoolPayments
from .pool_scope import since_january


class PoolCeilings(PoolObligations, PoolPayments):
    """Payments since 1 January against the ceiling of the same budget year, tested at its end.

    The affordability ceiling is a policy test of the pool as a whole: what all budgets pay against the spending of the
    republican one. The republican budget is also held against its own spending, of which transfers from the National
    Fund for the pool are no part; those are held against a share of the targeted transfers that the law allows. The
    obligation limit is on obligations taken by signing less what has been paid, and is tested in every period.
    """

    affordability_share = Input("1", "Ceiling: payments as a share of republican spending")
    republican_payment_share = Input("1", "Ceiling: payments by the republican budget as a share of its spending")
    guaranteed_transfer = Input("bn KZT/year", "Guaranteed transfer of the National Fund, until the budget plan ends")
    targeted_transfer_cap = Input("1", "Highest targeted transfers of the National Fund over the guaranteed transfer")
    targeted_transfer_share = Input("1", "Ceiling: share of the highest targeted transfers that the pool may use")
    republican_spending = Series("bn KZT/year", "Spending of the republican budget, annual rate")
    obligation_limit = Series("bn KZT", "Highest obligations outstanding that the pool may reach")
    plan_growth_index = Series("1", "Growth of budgets since the last year of the published plan")

    # --- affordability: all budgets
    @line("bn KZT", yearly="end")
    def affordability_ceiling(m) -> Expr:
        """Ceiling on payments: share of republican spending since the start of the budget year."""
        spending = m.affordability_share * m.republican_spending * m.year_fraction
        return since_january(m, m.affordability_ceiling, spending)

    @line("bn KZT", yearly="end")
    def affordability_headroom(m) -> Expr:
        """Headroom under the affordability ceiling."""
        return m.affordability_ceiling - m.payments_in_year

    @line("bn KZT")
    def affordability_shortfall(m) -> Expr:
        """Payments of the budget year beyond the affordability ceiling, at its end."""
        return m.last_period_of_year * larger_of(-m.affordability_headroom, 0)

    @line("1", yearly="max")
    def affordability_breach(m) -> Expr:
        """Flag: payments of the budget year exceed the affordability ceiling."""
        return m.affordability_shortfall > 0

    @metric("1")
    def breach_affordability(m) -> Expr:
        """The affordability ceiling is breached in some budget year (1) or never (0)."""
        return maximum(m.affordability_breach)

    @metric("bn KZT")
    def largest_shortfall_affordability(m) -> Expr:
        """Largest payments of a budget year beyond the affordability ceiling."""
        return maximum(m.affordability_shortfall)

    # --- the republican budget
    @line("bn KZT")
    def republican_payments_in_year(m) -> Expr:
        """Payments by the republican budget since the start of the budget year."""
        return since_january(m, m.republican_payments_in_year, m.state_payments_republican)

    @line("bn KZT", yearly="end")
    def republican_ceiling(m) -> Expr:
        """Ceiling on payments by the republican budget: share of its spending since 1 January."""
        spending = m.republican_payment_share * m.republican_spending * m.year_fraction
        return since_january(m, m.republican_ceiling, spending)

    @line("bn KZT", yearly="end")
    def republican_headroom(m) -> Expr:
        """Headroom under the ceiling of the republican budget."""
        return m.republican_ceiling - m.republican_payments_in_year

    @line("bn KZT")
    def republican_shortfall(m) -> Expr:
        """Payments by the republican budget beyond its ceiling, at the end of the budget year."""
        return m.last_period_of_year * larger_of(-m.republican_headroom, 0)

    @line("1", yearly="max")
    def republican_breach(m) -> Expr:
        """Flag: payments by the republican budget in the budget year exceed its ceiling."""
        return m.republican_shortfall > 0

    @metric("1")
    def breach_republican(m) -> Expr:
        """The ceiling of the republican budget is breached in some budget year (1) or never (0)."""
        return maximum(m.republican_breach)

    @metric("bn KZT")
    def largest_shortfall_republican(m) -> Expr:
        """Largest payments by the republican budget in a budget year beyond its ceiling."""
        return maximum(m.republican_shortfall)

    # --- the National Fund
    @line("bn KZT")
    def national_fund_payments_in_year(m) -> Expr:
        """Payments by the National Fund since the start of the budget year."""
        return since_january(m, m.national_fund_payments_in_year, m.state_payments_national_fund)

    @line("bn KZT", yearly="end")
    def national_fund_ceiling(m) -> Expr:
        """Ceiling on payments by the National Fund since the start of the budget year.

        The pool's share of the highest targeted transfers: a share of the guaranteed transfer, which after the budget
        plan grows as budgets do.
        """
        highest = m.targeted_transfer_cap * m.guaranteed_transfer * m.plan_growth_index
        return since_january(m, m.national_fund_ceiling, m.targeted_transfer_share * highest * m.year_fraction)

    @line("bn KZT", yearly="end")
    def national_fund_headroom(m) -> Expr:
        """Headroom under the ceiling on payments by the National Fund."""
        return m.national_fund_ceiling - m.national_fund_payments_in_year

    @line("bn KZT")
    def national_fund_shortfall(m) -> Expr:
        """Payments by the National Fund beyond their ceiling, at the end of the budget year."""
        return m.last_period_of_year * larger_of(-m.national_fund_headroom, 0)

    @line("1", yearly="max")
    def national_fund_breach(m) -> Expr:
        """Flag: payments by the National Fund in the budget year exceed their ceiling."""
        return m.national_fund_shortfall > 0

    @metric("1")
    def breach_national_fund(m) -> Expr:
        """The ceiling of the National Fund is breached in some budget year (1) or never (0)."""
        return maximum(m.national_fund_breach)

    @metric("bn KZT")
    def largest_shortfall_national_fund(m) -> Expr:
        """Largest payments by the National Fund in a budget year beyond their ceiling."""
        return maximum(m.national_fund_shortfall)

    # --- the obligation limit
    @line("bn KZT", yearly="end")
    def obligation_headroom(m) -> Expr:
        """Headroom under the obligation limit: limit less obligations outstanding and committed."""
        return m.obligation_limit - m.obligations_taken

    @line("bn KZT")
    def obligation_shortfall(m) -> Expr:
        """Obligations taken beyond their limit, end of period."""
        return larger_of(-m.obligation_headroom, 0)

    @line("1", yearly="max")
    def obligation_breach(m) -> Expr:
        """Flag: obligations taken exceed their limit."""
        return m.obligation_shortfall > 0

    @metric("1")
    def breach_obligation_limit(m) -> Expr:
        """The obligation limit is breached at some time (1) or never (0)."""
        return maximum(m.obligation_breach)

    @metric("bn KZT")
    def largest_shortfall_obligation_limit(m) -> Expr:
        """Largest obligations taken beyond their limit."""
        return maximum(m.obligation_shortfall)
