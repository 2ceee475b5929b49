"""Currency legs: the instalments in tenge and in dollars."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, absolute, check, final, larger_of, line, prev, total

from .late_instalments import LateInstalments


class CurrencyLegs(LateInstalments):
    """The dollar leg is the FX-linked share of the debt, in dollars at the exchange rate of signing.

    It is converted at the exchange rate of the contract in the period in which it is paid, the collar included.
    """

    usdkzt_spot = Input("KZT/USD", "Tenge per dollar at the base date")

    @line("KZT/USD")
    def signing_usdkzt(m) -> Expr:
        """Tenge per dollar at signing."""
        return m.usdkzt_spot * total(m.signing_exchange_rate)

    @line("bn KZT")
    def tenge_instalment(m) -> Expr:
        """Tenge leg of the instalments paid."""
        return m.instalment_paid * (1 - m.fx_linked_share)

    @line("bn USD")
    def dollar_instalment(m) -> Expr:
        """Dollar leg of the instalments paid, in dollars."""
        return m.instalment_paid * m.fx_linked_share / m.signing_usdkzt

    @line("bn KZT")
    def dollar_instalment_in_tenge(m) -> Expr:
        """Dollar leg of the instalments paid, in tenge at the exchange rate of the contract."""
        return m.dollar_instalment * m.signing_usdkzt * m.exchange_rate_ratio

    @line("bn USD")
    def dollar_debt(m) -> Expr:
        """Dollar leg of the debt and of arrears, end of period, in dollars.

        opening + dollar share of drawings and interest - instalments paid in dollars
        """
        added = (m.drawn + m.interest) * m.fx_linked_share / m.signing_usdkzt
        return prev(m.dollar_debt) + added - m.dollar_instalment

    @line("bn KZT")
    def fx_linked_payment(m) -> Expr:
        """Part of the payments that is linked to the dollar.

        The dollar share, at the exchange rate of the contract, of instalments, fees, guarantee and
        penalties.
        """
        linked = m.fx_linked_share * m.exchange_rate_ratio / m.basket_value
        return (m.debt_service + m.fees + m.guarantee_cost + m.late_payment_penalty) * linked

    @check
    def currency_legs_reconcile(m) -> Expr:
        """The legs add up to the instalments paid, and the dollar debt ends at zero."""
        legs = total(m.tenge_instalment) + total(m.dollar_instalment_in_tenge)
        dollars_left = absolute(final(m.dollar_debt)) * m.signing_usdkzt
        return larger_of(absolute(legs - total(m.debt_service)), dollars_left) / total(m.capex)
