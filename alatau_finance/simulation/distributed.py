"""Shards computed on a Dask cluster: the same bits, on as many machines as there are.

A task carries the assumptions and models of the run as an archive and computes one shard from them. A worker unpacks an
archive once and keeps the engine that it makes of it. The client asks for a few shards more than there are threads and
writes each as it comes, so what it holds does not grow with the run. A task of a worker that is gone is given to
another; shards depend on nothing but their number, so this cannot be seen in a result.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
import threading
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alatau_finance.errors import AlatauError, UsageError
from alatau_finance.i18n import message
from alatau_finance.risk.factors import INDEPENDENT_PATHS, Sampling
from alatau_finance.root import Root, find_root
from alatau_finance.simulation.engine import Buffers, Engine
from alatau_finance.simulation.fingerprint import program_fingerprint
from alatau_finance.simulation.path import draw_plan
from alatau_finance.simulation.portions import Compute, Portion
from alatau_finance.simulation.run import prepare
from alatau_finance.simulation.shard_layout import Room

if TYPE_CHECKING:
    from distributed import Client

#: Seconds to wait for the scheduler, and for a first worker.
_PATIENCE = 30
#: Shards asked for at once, for each thread of the cluster; the second waits on its worker while the first is computed.
_ASKED_PER_THREAD = 2
_LOCAL = "local:"
#: A file date that every archive has, so that the same files give the same archive.
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class ClusterError(AlatauError):
    """The cluster cannot be reached, or cannot compute this run."""


@dataclass(frozen=True)
class Order:
    """All that a worker needs to compute any shard of a run: the same order gives the same bits wherever it goes."""

    inputs: bytes
    scenario: str
    run_date: date
    seed: int
    sampling: Sampling
    program: str

    @property
    def key(self) -> str:
        """What tells this order from any other."""
        settled = (self.scenario, self.run_date.isoformat(), self.seed, self.sampling, self.program)
        return hashlib.sha256(self.inputs + repr(settled).encode()).hexdigest()


def order_of(root: Root, scenario: str, run_date: date, seed: int, sampling: Sampling = INDEPENDENT_PATHS) -> Order:
    """The order for a run of the assumptions and models of ``root``."""
    return Order(_archive(root), scenario, run_date, seed, sampling, program_fingerprint())


def _archive(root: Root) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, folder in (("assumptions", root.assumptions), ("models", root.models)):
            for file in sorted(folder.rglob("*")):
                inside = file.relative_to(folder)
                if file.is_file() and not any(part.startswith((".", "__pycache__")) for part in inside.parts):
                    archive.writestr(zipfile.ZipInfo(f"{name}/{inside.as_posix()}", _LONG_AGO), file.read_bytes())
    return packed.getvalue()


class _Engines:
    """The engine of the order that was last asked for, made once however many threads ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: tuple[str, Engine] | None = None

    def of(self, order: Order) -> Engine:
        with self._lock:
            if self._known is None or self._known[0] != order.key:
                self._known = order.key, _engine(order)
            return self._known[1]


@cache
def _engines() -> _Engines:
    return _Engines()


def _engine(order: Order) -> Engine:
    if order.program != program_fingerprint():
        text = (
            "a worker of the cluster has another version of the program or its libraries; install the same everywhere"
        )
        raise ClusterError(message(text))
    with tempfile.TemporaryDirectory(prefix="alatau-worker-") as folder:
        with zipfile.ZipFile(io.BytesIO(order.inputs)) as archive:
            archive.extractall(folder)
        pool = prepare(find_root(Path(folder)), order.scenario, order.run_date)
    engine = Engine(pool, draw_plan(pool, order.seed, order.sampling))
    engine.warm_up()
    return engine


def compute_shard(order: Order, portion: Portion) -> bytes:
    """One shard, on whatever worker this runs. Raises ClusterError where it has another version of the program."""
    engine = _engines().of(order)
    return bytes(engine.shard(portion.first, portion.count, Buffers(engine), Room(), brackets=portion.brackets))


def compute_on(client: Client, order: Order) -> Compute:
    """Computes portions on the workers that ``client`` knows."""

    def compute(portions: Iterable[Portion]) -> Iterator[tuple[int, bytes | memoryview]]:
        from distributed import as_completed

        waiting = iter(portions)
        numbers: dict[Any, int] = {}

        def ask(count: int) -> list[Any]:
            asked = []
            for portion in islice(waiting, count):
                future = client.submit(compute_shard, order, portion, pure=False)
                numbers[future.key] = portion.number
                asked.append(future)
            return asked

        running = as_completed(ask(max(2, _ASKED_PER_THREAD * _threads(client))), loop=client.loop)
        for future in running:
            yield numbers.pop(future.key), _result(future)
            future.release()
            for more in ask(1):
                running.add(more)

    return compute


def _threads(client: Client) -> int:
    return sum(client.nthreads().values())


def _result(future: Any) -> bytes:
    from distributed.scheduler import KilledWorker

    try:
        return bytes(future.result())
    except KilledWorker as error:
        text = "workers of the cluster died again and again on one shard; look for lack of memory ({reason})"
        raise ClusterError(message(text, reason=error)) from error


@contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the cluster at ``address``, or of one of N processes on this machine for ``local:N``.

    Raises UsageError for an address that is none or where Dask is not installed, and ClusterError where nobody answers
    or no worker comes.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        text = "--dask needs Dask, which is not installed; install it with: pip install 'alatau-finance[dask]'"
        raise UsageError(message(text)) from error
    if not address.startswith(_LOCAL):
        try:
            client = Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            text = "no Dask scheduler answers at {address} ({reason}); write it like tcp://127.0.0.1:8786 or local:2"
            raise ClusterError(message(text, address=address, reason=error)) from error
        with client:
            yield _with_workers(client, address)
        return
    count = address.removeprefix(_LOCAL)
    if not count.isdigit() or not int(count):
        text = "{address} is no cluster; write local: and how many processes, like local:2"
        raise UsageError(message(text, address=address))
    with (
        LocalCluster(
            n_workers=int(count),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            # A shard is small, and the machine's memory is shared with whatever else runs here.
            memory_limit=0,
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield _with_workers(client, address)


def _with_workers(client: Client, address: str) -> Client:
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        text = "the scheduler at {address} has no workers; start some: dask worker {address}"
        raise ClusterError(message(text, address=address)) from error
    return client
