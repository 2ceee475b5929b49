"""Which assumptions files there are, and their bytes. Nothing outside the root is ever read."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from alatau_finance.assumptions.document import FaultList, roots
from alatau_finance.assumptions.fields import NAME_PATTERN, name
from alatau_finance.assumptions.schema import FILES, FOLDERS, Kind
from alatau_finance.errors import Fault, UsageError, nearest
from alatau_finance.i18n import message

FOLDER = "assumptions"
MAXIMUM_BYTES = 2 * 1024 * 1024  # of one file
MAXIMUM_TOTAL_BYTES = 8 * 1024 * 1024
MAXIMUM_FILES = 500


@dataclass(frozen=True, slots=True)
class RawFile:
    """One file as it is on disk. ``file`` is relative to the root, ``name`` its name without .yaml."""

    file: str
    name: str
    kind: Kind
    data: bytes

    @property
    def sha256(self) -> str:
        """Digest of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


def available_scenarios(root: Path) -> tuple[str, ...]:
    """The scenarios of a root by name: base, which always exists, then those of assumptions/scenarios/."""
    names = {path.stem for path in (root / FOLDER / "scenarios").glob("*.yaml")}
    return ("base", *sorted(names - {"base"}))


def read_files(root: Path, faults: FaultList) -> list[RawFile]:
    """Every file of ``root``/assumptions in a fixed order, adding a fault for each that cannot be one.

    Raises UsageError where there is no such folder.
    """
    base = root / FOLDER
    if not base.is_dir():
        raise UsageError(message("{root} has no folder {folder}", root=root, folder=FOLDER))
    read: list[RawFile] = []
    size = 0
    for path in _yaml_files(base, root, faults):
        if len(read) >= MAXIMUM_FILES or size > MAXIMUM_TOTAL_BYTES:
            problem = message(
                "more than {count} files or {size} bytes of assumptions", count=MAXIMUM_FILES, size=MAXIMUM_TOTAL_BYTES
            )
            faults.add(_fault(FOLDER, "", problem))
            break
        raw = _read(path, base, root, faults)
        if raw is not None:
            read.append(raw)
            size += len(raw.data)
    _miss(read, faults)
    return read


def _yaml_files(base: Path, root: Path, faults: FaultList) -> Iterator[Path]:
    """The .yaml files of the folder and of the folders it may have; anything else is passed over or a fault."""
    known = (*(file for file in FILES if "/" not in file), *FOLDERS)
    for path in sorted(base.iterdir()):
        if path.name in FOLDERS and path.is_dir():
            if _inside(path, root, faults):
                yield from sorted(inner for inner in path.iterdir() if _looks_like_yaml(inner, root, faults))
        elif path.is_dir() and not any(path.glob("*.yaml")):
            continue
        elif path.is_dir():
            problem = message("there is no place for a folder of this name")
            faults.add(
                _fault(path.relative_to(root).as_posix(), "", problem, ", ".join(FOLDERS), nearest(path.name, FOLDERS))
            )
        elif _looks_like_yaml(path, root, faults):
            if path.name in FILES:
                yield path
            else:
                problem = message("there is no place for a file of this name")
                likely = nearest(path.name, known)
                faults.add(_fault(path.relative_to(root).as_posix(), "", problem, ", ".join(known), likely))


def _looks_like_yaml(path: Path, root: Path, faults: FaultList) -> bool:
    """Whether it is a file to read. Notes, hidden files and editors' backups are not."""
    if path.name.startswith("."):
        return False
    if path.is_dir():
        faults.add(_fault(path.relative_to(root).as_posix(), "", message("there is no place for a folder here")))
        return False
    if path.suffix in {".yml", ".YAML", ".YML"}:
        file = path.relative_to(root).as_posix()
        faults.add(_fault(file, "", message("the ending must be .yaml"), "", f"{path.stem}.yaml"))
    return path.suffix == ".yaml"


def _read(path: Path, base: Path, root: Path, faults: FaultList) -> RawFile | None:
    file = path.relative_to(root).as_posix()
    inner = path.relative_to(base).as_posix()
    kind = FILES.get(inner) or FOLDERS[inner.partition("/")[0]]
    if kind.key in {"contract", "scenario"} and not _well_named(path.stem):
        faults.add(_fault(file, path.stem, message("{text} cannot be a name", text=repr(path.stem)), NAME_PATTERN))
    if not _inside(path, root, faults):
        return None
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            problem = message("this is not a file")
        else:
            with path.open("rb") as stream:
                data = stream.read(MAXIMUM_BYTES + 1)
            if len(data) <= MAXIMUM_BYTES:
                return RawFile(file, path.stem, kind, data)
            problem = message("larger than {limit} bytes", limit=MAXIMUM_BYTES)
    except OSError as error:
        problem = message("cannot be read: {reason}", reason=error.strerror or type(error).__name__)
    faults.add(_fault(file, path.stem, problem), breaks=roots(kind, path.stem))
    return None


def _well_named(stem: str) -> bool:
    try:
        return bool(name(stem))
    except ValueError:
        return False


def _inside(path: Path, root: Path, faults: FaultList) -> bool:
    """Whether ``path``, links followed, lies in the root."""
    if Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root)):
        return True
    file = path.relative_to(root).as_posix()
    problem = message("a link that leads out of the folder of the assumptions; copy the file here")
    # Which paths it would define is not known, so none of its folder can be judged.
    kind = FILES.get(file.removeprefix(f"{FOLDER}/")) or FOLDERS[file.split("/")[1]]
    faults.add(_fault(file, path.stem, problem), breaks=roots(kind, path.stem))
    return False


def _miss(read: list[RawFile], faults: FaultList) -> None:
    """A fault for each file that no run can do without and that is not there at all."""
    present = {raw.file for raw in read} | {fault.file for fault in faults.faults}
    for inner, kind in FILES.items():
        file = f"{FOLDER}/{inner}"
        if kind.required and present.isdisjoint({file, file.rpartition("/")[0]}):
            faults.add(_fault(file, kind.key, message("the file is missing")), breaks=kind.roots)


def _fault(file: str, path: str, problem: str, allowed: str = "", suggestion: str = "") -> Fault:
    return Fault(file, 1, 1, path or file.rpartition("/")[2], problem, allowed, suggestion)
