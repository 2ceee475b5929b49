"""``alatau-fin simulate`` and ``verify``: runs as users make, spoil, interrupt and repeat them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from alatau_finance.audit.run_folder import copy_inputs
from alatau_finance.audit.unfinished import Settings, begun
from alatau_finance.cli.init import copy_out
from alatau_finance.root import bundled, find_root

from .conftest import PATHS, PATIENCE

#: file, what is written there, what stands there instead, and words the message must hold.
SPOILT = [
    ("pool/financing.yaml", "budget: {value: 75}", "budget: {value: 76}", ("financing.yaml", "roadmap_power", "100")),
    ("tax.yaml", 'unit: "%"', "unit: bananas", ("tax.yaml", "bananas")),
    ("tax.yaml", "\n  cit_rate:", "\n  vat_rate: {value: 12}\n  cit_rate:", ("tax.yaml", "vat_rate", "second time")),
    ("scenarios/devaluation.yaml", "macro.usdkzt_", "macro.usdkzzt_", ("devaluation.yaml", "usdkzzt_", "did you mean")),
]


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of the assumptions and models, to spoil."""
    copy_out(bundled(), tmp_path / "mine")
    return tmp_path / "mine"


def test_a_run_holds_what_it_promises(run_folder: Path) -> None:
    names = {file.name for file in run_folder.iterdir()}
    assert names == {
        "manifest.json",
        "metrics.parquet",
        "fans.parquet",
        "contracts.parquet",
        "convergence.parquet",
        "pool_table.parquet",
        "assumptions.csv",
        "inputs",
    }
    manifest = json.loads((run_folder / "manifest.json").read_text("utf-8"))
    assert (manifest["scenario"], manifest["seed"], manifest["paths"]) == ("base", 7, PATHS)
    assert manifest["checks"]["failed"] == 0
    assert manifest["checks"]["total"] > 40
    metrics = pd.read_parquet(run_folder / "metrics.parquet")
    assert len(metrics) == PATHS
    assert set(manifest["metrics"]) == set(metrics.columns) - {"path"}
    assert manifest["metrics"]["pv_state_payments"]["mean"] == pytest.approx(
        metrics["pv_state_payments"].mean(), rel=1e-12
    )
    fans = pd.read_parquet(run_folder / "fans.parquet")
    assert {"capex_total", "state_payments", "obligations_outstanding", "affordability_headroom"} <= set(fans["line"])
    assert (fans["p10"] <= fans["p90"]).all()
    table = pd.read_parquet(run_folder / "pool_table.parquet")
    assert table["planned_cost"].sum() == pytest.approx(10_400)
    assert table.groupby("stage")["planned_cost"].sum()["roadmap_2026_2027"] == pytest.approx(365.1)


def test_no_machine_path_in_a_run(run_folder: Path) -> None:
    for file in run_folder.rglob("*"):
        if file.is_file():
            assert str(bundled()).encode() not in file.read_bytes(), file


@pytest.mark.slow
def test_json_is_one_object_and_the_digest_is_that_of_the_same_run(alatau, run_folder: Path) -> None:
    done = alatau("simulate", "--paths", PATHS, "--seed", 7, "--json", "--no-workbook", timeout=PATIENCE)
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert {"run", "scenario", "seed", "paths", "digest", "checks", "metrics"} <= set(found)
    assert {"total", "failed"} <= set(found["checks"])
    for metric in found["metrics"].values():
        figures = {"mean", "p10", "p50", "p90", "cvar90", "cvar95"}
        always = {"unit", "sd", "standard_error", "standard_errors", "undefined", *figures}
        assert set(metric) - {"interval"} == always
        assert set(metric["standard_errors"]) == figures
        assert set(metric["undefined"].values()) == {0}
    assert found["digest"] == json.loads((run_folder / "manifest.json").read_text("utf-8"))["digest"]
    assert (Path(found["run"]) / "manifest.json").is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    "environment", [{"NUMBA_NUM_THREADS": "1"}, {"NUMBA_NUM_THREADS": "2"}, {"NUMBA_CPU_NAME": "generic"}]
)
def test_one_digest_for_any_threads_and_processor(alatau, run_folder: Path, environment: dict[str, str]) -> None:
    done = alatau("simulate", "--paths", PATHS, "--seed", 7, "--json", "--no-workbook", timeout=PATIENCE, **environment)
    assert done.returncode == 0, done.stderr
    recorded = json.loads((run_folder / "manifest.json").read_text("utf-8"))["digest"]
    assert json.loads(done.stdout)["digest"] == recorded


