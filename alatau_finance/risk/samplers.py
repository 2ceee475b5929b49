"""How the normals of a run are spread over its paths. Any of them can be drawn alone, from seed, name and path number.

- ``pseudo_random``: independent paths.
- ``antithetic``: the normals of paths 2k and 2k + 1 are each other's negative.
- ``sobol``: points of a scrambled Sobol sequence (:mod:`alatau_finance.risk.sobol`), one dimension for each normal.
- ``latin_hypercube``: of N paths exactly one has each normal in each of N equally likely intervals (McKay, Beckman and
  Conover, 1979). Which one is a keyed permutation of the path numbers: a Feistel network over the smallest power of two
  that holds N, walked until it lands below N (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alatau_finance.errors import nearest
from alatau_finance.i18n import message
from alatau_finance.jit import LANES, inline_function, kernel_function
from alatau_finance.risk.factors import SAMPLERS, RiskError, Sampling
from alatau_finance.risk.normal import inverse_normal, inverse_normals
from alatau_finance.risk.sampling import Row, Word, normal_block, philox, uniform
from alatau_finance.risk.sobol import BITS, available_dimensions, dimensions, scrambled

PSEUDO_RANDOM, ANTITHETIC, SOBOL, LATIN_HYPERCUBE = range(4)

_ZERO, _ONE = np.uint64(0), np.uint64(1)
_WORD, _LOW_WORD = np.uint64(32), np.uint64(0xFFFFFFFF)
_PERMUTATION = np.uint64(1)  # last word of the counter that keys a permutation; a draw's is 0
_MIXER = np.uint64(0xCD9E8D57)
_FEWEST_BITS = np.uint64(10)
_BELOW_ONE = 1.0 - 2.0**-53


class SampleArrays(NamedTuple):
    """What the kernel reads of the sampler."""

    sampler: int
    paths: np.uint64
    directions: npt.NDArray[np.uint64]
    """[dimension, digit of the path number]; no rows but for ``sobol``"""
    shifts: npt.NDArray[np.uint64]
    """[dimension]"""


def sample_arrays(
    sampling: Sampling, seed: int, scalars: Sequence[str], series: Sequence[str], periods: int
) -> SampleArrays:
    """Tables for the normals named ``scalars`` and, period by period, ``series``. Raises :class:`RiskError`."""
    if sampling.sampler not in SAMPLERS:
        text = "there is no sampler {name}; there are {known}; did you mean {likely}?"
        known, likely = ", ".join(SAMPLERS), nearest(sampling.sampler, SAMPLERS) or SAMPLERS[0]
        raise RiskError([message(text, name=sampling.sampler, known=known, likely=likely)])
    if sampling.sampler == "latin_hypercube" and not 0 < sampling.paths < 2**BITS:
        raise RiskError([message("latin_hypercube needs the number of paths, this is {paths}", paths=sampling.paths)])
    directions, shifts = np.empty((0, BITS), dtype=np.uint64), np.empty(0, dtype=np.uint64)
    if sampling.sampler == "sobol":
        order = dimensions(scalars, series, periods)
        labels = [*scalars, *(f"{name}\n{period}" for period in range(periods) for name in series)]
        directions, shifts = _with_dimension(seed, labels, order)
    return SampleArrays(SAMPLERS.index(sampling.sampler), np.uint64(sampling.paths), directions, shifts)


def _with_dimension(
    seed: int, labels: Sequence[str], order: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Direction numbers and shifts of every label; zeros, which stand for "pseudo-random", past the last dimension."""
    has = order < available_dimensions()
    directions, shifts = np.zeros((len(labels), BITS), dtype=np.uint64), np.zeros(len(labels), dtype=np.uint64)
    directions[has], shifts[has] = scrambled(
        seed, [label for label, wanted in zip(labels, has, strict=True) if wanted], order[has]
    )
    return directions, shifts


@kernel_function
def sample_block(
    sampler: int,
    paths: Word,
    directions: npt.NDArray[np.uint64],
    shifts: npt.NDArray[np.uint64],
    dimension: int,
    key: Word,
    first_path: Word,
    index: Word,
    out: Row,
) -> None:
    """Standard normals of a block of paths at one index, of the normal that has ``key`` and ``dimension``."""
    if sampler == LATIN_HYPERCUBE:
        latin_block(key, first_path, index, paths, out)
    elif sampler == ANTITHETIC:
        antithetic_block(key, first_path, index, out)
    elif sampler == SOBOL and directions[dimension, 0] != _ZERO:
        sobol_block(directions[dimension], shifts[dimension], first_path, out)
    else:
        normal_block(key, first_path, index, out, out.shape[0])


