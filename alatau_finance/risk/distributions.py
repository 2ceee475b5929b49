"""The distributions a risk may have, one row each: parameters and their bounds, moments, constants of the kernel."""

from __future__ import annotations

import math

from alatau_finance.errors import nearest
from alatau_finance.i18n import message
from alatau_finance.risk import transforms
from alatau_finance.risk.factors import RiskError
from alatau_finance.risk.marginal import (
    OBSERVATION,
    OUTCOME,
    PROBABILITY,
    Array,
    Distribution,
    Parameter,
    Values,
    numbered,
)
from alatau_finance.risk.normal import exponential, inverse_normal, logarithm
from alatau_finance.risk.tables import beta_table, mixture_centre, mixture_table, outcome_table, pert_table


def distribution_named(name: str) -> Distribution:
    """The distribution of this name; an error that lists them all otherwise."""
    found = _BY_NAME.get(name)
    if found is None:
        hint, given = nearest(name, _BY_NAME), {"name": name, "known": ", ".join(DISTRIBUTIONS)}
        if hint:
            text = "there is no distribution {name}; there are {known}; did you mean {hint}?"
            raise RiskError([message(text, **given, hint=hint)])
        raise RiskError([message("there is no distribution {name}; there are {known}", **given)])
    return found


def _lognormal_moments(v: Values, _: float) -> tuple[float, float]:
    variance = v["sigma"] ** 2
    mean = v["median"] * math.exp(variance / 2.0)
    return mean + v.get("shift", 0.0), mean * math.sqrt(math.expm1(variance))


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


def _beta_moments(v: Values, _: float) -> tuple[float, float]:
    width, a, b = v["high"] - v["low"], v["alpha"], v["beta"]
    return v["low"] + width * a / (a + b), width * math.sqrt(a * b / (a + b + 1.0)) / (a + b)


def _outcomes(v: Values) -> tuple[list[float], list[float]]:
    """Outcomes and their probabilities; observations are equally likely."""
    observations = numbered(v, OBSERVATION)
    if observations:
        return observations, [1.0 / len(observations)] * len(observations)
    return numbered(v, OUTCOME), numbered(v, PROBABILITY)


def _discrete_table(v: Values) -> Array:
    outcomes, probabilities = _outcomes(v)
    return outcome_table(tuple(outcomes), tuple(probabilities))


def _discrete_moments(v: Values, _: float) -> tuple[float, float]:
    outcomes, probabilities = _outcomes(v)
    mean = math.fsum(p * x for x, p in zip(outcomes, probabilities, strict=True))
    return mean, math.sqrt(math.fsum(p * (x - mean) ** 2 for x, p in zip(outcomes, probabilities, strict=True)))


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
        (Parameter("median", above=0.0), Parameter("sigma", "1", at_least=0.0), Parameter("shift", optional=True)),
        lambda v, _: (v["median"], v["sigma"], v.get("shift", 0.0)),
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
        "beta",
        transforms.TABLE,
        (
            Parameter("low"),
            Parameter("high"),
            Parameter("alpha", "1", at_least=0.3, at_most=300.0),
            Parameter("beta", "1", at_least=0.3, at_most=300.0),
        ),
        lambda v, _: (v["low"], v["high"] - v["low"]),
        _beta_moments,
        ("low", "high"),
        lambda v: beta_table(v["alpha"], v["beta"]),
    ),
    Distribution(
        "discrete",
        transforms.DISCRETE,
        (),
        lambda v, _: (float(len(numbered(v, OUTCOME))),),
        _discrete_moments,
        table=_discrete_table,
        numbered=(Parameter(OUTCOME), Parameter(PROBABILITY, "1", at_least=0.0, at_most=1.0)),
    ),
    Distribution(
        "empirical",
        transforms.DISCRETE,
        (),
        lambda v, _: (float(len(numbered(v, OBSERVATION))),),
        _discrete_moments,
        table=_discrete_table,
        numbered=(Parameter(OBSERVATION),),
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
