"""``alatau-fin simulate``: run a scenario and write the run's folder."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from datetime import date
from pathlib import Path
from subprocess import list2cmdline
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alatau_finance.cli.options import JsonOption, LanguageOption, RootOption, SamplerOption
from alatau_finance.cli.place import tell_overrides, tell_place
from alatau_finance.cli.streams import show_json, tell
from alatau_finance.errors import UsageError
from alatau_finance.i18n import default_language, message, number, translator
from alatau_finance.root import Root, find_root

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from alatau_finance.assumptions import Override
    from alatau_finance.audit.unfinished import UnfinishedRun
    from alatau_finance.i18n import Language
    from alatau_finance.risk.factors import SamplerName
    from alatau_finance.simulation.binding import BoundPool
    from alatau_finance.simulation.findings import Target
    from alatau_finance.simulation.portions import Compute
    from alatau_finance.simulation.result import Result
    from alatau_finance.simulation.run import Stage

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
PrecisionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--precision",
        metavar="MEASURE:FIGURE:PERCENT",
        help="Run until the standard error of a figure is small enough: pv_state_payments:P90:0.5%. Repeatable.",
    ),
]
MaxPathsOption = Annotated[
    int, typer.Option("--max-paths", min=1, max=100_000_000, help="With --precision: how many paths at most.")
]
DaskOption = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="Compute on a Dask cluster; local:N starts N processes here."),
]
ResumeOption = Annotated[
    Path | None,
    typer.Option("--resume", metavar="RUN", help="Go on with an unfinished run, in the folder that it told."),
]
WorkbookOption = Annotated[bool, typer.Option("--workbook/--no-workbook", help="Write the Excel workbook.")]


def run(
    context: typer.Context,
    scenario: ScenarioArgument = "base",
    paths: PathsOption = 100_000,
    seed: SeedOption = 1,
    sampler: SamplerOption = "pseudo_random",
    precision: PrecisionOption = None,
    max_paths: MaxPathsOption = 1_000_000,
    dask: DaskOption = None,
    root: RootOption = None,
    out: OutOption = None,
    resume: ResumeOption = None,
    lang: LanguageOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    workbook: WorkbookOption = True,
) -> None:
    """Simulate the pool under a scenario; write the run to a folder and say what it costs.

    Exit code 1 if a check failed on any path, 3 if the assumptions are invalid, 4 if an unfinished run cannot go on.
    """
    from alatau_finance.cli.progress import shown_progress

    language = lang or default_language()
    with ExitStack() as stack:
        if resume is None:
            _refuse_contradictions(context, precision, sampler)
            length = max_paths if precision else paths
            options = {"paths": length, "seed": seed, "sampler": sampler, "precision": precision or []}
            pool, unfinished = _begun(stack, scenario, options, root, out, language, quiet)
        else:
            _refuse_settings(context)
            pool, unfinished = _resumed(stack, resume, language)
        with shown_progress(language, quiet or json) as progress:
            compute = _cluster(stack, dask, unfinished) if dask else None
            result, folder = _run(pool, unfinished, language, workbook, compute, progress)
    _report(result, folder, language, json=json, quiet=quiet)
    if result.checks_failed:
        raise typer.Exit(1)


def _begun(
    stack: ExitStack,
    scenario: str,
    options: Mapping[str, Any],
    root: Path | None,
    out: Path | None,
    language: Language,
    quiet: bool,
) -> tuple[BoundPool, UnfinishedRun]:
    from alatau_finance.audit.unfinished import Settings, begun
    from alatau_finance.reports.run import keep_inputs
    from alatau_finance.simulation.portions import shard_size
    from alatau_finance.simulation.run import prepare

    place = find_root(root)
    if not quiet:
        tell_place(place, language)
    pool = prepare(place, scenario)
    _targets(pool, options["precision"])
    if not quiet:
        _tell_overrides(pool.assumptions.overrides, language)
    run_date = pool.assumptions.timeline.run_date.isoformat()
    settings = Settings(scenario, run_date, options, shard_size(options["paths"]))
    begin = begun(out or _outputs_of(place), settings, lambda folder: keep_inputs(pool, place, folder))
    return pool, _entered(stack, begin, language)


def _resumed(stack: ExitStack, folder: Path, language: Language) -> tuple[BoundPool, UnfinishedRun]:
    from alatau_finance.audit.run_folder import INPUTS
    from alatau_finance.audit.unfinished import resumed
    from alatau_finance.simulation.run import prepare

    unfinished = _entered(stack, resumed(folder), language)
    settings = unfinished.settings
    pool = prepare(find_root(unfinished.run / INPUTS), settings.scenario, date.fromisoformat(settings.run_date))
    return pool, unfinished


def _entered(stack: ExitStack, begin: AbstractContextManager[UnfinishedRun], language: Language) -> UnfinishedRun:
    """Enter a run, and have it told how to go on where it ends early with something done."""
    unfinished = stack.enter_context(begin)
    stack.push(lambda kind, error, trace: _tell_unfinished(unfinished, language) if kind else None)
    return unfinished


def _tell_unfinished(unfinished: UnfinishedRun, language: Language) -> None:
    _ = translator(language)
    if unfinished.paths_done:
        done, of = (
            min(unfinished.paths_done, unfinished.settings.options["paths"]),
            unfinished.settings.options["paths"],
        )
        text = _("Not finished: {done} of {of} paths are kept. Go on with")
        tell(text.format(done=number(done, language), of=number(of, language)))
        tell("  " + list2cmdline(["alatau-fin", "simulate", "--resume", str(unfinished.folder)]))
        tell(_("or give it up by removing that folder."))


def _targets(pool: BoundPool, texts: Sequence[str]) -> list[Target]:
    from alatau_finance.simulation.precision import target_of

    return [target_of(text, pool.pool.plan.of_kind("metric")) for text in texts]


def _cluster(stack: ExitStack, address: str, unfinished: UnfinishedRun) -> Compute:
    """What computes shards of a run on a cluster, from the inputs that were frozen for it."""
    from alatau_finance.audit.run_folder import INPUTS
    from alatau_finance.risk.factors import Sampling
    from alatau_finance.simulation.distributed import compute_on, connected, order_of

    settings = unfinished.settings
    client = stack.enter_context(connected(address))
    place, run_date = find_root(unfinished.run / INPUTS), date.fromisoformat(settings.run_date)
    sampling = Sampling(settings.options["sampler"], settings.options["paths"])
    return compute_on(client, order_of(place, settings.scenario, run_date, settings.options["seed"], sampling))


def _run(
    pool: BoundPool,
    unfinished: UnfinishedRun,
    language: Language,
    workbook: bool,
    compute: Compute | None,
    progress: Callable[[Stage], None],
) -> tuple[Result, Path]:
    from alatau_finance.audit.run_folder import publish
    from alatau_finance.reports.run import write_run
    from alatau_finance.simulation.run import Stage, simulate

    settings = unfinished.settings
    result = simulate(
        pool,
        paths=settings.options["paths"],
        seed=settings.options["seed"],
        sampler=settings.options["sampler"],
        targets=_targets(pool, settings.options["precision"]),
        compute=compute,
        shards=unfinished.shards,
        shard_paths=settings.shard_paths,
        measures_only=not workbook,
        progress=progress,
    )
    progress(Stage("write"))
    write_run(result, unfinished.run, language, workbook=workbook)
    return result, publish(unfinished.run, unfinished.outputs, result.name)


def _given(context: typer.Context, names: Sequence[str]) -> list[str]:
    """Which of the options ``names`` the user wrote."""
    sources = {name: context.get_parameter_source(name) for name in names}
    return [name for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]


def _refuse_contradictions(context: typer.Context, precision: Sequence[str] | None, sampler: SamplerName) -> None:
    """Raise UsageError where a run is to have so many paths and as many as its precision asks, too.

    The same where its errors would not be those of independent paths, or its draws depend on how many there are.
    """
    if precision and sampler != "pseudo_random":
        raise UsageError(message("--precision needs independent paths; leave out --sampler {name}", name=sampler))
    if precision and _given(context, ["paths"]):
        raise UsageError(message("--precision decides how many paths there are; leave out --paths, or say --max-paths"))
    if not precision and _given(context, ["max_paths"]):
        raise UsageError(message("--max-paths limits a run with --precision; say --paths"))


def _refuse_settings(context: typer.Context) -> None:
    """Raise UsageError for an option that says what to compute: of an unfinished run that is settled."""
    given = _given(context, ["scenario", "paths", "seed", "sampler", "precision", "max_paths", "root", "out"])
    if given:
        names = ", ".join(name.upper() if name == "scenario" else f"--{name.replace('_', '-')}" for name in given)
        raise UsageError(message("--resume goes on with what was begun; leave out {names}", names=names))


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
    from alatau_finance.audit.manifest import checks_data, metric_data, precision_data, undefined_data

    return {
        "run": str(folder),
        "scenario": result.scenario,
        "seed": result.seed,
        "sampler": result.sampler,
        "paths": result.paths,
        "digest": result.digest,
        "checks": checks_data(result),
        "metrics": {name: metric_data(metric) for name, metric in result.metrics.items()},
        "undefined": undefined_data(result),
        "precision": precision_data(result),
    }
