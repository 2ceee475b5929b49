"""A formula in words: names become their labels in square brackets, operators words or signs every reader knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import Constant, Expr, Next, Operation, Previous, Reference, WholeLife
from alatau_finance.modelling.plan import Plan

#: Sign and rank of what stands between two arguments; a lower rank binds less.
_SIGNS = {
    "less": ("<", 1),
    "less_or_equal": ("≤", 1),
    "greater": (">", 1),
    "greater_or_equal": ("≥", 1),
    "add": ("+", 2),
    "subtract": ("−", 2),
    "multiply": ("×", 3),
    "divide": ("÷", 3),
    "power": ("^", 5),
}
_TESTS = frozenset(("less", "less_or_equal", "greater", "greater_or_equal"))
_NEGATED, _WHOLE = 4, 6
#: Operators whose second argument needs parentheses even at the same rank.
_ONE_SIDED = frozenset(("subtract", "divide", "power"))


@dataclass(frozen=True)
class Words:
    """Tells the formulas of ``plan`` in the language of ``translate``."""

    plan: Plan
    translate: Callable[[str], str]

    def tell(self, expression: Expr) -> str:
        """``expression`` in words. Raises TypeError for a node that has none."""
        return self._told(expression)[0]

    def label(self, name: str) -> str:
        """What readers call a name of the model, in square brackets."""
        plan = self.plan
        for declared in (plan.lines, plan.inputs, plan.series, plan.gathers):
            if name in declared:
                return f"[{self.translate(declared[name].label)}]"
        return f"[{self.translate(CALENDAR_SERIES[name][1])}]"

    def _told(self, expression: Expr) -> tuple[str, int]:
        """The words, and how tightly they hold together."""
        _ = self.translate
        if isinstance(expression, Constant):
            return f"{expression.value:g}", _WHOLE
        if isinstance(expression, Reference):
            return self.label(expression.name), _WHOLE
        if isinstance(expression, Previous):
            return _("{line} of the previous period").format(line=self.label(expression.name)), _WHOLE
        if isinstance(expression, Next):
            return _("{line} of the next period").format(line=self.label(expression.name)), _WHOLE
        if isinstance(expression, WholeLife):
            return self._whole_life(expression), _WHOLE
        if isinstance(expression, Operation):
            return self._operation(expression)
        raise TypeError(f"{type(expression).__name__} has no words")

    def _whole_life(self, node: WholeLife) -> str:
        _ = self.translate
        texts = {
            "total": _("sum over all periods of {a}"),
            "present_value": _("sum over all periods of {a} × {b}"),
            "minimum": _("smallest over all periods of {a}"),
            "maximum": _("largest over all periods of {a}"),
            "final": _("{a} of the last period"),
            "irr": _("annual rate of return of {a}"),
            "irr_undefined": _("why {a} has no rate of return (0: it has one)"),
        }
        labels = dict(zip("ab", map(self.label, node.names), strict=False))
        return texts[node.reducer].format(**labels)

    def _operation(self, node: Operation) -> tuple[str, int]:
        _, arguments = self.translate, node.arguments
        if node.operator in _TESTS:
            return _("(1 if {test}, else 0)").format(test=self._between(node)), _WHOLE
        if node.operator in _SIGNS:
            return self._between(node), _SIGNS[node.operator][1]
        if node.operator == "negate":
            return "−" + self._within(arguments[0], _NEGATED), _NEGATED
        if node.operator == "where":
            text = _("(if {test}: {a}; otherwise: {b})")
            a, b = self.tell(arguments[1]), self.tell(arguments[2])
            return text.format(test=self._test(arguments[0]), a=a, b=b), _WHOLE
        texts = {
            "smaller_of": _("the smaller of ({a}; {b})"),
            "larger_of": _("the larger of ({a}; {b})"),
            "exp": _("e to the power of ({a})"),
            "log": _("natural logarithm of ({a})"),
            "sqrt": _("square root of ({a})"),
            "absolute": _("({a}) without its sign"),
        }
        told = dict(zip("ab", map(self.tell, arguments), strict=False))
        return texts[node.operator].format(**told), _WHOLE

    def _between(self, node: Operation) -> str:
        sign, rank = _SIGNS[node.operator]
        left, right = node.arguments
        return f"{self._within(left, rank)} {sign} {self._within(right, rank + (node.operator in _ONE_SIDED))}"

    def _within(self, expression: Expr, rank: int) -> str:
        text, own = self._told(expression)
        return f"({text})" if own < rank else text

    def _test(self, condition: Expr) -> str:
        if isinstance(condition, Operation) and condition.operator in _TESTS:
            return self._between(condition)
        _ = self.translate
        return _("{flag} is not 0").format(flag=self.tell(condition))
