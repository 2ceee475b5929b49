"""What the terminal says of the checks of a run: a line where all hold, else which fail and how to open them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import list2cmdline

from rich.table import Table

from alatau_finance.cli.streams import show, show_table
from alatau_finance.i18n import Language, number, percent, translator
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.checks import CheckCount


def check_labels(pool: BoundPool) -> Mapping[str, str]:
    """What each named check says, in English: ``contract type.check`` -> label."""
    return {
        f"{key}.{name}": plan.lines[name].label for key, plan in pool.plans.items() for name in plan.of_kind("check")
    }


def show_checks(
    checks: Sequence[CheckCount], labels: Mapping[str, str], paths: int, folder: Path, language: Language
) -> None:
    """Print the checks of a run of ``paths`` paths that lies in ``folder``."""
    _ = translator(language)
    failed = [check for check in checks if check.failed]
    if not failed:
        evaluated = number(sum(check.evaluated for check in checks), language)
        text = _("Checks: all {total} hold on each of {paths} paths, {evaluated} evaluations")
        show(text.format(total=len(checks), paths=number(paths, language), evaluated=evaluated))
        return
    show(_("Checks: {failed} of {total} FAIL on some path").format(failed=len(failed), total=len(checks)))
    show_table(_failed_table(failed, labels, paths, language))
    show(_("A failing path as a workbook, every line live:"))
    for path in sorted({check.first_failing_path for check in failed}):
        show("  " + list2cmdline(["alatau-fin", "export", str(folder), "--path", str(path)]))


def _failed_table(failed: Sequence[CheckCount], labels: Mapping[str, str], paths: int, language: Language) -> Table:
    _ = translator(language)
    table = Table(_("Key"), _("Check"), style="bold red")
    table.add_column(_("Paths that fail"), justify="right")
    table.add_column(_("Contracts that fail"), justify="right")
    table.add_column(_("First failing path"), justify="right")
    table.add_column(_("First there"))
    for check in failed:
        share = percent(check.paths_failed / paths, language, 2)
        table.add_row(
            check.name,
            _(labels.get(check.name, check.name)),
            f"{number(check.paths_failed, language)} ({share})",
            f"{number(len(check.failing), language)} / {number(check.instances, language)}",
            str(check.first_failing_path),
            check.first_failing_instance,
        )
    return table
