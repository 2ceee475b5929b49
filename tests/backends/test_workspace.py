"""Kernels write where they are told to and nowhere else; that there is room, nobody asks while they run."""

from __future__ import annotations

import random
from typing import Any

import pytest

from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.backends.workspace import Workspace, workspace_for
from alatau_finance.modelling.calendar import Calendar

CALENDAR = Calendar(2026, 2030, 2, 2)


def specs(kit: Any) -> list[KernelSpec]:
    return [kit.spec(kit.plan(random.Random(seed), 12)) for seed in range(6)]


def test_kernels_that_take_turns_have_the_room_of_the_largest(kit: Any) -> None:
    alone = [workspace_for([spec], CALENDAR) for spec in specs(kit)]
    together = workspace_for(specs(kit), CALENDAR)
    for name in Workspace._fields:
        assert getattr(together, name).size == max(getattr(each, name).size for each in alone)
    assert len({room.work.size for room in alone}) > 1
    assert len({room.marks.size for room in alone}) > 1


@pytest.mark.parametrize("name", ["local", "work"])
def test_a_kernel_that_has_too_little_room_is_seen(kit: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the numbers that the tests put behind its arrays: else no test of a kernel would see it."""
    spec = specs(kit)[0]
    block = kit.block(spec.plan, CALENDAR, 1)

    def too_little(specs: list[KernelSpec], calendar: Calendar) -> Workspace:
        room = workspace_for(specs, calendar)
        array = getattr(room, name)
        return room._replace(**{name: array[: len(array) // 2]})

    kit.run(kit.compiled(spec), spec, [block], CALENDAR)
    monkeypatch.setitem(kit.run.__globals__, "workspace_for", too_little)
    with pytest.raises(AssertionError, match="beyond its arrays"):
        kit.run(kit.compiled(spec), spec, [block], CALENDAR)
