"""What a run keeps of its inputs."""

from __future__ import annotations

from pathlib import Path

import pytest

from alatau_finance.audit.run_folder import RunFolderError
from alatau_finance.cli.init import copy_out
from alatau_finance.reports.run import keep_inputs
from alatau_finance.root import bundled, find_root
from alatau_finance.simulation.run import prepare


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    copy_out(bundled(), tmp_path / "mine")
    return tmp_path / "mine"


def test_the_inputs_kept_are_those_that_were_read(mine: Path, tmp_path: Path) -> None:
    root = find_root(mine)
    keep_inputs(prepare(root, "base"), root, tmp_path / "run")
    kept = prepare(find_root(tmp_path / "run" / "inputs"), "base")
    assert kept.assumptions.files == prepare(root, "base").assumptions.files


def test_an_assumption_edited_since_it_was_read_stops_the_run(mine: Path, tmp_path: Path) -> None:
    root = find_root(mine)
    pool = prepare(root, "base")
    file = mine / "assumptions" / "tax.yaml"
    file.write_text(file.read_text("utf-8") + "\n# a late thought\n", "utf-8")
    with pytest.raises(RunFolderError, match=r"tax\.yaml was changed"):
        keep_inputs(pool, root, tmp_path / "run")
