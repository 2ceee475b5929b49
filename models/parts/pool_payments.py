"""Payments of the state for the pool: by contract type, by budget level, by budget year."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Gather, Model, absolute, check, larger_of, line, maximum, metric, total

from .pool_scope import INFRASTRUCTURE, STATE, since_january


class PoolPayments(Model):
    """Payments are gross, VAT included, although VAT returns to the republican budget."""

    paid_all = Gather(
        "bn KZT", "State payments, all contracts", line="state_payment", contracts=STATE, group=INFRASTRUCTURE
    )
    paid_budget = Gather(
        "bn KZT", "State payments, budget", line="state_payment", contracts=("budget",), group=INFRASTRUCTURE
    )
    paid_epcf = Gather(
        "bn KZT", "State payments, EPC+F", line="state_payment", contracts=("epcf",), group=INFRASTRUCTURE
    )
    paid_concession = Gather(
        "bn KZT", "State payments, concessions", line="state_payment", contracts=("concession",), group=INFRASTRUCTURE
    )
    paid_republican = Gather(
        "bn KZT",
        "State payments, republican budget",
        line="state_payment_republican",
        contracts=STATE,
        group=INFRASTRUCTURE,
    )
    paid_oblast = Gather(
        "bn KZT", "State payments, oblast budget", line="state_payment_oblast", contracts=STATE, group=INFRASTRUCTURE
    )
    paid_city = Gather(
        "bn KZT", "State payments, city budget", line="state_payment_city", contracts=STATE, group=INFRASTRUCTURE
    )
    paid_national_fund = Gather(
        "bn KZT",
        "State payments, National Fund",
        line="state_payment_national_fund",
        contracts=STATE,
        group=INFRASTRUCTURE,
    )
    linked_payments = Gather(
        "bn KZT",
        "EPC+F payments linked to the dollar",
        line="fx_linked_payment",
        contracts=("epcf",),
        group=INFRASTRUCTURE,
    )
    unspent = Gather(
        "bn KZT",
        "Appropriations left unspent at year end",
        line="unspent_appropriation",
        contracts=("budget",),
        group=INFRASTRUCTURE,
    )

    @line("bn KZT", yearly="sum")
    def state_payments(m) -> Expr:
        """Payments by the state, with VAT."""
        return m.paid_all

    @line("bn KZT", yearly="sum")
    def state_payments_budget(m) -> Expr:
        """Payments by the state under budget procurement, with VAT."""
        return m.paid_budget

    @line("bn KZT", yearly="sum")
    def state_payments_epcf(m) -> Expr:
        """Payments by the state under EPC+F, with VAT."""
        return m.paid_epcf

    @line("bn KZT", yearly="sum")
    def state_payments_concession(m) -> Expr:
        """Payments by the state under concessions, with VAT."""
        return m.paid_concession

    @line("bn KZT", yearly="sum")
    def state_payments_republican(m) -> Expr:
        """Payments by the republican budget."""
        return m.paid_republican

    @line("bn KZT", yearly="sum")
    def state_payments_oblast(m) -> Expr:
        """Payments by the oblast budget."""
        return m.paid_oblast

    @line("bn KZT", yearly="sum")
    def state_payments_city(m) -> Expr:
        """Payments by the city budget."""
        return m.paid_city

    @line("bn KZT", yearly="sum")
    def state_payments_national_fund(m) -> Expr:
        """Payments by the National Fund."""
        return m.paid_national_fund

    @line("bn KZT", yearly="sum")
    def fx_linked_payments(m) -> Expr:
        """Payments by the state linked to the dollar."""
        return m.linked_payments

    @line("bn KZT", yearly="sum")
    def unspent_appropriations(m) -> Expr:
        """Appropriations for works unspent at year end: carried over or lapsed."""
        return m.unspent

    # --- within the budget year
    @line("bn KZT", yearly="end")
    def payments_in_year(m) -> Expr:
        """Payments by the state since the start of the budget year."""
        return since_january(m, m.payments_in_year, m.state_payments)

    @line("bn KZT")
    def linked_payments_in_year(m) -> Expr:
        """Payments linked to the dollar since the start of the budget year."""
        return since_january(m, m.linked_payments_in_year, m.fx_linked_payments)

    @line("1", yearly="end")
    def fx_linked_share_of_payments(m) -> Expr:
        """Share of the budget year's payments that is linked to the dollar."""
        return m.linked_payments_in_year / m.payments_in_year

    @metric("bn KZT")
    def total_state_payments(m) -> Expr:
        """Payments by the state over life, nominal, with VAT."""
        return total(m.state_payments)

    @metric("bn KZT")
    def peak_year_payments(m) -> Expr:
        """Largest payments by the state in one budget year."""
        return maximum(m.payments_in_year)

    # --- checks
    @check
    def modes_add_up(m) -> Expr:
        """Payments by contract type add up to the payments of the state."""
        by_mode = total(m.state_payments_budget) + total(m.state_payments_epcf) + total(m.state_payments_concession)
        size = larger_of(absolute(by_mode), absolute(m.total_state_payments))
        return absolute(by_mode - m.total_state_payments) / size

    @check
    def levels_add_up(m) -> Expr:
        """Payments by budget level add up to the payments of the state."""
        central = total(m.state_payments_republican) + total(m.state_payments_national_fund)
        local = total(m.state_payments_oblast) + total(m.state_payments_city)
        size = larger_of(absolute(central + local), absolute(m.total_state_payments))
        return absolute(central + local - m.total_state_payments) / size
