"""The workbooks of a run: that of the pool as the run ends, and that of any path or project of a finished run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from types import MappingProxyType

from alatau_finance.audit.manifest import checks_of, undefined_of
from alatau_finance.audit.recorded import CONTRACTS, CONVERGENCE, FANS, rows_of
from alatau_finance.audit.replay import Replay
from alatau_finance.errors import UsageError, nearest
from alatau_finance.i18n import Language, message, translator
from alatau_finance.reports.cases import Scenarios, select
from alatau_finance.reports.fans import fans_of
from alatau_finance.reports.swings import swings
from alatau_finance.reports.workbook import SummaryRow, write_workbook
from alatau_finance.simulation.binding import BoundPool, instance_keys
from alatau_finance.simulation.checks import CheckCount
from alatau_finance.simulation.findings import ConvergenceRow, Estimate
from alatau_finance.simulation.reference import run_contracts
from alatau_finance.simulation.result import Result

#: Whose convergence the workbook shows where no precision was asked for.
_MAIN = "pv_state_payments"
#: Columns of contracts.parquet in the order of a row of the sheet Monte Carlo.
_FIGURES = (
    *("mean", "sd", "p10", "p50", "p90", "standard_error"),
    *("p10_standard_error", "p50_standard_error", "p90_standard_error"),
)
#: Inputs of contracts that the pool's sheet of sensitivity moves, one after another: what takes some seconds.
POOL_SWINGS = 20
NO_SCENARIOS: Scenarios = MappingProxyType({})


def write_run_workbook(result: Result, file: Path, language: Language, scenarios: Scenarios = NO_SCENARIOS) -> None:
    """The pool workbook on the base case, its document time that of the run date: one run gives the same bytes.

    ``scenarios`` are those its selector may offer.
    """
    selection = select(result.pool, scenarios)
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
            metric.standard_errors["p10"],
            metric.standard_errors["p50"],
            metric.standard_errors["p90"],
            metric.shortfalls[95].figure,
            metric.shortfalls[95].standard_error,
        )
        for metric in result.metrics.values()
    ]
    about = _about(result.pool, result.name, result.digest, result.paths, result.seed, language)
    write_workbook(
        file,
        selection.pool,
        selection.values,
        translate=translator(language),
        about=about,
        summary=rows,
        checks=result.checks,
        undefined=result.undefined,
        fans=fans_of([item.named() for item in result.years]),
        convergence=_shown([reached.target.metric for reached in result.reached], result.convergence),
        selection=selection,
        created=_created(result.pool),
    )


def _shown(asked: Sequence[str], rows: Sequence[ConvergenceRow]) -> list[ConvergenceRow]:
    """How the first measure converged of which a precision was ``asked``, else the present value of payments."""
    known = dict.fromkeys(row.metric for row in rows)
    shown = next((name for name in (*asked, _MAIN, *known) if name in known), "")
    return [row for row in rows if row.metric == shown]


def _recorded_convergence(replay: Replay) -> list[ConvergenceRow]:
    """The same of a finished run; none of one that did not record it yet."""
    file = replay.folder / CONVERGENCE
    asked = [one["target"].partition(":")[0] for one in replay.manifest.get("precision", ())]
    rows = rows_of(file) if file.exists() else []
    found = [
        ConvergenceRow(row["metric"], row["figure"], row["paths"], Estimate(row["value"], row["standard_error"]))
        for row in rows
    ]
    return _shown(asked, found)


def write_path_workbook(replay: Replay, run: str, file: Path, language: Language, project: str | None = None) -> Path:
    """The workbook of one path of a finished run, with the static results of that run, and of one project if named.

    Returns where it was written, as :func:`write_workbook` does. Raises :class:`UsageError` where the run has no
    project of that name.
    """
    manifest, _ = replay.manifest, translator(language)
    if project is not None:
        _must_have(replay.pool, project)
    draw = replay.draws if replay.path is not None else None
    selection = select(replay.pool, replay.scenarios, project=project, path=replay.path, draw=draw)
    base = run_contracts(selection.pool, like=selection.values) if draw else selection.values
    about = _about(replay.pool, run, manifest["digest"], manifest["paths"], manifest["seed"], language)
    about[_("Path shown")] = _("base case") if replay.path is None else str(replay.path)
    return write_workbook(
        file,
        selection.pool,
        selection.values,
        translate=_,
        about=about,
        summary=_pool_rows(replay) if project is None else _project_rows(replay, project, language),
        checks=checks_of(manifest) if project is None else _checks_of(replay, project),
        undefined=undefined_of(manifest) if project is None else (),
        selection=selection,
        swings=swings(selection.pool, base, None if project is not None else POOL_SWINGS),
        fans=fans_of(rows_of(replay.folder / FANS)) if project is None else (),
        convergence=_recorded_convergence(replay) if project is None else (),
        created=_created(replay.pool),
    )


def _must_have(pool: BoundPool, project: str) -> None:
    assumptions = pool.assumptions
    known = [one.id for one in (*assumptions.projects, *assumptions.portfolio_projects)]
    if project not in known:
        likely = nearest(project, known)
        text = message("the run has no project {project}; did you mean {likely}?", project=project, likely=likely)
        none = message("the run has no project {project}; `alatau-fin compare --list` names them", project=project)
        raise UsageError(text if likely else none)


def _pool_rows(replay: Replay) -> list[SummaryRow]:
    lines = replay.pool.pool.plan.lines
    found = []
    for name, metric in replay.manifest["metrics"].items():
        errors = metric.get("standard_errors", {})
        numbers = {
            "mean": metric["mean"],
            "standard_deviation": metric["sd"],
            "p10": metric["p10"],
            "p50": metric["p50"],
            "p90": metric["p90"],
            "standard_error": metric["standard_error"],
            **{f"{percentile}_error": errors.get(percentile) for percentile in ("p10", "p50", "p90")},
            "cvar95": metric.get("cvar95"),
            "cvar95_error": errors.get("cvar95"),
        }
        known = {figure: math.nan if value is None else float(value) for figure, value in numbers.items()}
        found.append(SummaryRow(name, lines[name].label, metric["unit"], **known))
    return found


def _project_rows(replay: Replay, project: str, language: Language) -> list[SummaryRow]:
    """What the simulation found about each contract of the project, as contracts.parquet has it."""
    _ = translator(language)
    plans = replay.pool.plans
    return [
        SummaryRow(
            f"{row['contract']}.{row['metric']}",
            f"{_(plans[row['contract']].title)}: {_(row['label'])}",
            row["unit"],
            *(float(row.get(figure, math.nan)) for figure in _FIGURES),
        )
        for row in rows_of(replay.folder / CONTRACTS)
        if row["project"] == project
    ]


def _checks_of(replay: Replay, project: str) -> list[CheckCount]:
    """The checks of the contract types of the project, with what failed of the project's own contracts alone."""
    types = {
        key.partition("/")[2]
        for key in instance_keys(replay.pool.assumptions, replay.pool.plans)
        if key.partition("/")[0] == project
    }
    kept = []
    for check in checks_of(replay.manifest):
        if check.name.partition(".")[0] in types:
            failing = tuple(one for one in check.failing if one.instance.partition("/")[0] == project)
            failed = sum(one.paths_failed for one in failing)
            kept.append(replace(check, failing=failing, failed=failed))
    return kept


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
