"""One path of a finished run computed again, line by line, and held against what the run recorded of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from alatau_finance.assumptions import Assumptions, load_scenarios
from alatau_finance.audit.manifest import read_manifest, sampling_of
from alatau_finance.audit.recorded import METRICS, PATH, column_of, columns_of, row_at
from alatau_finance.audit.run_folder import INPUTS
from alatau_finance.errors import AssumptionErrors, ResultsDiffer, UsageError, nearest
from alatau_finance.i18n import message
from alatau_finance.root import find_root, load_models
from alatau_finance.simulation.binding import BoundPool, bind
from alatau_finance.simulation.path import draw_plan, path_draws, path_values
from alatau_finance.simulation.reference import BASE_CASE, Draws, PathValues, run_path

#: A path replayed in Python agrees with the kernel's to this, relative to the metric.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Replay:
    """A path of a run, or its base case where ``path`` is None, with every line."""

    pool: BoundPool
    values: PathValues
    path: int | None
    manifest: Mapping[str, Any]
    folder: Path
    #: The assumptions under every scenario, as they were when the run began.
    scenarios: Mapping[str, Assumptions | AssumptionErrors]

    def draws(self, pool: BoundPool) -> Draws:
        """The random inputs of the path for ``pool``, whose calendar may be longer; none for the base case.

        They are drawn for the run's own calendar, on which a sampler may depend; later periods are as in the base case.
        """
        if self.path is None:
            return BASE_CASE
        plan = draw_plan(self.pool, int(self.manifest["seed"]), sampling_of(self.manifest))
        drawn, base = path_draws(plan, self.path), {b.risk: b.values for b in pool.economy_series.values()}
        series = {risk: (*row, *base.get(risk, ())[len(row) :]) for risk, row in drawn.series.items()}
        return Draws(drawn.scalars, series)


def replay(folder: Path, path: int | None) -> Replay:
    """Compute path number ``path`` (from 0) of the run in ``folder``.

    Raises UsageError for a path the run does not have, and ResultsDiffer where it no longer gives the metrics that the
    run recorded.
    """
    manifest = read_manifest(folder)
    if path is not None and not 0 <= path < manifest["paths"]:
        text = "the run has paths 0 to {last}; there is no path {path}"
        raise UsageError(message(text, last=manifest["paths"] - 1, path=path))
    root = find_root(folder / INPUTS)
    scenarios = load_scenarios(root.path, run_date=date.fromisoformat(manifest["run_date"]))
    assumptions = scenarios[manifest["scenario"]]
    if isinstance(assumptions, AssumptionErrors):
        raise assumptions
    pool = bind(assumptions, load_models(root))
    if path is None:
        return Replay(pool, run_path(pool), None, manifest, folder, scenarios)
    values = path_values(pool, draw_plan(pool, int(manifest["seed"]), sampling_of(manifest)), path)
    _compare(folder, path, values)
    return Replay(pool, values, path, manifest, folder, scenarios)


def _compare(folder: Path, path: int, values: PathValues) -> None:
    recorded = row_at(folder / METRICS, path)
    for name in recorded.keys() - {PATH}:
        old, new = recorded[name], float(values.lines["pool"][name])  # type: ignore[arg-type]
        if not (math.isclose(old, new, rel_tol=TOLERANCE) or (math.isnan(old) and math.isnan(new))):
            text = "path {path} gives {new} for {name}, the run recorded {old}; `alatau-fin verify` tells what changed"
            raise ResultsDiffer(message(text, path=path, name=name, new=new, old=old))


def path_at(folder: Path, wanted: str) -> int:
    """The path that stands at a percentile of a metric, ``wanted`` being like ``P90:pv_state_payments``.

    It is the path whose rank is the percentile's, rounded up. Raises UsageError where ``wanted`` cannot be read.
    """
    read_manifest(folder)
    found = re.fullmatch(r"[Pp](\d{1,2}(?:\.\d+)?|100):(\w+)", wanted)
    if found is None:
        raise UsageError(message("{wanted} is no percentile; write it like P90:pv_state_payments", wanted=wanted))
    percent, name = float(found[1]), found[2]
    known = [column for column in columns_of(folder / METRICS) if column != PATH]
    if name not in known:
        likely = nearest(name, known) or ", ".join(known)
        raise UsageError(message("the run has no metric {name}; did you mean {likely}?", name=name, likely=likely))
    values = column_of(folder / METRICS, name)
    ordered = np.argsort(values, kind="stable")[: np.count_nonzero(~np.isnan(values))]  # NaN is sorted to the end
    if not len(ordered):
        raise UsageError(message("{name} has no value on any path of the run", name=name))
    rank = max(1, math.ceil(percent / 100 * len(ordered)))
    return int(row_at(folder / METRICS, ordered[rank - 1])[PATH])
