"""The picture of a plan: everything in it once, and an arrow for every need."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alatau_finance.backends.graph import graph_source
from alatau_finance.modelling import Input, Model, Series, lead, line, prev, total
from alatau_finance.modelling.plan import build_plan

EDGE = re.compile(r'^  "(\w+)" -> "(\w+)"(?: \[(.*)\])?;$')


class Small(Model):
    """Two phases and every kind of arrow."""

    key = "small"
    amount = Input("bn KZT", "Amount")
    works = Series("bn KZT", "Works")

    @line("bn KZT")
    def balance(m):
        """Balance."""
        return prev(m.balance) + m.works + m.works

    @line("bn**2*KZT**2")
    def later(m):
        """Later."""
        return (lead(m.balance) + m.amount) * total(m.works)


@pytest.fixture(scope="module")
def text() -> str:
    return graph_source(build_plan(Small))


def test_it_is_named_after_the_contract(text: str) -> None:
    assert text.startswith('digraph "small" {\n')
    assert text.endswith("\n}")


def test_an_arrow_for_each_need_and_kind_of_need_once(text: str) -> None:
    edges = [found.groups() for found in map(EDGE.match, text.splitlines()) if found]
    assert edges == [
        ("balance", "balance", "style=dashed"),
        ("works", "balance", None),
        ("balance", "later", "style=dashed"),
        ("amount", "later", None),
        ("works", "later", 'style=bold, label="total"'),
    ]


def test_lines_stand_in_their_phase(text: str) -> None:
    first, second = text.split("subgraph cluster_")[1:]
    assert first.startswith("0 {")
    assert '"balance" [label="balance\\nbn KZT"]' in first
    assert second.startswith("1 {")
    assert '"later" [label="later\\nbn**2*KZT**2"]' in second


def test_what_is_given_stands_outside_the_phases(text: str) -> None:
    before = text.split("subgraph")[0]
    assert '"amount" [label="amount\\nbn KZT"]' in before
    assert '"works" [label="works\\nbn KZT"]' in before


@given(st.randoms(use_true_random=False), st.integers(1, 10))
def test_every_name_of_any_model_is_in_it_and_braces_close(kit: Any, choose: Any, count: int) -> None:
    plan = kit.plan(choose, count)
    text = graph_source(plan)
    for name in (*plan.inputs, *plan.series, *plan.lines):
        assert text.count(f'"{name}" [label=') == 1
    assert text.count("{") == text.count("}") == 1 + len(plan.phases)
