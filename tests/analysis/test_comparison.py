"""Financing choices on the same random paths: sums done by hand, identities, and the same draws everywhere."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from alatau_finance.analysis.comparison import AS_PLANNED, Comparison, compare_all, compare_project
from alatau_finance.assumptions import Assumptions
from alatau_finance.errors import UsageError
from alatau_finance.simulation.binding import bind
from alatau_finance.simulation.engine import Engine
from alatau_finance.simulation.findings import RowSummary
from alatau_finance.simulation.path import draw_plan
from alatau_finance.simulation.reference import run_path
from alatau_finance.simulation.store import RowStore
from alatau_finance.simulation.summary import summarise_row

from .conftest import MODELS, BudgetWithComparator, project, value

PATHS, SEED = 300, 7
MODES = ("budget", "epcf", "concession")
World = Callable[..., Assumptions]


@pytest.fixture(scope="module")
def compared(world: World) -> Comparison:
    return compare_project(world(), MODELS, "bridge", paths=PATHS, seed=SEED)


@pytest.fixture(scope="module")
def whole(world: World) -> Comparison:
    return compare_all(world(), MODELS, paths=PATHS, seed=SEED)


def figures(summary: RowSummary) -> tuple[Any, ...]:
    """Everything said of a row but its name."""
    return (summary.paths, summary.undefined, summary.mean, summary.sd, summary.minimum, *summary.percentiles)


def calm(world: World, *risks: str) -> Assumptions:
    """Prices that do not wander, and no risk but these."""
    macro = {**world().macro, "volatility": value(0, "%", "macro.volatility")}
    kept = tuple(risk for risk in world().risks if risk.name in (*risks, "price_shock"))
    return world(macro=macro, risks=kept, correlations=())


def told(comparison: Comparison) -> list[Any]:
    """Every figure of a comparison that depends on draws."""
    found: list[Any] = []
    for name, cost in comparison.modes.items():
        measures = (cost.net_present_cost, cost.pv_state_payments, cost.value_for_money, cost.financing_premium)
        found += [name, cost.probability_cheapest, cost.risk_transferred, cost.peak_year]
        found += [figures(measure.summary) for measure in (*measures, cost.peak_payment, *cost.payments.values())]
    return found


def test_the_order_is_the_comparator_and_then_that_of_the_splits(compared: Comparison, whole: Comparison) -> None:
    assert tuple(compared.modes) == MODES
    assert tuple(whole.modes) == (*MODES, AS_PLANNED)


# --- sums done by hand ------------------------------------------------------------------------------------------------


def test_without_risks_every_figure_is_that_of_the_base_case_done_by_hand(world: World) -> None:
    """100 of works in 2026, half in each half-year; growth 10 % a year, so factors 1.05^-1, 1.05^-2 ...; tax 10 %.

    Budget: 50 / 1.05 + 50 / 1.05^2. EPC+F: 50 * 1.06 half a year later. Concession: 50 * 1.3 a year later.
    """
    found = compare_project(calm(world), MODELS, "bridge", paths=10)
    first = 1 / 1.05 + 1 / 1.05**2
    gross = {"budget": 50 * first, "epcf": 53 * first / 1.05, "concession": 65 * first / 1.05**2}
    for mode, expected in gross.items():
        cost = found.modes[mode]
        for measure, by_hand in (
            (cost.pv_state_payments, expected),
            (cost.net_present_cost, 0.9 * expected),
            (cost.value_for_money, 0.9 * (gross["budget"] - expected)),
        ):
            assert measure.base_case == pytest.approx(by_hand, rel=1e-12)
            assert measure.summary.mean == pytest.approx(by_hand, rel=1e-12)
        assert (cost.risk_transferred.value, cost.risk_transferred.standard_error) == pytest.approx((0, 0), abs=1e-12)
    payments = {
        mode: [cost.payments[year].base_case for year in (2026, 2027, 2028)] for mode, cost in found.modes.items()
    }
    assert payments == {"budget": [100, 0, 0], "epcf": [53, 53, 0], "concession": [0, 130, 0]}
    # By the contract's own metric; by the comparator's gross payments where it has none.
    premiums = {mode: (cost.financing_premium.base_case, cost.premium_of) for mode, cost in found.modes.items()}
    assert premiums["budget"] == (0, "contract")
    assert premiums["epcf"] == (pytest.approx(gross["epcf"] - gross["budget"], rel=1e-12), "contract")
    assert premiums["concession"] == (pytest.approx(gross["concession"] - gross["budget"], rel=1e-12), "comparator")
    # A credit of 50 at 6 % a half-year is 1.06^2 - 1 a year; payments that no cost precedes have no rate.
    assert found.modes["epcf"].rates["effective_rate"].base_case == pytest.approx(1.06**2 - 1, rel=1e-9)
    assert found.modes["concession"].rates["project_irr"].summary.undefined == 10
    assert math.isnan(found.modes["concession"].rates["project_irr"].base_case)


def test_risk_transferred_is_what_the_contract_bears_of_the_overrun(world: World) -> None:
    """Costs are linear in the overrun o: budget a * o, EPC+F b * (1 + (o - 1) / 2), concession c.

    So the mean excess over the base case, where o = 1, is (mean(o) - 1) * a and (mean(o) - 1) * b / 2, and the
    difference of paths has the standard deviation sd(o) * (a - b / 2).
    """
    found = compare_project(calm(world, "cost_overrun"), MODELS, "bridge", paths=PATHS, seed=SEED).modes
    a, b = (found[mode].net_present_cost.base_case for mode in ("budget", "epcf"))
    budget = found["budget"].net_present_cost.summary
    mean, sd = budget.mean / a, budget.sd / a
    assert mean > 1.05
    assert found["epcf"].risk_transferred.value == pytest.approx((mean - 1) * (a - b / 2), rel=1e-9)
    assert found["epcf"].risk_transferred.standard_error == pytest.approx(sd * (a - b / 2) / math.sqrt(PATHS), rel=1e-9)
    assert found["concession"].risk_transferred.value == pytest.approx((mean - 1) * a, rel=1e-9)


def test_the_comparator_counts_taxes_of_a_private_owner_beside_the_measure(world: World, compared: Comparison) -> None:
    models = MappingProxyType({**MODELS, "budget": BudgetWithComparator})
    found = compare_project(world(), models, "bridge", paths=PATHS, seed=SEED)
    # The works are the same and the measure is too; 5 % of the budget's cost comes on top beside it.
    budget, epcf = found.modes["budget"], found.modes["epcf"]
    assert figures(epcf.value_for_money.summary) == figures(compared.modes["epcf"].value_for_money.summary)
    assert budget.value_with_neutrality is None
    assert compared.modes["epcf"].value_with_neutrality is None
    assert epcf.value_with_neutrality is not None
    added = epcf.value_with_neutrality.summary.mean - epcf.value_for_money.summary.mean
    assert added == pytest.approx(0.05 * budget.net_present_cost.summary.mean, rel=1e-9)
    assert tuple(found.comparator) == ("psc_neutrality", "public_sector_comparator")
    assert found.comparator["psc_neutrality"].base_case == pytest.approx(0.05 * budget.net_present_cost.base_case)
    assert not compared.comparator


# --- identities -------------------------------------------------------------------------------------------------------


def test_the_budget_against_itself_is_worth_nothing(compared: Comparison) -> None:
    cost = compared.modes["budget"]
    assert cost.value_for_money.base_case == 0
    assert (cost.value_for_money.summary.minimum, cost.value_for_money.summary.maximum) == (0, 0)
    assert (cost.risk_transferred.value, cost.risk_transferred.standard_error) == (0, 0)


@pytest.mark.parametrize("mode", MODES)
def test_value_for_money_is_that_of_the_base_case_and_the_risk_transferred(compared: Comparison, mode: str) -> None:
    cost, budget = compared.modes[mode], compared.modes["budget"]
    value_for_money = cost.value_for_money.summary.mean
    assert value_for_money == pytest.approx(cost.value_for_money.base_case + cost.risk_transferred.value, abs=1e-12)
    difference = budget.net_present_cost.summary.mean - cost.net_present_cost.summary.mean
    assert value_for_money == pytest.approx(difference, abs=1e-9)


def test_paired_paths_are_surer_than_unpaired_ones(compared: Comparison) -> None:
    """EPC+F meets half of the budget's overrun, so much of what either varies by cancels."""
    own, budget = (compared.modes[name].net_present_cost.summary.standard_error for name in ("epcf", "budget"))
    paired = compared.modes["epcf"].value_for_money.summary.standard_error
    assert 0 < paired < 0.6 * math.hypot(own, budget)
    fixed = compared.modes["concession"]
    assert fixed.net_present_cost.summary.standard_error == 0
    assert fixed.value_for_money.summary.standard_error == pytest.approx(budget, rel=1e-12)


