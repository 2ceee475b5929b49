"""The reference project in C, compiled there and then for the processor at hand."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SOURCE = Path(__file__).with_name("reference.c")
_FLAGS = ("-O3", "-march=native", "-ffp-contract=fast", "-Wno-psabi", "-shared", "-fPIC")


def build(folder: Path) -> Callable[[Floats], Floats] | None:
    """A function from random inputs [4, n] to metrics [8, n], n a multiple of 32; None where there is no compiler.

    Raises subprocess.CalledProcessError where the compiler refuses the source.
    """
    compiler = next((found for name in ("cc", "gcc", "clang") if (found := shutil.which(name))), None)
    if compiler is None:
        return None
    library = folder / "reference.so"
    subprocess.run([compiler, *_FLAGS, "-o", str(library), str(SOURCE)], check=True)
    function = ctypes.CDLL(str(library)).run
    pointer = ctypes.POINTER(ctypes.c_double)
    function.argtypes, function.restype = [ctypes.c_size_t, pointer, pointer], None

    def run(inputs: Floats) -> Floats:
        given, found = np.ascontiguousarray(inputs), np.empty((8, inputs.shape[1]))
        function(given.shape[1], given.ctypes.data_as(pointer), found.ctypes.data_as(pointer))
        return found

    return run
