"""Indices, rates and ceilings of the economy."""

from __future__ import annotations

import math

import pytest

RATES = {"cpi_reversion": 0.5108, "policy_rate_reversion": 0.35, "sofr_reversion": 0.25, "usdkzt_spot": 500.0}


@pytest.mark.parametrize("periods_per_year", [1, 2, 4])
def test_annual_inflation_is_reached_whatever_the_number_of_periods(run, periods_per_year):
    lines = run("economy", periods_per_year=periods_per_year, cpi_expected=0.105, **RATES)
    assert lines["price_level"][periods_per_year - 1] == pytest.approx(1.105)


def test_price_index_is_the_level_at_the_middle_of_the_period(run):
    lines = run("economy", cpi_expected=0.21, **RATES)
    assert lines["price_index"][0] == pytest.approx(1.1)
    assert lines["price_index"][1] == pytest.approx(1.1 * 1.21)


def test_construction_prices_carry_their_premium(run):
    lines = run("economy", cpi_expected=0.05, construction_premium=0.01, **RATES)
    assert lines["construction_price_level"][1] == pytest.approx(1.06**2)


def test_a_shock_decays_at_the_speed_of_reversion(run):
    shock = [1.0] + [0.0] * 11
    lines = run("economy", cpi_expected=0.05, cpi_volatility=0.02, cpi_shock=shock, cpi_floor=-1.0, **RATES)
    first, second = lines["cpi_deviation"][:2]
    assert first == pytest.approx(0.02 * math.sqrt((1 - math.exp(-2 * 0.5108)) / (2 * 0.5108)))
    assert second == pytest.approx(first * 0.6, rel=1e-4)


def test_deviation_has_the_same_law_for_any_length_of_period(run):
    # Two half-year steps without a shock in the second decay like one; their variances add up to that of one year.
    half = run("economy", periods_per_year=2, cpi_volatility=0.02, cpi_shock=1.0, cpi_floor=-1.0, **RATES)
    year = run("economy", cpi_volatility=0.02, cpi_shock=1.0, cpi_floor=-1.0, **RATES)
    step = half["cpi_deviation"][0]
    assert step**2 * math.exp(-0.5108) + step**2 == pytest.approx(year["cpi_deviation"][0] ** 2)


def test_inflation_stops_at_its_floor(run):
    lines = run("economy", cpi_expected=0.05, cpi_volatility=1.0, cpi_shock=-1.0, cpi_floor=0.01, **RATES)
    assert set(lines["cpi"]) == {0.01}


def test_exchange_rate_drifts_and_jumps(run):
    jump = [0.0, 0.2] + [0.0] * 10
    lines = run("economy", usdkzt_drift=0.04, usdkzt_jump=jump, **RATES)
    assert lines["usdkzt"][0] == pytest.approx(500 * math.exp(0.04))
    assert lines["exchange_rate_index"][1] == pytest.approx(math.exp(0.28))
    assert lines["imported_price_index"][1] == pytest.approx(math.exp((0.04 + 0.28) / 2))


def test_discount_factor_compounds_the_annual_yield(run):
    lines = run("economy", periods_per_year=2, sovereign_yield_expected=0.154, **RATES)
    assert lines["discount_factor"][1] == pytest.approx(1 / 1.154)


def test_bond_yield_follows_the_base_rate_in_part(run):
    lines = run(
        "economy",
        policy_rate_expected=0.1,
        sovereign_yield_expected=0.09,
        sovereign_yield_pass_through=0.6,
        policy_rate_volatility=0.02,
        policy_rate_shock=1.0,
        **RATES,
    )
    deviation = lines["policy_rate"][0] - 0.1
    assert lines["sovereign_yield"][0] == pytest.approx(0.09 + 0.6 * deviation)


@pytest.mark.parametrize("periods_per_year", [1, 2, 4])
def test_budgets_grow_with_inflation_and_real_growth_after_the_plan(run, periods_per_year):
    lines = run(
        "economy",
        periods_per_year=periods_per_year,
        cpi_expected=0.05,
        real_growth=0.04,
        fiscal_plan_end=2029.0,
        republican_spending_plan=29.8,
        city_budget_plan=8.8,
        national_obligation_limit=4577.8,
        national_obligations=1604.7,
        obligation_limit_share=0.25,
        **RATES,
    )
    growth = 1.05 * 1.04
    spending, city = lines["republican_spending"], lines["city_budget"]
    assert spending[::periods_per_year][:5] == pytest.approx((29.8, 29.8, 29.8, 29.8 * growth, 29.8 * growth**2))
    assert city[::periods_per_year][:2] == pytest.approx((8.8 * growth, 8.8 * growth**2))
    assert spending[periods_per_year - 1 :: periods_per_year] == spending[::periods_per_year]
    assert lines["obligation_limit"][0] == pytest.approx(743.275)
