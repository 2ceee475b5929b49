"""What every command does with a failure: say it in the reader's language and return its exit code."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperCommand

from alatau_finance.cli.streams import tell
from alatau_finance.errors import AlatauError, AssumptionErrors, Fault, Problem, ProblemsError
from alatau_finance.i18n import Translator, default_language, spoken, translator

FAULT_OF_THE_PROGRAM = 70
READER_IS_GONE = 141  # what a shell shows of a program that wrote to a closed pipe


class Command(TyperCommand):
    """A command whose failures are explained instead of traced."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command. Raises typer.Exit with the code of whatever went wrong."""
        debug = bool(ctx.find_root().params.get("debug"))
        language = ctx.params.get("lang") or default_language()
        with explained(translator(language), debug):
            return super().invoke(ctx)


@contextmanager
def explained(translate: Translator, debug: bool) -> Iterator[None]:
    """Turn an AlatauError, and with a word on how to report it any other exception, into typer.Exit."""
    # What typer itself raises to end a command, for `raise typer.Exit(1)` and for a bad option, passes by.
    passing = (typer.Exit, typer.Abort, typer.BadParameter)
    try:
        yield
    except passing:
        raise
    except BrokenPipeError as error:
        raise typer.Exit(READER_IS_GONE) from error
    except AlatauError as error:
        tell(_told(error, translate))
        raise typer.Exit(error.exit_code) from error
    except Exception as error:
        _report(error, translate, debug)
        raise typer.Exit(FAULT_OF_THE_PROGRAM) from error


def _told(error: AlatauError, translate: Translator) -> str:
    if isinstance(error, AssumptionErrors):
        return "\n".join(_told_fault(fault, translate) for fault in error.faults)
    if isinstance(error, ProblemsError):
        return "\n".join(_told_problem(problem, translate) for problem in error.problems)
    return str(spoken(error, translate))


def _told_problem(problem: Problem, translate: Translator) -> str:
    return _told_fault(problem, translate) if isinstance(problem, Fault) else str(spoken(problem, translate))


def _told_fault(fault: Fault, translate: Translator) -> str:
    _ = translate
    parts = [f"{fault.file}:{fault.line}:{fault.column}: {fault.path}: {spoken(fault.problem, translate)}"]
    if fault.allowed:
        parts.append(_("allowed: {values}").format(values=spoken(fault.allowed, translate)))
    if fault.suggestion:
        parts.append(_("did you mean {suggestion}?").format(suggestion=spoken(fault.suggestion, translate)))
    return "; ".join(parts)


def _report(error: Exception, translate: Translator, debug: bool) -> None:
    _ = translate
    if debug:
        traceback.print_exception(error)
    said = _("An unexpected fault of the program: {fault}").format(fault=f"{type(error).__name__}: {error}")
    hint = _("Please report it with this line, the command and the output of the same command with ALATAU_DEBUG=1.")
    tell(f"{said}\n{hint}")
