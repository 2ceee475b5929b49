"""What the terminal says of checks that hold and of checks that fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from alatau_finance.cli.check_counts import show_checks
from alatau_finance.simulation.checks import CheckCount, FailingInstance

RUN = Path("outputs") / "base run"
HOLDS = CheckCount("epcf.debt_repaid", 3 * 1000, 0, -1, 0, "", 3, ())
FAILING = (FailingInstance("north/epcf", 2, 40), FailingInstance("south/epcf", 11, 17))
FAILS = CheckCount("epcf.works_complete", 3 * 1000, 13, 17, 12, "south/epcf", 3, FAILING)
ALSO = CheckCount("pool.levels_add_up", 1000, 1, 17, 1, "pool", 1, (FailingInstance("pool", 1, 17),))
LABELS = {"epcf.works_complete": "All works are built"}


def test_checks_that_hold_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show_checks([HOLDS, HOLDS], LABELS, 1000, RUN, "en")
    assert capsys.readouterr().out == "Checks: all 2 hold on each of 1,000 paths, 6,000 evaluations\n"


def test_checks_that_fail_are_named_counted_and_can_be_opened(capsys: pytest.CaptureFixture[str]) -> None:
    show_checks([HOLDS, FAILS, ALSO], LABELS, 1000, RUN, "en")
    told = capsys.readouterr().out
    assert told.startswith("Checks: 2 of 3 FAIL on some path\n")
    row = next(line for line in told.splitlines() if "epcf.works_complete" in line)
    for cell in ("All works are built", "12 (1.20%)", "2 / 3", "17", "south/epcf"):
        assert cell in row
    assert "epcf.debt_repaid" not in told
    # Both fail first on path 17, so that one workbook shows both.
    assert told.count("alatau-fin export") == 1
    assert told.endswith(f'  alatau-fin export "{RUN}" --path 17\n')
