"""Formulas in words say what the formula says, parentheses included."""

from __future__ import annotations

import pytest

from alatau_finance.backends.words import Words
from alatau_finance.i18n import translator
from alatau_finance.modelling import Input, Model, Series, irr, lead, line, metric, prev, smaller_of, total, where
from alatau_finance.modelling.plan import build_plan


class Told(Model):
    """Told."""

    key = "told"
    a = Series("1", "A")
    b = Input("1", "B")

    @line("1")
    def mixed(m):
        """Mixed."""
        return (m.a + m.b) * m.a - (m.a - m.b) / (m.a * m.b)

    @line("1")
    def signs(m):
        """Signs."""
        return -((m.a + m.b) ** (m.a - m.b))

    @line("1")
    def chosen(m):
        """Chosen."""
        return where(m.a < m.b, smaller_of(m.a, 12), where(m.b, 0, 1)) + (m.a >= m.b)

    @line("1")
    def around(m):
        """Around."""
        return prev(m.mixed) * lead(m.signs) * (m.whole / m.b)

    @metric("1")
    def whole(m):
        """Whole."""
        return total(m.signs)

    @metric("1/year")
    def rate(m):
        """Rate."""
        return irr(m.around)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mixed", "([A] + [B]) × [A] − ([A] − [B]) ÷ ([A] × [B])"),
        ("signs", "−([A] + [B]) ^ ([A] − [B])"),
        (
            "chosen",
            "(if [A] < [B]: the smaller of ([A]; 12); otherwise: (if [B] is not 0: 0; otherwise: 1)) "
            "+ (1 if [A] ≥ [B], else 0)",
        ),
        (
            "around",
            "[Mixed] of the previous period × [Signs] of the next period × [Whole] ÷ [B]",
        ),
        ("whole", "sum over all periods of [Signs]"),
        ("rate", "annual rate of return of [Around]"),
    ],
)
def test_words(line: str, words: str) -> None:
    plan = build_plan(Told)
    assert Words(plan, str).tell(plan.lines[line].formula) == words


def test_words_in_another_language() -> None:
    plan = build_plan(Told)
    assert Words(plan, translator("ru")).tell(plan.lines["whole"].formula) == "сумма за все периоды: [Signs]"
