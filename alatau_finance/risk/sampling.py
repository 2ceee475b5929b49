"""Random numbers as a pure function of (seed, name, path, index).

Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011) turns a counter and a
key into four random words. Key: a 64-bit digest of the seed and the factor's name. Counter: (path, low 32 bits; path,
high 32 bits; index // 2; 0). One call gives two uniforms: words 0 and 1 for an even index, words 2 and 3 for an odd
one. So any number can be drawn alone, and no other draw moves when a factor, a path or a period is added.

A uniform is (k + 1/2) / 2**52: symmetric about 1/2, exact, never 0 nor 1.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from alatau_finance.jit import LANES, TILE, inline_function, kernel_function
from alatau_finance.lane_bits import counted_from, number_of
from alatau_finance.memory import store
from alatau_finance.risk.normal import inverse_normals
from alatau_finance.vectors import joined, lanes, where

Word = np.uint64
Words = tuple[Word, Word, Word, Word]
Row = npt.NDArray[np.float64]

_LOW_WORD = np.uint64(0xFFFFFFFF)
_WORD = np.uint64(32)
_MULTIPLIER_0 = np.uint64(0xD2511F53)
_MULTIPLIER_1 = np.uint64(0xCD9E8D57)
_WEYL_0 = np.uint64(0x9E3779B9)
_WEYL_1 = np.uint64(0xBB67AE85)
_TWELVE = np.uint64(12)
_ONE_BITS = np.uint64(0x3FF0000000000000)
_ONE_LESS_HALF_STEP = 1.0 - 2.0**-53
#: Paths that are drawn side by side: each step of a draw waits for the one before it.
_AT_ONCE = 4 * TILE


def factor_key(seed: int, name: str) -> int:
    """The 64-bit key of a factor: the draws of two names, or of two seeds, have nothing to do with each other."""
    return int.from_bytes(hashlib.blake2b(f"{seed}\n{name}".encode(), digest_size=8).digest(), "little")


@inline_function
def philox(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> Words:
    """Ten rounds of Philox4x32 on counter and key words, each held in 64 unsigned bits."""
    words = _round(c0, c1, c2, c3, k0, k1, np.uint64(0))
    words = _round(words[0], words[1], words[2], words[3], k0, k1, np.uint64(1))
    words = _round(words[0], words[1], words[2], words[3], k0, k1, np.uint64(2))
    words = _round(words[0], words[1], words[2], words[3], k0, k1, np.uint64(3))
    words = _round(words[0], words[1], words[2], words[3], k0, k1, np.uint64(4))
    words = _round(words[0], words[1], words[2], words[3], k0, k1, np.uint64(5))
    words = _round(words[0], words[1], words[2], words[3], k0, k1, np.uint64(6))
    words = _round(words[0], words[1], words[2], words[3], k0, k1, np.uint64(7))
    words = _round(words[0], words[1], words[2], words[3], k0, k1, np.uint64(8))
    words = _round(words[0], words[1], words[2], words[3], k0, k1, np.uint64(9))
    return words[0] & _LOW_WORD, words[1] & _LOW_WORD, words[2] & _LOW_WORD, words[3] & _LOW_WORD


@inline_function
def _round(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word, number: Word) -> Words:
    """One round. Only the lower half of each word counts; what is above it, the next product leaves out for nothing."""
    first = _MULTIPLIER_0 * (c0 & _LOW_WORD)
    second = _MULTIPLIER_1 * (c2 & _LOW_WORD)
    high_0 = (second >> _WORD) ^ c1 ^ (k0 + number * _WEYL_0)
    high_1 = (first >> _WORD) ^ c3 ^ (k1 + number * _WEYL_1)
    return high_0, second, high_1, first


@inline_function
def uniform(low: Word, high: Word) -> float:
    """Two random words -> a double strictly between 0 and 1."""
    bits = (((high << _WORD) | low) >> _TWELVE) | _ONE_BITS
    return number_of(bits) - _ONE_LESS_HALF_STEP  # type: ignore[no-any-return]


@inline_function
def _words(key: Word, first_path: Word, call: Word) -> Words:
    """What :func:`philox` gives :data:`_AT_ONCE` paths."""
    two = joined(lanes(0.0), lanes(0.0))
    path = counted_from(first_path, joined(two, two))
    return philox(path & _LOW_WORD, path >> _WORD, call, np.uint64(0), key & _LOW_WORD, key >> _WORD)


@kernel_function
def normal_pair_block(key: Word, first_path: Word, call: Word, even: Row, odd: Row, paths: int) -> None:
    """Standard normals of a block of paths at indices 2 call and 2 call + 1."""
    index = call & _LOW_WORD
    for lane in range(0, paths, _AT_ONCE):
        w0, w1, w2, w3 = _words(key, first_path + np.uint64(lane), index)
        store(even, lane, uniform(w0, w1))
        store(odd, lane, uniform(w2, w3))
    inverse_normals(even, paths)
    inverse_normals(odd, paths)


@kernel_function
def normal_block(key: Word, first_path: Word, index: Word, out: Row, paths: int) -> None:
    """Standard normals of a block of paths at one index."""
    call = (index >> np.uint64(1)) & _LOW_WORD
    is_odd = (index & np.uint64(1)) == np.uint64(1)
    for lane in range(0, paths, _AT_ONCE):
        w0, w1, w2, w3 = _words(key, first_path + np.uint64(lane), call)
        store(out, lane, uniform(where(is_odd, w2, w0), where(is_odd, w3, w1)))
    inverse_normals(out, paths)


def normals(key: int, first_path: int, count: int, index: int = 0) -> Row:
    """Standard normals of paths ``first_path`` .. ``first_path + count - 1`` at one index."""
    out = np.empty((-(-count // LANES), LANES))
    for number, block in enumerate(out):
        normal_block(np.uint64(key), np.uint64(first_path + number * LANES), np.uint64(index), block, LANES)
    return out.reshape(out.size)[:count]
