"""EPC+F against numpy-financial, and what holds whatever the terms. Cases worked by hand stand in cases/epcf."""

from __future__ import annotations

import math

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alatau_finance.modelling import Expr, line
from models.epcf import EpcF

TENGE = {"policy_rate": 0.07, "tenge_margin": 0.03}
ANNUITY = {**TENGE, "level_annuity": 1.0}
COVER = {"cover_premium_rate": 0.06, "cover_share": 0.95, "cover_premium_financed": 0.85}
FEES = {"management_fee": 0.01, "commitment_fee": 0.004, "guarantee_fee": 0.005}
AT_TEN_PERCENT = [1.1**-year for year in range(1, 13)]


# --- against numpy-financial
@pytest.mark.parametrize("periods_per_year", [1, 2, 4])
def test_level_annuity(run, periods_per_year):
    # The neutral works are complete at the end of the year; one period's works start the debt.
    lines = run("epcf", periods_per_year=periods_per_year, duration=1 / periods_per_year, **ANNUITY)
    rate, count = 0.10 / periods_per_year, 5 * periods_per_year
    numbers = range(1, count + 1)
    assert lines["debt_service"][1 : count + 1] == pytest.approx([-npf.pmt(rate, count, 100)] * count)
    assert lines["principal"][1 : count + 1] == pytest.approx(-npf.ppmt(rate, numbers, count, 100))
    assert lines["interest"][1 : count + 1] == pytest.approx(-npf.ipmt(rate, numbers, count, 100))
    assert max(lines["debt_service"][count + 1 :]) == 0


@pytest.mark.parametrize("balloon", [0.0, 0.2, 0.7, 1.0])
def test_level_annuity_with_a_balloon(run, balloon):
    lines = run("epcf", balloon_share=balloon, **ANNUITY)
    level = -npf.pmt(0.10, 5, 100, -100 * balloon)
    assert lines["debt_service"][1:6] == pytest.approx([level] * 4 + [level + 100 * balloon])


class Hidden(EpcF):
    """A contract whose instalments repay too little by their shares, and the rest with the last."""

    @line("1")
    def principal_share(m) -> Expr:
        """A tenth of the debt each time."""
        return m.in_repayment * m.period_interest


def test_a_balloon_hidden_in_the_last_instalment_fails_a_check(run):
    with pytest.raises(AssertionError, match="debt_repaid"):
        run(Hidden, **ANNUITY)


def test_the_last_instalment_leaves_exactly_nothing(run):
    lines = run("epcf", duration=2.0, **ANNUITY, **COVER)
    assert lines["balance"][5] > 0
    assert set(lines["balance"][6:]) == {0.0}


def test_rates_of_return_and_present_value(run):
    terms = {"advance_share": 0.15, "retention_share": 0.05, "payment_delay": 0.3, "late_payment_rate": 0.18}
    rate = [1.03**year for year in range(12)]
    linked = {"fx_linked_share": 0.5, "exchange_rate_index": rate, "sofr": 0.04}
    lines = run(
        "epcf",
        duration=2.0,
        price_premium=0.1,
        contractor_discount_rate=0.14,
        **terms,
        **linked,
        **COVER,
        **FEES,
        **TENGE,
    )
    assert lines["effective_rate"] == pytest.approx(npf.irr(lines["credit_flow"]))
    assert lines["contractor_irr"] == pytest.approx(npf.irr(lines["contractor_return_flow"]))
    # npv() takes its first flow as of today; here it falls at the end of the first period.
    assert lines["contractor_npv"] == pytest.approx(npf.npv(0.14, [0, *lines["contractor_cash"]]))


def test_contractor_discounts_at_an_annual_effective_rate(run):
    lines = run("epcf", periods_per_year=2, contractor_discount_rate=0.21, duration=2.0, **ANNUITY)
    assert lines["contractor_npv"] == pytest.approx(npf.npv(0.1, [0, *lines["contractor_cash"]]))


