"""Generated kernels as files: written once, found again, and never in the way where nothing can be written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from alatau_finance.backends import compiled
from alatau_finance.backends.kernel import kernel_source
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.modelling import Input, Model, line, metric
from alatau_finance.modelling.plan import build_plan


class Tiny(Model):
    """One line."""

    key = "tiny"
    amount = Input("1", "Amount")

    @metric("1")
    def more(m):
        """More."""
        return m.amount + 1


class Other(Model):
    """Another, with the same key."""

    key = "tiny"
    amount = Input("1", "Amount")

    @line("1")
    def less(m):
        """Less."""
        return m.amount - 1


SPEC = KernelSpec(build_plan(Tiny), outputs=("more",))


@pytest.fixture(autouse=True)
def _forget_modules() -> object:
    """No test sees the modules of another."""
    before = set(sys.modules)
    yield None
    for name in set(sys.modules) - before:
        if name.startswith("alatau_kernel_tiny_"):
            del sys.modules[name]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "kernels" / "0123"
    monkeypatch.setattr(compiled, "cache_folder", lambda: place)
    return place


def kernels(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def test_the_file_holds_the_source_and_is_named_after_model_and_content(folder: Path) -> None:
    compiled.compile_kernel(SPEC)
    [file] = kernels(folder)
    assert file.name.startswith("alatau_kernel_tiny_")
    assert file.read_text(encoding="utf-8") == kernel_source(SPEC)


def test_the_file_is_written_once(folder: Path) -> None:
    run = compiled.compile_kernel(SPEC)
    [file] = kernels(folder)
    os.utime(file, (1, 1))
    assert compiled.compile_kernel(SPEC) is run
    del sys.modules[run.__module__]
    again = compiled.compile_kernel(SPEC)
    assert again is not run
    assert kernels(folder) == [file]
    assert file.stat().st_mtime == 1


def test_another_source_is_another_file(folder: Path) -> None:
    compiled.compile_kernel(SPEC)
    compiled.compile_kernel(KernelSpec(build_plan(Other)))
    assert len(kernels(folder)) == 2


def test_a_damaged_file_is_written_anew(folder: Path) -> None:
    run = compiled.compile_kernel(SPEC)
    [file] = kernels(folder)
    file.write_text("raise RuntimeError", encoding="utf-8")
    del sys.modules[run.__module__]
    compiled.compile_kernel(SPEC)
    assert file.read_text(encoding="utf-8") == kernel_source(SPEC)


def test_a_folder_that_cannot_be_made_falls_back_to_a_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setattr(compiled, "cache_folder", lambda: tmp_path / "file" / "0123")
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path / "temporary"))
    run = compiled.compile_kernel(SPEC)
    [file] = kernels(tmp_path / "temporary")
    assert file.parent == tmp_path / "temporary" / "alatau_finance" / "0123"
    assert run.__module__ == file.stem


def test_a_folder_that_cannot_be_written_falls_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As root everything can be written, so the question is answered for the test."""
    writable = os.access
    monkeypatch.setattr(compiled.os, "access", lambda path, mode: path != folder and writable(path, mode))
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(folder.parent / "temporary"))
    compiled.compile_kernel(SPEC)
    assert kernels(folder) == []
    assert len(kernels(folder.parent / "temporary")) == 1


def test_where_not_even_that_can_be_written_a_fresh_folder_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setattr(compiled, "cache_folder", lambda: tmp_path / "file" / "0123")
    monkeypatch.setattr(compiled.tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    monkeypatch.setattr(compiled.tempfile, "mkdtemp", lambda prefix: str(tmp_path))
    compiled.compile_kernel(SPEC)
    assert len([file for file in kernels(tmp_path) if file.suffix == ".py"]) == 1


RUN = """
import sys
import numpy as np
from alatau_finance.backends.lanes import not_finite
from alatau_finance.jit import TILE
print(not_finite(np.zeros(TILE), 0, 1) == 0)
"""


def test_the_toolkit_runs_where_its_cache_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "file"), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN], env=environment, capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
