"""What a model's author is told: file, line, what is wrong and what to do. The words are in the snapshots."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from syrupy.assertion import SnapshotAssertion

from alatau_finance.errors import ModelError
from alatau_finance.modelling.model import Model
from alatau_finance.modelling.plan import Plan

PlanOf = Callable[[str], Plan]

GIVEN = """
amount = Input("bn KZT", "Amount")
real_amount = Input("bn KZT_real", "Amount, prices of the base date")
dollars = Input("bn USD", "Dollars")
rate = Input("1/year", "Rate")
count = Input("1", "Count")
flow = Series("bn KZT", "Flow")
flag = Series("1", "Flag")
"""


def formula(text: str, decorator: str = '@line("bn KZT")', name: str = "result") -> str:
    """A line with that formula; the formula stands in line 15 of the file when the line is the first."""
    return f'{decorator}\ndef {name}(m):\n    """Result."""\n    {text}\n'


WRONG_FORMULAS = {
    "misspelt name": "return m.amuont",
    "unlike any name": "return m.zzz",
    "number": "return m.amount * 0.16",
    "negative number": "return -1 * m.amount",
    "truth value": "return m.amount * True",
    "text": "return m.amount + 'flow'",
    "no return": "m.amount + m.amount",
    "equality": "return where(m.count == 1, m.amount, 0)",
    "inequality": "return where(m.count != 1, m.amount, 0)",
    "if": "return m.amount if m.count > 1 else 0",
    "and": "return where(m.count > 0 and m.count < 1, m.amount, 0)",
    "chained comparison": "return where(0 < m.count < 1, m.amount, 0)",
    "max": "return max(m.amount, m.amount)",
    "abs": "return abs(m.amount)",
    "prev of a formula": "return prev(m.result + m.flow)",
    "total of a formula": "return total(m.flow + m.flow)",
    "prev of an input": "return prev(m.amount)",
    "prev of a series": "return prev(m.flow)",
    "lead of a series": "return lead(m.flow)",
    "total of a scalar": "return total(m.amount)",
    "irr of the calendar": "return m.amount * irr(m.period_start)",
}

WRONG_UNITS = {
    "real and nominal": "return m.amount + m.real_amount",
    "dollars and tenge": "return m.amount - m.dollars",
    "no year fraction": "return m.amount * m.rate",
    "no conversion": "return m.real_amount",
    "exponent with a unit": "return m.amount * m.count ** m.rate",
    "base with a unit": "return m.amount * m.rate ** m.count",
    "exp of a unit": "return m.amount * exp(m.rate)",
    "log of a unit": "return m.amount * log(m.dollars)",
    "comparison": "return m.amount * (m.amount > m.dollars)",
    "condition with a unit": "return where(m.amount, m.amount, 0)",
    "branches": "return where(m.count > 1, m.amount, m.dollars)",
    "larger of": "return larger_of(m.amount, m.dollars)",
    "1 and money": "return m.amount + 1",
    "division by 0": "return m.amount / 0",
    "root": "return sqrt(m.amount)",
    "present value": "return present_value(m.flow, m.flow)",
}


@pytest.mark.parametrize("case", WRONG_FORMULAS)
def test_wrong_formula(plan_of: PlanOf, snapshot: SnapshotAssertion, case: str) -> None:
    with pytest.raises(ModelError) as caught:
        plan_of(GIVEN + formula(WRONG_FORMULAS[case]))
    assert str(caught.value).startswith(("models/example.py:12: line 'result'", "models/example.py:15: line 'result'"))
    assert str(caught.value) == snapshot


@pytest.mark.parametrize("case", WRONG_UNITS)
def test_wrong_unit(plan_of: PlanOf, snapshot: SnapshotAssertion, case: str) -> None:
    with pytest.raises(ModelError) as caught:
        plan_of(GIVEN + formula(WRONG_UNITS[case]))
    assert str(caught.value).startswith("models/example.py:12: line 'result'")
    assert str(caught.value) == snapshot


@pytest.mark.parametrize(
    "text",
    [
        "return 0",
        "return m.amount + 0",
        "return larger_of(0, m.amount)",
        "return where(m.count > 0, m.amount, 0)",
        "return m.amount * (m.real_amount > 0)",
        "return where(0, m.amount, 0)",
        "return 0 * m.dollars",
        "return 0 / m.count",
        "return -m.amount * exp(0)",
        "return m.amount * m.rate * m.year_fraction",
        "return sqrt(m.amount * m.amount)",
        "return m.amount * m.dollars / m.dollars",
        "return total(m.flow) * irr(m.flow) / m.rate",
        "return present_value(m.flow, m.flag)",
        "return sum([m.amount, m.amount])",
    ],
)
def test_units_that_fit(plan_of: PlanOf, text: str) -> None:
    assert "result" in plan_of(GIVEN + formula(text)).lines


def test_the_place_is_the_line_of_the_formula_that_is_wrong(plan_of: PlanOf) -> None:
    body = formula("half = m.amount\n    third = half + m.amuont\n    return third")
    with pytest.raises(ModelError, match=r"^models/example\.py:16: .*did you mean 'amount'\?$"):
        plan_of(GIVEN + body)


@pytest.mark.parametrize("kind", ["check", 'metric("bn KZT")'])
def test_what_is_kept_for_every_path_is_one_value_for_life(
    plan_of: PlanOf, snapshot: SnapshotAssertion, kind: str
) -> None:
    with pytest.raises(ModelError) as caught:
        plan_of(GIVEN + formula("return m.flow / m.amount", f"@{kind}"))
    assert str(caught.value) == snapshot


CIRCLES = {
    "same period": ["return m.second + m.flow", "return m.third", "return m.first"],
    "whole life": ["return m.flow + m.second", "return m.third", "return total(m.first)"],
    "lead": ["return m.flow + m.second", "return m.third + m.flow", "return lead(m.first)"],
    "itself": ["return m.flow + m.first", "return m.flow", "return m.flow"],
    "its own whole life": ["return m.flow", "return m.flow", "return m.flow + total(m.third)"],
    "a circle, and a line that hangs on it": [
        "return total(m.second)",
        "return m.flow + m.third",
        "return total(m.second)",
    ],
}


@pytest.mark.parametrize("case", CIRCLES)
def test_a_circle_is_named(plan_of: PlanOf, snapshot: SnapshotAssertion, case: str) -> None:
    names = ("first", "second", "third")
    lines = "".join(formula(text, name=name) for name, text in zip(names, CIRCLES[case], strict=True))
    with pytest.raises(ModelError) as caught:
        plan_of(GIVEN + lines)
    assert str(caught.value) == snapshot


def test_prev_breaks_a_circle(plan_of: PlanOf) -> None:
    lines = formula("return m.second + m.flow", name="first") + formula("return prev(m.first)", name="second")
    assert plan_of(GIVEN + lines).phases[0].periodic == ("second", "first")


def test_a_circle_through_an_opening_is_named(plan_of: PlanOf) -> None:
    lines = formula("return prev(m.first) + m.flow", '@line("bn KZT", opening="whole")', "first")
    with pytest.raises(ModelError, match=r"circle whole -> first -> whole"):
        plan_of(GIVEN + lines + formula("return total(m.first)", name="whole"))


@pytest.mark.parametrize("opening", ["5", "True", "'amuont'", "'flow'", "'result'", "'dollars'"])
def test_wrong_opening(plan_of: PlanOf, snapshot: SnapshotAssertion, opening: str) -> None:
    body = formula("return prev(m.result) + m.flow", f'@line("bn KZT", opening={opening})')
    with pytest.raises(ModelError) as caught:
        plan_of(GIVEN + body)
    assert str(caught.value) == snapshot


@pytest.mark.parametrize("unit", ["bn KZT per yer", "EUR"])
def test_unknown_unit(plan_of: PlanOf, unit: str) -> None:
    with pytest.raises(ModelError, match=f"^Example.result: unknown unit '{unit}'$"):
        plan_of(GIVEN + formula("return m.amount", f'@line("{unit}")'))


def test_a_line_needs_a_docstring(model_of: Callable[[str], type[Model]]) -> None:
    with pytest.raises(ModelError, match=r"^Example\.result: a line needs a docstring"):
        model_of('@line("1")\ndef result(m):\n    return 1\n')


@pytest.mark.parametrize("name", ["t", "periods", "series", "power", "_hidden", "key"])
def test_names_that_generated_code_keeps_for_itself(plan_of: PlanOf, name: str) -> None:
    with pytest.raises(ModelError, match=rf"^Example\.{name}: generated code keeps this name for itself"):
        plan_of(formula("return 1", '@line("1")', name))


@pytest.mark.parametrize("name", ["previous_result", "following_result", "total_of_result"])
def test_names_that_generated_code_makes_from_the_models_own(plan_of: PlanOf, name: str) -> None:
    lines = formula("return prev(m.result) + m.flow") + formula("return total(m.result)", name=name)
    with pytest.raises(ModelError, match=rf"^Example\.{name}: generated code keeps this name"):
        plan_of(GIVEN + lines)
