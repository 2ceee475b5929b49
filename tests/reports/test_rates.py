"""Whether a sheet finds a rate of return, or the reason why there is none, as Python does.

The bisection whose last step is the guess of IRR finds the rate that Python finds, however late the flows start.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from alatau_finance.backends.functions import (
    DEFINED,
    ONE_SIGN,
    OUT_OF_REACH,
    SEVERAL_RATES,
    internal_rate,
    internal_rate_undefined,
)
from alatau_finance.modelling import Model, Series, irr, irr_undefined, metric, total
from alatau_finance.modelling.plan import build_plan
from alatau_finance.reports.agreement import compare
from alatau_finance.reports.layout import CONSTANT, TOTAL, lay_out
from alatau_finance.reports.recalculate import Cells, recalculate_with_ironcalc, recalculate_with_libreoffice
from alatau_finance.reports.sheets.rates import bisection
from alatau_finance.reports.sheets.timing import HIGHEST_RATE, LOWEST_RATE
from alatau_finance.reports.workbook import write_workbook
from alatau_finance.simulation.binding import BoundPool, BoundSeries, Instance
from alatau_finance.simulation.reference import PathValues, run_path
from alatau_finance.simulation.undefined import Undefined, UndefinedMetric

from .conftest import CREATED

#: As many flows as the tiny pool has periods; what they are is told in tests/backends/test_internal_rate.py.
FLOWS: dict[str, tuple[list[float], int]] = {
    "one_change": ([0, 0, -100, 30, 30, 0, 30, 30, 0, 0, 0, 0, 0, 0], DEFINED),
    "loss": ([0, -100, 0, 0, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0], DEFINED),
    "another_below_0": ([0, 0, -16, 30, -12.5, 0, 0, 0, 0, 0, 0, 0, 0, 0], DEFINED),
    "other_side": ([16, -30, 12.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], DEFINED),
    "residues": ([1e-14, 0, -100, 0, 110, 0, 0, 0, 0, 0, 0, 0, 0, -1e-14], DEFINED),
    "all_zero": ([0] * 14, ONE_SIGN),
    "paid_only": ([-1, -2] + [-3] * 12, ONE_SIGN),
    "residue_and_receipts": ([-1e-14] + [5] * 13, ONE_SIGN),
    "two_rates": ([-1, 2.3, -1.32] + [0] * 11, SEVERAL_RATES),
    "one_of_them_0": ([0, 0, -1, 3, -2] + [0] * 9, SEVERAL_RATES),
    "loss_with_a_repair": ([-100, 50, -10, 40] + [0] * 10, SEVERAL_RATES),
    "above": ([-1, 11] + [0] * 12, OUT_OF_REACH),
    "below": ([-1, 0.4] + [0] * 12, OUT_OF_REACH),
    "above_with_two_changes": ([0, -1, 20, -1] + [0] * 10, OUT_OF_REACH),
}


@pytest.fixture(scope="module")
def rates(pool: BoundPool) -> tuple[BoundPool, PathValues]:
    """The tiny pool, its economy replaced by one that has a rate of return of each of the flows."""
    declared: dict[str, object] = {"key": "economy", "__doc__": "Rates of return."}
    for name in FLOWS:
        declared[name] = Series("bn KZT", f"Flows, {name}")
        declared[f"{name}_irr"] = _metric("1/year", name, f"Rate of return, {name}.", irr)
        declared[f"{name}_why"] = _metric("1", name, f"Why there is none, {name}.", irr_undefined)
    plan = build_plan(type("Rates", (Model,), declared))
    given = {name: BoundSeries(name, "bn KZT", name, tuple(map(float, flows))) for name, (flows, _) in FLOWS.items()}
    nothing = dict.fromkeys(pool.contracts, ())
    one = {
        "key": "pool",
        "__doc__": "Nothing.",
        "length": _metric("year", "year_fraction", "Length of all periods.", total),
    }
    empty = build_plan(type("Pool", (Model,), one))
    changed = replace(
        pool,
        economy=Instance("economy", plan, "", {}),
        economy_series=MappingProxyType(given),
        contracts=nothing,
        pool=Instance("pool", empty, "", {}),
    )
    return changed, run_path(changed)


def _metric(unit: str, name: str, label: str, function: object) -> object:
    def formula(m: object) -> object:
        return function(getattr(m, name))  # type: ignore[operator]

    formula.__doc__ = label
    return metric(unit)(formula)


def test_the_flows_are_what_they_say(rates: tuple[BoundPool, PathValues]) -> None:
    lines = rates[1].lines["economy"]
    assert {name: lines[f"{name}_why"] for name in FLOWS} == {name: reason for name, (_, reason) in FLOWS.items()}
    assert {name for name in FLOWS if not math.isnan(lines[f"{name}_irr"])} == {
        name for name, (_, reason) in FLOWS.items() if reason == DEFINED
    }


def check_sheet(rates: tuple[BoundPool, PathValues], cells: Cells) -> None:
    pool, values = rates
    assert compare(pool, values, cells).differences == ()
    layout = lay_out(pool, str)
    economy, words = (
        layout.economy,
        {
            DEFINED: None,
            ONE_SIGN: "No rate: the flows have one sign",
            SEVERAL_RATES: "No rate: several are possible",
            OUT_OF_REACH: "No rate from -50 % to 900 % a period",
        },
    )
    for name, (_, reason) in FLOWS.items():
        row, rate_row = economy.blocks[0].rows[f"{name}_irr"], layout.rates["economy", name]
        shown = cells.read(economy.title, row, CONSTANT + 1)
        assert (shown == "n/a") == (reason != DEFINED), name
        # Beside the rate, and on the sheet of rates as a number and in words.
        assert (cells.read(economy.title, row, TOTAL + 1) or None) == words[reason], name
        assert cells.read(layout.titles.rates, rate_row, CONSTANT + 1) == reason, name
        told = words[reason] or "There is one rate"
        assert cells.read(layout.titles.rates, rate_row, TOTAL + 1) == told, name


@pytest.fixture(scope="module")
def written(rates: tuple[BoundPool, PathValues], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rates") / "rates.xlsx"
    write_workbook(path, *rates, created=CREATED, cached=False)
    return path


def test_ironcalc_finds_rates_and_reasons(rates: tuple[BoundPool, PathValues], written: Path) -> None:
    check_sheet(rates, recalculate_with_ironcalc(written))


@pytest.mark.libreoffice
def test_libreoffice_finds_rates_and_reasons(rates: tuple[BoundPool, PathValues], written: Path) -> None:
    check_sheet(rates, recalculate_with_libreoffice(written))


@given(
    st.integers(0, 120),
    st.lists(st.floats(1.0, 100.0), min_size=1, max_size=10),
    st.lists(st.floats(0.5, 100.0), min_size=1, max_size=50),
)
def test_the_guess_is_the_rate(late: int, paid: list[float], received: list[float]) -> None:
    flows = [*(0.0,) * late, *(-amount for amount in paid), *received]
    rate = internal_rate(flows, 1.0)
    assume(math.isnan(rate) or LOWEST_RATE + 1e-6 < rate < HIGHEST_RATE - 1e-6)
    _, bracket, guesses = bisection(flows)
    assert (bracket < 0) == (not math.isnan(rate))
    if bracket < 0:
        assert abs(guesses[-1] - rate) < 1e-8


@given(st.integers(0, 40), st.floats(0.02, 5.0), st.floats(-0.45, -0.05), st.floats(1.0, 1e6))
def test_of_two_rates_the_guess_is_the_one_above_0(late: int, above: float, below: float, unit: float) -> None:
    """(-1 + (1 + a) x)(1 - x (1 + b)): what it adds up to is a * -b > 0."""
    factors = [-1.0, (1.0 + above) + (1.0 + below), -(1.0 + above) * (1.0 + below)]
    flows = [0.0] * late + [unit * factor for factor in factors]
    assert internal_rate_undefined(flows) == DEFINED
    assert internal_rate(flows, 1.0) == pytest.approx(above, abs=1e-9)
    _, bracket, guesses = bisection(flows)
    assert bracket < 0
    assert abs(guesses[-1] - above) < 1e-8


def test_flows_of_one_sign_have_no_bracket() -> None:
    assert bisection([0.0, 1.0, 2.0])[1] == 1.0
    assert bisection([0.0, 0.0])[1] == 0.0


def test_a_simulation_tells_why_rates_do_not_exist(pool: BoundPool, values: PathValues, tmp_path: Path) -> None:
    """On the sheet of static results, below the measures."""
    undefined = [
        UndefinedMetric("built", "Built", "return_on_loan", "Rate of return of the loan", 3000, Undefined(1, 20, 3))
    ]
    file = tmp_path / "mc.xlsx"
    write_workbook(file, pool, values, created=CREATED, undefined=undefined)
    rows = list(load_workbook(file)["Monte Carlo"].iter_rows(values_only=True))
    told = next(row for row in rows if row[0] == "built.return_on_loan")
    headings = rows[rows.index(told) - 1]
    assert told[1] == "Built: Rate of return of the loan"
    assert dict(zip(headings[3:9], told[3:9], strict=True)) == {
        "Computed": 3000,
        "Without a rate": 24,
        "Flows of one sign": 1,
        "Several rates possible": 20,
        "Rate out of reach": 3,
        "Not a finite number": 0,
    }
