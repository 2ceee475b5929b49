"""Planned schedule: the works, their payment and their operation had nothing slipped and nothing cost more."""

from __future__ import annotations

from alatau_finance.modelling import Expr, larger_of, line, prev, smaller_of, where

from .progress_payments import ProgressPayments
from .s_curve import s_curve
from .state_operation import StateOperation, operating_time_after, operation_at_plan


class PlannedSchedule(ProgressPayments, StateOperation):
    """The works at their price before overruns, from the planned start over the planned duration.

    Prices are those of the path in the period for which the works were planned, so that what is left between plan and
    outcome is overrun and slip.
    """

    # --- works
    @line("year")
    def planned_taking_over(m) -> Expr:
        """Planned taking-over: start and duration without delay and slip."""
        return m.start + m.duration

    @line("1")
    def planned_elapsed(m) -> Expr:
        """Share of the planned construction time that has elapsed, end of period."""
        return smaller_of(larger_of((m.period_end - m.start) / m.duration, 0), 1)

    @line("1")
    def planned_progress(m) -> Expr:
        """Share of the works complete on the planned schedule, end of period."""
        return s_curve(m, m.planned_elapsed)

    @line("1")
    def planned_increment(m) -> Expr:
        """Share of the works planned for the period."""
        return m.planned_progress - prev(m.planned_progress)

    @line("bn KZT")
    def works_as_planned(m) -> Expr:
        """Works as planned: price before overruns, planned schedule, excluding VAT."""
        return m.works_price * m.planned_increment * m.escalation

    # --- payments for works
    @line("bn KZT")
    def planned_advance_paid(m) -> Expr:
        """Advance as planned, in the period of the planned start."""
        signing = (m.period_start <= m.start) * (m.start < m.period_end)
        return signing * m.advance_share * m.works_price * m.escalation

    @line("bn KZT")
    def planned_advance(m) -> Expr:
        """Advance paid so far as planned, end of period."""
        return prev(m.planned_advance) + m.planned_advance_paid

    @line("bn KZT")
    def planned_advance_recovered(m) -> Expr:
        """Recovery of the advance as planned, in proportion to progress."""
        return m.planned_advance * m.planned_increment

    @line("bn KZT")
    def planned_retained(m) -> Expr:
        """Retention withheld as planned."""
        left = m.works_as_planned - m.planned_advance_recovered
        return larger_of(smaller_of(m.retention_share * m.works_as_planned, left), 0)

    @line("bn KZT")
    def planned_retention_released(m) -> Expr:
        """Retention released as planned, in the period of the planned taking-over."""
        completion = (m.period_start < m.planned_taking_over) * (m.planned_taking_over <= m.period_end)
        return where(completion, prev(m.planned_retention_held) + m.planned_retained, 0)

    @line("bn KZT")
    def planned_retention_held(m) -> Expr:
        """Retention held as planned, end of period."""
        return prev(m.planned_retention_held) + m.planned_retained - m.planned_retention_released

    @line("bn KZT")
    def planned_works_payment(m) -> Expr:
        """Payments for the works as planned, with VAT."""
        net_works = m.works_as_planned * (1 + m.vat_rate) - m.planned_advance_recovered - m.planned_retained
        return m.planned_advance_paid + net_works + m.planned_retention_released

    # --- operation
    @line("bn KZT")
    def operation_as_planned(m) -> Expr:
        """Operation and maintenance as planned, from the planned taking-over, excluding VAT."""
        return operation_at_plan(m, m.works_price, operating_time_after(m, m.planned_taking_over))
