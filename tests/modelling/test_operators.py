"""The operator table: no row lacks a dialect, and all dialects mean the same at the edges.

Python is evaluated as it stands, the kernel by numba over lanes, Excel by IronCalc, a spreadsheet that is not ours.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Mapping
from functools import cache
from typing import Any

import ironcalc
import numpy as np
import pytest
from numba import njit

from alatau_finance.backends import functions, lanes
from alatau_finance.backends.text import Dialect, Spelling, render
from alatau_finance.modelling import expression
from alatau_finance.modelling.expression import Constant, Expr, Operation, Reference
from alatau_finance.modelling.names import RESERVED
from alatau_finance.modelling.operators import OPERATORS, REDUCERS, Operator

DIALECTS: tuple[Dialect, ...] = ("python", "kernel", "excel")
NAMES = ("a", "b", "c")
EDGES = (-2.5, -1.0, -0.0, 0.0, 1e-12, 0.5, 1.0, 2.0, 12.0, 1e15)
TINY = 1e-300
"""Spreadsheets compare 15 digits, and IronCalc takes what is below 2e-16 for 0: not a value for cells."""
ROUNDING = 4e-16
"""Two units in the last place: C's, IronCalc's and our own exp, log and power are each within one of the true value."""
EXCEL_2010 = {"IF", "MIN", "MAX", "EXP", "LN", "SQRT", "ABS", "SUM", "SUMPRODUCT", "IRR", "AND"}


def spelling(dialect: Dialect) -> Spelling:
    """Names as they stand; in Excel as cells of row 1."""
    cells = {name: f"${letter}$1" for name, letter in zip(NAMES, "ABC", strict=True)}
    refer = (lambda name: cells[name]) if dialect == "excel" else (lambda name: name)
    return Spelling(dialect, refer, refer, refer, lambda node: node.symbol)


def in_python(formula: Expr, given: Mapping[str, float]) -> float:
    names = {name: getattr(functions, name) for name in dir(functions)}
    return float(eval(render(formula, spelling("python")), names, dict(given)))


@cache
def _in_tiles(text: str) -> Any:
    """The operator as kernels have it, on one tile of lanes after the other."""
    names = {name: getattr(lanes, name) for name in lanes.__all__}
    source = "def run(a, b, c, out):\n    for i in range(0, out.size, TILE):\n"
    source += "        store(out, i, one(load(a, i), load(b, i), load(c, i)))\n"
    exec(f"def one(a, b, c):\n    return {text}\n{source}", names)
    names["one"] = njit(error_model="numpy", forceinline=True)(names["one"])
    return njit(error_model="numpy")(names["run"])


def in_kernel(formula: Expr, rows: list[tuple[float, ...]]) -> list[float]:
    size = -(-len(rows) // lanes.TILE) * lanes.TILE
    columns, out = np.zeros((3, size)), np.empty(size)
    columns[:, : len(rows)] = np.array([(*row, 0.0, 0.0)[:3] for row in rows]).T
    _in_tiles(render(formula, spelling("kernel")))(*columns, out)
    return [float(value) for value in out[: len(rows)]]


def in_excel(formula: Expr, rows: list[tuple[float, ...]]) -> list[float | str]:
    book = ironcalc.create("operators", "en", "UTC", "en")
    text = "=" + render(formula, spelling("excel"))
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            book.update_cell_with_number(0, number, column, value)
        book.update_cell_with_formula(0, number, 5, text.replace("$1", f"${number}"))
    book.evaluate()
    return [book.get_cell_value(0, number, 5) for number in range(1, len(rows) + 1)]


def formula_of(row: Operator) -> Operation:
    return Operation(row.name, tuple(Reference(name) for name in NAMES[: row.arity]))


def points(row: Operator, edges: tuple[float, ...] = EDGES) -> list[tuple[float, ...]]:
    """Every edge value, every pair of them, and for ``where`` every condition."""
    if row.arity == 1:
        return [(a,) for a in edges]
    if row.arity == 2:
        return [(a, b) for a in edges for b in edges]
    return [(a, 3.0, 4.0) for a in edges]


def alike(first: float, second: float, rounding: float = ROUNDING) -> bool:
    """Equal, both not a number, or apart by no more than rounding."""
    return (first != first and second != second) or math.isclose(first, second, rel_tol=rounding)


def rounding_of(row: Operator, value: float) -> float:
    """That of a power grows with the size of its logarithm, as risk/normal.py says."""
    size = abs(math.log(value)) if row.name == "power" and 0.0 < value < math.inf else 0.0
    return ROUNDING * (1.0 + size)


# --- no row lacks a dialect


@pytest.mark.parametrize("row", OPERATORS.values(), ids=list(OPERATORS))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_operator_is_spelt_with_all_its_arguments(row: Operator, dialect: Dialect) -> None:
    fields = {field for _, field, _, _ in string.Formatter().parse(getattr(row, dialect)) if field is not None}
    assert fields == {str(number) for number in range(row.arity)}


@pytest.mark.parametrize("row", OPERATORS.values(), ids=list(OPERATORS))
def test_every_operator_says_what_it_means(row: Operator) -> None:
    assert row.meaning


def test_every_function_of_the_language_has_a_row() -> None:
    a, b, c = (Reference(name) for name in NAMES)
    built = [a + b, a - b, a * b, a / b, a**b, -a, a < b, a <= b, a > b, a >= b]
    built += [expression.where(a, b, c), expression.smaller_of(a, b), expression.larger_of(a, b)]
    built += [getattr(expression, name)(a) for name in ("exp", "log", "sqrt", "absolute")]
    assert [node.operator for node in built if isinstance(node, Operation)] == list(OPERATORS)
    assert all(len(node.children) == OPERATORS[node.operator].arity for node in built if isinstance(node, Operation))


def test_every_reducer_is_spelt() -> None:
    single = ("total", "minimum", "maximum", "final", "irr", "irr_undefined")
    built = [getattr(expression, name)(Reference("a")) for name in single]
    built.append(expression.present_value(Reference("a"), Reference("b")))
    assert {node.reducer: len(node.names) for node in built} == {row.name: row.arity for row in REDUCERS.values()}
    for row in REDUCERS.values():
        assert row.excel
        assert row.meaning
        # A step without a start has nothing to begin with; only a rate of return needs the whole row at once.
        assert bool(row.start) == bool(row.step) == (row.name not in ("irr", "irr_undefined"))
        assert bool(row.step) != bool(row.python) == bool(row.kernel)


@pytest.mark.parametrize("rows", [OPERATORS, REDUCERS], ids=["operators", "reducers"])
def test_excel_functions_are_old_enough_for_every_spreadsheet(rows: Mapping[str, Any]) -> None:
    used = {name for row in rows.values() for name in re.findall(r"([A-Z][A-Z.]*)\(", row.excel)}
    assert used <= EXCEL_2010


def test_functions_of_generated_code_are_closed_to_models() -> None:
    used = {name for row in OPERATORS.values() for name in re.findall(r"([a-z_]+)\(", row.python + row.kernel)}
    used |= {
        name for row in REDUCERS.values() for name in re.findall(r"([a-z_]+)\(", row.step + row.python + row.kernel)
    }
    assert used
    assert used <= RESERVED


def test_python_and_kernel_have_the_functions_they_spell() -> None:
    for row in OPERATORS.values():
        for name in re.findall(r"([a-z_]+)\(", row.python):
            assert name == "abs" or callable(getattr(functions, name))
        for name in re.findall(r"([a-z_]+)\(", row.kernel):
            assert name in lanes.__all__


# --- all dialects mean the same


@pytest.mark.parametrize("row", OPERATORS.values(), ids=list(OPERATORS))
def test_python_and_kernel_agree_at_the_edges(row: Operator) -> None:
    rows = points(row, (TINY, *EDGES)) + [(math.nan,) * row.arity] * (row.name != "where")
    expected = [in_python(formula_of(row), dict(zip(NAMES, point, strict=False))) for point in rows]
    pairs = zip(rows, expected, in_kernel(formula_of(row), rows), strict=True)
    assert [(point, e, f) for point, e, f in pairs if not alike(e, f, rounding_of(row, e))] == []


@pytest.mark.parametrize("row", OPERATORS.values(), ids=list(OPERATORS))
def test_excel_agrees_with_python_at_the_edges(row: Operator) -> None:
    """Where Python has no number (root of -1, 12 to the power 1e15) a cell shows an error, and nowhere else."""
    differing = []
    rows = points(row)
    for point, found in zip(rows, in_excel(formula_of(row), rows), strict=True):
        expected = in_python(formula_of(row), dict(zip(NAMES, point, strict=False)))
        if isinstance(found, str):
            same = not math.isfinite(expected)
        else:
            same = alike(expected, found, rounding_of(row, expected))
        if not same and not outside_the_domain(row, point):
            differing.append((point, expected, found))
    assert differing == []


def outside_the_domain(row: Operator, point: tuple[float, ...]) -> bool:
    """A power of what is not above 0: Excel gives whole powers of negative numbers, models may not ask for them."""
    return row.name == "power" and point[0] <= 0.0


@pytest.mark.parametrize(
    ("point", "expected"),
    [((5.0, 0.0), 0.0), ((5.0, -0.0), 0.0), ((0.0, 0.0), 0.0), ((-5.0, 0.0), 0.0), ((0.0, 4.0), 0.0)],
)
def test_division_by_zero_is_zero(point: tuple[float, float], expected: float) -> None:
    formula = formula_of(OPERATORS["divide"])
    assert in_python(formula, dict(zip(NAMES, point, strict=False))) == expected
    assert in_kernel(formula, [point]) == in_excel(formula, [point]) == [expected]


def test_unary_minus_binds_as_it_stands_in_the_formula() -> None:
    """Excel reads -2^2 as 4; the parentheses of both operators leave it no choice."""
    a, b = Reference("a"), Reference("b")
    for formula, expected in (((-a) ** b, math.nan), (-(a**b), -9.0), (a ** (-b), 1 / 9), (0 - a**b, -9.0)):
        assert alike(in_python(formula, {"a": 3.0, "b": 2.0}), expected)
        assert alike(in_kernel(formula, [(3.0, 2.0)])[0], expected)
        if expected == expected:
            assert in_excel(formula, [(3.0, 2.0)]) == pytest.approx([expected], rel=ROUNDING)
    # Excel has the square of -3; the minus has gone inside.
    assert in_excel((-a) ** b, [(3.0, 2.0)]) == [9.0]


def test_order_of_operations_is_that_of_the_tree() -> None:
    a, b, c = (Reference(name) for name in NAMES)
    formulas = [a - (b - c), (a - b) - c, a / (b / c), (a / b) / c, a ** (b**c), (a**b) ** c, -(a - b), a * (b + c)]
    for formula in formulas:
        expected = in_python(formula, {"a": 3.0, "b": 1.5, "c": 2.0})
        # Nested powers round more than once.
        assert in_kernel(formula, [(3.0, 1.5, 2.0)]) == pytest.approx([expected], rel=4 * ROUNDING)
        assert in_excel(formula, [(3.0, 1.5, 2.0)]) == pytest.approx([expected], rel=4 * ROUNDING)


@pytest.mark.parametrize("name", ["less", "less_or_equal", "greater", "greater_or_equal"])
def test_a_comparison_is_bare_as_the_condition_of_where_and_means_the_same(name: str) -> None:
    flag = Operation(name, (Reference("a"), Reference("b")))
    chosen = expression.where(flag, 12, 0)
    counted = 12 * flag
    assert render(chosen, spelling("excel")).startswith("IF($A$1")
    rows = [(a, b) for a in EDGES for b in EDGES]
    assert in_kernel(chosen, rows) == in_kernel(counted, rows)
    assert in_excel(chosen, rows) == in_excel(counted, rows)
    assert [in_python(chosen, {"a": a, "b": b}) for a, b in rows] == in_kernel(chosen, rows)


@pytest.mark.parametrize("name", ["less", "less_or_equal", "greater", "greater_or_equal"])
@pytest.mark.parametrize("point", [(math.nan, 1.0), (1.0, math.nan), (math.nan, math.nan)])
def test_a_comparison_with_what_is_not_a_number_fails(name: str, point: tuple[float, float]) -> None:
    """A cell cannot hold such a value, so this is of Python and the kernel only."""
    formula = formula_of(OPERATORS[name])
    assert in_python(formula, dict(zip(NAMES, point, strict=False))) == 0.0
    assert in_kernel(formula, [point]) == [0.0]


@pytest.mark.parametrize("name", ["smaller_of", "larger_of"])
def test_a_tie_gives_the_second(name: str) -> None:
    formula = formula_of(OPERATORS[name])
    for first, second in ((0.0, -0.0), (-0.0, 0.0)):
        assert math.copysign(1, in_python(formula, {"a": first, "b": second})) == math.copysign(1, second)
        assert math.copysign(1, in_kernel(formula, [(first, second)])[0]) == math.copysign(1, second)


def test_numbers_are_floats_in_code_and_plain_in_cells() -> None:
    for value, cell in ((0, "0"), (1, "1"), (12, "12")):
        assert render(Constant(float(value)), spelling("python")) == repr(float(value))
        assert render(Constant(float(value)), spelling("excel")) == cell
