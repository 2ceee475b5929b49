"""Scrambled Sobol points: one matrix of direction numbers for each dimension, made once for a run.

The first dimensions of a Sobol sequence fill the unit cube more evenly than its later ones, so they are given to what
moves most: see :func:`dimensions`. Direction numbers are those of Joe and Kuo, "Constructing Sobol sequences with
better two-dimensional projections" (2008), as scipy carries them.

Scrambling is Matousek's (1998): each dimension's digits are multiplied by a random lower triangular matrix with ones on
the diagonal and shifted by random digits. Every point is then uniform on its own, and the variance of a mean is that of
Owen's nested scrambling (Owen, "Variance with alternative scramblings of digital nets", 2003). The random digits are
a digest of seed, name and index, so another seed is an independent randomisation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.uint64]

BITS = 52
"""Binary digits of a point, and of the largest path number."""


def dimensions(scalars: Sequence[str], series: Sequence[str], periods: int) -> Words:
    """Which dimension each normal has: ``scalars`` in order, then ``series`` period by period.

    First what moves the whole pool (its own risks, and what is common to all projects), then the shocks of each period
    in turn, then what moves a class of projects, last what moves a single one.
    """
    shocks = [(1, slot) for slot in range(len(scalars), len(scalars) + len(series) * periods)]
    ranked = sorted([*((_rank(name), slot) for slot, name in enumerate(scalars)), *shocks])
    order = np.empty(len(ranked), dtype=np.uint64)
    for dimension, (_, slot) in enumerate(ranked):
        order[slot] = dimension
    return order


def _rank(name: str) -> int:
    if name.startswith("class:"):
        return 2
    return 3 if "/" in name else 0


def scrambled(seed: int, labels: Sequence[str], dimension: Words) -> tuple[Words, Words]:
    """Direction numbers [label, digit of the path number] and shifts [label], of labels that have a dimension.

    Labels beyond the dimensions that there are get none: the rows end before them.
    """
    matrix = direction_numbers(int(dimension.max(initial=0)) + 1)[dimension]
    digits = [_digits(seed, label) for label in labels]
    masks = np.array([each[:BITS] for each in digits], dtype=np.uint64).reshape(-1, BITS)
    shifts = np.array([each[BITS] for each in digits], dtype=np.uint64)
    result = np.zeros_like(matrix)
    for row in range(BITS):
        # A digit of the result: the parity of the more significant digits that the mask takes, and of the digit itself.
        place = np.uint64(BITS - 1 - row)
        own = np.uint64(1) << place
        above = ~((own << np.uint64(1)) - np.uint64(1))
        taken = matrix & ((masks[:, row : row + 1] & above) | own)
        result |= (np.bitwise_count(taken).astype(np.uint64) & np.uint64(1)) << place
    return result, shifts


def _digits(seed: int, label: str) -> Words:
    """BITS masks and a shift, of BITS random digits each."""
    data = hashlib.shake_128(f"sobol\n{seed}\n{label}".encode()).digest(8 * (BITS + 1))
    return np.frombuffer(data, dtype="<u8").astype(np.uint64) >> np.uint64(64 - BITS)


def available_dimensions() -> int:
    """How many dimensions there are direction numbers for."""
    return len(_joe_kuo()[0])


def direction_numbers(count: int) -> Words:
    """Unscrambled direction numbers [dimension, digit of the path number] of the first dimensions."""
    polynomials, initial = _joe_kuo()
    found = np.ones((count, BITS), dtype=np.uint64)
    degrees = np.array([int(each).bit_length() - 1 for each in polynomials[:count]])
    degrees[:1] = 0
    for degree in range(1, int(degrees.max(initial=0)) + 1):
        rows = np.flatnonzero(degrees == degree)
        found[rows] = _recurrence(polynomials[rows], initial[rows], degree)
    return found << np.arange(BITS - 1, -1, -1, dtype=np.uint64)


def _recurrence(polynomials: Words, initial: Words, degree: int) -> Words:
    """Bratley and Fox, "Algorithm 659" (1988), for all primitive polynomials of one degree."""
    values = np.empty((len(polynomials), BITS), dtype=np.uint64)
    values[:, :degree] = initial[:, :degree]
    for digit in range(degree, BITS):
        new = values[:, digit - degree].copy()
        for k in range(1, degree + 1):
            has_term = (polynomials >> np.uint64(degree - k)) & np.uint64(1)
            new ^= has_term * (values[:, digit - k] << np.uint64(k))
        values[:, digit] = new
    return values


@cache
def _joe_kuo() -> tuple[Words, Words]:
    """Primitive polynomials as binary digits, and initial direction numbers [dimension, k]."""
    with (files("scipy.stats") / "_sobol_direction_numbers.npz").open("rb") as file, np.load(file) as table:
        return table["poly"].astype(np.uint64), table["vinit"].astype(np.uint64)
