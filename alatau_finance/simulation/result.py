"""What a run found, for reports to read and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alatau_finance.assumptions import Tie
from alatau_finance.modelling.expression import WholeLife
from alatau_finance.modelling.plan import Plan
from alatau_finance.risk.factors import SamplerName
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.checks import CheckCount
from alatau_finance.simulation.findings import PERCENTILES, ConvergenceRow, Estimate, Reached, RowSummary
from alatau_finance.simulation.reference import PathValues
from alatau_finance.simulation.undefined import Undefined, UndefinedMetric

#: Percentiles of a metric that are shown, in percent.
REPORTED = (10, 50, 90)


@dataclass(frozen=True)
class YearSummary:
    """A pool line in one budget year, over all paths."""

    line: str
    label: str
    unit: str
    year: int
    summary: RowSummary

    def named(self) -> dict[str, Any]:
        """Everything by the name that tables have for it."""
        told = {"line": self.line, "label": self.label, "unit": self.unit, "year": self.year}
        return told | self.summary.named()


@dataclass(frozen=True)
class ContractSummary:
    """A metric of one contract instance, over all paths."""

    project: str
    contract: str
    metric: str
    label: str
    unit: str
    summary: RowSummary


@dataclass(frozen=True)
class MetricSummary:
    """A metric of the pool: its values by path and what is said of them.

    ``shortfalls`` are the means of the largest 10 and 5 % of values, by 90 and 95. ``interval`` is that of a
    probability, where the metric is a flag.
    """

    name: str
    label: str
    unit: str
    values: NDArray[np.float64]
    summary: RowSummary
    shortfalls: Mapping[int, Estimate]
    interval: tuple[float, float] | None

    @property
    def standard_errors(self) -> Mapping[str, float]:
        """The standard error of each figure of the metric that is reported, by its name."""
        of_percentiles = zip(PERCENTILES, self.summary.percentile_errors, strict=True)
        return {
            "mean": self.summary.standard_error,
            **{f"p{percent}": error for percent, error in of_percentiles if percent in REPORTED},
            **{f"cvar{percent}": found.standard_error for percent, found in self.shortfalls.items()},
        }


@dataclass(frozen=True, eq=False)
class Result:
    """A finished run. ``digest`` is of every number kept of every path; ``base_case`` is the path without risks.

    ``reached`` says what the targets of a run came to that was lengthened until it was sure enough.
    """

    pool: BoundPool
    seed: int
    sampler: SamplerName
    paths: int
    digest: str
    metrics: Mapping[str, MetricSummary]
    years: tuple[YearSummary, ...]
    contracts: tuple[ContractSummary, ...]
    checks: tuple[CheckCount, ...]
    ties: tuple[Tie, ...]
    base_case: PathValues
    repairs: tuple[str, ...]
    convergence: tuple[ConvergenceRow, ...] = ()
    reached: tuple[Reached, ...] = ()

    @property
    def scenario(self) -> str:
        """Name of the scenario."""
        return self.pool.assumptions.scenario.name

    @property
    def name(self) -> str:
        """What the run is, as a name for its folder."""
        return f"{self.scenario}-seed{self.seed}-{self.paths}paths-{self.digest[:8]}"

    @property
    def undefined(self) -> tuple[UndefinedMetric, ...]:
        """Every rate of return of every model, and whatever else had no value on some path."""
        plans = {instances[0].plan.key: instances[0].plan for instances in self.pool.contracts.values() if instances}
        plans[self.pool.pool.plan.key] = self.pool.pool.plan
        rows = [((item.contract, item.metric), item.summary) for item in self.contracts]
        rows += [((self.pool.pool.plan.key, name), metric.summary) for name, metric in self.metrics.items()]
        found: dict[tuple[str, str], tuple[int, Undefined]] = {}
        for key, summary in rows:
            evaluated, undefined = found.get(key, (0, Undefined()))
            found[key] = (evaluated + self.paths, undefined + summary.reasons)
        return tuple(
            UndefinedMetric(model, plans[model].title, name, plans[model].lines[name].label, evaluated, undefined)
            for (model, name), (evaluated, undefined) in found.items()
            if undefined.total or _is_rate(plans[model], name)
        )

    @property
    def checks_failed(self) -> int:
        """Named checks that failed on some path, and totals that do not tie."""
        return sum(check.failed > 0 for check in self.checks) + sum(not tie.ok for tie in self.ties)

    @property
    def checks_total(self) -> int:
        """Named checks and totals looked at."""
        return len(self.checks) + len(self.ties)


def _is_rate(plan: Plan, name: str) -> bool:
    """Whether a line of ``plan`` is made of a rate of return."""
    return any(isinstance(node, WholeLife) and node.reducer == "irr" for node in plan.lines[name].formula.walk())
