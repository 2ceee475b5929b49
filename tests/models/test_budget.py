"""Budget procurement worked by hand: payments, appropriations, bonds, private shortfall, comparator."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

#: Government bonds at 10 % a year, annual periods.
AT_TEN_PERCENT = [1.1**-period for period in range(1, 13)]


# --- payments for works and operation
def test_advance_works_and_retention(run):
    lines = run("budget", duration=2.0, advance_share=0.3, retention_share=0.05)
    first = lines["progress"][0] * 100
    assert lines["works_payment"][:3] == pytest.approx((30 + 0.65 * first, 0.65 * (100 - first) + 5, 0))


def test_the_state_bears_the_overrun_and_votes_what_exceeds_the_contingency(run):
    lines = run("budget", cost_overrun=0.4, contingency_share=0.1, vat_rate=0.16)
    assert lines["appropriation"][0] == pytest.approx(110 * 1.16)
    assert lines["supplementary_appropriation"][0] == pytest.approx(30 * 1.16)
    assert lines["total_state_payments"] == pytest.approx(140 * 1.16)


@pytest.mark.parametrize(("overrun", "used"), [(-0.1, 0), (0.04, 4), (0.4, 10)])
def test_contingency_is_used_by_overruns_as_far_as_it_reaches(run, overrun, used):
    lines = run("budget", cost_overrun=overrun, contingency_share=0.1, vat_rate=0.16)
    assert lines["contingency_used"] == pytest.approx(used * 1.16)
    assert lines["contingency_left"] == pytest.approx((10 - used) * 1.16)


def test_indexation_is_what_prices_add(run):
    lines = run("budget", cost_overrun=0.2, construction_price_index=1.25)
    assert lines["capex"][0] == pytest.approx(150)
    assert lines["indexation"][0] == pytest.approx(30)


def test_operation_is_paid_for_its_term_from_taking_over(run):
    lines = run("budget", duration=1.5, opex_rate=0.02, opex_overrun=0.5, operation_term=2.0, vat_rate=0.16)
    assert lines["operation_cost"][:5] == pytest.approx((0, 1.5, 3, 1.5, 0))
    assert lines["state_payment"][2] == pytest.approx(3 * 1.16)


def test_vat_on_works_and_operation_returns_to_the_budgets(run):
    lines = run("budget", opex_rate=0.02, operation_term=1.0, vat_rate=0.16)
    assert lines["taxes_returned"][:3] == pytest.approx((16, 0.32, 0))
    assert lines["net_present_cost"] == pytest.approx(102)


def test_a_budget_with_nothing_to_build_pays_nothing(run):
    lines = run("budget", financing_share=0.0, private_share=1.0, advance_share=0.3, retention_share=0.05)
    assert max(lines["state_payment"]) == 0


def test_levels_share_the_payment_and_the_appropriation(run):
    shares = {"republican_share": 0.5, "oblast_share": 0.3, "city_share": 0.05, "national_fund_share": 0.15}
    lines = run("budget", cost_overrun=0.2, **shares)
    levels = ("republican", "oblast", "city", "national_fund")
    assert [lines[f"state_payment_{level}"][0] for level in levels] == pytest.approx([60, 36, 6, 18])
    assert [lines[f"appropriation_{level}"][0] for level in levels] == pytest.approx([60, 36, 6, 18])


def test_shares_that_do_not_add_up_fail_a_check(run):
    with pytest.raises(AssertionError, match="levels_add_up"):
        run("budget", oblast_share=0.5)


# --- appropriations
def test_what_a_late_start_leaves_is_carried_over_to_the_limit_and_voted_again(run):
    lines = run("budget", start_delay=1.0, contingency_share=0.1, carry_over_share=0.5)
    # 2026: voted 110, nothing spent, half of 110 carried. 2027: 100 spent of 55, so 45 more are voted.
    assert lines["appropriation"][:3] == pytest.approx((110, 0, 0))
    assert lines["unspent_appropriation"][:3] == pytest.approx((110, 0, 0))
    assert lines["carried_over"][:3] == pytest.approx((55, 0, 0))
    assert lines["lapsed"][:3] == pytest.approx((55, 0, 0))
    assert lines["supplementary_appropriation"][:3] == pytest.approx((0, 45, 0))


def test_money_is_carried_over_once(run):
    lines = run("budget", start_delay=2.0, carry_over_share=1.0)
    # The year 2027 was voted nothing, so nothing of 2026 goes on to 2028.
    assert lines["carried_over"][:3] == pytest.approx((100, 0, 0))
    assert lines["lapsed"][:3] == pytest.approx((0, 100, 0))
    assert lines["supplementary_appropriation"][:3] == pytest.approx((0, 0, 100))


def test_an_appropriation_serves_the_whole_budget_year(run):
    # A year's works done in its first half: overspent at midyear, nothing to vote at its end.
    lines = run("budget", periods_per_year=2, schedule_slip=-0.5)
    spent, planned = lines["works_payment"], lines["appropriation"]
    assert spent[:2] == pytest.approx((100, 0))
    assert lines["available_in_year"][:2] == pytest.approx((planned[0], 100))
    assert lines["spent_in_year"][:2] == pytest.approx((100, 100))
    assert planned[0] < 100
    assert max(lines["supplementary_appropriation"]) == pytest.approx(0)


def test_what_is_spent_on_plan_is_what_was_voted(run):
    terms = {"duration": 2.5, "advance_share": 0.3, "retention_share": 0.05, "vat_rate": 0.16}
    index = [1.02**period for period in range(48)]
    lines = run("budget", periods_per_year=4, construction_price_index=index, **terms)
    assert lines["appropriation"] == pytest.approx(lines["works_payment"])


# --- government bonds
def test_bonds_repaid_when_their_term_ends(run):
    terms = {"debt_funded_share": 0.5, "bond_term": 3.0, "bond_bullet": 1.0, "bond_issue_cost": 0.01}
    lines = run("budget", discount_factor=AT_TEN_PERCENT, **terms)
    assert lines["sovereign_debt_outstanding"][:5] == pytest.approx((50, 50, 50, 0, 0))
    assert lines["state_payment"][:5] == pytest.approx((50 + 0.5, 5, 5, 55, 0))
    # Neutral but for the cost of issue.
    assert lines["pv_state_payments"] == pytest.approx((100 + 0.5) / 1.1)


def test_bonds_repaid_in_equal_principal(run):
    terms = {"debt_funded_share": 0.6, "bond_term": 3.0}
    lines = run("budget", discount_factor=AT_TEN_PERCENT, **terms)
    assert lines["sovereign_debt_principal"][:5] == pytest.approx((0, 20, 20, 20, 0))
    assert lines["sovereign_debt_interest"][:5] == pytest.approx((0, 6, 4, 2, 0))
    assert lines["pv_state_payments"] == pytest.approx(100 / 1.1)


def test_bonds_accrue_interest_while_the_works_go_on(run):
    lines = run("budget", duration=2.0, debt_funded_share=1.0, bond_term=1.0, discount_factor=AT_TEN_PERCENT)
    first = lines["works_payment"][0]
    assert lines["state_payment"][:4] == pytest.approx((0, 0.1 * first, 110, 0))


def test_bonds_wait_for_works_taken_over_later(run):
    terms = {"financing_share": 0.5, "private_share": 0.5, "private_mobilisation": 0.0, "shortfall_delay": 2.0}
    lines = run("budget", debt_funded_share=1.0, bond_term=2.0, **terms)
    assert lines["sovereign_debt_outstanding"][:6] == pytest.approx((50, 50, 100, 50, 0, 0))


# --- private shortfall
def test_private_shortfall_falls_back_on_the_budget_or_stays_unfunded(run):
    terms = {"financing_share": 0.4, "private_share": 0.6, "private_mobilisation": 0.5}
    all_taken_over = run("budget", **terms)
    assert sum(all_taken_over["capex"]) == pytest.approx(70)
    assert sum(all_taken_over["unfunded_works"]) == 0
    a_third = run("budget", shortfall_to_budget=1 / 3, **terms)
    assert sum(a_third["capex"]) == pytest.approx(50)
    assert sum(a_third["unfunded_works"]) == pytest.approx(20)
    assert sum(a_third["planned_works"]) == pytest.approx(40)


def test_a_shortfall_taken_over_later_is_built_paid_and_operated_later(run):
    terms = {"financing_share": 0.4, "private_share": 0.6, "private_mobilisation": 0.5, "shortfall_delay": 2.0}
    lines = run("budget", advance_share=0.3, vat_rate=0.16, opex_rate=0.02, operation_term=1.0, **terms)
    assert lines["capex"][:4] == pytest.approx((40, 0, 30, 0))
    # No advance on what is taken over, and all of it a supplementary vote.
    assert lines["works_payment"][:4] == pytest.approx((40 * 1.16, 0, 30 * 1.16, 0))
    assert lines["supplementary_appropriation"][:4] == pytest.approx((0, 0, 30 * 1.16, 0))
    assert lines["operation_cost"][:5] == pytest.approx((0, 0.8, 0, 0.6, 0))
    assert sum(lines["planned_works"]) == pytest.approx(40)
    assert lines["works_end"] == pytest.approx(2029)


def test_more_private_money_than_planned_relieves_nobody(run):
    lines = run("budget", financing_share=0.4, private_share=0.6, private_mobilisation=1.2)
    assert sum(lines["capex"]) == pytest.approx(40)


# --- public-sector comparator
def test_comparator_of_late_and_dearer_works(run):
    terms = {"start_delay": 1.0, "cost_overrun": 0.5, "debt_funded_share": 1.0, "bond_term": 2.0, "vat_rate": 0.16}
    shares = {"transferable_risk_share": 0.75, "competitive_neutrality_share": 0.1, "bond_issue_cost": 0.01}
    lines = run("budget", discount_factor=AT_TEN_PERCENT, **terms, **shares)
    raw, outcome = 100 / 1.1, 150 / 1.1**2
    assert lines["psc_raw"] == pytest.approx(raw)
    assert lines["psc_transferable_risk"] == pytest.approx(0.75 * (outcome - raw))
    assert lines["psc_retained_risk"] == pytest.approx(0.25 * (outcome - raw))
    assert lines["psc_financing"] == pytest.approx(0.01 * 150 * 1.16 / 1.1**2)
    assert lines["psc_competitive_neutrality"] == pytest.approx(0.1 * outcome)
    assert lines["public_sector_comparator"] == pytest.approx(1.1 * outcome + 0.01 * 174 / 1.1**2)


def test_an_advance_is_a_cost_of_financing(run):
    lines = run("budget", duration=2.0, advance_share=0.3, discount_factor=AT_TEN_PERCENT)
    first = lines["progress"][0]
    # 30 paid at the end of the first year, recovered with the works of both.
    assert lines["psc_financing"] == pytest.approx(30 * (1 - first) * (1 / 1.1 - 1 / 1.21))
    assert lines["psc_retained_risk"] == pytest.approx(0)


def test_works_taken_over_are_risk_that_the_state_keeps(run):
    terms = {"financing_share": 0.4, "private_share": 0.6, "private_mobilisation": 0.5, "opex_rate": 0.02}
    lines = run("budget", operation_term=1.0, transferable_risk_share=0.75, **terms)
    assert lines["psc_raw"] == pytest.approx(40.8)
    assert lines["psc_transferable_risk"] == pytest.approx(0)
    assert lines["psc_retained_risk"] == pytest.approx(30.6)


def test_operation_over_plan_is_risk(run):
    lines = run("budget", opex_rate=0.02, operation_term=2.0, opex_overrun=0.5, transferable_risk_share=1.0)
    assert lines["psc_raw"] == pytest.approx(104)
    assert lines["psc_transferable_risk"] == pytest.approx(2)


SHARES = st.just(0.0) | st.floats(0.01, 1)


@given(
    periods_per_year=st.sampled_from([1, 2, 4]),
    cost=st.sampled_from([0.0, 1e-3, 100.0, 1e4]),
    financing_share=SHARES,
    private_mobilisation=st.just(1.0) | st.floats(0, 0.99) | st.just(1.2),
    shortfall_to_budget=SHARES,
    shortfall_delay=st.floats(0, 4),
    start=st.floats(2026, 2029),
    start_delay=st.floats(0, 2),
    duration=st.floats(0.25, 5),
    schedule_slip=st.floats(-0.3, 2),
    cost_overrun=st.floats(-0.3, 3),
    advance_share=st.just(0.0) | st.floats(0.01, 0.5),
    retention_share=st.just(0.0) | st.floats(0.01, 0.1),
    contingency_share=st.just(0.0) | st.floats(0.01, 0.1),
    carry_over_share=SHARES,
    debt_funded_share=SHARES,
    bond_term=st.floats(0, 15),
    bond_bullet=st.sampled_from([0.0, 1.0]),
    bond_issue_cost=st.floats(0, 0.02),
    prices_are_real=st.sampled_from([0.0, 1.0]),
)
def test_checks_hold_whatever_the_terms(run, periods_per_year, financing_share, **terms):
    periods = 45 * periods_per_year
    index = [1.07 ** ((period + 0.5) / periods_per_year) for period in range(periods)]
    lines = run(
        "budget",
        periods_per_year=periods_per_year,
        years=45,
        construction_price_index=index,
        price_index=index,
        discount_factor=[1.12 ** -((period + 1) / periods_per_year) for period in range(periods)],
        financing_share=financing_share,
        private_share=1 - financing_share,
        vat_rate=0.16,
        opex_rate=0.02,
        opex_overrun=0.2,
        operation_term=10.0,
        transferable_risk_share=0.75,
        competitive_neutrality_share=0.1,
        **terms,
    )
    assert min(lines["lapsed"]) >= 0
    assert min(lines["unspent_appropriation"]) >= 0
