"""Scenario overlays: other values for some paths, applied all at once and logged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from alatau_finance.assumptions.calendar import calendar_year
from alatau_finance.assumptions.document import Document, FaultList
from alatau_finance.assumptions.entries import Resolved
from alatau_finance.assumptions.fields import amount, listed
from alatau_finance.assumptions.records import Override, Value, step_name
from alatau_finance.assumptions.rules import range_faults
from alatau_finance.assumptions.yaml_text import Location
from alatau_finance.errors import nearest
from alatau_finance.i18n import message

OVERRIDES = "overrides"
RUN_DATE = "timeline.run_date"
PUBLISHED = ("totals", "facts")
MOST_LISTED = 8


@dataclass(frozen=True, slots=True)
class Target:
    """What an overlay may change: a value, or the step of a dated one that begins on ``step``."""

    value: Value
    step: date | None

    @property
    def old(self) -> float:
        """The number there now."""
        return self.value.at(self.step or date.max)


@dataclass(slots=True)
class Overlaid:
    """Values after an overlay, what it changed, and the paths of the values it touched."""

    values: dict[str, Value]
    overrides: tuple[Override, ...] = ()
    touched: set[str] = field(default_factory=set)


class Paths:
    """Every path that an overlay may name, found by path or by pattern."""

    def __init__(self, resolved: Resolved) -> None:
        self.unknown_yet = {path: day for path, (day, _) in resolved.unknown_yet.items()}
        self.dated: dict[str, Value] = {}
        self.targets: dict[str, Target] = {}
        for path, value in resolved.values.items():
            if value.values is None:
                self.targets[path] = Target(value, None)
            else:
                self.dated[path] = value
                self.targets |= {f"{path}.{step_name(day)}": Target(value, day) for day, _ in value.values}
        self._split = [(path, path.split(".")) for path in (*self.targets, *self.dated)]

    def matching(self, pattern: str) -> Iterator[str]:
        """The paths that ``pattern`` means; ``*`` is any one segment."""
        if "*" not in pattern:
            yield from (pattern,) if pattern in self.targets or pattern in self.dated else ()
            return
        wanted = pattern.split(".")
        for path, segments in self._split:
            if len(segments) == len(wanted) and all(w in ("*", s) for w, s in zip(wanted, segments, strict=True)):
                yield path

    def nearest(self, pattern: str) -> str:
        """The pattern closest in spelling, segment by segment, that means something; else one of the same last name.

        Its stars stay.
        """
        wanted = pattern.split(".")
        alike, namesakes = set(), set()
        for _, segments in self._split:
            same_length = len(segments) == len(wanted)
            if same_length and all(w in ("*", s) or nearest(w, [s]) for w, s in zip(wanted, segments, strict=True)):
                alike.add(".".join("*" if w == "*" else s for w, s in zip(wanted, segments, strict=True)))
            if segments[-1] == wanted[-1]:
                namesakes.add(".".join(segments))
        return nearest(pattern, sorted(alike)) or nearest(pattern, sorted(namesakes))

    def later(self, pattern: str) -> date | None:
        """From which day on the value or step is known, where it is not yet."""
        return self.unknown_yet.get(pattern) or self.unknown_yet.get(pattern.rpartition(".")[0])

    def too_early_for(self, document: Document) -> bool:
        """Whether an overlay changes what is not known yet on the run date."""
        return any(self.later(pattern) for pattern, _, _ in _written(document))

    def under(self, pattern: str) -> tuple[str, ...]:
        """The first few paths that begin with ``pattern``."""
        return tuple(path for path in self.targets if path.startswith(f"{pattern}."))[:MOST_LISTED]


def apply_overlay(document: Document, paths: Paths, resolved: Resolved, faults: FaultList) -> Overlaid:
    """``resolved`` with the overlay's values. Adds a fault for each path and value that does not fit."""
    result = Overlaid(dict(resolved.values))
    log: list[Override] = []
    for path, (where, number) in _chosen(document, paths, faults).items():
        target = paths.targets[path]
        whole = target.value.path
        new = _changed(result.values[whole], target.step, number, document, where)
        for fault in range_faults(new):
            faults.add(fault)
        result.values[whole] = new
        result.touched.add(whole)
        log.append(Override(path, target.old, number, new.unit))
    result.overrides = tuple(log)
    return result