# --- what things cost
def test_fees_and_insurance_raise_the_effective_rate(run):
    assert run("epcf", duration=2.0, **TENGE)["effective_rate"] == pytest.approx(0.10)
    dearer = [run("epcf", duration=2.0, **{name: value}, **TENGE)["effective_rate"] for name, value in FEES.items()]
    assert min([*dearer, run("epcf", duration=2.0, **COVER, **TENGE)["effective_rate"]]) > 0.10


def test_at_the_contract_rate_the_financing_premium_is_nil(run):
    lines = run("epcf", duration=2.0, discount_factor=AT_TEN_PERCENT, **ANNUITY)
    assert lines["financing_premium"] == pytest.approx(0, abs=1e-9)


def test_an_advance_of_all_has_no_effective_rate(run):
    assert math.isnan(run("epcf", advance_share=1.0, **ANNUITY)["effective_rate"])


@pytest.mark.parametrize("insurance", [{}, COVER])
@pytest.mark.parametrize("treatment", [{}, {"interest_capitalised": 0.0}, {"interest_priced_in": 1.0}])
def test_the_treatment_of_interest_moves_payments_and_not_their_value(run, treatment, insurance):
    terms = {"duration": 2.0, "grace_period": 1.0, "milestone_cash_share": 0.2}
    lines = run("epcf", discount_factor=AT_TEN_PERCENT, **terms, **treatment, **insurance, **ANNUITY)
    certified = lines["progress"][0]
    works = 100 * (certified / 1.1 + (1 - certified) / 1.21)
    # The insurance premium is drawn or paid at signing.
    assert lines["pv_state_payments"] == pytest.approx(works + lines["cover_premium"] / 1.1)
    assert lines["cover_premium"] > 0 or lines["effective_rate"] == pytest.approx(0.10)


def test_interest_in_the_price_bears_vat_that_returns(run):
    terms = {"duration": 2.0, "grace_period": 1.0, "vat_rate": 0.16, "discount_factor": AT_TEN_PERCENT}
    charged, priced_in = run("epcf", **terms, **ANNUITY), run("epcf", interest_priced_in=1.0, **terms, **ANNUITY)
    assert priced_in["pv_works"] == pytest.approx(charged["pv_works"])
    more = priced_in["pv_state_payments"] - charged["pv_state_payments"]
    first, second = priced_in["priced_in_interest"][:2]
    assert more == pytest.approx(0.16 * (first / 1.1 + second / 1.21))
    assert priced_in["net_present_cost"] == pytest.approx(charged["net_present_cost"])


# --- what fails a check
def test_a_calendar_that_ends_too_early_fails_a_check(run):
    with pytest.raises(AssertionError, match="repaid_within_calendar"):
        run("epcf", years=4, **ANNUITY)


def test_arrears_that_outlast_the_calendar_fail_a_check(run):
    run("epcf", years=6, **ANNUITY)
    with pytest.raises(AssertionError, match="arrears_end_at_zero"):
        run("epcf", years=6, payment_delay=0.25, **ANNUITY)


@pytest.mark.parametrize("periods_per_year", [1, 2, 4])
def test_more_than_two_periods_late_fail_a_check(run, periods_per_year):
    run("epcf", periods_per_year=periods_per_year, payment_delay=2 / periods_per_year)
    with pytest.raises(AssertionError, match="lateness_within_two_periods"):
        run("epcf", periods_per_year=periods_per_year, payment_delay=2.1 / periods_per_year)


# --- whatever the terms
def share(low: float = 0.0, high: float = 1.0) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


FLOWS = (
    "capex",
    "liquidated_damages",
    "state_payment",
    "obligation_outstanding",
    "dollar_instalment",
    "taxes_returned",
)


