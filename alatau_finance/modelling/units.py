"""Units of account and of measure. Real tenge, nominal tenge and dollars are different dimensions on purpose.

pint is used when assumptions are loaded and when a plan is built, never while a model computes.
"""

from __future__ import annotations

from functools import cache

import pint

DEFINITIONS = (
    "KZT = [tenge]",
    "KZT_real = [real_tenge]",
    "USD = [dollar]",
    "USD_real = [real_dollar]",
    "year = [time]",
    "month = year / 12",
    "day = year / 365",
    "person = [people]",
    "project = [projects]",
    "metre = [length] = m",
    "km = 1000 * metre",
    "m2 = metre ** 2",
    "m3 = metre ** 3",
    "ha = 10000 * metre ** 2",
    "tonne = [mass] = t",
    "MW = [power]",
    "MVA = [apparent_power]",
    "percent = 0.01 = %",
    "pp = 0.01",
    "k = 1e3",
    "mn = 1e6",
    "bn = 1e9",
    "tn = 1e12",
)

DIMENSIONLESS = "1"


class UnitError(ValueError):
    """A unit that is not known, or two units that do not measure the same thing."""


@cache
def registry() -> pint.UnitRegistry[float]:
    """The one registry of the toolkit; only the units of :data:`DEFINITIONS` exist in it."""
    units: pint.UnitRegistry[float] = pint.UnitRegistry(None, preprocessors=[lambda text: text.replace("%", "percent")])
    units.load_definitions(DEFINITIONS)
    return units


@cache
def _parse(unit: str) -> pint.Unit:
    """The pint unit of ``unit``, e.g. ``"bn KZT_real"``, ``"1/year"``, ``"%"``. Raises :class:`UnitError`."""
    text = unit.strip()
    if text == DIMENSIONLESS:
        return registry().Unit("")
    try:
        return registry().parse_units(text)
    except Exception as error:  # pint raises a family of unrelated classes, some of them tokenizer errors
        raise UnitError(f"unknown unit {unit!r}") from error


def is_known(unit: str) -> bool:
    """Whether every word of ``unit`` is defined."""
    try:
        _parse(unit)
    except UnitError:
        return False
    return True


def same_dimension(first: str, second: str) -> bool:
    """Whether an amount in one unit can be expressed in the other. Raises :class:`UnitError` for unknown units."""
    return bool(_parse(first).dimensionality == _parse(second).dimensionality)


@cache
def factor(from_unit: str, to_unit: str) -> float:
    """The number that turns an amount in ``from_unit`` into ``to_unit``. Raises :class:`UnitError`."""
    if from_unit == to_unit:
        return 1.0
    if not same_dimension(from_unit, to_unit):
        raise UnitError(f"{from_unit!r} cannot be expressed in {to_unit!r}")
    # A power of ten is divided by, not multiplied with its inexact inverse: 16 % is 16 / 100.
    one = registry().Quantity(1, _parse(from_unit)).to_base_units().magnitude
    other = registry().Quantity(1, _parse(to_unit)).to_base_units().magnitude
    return float(one / other)


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """``value`` in ``to_unit``. Raises :class:`UnitError` when the two do not measure the same thing."""
    ratio = factor(from_unit, to_unit)
    inverse = 1.0 / ratio
    return value / inverse if ratio < 1.0 and inverse == round(inverse) else value * ratio


@cache
def words() -> tuple[str, ...]:
    """Every unit word the toolkit knows, for spelling suggestions."""
    return tuple(definition.split(" ", 1)[0] for definition in DEFINITIONS)
