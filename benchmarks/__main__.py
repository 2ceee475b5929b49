"""``make bench``: what a scenario costs in each engine, taken in turns in one run; ratios are what carries over."""

from __future__ import annotations

import json
import platform
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks import every_line, native, vectorised
from benchmarks.engine import ReferenceEngine
from benchmarks.pool import pool_costs
from benchmarks.reference_model import LINE_ITEMS, RANDOM
from benchmarks.workbook import workbook_costs

PATHS, ROUNDS = 65_536, 9
REPORT = Path(__file__).parents[1] / "outputs" / "bench.json"


def main() -> None:
    """Measure, print a table, and write the same to outputs/bench.json."""
    with tempfile.TemporaryDirectory(prefix="alatau-bench-") as folder:
        engines = _engines(Path(folder))
        costs = _nanoseconds(engines)
    _print_engines(costs)
    pool = pool_costs() | workbook_costs()
    _print_pool(pool)
    machine = platform.processor() or platform.machine()
    report = {"machine": machine, "paths": PATHS, "engines": costs, "pool": pool}
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"\n{REPORT.relative_to(Path(__file__).parents[1]).as_posix()}")


def _engines(folder: Path) -> dict[str, tuple[int, Callable[[], object]]]:
    """Name -> how many scenarios a call runs, and the call."""
    engine = ReferenceEngine()
    inputs = vectorised.random_inputs(np.random.default_rng(1).standard_normal((len(RANDOM), PATHS)))
    few, generator = inputs[:, : PATHS // 16], np.random.default_rng(2)
    engines: dict[str, tuple[int, Callable[[], object]]] = {
        "kernel, inputs given": (PATHS, lambda: engine.run(inputs)),
        "kernel, drawn inside": (PATHS, lambda: engine.simulate(PATHS)),
        "numpy, every line an array": (few.shape[1], lambda: every_line.run(few)),
        "numpy, what measures need": (few.shape[1], lambda: vectorised.run(few)),
        "numpy, the same, drawn as well": (few.shape[1], lambda: vectorised.simulate(few.shape[1], generator)),
    }
    bound = native.build(folder)
    if bound is None:
        print("There is no C compiler here: the bound in C is left out.")
    else:
        engines["C, in registers, inputs given"] = (PATHS, lambda: bound(inputs))
    pysam = _pysam()
    if pysam is None:
        print("NREL-PySAM is not installed: it is left out.")
    else:
        engines["NREL-PySAM Singleowner"] = (1, pysam)
    return engines


def _nanoseconds(engines: Mapping[str, tuple[int, Callable[[], object]]]) -> dict[str, float]:
    """Median processor time of a scenario on one thread; the engines take turns, so that a slow spell hits them all."""
    taken: dict[str, list[float]] = {name: [] for name in engines}
    for number in range(ROUNDS + 1):
        for name, (paths, call) in engines.items():
            start = time.thread_time()
            call()
            if number:  # the first round compiles and warms up
                taken[name].append((time.thread_time() - start) / paths * 1e9)
    return {name: median(values) for name, values in taken.items()}


def _pysam() -> Callable[[], object] | None:
    """A run of NREL-PySAM Singleowner, a far larger model, which is what a scenario costs today with a tool of the
    field; None where it is not installed."""
    try:
        from PySAM import Singleowner
    except ImportError:
        return None
    model: Any = Singleowner.default("CustomGenerationProfileSingleOwner")
    model.SystemOutput.gen = [model.SystemOutput.system_capacity / 2] * 8760
    return lambda: model.execute(0)


def _print_engines(costs: Mapping[str, float]) -> None:
    kernels = {name: cost for name, cost in costs.items() if name.startswith("kernel")}
    columns = ("ns a scenario", "ns a line item", *(f"of {name}" for name in kernels))
    print(f"{'Reference project, one thread':<32}" + "".join(f"{column:>26}" for column in columns))
    for name, cost in costs.items():
        item = f"{cost / LINE_ITEMS:.3f}" if "PySAM" not in name else "-"
        ratios = "".join(f"{cost / kernel:>26,.2f}" for kernel in kernels.values())
        print(f"{name:<32}{cost:>26,.0f}{item:>26}{ratios}")


def _print_pool(costs: Mapping[str, float]) -> None:
    print(f"\n{'The whole pool':<52}")
    for name, cost in costs.items():
        print(f"{name:<52}{cost:>12,.3f}")


if __name__ == "__main__":
    main()
