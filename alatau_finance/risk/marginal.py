"""What a distribution is: a function from a standard normal, with parameters that are checked before it is used.

Beside its own parameters, values may hold percentiles (``p10``, ``p50``, ``p90``, see
:mod:`alatau_finance.risk.percentiles`) and ``truncate_low`` and ``truncate_high``: what lies between them keeps its
proportions and is scaled up to a whole; nothing is moved to the bounds. Percentiles are those before truncation.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from alatau_finance.errors import nearest
from alatau_finance.i18n import message
from alatau_finance.risk import transforms
from alatau_finance.risk.normal import inverse_normal, normal_cdf, normal_density
from alatau_finance.risk.percentiles import PERCENTILE, UnfitError, fitted
from alatau_finance.risk.tables import NODES

Array = npt.NDArray[np.float64]
Values = Mapping[str, float]

PROBABILITY, OUTCOME, OBSERVATION = "probability", "outcome", "observation"
TARGET = "target"
"""Unit of a parameter that is measured as the target is (a plain number where the draw multiplies it)."""


TRUNCATE_LOW, TRUNCATE_HIGH = "truncate_low", "truncate_high"
_TRUNCATABLE = (
    transforms.LINEAR,
    transforms.LOGNORMAL,
    transforms.TRIANGULAR,
    transforms.UNIFORM,
    transforms.TABLE,
    transforms.LOG_TABLE,
)
_LEAST_LEFT = 1e-6  # of a distribution after truncation; less is a mistake
_FARTHEST = 9.0  # no draw is farther from 0
_NUMBERED = re.compile(r"(\w+)_[1-9][0-9]*")
_SUM_TOLERANCE = 1e-9


class Flaw(NamedTuple):
    """A mistake, and the parameter that it is about; empty where it is about several."""

    parameter: str
    text: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its unit, and the bounds it must keep (``above`` excludes the bound)."""

    name: str
    unit: str = TARGET
    at_least: float = -math.inf
    above: float = -math.inf
    at_most: float = math.inf
    optional: bool = False

    def fault(self, value: float) -> str:
        """What is wrong with ``value``, or nothing."""
        given = {"name": self.name, "value": f"{value:g}"}
        if not math.isfinite(value):
            return message("{name} = {value} is not a number", **given)
        if value <= self.above:
            return message("{name} = {value} must be above {bound}", **given, bound=f"{self.above:g}")
        if value < self.at_least:
            return message("{name} = {value} must be at least {bound}", **given, bound=f"{self.at_least:g}")
        if value > self.at_most:
            return message("{name} = {value} must be at most {bound}", **given, bound=f"{self.at_most:g}")
        return ""


