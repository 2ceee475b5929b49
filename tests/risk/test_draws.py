"""The plan and the kernel: a pure function of seed, names and path."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from alatau_finance.risk.distributions import distribution_named
from alatau_finance.risk.factors import SAMPLERS, CorrelationRule, SamplerName, Sampling, TCopula
from alatau_finance.risk.register import DrawPlan, RiskError, build_draw_plan
from alatau_finance.risk.sampling import factor_key, normals

from .conftest import CLASSES, RULES, factor, factors

Make = Callable[..., DrawPlan]


def block(plan: DrawPlan, first_path: int = 0) -> tuple[np.ndarray, np.ndarray]:
    scalars, series = np.full(plan.scalar_shape, np.nan), np.full(plan.series_shape, np.nan)
    plan.draw(first_path, scalars, series)
    return scalars, series


def test_names_and_shapes(make_plan: Make) -> None:
    plan = make_plan()
    assert plan.scalar_names == (
        *(f"cost_overrun/{project}" for project in CLASSES),
        *(f"delay/{project}" for project in CLASSES),
        "demand",
    )
    assert plan.series_names == ("usdkzt_shock", "cpi_shock", "devaluation")
    assert [row.name for row in plan.factors] == [*plan.scalar_names, *plan.series_names]
    scalars, series = block(plan)
    assert scalars.shape == (7, 64)
    assert series.shape == (7, 3, 64)
    assert np.isfinite(scalars).all()
    assert np.isfinite(series).all()


def test_every_value_is_the_written_formula(make_plan: Make) -> None:
    """The whole chain again, a factor at a time, from the loadings and the public functions."""
    plan = make_plan()
    scalars, series = block(plan, 640)
    rows = {name: scalars[i][None] for i, name in enumerate(plan.scalar_names)}
    rows |= {name: series[:, i] for i, name in enumerate(plan.series_names)}
    for row in plan.factors:
        distribution = distribution_named(row.distribution)
        for period, values in enumerate(rows[row.name]):
            z = sum(
                weight * normals(factor_key(plan.seed, name), 640, 64, period)
                for name, weight in plan.loadings[row.name]
            )
            np.testing.assert_array_equal(values, distribution.from_normal(z, row.parameters, plan.years_per_period))


def test_one_path_alone_is_the_same_path_in_a_block(make_plan: Make) -> None:
    plan = make_plan()
    scalars, series = block(plan, 64)
    for path in (64, 77, 127):
        alone_scalars, alone_series = plan.draw_path(path)
        assert list(alone_scalars.values()) == list(scalars[:, path - 64])
        np.testing.assert_array_equal(np.array(list(alone_series.values())), series[:, :, path - 64].T)


def test_a_longer_calendar_leaves_the_earlier_periods(make_plan: Make) -> None:
    _, short = block(make_plan(periods=5))
    _, long = block(make_plan(periods=8))
    np.testing.assert_array_equal(short, long[:5])


def test_order_of_declaration_does_not_matter(make_plan: Make) -> None:
    straight, turned = make_plan(), make_plan(factors()[::-1])
    for path in (0, 5):
        for one, other in zip(straight.draw_path(path), turned.draw_path(path), strict=True):
            assert sorted(one) == sorted(other)
            for name in one:
                np.testing.assert_array_equal(one[name], other[name])


def test_an_added_factor_leaves_all_others_unchanged(make_plan: Make) -> None:
    more = [
        factor("new_pool_risk"),
        factor("a_shock", per_period=True),
        factor("delay", "pert", "added_project", parameters={"low": 0.0, "mode": 1.0, "high": 2.0}),
        *factors(),
    ]
    before, after = make_plan(), make_plan(more)
    scalars, series = block(before, 192)
    new_scalars, new_series = block(after, 192)
    for i, name in enumerate(before.scalar_names):
        np.testing.assert_array_equal(scalars[i], new_scalars[after.scalar_names.index(name)])
    for i, name in enumerate(before.series_names):
        np.testing.assert_array_equal(series[:, i], new_series[:, after.series_names.index(name)])


def test_the_seed_changes_everything(make_plan: Make) -> None:
    one, _ = block(make_plan(seed=1))
    other, _ = block(make_plan(seed=2))
    assert not np.any(one == other)


def test_scalars_only_series_only_and_nothing(make_plan: Make) -> None:
    assert block(make_plan([factor("a")], ()))[1].shape == (7, 0, 64)
    assert block(make_plan([factor("a", per_period=True)], ()))[0].shape == (0, 64)
    assert block(make_plan([], ()))[0].shape == (0, 64)
    assert make_plan([], ()).draw_path(3) == ({}, {})


def test_wrong_shapes_are_refused(make_plan: Make) -> None:
    plan = make_plan()
    with pytest.raises(ValueError, match=r"shapes \(7, 64\) and \(7, 3, 64\), not \(7, 32\) and \(7, 3, 64\)"):
        plan.draw(0, np.empty((7, 32)), np.empty((7, 3, 64)))


def test_all_faults_come_at_once(make_plan: Make) -> None:
    given = [
        factor("a", "normal", parameters={"mean": 1.0}),
        factor("b", "nrmal"),
        factor("c", "jump", parameters={"probability": 0.1, "mean_log": 0.0, "sd_log": 0.1}),
        factor("d", combine="divide"),
        factor("e"),
        factor("e", per_period=True),
        factor("f", scope="project"),
    ]
    with pytest.raises(RiskError) as caught:
        make_plan(given, ())
    assert caught.value.problems == (
        "a: sd is missing; normal takes mean, sd",
        "b: there is no distribution nrmal; there are standard_normal, normal, lognormal, triangular, uniform, pert, "
        "beta, discrete, empirical, bernoulli, body_and_tail, jump; did you mean normal?",
        "c: jump is drawn every period: set per_period",
        "d: combine is divide; allowed: replace, add, multiply",
        "f: a risk of the pool, and no other, has an empty scope_id",
        "e: there are two factors of this name",
        "e: scope and per_period must be those of e",
    )


def digest(plan: DrawPlan, threads: int) -> str:
    """Of 20 blocks, drawn in any order."""
    with ThreadPoolExecutor(threads) as pool:
        blocks = list(pool.map(lambda number: block(plan, 64 * number), range(20)))
    return sha256(b"".join(array.tobytes() for pair in blocks for array in pair)).hexdigest()


def test_the_number_of_threads_does_not_matter(make_plan: Make) -> None:
    plan = make_plan()
    assert digest(plan, 1) == digest(plan, 2) == digest(plan, 5)


def everything(sampler: SamplerName) -> DrawPlan:
    """A plan with every sampler's, every table's, every copula's and every truncation's code in it."""
    more = [
        factor(
            "tariff",
            "discrete",
            parameters={f"outcome_{i}": i / 3.0 for i in (1, 2)}
            | dict.fromkeys(("probability_1", "probability_2"), 0.5),
        ),
        factor("opex", "beta", parameters={"low": 0.0, "high": 2.0, "alpha": 0.7, "beta": 3.0, "truncate_low": 0.1}),
        factor("price", "lognormal", parameters={"p10": 1.0, "p50": 2.0, "p90": 4.0, "truncate_high": 9.0}),
    ]
    copulas = (
        TCopula("works", ("cost_overrun", "delay"), 3.5),
        TCopula("money", ("usdkzt_shock", "cpi_shock"), 6.0),
    )
    rules = (*RULES, CorrelationRule("pair", ("opex", "price"), 0.4, "ranks"))
    options = {"seed": 20260401, "periods": 7, "years_per_period": 0.5}
    sampling = Sampling(sampler, 1000)
    return build_draw_plan([*factors(), *more], rules, CLASSES, sampling=sampling, copulas=copulas, **options)


PROGRAM = """
import sys; sys.path.insert(0, "tests")
from risk.test_draws import digest, everything
from alatau_finance.risk.factors import SAMPLERS
for name in SAMPLERS:
    print(digest(everything(name), 2))
"""


@pytest.mark.slow
@pytest.mark.parametrize("cpu", ["generic", "nehalem"])
def test_another_processor_gives_the_same_bits(cpu: str) -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "NUMBA_CPU_NAME": cpu, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [digest(everything(name), 1) for name in SAMPLERS]


def test_the_draws_of_a_seed_stay_as_they_are(make_plan: Make) -> None:
    """Runs of years ago must repeat: this digest may change with a note in CHANGELOG.md only."""
    plan = make_plan([factor("a", "normal", parameters={"mean": 1.0, "sd": 2.0}), factor("b", per_period=True)], ())
    assert digest(plan, 1) == "2e5239768352c7f34655f8e3daf701c380025fc80f518067c8b207ab9b2c704d"
