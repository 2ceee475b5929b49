"""The digest of a run: one number for all that is kept of all paths, whoever computed them and in what portions.

Every block of 64 paths has a hash of its own; the digest is that of the names of the rows and then of those hashes in
the order of paths. So blocks can be hashed where and when they are computed, on any thread or machine.

The hash is BLAKE3, as hard to forge as SHA-256 and several times faster: a run hashes gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from blake3 import blake3
from numpy.typing import NDArray

from alatau_finance.jit import LANES


def block_hashes(values: NDArray[np.float64]) -> tuple[bytes, ...]:
    """BLAKE3 of each 64 paths of ``values`` [rows, paths], row by row as little-endian float64."""
    starts = range(0, values.shape[1], LANES)
    blocks = (np.ascontiguousarray(values[:, start : start + LANES], dtype="<f8") for start in starts)
    return tuple(blake3(block.data.cast("B")).digest() for block in blocks)


def run_digest(names: Sequence[str], blocks: Iterable[bytes]) -> str:
    """The digest of rows ``names``, from the hashes of all blocks in the order of paths, as hexadecimal text."""
    whole = blake3()
    for name in names:
        whole.update(name.encode() + b"\0")
    for block in blocks:
        whole.update(block)
    return whole.hexdigest()
