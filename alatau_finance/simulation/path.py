"""The random numbers of a pool, and one path of it in plain Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alatau_finance.risk.factors import INDEPENDENT_PATHS, Sampling
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.reference import Draws, PathValues, run_path

if TYPE_CHECKING:
    from alatau_finance.risk.register import DrawPlan


def draw_plan(pool: BoundPool, seed: int, sampling: Sampling = INDEPENDENT_PATHS) -> DrawPlan:
    """The random numbers of ``pool`` under ``seed``, spread over paths as ``sampling`` says."""
    # Only here: numba and all distributions take time and memory to load, and a base case draws nothing.
    from alatau_finance.risk.register import plan_from_assumptions

    # Of every model: a risk keeps its unit where no project has the contract type that it strikes.
    units = {
        name: item.unit for plan in pool.plans.values() for name, item in (*plan.inputs.items(), *plan.series.items())
    }
    calendar = pool.calendar
    return plan_from_assumptions(
        pool.assumptions,
        lambda target: units.get(target, "1"),
        seed=seed,
        periods=calendar.periods,
        years_per_period=calendar.year_fraction,
        sampling=sampling,
    )


def path_draws(plan: DrawPlan, path: int) -> Draws:
    """The random inputs of one simulated path."""
    scalars, series = plan.draw_path(path)
    return Draws(scalars, {name: tuple(map(float, row)) for name, row in series.items()})


def path_values(pool: BoundPool, plan: DrawPlan, path: int) -> PathValues:
    """Every line of one simulated path, in plain Python."""
    return run_path(pool, path_draws(plan, path))
