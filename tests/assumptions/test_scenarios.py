"""Overlays change values by path, all at once, and every change is logged."""

from __future__ import annotations

import pytest

from alatau_finance.assumptions import Override


def test_changes_are_logged_old_to_new(tree) -> None:
    found = tree.load("stress")
    assert found.overrides == (
        Override("macro.usdkzt", 505.5, 700, "KZT/USD"),
        Override("macro.cpi_expected.2027", 7.5, 9, "%/year"),
        Override("asset_classes.power.opex_rate", 2, 3, "%/year"),
        Override("asset_classes.roads.opex_rate", 1, 3, "%/year"),
        Override("financing.mixed.budget", 75, 60, "%"),
        Override("financing.mixed.epcf", 25, 40, "%"),
    )
    assert found.scenario.name == "stress"
    assert found.scenario.label["kk"] == "Стресс"


def test_a_changed_value_says_where_it_comes_from(tree) -> None:
    value = tree.load("stress").macro["usdkzt"]
    assert (value.value, value.unit, value.basis, value.source) == (700, "KZT/USD", "assumed", ("scenario:stress",))
    assert (value.file, value.line, value.column) == ("assumptions/scenarios/stress.yaml", 5, 17)
    assert (value.low, value.high) == (450, 700)  # widened to hold the new number


def test_one_step_of_a_curve_changes(tree) -> None:
    curve = tree.load("stress").macro["cpi_expected"]
    assert [number for _, number in curve.values] == [10.5, 9, 5]


def test_the_base_case_is_left_alone(tree) -> None:
    assert tree.load().macro["usdkzt"].value == 505.5
    assert tree.load("stress").tax == tree.load().tax


def test_a_path_goes_before_a_pattern(tree) -> None:
    tree.files["scenarios/stress.yaml"] = (
        'overrides:\n  asset_classes.power.opex_rate: 7\n  "*.*.opex_rate": 5\n  asset_classes.*.opex_rate: 6\n'
    )
    found = tree.load("stress")
    assert [found.value(f"asset_classes.{name}.opex_rate").value for name in ("power", "roads")] == [7, 6]
    assert len(found.overrides) == 2


def test_a_date_may_be_given_for_a_year(tree) -> None:
    tree.files["scenarios/stress.yaml"] = "overrides:\n  projects.*.start: 2028-04-01\n"
    assert tree.load("stress").value("projects.arna.start").value == 2028.25


def test_all_steps_of_a_curve(tree) -> None:
    tree.files["scenarios/stress.yaml"] = "overrides:\n  macro.cpi_expected.*: 4\n"
    assert [number for _, number in tree.load("stress").macro["cpi_expected"].values] == [4, 4, 4]


def test_risk_parameters_and_correlations_have_paths(tree) -> None:
    tree.files["scenarios/stress.yaml"] = (
        "overrides:\n  risks.usdkzt_jump.parameters.probability: 12\n  correlations.1.correlation: 0.5\n"
    )
    found = tree.load("stress")
    assert found.risks[0].parameters["probability"].in_unit("1") == 0.12
    assert found.correlations[0].correlation.value == 0.5


REFUSED = {
    "misspelt pattern": (
        "asset_classes.*.opexrate: 3",
        "2:3: overrides.asset_classes.*.opexrate: no value has a path of this pattern;"
        " did you mean asset_classes.*.opex_rate?",
    ),
    "pattern of nothing": ("projects.*.opex: 1", "2:3: overrides.projects.*.opex: no value has a path of this pattern"),
    "group": (
        "tax: 3",
        "2:3: overrides.tax: no value has this path; allowed: tax.vat_rate, tax.property_rate",
    ),
    "curve": (
        "macro.cpi_expected: 3",
        "2:3: overrides.macro.cpi_expected: macro.cpi_expected is dated; one number cannot take the place of its steps;"
        " allowed: macro.cpi_expected.2026, macro.cpi_expected.2027, macro.cpi_expected.2028-07-01",
    ),
    "step that is not there": (
        "macro.cpi_expected.2029: 3",
        "2:3: overrides.macro.cpi_expected.2029: no value has this path;"
        " allowed: macro.cpi_expected.2026, macro.cpi_expected.2027, macro.cpi_expected.2028-07-01",
    ),
    "path of another group": (
        "fiscal.vat_rate: 3",
        "2:3: overrides.fiscal.vat_rate: no value has this path; did you mean tax.vat_rate?",
    ),
    "text": (
        "tax.vat_rate: 12%",
        "2:17: overrides.tax.vat_rate: a number belongs here, this is the text '12%';"
        ' allowed: write value: 12, unit: "%"',
    ),
    "date for a rate": (
        "tax.vat_rate: 2026-01-01",
        "2:17: overrides.tax.vat_rate: a date stands here, but the value is in %; allowed: a number",
    ),
    "share out of range": (
        "contracts.*.advance_share: 120",
        "2:30: contracts.epcf.advance_share: 120 % is out of range; allowed: 0 to 100 %",
    ),
    "half of a split": (
        "financing.mixed.budget: 60",
        "2:27: financing.mixed: the shares sum to 85 %, not to 100 %",
    ),
    "name of a split": (
        "projects.arna.financing: public",
        "2:28: overrides.projects.arna.financing: a number belongs here, this is the text 'public'",
    ),
    "run date": (
        "timeline.run_date: 2026-01-01",
        "2:3: overrides.timeline.run_date: the run date chooses the vintages and cannot differ by scenario;"
        " allowed: the run date of timeline.yaml or of the command",
    ),
    "published total": (
        "totals.all.published: 1",
        "2:3: overrides.totals.all.published: what has been published cannot differ by scenario;"
        " allowed: inputs of the models",
    ),
    "calendar": (
        "timeline.last_year: 2020",
        "2:23: timeline.last_year: the last year is before the first",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("scenario", ["base", "stress"])
def test_what_an_overlay_may_not_do(name: str, scenario: str, tree, messages) -> None:
    line, expected = REFUSED[name]
    tree.files["scenarios/stress.yaml"] = f"overrides:\n  {line}\n"
    assert messages(scenario) == [f"assumptions/scenarios/stress.yaml:{expected}"]


def test_two_patterns_for_one_value(tree, messages) -> None:
    tree.files["scenarios/stress.yaml"] = 'overrides:\n  asset_classes.*.opex_rate: 3\n  "*.power.opex_rate": 4\n'
    assert messages() == [
        "assumptions/scenarios/stress.yaml:3:24: overrides.*.power.opex_rate: asset_classes.power.opex_rate is set by"
        " 'asset_classes.*.opex_rate' too; allowed: one of them, or the path without *"
    ]


def test_the_base_case_may_have_a_description(tree) -> None:
    tree.files["scenarios/base.yaml"] = "scenario:\n  label: {en: Base, ru: База, kk: Негіз}\n"
    found = tree.load()
    assert (found.scenario.label["en"], found.overrides) == ("Base", ())
    assert "assumptions/scenarios/base.yaml" in found.files


def test_a_scenario_has_overrides_and_nothing_else(tree, messages) -> None:
    tree.files["scenarios/stress.yaml"] += "extra: 1\n"
    assert messages() == [
        "assumptions/scenarios/stress.yaml:10:1: extra: unknown key 'extra'; allowed: scenario, overrides"
    ]
