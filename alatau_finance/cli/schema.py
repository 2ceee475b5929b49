"""``alatau-fin schema``: JSON Schemas of the assumption files, for editors that check as one types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from alatau_finance.cli.options import LanguageOption
from alatau_finance.cli.streams import show_json, tell
from alatau_finance.errors import UsageError
from alatau_finance.i18n import default_language, message, translator

OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Write one schema a kind of file there, for VS Code.")
]


def run(out: OutOption = None, lang: LanguageOption = None) -> None:
    """Print or write JSON Schemas of the assumption files.

    With --out, what is printed are the lines that link them in VS Code's settings.json (YAML extension of Red Hat).
    """
    from alatau_finance.assumptions import json_schema

    _ = translator(lang or default_language())
    schemas = json_schema()
    if out is None:
        show_json(schemas)
        return
    _write(schemas, out)
    tell(
        _("Wrote {count} schemas to {folder}. For VS Code with the YAML extension, in settings.json:").format(
            count=len(schemas), folder=out
        )
    )
    show_json({"yaml.schemas": _patterns(out)})


def _write(schemas: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, schema in schemas.items():
            text = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
            _file(folder, kind).write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(message("{folder} cannot be made: {reason}", folder=folder, reason=reason)) from error


def _patterns(folder: Path) -> dict[str, list[str]]:
    """Which files each schema is for, as VS Code's YAML extension wants it."""
    from alatau_finance.assumptions.schema import FILES, FOLDERS

    found = {_uri(folder, kind.key): [f"**/assumptions/{name}"] for name, kind in FILES.items()}
    for name, kind in FOLDERS.items():
        others = [f"!**/assumptions/{file}" for file in FILES if file.startswith(f"{name}/")]
        found[_uri(folder, kind.key)] = [f"**/assumptions/{name}/*.yaml", *others]
    return found


def _file(folder: Path, kind: str) -> Path:
    return folder / f"{kind}.schema.json"


def _uri(folder: Path, kind: str) -> str:
    return _file(folder.resolve(), kind).as_uri()
