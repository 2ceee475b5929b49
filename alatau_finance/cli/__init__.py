"""The command ``alatau-fin``: one module a command, imported light; what is heavy is imported inside the command.

Standard output carries data, standard error carries talk. Exit codes: 0 done, 1 a check failed, 2 wrong usage,
3 invalid assumptions or models, 4 results differ, 70 a fault of the program, 130 interrupted.
"""

from __future__ import annotations

import typer

from alatau_finance.cli import check, compare, export, init, scenarios, schema, show, simulate, verify
from alatau_finance.cli.command import Command
from alatau_finance.cli.garbage import collect_rarely
from alatau_finance.cli.options import DebugOption, VersionOption
from alatau_finance.cli.streams import close_quietly, tolerate_any_console

app = typer.Typer(
    name="alatau-fin",
    help="Financial models and scenarios of Alatau City infrastructure.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

# A new command is a module with a function `run`, and one line here. Its docstring is its help.
app.command("check", cls=Command)(check.run)
app.command("compare", cls=Command)(compare.run)
app.command("export", cls=Command)(export.run)
app.command("init", cls=Command)(init.run)
app.command("scenarios", cls=Command)(scenarios.run)
app.command("schema", cls=Command)(schema.run)
app.command("show", cls=Command)(show.run)
app.command("simulate", cls=Command)(simulate.run)
app.command("verify", cls=Command)(verify.run)


@app.callback()
def _common(debug: DebugOption = False, version: VersionOption = False) -> None:
    """Financial models and scenarios of Alatau City infrastructure."""


def main() -> None:
    """Entry point of the console script; always ends by SystemExit with one of the codes above."""
    tolerate_any_console()
    collect_rarely()
    try:
        app()
    finally:
        close_quietly()
