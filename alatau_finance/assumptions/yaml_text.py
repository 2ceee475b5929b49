"""Bytes of a YAML file -> text, and what is wrong with its syntax in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from alatau_finance.i18n import message

Location = tuple[str | int, ...]

UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a file. ``where`` are the keys (and list indices, from 0) that lead to it."""

    where: Location
    line: int
    column: int
    problem: str
    allowed: str = ""
    suggestion: str = ""


class UnreadableYaml(Exception):
    """The file cannot be read any further, for one reason."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.problem)
        self.problem = problem


def decode(data: bytes) -> str:
    """The text of ``data``, without a byte order mark. Raises UnreadableYaml where it is not printable UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        guess = "UTF-16" if data.startswith(_UTF16_MARKS) else "Windows-1251"
        line, column = _place(data[: error.start].decode("utf-8", errors="replace"))
        problem = message("this is not UTF-8 text, perhaps it is {encoding}; save the file as UTF-8", encoding=guess)
        raise UnreadableYaml(Problem((), line, column, problem)) from error
    unprintable = UNPRINTABLE.search(text)
    if unprintable:
        line, column = _place(text[: unprintable.start()])
        code = f"U+{ord(unprintable.group()):04X}"
        raise UnreadableYaml(Problem((), line, column, message("unprintable character {code}; remove it", code=code)))
    return text


def _place(before: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows the text ``before``."""
    lines = re.split("\r\n|\r|\n", before)
    return len(lines), len(lines[-1]) + 1


def explain(error: Exception, where: Location) -> Problem:
    """A syntax error of ruamel.yaml in words that need no knowledge of parsers."""
    from ruamel.yaml.error import MarkedYAMLError

    if not isinstance(error, MarkedYAMLError):
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        return Problem(where, 1, 1, message("this is not YAML: {reason}", reason=reason))
    # Where something was left open, what matters is where it began, not where the file ended.
    context, problem = error.context or "", error.problem or ""
    left_open = "a simple key" in context or "a quoted scalar" in context or "<stream end>" in problem
    marks = (error.context_mark, error.problem_mark) if left_open else (error.problem_mark, error.context_mark)
    mark = marks[0] or marks[1]
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(where, line, column, _plain_words(problem, context))


def _plain_words(problem: str, context: str) -> str:
    if "'\\t'" in problem:
        return message("a tab stands where only spaces may; indent with spaces")
    if "mapping values are not allowed" in problem:
        return message('a ":" too many, or a wrong indent; put text that contains ": " in quotes')
    if "expected ':'" in problem:
        return message('a ":" is missing after this key; one that begins with "*" needs quotes')
    if "quoted scalar" in context:
        return message("a quotation mark is not closed")
    if "flow" in context:
        return message("a bracket or a comma is missing in this list or mapping in brackets")
    if "cannot start any token" in problem:
        return message("a text may not begin with this character; put it in quotes")
    if "expected <block end>" in problem or "block" in context:
        return message("this line does not line up with the ones above; keys of one mapping have one indent")
    return message("this is not YAML: {reason}", reason=problem or context)