@given(years_late=st.integers(1, 4), schedule_slip=share(), payment_delay=share(0, 0.5), grace_period=share(0, 2))
def test_a_late_start_moves_every_flow_by_as_many_years(run, years_late, schedule_slip, payment_delay, grace_period):
    terms = {
        "duration": 1.5,
        "schedule_slip": schedule_slip,
        "delay_charged_share": 0.5,
        "liquidated_damages_rate": 0.1,
        "liquidated_damages_cap": 0.1,
        "grace_period": grace_period,
        "fx_linked_share": 0.5,
        "payment_delay": payment_delay,
        "late_payment_rate": 0.18,
        "vat_rate": 0.16,
    }
    on_time, late = (
        run("epcf", periods_per_year=4, years=20, start_delay=delay, **terms, **COVER, **FEES, **TENGE)
        for delay in (0.0, float(years_late))
    )
    periods = 4 * years_late
    for name in FLOWS:
        assert late[name][periods:] == pytest.approx(on_time[name][:-periods]), name
        assert set(late[name][:periods]) == {0.0}, name


@given(
    periods_per_year=st.sampled_from([1, 2, 4]),
    duration=st.floats(0.25, 4),
    grace_period=share(0, 2),
    advance_share=share(0, 0.5),
    retention_share=share(0, 0.2),
    milestone_cash_share=share(0, 0.25),
    balloon_share=share(),
    level_annuity=share(),
    fx_linked_share=share(),
    policy_rate=st.floats(0.005, 0.4),
)
def test_on_plan_the_interest_in_the_price_is_neither_gain_nor_loss(run, periods_per_year, policy_rate, **terms):
    lines = run(
        "epcf",
        periods_per_year=periods_per_year,
        interest_priced_in=1.0,
        policy_rate=policy_rate,
        sofr=policy_rate,
        **terms,
    )
    expected = (1 + policy_rate / periods_per_year) ** periods_per_year - 1
    assert lines["effective_rate"] == pytest.approx(expected, rel=1e-6)


@given(
    periods_per_year=st.sampled_from([2, 4]),
    cost=st.sampled_from([0.0, 1e-3, 100.0, 1e4]),
    start=st.floats(2026, 2029),
    duration=st.floats(0.25, 5),
    schedule_slip=st.floats(-0.3, 2),
    cost_overrun=st.floats(-0.3, 3),
    advance_share=share(),
    retention_share=share(0, 0.2),
    milestone_cash_share=share(),
    interest_capitalised=share(),
    interest_priced_in=st.just(0.0) | share(),
    level_annuity=share(),
    balloon_share=share(),
    fx_linked_share=share(),
    exchange_rate_collar=st.sampled_from([0.0, 1.0]),
    foreign_share=share(),
    policy_rate=st.floats(0.005, 0.3),
    cover_premium_rate=share(0, 0.1),
    cover_premium_financed=share(),
    lender_stop=st.sampled_from([0.0, 1.0]),
    payment_delay=share(0, 0.5),
    growth=st.floats(-0.01, 0.05),
)
def test_checks_hold_whatever_the_terms(run, periods_per_year, growth, **terms):
    index = [(1 + growth) ** period for period in range(35 * periods_per_year)]
    lines = run(
        "epcf",
        periods_per_year=periods_per_year,
        years=35,
        construction_price_index=index,
        exchange_rate_index=index,
        imported_price_index=index,
        exchange_rate_floor=0.9,
        exchange_rate_cap=1.25,
        price_premium=0.1,
        overrun_pass_through=0.3,
        grace_period=0.5,
        cover_share=0.95,
        guarantee_fee=0.01,
        late_payment_rate=0.18,
        lender_stop_progress=0.2,
        vat_rate=0.16,
        **terms,
    )
    # Nothing is left over after the last instalment, not even a rounding error: it would spoil the rate of return.
    assert set(lines["contract_payment"][28 * periods_per_year :]) == {0.0}
    assert set(lines["obligation_settled"][28 * periods_per_year :]) == {0.0}
