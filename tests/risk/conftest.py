"""A small register of every kind of risk, shared by the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from alatau_finance.risk.register import CorrelationRule, DrawPlan, RiskFactor, build_draw_plan

CLASSES = {"arna": "power", "kaskelen": "power", "ring_road": "roads"}
OVERRUN = {"body_mean": 0.1, "body_sd": 0.2, "tail_probability": 0.1, "tail_mean": 0.9}


def factor(risk: str, distribution: str = "standard_normal", scope_id: str = "", **options: Any) -> RiskFactor:
    """A risk factor with what matters to the test; ``scope_id`` set means a project."""
    options.setdefault("scope", "project" if scope_id else "pool")
    options.setdefault("parameters", {})
    return RiskFactor(risk, options.pop("target", risk), scope_id=scope_id, distribution=distribution, **options)


def factors() -> list[RiskFactor]:
    """Three projects with overrun and delay, a pool-wide lognormal, two shocks and a jump every period."""
    delay = {"low": 0.0, "mode": 0.5, "high": 3.0}
    return [
        *(factor("cost_overrun", "body_and_tail", project, parameters=OVERRUN) for project in CLASSES),
        *(factor("delay", "pert", project, parameters=delay) for project in CLASSES),
        factor("demand", "lognormal", parameters={"median": 1.0, "sigma": 0.25}),
        factor("usdkzt_shock", per_period=True),
        factor("cpi_shock", per_period=True),
        factor("devaluation", "jump", per_period=True, parameters={"probability": 0.1, "mean_log": 0.3, "sd_log": 0.1}),
    ]


RULES = (
    CorrelationRule("common", ("cost_overrun", "delay"), 0.2),
    CorrelationRule("same_class", ("cost_overrun",), 0.5),
    CorrelationRule("within_project", ("cost_overrun", "delay"), 0.6),
    CorrelationRule("pair", ("usdkzt_shock", "cpi_shock"), 0.4),
)


@pytest.fixture(scope="session")
def make_plan() -> Callable[..., DrawPlan]:
    """build_draw_plan with this folder's risks, any part replaced."""

    def make(given: list[RiskFactor] | None = None, rules: Any = RULES, **options: Any) -> DrawPlan:
        settings = {"seed": 20260401, "periods": 7, "years_per_period": 0.5} | options
        return build_draw_plan(factors() if given is None else given, rules, CLASSES, **settings)

    return make


@pytest.fixture(scope="session")
def draw_many() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Scalars [factor, path] and series [period, factor, path] of the first blocks."""

    def draw(plan: DrawPlan, blocks: int, first_path: int = 0) -> tuple[np.ndarray, np.ndarray]:
        scalars = np.empty((blocks, *plan.scalar_shape))
        series = np.empty((blocks, *plan.series_shape))
        for block in range(blocks):
            plan.draw(first_path + 64 * block, scalars[block], series[block])
        flat_scalars = np.moveaxis(scalars, 0, 1).reshape(scalars.shape[1], 64 * blocks)
        flat_series = np.moveaxis(series, 0, 2).reshape(series.shape[1], series.shape[2], 64 * blocks)
        return flat_scalars, flat_series

    return draw
