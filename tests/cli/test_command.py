"""Failures are said in the reader's language and have their exit codes."""

from __future__ import annotations

import pytest
import typer

from alatau_finance.cli.command import FAULT_OF_THE_PROGRAM, READER_IS_GONE, explained
from alatau_finance.errors import AlatauError, AssumptionErrors, Fault, ModelError, ResultsDiffer, UsageError
from alatau_finance.i18n import message, translator

FAULT = Fault("macro.yaml", 3, 5, "macro.cpi", message("did not parse"), "a number", "macro.cpi_expected")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AlatauError("said"), 1),
        (UsageError("said"), 2),
        (AssumptionErrors([FAULT]), 3),
        (ModelError("said"), 3),
        (ResultsDiffer("said"), 4),
        (RuntimeError("said"), FAULT_OF_THE_PROGRAM),
        (BrokenPipeError("said"), READER_IS_GONE),
    ],
)
def test_each_failure_has_its_exit_code(error: Exception, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught, explained(translator("en"), debug=False):
        raise error
    shown = capsys.readouterr()
    assert caught.value.exit_code == code
    assert shown.out == ""
    assert "Traceback" not in shown.err


def test_faults_are_listed_in_the_readers_language(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), explained(translator("en"), debug=False):
        raise AssumptionErrors([FAULT, FAULT])
    english = capsys.readouterr().err
    assert english == f"{FAULT}\n{FAULT}\n"
    with pytest.raises(typer.Exit), explained(translator("ru"), debug=False):
        raise AssumptionErrors([FAULT])
    assert "возможно, macro.cpi_expected?" in capsys.readouterr().err


def test_an_unexpected_fault_says_how_to_report_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), explained(translator("en"), debug=False):
        raise ZeroDivisionError("by nought")
    assert "ZeroDivisionError: by nought\nPlease report it" in capsys.readouterr().err


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit), explained(translator("en"), debug=True):
        raise ZeroDivisionError("by nought")
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("passing", [typer.Exit(7), typer.Abort(), typer.BadParameter("bad")])
def test_what_ends_a_command_on_purpose_passes(passing: Exception) -> None:
    with pytest.raises(type(passing)) as caught, explained(translator("en"), debug=False):
        raise passing
    assert caught.value is passing
