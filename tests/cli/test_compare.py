"""``alatau-fin compare``: one project and the whole pool, as data, as a table and on a screen."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pandas as pd
import pytest

from .conftest import PATHS, PATIENCE

#: The one project that a single contract type pays for in the base scenario, and that type.
PROJECT, PLANNED = "golden_district_road", "epcf"
MODES = ["budget", "epcf", "concession"]
SHOWN = 96
#: A run keeps the rows of its contracts to seven digits (float32: half a unit of the last place is 6e-8).
RECORDED = 2.0**-24


@pytest.mark.slow
def test_json_is_one_object_with_the_paths_of_an_ordinary_run(alatau, run_folder: Path) -> None:
    done = alatau("compare", PROJECT, "--paths", PATHS, "--seed", 7, "--json", timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["project"], found["scenario"], found["seed"], found["paths"]) == (PROJECT, "base", 7, PATHS)
    assert list(found["modes"]) == MODES
    contracts = pd.read_parquet(run_folder / "contracts.parquet")
    ran = contracts[(contracts["project"] == PROJECT) & (contracts["contract"] == PLANNED)].set_index("metric")
    for metric in ("net_present_cost", "pv_state_payments", "financing_premium"):
        for figure in ("mean", "p10", "p50", "p90"):
            recorded = pytest.approx(ran.loc[metric, figure], rel=RECORDED)
            assert found["modes"][PLANNED][metric][figure] == recorded, (metric, figure)
    recorded = pytest.approx(ran.loc["effective_rate", "mean"], rel=RECORDED)
    assert found["modes"][PLANNED]["rates"]["effective_rate"]["mean"] == recorded
    for mode in found["modes"].values():
        assert {"mean", "standard_error", "p10", "p50", "p90", "base_case"} == set(mode["net_present_cost"])
        assert {"mean", "standard_error"} == set(mode["risk_transferred"])
        assert {"value", "standard_error"} == set(mode["probability_cheapest"])
        payments = mode["payments_by_year"].values()
        assert all(year["p10"] <= year["p50"] <= year["p90"] for year in payments)
        assert sum(year["mean"] for year in payments) == pytest.approx(mode["total_payments"]["mean"], rel=1e-9)
    assert sum(mode["probability_cheapest"]["value"] for mode in found["modes"].values()) == pytest.approx(1)
    assert found["modes"]["budget"]["value_for_money"]["mean"] == 0
    assert found["modes"]["concession"]["rates"]["equity_irr"]["undefined"] >= 0
    assert found["checks"]["failed"] == []


@pytest.mark.slow
def test_all_has_the_scenario_as_planned_beside_the_modes(alatau, run_folder: Path) -> None:
    done = alatau("compare", "--all", "--modes", "epcf", "--paths", PATHS, "--seed", 7, "--json", timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["project"] is None
    assert list(found["modes"]) == ["epcf", "as_planned"]
    planned, ran = (
        found["modes"]["as_planned"],
        json.loads((run_folder / "manifest.json").read_text("utf-8"))["metrics"],
    )
    assert planned["probability_cheapest"] is None
    assert 0 < planned["state_share"] < 1 == found["modes"]["epcf"]["state_share"]
    assert planned["pv_state_payments"]["mean"] == pytest.approx(ran["pv_state_payments"]["mean"], rel=1e-9)
    assert planned["peak_obligations"]["p90"] == pytest.approx(ran["peak_obligations"]["p90"], rel=1e-9)
    breaches = {name: metric["mean"] for name, metric in ran.items() if name.startswith("breach_")}
    assert {name: ceiling["value"] for name, ceiling in planned["ceilings"].items()} == pytest.approx(breaches)
    assert found["modes"]["epcf"]["ceilings"].keys() == planned["ceilings"].keys()


@pytest.mark.slow
def test_the_tables_and_the_file_tell_the_same(alatau, tmp_path: Path) -> None:
    file = tmp_path / "comparison.csv"
    done = alatau("compare", PROJECT, "--paths", SHOWN, "--csv", file, "--quiet", timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert {line["choice"] for line in lines} == set(MODES)
    costs = [float(line["mean"]) for line in lines if line["measure"] == "net_present_cost"]
    shown = next(line for line in done.stdout.splitlines() if "Net present cost, mean" in line)
    assert [cell.strip() for cell in shown.split("│")[2:5]] == [f"{cost:,.1f}" for cost in costs]
    year = next(line for line in lines if line["measure"] == "payments_by_year" and line["choice"] == "concession")
    assert float(year["p10"]) <= float(year["mean"])
    for words in ("Value for money, base case", "Probability of being the cheapest", "2030", "Effective annual rate"):
        assert words in done.stdout


@pytest.mark.slow
def test_a_console_without_kazakh_letters_still_gets_its_tables(alatau) -> None:
    arguments = ("compare", PROJECT, "--modes", "epcf", "--paths", 64, "--lang", "kk")
    done = alatau(*arguments, encoding="cp866", timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert "?" in done.stdout
    assert "EPC+F" in done.stdout


def test_the_projects_are_listed(alatau) -> None:
    done = alatau("compare", "--list", "--json", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    found = {each["id"]: each["name"] for each in json.loads(done.stdout)}
    assert PROJECT in found
    assert len(found) > 30
    assert PROJECT in alatau("compare", "--list").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("golden_district_roda",), (PROJECT, "--list")),
        (("iconic_towers",), ("private", "iconic_towers")),
        ((PROJECT, "--modes", "epfc"), ("epcf", "budget, epcf, concession")),
        ((PROJECT, "--modes", "epcf,epcf"), ("epcf", "twice")),
        ((PROJECT, "--modes", ""), ("budget, epcf, concession",)),
        ((PROJECT, "--scenario", "devaluatoin"), ("devaluation",)),
        ((PROJECT, "--paths", "0"), ("--paths",)),
        ((PROJECT, "--all"), ("--all", "--list")),
        ((), ("--all", "--list")),
    ],
)
def test_wrong_usage_is_explained(alatau, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = alatau("compare", *arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr


def test_a_file_in_no_folder_is_told_before_anything_is_run(alatau, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "comparison.csv"
    done = alatau("compare", "--all", "--csv", file)
    assert done.returncode == 2
    assert str(file) in done.stderr