def test_one_mode_is_the_cheapest_on_every_path(compared: Comparison) -> None:
    shares = [cost.probability_cheapest for cost in compared.modes.values()]
    assert all(share is not None for share in shares)
    assert sum(share.value for share in shares if share) == pytest.approx(1, abs=1e-12)
    assert all(0 < share.value < 1 for share in shares[:2] if share)
    for share in shares:
        assert share is not None
        assert share.standard_error == pytest.approx(math.sqrt(share.value * (1 - share.value) / PATHS), rel=1e-12)


@pytest.mark.parametrize("order", [MODES, MODES[::-1]])
def test_a_project_of_no_cost_ties_and_the_first_named_wins(world: World, order: tuple[str, ...]) -> None:
    nothing = world(projects=(project("sunk", cost=0), project("road")))
    found = compare_project(nothing, MODELS, "sunk", order, paths=70)
    shares = [cost.probability_cheapest.value for cost in found.modes.values() if cost.probability_cheapest]
    assert shares == [1, 0, 0]
    assert {cost.net_present_cost.summary.maximum for cost in found.modes.values()} == {0}
    assert found.failed == ()


@pytest.mark.parametrize("mode", MODES)
def test_payments_by_year_add_up_to_what_the_contract_pays(world: World, compared: Comparison, mode: str) -> None:
    payments, summed = compared.modes[mode].payments, compared.modes[mode].total_payments
    row, base_case = contract_row(world(), "bridge", mode, "total_state_payments")
    assert summed.base_case == pytest.approx(base_case, rel=1e-12)
    assert summed.base_case == pytest.approx(sum(each.base_case for each in payments.values()), rel=1e-12)
    assert summed.summary.mean == pytest.approx(row.mean, rel=1e-12)
    assert summed.summary.percentile(90) == pytest.approx(row.percentile(90), rel=1e-12)
    assert sum(each.summary.mean for each in payments.values()) == pytest.approx(row.mean, rel=1e-12)


