"""Small correlation matrices in plain Python, so that their bits do not depend on a linear algebra library."""

from __future__ import annotations

import math

Matrix = list[list[float]]

_ZERO = 1e-12  # an eigenvalue above -_ZERO counts as not negative
_FLOOR = 1e-8  # what a negative eigenvalue is raised to
_SMALLEST_PIVOT = 1e-7


def identity(size: int) -> Matrix:
    """Ones on the diagonal."""
    return [[1.0 if i == j else 0.0 for j in range(size)] for i in range(size)]


def cholesky(matrix: Matrix) -> Matrix:
    """The lower triangular L with L L' = matrix, a positive semidefinite correlation matrix."""
    size = len(matrix)
    lower = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = matrix[i][j] - _dot(lower[i], lower[j], j)
            if i == j:
                lower[i][i] = math.sqrt(max(rest, 0.0))
            elif lower[j][j] > _SMALLEST_PIVOT:
                lower[i][j] = rest / lower[j][j]
    return lower


def product_with_transpose(lower: Matrix) -> Matrix:
    """L L'."""
    size = len(lower)
    return [[_dot(lower[i], lower[j], size) for j in range(size)] for i in range(size)]


def nearest_correlation(matrix: Matrix) -> Matrix:
    """The matrix itself if it is positive semidefinite; else with its negative eigenvalues raised and rescaled.

    Raising an eigenvalue raises the diagonal, which the rescaling brings back to one: one step of Higham's (2002)
    alternating projections, after which no eigenvalue is negative.
    """
    values, vectors = eigen(matrix)
    if min(values) >= -_ZERO:
        return matrix
    size = len(matrix)
    raised = [max(value, _FLOOR) for value in values]
    clipped = [
        [math.fsum(vectors[i][k] * raised[k] * vectors[j][k] for k in range(size)) for j in range(size)]
        for i in range(size)
    ]
    scale = [math.sqrt(clipped[i][i]) for i in range(size)]
    return [[1.0 if i == j else clipped[i][j] / (scale[i] * scale[j]) for j in range(size)] for i in range(size)]


def eigen(matrix: Matrix, sweeps: int = 30) -> tuple[list[float], Matrix]:
    """Eigenvalues of a symmetric matrix and its eigenvectors as columns, by Jacobi's rotations."""
    size = len(matrix)
    work = [row[:] for row in matrix]
    vectors = identity(size)
    for _ in range(sweeps):
        if sum(work[i][j] * work[i][j] for i in range(size) for j in range(i)) < 1e-30:
            break
        for p in range(size):
            for q in range(p + 1, size):
                if work[p][q] != 0.0:
                    _rotate(work, vectors, p, q)
    return [work[i][i] for i in range(size)], vectors


def _rotate(work: Matrix, vectors: Matrix, p: int, q: int) -> None:
    ratio = (work[q][q] - work[p][p]) / (2.0 * work[p][q])
    tangent = math.copysign(1.0, ratio) / (abs(ratio) + math.sqrt(ratio * ratio + 1.0))
    cosine = 1.0 / math.sqrt(tangent * tangent + 1.0)
    sine = tangent * cosine
    for row in (*work, *vectors):
        row[p], row[q] = cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]
    for k in range(len(work)):
        above, below = work[p][k], work[q][k]
        work[p][k], work[q][k] = cosine * above - sine * below, sine * above + cosine * below


def _dot(left: list[float], right: list[float], length: int) -> float:
    return math.fsum(left[k] * right[k] for k in range(length))
