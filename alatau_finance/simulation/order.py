"""Order statistics without sorting everything: exact, and some ten times as fast as a sort where many rows wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alatau_finance.jit import kernel_function

Floats = NDArray[np.float64]

#: Bins between the smallest and the largest value. Only those that hold a wanted rank are sorted.
_BINS = 4096
#: Half of a range from which bins have a finite width.
_SMALLEST_RANGE = 1e-300


@kernel_function
def moments(values: Any) -> tuple[float, float, float, float]:
    """Mean, sum of squared deviations from it, smallest and largest of ``values`` [n], n > 0, all of them finite.

    Sums are carried in two numbers (Knuth's two-sum), so the order of the values does not show in the result.
    """
    total = rest = 0.0
    low = high = values[0]
    for k in range(len(values)):
        value = values[k]
        added = total + value
        shadow = added - total
        rest += (total - (added - shadow)) + (value - shadow)
        total = added
        low = value if value < low else low
        high = value if value > high else high
    mean = (total + rest) / len(values)
    total = rest = 0.0
    for k in range(len(values)):
        deviation = values[k] - mean
        value = deviation * deviation
        added = total + value
        shadow = added - total
        rest += (total - (added - shadow)) + (value - shadow)
        total = added
    return mean, total + rest, low, high


def order_statistics(values: Floats, low: float, high: float, ranks: Sequence[int]) -> dict[int, float]:
    """The value of each of ``ranks`` (from 0) among ``values`` [n], all finite and between ``low`` and ``high``."""
    if low == high:
        return dict.fromkeys(ranks, low)
    wanted = np.array(sorted(set(ranks)), np.int64)
    # Halves, since the range of finite numbers need not be one. Where it is too small to be divided, one bin holds all.
    half = 0.5 * high - 0.5 * low
    scale = (_BINS - 1) / half if half > _SMALLEST_RANGE else 0.0
    places, found = _candidates(values, 0.5 * low, scale, wanted)
    found.sort()
    return dict(zip(wanted.tolist(), found[places].tolist(), strict=True))


@kernel_function
def _candidates(values: Any, half_low: float, scale: float, wanted: Any) -> Any:
    """The values of all bins that hold a rank of ``wanted``, and the rank of each within them.

    A value's bin does not fall as the value rises, whatever rounding does, so ranks within bins are exact.
    """
    counts = np.zeros(_BINS, np.int64)
    for k in range(len(values)):
        counts[min(int((0.5 * values[k] - half_low) * scale), _BINS - 1)] += 1
    chosen = np.zeros(_BINS, np.bool_)
    places = np.empty(len(wanted), np.int64)
    below = passed = size = number = 0
    for place in range(_BINS):
        below_next = below + counts[place]
        if number < len(wanted) and wanted[number] < below_next:
            chosen[place] = True
            while number < len(wanted) and wanted[number] < below_next:
                places[number] = wanted[number] - passed
                number += 1
            size += counts[place]
        else:
            passed += counts[place]
        below = below_next
    found = np.empty(size)
    size = 0
    for k in range(len(values)):
        if chosen[min(int((0.5 * values[k] - half_low) * scale), _BINS - 1)]:
            found[size] = values[k]
            size += 1
    return places, found
