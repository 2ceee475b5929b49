"""Commands run as a user runs them: in a process of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

PATHS = 200
#: Compiling all kernels on a busy machine with an empty cache.
PATIENCE = 1800  # seconds; a slow machine compiles every kernel for many minutes, and only a hang takes longer

Run = Callable[..., "subprocess.CompletedProcess[str]"]

_QUIET = {"ALATAU_LANG", "ALATAU_DEBUG", "LC_ALL", "LC_MESSAGES", "LANG", "PYTHONIOENCODING", "NO_COLOR", "COLUMNS"}


@pytest.fixture
def alatau(tmp_path: Path) -> Run:
    """Run ``alatau-fin`` with arguments, in an empty folder and in English unless told otherwise."""

    def run(
        *arguments: str | Path,
        cwd: Path | None = None,
        encoding: str = "utf-8",
        timeout: float = 120,
        **environment: str,
    ):
        kept: Mapping[str, str] = {name: value for name, value in os.environ.items() if name not in _QUIET}
        return subprocess.run(
            [sys.executable, "-c", "from alatau_finance.cli import main; main()", *map(str, arguments)],
            cwd=cwd or tmp_path,
            env={**kept, "PYTHONIOENCODING": encoding, **environment},
            capture_output=True,
            encoding=encoding,
            timeout=timeout,
        )

    return run


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, written once for the tests that only look at it."""
    folder = tmp_path_factory.mktemp("runs")
    arguments = ["simulate", "--paths", str(PATHS), "--seed", "7", "--out", str(folder), "--quiet", "--no-workbook"]
    done = subprocess.run(
        [sys.executable, "-c", "from alatau_finance.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return Path(done.stdout.strip())
