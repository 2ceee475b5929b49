"""The contracts that are really modelled, on the base case and on simulated paths, calculated by other programs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from alatau_finance.reports.agreement import compare
from alatau_finance.reports.recalculate import Cells, recalculate_with_ironcalc, recalculate_with_libreoffice
from alatau_finance.reports.workbook import write_workbook
from alatau_finance.risk.register import DrawPlan
from alatau_finance.root import find_root
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.path import draw_plan, path_values
from alatau_finance.simulation.reference import PathValues, run_path
from alatau_finance.simulation.run import prepare

from .conftest import CREATED

SEED, EACH = 7, 25


@pytest.fixture(scope="module")
def whole() -> BoundPool:
    return prepare(find_root(Path(__file__).parents[2]), "base")


@pytest.fixture(scope="module")
def thinned(whole: BoundPool) -> BoundPool:
    """Every 25th contract of each type."""
    return replace(whole, contracts={key: instances[::EACH] for key, instances in whole.contracts.items()})


@pytest.fixture(scope="module")
def draws(whole: BoundPool) -> DrawPlan:
    return draw_plan(whole, SEED)


def assert_same(pool: BoundPool, values: PathValues, cells: Cells) -> None:
    found = compare(pool, values, cells)
    assert found.differences == ()
    assert found.cells > 10000


@pytest.mark.parametrize("path", [None, 3, 123_456])
def test_ironcalc_agrees_on_some_contracts(
    thinned: BoundPool, draws: DrawPlan, path: int | None, tmp_path: Path
) -> None:
    values = run_path(thinned) if path is None else path_values(thinned, draws, path)
    write_workbook(tmp_path / "pool.xlsx", thinned, values, created=CREATED, cached=False)
    assert_same(thinned, values, recalculate_with_ironcalc(tmp_path / "pool.xlsx"))


@pytest.mark.libreoffice
@pytest.mark.slow
def test_libreoffice_agrees_on_the_whole_pool(whole: BoundPool, draws: DrawPlan, tmp_path: Path) -> None:
    values = path_values(whole, draws, 3)
    write_workbook(tmp_path / "pool.xlsx", whole, values, created=CREATED, cached=False)
    assert_same(whole, values, recalculate_with_libreoffice(tmp_path / "pool.xlsx"))


@pytest.mark.slow
def test_ironcalc_agrees_on_the_whole_pool(whole: BoundPool, tmp_path: Path) -> None:
    values = run_path(whole)
    write_workbook(tmp_path / "pool.xlsx", whole, values, created=CREATED, cached=False)
    cells = recalculate_with_ironcalc(tmp_path / "pool.xlsx")
    assert_same(whole, values, cells)
    assert cells.read("Checks", 6, 4) == "OK"
