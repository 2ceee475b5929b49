"""A run as a folder: written under another name and renamed when it is whole, so a half-written run never shows."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from alatau_finance.errors import AlatauError
from alatau_finance.i18n import message
from alatau_finance.root import Root

#: Copies of assumptions and models in the folder of a run.
INPUTS = "inputs"


class RunFolderError(AlatauError):
    """The run could not be written, or the folder given is not a run."""

    exit_code = 2


def publish(partial: Path, outputs: Path, name: str) -> Path:
    """Give a finished folder its name, with a number behind it where that is taken; earlier runs stay as they are."""
    for number in range(1, 10_000):
        target = outputs / (name if number == 1 else f"{name}-{number}")
        if not target.exists():
            try:
                return partial.rename(target)
            except OSError:
                if not target.exists():
                    raise
    raise RunFolderError(message("{folder}: 10,000 runs are called {name}; remove some", folder=outputs, name=name))


def copy_inputs(root: Root, target: Path) -> None:
    """Assumptions and models as they are now, so that the run can be repeated from its folder alone."""
    for source, name in ((root.assumptions, "assumptions"), (root.models, "models")):
        ignored = shutil.ignore_patterns("__pycache__", ".*", "*.pyc")
        shutil.copytree(source, target / name, ignore=ignored, dirs_exist_ok=True)


def hashes(folder: Path, skip: Callable[[Path], bool] = lambda file: False) -> dict[str, str]:
    """SHA-256 of every file below ``folder`` by its relative name."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and not skip(file))
    return {file.relative_to(folder).as_posix(): file_hash(file) for file in files}


def file_hash(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
