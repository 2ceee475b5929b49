"""The assumptions of this repository: they load under every scenario, tie to the published totals, and load fast."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from alatau_finance.assumptions import available_scenarios, load_assumptions, ties

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("scenario", available_scenarios(ROOT))
def test_every_scenario_loads_and_ties(scenario: str) -> None:
    found = load_assumptions(ROOT, scenario)
    assert [tie.name for tie in ties(found) if not tie.ok] == []
    assert bool(found.overrides) == (scenario != "base")


def test_loading_is_fast() -> None:
    load_assumptions(ROOT)
    begun = time.process_time()
    load_assumptions(ROOT)
    assert time.process_time() - begun < 3  # 0.6 on the machine it was measured on
