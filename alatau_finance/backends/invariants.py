"""Parts of formulas that are the same in all periods: computed once before the loop, not in each of its periods."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alatau_finance.backends.dates import TESTS
from alatau_finance.modelling.expression import Constant, Expr, Operation, Reference, WholeLife


def apart(
    formulas: Mapping[str, Expr], is_fixed: Callable[[str], bool], prefix: str
) -> tuple[dict[str, Expr], dict[str, Expr]]:
    """``formulas`` with their fixed parts replaced by references to new names, and the part behind each such name.

    ``is_fixed`` says of a name that it is the same in all periods; ``prefix`` begins the new names.
    """
    names, parts = dict[str, str](), dict[str, Expr]()

    def fixed(node: Expr) -> bool:
        if isinstance(node, Reference):
            return is_fixed(node.name)
        if isinstance(node, Operation):
            return all(map(fixed, node.arguments))
        return isinstance(node, (Constant, WholeLife))

    def replaced(node: Expr) -> Expr:
        if not isinstance(node, Operation):
            return node
        # A test by itself stays where it is: kept as a number, it would have to be tested again.
        if fixed(node) and node.operator not in TESTS:
            name = names.setdefault(node.key, f"{prefix}{len(names)}")
            parts[name] = node
            return Reference(name)
        return Operation(node.operator, tuple(map(replaced, node.arguments)))

    return {name: replaced(formula) for name, formula in formulas.items()}, parts
