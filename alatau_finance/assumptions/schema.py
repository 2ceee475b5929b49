"""Which kinds of assumptions files there are, and JSON Schema for the editors in which they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from alatau_finance.assumptions import file_models
from alatau_finance.assumptions.file_models import CONTRACT_TYPES, DISTRIBUTIONS, STAGES

__all__ = ["CONTRACT_TYPES", "DISTRIBUTIONS", "FILES", "FOLDERS", "STAGES", "Kind", "json_schema", "json_schema_of"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its model, the paths it defines, and whether a model can do without it."""

    key: str
    model: type[BaseModel]
    roots: tuple[str, ...]
    required: bool = False


FILES: Mapping[str, Kind] = MappingProxyType(
    {
        "sources.yaml": Kind("sources", file_models.SourcesFile, ("sources",), required=True),
        "timeline.yaml": Kind("timeline", file_models.TimelineFile, ("timeline",), required=True),
        "macro.yaml": Kind("macro", file_models.MacroFile, ("macro",), required=True),
        "tax.yaml": Kind("tax", file_models.TaxFile, ("tax",), required=True),
        "fiscal.yaml": Kind("fiscal", file_models.FiscalFile, ("fiscal",), required=True),
        "asset_classes.yaml": Kind("asset_classes", file_models.AssetClassesFile, ("asset_classes",), required=True),
        "risks.yaml": Kind("risks", file_models.RisksFile, ("risks", "correlations", "t_copulas")),
        "investment_projects.yaml": Kind("investment_projects", file_models.PortfolioFile, ("projects", "portfolio")),
        "pool/totals.yaml": Kind("totals", file_models.TotalsFile, ("totals",)),
        "pool/financing.yaml": Kind("financing", file_models.FinancingFile, ("financing",), required=True),
        "pool/budget_levels.yaml": Kind(
            "budget_levels", file_models.BudgetLevelsFile, ("budget_levels",), required=True
        ),
    }
)
FOLDERS: Mapping[str, Kind] = MappingProxyType(
    {
        "contracts": Kind("contract", file_models.ContractFile, ("contracts",)),
        "reference": Kind("reference", file_models.ReferenceFile, ("facts",)),
        "pool": Kind("projects", file_models.ProjectsFile, ("projects",)),
        "scenarios": Kind("scenario", file_models.ScenarioFile, ()),
    }
)


class _WithoutNull(GenerateJsonSchema):
    """An optional key may be left out; it may not be left empty."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        given = super().default_schema(schema)
        if given.get("default", ...) is None:
            del given["default"]
        return given


def json_schema_of(kind: Kind) -> dict[str, Any]:
    """JSON Schema of one kind of file."""
    body = kind.model.model_json_schema(schema_generator=_WithoutNull)
    return {"$schema": _WithoutNull.schema_dialect, **body}


def json_schema() -> dict[str, dict[str, Any]]:
    """JSON Schema of every kind of file, by kind: what an editor needs to complete and check the YAML."""
    return {kind.key: json_schema_of(kind) for kind in (*FILES.values(), *FOLDERS.values())}
