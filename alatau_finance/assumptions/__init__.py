"""YAML -> validated, frozen, located values. What may stand in the files: docs/architecture.md, section 3."""

from alatau_finance.assumptions.calendar import calendar_year, date_of
from alatau_finance.assumptions.files import available_scenarios
from alatau_finance.assumptions.loader import load_assumptions, load_scenarios
from alatau_finance.assumptions.records import (
    AssetClass,
    Assumptions,
    Correlation,
    Fact,
    Override,
    Place,
    Project,
    Risk,
    Scenario,
    Source,
    Statement,
    Timeline,
    Total,
    Value,
    step_name,
)
from alatau_finance.assumptions.schema import json_schema
from alatau_finance.assumptions.ties import Tie, ties

__all__ = [
    "AssetClass",
    "Assumptions",
    "Correlation",
    "Fact",
    "Override",
    "Place",
    "Project",
    "Risk",
    "Scenario",
    "Source",
    "Statement",
    "Tie",
    "Timeline",
    "Total",
    "Value",
    "available_scenarios",
    "calendar_year",
    "date_of",
    "json_schema",
    "load_assumptions",
    "load_scenarios",
    "step_name",
    "ties",
]
