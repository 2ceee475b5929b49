"""One run of a comparison: what it keeps of every path, the base case beside it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from alatau_finance.analysis.modes import COMPARATOR, NET_PRESENT_COST
from alatau_finance.risk.register import DrawPlan
from alatau_finance.simulation.binding import BoundPool, Instance
from alatau_finance.simulation.checks import CheckCount
from alatau_finance.simulation.engine import Engine
from alatau_finance.simulation.findings import RowSummary
from alatau_finance.simulation.reference import PathValues, run_path
from alatau_finance.simulation.run import open_store
from alatau_finance.simulation.store import RowStore
from alatau_finance.simulation.summary import summarise_row

MONEY = "bn KZT"
#: Metrics of contracts, which have these names in every contract type that has them.
_PRESENT_VALUE, _PREMIUM = "pv_state_payments", "financing_premium"
#: The public-sector comparator and its parts, which only budget procurement has.
PUBLIC_SECTOR_COMPARATOR, _PARTS = "public_sector_comparator", "psc_"
#: What is read of the pool: payments by budget year, obligations at their highest, whether a ceiling is breached.
_PAYMENTS, _PEAK_OBLIGATIONS, _BREACH = "state_payments", "peak_obligations", "breach_"


@dataclass(frozen=True)
class Measure:
    """What is said of a number over all paths, and its value in the base case."""

    label: str
    unit: str
    base_case: float
    summary: RowSummary


@dataclass(frozen=True, eq=False)
class Row:
    """A number on every path and in the base case; rows of the same draws are added and subtracted path by path.

    ``pairs``: paths 2k and 2k + 1 are antithetic.
    """

    values: NDArray[np.float64]
    base_case: float
    pairs: bool = False

    def __add__(self, other: Row) -> Row:
        return Row(self.values + other.values, self.base_case + other.base_case, self.pairs)

    def __sub__(self, other: Row) -> Row:
        return Row(self.values - other.values, self.base_case - other.base_case, self.pairs)

    def larger(self, other: Row) -> Row:
        """The larger of two rows, path by path."""
        return Row(np.maximum(self.values, other.values), max(self.base_case, other.base_case), self.pairs)

    def measure(self, name: str, label: str = "", unit: str = MONEY) -> Measure:
        """What is said of the row."""
        return Measure(label, unit, self.base_case, summarise_row(name, self.values, pairs=self.pairs))


@dataclass(frozen=True, eq=False)
class LabelledRow:
    """A row with the label of its line."""

    label: str
    row: Row


@dataclass(frozen=True, eq=False)
class ModeRun:
    """What a run with one financing choice found. Rows are kept where another run's are set against them.

    ``premium`` is None where not every deferred contract has a financing premium of its own; ``comparator`` is empty
    where not every contract has a public-sector comparator.
    """

    net_present_cost: Row
    present_value: Row
    premium: Row | None
    comparator: Mapping[str, LabelledRow]
    payments: Mapping[int, Measure]
    total_payments: Measure
    peak_payment: Measure
    peak_obligations: Measure | None
    ceilings: Mapping[str, Measure]
    rates: Mapping[str, Measure]
    checks: tuple[CheckCount, ...]


def run_mode(
    pool: BoundPool,
    draws: DrawPlan,
    paths: int,
    *,
    threads: int | None = None,
    progress: Callable[[int], None] = lambda paths: None,
) -> ModeRun:
    """Run ``paths`` paths of ``pool``. Rows of results lie in a temporary file while the run lasts."""
    engine = Engine(pool, draws)
    engine.warm_up()
    with (
        tempfile.TemporaryDirectory(prefix="alatau-") as folder,
        open_store(Path(folder) / "rows.f64", rows_kept(engine), paths) as store,
    ):
        checks = engine.simulate(store, threads=threads, progress=progress)
        return _Reader(pool, store, run_path(pool), draws.sampling.sampler == "antithetic").mode_run(checks)


def rows_kept(engine: Engine) -> list[str]:
    """Names of the rows that a comparison reads of a run."""
    return [name for name in engine.row_names() if name.startswith(("pool:", f"yearly:{_PAYMENTS}:", "contract:"))]


class _Reader:
    """Rows of a store with their base case, by instance and by pool."""

    def __init__(self, pool: BoundPool, store: RowStore, base_case: PathValues, pairs: bool) -> None:
        self._pool = pool
        self._store = store
        self._base_case = base_case
        self._pairs = pairs
        self._places = {name: place for place, name in enumerate(store.rows)}

    def mode_run(self, checks: tuple[CheckCount, ...]) -> ModeRun:
        """Everything that a comparison reads of the run."""
        state = [each for each in self._pool.instances() if NET_PRESENT_COST in each.plan.of_kind("metric")]
        deferred = [each for each in state if each.plan.key != COMPARATOR]
        own_premiums = all(_PREMIUM in each.plan.of_kind("metric") for each in deferred)
        payments = {year: self._year(_PAYMENTS, place) for place, year in enumerate(self._pool.calendar.budget_years)}
        obligations = self._pool_metrics(_PEAK_OBLIGATIONS)
        return ModeRun(
            self._sum(NET_PRESENT_COST, state),
            self._sum(_PRESENT_VALUE, state),
            self._sum(_PREMIUM, deferred) if own_premiums else None,
            self._comparator(state),
            MappingProxyType({year: row.measure(f"payments {year}") for year, row in payments.items()}),
            _folded(payments.values(), Row.__add__).measure("total_payments"),
            _folded(payments.values(), Row.larger).measure("peak_payment"),
            obligations.get(_PEAK_OBLIGATIONS),
            self._pool_metrics(_BREACH),
            MappingProxyType(self._rates(state)),
            checks,
        )

    def _row(self, name: str, base_case: float) -> Row:
        place = self._places[name]
        return Row(self._store.read(place, place + 1)[0], base_case, self._pairs)

    def _metric(self, instance: Instance, name: str) -> Row:
        base_case = self._base_case.lines[instance.key][name]
        return self._row(f"contract:{instance.key}:{name}", float(base_case))  # type: ignore[arg-type]

    def _sum(self, name: str, instances: Iterable[Instance]) -> Row:
        """The metric over instances, added in their order; 0 where there is none."""
        nothing = Row(np.zeros(self._store.paths), 0.0, self._pairs)
        return sum((self._metric(instance, name) for instance in instances), nothing)

    def _comparator(self, instances: Sequence[Instance]) -> Mapping[str, LabelledRow]:
        if {each.plan.key for each in instances} != {COMPARATOR}:
            return {}
        plan = instances[0].plan
        names = [name for name in plan.of_kind("metric") if name.startswith((_PARTS, PUBLIC_SECTOR_COMPARATOR))]
        return {name: LabelledRow(plan.lines[name].label, self._sum(name, instances)) for name in names}

    def _year(self, line: str, place: int) -> Row:
        each, year = self._pool.calendar.periods_per_year, self._pool.calendar.budget_years[place]
        periods = self._base_case.lines[self._pool.pool.key][line]
        base_case = sum(periods[place * each : (place + 1) * each])  # type: ignore[index]
        return self._row(f"yearly:{line}:{year}", base_case)

    def _pool_metrics(self, prefix: str) -> Mapping[str, Measure]:
        plan, base_case = self._pool.pool.plan, self._base_case.lines[self._pool.pool.key]
        found = {}
        for name in plan.of_kind("metric"):
            if name.startswith(prefix):
                row = self._row(f"pool:{name}", float(base_case[name]))  # type: ignore[arg-type]
                found[name] = row.measure(name, plan.lines[name].label, plan.lines[name].unit)
        return MappingProxyType(found)

    def _rates(self, instances: Sequence[Instance]) -> dict[str, Measure]:
        """Annual rates of a single contract; those of several contracts have no sum."""
        if len(instances) != 1:
            return {}
        lines = instances[0].plan.lines
        names = [name for name in instances[0].plan.of_kind("metric") if lines[name].unit == "1/year"]
        return {
            name: self._metric(instances[0], name).measure(name, lines[name].label, lines[name].unit) for name in names
        }


def _folded(rows: Iterable[Row], how: Callable[[Row, Row], Row]) -> Row:
    first, *others = rows
    for row in others:
        first = how(first, row)
    return first
