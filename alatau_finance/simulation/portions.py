"""A run filled portion by portion: what is there already is kept, what is missing or damaged is computed."""

from __future__ import annotations

import queue
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice

from alatau_finance.errors import AlatauError
from alatau_finance.i18n import message
from alatau_finance.jit import LANES
from alatau_finance.simulation.brackets import Brackets
from alatau_finance.simulation.checks import CheckCount
from alatau_finance.simulation.engine import Buffers, Engine
from alatau_finance.simulation.shard_builder import SHARD_PATHS
from alatau_finance.simulation.shard_layout import Room, SpoiltShard
from alatau_finance.simulation.shards import ShardStore
from alatau_finance.simulation.tally import Tally
from alatau_finance.simulation.workers import thread_count, workers

#: Into how many portions a small run is cut, so that all cores have work.
_PORTIONS_OF_A_SMALL_RUN = 8
#: Bytes of a shard of the default pool, at most.
_LARGEST_SHARD = 1 << 26


@dataclass(frozen=True)
class Portion:
    """A shard to compute: its number, its first path, how many paths, and by what it is narrowed, if that is known."""

    number: int
    first: int
    count: int
    brackets: Brackets | None = None


#: Computes portions, in whatever order they are done: number and what :meth:`Engine.shard` gives, which is there until
#: the next is asked for.
Compute = Callable[[Iterable[Portion]], Iterator[tuple[int, bytes | memoryview]]]


class DiskFull(AlatauError):
    """The disk cannot hold the shards of a run."""


def shard_size(paths: int) -> int:
    """Paths in a shard of a run of ``paths`` paths. No result depends on it."""
    return min(SHARD_PATHS, LANES * -(-paths // (LANES * _PORTIONS_OF_A_SMALL_RUN)))


def compute_here(engine: Engine, threads: int | None = None) -> Compute:
    """Computes portions on threads of this process."""
    number = threads or thread_count()

    def compute(portions: Iterable[Portion]) -> Iterator[tuple[int, bytes | memoryview]]:
        free: queue.SimpleQueue[Buffers] = queue.SimpleQueue()
        for _ in range(number):
            free.put(Buffers(engine))
        rooms: queue.SimpleQueue[Room] = queue.SimpleQueue()
        with workers(number) as (executor, stop):

            def work(portion: Portion) -> tuple[int, memoryview, Room]:
                buffers, room = free.get(), _empty(rooms)
                try:
                    data = engine.shard(portion.first, portion.count, buffers, room, stop, portion.brackets)
                    return portion.number, data, room
                finally:
                    free.put(buffers)

            waiting = iter(portions)
            # Two more than threads, so that none waits while shards are written, or brackets found.
            running: set[Future[tuple[int, memoryview, Room]]] = {
                executor.submit(work, portion) for portion in islice(waiting, number + 2)
            }
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                running |= {executor.submit(work, portion) for portion in islice(waiting, len(done))}
                for future in done:
                    finished, data, room = future.result()
                    yield finished, data
                    rooms.put(room)

    return compute


def _empty(rooms: queue.SimpleQueue[Room]) -> Room:
    """A room that nobody is in."""
    try:
        return rooms.get_nowait()
    except queue.Empty:
        return Room()


def fill(
    store: ShardStore,
    paths: int,
    compute: Compute,
    *,
    progress: Callable[[int], None] = lambda paths: None,
    damaged: Callable[[int], None] = lambda number: None,
) -> None:
    """Have every shard of the first ``paths`` paths in ``store``.

    ``progress`` is told how many paths were done or found; ``damaged`` the number of a shard whose hash is not its own,
    which is computed again. Raises DiskFull where there is too little room; what is whole by then is kept.
    """
    missing = []
    for number in store.numbers(paths):
        portion = Portion(number, number * store.shard_paths, store.count_of(number, paths))
        if _held(store, portion, paths, damaged):
            progress(portion.count)
        else:
            missing.append(portion)
    left = sum(portion.count for portion in missing)
    counts = {portion.number: portion.count for portion in missing}
    # Told as late as it is asked, since brackets become known while the run lasts.
    asked = (replace(portion, brackets=store.brackets) for portion in missing)
    with closing(compute(asked)) as portions:  # type: ignore[type-var]
        for done, (number, data) in enumerate(portions):
            try:
                store.write(number, data)
                store.settle(paths)
            except OSError as error:
                needed = store.disk_needed(len(data), counts[number], left)
                raise _disk_full(store, needed, error.strerror or str(error)) from error
            left -= counts[number]
            progress(counts[number])
            needed = store.disk_needed(len(data), counts[number], left)
            if not done and needed > shutil.disk_usage(store.folder).free:
                raise _disk_full(store, needed, "")
    try:
        while store.settle(paths):
            pass
    except OSError as error:
        raise _disk_full(store, _LARGEST_SHARD, error.strerror or str(error)) from error


def _held(store: ShardStore, portion: Portion, paths: int, damaged: Callable[[int], None]) -> bool:
    try:
        return store.holds(portion.number, paths)
    except SpoiltShard:
        damaged(portion.number)
        return False


def _disk_full(store: ShardStore, size: float, reason: str) -> DiskFull:
    text = "{size} GB of disk are needed in {folder} while the run lasts ({reason}); free some, or take fewer --paths"
    free = f"{shutil.disk_usage(store.folder).free / 1e9:.1f}"
    told = reason or message("{free} GB are free", free=free)
    return DiskFull(message(text, size=f"{size / 1e9:.1f}", folder=store.folder, reason=told))


def checks_of_shards(engine: Engine, store: ShardStore, paths: int) -> tuple[CheckCount, ...]:
    """The checks of the first ``paths`` paths, from what every shard counted."""
    tally = Tally(list(engine.programs))
    for number in store.numbers(paths):
        tally.include(store.header(number).checks)
    return Tally.merge([tally], paths)
