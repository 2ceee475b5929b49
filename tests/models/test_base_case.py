"""The models on the assumptions of the base case: every check holds and the results hang together."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from alatau_finance.root import find_root
from alatau_finance.simulation.reference import PathValues, run_path
from alatau_finance.simulation.run import prepare

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bound():
    return prepare(find_root(ROOT), "base")


@pytest.fixture(scope="module")
def base(bound) -> PathValues:
    return run_path(bound)


def lines_of(bound, base, contract):
    return [base.lines[instance.key] for instance in bound.contracts[contract]]


def test_every_check_of_every_contract_holds(bound, base):
    everything = [bound.economy, *bound.instances(), bound.pool]
    residuals = {
        f"{instance.key}.{name}": base.lines[instance.key][name]
        for instance in everything
        for name in instance.plan.of_kind("check")
    }
    assert {name: value for name, value in residuals.items() if not value <= 1e-9} == {}


def test_planned_cost_is_the_published_pool(base):
    assert sum(base.lines["pool"]["planned_cost"]) == pytest.approx(10_400)
    assert base.lines["pool"]["unfunded_share"] == 0


def test_deferral_costs_more_than_the_dollar_rate_and_no_more_than_the_tenge_rate(bound, base):
    for lines in lines_of(bound, base, "epcf"):
        assert 0.05 < lines["effective_rate"] < 0.21


def test_equity_of_a_concession_earns_what_the_payment_is_sized_for(bound, base):
    for lines in lines_of(bound, base, "concession"):
        assert lines["equity_irr"] == pytest.approx(lines["required_equity_return"], rel=1e-6)
        assert lines["minimum_dscr"] >= 1.20


def test_private_projects_have_a_rate_of_return(bound, base):
    assert not [lines for lines in lines_of(bound, base, "investment") if math.isnan(lines["project_irr"])]


def test_budget_takes_over_nothing_while_private_money_comes(bound, base):
    for instance in bound.contracts["budget"]:
        lines = base.lines[instance.key]
        assert lines["private_shortfall"] == 0
        assert (max(lines["capex"]) > 0) == (instance.inputs["financing_share"].value > 0)
