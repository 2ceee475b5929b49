"""The kernel of the draws: normals by sampler, mixed by loadings, given a copula, turned into values."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import carray  # type: ignore[attr-defined]

from alatau_finance.jit import LANES, TILE, inline_function, kernel_function
from alatau_finance.memory import flat, further, load, store
from alatau_finance.risk.samplers import PSEUDO_RANDOM, sample_block
from alatau_finance.risk.sampling import normal_block, normal_pair_block
from alatau_finance.risk.student import student_row
from alatau_finance.risk.tables import NODES
from alatau_finance.risk.transforms import BOUNDS, CONSTANTS, clamp_row, transform_block, truncate_row

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class DrawArrays(NamedTuple):
    """What the kernel reads. Factors: first the scalars, then the series; so the normals they are made of."""

    keys: npt.NDArray[np.uint64]
    """[normal]"""
    scalar_keys: int
    """how many of the normals belong to scalars"""
    starts: Integers
    """[factor + 1]: the factor's loadings are those from here to the next start"""
    columns: Integers
    """[loading]: which normal"""
    weights: Floats
    """[loading]"""
    shapes: Integers
    """[factor]"""
    constants: Floats
    """[factor, constant]"""
    table_of: Integers
    """[factor]: which table; 0 where none is needed"""
    tables: Floats
    """[table, node, value | slope]"""
    truncations: Floats
    """[factor, probability below | above | between the bounds, lower bound, upper bound]; zeros: not truncated"""
    copula_of: Integers
    """[factor]: its t copula; -1 where it is Gaussian"""
    mixing: Integers
    """[copula]: which normal its scale is drawn from"""
    degrees: Floats
    """[copula]"""
    copula_tables: Floats
    """[copula, scale | to normal, node, value | slope]"""


@kernel_function
def draw_block(
    keys: npt.NDArray[np.uint64],
    scalar_keys: int,
    starts: Integers,
    columns: Integers,
    weights: Floats,
    shapes: Integers,
    constants: Floats,
    table_of: Integers,
    tables: Floats,
    truncations: Floats,
    copula_of: Integers,
    mixing: Integers,
    degrees: Floats,
    copula_tables: Floats,
    sampler: int,
    paths: np.uint64,
    directions: npt.NDArray[np.uint64],
    shifts: npt.NDArray[np.uint64],
    first_path: np.uint64,
    scalars_out: Floats,
    series_out: Floats,
) -> None:
    """Fill ``scalars_out[scalar, lane]`` and ``series_out[period, series, lane]`` for 64 paths from ``first_path``."""
    # A length that is asked and not known: else the code of a tile is written out for each, more than stays decoded.
    scalars, block = scalars_out.shape[0], scalars_out.shape[1]
    periods, series = series_out.shape[0], series_out.shape[1]
    series_keys = keys.shape[0] - scalar_keys
    # Read by name to the end, so that it is there as long as ``given`` is.
    normals = np.empty((max(scalar_keys, 2 * series_keys), block))
    given, found = flat(normals), flat(scalars_out)
    mixes = flat(starts), flat(columns), flat(weights)
    values = flat(shapes), flat(constants), flat(table_of), flat(tables), flat(truncations)
    for n in range(scalar_keys):
        if sampler == PSEUDO_RANDOM:
            normal_block(keys[n], first_path, np.uint64(0), further(given, n * LANES), block)
        else:
            sample_block(sampler, paths, directions, shifts, n, keys[n], first_path, np.uint64(0), normals[n])
    for f in range(scalars):
        row, c = further(found, f * LANES), copula_of[f]
        _mix(f, mixes, given, row)
        if c >= 0:
            student_row(degrees[c], copula_tables[c, 0], copula_tables[c, 1], normals[mixing[c]], scalars_out[f])
        _to_values(f, values, row)
    for call in range((periods + 1) // 2 if series > 0 else 0):
        for n in range(series_keys):
            key = keys[scalar_keys + n]
            if sampler == PSEUDO_RANDOM:
                even, odd = further(given, n * LANES), further(given, (series_keys + n) * LANES)
                normal_pair_block(key, first_path, np.uint64(call), even, odd, block)
                continue
            for half in range(min(2, periods - 2 * call)):
                period, sampled = 2 * call + half, normals[half * series_keys + n]
                dimension = scalar_keys + period * series_keys + n
                sample_block(sampler, paths, directions, shifts, dimension, key, first_path, np.uint64(period), sampled)
        for half in range(min(2, periods - 2 * call)):
            shift = half * series_keys - scalar_keys
            for s in range(series):
                f, out = scalars + s, series_out[2 * call + half, s]
                row, c = flat(out), copula_of[f]
                _mix(f, mixes, further(given, shift * LANES), row)
                if c >= 0:
                    scale = normals[mixing[c] + shift]
                    student_row(degrees[c], copula_tables[c, 0], copula_tables[c, 1], scale, out)
                _to_values(f, values, row)


@inline_function
def _to_values(factor: int, values: Any, row: Any) -> None:
    """Replace standard normals by values."""
    shapes, constants, table_of, tables, truncations = values
    own = further(constants, factor * CONSTANTS)
    truncation = further(truncations, factor * BOUNDS)
    is_truncated = truncation[2] > 0.0
    if is_truncated:
        truncate_row(carray(truncation, (BOUNDS,)), carray(row, (LANES,)))
    transform_block(shapes[factor], own, further(tables, table_of[factor] * NODES * 2), row)
    if is_truncated:
        clamp_row(truncation[3], truncation[4], carray(row, (LANES,)))


@inline_function
def _mix(factor: int, mixes: Any, normals: Any, row: Any) -> None:
    """row = sum of weights times normals."""
    starts, columns, weights = mixes
    start, stop = starts[factor], starts[factor + 1]
    for lane in range(0, LANES, TILE):
        mixed = weights[start] * load(normals, columns[start] * LANES + lane)
        for k in range(start + 1, stop):
            mixed = mixed + weights[k] * load(normals, columns[k] * LANES + lane)
        store(row, lane, mixed)
