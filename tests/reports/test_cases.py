"""The selector: what it offers, and that the whole workbook follows it, calculated by another program."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from alatau_finance.assumptions import load_scenarios
from alatau_finance.i18n import LANGUAGES, Language, translator
from alatau_finance.reports.agreement import compare
from alatau_finance.reports.book import Book
from alatau_finance.reports.cases import MORE_CONTRACTS, Scenarios, Selection, select
from alatau_finance.reports.layout import Layout, lay_out
from alatau_finance.reports.recalculate import (
    Cells,
    LiveWorkbook,
    open_with_ironcalc,
    recalculate_with_ironcalc,
    recalculate_with_libreoffice,
)
from alatau_finance.reports.sheets.header import MASTER_ROW
from alatau_finance.reports.sheets.reconciliation import LARGEST_ROW
from alatau_finance.reports.sheets.scenario_rows import ACTIVE_COLUMN, SELECTOR_ROW, case_names
from alatau_finance.reports.workbook import write_workbook
from alatau_finance.root import Root, find_root
from alatau_finance.simulation.binding import BoundPool, bind, calendar_of, instance_keys, rebind
from alatau_finance.simulation.path import draw_plan, path_draws
from alatau_finance.simulation.reference import Draws, PathValues, run_contracts, run_path
from alatau_finance.simulation.run import prepare

from .conftest import CREATED

SEED = 7
#: All four contract types between them: budget and concession; budget and investment; EPC+F; investment.
PROJECTS = ("roads_from_2031", "power_from_2028", "golden_district_road", "iconic_towers")


@pytest.fixture(scope="module")
def root() -> Root:
    return find_root(Path(__file__).parents[2])


@pytest.fixture(scope="module")
def whole(root: Root) -> BoundPool:
    return prepare(root, "base")


@pytest.fixture(scope="module")
def scenarios(root: Root) -> Scenarios:
    return load_scenarios(root.path)


def draw(path: int, pool: BoundPool) -> Draws:
    return path_draws(draw_plan(pool, SEED), path)


def written(selection: Selection, file: Path, language: Language = "en") -> Book:
    """The workbook with 0 in every formula, and the book it was written from."""
    translate, about = translator(language), {"language": language}
    write_workbook(
        file,
        selection.pool,
        selection.values,
        created=CREATED,
        translate=translate,
        about=about,
        selection=selection,
        cached=False,
    )
    layout: Layout = lay_out(selection.pool, translate, whole=selection.project is None)
    return Book(selection.pool, selection.values, layout, translate, about, (), cached=False, selection=selection)


def assert_shows(book: Book, pool: BoundPool, values: PathValues, cells: Cells) -> None:
    """Every line is Python's, all checks hold, and the workbook says of itself that nothing differs."""
    found = compare(pool, values, cells, book.translate)
    assert found.differences == ()
    assert found.cells > 5000
    titles = book.layout.titles
    reconciled = cells.read(titles.reconciliation, LARGEST_ROW, 8)
    assert isinstance(reconciled, (int, float))
    assert reconciled <= 1e-9
    if book.layout.whole is None:
        assert cells.read(titles.checks, MASTER_ROW, 4) == book.translate("OK")


def each_case(book: Book, live: LiveWorkbook) -> Iterator[tuple[BoundPool, bool, Cells]]:
    """The cells with the selector at each of its entries; whether that is the one the workbook was written for."""
    for number, (case, name) in enumerate(zip(book.selector.cases, case_names(book), strict=True)):
        live.set(book.layout.titles.scenario, SELECTOR_ROW, ACTIVE_COLUMN + 1, name)
        yield case.pool, number == book.selector.active, live.cells()


