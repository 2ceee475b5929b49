"""``alatau-fin scenarios``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SCENARIO = """\
scenario:
  label: {en: Weak tenge, ru: Слабый тенге, kk: Әлсіз теңге}
  description: {en: The tenge falls., ru: Тенге падает., kk: Теңге құлдырайды.}
overrides: {}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "mine" / "assumptions" / "scenarios"
    folder.mkdir(parents=True)
    (folder / "weak_tenge.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path / "mine"


def test_base_comes_first_then_the_files(alatau, root: Path) -> None:
    done = alatau("scenarios", "--root", root, "--json", "--lang", "kk")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [
        {"name": "base", "label": "Базалық нұсқа", "description": "Болжамдар сол күйінде"},
        {"name": "weak_tenge", "label": "Әлсіз теңге", "description": "Теңге құлдырайды."},
    ]


def test_a_table(alatau, root: Path) -> None:
    done = alatau("scenarios", "--root", root, "--lang", "ru")
    assert done.returncode == 0
    assert "weak_tenge" in done.stdout
    assert "Слабый тенге" in done.stdout


@pytest.mark.parametrize("text", ["", "scenario: 5", "a: [", "scenario: {label: text}", "scenario:\n"])
def test_a_file_that_cannot_be_read_is_listed_by_name(alatau, root: Path, text: str) -> None:
    (root / "assumptions" / "scenarios" / "weak_tenge.yaml").write_text(text)
    done = alatau("scenarios", "--root", root, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[1] == {"name": "weak_tenge", "label": "", "description": ""}


def test_a_root_that_is_none(alatau, tmp_path: Path) -> None:
    done = alatau("scenarios", "--root", tmp_path / "nowhere", "--lang", "ru")
    assert done.returncode == 2
    assert "нет папки assumptions/" in done.stderr
