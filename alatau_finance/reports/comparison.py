"""A comparison of financing choices as JSON and as a table with a line for every figure."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from alatau_finance.analysis.comparison import Comparison, Estimate, ModeCost, PremiumOf
from alatau_finance.analysis.mode_run import MONEY, Measure

#: What a financing premium is, by whose definition it is.
PREMIUM_DEFINITIONS: Mapping[PremiumOf, str] = {
    "contract": "present value of payments for the works less present value of the works, at the contract's price",
    "comparator": "present value of payments less that of budget procurement, both with taxes",
}

_COLUMNS = ("choice", "measure", "year", "unit", "mean", "standard_error", "p10", "p50", "p90", "base_case")


def comparison_data(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON has it, money in bn KZT; what is not a number is null."""
    assumptions = comparison.assumptions
    return {
        "project": comparison.project.id if comparison.project else None,
        "scenario": assumptions.scenario.name,
        "run_date": assumptions.timeline.run_date.isoformat(),
        "seed": comparison.seed,
        "sampler": comparison.sampling.sampler,
        "paths": comparison.paths,
        "unit": MONEY,
        "modes": {name: _mode_data(cost) for name, cost in comparison.modes.items()},
        "public_sector_comparator": {name: _measure_data(part) for name, part in comparison.comparator.items()},
        "checks": {
            "evaluated": sum(check.evaluated for _, check in comparison.checks),
            "failed": [
                {
                    "run": run,
                    "name": check.name,
                    "paths_failed": check.paths_failed,
                    "first_failing_path": check.first_failing_path,
                    "first_failing_instance": check.first_failing_instance,
                }
                for run, check in comparison.failed
            ],
        },
    }


def _mode_data(cost: ModeCost) -> dict[str, Any]:
    rates = {
        name: {**_measure_data(rate), "undefined": rate.summary.undefined, "unit": rate.unit}
        for name, rate in cost.rates.items()
    }
    definition = PREMIUM_DEFINITIONS[cost.premium_of]
    return {
        "net_present_cost": _measure_data(cost.net_present_cost),
        "pv_state_payments": _measure_data(cost.pv_state_payments),
        "value_for_money": _measure_data(cost.value_for_money),
        "value_with_neutrality": _measure_data(cost.value_with_neutrality) if cost.value_with_neutrality else None,
        "financing_premium": {**_measure_data(cost.financing_premium), "definition": definition},
        "risk_transferred": _estimate_data(cost.risk_transferred, "mean"),
        "probability_cheapest": _estimate_data(cost.probability_cheapest) if cost.probability_cheapest else None,
        "payments_by_year": {year: _measure_data(payment) for year, payment in cost.payments.items()},
        "total_payments": _measure_data(cost.total_payments),
        "peak_payment": {**_measure_data(cost.peak_payment), "year": cost.peak_year},
        "peak_obligations": _measure_data(cost.peak_obligations) if cost.peak_obligations else None,
        "rates": rates,
        "ceilings": {
            name: _estimate_data(Estimate(breach.summary.mean, breach.summary.standard_error))
            for name, breach in cost.ceilings.items()
        },
        "state_share": cost.state_share,
    }


def _measure_data(measure: Measure) -> dict[str, float | None]:
    return {name: _known(value) for name, value in _figures(measure).items()}


def _figures(measure: Measure) -> dict[str, float]:
    summary = measure.summary
    return {
        "mean": summary.mean,
        "standard_error": summary.standard_error,
        **{f"p{percent}": summary.percentile(percent) for percent in (10, 50, 90)},
        "base_case": measure.base_case,
    }


def _estimate_data(estimate: Estimate, name: str = "value") -> dict[str, float | None]:
    return {name: _known(estimate.value), "standard_error": _known(estimate.standard_error)}


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def write_comparison(comparison: Comparison, file: Path) -> None:
    """Write every figure of every choice into ``file``, a CSV that spreadsheets read as UTF-8."""
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        for name, cost in comparison.modes.items():
            for line in _lines(cost):
                writer.writerow(
                    {"choice": name, **{key: "" if value is None else value for key, value in line.items()}}
                )


def _lines(cost: ModeCost) -> Iterator[dict[str, Any]]:
    measures: dict[str, Measure | None] = {
        "net_present_cost": cost.net_present_cost,
        "pv_state_payments": cost.pv_state_payments,
        "value_for_money": cost.value_for_money,
        "value_with_neutrality": cost.value_with_neutrality,
        "financing_premium": cost.financing_premium,
        "total_payments": cost.total_payments,
        "peak_payment": cost.peak_payment,
        "peak_obligations": cost.peak_obligations,
        **cost.rates,
        **cost.ceilings,
    }
    for name, measure in measures.items():
        if measure is not None:
            yield {"measure": name, "unit": measure.unit, **_measure_data(measure)}
    yield {"measure": "risk_transferred", "unit": MONEY, **_estimate_data(cost.risk_transferred, "mean")}
    if cost.probability_cheapest is not None:
        yield {"measure": "probability_cheapest", "unit": "1", **_estimate_data(cost.probability_cheapest, "mean")}
    for year, payment in cost.payments.items():
        yield {"measure": "payments_by_year", "year": year, "unit": payment.unit, **_measure_data(payment)}
