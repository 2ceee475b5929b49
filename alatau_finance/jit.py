"""How numba compiles this toolkit: one wrapper for what is called from Python, one for what is inlined into it.

No ``fastmath``: the same bits on every machine and with any number of threads come first, and without it LLVM neither
reorders sums nor contracts ``a * b + c``. Division by zero gives inf or nan as in numpy, it does not raise.

numba's disk cache knows the file of the function it compiled and nothing of the functions inlined into it. So the cache
lies in a folder named after the text of all modules that hold such functions: an edit of any of them starts afresh.
The kernel of the draws has a folder of its own, so that an edit of a distribution does not recompile the contracts.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit
from numba.core import config

LANES = 64
"""Paths in a block: those that are drawn together."""
TILE = 8
"""Lanes that the kernels of models compute at once: a 512-bit register, where a processor has it."""
TILES = LANES // TILE

_RISK = "alatau_finance.risk."
_INLINED_IN_RISK = ("jit.py", "vectors.py", "lane_bits.py", "memory.py", "risk/*.py")
_INLINED = (
    "jit.py",
    "vectors.py",
    "lane_bits.py",
    "memory.py",
    "sums.py",
    "risk/normal.py",
    "backends/flows.py",
    "backends/functions.py",
    "backends/lanes.py",
    "backends/rates.py",
)

_Function = TypeVar("_Function", bound=Callable[..., Any])


def kernel_function(function: _Function) -> _Function:
    """Compile ``function`` at its first call, without the GIL, and keep the machine code on disk."""
    return _compiled(function, forceinline=False)


def inline_function(function: _Function) -> _Function:
    """As :func:`kernel_function`, for small functions that LLVM must inline into their caller."""
    return _compiled(function, forceinline=True)


def _compiled(function: _Function, *, forceinline: bool) -> _Function:
    settings: Any = config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(cache_folder(_INLINED_IN_RISK if function.__module__.startswith(_RISK) else _INLINED))
    try:
        compiled: Any = njit(error_model="numpy", nogil=True, cache=True, forceinline=forceinline)(function)
    finally:
        settings.CACHE_DIR = before
    return cast(_Function, compiled)


@cache
def cache_folder(inlined: tuple[str, ...] = _INLINED) -> Path:
    """Where machine code is kept: under ``NUMBA_CACHE_DIR`` or the user's cache, by the digest of ``inlined`` sources.

    By default the folder of the contracts' kernels.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    user = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "alatau_finance" / "kernels"
    return (Path(chosen) if chosen else user) / sources_digest(inlined)


@cache
def sources_digest(inlined: tuple[str, ...]) -> str:
    """Digest of the modules whose functions are inlined in kernels of other modules."""
    digest = hashlib.blake2b(digest_size=8)
    here = Path(__file__).parent
    for pattern in inlined:
        for source in sorted(here.glob(pattern)):
            digest.update(source.read_bytes())
    return digest.hexdigest()