def test_the_peak_is_the_largest_year_of_each_path(compared: Comparison) -> None:
    epcf = compared.modes["epcf"]
    means = {year: each.summary.mean for year, each in epcf.payments.items()}
    assert means[epcf.peak_year] == max(means.values())
    # Either half may be the larger on a path, so the mean of the larger is above the larger mean.
    assert epcf.peak_payment.summary.mean > means[epcf.peak_year]
    assert epcf.peak_payment.base_case == max(each.base_case for each in epcf.payments.values())


# --- the same draws ---------------------------------------------------------------------------------------------------


def contract_row(assumptions: Assumptions, name: str, mode: str, metric: str) -> tuple[RowSummary, float]:
    """A metric in an ordinary run of a scenario in which that project is wholly under that mode, and its base case."""
    shares = {mode: value(100, "%", f"financing.{mode}")}
    changed = {"mode": shares, **assumptions.financing}
    projects = tuple(replace(p, financing="mode") if p.id == name else p for p in assumptions.projects)
    pool = bind(replace(assumptions, financing=changed, projects=projects), MODELS)
    values, base_case = ordinary_rows(pool, f"contract:{name}/{mode}:{metric}")
    return summarise_row(metric, values), base_case


def ordinary_rows(pool: Any, row: str) -> tuple[Any, float]:
    engine = Engine(pool, draw_plan(pool, SEED))
    with (
        tempfile.TemporaryDirectory() as folder,
        RowStore(Path(folder) / "rows", engine.row_names(), PATHS) as store,
    ):
        engine.simulate(store)
        place = store.rows.index(row)
        values = store.read(place, place + 1)[0]
    _kind, instance, metric = row.split(":")
    return values, float(run_path(pool).lines[instance][metric])  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("metric", ["pv_state_payments", "net_present_cost"])
