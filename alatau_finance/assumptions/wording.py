"""Errors of pydantic -> problems in plain words, at the place of the file they are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from alatau_finance.assumptions.fields import REFUSED, kind_of, listed
from alatau_finance.assumptions.schema import Kind, json_schema_of
from alatau_finance.assumptions.yaml_reader import EMPTY, Mark, Node
from alatau_finance.assumptions.yaml_text import Location, Problem
from alatau_finance.errors import nearest
from alatau_finance.i18n import message

_KEY = "[key]"  # what pydantic puts at the end of a location that is a key and not its value


def find(root: Node, where: Location) -> tuple[Location, Node]:
    """The part of ``where`` that exists under ``root``, and the node there; what does not exist is skipped."""
    found: list[str | int] = []
    node = root
    for part in where:
        child = node.child(part)
        if child is not None:
            found.append(part)
            node = child
    return tuple(found), node


def mark_of(root: Node, where: Location, *, key: bool = False) -> Mark:
    """Line and column of what stands at ``where``: of a scalar itself, of anything larger (or with ``key``) its key."""
    where, node = find(root, where)
    if (node.is_scalar and not key) or not where:
        return node.mark
    _, parent = find(root, where[:-1])
    return parent.keys.get(str(where[-1]), node.mark)


def problems(error: ValidationError, root: Node, kind: Kind) -> list[Problem]:
    """Every error of one file as a problem."""
    schema = json_schema_of(kind)
    return [_problem(detail, root, schema) for detail in error.errors(include_url=False)]


def _problem(detail: ErrorDetails, root: Node, schema: Mapping[str, Any]) -> Problem:
    where, node = find(root, detail["loc"])
    about_key = detail["type"] == "extra_forbidden" or _KEY in detail["loc"]
    line, column = mark_of(root, where, key=about_key)
    if detail["type"] == REFUSED:
        context = detail["ctx"]
        return Problem(where, line, column, context["problem"], context["allowed"], context["suggestion"])
    if detail["type"] == "missing":
        return Problem(where, line, column, *_missing(str(detail["loc"][-1]), node, _keys(schema, where)))
    if detail["type"] == "extra_forbidden":
        known = _keys(schema, where[:-1])
        key = str(where[-1])
        if node.content is EMPTY:
            problem = message("{key} is not a key; a text with a comma in it needs quotes", key=repr(key))
            return Problem(where, line, column, problem, listed(known), nearest(key, known))
        return Problem(
            where, line, column, message("unknown key {key}", key=repr(key)), listed(known), nearest(key, known)
        )
    return Problem(where, line, column, *_wrong_kind(detail, where, schema))


def _missing(key: str, parent: Node, known: tuple[str, ...]) -> tuple[str, str, str]:
    """Problem, allowed and suggestion: a key that is written, but known to nobody, may be the one meant."""
    written = parent.content if isinstance(parent.content, dict) else {}
    likely = nearest(key, (other for other in written if other not in known))
    suggestion = message("{key} where {other} is written", key=key, other=likely) if likely else ""
    return message("the key {key} is missing", key=repr(key)), "", suggestion


def _wrong_kind(detail: ErrorDetails, where: Location, schema: Mapping[str, Any]) -> tuple[str, str, str]:
    kind = kind_of(detail["input"])
    if detail["type"] == "list_type":
        return message("a list belongs here, this is {kind}", kind=kind), "", ""
    if detail["type"] == "bool_type":
        return message("true or false belongs here, this is {kind}", kind=kind), "", ""
    if detail["type"] not in {"model_type", "dict_type"}:
        return detail["msg"], "", ""
    siblings = _keys(schema, where[:-1]) if where else ()
    key = str(where[-1]) if where else ""
    suggestion = "" if key in siblings else nearest(key, siblings)
    problem = message("a mapping of keys belongs here, this is {kind}", kind=kind)
    return problem, listed(_keys(schema, where)), suggestion


def _keys(schema: Mapping[str, Any], where: Location) -> tuple[str, ...]:
    """The fixed keys of the mapping at ``where``."""
    definitions = schema.get("$defs", {})
    at = _mapping_of(schema, definitions)
    for part in where:
        if isinstance(part, int):
            inner = at.get("items", {})
        else:
            free = next(iter(at.get("patternProperties", {}).values()), at.get("additionalProperties", {}))
            inner = at.get("properties", {}).get(part, free)
        at = _mapping_of(inner if isinstance(inner, dict) else {}, definitions)
    return tuple(at.get("properties", {}))


def _mapping_of(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    """``schema`` itself, what it refers to, or the first mapping or list among its alternatives."""
    if "$ref" in schema:
        return _mapping_of(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    for alternative in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found = _mapping_of(alternative, definitions)
        if found.keys() & {"properties", "patternProperties", "additionalProperties", "items"}:
            return found
    return schema
