"""What a contract is written with: declarations collected from a class and its parts."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from alatau_finance.errors import ModelError
from alatau_finance.modelling.calendar import CALENDAR_SERIES
from alatau_finance.modelling.expression import Expr

LineKind = Literal["line", "metric", "check"]
Yearly = Literal["sum", "end", "max"]


@dataclass(frozen=True)
class Declaration:
    """Something a model names: an input or a line."""

    unit: str
    label: str

    if TYPE_CHECKING:  # what a type checker sees where a formula says ``m.name``

        def __get__(self, instance: object, owner: object) -> Expr: ...


@dataclass(frozen=True)
class Input(Declaration):
    """One value per path, bound by its name to assumptions or to a risk."""


@dataclass(frozen=True)
class Series(Declaration):
    """One value per period and path, bound by its name."""


@dataclass(frozen=True)
class Gather(Declaration):
    """A line summed over all contract instances of some types and group; pool models only.

    ``whole_life`` says that the gathered line is one value for life.
    """

    line: str = field(kw_only=True)
    contracts: tuple[str, ...] = field(kw_only=True)
    group: str | None = field(default=None, kw_only=True)
    whole_life: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Line(Declaration):
    """A formula, not yet traced."""

    formula: Callable[[Any], object]
    kind: LineKind
    opening: int | str
    yearly: Yearly | None

    @property
    def note(self) -> str:
        """The docstring below its first line: equation and convention."""
        return inspect.getdoc(self.formula).partition("\n")[2].strip() if self.formula.__doc__ else ""  # type: ignore[union-attr]

    @property
    def where(self) -> tuple[str, int]:
        """File and line of the formula."""
        code = self.formula.__code__
        path = Path(code.co_filename)
        return "/".join(path.parts[-3:] if path.parent.name == "parts" else path.parts[-2:]), code.co_firstlineno


def line(
    unit: str, *, opening: int | str = 0, yearly: Yearly | None = None
) -> Callable[[Callable[[Any], object]], Line]:
    """Declare a formula of that unit.

    ``opening`` (0, 1 or the name of a scalar) is what ``prev`` gives in the first period; ``yearly`` says how a pool
    line is reported by budget year.
    """
    return lambda formula: _line(formula, unit, "line", opening, yearly)


def metric(unit: str) -> Callable[[Callable[[Any], object]], Line]:
    """Declare a whole-life formula that is kept for every path."""
    return lambda formula: _line(formula, unit, "metric", 0, None)


def check(formula: Callable[[Any], object]) -> Line:
    """Declare a whole-life relative residual >= 0 that must be at most 1e-9 on every path."""
    return _line(formula, "1", "check", 0, None)


def _line(
    formula: Callable[[Any], object], unit: str, kind: LineKind, opening: int | str, yearly: Yearly | None
) -> Line:
    documentation = (inspect.getdoc(formula) or "").strip()
    if not documentation:
        name = getattr(formula, "__qualname__", "line")
        raise ModelError(f"{name}: a line needs a docstring; its first line is the label users see")
    return Line(unit, documentation.splitlines()[0].rstrip("."), formula, kind, opening, yearly)


class Part:
    """Base of the reusable pieces in models/parts, and of every model: what exists without being declared."""

    if TYPE_CHECKING:  # the calendar series, found by name when a formula is traced
        period_start: Expr
        period_end: Expr
        year_fraction: Expr
        first_period_of_year: Expr
        last_period_of_year: Expr


class Model(Part):
    """Base of every contract. ``key`` names the type in YAML, files and sheets."""

    key: ClassVar[str] = ""
    declarations: ClassVar[Mapping[str, Declaration]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        found: dict[str, Declaration] = {}
        for base in reversed(cls.__mro__):
            for name, value in vars(base).items():
                if isinstance(value, Declaration):
                    found.pop(name, None)
                    found[name] = value
        cls.declarations = MappingProxyType(found)


def title(model: type[Model]) -> str:
    """What a contract type is called: what its documentation opens with, up to a colon; else the name of its class."""
    opening, colon, _ = (model.__doc__ or "").strip().partition("\n")[0].partition(":")
    return opening.strip() if colon else model.__name__


def summary(model: type[Model]) -> str:
    """What a contract type is: the first paragraph of its documentation, on one line."""
    return " ".join((inspect.getdoc(model) or "").partition("\n\n")[0].split())


def labels(model: type[Model]) -> Iterator[str]:
    """Every text of a model that users see: title, summary, labels of the calendar, of inputs and of lines."""
    yield from (title(model), summary(model))
    yield from (label for _, label in CALENDAR_SERIES.values())
    for declaration in model.declarations.values():
        yield declaration.label
