"""Units of money, time and things: what converts into what, and that nothing else does."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alatau_finance.modelling.operators import describe
from alatau_finance.modelling.units import (
    DEFINITIONS,
    UnitError,
    convert,
    factor,
    is_known,
    registry,
    same_dimension,
    words,
)


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "expected"),
    [
        (16, "%", "1", 0.16),
        (7.5, "%/year", "1/year", 0.075),
        (50, "pp", "1", 0.5),
        (3, "mn KZT", "bn KZT", 0.003),
        (10.4, "tn KZT", "bn KZT", 10400.0),
        (2, "bn USD", "mn USD", 2000.0),
        (18, "month", "year", 1.5),
        (73, "day", "year", 0.2),
        (1200, "KZT/month", "KZT/year", 14400.0),
        (12, "km", "m", 12000.0),
        (1, "ha", "m2", 10000.0),
        (600, "bn KZT/year", "bn KZT/month", 50.0),
        (2026.5, "year", "year", 2026.5),
        (0.1, "1", "%", 10.0),
        (3, "k person", "person", 3000.0),
    ],
)
def test_convert(value: float, unit: str, wanted: str, expected: float) -> None:
    # One rounding of the factor, one of the product.
    assert convert(value, unit, wanted) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("percent", [0.1, 1, 3, 7, 10.5, 16, 33, 99.9])
def test_a_percentage_is_the_nearest_number_to_its_hundredth(percent: float) -> None:
    """16 % is 0.16 and not 0.16000000000000003: it is divided by 100, not multiplied by 0.01."""
    assert convert(percent, "%", "1") == percent / 100


KINDS = ["KZT", "KZT_real", "USD", "USD_real", "year", "person", "m", "m2", "m3", "t", "MW", "MVA", "project", "1"]


@pytest.mark.parametrize("first", KINDS)
def test_each_kind_is_a_dimension_of_its_own(first: str) -> None:
    assert [unit for unit in KINDS if same_dimension(first, unit)] == [first]


@pytest.mark.parametrize(("unit", "wanted"), [("bn KZT", "bn USD"), ("bn KZT", "bn KZT_real"), ("1/year", "1")])
def test_what_does_not_convert(unit: str, wanted: str) -> None:
    with pytest.raises(UnitError, match=f"^'{unit}' cannot be expressed in '{wanted}'$"):
        convert(1, unit, wanted)


@pytest.mark.parametrize("unit", ["tenge", "bn EUR", "kzt", "KZT**", "bn KZT)", "kKZT", "2 KZT"])
def test_unknown_units(unit: str) -> None:
    assert not is_known(unit)
    with pytest.raises(UnitError, match="unknown unit"):
        factor(unit, "KZT")


@pytest.mark.parametrize("unit", ["1", "%", "bn KZT", "KZT/KZT_real", "1/year**1.5", "bn KZT/km", " year ", "1/year"])
def test_known_units(unit: str) -> None:
    assert is_known(unit)


def test_every_defined_word_is_a_unit_and_a_suggestion() -> None:
    assert len(words()) == len(DEFINITIONS)
    assert all(is_known(word) for word in words())


@given(st.floats(1e-6, 1e9), st.sampled_from(["KZT", "k KZT", "mn KZT", "bn KZT", "tn KZT"]))
def test_there_and_back(value: float, unit: str) -> None:
    # Two conversions, each within one rounding of its factor and one of its product.
    assert math.isclose(convert(convert(value, "bn KZT", unit), unit, "bn KZT"), value, rel_tol=1e-15)


@pytest.mark.parametrize(
    "unit", ["bn KZT", "bn KZT/year", "KZT/KZT_real", "1/year", "1/year**1.5", "k person", "m2", "bn KZT/km/year"]
)
def test_a_unit_is_described_so_that_it_can_be_written(unit: str) -> None:
    assert describe(registry().parse_units(unit)) == unit


def test_units_without_a_name_are_described() -> None:
    assert (describe(None), describe(registry().Unit(""))) == ("0", "1")
