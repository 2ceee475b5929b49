"""What the default pool costs: a block of paths, and how that grows with projects."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from alatau_finance.analysis.mode_run import rows_kept
from alatau_finance.analysis.modes import find_project, only
from alatau_finance.assumptions import Assumptions
from alatau_finance.jit import LANES
from alatau_finance.root import find_root, load_models
from alatau_finance.simulation.binding import BoundPool, bind
from alatau_finance.simulation.engine import Buffers, Engine
from alatau_finance.simulation.path import draw_plan
from alatau_finance.simulation.run import open_store, prepare

SEED, ROUNDS = 7, 15
PROJECT, WHAT_IF = "golden_district_road", 10_000


def pool_costs() -> dict[str, float]:
    """Processor milliseconds a path on one thread, of the whole pool, of every second and fourth contract of it, and of
    longer and shorter periods."""
    root, start = find_root(Path(__file__).parents[1]), time.perf_counter()
    pool = prepare(root, "base")
    ready = time.perf_counter() - start
    found = {"seconds to read and bind the assumptions": ready}
    for each in (1, 2, 4):
        part = replace(pool, contracts={key: instances[::each] for key, instances in pool.contracts.items()})
        contracts = sum(map(len, part.contracts.values()))
        found[f"ms a path, {contracts} contracts"] = _milliseconds(part)
    for per_year in (1, 4):
        timeline = replace(pool.assumptions.timeline, periods_per_year=per_year)
        part = bind(replace(pool.assumptions, timeline=timeline), load_models(root))
        found[f"ms a path, {part.calendar.periods} periods instead of {pool.calendar.periods}"] = _milliseconds(part)
    return found | {f"seconds for {WHAT_IF:,} paths of {PROJECT}, all threads": _what_if(pool.assumptions)}


def _what_if(assumptions: Assumptions) -> float:
    """Median seconds of one project's run with the rows that :func:`run_mode` keeps of it, kernels loaded before."""
    root = find_root(Path(__file__).parents[1])
    pool = bind(only(assumptions, find_project(assumptions, PROJECT)), load_models(root))
    engine = Engine(pool, draw_plan(pool, SEED))
    engine.warm_up()
    rows, taken = rows_kept(engine), []
    for _ in range(5):
        with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "rows", rows, WHAT_IF) as store:
            start = time.perf_counter()
            engine.simulate(store)
            taken.append(time.perf_counter() - start)
    return median(taken)


def _milliseconds(pool: BoundPool) -> float:
    engine = Engine(pool, draw_plan(pool, SEED))
    buffers = Buffers(engine)
    taken = []
    for number in range(ROUNDS + 1):
        start = time.thread_time()
        engine.compute_block(number * LANES, buffers)
        if number:
            taken.append((time.thread_time() - start) / LANES * 1e3)
    return median(taken)
