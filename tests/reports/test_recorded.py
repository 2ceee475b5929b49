"""Tables of a finished run read back: what pandas wrote, without pandas."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alatau_finance.audit.recorded import column_of, columns_of, row_at, rows_of

ROWS = 70_000  # more than one batch


@pytest.fixture
def table(tmp_path: Path) -> Path:
    values = np.arange(ROWS, dtype=np.float64)
    values[-2] = math.nan
    frame = pd.DataFrame({"path": np.arange(ROWS), "rate": values, "label": ["a", "b"] * (ROWS // 2)})
    frame.to_parquet(tmp_path / "table.parquet", index=False)
    return tmp_path / "table.parquet"


def test_rows(table: Path) -> None:
    rows = rows_of(table)
    assert len(rows) == ROWS
    assert rows[69_999] == {"path": 69_999, "rate": 69_999.0, "label": "b"}
    assert math.isnan(rows[-2]["rate"])


def test_one_row(table: Path) -> None:
    assert row_at(table, 0) == {"path": 0, "rate": 0.0, "label": "a"}
    assert row_at(table, 69_999)["rate"] == 69_999.0
    assert math.isnan(row_at(table, 69_998)["rate"])
    with pytest.raises(IndexError):
        row_at(table, ROWS)


def test_columns(table: Path) -> None:
    assert columns_of(table) == ["path", "rate", "label"]
    found = column_of(table, "rate")
    assert found.dtype == np.float64
    assert np.isnan(found[-2])
    assert np.array_equal(np.delete(found, -2), np.delete(np.arange(ROWS, dtype=float), -2))
