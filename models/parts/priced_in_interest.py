"""Interest of the construction period that a contractor charges in the price instead of the debt."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, final, larger_of, line, prev, smaller_of, total, where

from .credit_terms import CreditTerms
from .progress_payments import ProgressPayments
from .repayment import Repayment
from .s_curve import s_curve


class PricedInInterest(CreditTerms, Repayment, ProgressPayments):
    """No interest is charged before repayment starts; the price carries it.

    The price is raised in proportion to the works by the interest that a bidder plans at signing: on what the contract
    defers, over the planned duration and grace, at the interest rate of signing, at the prices and exchange rate of
    signing, with no overrun. It is raised by just so much that, on that plan, the contract is worth as much at its own
    rate as one whose interest is capitalised. What a slip or a rise of rates adds before repayment is the contractor's
    loss.
    """

    interest_priced_in = Input("1", "Interest before repayment is in the price (1) or charged (0)")
    milestone_cash_share = Input("1", "Share of certified works paid in cash as they go")

    @line("1/year")
    def signing_interest_rate(m) -> Expr:
        """Interest rate in the period of signing, held from then on; 0 before."""
        return where(m.signing, m.interest_rate, prev(m.signing_interest_rate))

    @line("1")
    def scheduled_progress(m) -> Expr:
        """Share of the works complete as scheduled at signing, end of period."""
        return s_curve(m, smaller_of(larger_of((m.period_end - m.construction_start) / m.duration, 0), 1))

    @line("1", opening=1)
    def scheduled_growth(m) -> Expr:
        """Growth of one tenge drawn at signing until scheduled repayment, at the rate of signing."""
        before = m.period_start < m.construction_start + m.duration + m.grace_period
        rate = prev(m.signing_interest_rate) * m.year_fraction * before
        return prev(m.scheduled_growth) + prev(m.scheduled_growth) * rate

    @line("1")
    def scheduled_debt(m) -> Expr:
        """Debt per tenge of works as scheduled at signing, interest until repayment included."""
        drawn = m.scheduled_progress - prev(m.scheduled_progress)
        return prev(m.scheduled_debt) * (m.scheduled_growth / prev(m.scheduled_growth)) + drawn

    @line("1")
    def interest_in_price(m) -> Expr:
        """Interest of the construction period in the price, relative to the price without it.

        debt / ((1 - deferred) * debt + deferred * (1 - premium * growth) / (1 - premium)) - 1, with the scheduled debt
        per tenge of works, the share deferred, the financed insurance premium per tenge of credit and what a tenge
        drawn at signing grows to: all valued when repayment starts.
        """
        deferred = larger_of(1 - m.advance_share - m.retention_share - m.milestone_cash_share, 0)
        premium = m.financed_premium_rate
        repaid = (1 - premium * final(m.scheduled_growth)) / (1 - premium)
        debt = final(m.scheduled_debt)
        return m.interest_priced_in * (debt / ((1 - deferred) * debt + deferred * repaid) - 1)

    @line("bn KZT_real")
    def contract_price(m) -> Expr:
        """Contract price at base-date prices, with the interest in it, excluding VAT."""
        return m.works_price * (1 + m.interest_in_price)

    @line("bn KZT")
    def advance_amount(m) -> Expr:
        """Advance: its share of the contract price, at the price index of signing."""
        return m.advance_share * m.contract_price * total(m.signing_escalation)

    @line("1")
    def period_interest(m) -> Expr:
        """Interest rate charged for the period; none while interest is in the price.

        Annual rate times the length of the period.
        """
        return m.interest_rate * m.year_fraction * (1 - m.interest_priced_in * m.before_repayment)
