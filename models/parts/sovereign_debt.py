"""Sovereign debt: government bonds that finance a share of the payments for the works."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    Series,
    absolute,
    check,
    final,
    larger_of,
    line,
    present_value,
    prev,
    total,
    where,
)

from .budget_works import BudgetWorks


class SovereignDebt(BudgetWorks):
    """Government bonds issued as the works are paid.

    They bear the yield of the government bond curve in each period, compounded over its length, and so are neutral in
    present value but for the cost of issue. Interest is paid as it accrues, never capitalised. From the first period
    that starts after the completion of all works the principal is repaid: in equal amounts over the term, or all of
    it when the term ends.
    """

    debt_funded_share = Input("1", "Share of the payments for the works financed by government bonds")
    bond_term = Input("year", "Term of the bonds, from the completion of the works")
    bond_bullet = Input("1", "Bonds repaid at the end of their term (1) or in equal principal (0)")
    bond_issue_cost = Input("1", "Cost of issue as a share of the bonds issued")
    discount_factor = Series("1", "Present value at the base date of one tenge paid at the end of the period")

    @line("1", opening=1)
    def bond_curve(m) -> Expr:
        """Government bond curve: present value of one tenge paid at the end of the period."""
        return m.discount_factor

    @line("bn KZT")
    def sovereign_debt_drawn(m) -> Expr:
        """Bonds issued in the period: their share of the payments for the works."""
        return m.works_payment * m.debt_funded_share

    @line("bn KZT")
    def sovereign_debt_issue_cost(m) -> Expr:
        """Cost of issuing bonds, paid from the budget."""
        return larger_of(m.sovereign_debt_drawn, 0) * m.bond_issue_cost

    @line("bn KZT")
    def sovereign_debt_interest(m) -> Expr:
        """Interest on the bonds: opening balance at the yield of the curve over the period."""
        return prev(m.sovereign_debt_outstanding) * (prev(m.bond_curve) / m.discount_factor - 1)

    @line("1")
    def bonds_in_repayment(m) -> Expr:
        """Flag: the period starts after the completion of all works and within the term of the bonds.

        A term shorter than a period ends with the first one. Where nothing is funded by debt there are no bonds.
        """
        term = larger_of(m.bond_term, m.year_fraction)
        return (m.period_start >= m.works_end) * (prev(m.bond_time) < term) * (m.debt_funded_share > 0)

    @line("year")
    def bond_time(m) -> Expr:
        """Time since repayment of the bonds began, end of period."""
        return prev(m.bond_time) + m.bonds_in_repayment * m.year_fraction

    @line("1")
    def bond_share_repaid(m) -> Expr:
        """Share of the opening balance of the bonds repaid in the period.

        Equal principal: length of the period over the term left, which is all of it in the last period.
        """
        left = m.bond_term - prev(m.bond_time)
        instalment = where(m.bond_bullet, 0, m.year_fraction / left)
        return m.bonds_in_repayment * where(left <= m.year_fraction, 1, instalment)

    @line("bn KZT")
    def sovereign_debt_principal(m) -> Expr:
        """Principal of the bonds repaid."""
        return prev(m.sovereign_debt_outstanding) * m.bond_share_repaid

    @line("bn KZT")
    def sovereign_debt_outstanding(m) -> Expr:
        """Government bonds outstanding for the works, end of period."""
        return prev(m.sovereign_debt_outstanding) + m.sovereign_debt_drawn - m.sovereign_debt_principal

    @line("bn KZT")
    def sovereign_debt_service(m) -> Expr:
        """Debt service of the bonds: interest and principal."""
        return m.sovereign_debt_interest + m.sovereign_debt_principal

    # --- checks
    @check
    def sovereign_debt_repaid(m) -> Expr:
        """The bonds are repaid in full within the calendar."""
        return absolute(final(m.sovereign_debt_outstanding)) / (total(m.works_payment) * m.debt_funded_share)

    @check
    def sovereign_debt_is_neutral(m) -> Expr:
        """Debt service of the bonds is worth what they raised, at their own rate."""
        raised = present_value(m.sovereign_debt_drawn, m.discount_factor)
        return absolute(present_value(m.sovereign_debt_service, m.discount_factor) - raised) / raised
