"""Parameters of a distribution from percentiles of it, found so that every percentile is met exactly.

- ``normal``, ``uniform``: two percentiles are a straight line.
- ``lognormal``: two percentiles are a straight line in logarithms. Three are met by a lognormal that is shifted: with
  equally far P10, P50 and P90 the ratio of the two distances is exp(sigma z90), with others sigma is bisected.
- ``triangular``, ``pert``: three percentiles, or two and the mode. The place of the mode between low and high is
  bisected until the percentiles stand in the given proportion; low and high follow.

What no member of the family can meet (a lognormal skewed to the left, a triangular more skewed than a right angle) is
refused with the reason. Only IEEE basic operations are used, so the parameters have the same bits everywhere.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from alatau_finance.i18n import message
from alatau_finance.risk.normal import exponential, inverse_normal, logarithm, normal_cdf
from alatau_finance.risk.tables import beta_quantile

Values = Mapping[str, float]
Standard = Callable[[float, float], float]
"""(z, place of the mode) -> quantile of the distribution on 0..1 at the probability below z."""

PERCENTILE = re.compile(r"p([1-9][0-9]?)")
_STEPS = 200
_CLOSE = 1e-9


class UnfitError(ValueError):
    """No distribution of the family has these percentiles; says why."""


def percentiles_of(values: Values) -> list[tuple[int, float]]:
    """(percent, value) of every percentile among ``values``, in rising order."""
    found = ((PERCENTILE.fullmatch(name), value) for name, value in values.items())
    return sorted((int(match[1]), value) for match, value in found if match)


def fitted(distribution: str, values: Values) -> dict[str, float]:
    """``values`` with the parameters that the percentiles among them stand for. Raises :class:`UnfitError`."""
    given = percentiles_of(values)
    others = {name: value for name, value in values.items() if not PERCENTILE.fullmatch(name)}
    if not given:
        return others
    if distribution not in _FITS:
        text = "{distribution} cannot be given by percentiles; these can: {known}"
        raise UnfitError(message(text, distribution=distribution, known=", ".join(_FITS)))
    for (percent, value), (higher, larger) in pairwise(given):
        if value >= larger:
            text = "p{percent} = {value} must be below p{higher} = {larger}"
            numbers = {"percent": percent, "value": f"{value:g}", "higher": higher, "larger": f"{larger:g}"}
            raise UnfitError(message(text, **numbers))
    z = [inverse_normal(percent / 100.0) for percent, _ in given]
    return _FITS[distribution](z, [value for _, value in given], others)


def _needs(what: str) -> UnfitError:
    return UnfitError(message("percentiles: {what}", what=what))


def _no_others(others: Values, names: Sequence[str]) -> None:
    both = [name for name in names if name in others]
    if both:
        raise _needs(message("{name} follows from them, one of the two goes", name=both[0]))


def _line(z: Sequence[float], x: Sequence[float]) -> tuple[float, float]:
    """Intercept and slope through two points."""
    slope = (x[1] - x[0]) / (z[1] - z[0])
    return x[0] - slope * z[0], slope


def _normal(z: Sequence[float], x: Sequence[float], others: Values) -> dict[str, float]:
    _no_others(others, ("mean", "sd"))
    if len(x) != 2:
        raise _needs(message("a normal has two parameters, so give two"))
    mean, sd = _line(z, x)
    return {**others, "mean": mean, "sd": sd}


def _uniform(z: Sequence[float], x: Sequence[float], others: Values) -> dict[str, float]:
    _no_others(others, ("low", "high"))
    if len(x) != 2:
        raise _needs(message("a uniform distribution has two parameters, so give two"))
    low, width = _line([normal_cdf(each) for each in z], x)
    return {**others, "low": low, "high": low + width}


def _lognormal(z: Sequence[float], x: Sequence[float], others: Values) -> dict[str, float]:
    _no_others(others, ("median", "sigma"))
    if len(x) == 3:
        _no_others(others, ("shift",))
        return {**others, **_shifted_lognormal(z, x)}
    if len(x) != 2:
        raise _needs(message("a lognormal has two parameters, or three with its shift, so give two or three"))
    above = [each - others.get("shift", 0.0) for each in x]
    if above[0] <= 0.0:
        raise _needs(message("a lognormal is above {shift}", shift=f"{others.get('shift', 0.0):g}"))
    middle, sigma = _line(z, [logarithm(each) for each in above])
    return {**others, "median": exponential(middle), "sigma": sigma}


def _shifted_lognormal(z: Sequence[float], x: Sequence[float]) -> dict[str, float]:
    wanted = (x[2] - x[1]) / (x[1] - x[0])

    def ratio(sigma: float) -> float:
        low, middle, high = (exponential(sigma * each) for each in z)
        return (high - middle) / (middle - low)

    straight, steepest = (z[2] - z[1]) / (z[1] - z[0]), 20.0 / max(abs(each) for each in z)
    if not straight * (1.0 + 1e-6) < wanted < ratio(steepest):
        least = x[1] + straight * (x[1] - x[0])
        text = "a lognormal is skewed to the right: with the first two, the third must be above {least}"
        raise _needs(message(text, least=f"{least:g}"))
    sigma = _bisected(ratio, wanted, 0.0, steepest)
    low, high = exponential(sigma * z[0]), exponential(sigma * z[2])
    median = (x[2] - x[0]) / (high - low)
    return {"median": median, "sigma": sigma, "shift": x[0] - median * low}


def _triangular_standard(z: float, place: float) -> float:
    below = normal_cdf(z)
    if below < place:
        return math.sqrt(below * place)
    return 1.0 - math.sqrt(normal_cdf(-z) * (1.0 - place))


def _pert_standard(z: float, place: float) -> float:
    return float(beta_quantile(z, 1.0 + 4.0 * place, 5.0 - 4.0 * place))


def _with_mode(standard: Standard) -> Callable[[Sequence[float], Sequence[float], Values], dict[str, float]]:
    """A family of low, mode and high, from its standard member."""

    def fit(z: Sequence[float], x: Sequence[float], others: Values) -> dict[str, float]:
        _no_others(others, ("low", "high"))
        mode = others.get("mode")
        if len(x) != (3 if mode is None else 2):
            raise _needs(message("low, mode and high are three, so give three, or two and the mode"))
        inner = x[1] if mode is None else mode
        wanted = (inner - x[0]) / (x[-1] - x[0])

        def share(place: float) -> float:
            low, high = standard(z[0], place), standard(z[-1], place)
            return ((standard(z[1], place) if mode is None else place) - low) / (high - low)

        least, most = share(0.0), share(1.0)
        if not least - _CLOSE <= wanted <= most + _CLOSE:
            first, last = (x[0] + each * (x[-1] - x[0]) for each in (least, most))
            text = "with the outer two, the one between must lie between {least} and {most}, it is {given}"
            raise _needs(message(text, least=f"{first:g}", most=f"{last:g}", given=f"{inner:g}"))
        place = _bisected(share, wanted, 0.0, 1.0)
        low, high = standard(z[0], place), standard(z[-1], place)
        width = (x[-1] - x[0]) / (high - low)
        start = x[0] - width * low
        found = {"low": start, "mode": start + place * width, "high": start + width}
        return {**others, **found} if mode is None else {**others, **found, "mode": mode}

    return fit


def _bisected(function: Callable[[float], float], wanted: float, low: float, high: float) -> float:
    """Where a rising function has the wanted value."""
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        low, high = (middle, high) if function(middle) < wanted else (low, middle)
    return 0.5 * (low + high)


_FITS: Mapping[str, Callable[[Sequence[float], Sequence[float], Values], dict[str, float]]] = {
    "normal": _normal,
    "lognormal": _lognormal,
    "uniform": _uniform,
    "triangular": _with_mode(_triangular_standard),
    "pert": _with_mode(_pert_standard),
}
