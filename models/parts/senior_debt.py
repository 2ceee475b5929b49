"""Senior debt of a project company: its price, repayment profile, drawing at the gearing, and its size."""

from __future__ import annotations

from alatau_finance.modelling import (
    Expr,
    Input,
    Series,
    absolute,
    check,
    final,
    larger_of,
    lead,
    line,
    maximum,
    minimum,
    present_value,
    prev,
    smaller_of,
    total,
    where,
)

from .operating_term import OperatingTerm
from .project_cost import ProjectCost


class SeniorDebt(ProjectCost, OperatingTerm):
    """Debt = the smallest of what the gearing, the debt service cover and the loan life cover allow.

    Debt is drawn pro rata with the other funds, so interest, commitment and arrangement fees and the initial reserve,
    themselves uses of funds, are affine in its amount: drawn by a date = works part + financing part * debt. The
    gearing cap thus has a closed form, works part / (1 - financing part), and a smaller debt is drawn in the same
    proportions. Repayment profiles are shares of the debt: level annuity, equal principal, or debt service sculpted
    to the cash flow of the lenders' case. That cash flow (``lenders_cfads``) the contract states.
    """

    repayment_term = Input("year", "Time over which the debt is repaid")
    level_annuity = Input("1", "Level annuity (1) or equal principal (0)")
    sculpted = Input("1", "Debt service sculpted to the cash flow of the lenders' case (1) or not (0)")
    gearing = Input("1", "Largest debt as a share of the uses of funds net of grants")
    target_dscr = Input("1", "Cover ratio the debt is sized to and the payment secures; 0 for none")
    minimum_llcr = Input("1", "Loan life cover ratio the debt is sized to; 0 for none")
    debt_margin = Input("1/year", "Margin of the debt over government bonds")
    arrangement_fee = Input("1", "Arrangement fee as a share of the debt, paid at signing")
    commitment_fee = Input("1/year", "Commitment fee on debt not yet drawn")
    debt_reserve_time = Input("year", "Debt service held in reserve, as time ahead")
    deposit_yield = Input("1", "Interest on cash as a share of the government bond yield at signing")
    sovereign_yield = Series("1/year", "Yield of tenge government bonds for the period, annual effective")

    # --- price
    @line("1/year")
    def yield_at_signing(m) -> Expr:
        """Government bond yield in the period of signing, held from then on; 0 before."""
        return where(m.signing, m.sovereign_yield, prev(m.yield_at_signing))

    @line("1/year")
    def interest_rate(m) -> Expr:
        """Interest rate of the debt, annual.

        Government bond yield at signing plus margin, fixed.
        """
        return m.yield_at_signing + m.debt_margin

    @line("1")
    def period_interest(m) -> Expr:
        """Interest rate of the period: annual rate times the length of the period."""
        return m.interest_rate * m.year_fraction

    @line("1/year")
    def signed_yield(m) -> Expr:
        """Government bond yield at signing, which rates are fixed on."""
        return maximum(m.yield_at_signing)

    @line("1")
    def loan_interest(m) -> Expr:
        """Interest rate of a period once the debt is signed; all periods have one length."""
        return maximum(m.period_interest)

    @line("1")
    def deposit_interest(m) -> Expr:
        """Interest rate of cash for a period."""
        return m.signed_yield * m.deposit_yield * maximum(m.operating_time)

    @line("1")
    def loan_discount_factor(m) -> Expr:
        """Discount factor of the debt, when operation starts = 1.

        Value of one tenge at the end of the period, at the interest rate of the debt.
        """
        before = where(prev(m.loan_discount_factor) > 0, prev(m.loan_discount_factor), 1)
        return m.in_operation * before / (1 + m.period_interest)

    @line("1")
    def period_commitment_fee(m) -> Expr:
        """Commitment fee of the period, as a share of the debt not yet drawn."""
        return m.commitment_fee * m.year_fraction * m.phase_construction

    # --- level repayment profile, as shares of the debt
    @line("1")
    def in_repayment(m) -> Expr:
        """Flag: an instalment falls due at the end of the period."""
        return m.in_operation * (prev(m.repayment_time) < m.repayment_term)

    @line("year")
    def repayment_time(m) -> Expr:
        """Time repaid over so far, end of period."""
        return prev(m.repayment_time) + m.in_repayment * m.year_fraction

    @line("1")
    def principal_weight(m) -> Expr:
        """Principal of each instalment relative to the first.

        1, or growing by the interest of a level annuity.
        """
        following = prev(m.principal_weight) * (1 + m.level_annuity * m.period_interest)
        return m.in_repayment * where(prev(m.principal_weight) > 0, following, 1)

    @line("1")
    def debt_matures(m) -> Expr:
        """Flag: the last instalment falls due."""
        return m.in_repayment * (m.repayment_time >= m.repayment_term)

    @line("1", opening=1)
    def level_debt_share(m) -> Expr:
        """Share of the debt outstanding under the level profile, end of period.

        Annuity or equal principal.
        """
        return where(m.debt_matures, 0, _level_debt_left(m))

    @line("1")
    def level_service_share(m) -> Expr:
        """Debt service under the level profile, as a share of the debt."""
        return (prev(m.level_debt_share) * (1 + m.loan_interest) - m.level_debt_share) * m.in_repayment

    @line("1")
    def level_reserve_share(m) -> Expr:
        """Debt service reserve under the level profile, as a share of the debt, end of period.

        Reserve time / length of the period * debt service of the next period.
        """
        return m.debt_reserve_time / m.year_fraction * lead(m.level_service_share)

    # --- drawing and gearing cap
    @line("1")
    def construction_interest(m) -> Expr:
        """Net interest rate of the period until operation starts.

        Less the commitment fee that drawn debt saves.
        """
        return m.period_interest * (m.period_start < m.taking_over) - m.period_commitment_fee

    @line("bn KZT")
    def works_debt(m) -> Expr:
        """Debt at the gearing cap drawn so far: part for contract cost.

        With the interest on that part.
        """
        return prev(m.works_debt) + m.gearing * (m.contract_cost + prev(m.works_debt) * m.construction_interest)

    @line("1")
    def initial_reserve_share(m) -> Expr:
        """Initial debt service reserve, funded on completion, as a share of the debt.

        Reserve time / length of the period * first debt service under the level profile.
        """
        first_service = m.loan_interest + 1 / total(m.principal_weight)
        return m.completion * m.debt_reserve_time / m.year_fraction * first_service

    @line("1")
    def fees_and_reserve_share(m) -> Expr:
        """Fees and initial reserve of the period as a share of the debt.

        Were nothing drawn yet.
        """
        return m.arrangement_fee * m.signing + m.period_commitment_fee + m.initial_reserve_share

    @line("1")
    def financing_debt(m) -> Expr:
        """Debt at the gearing cap drawn so far: part for fees and reserve.

        Per tenge of debt, with the interest on that part.
        """
        carried = prev(m.financing_debt) * m.construction_interest
        return prev(m.financing_debt) + m.gearing * (m.fees_and_reserve_share + carried)

    @line("bn KZT")
    def gearing_debt(m) -> Expr:
        """Debt at the gearing cap.

        Contract uses of funds net of grants times the gearing, in closed form.
        """
        return final(m.works_debt) / (1 - final(m.financing_debt))

    @line("1")
    def drawn_share(m) -> Expr:
        """Share of the debt drawn so far, end of period."""
        return m.works_debt / m.gearing_debt + m.financing_debt

    # --- size
    @line("bn KZT")
    def lenders_cfads(m) -> Expr:
        """Cash flow available for debt service in the lenders' case: none, unless the contract says so."""
        return 0 * m.contract_cost

    @line("bn KZT")
    def lendable_cfads(m) -> Expr:
        """Cash flow of the lenders' case while the debt is repaid.

        Nothing is lent on a negative one.
        """
        return larger_of(m.lenders_cfads, 0) * (m.level_service_share > 0)

    @line("bn KZT")
    def lendable_value(m) -> Expr:
        """Value of the cash flow of the lenders' case over the life of the loan.

        When operation starts, at the interest rate of the debt.
        """
        return present_value(m.lendable_cfads, m.loan_discount_factor)

    @line("bn KZT")
    def level_cover(m) -> Expr:
        """Debt of level profile that the lenders' case serves in the period.

        Where nothing is due, the gearing cap times the target cover ratio, which binds nothing.
        """
        unlimited = m.gearing_debt * m.target_dscr
        return where(m.level_service_share > 0, m.lendable_cfads / m.level_service_share, unlimited)

    @line("bn KZT")
    def debt_amount(m) -> Expr:
        """Amount of the senior debt: the smallest of the caps by gearing, DSCR and LLCR.

        By DSCR: value of the lenders' cash flow, or what its leanest period can serve at a level profile, over the
        target. The gearing cap falls with a saving on the works, as lenders pay a share of what is spent.
        """
        spent = smaller_of((1 + m.cost_overrun) / (1 + m.overrun_pass_through * larger_of(m.cost_overrun, 0)), 1)
        served = where(m.sculpted, m.lendable_value, minimum(m.level_cover))
        by_dscr = where(m.target_dscr > 0, served / m.target_dscr, m.gearing_debt)
        by_llcr = where(m.minimum_llcr > 0, m.lendable_value / m.minimum_llcr, m.gearing_debt)
        return smaller_of(m.gearing_debt * spent, smaller_of(by_dscr, by_llcr))

    # --- scheduled repayment profile, as shares of the debt
    @line("1")
    def is_sculpted(m) -> Expr:
        """Flag: debt service is sculpted, there being cash flow to sculpt it to."""
        return m.sculpted * (m.lendable_value > 0)

    @line("1")
    def service_share(m) -> Expr:
        """Scheduled debt service as a share of the debt.

        Level, or sculpted to the cash flow of the lenders' case.
        """
        return where(m.is_sculpted, m.lendable_cfads / m.lendable_value, m.level_service_share)

    @line("1")
    def reserve_share(m) -> Expr:
        """Debt service reserve required at the end of the period, as a share of the debt.

        Reserve time / length of the period * scheduled debt service of the next period.
        """
        ahead = m.debt_reserve_time / m.year_fraction * lead(m.lendable_cfads) / m.lendable_value
        return where(m.is_sculpted, ahead, m.level_reserve_share)

    @line("1", opening=1)
    def scheduled_debt_share(m) -> Expr:
        """Share of the debt outstanding as scheduled, end of period."""
        return where(m.debt_matures, 0, _scheduled_debt_left(m))

    @line("1")
    def balloon_in_schedule(m) -> Expr:
        """Share of the debt that either profile leaves to its last instalment by not repaying it before."""
        return m.debt_matures * larger_of(absolute(_level_debt_left(m)), absolute(_scheduled_debt_left(m)))

    @check
    def schedule_repays_debt(m) -> Expr:
        """The repayment profile leaves nothing at maturity by itself: the last instalment hides no balloon."""
        return maximum(m.balloon_in_schedule)


def _level_debt_left(m: SeniorDebt) -> Expr:
    """Share of the debt that the level profile leaves at the end of the period, before the last instalment ends it."""
    return prev(m.level_debt_share) - m.principal_weight / total(m.principal_weight)


def _scheduled_debt_left(m: SeniorDebt) -> Expr:
    """Share of the debt that the schedule leaves at the end of the period, before the last instalment ends it."""
    interest = prev(m.scheduled_debt_share) * m.loan_interest * m.in_repayment
    return prev(m.scheduled_debt_share) + interest - m.service_share
