"""Ceilings on what oblast and city pay: their budgets, and the cap on the service of local debt."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Gather, Input, Series, larger_of, line, maximum, metric

from .pool_payments import PoolPayments
from .pool_scope import INFRASTRUCTURE, since_january

DEFERRED = ("epcf", "concession")


class PoolLocalCeilings(PoolPayments):
    """Payments since 1 January against the ceiling of the same budget year, tested at its end.

    All that the oblast pays is held against a share of its revenue, all that the city pays against its whole budget.
    What both pay on EPC+F and concessions is service of local debt in substance, and is held against the cap on that;
    the revenue is the oblast's alone, since a city of oblast significance does not borrow.
    """

    oblast_payment_share = Input("1", "Ceiling: payments by the oblast as a share of its revenue")
    local_debt_service_cap = Input(
        "1", "Ceiling: oblast and city payments on deferred contracts as a share of regional revenue"
    )
    regional_revenue = Series("bn KZT/year", "Revenue of Almaty oblast, annual rate")
    city_budget = Series("bn KZT/year", "Budget of the city of Alatau, annual rate")
    deferred_oblast = Gather(
        "bn KZT",
        "Oblast payments on deferred contracts",
        line="state_payment_oblast",
        contracts=DEFERRED,
        group=INFRASTRUCTURE,
    )
    deferred_city = Gather(
        "bn KZT",
        "City payments on deferred contracts",
        line="state_payment_city",
        contracts=DEFERRED,
        group=INFRASTRUCTURE,
    )

    # --- the oblast
    @line("bn KZT")
    def oblast_payments_in_year(m) -> Expr:
        """Payments by the oblast since the start of the budget year."""
        return since_january(m, m.oblast_payments_in_year, m.state_payments_oblast)

    @line("bn KZT", yearly="end")
    def oblast_ceiling(m) -> Expr:
        """Ceiling on payments by the oblast: share of its revenue since the start of the budget year."""
        revenue = m.oblast_payment_share * m.regional_revenue * m.year_fraction
        return since_january(m, m.oblast_ceiling, revenue)

    @line("bn KZT", yearly="end")
    def oblast_headroom(m) -> Expr:
        """Headroom under the ceiling of the oblast."""
        return m.oblast_ceiling - m.oblast_payments_in_year

    @line("bn KZT")
    def oblast_shortfall(m) -> Expr:
        """Payments by the oblast beyond its ceiling, at the end of the budget year."""
        return m.last_period_of_year * larger_of(-m.oblast_headroom, 0)

    @line("1", yearly="max")
    def oblast_breach(m) -> Expr:
        """Flag: payments by the oblast in the budget year exceed its ceiling."""
        return m.oblast_shortfall > 0

    @metric("1")
    def breach_oblast(m) -> Expr:
        """The ceiling of the oblast is breached in some budget year (1) or never (0)."""
        return maximum(m.oblast_breach)

    @metric("bn KZT")
    def largest_shortfall_oblast(m) -> Expr:
        """Largest payments by the oblast in a budget year beyond its ceiling."""
        return maximum(m.oblast_shortfall)

    # --- the city
    @line("bn KZT")
    def city_payments_in_year(m) -> Expr:
        """Payments by the city since the start of the budget year."""
        return since_january(m, m.city_payments_in_year, m.state_payments_city)

    @line("bn KZT", yearly="end")
    def city_budget_ceiling(m) -> Expr:
        """Ceiling on city payments: the city's budget since the start of the budget year."""
        return since_january(m, m.city_budget_ceiling, m.city_budget * m.year_fraction)

    @line("bn KZT", yearly="end")
    def city_budget_headroom(m) -> Expr:
        """Headroom under the city's budget."""
        return m.city_budget_ceiling - m.city_payments_in_year

    @line("bn KZT")
    def city_budget_shortfall(m) -> Expr:
        """Payments by the city beyond its budget, at the end of the budget year."""
        return m.last_period_of_year * larger_of(-m.city_budget_headroom, 0)

    @line("1", yearly="max")
    def city_budget_breach(m) -> Expr:
        """Flag: city payments of the budget year exceed the city's budget."""
        return m.city_budget_shortfall > 0

    @metric("1")
    def breach_city_budget(m) -> Expr:
        """The city's budget is exceeded in some budget year (1) or never (0)."""
        return maximum(m.city_budget_breach)

    @metric("bn KZT")
    def largest_shortfall_city_budget(m) -> Expr:
        """Largest payments by the city in a budget year beyond its budget."""
        return maximum(m.city_budget_shortfall)

    # --- service of local debt
    @line("bn KZT", yearly="sum")
    def local_deferred_payments(m) -> Expr:
        """Payments by oblast and city on EPC+F and concessions."""
        return m.deferred_oblast + m.deferred_city

    @line("bn KZT")
    def local_deferred_in_year(m) -> Expr:
        """Oblast and city payments on deferred contracts since the start of the budget year."""
        return since_january(m, m.local_deferred_in_year, m.local_deferred_payments)

    @line("bn KZT", yearly="end")
    def local_debt_service_ceiling(m) -> Expr:
        """Ceiling on local deferred payments: share of the oblast's revenue since the start of the budget year."""
        revenue = m.local_debt_service_cap * m.regional_revenue * m.year_fraction
        return since_january(m, m.local_debt_service_ceiling, revenue)

    @line("bn KZT", yearly="end")
    def local_debt_service_headroom(m) -> Expr:
        """Headroom under the ceiling on local deferred payments."""
        return m.local_debt_service_ceiling - m.local_deferred_in_year

    @line("bn KZT")
    def local_debt_service_shortfall(m) -> Expr:
        """Local deferred payments beyond their ceiling, at the end of the budget year."""
        return m.last_period_of_year * larger_of(-m.local_debt_service_headroom, 0)

    @line("1", yearly="max")
    def local_debt_service_breach(m) -> Expr:
        """Flag: local deferred payments of the budget year exceed their ceiling."""
        return m.local_debt_service_shortfall > 0

    @metric("1")
    def breach_local_debt_service(m) -> Expr:
        """The ceiling on local deferred payments is breached in some budget year (1) or never (0)."""
        return maximum(m.local_debt_service_breach)

    @metric("bn KZT")
    def largest_shortfall_local_debt_service(m) -> Expr:
        """Largest local deferred payments of a budget year beyond their ceiling."""
        return maximum(m.local_debt_service_shortfall)
