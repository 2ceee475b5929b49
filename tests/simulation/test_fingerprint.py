"""What a run may go on with depends on all code that has a part in its bits."""

from __future__ import annotations

import re
from pathlib import Path

import alatau_finance
from alatau_finance.simulation.fingerprint import computing_files

PACKAGE = Path(alatau_finance.__file__).parent


def test_all_that_kernels_are_made_of_counts() -> None:
    made = re.compile(r"^@(inline_function|kernel_function|intrinsic)$", re.MULTILINE)
    compiled = {file for file in PACKAGE.rglob("*.py") if made.search(file.read_text("utf-8"))}
    assert PACKAGE / "vectors.py" in compiled
    assert compiled <= set(computing_files())


def test_no_folder_of_code_is_half_counted() -> None:
    folders = {file.parent for file in computing_files()} - {PACKAGE}
    assert {file for folder in folders for file in folder.rglob("*.py")} <= set(computing_files())
