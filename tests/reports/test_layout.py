"""Where things stand: titles that spreadsheets accept, blocks that do not overlap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alatau_finance.reports.layout import Columns, lay_out, quoted, safe_titles
from alatau_finance.reports.totals import flows, reported_balances
from alatau_finance.simulation.binding import BoundPool


@given(st.lists(st.text(max_size=40), max_size=8))
def test_titles_are_accepted_and_different(wanted: list[str]) -> None:
    titles = safe_titles(wanted)
    assert len({title.casefold() for title in titles}) == len(wanted)
    for title in titles:
        assert 1 <= len(title) <= 31
        assert not set(title) & set("[]:*?/\\'")


def test_titles_that_collide_are_numbered() -> None:
    assert safe_titles(["Pool", "pool", "x" * 40, "x" * 41]) == ["Pool", "pool 2", "x" * 31, "x" * 29 + " 2"]
    assert quoted("Don't") == "'Don''t'!"


def test_columns_close_a_template() -> None:
    assert Columns(3).close("=\x02$5+\x01$6-\x03$7") == ["=F$5+G$6-H$7", "=G$5+H$6-I$7", "=H$5+I$6-J$7"]


def test_rows_of_a_sheet_are_used_once(pool: BoundPool) -> None:
    for sheet in lay_out(pool, str).models():
        rows = [*sheet.shared.values(), *sheet.helpers.values()]
        rows += [row for block in sheet.blocks for row in (*block.rows.values(), *filter(None, [block.heading]))]
        assert len(rows) == len(set(rows))
        assert min(rows) > 4


def test_a_sheet_is_called_what_the_documentation_opens_with(pool: BoundPool) -> None:
    titles = [instances[0].plan.title for instances in pool.contracts.values() if instances]
    assert titles == ["Built", "Leased"]


def test_totals_are_of_flows_only(pool: BoundPool) -> None:
    balances = reported_balances(pool.pool.plan, "built")
    assert balances == {"debt"}
    built = flows(pool.contracts["built"][0].plan, balances=balances)
    assert {"works", "repayment", "state_payment", "flow"} <= built
    assert not {"debt", "debt_due", "progress", "price"} & built
    leased = flows(pool.contracts["leased"][0].plan)
    whole = flows(pool.pool.plan, {"built": built, "leased": leased})
    assert {"paid_everywhere", "state_payments_built"} <= whole
    assert not {"owed_everywhere", "obligations_outstanding", "peak_share", "pv_all"} & whole
