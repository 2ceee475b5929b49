"""Operation by the state of what has been built for it."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, larger_of, line, smaller_of

from .construction import Construction


class StateOperation(Construction):
    """Operation and maintenance that the state pays for a stated number of years after taking-over.

    The same term as a concession's, so that the present values of the contract types compare like with like.
    """

    opex_rate = Input("1/year", "Operation and maintenance per year as a share of the cost of the works")
    opex_overrun = Input("1", "Overrun of operation and maintenance over plan")
    operation_term = Input("year", "Years of operation and maintenance counted")

    @line("year")
    def operating_time(m) -> Expr:
        """Time in the period for which operation and maintenance is counted."""
        return operating_time_after(m, m.taking_over)

    @line("bn KZT")
    def operation_cost(m) -> Expr:
        """Operation and maintenance paid by the state, excluding VAT.

        Rate times the price of the works (before overruns) times operating time, with consumer prices and its
        overrun.
        """
        return operation_at_plan(m, m.works_price, m.operating_time) * (1 + m.opex_overrun)


def operating_time_after(m: StateOperation, completion: Expr) -> Expr:
    """Time in the period within the operating term that starts at ``completion``."""
    end = smaller_of(m.period_end, completion + m.operation_term)
    return larger_of(end - larger_of(m.period_start, completion), 0)


def operation_at_plan(m: StateOperation, works: Expr, time: Expr) -> Expr:
    """Operation of ``works`` (their price) for ``time`` at the planned rate and the period's consumer prices."""
    return works * m.opex_rate * time * m.cost_index
