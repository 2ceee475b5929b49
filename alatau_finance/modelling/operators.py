"""The operator table: one row an operator, and the only place that knows how each dialect spells it.

``{0} {1} {2}`` stand for the rendered arguments. Every rendering is parenthesised, so Excel's unary minus, which
binds tighter than ``^``, changes nothing. Excel functions are those of 2010 and earlier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pint

from alatau_finance.modelling.units import DIMENSIONLESS, UnitError, registry

#: The unit of an expression; ``None`` is the unit of 0, which fits all.
UnitOf = pint.Unit | None


@dataclass(frozen=True, slots=True)
class Operator:
    """How one operator is spelt and what it means at the edges."""

    name: str
    arity: int
    python: str
    kernel: str
    excel: str
    unit: Callable[..., UnitOf]
    meaning: str
    #: The bare test, for use as the condition of ``where``; empty for operators that are no test.
    test: str = ""


#: Words that stand before what they count.
_MULTIPLES = ("k", "mn", "bn", "tn")


def _none() -> pint.Unit:
    return registry().Unit("")


def describe(unit: UnitOf) -> str:
    """``unit`` as a reader of a message would write it, for example ``bn KZT/year``."""
    if unit is None or unit == _none():
        return "0" if unit is None else DIMENSIONLESS
    above, *below = f"{unit:~D}".split(" / ")
    words = sorted(above.split(" * "), key=lambda word: word.split(" ")[0] not in _MULTIPLES)
    return "/".join([" ".join(word.replace(" ", "") for word in words), *(word.replace(" ", "") for word in below)])


def alike(*units: UnitOf) -> UnitOf:
    """The one unit all arguments share. Raises :class:`UnitError` when they differ."""
    known = [unit for unit in units if unit is not None]
    for unit in known[1:]:
        if unit != known[0]:
            raise UnitError(f"{describe(known[0])!r} meets {describe(unit)!r}")
    return known[0] if known else None


def _pure(unit: UnitOf) -> UnitOf:
    if unit is not None and unit != _none():
        raise UnitError(f"needs a number without a unit, got {describe(unit)!r}")
    return _none()


def _product(a: UnitOf, b: UnitOf) -> UnitOf:
    return None if a is None or b is None else a * b


def _quotient(a: UnitOf, b: UnitOf) -> UnitOf:
    if b is None:
        raise UnitError("divides by the constant 0")
    return None if a is None else a / b


def _flag(a: UnitOf, b: UnitOf) -> UnitOf:
    alike(a, b)
    return _none()


def _power(a: UnitOf, b: UnitOf) -> UnitOf:
    _pure(a)
    return _pure(b)


def _choice(condition: UnitOf, a: UnitOf, b: UnitOf) -> UnitOf:
    _pure(condition)
    return alike(a, b)


def _root(a: UnitOf) -> UnitOf:
    return None if a is None else registry().Unit(a**0.5)


def _comparison(name: str, sign: str) -> Operator:
    return Operator(
        name,
        2,
        python=f"(1.0 if {{0}} {sign} {{1}} else 0.0)",
        kernel=f"where({{0}} {sign} {{1}}, 1.0, 0.0)",
        excel=f"IF({{0}}{sign}{{1}},1,0)",
        unit=_flag,
        meaning="1 where it holds, else 0; any comparison with NaN is 0",
        test=f"{{0}} {sign} {{1}}",
    )


_ROWS = (
    Operator("add", 2, "({0} + {1})", "({0} + {1})", "({0}+{1})", alike, "sum"),
    Operator("subtract", 2, "({0} - {1})", "({0} - {1})", "({0}-{1})", alike, "difference"),
    Operator("multiply", 2, "({0} * {1})", "({0} * {1})", "({0}*{1})", _product, "product"),
    Operator(
        "divide",
        2,
        "divide({0}, {1})",
        "divide({0}, {1})",
        "IF({1}=0,0,{0}/{1})",
        _quotient,
        "quotient; 0 where divisor is 0",
    ),
    Operator("power", 2, "power({0}, {1})", "power({0}, {1})", "({0}^{1})", _power, "base > 0"),
    Operator("negate", 1, "(-{0})", "(-{0})", "(-{0})", alike, "sign changed"),
    _comparison("less", "<"),
    _comparison("less_or_equal", "<="),
    _comparison("greater", ">"),
    _comparison("greater_or_equal", ">="),
    Operator(
        "where",
        3,
        "({1} if {0} else {2})",
        "where({0}, {1}, {2})",
        "IF({0},{1},{2})",
        _choice,
        "second where first is not 0",
    ),
    Operator(
        "smaller_of", 2, "smaller_of({0}, {1})", "smaller_of({0}, {1})", "MIN({0},{1})", alike, "a tie gives the second"
    ),
    Operator(
        "larger_of", 2, "larger_of({0}, {1})", "larger_of({0}, {1})", "MAX({0},{1})", alike, "a tie gives the second"
    ),
    Operator("exp", 1, "exponential({0})", "exponential({0})", "EXP({0})", _pure, "e to the power"),
    Operator("log", 1, "logarithm({0})", "logarithm({0})", "LN({0})", _pure, "argument > 0"),
    Operator("sqrt", 1, "square_root({0})", "square_root({0})", "SQRT({0})", _root, "argument >= 0"),
    Operator("absolute", 1, "abs({0})", "absolute({0})", "ABS({0})", alike, "without the sign"),
)

OPERATORS: Mapping[str, Operator] = MappingProxyType({row.name: row for row in _ROWS})


@dataclass(frozen=True, slots=True)
class Reducer:
    """How a whole-life value is accumulated over periods, and its Excel function.

    ``start`` and ``step`` are text of both Python and kernel: ``{acc}`` the running value, ``{0} {1}`` the period's
    values. A reducer without ``step`` needs the whole row at once (a rate of return) and is a function: its value for
    the row ``{0}`` in Python, for the rows ``{flows}`` in the kernel.
    """

    name: str
    arity: int
    start: str
    step: str
    excel: str
    unit: Callable[..., UnitOf]
    meaning: str
    python: str = ""
    kernel: str = ""
    kernel_of_two: str = ""


def _per_year(_: UnitOf) -> UnitOf:
    return registry().Unit("1/year")


def _code(_: UnitOf) -> UnitOf:
    return _none()


def _same(a: UnitOf) -> UnitOf:
    return a


_REDUCERS = (
    Reducer("total", 1, "0.0", "{acc} + {0}", "SUM({0})", _same, "sum over periods, first to last"),
    Reducer("present_value", 2, "0.0", "{acc} + {0} * {1}", "SUMPRODUCT({0},{1})", _product, "sum of products"),
    Reducer("minimum", 1, "{inf}", "smaller_of({acc}, {0})", "MIN({0})", _same, "smallest over periods"),
    Reducer("maximum", 1, "-{inf}", "larger_of({acc}, {0})", "MAX({0})", _same, "largest over periods"),
    Reducer("final", 1, "0.0", "{0}", "{last}", _same, "value of the last period"),
    Reducer(
        "irr",
        1,
        "",
        "",
        'IF({undefined}=0,(1+IRR({0},{guess}))^{periods_per_year}-1,"n/a")',
        _per_year,
        "annual effective; NaN (n/a) where irr_undefined is not 0",
        "internal_rate({0}, periods_per_year)",
        "internal_rate({flows}, periods, year_fraction, scratch)",
        "internal_rates({flows}, periods, year_fraction, scratch)",
    ),
    Reducer(
        "irr_undefined",
        1,
        "",
        "",
        "{undefined}",
        _code,
        "why there is no rate: 0 there is one, 1 flows of one sign, 2 several rates possible, 3 out of reach",
        "internal_rate_undefined({0})",
        "internal_rate_undefined({flows}, periods, scratch)",
    ),
)

REDUCERS: Mapping[str, Reducer] = MappingProxyType({row.name: row for row in _REDUCERS})
