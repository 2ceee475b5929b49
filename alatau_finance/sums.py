"""Sums that keep what rounding takes off them, so that the order of what is added does not show in the result."""

from __future__ import annotations

from typing import Any

import numpy as np

from alatau_finance.jit import TILE, inline_function
from alatau_finance.memory import store


@inline_function
def added(total: Any, rest: Any, value: Any) -> tuple[Any, Any]:
    """``total`` and ``rest`` with ``value`` on top: what rounding takes off the total the rest keeps (Knuth).

    Numbers, or lanes.
    """
    together = total + value
    shadow = together - total
    return together, rest + ((total - (together - shadow)) + (value - shadow))


@inline_function
def over_lanes(total: Any, rest: Any) -> tuple[float, float]:
    """The sum over the lanes of a ``total`` and its ``rest``, as such a pair of numbers."""
    parts = np.empty(2 * TILE)
    store(parts, 0, rest)
    store(parts, TILE, total)
    one_total = one_rest = 0.0
    for part in parts:
        one_total, one_rest = added(one_total, one_rest, part)
    return one_total, one_rest
