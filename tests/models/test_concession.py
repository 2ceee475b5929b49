"""Concession worked by hand, with numpy-financial as the reference; PySAM stands in a file of its own."""

from __future__ import annotations

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alatau_finance.modelling import Expr, line, prev
from models.concession import Concession

FUNDED = {"gearing": 0.75, "sovereign_yield": 0.07, "debt_margin": 0.03, "level_annuity": 1.0, "equity_premium": 0.13}
#: Debt service of 75 and equity charge of 25 over five years at 10 % and 20 %: 19.785 and 8.359.
SERVICE = -npf.pmt(0.10, 5, 75)
CHARGE = -npf.pmt(0.20, 5, 25)
USERS = {"user_pays": 1.0, "user_revenue_rate": 0.5}


# --- payment and its sizing
def test_debt_service_is_the_annuity_of_the_debt(run):
    lines = run("concession", **FUNDED)
    assert lines["debt"][0] == pytest.approx(75)
    assert lines["debt_service"][1:6] == pytest.approx([SERVICE] * 5)


def test_payment_serves_debt_and_equity_and_operation(run):
    lines = run("concession", opex_rate=0.02, **FUNDED)
    assert lines["availability_payment"][1:6] == pytest.approx([SERVICE + CHARGE + 2] * 5)


def test_equity_earns_its_required_return_when_tax_is_passed_through(run):
    lines = run("concession", periods_per_year=2, duration=2.0, cit_rate=0.2, tax_pass_through=1.0, **FUNDED)
    assert lines["equity_irr"] == pytest.approx(0.20)
    assert lines["equity_irr"] == pytest.approx((1 + npf.irr(lines["equity_flow"])) ** 2 - 1)
    assert sum(lines["corporate_income_tax"]) > 0


@pytest.mark.parametrize(
    "terms",
    [
        {"debt_reserve_time": 0.5, "deposit_yield": 0.8},
        {"debt_reserve_time": 1.0, "level_annuity": 0.0, "repayment_term": 4.0},
        {"receivable_time": 0.125},
        {"lifecycle_share": 0.1, "lifecycle_interval": 2.0, "deposit_yield": 0.8},
        {"capital_grant_share": 0.3, "development_cost_share": 0.03, "vat_rate": 0.16, "vat_not_refunded": 0.5},
        {"arrangement_fee": 0.02, "commitment_fee": 0.01},
        {"shareholder_loan_share": 0.6, "shareholder_loan_margin": 0.05, "property_tax_rate": 0.015},
        {"special_economic_zone": 1.0, "sez_term": 4.0, "property_tax_rate": 0.015},
    ],
)
def test_equity_earns_its_required_return_whatever_the_planned_terms(run, terms):
    index = [1.04**period for period in range(24)]
    world = {**FUNDED, "price_index": index, "construction_price_index": index}
    world |= {"cit_rate": 0.2, "tax_pass_through": 1.0, "opex_rate": 0.03, "duration": 1.75, "periods_per_year": 2}
    lines = run("concession", **{**world, **terms})
    assert lines["equity_irr"] == pytest.approx(0.20, abs=1e-10)
    assert lines["equity_npv"] == pytest.approx(0, abs=1e-10)


def test_equity_bears_the_tax_that_is_not_passed_through(run):
    assert run("concession", cit_rate=0.2, **FUNDED)["equity_irr"] < 0.20


def test_cover_ratio_is_secured_where_the_equity_charge_leaves_less(run):
    lines = run("concession", target_dscr=2.0, **FUNDED)
    assert lines["minimum_dscr"] == pytest.approx(2.0)
    assert lines["debt_amount"] == pytest.approx(75)
    assert lines["equity_irr"] > 0.20


def test_tax_part_of_the_payment_is_itself_taxed(run):
    lines = run("concession", cit_rate=0.2, tax_pass_through=1.0, **FUNDED)
    year = 3
    income = lines["availability_payment"][year] - lines["depreciation"][year] - lines["interest"][year]
    assert lines["corporate_income_tax"][year] == pytest.approx(0.2 * income)


def test_a_tail_remains_after_the_debt(run):
    lines = run("concession", repayment_term=4.0, opex_rate=0.02, **FUNDED)
    assert lines["debt_service"][5] == 0
    assert lines["availability_payment"][5] == pytest.approx(CHARGE + 2)


