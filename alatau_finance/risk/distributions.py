"""The distributions a risk may have, one row each: parameters and their bounds, moments, constants of the kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from alatau_finance.errors import nearest
from alatau_finance.risk import transforms
from alatau_finance.risk.factors import RiskError
from alatau_finance.risk.normal import exponential, inverse_normal, logarithm
from alatau_finance.risk.tables import NODES, mixture_centre, mixture_table, pert_table

Array = npt.NDArray[np.float64]
Values = Mapping[str, float]

TARGET = "target"
"""Unit of a parameter that is measured as the target is (a plain number where the draw multiplies it)."""


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
        if not math.isfinite(value):
            return f"{self.name} = {value} is not a number"
        if value <= self.above:
            return f"{self.name} = {value:g} must be above {self.above:g}"
        if value < self.at_least:
            return f"{self.name} = {value:g} must be at least {self.at_least:g}"
        if value > self.at_most:
            return f"{self.name} = {value:g} must be at most {self.at_most:g}"
        return ""


@dataclass(frozen=True, slots=True)
class Distribution:
    """A row of :data:`DISTRIBUTIONS`. Values have passed :meth:`faults`; ``years`` is the length of a period."""

    name: str
    shape: int
    parameters: tuple[Parameter, ...]
    pack: Callable[[Values, float], tuple[float, ...]]
    moments: Callable[[Values, float], tuple[float, float]]
    ascending: tuple[str, ...] = ()
    table: Callable[[Values], Array] | None = None
    per_period_only: bool = False

    def faults(self, values: Values) -> list[str]:
        """Every mistake in ``values``."""
        known = {parameter.name: parameter for parameter in self.parameters}
        faults = [self._unknown(name, known) for name in values if name not in known]
        for name, parameter in known.items():
            if name in values:
                faults.append(parameter.fault(values[name]))
            elif not parameter.optional:
                faults.append(f"{name} is missing; {self.name} takes {', '.join(known)}")
        for below, above in zip(self.ascending, self.ascending[1:], strict=False):
            if below in values and above in values and values[below] > values[above]:
                faults.append(f"{below} = {values[below]:g} must not exceed {above} = {values[above]:g}")
        return [fault for fault in faults if fault]

    def _unknown(self, name: str, known: Mapping[str, Parameter]) -> str:
        hint = nearest(name, known)
        taken = ", ".join(known) or "no parameters"
        return f"{self.name} has no parameter {name}; it takes {taken}" + (f"; did you mean {hint}?" if hint else "")

    def constants(self, values: Values, years: float = 1.0) -> Array:
        """What :func:`transforms.transform_row` needs beside the table."""
        packed = np.zeros(transforms.CONSTANTS)
        numbers = self.pack(values, years)
        packed[: len(numbers)] = numbers
        return packed

    def quantile_table(self, values: Values) -> Array | None:
        """The table of a distribution that has no closed form."""
        return self.table(values) if self.table else None

    def from_normal(self, z: npt.ArrayLike, values: Values, years: float = 1.0) -> Array:
        """The values that standard normals ``z`` stand for."""
        row = np.array(z, dtype=np.float64).ravel()
        table = self.quantile_table(values)
        transforms.transform_row(
            self.shape, self.constants(values, years), np.zeros((NODES, 2)) if table is None else table, row
        )
        return row.reshape(np.shape(z))

    def quantile(self, probability: float, values: Values, years: float = 1.0) -> float:
        """The value not exceeded with this probability."""
        return float(self.from_normal(inverse_normal(probability), values, years))

    def mean(self, values: Values, years: float = 1.0) -> float:
        """Expected value."""
        return self.moments(values, years)[0]

    def sd(self, values: Values, years: float = 1.0) -> float:
        """Standard deviation."""
        return self.moments(values, years)[1]


def distribution_named(name: str) -> Distribution:
    """The distribution of this name; an error that lists them all otherwise."""
    found = _BY_NAME.get(name)
    if found is None:
        hint = nearest(name, _BY_NAME)
        did_you_mean = f"; did you mean {hint}?" if hint else ""
        raise RiskError([f"there is no distribution {name}; there are {', '.join(DISTRIBUTIONS)}{did_you_mean}"])
    return found


def _lognormal_moments(v: Values, _: float) -> tuple[float, float]:
    variance = v["sigma"] ** 2
    mean = v["median"] * math.exp(variance / 2.0)
    return mean, mean * math.sqrt(math.expm1(variance))


def _triangular(v: Values, _: float) -> tuple[float, ...]:
    low, mode, high = v["low"], v["mode"], v["high"]
    width = high - low
    below = (mode - low) / width if width > 0.0 else 0.0
    return low, high, below, width * (mode - low), width * (high - mode)


def _triangular_moments(v: Values, _: float) -> tuple[float, float]:
    a, b, c = v["low"], v["mode"], v["high"]
    return (a + b + c) / 3.0, math.sqrt(((b - a) ** 2 + (c - b) ** 2 + (c - a) ** 2) / 36.0)


def _pert_table(v: Values) -> Array:
    width = v["high"] - v["low"]
    return pert_table((v["mode"] - v["low"]) / width if width > 0.0 else 0.5)


def _pert_moments(v: Values, _: float) -> tuple[float, float]:
    mean = (v["low"] + 4.0 * v["mode"] + v["high"]) / 6.0
    return mean, math.sqrt((mean - v["low"]) * (v["high"] - mean) / 7.0)


def tail_sd(v: Values) -> float:
    """The sd of the tail: as given, else the distance of its mean from the body's, at least the sd of the body.

    A tail centred twice as far out is then twice as wide: it starts inside the body and reaches well beyond its mean.
    """
    return v["tail_sd"] if "tail_sd" in v else max(v["body_sd"], v["tail_mean"] - v["body_mean"])


def _log_mean_and_sd(mean: float, sd: float) -> tuple[float, float]:
    """Of log(1 + x), where 1 + x is lognormal and x has this mean and sd."""
    ratio = sd / (1.0 + mean)
    variance = logarithm(1.0 + ratio * ratio)
    return logarithm(1.0 + mean) - 0.5 * variance, math.sqrt(variance)


def _body_and_tail_table(v: Values) -> Array:
    body = _log_mean_and_sd(v["body_mean"], v["body_sd"])
    return mixture_table(body, _log_mean_and_sd(v["tail_mean"], tail_sd(v)), v["tail_probability"])


def _body_and_tail_moments(v: Values, _: float) -> tuple[float, float]:
    p = v["tail_probability"]
    mean = (1.0 - p) * v["body_mean"] + p * v["tail_mean"]
    body = v["body_sd"] ** 2 + (v["body_mean"] - mean) ** 2
    tail = tail_sd(v) ** 2 + (v["tail_mean"] - mean) ** 2
    return mean, math.sqrt((1.0 - p) * body + p * tail)


def _jump_probability(v: Values, years: float) -> float:
    return 1.0 - exponential(-v["probability"] * years)


def _jump(v: Values, years: float) -> tuple[float, ...]:
    p = _jump_probability(v, years)
    return -inverse_normal(p), 1.0 / p if p > 0.0 else 0.0, v["mean_log"], v["sd_log"]


def _jump_moments(v: Values, years: float) -> tuple[float, float]:
    p = _jump_probability(v, years)
    return p * v["mean_log"], math.sqrt(p * v["sd_log"] ** 2 + p * (1.0 - p) * v["mean_log"] ** 2)


_LOW_MODE_HIGH = (Parameter("low"), Parameter("mode"), Parameter("high"))
_ROWS = (
    Distribution("standard_normal", transforms.LINEAR, (), lambda v, _: (0.0, 1.0), lambda v, _: (0.0, 1.0)),
    Distribution(
        "normal",
        transforms.LINEAR,
        (Parameter("mean"), Parameter("sd", at_least=0.0)),
        lambda v, _: (v["mean"], v["sd"]),
        lambda v, _: (v["mean"], v["sd"]),
    ),
    Distribution(
        "lognormal",
        transforms.LOGNORMAL,
        (Parameter("median", above=0.0), Parameter("sigma", "1", at_least=0.0)),
        lambda v, _: (v["median"], v["sigma"]),
        _lognormal_moments,
    ),
    Distribution(
        "triangular", transforms.TRIANGULAR, _LOW_MODE_HIGH, _triangular, _triangular_moments, ("low", "mode", "high")
    ),
    Distribution(
        "uniform",
        transforms.UNIFORM,
        (Parameter("low"), Parameter("high")),
        lambda v, _: (v["low"], v["high"] - v["low"]),
        lambda v, _: ((v["low"] + v["high"]) / 2.0, (v["high"] - v["low"]) / math.sqrt(12.0)),
        ("low", "high"),
    ),
    Distribution(
        "pert",
        transforms.TABLE,
        _LOW_MODE_HIGH,
        lambda v, _: (v["low"], v["high"] - v["low"]),
        _pert_moments,
        ("low", "mode", "high"),
        _pert_table,
    ),
    Distribution(
        "bernoulli",
        transforms.BERNOULLI,
        (Parameter("probability", "1", at_least=0.0, at_most=1.0),),
        lambda v, _: (-inverse_normal(v["probability"]),),
        lambda v, _: (v["probability"], math.sqrt(v["probability"] * (1.0 - v["probability"]))),
    ),
    Distribution(
        "body_and_tail",
        transforms.LOG_TABLE,
        (
            Parameter("body_mean", "1", above=-1.0),
            Parameter("body_sd", "1", above=0.0),
            Parameter("tail_probability", "1", at_least=0.0, at_most=1.0),
            Parameter("tail_mean", "1", above=-1.0),
            Parameter("tail_sd", "1", above=0.0, optional=True),
        ),
        lambda v, _: (mixture_centre(v["tail_probability"]),),
        _body_and_tail_moments,
        ("body_mean", "tail_mean"),
        _body_and_tail_table,
    ),
    Distribution(
        "jump",
        transforms.JUMP,
        (
            Parameter("probability", "1/year", at_least=0.0),
            Parameter("mean_log", "1"),
            Parameter("sd_log", "1", at_least=0.0),
        ),
        _jump,
        _jump_moments,
        per_period_only=True,
    ),
)
_BY_NAME = {row.name: row for row in _ROWS}
DISTRIBUTIONS = tuple(_BY_NAME)
