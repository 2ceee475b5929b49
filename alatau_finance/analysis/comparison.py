"""What each financing choice costs the state, on the same random paths.

A draw is a function of seed, factor name and path, and every run of a comparison has the draws of the scenario as it
stands: all contract types meet the same overrun, slip, prices and exchange rate, so that differences are signal.

    value for money         = net present cost of the comparator - that of the choice
    risk transferred        = (mean - base case) of the comparator - (mean - base case) of the choice
    value for money (mean)  = value for money (base case) + risk transferred

The comparator is budget procurement of the same works. Net present costs are net of the taxes that return to the
budgets, each choice of its own; the public-sector comparator adds to the budget's the taxes that a private owner would
pay, so value for money by it (``value_with_neutrality``) stands beside the other and is not the measure: where a
choice's payments carry those taxes, they would count twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np

from alatau_finance.analysis.mode_run import PUBLIC_SECTOR_COMPARATOR, Measure, ModeRun, run_mode
from alatau_finance.analysis.modes import (
    COMPARATOR,
    all_by,
    budget_as_planned,
    chosen_modes,
    find_project,
    modes_of,
    only,
    state_share,
)
from alatau_finance.assumptions import Assumptions, Project
from alatau_finance.modelling.model import Model
from alatau_finance.modelling.plan import build_plan
from alatau_finance.risk.factors import DEFAULT_SAMPLER, SamplerName, Sampling
from alatau_finance.simulation.binding import BoundPool, bind
from alatau_finance.simulation.checks import CheckCount
from alatau_finance.simulation.pairs import pair_error
from alatau_finance.simulation.path import draw_plan
from alatau_finance.simulation.run import DEFAULT_SEED, Stage

DEFAULT_PATHS = 10_000
#: The scenario's own financing splits, beside the modes.
AS_PLANNED = "as_planned"
#: What that is held against: private money as planned, the budget for the rest.
BUDGET_AS_PLANNED = "budget_as_planned"

#: Whose definition of the financing premium: the contracts' own metric, or what the gross present value of payments
#: exceeds the comparator's by.
PremiumOf = Literal["contract", "comparator"]


@dataclass(frozen=True)
class Estimate:
    """A number estimated from paths, with its standard error."""

    value: float
    standard_error: float


@dataclass(frozen=True, eq=False)
class ModeCost:
    """What one financing choice costs the state. Money in bn KZT; ``payments`` by budget year, nominal, with VAT.

    ``peak_year`` is the budget year with the largest mean payment; ``peak_payment`` is the largest of each path,
    whichever its year. ``probability_cheapest`` is None, and ``state_share`` less than 1, for splits as planned: they
    leave works to private money. ``value_with_neutrality`` is None for the comparator itself, and without its metric.
    ``rates`` are those of a single contract, ``ceilings`` those of the whole pool.
    """

    name: str
    net_present_cost: Measure
    pv_state_payments: Measure
    value_for_money: Measure
    value_with_neutrality: Measure | None
    risk_transferred: Estimate
    financing_premium: Measure
    premium_of: PremiumOf
    probability_cheapest: Estimate | None
    payments: Mapping[int, Measure]
    total_payments: Measure
    peak_payment: Measure
    peak_year: int
    peak_obligations: Measure | None
    rates: Mapping[str, Measure]
    ceilings: Mapping[str, Measure]
    state_share: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """The choices side by side; ``project`` is None where every project of the scenario is compared.

    ``comparator`` is the public-sector comparator and its parts; ``checks`` are those of every run, each with the name
    of the run.
    """

    assumptions: Assumptions
    project: Project | None
    seed: int
    sampling: Sampling
    modes: Mapping[str, ModeCost]
    comparator: Mapping[str, Measure]
    checks: tuple[tuple[str, CheckCount], ...]

    @property
    def paths(self) -> int:
        """Paths of each run."""
        return self.sampling.paths

    @property
    def failed(self) -> tuple[tuple[str, CheckCount], ...]:
        """Checks that failed on some path."""
        return tuple((name, check) for name, check in self.checks if check.failed)


def compare_project(
    assumptions: Assumptions,
    models: Mapping[str, type[Model]],
    name: str,
    modes: Sequence[str] | None = None,
    *,
    paths: int = DEFAULT_PATHS,
    seed: int = DEFAULT_SEED,
    sampler: SamplerName = DEFAULT_SAMPLER,
    threads: int | None = None,
    progress: Callable[[Stage], None] = lambda stage: None,
) -> Comparison:
    """One infrastructure project wholly under each of ``modes``, all that there are by default.

    Raises UsageError for an unknown project or mode, BindingError where a contract type lacks an input.
    """
    project = find_project(assumptions, name)
    chosen = _chosen(assumptions, models, modes)
    alone = only(assumptions, project)
    needed = {mode: all_by(alone, mode) for mode in dict.fromkeys((COMPARATOR, *chosen))}
    sampling = Sampling(sampler, paths)
    runs = _runs(assumptions, models, needed, sampling, seed, threads, progress)
    # A pool of one project ties to no published total; the checks of its contracts stand.
    runs = {mode: replace(run, checks=_of_contracts(run.checks), ceilings={}) for mode, run in runs.items()}
    return _comparison(assumptions, project, seed, sampling, runs, chosen)


def compare_all(
    assumptions: Assumptions,
    models: Mapping[str, type[Model]],
    modes: Sequence[str] | None = None,
    *,
    paths: int = DEFAULT_PATHS,
    seed: int = DEFAULT_SEED,
    sampler: SamplerName = DEFAULT_SAMPLER,
    threads: int | None = None,
    progress: Callable[[Stage], None] = lambda stage: None,
) -> Comparison:
    """Every infrastructure project wholly under each of ``modes``, and the scenario's own splits.

    As planned, some works are left to private money: that column is held against budget procurement of what the state
    contracts, private money and its shortfall being the same in both. Raises as :func:`compare_project`.
    """
    chosen = _chosen(assumptions, models, modes)
    needed = {mode: all_by(assumptions, mode) for mode in dict.fromkeys((COMPARATOR, *chosen))}
    needed[AS_PLANNED] = assumptions
    if state_share(assumptions) < 1:
        needed[BUDGET_AS_PLANNED] = budget_as_planned(assumptions)
    sampling = Sampling(sampler, paths)
    runs = _runs(assumptions, models, needed, sampling, seed, threads, progress)
    return _comparison(assumptions, None, seed, sampling, runs, chosen)


def _chosen(
    assumptions: Assumptions, models: Mapping[str, type[Model]], asked: Sequence[str] | None
) -> tuple[str, ...]:
    return chosen_modes(asked, modes_of(assumptions, {key: build_plan(model) for key, model in models.items()}))


def _runs(
    assumptions: Assumptions,
    models: Mapping[str, type[Model]],
    needed: Mapping[str, Assumptions],
    sampling: Sampling,
    seed: int,
    threads: int | None,
    progress: Callable[[Stage], None],
) -> dict[str, ModeRun]:
    """A run for each of ``needed``, all with the draws of ``assumptions``."""
    pools: dict[str, BoundPool] = {name: bind(each, models) for name, each in needed.items()}
    # A project alone would have other correlations repaired, so the register is that of the whole scenario.
    draws = draw_plan(replace(next(iter(pools.values())), assumptions=assumptions), seed, sampling)
    progress(Stage("compile"))
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress(Stage("simulate", done, sampling.paths * len(pools)))

    return {
        name: run_mode(pool, draws, sampling.paths, threads=threads, progress=advance) for name, pool in pools.items()
    }


def _of_contracts(checks: Iterable[CheckCount]) -> tuple[CheckCount, ...]:
    return tuple(check for check in checks if not check.name.startswith("pool."))


def _comparison(
    assumptions: Assumptions,
    project: Project | None,
    seed: int,
    sampling: Sampling,
    runs: Mapping[str, ModeRun],
    chosen: Sequence[str],
) -> Comparison:
    cheapest = _cheapest([runs[mode] for mode in chosen], pairs=sampling.sampler == "antithetic")
    costs = {
        mode: _cost(mode, runs[mode], runs[COMPARATOR], probability)
        for mode, probability in zip(chosen, cheapest, strict=True)
    }
    if AS_PLANNED in runs:
        planned = _cost(AS_PLANNED, runs[AS_PLANNED], runs.get(BUDGET_AS_PLANNED, runs[COMPARATOR]), None)
        costs[AS_PLANNED] = replace(planned, state_share=state_share(assumptions))
    checks = tuple((name, check) for name, run in runs.items() for check in run.checks)
    parts = {name: part.row.measure(name, part.label) for name, part in runs[COMPARATOR].comparator.items()}
    return Comparison(assumptions, project, seed, sampling, MappingProxyType(costs), MappingProxyType(parts), checks)


def _cheapest(runs: Sequence[ModeRun], *, pairs: bool) -> list[Estimate]:
    """Share of paths on which each run costs least; a tie goes to the first. Errors are binomial or of pairs."""
    costs = np.stack([run.net_present_cost.values for run in runs])
    paths, best = costs.shape[1], np.argmin(costs, axis=0)
    won = [(best == number).astype(np.float64) for number in range(len(runs))]
    shares = [float(each.mean()) for each in won]
    if pairs:
        return [Estimate(share, pair_error(each, share)) for share, each in zip(shares, won, strict=True)]
    return [Estimate(share, math.sqrt(share * (1 - share) / paths)) for share in shares]


def _cost(mode: str, run: ModeRun, comparator: ModeRun, cheapest: Estimate | None) -> ModeCost:
    value = (comparator.net_present_cost - run.net_present_cost).measure("value_for_money")
    premium = run.present_value - comparator.present_value if run.premium is None else run.premium
    return ModeCost(
        mode,
        run.net_present_cost.measure("net_present_cost"),
        run.present_value.measure("pv_state_payments"),
        value,
        _value_with_neutrality(run, comparator),
        Estimate(value.summary.mean - value.base_case, value.summary.standard_error),
        premium.measure("financing_premium"),
        "comparator" if run.premium is None else "contract",
        cheapest,
        run.payments,
        run.total_payments,
        run.peak_payment,
        max(run.payments, key=lambda year: run.payments[year].summary.mean),
        run.peak_obligations,
        run.rates,
        run.ceilings,
        1.0,
    )


def _value_with_neutrality(run: ModeRun, comparator: ModeRun) -> Measure | None:
    with_neutrality = comparator.comparator.get(PUBLIC_SECTOR_COMPARATOR)
    if run is comparator or with_neutrality is None:
        return None
    return (with_neutrality.row - run.net_present_cost).measure("value_with_neutrality")
