"""Everything that can go wrong in a way the user can mend: one family, one exit code each."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class AlatauError(Exception):
    """A failure explained to the user. ``exit_code`` is what the command returns."""

    exit_code = 1


class UsageError(AlatauError):
    """The command was asked for something that does not exist."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake in one place of an assumptions file."""

    file: str
    line: int
    column: int
    path: str
    problem: str
    allowed: str = ""
    suggestion: str = ""

    def __str__(self) -> str:
        parts = [f"{self.file}:{self.line}:{self.column}: {self.path}: {self.problem}"]
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.suggestion:
            parts.append(f"did you mean {self.suggestion}?")
        return "; ".join(parts)


class AssumptionErrors(AlatauError):
    """All faults of all assumption files, reported together."""

    exit_code = 3

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


#: A fault that has a place in a file, or a sentence that names its own place.
Problem = Fault | str


class ProblemsError(AlatauError):
    """Several problems found together, each reported."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ModelError(AlatauError):
    """A model in models/ that cannot be planned: unknown name, unit clash, cycle, forbidden number."""

    exit_code = 3


class ResultsDiffer(AlatauError):
    """A re-run that did not give the digest of the manifest."""

    exit_code = 4


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word closest in spelling to ``word``, or an empty string when none is close."""
    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return matches[0] if matches else ""