# --- uses and sources of funds
def test_interest_during_construction_is_funded_at_the_gearing(run):
    lines = run("concession", duration=2.0, **FUNDED)
    first = 0.75 * lines["capex"][0]
    assert lines["interest_during_construction"][1] == pytest.approx(0.1 * first)
    assert lines["debt"][1] == pytest.approx(first + 0.75 * (lines["capex"][1] + 0.1 * first))


def test_fees_and_initial_reserve_are_funded_at_the_gearing(run):
    lines = run("concession", duration=2.0, arrangement_fee=0.02, commitment_fee=0.01, debt_reserve_time=1.0, **FUNDED)
    debt, drawn = lines["debt_amount"], lines["debt"]
    assert lines["financing_fees"][:2] == pytest.approx((0.02 * debt + 0.01 * debt, 0.01 * (debt - drawn[0])))
    assert lines["initial_reserve"][:3] == pytest.approx((0, -npf.pmt(0.10, 5, debt), 0))
    assert drawn[0] == pytest.approx(0.75 * lines["uses_of_funds"][0])
    assert drawn[1] == pytest.approx(debt)
    assert debt == pytest.approx(0.75 * sum(lines["uses_of_funds"]))


def test_development_cost_and_vat_not_refunded_are_uses_of_funds(run):
    lines = run("concession", development_cost_share=0.03, vat_rate=0.16, vat_not_refunded=0.25, **FUNDED)
    assert lines["uses_of_funds"][0] == pytest.approx(100 + 3 + 4)
    assert lines["taxes_returned"][0] == pytest.approx(4)


def test_a_grant_is_paid_by_the_state_and_lowers_what_is_financed(run):
    lines = run("concession", capital_grant_share=0.3, vat_rate=0.16, **FUNDED)
    assert lines["state_payment"][0] == pytest.approx(30 * 1.16)
    assert lines["debt_amount"] == pytest.approx(0.75 * 70)
    assert lines["book_value"][0] == pytest.approx(70)
    assert lines["availability_payment"][1] == pytest.approx(0.7 * (SERVICE + CHARGE))
    assert lines["obligation_recognised"][0] == pytest.approx(70)


def test_overrun_is_paid_by_equity_beyond_the_pass_through(run):
    lines = run("concession", cost_overrun=0.5, overrun_pass_through=0.2, **FUNDED)
    assert lines["debt"][0] == pytest.approx(0.75 * 110)
    assert lines["equity_injection"][0] == pytest.approx(150 - 0.75 * 110)
    assert lines["equity_irr"] < 0.20


def test_lenders_and_shareholders_share_a_saving_at_the_gearing(run):
    lines = run("concession", cost_overrun=-0.2, **FUNDED)
    assert lines["debt"][0] == pytest.approx(0.75 * 80)
    assert lines["equity_injection"][0] == pytest.approx(0.25 * 80)
    assert lines["availability_payment"][1] == pytest.approx(SERVICE + CHARGE)


def test_interest_is_fixed_at_signing(run):
    lines = run("concession", start=2027.0, **{**FUNDED, "sovereign_yield": [0.15, 0.07, *[0.01] * 10]})
    assert lines["interest_rate"][1:] == pytest.approx([0.10] * 11)
    assert lines["required_equity_return"] == pytest.approx(0.20)


def test_shareholder_loan_is_served_before_dividends(run):
    lines = run("concession", shareholder_loan_share=0.5, shareholder_loan_margin=0.05, **FUNDED)
    # 12.5 at 12 %; distributions are the equity charge of 8.359 a year.
    first = 12.5 * 1.12 - CHARGE
    assert lines["shareholder_loan"][:3] == pytest.approx((12.5, first, 0))
    assert lines["shareholder_loan_service"][1:4] == pytest.approx((CHARGE, first * 1.12, 0))
    assert lines["equity_irr"] == pytest.approx(0.20)


def test_shareholder_loan_becomes_equity_where_the_contract_ends_before_it_is_repaid(run):
    terms = {"shareholder_loan_share": 0.5, "shareholder_loan_margin": 0.05, "availability_deduction": 0.4}
    lines = run("concession", **{**FUNDED, **terms})
    # Nothing is distributed: the loan of 12.5 grows at 12 % for the five years of operation.
    left = 12.5 * 1.12**5
    assert sum(lines["distributions"]) == 0
    assert lines["shareholder_loan"][:7] == pytest.approx([*(12.5 * 1.12**year for year in range(5)), 0, 0])
    assert lines["shareholder_loan_converted"][:7] == pytest.approx((0, 0, 0, 0, 0, left, 0))
    support = sum(lines["sponsor_support"])
    assert lines["paid_in_equity"][6:] == pytest.approx([12.5 + support + left] * 6)
    assert max(lines["balance_gap"]) < 1e-12


