"""A run repeated from its own folder, and compared number for number by its digest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from alatau_finance.audit.manifest import read_manifest, sampling_of
from alatau_finance.audit.run_folder import INPUTS, RunFolderError, file_hash
from alatau_finance.errors import AlatauError
from alatau_finance.i18n import message
from alatau_finance.root import find_root
from alatau_finance.simulation.run import Stage, prepare, simulate


@dataclass(frozen=True)
class Verification:
    """Whether a run repeated, and which of its files differ from what the manifest says.

    ``recomputed`` is empty, and ``reason`` says why, where changed inputs no longer make a run.
    """

    folder: Path
    recorded: str
    recomputed: str
    changed_files: tuple[str, ...]
    reason: str = ""

    @property
    def ok(self) -> bool:
        """The digest repeated and no file was touched."""
        return self.recorded == self.recomputed and not self.changed_files


def verify(folder: Path, progress: Callable[[Stage], None] = lambda stage: None) -> Verification:
    """Run ``folder`` again from the assumptions and models it carries.

    Raises :class:`RunFolderError` where ``folder`` is no run, and AlatauError where untouched inputs do not load.
    """
    manifest = read_manifest(folder)
    if not (folder / INPUTS / "assumptions").is_dir():
        text = "{folder}: the run's own assumptions are missing; it cannot be repeated"
        raise RunFolderError(message(text, folder=folder / INPUTS))
    changed = tuple(name for name, digest in manifest["files"].items() if not _untouched(folder / name, digest))
    try:
        pool = prepare(find_root(folder / INPUTS), manifest["scenario"], date.fromisoformat(manifest["run_date"]))
    except AlatauError as error:
        if not changed:
            raise
        return Verification(folder, manifest["digest"], "", changed, str(error))
    sampling = sampling_of(manifest)
    result = simulate(
        pool, paths=sampling.paths, seed=int(manifest["seed"]), sampler=sampling.sampler, progress=progress
    )
    return Verification(folder, manifest["digest"], result.digest, changed)


def _untouched(file: Path, digest: str) -> bool:
    return file.is_file() and file_hash(file) == digest
