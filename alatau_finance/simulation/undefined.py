"""Values that do not exist, counted by why: a rate of return keeps its reason in the lowest bits of its NaN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from alatau_finance.backends.functions import ONE_SIGN, OUT_OF_REACH, SEVERAL_RATES, UNDEFINED_RATES
from alatau_finance.i18n import message

#: Why flows have no rate of return, in words, by the reason of :mod:`alatau_finance.backends.functions`.
WORDS: Mapping[int, str] = MappingProxyType(
    {
        ONE_SIGN: message("No rate: the flows have one sign"),
        SEVERAL_RATES: message("No rate: several are possible"),
        OUT_OF_REACH: message("No rate from -50 % to 900 % a period"),
    }
)

#: The bits of NaN by reason, the first for none.
REASON_BITS = np.array(UNDEFINED_RATES).view(np.uint64)


@dataclass(frozen=True)
class Undefined:
    """On how many paths there is no value: for each reason why there is no rate of return, and for any other."""

    one_sign: int = 0
    several_rates: int = 0
    out_of_reach: int = 0
    not_finite: int = 0

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """One count for each reason, in the order of the fields and of :func:`undefined_headings`."""
        return self.one_sign, self.several_rates, self.out_of_reach, self.not_finite

    @property
    def total(self) -> int:
        """Whatever the reason."""
        return sum(self.counts)

    def __add__(self, other: Undefined) -> Undefined:
        return Undefined(*(a + b for a, b in zip(self.counts, other.counts, strict=True)))


@dataclass(frozen=True)
class UndefinedMetric:
    """A metric that some paths may not have: how often it was computed, over all instances, and how often in vain."""

    model: str
    title: str
    metric: str
    label: str
    evaluated: int
    undefined: Undefined


def undefined_headings(translate: Callable[[str], str]) -> tuple[str, ...]:
    """What stands above the counts of :class:`Undefined`, in their order."""
    _ = translate
    return _("Flows of one sign"), _("Several rates possible"), _("Rate out of reach"), _("Not a finite number")


def count_undefined(values: NDArray[np.float64]) -> Undefined:
    """How many of ``values`` are no finite numbers, and why."""
    missing = np.ascontiguousarray(values[~np.isfinite(values)])
    one_sign, several, out_of_reach = (int((missing.view(np.uint64) == bits).sum()) for bits in REASON_BITS[ONE_SIGN:])
    return Undefined(one_sign, several, out_of_reach, len(missing) - one_sign - several - out_of_reach)
