"""A valid tree becomes frozen records."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import date

import pytest

from alatau_finance.assumptions import Value, available_scenarios
from alatau_finance.errors import AssumptionErrors, UsageError


def test_every_group_is_there(tree) -> None:
    found = tree.load()
    assert [project.id for project in found.projects] == ["arna", "ring_road"]
    assert [project.id for project in found.portfolio_projects] == ["pepsico"]
    assert {*found.macro} == {"usdkzt", "cpi_expected"}
    assert {*found.tax} == {"vat_rate", "property_rate"}
    assert {*found.contracts["epcf"]} == {"advance_share", "instalments"}
    assert {*found.financing["mixed"]} == {"budget", "epcf"}
    assert {*found.budget_levels["local"]} == {
        "republican_share",
        "oblast_share",
        "city_share",
        "national_fund_share",
    }
    assert found.asset_classes["power"].sector == "energy"
    assert found.sources["code"].date == date(2025, 7, 18)
    assert found.portfolio["count"].value == 44
    assert found.scenario.name == "base"
    assert found.overrides == ()


def test_a_value_has_unit_provenance_and_place(tree) -> None:
    value = tree.load().value("macro.usdkzt")
    assert value == Value(
        path="macro.usdkzt",
        value=505.5,
        values=None,
        unit="KZT/USD",
        low=450,
        high=600,
        as_of=date(2026, 1, 30),
        source=("code", "judgement"),
        basis="sourced",
        note="official rate",
        file="assumptions/macro.yaml",
        line=4,
        column=12,
        label={"en": "Exchange rate", "ru": "Курс", "kk": "Бағам"},
    )


def test_defaults_of_the_file_are_inherited_and_may_be_overruled(tree) -> None:
    found = tree.load()
    assert (found.tax["vat_rate"].unit, found.tax["vat_rate"].as_of) == ("%", date(2026, 1, 1))
    assert found.tax["property_rate"].unit == "%/year"
    assert found.tax["property_rate"].source == ("code",)


def test_numbers_are_given_in_the_unit_that_is_asked_for(tree) -> None:
    found = tree.load()
    assert found.tax["vat_rate"].in_unit("1") == 0.16
    assert found.value("projects.arna.cost").in_unit("tn KZT") == pytest.approx(0.0101)
    assert found.value("projects.arna.duration").in_unit("year") == 1.5
    with pytest.raises(AssumptionErrors, match=r"tax\.yaml:3:21: tax\.vat_rate: is in %, which cannot be .* in year"):
        found.tax["vat_rate"].in_unit("year")
    with pytest.raises(AssumptionErrors, match="dated"):
        found.macro["cpi_expected"].in_unit("1/year")


def test_a_curve_is_steps_by_date(tree) -> None:
    found = tree.load()
    curve = found.macro["cpi_expected"]
    assert curve.value is None
    assert curve.curve_in_unit("1/year") == (
        (date(2026, 1, 1), 0.105),
        (date(2027, 1, 1), 0.075),
        (date(2028, 7, 1), 0.05),
    )
    assert [curve.at(day) for day in (date(2020, 1, 1), date(2026, 12, 31), date(2027, 1, 1), date(2060, 1, 1))] == [
        10.5,
        10.5,
        7.5,
        5.0,
    ]
    assert found.tax["vat_rate"].curve_in_unit("1") == ((date.min, 0.16),)


def test_a_date_is_a_calendar_year(tree) -> None:
    found = tree.load()
    start = found.value("projects.arna.start")
    assert (start.value, start.unit) == (2026.5, "year")
    assert found.timeline.base_date == date(2026, 1, 1)
    assert found.timeline.periods_per_year == 2


def test_risks_take_entries_and_names(tree) -> None:
    jump, overrun = tree.load().risks
    assert jump.parameters["size"] == "usdkzt"
    assert isinstance(jump.parameters["probability"], Value)
    assert (jump.combine, jump.per_period, overrun.combine) == ("replace", True, "multiply")


def test_a_t_copula_and_a_correlation_of_ranks(tree) -> None:
    tree.edit(
        "risks.yaml",
        "correlations:\n",
        "t_copulas: {works: {risks: [cost_overrun], degrees_of_freedom: {value: 4}}}\ncorrelations:\n",
    )
    tree.edit("risks.yaml", "correlation: {value: 0.2}", "correlation: {value: 0.2}, of: ranks")
    found = tree.load()
    (copula,) = found.t_copulas
    assert (copula.name, copula.risks, copula.degrees_of_freedom.value) == ("works", ("cost_overrun",), 4)
    assert found.value("t_copulas.works.degrees_of_freedom") == copula.degrees_of_freedom
    assert [each.of for each in found.correlations] == ["ranks", "normals"]


def test_correlations_have_numbered_paths(tree) -> None:
    found = tree.load()
    assert found.value("correlations.2.correlation").in_unit("1") == 0.3
    assert found.correlations[1].risks == ("cost_overrun",)


def test_facts_of_the_reference_are_values_or_texts(tree) -> None:
    reference = tree.load().reference
    assert reference["city_area"].value is not None
    assert reference["city_area"].value.value == 88000
    assert reference["city_status"].text["en"] == "A city of special status"
    assert reference["city_status"].source == ("code",)
    assert tree.load(run_date=date(2026, 2, 10)).reference.keys() == reference.keys()


def test_a_path_that_does_not_exist_gives_the_nearest(tree) -> None:
    found = tree.load()
    assert found.value("macro.cpi_expected.2028-07-01").value == 5
    with pytest.raises(UsageError, match=r"did you mean macro\.usdkzt\?"):
        found.value("macro.usdktz")


def test_records_do_not_change(tree) -> None:
    found = tree.load()
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.projects[0].stage = "other"
    for mapping in (found.tax, found.projects[0].values, found.projects[0].name, found.files, found.financing["mixed"]):
        with pytest.raises(TypeError):
            mapping["new"] = None


def test_files_are_listed_with_their_digests(tree) -> None:
    found = tree.load()
    text = (tree.root / "assumptions/tax.yaml").read_bytes()
    assert found.files["assumptions/tax.yaml"] == hashlib.sha256(text).hexdigest()
    assert "assumptions/scenarios/stress.yaml" not in found.files
    assert "assumptions/scenarios/stress.yaml" in tree.load("stress").files


def test_optional_files_may_be_missing(tree) -> None:
    for file in ("risks.yaml", "investment_projects.yaml", "pool/totals.yaml", "contracts/epcf.yaml"):
        del tree.files[file]
    del tree.files["scenarios/stress.yaml"]
    found = tree.load()
    assert (found.risks, found.portfolio_projects, found.totals, dict(found.contracts)) == ((), (), (), {})
    assert available_scenarios(tree.root) == ("base",)


def test_anchors_may_be_used(tree) -> None:
    tree.edit("tax.yaml", "{value: 16}", "&rate {value: 16}")
    tree.files["tax.yaml"] += "  other_rate: *rate\n"
    assert tree.load().tax["other_rate"].value == 16


def test_a_root_without_assumptions_is_told(tmp_path) -> None:
    from alatau_finance.assumptions import load_assumptions

    with pytest.raises(UsageError, match="no folder assumptions"):
        load_assumptions(tmp_path)


def test_numbers_written_in_any_yaml_way(tree) -> None:
    tree.edit("macro.yaml", "value: 505.5", "value: +5.055e2")
    assert tree.load().macro["usdkzt"].value == 505.5
