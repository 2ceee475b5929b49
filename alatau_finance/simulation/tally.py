"""Checks counted over every instance and path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alatau_finance.jit import LANES, TILE, kernel_function
from alatau_finance.lane_bits import any_of
from alatau_finance.memory import load
from alatau_finance.simulation.checks import CHECK_TOLERANCE, NONE, CheckCount, FailingInstance
from alatau_finance.simulation.programs import Program

_NEVER = np.iinfo(np.int64).max


@kernel_function
def find_failing(values: Any, first: int, count: int, tolerance: float, failing: Any) -> None:
    """Marks in ``failing`` [checks] which rows from ``first`` on of ``values`` [instances, rows, 64] are beyond
    ``tolerance`` in any of the first ``count`` lanes; a residual that is not a number is."""
    flat, rows, whole = values.reshape(values.size), values.shape[1], count // TILE * TILE
    for instance in range(values.shape[0]):
        for check in range(len(failing)):
            row, beyond = (instance * rows + first + check) * LANES, 0
            for lane in range(0, whole, TILE):
                residual = load(flat, row + lane)
                beyond |= any_of(residual > tolerance) | any_of(residual != residual)
            for lane in range(whole, count):
                beyond |= int(not flat[row + lane] <= tolerance)
            failing[check] |= beyond != 0


class Tally:
    """Failures of every check of every instance that one thread has seen."""

    def __init__(self, programs: Sequence[Program]) -> None:
        self._programs = tuple(programs)
        self._checks = [program.spec.plan.of_kind("check") for program in programs]
        self._metrics = [len(program.spec.plan.of_kind("metric")) for program in programs]
        shapes = [(len(names), len(p.instances)) for names, p in zip(self._checks, programs, strict=True)]
        self._paths_failed = [np.zeros(checks, np.int64) for checks, _ in shapes]
        self._failed = [np.zeros(shape, np.int64) for shape in shapes]
        self._first = [np.full(shape, _NEVER, np.int64) for shape in shapes]

    def add(self, first_path: int, count: int, outputs: Sequence[NDArray[np.float64]]) -> None:
        """Look at the first ``count`` lanes of a block.

        ``outputs`` holds [instances, metrics then checks, 64] per program.
        """
        for number, (metrics, values) in enumerate(zip(self._metrics, outputs, strict=True)):
            failing = np.zeros(len(self._checks[number]), bool)
            find_failing(values, metrics, count, CHECK_TOLERANCE, failing)
            for check in np.flatnonzero(failing):
                bad = ~(values[:, metrics + check, :count] <= CHECK_TOLERANCE)
                self._count(number, int(check), bad, first_path)

    def _count(self, number: int, check: int, bad: NDArray[np.bool_], first_path: int) -> None:
        """``bad`` says on which lanes which instances fail: [instances, lanes]."""
        self._paths_failed[number][check] += int(bad.any(axis=0).sum())
        self._failed[number][check] += bad.sum(axis=1)
        first = np.where(bad.any(axis=1), first_path + bad.argmax(axis=1), _NEVER)
        self._first[number][check] = np.minimum(self._first[number][check], first)

    def data(self) -> dict[str, list[list[int]]]:
        """What was counted, as JSON has it; most often nothing. :meth:`include` reads it."""
        paths_failed, failing = [], []
        for number, failed in enumerate(self._failed):
            paths_failed += [
                [number, int(k), int(self._paths_failed[number][k])] for k in np.flatnonzero(failed.any(axis=1))
            ]
            for check, row in np.argwhere(failed).tolist():
                failing.append([number, check, row, int(failed[check, row]), int(self._first[number][check, row])])
        return {"paths_failed": paths_failed, "failing": failing}

    def include(self, data: Mapping[str, Sequence[Sequence[int]]]) -> None:
        """Add what another tally, of other paths, counted."""
        for number, check, paths in data["paths_failed"]:
            self._paths_failed[number][check] += paths
        for number, check, row, failed, first in data["failing"]:
            self._failed[number][check, row] += failed
            self._first[number][check, row] = min(int(self._first[number][check, row]), first)

    @staticmethod
    def merge(tallies: Sequence[Tally], paths: int) -> tuple[CheckCount, ...]:
        """What all threads have seen together, over ``paths`` paths. Every path is of one thread, so counts add up."""
        return tuple(
            Tally._merged(tallies, number, check, paths)
            for number, names in enumerate(tallies[0]._checks)
            for check in range(len(names))
        )

    @staticmethod
    def _merged(tallies: Sequence[Tally], number: int, check: int, paths: int) -> CheckCount:
        program = tallies[0]._programs[number]
        failed = np.sum([tally._failed[number][check] for tally in tallies], axis=0)
        first = np.min([tally._first[number][check] for tally in tallies], axis=0)
        failing = tuple(
            FailingInstance(program.instances[row].key, int(failed[row]), int(first[row]))
            for row in np.flatnonzero(failed)
        )
        earliest = min(failing, key=lambda instance: instance.first_failing_path, default=None)
        return CheckCount(
            f"{program.spec.plan.key}.{tallies[0]._checks[number][check]}",
            len(program.instances) * paths,
            int(failed.sum()),
            earliest.first_failing_path if earliest else NONE,
            sum(int(tally._paths_failed[number][check]) for tally in tallies),
            earliest.instance if earliest else "",
            len(program.instances),
            failing,
        )
