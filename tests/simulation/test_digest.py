"""One digest for what is kept of all paths, in whatever portions it was computed; another for any change of it."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from alatau_finance.simulation.digest import block_hashes, run_digest


def digest(names: list[str], values: np.ndarray) -> str:
    return run_digest(names, block_hashes(values))


def test_it_is_blake3_of_names_and_of_the_hash_of_every_64_paths() -> None:
    values = np.arange(2.0 * 65).reshape(2, 65)
    first = blake3(b"".join(struct.pack("<64d", *row[:64]) for row in values)).digest()
    last = blake3(struct.pack("<2d", 64.0, 129.0)).digest()
    assert digest(["Δ", "b"], values) == blake3("Δ".encode() + b"\0b\0" + first + last).hexdigest()


@given(st.lists(st.integers(1, 3), max_size=4), st.integers(1, 64))
def test_it_does_not_depend_on_portions_of_whole_blocks(blocks: list[int], rest: int) -> None:
    values = np.arange(3.0 * (64 * sum(blocks) + rest)).reshape(3, -1)
    ends = np.cumsum([64 * count for count in blocks]).tolist()
    parts = [part for portion in np.split(values, ends, axis=1) for part in block_hashes(np.asfortranarray(portion))]
    assert run_digest("abc", parts) == digest(list("abc"), values)
    assert block_hashes(values.astype(">f8")) == block_hashes(values)


@pytest.mark.parametrize("change", ["name", "order", "bit", "sign of zero", "length"])
def test_it_sees_every_change(change: str) -> None:
    names, values = ["a", "b"], np.array([[0.0, 1.0], [2.0, 3.0]])
    before = digest(names, values)
    if change == "name":
        names = ["a", "c"]
    elif change == "order":
        values = values[::-1]
    elif change == "bit":
        values = np.nextafter(values, 9.0)
    elif change == "length":
        values = values[:, :1]
    else:
        values = np.where(values == 0.0, -0.0, values)
    assert digest(names, values) != before
