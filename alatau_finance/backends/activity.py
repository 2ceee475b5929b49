"""In which periods a periodic line must be computed: found from its formula, asked of the numbers.

Most lines of a contract are 0 in most periods: nothing is built before construction starts, nothing is repaid after the
last instalment. A product is 0 where a factor is, a sum where all its terms are, a balance stays what it was where
nothing moves it. What decides is a few lines that are made of dates, such as the flag of a repayment: the kernel looks
in every period whether these are 0 in all lanes of a block, and leaves out what then cannot be anything but 0 (or what
it was). The bits are those of the full computation, but for the sign of a zero and as long as all numbers are finite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from alatau_finance.backends.conditions import (
    FIRST,
    NEVER,
    Condition,
    Window,
    all_of,
    any_of,
    comes_to_an_end,
    windows_of,
)
from alatau_finance.backends.dates import TESTS, Dates
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import Constant, Expr, Next, Operation, Previous, Reference
from alatau_finance.modelling.plan import Plan


@dataclass(frozen=True)
class Activity:
    """A line is 0 where ``condition`` does not hold, or what it was in the period before if it ``holds``.

    ``bounded``: it is made with none of the functions that can give an infinity or no number.
    """

    condition: Condition
    holds: bool = False
    bounded: bool = True


def _shared(condition: Condition, dated: set[str]) -> Condition:
    """Terms that differ only in rows of money replaced by the dates they share: near enough, and less to ask."""
    if condition is None:
        return None
    dates = {term: frozenset(p for p in term if isinstance(p, Window) or p in dated) for term in condition}
    several = [part for part in dates.values() if comes_to_an_end(part)]
    return any_of([frozenset(part if several.count(part) > 1 else term for term, part in dates.items())])


_UNBOUNDED = ("exp", "log", "power", "sqrt")


class _Analysis:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.found: dict[str, Activity] = {}
        self.dates = Dates(plan)
        self._moves: dict[str, Condition] = {}
        self._balances: set[str] = set()
        # By induction over periods: in the first, what a line was before is its opening, later a value of its formula.
        self._dated = self._lasting(self._made_of_dates, CALENDAR_SERIES, lambda name: True)
        self._finite = self._lasting(self._bounded, (*CALENDAR_SERIES, *plan.series, *plan.gathers), lambda name: True)
        self._not_negative = self._lasting(self._at_least_zero, ("year_fraction",), self._opens_with_constant)

    def _lasting(
        self, holds: Callable[[Expr, set[str]], bool], given: Iterable[str], opening: Callable[[str], bool]
    ) -> set[str]:
        """The largest set of lines (and ``given`` names) of which ``holds`` is true as long as it is of the others."""
        lines = {name: line.formula for name, line in self._plan.lines.items() if line.periodic and opening(name)}
        kept = {*given, *lines}
        while lost := {name for name, formula in lines.items() if name in kept and not holds(formula, kept)}:
            kept -= lost
        return kept

    def _opens_with_constant(self, name: str) -> bool:
        return isinstance(self._plan.lines[name].opening, Constant)

    def add(self, name: str) -> None:
        """Find out about a line; those it refers to in the same period are known."""
        formula = self._plan.lines[name].formula
        moved = self._moved(name, formula)
        if moved is not None:
            self._balances.add(name)
            moved = self._moves[name] = _shared(moved, self._dated)
            self.found[name] = Activity(moved, True, name in self._finite)
            return
        condition = _shared(self._condition(formula), self._dated)
        # A step such as progress made is a difference of two numbers that are never 0 again: its own row is asked.
        rows = [row for term in condition or () for row in term if isinstance(row, str)]
        is_step = bool(rows) and all(row.startswith("previous_") for row in rows)
        if is_step and name in self._dated:
            condition = None
        moves = self._moves[name] = self.dates.moved(formula, self._moves.get)
        if moves is not None and not self._is_bounded(condition):
            self.found[name] = Activity(any_of([moves, FIRST]), True, name in self._finite)
            return
        self.found[name] = Activity(condition, False, name in self._finite)

    def _is_bounded(self, condition: Condition) -> bool:
        """Whether ``condition`` comes to an end, and did not hold from the first: else, to stay is better than 0."""

        def bounded(term: frozenset[str | Window]) -> bool:
            rows = [part.removeprefix("previous_") for part in term if isinstance(part, str)]
            sides = {part.side for part in term if isinstance(part, Window)}
            return len(sides) > 1 or any(row not in self.found or not self.found[row].holds for row in rows)

        return condition is not None and all(bounded(term) for term in condition)

    def _made_of_dates(self, formula: Expr, known: set[str]) -> bool:
        names = [node.name for node in formula.walk() if isinstance(node, (Reference, Previous, Next))]
        return all(name in known or not self._plan.is_periodic(name) for name in names)

    def _bounded(self, formula: Expr, known: set[str]) -> bool:
        functions = [node for node in formula.walk() if isinstance(node, Operation) and node.operator in _UNBOUNDED]
        return not functions and self._made_of_dates(formula, known)

    def _at_least_zero(self, node: Expr, known: set[str]) -> bool:
        if isinstance(node, Constant):
            return True
        if isinstance(node, (Reference, Previous)):
            return node.name in known
        if not isinstance(node, Operation):
            return False
        sides = [self._at_least_zero(argument, known) for argument in node.arguments]
        if node.operator in ("add", "multiply", "divide", "smaller_of"):
            return all(sides)
        if node.operator in ("where", "larger_of"):
            return all(sides[1:]) if node.operator == "where" else any(sides)
        if node.operator == "subtract":
            return sides[0] and self._is_part(*node.arguments)
        return node.operator in (*TESTS, "absolute")

    def _is_part(self, whole: Expr, part: Expr) -> bool:
        """Whether ``part`` is a line that is ``whole`` at most, by the form of its formula."""
        line = self._plan.lines.get(part.name) if isinstance(part, Reference) else None
        formula = line.formula if line else None
        if not isinstance(formula, Operation) or formula.operator != "smaller_of":
            return False
        return any(side.key == whole.key for side in formula.arguments)

    def _condition(self, node: Expr) -> Condition:
        """Where ``node`` may be something else than 0."""
        if isinstance(node, Constant):
            return NEVER if node.value == 0.0 else None
        if isinstance(node, Previous):
            return frozenset({frozenset({f"previous_{node.name}"})})
        if isinstance(node, Reference):
            return self._of_line(node.name)
        if isinstance(node, Operation):
            return self._operation(node.operator, node.arguments)
        return None

    def _of_line(self, name: str) -> Condition:
        known = self.found.get(name)
        if known is None:
            return None
        if not known.holds and known.condition is not None and not windows_of(known.condition):
            return known.condition
        # A line of dates that is 0 at times, or a balance: its own row is asked. One made of prices, or a rate that
        # dates only change, is hardly ever 0, so it is not: it would stand for a better reason in a product.
        is_flag = name in self._dated and self._is_zero_at_times(self._plan.lines[name].formula)
        if is_flag or name in self._balances:
            return frozenset({frozenset({name})})
        return None if known.holds else known.condition

    def _is_zero_at_times(self, node: Expr) -> bool:
        """Whether the form of a formula of dates says so: a test, what is cut off at 0, a product with one of these."""
        if isinstance(node, Reference):
            line = self._plan.lines.get(node.name)
            return line is not None and line.periodic and self._is_zero_at_times(line.formula)
        if isinstance(node, Constant):
            return node.value == 0.0
        if not isinstance(node, Operation):
            return False
        sides = [self._is_zero_at_times(argument) for argument in node.arguments]
        if node.operator in TESTS:
            return True
        if node.operator == "subtract":
            # A step is the difference of what it was and what it is.
            first, second = node.arguments
            return isinstance(second, Previous) and isinstance(first, Reference) and first.name == second.name
        if node.operator in ("multiply", "smaller_of", "larger_of"):
            return any(sides)
        if node.operator == "divide":
            return sides[0]
        return all(sides[1:]) if node.operator == "where" else all(sides) and bool(sides)

    def _operation(self, operator: str, arguments: tuple[Expr, ...]) -> Condition:
        sides = [self._condition(argument) for argument in arguments]
        if operator in ("multiply", "divide"):
            # 0 times what may be infinite or no number is not 0.
            return all_of(sides) if all(self._bounded(node, self._finite) for node in arguments) else None
        if operator == "where":
            return any_of([all_of(sides[:2]), sides[2]])
        if operator == "smaller_of":
            enough = [sides[n] for n in (0, 1) if self._at_least_zero(arguments[1 - n], self._not_negative)]
            return all_of([any_of(sides), *enough])
        if operator == "larger_of" and sides[1] == NEVER:
            return all_of([self._reduced(arguments[0]), self.dates.positive(arguments[0])])
        if operator in TESTS:
            tested = self.dates.tested(operator, *arguments)
            if tested is not None:
                return tested
        if operator == "subtract" and (line := self._stepping(*arguments)):
            return self.found[line].condition
        joint = ("add", "subtract", "larger_of", "less", "greater", "negate", "absolute")
        return any_of(sides) if operator in joint else None

    def _stepping(self, now: Expr, before: Expr) -> str:
        """The line that these are, and were in the period before, if it is one that stays what it was at times."""
        if not (isinstance(now, Reference) and isinstance(before, Previous) and now.name == before.name):
            return ""
        return now.name if now.name in self.found and self.found[now.name].holds else ""

    def _reduced(self, node: Expr) -> Condition:
        """Where ``node`` may be above 0: what is taken off a difference does not matter if it is not negative."""
        if (
            isinstance(node, Operation)
            and node.operator == "subtract"
            and self._at_least_zero(node.arguments[1], self._not_negative)
        ):
            return self._condition(node.arguments[0])
        return self._condition(node)

    def _moved(self, name: str, node: Expr) -> Condition:
        """Where ``node`` may differ from what line ``name`` was; None where it is not seen to stay."""
        if isinstance(node, Previous):
            return NEVER if node.name == name else None
        if not isinstance(node, Operation):
            return None
        first, last = node.arguments[0], node.arguments[-1]
        if node.operator in ("add", "subtract"):
            return any_of([self._moved(name, first), self._condition(last)])
        if node.operator == "where":
            return any_of([self._condition(first), self._moved(name, last)])
        if node.operator == "larger_of" and self._condition(last) == NEVER and name in self._not_negative:
            return self._moved(name, first)
        return None


@dataclass(frozen=True)
class Activities:
    """The :class:`Activity` of every periodic line; the dates that windows are named after, and the scalars that must
    not be below 0 for windows to be true."""

    lines: Mapping[str, Activity]
    dates: Mapping[str, Expr]
    not_negative: Mapping[str, Expr]


def activities(plan: Plan) -> Activities:
    """When each periodic line of ``plan`` must be computed."""
    analysis = _Analysis(plan)
    for phase in plan.phases:
        for name in phase.periodic:
            analysis.add(name)
    dates = analysis.dates
    return Activities(analysis.found, MappingProxyType(dates.named), MappingProxyType(dates.not_negative))