@pytest.mark.parametrize(
    ("project", "path"), [*((project, None) for project in PROJECTS), (PROJECTS[0], 11), (PROJECTS[2], 123_456)]
)
def test_a_project_follows_the_selector(
    whole: BoundPool, scenarios: Scenarios, project: str, path: int | None, tmp_path: Path
) -> None:
    selection = select(
        whole,
        scenarios,
        project=project,
        path=path,
        draw=(lambda pool: draw(path, pool)) if path is not None else None,
    )
    assert selection.left_out == ()
    assert len(selection.cases) == len(scenarios) + (path is not None)
    book = written(selection, tmp_path / "project.xlsx")
    names = set()
    for pool, active, cells in each_case(book, open_with_ironcalc(tmp_path / "project.xlsx")):
        assert_shows(book, pool, selection.values if active else run_contracts(pool), cells)
        names.add(cells.read("Cover", 5, 3))
    assert names == set(case_names(book))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_project_is_the_same_in_every_language(
    whole: BoundPool, scenarios: Scenarios, language: Language, tmp_path: Path
) -> None:
    selection = select(whole, scenarios, project=PROJECTS[0])
    book = written(selection, tmp_path / "project.xlsx", language)
    live = open_with_ironcalc(tmp_path / "project.xlsx")
    for pool, _active, cells in list(each_case(book, live))[-1:]:
        assert_shows(book, pool, run_contracts(pool), cells)


@pytest.mark.parametrize("path", range(20))
def test_a_simulated_path_is_what_python_says(whole: BoundPool, path: int, tmp_path: Path) -> None:
    project = PROJECTS[path % 4]
    selection = select(whole, project=project, path=path, draw=lambda pool: draw(path, pool))
    book = written(selection, tmp_path / "path.xlsx")
    assert_shows(book, selection.pool, selection.values, recalculate_with_ironcalc(tmp_path / "path.xlsx"))


def some(key: str) -> bool:
    """A twentieth of the contracts, always the same."""
    return zlib.crc32(key.encode()) % 20 == 0


@pytest.mark.slow
def test_the_pool_follows_the_selector(whole: BoundPool, scenarios: Scenarios, tmp_path: Path) -> None:
    selection = select(whole, scenarios, keep=some)
    book = written(selection, tmp_path / "pool.xlsx")
    shown = 0
    for pool, active, cells in each_case(book, open_with_ironcalc(tmp_path / "pool.xlsx")):
        assert_shows(book, pool, selection.values if active else run_path(pool), cells)
        shown += 1
    assert shown > 10


@pytest.mark.slow
@pytest.mark.libreoffice
@pytest.mark.parametrize("language", LANGUAGES)
def test_libreoffice_agrees_on_a_project(
    whole: BoundPool, scenarios: Scenarios, language: Language, tmp_path: Path
) -> None:
    """At the path as drawn, and at a scenario chosen in the file."""
    selection = select(whole, scenarios, project=PROJECTS[0], path=4, draw=lambda pool: draw(4, pool))
    file = tmp_path / "project.xlsx"
    book = written(selection, file, language)
    assert_shows(book, selection.pool, selection.values, recalculate_with_libreoffice(file))
    chosen = [case.name for case in selection.cases].index("construction_delay")
    workbook = load_workbook(file)
    workbook[book.layout.titles.scenario].cell(SELECTOR_ROW, ACTIVE_COLUMN + 1).value = case_names(book)[chosen]
    workbook.save(tmp_path / "chosen.xlsx")
    pool = selection.cases[chosen].pool
    assert_shows(book, pool, run_contracts(pool), recalculate_with_libreoffice(tmp_path / "chosen.xlsx"))


def test_more_contracts_and_years_move_no_result(whole: BoundPool, scenarios: Scenarios) -> None:
    """What makes one workbook for all scenarios possible: a share of 0 and years after the end change nothing."""
    selection = select(whole, scenarios, project=PROJECTS[0])
    assert selection.pool.calendar.periods > whole.calendar.periods
    own = run_path(whole)
    compared = 0
    for instance in whole.instances():
        if instance.project is not None and instance.project.id == PROJECTS[0]:
            for name in instance.plan.of_kind("metric"):
                ours, theirs = own.lines[instance.key][name], selection.values.lines[instance.key][name]
                assert ours == theirs or (ours != ours and theirs != theirs), name
                compared += 1
    assert compared > 20


def test_what_the_pool_cannot_hold_is_listed_with_the_reason(whole: BoundPool, scenarios: Scenarios) -> None:
    selection = select(whole, scenarios)
    offered, left_out = {case.name for case in selection.cases}, {left.name: left.reason for left in selection.left_out}
    assert offered | set(left_out) == set(scenarios)
    assert offered.isdisjoint(left_out)
    assert "all_epcf" in left_out
    assert "contracts more" in left_out["all_epcf"]
    more = len(list(selection.pool.instances())) - len(list(whole.instances()))
    assert 0 < more <= MORE_CONTRACTS


