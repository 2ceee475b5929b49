"""The projects add up to what has been published, or they do not, and that is told."""

from __future__ import annotations

import pytest

from alatau_finance.assumptions import ties


def test_costs_and_counts_tie(tree) -> None:
    cost, count = ties(tree.load())
    assert (cost.name, cost.published, cost.unit, cost.ok) == ("all", 0.0301, "tn KZT", True)
    assert cost.computed == pytest.approx(0.0301)
    assert (count.computed, count.unit, count.ok) == (1, "project", True)


def test_a_total_that_does_not_tie(tree) -> None:
    tree.edit("pool/projects.yaml", "value: 10.1", "value: 10.2")
    cost, count = ties(tree.load())
    assert (cost.ok, count.ok) == (False, True)


@pytest.mark.parametrize(
    ("cost", "tolerance", "ok"),
    [(10.1, 0, True), (10.1001, 0, False), (10.15, 0.00005, True), (10.05, 0.00005, True), (10.16, 0.00005, False)],
)
def test_the_rounding_of_the_published_figure(cost: float, tolerance: float, ok: bool, tree) -> None:
    tree.edit("pool/projects.yaml", "value: 10.1", f"value: {cost}")
    tree.edit("pool/totals.yaml", "measure: cost", f"measure: cost\n    tolerance: {tolerance}")
    assert ties(tree.load())[0].ok is ok


@pytest.mark.parametrize(
    ("chosen", "count"),
    [
        ("any: true", 2),
        ("stage: programme_2031_2050", 1),
        ("stage: [programme_2031_2050, roadmap_2026_2027]", 2),
        ("tag: [named, substation]", 1),
        ("stage: programme_2031_2050, tag: named", 0),
    ],
)
def test_filters(chosen: str, count: int, tree) -> None:
    tree.edit("pool/totals.yaml", "stage: [roadmap_2026_2027, roadmap_2028_2030], tag: named", chosen)
    assert ties(tree.load())[1].computed == count


def test_the_portfolio_is_not_part_of_the_pool(tree) -> None:
    assert "pepsico" in {project.id for project in tree.load().portfolio_projects}
    assert ties(tree.load())[0].ok
