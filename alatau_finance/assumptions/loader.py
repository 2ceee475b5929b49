"""The one way in: a folder of YAML -> validated, frozen, located assumptions, or every fault of every file at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from alatau_finance.assumptions.assembly import assemble, texts
from alatau_finance.assumptions.calendar import calendar_year, date_of
from alatau_finance.assumptions.checks import calendar_faults, check_splits, overlay_faults, unknown_faults
from alatau_finance.assumptions.document import Document, FaultList, parse
from alatau_finance.assumptions.entries import Resolved, check_statements, resolve
from alatau_finance.assumptions.file_models import ScenarioFile
from alatau_finance.assumptions.files import RawFile, available_scenarios, read_files
from alatau_finance.assumptions.overlay import Overlaid, Paths, apply_overlay
from alatau_finance.assumptions.records import Assumptions, Scenario, Value
from alatau_finance.assumptions.references import check_references
from alatau_finance.assumptions.ties import tie_faults
from alatau_finance.errors import AssumptionErrors, UsageError, nearest
from alatau_finance.i18n import message

RUN_DATE = "timeline.run_date"


def load_assumptions(root: Path, scenario: str = "base", *, run_date: date | None = None) -> Assumptions:
    """The assumptions in ``root``/assumptions under a scenario, as they were known on a date.

    ``run_date`` goes before the one of timeline.yaml. Raises AssumptionErrors with all faults, and UsageError for an
    unknown scenario or a root without assumptions.
    """
    _must_exist(scenario, available_scenarios(root))
    faults = FaultList()
    read = _read(root, run_date, faults)
    overlaid = _overlaid(read.documents, scenario, read.resolved, faults)
    _stop_at(faults)
    return _assembled(read, scenario, overlaid)


def load_scenarios(root: Path, *, run_date: date | None = None) -> Mapping[str, Assumptions | AssumptionErrors]:
    """The assumptions under each scenario of the folder, by its name, the files being read once.

    In place of a scenario that cannot be applied stand its faults. Raises AssumptionErrors with the faults of the other
    files, and UsageError for a root without assumptions.
    """
    names = available_scenarios(root)
    faults = FaultList()
    read = _read(root, run_date, faults)
    _stop_at(faults)
    paths = Paths(read.resolved)
    return MappingProxyType({name: _under(read, paths, name) for name in names})


@dataclass(frozen=True)
class _Read:
    """The files of a folder, and their values before any overlay."""

    raw: Sequence[RawFile]
    documents: Sequence[Document]
    resolved: Resolved


def _read(root: Path, run_date: date | None, faults: FaultList) -> _Read:
    raw = read_files(root, faults)
    parsed = (parse(file.file, file.name, file.kind, file.data, faults) for file in raw)
    documents = [document for document in parsed if document is not None]
    resolved = _resolved(documents, run_date, faults)
    check_references(documents, faults)
    check_splits(documents, resolved.values, faults)
    return _Read(raw, documents, resolved)


def _under(read: _Read, paths: Paths, scenario: str) -> Assumptions | AssumptionErrors:
    faults = FaultList()
    overlaid = Overlaid(read.resolved.values)
    for document in read.documents:
        if document.kind.key == "scenario" and document.name == scenario:
            overlaid = apply_overlay(document, paths, read.resolved, faults)
            for fault in overlay_faults(overlaid.values, overlaid.touched) if not faults else ():
                faults.add(fault)
    try:
        _stop_at(faults)
        return _assembled(read, scenario, overlaid)
    except AssumptionErrors as errors:
        return errors


def _assembled(read: _Read, scenario: str, overlaid: Overlaid) -> Assumptions:
    faults = FaultList()
    assumptions = assemble(
        read.documents,
        overlaid.values,
        scenario=_scenario(read.documents, scenario),
        overrides=overlaid.overrides,
        files=_digests(read.raw, scenario),
        unknown_yet={path: day for path, (day, _) in read.resolved.unknown_yet.items()},
    )
    for fault in tie_faults(assumptions):
        faults.add(fault)
    _stop_at(faults)
    return assumptions


def _must_exist(scenario: str, available: Sequence[str]) -> None:
    if scenario not in available:
        likely = nearest(scenario, available)
        problem = message(
            "there is no scenario {scenario}; there are: {available}",
            scenario=repr(scenario),
            available=", ".join(available),
        )
        if likely:
            problem = message("{problem}; did you mean {likely}?", problem=problem, likely=likely)
        raise UsageError(problem)


def _stop_at(faults: FaultList) -> None:
    if faults:
        raise AssumptionErrors(faults.in_order())


def _resolved(documents: Sequence[Document], run_date: date | None, faults: FaultList) -> Resolved:
    """The values as known on the run date, and their faults."""
    resolved = Resolved()
    for document in documents:
        if document.kind.key == "timeline":
            # The calendar is a setting of the run, not something that becomes known: it holds on every run date.
            resolve(document, date.max, resolved, faults)
    for fault in calendar_faults(resolved.values):
        faults.add(fault)
    day = _run_date(resolved.values, run_date)
    for document in documents:
        if document.kind.key not in ("timeline", "sources", "scenario"):
            resolve(document, day, resolved, faults)
        check_statements(document, faults)
    for fault, paths in unknown_faults(resolved, day):
        faults.add(fault, breaks=paths)
    return resolved


def _run_date(values: dict[str, Value], asked: date | None) -> date:
    """The run date that was asked for, which is written into ``values``, else that of the timeline."""
    written = values.get(RUN_DATE)
    if asked is not None and written is not None:
        source = ("argument:run_date",)
        values[RUN_DATE] = replace(written, value=calendar_year(asked), basis="assumed", source=source)
    if asked is not None:
        return asked
    # Where the timeline is broken every vintage is let in, so that no value is called unknown for that reason.
    usable = written and written.value and date.min.year <= written.value < date.max.year
    return date_of(written.value) if written and written.value and usable else date.max


def _overlaid(documents: Sequence[Document], scenario: str, resolved: Resolved, faults: FaultList) -> Overlaid:
    """The values under ``scenario``. Every overlay of the folder is checked, whichever is asked for."""
    paths = Paths(resolved)
    chosen = Overlaid(resolved.values)
    for document in documents:
        # An overlay of what is not known yet is no mistake until it is asked for.
        if document.kind.key != "scenario" or (document.name != scenario and paths.too_early_for(document)):
            continue
        before = len(faults.faults)
        overlaid = apply_overlay(document, paths, resolved, faults)
        # With a number missing, a sum would be wrong for that reason alone.
        for fault in overlay_faults(overlaid.values, overlaid.touched) if len(faults.faults) == before else ():
            faults.add(fault)
        if document.name == scenario:
            chosen = overlaid
    return chosen


def _scenario(documents: Sequence[Document], name: str) -> Scenario:
    for document in documents:
        if isinstance(document.body, ScenarioFile) and document.name == name:
            about = document.body.scenario
            return Scenario(name, texts(about.label), texts(about.description))
    return Scenario(name, texts(None), texts(None))


def _digests(raw: Sequence[RawFile], scenario: str) -> Mapping[str, str]:
    """The files that the run depends on: all but the other scenarios."""
    return MappingProxyType(
        {file.file: file.sha256 for file in raw if file.kind.key != "scenario" or file.name == scenario}
    )