@kernel_function
def antithetic_block(key: Word, first_path: Word, index: Word, out: Row) -> None:
    """Normals of which those of path 2k + 1 are minus those of path 2k."""
    call = (index >> _ONE) & _LOW_WORD
    is_odd = (index & _ONE) == _ONE
    for lane in range(out.shape[0]):
        pair = (first_path + np.uint64(lane)) >> _ONE
        w0, w1, w2, w3 = philox(pair & _LOW_WORD, pair >> _WORD, call, _ZERO, key & _LOW_WORD, key >> _WORD)
        out[lane] = uniform(w2 if is_odd else w0, w3 if is_odd else w1)
    inverse_normals(out, out.shape[0])
    for lane in range(out.shape[0]):
        out[lane] = -out[lane] if ((first_path + np.uint64(lane)) & _ONE) == _ONE else out[lane]


@kernel_function
def sobol_block(directions: npt.NDArray[np.uint64], shift: Word, first_path: Word, out: Row) -> None:
    """Normals of the points with the numbers of the paths: their digits choose which direction numbers are added."""
    words = out.view(np.uint64)
    for lane in range(words.shape[0]):
        words[lane] = shift
    last_path = first_path + np.uint64(words.shape[0] - 1)
    for digit in range(BITS):
        if last_path >> np.uint64(digit) == _ZERO:
            break
        direction = directions[digit]
        for lane in range(words.shape[0]):
            chosen = ((first_path + np.uint64(lane)) >> np.uint64(digit)) & _ONE
            words[lane] = words[lane] ^ (direction & (_ZERO - chosen))
    for lane in range(words.shape[0]):
        out[lane] = uniform(words[lane] << np.uint64(64 - BITS) & _LOW_WORD, words[lane] >> np.uint64(BITS - 32))
    inverse_normals(out, out.shape[0])


@kernel_function
def latin_block(key: Word, first_path: Word, index: Word, paths: Word, out: Row) -> None:
    """Normals of paths that share out ``paths`` equally likely intervals; within its own, a path is anywhere."""
    call = (index >> _ONE) & _LOW_WORD
    is_odd = (index & _ONE) == _ONE
    bits = _bits_of(paths)
    words = np.empty(LANES, dtype=np.uint64)
    low, high = key & _LOW_WORD, key >> _WORD
    k0, k1, k2, k3 = philox(index & _LOW_WORD, _ZERO, _ZERO, _PERMUTATION, low, high)
    k4, k5, k6, k7 = philox(index & _LOW_WORD, _ONE, _ZERO, _PERMUTATION, low, high)
    for lane in range(out.shape[0]):
        words[lane] = _feistel((first_path + np.uint64(lane)) % paths, bits, k0, k1, k2, k3, k4, k5, k6, k7)
    for lane in range(out.shape[0]):
        while words[lane] >= paths:
            words[lane] = _feistel(words[lane], bits, k0, k1, k2, k3, k4, k5, k6, k7)
    for lane in range(out.shape[0]):
        path = first_path + np.uint64(lane)
        w0, w1, w2, w3 = philox(path & _LOW_WORD, path >> _WORD, call, _ZERO, low, high)
        out[lane] = uniform(w2 if is_odd else w0, w3 if is_odd else w1)
    width = 1.0 / np.float64(paths)
    for lane in range(out.shape[0]):
        out[lane] = inverse_normal(min((np.float64(words[lane]) + out[lane]) * width, _BELOW_ONE))


@inline_function
def _bits_of(paths: Word) -> Word:
    """Binary digits of the numbers below ``paths``, at least those in which a permutation is well mixed."""
    bits = _FEWEST_BITS
    while (paths - _ONE) >> bits != _ZERO:
        bits = bits + _ONE
    return bits


@inline_function
def _feistel(
    x: Word, bits: Word, k0: Word, k1: Word, k2: Word, k3: Word, k4: Word, k5: Word, k6: Word, k7: Word
) -> Word:
    """A keyed permutation of the numbers of so many binary digits: halves are mixed into one another by turns."""
    right_bits = bits >> _ONE
    left_mask = (_ONE << (bits - right_bits)) - _ONE
    right_mask = (_ONE << right_bits) - _ONE
    left, right = x >> right_bits, x & right_mask
    left = left ^ (_mixed(right, k0) & left_mask)
    right = right ^ (_mixed(left, k1) & right_mask)
    left = left ^ (_mixed(right, k2) & left_mask)
    right = right ^ (_mixed(left, k3) & right_mask)
    left = left ^ (_mixed(right, k4) & left_mask)
    right = right ^ (_mixed(left, k5) & right_mask)
    left = left ^ (_mixed(right, k6) & left_mask)
    right = right ^ (_mixed(left, k7) & right_mask)
    return np.uint64((left << right_bits) | right)


@inline_function
def _mixed(half: Word, key: Word) -> Word:
    product = _MIXER * (half ^ key)
    return np.uint64((product >> _WORD) ^ product)
