"""What a value may be, told by its path: which unit, which range. Holds for the files and for the overlays alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from alatau_finance.assumptions.fields import listed
from alatau_finance.assumptions.records import Value
from alatau_finance.errors import Fault, nearest
from alatau_finance.i18n import message
from alatau_finance.modelling.units import convert, is_known, same_dimension, words

Problem = tuple[str, str, str]  # what is wrong, what is allowed, what may be meant


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for the values whose paths match ``pattern``.

    They are in one of ``units`` or, unless ``exact``, a multiple of one; from ``least`` to ``most`` in the first unit.
    """

    pattern: str
    units: tuple[str, ...]
    exact: bool = False
    least: float | None = None
    most: float | None = None

    def allows(self, unit: str) -> bool:
        """Whether ``unit``, a known one, may be used."""
        if self.exact:
            return unit in self.units
        return any(same_dimension(unit, each) for each in self.units)


# The first that matches counts.
RULES = (
    Rule(r"(financing|budget_levels)\..*|.*_share", ("1", "%"), least=0, most=1),
    Rule(r".*\.probability(_\d+)?", ("1", "%", "1/year"), least=0, most=1),
    Rule(r"t_copulas\.\w+\.degrees_of_freedom", ("1",), exact=True, least=1, most=200),
    Rule(r"correlations\.\d+\.correlation", ("1", "%"), least=-1, most=1),
    Rule(r"(projects|asset_classes)\.\w+\.cost", ("KZT", "USD"), least=0),
    Rule(r"(projects|asset_classes)\.\w+\.start", ("year",), exact=True, least=1990, most=2200),
    Rule(r"(projects|asset_classes)\.\w+\.duration", ("year", "month", "day"), least=0),
    Rule(r"timeline\.(base_date|run_date|first_year|last_year)", ("year", "1"), exact=True, least=1990, most=2200),
    Rule(r"timeline\.tail_years", ("year", "1"), exact=True, least=0, most=100),
    Rule(r"timeline\.periods_per_year", ("1", "1/year"), exact=True, least=1, most=4),
)


def rule_of(path: str) -> Rule | None:
    """The rule for a path, if there is one."""
    return next((rule for rule in RULES if re.fullmatch(rule.pattern, path)), None)


# What pint is given to read: no long numbers and no towers of powers, which it would work out.
_READABLE_UNIT = re.compile(r"(?!.*[0-9]{2})(?!.*\*\*.*\*\*)(?!.*\^.*\^)[A-Za-z0-9_%/*^() .-]{1,40}")


def unit_problem(path: str, unit: str, is_date: bool) -> Problem | None:
    """What is wrong with the unit of the value at ``path``."""
    if not _READABLE_UNIT.fullmatch(unit) or not is_known(unit):
        return message("unknown unit {unit}", unit=repr(unit)), listed(words()), _likely_unit(unit)
    if is_date and unit != "year":
        return message("a date stands here, so the unit {unit} does not fit", unit=repr(unit)), "year", ""
    rule = rule_of(path)
    if rule and not rule.allows(unit):
        return message("the unit {unit} does not fit here", unit=repr(unit)), listed(rule.units), ""
    return None


def _likely_unit(unit: str) -> str:
    """``unit`` with each unknown word replaced by the nearest known one; empty where that gives no known unit."""
    known = words()

    def better(found: re.Match[str]) -> str:
        word = found.group()
        by_case = next((other for other in known if other.lower() == word.lower()), "")
        return word if is_known(word) else by_case or nearest(word, known) or word

    likely = re.sub(r"[^\W\d]\w*", better, unit)
    return likely if likely != unit and is_known(likely) else ""


def range_faults(value: Value) -> Iterator[Fault]:
    """Faults of the number itself: out of its low and high, or out of what its path allows."""
    numbers = list(_numbers(value))
    if value.low is not None and value.high is not None and value.low > value.high:
        yield value.fault(message("low {low} is above high {high}", low=_show(value.low), high=_show(value.high)))
    elif value.low is not None and min(numbers) < value.low:
        yield value.fault(message("{number} is below its low, {low}", number=_show(min(numbers)), low=_show(value.low)))
    elif value.high is not None and max(numbers) > value.high:
        yield value.fault(
            message("{number} is above its high, {high}", number=_show(max(numbers)), high=_show(value.high))
        )
    rule = rule_of(value.path)
    if rule:
        ends = [each for each in (value.low, value.high) if each is not None]
        yield from _out_of_range(value, rule, (*numbers, *ends))


def _numbers(value: Value) -> Iterator[float]:
    if value.value is not None:
        yield value.value
    for _, number in value.values or ():
        yield number


def _out_of_range(value: Value, rule: Rule, numbers: Iterable[float]) -> Iterator[Fault]:
    # A rule of several dimensions (tenge or dollars) has only a least, 0, which is 0 in any unit.
    unit = next(each for each in rule.units if same_dimension(value.unit, each))
    for number in numbers:
        plain = convert(number, value.unit, unit)
        if (rule.least is not None and plain < rule.least) or (rule.most is not None and plain > rule.most):
            scale = convert(1, unit, value.unit)
            least, most = (None if end is None else _show(end * scale) for end in (rule.least, rule.most))
            allowed = (
                message("{least} to {most} {unit}", least=least, most=most, unit=value.unit)
                if most is not None
                else message("{least} {unit} or more", least=least, unit=value.unit)
            )
            percent = rule.units[0] == "1" and value.unit == "1" and 1 < number <= 100
            problem = message("{number} {unit} is out of range", number=_show(number), unit=value.unit)
            yield value.fault(problem, allowed, 'unit: "%"' if percent else "")
            return


def _show(number: float) -> str:
    return f"{number:.12g}"
