"""Public-sector comparator: what budget procurement costs the state, by what it is made of."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Input, absolute, check, line, metric, present_value

from .budget_levels import BudgetLevels
from .planned_schedule import PlannedSchedule
from .sovereign_debt import SovereignDebt


class PublicSectorComparator(PlannedSchedule, SovereignDebt, BudgetLevels):
    """Present values at the government bond curve and the base date, net of VAT, on the prices of the path.

    Raw cost: works and operation as planned. Risk: what overrun and slip make of them; a stated share is risk that a
    contract could transfer, the rest stays with the state, as do works taken over from private money. A slip on its
    own lowers a present value, since later money is worth less; benefits lost by it are not counted. Financing: when
    the works are paid rather than built, and by what money. Competitive neutrality: taxes that a private owner would
    pay and the state does not; the comparator that holds it is set against what a contract costs before the taxes it
    returns, while net present costs are compared without it.
    """

    transferable_risk_share = Input("1", "Share of overrun and slip that a contract could transfer")
    competitive_neutrality_share = Input("1", "Taxes of a private owner as a share of works and operation")

    @line("bn KZT")
    def financing_flow(m) -> Expr:
        """Payments ahead of certified works, debt service and cost of issue, less bonds."""
        ahead = m.works_payment - m.capex * (1 + m.vat_rate)
        return ahead + m.sovereign_debt_service + m.sovereign_debt_issue_cost - m.sovereign_debt_drawn

    @line("bn KZT")
    def pv_contract_cost(m) -> Expr:
        """Present value of works and operation of the planned share, excluding VAT."""
        works = present_value(m.contract_works, m.discount_factor)
        return works + present_value(m.contract_operation, m.discount_factor)

    @line("bn KZT")
    def pv_takeover_cost(m) -> Expr:
        """Present value of works and operation taken over from private money, excluding VAT."""
        works = present_value(m.takeover_works, m.discount_factor)
        return works + present_value(m.takeover_operation, m.discount_factor)

    @metric("bn KZT")
    def psc_raw(m) -> Expr:
        """Public-sector comparator: raw cost, works and operation as planned."""
        works = present_value(m.works_as_planned, m.discount_factor)
        return works + present_value(m.operation_as_planned, m.discount_factor)

    @metric("bn KZT")
    def psc_financing(m) -> Expr:
        """Public-sector comparator: financing."""
        return present_value(m.financing_flow, m.discount_factor)

    @metric("bn KZT")
    def psc_retained_risk(m) -> Expr:
        """Public-sector comparator: risk that stays with the state, works taken over included."""
        return (m.pv_contract_cost - m.psc_raw) * (1 - m.transferable_risk_share) + m.pv_takeover_cost

    @metric("bn KZT")
    def psc_transferable_risk(m) -> Expr:
        """Public-sector comparator: risk that a contract could transfer."""
        return (m.pv_contract_cost - m.psc_raw) * m.transferable_risk_share

    @metric("bn KZT")
    def psc_competitive_neutrality(m) -> Expr:
        """Public-sector comparator: taxes a private owner would pay."""
        return (m.pv_contract_cost + m.pv_takeover_cost) * m.competitive_neutrality_share

    @metric("bn KZT")
    def public_sector_comparator(m) -> Expr:
        """Public-sector comparator: raw cost, financing, risks and competitive neutrality."""
        risks = m.psc_retained_risk + m.psc_transferable_risk
        return m.psc_raw + m.psc_financing + risks + m.psc_competitive_neutrality

    @check
    def comparator_adds_up(m) -> Expr:
        """The comparator is the net present cost of the payments plus competitive neutrality."""
        gap = m.public_sector_comparator - m.psc_competitive_neutrality - m.net_present_cost
        return absolute(gap) / m.pv_state_payments
