"""The reference project in numpy, vectorised over scenarios: how a careful analyst would write it without this toolkit.

Written apart from the model, so that it also proves what the model computes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.reference_model import CALENDAR, CONSTANTS, RANDOM, SPENDING

Floats = NDArray[np.float64]

#: Scenarios worked on at once: their arrays then stay in the cache of the processor.
CHUNK = 1024
_LOWEST, _HIGHEST, _START, _TOLERANCE, _STEPS = 1 / 3, 2.0, 1 / 1.1, 1e-13, 80


def random_inputs(normals: Floats) -> Floats:
    """Standard normals [4, n] as overrun, inflation, interest rate and revenue level [4, n]."""
    overrun, inflation, rate, revenue = normals
    return np.array(
        [
            np.exp(0.05 + 0.15 * overrun),
            0.025 + 0.008 * inflation,
            np.maximum(0.055 + 0.010 * rate, 0.005),
            np.exp(0.12 * revenue),
        ]
    )


def simulate(paths: int, generator: np.random.Generator) -> Floats:
    """The metrics [8, paths] of drawn scenarios."""
    return run(random_inputs(generator.standard_normal((len(RANDOM), paths))))


def run(inputs: Floats) -> Floats:
    """The metrics [8, n] of scenarios with random inputs [4, n]."""
    found = np.empty((8, inputs.shape[1]))
    for first in range(0, inputs.shape[1], CHUNK):
        found[:, first : first + CHUNK] = _chunk(inputs[:, first : first + CHUNK])
    return found


def _chunk(inputs: Floats) -> Floats:
    overrun, inflation, rate, level = inputs
    given, periods = CONSTANTS, CALENDAR.periods
    build, repay = int(given["construction_years"]), int(given["repayment_years"])
    year = np.arange(periods)[:, None]
    operating, served = year >= build, slice(build, build + repay)
    index = (1 + inflation) ** year
    capital = given["base_cost"] * SPENDING[:, None] * overrun * index
    drawn = given["gearing"] * capital
    capitalised, interest, principal = _debt(drawn, rate, build, repay)
    debt = drawn.sum(0) + capitalised.sum(0)
    profit = (given["base_revenue"] * level - given["base_operating_cost"]) * index * operating
    share = (operating & (year < build + given["depreciation_years"])) / given["depreciation_years"]
    tax = _tax(profit - (capital.sum(0) + capitalised.sum(0)) * share - interest)
    project_tax = _tax(profit - capital.sum(0) * share)
    service, cash = interest + principal, profit - tax
    coverage = cash[served] / service[served]
    equity, project = cash - service - (capital - drawn), profit - project_tax - capital
    equity_factor = (1 + given["equity_discount_rate"]) ** -year.astype(float)
    project_factor = (1 + given["project_discount_rate"]) ** -year.astype(float)
    return np.array(
        [
            coverage.min(0),
            coverage.mean(0),
            rate_of_return(equity),
            (equity * equity_factor).sum(0),
            rate_of_return(project),
            (project * project_factor).sum(0),
            debt,
            tax.sum(0),
        ]
    )


def _debt(drawn: Floats, rate: Floats, build: int, repay: int) -> tuple[Floats, Floats, Floats]:
    capitalised, interest, principal = np.zeros_like(drawn), np.zeros_like(drawn), np.zeros_like(drawn)
    balance = np.zeros_like(rate)
    for t in range(build):
        capitalised[t] = rate * (balance + CONSTANTS["drawn_on_average"] * drawn[t])
        balance = balance + drawn[t] + capitalised[t]
    level = balance * rate / (1 - (1 + rate) ** -repay)
    for t in range(build, build + repay):
        interest[t] = rate * balance
        principal[t] = level - interest[t]
        balance = balance - principal[t]
    return capitalised, interest, principal


def _tax(income: Floats) -> Floats:
    profit, taxable, losses = np.maximum(income, 0.0), np.empty_like(income), np.zeros(income.shape[1])
    for t, earned in enumerate(profit):
        used = np.minimum(losses, earned)
        losses = losses - used + (earned - income[t])
        taxable[t] = earned - used
    return CONSTANTS["tax_rate"] * taxable


def rate_of_return(flows: Floats) -> Floats:
    """Rate [n] at which flows [T, n] are worth 0: Newton's steps in the discount factor, kept in a bracket."""
    low, high, factor = (np.full(flows.shape[1], each) for each in (_LOWEST, _HIGHEST, _START))
    for _ in range(_STEPS):
        value, slope = np.zeros_like(factor), np.zeros_like(factor)
        for flow in flows[::-1]:
            slope *= factor
            slope += value
            value *= factor
            value += flow
        below = value < 0.0
        low, high = np.where(below, factor, low), np.where(below, high, factor)
        step = factor - value / slope
        step = np.where((low <= step) & (step <= high), step, 0.5 * (low + high))
        moved = np.abs(step - factor)
        factor = step
        if (moved <= _TOLERANCE).all():
            break
    return 1 / factor - 1
