"""One small model in every dialect: what a reader of generated code sees.

A change of these texts is a change of results until it is shown not to be.
"""

from __future__ import annotations

import ast
import linecache
import traceback

import pytest
from syrupy.assertion import SnapshotAssertion

from alatau_finance.backends import kernel
from alatau_finance.backends.excel import excel_listing
from alatau_finance.backends.graph import graph_source
from alatau_finance.backends.kernel import kernel_source
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.backends.python import compile_python, python_source, run_python
from alatau_finance.modelling import (
    Gather,
    Input,
    Model,
    Series,
    absolute,
    check,
    final,
    irr,
    lead,
    line,
    maximum,
    metric,
    prev,
    smaller_of,
    total,
    where,
)
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.modelling.names import RESERVED
from alatau_finance.modelling.plan import Plan, build_plan


class Small(Model):
    """A deferred payment, a reserve for the next one, and what a pool gathers."""

    key = "small"
    amount = Input("bn KZT", "Amount")
    rate = Input("1/year", "Interest rate")
    works = Series("bn KZT", "Works")
    others = Gather("bn KZT", "Payments of others", line="payment", contracts=("epcf",))
    worth_of_others = Gather("bn KZT", "Worth of others", line="worth", contracts=("epcf",), whole_life=True)

    @line("bn KZT")
    def interest(m):
        """Interest for the period on the opening balance."""
        return prev(m.balance) * m.rate * m.year_fraction

    @line("bn KZT", opening="amount")
    def balance(m):
        """Balance, end of period."""
        return prev(m.balance) + m.interest - m.payment

    @line("bn KZT")
    def payment(m):
        """Payment: works, as long as a balance is left."""
        return where(prev(m.balance) > 0, smaller_of(m.works, prev(m.balance)), 0)

    @line("bn KZT")
    def all_payments(m):
        """Payments, whole life."""
        return total(m.payment)

    @line("bn KZT", yearly="end")
    def reserve(m):
        """Reserve: the share of the next payment in all."""
        return lead(m.payment) * m.amount / m.all_payments + m.others

    @metric("bn KZT")
    def peak_reserve(m):
        """Largest reserve."""
        return maximum(m.reserve) + m.worth_of_others

    @metric("1/year")
    def cost_of_money(m):
        """Rate of return of the balance."""
        return irr(m.balance)

    @metric("1/year")
    def rate_of_works(m):
        """Rate of return of what is given."""
        return irr(m.works)

    @check
    def repaid(m):
        """Balance closes at zero."""
        return absolute(final(m.balance)) / m.amount


CALENDAR = Calendar(2026, 2027, 0, 2)
GIVEN = {
    "amount": 100.0,
    "rate": 0.1,
    "works": [0.0, 50.0, 0.0, 60.0],
    "others": [1.0, 2.0, 3.0, 4.0],
    "worth_of_others": 7.0,
}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return build_plan(Small)


def test_python(plan: Plan, snapshot: SnapshotAssertion) -> None:
    assert python_source(plan) == snapshot


def test_kernel(plan: Plan, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for blocks of 64 lanes, however many there are in a block by now."""
    monkeypatch.setattr(kernel, "LANES", 64)
    spec = KernelSpec(
        plan,
        outputs=("peak_reserve", "cost_of_money", "rate_of_works", "repaid"),
        exports=("reserve",),
        gathered=("payment", "payment"),
        gathered_scalars=("all_payments",),
    )
    assert kernel_source(spec) == snapshot


def test_excel(plan: Plan, snapshot: SnapshotAssertion) -> None:
    assert excel_listing(plan) == snapshot


def test_graph(plan: Plan, snapshot: SnapshotAssertion) -> None:
    assert graph_source(plan) == snapshot


def test_every_other_name_in_generated_code_is_closed_to_models(plan: Plan) -> None:
    """Else an input of that name would take the place of what the code means by it."""
    own = {*plan.inputs, *plan.series, *plan.gathers, *plan.calendar, *plan.lines, plan.key}
    own |= {f"{before}_{name}" for name in plan.lines for before in ("previous", "following")}
    own |= {node.symbol for phase in plan.phases for node in phase.reductions}
    full = KernelSpec(plan, ("repaid", "cost_of_money"), ("reserve",), ("payment",), ("all_payments",))
    used = set()
    for source in (python_source(plan), kernel_source(full)):
        nodes = list(ast.walk(ast.parse(source)))
        used |= {node.id for node in nodes if isinstance(node, ast.Name)}
        used |= {node.arg for node in nodes if isinstance(node, ast.arg)}
        used |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    assert "internal_rate" in used
    # A model's names begin with a letter, so what begins otherwise is closed to it too.
    assert {name for name in used - own if not name.startswith("_")} <= RESERVED


def test_values(plan: Plan) -> None:
    """Worked by hand: interest is 5 % of the opening balance a half-year."""
    found = run_python(plan, GIVEN, CALENDAR)
    assert found["interest"] == pytest.approx((5.0, 5.25, 3.0125, 3.163125))
    assert found["payment"] == pytest.approx((0.0, 50.0, 0.0, 60.0))
    assert found["balance"] == pytest.approx((105.0, 60.25, 63.2625, 6.425625))
    assert found["all_payments"] == pytest.approx(110.0)
    assert found["reserve"] == pytest.approx((5000 / 110 + 1, 2.0, 6000 / 110 + 3, 4.0))
    assert found["peak_reserve"] == pytest.approx(6000 / 110 + 3 + 7)
    assert found["repaid"] == pytest.approx(0.06425625)
    assert found["cost_of_money"] != found["cost_of_money"]


def test_a_missing_input_is_named(plan: Plan) -> None:
    with pytest.raises(KeyError, match=r"^'works'$"):
        run_python(plan, {name: value for name, value in GIVEN.items() if name != "works"}, CALENDAR)


def test_a_fault_in_generated_python_shows_the_generated_line(plan: Plan) -> None:
    with pytest.raises(TypeError) as caught:
        run_python(plan, {**GIVEN, "rate": "ten"}, CALENDAR)
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert frame.line == "interest[t] = ((previous_balance * rate) * year_fraction[t])"
    assert frame.filename in linecache.cache


def test_a_plan_is_compiled_once(plan: Plan) -> None:
    assert compile_python(plan) is compile_python(plan)
