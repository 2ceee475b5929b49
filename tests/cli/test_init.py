"""``alatau-fin init``."""

from __future__ import annotations

from pathlib import Path

import pytest

from alatau_finance.cli.init import copy_out
from alatau_finance.errors import UsageError
from alatau_finance.root import bundled, find_root


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for part in ("assumptions", "models")
        for path in (folder / part).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_it_copies_assumptions_and_models(alatau, tmp_path: Path) -> None:
    done = alatau("init", "mine")
    assert (done.returncode, done.stdout) == (0, "")
    assert "alatau-fin check" in done.stderr
    assert files_of(tmp_path / "mine") == files_of(bundled())
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["assumptions", "models"]
    assert find_root(start=tmp_path / "mine").path == (tmp_path / "mine").resolve()


def test_an_empty_folder_will_do(tmp_path: Path) -> None:
    target = tmp_path / "empty"
    target.mkdir()
    copy_out(bundled(), target)
    assert files_of(target) == files_of(bundled())


def test_a_folder_in_a_folder_to_be_made(tmp_path: Path) -> None:
    copy_out(bundled(), tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b" / "assumptions").is_dir()


def test_a_folder_with_something_in_it_is_left_alone(alatau, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    done = alatau("init", "full", "--lang", "en")
    assert done.returncode == 2
    assert "full is not empty" in done.stderr
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        copy_out(bundled(), tmp_path / "file")
    with pytest.raises(UsageError, match="cannot be made"):
        copy_out(bundled(), tmp_path / "file" / "inside")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "assumptions").mkdir(parents=True)  # and no models/: the second part of the copy fails
    with pytest.raises(UsageError, match="cannot be made"):
        copy_out(source, tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]
