"""Threads that stop when the one who waits for them is interrupted."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def workers(number: int | None = None) -> Iterator[tuple[ThreadPoolExecutor, threading.Event]]:
    """``number`` threads (as many as :func:`thread_count` by default), and the event that tells them to stop.

    Leaving by an exception, an interruption at any point among them, sets the event and drops what is queued *before*
    the threads are waited for: an executor alone would first let them finish.
    """
    stop = threading.Event()
    with ThreadPoolExecutor(number or thread_count()) as executor:
        try:
            yield executor, stop
        except BaseException:
            stop.set()
            executor.shutdown(wait=False, cancel_futures=True)
            raise


def thread_count() -> int:
    """NUMBA_NUM_THREADS where it is set, else the number of cores."""
    wanted = os.environ.get("NUMBA_NUM_THREADS", "")
    return max(1, int(wanted)) if wanted.isdigit() else (os.cpu_count() or 1)
