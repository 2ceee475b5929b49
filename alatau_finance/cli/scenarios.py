"""``alatau-fin scenarios``: which scenarios there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alatau_finance.cli.options import JsonOption, LanguageOption, RootOption
from alatau_finance.cli.streams import show_json, show_table
from alatau_finance.i18n import Translator, chosen, default_language, translator
from alatau_finance.root import find_root


def run(root: RootOption = None, lang: LanguageOption = None, json: JsonOption = False) -> None:
    """List the names for --scenario and what each assumes."""
    from alatau_finance.assumptions import available_scenarios

    language = lang or default_language()
    _ = translator(language)
    place = find_root(root)
    rows = []
    for name in available_scenarios(place.path):
        described = _described(place.assumptions / "scenarios" / f"{name}.yaml", name, _)
        rows.append((name, *(chosen(described.get(key), language) for key in ("label", "description"))))
    if json:
        show_json([dict(zip(("name", "label", "description"), row, strict=True)) for row in rows])
        return
    from rich.table import Table

    table = Table(_("Name"), _("Scenario"), _("What it assumes"))
    for row in rows:
        table.add_row(*row)
    show_table(table)


def _described(file: Path, name: str, _: Translator) -> dict[str, Any]:
    """What the file says of the scenario; nothing where it cannot be read: finding faults is the work of ``check``."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if name == "base" and not file.exists():
        return {"label": {"en": _("Base case")}, "description": {"en": _("The assumptions as they stand")}}
    try:
        described = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))["scenario"]
        return {key: dict(described[key]) for key in ("label", "description") if described.get(key)}
    except (OSError, UnicodeError, YAMLError, KeyError, TypeError, ValueError, AttributeError):
        return {}
