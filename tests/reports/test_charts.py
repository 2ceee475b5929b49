"""Charts draw live cells of the contracts that are really modelled, and their numbers are those of Python."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from alatau_finance.reports.book import Book, Fan
from alatau_finance.reports.cases import select
from alatau_finance.reports.layout import lay_out
from alatau_finance.reports.recalculate import recalculate_with_ironcalc
from alatau_finance.reports.sheets.premium import amounts
from alatau_finance.reports.swings import swings
from alatau_finance.reports.workbook import write_workbook
from alatau_finance.root import find_root
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.reference import run_path
from alatau_finance.simulation.run import prepare

from .conftest import CREATED

EACH, PROJECT = 60, "arna_substation"
FANS = [Fan("state_payments", "bn KZT", 2026 + n, 1.0 + n, 2.0 + n, 3.0 + n, 5.0 + n, 8.0 + n, 4.0) for n in range(30)]


@pytest.fixture(scope="module")
def whole() -> BoundPool:
    return prepare(find_root(Path(__file__).parents[2]), "base")


@pytest.fixture(scope="module")
def thinned(whole: BoundPool) -> BoundPool:
    return replace(whole, contracts={key: instances[::EACH] for key, instances in whole.contracts.items()})


@pytest.fixture(scope="module")
def pool_book(thinned: BoundPool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("charts") / "pool.xlsx"
    return write_workbook(file, thinned, run_path(thinned), created=CREATED, fans=FANS)


@pytest.fixture(scope="module")
def project_book(whole: BoundPool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file, chosen = tmp_path_factory.mktemp("charts") / "project.xlsx", select(whole, project=PROJECT)
    moved = swings(chosen.pool, chosen.values)
    return write_workbook(file, chosen.pool, chosen.values, created=CREATED, selection=chosen, swings=moved)


def titles_of(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("xl/charts/chart"))
        texts = [archive.read(name).decode() for name in names]
    assert all("<c:f>" in text for text in texts), "a chart without live cells"
    assert all("bn KZT" in text or "Share of the" in text or "Times" in text for text in texts), (
        "an axis without a unit"
    )
    return [re.findall(r"<a:t>([^<]*)</a:t>", text)[0] for text in texts]


def test_the_pool_is_drawn(pool_book: Path) -> None:
    assert titles_of(pool_book) == [
        "Capital expenditure by contract type",
        "Payments by the state by contract type",
        "Payments by the state in the simulation, P10 to P90 (static)",
        "Payments of the budget year and their ceiling",
        "Obligations outstanding and committed, and their limit",
        "Works: planned and carried out",
        "EPC+F: from the works to what is paid for them, present value",
    ]


def test_a_project_is_drawn(project_book: Path) -> None:
    titles = titles_of(project_book)
    assert titles[0] == "Works complete, share of the whole, end of period"
    assert titles[-2] == "EPC+F: from the works to what is paid for them, present value"
    assert titles[-1].startswith("What moves: ")


@pytest.mark.parametrize("book", ["pool_book", "project_book"])
def test_what_is_drawn_is_live(book: str, request: pytest.FixtureRequest) -> None:
    file: Path = request.getfixturevalue(book)
    cells, sheet = recalculate_with_ironcalc(file), load_workbook(file, data_only=True)["Charts"]
    compared = 0
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, float):
                compared += 1
                found = cells.read("Charts", cell.row, cell.column)
                assert found == pytest.approx(cell.value, rel=1e-9, abs=1e-12), cell.coordinate
    assert compared > 50


def test_the_premium_is_split_without_a_remainder(thinned: BoundPool) -> None:
    values, layout = run_path(thinned), lay_out(thinned, str)
    book = Book(thinned, values, layout, str, {}, (), cached=True)
    found = amounts(book, layout.contracts["epcf"])
    premiums = [values.lines[block.instance.key]["financing_premium"] for block in layout.contracts["epcf"].blocks]
    assert sum(found[:-1]) == pytest.approx(found[-1], rel=1e-12)
    assert sum(found[1:-1]) == pytest.approx(sum(premiums), rel=1e-9)  # type: ignore[arg-type]
    assert found[0] > 0


def test_projects_are_listed_with_small_charts(pool_book: Path) -> None:
    with zipfile.ZipFile(pool_book) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    listed = [text for text in sheets if "x14:sparkline" in text]
    assert len(listed) == 1
    assert listed[0].count("<x14:sparkline>") >= 6
