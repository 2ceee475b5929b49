"""Lanes in and out of memory: flat arrays, or where one begins, which costs nothing to hand on.

numba counts who holds an array, with an instruction that locks the memory, twice for every call that is given one. What
:func:`flat` tells is not counted: it may be used only as long as the array is held by somebody else.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import cgutils, types
from numpy.typing import NDArray

from alatau_finance.jit import TILE
from alatau_finance.vectors import LANES_TYPE, LanesType, converted, intrinsic, joined_lanes

_BYTES = 8


def aligned_zeros(*shape: int) -> NDArray[np.float64]:
    """Zeros of ``shape`` that start where a line of the processor's cache does, so that no row lies across two."""
    line, size = TILE * 8, int(np.prod(shape)) * 8
    room = np.zeros(size + line, np.uint8)
    start = -room.ctypes.data % line
    return room[start : start + size].view(np.float64).reshape(shape)


def _begin(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    return array if isinstance(kind, types.CPointer) else context.make_array(kind)(context, builder, array).data


def _address(context: Any, builder: Any, kind: Any, array: Any, at: Any, lanes: Any = LANES_TYPE) -> Any:
    vector = context.get_value_type(lanes)
    return builder.bitcast(builder.gep(_begin(context, builder, kind, array), [at]), vector.as_pointer())


@intrinsic
def flat(context: Any, array: Any) -> Any:
    """Where the numbers of a contiguous array begin: what takes this in the place of the array need not count it."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _begin(context, builder, signature.args[0], values[0])

    return types.CPointer(array.dtype)(array), generate


@intrinsic
def further(context: Any, begin: Any, by: Any) -> Any:
    """Where the numbers lie that come so many after those at ``begin``, which :func:`flat` tells."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.gep(values[0], [values[1]])

    return (begin(begin, types.intp), generate) if isinstance(begin, types.CPointer) else None


@intrinsic
def room_for(context: Any, count: Any) -> Any:
    """Room for so many numbers, a constant, that is gone when the function ends; what is in it may be anything."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        size = signature.args[0].literal_value
        return cgutils.alloca_once(builder, context.get_value_type(types.float64), size=size)

    known = isinstance(count, types.IntegerLiteral)
    return (types.CPointer(types.float64)(count), generate) if known else None


@intrinsic
def load(context: Any, array: Any, at: Any) -> Any:
    """The lanes at ``array[at:]``, a flat array of float64."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load(_address(context, builder, signature.args[0], *values), align=_BYTES)

    return LANES_TYPE(array, types.intp), generate


@intrinsic
def load_alike(context: Any, array: Any, at: Any, sample: Any) -> Any:
    """As many lanes as ``sample`` has, at ``array[at:]``, a flat array of float64."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _address(context, builder, signature.args[0], values[0], values[1], sample)
        return builder.load(place, align=_BYTES)

    return (sample(array, types.intp, sample), generate) if isinstance(sample, LanesType) else None


@intrinsic
def load_flows(context: Any, array: Any, start: Any, by: Any) -> Any:
    """The lanes at ``array[start + by:]``; those at both places, joined, where ``start`` is two of them."""
    pair = isinstance(start, types.BaseTuple)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        starts = cgutils.unpack_tuple(builder, values[1]) if pair else values[1:2]
        places = [_address(context, builder, array, values[0], builder.add(each, values[2])) for each in starts]
        rows = [builder.load(place, align=_BYTES) for place in places]
        return joined_lanes(builder, *rows) if pair else rows[0]

    return LanesType((2 if pair else 1) * TILE)(array, start, types.intp), generate


@intrinsic
def load_either(context: Any, test: Any, array: Any, at: Any, other: Any, other_at: Any) -> Any:
    """The lanes at ``array[at:]`` where ``test`` holds, else those at ``other[other_at:]``; no branch, as it decides
    between two addresses."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        places = [_address(context, builder, signature.args[n], *values[n : n + 2]) for n in (1, 3)]
        return builder.load(builder.select(values[0], *places), align=_BYTES)

    return LANES_TYPE(types.boolean, array, types.intp, other, types.intp), generate


@intrinsic
def store(context: Any, array: Any, at: Any, value: Any) -> Any:
    """Write lanes, or one number for all those of a tile, to ``array[at:]``, a flat array of float64."""
    kind = value if isinstance(value, LanesType) else LANES_TYPE

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _address(context, builder, signature.args[0], values[0], values[1], kind)
        builder.store(converted(kind, context, builder, signature.args[2], values[2]), place, align=_BYTES)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate
