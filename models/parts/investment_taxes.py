"""Taxes of a private investment, the regime of its special economic zone, and the budgets they are paid to."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    absolute,
    check,
    final,
    larger_of,
    line,
    prev,
    smaller_of,
    total,
    where,
)

from .private_operation import PrivateOperation
from .tax import Tax


class InvestmentTaxes(PrivateOperation, Tax):
    """Taxes by kind and by budget.

    A participant of a special economic zone pays neither income, property nor land tax for the term of its category,
    which goes by the size of the investment per project, as published; it pays no VAT on imported equipment, and so
    has none to credit. Of value-added tax the project's own payments are counted, on sales and at the border;
    suppliers and contractors pay theirs themselves. Value-added and income tax go to the republican budget; social
    and personal income tax are shared by oblast and city; property and land tax stay with the city.
    """

    domestic_sales_share = Input("1", "Share of revenue that bears VAT in Kazakhstan")
    asset_life = Input("year", "Useful life of the asset")
    social_tax = Input("1", "Social tax as a share of wages")
    pit = Input("1", "Personal income tax as a share of wages")
    land_area = Input("m2", "Land of the project")
    land_tax_city = Input("bn KZT/m2/year", "Land tax in a city of oblast significance")
    oblast_share_of_wage_taxes = Input("1", "Share of social and personal income tax that goes to the oblast")
    import_vat_relief_rate = Input("1", "Share of import VAT that a zone participant does not pay")
    project_count = Input("project", "Projects that the entry stands for")
    monthly_calculation_index = Input("bn KZT", "Monthly calculation index")
    sez_category_a_limit = Input("1/project", "Investment in monthly calculation indices below which category is A")
    sez_category_b_limit = Input("1/project", "Investment in monthly calculation indices below which category is B")
    sez_term_category_a = Input("year", "Term of relief in a special economic zone, category A")
    sez_term_category_b = Input("year", "Term of relief in a special economic zone, category B")
    sez_term_category_c = Input("year", "Term of relief in a special economic zone, category C")

    # --- special economic zone
    @line("1/project")
    def investment_in_indices(m) -> Expr:
        """Investment per project as published, in monthly calculation indices."""
        return m.cost / m.project_count / m.monthly_calculation_index

    @line("year")
    def sez_term(m) -> Expr:
        """Term of the zone's tax relief: that of category A, B or C, by size of investment."""
        above_a = where(m.investment_in_indices < m.sez_category_b_limit, m.sez_term_category_b, m.sez_term_category_c)
        return where(m.investment_in_indices < m.sez_category_a_limit, m.sez_term_category_a, above_a)

    # --- value-added tax
    @line("bn KZT")
    def purchases(m) -> Expr:
        """Purchases that bear VAT: operating cost other than wages and social tax."""
        return larger_of(m.revenue - m.operating_profit - m.wages * (1 + m.social_tax), 0)

    @line("bn KZT")
    def import_vat(m) -> Expr:
        """Import VAT on the imported part of the works, paid at the border.

        Credited like any other; a zone participant does not pay it and has nothing to credit.
        """
        waived = m.special_economic_zone * m.import_vat_relief_rate
        return m.capex * m.foreign_share * m.vat_rate * (1 - waived)

    @line("bn KZT")
    def vat_position(m) -> Expr:
        """Value-added tax on sales less that on purchases and capital expenditure."""
        domestic = m.revenue * m.domestic_sales_share - m.purchases - m.capex * (1 - m.foreign_share)
        return m.vat_rate * domestic - m.import_vat

    @line("bn KZT")
    def vat_credit(m) -> Expr:
        """Value-added tax credit carried forward, end of period."""
        return larger_of(prev(m.vat_credit) - m.vat_position, 0)

    @line("bn KZT")
    def vat_paid(m) -> Expr:
        """Value-added tax paid on sales, after credits."""
        return larger_of(m.vat_position - prev(m.vat_credit), 0)

    # --- income tax
    @line("year")
    def operated(m) -> Expr:
        """Time operated so far, end of period."""
        return prev(m.operated) + m.operating_time

    @line("year")
    def depreciation_term(m) -> Expr:
        """Depreciation term, from taking-over.

        Life of the asset, at most the operation counted, after the taking-over of the last phase.
        """
        return smaller_of(m.asset_life, m.operation_term) + m.works_end - m.taking_over

    @line("bn KZT")
    def depreciation(m) -> Expr:
        """Depreciation, straight line over the depreciation term that is left."""
        left = m.depreciation_term - prev(m.operated)
        return (prev(m.book_value) + m.capex) * smaller_of(m.operating_time / left, 1)

    @line("bn KZT")
    def land_tax(m) -> Expr:
        """Land tax, from the start of construction."""
        time = (m.phase_construction + m.phase_operation) * m.year_fraction
        return m.land_area * m.land_tax_city * time * (1 - m.property_tax_relief)

    @line("bn KZT")
    def profit_before_tax(m) -> Expr:
        """Profit before corporate income tax, after depreciation, property and land tax."""
        return m.operating_profit - m.depreciation - m.property_tax - m.land_tax

    # --- by budget
    @line("bn KZT")
    def wage_taxes(m) -> Expr:
        """Social tax and personal income tax on wages."""
        return m.wages * (m.social_tax + m.pit)

    @line("bn KZT")
    def taxes_republican(m) -> Expr:
        """Taxes paid to the republican budget: corporate income tax and value-added tax."""
        return m.corporate_income_tax + m.vat_paid + m.import_vat

    @line("bn KZT")
    def taxes_oblast(m) -> Expr:
        """Taxes paid to the oblast budget: its share of wage taxes."""
        return m.wage_taxes * m.oblast_share_of_wage_taxes

    @line("bn KZT")
    def taxes_city(m) -> Expr:
        """Taxes paid to the city budget: property, land tax and its share of wage taxes."""
        return m.property_tax + m.land_tax + m.wage_taxes * (1 - m.oblast_share_of_wage_taxes)

    @line("bn KZT")
    def taxes_local(m) -> Expr:
        """Taxes paid to local budgets: oblast and city."""
        return m.taxes_oblast + m.taxes_city

    @line("bn KZT")
    def taxes_paid(m) -> Expr:
        """Taxes paid to all budgets."""
        value_added = m.vat_paid + m.import_vat
        return m.corporate_income_tax + value_added + m.property_tax + m.land_tax + m.wage_taxes

    # --- checks
    @check
    def vat_reconciles(m) -> Expr:
        """Value-added tax paid less the credit left equals the tax on sales less that on purchases."""
        paid = total(m.vat_paid) - final(m.vat_credit)
        return absolute(paid - total(m.vat_position)) / (total(m.vat_paid) + m.vat_rate * total(m.capex))

    @check
    def taxes_by_budget_add_up(m) -> Expr:
        """Taxes of the republican, oblast and city budgets add up to taxes by kind."""
        by_budget = total(m.taxes_republican) + total(m.taxes_local)
        return absolute(total(m.taxes_paid) - by_budget) / larger_of(total(m.taxes_paid), by_budget)
