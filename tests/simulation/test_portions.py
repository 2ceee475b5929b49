"""One digest, and the same figures and checks, however a run is cut, interrupted, damaged and gone on with."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alatau_finance.risk.factors import SamplerName
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.engine import Buffers, Engine
from alatau_finance.simulation.findings import RowSummary
from alatau_finance.simulation.portions import Portion, compute_here, shard_size
from alatau_finance.simulation.result import Result
from alatau_finance.simulation.run import Stage, simulate
from alatau_finance.simulation.shard_layout import Room

PATHS = 5 * 64 + 7


def same(one: Result, other: Result) -> None:
    assert one.digest == other.digest
    assert one.checks == other.checks
    assert one.years == other.years
    assert one.contracts == other.contracts
    assert {name: metric.summary for name, metric in one.metrics.items()} == {
        name: metric.summary for name, metric in other.metrics.items()
    }
    for name, metric in one.metrics.items():
        assert metric.values.tobytes() == other.metrics[name].values.tobytes()


@pytest.fixture(scope="module")
def whole(pool: BoundPool) -> Result:
    return simulate(pool, paths=PATHS, seed=7, threads=1, shard_paths=2048)


@pytest.mark.parametrize(("threads", "shard_paths"), [(1, 64), (3, 64), (2, 128), (2, None)])
def test_any_threads_and_any_shards(pool: BoundPool, whole: Result, threads: int, shard_paths: int | None) -> None:
    same(simulate(pool, paths=PATHS, seed=7, threads=threads, shard_paths=shard_paths), whole)


def test_checks_that_fail_are_counted_over_shards(whole: Result) -> None:
    """The tiny pool has a ceiling that does not hold on many paths, or there would be nothing to count."""
    failing = next(check for check in whole.checks if check.name == "pool.below_ceiling")
    assert 0 < failing.paths_failed < PATHS
    above = np.flatnonzero(whole.metrics["breach"].values)
    assert (failing.paths_failed, failing.first_failing_path) == (len(above), above[0])


def test_a_portion_is_there_until_the_next_is_asked_for(engine: Engine) -> None:
    """Threads go on meanwhile, in memory that portions before have left; what each holds is what one thread finds."""

    def found(threads: int) -> dict[int, bytes]:
        portions, kept = [Portion(number, 64 * number, 64) for number in range(12)], {}
        for number, data in compute_here(engine, threads)(portions):
            time.sleep(0.02)
            kept[number] = bytes(data)
        return kept

    alone = {number: bytes(engine.shard(64 * number, 64, Buffers(engine), Room())) for number in range(12)}
    assert found(1) == alone
    assert found(3) == alone


class Interrupted:
    """Computes here, and is interrupted after so many portions."""

    def __init__(self, engine: Engine, after: int) -> None:
        self._compute, self._after = compute_here(engine, 1), after
        self.asked: list[int] = []

    def __call__(self, portions: Iterable[Portion]) -> Iterator[tuple[int, bytes | memoryview]]:
        wanted = list(portions)
        self.asked = [portion.number for portion in wanted]
        for done, found in enumerate(self._compute(wanted)):
            if done == self._after:
                raise KeyboardInterrupt
            yield found


@pytest.mark.parametrize("after", [0, 1, 3, 5])
def test_a_run_interrupted_goes_on_to_the_same_digest(
    pool: BoundPool, engine: Engine, whole: Result, tmp_path: Path, after: int
) -> None:
    with pytest.raises(KeyboardInterrupt):
        simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64, compute=Interrupted(engine, after))
    done = {int(file.stem) for file in tmp_path.iterdir()}
    assert len(done) == after
    rest = Interrupted(engine, 99)
    same(simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64, compute=rest), whole)
    assert set(rest.asked) == set(range(6)) - done


def test_a_damaged_shard_is_told_and_computed_again(
    pool: BoundPool, engine: Engine, whole: Result, tmp_path: Path
) -> None:
    simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64)
    file = tmp_path / "000002.shard"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    told: list[Stage] = []
    again = Interrupted(engine, 99)
    same(
        simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64, compute=again, progress=told.append), whole
    )
    assert again.asked == [2]
    assert [stage.done for stage in told if stage.name == "damaged"] == [2]
    assert [stage for stage in told if stage.name == "simulate"][-1] == Stage("simulate", PATHS, PATHS)


def test_a_run_goes_on_to_more_paths(pool: BoundPool, whole: Result, tmp_path: Path) -> None:
    simulate(pool, paths=100, seed=7, shards=tmp_path, shard_paths=64)
    same(simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64), whole)


def test_two_python_threads_run_at_once(pool: BoundPool, whole: Result) -> None:
    """numba's own threading layer aborts the process here; ours is none."""
    start = threading.Barrier(2)

    def run(threads: int) -> Result:
        start.wait(60)
        return simulate(pool, paths=PATHS, seed=7, threads=threads, shard_paths=64)

    with ThreadPoolExecutor(2) as executor:
        for result in executor.map(run, [1, 2]):
            same(result, whole)


