"""``alatau-fin schema``."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname


def test_it_prints_a_schema_for_each_kind_of_file(alatau) -> None:
    done = alatau("schema")
    assert (done.returncode, done.stderr) == (0, "")
    schemas = json.loads(done.stdout)
    assert {"macro", "risks", "contract", "projects", "scenario"} <= set(schemas)
    assert all("$schema" in schema for schema in schemas.values())


def test_it_writes_them_and_links_them(alatau, tmp_path: Path) -> None:
    done = alatau("schema", "--out", "schemas", "--lang", "ru")
    assert done.returncode == 0
    assert "settings.json" in done.stderr
    links = json.loads(done.stdout)["yaml.schemas"]
    written = {path.resolve() for path in (tmp_path / "schemas").iterdir()}
    assert {Path(url2pathname(urlparse(link).path)) for link in links} == written
    assert [*links.values()].count(["**/assumptions/macro.yaml"]) == 1
    (projects,) = [patterns for patterns in links.values() if "**/assumptions/pool/*.yaml" in patterns]
    assert "!**/assumptions/pool/totals.yaml" in projects


def test_a_folder_that_cannot_be_made(alatau, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = alatau("schema", "--out", "file/inside")
    assert done.returncode == 2
    assert "cannot be made" in done.stderr
