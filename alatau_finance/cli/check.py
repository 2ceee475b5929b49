"""``alatau-fin check``: read every assumption and tie the pool to its published totals."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import typer

from alatau_finance.cli.options import JsonOption, LanguageOption, RootOption, ScenarioOption
from alatau_finance.cli.place import tell_overrides, tell_place
from alatau_finance.cli.streams import show_json, show_table, tell
from alatau_finance.i18n import Language, chosen, default_language, number, translator, unit_name
from alatau_finance.root import Root, find_root

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from alatau_finance.assumptions import Assumptions, Tie


def run(
    root: RootOption = None, scenario: ScenarioOption = "base", lang: LanguageOption = None, json: JsonOption = False
) -> None:
    """Read every assumption; tie the pool to its totals.

    Every input of every model must find its value, as in a simulation. Exit code 1 if a total does not tie, 3 if the
    assumptions are invalid; every mistake is listed with file and line.
    """
    from alatau_finance.assumptions import ties
    from alatau_finance.simulation.path import draw_plan
    from alatau_finance.simulation.run import DEFAULT_SEED, prepare

    language = lang or default_language()
    place = find_root(root)
    pool = prepare(place, scenario)
    draw_plan(pool, DEFAULT_SEED)  # tells which risks cannot be drawn
    assumptions = pool.assumptions
    found = ties(assumptions)
    if json:
        show_json(_data(place, scenario, assumptions, found))
    else:
        show_table(_table(found, language))
        _tell_about(place, assumptions, language)
    if not all(tie.ok for tie in found):
        raise typer.Exit(1)


def _data(root: Root, scenario: str, assumptions: Assumptions, ties: Sequence[Tie]) -> dict[str, Any]:
    return {
        "root": str(root.path),
        "scenario": scenario,
        "values": dict(sorted(Counter(value.basis for value in assumptions.all_values()).items())),
        "ties": [
            {"name": tie.name, "published": tie.published, "computed": tie.computed, "unit": tie.unit, "ok": tie.ok}
            for tie in ties
        ],
    }


def _table(ties: Sequence[Tie], language: Language) -> Table:
    from rich.table import Table

    _ = translator(language)
    table = Table(_("Total"), _("Unit"), title=_("Pool and published totals"), title_justify="left")
    table.add_column(_("Published"), justify="right")
    table.add_column(_("Computed"), justify="right")
    table.add_column(_("Ties"))
    for tie in ties:
        verdict = _("yes") if tie.ok else _("NO")
        published, computed = (number(value, language) for value in (tie.published, tie.computed))
        table.add_row(
            chosen(tie.label, language),
            unit_name(tie.unit, _),
            published,
            computed,
            verdict,
            style=None if tie.ok else "bold red",
        )
    return table


def _tell_about(root: Root, assumptions: Assumptions, language: Language) -> None:
    _ = translator(language)
    tell_place(root, language)
    counts = Counter(value.basis for value in assumptions.all_values())
    bases = {
        "sourced": _("sourced"),
        "derived": _("derived"),
        "assumed": _("assumed"),
        "allocated": _("allocated"),
    }
    tell(_("Values: {counts}").format(counts=", ".join(f"{counts[basis]} {bases[basis]}" for basis in sorted(counts))))
    tell_overrides(assumptions.overrides, language)
