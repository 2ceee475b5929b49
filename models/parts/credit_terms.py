"""Credit terms: grace, currency, interest rate and insurance of the credit that a contract carries."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, Series, larger_of, line, smaller_of, total, where

from .construction import Construction


class CreditTerms(Construction):
    """A floating-rate credit in a basket of tenge (1 - FX-linked share) and dollars (FX-linked share).

    Contract tenge are tenge at the exchange rate of signing: one of them is worth ``basket_value`` tenge in a later
    period. With an FX-linked share of 0 contract tenge are tenge. A collar limits the exchange rate at which the
    contract converts, both what is deferred and what is paid, to a floor and a cap relative to signing.
    """

    grace_period = Input("year", "Grace period after taking-over")
    fx_linked_share = Input("1", "Share of the debt linked to the dollar at signing")
    exchange_rate_collar = Input("1", "Collar on the exchange rate of the contract (1) or none (0)")
    exchange_rate_floor = Input("1", "Floor of the collar relative to the exchange rate of signing")
    exchange_rate_cap = Input("1", "Cap of the collar relative to the exchange rate of signing")
    dollar_margin = Input("1/year", "Margin of the dollar part over SOFR")
    tenge_margin = Input("1/year", "Margin of the tenge part over the base rate")
    cover_premium_rate = Input("1", "Export credit insurance premium as a share of the covered amount")
    cover_share = Input("1", "Share of the credit covered by export credit insurance")
    cover_premium_financed = Input("1", "Share of the insurance premium financed by the credit")
    exchange_rate_index = Series("1", "Tenge per dollar relative to the base date, end of period")
    policy_rate = Series("1/year", "Base rate of the National Bank")
    sofr = Series("1/year", "Dollar reference rate (SOFR)")

    @line("year")
    def grace_end(m) -> Expr:
        """End of the grace period; the first instalment covers the first period that starts on or after it."""
        return m.taking_over + m.grace_period

    # --- currency
    @line("1")
    def signing_exchange_rate(m) -> Expr:
        """Exchange rate index in the period of signing; 0 in every other."""
        return m.signing * m.exchange_rate_index

    @line("1")
    def exchange_rate_ratio(m) -> Expr:
        """Tenge per dollar at which the contract converts, relative to signing, end of period.

        exchange rate / exchange rate of signing, within the collar if there is one
        """
        ratio = m.exchange_rate_index / total(m.signing_exchange_rate)
        collared = smaller_of(larger_of(ratio, m.exchange_rate_floor), m.exchange_rate_cap)
        return where(m.exchange_rate_collar, collared, ratio)

    @line("1")
    def basket_value(m) -> Expr:
        """Tenge per contract tenge, end of period.

        (1 - FX-linked share) + FX-linked share * exchange rate of the contract relative to signing
        """
        return 1 - m.fx_linked_share + m.fx_linked_share * m.exchange_rate_ratio

    # --- interest and insurance
    @line("1/year")
    def interest_rate(m) -> Expr:
        """Interest rate of the debt: FX-linked part SOFR plus margin, tenge part base rate plus margin; floating."""
        dollar_rate = m.sofr + m.dollar_margin
        tenge_rate = m.policy_rate + m.tenge_margin
        return m.fx_linked_share * dollar_rate + (1 - m.fx_linked_share) * tenge_rate

    @line("1")
    def financed_premium_rate(m) -> Expr:
        """Insurance premium financed by the credit, as a share of the credit."""
        return m.cover_premium_rate * m.cover_share * m.cover_premium_financed
