"""What the workbook of the whole pool costs, written by a process of its own as an analyst would start it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import time
from pathlib import Path

#: The command beside the Python that runs this.
_COMMAND = (str(Path(sys.executable).with_name("alatau-fin")),)


#: Runs a command and prints its peak memory. In a process of its own: one that is forked counts what its parent holds.
_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def workbook_costs() -> dict[str, float]:
    """Seconds and, where the system tells it of a child process, peak megabytes of ``alatau-fin export RUN``."""
    with tempfile.TemporaryDirectory(prefix="alatau-bench-") as folder:
        simulate = (*_COMMAND, "simulate", "--paths", "64", "--no-workbook", "--quiet", "--out", folder)
        run = subprocess.run(simulate, check=True, capture_output=True, text=True).stdout.strip()
        file = Path(folder) / "workbook.xlsx"
        start = time.perf_counter()
        peak = _exported(*_COMMAND, "export", run, "--out", str(file))
        found = {"seconds to export the workbook": time.perf_counter() - start}
        return found | peak | {"MB of the workbook's file": file.stat().st_size / 1e6}


def _exported(*command: str) -> dict[str, float]:
    """Peak memory of a command that is run; nothing where the system does not tell."""
    if importlib.util.find_spec("resource") is None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return {}
    told = subprocess.run((sys.executable, "-c", _PEAK, *command), check=True, capture_output=True, text=True).stdout
    each = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return {"MB of memory at the most while it is exported": int(told) * each / 1e6}
