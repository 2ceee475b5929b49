"""Options that several commands share, so that they read and behave alike everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from alatau_finance.i18n import Language
from alatau_finance.risk.factors import SamplerName


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"alatau-fin {version('alatau-finance')}")
        raise typer.Exit


LanguageOption = Annotated[
    Language | None,
    typer.Option("--lang", envvar="ALATAU_LANG", help="Language of what is shown. [default: the machine's, else en]"),
]
RootOption = Annotated[
    Path | None,
    typer.Option(
        "--root",
        metavar="DIR",
        help="Folder with assumptions/ and models/. [default: the nearest around the current folder, else the bundled]",
    ),
]
ScenarioOption = Annotated[str, typer.Option("--scenario", "-s", metavar="NAME", help="One of `alatau-fin scenarios`.")]
SamplerOption = Annotated[
    SamplerName,
    typer.Option(
        "--sampler",
        help="How paths are spread: independent, in opposite pairs, by scrambled Sobol points (best with 2^n paths), "
        "or as a Latin hypercube.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]
DebugOption = Annotated[
    bool, typer.Option("--debug", envvar="ALATAU_DEBUG", help="Show the traceback of an unexpected fault.")
]
VersionOption = Annotated[
    bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
]
