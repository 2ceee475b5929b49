"""The expression tree that a traced formula becomes, and the functions formulas are written with.

Nodes are immutable and are compared by :attr:`Expr.key`, never with ``==``: inside a formula ``==`` would silently
compare two Python objects, so it raises like ``bool`` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn, TypeAlias

from alatau_finance.errors import ModelError

ALLOWED_NUMBERS = (0, 1, 12)

Operand: TypeAlias = "Expr | int | float"


class Expr:
    """A formula or a part of one. Arithmetic and comparisons build larger ones."""

    __hash__ = object.__hash__

    @property
    def children(self) -> tuple[Expr, ...]:
        """The expressions this one is made of."""
        return ()

    @cached_property
    def key(self) -> str:
        """Structural identity: two expressions with one key compute the same."""
        raise ModelError(f"{type(self).__name__} has no key")

    def walk(self) -> Iterator[Expr]:
        """This node and every node below it, parents first."""
        return iter(self._nodes)

    @cached_property
    def _nodes(self) -> tuple[Expr, ...]:
        """Kept, as every look for names, prices and dates walks the same formulas again."""
        return (self, *(node for child in self.children for node in child.walk()))

    def __bool__(self) -> NoReturn:
        raise ModelError("a formula has no truth value while it is traced; use where(condition, a, b)")

    def __eq__(self, other: object) -> NoReturn:
        raise ModelError("'==' cannot be traced; use (a >= b) * (a <= b), or design the flag without it")

    def __ne__(self, other: object) -> NoReturn:
        raise ModelError("'!=' cannot be traced; use where() with '<' or '>'")

    def __add__(self, other: Operand) -> Expr:
        return operation("add", self, other)

    def __radd__(self, other: Operand) -> Expr:
        return operation("add", other, self)

    def __sub__(self, other: Operand) -> Expr:
        return operation("subtract", self, other)

    def __rsub__(self, other: Operand) -> Expr:
        return operation("subtract", other, self)

    def __mul__(self, other: Operand) -> Expr:
        return operation("multiply", self, other)

    def __rmul__(self, other: Operand) -> Expr:
        return operation("multiply", other, self)

    def __truediv__(self, other: Operand) -> Expr:
        return operation("divide", self, other)

    def __rtruediv__(self, other: Operand) -> Expr:
        return operation("divide", other, self)

    def __pow__(self, other: Operand) -> Expr:
        return operation("power", self, other)

    def __rpow__(self, other: Operand) -> Expr:
        return operation("power", other, self)

    def __neg__(self) -> Expr:
        return operation("negate", self)

    def __lt__(self, other: Operand) -> Expr:
        return operation("less", self, other)

    def __le__(self, other: Operand) -> Expr:
        return operation("less_or_equal", self, other)

    def __gt__(self, other: Operand) -> Expr:
        return operation("greater", self, other)

    def __ge__(self, other: Operand) -> Expr:
        return operation("greater_or_equal", self, other)


@dataclass(frozen=True, eq=False)
class Constant(Expr):
    """One of the three numbers a model may hold."""

    value: float

    @cached_property
    def key(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, eq=False)
class Reference(Expr):
    """A name of the model, in the same period."""

    name: str

    @cached_property
    def key(self) -> str:
        return self.name


@dataclass(frozen=True, eq=False)
class Previous(Expr):
    """A line of the model, one period earlier; its opening in the first period."""

    name: str

    @cached_property
    def key(self) -> str:
        return f"prev({self.name})"


@dataclass(frozen=True, eq=False)
class Next(Expr):
    """A line of an earlier phase, one period later; 0 after the last period."""

    name: str

    @cached_property
    def key(self) -> str:
        return f"lead({self.name})"


@dataclass(frozen=True, eq=False)
class Operation(Expr):
    """A row of the operator table applied to its arguments."""

    operator: str
    arguments: tuple[Expr, ...]

    @property
    def children(self) -> tuple[Expr, ...]:
        return self.arguments

    @cached_property
    def key(self) -> str:
        return f"{self.operator}({', '.join(argument.key for argument in self.arguments)})"


@dataclass(frozen=True, eq=False)
class WholeLife(Expr):
    """A number for life taken from periodic lines: the end of a phase."""

    reducer: str
    names: tuple[str, ...]

    @cached_property
    def key(self) -> str:
        return f"{self.reducer}({', '.join(self.names)})"

    @property
    def symbol(self) -> str:
        """The identifier under which generated code keeps the value."""
        return "_".join((self.reducer, "of", *self.names))


def as_expression(value: object) -> Expr:
    """``value`` as a node. Raises :class:`ModelError` for any number but 0, 1 and 12."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value in ALLOWED_NUMBERS:
        return Constant(float(value))
    if value is None:
        raise ModelError("nothing (None) stands where a formula should; did you forget 'return'?")
    raise ModelError(
        f"{value!r} may not stand in a formula; only 0, 1 and 12 may. "
        "Make it an Input and give its value in assumptions/"
    )


