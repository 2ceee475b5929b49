"""What a t copula must keep to, and what its scale is called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alatau_finance.errors import nearest
from alatau_finance.i18n import Message, message
from alatau_finance.risk.factors import CorrelationRule, RiskFactor, TCopula
from alatau_finance.risk.student import LEAST_DEGREES, MOST_DEGREES

_LINKS = ("within_project", "pair")


def mixing_name(copula: TCopula) -> str:
    """The name of the normal that the copula's scale is drawn from, one a path or one a period."""
    return f"t_copula:{copula.name}"


def copula_problems(
    factors: Sequence[RiskFactor], rules: Sequence[CorrelationRule], copulas: Sequence[TCopula]
) -> Iterator[Message]:
    """What is wrong with the copulas."""
    risks = {factor.risk: factor for factor in factors}
    copula_of: dict[str, str] = {}
    for copula in copulas:
        given = {"name": copula.name}
        if not LEAST_DEGREES <= copula.degrees_of_freedom <= MOST_DEGREES:
            text = "t_copulas.{name}: degrees_of_freedom = {degrees} must lie between {least} and {most}"
            degrees, bounds = f"{copula.degrees_of_freedom:g}", {"least": LEAST_DEGREES, "most": MOST_DEGREES}
            yield message(text, **given, degrees=degrees, **{end: f"{each:g}" for end, each in bounds.items()})
        for risk in copula.risks:
            if risk not in risks:
                text = "t_copulas.{name}: there is no risk {risk}"
                hint = nearest(risk, risks)
                found = message(text, **given, risk=risk)
                yield message("{problem}; did you mean {hint}?", problem=found, hint=hint) if hint else found
            elif risk in copula_of:
                text = "t_copulas.{name}: {risk} is in {other} already"
                yield message(text, **given, risk=risk, other=copula_of[risk])
            else:
                copula_of[risk] = copula.name
        if len({risks[risk].per_period for risk in copula.risks if risk in risks}) > 1:
            yield message("t_copulas.{name}: some of its risks are drawn once a path, others every period", **given)
    yield from _parted(rules, copula_of)


def _parted(rules: Sequence[CorrelationRule], copula_of: dict[str, str]) -> Iterator[Message]:
    """Risks that are joined by a correlation, of which one is in a copula and the other is not in it."""
    for rule in rules:
        if rule.kind in _LINKS and len({copula_of.get(risk, "") for risk in rule.risks}) > 1:
            text = "{first} and {second} are correlated, so both or neither must be in a t copula, and in the same one"
            yield message(text, first=rule.risks[0], second=rule.risks[1])
