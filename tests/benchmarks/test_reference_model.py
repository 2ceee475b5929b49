"""The reference project is one model: the kernel, plain Python and numpy agree on every metric of every scenario."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alatau_finance.backends.python import run_python
from alatau_finance.jit import LANES
from benchmarks import every_line, native, vectorised
from benchmarks.engine import ReferenceEngine
from benchmarks.reference_model import CALENDAR, CONSTANTS, METRICS, RANDOM, SPENDING


@pytest.fixture(scope="module")
def inputs() -> np.ndarray:
    return vectorised.random_inputs(np.random.default_rng(5).standard_normal((len(RANDOM), 4 * LANES)))


def test_kernel_and_numpy_agree(inputs: np.ndarray) -> None:
    found, expected = ReferenceEngine().run(inputs), vectorised.run(inputs)
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_every_line_in_numpy_is_that_of_python(inputs: np.ndarray) -> None:
    np.testing.assert_allclose(every_line.run(inputs), vectorised.run(inputs), rtol=1e-12, atol=1e-12)
    found, path = every_line.lines(inputs), 5
    given = {**CONSTANTS, "one_year": 1.0, **dict(zip(RANDOM, inputs[:, path].tolist(), strict=True))}
    plan = ReferenceEngine().spec.plan
    expected = run_python(plan, {**given, "spending": SPENDING.tolist()}, CALENDAR)
    for name, values in found.items():
        line = np.broadcast_to(values, (CALENDAR.periods, inputs.shape[1]))[:, path]
        np.testing.assert_allclose(np.nan_to_num(line), expected[name], rtol=1e-11, atol=1e-11, err_msg=name)
    assert {*found, "coverage_tested"} == {name for name, line in plan.lines.items() if line.periodic}


def test_python_and_numpy_agree(inputs: np.ndarray) -> None:
    expected = vectorised.run(inputs)
    engine_plan = ReferenceEngine().spec.plan
    for path in range(3):
        given = {**CONSTANTS, "one_year": 1.0, **dict(zip(RANDOM, inputs[:, path].tolist(), strict=True))}
        lines = run_python(engine_plan, {**given, "spending": SPENDING.tolist()}, CALENDAR)
        np.testing.assert_allclose([lines[name] for name in METRICS], expected[:, path], rtol=1e-12, atol=1e-12)


def test_scenarios_are_drawn_from_the_same_distributions() -> None:
    drawn = ReferenceEngine().simulate(128 * LANES)
    given = vectorised.run(vectorised.random_inputs(np.random.default_rng(5).standard_normal((4, 128 * LANES))))
    error = np.sqrt((drawn.var(axis=1) + given.var(axis=1)) / drawn.shape[1])
    assert (abs(drawn.mean(axis=1) - given.mean(axis=1)) < 4 * error).all()


def test_c_and_numpy_agree(inputs: np.ndarray, tmp_path: Path) -> None:
    run = native.build(tmp_path)
    if run is None:
        pytest.skip("there is no C compiler on this machine")
    np.testing.assert_allclose(run(inputs), vectorised.run(inputs), rtol=1e-12, atol=1e-12)
