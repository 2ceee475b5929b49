"""The arrays in which kernels of models work, as large as the largest of them needs.

Kernels get only where these begin and do not ask how long they are: one that is too short is written past its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alatau_finance.backends.flows import scratch_for
from alatau_finance.backends.kernel_spec import KernelSpec
from alatau_finance.jit import TILE
from alatau_finance.memory import aligned_zeros
from alatau_finance.modelling.calendar import Calendar

Floats = NDArray[np.float64]


class Workspace(NamedTuple):
    """The last arguments of a kernel, in its order."""

    local: Floats
    """[periods, row, lane]: what later loops and rates of return need of every period"""
    work: Floats
    """[row x lane]: what is known of one period"""
    scratch: Floats
    """what rates of return are searched in"""
    marks: NDArray[np.int64]
    """what is marked of periods"""


def workspace_for(specs: Sequence[KernelSpec], calendar: Calendar) -> Workspace:
    """A workspace that kernels of all ``specs`` may use, one after the other."""
    periods = calendar.periods
    return Workspace(
        aligned_zeros(periods, max([1, *(len(spec.local) for spec in specs)]), TILE),
        aligned_zeros(max(spec.row_count for spec in specs), TILE).reshape(-1),
        scratch_for(periods, calendar.year_fraction),
        np.zeros(max(spec.marks(periods) for spec in specs), np.int64),
    )
