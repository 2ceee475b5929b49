"""The reference project in numpy with an array for every line, for somebody who wants to look at any of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.reference_model import CALENDAR, CONSTANTS, SPENDING
from benchmarks.vectorised import CHUNK, Floats, rate_of_return


def run(inputs: Floats) -> Floats:
    """The metrics [8, n] of scenarios with random inputs [4, n]."""
    found = np.empty((8, inputs.shape[1]))
    for first in range(0, inputs.shape[1], CHUNK):
        found[:, first : first + CHUNK] = _metrics(lines(inputs[:, first : first + CHUNK]))
    return found


def lines(inputs: Floats) -> Mapping[str, Floats]:
    """Every line [T, n] by its name in the model; what is the same in all scenarios as [T, 1]."""
    overrun, inflation, _, level = inputs
    given, year = CONSTANTS, np.arange(CALENDAR.periods)[:, None]
    served = given["construction_years"] + given["repayment_years"]
    depreciated = given["construction_years"] + given["depreciation_years"]
    x: dict[str, Floats] = {"under_construction": (year < given["construction_years"]).astype(np.float64)}
    x["repaying"] = (1.0 - x["under_construction"]) * (year < served)
    x["depreciating"] = (1.0 - x["under_construction"]) * (year < depreciated)
    x["price_index"] = (1.0 + inflation) ** year
    x["equity_discount_factor"] = (1.0 + given["equity_discount_rate"]) ** -year.astype(float)
    x["project_discount_factor"] = (1.0 + given["project_discount_rate"]) ** -year.astype(float)
    x["capital_expenditure"] = given["base_cost"] * SPENDING[:, None] * overrun * x["price_index"]
    x["drawdown"] = given["gearing"] * x["capital_expenditure"]
    x["equity_paid_in"] = x["capital_expenditure"] - x["drawdown"]
    _debt(x, inputs[2])
    x["debt_service"] = x["interest"] + x["principal"]
    operated = 1.0 - x["under_construction"]
    x["revenue"] = given["base_revenue"] * level * x["price_index"] * operated
    x["operating_cost"] = given["base_operating_cost"] * x["price_index"] * operated
    x["operating_profit"] = x["revenue"] - x["operating_cost"]
    share = x["depreciating"] / given["depreciation_years"]
    x["depreciation"] = (x["capital_expenditure"].sum(0) + x["capitalised_interest"].sum(0)) * share
    x["project_depreciation"] = x["capital_expenditure"].sum(0) * share
    x["taxable_income"] = x["operating_profit"] - x["depreciation"] - x["interest"]
    _tax(x, "")
    x["project_taxable_income"] = x["operating_profit"] - x["project_depreciation"]
    _tax(x, "project_")
    x["cash_for_debt_service"] = x["operating_profit"] - x["tax"]
    with np.errstate(divide="ignore", invalid="ignore"):
        x["coverage"] = np.where(x["repaying"] > 0.0, x["cash_for_debt_service"] / x["debt_service"], np.nan)
    x["equity_cash_flow"] = x["cash_for_debt_service"] - x["debt_service"] - x["equity_paid_in"]
    x["project_cash_flow"] = x["operating_profit"] - x["project_tax"] - x["capital_expenditure"]
    return x


def _debt(x: dict[str, Floats], rate: Floats) -> None:
    """The lines of the loan, which depend on the year before."""
    names = ("capitalised_interest", "construction_loan", "opening_balance", "interest", "principal", "closing_balance")
    x |= {name: np.zeros_like(x["drawdown"]) for name in names}
    build, repay = int(CONSTANTS["construction_years"]), int(CONSTANTS["repayment_years"])
    balance = np.zeros_like(rate)
    for t in range(CALENDAR.periods):
        x["opening_balance"][t] = balance
        if t < build:
            drawn = balance + CONSTANTS["drawn_on_average"] * x["drawdown"][t]
            x["capitalised_interest"][t] = rate * drawn
            balance = balance + x["drawdown"][t] + x["capitalised_interest"][t]
            level = balance * rate / (1.0 - (1.0 + rate) ** -repay)
            x["construction_loan"][t] = balance
        else:
            x["construction_loan"][t] = x["construction_loan"][build - 1]
            if t < build + repay:
                x["interest"][t] = rate * balance
                x["principal"][t] = level - x["interest"][t]
                balance = balance - x["principal"][t]
        x["closing_balance"][t] = balance


def _tax(x: dict[str, Floats], case: str) -> None:
    """The lines of a tax with losses carried forward, ``case`` before their names."""
    income = x[f"{case}taxable_income"]
    opening, used, losses = (np.zeros_like(income) for _ in range(3))
    profit, left = np.maximum(income, 0.0), np.zeros(income.shape[1])
    for t in range(len(income)):
        opening[t] = left
        used[t] = np.minimum(left, profit[t])
        left = left - used[t] + np.maximum(-income[t], 0.0)
        losses[t] = left
    x[f"{case}opening_losses"], x[f"{case}losses_used"], x[f"{case}losses"] = opening, used, losses
    x[f"{case}tax"] = CONSTANTS["tax_rate"] * (profit - used)


def _metrics(x: Mapping[str, Floats]) -> Floats:
    covered = x["coverage"][x["repaying"][:, 0] > 0.0]
    return np.array(
        [
            covered.min(0),
            covered.mean(0),
            rate_of_return(x["equity_cash_flow"]),
            (x["equity_cash_flow"] * x["equity_discount_factor"]).sum(0),
            rate_of_return(x["project_cash_flow"]),
            (x["project_cash_flow"] * x["project_discount_factor"]).sum(0),
            x["construction_loan"][-1],
            x["tax"].sum(0),
        ]
    )