def test_an_error_in_a_thread_is_the_error_of_the_run(pool: BoundPool, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Engine, *_: Any) -> bytes:
        raise ZeroDivisionError("in a thread")

    monkeypatch.setattr(Engine, "shard", fails)
    with pytest.raises(ZeroDivisionError, match="in a thread"):
        simulate(pool, paths=PATHS, seed=7)


@pytest.mark.parametrize(("paths", "size"), [(1, 64), (512, 64), (513, 128), (10_000, 1280), (10**6, 2048)])
def test_small_runs_have_small_shards(paths: int, size: int) -> None:
    assert shard_size(paths) == size


@pytest.fixture
def narrows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Brackets are known after two blocks, and are wide enough for so few."""
    monkeypatch.setattr("alatau_finance.simulation.shards.PILOT_PATHS", 128)


def close(one: Result, other: Result) -> None:
    """As :func:`same`, but for the last digit of sums of rows that are not kept in full."""

    def rounded(summary: RowSummary) -> RowSummary:
        moments = {name: float(f"{getattr(summary, name):.13g}") for name in ("mean", "sd", "standard_error")}
        return replace(summary, **moments)

    def of(result: Result) -> Result:
        years = tuple(replace(each, summary=rounded(each.summary)) for each in result.years)
        contracts = tuple(replace(each, summary=rounded(each.summary)) for each in result.contracts)
        return replace(result, years=years, contracts=contracts)

    same(of(one), of(other))


@pytest.mark.usefixtures("narrows")
@pytest.mark.parametrize("after", [0, 1, 2, 4, 6])
def test_a_narrowed_run_says_what_a_whole_one_does(
    pool: BoundPool, engine: Engine, whole: Result, tmp_path: Path, after: int
) -> None:
    """However it was interrupted, and whether brackets were known where a portion was computed."""
    with suppress(KeyboardInterrupt):
        simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64, compute=Interrupted(engine, after))
    again = simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64)
    close(again, whole)
    assert (tmp_path / "brackets").exists()
    same(again, simulate(pool, paths=PATHS, seed=7, threads=3, shard_paths=64))


@pytest.mark.usefixtures("narrows")
@pytest.mark.parametrize("lost", ["brackets", "000000.shard", "000003.shard"])
def test_a_narrowed_run_goes_on_without_what_is_damaged(
    pool: BoundPool, engine: Engine, tmp_path: Path, lost: str
) -> None:
    """Brackets among it, without which narrowed shards mean nothing."""
    whole = simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64)
    data = bytearray((tmp_path / lost).read_bytes())
    data[100] ^= 1
    (tmp_path / lost).write_bytes(data)
    again = Interrupted(engine, 99)
    same(simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64, compute=again), whole)
    assert again.asked == (list(range(6)) if lost == "brackets" else [int(lost[:6])])


@pytest.mark.usefixtures("narrows")
def test_a_run_whose_brackets_miss_is_computed_anew(
    pool: BoundPool, whole: Result, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("alatau_finance.simulation.brackets._DEVIATIONS", 0.01)
    told: list[Stage] = []
    same(simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64, progress=told.append), whole)
    assert [stage.done for stage in told if stage.name == "simulate"].count(PATHS) == 2
    assert [stage.name for stage in told].count("widened") == 1
    told.clear()
    (tmp_path / "000003.shard").unlink()
    same(simulate(pool, paths=PATHS, seed=7, shards=tmp_path, shard_paths=64, progress=told.append), whole)
    assert not [stage for stage in told if stage.name == "widened"], "it was known that brackets miss"


@pytest.mark.usefixtures("narrows")
@pytest.mark.parametrize(
    ("sampler", "narrow"), [("pseudo_random", True), ("latin_hypercube", True), ("antithetic", False), ("sobol", False)]
)
def test_values_of_paths_that_are_not_alike_are_all_kept(
    pool: BoundPool, tmp_path: Path, sampler: SamplerName, narrow: bool
) -> None:
    simulate(pool, paths=PATHS, seed=7, sampler=sampler, shards=tmp_path, shard_paths=64)
    assert (tmp_path / "brackets").exists() is narrow
