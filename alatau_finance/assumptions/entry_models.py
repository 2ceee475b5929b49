"""An entry: a value with its provenance. The pieces that every assumptions file is made of."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from alatau_finance.assumptions.fields import (
    Amount,
    Day,
    Number,
    OneOf,
    StepDate,
    Text,
    Words,
    different_days,
    name,
    refuse,
)
from alatau_finance.i18n import message

BASES = ("sourced", "derived", "assumed", "allocated")


class Strict(BaseModel):
    """Nothing is converted, nothing unknown is let in, nothing changes afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Label(Strict):
    """One text in the three languages."""

    en: Text
    ru: Text
    kk: Text


class Quotation(Strict):
    """A text in the languages it was published in."""

    en: Text | None = None
    ru: Text | None = None
    kk: Text | None = None


class Provenance(Strict):
    """Where a value comes from. Also the `defaults:` that opens a file."""

    unit: Text | None = Field(default=None, description='Such as "bn KZT", "%", "1/year", year')
    as_of: Day | None = Field(default=None, description="The day the value was published or judged")
    source: Words | None = Field(default=None, description="Ids of sources.yaml")
    basis: Annotated[str, OneOf(BASES)] | None = None


class Block(Provenance):
    """One value, or a step curve by date, with its provenance."""

    value: Amount | None = None
    values: Annotated[dict[StepDate, Number], BeforeValidator(different_days)] | None = Field(
        default=None, description="From each year or day on; the last one holds"
    )
    low: Amount | None = None
    high: Amount | None = None
    note: Text | None = None

    @model_validator(mode="after")
    def _is_a_value_or_a_curve(self) -> Self:
        given = self.model_fields_set & {"value", "values"}
        if len(given) == 2:
            raise refuse(message("has both value and values; one of them goes"))
        if not given and not self._may_lack_a_value():
            raise refuse(message("has no value"), "value, values, vintages")
        if self.values is not None and not self.values:
            raise refuse(message("has no dated values"), "values: {2026: 10.5, 2027: 7.5}")
        return self

    def _may_lack_a_value(self) -> bool:
        return False


class Entry(Block):
    """A value with its provenance, or several vintages of it."""

    label: Label | None = None
    vintages: list[Block] | None = Field(default=None, description="The latest as_of not after the run date is taken")

    @model_validator(mode="after")
    def _has_vintages_or_not(self) -> Self:
        if self.vintages is None:
            return self
        given = self.model_fields_set & {"value", "values", "low", "high"}
        if given:
            key = min(given)
            raise refuse(message("has both vintages and {key}; move {key} into a vintage", key=key))
        if not self.vintages:
            raise refuse(message("has no vintages"))
        return self

    def _may_lack_a_value(self) -> bool:
        return self.vintages is not None


class WithEntries(BaseModel):
    """Fixed keys, and beside them any number of entries named as the models' Inputs."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Entry] = Field(init=False)

    @model_validator(mode="after")
    def _entries_have_names(self) -> Self:
        for key in self.model_extra or {}:
            name(key)
        return self


class File(Strict):
    """What every file but sources and scenarios may open with."""

    defaults: Provenance = Field(default=Provenance(), description="What entries without these keys inherit")
