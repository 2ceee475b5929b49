"""What the pool costs the state at the base date, by contract type."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Gather,
    Series,
    absolute,
    check,
    larger_of,
    metric,
    present_value,
)

from .pool_payments import PoolPayments
from .pool_scope import INFRASTRUCTURE


def _of(label: str, name: str, contract: str) -> Gather:
    return Gather("bn KZT", label, line=name, contracts=(contract,), group=INFRASTRUCTURE, whole_life=True)


class PoolPresentValue(PoolPayments):
    """At the government bond curve. Net present cost is after taxes that return to the budgets."""

    discount_factor = Series("1", "Present value at the base date of one tenge paid at the end of the period")
    pv_paid_budget = _of("Present value of state payments, budget", "pv_state_payments", "budget")
    pv_paid_epcf = _of("Present value of state payments, EPC+F", "pv_state_payments", "epcf")
    pv_paid_concession = _of("Present value of state payments, concessions", "pv_state_payments", "concession")
    net_cost_budget = _of("Net present cost, budget", "net_present_cost", "budget")
    net_cost_epcf = _of("Net present cost, EPC+F", "net_present_cost", "epcf")
    net_cost_concession = _of("Net present cost, concessions", "net_present_cost", "concession")
    financing_premium_epcf = _of("Financing premium of EPC+F, present value", "financing_premium", "epcf")

    @metric("bn KZT")
    def pv_state_payments(m) -> Expr:
        """Present value of payments by the state, at the government bond curve."""
        return present_value(m.state_payments, m.discount_factor)

    @metric("bn KZT")
    def pv_state_payments_budget(m) -> Expr:
        """Present value of payments by the state under budget procurement."""
        return m.pv_paid_budget

    @metric("bn KZT")
    def pv_state_payments_epcf(m) -> Expr:
        """Present value of payments by the state under EPC+F."""
        return m.pv_paid_epcf

    @metric("bn KZT")
    def pv_state_payments_concession(m) -> Expr:
        """Present value of payments by the state under concessions."""
        return m.pv_paid_concession

    @metric("1")
    def share_budget(m) -> Expr:
        """Share of budget procurement in the present value of payments."""
        return m.pv_paid_budget / m.pv_state_payments

    @metric("1")
    def share_epcf(m) -> Expr:
        """Share of EPC+F in the present value of payments."""
        return m.pv_paid_epcf / m.pv_state_payments

    @metric("1")
    def share_concession(m) -> Expr:
        """Share of concessions in the present value of payments."""
        return m.pv_paid_concession / m.pv_state_payments

    @metric("bn KZT")
    def net_present_cost(m) -> Expr:
        """Net present cost of the pool to the state: payments less taxes that return."""
        return m.net_cost_budget + m.net_cost_epcf + m.net_cost_concession

    @metric("bn KZT")
    def net_present_cost_budget(m) -> Expr:
        """Net present cost to the state under budget procurement."""
        return m.net_cost_budget

    @metric("bn KZT")
    def net_present_cost_epcf(m) -> Expr:
        """Net present cost to the state under EPC+F."""
        return m.net_cost_epcf

    @metric("bn KZT")
    def net_present_cost_concession(m) -> Expr:
        """Net present cost to the state under concessions."""
        return m.net_cost_concession

    @metric("bn KZT")
    def pv_financing_premium(m) -> Expr:
        """Financing premium of EPC+F: present value of payments for the works less that of the works."""
        return m.financing_premium_epcf

    @check
    def present_values_add_up(m) -> Expr:
        """Present values of the contracts add up to that of the pool."""
        by_mode = m.pv_paid_budget + m.pv_paid_epcf + m.pv_paid_concession
        size = larger_of(absolute(m.pv_state_payments), absolute(by_mode))
        return absolute(by_mode - m.pv_state_payments) / size
