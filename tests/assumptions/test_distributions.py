"""The loader names the distributions itself, so that reading YAML does not import numba; the two lists are one."""

from alatau_finance.assumptions.schema import DISTRIBUTIONS
from alatau_finance.risk import distributions


def test_what_may_be_written_is_what_can_be_drawn() -> None:
    assert set(DISTRIBUTIONS) == set(distributions.DISTRIBUTIONS)