def _changed(value: Value, step: date | None, number: float, document: Document, where: Location) -> Value:
    """``value`` with ``number`` in place. Its range is widened to hold it: the overlay may go beyond what is likely."""
    place = document.fault(where, "")
    steps = value.values and tuple((day, number if day == step else old) for day, old in value.values)
    return replace(
        value,
        value=number if step is None else None,
        values=steps,
        low=None if value.low is None else min(value.low, number),
        high=None if value.high is None else max(value.high, number),
        basis="assumed",
        source=(f"scenario:{document.name}",),
        file=document.file,
        line=place.line,
        column=place.column,
    )


def _chosen(document: Document, paths: Paths, faults: FaultList) -> dict[str, tuple[Location, float]]:
    """Path -> where its new number stands, and the number. A pattern with fewer stars goes before one with more."""
    chosen: dict[str, tuple[int, Location, float]] = {}
    for pattern, where, raw in _written(document):
        stars = pattern.split(".").count("*")
        for path in _targets(pattern, where, document, paths, faults):
            number = _number(raw, paths.targets[path], document, where, faults)
            earlier = chosen.get(path)
            if number is None or (earlier and earlier[0] < stars):
                continue
            if earlier and earlier[0] == stars:
                problem = message("{path} is set by {other} too", path=path, other=repr(earlier[1][-1]))
                faults.add(document.fault(where, problem, message("one of them, or the path without *")))
            chosen[path] = (stars, where, number)
    return {path: (where, number) for path, (_, where, number) in chosen.items()}


def _written(document: Document) -> Iterator[tuple[str, Location, float | date]]:
    """Pattern, place and value of every override; what is not a number or a date has been reported by the schema."""
    node = document.node.child(OVERRIDES)
    for pattern, child in (node.content if node and isinstance(node.content, dict) else {}).items():
        try:
            yield pattern, (OVERRIDES, pattern), amount(child.content)
        except ValueError:
            continue


def _targets(pattern: str, where: Location, document: Document, paths: Paths, faults: FaultList) -> tuple[str, ...]:
    """The paths to change; empty, with a fault added, where the pattern means none or one that cannot be changed."""
    found = tuple(paths.matching(pattern))
    dated = [path for path in found if path in paths.dated]
    if RUN_DATE in found:
        problem = message("the run date chooses the vintages and cannot differ by scenario")
        faults.add(document.fault(where, problem, message("the run date of timeline.yaml or of the command"), key=True))
        return ()
    if any(path.partition(".")[0] in PUBLISHED for path in found):
        problem = message("what has been published cannot differ by scenario")
        faults.add(document.fault(where, problem, message("inputs of the models"), key=True))
        return ()
    if dated:
        problem = message("{path} is dated; one number cannot take the place of its steps", path=dated[0])
        faults.add(document.fault(where, problem, listed(paths.under(dated[0])), key=True))
        return ()
    if not found and not faults.uncertain(pattern):
        faults.add(document.fault(where, *_not_found(pattern, paths), key=True))
    return found


def _not_found(pattern: str, paths: Paths) -> tuple[str, str, str]:
    day = paths.later(pattern)
    if day:
        return message("this value is not known on the run date; its earliest vintage is of {day}", day=day), "", ""
    if "*" in pattern:
        return message("no value has a path of this pattern"), "", paths.nearest(pattern)
    whole = pattern.rpartition(".")[0]
    under = paths.under(whole if whole in paths.dated else pattern)
    return message("no value has this path"), listed(under), "" if under else paths.nearest(pattern)


def _number(raw: float | date, target: Target, document: Document, where: Location, faults: FaultList) -> float | None:
    if not isinstance(raw, date):
        return raw
    if target.value.unit == "year":
        return calendar_year(raw)
    problem = message("a date stands here, but the value is in {unit}", unit=target.value.unit)
    faults.add(document.fault(where, problem, message("a number")))
    return None
