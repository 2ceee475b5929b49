"""Progress of a run on standard error: a bar on a terminal, a line a stage elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from alatau_finance.cli.streams import tell
from alatau_finance.i18n import Language, translator

if TYPE_CHECKING:
    from alatau_finance.simulation.run import Stage


def _titles(language: Language) -> dict[str, str]:
    _ = translator(language)
    return {
        "compile": _("Preparing the models (the first run on a machine takes up to a minute)"),
        "simulate": _("Simulating"),
        "damaged": _("A shard of the unfinished run was damaged; its paths are simulated again"),
        "widened": _("A percentile lies where the first paths did not expect it; the paths are simulated again"),
        "summarise": _("Summarising"),
        "write": _("Writing the workbook and tables"),
    }


@contextmanager
def shown_progress(language: Language, quiet: bool) -> Iterator[Callable[[Stage], None]]:
    """A function that shows stages as they come."""
    titles = _titles(language)
    if quiet:
        yield lambda stage: None
    elif sys.stderr.isatty():
        yield from _bar(titles)
    else:
        seen: set[str] = set()

        def once(stage: Stage) -> None:
            if stage.name not in seen:
                seen.add(stage.name)
                tell(titles.get(stage.name, stage.name) + " ...")

        yield once


def _bar(titles: dict[str, str]) -> Iterator[Callable[[Stage], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        tasks: dict[str, TaskID] = {}

        def update(stage: Stage) -> None:
            if stage.name not in tasks:
                for earlier in tasks.values():
                    progress.update(earlier, total=1, completed=1)
                tasks[stage.name] = progress.add_task(titles.get(stage.name, stage.name), total=stage.of or None)
            if stage.of:
                progress.update(tasks[stage.name], completed=stage.done, total=stage.of)

        yield update
        for task in tasks.values():
            progress.update(task, total=1, completed=1)
