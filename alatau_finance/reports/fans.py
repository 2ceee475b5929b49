"""The chart of fans: payments by the state by budget year, as a simulation found them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alatau_finance.reports.book import Fan

#: Lines of the pool that make the fan chart.
PAYMENTS, CEILING = "state_payments", "affordability_ceiling"


def fans_of(rows: Sequence[Mapping[str, Any]]) -> list[Fan]:
    """Payments by the state by budget year with the mean of their ceiling, of rows like those of fans.parquet."""
    ceilings = {row["year"]: float(row["mean"]) for row in rows if row["line"] == CEILING}
    return [
        Fan(
            line=row["line"],
            unit=row["unit"],
            year=int(row["year"]),
            **{name: float(row[name]) for name in ("p10", "p25", "p50", "p75", "p90")},
            ceiling=ceilings.get(row["year"]),
        )
        for row in rows
        if row["line"] == PAYMENTS
    ]
