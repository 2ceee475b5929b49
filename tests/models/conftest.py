"""A small neutral world: no inflation, a flat exchange rate, no tax, no fees; each test changes what it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from alatau_finance.backends.python import Computed, run_python
from alatau_finance.modelling import Model
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.modelling.plan import build_plan
from models.budget import Budget
from models.concession import Concession
from models.economy import Economy
from models.epcf import EpcF
from models.investment import Investment
from models.pool import Pool

Lines = Mapping[str, Computed]

#: Inputs that are 1 in the neutral world; all others are 0 unless they stand in TERMS.
ONES = (
    "financing_share",
    "prices_are_real",
    "base_price_level",
    "one_year",
    "private_mobilisation",
    "shortfall_to_budget",
    "republican_share",
    "demand_factor",
    "domestic_sales_share",
    "interest_capitalised",
    "loss_offset_limit",
)
TERMS = {
    "cost": 100.0,
    "start": 2026.0,
    "duration": 1.0,
    "s_curve_quadratic": 4.8,
    "s_curve_cubic": -5.6,
    "s_curve_quartic": 1.8,
    "repayment_term": 5.0,
    "operation_term": 5.0,
    "concession_term": 5.0,
    "asset_life": 5.0,
    "usdkzt_spot": 500.0,
}
INDICES = ("construction_price_index", "imported_price_index", "price_index", "exchange_rate_index", "discount_factor")
MODELS: dict[str, type[Model]] = {model.key: model for model in (Economy, EpcF, Budget, Concession, Investment, Pool)}


@pytest.fixture(scope="session")
def run() -> Callable[..., Lines]:
    """``run("epcf", periods_per_year=2, cost=50.0)``: every line of the model in the neutral world, so changed.

    A model class in place of a key is run as it is.
    """
    plans = {key: build_plan(model) for key, model in MODELS.items()}

    def run_model(model: str | type[Model], *, periods_per_year: int = 1, years: int = 12, **changes: Any) -> Lines:
        plan = plans[model] if isinstance(model, str) else build_plan(model)
        calendar = Calendar(2026, 2025 + years, 0, periods_per_year)
        unknown = set(changes) - {*plan.inputs, *plan.series, *plan.gathers}
        assert not unknown, f"{plan.key} has no {unknown}"
        given: dict[str, Any] = {name: TERMS.get(name, float(name in ONES)) for name in plan.inputs}
        given |= {name: [float(name in INDICES)] * calendar.periods for name in plan.series}
        for name, gather in plan.gathers.items():
            given[name] = 0.0 if gather.whole_life else [0.0] * calendar.periods
        for name, value in changes.items():
            periodic = plan.is_periodic(name)
            given[name] = [value] * calendar.periods if periodic and isinstance(value, float) else value
        lines = run_python(plan, given, calendar)
        assert {name: lines[name] for name in plan.of_kind("check") if not lines[name] <= 1e-9} == {}
        return lines

    return run_model
