"""Deferred credit: the debt that deferred works build up, its interest and fees, and the instalments that repay it."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    absolute,
    check,
    final,
    line,
    maximum,
    present_value,
    prev,
    total,
    where,
)

from .deferred_works import DeferredWorks


class DeferredCredit(DeferredWorks):
    """The debt is kept in contract tenge.

    What is deferred enters it at the value of the currency basket in that period, and every payment leaves it at the
    value of its own, so both currencies reconcile. Works deferred in a period bear interest from its end. Interest
    before repayment starts is capitalised, paid as it accrues, or in the price.
    """

    interest_capitalised = Input("1", "Interest before repayment is capitalised (1) or paid (0)")
    management_fee = Input("1", "Management fee as a share of the credit, paid at signing")
    commitment_fee = Input("1/year", "Commitment fee on the undrawn credit")
    guarantee_fee = Input("1/year", "Guarantee fee on the debt outstanding")

    # --- drawings
    @line("bn KZT")
    def drawn_for_works(m) -> Expr:
        """Credit drawn for deferred works, contract tenge."""
        return m.deferred_works / m.basket_value

    @line("bn KZT")
    def credit_amount(m) -> Expr:
        """Credit committed, contract tenge: deferred works and the financed part of the insurance premium.

        works / (1 - premium rate * covered share * financed share), since the premium is due on itself too.
        """
        return total(m.drawn_for_works) / (1 - m.financed_premium_rate)

    @line("bn KZT")
    def cover_premium(m) -> Expr:
        """Export credit insurance premium, contract tenge."""
        return m.cover_premium_rate * m.cover_share * m.credit_amount

    @line("bn KZT")
    def drawn(m) -> Expr:
        """Credit drawn, contract tenge: for deferred works, and at signing for the financed part of the premium."""
        return m.drawn_for_works + m.signing * m.cover_premium_financed * m.cover_premium

    @line("bn KZT")
    def undrawn(m) -> Expr:
        """Credit committed and not yet drawn, end of period, contract tenge; 0 before signing."""
        return prev(m.undrawn) + m.signing * m.credit_amount - m.drawn

    # --- debt
    @line("bn KZT")
    def interest(m) -> Expr:
        """Interest for the period on the opening balance, contract tenge; none after the last instalment."""
        return prev(m.balance) * m.period_interest * (m.before_repayment + m.in_repayment)

    @line("bn KZT")
    def capitalised_interest(m) -> Expr:
        """Interest added to the debt before repayment starts, contract tenge."""
        return m.interest * m.interest_capitalised * m.before_repayment

    @line("bn KZT")
    def debt_at_repayment(m) -> Expr:
        """Debt before any repayment, contract tenge: drawings and capitalised interest so far."""
        return prev(m.debt_at_repayment) + m.drawn + m.capitalised_interest

    @line("bn KZT")
    def principal_by_share(m) -> Expr:
        """Principal falling due by the share of the debt that each instalment repays, contract tenge."""
        return m.debt_at_repayment * m.principal_share

    @line("bn KZT")
    def principal(m) -> Expr:
        """Principal falling due, contract tenge; the last instalment repays all that is left."""
        left = prev(m.balance) + m.drawn + m.capitalised_interest
        return where(m.repayment_time < m.repayment_term, m.principal_by_share, left)

    @line("bn KZT")
    def balance(m) -> Expr:
        """Debt to the contractor not yet due, end of period, contract tenge.

        opening + drawn + capitalised interest - principal
        """
        return prev(m.balance) + m.drawn + m.capitalised_interest - m.principal

    @line("bn KZT")
    def ledger_payment(m) -> Expr:
        """Instalment: principal and interest falling due, contract tenge."""
        return m.principal + m.interest - m.capitalised_interest

    # --- fees
    @line("bn KZT")
    def upfront_cost(m) -> Expr:
        """Insurance premium not financed and management fee, contract tenge, paid at signing."""
        return (1 - m.cover_premium_financed) * m.cover_premium + m.management_fee * m.credit_amount

    @line("bn KZT")
    def fees(m) -> Expr:
        """Insurance premium and fees paid by the state.

        Premium not financed and management fee at signing; commitment fee on the opening undrawn credit until
        taking-over.
        """
        commitment = prev(m.undrawn) * m.commitment_fee * m.year_fraction * (m.period_start < m.taking_over)
        return (m.signing * m.upfront_cost + commitment) * m.basket_value

    @line("bn KZT")
    def guarantee_cost(m) -> Expr:
        """Guarantee fee paid by the state to a guarantor, on the opening debt until the last instalment."""
        guaranteed = prev(m.balance) * (m.before_repayment + m.in_repayment)
        return guaranteed * m.guarantee_fee * m.year_fraction * m.basket_value

    # --- checks
    @line("1", opening=1)
    def contract_discount_factor(m) -> Expr:
        """Discount factor at the interest rate that the contract charges until the last instalment."""
        discount = m.period_interest / (1 + m.period_interest) * (m.before_repayment + m.in_repayment)
        return prev(m.contract_discount_factor) - prev(m.contract_discount_factor) * discount

    @check
    def debt_repaid(m) -> Expr:
        """The shares of the debt that instalments repay add up to it: the last one hides no balloon."""
        left = absolute(total(m.principal) - total(m.principal_by_share)) + absolute(final(m.balance))
        return left / maximum(m.debt_at_repayment)

    @check
    def financing_is_neutral(m) -> Expr:
        """At the rate that the contract charges, instalments are worth what was drawn."""
        drawn = present_value(m.drawn, m.contract_discount_factor)
        return absolute(present_value(m.ledger_payment, m.contract_discount_factor) - drawn) / drawn

    @check
    def credit_drawn_in_full(m) -> Expr:
        """The credit drawn equals the credit committed."""
        return absolute(total(m.drawn) - m.credit_amount) / m.credit_amount
