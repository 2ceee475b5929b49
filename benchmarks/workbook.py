"""What the workbook of the whole pool costs, written by a process of its own as an analyst would start it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

#: The command beside the Python that runs this.
_COMMAND = (str(Path(sys.executable).with_name("alatau-fin")),)


def workbook_costs() -> dict[str, float]:
    """Seconds and, where the system tells it of a child process, peak megabytes of ``alatau-fin export RUN``."""
    with tempfile.TemporaryDirectory(prefix="alatau-bench-") as folder:
        simulate = (*_COMMAND, "simulate", "--paths", "64", "--no-workbook", "--quiet", "--out", folder)
        run = subprocess.run(simulate, check=True, capture_output=True, text=True).stdout.strip()
        file = Path(folder) / "workbook.xlsx"
        start = time.perf_counter()
        with subprocess.Popen((*_COMMAND, "export", run, "--out", str(file)), stdout=subprocess.DEVNULL) as export:
            peak = _peak(export)
        found = {"seconds to export the workbook": time.perf_counter() - start}
        return found | peak | {"MB of the workbook's file": file.stat().st_size / 1e6}


def _peak(process: subprocess.Popen[bytes]) -> dict[str, float]:
    """Peak memory of a process once it has ended; nothing where the system does not tell."""
    if not hasattr(os, "wait4"):
        return {}
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    each = 1 if sys.platform == "darwin" else 1024  # bytes there, kilobytes elsewhere
    return {"MB of memory at the most while it is exported": usage.ru_maxrss * each / 1e6}
