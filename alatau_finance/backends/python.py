"""A plan as plain Python: the reference run, the cached values of the workbook, and what ``show`` prints."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from alatau_finance.backends import functions
from alatau_finance.backends.text import Spelling, render
from alatau_finance.modelling.calendar import Calendar
from alatau_finance.modelling.expression import Next, Previous, WholeLife
from alatau_finance.modelling.operators import REDUCERS
from alatau_finance.modelling.plan import Phase, Plan

#: One number for life, or one per period.
Computed = float | tuple[float, ...]


def python_source(plan: Plan) -> str:
    """The model as a readable Python function ``<key>(given, periods, periods_per_year)`` that returns every line."""
    given = [*plan.inputs, *plan.series, *plan.gathers, *plan.calendar]
    body = [f'{name} = given["{name}"]' for name in given]
    for number, phase in enumerate(plan.phases):
        body += ["", f"# phase {number}", *_phase(plan, phase)]
    names = ", ".join(f'"{name}": {name}' for name in plan.lines)
    body += ["", f"return {{{names}}}"]
    header = f"def {plan.key}(given, periods, periods_per_year):"
    return "\n".join([header, *(f"    {text}" if text else "" for text in body), ""])


def _spelling(plan: Plan) -> Spelling:
    return Spelling(
        "python",
        reference=lambda name: f"{name}[t]" if plan.is_periodic(name) else name,
        previous=lambda name: f"previous_{name}",
        following=lambda name: f"following_{name}",
        whole_life=lambda node: node.symbol,
    )


def _phase(plan: Plan, phase: Phase) -> list[str]:
    spelling = _spelling(plan)
    text = [f"{name} = {render(plan.lines[name].formula, spelling)}" for name in phase.scalars]
    text += [f"{name} = [0.0] * periods" for name in phase.periodic]
    stepped = [node for node in phase.reductions if REDUCERS[node.reducer].step]
    text += [f"{node.symbol} = {REDUCERS[node.reducer].start.format(inf='infinity')}" for node in stepped]
    loop = [*_neighbours(plan, phase)]
    loop += [f"{name}[t] = {render(plan.lines[name].formula, spelling)}" for name in phase.periodic]
    loop += [_accumulate(node) for node in stepped]
    if loop:
        text += ["for t in range(periods):", *(f"    {step}" for step in loop)]
    whole = [node for node in phase.reductions if not REDUCERS[node.reducer].step]
    return text + [f"{node.symbol} = {REDUCERS[node.reducer].python.format(*node.names)}" for node in whole]


def _neighbours(plan: Plan, phase: Phase) -> list[str]:
    nodes = {node.key: node for name in phase.periodic for node in plan.lines[name].formula.walk()}
    text = []
    for node in nodes.values():
        if isinstance(node, Previous):
            opening = render(plan.lines[node.name].opening, _spelling(plan))
            text.append(f"previous_{node.name} = {node.name}[t - 1] if t > 0 else {opening}")
        elif isinstance(node, Next):
            text.append(f"following_{node.name} = {node.name}[t + 1] if t + 1 < periods else 0.0")
    return text


def _accumulate(node: WholeLife) -> str:
    values = [f"{name}[t]" for name in node.names]
    return f"{node.symbol} = {REDUCERS[node.reducer].step.format(*values, acc=node.symbol)}"


@cache
def compile_python(plan: Plan) -> Callable[..., dict[str, Any]]:
    """The function of :func:`python_source`, with its text kept for tracebacks."""
    source, file = python_source(plan), f"<{plan.key} as python>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    names: dict[str, Any] = {name: getattr(functions, name) for name in dir(functions) if not name.startswith("_")}
    names["infinity"] = float("inf")
    exec(compile(source, file, "exec"), names)
    return names[plan.key]  # type: ignore[no-any-return]


def run_python(plan: Plan, given: Mapping[str, float | Sequence[float]], calendar: Calendar) -> Mapping[str, Computed]:
    """Every line of ``plan`` for one path.

    ``given`` has a number for each Input and whole-life Gather and one number per period for each Series and Gather.
    Raises :class:`KeyError` for a name that is missing.
    """
    names = {**calendar.series, **given}
    results = compile_python(plan)(names, calendar.periods, float(calendar.periods_per_year))
    return MappingProxyType({name: tuple(v) if isinstance(v, list) else v for name, v in results.items()})
