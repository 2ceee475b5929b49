"""``alatau-fin verify``: repeat a run from its folder and compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alatau_finance.cli.options import JsonOption, LanguageOption
from alatau_finance.cli.streams import show, show_json
from alatau_finance.i18n import default_language, translator

RunArgument = Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `alatau-fin simulate` wrote.")]


def run(folder: RunArgument, lang: LanguageOption = None, json: JsonOption = False) -> None:
    """Run a folder again from the assumptions and models it carries, and compare every number.

    Exit code 4 if the results differ or a file of the run was changed.
    """
    from alatau_finance.audit.verify import verify
    from alatau_finance.cli.progress import shown_progress

    language = lang or default_language()
    _ = translator(language)
    with shown_progress(language, quiet=json) as progress:
        found = verify(folder, progress)
    if json:
        show_json(
            {
                "run": str(found.folder),
                "ok": found.ok,
                "recorded": found.recorded,
                "recomputed": found.recomputed,
                "changed_files": list(found.changed_files),
            }
        )
    else:
        show(_("Recorded digest:   {digest}").format(digest=found.recorded))
        show(_("Recomputed digest: {digest}").format(digest=found.recomputed or "-"))
        for name in found.changed_files:
            show(_("Changed since the run: {file}").format(file=name))
        if found.reason:
            show(found.reason)
        show(_("The run repeats.") if found.ok else _("The run does NOT repeat."))
    if not found.ok:
        raise typer.Exit(4)
