"""What may stand in each assumptions file: strict pydantic models, no unknown keys.

The models see one file at a time. What needs several files is in ``references.py`` and ``checks.py``.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from alatau_finance.assumptions.entry_models import Entry, File, Label, Quotation, Strict, WithEntries
from alatau_finance.assumptions.fields import Amount, Day, Name, NotNegative, OneOf, Text, Words

STAGES = ("roadmap_2026_2027", "roadmap_2028_2030", "unidentified_to_2030", "programme_2031_2050")
CONTRACT_TYPES = ("budget", "epcf", "concession", "private")
SCOPES = ("pool", "asset_class", "project")
COMBINATIONS = ("replace", "add", "multiply")
CORRELATION_OF = ("normals", "ranks")
CORRELATIONS = ("common", "same_class", "within_project", "pair")
MEASURES = ("cost", "count")
SOURCE_KINDS = ("seed", "web", "book", "judgement")
DISTRIBUTIONS = (
    "standard_normal",
    "normal",
    "lognormal",
    "triangular",
    "uniform",
    "pert",
    "beta",
    "discrete",
    "empirical",
    "bernoulli",
    "body_and_tail",
    "jump",
)


class Source(Strict):
    """Where values come from."""

    title: Text
    publisher: Text
    date: Day | None = None
    language: Text
    kind: Annotated[str, OneOf(SOURCE_KINDS)]
    file: Text | None = None
    locator: Text | None = None


class SourcesFile(Strict):
    """sources.yaml"""

    sources: dict[Name, Source]


class Timeline(Strict):
    """The calendar of a run."""

    base_date: Entry
    run_date: Entry
    first_year: Entry
    last_year: Entry
    tail_years: Entry
    periods_per_year: Entry


class TimelineFile(File):
    """timeline.yaml"""

    timeline: Timeline


class MacroFile(File):
    """macro.yaml"""

    macro: dict[Name, Entry]


class TaxFile(File):
    """tax.yaml"""

    tax: dict[Name, Entry]


class FiscalFile(File):
    """fiscal.yaml"""

    fiscal: dict[Name, Entry]


class AssetClass(WithEntries):
    """A kind of asset, and what its projects share."""

    label: Label
    sector: Name


class AssetClassesFile(File):
    """asset_classes.yaml"""

    asset_classes: dict[Name, AssetClass]


class ContractFile(File):
    """contracts/<type>.yaml: the standard terms of a contract type."""

    contract: dict[Name, Entry]


def _entry_or_name(raw: Any) -> str:
    return "<name>" if isinstance(raw, str) else "<entry>"


_PARAMETERS = (
    "standard_normal; normal: mean, sd; lognormal: median, sigma, shift?; triangular, pert: low, mode, high; "
    "uniform: low, high; beta: low, high, alpha, beta; discrete: outcome_1, probability_1, outcome_2 ...; "
    "empirical: observations (a dated value, each step an observation) or observation_1 ...; bernoulli: probability; "
    "body_and_tail: body_mean, body_sd, tail_probability, tail_mean, tail_sd?; jump (per_period): probability, "
    "mean_log, sd_log. normal, lognormal, uniform, triangular and pert also by percentiles p10, p50, p90 (or others); "
    "those that are continuous also with truncate_low, truncate_high"
)


class Risk(Strict):
    """A random factor."""

    label: Label
    target: Name
    scope: Annotated[str, OneOf(SCOPES)]
    per_period: bool = False
    distribution: Annotated[str, OneOf(DISTRIBUTIONS)] = Field(description=_PARAMETERS)
    combine: Annotated[str, OneOf(COMBINATIONS)] = "replace"
    parameters: dict[
        Name,
        Annotated[Annotated[Entry, Tag("<entry>")] | Annotated[Name, Tag("<name>")], Discriminator(_entry_or_name)],
    ]
    note: Text | None = None


class Correlation(Strict):
    """How risks move together."""

    kind: Annotated[str, OneOf(CORRELATIONS)]
    risks: Words
    correlation: Entry
    of: Annotated[str, OneOf(CORRELATION_OF)] = Field(
        default="normals", description="Of the normals behind the draws, or of the ranks of the draws (Spearman's)"
    )
    note: Text | None = None


class TCopula(Strict):
    """Risks whose extremes come together."""

    risks: Words
    degrees_of_freedom: Entry = Field(description="1 to 200: the fewer, the more often extremes come together")
    note: Text | None = None


class RisksFile(File):
    """risks.yaml"""

    risks: dict[Name, Risk]
    correlations: list[Correlation] = Field(default_factory=list)
    t_copulas: dict[Name, TCopula] = Field(default_factory=dict, description="All other risks have a Gaussian copula")


class Filter(Strict):
    """Which projects a total covers: those that meet every key."""

    stage: Words | None = None
    tag: Words | None = None
    any: bool = False


class Total(Strict):
    """A published total that the projects must add up to."""

    label: Label
    published: Entry
    measure: Annotated[str, OneOf(MEASURES)]
    filter: Filter
    tolerance: NotNegative | None = Field(default=None, description="Rounding of the published figure, in its unit")
    note: Text | None = None


class TotalsFile(File):
    """pool/totals.yaml"""

    totals: dict[Name, Total]


class FinancingFile(File):
    """pool/financing.yaml: shares of the contract types, by split."""

    financing: dict[Name, dict[Name, Entry]]


class BudgetLevels(Strict):
    """Who pays what is paid from the budget."""

    republican_share: Entry
    oblast_share: Entry
    city_share: Entry
    national_fund_share: Entry


class BudgetLevelsFile(File):
    """pool/budget_levels.yaml"""

    budget_levels: dict[Name, BudgetLevels]


class Fact(Strict):
    """Something published about a project that is not an input."""

    text: Quotation | None = None
    source: Words
    as_of: Day
    note: Text | None = None


class Statement(Entry):
    """Something published that is no input of a model: a value, or a text."""

    label: Label
    text: Quotation | None = None

    def _may_lack_a_value(self) -> bool:
        return self.text is not None or super()._may_lack_a_value()


class ReferenceFile(File):
    """reference/<any name>.yaml"""

    facts: dict[Name, Statement]


class Project(WithEntries):
    """A project of the private portfolio; the keys of every project."""

    id: Name
    name: Label
    stage: Annotated[str, OneOf(STAGES)] | None = None
    asset_class: Name
    tags: Words | None = None
    financing: Name | None = None
    budget_levels: Name | None = None
    facts: list[Fact] = Field(default_factory=list)


class PoolProject(Project):
    """A project of the infrastructure pool."""

    stage: Annotated[str, OneOf(STAGES)]
    financing: Name
    budget_levels: Name
    cost: Entry
    start: Entry


class ProjectsFile(File):
    """pool/<anything else>.yaml"""

    projects: list[PoolProject]


class PortfolioFile(File):
    """investment_projects.yaml"""

    projects: list[Project] = Field(default_factory=list)
    portfolio: dict[Name, Entry] = Field(default_factory=dict)


class Scenario(Strict):
    """What a scenario is called and what it stands for."""

    label: Label | None = None
    description: Label | None = None


class ScenarioFile(Strict):
    """scenarios/<name>.yaml: other values for some paths, and nothing else."""

    scenario: Scenario = Field(default_factory=Scenario)
    overrides: dict[Text, Amount] = Field(
        default_factory=dict, description="Path -> value in the unit of the entry; * stands for any one segment"
    )
