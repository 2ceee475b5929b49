"""``alatau-fin init``: a copy of the assumptions and the models, to edit."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from alatau_finance.cli.options import LanguageOption
from alatau_finance.cli.streams import tell
from alatau_finance.errors import UsageError
from alatau_finance.i18n import default_language, message, translator
from alatau_finance.root import bundled

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A new or an empty folder.")]


def run(folder: Folder, lang: LanguageOption = None) -> None:
    """Copy assumptions/ and models/ into DIR, to edit.

    DIR must be new or empty; a copy that fails leaves nothing behind.
    """
    _ = translator(lang or default_language())
    copy_out(bundled(), folder)
    tell(_("Made {folder}. Edit assumptions/, then run `alatau-fin check` inside it.").format(folder=folder))


def copy_out(source: Path, folder: Path) -> None:
    """Copy the assumptions and models of ``source`` into ``folder``, all or nothing.

    Raises UsageError when ``folder`` holds something, is a file or cannot be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(message("{folder} is not empty; name a new or an empty folder", folder=folder))
    target = folder.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as made:
            copy = Path(made) / target.name
            for part in ("assumptions", "models"):
                shutil.copytree(source / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.py[co]"))
            if target.exists():
                target.rmdir()  # empty; Windows does not rename onto a folder
            copy.rename(target)
    except OSError as error:
        raise UsageError(
            message("{folder} cannot be made: {reason}", folder=folder, reason=error.strerror or error)
        ) from error
