"""Sums that keep what rounding takes off them, so that the order of what is added does not show in the result."""

from __future__ import annotations

from typing import Any

from alatau_finance.jit import inline_function


@inline_function
def added(total: Any, rest: Any, value: Any) -> tuple[Any, Any]:
    """``total`` and ``rest`` with ``value`` on top: what rounding takes off the total the rest keeps (Knuth).

    Numbers, or lanes.
    """
    together = total + value
    shadow = together - total
    return together, rest + ((total - (together - shadow)) + (value - shadow))
