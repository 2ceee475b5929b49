"""What a plan is: which lines are periodic, in which phase each is known, in which order they can be computed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from alatau_finance.modelling import Input, Model, Series, labels, line, prev, total
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.model import summary, title
from alatau_finance.modelling.plan import Plan, build_plan

PlanOf = Callable[[str], Plan]

LOAN = '''
key = "loan"
amount = Input("bn KZT", "Amount lent")
rate = Input("1/year", "Interest rate")
works = Series("bn KZT", "Works")

@line("bn KZT")
def payment(m):
    """Payment: interest and the share of works in all works."""
    return m.interest + m.amount * m.works / m.all_works

@line("bn KZT")
def all_works(m):
    """Works, whole life."""
    return total(m.works)

@line("bn KZT")
def interest(m):
    """Interest on the opening balance."""
    return prev(m.balance) * m.rate * m.year_fraction

@line("bn KZT", opening="amount")
def balance(m):
    """Balance, end of period.

    previous balance - works
    """
    return prev(m.balance) - m.works

@line("bn KZT")
def next_interest(m):
    """Interest of the period to come."""
    return lead(m.interest)

@metric("bn KZT")
def most_interest(m):
    """Largest interest to come."""
    return maximum(m.next_interest)

@check
def repaid(m):
    """Balance closes at zero."""
    return absolute(final(m.balance)) / m.amount
'''


def test_lines_keep_the_order_of_their_declaration(plan_of: PlanOf) -> None:
    names = ["payment", "all_works", "interest", "balance", "next_interest", "most_interest", "repaid"]
    assert list(plan_of(LOAN).lines) == names


def test_one_value_per_period_or_for_life_is_deduced(plan_of: PlanOf) -> None:
    plan = plan_of(LOAN)
    periodic = {name for name in (*plan.lines, *plan.inputs, *plan.series, *plan.calendar) if plan.is_periodic(name)}
    assert periodic == {"payment", "interest", "balance", "next_interest", "works", "year_fraction"}


def test_whole_life_values_and_lead_are_known_one_phase_later(plan_of: PlanOf) -> None:
    phases = {name: item.phase for name, item in plan_of(LOAN).lines.items()}
    assert phases == {
        "interest": 0,
        "balance": 0,
        "all_works": 1,
        "payment": 1,
        "next_interest": 1,
        "repaid": 1,
        "most_interest": 2,
    }


def test_a_phase_holds_scalars_then_periods_then_reductions(plan_of: PlanOf) -> None:
    first, second, third = plan_of(LOAN).phases
    assert (first.scalars, first.periodic) == ((), ("interest", "balance"))
    assert [node.key for node in first.reductions] == ["total(works)", "final(balance)"]
    assert (second.scalars, second.periodic) == (("all_works", "repaid"), ("payment", "next_interest"))
    assert [node.key for node in second.reductions] == ["maximum(next_interest)"]
    assert (third.scalars, third.periodic, third.reductions) == (("most_interest",), (), ())


def test_names_come_after_those_they_need_in_the_same_period(plan_of: PlanOf) -> None:
    plan = plan_of(
        '''
        start = Series("1", "Start")
        @line("1")
        def last(m):
            """Last."""
            return m.middle + m.first
        @line("1")
        def middle(m):
            """Middle."""
            return m.first + prev(m.last)
        @line("1")
        def first(m):
            """First."""
            return m.start
        '''
    )
    assert plan.phases[0].periodic == ("first", "middle", "last")
    assert list(plan.lines) == ["last", "middle", "first"]


def test_prev_looks_back_across_phases(plan_of: PlanOf) -> None:
    plan = plan_of(
        '''
        flow = Series("1", "Flow")
        @line("1")
        def early(m):
            """Known in phase 0."""
            return m.flow + prev(m.early)
        @line("1")
        def late(m):
            """Needs the whole life of it, and its previous value."""
            return prev(m.early) / total(m.early)
        '''
    )
    assert (plan.lines["early"].phase, plan.lines["late"].phase) == (0, 1)


def test_an_opening_moves_its_line_to_the_phase_in_which_it_is_known(plan_of: PlanOf) -> None:
    plan = plan_of(
        '''
        flow = Series("1", "Flow")
        @line("1")
        def whole(m):
            """Known in phase 1."""
            return total(m.flow)
        @line("1", opening="whole")
        def left(m):
            """What is left of it."""
            return prev(m.left) - m.flow
        '''
    )
    assert plan.lines["left"].phase == 1
    assert plan.lines["left"].opening.key == "whole"


def test_openings_are_0_1_or_a_scalar(plan_of: PlanOf) -> None:
    lines = plan_of(LOAN).lines
    assert (lines["interest"].opening.key, lines["balance"].opening.key) == ("0.0", "amount")


def test_the_whole_life_of_what_is_given_is_known_after_phase_0(plan_of: PlanOf) -> None:
    """The loop that adds a series up runs in phase 0, so what uses the sum cannot be a scalar of phase 0."""
    plan = plan_of(
        '''
        flow = Series("1", "Flow")
        @metric("1")
        def whole(m):
            """Whole."""
            return total(m.flow)
        '''
    )
    assert plan.lines["whole"].phase == 1
    assert [node.key for node in plan.phases[0].reductions] == ["total(flow)"]


def test_a_plan_names_the_calendar_series_it_uses(plan_of: PlanOf) -> None:
    assert plan_of(LOAN).calendar == ("year_fraction",)


def test_a_line_knows_its_label_note_kind_and_place(plan_of: PlanOf) -> None:
    balance = plan_of(LOAN).lines["balance"]
    assert (balance.label, balance.note) == ("Balance, end of period", "previous balance - works")
    assert (balance.file, balance.line) == ("models/example.py", 25)
    assert plan_of(LOAN).of_kind("metric") == ("most_interest",)
    assert plan_of(LOAN).of_kind("check") == ("repaid",)
    assert plan_of(LOAN).lines["repaid"].unit == "1"


def test_gathers_are_periodic_unless_of_whole_life(plan_of: PlanOf) -> None:
    plan = plan_of(
        '''
        paid = Gather("1", "Paid", line="payment", contracts=("epcf",))
        worth = Gather("1", "Worth", line="npv", contracts=("epcf",), whole_life=True)
        @line("1")
        def share(m):
            """Share of worth."""
            return m.paid / m.worth
        '''
    )
    assert (plan.is_periodic("paid"), plan.is_periodic("worth")) == (True, False)
    assert list(plan.gathers) == ["paid", "worth"]


# --- parts: classes a contract is put together from


class Works:
    """A part: works and their sum."""

    cost = Input("bn KZT", "Cost")
    progress = Series("1", "Progress")

    @line("bn KZT")
    def works(m):
        """Works."""
        return m.cost * m.progress

    @line("bn KZT")
    def spent(m):
        """Spent so far."""
        return prev(m.spent) + m.works


class Contract(Works, Model):
    """A contract with a part, one line of which it says anew."""

    key = "contract"
    fee = Input("bn KZT", "Fee")

    @line("bn KZT")
    def works(m):
        """Works and fee."""
        return m.cost * m.progress + m.fee * m.progress

    @line("bn KZT")
    def all_works(m):
        """All works."""
        return total(m.works)


def test_a_contract_inherits_the_lines_of_its_parts() -> None:
    plan = build_plan(Contract)
    assert list(plan.inputs) == ["cost", "fee"]
    assert list(plan.lines) == ["spent", "works", "all_works"]
    assert plan.lines["spent"].file.endswith("modelling/test_plan.py")


def test_a_contract_overrides_a_line_of_its_part() -> None:
    works = build_plan(Contract).lines["works"]
    assert works.label == "Works and fee"
    assert works.formula.key == "add(multiply(cost, progress), multiply(fee, progress))"


def test_a_part_is_not_changed_by_the_contract_that_uses_it() -> None:
    class Plain(Works, Model):
        key = "plain"

    assert build_plan(Plain).lines["works"].label == "Works"


def test_a_later_base_does_not_override_an_earlier_one() -> None:
    class Other:
        cost = Input("bn USD", "Cost in dollars")

    class Both(Works, Other, Model):
        key = "both"

    assert Both.declarations["cost"].unit == "bn KZT"


def test_labels_are_those_of_the_model_the_calendar_inputs_and_lines() -> None:
    texts = list(labels(Contract))
    assert texts[:2] == [title(Contract), summary(Contract)]
    assert texts[2 : 2 + len(CALENDAR_SERIES)] == [label for _, label in CALENDAR_SERIES.values()]
    declared = ["Cost", "Progress", "Spent so far", "Fee", "Works and fee", "All works"]
    assert texts[2 + len(CALENDAR_SERIES) :] == declared


def test_title_and_summary_come_from_the_documentation() -> None:
    class Documented(Model):
        """Lease: the state rents,
        and does not own.

        Conventions follow.
        """

        key = "documented"

    assert title(Documented) == "Lease"
    assert summary(Documented) == "Lease: the state rents, and does not own."
    assert title(Model) == "Model"


@pytest.mark.parametrize("number", [0, 1, 12, 0.0, 1.0, 12.0])
def test_0_1_and_12_may_stand_in_a_formula(number: float) -> None:
    class Counted(Model):
        key = "counted"
        flow = Series("1", "Flow")

        @line("1")
        def more(m):
            """More."""
            return m.flow * number

    assert build_plan(Counted).lines["more"].formula.key == f"multiply(flow, {float(number)!r})"
