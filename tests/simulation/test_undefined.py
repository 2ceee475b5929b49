"""Values that do not exist: the reason stays with the value from the kernel to what is counted."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alatau_finance.audit.manifest import undefined_data
from alatau_finance.backends.functions import UNDEFINED_RATES, internal_rate_undefined
from alatau_finance.simulation.binding import bind
from alatau_finance.simulation.path import draw_plan, path_values
from alatau_finance.simulation.rows import set_one_pattern
from alatau_finance.simulation.run import simulate
from alatau_finance.simulation.summary import summarise_row
from alatau_finance.simulation.undefined import Undefined, UndefinedMetric, count_undefined

PATHS = 70

reasons = st.lists(st.sampled_from([*UNDEFINED_RATES, math.inf, -math.inf, 0.25, -3.0, 0.0]), max_size=60)


@given(reasons)
def test_each_reason_is_counted(values: list[float]) -> None:
    bits = [struct.pack("<d", value) for value in values]
    by_reason = [bits.count(struct.pack("<d", rate)) for rate in UNDEFINED_RATES]
    infinite = values.count(math.inf) + values.count(-math.inf)
    found = count_undefined(np.array(values, np.float64))
    assert found == Undefined(*by_reason[1:], not_finite=by_reason[0] + infinite)
    assert found.total == sum(not math.isfinite(value) for value in values)
    assert summarise_row("row", np.array(values, np.float64)).reasons == found


@given(st.integers(0, 2**52 - 1), st.booleans())
def test_any_other_nan_has_one_pattern(payload: int, negative: bool) -> None:
    """Whatever a processor makes of inf - inf; only the exact bits of a reason are one."""
    bits = np.array([negative << 63 | 0x7FF << 52 | max(payload, 1)], np.uint64)
    given = bits.copy()
    set_one_pattern(given.view(np.float64)[None])
    [found] = given
    known = [int(np.array(rate).view(np.uint64)) for rate in UNDEFINED_RATES]
    assert int(found) == (int(bits[0]) if int(bits[0]) in known else known[0])


def test_numbers_stay_as_they_are() -> None:
    values = np.array([[1.0, -0.0, math.nan], [math.inf, UNDEFINED_RATES[2], 5e-324]])
    before = values.view(np.uint64).tolist()
    set_one_pattern(values)
    assert values.view(np.uint64).tolist() == before


def test_counts_add_up() -> None:
    assert Undefined(1, 2, 3, 4) + Undefined(10, 20, 30, 40) == Undefined(11, 22, 33, 44)
    assert Undefined(1, 2, 3, 4).total == 10


@pytest.fixture(scope="module")
def dear(make: Any) -> Any:
    """The tiny pool with margins so wide that some contractors lose more than half a period, and some gain nothing."""
    risks = list(make.assumptions().risks)
    number = next(at for at, risk in enumerate(risks) if risk.target == "margin")
    risks[number] = make.risk(
        "rate", "margin", "pool", "uniform", "replace", **make.numbers("1/year", low=-2.2, high=1.0)
    )
    return bind(make.assumptions(risks=tuple(risks)), make.models)


def test_a_run_counts_why_contractors_have_no_rate(dear: Any, tmp_path: Path) -> None:
    """Counted here a second time, path by path, from the flows of the reference run."""
    result = simulate(dear, paths=PATHS, seed=5, workspace=tmp_path)
    draws, expected = draw_plan(dear, 5), [0, 0, 0, 0]
    contracts = dear.contracts["epcf"]
    for path in range(PATHS):
        lines = path_values(dear, draws, path).lines
        for instance in contracts:
            expected[int(internal_rate_undefined(lines[instance.key]["flow"]))] += 1
    # The test proves something only where there is more than one reason.
    assert sum(count > 0 for count in expected) > 2
    found = next(metric for metric in result.undefined if metric.metric == "contractor_irr")
    label = dear.contracts["epcf"][0].plan.lines["contractor_irr"].label
    told = Undefined(*expected[1:], not_finite=0)
    title = dear.contracts["epcf"][0].plan.title
    assert found == UndefinedMetric("epcf", title, "contractor_irr", label, PATHS * len(contracts), told)
    # A rate of return is told of even where it always exists; another metric only where it does not.
    assert [metric.metric for metric in result.undefined] == ["contractor_irr"]
    assert undefined_data(result)[0]["undefined"] == {
        "one_sign": expected[1],
        "several_rates": expected[2],
        "out_of_reach": expected[3],
        "not_finite": 0,
    }


def test_a_metric_that_is_no_rate_is_told_of_where_it_does_not_exist(dear: Any, tmp_path: Path) -> None:
    result = simulate(dear, paths=3, seed=5, workspace=tmp_path)
    worth = result.metrics["worth"]
    broken = replace(worth, summary=summarise_row("worth", np.array([1.0, math.nan, math.inf])))
    told = replace(result, metrics={**result.metrics, "worth": broken}).undefined
    assert (told[-1].model, told[-1].metric, told[-1].evaluated) == ("pool", "worth", 3)
    assert told[-1].undefined == Undefined(not_finite=2)
