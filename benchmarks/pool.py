"""What the default pool costs: a block of paths, and how that grows with projects."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from statistics import median

from alatau_finance.jit import LANES
from alatau_finance.root import find_root
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.engine import Buffers, Engine
from alatau_finance.simulation.path import draw_plan
from alatau_finance.simulation.run import prepare

SEED, ROUNDS = 7, 15


def pool_costs() -> dict[str, float]:
    """Processor milliseconds a path on one thread, of the whole pool and of every second and fourth contract of it."""
    start = time.perf_counter()
    pool = prepare(find_root(Path(__file__).parents[1]), "base")
    ready = time.perf_counter() - start
    found = {"seconds to read and bind the assumptions": ready}
    for each in (1, 2, 4):
        part = replace(pool, contracts={key: instances[::each] for key, instances in pool.contracts.items()})
        contracts = sum(map(len, part.contracts.values()))
        found[f"ms a path, {contracts} contracts"] = _milliseconds(part)
    return found


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
