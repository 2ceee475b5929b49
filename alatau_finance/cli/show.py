"""``alatau-fin show``: a model as Python, as Excel formulas, as a graph or as its kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from alatau_finance.cli.options import RootOption
from alatau_finance.cli.streams import show
from alatau_finance.errors import UsageError, nearest
from alatau_finance.i18n import message
from alatau_finance.root import find_root, load_models

if TYPE_CHECKING:
    from alatau_finance.modelling.plan import Plan

Form = Literal["python", "excel", "graph", "kernel"]
ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help="Key of a model in models/, like epcf.")]
FormOption = Annotated[Form, typer.Option("--as", help="What to print.")]


def run(model: ModelArgument, form: FormOption = "python", root: RootOption = None) -> None:
    """Print a model in one of its renderings."""
    from alatau_finance.modelling.plan import build_plan

    models = load_models(find_root(root))
    if model not in models:
        guess = nearest(model, models)
        known = ", ".join(models)
        if guess:
            raise UsageError(
                message(
                    "no model {model}; did you mean {guess}? Models: {known}", model=model, guess=guess, known=known
                )
            )
        raise UsageError(message("no model {model}; models: {known}", model=model, known=known))
    show(_text(build_plan(models[model]), form))


def _text(plan: Plan, form: Form) -> str:
    if form == "python":
        from alatau_finance.backends.python import python_source

        return python_source(plan)
    if form == "kernel":
        from alatau_finance.backends.kernel import kernel_source
        from alatau_finance.backends.kernel_spec import KernelSpec

        return kernel_source(KernelSpec(plan, outputs=(*plan.of_kind("metric"), *plan.of_kind("check"))))
    if form == "excel":
        from alatau_finance.backends.excel import excel_listing

        return excel_listing(plan)
    from alatau_finance.backends.graph import graph_source

    return graph_source(plan)
