"""From a standard normal to a value, lane by lane: one switch over the shape, one loop for each.

Every shape is non-decreasing in z (a jump of negative mean is not), so that the correlation of the normals is a rank
correlation of the values. `constants` is what :mod:`alatau_finance.risk.distributions` packs for the shape.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import carray  # type: ignore[attr-defined]

from alatau_finance.jit import LANES, TILE, inline_function, kernel_function
from alatau_finance.memory import load, store
from alatau_finance.risk.normal import exponential, inverse_normal, normal_cdf
from alatau_finance.risk.tables import NODES, interpolate

Array = npt.NDArray[np.float64]

LINEAR, LOGNORMAL, TRIANGULAR, UNIFORM, TABLE, LOG_TABLE, BERNOULLI, JUMP, DISCRETE = range(9)
CONSTANTS, BOUNDS = 5, 5

_BELOW_ONE = 1.0 - 2.0**-53


@kernel_function
def transform_row(shape: int, constants: Array, table: Array, row: Array) -> None:
    """Replace the standard normals of ``row`` by values."""
    if shape == LINEAR:
        for lane in range(row.shape[0]):
            row[lane] = _linear(constants, row[lane])
    elif shape == LOGNORMAL:
        for lane in range(row.shape[0]):
            row[lane] = _lognormal(constants, row[lane])
    elif shape == TRIANGULAR:
        for lane in range(row.shape[0]):
            row[lane] = _triangular(constants, row[lane])
    elif shape == UNIFORM:
        for lane in range(row.shape[0]):
            row[lane] = constants[0] + constants[1] * normal_cdf(row[lane])
    elif shape == TABLE:
        for lane in range(row.shape[0]):
            row[lane] = constants[0] + constants[1] * interpolate(table, 0.0, row[lane])
    elif shape == LOG_TABLE:
        for lane in range(row.shape[0]):
            row[lane] = interpolate(table, constants[0], row[lane])
        for lane in range(row.shape[0]):
            row[lane] = exponential(row[lane]) - 1.0
    elif shape == BERNOULLI:
        for lane in range(row.shape[0]):
            row[lane] = 1.0 if row[lane] > constants[0] else 0.0
    elif shape == JUMP:
        for lane in range(row.shape[0]):
            row[lane] = _jump(constants, row[lane])
    elif shape == DISCRETE:
        for lane in range(row.shape[0]):
            row[lane] = _discrete(int(constants[0]), table, row[lane])


@inline_function
def transform_block(shape: int, constants: Any, table: Any, block: Any) -> None:
    """:func:`transform_row` of the paths of a block; all that is given begins where :func:`vectors.flat` says."""
    if shape == LINEAR:
        for lane in range(0, LANES, TILE):
            store(block, lane, _linear(constants, load(block, lane)))
    elif shape == LOGNORMAL:
        for lane in range(0, LANES, TILE):
            store(block, lane, _lognormal(constants, load(block, lane)))
    else:
        transform_row(shape, carray(constants, (CONSTANTS,)), carray(table, (NODES, 2)), carray(block, (LANES,)))


@inline_function
def _linear(constants: Any, z: Any) -> Any:
    return constants[0] + constants[1] * z


@inline_function
def _lognormal(constants: Any, z: Any) -> Any:
    return constants[0] * exponential(constants[1] * z) + constants[2]


@kernel_function
def truncate_row(truncation: Array, row: Array) -> None:
    """Normals of the whole distribution -> normals of the part between its bounds, as likely within that part.

    ``truncation``: probability below the part, above it, and of it. The smaller tail is matched, for its precision.
    """
    for lane in range(row.shape[0]):
        z = row[lane]
        outside = truncation[0] if z < 0.0 else truncation[1]
        tail = inverse_normal(outside + normal_cdf(z if z < 0.0 else -z) * truncation[2])
        row[lane] = tail if z < 0.0 else -tail


@kernel_function
def clamp_row(low: float, high: float, row: Array) -> None:
    """Take away what rounding puts outside the bounds of a truncated distribution."""
    for lane in range(row.shape[0]):
        row[lane] = min(max(row[lane], low), high)


@inline_function
def _triangular(constants: Array, z: float) -> float:
    """constants: low, high, probability below the mode, (high - low) (mode - low), (high - low) (high - mode)."""
    below = normal_cdf(z)
    left: float = constants[0] + math.sqrt(below * constants[3])
    right: float = constants[1] - math.sqrt(normal_cdf(-z) * constants[4])
    return left if below < constants[2] else right


@inline_function
def _discrete(count: int, table: Array, z: float) -> float:
    """The first outcome whose upper bound of z, the second column, is not below z; the last has none."""
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        if z > table[middle, 1]:
            low = middle + 1
        else:
            high = middle
    outcome: float = table[low, 0]
    return outcome


@inline_function
def _jump(constants: Array, z: float) -> float:
    """constants: threshold of z, 1 / probability, mean and sd of the jump. Jumps are rare: here a branch is cheaper."""
    if z <= constants[0]:
        return 0.0
    above = min(normal_cdf(-z) * constants[1], _BELOW_ONE)
    jump: float = constants[2] - constants[3] * inverse_normal(above)
    return jump
