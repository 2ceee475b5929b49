"""Tables that a finished run keeps, read back in pieces: a run may have millions of rows.

Without pandas, whose loading alone takes more memory than all that is read here.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyarrow.parquet import ParquetFile

METRICS = "metrics.parquet"
CONTRACTS = "contracts.parquet"
FANS = "fans.parquet"
CONVERGENCE = "convergence.parquet"
#: The column of metrics.parquet that is no metric.
PATH = "path"


def rows_of(file: Path) -> list[dict[str, Any]]:
    """All rows of a table, by column name; NaN where there is no value."""
    with ParquetFile(file) as table:
        return [_known(row) for batch in table.iter_batches(use_threads=False) for row in batch.to_pylist()]


def row_at(file: Path, number: int) -> dict[str, Any]:
    """One row of a table, counted from 0, by column name; NaN where there is no value.

    Raises :class:`IndexError` where the table has fewer.
    """
    with ParquetFile(file) as table:
        for batch in table.iter_batches(use_threads=False):
            if number < batch.num_rows:
                return _known(batch.slice(number, 1).to_pylist()[0])
            number -= batch.num_rows
    raise IndexError(number)


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: math.nan if value is None else value for name, value in row.items()}


def columns_of(file: Path) -> list[str]:
    """The names of the columns of a table."""
    with ParquetFile(file) as table:
        return list(table.schema_arrow.names)


def column_of(file: Path, name: str) -> NDArray[np.float64]:
    """One column of a table, NaN where there is no value."""
    with ParquetFile(file) as table:
        batches = table.iter_batches(columns=[name], use_threads=False)
        return np.concatenate([np.array(batch.column(0).to_pylist(), np.float64) for batch in batches])