# --- size of the debt
def test_debt_is_sculpted_to_the_lenders_cash_flow(run):
    lines = run("concession", ramp_up_years=5.0, sculpted=1.0, target_dscr=2.0, **USERS, **FUNDED)
    # Revenue 10, 20, 30, 40, 50: half of it serves debt.
    assert lines["debt_amount"] == pytest.approx(npf.npv(0.10, [0, 5, 10, 15, 20, 25]))
    assert lines["debt_service"][1:6] == pytest.approx((5, 10, 15, 20, 25))
    assert lines["dscr"][1:6] == pytest.approx([2.0] * 5)


class Balloon(Concession):
    """A schedule that pays interest alone, so that the whole debt would fall due with the last instalment."""

    @line("1")
    def service_share(m) -> Expr:
        """Interest alone."""
        return m.loan_interest * m.in_repayment


def test_a_balloon_hidden_in_the_schedule_fails_a_check(run):
    run("concession", **FUNDED)
    with pytest.raises(AssertionError, match="schedule_repays_debt"):
        run(Balloon, **FUNDED)


class WriteOff(Concession):
    """A concession that depreciates a part of its cost, and the rest at once."""

    @line("bn KZT")
    def straight_line_depreciation(m) -> Expr:
        """A part of it."""
        return m.gearing * m.asset_cost * (m.depreciated_share - prev(m.depreciated_share))


def test_a_write_off_hidden_in_the_last_depreciation_fails_a_check(run):
    with pytest.raises(AssertionError, match="depreciated_in_full"):
        run(WriteOff, **FUNDED)


def test_a_level_profile_is_sized_on_the_leanest_period(run):
    lines = run("concession", ramp_up_years=5.0, target_dscr=1.25, **USERS, **FUNDED)
    assert lines["debt_amount"] == pytest.approx(-npf.pv(0.10, 5, 10 / 1.25))
    assert lines["minimum_dscr"] == pytest.approx(1.25)


def test_equal_principal_is_sized_on_its_heaviest_service(run):
    terms = {**FUNDED, "level_annuity": 0.0}
    lines = run("concession", user_pays=1.0, user_revenue_rate=0.12, target_dscr=1.5, **terms)
    # The first instalment, debt x (1/5 + 10 %), is 12 / 1.5.
    assert lines["debt_amount"] == pytest.approx(8 / 0.3)


def test_loan_life_cover_caps_the_debt(run):
    lines = run("concession", minimum_llcr=4.0, **USERS, **FUNDED)
    assert lines["debt_amount"] == pytest.approx(-npf.pv(0.10, 5, 50) / 4)
    assert lines["lowest_llcr"] == pytest.approx(4.0)


def test_lenders_case_is_the_plan_and_bears_tax_before_interest(run):
    terms = {"sculpted": 1.0, "target_dscr": 2.0, "cit_rate": 0.2, "demand_factor": 0.7, "lenders_case_after_tax": 1.0}
    lines = run("concession", user_pays=1.0, user_revenue_rate=0.4, opex_rate=0.05, opex_overrun=0.3, **terms, **FUNDED)
    # 40 - 5 less 20 % of 35 - 20, whatever demand and operation cost come to be.
    assert lines["lenders_cfads"][1:6] == pytest.approx([32] * 5)
    assert lines["debt_amount"] == pytest.approx(-npf.pv(0.10, 5, 32 / 2))


def test_nothing_is_lent_on_a_case_without_cash_flow(run):
    lines = run("concession", user_pays=1.0, opex_rate=0.02, target_dscr=1.2, sculpted=1.0, **FUNDED)
    assert lines["debt_amount"] == 0
    assert lines["equity_injection"][0] == pytest.approx(100)
    assert lines["sponsor_support"][1:6] == pytest.approx([2] * 5)


# --- waterfall
def test_debt_reserve_is_held_until_the_last_debt_service(run):
    lines = run("concession", debt_reserve_time=1.0, **FUNDED)
    share = -npf.pmt(0.10, 5, 1)
    debt = 75 / (1 - 0.75 * share)
    assert lines["debt_amount"] == pytest.approx(debt)
    assert lines["debt_reserve"][:6] == pytest.approx((*[debt * share] * 5, 0))
    assert lines["equity_irr"] == pytest.approx(0.20)


