"""Which assumptions and models a command works on, and the models themselves."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Literal

from alatau_finance.errors import ModelError, UsageError
from alatau_finance.i18n import message

if TYPE_CHECKING:
    from alatau_finance.modelling import Model

Origin = Literal["option", "parent", "bundled"]


@dataclass(frozen=True, slots=True)
class Root:
    """A folder with ``assumptions/`` and usually ``models/``, and how it was come by."""

    path: Path
    origin: Origin

    @property
    def assumptions(self) -> Path:
        """The folder of values."""
        return self.path / "assumptions"

    @property
    def models(self) -> Path:
        """The folder of contracts: this root's own or, where it has values only, the bundled one."""
        own = self.path / "models"
        return own if own.is_dir() else bundled() / "models"


def find_root(option: Path | None = None, start: Path | None = None) -> Root:
    """The root named by ``--root``, else the nearest one around ``start`` (the current folder), else the bundled one.

    Raises UsageError when ``option`` has no assumptions/ folder.
    """
    if option is not None:
        if not (option / "assumptions").is_dir():
            raise UsageError(
                message(
                    "{folder} has no assumptions/ folder; `alatau-fin init {folder}` makes one",
                    folder=option,
                )
            )
        return Root(option.resolve(), "option")
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "assumptions").is_dir():
            return Root(folder, "parent")
    return Root(bundled(), "bundled")


def bundled() -> Path:
    """The copy that travels in the wheel; in a source checkout, the checkout's own top-level folders."""
    package = Path(__file__).resolve().parent
    inside = package / "_bundled"
    return inside if inside.is_dir() else package.parent


def load_models(root: Root) -> Mapping[str, type[Model]]:
    """Every contract type of the root by its key, in order of file name.

    Raises ModelError, with file and line, for a file that cannot be imported and for two models of one key.
    """
    folder = root.models
    package = _package_name(folder)
    _open_package(package, folder)
    found: dict[str, type[Model]] = {}
    for file in sorted(folder.glob("[!_]*.py")):
        for model in _models_of(_import(f"{package}.{file.stem}", folder)):
            if model.key in found:
                raise ModelError(
                    message(
                        "models/{file}: the key {key} is already that of {other}",
                        file=file.name,
                        key=model.key,
                        other=found[model.key].__name__,
                    )
                )
            found[model.key] = model
    return MappingProxyType(found)


def _models_of(module: ModuleType) -> Iterator[type[Model]]:
    from alatau_finance.modelling import Model

    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Model) and value.key and value.__module__ == module.__name__:
            yield value


def _package_name(folder: Path) -> str:
    """A name that carries the folder's path and contents.

    So several roots live side by side in one process, and a file that was edited since is imported anew.
    """
    digest = hashlib.sha256(str(folder.resolve()).encode())
    for file in sorted(folder.rglob("*.py")):
        digest.update(f"\0{file.relative_to(folder).as_posix()}\0".encode())
        digest.update(file.read_bytes())
    return f"_alatau_models_{digest.hexdigest()[:16]}"


def _open_package(name: str, folder: Path) -> None:
    """Make ``folder`` importable as ``name``. Its __init__.py, which models do without, is not run."""
    if name not in sys.modules:
        specification = ModuleSpec(name, None, is_package=True)
        specification.submodule_search_locations = [str(folder)]
        sys.modules[name] = importlib.util.module_from_spec(specification)


def _import(name: str, folder: Path) -> ModuleType:
    importlib.invalidate_caches()
    try:
        with _no_bytecode():
            return importlib.import_module(name)
    except ModelError:
        raise
    except Exception as error:
        file, line = _place(error, folder)
        raise ModelError(f"models/{file}:{line}: {type(error).__name__}: {_reason(error)}") from error


@contextmanager
def _no_bytecode() -> Iterator[None]:
    """Write no byte code: Python tells an edited file by its size and second, and one digit may change within both."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _place(error: Exception, folder: Path) -> tuple[str, int]:
    """File (as seen from ``folder``) and line where ``error`` arose: the innermost one within the folder."""
    places = [(Path(frame.filename), frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((Path(error.filename), error.lineno or 0))
    inside = [(file.relative_to(folder), line) for file, line in places if file.is_relative_to(folder)]
    file, line = inside[-1] if inside else (Path(), 0)
    return file.as_posix(), line


def _reason(error: Exception) -> str:
    return error.msg if isinstance(error, SyntaxError) else str(error)
