"""What the fast parser reads is what the careful one reads; whatever is doubtful is left to the careful one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alatau_finance.assumptions.yaml_reader import _carefully, _quickly

ASSUMPTIONS = Path(__file__).parents[2] / "assumptions"
# fmt: off
_PIECES = (
    "a", "key", "1", "2.5", ": ", ":", ", ", ",", "- ", "\n", "\n  ", "\n    ", " ", "[", "]", "{", "}", "\"", "'",
    "# c", "#", "|", ">", "&x ", "*x", "!t ", "? ", "---", "...", "~", "null", "%", "@", "`", "\\", "\u00e9",
    "\"q\"", "'s'", "k: v", "<<", "\n- ", "\nk: ", "-", "=", "*", "&", "!", "|-\n  x\n", ">\n  y\n", "\t", "\u0085",
    "\u2028", "2026-01-31", "true",
)
# fmt: on


@pytest.mark.parametrize("file", sorted(ASSUMPTIONS.rglob("*.yaml")), ids=lambda file: file.stem)
def test_the_assumptions_are_read_fast_and_alike(file: Path) -> None:
    node = _quickly(file.read_bytes())
    assert node is not None
    assert (node, ()) == _carefully(file.read_bytes())


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
def test_what_is_read_fast_is_read_alike(text: str) -> None:
    node = _quickly(text.encode())
    assert node is None or (node, ()) == _carefully(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a:",
        "a: &x 1",
        "a: !t 1",
        "a:\t1",
        "a: 1\na: 2",
        "a: |#",
        "a: [1",
        "---\na: 1\n---\nb: 2",
        "%YAML 1.1\n--- a",
        "a: x\u2028y",
    ],
)
def test_what_is_wrong_or_doubtful_is_not_read_fast(text: str) -> None:
    assert _quickly(text.encode()) is None
