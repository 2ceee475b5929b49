"""Bits of lanes, answers to comparisons as bits of one number, and single lanes: where lanes meet whole numbers."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types

from alatau_finance.vectors import (
    INTEGER,
    IntegersType,
    LanesType,
    MaskType,
    converted,
    intrinsic,
    positions,
)


def _reinterpreted(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    kind = context.get_value_type(signature.return_type)
    return builder.bitcast(values[0], kind)


@intrinsic
def bits_of(context: Any, a: Any) -> Any:
    """The bits of a number as a whole number."""
    if isinstance(a, LanesType):
        return IntegersType(a.width)(a), _reinterpreted
    return (types.int64(a), _reinterpreted) if a == types.float64 else None


@intrinsic
def number_of(context: Any, bits: Any) -> Any:
    """The number with these bits, the reverse of :func:`bits_of`."""
    if isinstance(bits, IntegersType):
        return LanesType(bits.width)(bits), _reinterpreted
    return (types.float64(bits), _reinterpreted) if bits in (types.int64, types.uint64) else None


@intrinsic
def counted_from(context: Any, first: Any, sample: Any) -> Any:
    """``first``, a whole number, and those that follow it, for as many lanes as ``sample`` has."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        all_first = converted(signature.return_type, context, builder, signature.args[0], values[0])
        return builder.add(all_first, ir.Constant(all_first.type, list(range(sample.width))))

    known = isinstance(first, types.Integer) and isinstance(sample, LanesType)
    return (IntegersType(sample.width)(first, sample), generate) if known else None


def _bits(builder: Any, mask: Any) -> Any:
    return builder.bitcast(mask, ir.IntType(mask.type.count))


@intrinsic
def any_of(context: Any, test: Any) -> Any:
    """1 where ``test`` holds in any lane, else 0."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        bits = _bits(builder, values[0])
        return builder.zext(builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0)), INTEGER)

    return (types.int64(test), generate) if isinstance(test, MaskType) else None


@intrinsic
def lanes_in(context: Any, test: Any) -> Any:
    """The lanes in which ``test`` holds, as bits of a whole number."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.zext(_bits(builder, values[0]), INTEGER)

    return (types.int64(test), generate) if isinstance(test, MaskType) else None


@intrinsic
def is_in(context: Any, found: Any, sample: Any) -> Any:
    """A mask of the lanes whose bits are set, the reverse of :func:`lanes_in`, for as many as ``sample`` has."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = context.get_value_type(signature.return_type)
        return builder.bitcast(builder.trunc(values[0], ir.IntType(sample.width)), kind)

    known = isinstance(found, types.Integer) and isinstance(sample, LanesType)
    return (MaskType(sample.width)(types.int64, sample), generate) if known else None


@intrinsic
def lowest_of(context: Any, found: Any) -> Any:
    """The lowest lane of some that :func:`lanes_in` tells, one or more."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.cttz(values[0], ir.Constant(ir.IntType(1), 1))

    return (types.int64(found), generate) if found == types.int64 else None


@intrinsic
def smallest_lane(context: Any, a: Any) -> Any:
    """The smallest of the lanes, as one number; any of them where one is no number."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        [found] = values
        for step in (a.width >> halving for halving in range(1, a.width.bit_length())):
            other = builder.shuffle_vector(found, found, positions((n + step) % a.width for n in range(a.width)))
            found = builder.select(builder.fcmp_ordered("<", found, other), found, other)
        return builder.extract_element(found, ir.Constant(ir.IntType(32), 0))

    return (types.float64(a), generate) if isinstance(a, LanesType) else None
