"""What the pool adds up: groups of projects and types of contracts, and sums that start anew every budget year."""

from __future__ import annotations

from alatau_finance.modelling import Expr, Model, prev, where

STATE = ("budget", "epcf", "concession")
INFRASTRUCTURE = "infrastructure"
PORTFOLIO = "portfolio"


def since_january(m: Model, so_far: Expr, amount: Expr) -> Expr:
    """Sum of ``amount`` since the start of the budget year, of which ``so_far`` is the line itself."""
    return where(m.first_period_of_year, 0, prev(so_far)) + amount
