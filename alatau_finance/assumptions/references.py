"""Words of one file that must exist in another: sources, asset classes, splits, risks, tags, contract types.

Works on the nodes, so that a file with other faults still has these told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from alatau_finance.assumptions.document import Document, FaultList
from alatau_finance.assumptions.fields import listed
from alatau_finance.assumptions.file_models import CONTRACT_TYPES, STAGES
from alatau_finance.assumptions.wording import find
from alatau_finance.assumptions.yaml_reader import Node
from alatau_finance.assumptions.yaml_text import Location
from alatau_finance.errors import nearest
from alatau_finance.i18n import message

PROJECT_KINDS = ("projects", "investment_projects")
MODEL_OF_PRIVATE = "investment"  # contracts/investment.yaml holds the terms of the split key private
MOST_LISTED = 12


@dataclass(frozen=True, slots=True)
class Word:
    """A word, and where it is written."""

    document: Document
    where: Location
    text: str


def check_references(documents: Sequence[Document], faults: FaultList) -> None:
    """Add a fault for every word that refers to nothing."""
    projects = [(document, ("projects", index)) for document, index in _projects(documents)]
    tags = {word.text for document, where in projects for word in _words(document, (*where, "tags"))}
    for root, key in (("asset_classes", "asset_class"), ("financing", "financing"), ("budget_levels", "budget_levels")):
        words = (word for document, where in projects for word in _words(document, (*where, key)))
        _must_exist(words, _names(documents, root), root, faults)
    _must_exist(_sources(documents), _names(documents, "sources"), "sources", faults)
    _must_exist(_in_totals(documents, "stage"), set(STAGES), message("the stages"), faults)
    _must_exist(_in_totals(documents, "tag"), tags, message("the tags of the projects"), faults, defined="projects")
    _check_unique((word for document, where in projects for word in _words(document, (*where, "id"))), faults)
    _check_unique(_facts(documents), faults)
    _check_correlations(documents, faults)
    _check_t_copulas(documents, faults)
    _check_contract_types(documents, faults)


def _must_exist(words: Iterable[Word], known: set[str], place: str, faults: FaultList, *, defined: str = "") -> None:
    """Each word is one of ``known``, unless a file that defines them (``defined``, else ``place``) is unreadable."""
    for word in words:
        if word.text not in known and not faults.unreadable(defined or place):
            problem = message("{word} is not in {place}", word=repr(word.text), place=place)
            allowed = listed(tuple(sorted(known))) if len(known) <= MOST_LISTED else ""
            faults.add(word.document.fault(word.where, problem, allowed, nearest(word.text, known)))


def _names(documents: Sequence[Document], root: str) -> set[str]:
    """The keys that the file with ``root`` defines."""
    nodes = (document.node.child(root) for document in documents)
    return {key for node in nodes if node and isinstance(node.content, dict) for key in node.content}


def _words(document: Document, where: Location) -> Iterator[Word]:
    """The word at ``where``, or the words of the list there; nothing where there is something else."""
    place, node = find(document.node, where)
    if place != where:
        return
    if isinstance(node.content, str):
        yield Word(document, where, node.content)
    for index, item in enumerate(node.content if isinstance(node.content, list) else ()):
        if isinstance(item.content, str):
            yield Word(document, (*where, index), item.content)


def _projects(documents: Sequence[Document]) -> Iterator[tuple[Document, int]]:
    for document in documents:
        node = document.node.child("projects") if document.kind.key in PROJECT_KINDS else None
        if node and isinstance(node.content, list):
            yield from ((document, index) for index in range(len(node.content)))


def _sources(documents: Sequence[Document]) -> Iterator[Word]:
    """Every word under a key `source`, at any depth."""

    def within(document: Document, where: Location, node: Node) -> Iterator[Word]:
        if isinstance(node.content, dict):
            for key, child in node.content.items():
                if key == "source":
                    yield from _words(document, (*where, key))
                yield from within(document, (*where, key), child)
        elif isinstance(node.content, list):
            for index, child in enumerate(node.content):
                yield from within(document, (*where, index), child)

    for document in documents:
        if document.kind.key not in {"sources", "scenario"}:
            yield from within(document, (), document.node)


def _in_totals(documents: Sequence[Document], key: str) -> Iterator[Word]:
    for document in documents:
        totals = document.node.child("totals") if document.kind.key == "totals" else None
        for total in totals.content if totals and isinstance(totals.content, dict) else ():
            yield from _words(document, ("totals", total, "filter", key))


def _check_unique(words: Iterable[Word], faults: FaultList) -> None:
    """No name twice, in whichever files."""
    first: dict[str, Word] = {}
    for word in words:
        other = first.setdefault(word.text, word)
        if other is not word:
            earlier = other.document.fault(other.where, "")
            problem = message(
                "a second {name}; the first is in {file}, line {line}",
                name=repr(word.text),
                file=earlier.file,
                line=earlier.line,
            )
            faults.add(word.document.fault(word.where, problem, key=True))


def _facts(documents: Sequence[Document]) -> Iterator[Word]:
    for document in documents:
        facts = document.node.child("facts") if document.kind.key == "reference" else None
        for name in facts.content if facts and isinstance(facts.content, dict) else ():
            yield Word(document, ("facts", name), name)


def _check_correlations(documents: Sequence[Document], faults: FaultList) -> None:
    risks = _names(documents, "risks")
    for document in documents:
        node = document.node.child("correlations") if document.kind.key == "risks" else None
        for index, item in enumerate(node.content if node and isinstance(node.content, list) else ()):
            where = ("correlations", index)
            words = list(_words(document, (*where, "risks")))
            _must_exist(words, risks, "risks", faults)
            twice = [text for text, count in Counter(word.text for word in words).items() if count > 1]
            kind = item.child("kind")
            if twice:
                faults.add(document.fault((*where, "risks"), message("{word} stands here twice", word=repr(twice[0]))))
            elif kind and kind.content == "pair" and len(words) != 2:
                faults.add(
                    document.fault((*where, "risks"), message("a pair is two risks, not {count}", count=len(words)))
                )


def _check_t_copulas(documents: Sequence[Document], faults: FaultList) -> None:
    risks = _names(documents, "risks")
    for document in documents:
        node = document.node.child("t_copulas") if document.kind.key == "risks" else None
        for name in node.content if node and isinstance(node.content, dict) else ():
            _must_exist(_words(document, ("t_copulas", name, "risks")), risks, "risks", faults)


def _check_contract_types(documents: Sequence[Document], faults: FaultList) -> None:
    """The keys of the splits are contract types, and each contracts/<type>.yaml is one that a split uses."""
    used: list[Word] = []
    for document in documents:
        splits = document.node.child("financing") if document.kind.key == "financing" else None
        for split, node in (splits.content if splits and isinstance(splits.content, dict) else {}).items():
            used += [Word(document, ("financing", split, key), key) for key in node.keys]
    files = {document.name: document for document in documents if document.kind.key == "contract"}
    known = set(CONTRACT_TYPES) | (files.keys() - {MODEL_OF_PRIVATE})
    for word in used:
        if word.text not in known:
            problem = message("{word} is not a contract type", word=repr(word.text))
            fault = word.document.fault(
                word.where, problem, listed(tuple(sorted(known))), nearest(word.text, known), key=True
            )
            faults.add(fault)
    needed = {*CONTRACT_TYPES, MODEL_OF_PRIVATE, *(word.text for word in used)}
    for name, document in files.items():
        if name not in needed and not faults.uncertain("financing"):
            problem = message("no split of pool/financing.yaml uses the contract type {name}", name=repr(name))
            faults.add(document.fault((), problem, listed(tuple(sorted(needed))), nearest(name, needed)))