@dataclass(frozen=True, slots=True)
class Truncation:
    """Bounds, and the probabilities below, above and between them before truncation."""

    low: float
    high: float
    below: float
    beyond: float
    between: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """A row of :data:`DISTRIBUTIONS`. Values have passed :meth:`faults`; ``years`` is the length of a period.

    ``numbered``: parameters that stand as often as needed, as ``outcome_1``, ``outcome_2``; each of them as often.
    """

    name: str
    shape: int
    parameters: tuple[Parameter, ...]
    pack: Callable[[Values, float], tuple[float, ...]]
    moments: Callable[[Values, float], tuple[float, float]]
    ascending: tuple[str, ...] = ()
    table: Callable[[Values], Array] | None = None
    per_period_only: bool = False
    numbered: tuple[Parameter, ...] = ()

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name; a percentile and a bound of truncation are measured as the target is."""
        if PERCENTILE.fullmatch(name) or name in (TRUNCATE_LOW, TRUNCATE_HIGH):
            return Parameter(name)
        match = _NUMBERED.fullmatch(name)
        if match:
            for each in self.numbered:
                if each.name == match[1]:
                    return Parameter(name, each.unit, each.at_least, each.above, each.at_most)
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def faults(self, values: Values) -> list[str]:
        """Every mistake in ``values``."""
        return [flaw.text for flaw in self.flaws(values)]

    def flaws(self, values: Values) -> list[Flaw]:
        """Every mistake in ``values``, with the parameter it is about."""
        flaws = [Flaw(name, fault) for name, value in values.items() if (fault := self._fault_of(name, value))]
        if flaws:
            return flaws
        try:
            plain = fitted(self.name, values)
        except UnfitError as error:
            return [Flaw("", error.args[0])]
        missing = self._missing(plain)
        flaws = [Flaw("", fault) for fault in ([missing] if missing else self._numbering(plain))]
        flaws += [Flaw(name, fault) for name, value in plain.items() if (fault := self._fault_of(name, value))]
        for below, above in zip(self.ascending, self.ascending[1:], strict=False):
            if below in plain and above in plain and plain[below] > plain[above]:
                text = "{below} = {low} must not exceed {above} = {high}"
                numbers = {"low": f"{plain[below]:g}", "high": f"{plain[above]:g}"}
                flaws.append(Flaw(below, message(text, below=below, above=above, **numbers)))
        if not flaws and (fault := self._truncation_fault(plain)):
            flaws.append(Flaw(TRUNCATE_LOW if TRUNCATE_LOW in plain else TRUNCATE_HIGH, fault))
        return flaws

    def _fault_of(self, name: str, value: float) -> str:
        parameter = self.parameter(name)
        if parameter is not None:
            return parameter.fault(value)
        known = [*(parameter.name for parameter in self.parameters), *(f"{each.name}_1" for each in self.numbered)]
        hint = nearest(name, known)
        given = {"distribution": self.name, "name": name, "taken": ", ".join(known) or message("no parameters")}
        if hint:
            text = "{distribution} has no parameter {name}; it takes {taken}; did you mean {hint}?"
            return message(text, **given, hint=hint)
        return message("{distribution} has no parameter {name}; it takes {taken}", **given)

    def _missing(self, values: Values) -> str:
        missing = [each.name for each in self.parameters if not each.optional and each.name not in values]
        missing += [f"{each.name}_1" for each in self.numbered if f"{each.name}_1" not in values]
        if not missing:
            return ""
        taken = [*(each.name for each in self.parameters), *(f"{each.name}_1" for each in self.numbered)]
        text = "{name} is missing; {distribution} takes {taken}"
        return message(text, name=", ".join(missing), distribution=self.name, taken=", ".join(taken))

    def _numbering(self, values: Values) -> list[str]:
        """Faults of parameters that stand several times: gaps, too many, probabilities that are no whole."""
        count = max((len(numbered(values, each.name)) for each in self.numbered), default=0)
        faults: list[str] = []
        for each in self.numbered:
            lost = [f"{each.name}_{i}" for i in range(2, count + 1) if f"{each.name}_{i}" not in values]
            if lost:
                faults.append(message("{name} is missing", name=lost[0]))
        if count > NODES:
            faults.append(message("{count} outcomes are too many; at most {most}", count=count, most=NODES))
        total = math.fsum(numbered(values, PROBABILITY)) if any(e.name == PROBABILITY for e in self.numbered) else 1.0
        if not faults and abs(total - 1.0) > _SUM_TOLERANCE:
            faults.append(message("the probabilities sum to {total}, not to 1", total=f"{total:.9g}"))
        return faults

    def _truncation_fault(self, values: Values) -> str:
        if TRUNCATE_LOW not in values and TRUNCATE_HIGH not in values:
            return ""
        if self.shape not in _TRUNCATABLE:
            return message("{distribution} cannot be truncated", distribution=self.name)
        low, high = values.get(TRUNCATE_LOW, -math.inf), values.get(TRUNCATE_HIGH, math.inf)
        if low >= high:
            numbers = {"low": f"{low:g}", "high": f"{high:g}"}
            return message("truncate_low = {low} must be below truncate_high = {high}", **numbers)
        truncation = self.truncation(values)
        if truncation is not None and truncation.between < _LEAST_LEFT:
            share = f"{truncation.between:.2g}"
            return message("only {share} of the distribution lies between the bounds of truncation", share=share)
        return ""

    def constants(self, values: Values, years: float = 1.0) -> Array:
        """What :func:`transforms.transform_row` needs beside the table."""
        packed = np.zeros(transforms.CONSTANTS)
        numbers = self.pack(fitted(self.name, values), years)
        packed[: len(numbers)] = numbers
        return packed

    def quantile_table(self, values: Values) -> Array | None:
        """The table of a distribution that has no closed form."""
        return self.table(fitted(self.name, values)) if self.table else None

    def truncation(self, values: Values) -> Truncation | None:
        """Where the distribution is cut off, if it is."""
        if TRUNCATE_LOW not in values and TRUNCATE_HIGH not in values:
            return None
        return _truncation(self, tuple(sorted(fitted(self.name, values).items())))

    def from_normal(self, z: npt.ArrayLike, values: Values, years: float = 1.0) -> Array:
        """The values that standard normals ``z`` stand for."""
        row = np.array(z, dtype=np.float64).ravel()
        cut = self.truncation(values)
        if cut is not None:
            transforms.truncate_row(np.array([cut.below, cut.beyond, cut.between]), row)
        self._transform(row, values, years)
        if cut is not None:
            transforms.clamp_row(cut.low, cut.high, row)
        return row.reshape(np.shape(z))

    def _transform(self, row: Array, values: Values, years: float = 1.0) -> None:
        table = self.quantile_table(values)
        transforms.transform_row(
            self.shape, self.constants(values, years), np.zeros((NODES, 2)) if table is None else table, row
        )

    def normal_at(self, value: float, values: Values) -> float:
        """The standard normal of which ``value`` is made before truncation, or the nearest end of what can be drawn."""
        low, high, row = -_FARTHEST, _FARTHEST, np.empty(1)
        while True:
            middle = 0.5 * (low + high)
            if middle in (low, high):
                return low if value <= row[0] else high
            row[0] = middle
            self._transform(row, values)
            low, high = (middle, high) if row[0] < value else (low, middle)

    def quantile(self, probability: float, values: Values, years: float = 1.0) -> float:
        """The value not exceeded with this probability."""
        return float(self.from_normal(inverse_normal(probability), values, years))

    def mean(self, values: Values, years: float = 1.0) -> float:
        """Expected value."""
        return self._moments(values, years)[0]

    def sd(self, values: Values, years: float = 1.0) -> float:
        """Standard deviation."""
        return self._moments(values, years)[1]

    def _moments(self, values: Values, years: float) -> tuple[float, float]:
        """In closed form; of a truncated distribution by the trapezoidal rule over z."""
        if self.truncation(values) is None:
            return self.moments(fitted(self.name, values), years)
        z = np.linspace(-_FARTHEST, _FARTHEST, 20_001)
        weights = np.array([normal_density(each) for each in z]) * (z[1] - z[0])
        x = self.from_normal(z, values, years)
        mean = float(x @ weights)
        return mean, math.sqrt(float((x - mean) ** 2 @ weights))


def numbered(values: Values, name: str) -> list[float]:
    """The values of ``name_1``, ``name_2`` ... in the order of their numbers."""
    found = {int(key.rpartition("_")[2]): value for key, value in values.items() if _is_numbered(key, name)}
    return [found[number] for number in sorted(found)]


def _is_numbered(key: str, name: str) -> bool:
    match = _NUMBERED.fullmatch(key)
    return match is not None and match[1] == name


@lru_cache(maxsize=4096)
def _truncation(distribution: Distribution, items: tuple[tuple[str, float], ...]) -> Truncation:
    values = dict(items)
    low, high = values.get(TRUNCATE_LOW, -math.inf), values.get(TRUNCATE_HIGH, math.inf)
    z_low = distribution.normal_at(low, values) if math.isfinite(low) else -math.inf
    z_high = distribution.normal_at(high, values) if math.isfinite(high) else math.inf
    below = normal_cdf(z_low) if z_low > -_FARTHEST else 0.0
    beyond = normal_cdf(-z_high) if z_high < _FARTHEST else 0.0
    # The smaller tails are subtracted, for their precision.
    between = normal_cdf(-z_low) - beyond if z_low > 0.0 else normal_cdf(z_high) - below
    return Truncation(low, high, below, beyond, between)
