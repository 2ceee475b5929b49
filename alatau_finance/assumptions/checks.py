"""What must hold between values: shares sum to 100 %, the calendar runs forward, nothing needed is still unknown."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date

from alatau_finance.assumptions.document import Document, FaultList
from alatau_finance.assumptions.entries import Resolved
from alatau_finance.assumptions.records import Place, Value
from alatau_finance.errors import Fault
from alatau_finance.i18n import message
from alatau_finance.modelling.units import convert

SPLITS = ("financing", "budget_levels")
TOLERANCE = 1e-9
PERIODS_PER_YEAR = (1, 2, 4)
WHOLE_NUMBERS = ("first_year", "last_year", "tail_years", "periods_per_year")
NEEDED = (*SPLITS, "risks", "correlations", "t_copulas")
POOL = "assumptions/pool/"

Split = tuple[str, str]  # root and name


def shares_by_split(values: Mapping[str, Value]) -> dict[Split, list[Value]]:
    """The shares of every split, by the path's first two segments."""
    splits: defaultdict[Split, list[Value]] = defaultdict(list)
    for path, value in values.items():
        segments = path.split(".")
        if segments[0] in SPLITS:
            splits[segments[0], segments[1]].append(value)
    return dict(splits)


def sum_problem(shares: Sequence[Value]) -> str:
    """What is wrong with the sum of the shares of one split, on any date; empty where nothing is."""
    days = sorted({day for share in shares for day, _ in share.values or ()} | {date.min})
    for day in days:
        total = math.fsum(convert(share.at(day), share.unit, "1") for share in shares)
        if abs(total - 1) > TOLERANCE:
            percent = f"{total * 100:.12g}"
            if day == date.min:
                return message("the shares sum to {percent} %, not to 100 %", percent=percent)
            return message("from {day} on, the shares sum to {percent} %, not to 100 %", day=day, percent=percent)
    return ""


def check_splits(documents: Sequence[Document], values: Mapping[str, Value], faults: FaultList) -> None:
    """Add a fault, at the split, for each whose shares do not sum to 100 %."""
    splits = shares_by_split(values)
    for document in documents:
        node = document.node.child(document.kind.key) if document.kind.key in SPLITS else None
        for name in node.content if node and isinstance(node.content, dict) else ():
            shares = splits.get((document.kind.key, name), [])
            problem = sum_problem(shares) if shares else message("has no shares")
            if problem:
                faults.add(document.fault((document.kind.key, name), problem))


def overlay_faults(values: Mapping[str, Value], touched: Container[str]) -> Iterator[Fault]:
    """Faults of what an overlay changed: of a split, at the first share it wrote; of the calendar."""
    for (root, name), shares in shares_by_split(values).items():
        changed = next((share for share in shares if share.path in touched), None)
        problem = sum_problem(shares) if changed else ""
        if changed and problem:
            yield Fault(changed.file, changed.line, changed.column, f"{root}.{name}", problem)
    if any(path in touched for path in values if path.startswith("timeline.")):
        yield from calendar_faults(values)


def calendar_faults(values: Mapping[str, Value]) -> Iterator[Fault]:
    """Faults of the timeline."""
    entries = {path.partition(".")[2]: value for path, value in values.items() if path.startswith("timeline.")}
    numbers = {name: value.value for name, value in entries.items() if value.value is not None}
    for name, value in entries.items():
        number = numbers.get(name)
        if number is None:
            yield value.fault(message("the calendar cannot be dated; one value is needed"))
        elif name in WHOLE_NUMBERS and number != int(number):
            yield value.fault(message("a whole number is needed, this is {number}", number=f"{number:.12g}"))
        elif name == "periods_per_year" and number not in PERIODS_PER_YEAR:
            allowed = message("1 (years), 2 (half-years) or 4 (quarters)")
            yield value.fault(message("{number} periods a year are not possible", number=f"{number:.12g}"), allowed)
    if numbers.get("first_year", 0.0) > numbers.get("last_year", math.inf):
        yield entries["last_year"].fault(message("the last year is before the first"))


def unknown_faults(resolved: Resolved, run_date: date) -> Iterator[tuple[Fault, list[str]]]:
    """One fault for each file and day: entries that no run can do without and that become known that day only.

    With the paths of all of them: a run date that is too early would give hundreds of faults that say the same.
    """
    later: defaultdict[tuple[str, date], list[tuple[str, Place]]] = defaultdict(list)
    for path, (day, place) in resolved.unknown_yet.items():
        root = path.partition(".")[0]
        if root in NEEDED or (root == "projects" and place.file.startswith(POOL)):
            later[place.file, day].append((path, place))
    allowed = message("a later run date, or a vintage of that time")
    for (file, day), found in later.items():
        path, place = found[0]
        problem = message(
            "not known on the run date {run_date}; its earliest as_of is {day}", run_date=run_date, day=day
        )
        if len(found) > 1:
            problem = message(
                "{problem}, as is that of {count} more in this file", problem=problem, count=len(found) - 1
            )
        yield Fault(file, place.line, place.column, path, problem, allowed), [path for path, _ in found]
