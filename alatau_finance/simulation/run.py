"""From a folder of assumptions and models to a result."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

import numpy as np

from alatau_finance.assumptions import load_assumptions, ties
from alatau_finance.errors import AlatauError
from alatau_finance.i18n import message
from alatau_finance.interrupts import interrupts_heard
from alatau_finance.modelling.plan import Plan
from alatau_finance.risk.factors import DEFAULT_SAMPLER, SamplerName, Sampling
from alatau_finance.root import Root, load_models
from alatau_finance.simulation.binding import BoundPool, bind
from alatau_finance.simulation.brackets import SAMPLERS_OF_LIKE_PATHS
from alatau_finance.simulation.checks import CheckCount
from alatau_finance.simulation.digest import run_digest
from alatau_finance.simulation.engine import Engine
from alatau_finance.simulation.estimates import binomial_interval, expected_shortfall, is_flag
from alatau_finance.simulation.findings import TAILS, Reached, RowSummary, Target
from alatau_finance.simulation.narrow_summary import BracketMissed
from alatau_finance.simulation.path import draw_plan
from alatau_finance.simulation.portions import Compute, checks_of_shards, compute_here, fill, shard_size
from alatau_finance.simulation.precision import convergence, grow
from alatau_finance.simulation.programs import Floats
from alatau_finance.simulation.reference import PathValues, run_path
from alatau_finance.simulation.result import ContractSummary, MetricSummary, Result, YearSummary
from alatau_finance.simulation.shards import ShardStore
from alatau_finance.simulation.store import RowStore, store_size
from alatau_finance.simulation.summary import summarise

DEFAULT_PATHS = 100_000
DEFAULT_SEED = 1


@dataclass(frozen=True)
class Stage:
    """Progress of a run: what it is doing, and how many of how many paths are done (0 of 0 where that is not known)."""

    name: str
    done: int = 0
    of: int = 0


def prepare(root: Root, scenario: str, run_date: date | None = None) -> BoundPool:
    """Assumptions loaded and bound to the models.

    Raises AlatauError with exit code 3 for whatever is wrong in either.
    """
    assumptions = load_assumptions(root.path, scenario, run_date=run_date)
    return bind(assumptions, load_models(root))


def simulate(
    pool: BoundPool,
    *,
    paths: int = DEFAULT_PATHS,
    seed: int = DEFAULT_SEED,
    sampler: SamplerName = DEFAULT_SAMPLER,
    workspace: Path | None = None,
    threads: int | None = None,
    shards: Path | None = None,
    shard_paths: int | None = None,
    compute: Compute | None = None,
    targets: Sequence[Target] = (),
    measures_only: bool = False,
    progress: Callable[[Stage], None] = lambda stage: None,
) -> Result:
    """Run ``paths`` paths of ``pool``.

    Results lie in a temporary folder in ``workspace`` while the run lasts. Where a folder ``shards`` is given they stay
    there instead, and those that are there already are not computed again. ``compute`` computes them elsewhere than on
    ``threads`` threads of this process. Nothing of all that, ``shard_paths`` included, shows in the result.

    With ``targets`` the run is no longer than their precision asks, and ``paths`` at most. With ``measures_only`` the
    base case of contracts holds no more than :func:`run_path` keeps then; a workbook shows all of it.

    Raises DiskFull where the disk cannot hold the run.
    """
    with interrupts_heard():
        plan = draw_plan(pool, seed, Sampling(sampler, paths))
        progress(Stage("compile"))
        engine = Engine(pool, plan)
        if compute is None:
            engine.warm_up()
            compute = compute_here(engine, threads)
    with _folder(workspace, shards) as folder:
        pairs = sampler == "antithetic"
        rows, exact = engine.row_names(), engine.exact_rows
        narrows = sampler in SAMPLERS_OF_LIKE_PATHS
        store = ShardStore(folder, rows, exact, shard_paths or shard_size(paths), narrows=narrows)
        paths, reached = _filled(engine, store, paths, compute, targets, progress)
        progress(Stage("summarise"))
        try:
            summaries = _summaries(store, paths, pairs=pairs)
        except BracketMissed:
            progress(Stage("widened"))
            store.widen()
            _filled(engine, store, paths, compute, (), progress)
            summaries = _summaries(store, paths, pairs=pairs)
        checks = checks_of_shards(engine, store, paths)
        digest = run_digest(store.rows, store.blocks(paths))
        metrics = _metrics(engine, store, paths, summaries, sampler)
    values = {name: metric.values for name, metric in metrics.items()}
    base_case = run_path(pool, measures_only=measures_only)
    result = _result(engine, seed, paths, digest, metrics, summaries, checks, base_case)
    return replace(result, convergence=convergence(values, targets, pairs=pairs), reached=reached)


def _filled(
    engine: Engine,
    store: ShardStore,
    paths: int,
    compute: Compute,
    targets: Sequence[Target],
    progress: Callable[[Stage], None],
) -> tuple[int, tuple[Reached, ...]]:
    """Have all shards in ``store`` that the run needs; how many paths these are, and what ``targets`` came to."""
    names = engine.pool.pool.plan.of_kind("metric")

    def run(length: int) -> None:
        done = 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            progress(Stage("simulate", done, length))

        progress(Stage("simulate", 0, length))
        fill(store, length, compute, progress=advance, damaged=lambda number: progress(Stage("damaged", number)))

    def values_of(length: int, metrics: Sequence[str]) -> list[Floats]:
        run(length)
        rows = (names.index(name) for name in metrics)
        return [store.read(row, row + 1, length)[0] for row in rows]

    if targets:
        return grow(targets, paths, store.shard_paths, values_of)
    run(paths)
    return paths, ()


def _summaries(store: ShardStore, paths: int, *, pairs: bool) -> dict[str, RowSummary]:
    return {summary.name: summary for summary in summarise(store, paths, pairs=pairs)}


@contextmanager
def _folder(workspace: Path | None, shards: Path | None) -> Iterator[Path]:
    if shards is not None:
        yield shards
        return
    with tempfile.TemporaryDirectory(prefix="alatau-", dir=workspace) as folder:
        yield Path(folder)


def open_store(file: Path, rows: Sequence[str], paths: int) -> RowStore:
    """A store for so many rows and paths. Raises AlatauError that says how much disk is needed where it is full."""
    try:
        return RowStore(file, rows, paths)
    except OSError as error:
        text = (
            "{size} GB of disk are needed in {folder} while the run lasts ({reason}); free some, or take fewer --paths"
        )
        size, reason = f"{store_size(rows, paths) / 1e9:.1f}", error.strerror or str(error)
        raise AlatauError(message(text, size=size, folder=file.parent.parent, reason=reason)) from error


def _metrics(
    engine: Engine, store: ShardStore, paths: int, summaries: Mapping[str, RowSummary], sampler: SamplerName
) -> Mapping[str, MetricSummary]:
    names = engine.pool.pool.plan.of_kind("metric")
    values = store.read(0, len(names), paths)
    return MappingProxyType(
        {
            name: _metric(engine.pool.pool.plan, name, values[row], summaries[f"pool:{name}"], sampler)
            for row, name in enumerate(names)
        }
    )


def _metric(plan: Plan, name: str, values: Floats, summary: RowSummary, sampler: SamplerName) -> MetricSummary:
    pairs = sampler == "antithetic"
    shortfalls = {percent: expected_shortfall(values, summary, percent, pairs=pairs) for percent in TAILS}
    known = values[np.isfinite(values)]
    # Exact for independent paths only.
    exact = sampler == DEFAULT_SAMPLER and is_flag(plan, name) and len(known) > 0
    interval = binomial_interval(int(known.sum()), len(known)) if exact else None
    line = plan.lines[name]
    return MetricSummary(name, line.label, line.unit, values, summary, MappingProxyType(shortfalls), interval)


def _result(
    engine: Engine,
    seed: int,
    paths: int,
    digest: str,
    metrics: Mapping[str, MetricSummary],
    summaries: Mapping[str, RowSummary],
    checks: Sequence[CheckCount],
    base_case: PathValues,
) -> Result:
    pool = engine.pool
    return Result(
        pool,
        seed,
        engine.draws.sampling.sampler,
        paths,
        digest,
        metrics,
        _years(engine, summaries),
        tuple(_contracts(pool, summaries)),
        tuple(checks),
        tuple(ties(pool.assumptions)),
        base_case,
        tuple(str(repair) for repair in engine.draws.repairs),
    )


def _years(engine: Engine, summaries: Mapping[str, RowSummary]) -> tuple[YearSummary, ...]:
    lines = engine.pool.pool.plan.lines
    return tuple(
        YearSummary(name, lines[name].label, lines[name].unit, year, summaries[f"yearly:{name}:{year}"])
        for name in engine.programs.pool.spec.exports
        for year in engine.pool.calendar.budget_years
    )


def _contracts(pool: BoundPool, summaries: Mapping[str, RowSummary]) -> list[ContractSummary]:
    found = []
    for instance in pool.instances():
        plan: Plan = instance.plan
        for metric in plan.of_kind("metric"):
            line = plan.lines[metric]
            row = summaries[f"contract:{instance.key}:{metric}"]
            project = instance.project.id if instance.project else ""
            found.append(ContractSummary(project, plan.key, metric, line.label, line.unit, row))
    return found
