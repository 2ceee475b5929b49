"""Schedule, S-curve, prices and phases: what every contract builds on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st


def test_s_curve_follows_the_polynomial(run):
    lines = run("budget", duration=4.0)
    # S(1/4), S(1/2), S(3/4) of 4.8 x^2 - 5.6 x^3 + 1.8 x^4
    assert lines["progress"][:4] == pytest.approx((0.21953125, 0.6125, 0.90703125, 1.0))


@given(
    periods_per_year=st.sampled_from([1, 2, 4]),
    start=st.floats(2026, 2029),
    start_delay=st.floats(0, 2),
    duration=st.floats(0.1, 5),
    schedule_slip=st.floats(-0.5, 2),
)
def test_works_go_forward_and_are_complete_at_taking_over_for_any_slip(run, periods_per_year, **schedule):
    lines = run("budget", periods_per_year=periods_per_year, years=25, **schedule)
    assert min(lines["progress_increment"]) >= 0
    assert sum(lines["progress_increment"]) == pytest.approx(1)
    assert sum(lines["completion"]) == 1
    assert lines["progress"][lines["completion"].index(1)] == pytest.approx(1)


def test_progress_at_the_end_of_a_year_does_not_depend_on_the_periods(run):
    by_year, by_quarter = (
        run("budget", periods_per_year=each, start=2026.3, duration=2.6, schedule_slip=0.4) for each in (1, 4)
    )
    assert by_quarter["progress"][3::4] == pytest.approx(by_year["progress"])


def test_works_start_within_a_period(run):
    lines = run("budget", start=2026.75, duration=0.5)
    elapsed = 0.5
    done = elapsed**2 * (4.8 + elapsed * (-5.6 + elapsed * 1.8))
    assert lines["progress_increment"][:2] == pytest.approx((done, 1 - done))


def test_slip_stretches_the_works_and_a_late_start_moves_them(run):
    lines = run("budget", duration=2.0, schedule_slip=0.5, start_delay=1.25)
    assert lines["construction_start"] == 2027.25
    assert lines["taking_over"] == 2030.25
    assert lines["signing"][1] == 1
    assert lines["completion"][4] == 1


def test_works_that_end_on_a_boundary_are_complete_in_the_period_before_it(run):
    lines = run("budget", duration=2.0)
    assert lines["completion"][:3] == (0, 1, 0)


def test_phases_are_shares_of_the_period(run):
    lines = run("epcf", start=2026.25, duration=1.0, grace_period=0.5, repayment_term=2.0)
    assert lines["phase_before"][:2] == pytest.approx((0.25, 0))
    assert lines["phase_construction"][:2] == pytest.approx((0.75, 0.25))
    assert lines["phase_grace"][1] == pytest.approx(0.5)
    assert lines["phase_operation"][1:4] == pytest.approx((0.25, 1, 0.75))
    assert lines["phase_after"][3] == pytest.approx(0.25)


def test_published_cost_is_freed_of_vat_where_it_includes_it(run):
    lines = run("budget", cost=116.0, published_costs_include_vat=1.0, vat_rate=0.16)
    assert lines["base_cost"] == pytest.approx(100)
    assert lines["works_payment"][0] == pytest.approx(116)
    assert sum(lines["planned_works"]) == pytest.approx(116)


def test_imported_share_follows_imported_prices(run):
    lines = run("budget", foreign_share=0.4, construction_price_index=1.1, imported_price_index=1.5)
    assert lines["capex"][0] == pytest.approx(100 * (0.6 * 1.1 + 0.4 * 1.5))


def test_nominal_costs_are_not_indexed(run):
    lines = run("budget", prices_are_real=0.0, construction_price_index=1.5)
    assert lines["capex"][0] == pytest.approx(100)


def test_what_is_a_share_of_a_nominal_cost_is_indexed_from_signing(run):
    index = [1.1**year for year in range(12)]
    terms = {"start": 2028.0, "price_index": index, "opex_rate": 0.02, "operation_term": 1.0}
    assert run("budget", **terms)["operation_cost"][3] == pytest.approx(2 * 1.1**3)
    assert run("budget", prices_are_real=0.0, **terms)["operation_cost"][3] == pytest.approx(2 * 1.1)


@pytest.mark.parametrize("changes", [{"start": 2025.0}, {"start": 2037.5}])
def test_works_outside_the_calendar_fail_a_check(run, changes):
    with pytest.raises(AssertionError, match=r"signed_once|works_complete"):
        run("budget", **changes)
