"""Whoever is interrupted while waiting for threads does not first wait for all of their work."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from alatau_finance.simulation.engine import Engine
from alatau_finance.simulation.store import RowStore
from alatau_finance.simulation.workers import thread_count, workers

LONG = 60.0  # seconds; far more than any of this takes, far less than a run that nobody stops


def test_work_is_told_to_stop_before_it_is_waited_for() -> None:
    stopped = []

    def work(stop: threading.Event) -> None:
        stopped.append(stop.wait(LONG))

    def interrupted() -> None:
        with workers(1) as (executor, stop):
            futures.extend(executor.submit(work, stop) for _ in range(3))
            raise KeyboardInterrupt

    futures: list[Future[None]] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stopped in ([], [True])
    assert all(future.cancelled() for future in futures[1:])


def test_an_interruption_while_the_threads_start_ends_the_run(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second thread is never started: the first must not go on to compute every path."""
    submit, submitted, told = ThreadPoolExecutor.submit, list[Any](), list[int]()

    def interrupted(self: ThreadPoolExecutor, *arguments: Any) -> Any:
        if submitted:
            raise KeyboardInterrupt
        submitted.append(submit(self, *arguments))
        return submitted[0]

    monkeypatch.setattr(ThreadPoolExecutor, "submit", interrupted)
    paths = 1_000_000
    with RowStore(tmp_path / "rows.f64", engine.row_names(), paths) as store, pytest.raises(KeyboardInterrupt):
        engine.simulate(store, threads=2, progress=told.append)
    assert sum(told) < paths // 2


def test_results_come_back_when_nothing_goes_wrong() -> None:
    with workers(2) as (executor, stop):
        assert list(executor.map(abs, [-1, 2, -3])) == [1, 2, 3]
        assert not stop.is_set()


@pytest.mark.parametrize(("text", "expected"), [("3", 3), ("0", 1), ("", None), ("many", None), ("-2", None)])
def test_thread_count(monkeypatch: pytest.MonkeyPatch, text: str, expected: int | None) -> None:
    monkeypatch.setenv("NUMBA_NUM_THREADS", text)
    assert thread_count() == (expected or os.cpu_count())
