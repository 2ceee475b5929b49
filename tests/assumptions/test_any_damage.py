"""Whatever happens to a file, the loader either reads it or says what is wrong; it never fails in another way."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from alatau_finance.errors import AssumptionErrors, Fault

VALUES = (
    "",
    "0",
    "-1",
    "1e400",
    ".nan",
    "true",
    "~",
    "x",
    "%",
    "KZT",
    "2026-02-30",
    "9999-12-31",
    "0001-01-01",
    "20260203",
)
SHAPES = ("[]", "{}", "[1]", "{a: 1}", "{value: 1}", "*", "'", ": ", "- ", "&a", "*a")
KEYS = ("value", "values", "vintages", "source", "defaults", "id", "date", "text")


def told(tree, scenario: str) -> tuple[Fault, ...]:
    """The faults of a tree that may have none."""
    try:
        tree.load(scenario)
    except AssumptionErrors as error:
        return error.faults
    return ()


@settings(
    max_examples=120,
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_damage(tree, data: st.DataObject) -> None:
    whole = dict(tree.files)
    try:
        for _ in range(data.draw(st.integers(1, 3))):
            file = data.draw(st.sampled_from(sorted(tree.files)))
            words = re.split(r"(\s+|[{}\[\],])", tree.files[file])
            words[data.draw(st.integers(0, len(words) - 1))] = data.draw(st.sampled_from((*VALUES, *SHAPES, *KEYS)))
            tree.files[file] = "".join(words)
        faults = told(tree, data.draw(st.sampled_from(["base", "stress"])))
    finally:  # hypothesis may leave in the middle of a draw, and the next example starts from the whole tree
        tree.files = whole
    for fault in faults:
        assert fault.problem
        assert fault.path
        assert fault.line >= 1
        assert fault.column >= 1
