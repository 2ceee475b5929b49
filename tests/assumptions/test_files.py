"""Which files are read: those that have a place, of a bearable size, inside the root."""

from __future__ import annotations

import os
import sys

import pytest

from alatau_finance.assumptions import available_scenarios, files
from alatau_finance.errors import UsageError


def test_windows_bytes_are_told_with_the_file(tree, messages) -> None:
    tree.files["tax.yaml"] = "# НДС\ntax: {}\n".encode("cp1251")
    assert messages() == [
        "assumptions/tax.yaml:1:3: tax: this is not UTF-8 text, perhaps it is Windows-1251; save the file as UTF-8"
    ]


def test_a_file_may_begin_with_a_mark_and_end_lines_as_windows_does(tree) -> None:
    tree.files["tax.yaml"] = b"\xef\xbb\xbf" + tree.files["tax.yaml"].replace("\n", "\r\n").encode()
    assert tree.load().tax["vat_rate"].line == 3


@pytest.mark.parametrize("file", ["sources.yaml", "timeline.yaml", "tax.yaml", "pool/financing.yaml"])
def test_a_missing_file(file: str, tree, messages) -> None:
    del tree.files[file]
    name = file.removesuffix(".yaml").removeprefix("pool/")
    assert messages() == [f"assumptions/{file}:1:1: {name}: the file is missing"]


def test_a_file_without_a_place(tree, messages) -> None:
    tree.files["taxes.yaml"] = tree.files.pop("tax.yaml")
    assert messages() == [
        "assumptions/tax.yaml:1:1: tax: the file is missing",
        "assumptions/taxes.yaml:1:1: taxes.yaml: there is no place for a file of this name; allowed: sources.yaml,"
        " timeline.yaml, macro.yaml, tax.yaml, fiscal.yaml, asset_classes.yaml, risks.yaml, investment_projects.yaml,"
        " contracts, reference, pool, scenarios; did you mean tax.yaml?",
    ]


def test_folders_without_a_place(tree, messages) -> None:
    tree.files["contract/epcf.yaml"] = tree.files["pool/north/more.yaml"] = "contract: {}\n"
    tree.files["old.yml"] = ""
    assert messages() == [
        "assumptions/contract:1:1: contract: there is no place for a folder of this name;"
        " allowed: contracts, reference, pool, scenarios; did you mean contracts?",
        "assumptions/old.yml:1:1: old.yml: the ending must be .yaml; did you mean old.yaml?",
        "assumptions/pool/north:1:1: north: there is no place for a folder here",
    ]


def test_other_files_are_let_be(tree) -> None:
    tree.files["README.md"] = tree.files[".tax.yaml.swp"] = tree.files["tax.yaml~"] = tree.files["notes/a.txt"] = "-"
    assert len(tree.load().projects) == 2


def test_a_contract_that_nobody_uses(tree, messages) -> None:
    tree.files["contracts/epfc.yaml"] = tree.files["contracts/epcf.yaml"]
    assert messages() == [
        "assumptions/contracts/epfc.yaml:1:1: contracts.epfc: no split of pool/financing.yaml uses the contract type"
        " 'epfc'; allowed: budget, concession, epcf, investment, private; did you mean epcf?"
    ]


def test_a_new_contract_type_is_a_file_and_a_share(tree) -> None:
    tree.files["contracts/lease.yaml"] = tree.files["contracts/epcf.yaml"]
    tree.edit("pool/financing.yaml", "epcf:", "lease:")
    for split in ("budget", "epcf"):
        line = next(line for line in tree.files["scenarios/stress.yaml"].splitlines() if f"mixed.{split}" in line)
        tree.edit("scenarios/stress.yaml", line + "\n", "")
    assert tree.load().financing["mixed"]["lease"].value == 25


def test_a_large_file(tree, messages, monkeypatch) -> None:
    monkeypatch.setattr(files, "MAXIMUM_BYTES", 5000)
    tree.files["tax.yaml"] += "#" * 5000
    assert messages() == ["assumptions/tax.yaml:1:1: tax: larger than 5000 bytes"]


def test_too_many_files(tree, messages, monkeypatch) -> None:
    monkeypatch.setattr(files, "MAXIMUM_FILES", 3)
    assert "assumptions:1:1: assumptions: more than 3 files" in messages()[0]


needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights that a test may not have")


@needs_links
@pytest.mark.parametrize("file", ["tax.yaml", "pool/projects.yaml"])
def test_a_link_that_leads_out_of_the_root(file: str, tree, messages, tmp_path_factory) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.yaml"
    secret.write_text(tree.files.pop(file), encoding="utf-8")
    tree.write()
    (tree.root / "assumptions" / file).symlink_to(secret)
    (fault,) = messages()
    assert fault.startswith(f"assumptions/{file}:1:1: ")
    assert "a link that leads out of the folder" in fault


@needs_links
def test_a_folder_that_leads_out_of_the_root(tree, messages, tmp_path_factory) -> None:
    tree.write()
    for file in [name for name in tree.files if name.startswith("pool/")]:
        del tree.files[file]
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "pool"
    (tree.root / "assumptions/pool").rename(elsewhere)
    (tree.root / "assumptions/pool").symlink_to(elsewhere)
    assert [text for text in messages() if text.startswith("assumptions/pool")] == [
        "assumptions/pool:1:1: pool: a link that leads out of the folder of the assumptions; copy the file here"
    ]


@needs_links
def test_a_link_within_the_root(tree) -> None:
    tree.files["../shared/tax.yaml"] = tree.files.pop("tax.yaml")
    tree.write()
    (tree.root / "assumptions/tax.yaml").symlink_to("../shared/tax.yaml")
    assert tree.load().tax["vat_rate"].value == 16


@needs_links
def test_what_is_no_file(tree, messages) -> None:
    tree.write()
    os.mkfifo(tree.root / "assumptions/pool/pipe.yaml")
    assert messages() == ["assumptions/pool/pipe.yaml:1:1: pipe: this is not a file"]


def test_scenarios_are_listed_base_first(tree) -> None:
    tree.files["scenarios/ambitious.yaml"] = "overrides: {}\n"
    tree.write()
    assert available_scenarios(tree.root) == ("base", "ambitious", "stress")


@pytest.mark.parametrize("name", ["stres", "../tax", "", "stress.yaml"])
def test_an_unknown_scenario(name: str, tree) -> None:
    with pytest.raises(UsageError, match="there are: base, stress") as caught:
        tree.load(name)
    assert ("did you mean stress?" in str(caught.value)) == (name in {"stres", "stress.yaml"})


def test_a_file_that_is_a_list(tree, messages) -> None:
    tree.files["tax.yaml"] = "- vat_rate\n"
    assert messages() == ["assumptions/tax.yaml:1:1: tax: the file must begin with keys; allowed: defaults, tax"]