def test_debt_reserve_and_then_sponsors_meet_a_shortfall(run):
    plan = run("concession", debt_reserve_time=1.0, **FUNDED)
    lines = run("concession", debt_reserve_time=1.0, availability_deduction=0.65, **FUNDED)
    short = plan["debt_service"][1] - 0.35 * plan["availability_payment"][1]
    reserve = plan["debt_reserve"][0]
    assert short < reserve < 2 * short
    assert lines["debt_reserve"][:3] == pytest.approx((reserve, reserve - short, 0))
    assert lines["sponsor_support"][:4] == pytest.approx((0, 0, 2 * short - reserve, short))
    assert lines["debt_service"] == pytest.approx(plan["debt_service"])
    assert lines["total_sponsor_support"] == pytest.approx(5 * short - reserve)


def test_lock_up_holds_cash_back_until_the_debt_is_repaid(run):
    lines = run("concession", availability_deduction=0.15, lock_up_dscr=1.25, **FUNDED)
    # 0.85 x 28.144 = 23.92 on a debt service of 19.785: cover 1.21.
    held = 0.85 * (SERVICE + CHARGE) - SERVICE
    assert lines["locked_cash"][1:6] == pytest.approx((held, 2 * held, 3 * held, 4 * held, 0))
    assert lines["distributions"][1:6] == pytest.approx((0, 0, 0, 0, 5 * held))


def test_nothing_is_held_back_above_the_lock_up_ratio(run):
    lines = run("concession", availability_deduction=0.15, lock_up_dscr=1.20, **FUNDED)
    assert max(lines["locked_cash"]) == 0


def test_cash_sweep_prepays_and_interest_follows_the_balance(run):
    lines = run("concession", sweep_share=1.0, **FUNDED)
    scheduled = SERVICE - 7.5
    assert lines["cash_sweep"][1] == pytest.approx(CHARGE)
    assert lines["debt"][1] == pytest.approx(75 - scheduled - CHARGE)
    assert lines["interest"][2] == pytest.approx(0.1 * lines["debt"][1])
    assert sum(lines["principal"]) + sum(lines["cash_sweep"]) == pytest.approx(75)
    # 75 at 10 % paid at 28.144 a year: 54.356, 31.648, 6.669, then the rest in year 4.
    assert lines["debt"][3] == pytest.approx(npf.fv(0.10, 3, SERVICE + CHARGE, -75))
    assert lines["debt"][4] == pytest.approx(0)
    assert lines["debt_service"][5] == 0


def test_maintenance_reserve_holds_the_cost_when_it_falls_due(run):
    lines = run("concession", lifecycle_share=0.1, lifecycle_interval=2.0, **FUNDED)
    # A third time would fall after the five years, so nothing is set aside in the last.
    assert lines["maintenance_reserve"][1:6] == pytest.approx((5, 0, 5, 0, 0))
    assert lines["lifecycle_cost"][1:6] == pytest.approx((0, 10, 0, 10, 0))
    assert lines["availability_payment"][1:6] == pytest.approx([SERVICE + CHARGE + 5] * 4 + [SERVICE + CHARGE])
    assert lines["cfads"][1:6] == pytest.approx([SERVICE + CHARGE] * 5)


def test_maintenance_reserve_follows_prices(run):
    index = [1.0, 1.1, 1.2, *[1.0] * 9]
    lines = run("concession", lifecycle_share=0.1, lifecycle_interval=2.0, price_index=index, **FUNDED)
    assert lines["maintenance_reserve"][1] == pytest.approx(5.5)
    assert lines["lifecycle_cost"][2] == pytest.approx(12)
    assert lines["planned_operation"][2] == pytest.approx(12 - 5.5)


def test_receivables_are_paid_a_period_later_and_in_full_at_the_end(run):
    lines = run("concession", receivable_time=0.25, **FUNDED)
    payment = lines["availability_payment"]
    assert lines["receivables"][1:6] == pytest.approx([0.25 * payment[1]] * 4 + [0])
    received = [0.75 * payment[1], *[payment[1]] * 3, 1.25 * payment[1]]
    assert lines["cfads"][1:6] == pytest.approx(received)
    assert lines["state_payment"][1:6] == pytest.approx(received)


