"""In which periods a formula of dates is 0, or stays what it was: seen from its form, told before the loop begins.

A test such as ``period_start <= construction_start`` fails in every period once it has failed, and one such as
``taking_over < period_end`` fails until it holds. So two periods for each date, found from the earliest and the latest
that it is in eight lanes, say where a flag, a time or a share of progress has to be computed.
"""

from __future__ import annotations

from collections.abc import Callable

from alatau_finance.backends.conditions import NEVER, Condition, Side, Window, all_of, any_of
from alatau_finance.modelling.expression import (
    Constant,
    Expr,
    Next,
    Operation,
    Previous,
    Reference,
    WholeLife,
    operation,
)
from alatau_finance.modelling.plan import Plan

_TIMES = ("period_start", "period_end")
TESTS = ("less", "less_or_equal", "greater", "greater_or_equal")
_TURNED = {"greater": "less", "greater_or_equal": "less_or_equal"}


class Dates:
    """Conditions of formulas of one plan; collects the dates they name and the scalars they take for not negative."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.named: dict[str, Expr] = {}
        self.not_negative: dict[str, Expr] = {}

    def tested(self, operator: str, first: Expr, second: Expr) -> Condition:
        """Where a comparison of a period's start or end with a date may hold; None for other comparisons."""
        if operator in _TURNED:
            first, second = second, first
        if self._is_time(first) and self._is_scalar(second):
            return frozenset({frozenset({self._window(second, "until")})})
        if self._is_scalar(first) and self._is_time(second):
            return frozenset({frozenset({self._window(first, "since")})})
        return None

    def positive(self, node: Expr) -> Condition:
        """Where ``node`` may be above 0: a time between two dates, what has passed since one, a share of a time."""
        if not isinstance(node, Operation):
            return None
        if node.operator == "subtract":
            return self._above(*node.arguments)
        if node.operator == "divide" and self._is_scalar(node.arguments[1]):
            found = self.positive(node.arguments[0])
            return self._given_not_negative(node.arguments[1], found)
        if node.operator == "divide" and node.arguments[1].key == "year_fraction":
            return self.positive(node.arguments[0])
        return None

    def _above(self, first: Expr, second: Expr) -> Condition:
        """Where ``first`` may be above ``second``."""
        if isinstance(first, Operation) and first.operator == "smaller_of":
            return all_of([self._above(each, second) for each in first.arguments])
        if isinstance(second, Operation) and second.operator == "larger_of":
            return all_of([self._above(first, each) for each in second.arguments])
        return self.tested("less", second, first)

    def moved(self, node: Expr, of_line: Callable[[str], Condition]) -> Condition:
        """Where ``node`` may be another number than in the period before; ``of_line`` says it of a line.

        None where it is not seen to stay what it was. Says nothing of the first period.
        """
        if self._is_scalar(node):
            return NEVER
        if isinstance(node, Reference):
            return of_line(node.name)
        if not isinstance(node, Operation):
            return None
        dated = self._of_dates(node)
        if dated is not None or _between_0_and_1(node) is not None:
            return dated
        return any_of([self.moved(argument, of_line) for argument in node.arguments])

    def disturbed(self, node: Expr, is_still: Callable[[str], bool]) -> Condition:
        """Where ``node`` may be another number than in the period before although no line that ``is_still`` is, if all
        periods are of one length; None where that may be anywhere. Says nothing of the first period."""
        if self._is_scalar(node) or isinstance(node, WholeLife):
            return NEVER
        if isinstance(node, (Reference, Previous, Next)):
            return NEVER if is_still(node.name) else None
        if not isinstance(node, Operation):
            return None
        dated = self._of_dates(node)
        if dated is None:
            dated = self._within_period(node)
        return dated if dated is not None else any_of([self.disturbed(part, is_still) for part in node.arguments])

    def _of_dates(self, node: Operation) -> Condition:
        """Where a test of a date or a share of a time may move; None for other formulas."""
        if node.operator in TESTS:
            date = next((side for side in node.arguments if self._is_scalar(side)), None)
            if date is not None and any(self._is_time(side) for side in node.arguments):
                return self._passed(date, date)
        share = _between_0_and_1(node)
        return None if share is None else self._crossed(share)

    def _within_period(self, node: Operation) -> Condition:
        """Where the part of a period between two dates may move; None for other formulas."""
        span, least = node.arguments[0], node.arguments[-1]
        if node.operator != "larger_of" or least.key != Constant(0.0).key:
            return None
        if not (isinstance(span, Operation) and span.operator == "subtract"):
            return None
        end, start = span.arguments
        return any_of(
            [self._cut_off(end, "smaller_of", "period_end"), self._cut_off(start, "larger_of", "period_start")]
        )

    def _cut_off(self, node: Expr, cutting: str, time: str) -> Condition:
        """Where ``node``, a ``time`` of the period or what a date leaves of it, goes from one to the other."""
        if isinstance(node, Reference):
            return NEVER if node.name == time else None
        if not (isinstance(node, Operation) and node.operator == cutting):
            return None
        times = [side for side in node.arguments if isinstance(side, Reference) and side.name == time]
        dates = [side for side in node.arguments if self._is_scalar(side)]
        return self._passed(dates[0], dates[0]) if times and dates else None

    def _crossed(self, share: Expr) -> Condition:
        """Where ``share`` of a time may be between 0 and 1, or cross from one to the other."""
        if self._is_scalar(share):
            return NEVER
        if not isinstance(share, Operation):
            return None
        if share.operator == "where" and self._is_scalar(share.arguments[0]):
            return any_of([self._crossed(argument) for argument in share.arguments[1:]])
        passed, term = share.arguments[0], share.arguments[-1]
        if share.operator != "divide" or not (isinstance(passed, Operation) and passed.operator == "subtract"):
            return None
        time, start = passed.arguments
        if not (self._is_time(time) and self._is_scalar(start) and self._is_scalar(term)):
            return None
        return self._given_not_negative(term, self._passed(start, operation("add", start, term)))

    def _passed(self, start: Expr, end: Expr) -> Condition:
        """From when ``start`` may have come until ``end`` has, in the period before as well.

        One period more also makes up for the rounding of a sum: a period that starts after a date by whatever little
        ends after it by much more.
        """
        return frozenset({frozenset({self._window(start, "since"), self._window(end, "until", one_more=True)})})

    def _window(self, date: Expr, side: Side, one_more: bool = False) -> Window:
        self.named[date.key] = date
        return Window(side, date.key, one_more)

    def _given_not_negative(self, term: Expr, found: Condition) -> Condition:
        if found is not None:
            self.not_negative[term.key] = term
        return found

    def _is_time(self, node: Expr) -> bool:
        return isinstance(node, Reference) and node.name in _TIMES

    def _is_scalar(self, node: Expr) -> bool:
        """Whether ``node`` is made of numbers of the model that are the same in all periods, known before any loop."""
        if isinstance(node, Constant):
            return True
        if isinstance(node, Reference):
            return not self._plan.is_periodic(node.name)
        return isinstance(node, Operation) and all(self._is_scalar(argument) for argument in node.arguments)


def _between_0_and_1(node: Operation) -> Expr | None:
    """What ``node`` cuts off below 0 and above 1, if that is what it does."""
    inner, most = node.arguments[0], node.arguments[-1]
    if node.operator != "smaller_of" or not (isinstance(inner, Operation) and inner.operator == "larger_of"):
        return None
    share, least = inner.arguments
    return share if (least.key, most.key) == (Constant(0.0).key, Constant(1.0).key) else None
