"""Small correlation matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alatau_finance.risk.matrix import cholesky, eigen, identity, nearest_correlation, product_with_transpose


def correlation_matrix(seed: int, size: int, rank: int) -> list[list[float]]:
    vectors = np.random.default_rng(seed).standard_normal((size, rank))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    matrix = vectors @ vectors.T
    np.fill_diagonal(matrix, 1.0)
    return matrix.tolist()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.integers(1, 7))
def test_positive_definite_is_left_alone_and_factored(seed: int, size: int) -> None:
    matrix = correlation_matrix(seed, size, size + 3)
    assert nearest_correlation(matrix) is matrix
    lower = np.array(cholesky(matrix))
    assert np.all(np.triu(lower, 1) == 0.0)
    np.testing.assert_allclose(lower @ lower.T, matrix, atol=1e-12)


def test_perfect_correlation_is_factored() -> None:
    lower = cholesky([[1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]])
    assert lower == [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.integers(1, 7))
def test_eigen(seed: int, size: int) -> None:
    half = np.random.default_rng(seed).uniform(-1.0, 1.0, (size, size))
    matrix = half + half.T
    values, vectors = eigen(matrix.tolist())
    np.testing.assert_allclose(sorted(values), np.linalg.eigvalsh(matrix), atol=1e-12)
    np.testing.assert_allclose(np.array(vectors) @ np.diag(values) @ np.array(vectors).T, matrix, atol=1e-12)


@pytest.mark.parametrize("rho", [-0.6, -0.9, -1.0])
def test_impossible_correlations_are_repaired(rho: float) -> None:
    matrix = [[1.0 if i == j else rho for j in range(3)] for i in range(3)]
    repaired = nearest_correlation(matrix)
    assert [repaired[i][i] for i in range(3)] == [1.0, 1.0, 1.0]
    assert min(np.linalg.eigvalsh(repaired)) > -1e-12
    np.testing.assert_allclose(repaired, np.where(np.eye(3) == 1.0, 1.0, -0.5), atol=1e-7)
    np.testing.assert_allclose(product_with_transpose(cholesky(repaired)), repaired, atol=1e-12)


def test_identity() -> None:
    assert identity(2) == [[1.0, 0.0], [0.0, 1.0]]
