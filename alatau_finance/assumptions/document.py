"""One assumptions file: read, checked against its schema, able to say where anything in it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError

from alatau_finance.assumptions.schema import Kind
from alatau_finance.assumptions.wording import mark_of, problems
from alatau_finance.assumptions.yaml_reader import Node, plain, read_yaml
from alatau_finance.assumptions.yaml_text import Location, Problem
from alatau_finance.errors import Fault
from alatau_finance.i18n import message


@dataclass(frozen=True, slots=True)
class Document:
    """A file whose syntax is sound. ``body`` is None where it does not fit the schema."""

    file: str
    name: str
    kind: Kind
    node: Node
    body: BaseModel | None

    def path(self, where: Location) -> str:
        """The dotted name of a place: list items by their id, else by their number, from 1."""
        return path_of(self.kind, self.name, self.node, where)

    def fault(
        self, where: Location, problem: str, allowed: str = "", suggestion: str = "", *, key: bool = False
    ) -> Fault:
        """A fault of what stands at ``where``, or (``key``) of its key."""
        line, column = mark_of(self.node, where, key=key)
        return Fault(self.file, line, column, self.path(where), problem, allowed, suggestion)


def path_of(kind: Kind, name: str, root: Node | None, where: Location) -> str:
    """The path of a place as an overlay writes it; of a whole file, what it defines."""
    if kind.key == "contract" and where[:1] == ("contract",):
        where = ("contracts", name, *where[1:])
        parts, node = [str(part) for part in where[:2]], root.child("contract") if root else None
    elif not where:
        return f"contracts.{name}" if kind.key == "contract" else name
    else:
        parts, node = [], root
    for part in where[len(parts) :]:
        node = node.child(part) if node else None
        parts.append(_segment(part, node))
    return ".".join(parts)


def _segment(part: str | int, node: Node | None) -> str:
    if isinstance(part, str):
        return part or '""'
    identifier = node.child("id") if node else None
    return identifier.content if identifier and isinstance(identifier.content, str) else str(part + 1)


@dataclass(slots=True)
class FaultList:
    """Faults as they are found. What merely follows from a broken place is left out."""

    faults: list[Fault] = field(default_factory=list)
    _broken: set[str] = field(default_factory=set)
    _above: set[str] = field(default_factory=set)

    def add(self, fault: Fault, *, breaks: Iterable[str] = ()) -> None:
        """Add ``fault``, unless it is about a place within which something is known to be broken.

        ``breaks``: the paths that cannot be judged because of it.
        """
        if fault.path not in self._above or breaks:
            self.faults.append(fault)
        for path in breaks:
            self.mark_broken(path)

    def mark_broken(self, path: str) -> None:
        """What lies at, above or within ``path`` cannot be judged."""
        self._broken.add(path)
        segments = path.split(".")
        self._above.update(".".join(segments[:count]) for count in range(1, len(segments) + 1))

    def uncertain(self, pattern: str) -> bool:
        """Whether something broken lies at, above or within the path or pattern: then it may exist after all."""
        segments = pattern.split(".")
        return any(
            all(mine in (other, "*") for mine, other in zip(segments, broken.split("."), strict=False))
            for broken in self._broken
        )

    def unreadable(self, root: str) -> bool:
        """Whether a file that defines ``root`` could not be read."""
        return root in self._broken

    def __bool__(self) -> bool:
        return bool(self.faults)

    def in_order(self) -> tuple[Fault, ...]:
        """Each fault once, by file, line and column."""
        return tuple(sorted(dict.fromkeys(self.faults), key=lambda fault: (fault.file, fault.line, fault.column)))


def parse(file: str, name: str, kind: Kind, data: bytes, faults: FaultList) -> Document | None:
    """Read one file, adding its faults of syntax and schema. None where its syntax is broken."""
    root, found = read_yaml(data)

    def add(problem: Problem) -> None:
        path = path_of(kind, name, root, problem.where)
        fault = Fault(file, problem.line, problem.column, path, problem.problem, problem.allowed, problem.suggestion)
        faults.add(fault, breaks=[path] if root else roots(kind, name))

    for problem in found:
        add(problem)
    if root is None:
        return None
    if not isinstance(root.content, dict):
        add(Problem((), *root.mark, message("the file must begin with keys"), ", ".join(kind.model.model_fields)))
        return None
    try:
        body = kind.model.model_validate(plain(root))
    except ValidationError as error:
        for problem in problems(error, root, kind):
            add(problem)
        body = None
    return Document(file, name, kind, root, body)


def roots(kind: Kind, name: str) -> list[str]:
    """The paths that a file of this kind defines, all of them."""
    return [f"contracts.{name}"] if kind.key == "contract" else list(kind.roots)
