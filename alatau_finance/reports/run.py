"""Everything a run writes, in one folder."""

from __future__ import annotations

from pathlib import Path

from alatau_finance.assumptions import load_scenarios
from alatau_finance.audit.manifest import write_manifest
from alatau_finance.audit.run_folder import INPUTS, RunFolderError, copy_inputs, file_hash
from alatau_finance.i18n import Language, message
from alatau_finance.reports.tables import write_tables
from alatau_finance.root import Root, find_root
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.result import Result

WORKBOOK = "workbook.xlsx"


def keep_inputs(pool: BoundPool, root: Root, folder: Path) -> None:
    """Copy assumptions and models into ``folder`` before the run starts.

    Raises :class:`RunFolderError` where somebody has changed an assumption since it was read.
    """
    copy_inputs(root, folder / INPUTS)
    for name, digest in pool.assumptions.files.items():
        if file_hash(folder / INPUTS / name) != digest:
            raise RunFolderError(message("{file} was changed while the run began; start it again", file=name))


def write_run(result: Result, folder: Path, language: Language, *, workbook: bool = True) -> None:
    """Write tables, workbook and, last, the manifest into ``folder``, where the inputs already are."""
    write_tables(result, folder)
    if workbook:
        # Loaded where it is wanted: most of what a run without a workbook would load for nothing.
        from alatau_finance.reports.run_workbook import write_run_workbook

        scenarios = load_scenarios(find_root(folder / INPUTS).path, run_date=result.pool.assumptions.timeline.run_date)
        write_run_workbook(result, folder / WORKBOOK, language, scenarios)
    write_manifest(result, folder)
