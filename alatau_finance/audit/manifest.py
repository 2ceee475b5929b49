"""manifest.json: what was run, on what, with which result.

Enough to run it again and to see that nothing was touched.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from alatau_finance.audit.run_folder import RunFolderError, hashes
from alatau_finance.i18n import message
from alatau_finance.risk.factors import DEFAULT_SAMPLER, Sampling
from alatau_finance.simulation.checks import CheckCount, FailingInstance
from alatau_finance.simulation.result import MetricSummary, Result
from alatau_finance.simulation.undefined import Undefined, UndefinedMetric

FILE = "manifest.json"


def metric_data(metric: MetricSummary) -> dict[str, Any]:
    """A metric as JSON has it, each figure with its standard error; what is not a number is null.

    ``cvar90`` and ``cvar95`` are the means of the largest 10 and 5 % of values. The exact 95 % ``interval`` is there
    where the metric is a flag, so that its mean is a probability.
    """
    summary = metric.summary
    numbers = {
        "mean": summary.mean,
        "sd": summary.sd,
        "p10": summary.percentile(10),
        "p50": summary.percentile(50),
        "p90": summary.percentile(90),
        "standard_error": summary.standard_error,
        **{f"cvar{percent}": found.figure for percent, found in metric.shortfalls.items()},
    }
    data: dict[str, Any] = {"unit": metric.unit, **_known(numbers), "standard_errors": _known(metric.standard_errors)}
    if metric.interval is not None:
        data["interval"] = list(metric.interval)
    return {**data, "undefined": asdict(summary.reasons)}


def _known(numbers: Mapping[str, float]) -> dict[str, float | None]:
    return {name: value if value == value else None for name, value in numbers.items()}


def precision_data(result: Result) -> list[dict[str, Any]]:
    """What the targets of a run came to, as JSON has it; nothing where it had none."""
    return [
        {
            "target": str(reached.target),
            "figure": reached.estimate.figure,
            "standard_error": reached.estimate.standard_error,
            "reached": reached.ok,
        }
        for reached in result.reached
    ]


def undefined_of(manifest: Mapping[str, Any]) -> tuple[UndefinedMetric, ...]:
    """Metrics that may not exist, from the manifest of a run; none from one written before runs counted them."""
    entries = manifest.get("undefined", ())
    return tuple(UndefinedMetric(**{**one, "undefined": Undefined(**one["undefined"])}) for one in entries)


def undefined_data(result: Result) -> list[dict[str, Any]]:
    """Rates of return that do not exist, as JSON has them: how many of how many, by reason."""
    return [asdict(metric) for metric in result.undefined]


def checks_data(result: Result) -> dict[str, Any]:
    """Checks as JSON has them: how many, how many failed, and each."""
    return {
        "total": result.checks_total,
        "failed": result.checks_failed,
        "named": [asdict(check) for check in result.checks],
    }


def checks_of(manifest: Mapping[str, Any]) -> tuple[CheckCount, ...]:
    """The checks of a run from its manifest; none from one that was written before runs told which instances fail."""
    named = manifest["checks"]["named"]
    if not all("failing" in entry for entry in named):
        return ()
    return tuple(
        CheckCount(**{**entry, "failing": tuple(FailingInstance(**one) for one in entry["failing"])}) for entry in named
    )


def sampling_of(manifest: Mapping[str, Any]) -> Sampling:
    """How the draws of a run were spread over its paths; before runs recorded it, they were independent."""
    return Sampling(manifest.get("sampler", DEFAULT_SAMPLER), int(manifest["paths"]))


def manifest_of(result: Result, folder: Path) -> dict[str, Any]:
    """The manifest of a run whose other files already lie in ``folder``."""
    assumptions = result.pool.assumptions
    return {
        "product": {"name": "alatau-finance", "version": product_version()},
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "scenario": result.scenario,
        "seed": result.seed,
        "sampler": result.sampler,
        "paths": result.paths,
        "run_date": assumptions.timeline.run_date.isoformat(),
        "digest": result.digest,
        "checks": checks_data(result),
        "metrics": {name: metric_data(metric) for name, metric in result.metrics.items()},
        "undefined": undefined_data(result),
        "precision": precision_data(result),
        "overrides": [
            {"path": o.path, "old": str(o.old), "new": str(o.new), "unit": o.unit} for o in assumptions.overrides
        ],
        "correlation_repairs": list(result.repairs),
        "environment": {
            "python": platform.python_version(),
            "system": platform.system(),
            "machine": platform.machine(),
            **{name: version(name) for name in ("numpy", "numba", "pandas", "xlsxwriter")},
        },
        "files": hashes(folder, skip=lambda file: file.name == FILE),
    }


def product_version() -> str:
    """Version of the installed package, or of the source tree it runs from."""
    try:
        return version("alatau-finance")
    except PackageNotFoundError:
        return "0 (not installed)"


def write_manifest(result: Result, folder: Path) -> None:
    """Write manifest.json into ``folder``."""
    text = json.dumps(manifest_of(result, folder), ensure_ascii=False, indent=2)
    (folder / FILE).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run. Raises :class:`RunFolderError` where there is none or it cannot be read."""
    file = folder / FILE
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        data["scenario"], data["seed"], data["paths"], data["run_date"], data["digest"], data["files"]
        return dict(data)
    except FileNotFoundError as error:
        text = "{folder}: no run here, {file} is missing; name a folder that `alatau-fin simulate` wrote"
        raise RunFolderError(message(text, folder=folder, file=FILE)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise RunFolderError(message("{file}: not a manifest of a run ({reason})", file=file, reason=error)) from error
