"""A real scheduler and real workers, over loopback: the digest of a cluster is that of one machine."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from alatau_finance.errors import UsageError
from alatau_finance.risk.factors import Sampling
from alatau_finance.root import bundled, find_root
from alatau_finance.simulation.distributed import ClusterError, compute_shard, connected, order_of
from alatau_finance.simulation.portions import Portion

from .conftest import PATHS, PATIENCE

pytest.importorskip("distributed")


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers of one thread, as `dask scheduler` and `dask worker` start them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    dask = [sys.executable, "-m", "dask"]
    started = [
        subprocess.Popen(
            [*dask, "scheduler", "--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard"],
            **SILENT,
        )
    ]
    worker = [*dask, "worker", address, "--host", "127.0.0.1", "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    started += [subprocess.Popen(worker, **SILENT) for _ in range(2)]
    try:
        yield address, started[1:]
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


SILENT: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def digest_of(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["digest"])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_worker_killed_on_the_way_is_survived_with_the_same_digest(
    cluster: Any, run_folder: Path, tmp_path: Path
) -> None:
    address, workers = cluster
    arguments = ["--paths", str(PATHS), "--seed", "7", "--out", str(tmp_path), "--json", "--no-workbook"]
    command = [sys.executable, "-c", "from alatau_finance.cli import main; main()", "simulate", "--dask", address]
    with subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + PATIENCE
        # Four shards, each worker has two: one is done, so the other worker has begun and is not finished.
        while not any(tmp_path.rglob("*.shard")) and process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.02)
        os.kill(workers[1].pid, signal.SIGKILL)
        output, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    recorded = json.loads((run_folder / "manifest.json").read_text("utf-8"))
    assert json.loads(output)["digest"] == recorded["digest"]
    assert json.loads(output)["checks"] == recorded["checks"]


@pytest.mark.slow
def test_a_cluster_of_this_machine_gives_the_same_digest(alatau: Any, run_folder: Path) -> None:
    arguments = ("simulate", "--paths", PATHS, "--seed", 7, "--json", "--no-workbook", "--dask", "local:2")
    recorded = json.loads((run_folder / "manifest.json").read_text("utf-8"))
    assert digest_of(alatau(*arguments, timeout=PATIENCE)) == recorded["digest"]


def test_the_same_inputs_are_the_same_order() -> None:
    root = find_root(bundled())
    order = order_of(root, "base", date(2026, 9, 1), 7)
    assert order == order_of(root, "base", date(2026, 9, 1), 7)
    assert len(order.inputs) < 1_000_000  # it travels with every shard
    others = (
        order_of(root, "base", date(2026, 9, 1), 8),
        order_of(root, "all_budget", date(2026, 9, 1), 7),
        order_of(root, "base", date(2026, 9, 1), 7, Sampling("latin_hypercube", 100)),
    )
    assert len({order.key, *(other.key for other in others)}) == 4


def test_a_worker_of_another_version_refuses() -> None:
    from dataclasses import replace

    order = replace(order_of(find_root(bundled()), "base", date(2026, 9, 1), 7), program="0" * 16)
    with pytest.raises(ClusterError, match="another version"):
        compute_shard(order, Portion(0, 0, 64))


@pytest.mark.parametrize("address", ["local:", "local:many", "local:0"])
def test_an_address_that_is_none_is_explained(address: str) -> None:
    with pytest.raises(UsageError, match="local:2"), connected(address):
        pass


def test_without_dask_it_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'alatau-finance\[dask\]'"), connected("local:2"):
        pass
