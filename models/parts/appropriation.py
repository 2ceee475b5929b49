"""Appropriations: what the budget is voted for the works, what is spent of it, and what the year end leaves."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    absolute,
    check,
    final,
    larger_of,
    line,
    metric,
    prev,
    smaller_of,
    total,
    where,
)

from .budget_levels import BudgetLevels
from .budget_works import BudgetWorks
from .planned_schedule import PlannedSchedule


class Appropriation(PlannedSchedule, BudgetWorks, BudgetLevels):
    """Appropriations for the works programme, with VAT, by budget year.

    Money is voted on the planned schedule: payments for the planned share as planned and a contingency on its works.
    It is spent on the actual schedule, works taken over from private money included. What the budget year leaves
    unspent is carried over to the next year up to a share of what the year was voted; the rest lapses. What a year
    spends beyond its appropriations and what it was brought is voted as a supplementary appropriation in that year.
    Operation and debt service are appropriated as they fall due.
    """

    contingency_share = Input("1", "Contingency in the appropriation, as a share of the works")
    carry_over_share = Input("1", "Carry-over allowed at year end, as a share of the year's appropriations")

    # --- contingency
    @line("bn KZT")
    def contingency(m) -> Expr:
        """Contingency appropriated, with VAT: its share of the works as planned."""
        return m.contingency_share * m.works_as_planned * (1 + m.vat_rate)

    @line("bn KZT")
    def contingency_amount(m) -> Expr:
        """Contingency of the estimate, with VAT."""
        return total(m.contingency)

    @line("bn KZT")
    def contingency_used(m) -> Expr:
        """Contingency used, with VAT: overrun of the planned share, as far as it reaches."""
        overrun = total(m.contract_works) * m.cost_overrun / (1 + m.cost_overrun)
        return smaller_of(larger_of(overrun * (1 + m.vat_rate), 0), m.contingency_amount)

    @line("bn KZT")
    def contingency_left(m) -> Expr:
        """Contingency left when the works are complete."""
        return m.contingency_amount - m.contingency_used

    # --- votes
    @line("bn KZT")
    def appropriation(m) -> Expr:
        """Appropriation for the works, with VAT: payments as planned plus contingency."""
        return m.planned_works_payment + m.contingency

    @line("bn KZT")
    def available_in_year(m) -> Expr:
        """Appropriations available to the budget year so far: brought into it and voted on plan."""
        return where(m.first_period_of_year, prev(m.carried_over), prev(m.available_in_year)) + m.appropriation

    @line("bn KZT")
    def spent_in_year(m) -> Expr:
        """Payments for the works since the start of the budget year."""
        return where(m.first_period_of_year, 0, prev(m.spent_in_year)) + m.works_payment

    @line("bn KZT")
    def supplementary_appropriation(m) -> Expr:
        """Supplementary appropriation: what the budget year spent beyond its votes."""
        return m.last_period_of_year * larger_of(m.spent_in_year - m.available_in_year, 0)

    @line("bn KZT")
    def appropriated_in_year(m) -> Expr:
        """Appropriations since the start of the budget year, supplementary ones included."""
        before = where(m.first_period_of_year, 0, prev(m.appropriated_in_year))
        return before + m.appropriation + m.supplementary_appropriation

    # --- year end
    @line("bn KZT")
    def unspent_appropriation(m) -> Expr:
        """Appropriation left unspent at the end of the budget year: carried over or lapsed."""
        return m.last_period_of_year * larger_of(m.available_in_year - m.spent_in_year, 0)

    @line("bn KZT")
    def carried_over(m) -> Expr:
        """Appropriation carried over to the next budget year, up to the share allowed."""
        return smaller_of(m.unspent_appropriation, m.carry_over_share * larger_of(m.appropriated_in_year, 0))

    @line("bn KZT")
    def lapsed(m) -> Expr:
        """Appropriation that lapses at the end of the budget year, beyond the share allowed."""
        return larger_of(m.unspent_appropriation - m.carry_over_share * larger_of(m.appropriated_in_year, 0), 0)

    # --- levels
    @line("bn KZT")
    def appropriation_republican(m) -> Expr:
        """Appropriations of the republican budget for the works, supplementary ones included."""
        return (m.appropriation + m.supplementary_appropriation) * m.republican_share

    @line("bn KZT")
    def appropriation_oblast(m) -> Expr:
        """Appropriations of the oblast budget for the works, supplementary ones included."""
        return (m.appropriation + m.supplementary_appropriation) * m.oblast_share

    @line("bn KZT")
    def appropriation_city(m) -> Expr:
        """Appropriations of the city budget for the works, supplementary ones included."""
        return (m.appropriation + m.supplementary_appropriation) * m.city_share

    @line("bn KZT")
    def appropriation_national_fund(m) -> Expr:
        """Appropriations from the National Fund for the works, supplementary ones included."""
        return (m.appropriation + m.supplementary_appropriation) * m.national_fund_share

    @metric("bn KZT")
    def total_supplementary_appropriation(m) -> Expr:
        """Supplementary appropriations over life, nominal."""
        return total(m.supplementary_appropriation)

    # --- checks
    @check
    def appropriations_reconcile(m) -> Expr:
        """Appropriations add up to what was spent, what lapsed and what is carried over."""
        voted = total(m.appropriation) + total(m.supplementary_appropriation)
        used = total(m.works_payment) + total(m.lapsed) + final(m.carried_over)
        return absolute(voted - used) / larger_of(voted, used)
