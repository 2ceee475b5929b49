"""Bring the Russian and Kazakh catalogues up to date: ``make messages``.

Texts come from ``_("...")`` and ``message("...")`` in the package and from the labels of the models. New ones are
added without a translation, ones that nobody says any more are dropped.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from alatau_finance.i18n import Language, catalogue_path
from alatau_finance.modelling import labels
from alatau_finance.root import Root, load_models

REPOSITORY = Path(__file__).parents[1]
TRANSLATED: tuple[Language, ...] = ("ru", "kk")
KEYWORDS = ("_", "message")


def texts() -> Iterator[tuple[str, str]]:
    """Every English text that users see, with the file that says it."""
    for path in sorted((REPOSITORY / "alatau_finance").rglob("*.py")):
        for said in calls(path):
            for text in said.texts:
                yield text, path.relative_to(REPOSITORY).as_posix()
    for key, model in load_models(Root(REPOSITORY, "option")).items():
        for label in labels(model):
            yield label, f"models/{key}.py"


@dataclass(frozen=True)
class Call:
    """A place where a text is said, and the texts it can be; none where they are not written in that function."""

    keyword: str
    line: int
    texts: frozenset[str]


def calls(path: Path) -> Iterator[Call]:
    """Every ``_(...)`` and ``message(...)`` of a file. The text is in the call or in a variable of the function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Module | ast.FunctionDef):
            nodes = list(_inside(scope))
            assigned: defaultdict[str, set[str]] = defaultdict(set)
            for node in nodes:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    assigned[node.targets[0].id] |= _literals(node.value)
            for node in nodes:
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
                    text = node.args[0]
                    said = assigned[text.id] if isinstance(text, ast.Name) else _literals(text)
                    yield Call(node.func.id, node.lineno, frozenset(said))


def _inside(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a module or function, without those of the functions in it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef):
            yield child
            yield from _inside(child)


def _literals(node: ast.AST) -> set[str]:
    if isinstance(node, ast.IfExp):
        return _literals(node.body) | _literals(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def read(language: Language) -> Catalog:
    """The catalogue as it is on disk; an empty one where there is none."""
    path = catalogue_path(language)
    if not path.exists():
        team = "alatau-finance"
        header = "# Texts of alatau-finance. `make messages` adds new ones and drops old ones."
        return Catalog(
            locale=language,
            header_comment=header,
            project=team,
            version="0",
            msgid_bugs_address=team,
            last_translator=team,
            language_team=team,
            revision_date=datetime.now(UTC),
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(catalogue: Catalog) -> Catalog:
    """``catalogue`` with today's texts: no more, no fewer."""
    template = Catalog(creation_date=catalogue.creation_date)
    for text, file in texts():
        template.add(text, locations=[(file, 0)])
    catalogue.update(template, no_fuzzy_matching=True)
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """The texts that have no translation."""
    return [str(entry.id) for entry in catalogue if entry.id and not entry.string]


def write(language: Language, catalogue: Catalog) -> None:
    """Save the catalogue in an order that makes small diffs."""
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, ignore_obsolete=True, include_lineno=False)


def main() -> int:
    """Update both catalogues; 1 if a text still lacks a translation."""
    count = 0
    for language in TRANSLATED:
        catalogue = updated(read(language))
        write(language, catalogue)
        for text in untranslated(catalogue):
            print(f"{language}: no translation: {text}")
            count += 1
    return min(count, 1)


if __name__ == "__main__":
    sys.exit(main())
