"""What the bits of a result depend on besides its inputs: the program, and the libraries that make its kernels."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

#: Folders whose code has a part in what is computed; commands, reports and languages have none.
_COMPUTING = ("assumptions", "backends", "modelling", "risk", "simulation")
_PACKAGE = Path(__file__).resolve().parent.parent
_LIBRARIES = ("llvmlite", "numba", "numpy", "pint", "scipy")


def computing_files() -> tuple[Path, ...]:
    """The program's code that has a part in what is computed, what kernels are made of among it."""
    return tuple(file for folder in ("", *_COMPUTING) for file in sorted((_PACKAGE / folder).glob("*.py")))


@cache
def program_fingerprint() -> str:
    """The same only where the same inputs certainly give the same bits, 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for file in computing_files():
        # Line ends differ between checkouts, and mean nothing.
        text = file.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{file.relative_to(_PACKAGE).as_posix()}\0".encode() + text + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\0".encode())
    return digest.hexdigest()[:16]
