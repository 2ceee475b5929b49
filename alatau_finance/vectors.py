"""Eight lanes as one value: a type for numba whose arithmetic is vector instructions, written out and not hoped for.

A loop over lanes leaves it to the compiler to find the vectors, and every line of a model between two such loops has to
be laid down in memory. A value of this type lives in a register of the processor (or in several, where those are
shorter). A number that is the same in all lanes may stand wherever lanes may. The operations are those of IEEE 754 one
by one, so the bits do not depend on the processor.

Usable in compiled functions only. Comparisons give a mask, which :func:`where` takes, and :func:`.lane_bits.any_of`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

import numba.extending
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.extending import lower_builtin, register_model, type_callable

from alatau_finance.jit import TILE

#: Of a type that says nothing of arguments: compiled code does not pass the context that comes first.
intrinsic: Any = numba.extending.intrinsic

_DOUBLE, INTEGER = ir.DoubleType(), ir.IntType(64)


class VectorType(types.Type):
    """numba's type of ``width`` values side by side."""

    def __init__(self, width: int = TILE) -> None:
        super().__init__(name=f"{type(self).__name__}({width})")
        self.width = width


class LanesType(VectorType):
    """numba's type of so many numbers side by side."""


class IntegersType(VectorType):
    """numba's type of so many whole numbers of 64 bits side by side."""


class MaskType(VectorType):
    """numba's type of as many answers to a comparison."""


LANES_TYPE, INTEGERS_TYPE = LanesType(), IntegersType()


def _register(kind: Any, element: Any) -> None:
    @register_model(kind)
    class _Model(models.PrimitiveModel):
        def __init__(self, manager: Any, kind: Any) -> None:
            super().__init__(manager, kind, ir.VectorType(element, kind.width))


for _kind, _element in ((LanesType, _DOUBLE), (IntegersType, INTEGER), (MaskType, ir.IntType(1))):
    _register(_kind, _element)

_SINGLE = {LanesType: (types.Float, types.Integer), IntegersType: (types.Integer,)}


def _lanes_of(*kinds: Any) -> Any:
    """The type of lanes among ``kinds`` if the others are such lanes too, or numbers that can stand for them."""
    for own, single in _SINGLE.items():
        found = next((kind for kind in kinds if isinstance(kind, own)), None)
        if found is not None:
            return found if all(kind == found or isinstance(kind, single) for kind in kinds) else None
    return None


def _common(*kinds: Any) -> Any:
    """The type in which ``kinds`` meet: lanes, or that of single numbers; None where they do not."""
    lanes_kind = _lanes_of(*kinds)
    if lanes_kind is not None or any(not isinstance(kind, types.Number) for kind in kinds):
        return lanes_kind
    return types.int64 if all(isinstance(kind, types.Integer) for kind in kinds) else types.float64


def positions(numbers: Iterable[int]) -> Any:
    """Numbers of lanes, as a shuffle takes them."""
    given = list(numbers)
    return ir.Constant(ir.VectorType(ir.IntType(32), len(given)), given)


def _same_in_all_lanes(builder: Any, value: Any, width: int) -> Any:
    none = ir.Constant(ir.VectorType(value.type, width), ir.Undefined)
    first = builder.insert_element(none, value, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, none, positions([0] * width))


def converted(kind: Any, context: Any, builder: Any, given: Any, value: Any) -> Any:
    """``value`` of the type ``given`` as one of the type ``kind``: lanes, or a single number."""
    if given == kind or isinstance(given, (LanesType, IntegersType)):
        return value
    if isinstance(kind, (LanesType, IntegersType)):
        single = types.float64 if isinstance(kind, LanesType) else types.int64
        return _same_in_all_lanes(builder, context.cast(builder, value, given, single), kind.width)
    return context.cast(builder, value, given, kind)


# --- operators


def _define(function: Any, own: Any, emit: Callable[..., Any], result: Any) -> None:
    """Let ``function`` take lanes of a type ``own`` on either side; ``emit`` writes the instruction."""

    @type_callable(function)
    def _(context: Any) -> Any:
        def typed(a: Any, b: Any) -> Any:
            met = _lanes_of(a, b)
            return result(met.width) if isinstance(met, own) else None

        return typed

    def lower(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        met, sides = _lanes_of(*signature.args), zip(signature.args, values, strict=True)
        return emit(builder, *(converted(met, context, builder, kind, value) for kind, value in sides))

    for kinds in ((own, own), (own, types.Number), (types.Number, own)):
        lower_builtin(function, *kinds)(lower)


def _instruction(name: str, *leading: str) -> Callable[..., Any]:
    return lambda builder, a, b: getattr(builder, name)(*leading, a, b)


for _operator, _name in (("add", "fadd"), ("sub", "fsub"), ("mul", "fmul"), ("truediv", "fdiv")):
    _define(getattr(operator, _operator), LanesType, _instruction(_name), LanesType)
for _operator, _name in (
    ("add", "add"),
    ("sub", "sub"),
    ("mul", "mul"),
    ("and_", "and_"),
    ("or_", "or_"),
    ("xor", "xor"),
    ("lshift", "shl"),
    ("rshift", "lshr"),
):
    _define(getattr(operator, _operator), IntegersType, _instruction(_name), IntegersType)
for _operator, _sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "==")):
    _define(getattr(operator, _operator), LanesType, _instruction("fcmp_ordered", _sign), MaskType)
    _define(getattr(operator, _operator), IntegersType, _instruction("icmp_signed", _sign), MaskType)
_define(operator.ne, LanesType, _instruction("fcmp_unordered", "!="), MaskType)


@type_callable(operator.neg)
def _negation(context: Any) -> Any:
    return lambda a: a if isinstance(a, LanesType) else None