def operation(operator: str, *arguments: object) -> Expr:
    """The operator of that name applied to ``arguments``."""
    return Operation(operator, tuple(as_expression(argument) for argument in arguments))


def _name_of(value: object, function: str) -> str:
    if isinstance(value, Reference):
        return value.name
    raise ModelError(f"{function}() takes a line of the model by its name, like {function}(m.balance)")


def prev(line: Expr) -> Expr:
    """``line`` one period earlier; in the first period its ``opening``."""
    return Previous(_name_of(line, "prev"))


def lead(line: Expr) -> Expr:
    """``line`` one period later, of an earlier phase; 0 after the last period."""
    return Next(_name_of(line, "lead"))


def where(condition: Operand, a: Operand, b: Operand) -> Expr:
    """``a`` where the flag ``condition`` is not 0, else ``b``."""
    return operation("where", condition, a, b)


def smaller_of(a: Operand, b: Operand) -> Expr:
    """The smaller of two values, period by period."""
    return operation("smaller_of", a, b)


def larger_of(a: Operand, b: Operand) -> Expr:
    """The larger of two values, period by period."""
    return operation("larger_of", a, b)


def exp(a: Operand) -> Expr:
    """e to the power ``a``."""
    return operation("exp", a)


def log(a: Operand) -> Expr:
    """Natural logarithm of ``a`` > 0."""
    return operation("log", a)


def sqrt(a: Operand) -> Expr:
    """Square root of ``a`` >= 0; its unit is the root of the unit."""
    return operation("sqrt", a)


def absolute(a: Operand) -> Expr:
    """``a`` without its sign."""
    return operation("absolute", a)


def total(line: Expr) -> Expr:
    """Sum of ``line`` over all periods."""
    return WholeLife("total", (_name_of(line, "total"),))


def present_value(line: Expr, discount_factor: Expr) -> Expr:
    """Sum over all periods of ``line`` times ``discount_factor``."""
    return WholeLife("present_value", (_name_of(line, "present_value"), _name_of(discount_factor, "present_value")))


def irr(line: Expr) -> Expr:
    """Annual effective internal rate of return of ``line``; NaN where ``irr_undefined`` is not 0."""
    return WholeLife("irr", (_name_of(line, "irr"),))


def irr_undefined(line: Expr) -> Expr:
    """Why ``line`` has no rate of return: 0 it has one, 1 one sign, 2 several rates possible, 3 out of reach."""
    return WholeLife("irr_undefined", (_name_of(line, "irr_undefined"),))


def minimum(line: Expr) -> Expr:
    """The smallest value of ``line`` over all periods."""
    return WholeLife("minimum", (_name_of(line, "minimum"),))


def maximum(line: Expr) -> Expr:
    """The largest value of ``line`` over all periods."""
    return WholeLife("maximum", (_name_of(line, "maximum"),))


def final(line: Expr) -> Expr:
    """``line`` in the last period."""
    return WholeLife("final", (_name_of(line, "final"),))
