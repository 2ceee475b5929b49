"""Tax: losses carried forward, corporate income tax, property tax, and the relief of a special economic zone."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, absolute, check, final, larger_of, line, prev, smaller_of, total

from .construction import Construction


class Tax(Construction):
    """Corporate income tax with losses carried forward, and property tax on the book value.

    A contract says in lines of the same names what its ``operating_time``, ``capitalised_cost``, ``depreciation`` and
    ``profit_before_tax`` are. A loss is carried forward without limit of time; in a later period it covers at most a
    stated share of the profit. In a special economic zone neither tax is paid for the zone's term, counted from the
    start of construction; profits of that time still use up losses.
    """

    cit_rate = Input("1", "Corporate income tax rate")
    loss_offset_limit = Input("1", "Share of a profit that losses carried forward may cover")
    property_tax_rate = Input("1/year", "Property tax rate, on the book value")
    special_economic_zone = Input("1", "Participant of a special economic zone (1) or not (0)")
    sez_term = Input("year", "Term of the zone's tax relief, from the start of construction")

    @line("year")
    def operating_time(m) -> Expr:
        """Time operated in the period."""
        return m.phase_operation * m.year_fraction

    @line("bn KZT")
    def capitalised_cost(m) -> Expr:
        """Cost put on the balance sheet in the period: capital expenditure."""
        return m.capex

    @line("bn KZT")
    def depreciation(m) -> Expr:
        """Depreciation: none, unless the contract says so."""
        return 0 * m.capex

    @line("bn KZT")
    def book_value(m) -> Expr:
        """Book value of the assets, end of period."""
        return prev(m.book_value) + m.capitalised_cost - m.depreciation

    # --- relief
    @line("1")
    def income_tax_relief(m) -> Expr:
        """Share of corporate income tax waived in the period.

        All of it within the term of the zone.
        """
        return m.special_economic_zone * (m.period_start < m.construction_start + m.sez_term)

    @line("1")
    def property_tax_relief(m) -> Expr:
        """Share of property tax waived in the period: as that of corporate income tax."""
        return m.income_tax_relief

    # --- taxes
    @line("1")
    def period_property_tax_rate(m) -> Expr:
        """Property tax rate of the period after relief; 0 where nothing is operated."""
        return m.property_tax_rate * m.operating_time * (1 - m.property_tax_relief)

    @line("1")
    def effective_cit_rate(m) -> Expr:
        """Corporate income tax rate after relief."""
        return m.cit_rate * (1 - m.income_tax_relief)

    @line("bn KZT")
    def property_tax(m) -> Expr:
        """Property tax on the opening book value, while in operation."""
        return prev(m.book_value) * m.period_property_tax_rate

    @line("bn KZT")
    def profit_before_tax(m) -> Expr:
        """Profit before corporate income tax: less depreciation and property tax; what is earned the contract says."""
        return -m.depreciation - m.property_tax

    @line("bn KZT")
    def tax_losses_used(m) -> Expr:
        """Tax losses of earlier periods set off against the profit of this one.

        Within the limit.
        """
        return smaller_of(prev(m.tax_losses_carried_forward), m.loss_offset_limit * larger_of(m.profit_before_tax, 0))

    @line("bn KZT")
    def tax_losses_carried_forward(m) -> Expr:
        """Tax losses carried forward, end of period; without limit of time."""
        return prev(m.tax_losses_carried_forward) - m.tax_losses_used + larger_of(-m.profit_before_tax, 0)

    @line("bn KZT")
    def taxable_profit(m) -> Expr:
        """Taxable profit: profit less losses of earlier periods."""
        return larger_of(m.profit_before_tax, 0) - m.tax_losses_used

    @line("bn KZT")
    def corporate_income_tax(m) -> Expr:
        """Corporate income tax."""
        return m.taxable_profit * m.effective_cit_rate

    # --- checks
    @check
    def depreciated_in_full(m) -> Expr:
        """The book value ends at zero."""
        return absolute(final(m.book_value)) / total(m.capitalised_cost)

    @check
    def losses_reconcile(m) -> Expr:
        """Taxable profit less losses left equals profit over life."""
        profits = total(m.taxable_profit) + total(m.tax_losses_used)
        taxed = total(m.taxable_profit) - final(m.tax_losses_carried_forward)
        scale = profits + final(m.tax_losses_carried_forward) + total(m.depreciation)
        return absolute(taxed - total(m.profit_before_tax)) / scale
