"""What is installed is what was written: the lock, the wheel, the copies inside it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")


def plain_name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0]).lower()


def test_the_two_lists_of_developers_tools_are_one() -> None:
    assert PROJECT["dependency-groups"]["dev"] == PROJECT["project"]["optional-dependencies"]["dev"]


def test_the_lock_pins_every_dependency_with_hashes() -> None:
    pins = dict(
        re.findall(r"^([a-z0-9-]+)==[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", LOCK, re.MULTILINE)
    )
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    assert {plain_name(name) for name in wanted} <= set(pins)
    assert len(pins) == len(re.findall(r"^\S", LOCK, re.MULTILINE))


def test_the_lock_names_no_index_and_no_machine() -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links|/tmp|/home|/root", LOCK)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    backend = f"import hatchling.build as b; b.build_wheel({str(folder)!r}); b.build_sdist({str(folder)!r})"
    subprocess.run([sys.executable, "-c", backend], cwd=REPOSITORY, check=True, capture_output=True)
    return folder


def sources(part: str) -> set[str]:
    return {
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.slow
def test_the_wheel_carries_models_and_assumptions(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    copies = {f"alatau_finance/_bundled/{name}" for part in ("models", "assumptions") for name in sources(part)}
    assert names == sources("alatau_finance") | copies


@pytest.mark.slow
def test_the_sdist_builds_the_same(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for part in ("alatau_finance", "models", "assumptions", "tests"):
        assert sources(part) <= names
    assert {"README.md", "requirements.lock", "pyproject.toml", "Makefile"} <= names


@pytest.mark.slow
def test_the_wheel_works_in_an_empty_folder(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    place = tmp_path / "venv"
    venv.create(place, with_pip=False)
    binaries = place / ("Scripts" if os.name == "nt" else "bin")
    install = ["-m", "pip", "--python", str(binaries / "python"), "install", "--quiet", "--no-deps", str(wheel)]
    subprocess.run([sys.executable, *install, "--disable-pip-version-check"], check=True, capture_output=True)
    _lend_dependencies(place)
    empty = tmp_path / "empty"
    empty.mkdir()
    done = subprocess.run(
        [binaries / "alatau-fin", "check", "--json"], cwd=empty, capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert Path(json.loads(done.stdout)["root"]).is_relative_to(place)


def _lend_dependencies(place: Path) -> None:
    """Let the environment see the packages of the one the tests run in, but not its editable alatau-finance."""
    import numpy

    (site,) = place.glob("lib/python*/site-packages") if os.name != "nt" else [place / "Lib" / "site-packages"]
    (site / "lent.pth").write_text(str(Path(numpy.__file__).parents[1]), encoding="utf-8")
