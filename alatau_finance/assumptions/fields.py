"""Kinds of fields that the file schemas are made of. Each says in plain words what it refuses, and why."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from alatau_finance.errors import nearest
from alatau_finance.i18n import message

NAME_PATTERN = r"[a-z][a-z0-9_]*"
RESERVED = ("value", "values", "vintages")  # by these keys an entry is told from a mapping of entries
REFUSED = "refused"  # the error type whose context is a finished problem
_NUMBER_LIKE = re.compile(r"([-+]?[0-9][0-9 _\u00a0\u202f]*(?:[.,][0-9]+)?)\s*(%?)")
_DAY_LIKE = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})")


def refuse(problem: str, allowed: str = "", suggestion: str = "") -> PydanticCustomError:
    """The error to raise from a validator: a problem worded for whoever wrote the file."""
    return PydanticCustomError(REFUSED, "{problem}", {"problem": problem, "allowed": allowed, "suggestion": suggestion})


def listed(words: tuple[str, ...]) -> str:
    """``a, b, c``: the words a fault may allow."""
    return ", ".join(words)


def kind_of(raw: object) -> str:
    """What a YAML value is, for people."""
    kinds: tuple[tuple[type, str], ...] = (
        (bool, message("true or false")),
        (int, message("a number")),
        (float, message("a number")),
        (date, message("a date")),
        (str, message("a text")),
        (list, message("a list")),
        (dict, message("a mapping of keys")),
    )
    return next((words for kind, words in kinds if isinstance(raw, kind)), message("empty"))  # yaml_reader.EMPTY


def number(raw: object) -> float:
    """A finite number that is written as one. Raises what pydantic turns into a fault."""
    if isinstance(raw, str):
        raise _text_for_a_number(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise refuse(message("a number belongs here, this is {kind}", kind=kind_of(raw)))
    if not math.isfinite(raw):
        raise refuse(message("a number must be finite, this is {number}", number=raw))
    return float(raw)


def _text_for_a_number(text: str) -> PydanticCustomError:
    problem = message("a number belongs here, this is the text {text}", text=repr(text[:60]))
    found = _NUMBER_LIKE.fullmatch(text.strip())
    if not found:
        return refuse(problem)
    digits = re.sub(r"[ _\u00a0\u202f]", "", found[1]).replace(",", ".")
    if found[2]:
        return refuse(problem, message('write value: {number}, unit: "%"', number=digits))
    return refuse(problem, message("write {number}, without quotes, spaces or commas", number=digits))


def not_negative(raw: object) -> float:
    """A number, 0 or more."""
    plain = number(raw)
    if plain < 0:
        raise refuse(message("{number} is below 0", number=raw), message("0 or more"))
    return plain


def amount(raw: object) -> float | date:
    """A number, or a date (which stands for its calendar year)."""
    return raw if isinstance(raw, date) else number(raw)


def day(raw: object) -> date:
    """A day of the calendar, written 2026-01-31."""
    if isinstance(raw, date):
        return raw
    problem = message("a date belongs here, this is {kind}", kind=kind_of(raw))
    allowed = message("a day of the calendar written 2026-01-31, without quotes")
    if not isinstance(raw, str):
        raise refuse(problem, allowed)
    found = _DAY_LIKE.fullmatch(raw.strip())
    suggestion = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else ""
    raise refuse(message("{text} is not a date", text=repr(raw[:60])), allowed, suggestion)


def step_date(raw: object) -> date:
    """The date from which a dated value holds: a year (its 1 January) or a day. ``raw`` is the text of the key."""
    text = str(raw)
    try:
        return date.fromisoformat(f"{text}-01-01" if re.fullmatch("[0-9]{4}", text) else text)
    except ValueError:
        allowed = message("a year such as 2027, or a day such as 2027-07-01")
        raise refuse(message("{text} is not a year or a date", text=repr(text[:60])), allowed) from None


def different_days(raw: object) -> object:
    """``raw``, a mapping by step, whose keys (2026 and 2026-01-01, say) mean different days."""
    written: dict[date, object] = {}
    for key in raw if isinstance(raw, dict) else ():
        try:
            day_of_key = step_date(key)
        except ValueError:
            continue  # reported with the key
        if day_of_key in written:
            raise refuse(message("{first} and {second} are the same day", first=written[day_of_key], second=key))
        written[day_of_key] = key
    return raw


def words(raw: object) -> list[str]:
    """One word, or a list of words."""
    items = [raw] if isinstance(raw, str) else raw
    if not isinstance(items, list) or not all(isinstance(item, str) and item for item in items):
        raise refuse(message("a word or a list of words belongs here, this is {kind}", kind=kind_of(raw)))
    if not items:
        raise refuse(message("the list is empty"))
    return items


def text(raw: object) -> str:
    """A text that is not empty."""
    if not isinstance(raw, str):
        raise refuse(message("a text belongs here, this is {kind}; put it in quotes", kind=kind_of(raw)))
    if not raw.strip():
        raise refuse(message("a text belongs here, this one is empty"))
    return raw


def name(raw: object) -> str:
    """An identifier: the same word serves in YAML, Python and Excel."""
    if not isinstance(raw, str) or not re.fullmatch(NAME_PATTERN, raw):
        suggestion = re.sub("[^a-z0-9_]+", "_", raw.strip().lower()) if isinstance(raw, str) else ""
        allowed = message("small Latin letters, digits and _, a letter first")
        good = suggestion if re.fullmatch(NAME_PATTERN, suggestion) else ""
        raise refuse(message("{text} cannot be a name", text=repr(raw)), allowed, good)
    if raw in RESERVED:
        raise refuse(message("{text} cannot be a name, it is a key of every entry", text=repr(raw)))
    return raw


@dataclass(frozen=True, slots=True)
class OneOf:
    """Annotation of a field that takes one of a few words."""

    choices: tuple[str, ...]

    def check(self, raw: object) -> str:
        """``raw`` if it is one of the choices."""
        if isinstance(raw, str) and raw in self.choices:
            return raw
        suggestion = nearest(raw, self.choices) if isinstance(raw, str) else ""
        said = repr(raw[:60]) if isinstance(raw, str) else kind_of(raw)
        raise refuse(message("{word} is not one of the choices", word=said), listed(self.choices), suggestion)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.check)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "enum": list(self.choices)}


_DAY_SCHEMA = {"type": "string", "format": "date"}
_WORD_SCHEMA = {"type": "string", "minLength": 1}

Number = Annotated[float, PlainValidator(number), WithJsonSchema({"type": "number"})]
NotNegative = Annotated[float, PlainValidator(not_negative), WithJsonSchema({"type": "number", "minimum": 0})]
Amount = Annotated[float | date, PlainValidator(amount), WithJsonSchema({"anyOf": [{"type": "number"}, _DAY_SCHEMA]})]
Day = Annotated[date, PlainValidator(day), WithJsonSchema(_DAY_SCHEMA)]
StepDate = Annotated[
    date, PlainValidator(step_date), WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$"})
]
Words = Annotated[
    list[str],
    PlainValidator(words),
    WithJsonSchema({"anyOf": [_WORD_SCHEMA, {"type": "array", "items": _WORD_SCHEMA, "minItems": 1}]}),
]
Text = Annotated[str, PlainValidator(text), WithJsonSchema({"type": "string", "minLength": 1})]
Name = Annotated[str, PlainValidator(name), WithJsonSchema({"type": "string", "pattern": f"^{NAME_PATTERN}$"})]
