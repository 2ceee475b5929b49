"""Names that do not meet: inputs that no assumption answers, and assumptions that no model asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from alatau_finance.assumptions import Assumptions, Value
from alatau_finance.errors import Fault, Problem, nearest
from alatau_finance.i18n import Message, message
from alatau_finance.modelling.plan import Plan

#: Where a value is searched for: what the place is called, and its entries.
Search = tuple[str, Mapping[str, Value]]

_NAMED_AT_MOST = 3
#: How alike (difflib) a name must be to an input for it to be a slip of the keyboard.
_MISSPELT = 0.85


@dataclass
class Unanswered:
    """Inputs without a value, collected while contracts are bound."""

    _found: dict[tuple[str, str], list[tuple[str, Sequence[Search]]]] = field(default_factory=dict)

    def add(self, where: str, model: str, name: str, searched: Sequence[Search]) -> None:
        """Note that ``name``, asked for by ``model`` for the contract ``where``, stands in none of ``searched``."""
        self._found.setdefault((model, name), []).append((where, searched))

    def problems(self, assumptions: Assumptions, plans: Mapping[str, Plan]) -> list[Problem]:
        """What to tell: first entries that nobody reads, each in its place, then inputs that none of them can mean."""
        unread = list(_unread(assumptions, plans))
        names = [name for _, name in self._found]
        inputs = {name for plan in plans.values() for name in plan.inputs}
        told: list[Problem] = [_unread_fault(value, name, names, inputs) for name, value in unread]
        meant = {nearest(name, names) for name, _ in unread}
        told += [_missing(model, name, at) for (model, name), at in self._found.items() if name not in meant]
        return told


def _unread(assumptions: Assumptions, plans: Mapping[str, Plan]) -> Iterator[tuple[str, Value]]:
    """Entries that no model and no risk reads: any of a contract's terms, elsewhere those spelt nearly like an input.

    Projects and shared groups also hold facts for readers, and values for models that a root may do without.
    """
    read = {key: {*plan.inputs, *plan.series} for key, plan in plans.items()}
    for key in (key for key in assumptions.contracts if key in read):
        yield from ((name, value) for name, value in assumptions.contracts[key].items() if name not in read[key])
    parameters = {given for risk in assumptions.risks for given in risk.parameters.values() if isinstance(given, str)}
    anywhere = parameters.union(*read.values())
    groups = [assumptions.tax, assumptions.macro, assumptions.fiscal]
    groups += [each.values for each in assumptions.asset_classes.values()]
    groups += [each.values for each in (*assumptions.projects, *assumptions.portfolio_projects)]
    for name, value in ((name, value) for values in groups for name, value in values.items()):
        if name not in anywhere and get_close_matches(name, anywhere, 1, _MISSPELT):
            yield name, value


def _unread_fault(value: Value, name: str, wanted: Sequence[str], known: Iterable[str]) -> Fault:
    text = "no model has an input {name}; a published fact that is no input belongs in reference/"
    return value.fault(message(text, name=repr(name)), suggestion=nearest(name, wanted) or nearest(name, known))


def _missing(model: str, name: str, at: Sequence[tuple[str, Sequence[Search]]]) -> Message:
    where, searched = at[0]
    if len(at) > 1:
        shown = ", ".join(place for place, _ in at[:_NAMED_AT_MOST]) + (", ..." if len(at) > _NAMED_AT_MOST else "")
        where = f"{model} ({len(at)}: {shown})"
    problem = message(
        "{where}: input {name} has no value; searched: {searched}",
        where=where,
        name=repr(name),
        searched="; ".join(title for title, _ in searched),
    )
    guess = nearest(name, (known for _, values in searched for known in values))
    if guess:
        return message("{problem}; did you mean to call {guess} that?", problem=problem, guess=repr(guess))
    return problem