def test_a_project_costs_what_it_costs_in_an_ordinary_run(
    world: World, compared: Comparison, mode: str, metric: str
) -> None:
    """To the bit: mean, deviation and every percentile are those of the same paths."""
    row, base_case = contract_row(world(), "bridge", mode, metric)
    measure: Any = getattr(compared.modes[mode], metric)
    assert figures(measure.summary) == figures(row)
    assert measure.base_case == base_case


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_comparison_is_decided_by_its_seed(world: World, compared: Comparison, threads: int) -> None:
    again = compare_project(world(), MODELS, "bridge", paths=PATHS, seed=SEED, threads=threads)
    assert told(again) == told(compared)


def test_another_seed_gives_other_paths(world: World, compared: Comparison) -> None:
    other = compare_project(world(), MODELS, "bridge", paths=PATHS, seed=SEED + 1)
    assert told(other) != told(compared)
    base_cases = [[cost.net_present_cost.base_case for cost in found.modes.values()] for found in (other, compared)]
    assert base_cases[0] == base_cases[1]


def test_fewer_modes_change_nothing_for_the_others(world: World, compared: Comparison) -> None:
    """The comparator is run even where it is not shown."""
    found = compare_project(world(), MODELS, "bridge", ["epcf"], paths=PATHS, seed=SEED)
    assert tuple(found.modes) == ("epcf",)
    assert figures(found.modes["epcf"].value_for_money.summary) == figures(
        compared.modes["epcf"].value_for_money.summary
    )
    assert found.modes["epcf"].probability_cheapest is not None
    assert found.modes["epcf"].probability_cheapest.value == 1


def test_a_contract_type_that_no_project_has_keeps_the_unit_of_its_risks(world: World) -> None:
    """The interest rate is drawn in 1/year although the scenario has no EPC+F contract to take it."""
    public = world(projects=(project("bridge", financing="public"), project("road", cost=50, financing="public")))
    mixed = compare_project(world(), MODELS, "bridge", paths=64, seed=SEED)
    assert told(compare_project(public, MODELS, "bridge", paths=64, seed=SEED)) == told(mixed)


# --- the whole scenario -----------------------------------------------------------------------------------------------


def test_the_whole_is_the_sum_of_its_projects(world: World, whole: Comparison, compared: Comparison) -> None:
    road = compare_project(world(), MODELS, "road", paths=PATHS, seed=SEED)
    for mode in MODES:
        parts = [found.modes[mode] for found in (compared, road)]
        for measure in ("net_present_cost", "pv_state_payments", "total_payments", "value_for_money"):
            of_whole: Any = getattr(whole.modes[mode], measure)
            of_parts: list[Any] = [getattr(part, measure) for part in parts]
            assert of_whole.summary.mean == pytest.approx(sum(each.summary.mean for each in of_parts), abs=1e-9)
            assert of_whole.base_case == pytest.approx(sum(each.base_case for each in of_parts), abs=1e-9)


def test_ceilings_are_those_of_the_whole_pool(whole: Comparison, compared: Comparison) -> None:
    """In the base case 150 are built in a year, 75 a period, and the concession pays 97.5: below 120, all of them."""
    assert [cost.ceilings["breach_ceiling"].base_case for cost in whole.modes.values()] == [0, 0, 0, 0]
    breaches = {name: cost.ceilings["breach_ceiling"].summary.mean for name, cost in whole.modes.items()}
    assert breaches["budget"] > breaches["epcf"] > breaches["concession"] == 0
    assert all(not cost.ceilings for cost in compared.modes.values())
    assert all(not cost.rates for name, cost in whole.modes.items() if name != AS_PLANNED)


