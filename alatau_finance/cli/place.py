"""What every command that reads assumptions says of them: where they are, and what the scenario changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alatau_finance.cli.streams import tell
from alatau_finance.i18n import Language, number, translator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alatau_finance.assumptions import Override
    from alatau_finance.root import Root


def tell_place(root: Root, language: Language) -> None:
    """Say which assumptions are used, and why those."""
    _ = translator(language)
    origins = {
        "option": _("named by --root"),
        "parent": _("found around the current folder"),
        "bundled": _("the bundled copy"),
    }
    tell(_("Assumptions: {folder} ({origin})").format(folder=root.assumptions, origin=origins[root.origin]))


def tell_overrides(overrides: Sequence[Override], language: Language) -> None:
    """Say what the scenario changed, old -> new, a line each."""
    for override in overrides:
        old, new = (number(value, language) for value in (override.old, override.new))
        tell(f"{override.path}: {old} -> {new} {override.unit}")
