"""JSON Schema for editors, from the models that the loader itself uses."""

from __future__ import annotations

from alatau_finance.assumptions import json_schema
from alatau_finance.assumptions.schema import DISTRIBUTIONS, FILES, FOLDERS


def test_every_kind_of_file_has_a_schema() -> None:
    assert {*json_schema()} == {kind.key for kind in (*FILES.values(), *FOLDERS.values())}


def test_schemas_know_keys_choices_and_free_entries() -> None:
    found = json_schema()
    risk = found["risks"]["$defs"]["Risk"]
    assert risk["properties"]["distribution"]["enum"] == list(DISTRIBUTIONS)
    assert risk["additionalProperties"] is False
    project = found["projects"]["$defs"]["PoolProject"]
    assert project["additionalProperties"] == {"$ref": "#/$defs/Entry"}
    assert {"id", "stage", "cost", "start", "financing"} <= set(project["required"])


def test_no_key_may_be_left_empty() -> None:
    def within(schema: object) -> list[object]:
        if isinstance(schema, dict):
            return [schema, *(found for value in schema.values() for found in within(value))]
        return [found for value in schema for found in within(value)] if isinstance(schema, list) else []

    assert all(part.get("type") != "null" and part.get("default", 0) is not None for part in within(json_schema()))
