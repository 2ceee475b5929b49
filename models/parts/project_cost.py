"""Cost of a project company before financing: on plan, which payment and debt are sized on, and as it comes."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, larger_of, line, smaller_of

from .construction import Construction


class ProjectCost(Construction):
    """Capital expenditure, development cost, VAT that is not refunded, less the grant of the state.

    The contract cost is the plan plus the passed-through share of an overrun. The rest of an overrun falls on the
    shareholders; a saving is theirs too.
    """

    overrun_pass_through = Input("1", "Share of a cost overrun that the state pays as variations")
    capital_grant_share = Input("1", "Share of the works that the state pays during construction")
    development_cost_share = Input("1", "Development cost, paid at signing, as a share of the price of the works")
    vat_not_refunded = Input("1", "Share of VAT on capital expenditure that is not refunded")

    @line("bn KZT")
    def contract_capex(m) -> Expr:
        """Contract capital expenditure, excluding VAT.

        What the payment is sized on: plan plus passed-through overruns.
        """
        variations = m.overrun_pass_through * larger_of(m.cost_overrun, 0)
        return m.works_price * (1 + variations) * m.progress_increment * m.escalation

    @line("bn KZT")
    def development_cost(m) -> Expr:
        """Development cost: design, advisers and bidding, paid at signing."""
        return m.works_price * m.development_cost_share * m.signing * m.escalation

    @line("bn KZT")
    def contract_cost(m) -> Expr:
        """Contract cost: works, VAT not refunded and development, less the grant of the state."""
        return m.contract_capex * (1 + m.vat_rate * m.vat_not_refunded - m.capital_grant_share) + m.development_cost

    @line("bn KZT")
    def project_cost(m) -> Expr:
        """Cost of the project before financing: works, VAT not refunded and development."""
        return m.capex * (1 + m.vat_rate * m.vat_not_refunded) + m.development_cost

    @line("bn KZT")
    def capital_grant(m) -> Expr:
        """Grant of the state during construction, excluding VAT.

        Compensation of investment costs.
        Share of the works delivered, at most of those in the contract cost.
        """
        return m.capital_grant_share * smaller_of(m.capex, m.contract_capex)