def test_cash_earns_interest(run):
    lines = run("concession", debt_reserve_time=1.0, deposit_yield=0.5, **FUNDED)
    assert lines["interest_income"][1] == pytest.approx(0.07 * 0.5 * lines["debt_reserve"][0])


# --- taxes
def test_losses_cover_a_limited_share_of_a_profit(run):
    lines = run("concession", ramp_up_years=5.0, cit_rate=0.2, loss_offset_limit=0.5, **USERS)
    # Revenue 10 to 50 less depreciation 20: -10, 0, 10, 20, 30; half of 10 is covered, then the 5 that are left.
    assert lines["taxable_profit"][1:6] == pytest.approx((0, 0, 5, 15, 30))
    assert lines["tax_losses_carried_forward"][1:6] == pytest.approx((10, 10, 5, 0, 0))
    assert lines["corporate_income_tax"][3] == pytest.approx(1)


def test_a_zone_participant_pays_no_tax_for_its_term(run):
    lines = run("concession", cit_rate=0.2, property_tax_rate=0.01, special_economic_zone=1.0, sez_term=3.0, **USERS)
    assert lines["corporate_income_tax"][:3] == lines["property_tax"][:3] == (0, 0, 0)
    assert lines["property_tax"][3] == pytest.approx(0.01 * 60)
    assert lines["corporate_income_tax"][3] == pytest.approx(0.2 * (50 - 20 - 0.6))


def test_property_tax_is_passed_through(run):
    lines = run("concession", property_tax_rate=0.01, tax_pass_through=1.0, **FUNDED)
    assert lines["property_tax"][1:3] == pytest.approx((1, 0.8))
    assert lines["availability_payment"][1] == pytest.approx(SERVICE + CHARGE + 1)
    assert lines["taxes_returned"][1] == pytest.approx(1)


def test_half_year_convention_moves_depreciation(run):
    lines = run("concession", depreciation_lag=0.5, asset_life=4.0, **FUNDED)
    assert lines["depreciation"][1:6] == pytest.approx((12.5, 25, 25, 25, 12.5))


# --- users
def test_users_pay_with_demand_and_the_state_guarantees_a_part(run):
    lines = run("concession", demand_factor=0.5, guaranteed_share=0.8, vat_rate=0.16, **USERS)
    assert lines["user_revenue"][1] == pytest.approx(25)
    assert lines["guarantee_payment"][1] == pytest.approx(15)
    assert lines["state_payment"][1] == pytest.approx(15)
    assert lines["contingent_liability"][0] == pytest.approx(0.8 * 50)
    assert max(lines["obligation_outstanding"]) == 0


def test_state_and_users_share_a_concession(run):
    lines = run("concession", user_pays=0.4, user_revenue_rate=0.5, vat_rate=0.16, **FUNDED)
    assert lines["availability_payment"][1] == pytest.approx(0.6 * (SERVICE + CHARGE))
    assert lines["operating_revenue"][1] == pytest.approx(0.6 * (SERVICE + CHARGE) + 20)
    assert lines["obligation_recognised"][0] == pytest.approx(60)


# --- the state
def test_the_state_pays_vat_on_top_and_gets_it_back(run):
    lines = run("concession", vat_rate=0.16, **FUNDED)
    assert lines["state_payment"][1] == pytest.approx(1.16 * lines["availability_payment"][1])
    assert lines["taxes_returned"][1] == pytest.approx(0.16 * lines["availability_payment"][1])
    payments = npf.npv(0, lines["availability_payment"])
    assert lines["net_present_cost"] == pytest.approx(payments)


def test_obligation_ledger(run):
    lines = run("concession", **FUNDED)
    capital = SERVICE + CHARGE
    assert lines["obligation_signed"][:2] == pytest.approx((100, 0))
    assert lines["obligation_due"][:2] == lines["obligation_settled"][:2] == pytest.approx((0, capital))
    assert lines["obligation_accrued"][:2] == pytest.approx((0, 0.10 * 75 + 0.20 * 25))
    assert lines["obligation_outstanding"][:2] == pytest.approx((100, 112.5 - capital))
    assert lines["obligation_outstanding"][5:] == pytest.approx([0] * 7, abs=1e-9)


