"""``alatau-fin compare``: what each financing choice costs the state, on the same random paths."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from alatau_finance.cli.options import JsonOption, LanguageOption, RootOption, SamplerOption, ScenarioOption
from alatau_finance.cli.place import tell_overrides, tell_place
from alatau_finance.cli.streams import show_json, tell
from alatau_finance.errors import AlatauError, UsageError
from alatau_finance.i18n import chosen, default_language, message, translator
from alatau_finance.root import find_root, load_models

if TYPE_CHECKING:
    from alatau_finance.analysis.comparison import Comparison
    from alatau_finance.assumptions import Assumptions
    from alatau_finance.i18n import Language
    from alatau_finance.risk.factors import SamplerName

#: A scenario with a pattern may change a value of every project.
_OVERRIDES_TOLD = 12

ProjectArgument = Annotated[str | None, typer.Argument(metavar="PROJECT", help="Id of a project, see --list.")]
AllOption = Annotated[
    bool, typer.Option("--all", help="Every infrastructure project under each type, and the scenario as planned.")
]
ListOption = Annotated[bool, typer.Option("--list", help="Name the projects that can be compared.")]
ModesOption = Annotated[
    str | None, typer.Option("--modes", metavar="A,B", help="Contract types. [default: budget,epcf,concession]")
]
PathsOption = Annotated[int, typer.Option("--paths", "-n", min=1, max=1_000_000, help="How many paths for each type.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the random numbers.")]
CsvOption = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write every figure to a table too, a line each.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no talk, only the comparison.")]


def run(
    project: ProjectArgument = None,
    whole: AllOption = False,
    listed: ListOption = False,
    modes: ModesOption = None,
    paths: PathsOption = 10_000,
    seed: SeedOption = 1,
    sampler: SamplerOption = "pseudo_random",
    scenario: ScenarioOption = "base",
    root: RootOption = None,
    csv: CsvOption = None,
    lang: LanguageOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare what a project costs the state under each contract type, on the same random paths; or the whole pool.

    With --all, one run for each type and one or two as planned: some minutes at 10,000 paths. Exit code 1 if a check
    failed on any path, 3 if the assumptions are invalid.
    """
    from alatau_finance.assumptions import load_assumptions

    if [project is not None, whole, listed].count(True) != 1:
        raise UsageError(message("name one project, or give --all, or --list to see the projects"))
    if csv is not None and not csv.parent.is_dir():
        raise UsageError(message("cannot write {file}: there is no such folder", file=csv))
    language, place = lang or default_language(), find_root(root)
    if not quiet:
        tell_place(place, language)
    assumptions = load_assumptions(place.path, scenario)
    if listed:
        _show_projects(assumptions, language, json=json)
        return
    if not quiet:
        _tell_overrides(assumptions, language)
    comparison = _compared(assumptions, place.path, project, modes, paths, seed, sampler, language, quiet=quiet or json)
    if csv is not None:
        _write(comparison, csv)
    _report(comparison, language, json=json)
    if comparison.failed:
        raise typer.Exit(1)


def _compared(
    assumptions: Assumptions,
    place: Path,
    project: str | None,
    modes: str | None,
    paths: int,
    seed: int,
    sampler: SamplerName,
    language: Language,
    *,
    quiet: bool,
) -> Comparison:
    from alatau_finance.analysis.comparison import compare_all, compare_project
    from alatau_finance.cli.progress import shown_progress

    models = load_models(find_root(place))
    asked = None if modes is None else tuple(mode.strip() for mode in modes.split(","))
    with shown_progress(language, quiet) as progress:
        if project is None:
            return compare_all(assumptions, models, asked, paths=paths, seed=seed, sampler=sampler, progress=progress)
        return compare_project(
            assumptions, models, project, asked, paths=paths, seed=seed, sampler=sampler, progress=progress
        )


def _tell_overrides(assumptions: Assumptions, language: Language) -> None:
    overrides = assumptions.overrides
    tell_overrides(overrides[:_OVERRIDES_TOLD], language)
    if len(overrides) > _OVERRIDES_TOLD:
        tell(translator(language)("... and {count} more").format(count=len(overrides) - _OVERRIDES_TOLD))


def _write(comparison: Comparison, file: Path) -> None:
    from alatau_finance.reports.comparison import write_comparison

    try:
        write_comparison(comparison, file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise AlatauError(message("cannot write {file}: {reason}", file=file, reason=reason)) from error


def _report(comparison: Comparison, language: Language, *, json: bool) -> None:
    if json:
        from alatau_finance.reports.comparison import comparison_data

        show_json(comparison_data(comparison))
    else:
        from alatau_finance.cli.comparison_tables import print_comparison

        print_comparison(comparison, language)


def _show_projects(assumptions: Assumptions, language: Language, *, json: bool) -> None:
    from rich.table import Table

    from alatau_finance.cli.streams import show_table

    _ = translator(language)
    rows = [(project.id, chosen(project.name, language)) for project in assumptions.projects]
    if json:
        show_json([dict(zip(("id", "name"), row, strict=True)) for row in rows])
        return
    table = Table(_("Id"), _("Project"))
    for row in rows:
        table.add_row(*row)
    show_table(table)
