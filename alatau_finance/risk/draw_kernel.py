"""The kernel of the draws: normals by sampler, mixed by loadings, given a copula, turned into values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alatau_finance.jit import LANES, kernel_function
from alatau_finance.risk.samplers import PSEUDO_RANDOM, sample_block
from alatau_finance.risk.sampling import normal_block, normal_pair_block
from alatau_finance.risk.student import student_row
from alatau_finance.risk.transforms import clamp_row, transform_row, truncate_row

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
    scalars = scalars_out.shape[0]
    periods, series = series_out.shape[0], series_out.shape[1]
    series_keys = keys.shape[0] - scalar_keys
    normals = np.empty((max(scalar_keys, 2 * series_keys), LANES))
    for n in range(scalar_keys):
        if sampler == PSEUDO_RANDOM:
            normal_block(keys[n], first_path, np.uint64(0), normals[n])
        else:
            sample_block(sampler, paths, directions, shifts, n, keys[n], first_path, np.uint64(0), normals[n])
    for f in range(scalars):
        _mix(starts[f], starts[f + 1], columns, weights, 0, normals, scalars_out[f])
        c = copula_of[f]
        if c >= 0:
            student_row(degrees[c], copula_tables[c, 0], copula_tables[c, 1], normals[mixing[c]], scalars_out[f])
        _to_values(shapes[f], constants[f], tables[table_of[f]], truncations[f], scalars_out[f])
    for call in range((periods + 1) // 2 if series > 0 else 0):
        for n in range(series_keys):
            key = keys[scalar_keys + n]
            if sampler == PSEUDO_RANDOM:
                normal_pair_block(key, first_path, np.uint64(call), normals[n], normals[series_keys + n])
                continue
            for half in range(min(2, periods - 2 * call)):
                period, row = 2 * call + half, normals[half * series_keys + n]
                dimension = scalar_keys + period * series_keys + n
                sample_block(sampler, paths, directions, shifts, dimension, key, first_path, np.uint64(period), row)
        for half in range(min(2, periods - 2 * call)):
            shift = half * series_keys - scalar_keys
            for s in range(series):
                f = scalars + s
                row = series_out[2 * call + half, s]
                _mix(starts[f], starts[f + 1], columns, weights, shift, normals, row)
                c = copula_of[f]
                if c >= 0:
                    student_row(degrees[c], copula_tables[c, 0], copula_tables[c, 1], normals[mixing[c] + shift], row)
                _to_values(shapes[f], constants[f], tables[table_of[f]], truncations[f], row)


@kernel_function
def _to_values(shape: int, constants: Floats, table: Floats, truncation: Floats, row: Floats) -> None:
    """Replace standard normals by values."""
    is_truncated = truncation[2] > 0.0
    if is_truncated:
        truncate_row(truncation, row)
    transform_row(shape, constants, table, row)
    if is_truncated:
        clamp_row(truncation[3], truncation[4], row)


@kernel_function
def _mix(start: int, stop: int, columns: Integers, weights: Floats, shift: int, normals: Floats, row: Floats) -> None:
    """row = sum of weights times normals."""
    weight = weights[start]
    normal = normals[columns[start] + shift]
    for lane in range(LANES):
        row[lane] = weight * normal[lane]
    for k in range(start + 1, stop):
        weight = weights[k]
        normal = normals[columns[k] + shift]
        for lane in range(LANES):
            row[lane] += weight * normal[lane]