@pytest.mark.slow
def test_a_run_repeats_and_a_touched_one_does_not(alatau, run_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy_tree(run_folder, copy)
    assert alatau("verify", copy, timeout=PATIENCE).returncode == 0
    file = copy / "inputs" / "assumptions" / "tax.yaml"
    file.write_text(file.read_text("utf-8").replace("value: 16", "value: 15", 1), "utf-8")
    done = alatau("verify", copy, timeout=PATIENCE)
    assert done.returncode == 4
    assert "inputs/assumptions/tax.yaml" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("sampler", ["antithetic", "sobol", "latin_hypercube"])
def test_a_run_with_another_sampler_repeats_and_each_of_its_paths_can_be_shown(
    alatau, run_folder: Path, tmp_path: Path, sampler: str
) -> None:
    options = ("--paths", PATHS, "--seed", 7, "--sampler", sampler, "--out", tmp_path, "--json", "--no-workbook")
    done = alatau("simulate", *options, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    manifest = json.loads((Path(found["run"]) / "manifest.json").read_text("utf-8"))
    assert found["sampler"] == manifest["sampler"] == sampler
    assert found["digest"] != json.loads((run_folder / "manifest.json").read_text("utf-8"))["digest"]
    assert alatau("verify", found["run"], timeout=PATIENCE).returncode == 0
    shown = alatau("export", found["run"], "--path", PATHS - 1, "--out", tmp_path / "path.xlsx", timeout=PATIENCE)
    assert shown.returncode == 0, shown.stderr


def copy_tree(source: Path, target: Path) -> None:
    import shutil

    shutil.copytree(source, target)


@pytest.mark.parametrize(("file", "before", "after", "words"), SPOILT, ids=["share", "unit", "key", "path"])
def test_one_broken_number_is_one_located_error_and_nothing_is_written(
    alatau, mine: Path, file: str, before: str, after: str, words: tuple[str, ...]
) -> None:
    path = mine / "assumptions" / file
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    scenario = path.stem if path.parent.name == "scenarios" else "base"
    done = alatau("simulate", scenario, "--paths", 10, "--root", mine, "--quiet")
    assert done.returncode == 3, done.stderr
    assert done.stdout == ""
    message = done.stderr.strip()
    assert message.count("\n") == 0, message
    for word in words:
        assert word in message
    assert not (mine / "outputs").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("simulate", "devaluatoin"), ("devaluation",)),
        (("simulate", "--paths", "0"), ("--paths",)),
        (("simulate", "--paths", "many"), ("--paths",)),
        (("simulate", "--root", "nowhere"), ("nowhere",)),
        (("simulate", "--resume", "nowhere"), ("nowhere",)),
        (("simulate", "--precision", "jobs:P90:1%", "--paths", "9"), ("--max-paths",)),
        (("simulate", "--precision", "jobz:P90:1%"), ("did you mean jobs",)),
        (("simulate", "--precision", "jobs:P90:1%", "--sampler", "sobol"), ("independent",)),
        (("simulate", "--max-paths", "9"), ("--paths",)),
        (("verify", "nowhere"), ("nowhere",)),
        (("show", "epfc"), ("epcf",)),
    ],
)
def test_wrong_usage_is_explained(alatau, arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path) -> None:
    done = alatau(*arguments)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr
    assert list(tmp_path.iterdir()) == []


