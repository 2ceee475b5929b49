"""``alatau-fin export``: any path of a run as a live workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alatau_finance.cli.options import LanguageOption
from alatau_finance.cli.streams import show, tell
from alatau_finance.errors import UsageError
from alatau_finance.i18n import default_language, message, translator

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `alatau-fin simulate` wrote.")]
PathOption = Annotated[int | None, typer.Option("--path", metavar="K", help="Number of the path, from 0.")]
PercentileOption = Annotated[
    str | None, typer.Option("--percentile", metavar="P90:METRIC", help="The path at that percentile of a metric.")
]
ProjectOption = Annotated[
    str | None, typer.Option("--project", metavar="ID", help="One project instead of the pool, under every scenario.")
]
FileOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="The workbook. [default: beside the run's folder]")
]


def run(
    folder: RunArgument,
    path: PathOption = None,
    percentile: PercentileOption = None,
    project: ProjectOption = None,
    out: FileOption = None,
    lang: LanguageOption = None,
) -> None:
    """Write one path of a run, its draws as inputs and every line live, as a workbook; the base case if none is named.

    The workbook holds a selector of scenarios that all of it follows. With --project it is that of one project, to be
    handed to an investor or a bank.

    Exit code 4 if the path no longer gives what the run recorded.
    """
    from alatau_finance.audit.replay import path_at, replay
    from alatau_finance.reports.run_workbook import write_path_workbook

    if path is not None and percentile is not None:
        raise UsageError(message("--path and --percentile both name a path; give one of them"))
    wanted = path_at(folder, percentile) if percentile is not None else path
    found = replay(folder, wanted)
    name = "base-case" if wanted is None else f"path{wanted}"
    of = f"{folder.resolve().name}-{project}" if project is not None else folder.resolve().name
    file = out or folder.resolve().parent / f"{of}-{name}.xlsx"
    language = lang or default_language()
    written = write_path_workbook(found, folder.resolve().name, file, language, project)
    if written != file:
        _ = translator(language)
        text = _("{file} is open in another program and stays as it is; the workbook is in {written}")
        tell(text.format(file=file, written=written))
    show(str(written))
