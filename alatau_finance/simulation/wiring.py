"""Connections that would fail in silence: sums of lines that do not exist, and risks that move nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from alatau_finance.assumptions import Risk
from alatau_finance.errors import Fault, nearest
from alatau_finance.i18n import Message, message
from alatau_finance.modelling.model import Gather
from alatau_finance.modelling.plan import Plan

#: Inputs that come from a project's financing split and that no risk can move.
SHARES = ("financing_share", "private_share")


def gather_problems(pool: Plan, contracts: Mapping[str, Plan], groups: Sequence[str]) -> Iterator[str]:
    """What is wrong with the sums of the pool model, a sentence each."""
    for name, gather in pool.gathers.items():
        where = f"models/{pool.key}.py: {name}"
        if gather.group is not None and gather.group not in groups:
            yield f"{where}: no group {gather.group!r}; allowed: None, {', '.join(groups)}"
        for key in gather.contracts:
            if key in contracts:
                yield from _line_problems(where, gather, contracts[key])
            else:
                yield f"{where}: no contract type {key!r}; allowed: {', '.join(contracts)}"


def _line_problems(where: str, gather: Gather, plan: Plan) -> Iterator[str]:
    line = plan.lines.get(gather.line)
    if line is None:
        guess = nearest(gather.line, plan.lines)
        hint = f"; did you mean {guess!r}?" if guess else ""
        yield f"{where}: {plan.key} has no line {gather.line!r}{hint}"
    elif line.periodic == gather.whole_life:
        kind = "one value per period" if line.periodic else "one value for life"
        yield f"{where}: {plan.key}.{gather.line} has {kind}; say whole_life={not line.periodic}"
    elif line.unit != gather.unit:
        yield f"{where}: is in {gather.unit!r}, {plan.key}.{gather.line} in {line.unit!r}; a sum keeps its unit"


def risk_problems(risks: Sequence[Risk], economy: Plan, pool: Plan, contracts: Mapping[str, Plan]) -> Iterator[Fault]:
    """What is wrong with the targets of risks, a fault each."""
    taken: dict[str, str] = {}
    for risk in risks:
        target = repr(risk.target)
        if risk.target in taken:
            text = "{target} is already moved by the risk {other}; one risk an input"
            yield _fault(risk, message(text, target=target, other=repr(taken[risk.target])))
        taken[risk.target] = risk.name
        if risk.target in SHARES:
            text = "{target} comes from the financing split; no risk can move it"
            yield _fault(risk, message(text, target=target))
            continue
        reached = _reached(risk, economy, pool, contracts)
        if risk.target not in reached:
            guess = nearest(risk.target, reached)
            yield _fault(risk, _unreached(risk), repr(guess) if guess else "")
        elif len(reached[risk.target]) > 1:
            units = ", ".join(sorted(reached[risk.target]))
            yield _fault(risk, message("{target} is in different units: {units}", target=target, units=units))


def _fault(risk: Risk, problem: str, suggestion: str = "") -> Fault:
    place = risk.place
    return Fault(place.file, place.line, place.column, f"risks.{risk.name}.target", problem, suggestion=suggestion)


def _reached(risk: Risk, economy: Plan, pool: Plan, contracts: Mapping[str, Plan]) -> dict[str, set[str]]:
    """Names a risk of this scope can move, each with the units in which models have it."""
    if risk.per_period:
        return {name: {item.unit} for name, item in economy.series.items()}
    shared = (economy, pool) if risk.scope == "pool" else ()
    found: dict[str, set[str]] = {}
    for plan in (*shared, *contracts.values()):
        for name, item in plan.inputs.items():
            found.setdefault(name, set()).add(item.unit)
    return found


def _unreached(risk: Risk) -> Message:
    target = repr(risk.target)
    if risk.per_period:
        return message("no series of the economy is called {target}", target=target)
    if risk.scope == "pool":
        return message("no input of any model is called {target}", target=target)
    return message("no input of any contract is called {target}", target=target)