def test_a_deduction_settles_less_and_accrues_less(run):
    full, lines = run("concession", **FUNDED), run("concession", availability_deduction=0.1, **FUNDED)
    capital = SERVICE + CHARGE
    assert lines["obligation_due"][1] == pytest.approx(capital)
    assert lines["obligation_settled"][1] == pytest.approx(0.9 * capital)
    assert lines["obligation_accrued"][1] == pytest.approx(12.5 - 0.1 * capital)
    assert lines["obligation_outstanding"] == pytest.approx(full["obligation_outstanding"])


def test_termination_payments_by_cause(run):
    lines = run("concession", default_debt_share=0.85, **FUNDED)
    debt = 75 * 1.1 - SERVICE
    assert lines["termination_partner_default"][:2] == pytest.approx((0.85 * 75, 0.85 * debt))
    assert lines["termination_force_majeure"][:2] == pytest.approx((100, debt + 25 - CHARGE))
    assert lines["termination_authority_default"][:2] == pytest.approx((100, debt + 25 * 1.2 - CHARGE))
    assert lines["contingent_liability"][1] == lines["termination_partner_default"][1]
    assert lines["termination_authority_default"][5:] == (0,) * 7


# --- ratios, returns, statements
def test_cover_ratios(run):
    lines = run("concession", repayment_term=3.0, **FUNDED)
    service = -npf.pmt(0.10, 3, 75)
    assert lines["dscr"][1:5] == pytest.approx([1 + CHARGE / service] * 3 + [0])
    assert lines["average_dscr"] == pytest.approx(1 + CHARGE / service)
    assert lines["minimum_dscr"] == pytest.approx(1 + CHARGE / service)
    assert lines["llcr"][1:5] == pytest.approx([1 + CHARGE / service] * 3 + [0])
    owed = 75 * 1.1 - service
    to_come = [service + CHARGE] * 2 + [CHARGE] * 2
    assert lines["plcr"][2] == pytest.approx(npf.npv(0.10, [0, *to_come]) / owed)
    assert lines["initial_plcr"] == lines["plcr"][1]


def test_returns_are_those_of_numpy_financial(run):
    terms = {"cit_rate": 0.2, "opex_rate": 0.03, "user_pays": 1.0, "user_revenue_rate": 0.45, "ramp_up_years": 3.0}
    lines = run("concession", **terms, **{**FUNDED, "gearing": 0.3})
    assert lines["project_irr"] == pytest.approx(npf.irr(lines["project_flow"]))
    assert lines["equity_irr"] == pytest.approx(npf.irr(lines["equity_flow"]))
    # Flows fall at the ends of periods, numpy's first at the start.
    assert lines["equity_npv"] == pytest.approx(npf.npv(0.20, [0, *lines["equity_flow"]]))
    assert lines["equity_multiple"] == pytest.approx(sum(lines["distributions"]) / sum(lines["equity_injection"]))


def test_the_project_earns_what_its_lenders_and_shareholders_do(run):
    """Period by period; so, where shareholders ask for more than lenders, its return lies between theirs."""
    terms = {"cit_rate": 0.2, "tax_pass_through": 1.0, "debt_reserve_time": 1.0, "arrangement_fee": 0.01}
    lines = run("concession", deposit_yield=0.8, lifecycle_share=0.05, lifecycle_interval=2.0, **terms, **FUNDED)
    flow = {name: np.array(value) for name, value in lines.items() if isinstance(value, tuple)}
    accounts = np.diff(flow["cash"], prepend=0) - flow["interest_income"]
    assert max(flow["interest_income"]) > 0
    assert flow["project_flow"] == pytest.approx(flow["lender_flow"] + flow["equity_flow"] + accounts, abs=1e-9)
    assert npf.irr(flow["lender_flow"]) < lines["project_irr"] < lines["equity_irr"] == pytest.approx(0.20)


@pytest.mark.parametrize("rate", [0.0, 0.04, 0.10, 0.25])
@pytest.mark.parametrize("term", [1, 3, 12])
def test_instalments_are_those_of_numpy_financial(run, rate, term):
    terms = {"repayment_term": float(term), "concession_term": 12.0, "gearing": 0.8, "level_annuity": 1.0, "years": 16}
    lines = run("concession", debt_margin=rate, **terms)
    years = np.arange(1, term + 1)
    assert lines["debt_service"][1 : term + 1] == pytest.approx([-npf.pmt(rate, term, 80)] * term)
    if rate:
        assert lines["interest"][1 : term + 1] == pytest.approx(-npf.ipmt(rate, years, term, 80))
        assert lines["principal"][1 : term + 1] == pytest.approx(-npf.ppmt(rate, years, term, 80))


