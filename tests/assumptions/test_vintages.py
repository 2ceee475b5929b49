"""The latest vintage not after the run date is taken; what is not known yet is absent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alatau_finance.errors import UsageError


@pytest.mark.parametrize(
    ("run_date", "budget"),
    [
        (date(2026, 2, 3), 8.8),
        (date(2026, 2, 28), 8.8),
        (date(2026, 3, 1), 9.9),
        (date(2040, 1, 1), 9.9),
    ],
)
def test_the_latest_vintage_of_the_run_date(run_date: date, budget: float, tree) -> None:
    found = tree.load(run_date=run_date)
    assert found.fiscal["city_budget"].value == budget
    assert found.timeline.run_date == run_date


def test_the_run_date_of_the_timeline_is_the_default(tree) -> None:
    tree.edit("timeline.yaml", "run_date: {value: 2026-02-03}", "run_date: {value: 2026-03-05}")
    found = tree.load()
    assert found.fiscal["city_budget"].value == 9.9
    assert found.timeline.run_date == date(2026, 3, 5)


def test_the_run_date_that_was_asked_for_is_recorded(tree) -> None:
    value = tree.load(run_date=date(2026, 4, 1)).value("timeline.run_date")
    assert (value.value, value.source) == (2026.25, ("argument:run_date",))


def test_a_vintage_has_its_own_note_and_place(tree) -> None:
    value = tree.load().fiscal["city_budget"]
    assert (value.note, value.line, value.as_of) == ("tripled", 8, date(2025, 11, 24))


def test_an_entry_that_is_not_known_yet_is_absent(tree) -> None:
    tree.edit("tax.yaml", "{value: 16}", "{value: 16, as_of: 2026-02-04}")
    found = tree.load()
    assert {*found.tax} == {"property_rate"}
    with pytest.raises(UsageError, match=r"tax\.vat_rate is not known on 2026-02-03; its earliest .* 2026-02-04"):
        found.value("tax.vat_rate")
    assert tree.load(run_date=date(2026, 2, 4)).tax["vat_rate"].value == 16


def test_portfolio_projects_and_totals_that_are_not_known_yet_are_left_out(tree) -> None:
    tree.edit("investment_projects.yaml", "unit: mn USD", "unit: mn USD, as_of: 2026-03-01")
    tree.edit("pool/totals.yaml", "unit: tn KZT", "unit: tn KZT, as_of: 2026-03-01")
    found = tree.load()
    assert found.portfolio_projects == ()
    assert [total.name for total in found.totals] == ["roadmap_count"]


def test_a_run_date_before_everything_is_told_once_for_each_file(tree, messages) -> None:
    found = messages(run_date=date(2025, 12, 1))
    assert [text.split(":")[0] for text in found] == [
        f"assumptions/{file}"
        for file in ("pool/budget_levels.yaml", "pool/financing.yaml", "pool/projects.yaml", "risks.yaml")
    ]
    assert found[0] == (
        "assumptions/pool/budget_levels.yaml:4:5: budget_levels.local.republican_share: not known on the run date"
        " 2025-12-01; its earliest as_of is 2026-02-03, as is that of 3 more in this file;"
        " allowed: a later run date, or a vintage of that time"
    )


def test_every_vintage_is_checked(tree, messages) -> None:
    tree.edit("fiscal.yaml", "{value: 9.9, as_of: 2026-03-01}", "{value: 9.9, low: 10, as_of: 2026-03-01}")
    assert messages() == ["assumptions/fiscal.yaml:9:17: fiscal.city_budget: 9.9 is below its low, 10"]


def test_a_scenario_cannot_change_what_is_not_known_yet(tree, messages) -> None:
    tree.edit("macro.yaml", "as_of: 2026-01-30", "as_of: 2026-02-10")
    assert tree.load().scenario.name == "base"
    assert messages("stress") == [
        "assumptions/scenarios/stress.yaml:5:3: overrides.macro.usdkzt: this value is not known on the run date;"
        " its earliest vintage is of 2026-02-10"
    ]


DAYS = st.integers(0, 400).map(lambda days: date(2026, 2, 3) - timedelta(days=200) + timedelta(days=days))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(DAYS, min_size=1, max_size=6, unique=True), DAYS)
def test_the_choice_is_the_latest_not_after(tree, days: list[date], run_date: date) -> None:
    from alatau_finance.assumptions.document import FaultList, parse
    from alatau_finance.assumptions.entries import Resolved, resolve
    from alatau_finance.assumptions.schema import FILES

    lines = [f"    - {{value: {index}, as_of: {day}}}" for index, day in enumerate(days)]
    text = "defaults: {unit: '1', source: a, basis: assumed}\ntax:\n  rate:\n    vintages:\n" + "\n".join(lines)
    faults, resolved = FaultList(), Resolved()
    document = parse("tax.yaml", "tax", FILES["tax.yaml"], text.encode(), faults)
    assert document is not None
    resolve(document, run_date, resolved, faults)
    assert not faults
    known = [day for day in days if day <= run_date]
    if known:
        assert resolved.values["tax.rate"].value == days.index(max(known))
    else:
        assert resolved.unknown_yet["tax.rate"][0] == min(days)
