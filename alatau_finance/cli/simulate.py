"""``alatau-fin simulate``: run a scenario and write the run's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alatau_finance.cli.options import JsonOption, LanguageOption, RootOption
from alatau_finance.cli.place import tell_overrides, tell_place
from alatau_finance.cli.streams import show_json, tell
from alatau_finance.i18n import default_language, translator
from alatau_finance.root import Root, find_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alatau_finance.assumptions import Override
    from alatau_finance.i18n import Language
    from alatau_finance.simulation.result import Result

#: A scenario with a pattern may change a value of every project.
_OVERRIDES_TOLD = 12

ScenarioArgument = Annotated[
    str, typer.Argument(metavar="[SCENARIO]", help="One of `alatau-fin scenarios`.", show_default=True)
]
PathsOption = Annotated[int, typer.Option("--paths", "-n", min=1, max=10_000_000, help="How many paths to simulate.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=2**63 - 1, help="Seed of the random numbers.")]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Folder for the runs. [default: outputs/ beside assumptions/]"),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no summary, only the folder.")]
WorkbookOption = Annotated[bool, typer.Option("--workbook/--no-workbook", help="Write the Excel workbook.")]


def run(
    scenario: ScenarioArgument = "base",
    paths: PathsOption = 100_000,
    seed: SeedOption = 1,
    root: RootOption = None,
    out: OutOption = None,
    lang: LanguageOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    workbook: WorkbookOption = True,
) -> None:
    """Simulate the pool under a scenario; write the run to a folder and say what it costs.

    Exit code 1 if a check failed on any path, 3 if the assumptions are invalid.
    """
    from alatau_finance.audit.run_folder import partial_folder, publish
    from alatau_finance.cli.progress import shown_progress
    from alatau_finance.reports.run import keep_inputs, run_name, write_run
    from alatau_finance.simulation.run import Stage, prepare, simulate

    language = lang or default_language()
    place = find_root(root)
    if not quiet:
        tell_place(place, language)
    pool = prepare(place, scenario)
    if not quiet:
        _tell_overrides(pool.assumptions.overrides, language)
    outputs = out or _outputs_of(place)
    with partial_folder(outputs) as partial:
        keep_inputs(pool, place, partial)
        with shown_progress(language, quiet or json) as progress:
            result = simulate(pool, paths=paths, seed=seed, workspace=partial, progress=progress)
            progress(Stage("write"))
            write_run(result, partial, language, workbook=workbook)
        folder = publish(partial, outputs, run_name(result))
    _report(result, folder, language, json=json, quiet=quiet)
    if result.checks_failed:
        raise typer.Exit(1)


def _tell_overrides(overrides: Sequence[Override], language: Language) -> None:
    tell_overrides(overrides[:_OVERRIDES_TOLD], language)
    if len(overrides) > _OVERRIDES_TOLD:
        _ = translator(language)
        tell(_("... and {count} more, all of them in manifest.json").format(count=len(overrides) - _OVERRIDES_TOLD))


def _report(result: Result, folder: Path, language: Language, *, json: bool, quiet: bool) -> None:
    from alatau_finance.cli.streams import show
    from alatau_finance.cli.summary import print_summary

    if json:
        show_json(_data(result, folder))
    elif quiet:
        show(str(folder))
    else:
        print_summary(result, folder, language)


def _outputs_of(place: Root) -> Path:
    return Path.cwd() / "outputs" if place.origin == "bundled" else place.path / "outputs"


def _data(result: Result, folder: Path) -> dict[str, Any]:
    from alatau_finance.audit.manifest import checks_data, metric_data, undefined_data

    return {
        "run": str(folder),
        "scenario": result.scenario,
        "seed": result.seed,
        "paths": result.paths,
        "digest": result.digest,
        "checks": checks_data(result),
        "metrics": {name: metric_data(metric) for name, metric in result.metrics.items()},
        "undefined": undefined_data(result),
    }