def test_payback_is_the_end_of_the_first_period_that_stays_in_the_black(run):
    lines = run("concession", **FUNDED)
    # 25 paid in, 8.359 a year: recovered in the third year of operation, the fourth of the contract.
    assert lines["shareholder_position"][2] < 0 < lines["shareholder_position"][3]
    assert lines["payback"] == pytest.approx(4)


def test_statements(run):
    lines = run("concession", cit_rate=0.2, opex_rate=0.02, debt_reserve_time=1.0, **FUNDED)
    year = 2
    profit = lines["availability_payment"][year] - 2 - lines["depreciation"][year] - lines["interest"][year]
    assert lines["net_income"][year] == pytest.approx(profit - 0.2 * max(profit, 0))
    assets = lines["book_value"][year] + lines["debt_reserve"][year]
    assert lines["total_assets"][year] == pytest.approx(assets)
    assert lines["total_liabilities"][year] == pytest.approx(assets)
    assert lines["net_cash_flow"] == pytest.approx(np.diff((0, *lines["cash"])))
    assert sum(lines["net_income"]) + sum(lines["equity_injection"]) == pytest.approx(sum(lines["distributions"]))


# --- whatever comes
SHARES = st.sampled_from([0.0, 1.0]) | st.floats(0, 1)


@given(
    start=st.floats(2026, 2029),
    duration=st.floats(0.25, 5),
    schedule_slip=st.floats(-0.3, 2),
    cost=st.just(0.0) | st.floats(1, 500),
    cost_overrun=st.floats(-0.3, 3),
    overrun_pass_through=SHARES,
    opex_overrun=st.floats(-0.25, 1),
    demand_factor=st.floats(0, 1.3),
    availability_deduction=st.floats(0, 1),
    sovereign_yield=st.floats(0.005, 0.3),
    gearing=st.just(0.0) | st.floats(0.3, 0.9),
    target_dscr=st.sampled_from([0.0, 1.2]),
    minimum_llcr=st.sampled_from([0.0, 1.3]),
    sculpted=st.sampled_from([0.0, 1.0]),
    level_annuity=st.sampled_from([0.0, 1.0]),
    lenders_case_after_tax=st.sampled_from([0.0, 1.0]),
    debt_reserve_time=st.floats(0, 1),
    deposit_yield=SHARES,
    lock_up_dscr=st.floats(0, 1.3),
    sweep_share=SHARES,
    receivable_time=st.floats(0, 0.6),
    lifecycle_share=st.floats(0, 0.2),
    lifecycle_interval=st.sampled_from([0.0, 3.0, 5.0, 7.3]),
    shareholder_loan_share=SHARES,
    capital_grant_share=st.floats(0, 0.9),
    vat_not_refunded=SHARES,
    development_cost_share=st.floats(0, 0.05),
    user_pays=SHARES,
    guaranteed_share=SHARES,
    asset_life=st.floats(3, 40),
    depreciation_lag=st.sampled_from([0.0, 0.5]),
    tax_pass_through=SHARES,
    loss_offset_limit=SHARES,
    property_tax_rate=st.floats(0, 0.02),
    special_economic_zone=st.sampled_from([0.0, 1.0]),
)
def test_checks_hold_whatever_the_terms(run, **terms):
    index = [1.03**period for period in range(80)]
    lines = run(
        "concession",
        periods_per_year=2,
        years=40,
        construction_price_index=index,
        price_index=index,
        repayment_term=13.0,
        concession_term=15.0,
        opex_rate=0.03,
        user_revenue_rate=0.25,
        ramp_up_years=2.0,
        cit_rate=0.2,
        vat_rate=0.16,
        arrangement_fee=0.01,
        commitment_fee=0.0075,
        debt_margin=0.03,
        shareholder_loan_margin=0.05,
        equity_premium=0.066,
        default_debt_share=0.85,
        sez_term=7.0,
        **terms,
    )
    # Nothing is left over after the term, not even a rounding error: it would spoil the rates of return.
    assert set(lines["equity_flow"][70:]) == {0.0}
    assert min(lines["debt_reserve"]) >= 0 <= min(lines["locked_cash"])
    assert min(lines["equity_injection"]) >= -1e-9 * terms["cost"]
    assert min(lines["distributions"]) >= -1e-9 * terms["cost"]