def files(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def unfinished(outputs: Path) -> list[Path]:
    return [folder for folder in outputs.iterdir() if folder.name.startswith(".unfinished-")]


#: A process that a shell put in the background ignores Ctrl-C, and so do those that it starts: take that back.
HEARS_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
def test_a_run_interrupted_before_anything_is_done_leaves_nothing(run_folder: Path, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    copy_tree(run_folder, outputs / run_folder.name)
    before = files(outputs)
    command = [sys.executable, "-c", HEARS_CTRL_C + "from alatau_finance.cli import main; main()"]
    arguments = ["simulate", "--paths", "200000", "--out", str(outputs), "--no-workbook"]
    with subprocess.Popen(
        [*command, *arguments], stderr=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path
    ) as process:
        wait_until(lambda: any((folder / "settings.json").is_file() for folder in unfinished(outputs)))
        os.kill(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert output == b""
    assert files(outputs) == before
    assert [folder.name for folder in outputs.iterdir()] == [run_folder.name]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
@pytest.mark.parametrize("number", ["SIGINT", "SIGKILL"])
def test_an_interrupted_run_is_gone_on_with(alatau, run_folder: Path, tmp_path: Path, number: str) -> None:
    """200 paths are four shards; each is held up, so that there is time to interrupt between two."""
    outputs = tmp_path / "outputs"
    slow = (
        "import time; from alatau_finance.simulation import shards; write = shards.ShardStore.write\n"
        "shards.ShardStore.write = lambda *a: (write(*a), time.sleep(1 if a[1] < 2 else 600))\n"
        "from alatau_finance.cli import main; main()"
    )
    arguments = ["simulate", "--paths", str(PATHS), "--seed", "7", "--out", str(outputs), "--no-workbook", "--quiet"]
    with subprocess.Popen(
        [sys.executable, "-c", HEARS_CTRL_C + slow, *arguments],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        wait_until(lambda: outputs.is_dir() and any(outputs.rglob("*.shard")))
        os.kill(process.pid, getattr(signal, number))
        output, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == {"SIGINT": 130, "SIGKILL": -9}[number]
    assert output == ""
    (left,) = unfinished(outputs)
    if number == "SIGINT":
        assert f"simulate --resume {left}" in told
    refused = alatau("simulate", "--resume", left, "--paths", "300")
    assert refused.returncode == 2
    assert "--paths" in refused.stderr
    done = alatau("simulate", "--resume", left, "--json", "--no-workbook", timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    recorded = json.loads((run_folder / "manifest.json").read_text("utf-8"))
    assert json.loads(done.stdout)["digest"] == recorded["digest"]
    (finished,) = outputs.iterdir()
    manifest = json.loads((finished / "manifest.json").read_text("utf-8"))
    for same in ("digest", "checks", "metrics", "undefined", "seed", "paths", "run_date"):
        assert manifest[same] == recorded[same]
    assert {file.name for file in finished.iterdir()} == {file.name for file in run_folder.iterdir()}


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A run that was begun, with a shard that is there and not looked at by these tests."""
    place = find_root(bundled())
    settings = Settings(
        "base", "2026-09-01", {"paths": 200, "seed": 7, "sampler": "pseudo_random", "precision": []}, 64
    )

    def interrupted() -> None:
        with begun(tmp_path / "outputs", settings, lambda folder: copy_inputs(place, folder / "inputs")) as run:
            run.shards.mkdir()
            (run.shards / "000000.shard").write_bytes(b"done")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (folder,) = unfinished(tmp_path / "outputs")
    return folder


@pytest.mark.parametrize("change", ["value", "new file", "program", "settings"])
def test_a_run_that_would_not_be_what_it_was_is_not_gone_on_with(alatau, left: Path, change: str) -> None:
    code, word = 4, "start the run again"
    file = left / "settings.json"
    if change == "value":
        tax = left / "run" / "inputs" / "assumptions" / "tax.yaml"
        tax.write_text(tax.read_text("utf-8").replace("value: 16", "value: 15", 1), "utf-8")
        word = "assumptions/tax.yaml"
    elif change == "new file":
        (left / "run" / "inputs" / "models" / "more.py").write_text("", "utf-8")
        word = "models/more.py"
    elif change == "program":
        file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), "program": "0" * 16}), "utf-8")
    else:
        file.write_text("{", "utf-8")
        code, word = 2, "settings.json"
    before = files(left)
    done = alatau("simulate", "--resume", left)
    assert done.returncode == code, done.stderr
    assert word in done.stderr
    assert files(left) == before


def wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.slow
def test_a_console_without_kazakh_letters_still_gets_its_summary(alatau) -> None:
    arguments = ("simulate", "--paths", 64, "--no-workbook", "--lang", "kk")
    done = alatau(*arguments, encoding="cp866", timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert "?" in done.stdout
    assert "10,4" in done.stdout
