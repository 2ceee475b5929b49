"""Which rows have a total: money that flows, but no balance and no price, of which the sum over periods means nothing.

A total that means nothing misleads; one that is missing does not. So whatever may be a balance has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from alatau_finance.modelling.expression import Constant, Expr, Operation, Previous, Reference
from alatau_finance.modelling.plan import Plan
from alatau_finance.simulation.binding import ECONOMY

_ADDITIVE = ("add", "subtract", "negate", "where")
_EITHER = ("smaller_of", "larger_of")
NOTHING: Mapping[str, frozenset[str]] = MappingProxyType({})


def flows(
    plan: Plan, contracts: Mapping[str, frozenset[str]] = NOTHING, balances: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Names of ``plan`` that have a total.

    ``contracts`` has the same of each contract type, for what the pool gathers; ``balances`` names lines that are known
    to be balances.
    """
    stocks = {name for name in plan.lines if name in balances or _rolls_forward(plan, name)}
    while new := {name for name in plan.lines if name not in stocks and _is_balance(plan, name, stocks)}:
        stocks |= new
    units = {name: line.unit for name, line in plan.lines.items() if line.periodic and name not in stocks}
    for name, gather in plan.gathers.items():
        known = [contracts[key] for key in gather.contracts if key in contracts]
        if not gather.whole_life and all(gather.line in found for found in known):
            units[name] = gather.unit
    return frozenset(name for name, unit in units.items() if unit.startswith("bn ") and "/" not in unit)


def reported_balances(pool: Plan, model: str) -> frozenset[str]:
    """Lines of a contract type, or of the economy, that the pool reports as they stand at the end of a year."""
    read = {
        node.name
        for line in pool.lines.values()
        if line.yearly in ("end", "max")
        for node in _terms(line.formula)
        if isinstance(node, Reference)
    }
    if model == ECONOMY:
        return frozenset(read & set(pool.series))
    return frozenset(g.line for name, g in pool.gathers.items() if name in read and model in g.contracts)


def _rolls_forward(plan: Plan, name: str) -> bool:
    line = plan.lines[name]
    own_past = any(isinstance(node, Previous) and node.name == name for node in line.formula.walk())
    return own_past or line.yearly in ("end", "max")


def _is_balance(plan: Plan, name: str, stocks: set[str]) -> bool:
    """Whether a line adds up balances. A balance times something is interest or a repayment; its change is a flow."""
    formula = plan.lines[name].formula
    changes = {node.name for node in formula.walk() if isinstance(node, Previous)}
    return any(isinstance(n, Reference) and n.name in stocks and n.name not in changes for n in _terms(formula))


def _terms(expression: Expr) -> Iterator[Expr]:
    """What an expression adds up. The smaller or larger of two things is neither, unless one of them is a constant."""
    if not isinstance(expression, Operation):
        yield expression
    elif expression.operator in _ADDITIVE:
        for argument in expression.arguments[expression.operator == "where" :]:
            yield from _terms(argument)
    elif expression.operator in _EITHER:
        told = [argument for argument in expression.arguments if not isinstance(argument, Constant)]
        if len(told) == 1:
            yield from _terms(told[0])
