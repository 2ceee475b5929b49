"""A command looks for cycles rarely, and leaves what it made to the end of the process."""

from __future__ import annotations

import subprocess
import sys


def test_a_command_ends_with_nothing_left_to_look_through() -> None:
    script = (
        "import atexit, gc\n"
        "atexit.register(lambda: print(gc.get_count()[0], gc.get_freeze_count() > 0, gc.get_threshold()[0]))\n"
        "from alatau_finance.cli.garbage import collect_rarely\n"
        "collect_rarely()\n"
        "kept = [[] for _ in range(50_000)]\n"
        "assert gc.get_stats()[0]['collections'] < 100\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    count, frozen, threshold = done.stdout.split()
    assert (frozen, threshold) == ("True", "100000")
    assert int(count) < 1000
