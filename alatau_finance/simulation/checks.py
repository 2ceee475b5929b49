"""Records of the checks of a run: which failed, where, and how often."""

from __future__ import annotations

from dataclasses import dataclass

#: A check holds where its relative residual is at most this.
CHECK_TOLERANCE = 1e-9
#: No path: the check holds on all of them.
NONE = -1


@dataclass(frozen=True)
class FailingInstance:
    """An instance that fails a check: on how many paths, and on which first."""

    instance: str
    paths_failed: int
    first_failing_path: int


@dataclass(frozen=True)
class CheckCount:
    """One named check over all instances and paths.

    ``evaluated`` and ``failed`` count evaluations, one for each instance and path; ``paths_failed`` counts the paths on
    which some instance fails. ``first_failing_path`` is -1 where none does. ``failing`` lists the instances that fail,
    the one to look at first being the first of them that fails on the first failing path.
    """

    name: str
    evaluated: int
    failed: int
    first_failing_path: int
    paths_failed: int
    first_failing_instance: str
    instances: int
    failing: tuple[FailingInstance, ...]
