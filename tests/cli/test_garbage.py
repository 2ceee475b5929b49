"""A command looks for cycles rarely, and leaves what it made to the end of the process."""

from __future__ import annotations

import subprocess
import sys


def test_a_command_looks_for_no_cycles_while_it_builds_nor_when_it_ends() -> None:
    script = (
        "import atexit, gc\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 50_000))\n"
        "from alatau_finance.cli.garbage import collect_rarely\n"
        "collect_rarely()\n"
        "before = gc.get_stats()[0]['collections']\n"
        "kept = [[] for _ in range(50_000)]\n"
        "print(gc.get_stats()[0]['collections'] - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "True"]
