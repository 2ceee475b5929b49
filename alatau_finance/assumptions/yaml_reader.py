"""YAML 1.2 -> nodes that know their line and column.

Nodes are built from the parser's events, not by a loader: no tag is ever executed, depth and size are bounded before
anything is built, and a repeated key is found where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NoReturn

import yaml

from alatau_finance.assumptions.yaml_text import UNPRINTABLE, Location, Problem, UnreadableYaml, decode, explain
from alatau_finance.i18n import message

MAXIMUM_DEPTH = 20  # the assumptions need 7
MAXIMUM_NODES = 50_000  # aliases counted as often as they are used
MAXIMUM_ALIASES = 1_000
MAXIMUM_DIGITS = 40

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# Line breaks of YAML 1.1 alone, and where libyaml takes what 1.2 refuses: tabs, directives, a comment after | or >.
_OTHER_IN_1_1 = re.compile("[\t\x85\u2028\u2029\ufeff]|^%|[|>][-+0-9]*#", re.MULTILINE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Empty:
    """What stands where nothing was written. Not None, which an optional field would take for "not given"."""


EMPTY = Empty()
_WORDS: dict[str, bool | Empty] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), EMPTY),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}

Scalar = str | int | float | bool | date | Empty
Mark = tuple[int, int]  # line and column, from 1


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, a list or a mapping (whose keys are texts as written), and where it stands."""

    content: Scalar | list[Node] | dict[str, Node]
    mark: Mark
    keys: dict[str, Mark] = field(default_factory=dict)

    @property
    def is_scalar(self) -> bool:
        """Whether it is neither a list nor a mapping."""
        return not isinstance(self.content, list | dict)

    def child(self, key: str | int) -> Node | None:
        """The node under a key or list index, or None."""
        if isinstance(self.content, dict) and isinstance(key, str):
            return self.content.get(key)
        if isinstance(self.content, list) and isinstance(key, int) and key < len(self.content):
            return self.content[key]
        return None


def plain(node: Node) -> object:
    """The bare Python value of ``node``: scalars, lists and dicts."""
    if isinstance(node.content, dict):
        return {key: plain(child) for key, child in node.content.items()}
    if isinstance(node.content, list):
        return [plain(child) for child in node.content]
    return node.content


def read_yaml(data: bytes) -> tuple[Node | None, tuple[Problem, ...]]:
    """The root node of a file, None where its syntax is broken, and every problem met on the way."""
    node = _quickly(data)
    return _carefully(data) if node is None else (node, ())


def _quickly(data: bytes) -> Node | None:
    """The root node of a file in which nothing is wrong, by libyaml, twenty times as fast as :func:`_carefully`.

    None where anything is wrong, or is not for certain what YAML 1.2 says: libyaml reads 1.1, and explains less.
    """
    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None:
        return None
    try:
        text = decode(data)
        if _OTHER_IN_1_1.search(text):
            return None
        composer = _Composer(_plainly_written(yaml.parse(text, loader)), yaml.events)
        node = composer.document()
    except Exception:  # whatever it is, the careful reading meets it too, and says it better
        return None
    return None if composer.problems else node


def _plainly_written(found: Iterator[Any]) -> Iterator[Any]:
    """The events; raises ValueError where libyaml and YAML 1.2 may differ: at anchors, tags and values left out."""
    for event in found:
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise ValueError(event)
        if isinstance(event, yaml.events.ScalarEvent):
            if not event.value and event.style not in ("'", '"'):
                raise ValueError(event)
            event.style = event.style or None
        yield event


def _carefully(data: bytes) -> tuple[Node | None, tuple[Problem, ...]]:
    from ruamel.yaml import YAML, events

    composer: _Composer | None = None
    try:
        composer = _Composer(iter(YAML(typ="safe", pure=True).parse(decode(data))), events)
        node = composer.document()
    except UnreadableYaml as error:
        return None, (*(composer.problems if composer else ()), error.problem)
    except Exception as error:  # ruamel.yaml also asserts, and fails on escapes that no character has
        return None, (*(composer.problems if composer else ()), explain(error, composer.where if composer else ()))
    return node, tuple(composer.problems)


