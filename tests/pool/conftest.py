"""The real pool, bound once: the tests of this folder look at it as users run it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from alatau_finance.backends.python import Computed
from alatau_finance.jit import LANES
from alatau_finance.risk.register import DrawPlan
from alatau_finance.root import Root, find_root
from alatau_finance.simulation.binding import BoundPool
from alatau_finance.simulation.engine import Engine
from alatau_finance.simulation.path import draw_plan, path_values
from alatau_finance.simulation.run import prepare

SEED = 7
FIRST_PATH = 4 * LANES
LOOKED_AT = (0, 29, 63)


@pytest.fixture(scope="session")
def root() -> Root:
    return find_root(Path(__file__).parents[2])


@pytest.fixture(scope="session")
def pool(root: Root) -> BoundPool:
    return prepare(root, "base")


@pytest.fixture(scope="session")
def draws(pool: BoundPool) -> DrawPlan:
    return draw_plan(pool, SEED)


@pytest.fixture(scope="session")
def engine(pool: BoundPool, draws: DrawPlan) -> Engine:
    return Engine(pool, draws)


@pytest.fixture(scope="session")
def expected(pool: BoundPool, draws: DrawPlan) -> dict[int, Mapping[str, Mapping[str, Computed]]]:
    """Every line of every contract in plain Python, for some lanes of the block that starts at FIRST_PATH."""
    return {lane: path_values(pool, draws, FIRST_PATH + lane).lines for lane in LOOKED_AT}
