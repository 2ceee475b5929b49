"""Private investment: return and taxes worked by hand."""

from __future__ import annotations

from pathlib import Path

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alatau_finance.assumptions import load_assumptions

BUSINESS = {"revenue_to_capex": 0.8, "operating_margin": 0.5}
TAXES = {"cit_rate": 0.2, "vat_rate": 0.16, "social_tax": 0.06, "pit": 0.1, "property_tax_rate": 0.015}


def test_return_before_tax(run):
    lines = run("investment", **BUSINESS)
    assert lines["free_cash_flow"] == pytest.approx([-100, *[40] * 5, *[0] * 6])
    assert lines["project_irr"] == pytest.approx(npf.irr([-100, *[40] * 5]))


def test_revenue_ramps_up(run):
    lines = run("investment", ramp_up_years=4.0, demand_factor=0.5, **BUSINESS)
    assert lines["revenue"][1:6] == pytest.approx((10, 20, 30, 40, 40))


def test_income_tax_after_depreciation(run):
    lines = run("investment", cit_rate=0.2, **BUSINESS)
    assert lines["corporate_income_tax"][1:6] == pytest.approx([0.2 * (40 - 20)] * 5)


def test_losses_are_carried_forward(run):
    lines = run("investment", cit_rate=0.2, ramp_up_years=5.0, **BUSINESS)
    # Operating profit 8, 16, 24, 32, 40 less depreciation 20: losses 12 and 4, then 4, 12, 20.
    assert lines["corporate_income_tax"][1:6] == pytest.approx((0, 0, 0, 0, 0.2 * 20))


def test_vat_on_the_works_is_credited_first(run):
    lines = run("investment", vat_rate=0.16, **BUSINESS)
    # 16 of credit against 0.16 x (80 - 40) = 6.4 a year
    assert lines["vat_paid"][1:6] == pytest.approx((0, 0, 3.2, 6.4, 6.4))
    assert sum(lines["free_cash_flow"]) == pytest.approx(100)


def test_a_zone_participant_pays_neither_income_nor_property_tax_for_its_term(run):
    lines = run("investment", special_economic_zone=1.0, sez_term_category_c=3.0, **BUSINESS, **TAXES)
    assert lines["corporate_income_tax"][:3] == (0, 0, 0)
    assert lines["property_tax"][:3] == (0, 0, 0)
    assert lines["corporate_income_tax"][3] > 0
    assert lines["property_tax"][3] == pytest.approx(0.015 * 60)


def test_wages_are_taxed(run):
    lines = run("investment", jobs=1000.0, wage_per_job=0.006, **BUSINESS, **TAXES)
    assert lines["employment"][1] == 1000
    assert lines["wage_taxes"][1] == pytest.approx(6 * 0.16)
    assert lines["purchases"][1] == pytest.approx(40 - 6 * 1.06)


def test_only_the_mobilised_part_is_built(run):
    lines = run("investment", private_mobilisation=0.6, jobs=1000.0, **BUSINESS)
    assert sum(lines["capex"]) == pytest.approx(60)
    assert sum(lines["planned_works"]) == pytest.approx(100)
    assert max(lines["employment"]) == pytest.approx(600)
    assert sum(run("investment", private_mobilisation=1.2, **BUSINESS)["capex"]) == pytest.approx(100)


def test_the_term_of_a_zone_participant_goes_by_its_size(run):
    # Limits of 3 and 14.5 mn indices of 4,325 tenge: 12.975 and 62.7125 bn KZT for each of two projects.
    indices = {"monthly_calculation_index": 4325e-9, "sez_category_a_limit": 3e6, "sez_category_b_limit": 14.5e6}
    terms = {"sez_term_category_a": 7.0, "sez_term_category_b": 15.0, "sez_term_category_c": 25.0}
    for cost, years in ((25.94, 7), (25.96, 15), (125.4, 15), (125.45, 25)):
        assert run("investment", cost=cost, project_count=2.0, **indices, **terms)["sez_term"] == years


def test_import_vat_is_paid_and_credited_or_waived_in_a_zone(run):
    terms = {"foreign_share": 0.5, "vat_rate": 0.16, "import_vat_relief_rate": 1.0, **BUSINESS}
    # Credit of 16 on the works, half of it paid at the border; then 0.16 x (80 - 40) = 6.4 a year.
    outside = run("investment", **terms)
    assert outside["import_vat"][0] == pytest.approx(8)
    assert outside["vat_paid"][1:6] == pytest.approx((0, 0, 3.2, 6.4, 6.4))
    inside = run("investment", special_economic_zone=1.0, **terms)
    assert max(inside["import_vat"]) == 0
    assert inside["vat_paid"][1:6] == pytest.approx((0, 4.8, 6.4, 6.4, 6.4))
    assert sum(inside["taxes_republican"]) == pytest.approx(sum(outside["taxes_republican"]))


