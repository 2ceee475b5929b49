"""Sums and risks that would reach nothing, in silence, are told when the pool is bound."""

from __future__ import annotations

from typing import Any

import pytest

from alatau_finance.modelling import Gather
from alatau_finance.simulation.binding import BindingError, bind

GATHERS = {
    "no such line": {"line": "paymnt", "contracts": ("epcf",)},
    "no such contract": {"line": "payment", "contracts": ("epc",)},
    "no such group": {"line": "payment", "contracts": ("epcf",), "group": "infra"},
    "whole life, but not said so": {"line": "worth", "contracts": ("epcf",)},
    "said to be of whole life": {"line": "payment", "contracts": ("epcf",), "whole_life": True},
}


@pytest.mark.parametrize("case", GATHERS)
def test_a_gather_of_nothing_is_told(make: Any, case: str) -> None:
    pool = type("Pool", (make.models["pool"],), {"extra": Gather("bn KZT", "Extra", **GATHERS[case])})
    with pytest.raises(BindingError, match="extra"):
        bind(make.assumptions(), {**make.models, "pool": pool})


def test_a_gather_is_in_the_unit_of_its_line(make: Any) -> None:
    gather = Gather("KZT", "Extra", line="payment", contracts=("epcf",))
    pool = type("Pool", (make.models["pool"],), {"extra": gather})
    with pytest.raises(BindingError, match="extra"):
        bind(make.assumptions(), {**make.models, "pool": pool})


RISKS = {
    "misspelt target": ("overun", "project"),
    "a series": ("growth", "pool"),
    "an input of the economy by asset class": ("volatility", "asset_class"),
    "the project's share": ("financing_share", "project"),
    "a target that another risk has": ("margin", "pool"),
}


@pytest.mark.parametrize("case", RISKS)
def test_a_risk_that_moves_nothing_is_told(make: Any, case: str) -> None:
    target, scope = RISKS[case]
    extra = make.risk("extra", target, scope, "lognormal", "multiply", **make.numbers(median=1, sigma=0.3))
    with pytest.raises(BindingError, match="extra"):
        bind(make.assumptions(risks=(*make.assumptions().risks, extra)), make.models)