def test_another_calendar_is_no_entry(whole: BoundPool, scenarios: Scenarios) -> None:
    devaluation = scenarios["devaluation"]
    assert not isinstance(devaluation, Exception)
    quarterly = replace(devaluation, timeline=replace(devaluation.timeline, periods_per_year=4))
    selection = select(whole, {"devaluation": quarterly}, project=PROJECTS[2])
    assert [case.name for case in selection.cases] == ["base"]
    assert "calendar" in selection.left_out[0].reason


def test_a_scenario_at_fault_is_listed_and_the_rest_offered(root: Root, tmp_path: Path, whole: BoundPool) -> None:
    mine = with_scenario(root, tmp_path, "broken", "tax.no_such_rate: 1")
    found = load_scenarios(mine.path)
    assert isinstance(found["broken"], Exception)
    selection = select(whole, found, project=PROJECTS[2])
    (left,) = selection.left_out
    assert (left.name, len(selection.cases)) == ("broken", len(found) - 1)
    assert "no_such_rate" in left.reason


def with_scenario(root: Root, folder: Path, name: str, *overrides: str) -> Root:
    """The assumptions and models with one more scenario."""
    from alatau_finance.cli.init import copy_out

    copy_out(root.path, folder / "mine")
    lines = "".join(f"  {override}\n" for override in overrides)
    text = f"scenario:\n  label: {{en: {name}, ru: {name}, kk: {name}}}\n"
    text += f"  description: {{en: {name}, ru: {name}, kk: {name}}}\noverrides:\n{lines}"
    (folder / "mine" / "assumptions" / "scenarios" / f"{name}.yaml").write_text(text, "utf-8")
    return find_root(folder / "mine")


def cell_of(book: Book, live: LiveWorkbook, path: str) -> tuple[str, int, int]:
    """Where a user would overwrite an assumption: its column of the scenario in use, else its cell among the inputs."""
    cells = live.cells()
    titles = book.layout.titles
    for row in range(1, 400):
        if (
            cells.read(titles.scenario, row, 1) == path
            and cells.read(titles.scenario, row, ACTIVE_COLUMN + 1) is not None
        ):
            return titles.scenario, row, ACTIVE_COLUMN + 2 + book.selector.active
    return titles.inputs, next(row for row in range(1, 400) if cells.read(titles.inputs, row, 1) == path), 6


def test_changed_inputs_move_the_workbook_as_an_overlay_moves_python(
    root: Root, whole: BoundPool, scenarios: Scenarios, tmp_path: Path
) -> None:
    """Cost + 10 %, a year's delay, tenge 25 % weaker each year: in the cells, and in a scenario's file."""
    project = "golden_district_road"
    cost = whole.assumptions.value(f"projects.{project}.cost").in_unit("bn KZT") * 1.1
    selection = select(whole, scenarios, project=project)
    book = written(selection, tmp_path / "project.xlsx")
    live = open_with_ironcalc(tmp_path / "project.xlsx")
    changes = {
        f"projects.{project}.cost": (cost, repr(cost)),
        "contracts.epcf.start_delay": (1.0, "1"),
        "macro.usdkzt_drift": (0.25, "25"),
    }
    for path, (value, _text) in changes.items():
        live.set(*cell_of(book, live, path), value)
    overrides = [f"{path}: {text}" for path, (_value, text) in changes.items()]
    mine = with_scenario(root, tmp_path, "changed", *overrides)
    (changed,) = select(prepare(mine, "changed"), project=project).cases
    also = frozenset(instance.key for instance in selection.pool.instances())
    pool = rebind(whole, changed.pool.assumptions, calendar=selection.pool.calendar, also=also)
    kept = {key: tuple(i for i in group if i.key in also) for key, group in pool.contracts.items()}
    moved = replace(pool, contracts=kept)
    cells = live.cells()
    found = compare(moved, run_contracts(moved), cells)
    assert found.differences == ()
    assert cells.read("Checks", MASTER_ROW, 4) == "OK"
    reconciled = cells.read("Reconciliation", LARGEST_ROW, 8)
    assert isinstance(reconciled, (int, float))
    assert reconciled > 0.05


