"""Late instalments: when the state pays what has fallen due, the arrears in between and their penalty."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    absolute,
    check,
    final,
    larger_of,
    line,
    maximum,
    prev,
    smaller_of,
    total,
)

from .deferred_credit import DeferredCredit


class LateInstalments(DeferredCredit):
    """Instalments paid later than they fall due, by at most two periods.

    Payments fall at the ends of periods, so an instalment that is late by a part of a period is paid in two: the part
    at the end of the next period, the rest when it falls due. Its penalty then is that of the lateness. A late
    instalment stays in contract tenge and is paid at the value of the currency basket when it is paid.
    """

    payment_delay = Input("year", "Lateness of the state's instalments")
    late_payment_rate = Input("1/year", "Penalty rate on late instalments")

    @line("bn KZT")
    def late_instalment(m) -> Expr:
        """Part of the instalment that is put off to the next period, contract tenge."""
        return m.ledger_payment * smaller_of(m.payment_delay / m.year_fraction, 1)

    @line("bn KZT")
    def later_instalment(m) -> Expr:
        """Part put off by another period, of what would be payable by then, contract tenge."""
        beyond = smaller_of(larger_of(m.payment_delay / m.year_fraction - 1, 0), 1)
        return (m.ledger_payment - m.late_instalment + prev(m.late_instalment)) * beyond

    @line("bn KZT")
    def arrears(m) -> Expr:
        """Arrears: instalments fallen due and not yet paid, end of period, contract tenge."""
        return m.late_instalment + m.later_instalment

    @line("bn KZT")
    def instalment_paid(m) -> Expr:
        """Instalments paid, contract tenge: fallen due, and arrears settled."""
        return m.ledger_payment + prev(m.arrears) - m.arrears

    @line("bn KZT")
    def debt_service(m) -> Expr:
        """Instalments paid: principal and interest, at the value of the basket on payment."""
        return m.instalment_paid * m.basket_value

    @line("bn KZT")
    def late_payment_penalty(m) -> Expr:
        """Penalty on opening arrears at the penalty rate, paid in the period."""
        return prev(m.arrears) * m.late_payment_rate * m.year_fraction * m.basket_value

    @check
    def arrears_end_at_zero(m) -> Expr:
        """Arrears end at zero: every instalment is paid within the calendar."""
        unpaid = absolute(total(m.ledger_payment) - total(m.instalment_paid))
        return larger_of(unpaid, absolute(final(m.arrears))) / total(m.capex)

    @check
    def lateness_within_two_periods(m) -> Expr:
        """The state pays at most two periods late; a longer delay is not modelled."""
        longest = maximum(m.year_fraction) + maximum(m.year_fraction)
        return larger_of(m.payment_delay - longest, 0) / longest
