"""What the loader gives: frozen records, every value with its unit, provenance and place in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from alatau_finance.errors import AssumptionErrors, Fault, UsageError, nearest
from alatau_finance.i18n import message
from alatau_finance.modelling.units import UnitError, convert

Texts = Mapping[str, str]  # language -> text


@dataclass(frozen=True, slots=True)
class Value:
    """A number (``value``) or a step curve by date (``values``, the last step holds) in ``unit``.

    A date is a number too: its calendar year (2026.5 = 1 July 2026) in unit year. ``file``, ``line`` and ``column``
    tell where the number is written: under a scenario, in the overlay.
    """

    path: str
    value: float | None
    values: tuple[tuple[date, float], ...] | None
    unit: str
    low: float | None
    high: float | None
    as_of: date
    source: tuple[str, ...]
    basis: str
    note: str | None
    file: str
    line: int
    column: int
    label: Texts | None = None

    def in_unit(self, unit: str) -> float:
        """The number in ``unit``. Raises AssumptionErrors for a curve and for another kind of unit."""
        if self.value is None:
            raise self._error(message("is dated; one number is needed here"))
        return self._convert(self.value, unit)

    def curve_in_unit(self, unit: str) -> tuple[tuple[date, float], ...]:
        """The steps in ``unit``, by date; a single number is one step that holds from the first day on.

        Raises AssumptionErrors for another kind of unit.
        """
        steps = self.values if self.values is not None else ((date.min, self.in_unit(self.unit)),)
        return tuple((day, self._convert(number, unit)) for day, number in steps)

    def at(self, day: date) -> float:
        """The number that holds on ``day``, in the value's own unit; before the first step, the first."""
        if self.value is not None:
            return self.value
        steps = self.values or ()
        return next((number for start, number in reversed(steps) if start <= day), steps[0][1])

    def fault(self, problem: str, allowed: str = "", suggestion: str = "") -> Fault:
        """A fault of this value, where it is written."""
        return Fault(self.file, self.line, self.column, self.path, problem, allowed, suggestion)

    def _convert(self, number: float, unit: str) -> float:
        try:
            return convert(number, self.unit, unit)
        except UnitError as error:
            problem = message("is in {unit}, which cannot be expressed in {wanted}", unit=self.unit, wanted=unit)
            raise self._error(problem) from error

    def _error(self, problem: str) -> AssumptionErrors:
        return AssumptionErrors([self.fault(problem)])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record begins in the files."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The calendar of a run."""

    base_date: date
    run_date: date
    first_year: int
    last_year: int
    tail_years: int
    periods_per_year: int


@dataclass(frozen=True, slots=True)
class Source:
    """A document, page or judgement that values come from."""

    id: str
    title: str
    publisher: str
    date: date | None
    language: str
    kind: str
    file: str | None
    locator: str | None


@dataclass(frozen=True, slots=True)
class AssetClass:
    """A kind of asset, and the values that its projects share."""

    name: str
    label: Texts
    sector: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something published about a project that is not an input."""

    text: Texts
    source: tuple[str, ...]
    as_of: date
    note: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """A project; ``group`` is infrastructure or portfolio. A portfolio project may have no stage and no splits."""

    id: str
    name: Texts
    stage: str | None
    group: str
    asset_class: str
    sector: str
    tags: tuple[str, ...]
    financing: str | None
    budget_levels: str | None
    values: Mapping[str, Value]
    facts: tuple[Fact, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Risk:
    """A random factor. A parameter is a value, or the name of an input to be looked up."""

    name: str
    label: Texts
    target: str
    scope: str
    per_period: bool
    distribution: str
    combine: str
    parameters: Mapping[str, Value | str]
    place: Place


@dataclass(frozen=True, slots=True)
class Correlation:
    """How risks move together."""

    kind: str
    risks: tuple[str, ...]
    correlation: Value
    place: Place
    of: str = "normals"


@dataclass(frozen=True, slots=True)
class TCopula:
    """Risks whose extremes come together."""

    name: str
    risks: tuple[str, ...]
    degrees_of_freedom: Value
    place: Place


@dataclass(frozen=True, slots=True)
class Total:
    """A published total of the projects that have one of ``stages`` and one of ``tags`` (empty: any)."""

    name: str
    label: Texts
    published: Value
    measure: str
    stages: tuple[str, ...]
    tags: tuple[str, ...]
    tolerance: float | None


@dataclass(frozen=True, slots=True)
class Statement:
    """Something published that is no input of a model: a value, or a text in one or more languages."""

    name: str
    label: Texts
    value: Value | None
    text: Texts
    as_of: date
    source: tuple[str, ...]
    basis: str
    note: str | None
    place: Place


@dataclass(frozen=True, slots=True)
class Scenario:
    """The overlay that was applied. Its texts may be empty."""

    name: str
    label: Texts
    description: Texts


@dataclass(frozen=True, slots=True)
class Override:
    """One value that the scenario changed; ``old`` and ``new`` are in ``unit``."""

    path: str
    old: float
    new: float
    unit: str


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Every value of a run. ``files`` maps each file that was used (relative to the root) to its sha256."""

    timeline: Timeline
    sources: Mapping[str, Source]
    macro: Mapping[str, Value]
    tax: Mapping[str, Value]
    fiscal: Mapping[str, Value]
    asset_classes: Mapping[str, AssetClass]
    contracts: Mapping[str, Mapping[str, Value]]
    financing: Mapping[str, Mapping[str, Value]]
    budget_levels: Mapping[str, Mapping[str, Value]]
    projects: tuple[Project, ...]
    portfolio_projects: tuple[Project, ...]
    portfolio: Mapping[str, Value]
    risks: tuple[Risk, ...]
    correlations: tuple[Correlation, ...]
    totals: tuple[Total, ...]
    reference: Mapping[str, Statement]
    scenario: Scenario
    overrides: tuple[Override, ...]
    files: Mapping[str, str]
    values: Mapping[str, Value]
    unknown_yet: Mapping[str, date]  # entries all of whose vintages are later than the run date -> the earliest
    t_copulas: tuple[TCopula, ...] = ()

    def value(self, path: str) -> Value:
        """The value at ``path``; a step of a dated one too. Raises UsageError with the nearest spelling."""
        found = self.values.get(path) or self._step(path)
        if found is not None:
            return found
        if path in self.unknown_yet:
            raise UsageError(
                message(
                    "{path} is not known on {run_date}; its earliest vintage is of {day}",
                    path=path,
                    run_date=self.timeline.run_date,
                    day=self.unknown_yet[path],
                )
            )
        likely = nearest(path, self.values)
        if likely:
            raise UsageError(message("no value has the path {path}; did you mean {likely}?", path=path, likely=likely))
        raise UsageError(message("no value has the path {path}", path=path))

    def all_values(self) -> Iterator[Value]:
        """Every value, in the order of the files."""
        return iter(self.values.values())

    def _step(self, path: str) -> Value | None:
        whole, _, step = path.rpartition(".")
        curve = self.values.get(whole)
        for day, number in (curve.values or ()) if curve else ():
            if curve and step_name(day) == step:
                return replace(curve, path=path, value=number, values=None)
        return None


def step_name(day: date) -> str:
    """What a step is called in a path: its year, or its day where that is not 1 January."""
    return str(day.year) if (day.month, day.day) == (1, 1) else day.isoformat()
