"""What a run draws, and what it says when the machine is in its way."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest

from alatau_finance.simulation.binding import bind
from alatau_finance.simulation.path import draw_plan
from alatau_finance.simulation.portions import DiskFull
from alatau_finance.simulation.run import simulate


def test_a_full_disk_is_told_with_what_is_needed_and_where(
    pool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(DiskFull, match=r"GB of disk are needed in .*No space left") as told:
        simulate(pool, paths=64, workspace=tmp_path)
    assert str(tmp_path) in str(told.value)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_will_be_full_is_told_after_the_first_shard(
    pool: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=10_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(DiskFull, match=r"GB are free"):
        simulate(pool, paths=64 * 100, shards=tmp_path, threads=1)
    assert [file.suffix for file in tmp_path.iterdir()] == [".shard"]


def test_a_risk_is_drawn_alike_where_no_project_has_the_contract_type_it_strikes(make: Any, pool: Any) -> None:
    """The interest rate of EPC+F is drawn in its unit, 1/year, although nothing is left that it moves."""
    public = {"mixed": {"budget": make.value(100, "%"), "epcf": make.value(0, "%")}}
    without = bind(make.assumptions(financing=public), make.models)
    assert without.contracts["epcf"] == ()
    assert draw_plan(without, 7).draw_path(3)[0] == draw_plan(pool, 7).draw_path(3)[0]
