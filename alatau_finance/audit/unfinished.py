"""A run under way: its inputs as they were at the start, its settings and the shards that are done, in one folder.

The folder is hidden and lies beside finished runs. When the run is whole its results leave it under their own name and
the rest is removed. When the run ends early the folder goes too, unless a shard is done: then ``--resume`` takes it.

    .unfinished-base-seed1-100000paths-1a2b3c4d/
        settings.json    what was asked for, of which program and which inputs
        shards/          a file for each portion of paths
        run/             what becomes the run's folder; inputs/ from the start, all else at the end
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from alatau_finance.audit.run_folder import INPUTS, RunFolderError, hashes
from alatau_finance.errors import ResultsDiffer
from alatau_finance.i18n import message
from alatau_finance.simulation.fingerprint import program_fingerprint

PREFIX = ".unfinished-"
_SETTINGS = "settings.json"


@dataclass(frozen=True)
class Settings:
    """What was asked for. ``options`` are keyword arguments of ``simulate`` that JSON can hold."""

    scenario: str
    run_date: str
    options: Mapping[str, Any]
    shard_paths: int


@dataclass(frozen=True)
class UnfinishedRun:
    """A run under way in ``folder``."""

    folder: Path
    settings: Settings

    @property
    def outputs(self) -> Path:
        """Where finished runs lie."""
        return self.folder.parent

    @property
    def run(self) -> Path:
        """What becomes the run's folder."""
        return self.folder / "run"

    @property
    def shards(self) -> Path:
        """Where portions of paths that are done lie."""
        return self.folder / "shards"

    @property
    def paths_done(self) -> int:
        """How many paths lie in whole shards, at most."""
        return len(list(self.shards.glob("*.shard"))) * self.settings.shard_paths


@contextmanager
def begun(outputs: Path, settings: Settings, keep_inputs: Callable[[Path], None]) -> Iterator[UnfinishedRun]:
    """A new run in ``outputs``, its inputs frozen by ``keep_inputs``.

    Raises :class:`RunFolderError` when ``outputs`` cannot be written.
    """
    name = f"{settings.scenario}-seed{settings.options['seed']}-{settings.options['paths']}paths"
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        # Not mkdtemp: that makes folders which only their owner may open, and the mode stays when one is renamed.
        folder = outputs / f"{PREFIX}{name}-{secrets.token_hex(4)}"
        folder.mkdir()
    except OSError as error:
        text = "{folder}: cannot be written ({reason}); choose another folder with --out"
        raise RunFolderError(message(text, folder=outputs, reason=error.strerror)) from error
    unfinished = UnfinishedRun(folder, settings)
    with _kept_where_of_use(unfinished):
        unfinished.run.mkdir()
        keep_inputs(unfinished.run)
        data = {"program": program_fingerprint(), "inputs": hashes(unfinished.run / INPUTS), **asdict(settings)}
        (folder / _SETTINGS).write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
        yield unfinished


@contextmanager
def resumed(folder: Path) -> Iterator[UnfinishedRun]:
    """The run that was left in ``folder``, ready to go on.

    Raises RunFolderError where there is none, and ResultsDiffer where it would not give what it would have given:
    another version of the program, or inputs that were touched.
    """
    unfinished = _opened(folder)
    for rest in unfinished.run.iterdir():
        if rest.name != INPUTS:
            shutil.rmtree(rest) if rest.is_dir() else rest.unlink()
    with _kept_where_of_use(unfinished):
        yield unfinished


def _opened(folder: Path) -> UnfinishedRun:
    try:
        data = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
        program, inputs = data.pop("program"), data.pop("inputs")
        settings = Settings(**data)
    except FileNotFoundError as error:
        text = "{folder}: no unfinished run here; name the folder that an interrupted `alatau-fin simulate` told"
        raise RunFolderError(message(text, folder=folder)) from error
    except (ValueError, KeyError, TypeError) as error:
        text = "{file}: not the settings of an unfinished run ({reason})"
        raise RunFolderError(message(text, file=folder / _SETTINGS, reason=error)) from error
    if program != program_fingerprint():
        text = (
            "{folder}: was begun with another version of the program or its libraries, so what is done and what is "
            "missing might not fit together; start the run again and remove this folder"
        )
        raise ResultsDiffer(message(text, folder=folder))
    found = hashes(folder / "run" / INPUTS)
    changed = sorted(name for name in {*inputs, *found} if inputs.get(name) != found.get(name))
    if changed:
        text = (
            "{folder}: its inputs were changed since it was begun: {files}; start the run again and remove this folder"
        )
        raise ResultsDiffer(message(text, folder=folder, files=", ".join(changed)))
    return UnfinishedRun(folder, settings)


@contextmanager
def _kept_where_of_use(unfinished: UnfinishedRun) -> Iterator[None]:
    try:
        yield
    except BaseException:
        if not unfinished.paths_done:
            shutil.rmtree(unfinished.folder, ignore_errors=True)
        raise
    shutil.rmtree(unfinished.folder, ignore_errors=True)
