"""``alatau-fin check``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from alatau_finance.cli.init import copy_out
from alatau_finance.root import bundled


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the repository's assumptions, to spoil."""
    copy_out(bundled(), tmp_path / "mine")
    return tmp_path / "mine"


def test_the_published_pool_ties(alatau) -> None:
    done = alatau("check", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["scenario"] == "base"
    assert found["root"] == str(bundled())
    assert found["ties"]
    assert all(tie["ok"] for tie in found["ties"])
    assert set(found["ties"][0]) == {"name", "published", "computed", "unit", "ok"}
    assert set(found["values"]) <= {"sourced", "derived", "assumed", "allocated"}


@pytest.mark.parametrize(("language", "word"), [("en", "Published"), ("ru", "Опубликовано"), ("kk", "Жарияланған")])
def test_a_table_in_each_language(alatau, language: str, word: str) -> None:
    done = alatau("check", ALATAU_LANG=language)
    assert done.returncode == 0
    assert word in done.stdout
    assert str(bundled()) in done.stderr
    assert "\x1b" not in done.stdout


def test_the_folder_around_is_used(alatau, root: Path) -> None:
    done = alatau("check", "--json", cwd=root / "assumptions" / "pool")
    assert json.loads(done.stdout)["root"] == str(root.resolve())


def test_a_total_that_does_not_tie_is_1(alatau, root: Path) -> None:
    scenario = root / "assumptions" / "scenarios" / "all_alike.yaml"
    scenario.parent.mkdir(exist_ok=True)
    scenario.write_text("overrides:\n  projects.*.cost: 1\n", encoding="utf-8")
    done = alatau("check", "--root", root, "--scenario", "all_alike", "--json")
    assert done.returncode == 1, done.stderr
    found = {tie["name"]: tie["ok"] for tie in json.loads(done.stdout)["ties"]}
    assert set(found.values()) == {True, False}  # the numbers of projects still tie
    shown = alatau("check", "--root", root, "--scenario", "all_alike", "--lang", "kk")
    assert shown.returncode == 1
    assert "ЖОҚ" in shown.stdout
    assert re.search(r"^projects\.\w+\.cost: [\d,]+ -> 1 bn KZT$", shown.stderr, re.MULTILINE)


def test_invalid_assumptions_are_3_with_file_and_line(alatau, root: Path) -> None:
    file = root / "assumptions" / "macro.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("unit:", "unti:", 1), encoding="utf-8")
    done = alatau("check", "--root", root)
    assert (done.returncode, done.stdout) == (3, "")
    assert re.search(r"macro\.yaml:\d+:\d+: ", done.stderr)
    assert "Traceback" not in done.stderr


def test_an_unknown_scenario_is_2(alatau) -> None:
    done = alatau("check", "--scenario", "no_such_scenario")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no_such_scenario" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp866"])
def test_any_console_will_do(alatau, encoding: str) -> None:
    done = alatau("check", "--lang", "kk", encoding=encoding)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
