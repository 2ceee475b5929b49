"""The Monte Carlo engine: draws, economy, contracts and pool for blocks of paths, on as many threads as cores.

Threads are Python threads over kernels that release the GIL, so nothing depends on a threading layer, and every thread
writes only the slots of its own paths: results do not depend on how many threads there are.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from alatau_finance.backends.ahead import compiled_ahead
from alatau_finance.backends.workspace import workspace_for
from alatau_finance.jit import LANES, TILE, TILES
from alatau_finance.memory import aligned_zeros
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.risk.register import DrawPlan
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.brackets import Brackets
from alatau_finance.simulation.checks import CheckCount
from alatau_finance.simulation.programs import MODES, Floats, Program, build_programs
from alatau_finance.simulation.rows import HOW, begin_series, set_one_pattern, years_of_periods
from alatau_finance.simulation.shard_builder import ShardBuilder
from alatau_finance.simulation.shard_layout import Room
from alatau_finance.simulation.store import RowStore
from alatau_finance.simulation.tally import Tally
from alatau_finance.simulation.workers import thread_count, workers

#: Contracts beyond which the tiles of a block are computed one by one.
_MANY_INSTANCES = 32
#: Blocks a thread computes before it writes to the store.
BLOCKS_PER_SHARD = 32


class Buffers:
    """The arrays one thread works in; nothing is shared. Their shapes are those of :func:`kernel_source`.

    ``tiles``: how many tiles of a block are computed at a time; no result depends on it.
    """

    def __init__(self, engine: Engine, tiles: int | None = None) -> None:
        self.tiles = tiles or engine.tiles_at_a_time
        calendar, layout, programs = engine.pool.calendar, engine.programs.layout, list(engine.programs)
        periods = calendar.periods
        self.series = aligned_zeros(self.tiles, periods, max(1, len(layout.series)), TILE)
        for name, bound in engine.pool.economy_series.items():
            self.series[:, :, layout.series[name], :] = np.array(bound.values)[:, None]
        self.scalars = aligned_zeros(max(1, len(layout.scalars)), LANES)
        self.drawn = np.zeros((len(engine.draws.scalar_names), LANES))
        self.shocks = np.zeros((periods, len(engine.draws.series_names), LANES))
        self.workspace = workspace_for([program.spec for program in programs], calendar)
        self.outputs = [aligned_zeros(len(p.instances), max(1, len(p.spec.outputs)), LANES) for p in programs]
        self.exports = aligned_zeros(self.tiles, periods, max(1, len(engine.programs.pool.spec.exports)), TILE)
        self.rows = np.zeros((engine.row_count, LANES))
        self.shard = ShardBuilder(engine.row_count, engine.exact_rows)


class Engine:
    """A bound pool and its random numbers, ready to run any path."""

    def __init__(self, pool: BoundPool, draws: DrawPlan) -> None:
        self.pool = pool
        self.draws = draws
        self.programs = build_programs(pool, draws.scalar_names)
        self._calendar = np.array([pool.calendar.series[name] for name in CALENDAR_SERIES])
        columns, risks = self.programs.layout.series, list(draws.series_names)
        lines, exports = pool.pool.plan.lines, self.programs.pool.spec.exports
        self._metrics = [len(program.spec.plan.of_kind("metric")) for program in self.programs.contracts]
        self._how = np.array([HOW[lines[name].yearly or "sum"] for name in exports], np.int64)
        shocked = {name: bound for name, bound in pool.economy_series.items() if bound.risk in risks}
        self._shocks = (
            np.array([risks.index(bound.risk or "") for bound in shocked.values()], np.int64),
            np.array([bound.values for bound in shocked.values()]).reshape(len(shocked), pool.calendar.periods),
            np.array([MODES[bound.combine] for bound in shocked.values()], np.int64),
            np.array([columns[name] for name in shocked], np.int64),
        )

    def row_names(self) -> tuple[str, ...]:
        """What is kept of every path: ``pool:metric``, ``yearly:line:year``, ``contract:instance:metric``."""
        plan, years = self.pool.pool.plan, self.pool.calendar.budget_years
        names = [f"pool:{name}" for name in plan.of_kind("metric")]
        names += [f"yearly:{name}:{year}" for name in self.programs.pool.spec.exports for year in years]
        for program in self.programs.contracts:
            metrics = program.spec.plan.of_kind("metric")
            names += [f"contract:{instance.key}:{name}" for instance in program.instances for name in metrics]
        return tuple(names)

    def compute_block(self, first_path: int, buffers: Buffers) -> None:
        """Run paths ``first_path`` to ``first_path + 64`` into ``buffers``."""
        self.draws.draw(first_path, buffers.drawn, buffers.shocks)
        buffers.scalars[: len(buffers.drawn)] = buffers.drawn
        buffers.scalars[self.programs.layout.first_gathered_scalar :] = 0.0
        for first_tile in range(0, TILES, buffers.tiles):
            self._compute_tiles(first_tile, buffers)

    def _compute_tiles(self, first_tile: int, buffers: Buffers) -> None:
        """All models over some of the tiles, so that what one leaves for the next is still near the processor."""
        begin_series(
            first_tile, buffers.shocks, *self._shocks, self.programs.layout.first_gathered_series, buffers.series
        )
        for program, outputs in zip(self.programs, buffers.outputs, strict=True):
            exports = buffers.exports if program is self.programs.pool else buffers.series
            self.run_program(program, buffers, exports, outputs, first_tile)
        rows, per_year = buffers.rows[self.exact_rows :], self.pool.calendar.periods_per_year
        years_of_periods(first_tile, buffers.exports, self._how, per_year, rows)

    def run_program(
        self, program: Program, buffers: Buffers, exports: Floats, outputs: Floats, first_tile: int = 0
    ) -> None:
        """One kernel over the tiles that ``buffers`` holds."""
        program.kernel(
            first_tile,
            program.constants,
            program.rows,
            program.modes,
            buffers.scalars,
            buffers.series,
            program.columns,
            self._calendar,
            program.gather_columns,
            program.gather_rows,
            program.export_columns,
            exports,
            outputs,
            *buffers.workspace,
        )

    def warm_up(self) -> None:
        """Compile, or load from the cache, every kernel, by running one block."""
        buffers = Buffers(self)
        with compiled_ahead((program.kernel for program in self.programs), thread_count()):
            self.draws.draw(0, buffers.drawn, buffers.shocks)
        self.compute_block(0, buffers)

    def block_rows(self, buffers: Buffers) -> Floats:
        """What :meth:`row_names` names, for the block that ``buffers`` holds: [rows, 64], until the next block."""
        rows, years = buffers.rows, len(self.pool.calendar.budget_years)
        rows[: self.exact_rows] = buffers.outputs[-1][0, : self.exact_rows]
        first = self.exact_rows + years * len(self._how)
        for count, outputs in zip(self._metrics, buffers.outputs[1:-1], strict=True):
            metrics = outputs[:, :count]
            last = first + metrics.shape[0] * metrics.shape[1]
            rows[first:last].reshape(metrics.shape)[...] = metrics
            first = last
        return rows

    @cached_property
    def tiles_at_a_time(self) -> int:
        """Tiles that are computed together: one where what many contracts add to would else not stay in the cache,
        all where calls would cost more than that."""
        return 1 if sum(len(program.instances) for program in self.programs) > _MANY_INSTANCES else TILES

    @cached_property
    def row_count(self) -> int:
        """How many rows are kept of every path."""
        return len(self.row_names())

    @cached_property
    def exact_rows(self) -> int:
        """How many of the rows, the first ones, are metrics of the pool, which outputs list path by path."""
        return len(self.pool.pool.plan.of_kind("metric"))

    def shard(
        self,
        first: int,
        count: int,
        buffers: Buffers,
        room: Room,
        stop: threading.Event | None = None,
        brackets: Brackets | None = None,
    ) -> memoryview:
        """Paths ``first`` to ``first + count``, of whole blocks but for the last, as a shard is written, in ``room``;
        narrowed where ``brackets`` are given.

        Raises CancelledError where ``stop`` is set before all are done.
        """
        tally = Tally(list(self.programs))
        buffers.shard.start()
        for _, width in self._blocks(first, count, buffers, tally, stop):
            rows = self.block_rows(buffers)
            set_one_pattern(rows)
            buffers.shard.add(rows[:, :width])
        return buffers.shard.finish(first, tally.data(), room, brackets)

    def simulate(
        self, store: RowStore, *, threads: int | None = None, progress: Callable[[int], None] = lambda paths: None
    ) -> tuple[CheckCount, ...]:
        """Run every path of ``store``, fill it, and count the checks. ``progress`` is told how many paths were done.

        The store may hold fewer rows than there are, in the order of :meth:`row_names`.
        """
        kept = set(store.rows)
        chosen = np.array([name in kept for name in self.row_names()])
        starts, lock = itertools.count(0, BLOCKS_PER_SHARD * LANES), threading.Lock()

        def work(stop: threading.Event) -> Tally:
            buffers, tally = Buffers(self), Tally(list(self.programs))
            try:
                while not stop.is_set():
                    with lock:
                        first = next(starts)
                    if first >= store.paths:
                        break
                    count = min(BLOCKS_PER_SHARD * LANES, store.paths - first)
                    store.write(first, self._values(first, count, buffers, tally, chosen))
                    with lock:
                        progress(count)
            except BaseException:
                stop.set()
                raise
            return tally

        number = threads or thread_count()
        with workers(number) as (executor, stop):
            futures = [executor.submit(work, stop) for _ in range(number)]
            tallies = [future.result() for future in futures]
        return Tally.merge(tallies, store.paths)

    def _values(self, first: int, count: int, buffers: Buffers, tally: Tally, chosen: NDArray[np.bool_]) -> Floats:
        values = np.empty((int(chosen.sum()), count))
        for offset, width in self._blocks(first, count, buffers, tally):
            rows = self.block_rows(buffers)[chosen]
            set_one_pattern(rows)
            values[:, offset : offset + width] = rows[:, :width]
        return values

    def _blocks(
        self, first: int, count: int, buffers: Buffers, tally: Tally, stop: threading.Event | None = None
    ) -> Iterator[tuple[int, int]]:
        """Run the blocks of ``count`` paths one by one: where each begins, counted from ``first``, and its width."""
        for offset in range(0, count, LANES):
            if stop is not None and stop.is_set():
                raise CancelledError
            width = min(LANES, count - offset)
            self.compute_block(first + offset, buffers)
            tally.add(first + offset, width, buffers.outputs)
            yield offset, width
