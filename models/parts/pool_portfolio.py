"""The private portfolio beside the infrastructure: what it builds, employs and pays in taxes to each budget."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Gather,
    Model,
    Series,
    absolute,
    check,
    larger_of,
    line,
    maximum,
    metric,
    present_value,
    total,
)

from .pool_scope import PORTFOLIO


def _of(unit: str, label: str, name: str) -> Gather:
    return Gather(unit, label, line=name, contracts=("investment",), group=PORTFOLIO)


class PoolPortfolio(Model):
    """Investment projects of the portfolio; private investment in the infrastructure itself is not among them."""

    discount_factor = Series("1", "Present value at the base date of one tenge paid at the end of the period")
    invested_portfolio = _of("bn KZT", "Capital expenditure of the portfolio", "capex")
    employed_portfolio = _of("person", "Jobs of the portfolio", "employment")
    building_portfolio = _of("person", "Jobs in construction of the portfolio", "construction_employment")
    taxed_portfolio = _of("bn KZT", "Taxes of the portfolio", "taxes_paid")
    taxed_republican = _of("bn KZT", "Taxes of the portfolio, republican budget", "taxes_republican")
    taxed_oblast = _of("bn KZT", "Taxes of the portfolio, oblast budget", "taxes_oblast")
    taxed_city = _of("bn KZT", "Taxes of the portfolio, city budget", "taxes_city")

    @line("bn KZT", yearly="sum")
    def portfolio_capex(m) -> Expr:
        """Capital expenditure of the private portfolio, nominal, excluding VAT."""
        return m.invested_portfolio

    @line("person", yearly="end")
    def portfolio_jobs(m) -> Expr:
        """Permanent jobs of the private portfolio."""
        return m.employed_portfolio

    @line("person", yearly="max")
    def portfolio_construction_jobs(m) -> Expr:
        """Jobs in construction of the private portfolio, on average over the period."""
        return m.building_portfolio

    @line("bn KZT", yearly="sum")
    def portfolio_taxes(m) -> Expr:
        """Taxes paid by the private portfolio, all budgets."""
        return m.taxed_portfolio

    @line("bn KZT", yearly="sum")
    def portfolio_taxes_republican(m) -> Expr:
        """Taxes paid by the private portfolio to the republican budget."""
        return m.taxed_republican

    @line("bn KZT", yearly="sum")
    def portfolio_taxes_oblast(m) -> Expr:
        """Taxes paid by the private portfolio to the oblast budget."""
        return m.taxed_oblast

    @line("bn KZT", yearly="sum")
    def portfolio_taxes_city(m) -> Expr:
        """Taxes paid by the private portfolio to the city budget."""
        return m.taxed_city

    @metric("person")
    def jobs(m) -> Expr:
        """Permanent jobs of the private portfolio, at their highest."""
        return maximum(m.portfolio_jobs)

    @metric("bn KZT")
    def pv_taxes(m) -> Expr:
        """Present value of taxes paid by the private portfolio."""
        return present_value(m.portfolio_taxes, m.discount_factor)

    @check
    def taxes_by_budget_add_up(m) -> Expr:
        """Taxes of the portfolio by budget add up to the taxes it pays."""
        taxed = total(m.portfolio_taxes)
        by_budget = (
            total(m.portfolio_taxes_republican) + total(m.portfolio_taxes_oblast) + total(m.portfolio_taxes_city)
        )
        return absolute(by_budget - taxed) / larger_of(absolute(by_budget), absolute(taxed))
