"""What may stand in models/: formulas over names, and nothing else from anywhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from alatau_finance.modelling.expression import ALLOWED_NUMBERS

MODELS = Path(__file__).parents[2] / "models"
FILES = sorted(file for file in MODELS.rglob("*.py") if file.name != "__init__.py")
ALLOWED_IMPORTS = {"__future__", "alatau_finance.modelling"}


@pytest.mark.parametrize("file", FILES, ids=[file.relative_to(MODELS).as_posix() for file in FILES])
def test_a_model_imports_the_language_and_its_parts_only(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        assert not isinstance(node, ast.Import), f"line {node.lineno}"
        if isinstance(node, ast.ImportFrom):
            own = node.level > 0 and (file.parent.name == "parts" or (node.module or "").startswith("parts"))
            assert own or node.module in ALLOWED_IMPORTS, f"line {node.lineno}"


@pytest.mark.parametrize("file", FILES, ids=[file.relative_to(MODELS).as_posix() for file in FILES])
def test_no_value_stands_in_a_model(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            assert node.value in ALLOWED_NUMBERS, f"line {node.lineno}"
