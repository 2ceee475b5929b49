"""What of a project is in service, and when, under each contract type and in the pool."""

from __future__ import annotations

import pytest

CONTRACTS = ("budget", "epcf", "concession", "investment")
#: A project of 100 bn: 500 MW at 0.2 bn a megawatt.
SUBSTATION = {"power_unit_cost": 0.2}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_project_is_in_service_from_its_taking_over(run, contract):
    lines = run(contract, duration=2.0, **SUBSTATION)
    assert lines["power_in_service"] == pytest.approx((0, *[500] * 11))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_delay_moves_it_and_an_overrun_does_not_enlarge_it(run, contract):
    lines = run(contract, duration=2.0, schedule_slip=0.5, cost_overrun=0.3, **SUBSTATION)
    assert lines["power_in_service"] == pytest.approx((0, 0, *[500] * 10))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_each_contract_type_carries_its_share(run, contract):
    assert run(contract, financing_share=0.25, **SUBSTATION)["power_in_service"][-1] == pytest.approx(125)


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize(
    ("published", "unit_cost", "built"),
    [
        ("power_capacity", "power_unit_cost", "power_in_service"),
        ("water_capacity", "water_unit_cost", "water_in_service"),
        ("wastewater_capacity", "wastewater_unit_cost", "wastewater_in_service"),
        ("road_length", "road_unit_cost", "road_in_service"),
    ],
)
def test_what_is_published_goes_before_what_is_derived(run, contract, published, unit_cost, built):
    assert run(contract)[built][-1] == 0
    assert run(contract, **{unit_cost: 2.0})[built][-1] == pytest.approx(50)
    assert run(contract, **{published: 24.5, unit_cost: 2.0})[built][-1] == pytest.approx(24.5)


def test_works_taken_over_later_come_later_and_unfunded_ones_never(run):
    terms = {"financing_share": 0.4, "private_share": 0.6, "private_mobilisation": 0.5}
    lines = run("budget", shortfall_to_budget=0.5, shortfall_delay=3.0, **terms, **SUBSTATION)
    # 40 % now; of the 30 % that do not come, half three years later
    assert lines["power_in_service"] == pytest.approx((200, 200, 200, *[275] * 9))


def test_private_money_builds_what_is_mobilised_phase_by_phase(run):
    terms = {"private_mobilisation": 0.8, "second_phase_share": 0.25, "second_phase_delay": 2.0}
    lines = run("investment", **terms, **SUBSTATION)
    assert lines["power_in_service"] == pytest.approx((300, 300, *[400] * 10))


def test_the_pool_tells_the_sum_by_kind(run):
    given = {"power_built": [1.0] * 12, "water_built": [2.0] * 12, "wastewater_built": [3.0] * 12}
    lines = run("pool", road_built=[4.0] * 12, **given)
    found = [lines[f"{kind}_in_service"][0] for kind in ("power", "water", "wastewater", "road")]
    assert found == [1, 2, 3, 4]
