"""Kernels compiled by other processes are those that this one would compile."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numba
import pytest

from alatau_finance.backends import ahead
from alatau_finance.backends.ahead import SIGNATURE, compiled_ahead
from alatau_finance.backends.kernel import ARGUMENTS
from alatau_finance.jit import cache_folder
from alatau_finance.modelling.calendar import Calendar

CALENDAR = Calendar(2026, 2028, 0, 2)


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    cache_folder.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    cache_folder.cache_clear()


def _specs(kit: Any, first: int) -> list[Any]:
    """Of each test its own, as a kernel is imported once in a process."""
    return [kit.spec(kit.plan(random.Random(first + number), 3, rates=False)) for number in range(3)]


def test_the_signature_is_that_of_a_call(kit: Any) -> None:
    spec, given = _specs(kit, 100)[0], list[Any]()
    kit.run(lambda *arguments: given.extend(arguments), spec, [kit.block(spec.plan, CALENDAR, 1)], CALENDAR)
    assert len(given) == len(ARGUMENTS.split(", "))
    assert tuple(map(numba.typeof, given)) == SIGNATURE


def test_what_others_compiled_is_found_in_the_cache(kit: Any, empty_cache: Path) -> None:
    specs = _specs(kit, 200)
    kernels = [kit.compiled(spec) for spec in specs]
    with compiled_ahead(kernels, 2):
        pass
    assert len(list(empty_cache.rglob("*.run-*.nbi"))) == len(kernels)
    for spec, kernel in zip(specs, kernels, strict=True):
        block = kit.block(spec.plan, CALENDAR, 2)
        [found] = kit.run(kernel, spec, [block], CALENDAR)
        assert set(found) == {*spec.outputs, *spec.exports}
    assert [sum(kernel.stats.cache_hits.values()) for kernel in kernels].count(1) >= 1
    assert all(set(kernel.signatures) == {SIGNATURE} for kernel in kernels)


def test_what_another_process_cannot_compile_is_compiled_here(
    kit: Any, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = _specs(kit, 300)
    kernels = [kit.compiled(spec) for spec in specs]
    failing = (sys.executable, "-c", "raise SystemExit(1)")
    monkeypatch.setattr(ahead, "_helper", lambda files: subprocess.Popen(failing))
    with compiled_ahead(kernels, 2):
        pass
    [found] = kit.run(kernels[1], specs[1], [kit.block(specs[1].plan, CALENDAR, 3)], CALENDAR)
    assert set(found) == {*specs[1].outputs, *specs[1].exports}
