"""The engine is the reference run, many times over: any path, any number of threads, any length, the same bits."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alatau_finance.jit import LANES, TILE, TILES
from alatau_finance.simulation import engine as engine_module
from alatau_finance.simulation.binding import BoundPool, bind
from alatau_finance.simulation.checks import CHECK_TOLERANCE, CheckCount
from alatau_finance.simulation.digest import block_hashes, run_digest
from alatau_finance.simulation.engine import Buffers, Engine
from alatau_finance.simulation.path import draw_plan, path_values
from alatau_finance.simulation.reference import PathValues, run_path
from alatau_finance.simulation.rows import HOW, years_of_periods
from alatau_finance.simulation.store import RowStore

PATHS = 3 * LANES + 5

Rows = np.ndarray[Any, np.dtype[np.float64]]


def run(engine: Engine, folder: Path, paths: int = PATHS, **options: Any) -> tuple[Rows, tuple[CheckCount, ...], str]:
    """All rows of a run, its checks, and the digest of the rows."""
    with RowStore(folder / "rows.f64", engine.row_names(), paths) as store:
        checks = engine.simulate(store, **options)
        rows = store.read(0, len(store.rows))
    return rows, checks, run_digest(engine.row_names(), block_hashes(rows))


@pytest.fixture(scope="module")
def simulated(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Rows, tuple[CheckCount, ...], str]:
    return run(engine, tmp_path_factory.mktemp("run"), threads=1)


def rows_of(engine: Engine, values: PathValues) -> dict[str, float]:
    """What the engine keeps of a path, from the reference run of that path."""
    pool, found = engine.pool, dict[str, float]()
    for name, line in pool.pool.plan.lines.items():
        value = values.lines["pool"][name]
        if line.kind == "metric":
            found[f"pool:{name}"] = value
        if line.yearly:
            each = pool.calendar.periods_per_year
            how: Mapping[str, Callable[[Any], float]] = {"sum": sum, "max": max, "end": lambda part: part[-1]}
            for number, year in enumerate(pool.calendar.budget_years):
                found[f"yearly:{name}:{year}"] = how[line.yearly](value[number * each : (number + 1) * each])
    for instance in pool.instances():
        for name in instance.plan.of_kind("metric"):
            found[f"contract:{instance.key}:{name}"] = values.lines[instance.key][name]
    return found


def test_what_is_kept_has_a_name_each(engine: Engine) -> None:
    names = engine.row_names()
    assert len(set(names)) == len(names)
    assert names[:3] == ("pool:worth", "pool:breach", "yearly:payments:2026")
    assert "contract:bridge/epcf:contractor_irr" in names
    assert len(names) == 2 + 3 * 4 + 3 * 1 + 3 * 2


@pytest.mark.parametrize("path", [0, 1, LANES - 1, LANES, 2 * LANES + 7, PATHS - 1])
def test_a_simulated_path_is_the_reference_run_of_that_path(engine: Engine, simulated: Any, path: int) -> None:
    """To 1e-12 of the row: exp and power are our own in the kernel and the C library's in Python."""
    expected = rows_of(engine, path_values(engine.pool, engine.draws, path))
    found = dict(zip(engine.row_names(), simulated[0][:, path].tolist(), strict=True))
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


def test_paths_differ_from_one_another(simulated: Any, engine: Engine) -> None:
    worth = simulated[0][engine.row_names().index("pool:worth")]
    assert len(set(worth.tolist())) == PATHS


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("blocks", [1, 2, 32])
def test_the_digest_does_not_depend_on_threads_or_shards(
    engine: Engine, simulated: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int, blocks: int
) -> None:
    monkeypatch.setattr(engine_module, "BLOCKS_PER_SHARD", blocks)
    _, checks, digest = run(engine, tmp_path, threads=threads)
    assert digest == simulated[2]
    assert checks == simulated[1]


@pytest.mark.parametrize("path", [0, 1, LANES + 3, PATHS - 1])
def test_a_path_alone_has_the_bits_it_has_in_a_run(engine: Engine, simulated: Any, path: int) -> None:
    buffers = Buffers(engine)
    engine.compute_block(path, buffers)
    alone = engine.block_rows(buffers)[:, 0]
    alone[np.isnan(alone)] = np.nan
    assert alone.tobytes() == simulated[0][:, path].copy().tobytes()


def test_a_block_leaves_nothing_for_the_next(engine: Engine) -> None:
    buffers = Buffers(engine)
    engine.compute_block(0, buffers)
    first = engine.block_rows(buffers).copy()
    engine.compute_block(10 * LANES, buffers)
    assert engine.block_rows(buffers).tobytes() != first.tobytes()
    engine.compute_block(0, buffers)
    assert engine.block_rows(buffers).tobytes() == first.tobytes()


@pytest.mark.parametrize("tiles", [1, 2, 4])
def test_no_bit_depends_on_how_many_tiles_are_computed_at_a_time(engine: Engine, tiles: int) -> None:
    some, whole = Buffers(engine, tiles), Buffers(engine, TILES)
    engine.compute_block(LANES, some)
    engine.compute_block(LANES, whole)
    assert engine.block_rows(some).tobytes() == engine.block_rows(whole).tobytes()


