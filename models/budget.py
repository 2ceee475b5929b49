"""Budget procurement: the state builds with budget money as the works go."""

from __future__ import annotations

from alatau_finance.modelling import Expr, larger_of, line, metric, present_value, where

from .parts.appropriation import Appropriation
from .parts.public_sector_comparator import PublicSectorComparator


class Budget(PublicSectorComparator, Appropriation):
    """Budget procurement: the state orders, pays as the works go, and owns.

    The state pays certified works as they are built: advance, works less recovery and retention, retention at
    taking-over, VAT on certified works; then operation and maintenance. A share of the works may be financed by
    government bonds, whose service it pays instead. It bears every overrun and takes over works that private money
    was planned for and does not build, to the stated share, now or later; what nobody takes over stays unfunded. It
    is the public-sector comparator of the other contract types.

    All flows fall at the end of the period.
    """

    key = "budget"

    @line("year")
    def contract_end(m) -> Expr:
        """End of the operation and maintenance counted, and of the bonds' term."""
        return m.works_end + larger_of(m.operation_term, where(m.debt_funded_share > 0, m.bond_term, 0))

    @line("1")
    def share_in_service(m) -> Expr:
        """Share of the project in service, end of period: the planned share, and works taken over when they are."""
        planned = m.financing_share * (m.period_end >= m.taking_over)
        return planned + m.private_shortfall * m.shortfall_to_budget * (m.period_end >= m.takeover_end)

    @line("bn KZT")
    def state_payment(m) -> Expr:
        """Payment by the state: works, operation and debt service, with VAT.

        Works not financed by bonds, service of the bonds and cost of issue.
        """
        own_works = m.works_payment - m.sovereign_debt_drawn
        debt = m.sovereign_debt_service + m.sovereign_debt_issue_cost
        return own_works + debt + m.operation_cost * (1 + m.vat_rate)

    @line("bn KZT")
    def taxes_returned(m) -> Expr:
        """Taxes that return to the budgets: VAT on works and operation."""
        return (m.capex + m.operation_cost) * m.vat_rate

    @metric("bn KZT")
    def pv_works(m) -> Expr:
        """Present value of the works, with VAT, as they are certified."""
        return present_value(m.capex, m.discount_factor) * (1 + m.vat_rate)