def test_a_devaluation_in_one_period_moves_the_workbook_as_it_moves_python(whole: BoundPool, tmp_path: Path) -> None:
    """Tenge per dollar 25 % up in the fourth period: the logarithm in the one cell of the jump."""
    selection = select(whole, project="golden_district_road")
    book = written(selection, tmp_path / "project.xlsx")
    live = open_with_ironcalc(tmp_path / "project.xlsx")
    jump = [0.0] * selection.pool.calendar.periods
    jump[3] = 0.22314355131420976
    live.set(book.layout.economy.title, book.layout.economy.shared["usdkzt_jump"], 7 + 3, jump[3])
    risk = selection.pool.economy_series["usdkzt_jump"].risk
    values = run_contracts(selection.pool, Draws(series={str(risk): jump}))
    assert compare(selection.pool, values, live.cells()).differences == ()
    rate, usual = (found.lines["economy"]["usdkzt"][3] for found in (values, selection.values))  # type: ignore[index]
    assert rate / usual == pytest.approx(1.25)


def test_every_formula_of_a_project_holds_its_value(whole: BoundPool, scenarios: Scenarios, tmp_path: Path) -> None:
    """Statements, checks, rates and all: what a viewer shows is what a calculation gives, and no cell is in error."""
    selection = select(whole, scenarios, project=PROJECTS[0])
    file = tmp_path / "project.xlsx"
    write_workbook(file, selection.pool, selection.values, created=CREATED, selection=selection)
    cells, live, stored = recalculate_with_ironcalc(file), load_workbook(file), load_workbook(file, data_only=True)
    compared = 0
    for sheet in live.worksheets:
        for row in sheet.iter_rows():
            for cell in (cell for cell in row if cell.data_type == "f" and sheet.title != "Timing"):
                value, found = stored[sheet.title].cell(cell.row, cell.column).value, None
                found = cells.read(sheet.title, cell.row, cell.column)
                if hasattr(value, "toordinal"):
                    continue
                near = pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, (int, float)) else value
                assert found == near, f"{sheet.title}!{cell.coordinate}"
                compared += 1
    assert compared > 30_000


def test_scenarios_are_read_as_they_are_one_by_one(root: Root, whole: BoundPool, scenarios: Scenarios) -> None:
    assert scenarios["base"] == whole.assumptions
    assert prepare(root, "epcf_extended").assumptions == scenarios["epcf_extended"]


def test_rebinding_gives_what_binding_gives(root: Root, whole: BoundPool, scenarios: Scenarios) -> None:
    from alatau_finance.root import load_models

    delay = scenarios["construction_delay"]
    assert not isinstance(delay, Exception)
    bound, again = bind(delay, load_models(root)), rebind(whole, delay)
    assert again.calendar == bound.calendar == calendar_of(delay)
    assert [i.key for i in again.instances()] == [i.key for i in bound.instances()]
    assert {i.key for i in again.instances()} == instance_keys(delay, whole.plans)
    for ours, theirs in zip(again.instances(), bound.instances(), strict=True):
        assert ours.inputs == theirs.inputs


def test_a_contract_given_the_same_is_not_computed_again(whole: BoundPool, scenarios: Scenarios) -> None:
    iconic = scenarios["iconic_late_start"]
    assert not isinstance(iconic, Exception)
    base = run_path(whole)
    changed = rebind(whole, iconic)
    quick, slow = run_path(changed, like=base), run_path(changed)
    assert quick == slow
    assert quick.lines["golden_district_road/epcf"] is base.lines["golden_district_road/epcf"]
    assert quick.lines["iconic_towers/investment"] is not base.lines["iconic_towers/investment"]


def test_measures_alone_are_those_of_the_whole_path(whole: BoundPool) -> None:
    full, few = run_path(whole), run_path(whole, measures_only=True)
    assert few.lines["pool"] == full.lines["pool"]
    for instance in whole.instances():
        kept = few.lines[instance.key]
        assert set(instance.plan.of_kind("metric")) <= set(kept)
        assert len(kept) < len(full.lines[instance.key]) / 2
        assert all(
            np.array_equal(value, full.lines[instance.key][name], equal_nan=True) for name, value in kept.items()
        )
