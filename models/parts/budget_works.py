"""Budget works: what the state builds with budget money, what it pays for it, and its operation."""

from __future__ import annotations

from alatau_finance.modelling import Expr, absolute, check, larger_of, line, smaller_of, total

from .private_shortfall import PrivateShortfall
from .progress_payments import ProgressPayments
from .state_operation import StateOperation, operating_time_after, operation_at_plan


class BudgetWorks(PrivateShortfall, ProgressPayments, StateOperation):
    """The planned share under a contract with advance and retention, and works taken over, paid as certified.

    Value-added tax is paid on what is certified. The state bears every overrun.
    """

    # --- works
    @line("bn KZT")
    def contract_works(m) -> Expr:
        """Certified works of the planned share, excluding VAT."""
        return m.works_price * (1 + m.cost_overrun) * m.progress_increment * m.escalation

    @line("bn KZT")
    def capex(m) -> Expr:
        """Capital expenditure, excluding VAT: certified works, those taken over included."""
        return m.contract_works + m.takeover_works

    @line("bn KZT")
    def indexation(m) -> Expr:
        """Indexation: what price changes add to certified works, excluding VAT."""
        real = m.works_price * m.progress_increment + m.takeover_built
        return real * (1 + m.cost_overrun) * (m.escalation - m.base_price_level)

    # --- payments for works
    @line("bn KZT")
    def retained(m) -> Expr:
        """Retention withheld from certified works of the planned share.

        Its share of certified works, at most what is left of them after the advance.
        """
        left = m.contract_works - m.advance_recovered
        return larger_of(smaller_of(m.retention_share * m.contract_works, left), 0)

    @line("bn KZT")
    def works_payment(m) -> Expr:
        """Payments for the works, with VAT.

        Advance, certified works less its recovery and retention, retention released, VAT on certified works.
        """
        net_works = m.capex - m.advance_recovered - m.retained
        return m.advance_paid + net_works + m.retention_released + m.capex * m.vat_rate

    # --- operation
    @line("bn KZT")
    def contract_operation(m) -> Expr:
        """Operation and maintenance of the planned share, excluding VAT."""
        return operation_at_plan(m, m.works_price, m.operating_time) * (1 + m.opex_overrun)

    @line("bn KZT")
    def takeover_operation(m) -> Expr:
        """Operation and maintenance of the works taken over, excluding VAT."""
        time = operating_time_after(m, m.takeover_end)
        return operation_at_plan(m, m.takeover_price, time) * (1 + m.opex_overrun)

    @line("bn KZT")
    def operation_cost(m) -> Expr:
        """Operation and maintenance of all works paid by the state, excluding VAT."""
        return m.contract_operation + m.takeover_operation

    # --- checks
    @check
    def works_paid_in_full(m) -> Expr:
        """Payments for the works add up to certified works with VAT."""
        certified = total(m.capex) * (1 + m.vat_rate)
        return absolute(total(m.works_payment) - certified) / certified

    @check
    def works_reconcile(m) -> Expr:
        """Certified works are the price with its overrun at base-date prices plus indexation."""
        real = (m.works_price + m.takeover_price) * (1 + m.cost_overrun) * m.base_price_level
        return absolute(total(m.capex) - total(m.indexation) - real) / larger_of(total(m.capex), real)
