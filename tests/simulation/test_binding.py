"""Where an input's value comes from (docs/architecture.md, section 2), and what is said when it comes from nowhere."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from alatau_finance.modelling import Input, Model, Series, line, metric
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.simulation.binding import BindingError, BoundPool, bind, step_curve


def problems(make: Any, models: Any = None, **changes: Any) -> list[str]:
    with pytest.raises(BindingError) as caught:
        bind(make.assumptions(**changes), models or make.models)
    assert caught.value.exit_code == 3
    return str(caught.value).splitlines()


def with_values(make: Any, name: str, **given: Any) -> Any:
    """A project with further entries of its own."""
    own = make.project(name)
    return make.project(name, values={**own.values, **make.entries(f"projects.{name}", **given)})


# --- instances


def test_there_is_an_instance_for_each_share(pool: BoundPool) -> None:
    keys = [instance.key for instance in pool.instances()]
    assert keys == [f"{name}/{kind}" for kind in ("budget", "epcf") for name in ("bridge", "substation", "plant")]
    bridge = pool.find("bridge/epcf")
    assert bridge is not None
    assert (bridge.plan.key, bridge.group, bridge.project is not None) == ("epcf", "infrastructure", True)
    assert pool.find("bridge/concession") is None


def test_shares_are_inputs(pool: BoundPool) -> None:
    shares = {instance.key: instance.inputs["financing_share"].value for instance in pool.instances()}
    assert (shares["bridge/budget"], shares["bridge/epcf"]) == (0.4, 0.6)


def split(make: Any, **shares: float) -> Any:
    names = ("budget", "epcf", "concession", "private")
    return {"mixed": {name: make.value(shares.get(name, 0), "%") for name in names}}


def test_a_share_of_zero_is_no_instance(make: Any) -> None:
    pool = bind(make.assumptions(financing=split(make, epcf=100)), make.models)
    assert {instance.plan.key for instance in pool.instances()} == {"epcf"}


def test_the_budget_stands_in_for_private_money_of_infrastructure(make: Any) -> None:
    investment = type("Investment", (make.models["budget"],), {"key": "investment"})
    models = {**make.models, "investment": investment}
    pool = bind(make.assumptions(financing=split(make, epcf=70, private=30)), models)
    assert [i.key for i in pool.contracts["budget"]] == ["bridge/budget", "substation/budget"]
    assert {i.inputs["financing_share"].value for i in pool.contracts["budget"]} == {0.0}


def test_a_share_without_a_model_is_told(make: Any) -> None:
    with pytest.raises(BindingError, match="no model has the key 'investment'"):
        bind(make.assumptions(financing=split(make, epcf=70, private=30)), make.models)


def test_a_project_without_a_split_is_private(make: Any) -> None:
    class Investment(Model):
        key = "investment"
        private_share = Input("1", "Share")

        @metric("1")
        def share(m):
            """Share."""
            return m.private_share

    plant = make.project("plant", group="portfolio", financing=None, stage=None)
    pool = bind(make.assumptions(portfolio_projects=(plant,)), {**make.models, "investment": Investment})
    [instance] = pool.contracts["investment"]
    assert (instance.key, instance.inputs["private_share"].value) == ("plant/investment", 1.0)


# --- where values come from


def value_of(make: Any, **changes: Any) -> float:
    """The overrun of the bridge when these assumptions are changed."""
    pool = bind(make.assumptions(**changes), make.models)
    bridge = pool.find("bridge/epcf")
    assert bridge is not None
    return bridge.inputs["overrun"].value


def test_nearest_scope_wins(make: Any) -> None:
    roads = make.assumptions().asset_classes
    shared = {"tax": make.entries("tax", overrun=(7, "1"))}
    assert value_of(make, **shared) == 1.0
    contracts = {"epcf": {**make.assumptions().contracts["epcf"], **make.entries("contracts.epcf", overrun=(5, "1"))}}
    assert value_of(make, **shared, contracts=contracts) == 5.0
    bridge = with_values(make, "bridge", overrun=(3, "1"))
    assert value_of(make, **shared, contracts=contracts, projects=(bridge,)) == 3.0
    bare = {name: each for name, each in roads.items() if name != "roads"}
    bare["roads"] = type(roads["roads"])("roads", {}, "transport", {})
    assert value_of(make, **shared, asset_classes=bare) == 7.0


def test_budget_levels_come_before_shared_groups_and_after_asset_classes(make: Any) -> None:
    levels = {"local": make.entries("budget_levels.local", overrun=(9, "1"))}
    bridge = make.project("bridge", budget_levels="local")
    roads = make.assumptions().asset_classes["roads"]
    bare = {"roads": type(roads)("roads", {}, "transport", {}), "power": make.assumptions().asset_classes["power"]}
    shared = {"tax": make.entries("tax", overrun=(7, "1"))}
    assert value_of(make, budget_levels=levels, projects=(bridge,), **shared) == 1.0
    assert value_of(make, budget_levels=levels, projects=(bridge,), asset_classes=bare, **shared) == 9.0


def test_values_are_in_the_unit_of_their_model(pool: BoundPool, make: Any) -> None:
    bridge = pool.find("bridge/epcf")
    assert bridge is not None
    assert bridge.inputs["duration"].value == 1.5
    assert bridge.inputs["margin"].value == 0.12
    assert bridge.inputs["margin"].source is not None
    assert pool.economy.inputs["volatility"].value == 0.05


def test_published_totals_are_inputs_of_the_pool(pool: BoundPool) -> None:
    assert pool.pool.inputs["published_all"].value == 300.0


def test_a_risk_moves_the_input_it_targets(pool: BoundPool) -> None:
    bridge, substation = pool.find("bridge/budget"), pool.find("substation/epcf")
    assert bridge is not None
    assert substation is not None
    assert (bridge.inputs["overrun"].factor, bridge.inputs["overrun"].combine) == ("cost_overrun/bridge", "multiply")
    assert (substation.inputs["start"].factor, substation.inputs["start"].combine) == ("delay/power", "add")
    assert (substation.inputs["margin"].factor, substation.inputs["margin"].combine) == ("rate", "replace")
    assert bridge.inputs["cost"].factor is None


def test_series_of_the_economy_are_dated_values_or_draws(pool: BoundPool) -> None:
    growth, shock = pool.economy_series["growth"], pool.economy_series["shock"]
    assert growth.values == pytest.approx((0.10,) * 3 + (0.06,) * 5, rel=1e-15)
    assert (growth.risk, shock.risk) == (None, "price_shock")
    assert shock.values == (0.0,) * 8


STEPS = ((date(2027, 1, 1), 2.0), (date(2027, 7, 2), 3.0), (date(2028, 4, 1), 4.0))


@pytest.mark.parametrize(
    ("each", "expected"),
    [(1, [2, 2, 3, 4]), (2, [2, 2, 2, 2, 3, 4, 4, 4]), (4, [2] * 7 + [3, 3] + [4] * 7)],
)
def test_a_step_holds_from_the_first_period_that_starts_on_or_after_it(each: int, expected: list[float]) -> None:
    assert list(step_curve(STEPS, Calendar(2026, 2029, 0, each))) == expected


# --- what is said


def test_all_problems_are_told_together(make: Any) -> None:
    bare = make.project("bridge", values=make.entries("projects.bridge", cost=(100, "bn KZT")))
    found = problems(make, projects=(bare,), fiscal={}, contracts={})
    assert len(found) >= 6
    for start in (
        "pool: input 'ceiling' has no value",
        "bridge/budget: input 'start' has no value; searched: project bridge; ",
        "epcf (2: bridge/epcf, plant/epcf): input 'margin' has no value",
    ):
        assert any(text.startswith(start) for text in found)


def test_a_misspelt_term_is_told_once_and_where_it_stands(make: Any) -> None:
    contracts = {"epcf": make.entries("contracts.epcf", margn=(12, "%/year"))}
    [found] = problems(make, contracts=contracts)
    assert found.startswith("macro.yaml:3:5: contracts.epcf.margn: no model has an input 'margn'")
    assert found.endswith("did you mean margin?")


def test_a_term_that_nobody_reads_is_told_where_everything_else_has_its_value(make: Any) -> None:
    own = make.assumptions().contracts["epcf"]
    contracts = {"epcf": {**own, **make.entries("contracts.epcf", overrunn=(1, "1"))}}
    [found] = problems(make, contracts=contracts)
    assert "contracts.epcf.overrunn" in found
    assert found.endswith("did you mean overrun?")


def test_a_project_may_carry_facts_but_no_misspelt_input(make: Any) -> None:
    bind(make.assumptions(projects=(with_values(make, "bridge", road_length=(49, "km")),)), make.models)
    [found] = problems(make, projects=(with_values(make, "bridge", durration=(1, "year")),))
    assert found.endswith("did you mean duration?")


def test_an_entry_of_a_like_name_in_a_searched_place_is_offered(make: Any) -> None:
    bare = make.project("bridge", values=make.entries("projects.bridge", cost=(100, "bn KZT"), start=(2026.5, "year")))
    levels = {"local": make.entries("budget_levels.local", durations=(2, "year"))}
    bare = make.project("bridge", values=bare.values, budget_levels="local")
    found = problems(make, projects=(bare,), budget_levels=levels)
    assert all("did you mean to call 'durations' that?" in text for text in found)


def test_a_value_of_another_kind_is_told_with_its_place(make: Any) -> None:
    bridge = with_values(make, "bridge", duration=(30, "bn KZT"))
    [text] = problems(make, projects=(bridge,))
    assert text == ("macro.yaml:3:5: projects.bridge.duration: is in bn KZT, which cannot be expressed in year")


def test_a_dated_value_is_no_scalar(make: Any) -> None:
    dated = make.value({date(2026, 1, 1): 1.0}, "1", "tax.overrun")
    [text] = problems(make, fiscal={"ceiling": dated})
    assert text == "macro.yaml:3:5: tax.overrun: is dated; one number is needed here"


def test_one_name_in_two_shared_groups_is_told(make: Any) -> None:
    [text] = problems(make, tax=make.entries("tax", ceiling=(50, "bn KZT")))
    assert "tax.ceiling" in text
    assert "fiscal.ceiling" in text
    assert text.endswith("keep one of the two")


class Wrong(Model):
    """Series that the economy does not offer, or offers in another unit."""

    key = "epcf"
    prise = Series("1", "Misspelt")
    discount = Series("1/year", "Wrong unit")

    @line("1/year")
    def payment(m):
        """Payment."""
        return m.prise * m.discount

    @metric("bn KZT")
    def worth(m):
        """Worth."""
        return 0


def test_a_series_must_be_a_line_of_the_economy(make: Any) -> None:
    first, second = (text for text in problems(make, {**make.models, "epcf": Wrong}) if text.startswith("models/epcf"))
    assert first == "models/epcf.py: series 'prise' is no periodic line of the economy; did you mean 'price'?"
    assert second == "models/epcf.py: series 'discount' is in '1/year', the economy has it in '1'"
