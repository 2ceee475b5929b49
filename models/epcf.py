"""EPC+F: the contractor designs, builds and finances; the state repays in instalments after taking-over."""

from __future__ import annotations

from alatau_finance.modelling import Expr, irr, line, metric, present_value, total

from .parts.budget_levels import BudgetLevels
from .parts.contractor import Contractor
from .parts.currency_legs import CurrencyLegs
from .parts.deferred_obligation import DeferredObligation
from .parts.state_operation import StateOperation, operation_at_plan


class EpcF(BudgetLevels, StateOperation, Contractor, DeferredObligation, CurrencyLegs):
    """EPC+F contract: engineering, procurement, construction and financing.

    A lump-sum price, indexed; a share of an overrun reaches the state as variations, the contractor bears the rest.
    The state pays an advance, a part of certified works as they go, the retention at taking-over and VAT on
    certified works; the rest is deferred and repaid with interest after a grace period. Interest before repayment is
    capitalised, paid as it accrues, or in the price.

    The debt is kept in contract tenge: a basket of tenge (1 - FX-linked share) and dollars (FX-linked share) at the
    exchange rate of signing. What is deferred enters the ledger at the basket's value of that period and every
    payment on the ledger leaves it at the value of its own, so both currencies reconcile. With an FX-linked share
    of 0 contract tenge are tenge.

    All flows fall at the end of the period. Works deferred in a period bear interest from its end.
    """

    key = "epcf"

    @line("year")
    def contract_end(m) -> Expr:
        """End of repayment, counted from the end of grace."""
        return m.grace_end + m.repayment_term

    # --- what the state receives and pays
    @line("bn KZT")
    def operation_cost(m) -> Expr:
        """Operation and maintenance paid by the state, excluding VAT.

        Rate times the cost of the works (before overruns) times operating time, with consumer prices and its overrun:
        what the same works cost to operate under any other contract, so neither price premium nor interest counts.
        """
        works = m.base_cost * m.financing_share
        return operation_at_plan(m, works, m.operating_time) * (1 + m.opex_overrun)

    @line("bn KZT")
    def works_received(m) -> Expr:
        """Works received by the state: certified works with VAT, without interest in their price."""
        return (m.capex - m.priced_in_interest) * (1 + m.vat_rate)

    @line("bn KZT")
    def works_payment(m) -> Expr:
        """Payments for the works and their financing, with VAT, without operation and maintenance."""
        return m.contract_payment + m.guarantee_cost + m.capex * m.vat_rate

    @line("bn KZT")
    def state_payment(m) -> Expr:
        """Payment by the state: contract, operation and maintenance, and VAT on certified works and on operation."""
        return m.works_payment + m.operation_cost * (1 + m.vat_rate)

    @line("bn KZT")
    def taxes_returned(m) -> Expr:
        """Taxes in the payments that return: VAT on certified works and on operation."""
        return (m.capex + m.operation_cost) * m.vat_rate

    # --- what it costs
    @metric("bn KZT")
    def pv_works(m) -> Expr:
        """Present value of the works received, with VAT, at the EPC+F price."""
        return present_value(m.works_received, m.discount_factor)

    @metric("bn KZT")
    def financing_premium(m) -> Expr:
        """Financing premium: present value of payments for the works less present value of the works."""
        return present_value(m.works_payment, m.discount_factor) - m.pv_works

    @metric("bn KZT")
    def pv_price_premium(m) -> Expr:
        """Present value of the price premium over the cost of the works, with VAT."""
        return m.pv_works * m.price_premium / (1 + m.price_premium)

    @metric("1")
    def payments_to_price(m) -> Expr:
        """Payments for the works over the price of the works, both nominal and with VAT."""
        return total(m.works_payment) / total(m.works_received)

    @line("bn KZT")
    def credit_flow(m) -> Expr:
        """Flow of the credit to the state: deferred works received less what is paid for deferring them.

        Interest in the price, with its VAT, is a payment and no works. Cost at signing is counted in proportion to
        progress, so that the flow changes its sign once.
        """
        received = m.deferred_works - m.priced_in_interest * (1 + m.vat_rate)
        at_signing = m.upfront_cost * (m.progress_increment - m.signing)
        return received - m.debt_service - m.fees - m.guarantee_cost - m.late_payment_penalty - at_signing

    @metric("1/year")
    def effective_rate(m) -> Expr:
        """Effective annual rate of the deferral, in tenge, with fees, insurance, penalties and exchange rate."""
        return irr(m.credit_flow)