@lower_builtin(operator.neg, LanesType)
def _negate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    return builder.fneg(values[0])


def _define_for_masks(function: Any, name: str) -> None:
    @type_callable(function)
    def _(context: Any) -> Any:
        return lambda a, b: a if isinstance(a, MaskType) and a == b else None

    @lower_builtin(function, MaskType, MaskType)
    def _(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return getattr(builder, name)(*values)


_define_for_masks(operator.and_, "and_")
_define_for_masks(operator.or_, "or_")


# --- functions


def _function(emit: Callable[..., Any], count: int) -> Callable[[Any, tuple[Any, ...]], Any]:
    """How a function of ``count`` numbers, each of them lanes or the same in all, is typed and written."""

    def typed(_: Any, kinds: tuple[Any, ...]) -> Any:
        met = _common(*kinds)
        if met is None or isinstance(met, IntegersType):
            return None
        result = met if isinstance(met, LanesType) else types.float64

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            numbers = zip(signature.args[:count], values, strict=True)
            return emit(builder, *(converted(result, context, builder, kind, value) for kind, value in numbers))

        return result(*kinds), generate

    return typed


def _zero(value: Any) -> Any:
    return ir.Constant(value.type, [0.0] * value.type.count if isinstance(value.type, ir.VectorType) else 0.0)


def _quotient(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered("==", b, _zero(b)), _zero(b), builder.fdiv(a, b))


def _called(name: str) -> Callable[..., Any]:
    def emit(builder: Any, a: Any) -> Any:
        suffix = f"v{a.type.count}f64" if isinstance(a.type, ir.VectorType) else "f64"
        kind = ir.FunctionType(a.type, [a.type])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"{name}.{suffix}"), [a])

    return emit


_divide = _function(_quotient, 2)
_smaller = _function(lambda builder, a, b: builder.select(builder.fcmp_ordered("<", a, b), a, b), 2)
_larger = _function(lambda builder, a, b: builder.select(builder.fcmp_ordered(">", a, b), a, b), 2)
_root = _function(_called("llvm.sqrt"), 1)
_size = _function(_called("llvm.fabs"), 1)


@intrinsic
def divide(context: Any, a: Any, b: Any) -> Any:
    """``a / b``, and 0 where ``b`` is 0."""
    return _divide(context, (a, b))


@intrinsic
def smaller_of(context: Any, a: Any, b: Any) -> Any:
    """The smaller value; a tie gives ``b``."""
    return _smaller(context, (a, b))


@intrinsic
def larger_of(context: Any, a: Any, b: Any) -> Any:
    """The larger value; a tie gives ``b``."""
    return _larger(context, (a, b))


@intrinsic
def square_root(context: Any, a: Any) -> Any:
    """Square root; NaN below 0."""
    return _root(context, (a,))


@intrinsic
def absolute(context: Any, a: Any) -> Any:
    """``a`` without its sign."""
    return _size(context, (a,))


@intrinsic
def where(context: Any, test: Any, a: Any, b: Any) -> Any:
    """``a`` in the lanes in which ``test`` holds, ``b`` in the others; ``test`` may be one answer for all of them."""
    result = _common(a, b)
    if result is None or not isinstance(test, (MaskType, types.Boolean)):
        return None
    if isinstance(test, MaskType) and isinstance(result, types.Number):
        result = (IntegersType if result == types.int64 else LanesType)(test.width)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        sides = zip(signature.args[1:], values[1:], strict=True)
        return builder.select(values[0], *(converted(result, context, builder, kind, value) for kind, value in sides))

    return result(test, a, b), generate


@intrinsic
def lanes(context: Any, a: Any) -> Any:
    """``a`` as the lanes of a tile: itself, or the same number in all of them."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return converted(LANES_TYPE, context, builder, signature.args[0], values[0])

    return (LANES_TYPE(a), generate) if a == LANES_TYPE or isinstance(a, types.Number) else None


@intrinsic
def alike(context: Any, a: Any, sample: Any) -> Any:
    """The number ``a`` in as many lanes as ``sample`` has."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return converted(sample, context, builder, signature.args[0], values[0])

    return (sample(a, sample), generate) if isinstance(a, types.Number) and isinstance(sample, LanesType) else None


@intrinsic
def width_of(context: Any, sample: Any) -> Any:
    """How many lanes ``sample`` has."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return ir.Constant(INTEGER, sample.width)

    return (types.intp(sample), generate) if isinstance(sample, VectorType) else None


def joined_lanes(builder: Any, a: Any, b: Any) -> Any:
    """The instruction of :func:`joined`."""
    return builder.shuffle_vector(a, b, positions(range(2 * a.type.count)))


@intrinsic
def joined(context: Any, a: Any, b: Any) -> Any:
    """The lanes of ``a``, and after them those of ``b``: twice as many are computed in much less than twice the time
    where each step waits for the one before."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return joined_lanes(builder, *values)

    return (LanesType(2 * a.width)(a, b), generate) if isinstance(a, LanesType) and a == b else None


def _half(number: int) -> Callable[..., Any]:
    def typed(context: Any, both: Any) -> Any:
        width = both.width // 2

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.shuffle_vector(values[0], values[0], positions(range(number * width, (number + 1) * width)))

        return (LanesType(width)(both), generate) if isinstance(both, LanesType) else None

    return typed


@intrinsic
def first_lanes(context: Any, both: Any) -> Any:
    """What :func:`joined` was given first."""
    return _half(0)(context, both)


@intrinsic
def second_lanes(context: Any, both: Any) -> Any:
    """What :func:`joined` was given last."""
    return _half(1)(context, both)