class _Composer:
    """Events of one document -> nodes. ``where`` is the place being built; it stays there when reading breaks off.

    ``kinds`` has the classes of the events, under the names that they have in PyYAML and in ruamel.yaml.
    """

    def __init__(self, found: Iterator[Any], kinds: Any) -> None:
        self.problems: list[Problem] = []
        self.where: Location = ()
        self._events = found
        self._kinds = kinds
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._nodes = 0
        self._aliases = 0

    def document(self) -> Node:
        """The root of the only document."""
        next(self._events)  # start of the stream
        event = next(self._events)
        if isinstance(event, self._kinds.StreamEndEvent):
            self._stop(event, message("the file is empty"))
        root = self._node(next(self._events))
        next(self._events)  # end of the document
        event = next(self._events)
        if not isinstance(event, self._kinds.StreamEndEvent):
            self._stop(event, message('a second document begins here; remove the "---"'))
        return root

    def _node(self, event: Any) -> Node:
        if isinstance(event, self._kinds.AliasEvent):
            return self._alias(event)
        before = self._nodes
        self._count(event, 1)
        if event.tag is not None:
            self._report(event, message("tags such as {tag} are not read; remove it", tag=event.tag))
        if isinstance(event, self._kinds.ScalarEvent):
            node = Node(self._scalar(event), _mark(event))
        elif len(self.where) >= MAXIMUM_DEPTH:
            self._stop(event, message("nested deeper than {limit} levels", limit=MAXIMUM_DEPTH))
        elif isinstance(event, self._kinds.MappingStartEvent):
            node = self._mapping(event)
        else:
            node = self._sequence(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._nodes - before)
        return node

    def _alias(self, event: Any) -> Node:
        self._aliases += 1
        if event.anchor not in self._anchors:
            self._report(event, message("*{name} refers to nothing above that is marked &{name}", name=event.anchor))
            return Node(EMPTY, _mark(event))
        if self._aliases > MAXIMUM_ALIASES:
            self._stop(event, message("more than {limit} aliases", limit=MAXIMUM_ALIASES))
        node, size = self._anchors[event.anchor]
        self._count(event, size)
        return node

    def _sequence(self, event: Any) -> Node:
        items: list[Node] = []
        while not isinstance(item := next(self._events), self._kinds.SequenceEndEvent):
            items.append(self._inside(len(items), item))
        return Node(items, _mark(event))

    def _mapping(self, event: Any) -> Node:
        children: dict[str, Node] = {}
        keys: dict[str, Mark] = {}
        while not isinstance(event_of_key := next(self._events), self._kinds.MappingEndEvent):
            key = self._key(event_of_key)
            child = self._inside(key, next(self._events))
            if key in children:
                problem = message(
                    "the key {key} stands here a second time; it is on line {line} already",
                    key=repr(key),
                    line=keys[key][0],
                )
                self._report(event_of_key, problem, (*self.where, key))
            else:
                children[key], keys[key] = child, _mark(event_of_key)
        return Node(children, _mark(event), keys)

    def _inside(self, key: str | int, event: Any) -> Node:
        outer, self.where = self.where, (*self.where, key)
        node = self._node(event)
        self.where = outer
        return node

    def _key(self, event: Any) -> str:
        if isinstance(event, self._kinds.AliasEvent):
            self._stop(event, message('a key that begins with "*" needs quotes'))
        if not isinstance(event, self._kinds.ScalarEvent):
            self._stop(event, message("a key must be a plain word"))
        if event.value == "<<" and event.style is None:
            self._report(event, message('"<<" is not read; repeat the keys or use "defaults:"'))
        elif event.value == "":
            self._report(event, message("a key is missing before this colon"))
        return self._printable(event)

    def _printable(self, event: Any) -> str:
        """The text of a scalar; escapes such as "\\e" may have put into it what a file may not contain."""
        text = str(event.value)
        if UNPRINTABLE.search(text):
            self._report(event, message("an escape in this text stands for an unprintable character; remove it"))
            return UNPRINTABLE.sub("?", text)
        return text

    def _scalar(self, event: Any) -> Scalar:
        text = self._printable(event)
        if event.style is not None or event.tag is not None:
            return text
        if text in _WORDS:
            return _WORDS[text]
        if len(text) > MAXIMUM_DIGITS:
            return text
        if _INTEGER.fullmatch(text):
            return int(text)
        if _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text):
            return float(text.replace(".", "", 1) if text[-1].isalpha() else text)
        return _date(text) if _DATE.fullmatch(text) else text

    def _count(self, event: Any, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAXIMUM_NODES:
            self._stop(event, message("more than {limit} values in one file, aliases included", limit=MAXIMUM_NODES))

    def _report(self, event: Any, problem: str, where: Location | None = None) -> None:
        self.problems.append(Problem(self.where if where is None else where, *_mark(event), problem))

    def _stop(self, event: Any, problem: str) -> NoReturn:
        raise UnreadableYaml(Problem(self.where, *_mark(event), problem))


def _mark(event: Any) -> Mark:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _date(text: str) -> date | str:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text  # no such day: whoever wants a date here says so
