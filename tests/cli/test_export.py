"""``alatau-fin export``: any path of a run as a workbook, and what is no path."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from alatau_finance.audit.replay import path_at
from alatau_finance.errors import UsageError

from .conftest import PATHS, PATIENCE


def metrics_of(file: Path) -> dict[str, float]:
    """What the workbook holds of the pool's whole-life lines, by key: the cached values of column D."""
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    return {str(row[0].value).split("|")[-1]: row[3].value for row in book["Pool"].iter_rows(max_col=4) if row[0].value}


@pytest.mark.slow
def test_a_path_is_exported_as_the_run_recorded_it(alatau, run_folder: Path, tmp_path: Path) -> None:
    done = alatau("export", run_folder, "--path", 3, "--out", tmp_path / "path.xlsx", timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "path.xlsx")
    shown = metrics_of(tmp_path / "path.xlsx")
    recorded = pd.read_parquet(run_folder / "metrics.parquet").iloc[3].drop("path")
    assert len(recorded) > 10
    for name, value in recorded.items():
        assert shown[str(name)] == pytest.approx(value, rel=1e-9), name
    _assert_simulation_is_that_of_the_run(tmp_path / "path.xlsx", run_folder)


def _assert_simulation_is_that_of_the_run(file: Path, run_folder: Path) -> None:
    """Each figure of the sheet Monte Carlo with its standard error, and how the main measure converged."""
    sheet = openpyxl.load_workbook(file, read_only=True, data_only=True)["Monte Carlo"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    shown = {row[0]: row for row in reversed(rows) if row[0]}
    metrics = json.loads((run_folder / "manifest.json").read_text("utf-8"))["metrics"]
    for name, metric in metrics.items():
        errors = metric["standard_errors"]
        expected = [metric["standard_error"], *(errors[key] for key in ("p10", "p50", "p90"))]
        expected += [metric["cvar95"], errors["cvar95"]]
        assert shown[name][8:14] == pytest.approx(expected), name
    points = pd.read_parquet(run_folder / "convergence.parquet").query("metric == 'pv_state_payments'")
    heading = next(n for n, row in enumerate(rows) if str(row[1]).startswith("Convergence"))
    table = rows[heading + 1 : heading + 1 + points["paths"].nunique()]
    assert [row[2] for row in table] == sorted(points["paths"].unique())
    means = points.query("figure == 'mean'").sort_values("paths")["value"]
    assert [row[3] for row in table] == pytest.approx(list(means))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--path", str(PATHS)), (f"0 to {PATHS - 1}",)),
        (("--path", "-1"), (f"0 to {PATHS - 1}",)),
        (("--percentile", "P90"), ("P90:pv_state_payments",)),
        (("--percentile", "P90:pv_state_payment"), ("did you mean pv_state_payments",)),
        (("--percentile", "P90:jobs", "--path", "1"), ("--path", "--percentile")),
    ],
)
def test_what_is_no_path_is_explained(
    alatau, run_folder: Path, arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    before = sorted(run_folder.parent.iterdir())
    done = alatau("export", run_folder, *arguments)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr
    assert sorted(run_folder.parent.iterdir()) == before


def test_a_percentile_is_the_path_of_that_rank(run_folder: Path) -> None:
    values = pd.read_parquet(run_folder / "metrics.parquet")["pv_state_payments"]
    path = path_at(run_folder, "P90:pv_state_payments")
    assert (values <= values[path]).sum() == PATHS * 90 // 100
    assert values[path_at(run_folder, "p100:pv_state_payments")] == values.max()
    assert values[path_at(run_folder, "P0:pv_state_payments")] == values.min()
    with pytest.raises(UsageError):
        path_at(run_folder, "P101:pv_state_payments")


@pytest.mark.slow
def test_a_path_that_no_longer_repeats_is_not_exported(alatau, run_folder: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)
    manifest = json.loads((copy / "manifest.json").read_text("utf-8"))
    (copy / "manifest.json").write_text(json.dumps({**manifest, "seed": 8}), "utf-8")
    done = alatau("export", copy, "--path", 3, timeout=PATIENCE)
    assert done.returncode == 4
    assert "path 3" in done.stderr
    assert not list(tmp_path.glob("*.xlsx"))


def test_one_project_is_exported(alatau, run_folder: Path, tmp_path: Path) -> None:
    """Every sheet but those of the pool, the simulation's results of its contracts, and only the values it uses."""
    file = tmp_path / "project.xlsx"
    done = alatau("export", run_folder, "--project", "golden_district_road", "--path", 3, "--out", file)
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(file, data_only=True)
    order = ["Cover", "Contents", "Scenario", "Inputs", "Timing", "Economy", "Statements", "Monte Carlo", "Sensitivity"]
    order += ["Checks", "Register", "Reconciliation"]
    assert [name for name in book.sheetnames if name in order] == order
    assert not {"Pool", "Budget years", "Tables"} & set(book.sheetnames)
    assert book["Scenario"]["D4"].value == "Path 3 as drawn"
    contracts = pd.read_parquet(run_folder / "contracts.parquet")
    recorded = contracts[contracts["project"] == "golden_district_road"]
    simulated = {row[0].value: row for row in book["Monte Carlo"].iter_rows(min_row=6) if row[0].value}
    assert len(simulated) == len(recorded) > 5
    for row in recorded.itertuples():
        shown = [cell.value for cell in simulated[f"{row.contract}.{row.metric}"]]
        assert shown[3] == pytest.approx(row.mean)
        assert shown[9:12] == pytest.approx([row.p10_standard_error, row.p50_standard_error, row.p90_standard_error])
    paths = {row[0].value for row in book["Register"].iter_rows(min_row=5)}
    assert {"projects.golden_district_road.cost", "contracts.epcf.advance_share", "macro.usdkzt_spot"} <= paths
    assert not [path for path in paths if str(path).startswith(("projects.arna", "asset_classes.water"))]


def test_a_project_that_the_run_does_not_have_is_explained(alatau, run_folder: Path) -> None:
    done = alatau("export", run_folder, "--project", "goldn_district_road")
    assert done.returncode == 2
    assert "did you mean golden_district_road" in done.stderr