def test_taxes_go_to_three_budgets(run):
    lines = run(
        "investment",
        jobs=1000.0,
        wage_per_job=0.006,
        oblast_share_of_wage_taxes=0.25,
        land_area=1e6,
        land_tax_city=7e-9,
        **BUSINESS,
        **TAXES,
    )
    # Wage taxes 6 x 0.16 = 0.96; land 0.007 a year; property 1.5 % of a book value of 100.
    assert lines["taxes_oblast"][1] == pytest.approx(0.24)
    assert lines["taxes_city"][1] == pytest.approx(0.72 + 0.007 + 1.5)
    assert lines["land_tax"][0] == pytest.approx(0.007)
    assert lines["taxes_republican"][1] == pytest.approx(lines["corporate_income_tax"][1] + lines["vat_paid"][1])
    # Land tax of the year of construction is a loss carried forward.
    assert lines["corporate_income_tax"][1] == pytest.approx(0.2 * (40 - 20 - 1.5 - 0.007 - 0.007))


def test_a_second_phase_is_built_earns_and_employs_later(run):
    terms = {"second_phase_share": 0.4, "second_phase_delay": 2.0, "jobs": 1000.0, "works_per_builder": 0.02}
    lines = run("investment", cit_rate=0.2, asset_life=3.0, **terms, **BUSINESS)
    assert lines["capex"][:4] == pytest.approx((60, 0, 40, 0))
    assert lines["revenue"][:9] == pytest.approx((0, 48, 48, 80, 80, 80, 80, 80, 0))
    assert lines["employment"][:4] == pytest.approx((0, 600, 600, 1000))
    assert lines["construction_employment"][:4] == pytest.approx((3000, 0, 2000, 0))
    # Over five years from the first taking-over: 60 / 5, then what is left and 40 more: (48 + 40) / 4.
    assert lines["depreciation"][:7] == pytest.approx((0, 12, 22, 22, 22, 22, 0))
    assert lines["corporate_income_tax"][1:4] == pytest.approx((0.2 * 12, 0.2 * 2, 0.2 * 18))


def test_works_are_shown_in_dollars_of_their_period(run):
    lines = run("investment", usdkzt=500.0, cost_overrun=0.25, **BUSINESS)
    assert lines["capex_dollars"][0] == pytest.approx(0.25)


def test_costs_published_in_dollars_are_converted_at_the_base_date():
    assumptions = load_assumptions(Path(__file__).parents[2])
    rate = assumptions.macro["usdkzt_spot"].in_unit("KZT/USD")
    dollars = {
        project.id: (project.values["published_cost"].in_unit("bn USD"), project.values["cost"].in_unit("bn KZT"))
        for project in assumptions.portfolio_projects
        if "published_cost" in project.values
    }
    assert set(dollars) == {"iconic_towers", "pepsico"}
    assert all(cost == pytest.approx(published * rate) for published, cost in dollars.values())


@given(
    start=st.floats(2026, 2029),
    duration=st.floats(0.25, 5),
    schedule_slip=st.floats(-0.3, 2),
    cost_overrun=st.floats(-0.3, 3),
    demand_factor=st.floats(0, 1.5),
    ramp_up_years=st.floats(0, 5),
    asset_life=st.floats(3, 60),
    sez_term_category_c=st.floats(0, 25),
    foreign_share=st.floats(0, 1),
    second_phase_share=st.just(0.0) | st.floats(0.01, 1),
    second_phase_delay=st.floats(0, 4),
    loss_offset_limit=st.floats(0, 1),
    special_economic_zone=st.sampled_from([0.0, 1.0]),
    private_mobilisation=st.just(0.0) | st.floats(0.01, 1.2),
)
def test_checks_hold_whatever_the_terms(run, **terms):
    index = [1.03**period for period in range(90)]
    lines = run(
        "investment",
        periods_per_year=2,
        years=45,
        construction_price_index=index,
        price_index=index,
        operation_term=20.0,
        jobs=500.0,
        wage_per_job=0.006,
        import_vat_relief_rate=1.0,
        oblast_share_of_wage_taxes=0.5,
        **BUSINESS,
        **TAXES,
        **terms,
    )
    assert min(lines["taxes_paid"]) >= 0
