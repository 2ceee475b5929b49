"""Any console will do, and a reader that leaves is no failure."""

from __future__ import annotations

import subprocess
import sys

import pytest

KAZAKH = "Қала әкімдігі: 10\N{NO-BREAK SPACE}400 млрд теңге"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp866", "cp1251", "utf-8"])
def test_a_console_without_the_letters_shows_question_marks(encoding: str) -> None:
    code = (
        "from alatau_finance.cli.streams import *; tolerate_any_console();"
        f"show({KAZAKH!r}); tell({KAZAKH!r}); show_json({{'name': {KAZAKH!r}}})\n"
        "from rich.table import Table\n"
        f"table = Table({KAZAKH!r}); table.add_row({KAZAKH!r}); show_table(table)"
    )
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONIOENCODING": encoding}, capture_output=True)
    assert (done.returncode, b"Error" in done.stderr) == (0, False), done.stderr
    shown = done.stdout.decode(encoding)
    assert KAZAKH.encode(encoding, errors="replace").decode(encoding) in shown
    assert ("┃" in shown) == (encoding == "utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_closed_pipe_is_quiet() -> None:
    code = (
        "from alatau_finance.cli.streams import *\n"
        "try:\n    [show('line' * 100) for _ in range(10_000)]\nexcept BrokenPipeError:\n    pass\nclose_quietly()"
    )
    done = subprocess.run(["sh", "-c", f'"{sys.executable}" -c "{code}" | head -n 1'], capture_output=True, text=True)
    assert (done.stderr, done.stdout) == ("", "line" * 100 + "\n")
