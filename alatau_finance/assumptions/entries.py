"""Entries as written -> values with provenance, the vintage of the run date chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TypeVar

from pydantic import ValidationError

from alatau_finance.assumptions.calendar import calendar_year
from alatau_finance.assumptions.document import Document, FaultList
from alatau_finance.assumptions.entry_models import Block, Label, Provenance
from alatau_finance.assumptions.fields import RESERVED
from alatau_finance.assumptions.records import Place, Value
from alatau_finance.assumptions.rules import range_faults, unit_problem
from alatau_finance.assumptions.wording import find, mark_of
from alatau_finance.assumptions.yaml_reader import Node, plain
from alatau_finance.assumptions.yaml_text import Location
from alatau_finance.i18n import message

PROVENANCE = ("unit", "as_of", "source", "basis")
Read = TypeVar("Read", bound=Provenance)
DEFAULTS: Location = ("defaults",)


@dataclass(slots=True)
class Resolved:
    """Values by path; and, for entries not known yet on the run date, their earliest vintage and where they stand."""

    values: dict[str, Value] = field(default_factory=dict)
    unknown_yet: dict[str, tuple[date, Place]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """A block of an entry (the entry itself, or one of its vintages) in its file."""

    document: Document
    entry: Location
    block: Location

    def place(self, key: str) -> Location | None:
        """Where ``key`` is written: in the block, else in the entry, else (provenance only) in the file's defaults."""
        written = self._written(key)
        return written[0] if written is not None else None

    def _written(self, key: str) -> tuple[Location, Node] | None:
        holders = [self.block, self.entry, DEFAULTS] if key in PROVENANCE else [self.block]
        if key == "note":
            holders.append(self.entry)
        for holder in holders:
            where, node = find(self.document.node, holder)
            child = node.child(key) if where == holder else None
            if child is not None:
                return (*holder, key), child
        return None

    def plain(self, key: str) -> object:
        """The plain value under ``key``, wherever it is written; None where it is not."""
        written = self._written(key)
        return plain(written[1]) if written is not None else None

    def read(self, model: type[Read]) -> Read | None:
        """What is written and inherited, as ``model``; None where it does not fit, which the schema has reported."""
        written = {key: self._written(key) for key in model.model_fields}
        try:
            return model.model_validate({key: plain(found[1]) for key, found in written.items() if found is not None})
        except ValidationError:
            return None


def written_entries(document: Document) -> Iterator[Location]:
    """Where the entries of a file are: every mapping that has a key of an entry. No name may be such a key."""

    def within(where: Location, node: Node) -> Iterator[Location]:
        if where == DEFAULTS:
            return
        if isinstance(node.content, dict) and where and not node.content.keys().isdisjoint(RESERVED):
            yield where
        elif isinstance(node.content, dict):
            for key, child in node.content.items():
                yield from within((*where, key), child)
        elif isinstance(node.content, list):
            for index, child in enumerate(node.content):
                yield from within((*where, index), child)

    return within((), document.node)


def resolve(document: Document, run_date: date, into: Resolved, faults: FaultList) -> None:
    """Add the values of one file as they are known on ``run_date``, and the faults of all vintages."""
    for entry in written_entries(document):
        path = document.path(entry)
        read = [_value(written, path, faults) for written in _blocks(document, entry)]
        vintages = [value for value in read if value]
        if len(vintages) < len(read):
            faults.mark_broken(path)
        days = [value.as_of for value in vintages]
        if len(set(days)) < len(days):
            faults.add(document.fault(entry, message("two vintages have the same as_of")))
        known = [value for value in vintages if value.as_of <= run_date]
        if known:
            into.values.setdefault(path, max(known, key=lambda value: value.as_of))
        elif days:
            into.unknown_yet.setdefault(path, (min(days), Place(document.file, *mark_of(document.node, entry))))


def statements(document: Document) -> Iterator[Written]:
    """The facts of a reference file that are texts, without a value."""
    facts = document.node.child("facts") if document.kind.key == "reference" else None
    for name, node in (facts.content if facts and isinstance(facts.content, dict) else {}).items():
        if isinstance(node.content, dict) and node.content.keys().isdisjoint(RESERVED):
            yield Written(document, ("facts", name), ("facts", name))


def check_statements(document: Document, faults: FaultList) -> None:
    """Add a fault for each fact in words that does not say where it comes from."""
    for written in statements(document):
        _missing(written, PROVENANCE[1:], faults)


def _missing(written: Written, keys: Iterable[str], faults: FaultList) -> bool:
    """Whether one of ``keys`` is written nowhere, which is added as a fault."""
    missing = [key for key in keys if written.place(key) is None]
    for key in missing:
        problem = message("the key {key} is missing, here and in the defaults of the file", key=repr(key))
        faults.add(written.document.fault(written.block, problem))
    return bool(missing)


def _blocks(document: Document, entry: Location) -> Iterator[Written]:
    vintages = find(document.node, entry)[1].child("vintages")
    if vintages is None:
        yield Written(document, entry, entry)
    elif isinstance(vintages.content, list):
        for index in range(len(vintages.content)):
            yield Written(document, entry, (*entry, "vintages", index))


def _value(written: Written, path: str, faults: FaultList) -> Value | None:
    """The value of one block, None where something in it is broken. Faults other than those of the schema are added."""
    document = written.document
    block = written.read(Block)
    is_date = block is not None and any(isinstance(each, date) for each in (block.value, block.low, block.high))
    unit = written.plain("unit")
    if unit is None and is_date:
        unit = "year"
    missing = _missing(written, PROVENANCE[1:] if is_date else PROVENANCE, faults)
    wrong_unit = unit_problem(path, unit, is_date) if isinstance(unit, str) else None
    if wrong_unit:
        faults.add(document.fault(written.place("unit") or written.block, *wrong_unit))
    if block is None or missing or wrong_unit or not isinstance(unit, str):
        return None
    value = _made(written, path, block, unit)
    for fault in range_faults(value):
        faults.add(fault)
    return value


def _made(written: Written, path: str, block: Block, unit: str) -> Value:
    document = written.document
    line, column = mark_of(document.node, (*written.block, "value" if block.value is not None else "values"))
    label = find(document.node, (*written.entry, "label"))
    return Value(
        path=path,
        value=_number(block.value),
        values=tuple(sorted(block.values.items())) if block.values is not None else None,
        unit=unit,
        low=_number(block.low),
        high=_number(block.high),
        as_of=block.as_of or date.max,
        source=tuple(block.source or ()),
        basis=block.basis or "",
        note=block.note,
        file=document.file,
        line=line,
        column=column,
        label=_label(label[1]) if label[0] == (*written.entry, "label") else None,
    )


def _number(amount: float | date | None) -> float | None:
    return calendar_year(amount) if isinstance(amount, date) else amount


def _label(node: Node) -> Mapping[str, str] | None:
    try:
        return MappingProxyType(Label.model_validate(plain(node)).model_dump())
    except ValidationError:
        return None
