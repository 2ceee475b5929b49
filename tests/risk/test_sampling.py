"""Philox and the normals made of it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from alatau_finance.risk.sampling import factor_key, normal_block, normal_pair_block, normals, philox


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_known_answers_of_random123(counter: list[int], key: list[int], words: list[int]) -> None:
    assert list(philox(*(np.uint64(word) for word in (*counter, *key)))) == words


def test_key_is_stable_and_tells_seeds_and_names_apart() -> None:
    assert factor_key(1, "cost_overrun/arna") == 18270592696535019679
    keys = {factor_key(seed, name) for seed in range(50) for name in ("a", "b", "a/b", "1", "")}
    assert len(keys) == 250
    assert factor_key(1, "1a") != factor_key(11, "a")


def test_normals_are_standard_normal() -> None:
    z = normals(factor_key(3, "demand"), 0, 200_000)
    assert abs(z.mean()) < 4.0 / np.sqrt(z.size)
    assert abs(z.var() - 1.0) < 4.0 * np.sqrt(2.0 / z.size)
    assert abs((z**4).mean() - 3.0) < 4.0 * np.sqrt(96.0 / z.size)
    assert stats.kstest(z, "norm").pvalue > 1e-3


def test_names_indices_and_neighbours_are_independent() -> None:
    rows = [normals(factor_key(3, name), 0, 100_000, index) for name in ("a", "b") for index in range(4)]
    rows.append(np.roll(rows[0], 1))
    correlations = np.corrcoef(rows)[np.triu_indices(len(rows), 1)]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(100_000)


def test_a_path_alone_is_the_same_path_in_a_block() -> None:
    key = factor_key(8, "x")
    first = 2**32 - 20  # the block crosses the low word of the path number
    block = normals(key, first, 64, index=5)
    assert [normals(key, first + lane, 1, index=5)[0] for lane in range(64)] == list(block)
    assert len(set(block)) == 64


def test_a_pair_is_an_even_and_an_odd_index() -> None:
    key = np.uint64(factor_key(8, "y"))
    even, odd, alone = np.empty(64), np.empty(64), np.empty(64)
    normal_pair_block(key, np.uint64(640), np.uint64(3), even, odd, 64)
    for index, row in ((6, even), (7, odd)):
        normal_block(key, np.uint64(640), np.uint64(index), alone, 64)
        np.testing.assert_array_equal(row, alone)
