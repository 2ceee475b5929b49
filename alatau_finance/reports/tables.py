"""Results as Parquet tables: metrics by path, fans by budget year, contracts, the pool by stage, and assumptions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from alatau_finance.audit.recorded import CONTRACTS, CONVERGENCE, FANS, METRICS, PATH
from alatau_finance.simulation.result import Result
from alatau_finance.simulation.tables import DIMENSIONS, MEASURES, pool_table


def write_tables(result: Result, folder: Path) -> None:
    """Write metrics, fans, contracts, convergence and pool_table as .parquet, and assumptions.csv, into ``folder``."""
    metrics_frame(result).to_parquet(folder / METRICS, index=False)
    pd.DataFrame([item.named() for item in result.years]).to_parquet(folder / FANS, index=False)
    contracts_frame(result).to_parquet(folder / CONTRACTS, index=False)
    convergence_frame(result).to_parquet(folder / CONVERGENCE, index=False)
    pool_table_frame(result).to_parquet(folder / "pool_table.parquet", index=False)
    assumptions_frame(result).to_csv(folder / "assumptions.csv", index=False, encoding="utf-8-sig", lineterminator="\n")


def metrics_frame(result: Result) -> pd.DataFrame:
    """One row a path, one column a metric of the pool."""
    columns = {PATH: np.arange(result.paths)}
    return pd.DataFrame(columns | {name: metric.values for name, metric in result.metrics.items()})


def contracts_frame(result: Result) -> pd.DataFrame:
    """One row a metric of a contract of a project, with its distribution over paths."""
    rows = [
        {
            "project": item.project,
            "contract": item.contract,
            "metric": item.metric,
            "label": item.label,
            "unit": item.unit,
            **item.summary.named(),
        }
        for item in result.contracts
    ]
    return pd.DataFrame(rows)


def convergence_frame(result: Result) -> pd.DataFrame:
    """One row a metric, figure and number of paths: what the figure was by then, and its standard error."""
    rows = [
        (row.metric, row.figure, row.paths, row.estimate.figure, row.estimate.standard_error)
        for row in result.convergence
    ]
    return pd.DataFrame(rows, columns=["metric", "figure", "paths", "value", "standard_error"])


def pool_table_frame(result: Result) -> pd.DataFrame:
    """One row a stage, sector, contract type and budget year of the base case, amounts in bn KZT."""
    table = pool_table(result.pool, result.base_case)
    columns = [*DIMENSIONS, *MEASURES]
    rows = [
        [getattr(row, name) for name in DIMENSIONS] + [getattr(row.amounts, name) for name in MEASURES]
        for row in table.rows
    ]
    return pd.DataFrame(rows, columns=columns)


def assumptions_frame(result: Result) -> pd.DataFrame:
    """One row a value as the run used it, scenario applied, with where it comes from."""
    rows = []
    for value in result.pool.assumptions.all_values():
        dated = "; ".join(f"{day.isoformat()}: {number:g}" for day, number in value.values or ())
        rows.append(
            {
                "path": value.path,
                "value": value.value if value.value is not None else dated,
                "unit": value.unit,
                "low": value.low,
                "high": value.high,
                "as_of": value.as_of.isoformat(),
                "source": ", ".join(value.source),
                "basis": value.basis,
                "note": value.note,
                "where": f"{value.file}:{value.line}",
            }
        )
    return pd.DataFrame(rows)
