"""Text -> nodes with line and column; what cannot be read is told in plain words and never harms."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alatau_finance.assumptions.yaml_reader import EMPTY, MAXIMUM_DEPTH, plain, read_yaml

SCALARS = {
    "16": 16,
    "-16": -16,
    "1.5": 1.5,
    "1e3": 1000.0,
    "010": 10,
    "2026-01-01": date(2026, 1, 1),
    "2026-13-01": "2026-13-01",
    "true": True,
    "yes": "yes",
    "no": "no",
    "on": "on",
    "0x10": "0x10",
    "1_000": "1_000",
    "1:30": "1:30",
    '"16"': "16",
    "'2026-01-01'": "2026-01-01",
    "~": EMPTY,
    "": EMPTY,
}


@pytest.mark.parametrize(("text", "value"), SCALARS.items())
def test_scalars_are_yaml_1_2(text: str, value: object) -> None:
    node, problems = read_yaml(f"key: {text}\n".encode())
    assert problems == ()
    assert node is not None
    found = plain(node)["key"]  # type: ignore[index]
    assert (found, type(found)) == (value, type(value))


BROKEN = {
    "tab": ("a:\n\tb: 1\n", "2:1", "a tab stands where only spaces may; indent with spaces"),
    "colon": ("a: b: c\n", "1:5", 'a ":" too many, or a wrong indent; put text that contains ": " in quotes'),
    "no colon": ("a: 1\nb\n", "2:1", 'a ":" is missing after this key'),
    "open quote": ("a: 'b\n", "1:4", "a quotation mark is not closed"),
    "open bracket": ("a: [1, 2\n", "1:4", "a bracket or a comma is missing in this list or mapping in brackets"),
    "missing comma": (
        "a: {b: 1\n  c: 2}\n",
        "2:4",
        "a bracket or a comma is missing in this list or mapping in brackets",
    ),
    "percent": ("a: %b\n", "1:4", "a text may not begin with this character; put it in quotes"),
    "indent": (
        "a:\n  b: 1\n c: 2\n",
        "3:2",
        "this line does not line up with the ones above; keys of one mapping have",
    ),
    "key twice": ("a: 1\nb: 2\na: 3\n", "3:1", "the key 'a' stands here a second time; it is on line 1 already"),
    "deep key twice": ("a: {b: 1, 'b': 2}\n", "1:11", "the key 'b' stands here a second time; it is on line 1 already"),
    "second document": ("a: 1\n---\nb: 2\n", "2:1", 'a second document begins here; remove the "---"'),
    "empty": ("", "1:1", "the file is empty"),
    "only a comment": ("# nothing\n", "2:1", "the file is empty"),
    "tag": ("a: !!python/object/apply:os.system [ls]\n", "1:4", "tags such as tag:yaml.org,2002:python/object/apply"),
    "merge": ("a: &a {b: 1}\nc: {<<: *a}\n", "2:5", '"<<" is not read; repeat the keys or use "defaults:"'),
    "unknown alias": ("a: *b\n", "1:4", "*b refers to nothing above that is marked &b"),
    "alias of itself": ("a: &a [*a]\n", "1:8", "*a refers to nothing above that is marked &a"),
    "list as a key": ("? [a]\n: 1\n", "1:3", "a key must be a plain word"),
    "pattern without quotes": ("a: 1\n*.b.c: 1\n", "2:1", 'a ":" is missing after this key; one that'),
    "alias as a key": ("a: &b c\n*b : 1\n", "2:1", 'a key that begins with "*" needs quotes'),
    "no key": (": 1\n", "1:1", "a key is missing before this colon"),
    "control character": ("a: \x1b[31m\n", "1:4", "unprintable character U+001B; remove it"),
    "escaped control": ('a: "\\e[31m"\n', "1:4", "an escape in this text stands for an unprintable character"),
    "half a character": ('a: "\\ud800"\n', "1:4", "an escape in this text stands for an unprintable character"),
    "no such character": ('a: "\\UFFFFFFFF"\n', "1:1", "this is not YAML"),
    "bad version": ("%YAML 1.x\n---\na: 1\n", "1:9", "this is not YAML"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken(name: str) -> None:
    text, place, expected = BROKEN[name]
    _, problems = read_yaml(text.encode())
    (problem,) = problems
    assert f"{problem.line}:{problem.column}" == place
    assert problem.problem.startswith(expected)


def test_several_repeated_keys_are_all_told() -> None:
    _, problems = read_yaml(b"a: 1\na: 2\nb: {c: 1, c: 2}\n")
    assert [(problem.line, problem.where) for problem in problems] == [(2, ("a",)), (3, ("b", "c"))]


def test_bytes_that_are_not_utf_8() -> None:
    text = "# Ставка\nlabel: Ставка НДС\n"
    _, (problem,) = read_yaml(text.encode("cp1251"))
    assert (problem.line, problem.column) == (1, 3)
    assert problem.problem == "this is not UTF-8 text, perhaps it is Windows-1251; save the file as UTF-8"
    _, (problem,) = read_yaml(text.encode("utf-16"))
    assert "perhaps it is UTF-16" in problem.problem


def test_byte_order_mark_and_windows_line_ends() -> None:
    node, problems = read_yaml(b"\xef\xbb\xbf" + "а: 1\r\nб:\r\n  - 2\r\n".encode())
    assert problems == ()
    assert node is not None
    assert plain(node) == {"а": 1, "б": [2]}
    assert node.child("б").child(0).mark == (3, 5)  # type: ignore[union-attr]


def test_marks_are_those_of_keys_and_values() -> None:
    node, _ = read_yaml(b"a:\n  b: [1,\n      2]\n")
    assert node is not None
    b = node.child("a").child("b")  # type: ignore[union-attr]
    assert b is not None
    assert (b.mark, b.child(1).mark) == ((2, 6), (3, 7))  # type: ignore[union-attr]
    assert node.child("a").keys == {"b": (2, 3)}  # type: ignore[union-attr]


def bombs() -> dict[str, str]:
    """Small texts that would be huge, or endless, if they were read without care."""
    laughs = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n"
    for level in range(1, 15):
        laughs += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    return {
        "aliases of aliases": laughs,
        "many aliases": "a: &a 1\nb: [" + "*a, " * 5000 + "1]\n",
        "deep flow": "a: " + "[" * 100_000,
        "deep block": "- " * 100_000 + "a\n",
        "deep mapping": "".join(" " * level + "a:\n" for level in range(1000)),
        "many values": "a: [" + "1, " * 300_000 + "1]\n",
    }


@pytest.mark.parametrize("name", bombs())
def test_a_bomb_is_defused(name: str) -> None:
    begun = time.process_time()
    node, (problem,) = read_yaml(bombs()[name].encode())
    assert node is None
    assert any(word in problem.problem for word in ("deeper", "aliases", "more than"))
    assert time.process_time() - begun < 20


def test_a_long_number_is_no_number() -> None:
    node, problems = read_yaml(b"a: " + b"9" * 5000)
    assert problems == ()
    assert isinstance(plain(node)["a"], str)  # type: ignore[arg-type,index]


PIECES = st.sampled_from(
    [
        *"a:-[]{}\"'#|>&*!%@`,?\\ \n\t1.",
        "\n  ",
        "- ",
        ": ",
        "*a",
        "&a ",
        "---\n",
        "...",
        "!!int ",
        "<<: ",
        "\\x",
        "\r\n",
        "é",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    node, problems = read_yaml(text.encode("utf-8", errors="surrogatepass"))
    assert node is not None or problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in problems)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    node, problems = read_yaml(data)
    assert node is not None or problems


TREES = st.recursive(
    st.integers(-(10**9), 10**9) | st.booleans() | st.text("abcя :#-", max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdя", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abcdя", min_size=1), TREES, min_size=1, max_size=4))
def test_json_is_read_as_it_is(tree: dict[str, object]) -> None:
    import json

    node, problems = read_yaml(json.dumps(tree).encode())
    assert problems == ()
    assert node is not None
    assert plain(node) == tree


def test_the_depth_that_assumptions_need_is_there() -> None:
    text = "".join(" " * level + f"a{level}:\n" for level in range(MAXIMUM_DEPTH - 1)) + " " * MAXIMUM_DEPTH + "1\n"
    assert read_yaml(text.encode())[1] == ()
