"""Kernels compiled by several processes at once, where numba does not have them in its cache yet.

numba compiles one function at a time in a process. Each of these processes leaves machine code in the cache on disk,
where the one that runs the kernels finds it. Run as a program, with files of generated kernels, this is such a process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from numba import float64, int64

from alatau_finance.backends.compiled import load_module
from alatau_finance.jit import cache_folder

_TABLE, _ROWS = int64[:, ::1], float64[:, ::1]
#: Types of the arguments of every kernel, see :data:`alatau_finance.backends.kernel.ARGUMENTS`.
SIGNATURE = (
    int64,
    _ROWS,
    _TABLE,
    _TABLE,
    _ROWS,
    float64[:, :, :, ::1],
    int64[::1],
    _ROWS,
    _TABLE,
    _TABLE,
    int64[::1],
    float64[:, :, :, ::1],
    float64[:, :, ::1],
    float64[:, :, ::1],
    float64[::1],
    float64[::1],
    int64[::1],
)
#: More would wait for the longest of them.
_MOST_PROCESSES = 4


@contextmanager
def compiled_ahead(kernels: Iterable[Callable[..., Any]], processes: int) -> Iterator[None]:
    """Compiles ``kernels`` that are in no cache in so many ``processes``; this one has its share done at the end.

    What is done in the meantime, such as to compile something else, is not waited for. Where another process fails,
    its kernels are compiled here, when they are first called.
    """
    files = dict.fromkeys(Path(kernel.__code__.co_filename) for kernel in kernels)
    own, *others = _shares(_missing(files), min(processes, _MOST_PROCESSES))
    helpers = [_helper(share) for share in others if share]
    try:
        yield
        if helpers:
            compile_files(own)
        for helper in helpers:
            helper.wait()
    finally:
        for helper in helpers:
            helper.kill()
            helper.wait()


def compile_files(files: Iterable[Path]) -> None:
    """Have the machine code of generated kernels in the cache."""
    for file in files:
        load_module(file.stem, file).run.compile(SIGNATURE)


def _missing(files: Iterable[Path]) -> list[Path]:
    """Those of which there is no machine code; none where it could not be kept for another process to find."""
    if not os.access(cache_folder(), os.W_OK):
        return []
    kept = {index.name.partition(".run-")[0] for index in cache_folder().rglob("*.run-*.nbi")}
    return [file for file in files if file.stem not in kept]


def _shares(files: Sequence[Path], number: int) -> list[list[Path]]:
    """``files`` in so many shares that take about as long; the first has room for what its process compiles besides."""
    shares: list[list[Path]] = [[] for _ in range(max(1, number))]
    # Twice as long a text takes numba more than twice as long.
    times = {file: file.stat().st_size ** 1.5 for file in files}
    loads = [0.4 * max(times.values(), default=0.0), *(0.0 for _ in shares[1:])]
    for file in sorted(files, key=lambda each: times[each], reverse=True):
        least = loads.index(min(loads))
        shares[least].append(file)
        loads[least] += times[file]
    return shares


def _helper(files: Sequence[Path]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "alatau_finance.backends.ahead", *map(str, files)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    compile_files(map(Path, sys.argv[1:]))