@pytest.mark.parametrize("paths", [1, LANES - 1, LANES, LANES + 1])
def test_a_shorter_run_is_the_beginning_of_a_longer_one(
    engine: Engine, simulated: Any, tmp_path: Path, paths: int
) -> None:
    rows, _, _ = run(engine, tmp_path, paths, threads=2)
    assert rows.tobytes() == np.ascontiguousarray(simulated[0][:, :paths]).tobytes()


def test_another_seed_gives_other_paths(engine: Engine, simulated: Any, tmp_path: Path) -> None:
    other = Engine(engine.pool, draw_plan(engine.pool, 8))
    assert run(other, tmp_path)[2] != simulated[2]


def test_without_risks_every_path_is_the_base_case(
    make: Any, engine_of: Callable[[BoundPool], Engine], tmp_path: Path
) -> None:
    macro = {**make.assumptions().macro, "shock": make.value(0, "1")}
    calm = engine_of(bind(make.assumptions(risks=(), macro=macro), make.models))
    rows, _, _ = run(calm, tmp_path, 3)
    expected = rows_of(calm, run_path(calm.pool))
    for path in range(3):
        found = dict(zip(calm.row_names(), rows[:, path].tolist(), strict=True))
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


# --- checks


def test_checks_are_counted_on_every_instance_and_path(engine: Engine, simulated: Any) -> None:
    """Counted here a second time, path by path, in the reference run."""
    paths = [path_values(engine.pool, engine.draws, path) for path in range(PATHS)]
    instances = [engine.pool.economy, *engine.pool.instances(), engine.pool.pool]
    expected: dict[str, list[bool]] = {}
    for values in paths:
        broken: dict[str, int] = {}
        for instance in instances:
            for name in instance.plan.of_kind("check"):
                key = f"{instance.plan.key}.{name}"
                broken[key] = broken.get(key, 0) + (not values.lines[instance.key][name] <= CHECK_TOLERANCE)
        for key, count in broken.items():
            expected.setdefault(key, []).append(count)
    by_name = {count.name: count for count in simulated[1]}
    assert set(by_name) == set(expected)
    for name, per_path in expected.items():
        first = next((path for path, count in enumerate(per_path) if count), -1)
        instances_of = 3 if name in ("budget.works_add_up", "epcf.works_add_up") else 1
        found = by_name[name]
        assert (found.evaluated, found.failed, found.first_failing_path) == (instances_of * PATHS, sum(per_path), first)
        assert (found.instances, found.paths_failed) == (instances_of, sum(map(bool, per_path)))
    # The test proves something only where some paths break the ceiling and some do not.
    assert 0 < by_name["pool.below_ceiling"].failed < PATHS


# --- what may go wrong


def test_progress_adds_up_to_the_number_of_paths(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BLOCKS_PER_SHARD", 1)
    told: list[int] = []
    run(engine, tmp_path, threads=2, progress=told.append)
    assert sorted(told) == [5, LANES, LANES, LANES]


def test_an_error_in_a_thread_is_the_error_of_the_run(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: RowStore, first: int, values: Rows) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RowStore, "write", full)
    with pytest.raises(OSError, match="No space left"):
        run(engine, tmp_path, threads=2)


def test_what_is_not_a_number_has_one_bit_pattern(engine: Engine, tmp_path: Path) -> None:
    """Processors differ in the sign of the NaN they make, and the digest is of bits."""
    row = engine.row_names().index("pool:worth")
    whole = engine.block_rows

    class Strange(Engine):
        def __init__(self) -> None:
            self.__dict__ = dict(engine.__dict__)

        def block_rows(self, buffers: Buffers) -> Rows:
            rows = whole(buffers)
            rows[row, ::2] = -math.nan
            rows[row, 1::2] = math.nan
            return rows

    rows, _, _ = run(Strange(), tmp_path)
    assert set(rows[row].view(np.uint64).tolist()) == {np.array(np.nan).view(np.uint64).item()}


def test_years_are_sums_ends_or_largest_values_of_their_periods() -> None:
    periods = np.array([[1.0, 5.0], [5.0, 1.0], [7.0, math.nan], [2.0, 3.0]])
    exports = np.ascontiguousarray(np.broadcast_to(periods.repeat(3, axis=1)[None, :, :, None], (TILES, 4, 6, TILE)))
    rows = np.zeros((12, LANES))
    years_of_periods(0, exports, np.array([HOW[how] for how in ("sum", "end", "max")] * 2), 2, rows)
    np.testing.assert_array_equal(rows, np.broadcast_to(rows[:, :1], rows.shape))
    assert rows[:6, 0].tolist() == [6.0, 9.0, 5.0, 2.0, 5.0, 7.0]
    np.testing.assert_array_equal(rows[6:, 0], [6.0, math.nan, 1.0, 3.0, 5.0, math.nan])
