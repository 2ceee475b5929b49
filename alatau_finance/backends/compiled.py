"""Generated kernels as importable modules on disk, so that numba can keep their machine code between runs."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numba

from alatau_finance.backends.kernel import kernel_source
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.jit import cache_folder


def _fingerprint(source: str) -> str:
    """Hash of a kernel's text and of numba's version; what is inlined into it is in the name of the folder."""
    return hashlib.sha256(f"{source}\n{numba.__version__}\n".encode()).hexdigest()[:16]


def _kernel_folder() -> Path:
    """The cache of :mod:`alatau_finance.jit`, or a temporary folder where that cannot be written."""
    for folder in (cache_folder(), Path(tempfile.gettempdir()) / "alatau_finance" / cache_folder().name):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return folder
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="alatau-finance-"))


def _module(name: str, source: str) -> ModuleType:
    file = _kernel_folder() / f"{name}.py"
    # The folder may be one that others write to, or hold what a full disk left of a file.
    if not file.exists() or file.read_text(encoding="utf-8") != source:
        partial = file.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(source, encoding="utf-8")
        partial.replace(file)
    return load_module(name, file)


def load_module(name: str, file: Path) -> ModuleType:
    """The generated module in ``file``, imported once. Raises ImportError where it cannot be."""
    if name in sys.modules:
        return sys.modules[name]
    found = importlib.util.spec_from_file_location(name, file)
    if found is None or found.loader is None:
        raise ImportError(f"cannot import the generated kernel {file}")
    module = importlib.util.module_from_spec(found)
    sys.modules[name] = module
    found.loader.exec_module(module)
    return module


def compile_kernel(spec: KernelSpec) -> Callable[..., Any]:
    """The jitted ``run`` of :func:`kernel_source`; compiled at its first call unless numba finds it in its cache."""
    source = kernel_source(spec)
    name = f"alatau_kernel_{spec.plan.key}_{_fingerprint(source)}"
    module = sys.modules.get(name) or _module(name, source)
    return module.run  # type: ignore[no-any-return]