def test_as_planned_lies_between_the_contract_types_it_is_made_of(whole: Comparison) -> None:
    """40 % budget and 60 % EPC+F on every path, so the cost is that mixture of the two."""
    budget, epcf, planned = (whole.modes[name].net_present_cost for name in ("budget", "epcf", AS_PLANNED))
    for figure in (lambda each: each.summary.mean, lambda each: each.base_case):
        assert figure(planned) == pytest.approx(0.4 * figure(budget) + 0.6 * figure(epcf), rel=1e-9)
    cost = whole.modes[AS_PLANNED]
    assert cost.state_share == 1
    assert cost.probability_cheapest is None
    assert cost.premium_of == "contract"


def test_as_planned_is_held_against_budget_procurement_of_what_the_state_contracts(world: World) -> None:
    """Half of the bridge is private, a fifth of that falls back on the budget in either case.

    Base case, per unit of the budget's present cost p and EPC+F's q of a whole bridge: as planned costs
    (0.2 + 0.5 * 0.2) * p + 0.3 * q, its comparator (0.5 + 0.5 * 0.2) * p; so value for money is 0.3 * (p - q).
    """
    half = world(projects=(project("bridge", financing="half_private"),))
    found = compare_all(half, MODELS, paths=64, seed=SEED)
    p, q = (found.modes[mode].net_present_cost.base_case for mode in ("budget", "epcf"))
    planned = found.modes[AS_PLANNED]
    assert planned.state_share == pytest.approx(0.5)
    assert planned.net_present_cost.base_case == pytest.approx(0.3 * p + 0.3 * q, rel=1e-9)
    assert planned.value_for_money.base_case == pytest.approx(0.3 * (p - q), rel=1e-9)


def test_budget_and_private_money_as_planned_are_their_own_comparator(world: World) -> None:
    planned = world(projects=(project("bridge", financing="budget_and_private"),))
    cost = compare_all(planned, MODELS, paths=64, seed=SEED).modes[AS_PLANNED]
    assert (cost.value_for_money.summary.minimum, cost.value_for_money.summary.maximum) == (0, 0)
    assert cost.net_present_cost.summary.minimum > 0


def test_a_project_alone_ties_to_no_total_but_its_checks_stand(world: World) -> None:
    """The pool's published total is 150; a total that does not tie is told of the whole and not of a project."""
    spoilt = world(fiscal={**world().fiscal, "published": value(151, "bn KZT", "fiscal.published")})
    assert compare_project(spoilt, MODELS, "bridge", paths=64).failed == ()
    failed = compare_all(spoilt, MODELS, ["epcf"], paths=64).failed
    assert [(name, check.name) for name, check in failed] == [
        ("budget", "pool.cost_ties"),
        ("epcf", "pool.cost_ties"),
        (AS_PLANNED, "pool.cost_ties"),
    ]
    alone = compare_project(world(), MODELS, "bridge", paths=64)
    assert {check.name for _name, check in alone.checks} == {f"{mode}.nothing_is_negative" for mode in MODES}


# --- usage ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "modes", "words"),
    [
        ("brigde", None, "no project brigde; did you mean bridge"),
        ("xyz", None, "no project xyz; `alatau-fin compare --list`"),
        ("plant", None, "plant is a private investment project"),
        ("bridge", ["epfc"], "no mode 'epfc'; did you mean epcf. Modes: budget, epcf, concession"),
        ("bridge", ["investment"], "no mode 'investment'; modes: budget, epcf, concession"),
        ("bridge", [""], "no mode ''"),
        ("bridge", ["epcf", "budget", "epcf"], "mode 'epcf' is named twice"),
    ],
)
def test_what_does_not_exist_is_explained(world: World, name: str, modes: list[str] | None, words: str) -> None:
    plant = replace(project("plant", group="portfolio"), financing=None)
    with pytest.raises(UsageError, match=words):
        compare_project(world(portfolio_projects=(plant,)), MODELS, name, modes, paths=1)
