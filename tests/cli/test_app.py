"""The command as a whole: help, version, wrong usage, speed."""

from __future__ import annotations

import ast
import subprocess
import sys
import time
from importlib.metadata import version

import pytest

HEAVY = ("numpy", "numba", "pandas", "pydantic", "scipy", "pyarrow", "pint", "rich.table", "babel", "ruamel.yaml")


def test_help_lists_the_commands(alatau) -> None:
    done = alatau("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("check", "init", "scenarios", "schema"):
        assert command in done.stdout
    assert "completion" not in done.stdout


def test_version(alatau) -> None:
    assert alatau("--version").stdout == f"alatau-fin {version('alatau-finance')}\n"


@pytest.mark.parametrize(
    "arguments", [["no-such-command"], ["check", "--no-such-option"], ["check", "--lang", "de"], ["init"], []]
)
def test_wrong_usage_is_2(alatau, arguments: list[str]) -> None:
    done = alatau(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def _loaded(names: str) -> list[str]:
    """Every module that an import of ``names`` loads."""
    code = f"import sys, {names}; print(sorted(sys.modules))"
    return list(ast.literal_eval(subprocess.check_output([sys.executable, "-c", code], text=True)))


def test_help_imports_nothing_heavy() -> None:
    assert not [name for name in _loaded("alatau_finance.cli") if name.startswith(HEAVY)]


def test_an_export_needs_neither_the_compiler_nor_pandas() -> None:
    found = _loaded("alatau_finance.audit.replay, alatau_finance.reports.run_workbook")
    assert not {"numba", "pandas"} & set(found)


def test_a_run_loads_what_writes_workbooks_only_where_one_is_wanted() -> None:
    assert "xlsxwriter" not in _loaded("alatau_finance.simulation.run, alatau_finance.reports.run")


def test_help_is_quick(alatau) -> None:
    def seconds() -> float:
        before = time.perf_counter()
        alatau("--help")
        return time.perf_counter() - before

    assert min(seconds() for _ in range(5)) < 0.4
