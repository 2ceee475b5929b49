"""Everything a run writes, in one folder."""

from __future__ import annotations

import math
from datetime import UTC, datetime, time
from pathlib import Path

from alatau_finance.audit.manifest import checks_of, undefined_of, write_manifest
from alatau_finance.audit.replay import Replay
from alatau_finance.audit.run_folder import RunFolderError, copy_inputs, file_hash
from alatau_finance.audit.verify import INPUTS
from alatau_finance.i18n import Language, message, translator
from alatau_finance.reports.tables import write_tables
from alatau_finance.reports.workbook import SummaryRow, write_workbook
from alatau_finance.root import Root
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.result import Result

WORKBOOK = "workbook.xlsx"


def run_name(result: Result) -> str:
    """A folder name that says what the run is."""
    return f"{result.scenario}-seed{result.seed}-{result.paths}paths-{result.digest[:8]}"


def keep_inputs(pool: BoundPool, root: Root, folder: Path) -> None:
    """Copy assumptions and models into ``folder`` before the run starts.

    Raises :class:`RunFolderError` where somebody has changed an assumption since it was read.
    """
    copy_inputs(root, folder / INPUTS)
    for name, digest in pool.assumptions.files.items():
        if file_hash(folder / INPUTS / name) != digest:
            raise RunFolderError(message("{file} was changed while the run began; start it again", file=name))


def write_run(result: Result, folder: Path, language: Language, *, workbook: bool = True) -> None:
    """Write tables, workbook and, last, the manifest into ``folder``, where the inputs already are."""
    write_tables(result, folder)
    if workbook:
        write_run_workbook(result, folder / WORKBOOK, language)
    write_manifest(result, folder)


def write_run_workbook(result: Result, file: Path, language: Language) -> None:
    """The pool workbook on the base case, its document time that of the run date: one run gives the same bytes."""
    rows = [
        SummaryRow(
            metric.name,
            metric.label,
            metric.unit,
            metric.summary.mean,
            metric.summary.sd,
            metric.summary.percentile(10),
            metric.summary.percentile(50),
            metric.summary.percentile(90),
            metric.summary.standard_error,
        )
        for metric in result.metrics.values()
    ]
    about = _about(result.pool, run_name(result), result.digest, result.paths, result.seed, language)
    write_workbook(
        file,
        result.pool,
        result.base_case,
        translate=translator(language),
        about=about,
        summary=rows,
        checks=result.checks,
        undefined=result.undefined,
        created=_created(result.pool),
    )


def write_path_workbook(replay: Replay, run: str, file: Path, language: Language) -> None:
    """The pool workbook on one path of a finished run, with the static results of that run."""
    manifest, lines, _ = replay.manifest, replay.pool.pool.plan.lines, translator(language)
    rows = [
        SummaryRow(
            name,
            lines[name].label,
            metric["unit"],
            *(_number(metric[key]) for key in ("mean", "sd", "p10", "p50", "p90", "standard_error")),
        )
        for name, metric in manifest["metrics"].items()
    ]
    about = _about(replay.pool, run, manifest["digest"], manifest["paths"], manifest["seed"], language)
    about[_("Path shown")] = _("base case") if replay.path is None else str(replay.path)
    write_workbook(
        file,
        replay.pool,
        replay.values,
        translate=_,
        about=about,
        summary=rows,
        checks=checks_of(manifest),
        undefined=undefined_of(manifest),
        created=_created(replay.pool),
    )


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _about(pool: BoundPool, run: str, digest: str, paths: int, seed: int, language: Language) -> dict[str, str]:
    return {
        "scenario": pool.assumptions.scenario.label.get(language, pool.assumptions.scenario.name),
        "run": run,
        "digest": digest,
        "paths": str(paths),
        "seed": str(seed),
        "language": language,
    }


def _created(pool: BoundPool) -> datetime:
    return datetime.combine(pool.assumptions.timeline.run_date, time(), UTC)
