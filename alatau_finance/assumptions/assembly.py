"""Sound files and resolved values -> the frozen records of one run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel

from alatau_finance.assumptions import file_models, records
from alatau_finance.assumptions.calendar import date_of
from alatau_finance.assumptions.document import Document
from alatau_finance.assumptions.entries import statements
from alatau_finance.assumptions.entry_models import Label, Provenance, Quotation
from alatau_finance.assumptions.records import Value
from alatau_finance.assumptions.wording import mark_of
from alatau_finance.assumptions.yaml_text import Location

Body = TypeVar("Body", bound=BaseModel)
Values = Mapping[str, Value]
_NONE: Values = MappingProxyType({})


class Groups:
    """Values by the path of their parent: ``macro``, ``contracts.epcf``, ``risks.usdkzt_jump.parameters`` ..."""

    def __init__(self, values: Values) -> None:
        groups: defaultdict[str, dict[str, Value]] = defaultdict(dict)
        for path, value in values.items():
            parent, _, name = path.rpartition(".")
            groups[parent][name] = value
        self._groups = {parent: MappingProxyType(group) for parent, group in groups.items()}

    def of(self, parent: str) -> Values:
        """The values right under ``parent``, by name."""
        return self._groups.get(parent, _NONE)

    def all_of(self, root: str) -> Mapping[str, Values]:
        """The groups ``<root>.<name>``, by name."""
        parents = (parent for parent in self._groups if parent.startswith(f"{root}."))
        return MappingProxyType({parent.removeprefix(f"{root}."): self.of(parent) for parent in parents})


def assemble(
    documents: Sequence[Document],
    values: Values,
    *,
    scenario: records.Scenario,
    overrides: tuple[records.Override, ...],
    files: Mapping[str, str],
    unknown_yet: Mapping[str, Any],
) -> records.Assumptions:
    """The records of one run, from files and values that have been found without fault."""
    groups = Groups(values)
    asset_classes = _asset_classes(documents, groups)
    timeline = _timeline(groups.of("timeline"))
    return records.Assumptions(
        timeline=timeline,
        sources=_sources(documents),
        macro=groups.of("macro"),
        tax=groups.of("tax"),
        fiscal=groups.of("fiscal"),
        asset_classes=asset_classes,
        contracts=groups.all_of("contracts"),
        financing=groups.all_of("financing"),
        budget_levels=groups.all_of("budget_levels"),
        projects=tuple(_projects(documents, groups, asset_classes, file_models.ProjectsFile, "infrastructure")),
        # What was first published after the run date does not exist for this run.
        portfolio_projects=tuple(
            filter(_known, _projects(documents, groups, asset_classes, file_models.PortfolioFile, "portfolio"))
        ),
        portfolio=groups.of("portfolio"),
        risks=tuple(_risks(documents, groups)),
        correlations=tuple(_correlations(documents, values)),
        t_copulas=tuple(_t_copulas(documents, values)),
        totals=tuple(_totals(documents, values)),
        reference=_reference(documents, values, timeline.run_date),
        scenario=scenario,
        overrides=overrides,
        files=MappingProxyType(dict(files)),
        values=MappingProxyType(dict(values)),
        unknown_yet=MappingProxyType(dict(unknown_yet)),
    )


def texts(label: Label | Quotation | None) -> Mapping[str, str]:
    """Language -> text."""
    return MappingProxyType(label.model_dump(exclude_none=True) if label else {})


def _bodies(documents: Sequence[Document], model: type[Body]) -> Iterator[tuple[Document, Body]]:
    for document in documents:
        if isinstance(document.body, model):
            yield document, document.body


def _place(document: Document, where: Location) -> records.Place:
    return records.Place(document.file, *mark_of(document.node, where))


def _timeline(values: Values) -> records.Timeline:
    numbers = {name: value.value or 0.0 for name, value in values.items()}
    return records.Timeline(
        base_date=date_of(numbers["base_date"]),
        run_date=date_of(numbers["run_date"]),
        first_year=int(numbers["first_year"]),
        last_year=int(numbers["last_year"]),
        tail_years=int(numbers["tail_years"]),
        periods_per_year=int(numbers["periods_per_year"]),
    )


def _sources(documents: Sequence[Document]) -> Mapping[str, records.Source]:
    return MappingProxyType(
        {
            name: records.Source(id=name, **source.model_dump())
            for _, body in _bodies(documents, file_models.SourcesFile)
            for name, source in body.sources.items()
        }
    )


def _asset_classes(documents: Sequence[Document], groups: Groups) -> Mapping[str, records.AssetClass]:
    return MappingProxyType(
        {
            name: records.AssetClass(name, texts(each.label), each.sector, groups.of(f"asset_classes.{name}"))
            for _, body in _bodies(documents, file_models.AssetClassesFile)
            for name, each in body.asset_classes.items()
        }
    )


def _projects(
    documents: Sequence[Document],
    groups: Groups,
    asset_classes: Mapping[str, records.AssetClass],
    model: type[file_models.ProjectsFile] | type[file_models.PortfolioFile],
    group: str,
) -> Iterator[records.Project]:
    for document, body in _bodies(documents, model):
        for index, written in enumerate(body.projects):
            yield records.Project(
                id=written.id,
                name=texts(written.name),
                stage=written.stage,
                group=group,
                asset_class=written.asset_class,
                sector=asset_classes[written.asset_class].sector,
                tags=tuple(written.tags or ()),
                financing=written.financing,
                budget_levels=written.budget_levels,
                values=groups.of(f"projects.{written.id}"),
                facts=tuple(
                    records.Fact(texts(fact.text), tuple(fact.source), fact.as_of, fact.note) for fact in written.facts
                ),
                place=_place(document, ("projects", index)),
            )


def _known(project: records.Project) -> bool:
    return bool(project.values)


def _risks(documents: Sequence[Document], groups: Groups) -> Iterator[records.Risk]:
    for document, body in _bodies(documents, file_models.RisksFile):
        for name, risk in body.risks.items():
            values = groups.of(f"risks.{name}.parameters")
            yield records.Risk(
                name=name,
                label=texts(risk.label),
                target=risk.target,
                scope=risk.scope,
                per_period=risk.per_period,
                distribution=risk.distribution,
                combine=risk.combine,
                parameters=MappingProxyType(
                    {key: given if isinstance(given, str) else values[key] for key, given in risk.parameters.items()}
                ),
                place=_place(document, ("risks", name)),
            )


def _correlations(documents: Sequence[Document], values: Values) -> Iterator[records.Correlation]:
    for document, body in _bodies(documents, file_models.RisksFile):
        for index, each in enumerate(body.correlations):
            where = ("correlations", index)
            value = values[document.path((*where, "correlation"))]
            yield records.Correlation(each.kind, tuple(each.risks), value, _place(document, where), each.of)


def _t_copulas(documents: Sequence[Document], values: Values) -> Iterator[records.TCopula]:
    for document, body in _bodies(documents, file_models.RisksFile):
        for name, each in body.t_copulas.items():
            value, place = values[f"t_copulas.{name}.degrees_of_freedom"], _place(document, ("t_copulas", name))
            yield records.TCopula(name, tuple(each.risks), value, place)


def _totals(documents: Sequence[Document], values: Values) -> Iterator[records.Total]:
    """Totals that have been published by the run date."""
    for _, body in _bodies(documents, file_models.TotalsFile):
        for name, total in body.totals.items():
            published = values.get(f"totals.{name}.published")
            if published:
                stages, tags = tuple(total.filter.stage or ()), tuple(total.filter.tag or ())
                label = texts(total.label)
                yield records.Total(name, label, published, total.measure, stages, tags, total.tolerance)


def _reference(documents: Sequence[Document], values: Values, run_date: date) -> Mapping[str, records.Statement]:
    """Facts of the reference files known on the run date."""
    found: dict[str, records.Statement] = {}
    for document, body in _bodies(documents, file_models.ReferenceFile):
        in_words = {written.entry: written for written in statements(document)}
        for name, fact in body.facts.items():
            where = ("facts", name)
            value = values.get(f"facts.{name}")
            origin = in_words[where].read(Provenance) if where in in_words else value
            if origin and origin.as_of and origin.as_of <= run_date:
                found[name] = records.Statement(
                    name=name,
                    label=texts(fact.label),
                    value=value,
                    text=texts(fact.text),
                    as_of=origin.as_of,
                    source=tuple(origin.source or ()),
                    basis=origin.basis or "",
                    note=fact.note,
                    place=_place(document, where),
                )
    return MappingProxyType(found)
