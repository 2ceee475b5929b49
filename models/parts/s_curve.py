"""The S-curve: share of the works complete after a share of the construction time."""

from __future__ import annotations

from alatau_finance.modelling import Expr

from .construction import Construction


def s_curve(m: Construction, elapsed: Expr) -> Expr:
    """Progress after ``elapsed``, a share of the construction time between 0 and 1.

    S(x) = x^2 * (c2 + x * (c3 + x * c4)), with c2 + c3 + c4 = 1.
    """
    inner = m.s_curve_cubic + elapsed * m.s_curve_quartic
    return elapsed * elapsed * (m.s_curve_quadratic + elapsed * inner)
