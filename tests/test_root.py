"""Which folder is used, and how the models in it are imported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from alatau_finance.errors import ModelError, UsageError
from alatau_finance.root import Root, bundled, find_root, load_models

MODEL = '''
from alatau_finance.modelling import Input, Model, line
from .parts import Part

class {name}(Part, Model):
    """A contract."""
    key = "{key}"

    @line("bn KZT")
    def twice(m):
        """Twice the price."""
        return m.price + m.price
'''
PART = '''
from alatau_finance.modelling import Input

class Part:
    """A piece."""
    price = Input("bn KZT", "{label}")
'''


def make_root(folder: Path, *, label: str = "Price", **models: str) -> Root:
    (folder / "assumptions").mkdir(parents=True)
    (folder / "models" / "parts").mkdir(parents=True)
    (folder / "models" / "parts" / "__init__.py").write_text(PART.format(label=label))
    for stem, text in models.items():
        (folder / "models" / f"{stem}.py").write_text(text)
    return Root(folder, "option")


def test_the_option_wins(tmp_path: Path) -> None:
    (tmp_path / "mine" / "assumptions").mkdir(parents=True)
    assert find_root(tmp_path / "mine") == Root((tmp_path / "mine").resolve(), "option")


def test_a_folder_without_assumptions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no assumptions/ folder"):
        find_root(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere has no assumptions/ folder"):
        find_root(tmp_path / "nowhere")


def test_the_nearest_parent_is_found(tmp_path: Path) -> None:
    (tmp_path / "assumptions").mkdir()
    (tmp_path / "inner" / "assumptions").mkdir(parents=True)
    deep = tmp_path / "inner" / "a" / "b"
    deep.mkdir(parents=True)
    assert find_root(start=deep) == Root((tmp_path / "inner").resolve(), "parent")
    assert find_root(start=tmp_path) == Root(tmp_path.resolve(), "parent")


def test_elsewhere_the_bundled_copy_is_used(tmp_path: Path) -> None:
    assert find_root(start=tmp_path) == Root(bundled(), "bundled")
    assert (bundled() / "assumptions").is_dir()
    assert (bundled() / "models").is_dir()


def test_models_are_loaded_by_key_with_their_parts(tmp_path: Path) -> None:
    root = make_root(tmp_path, one=MODEL.format(name="One", key="one"), two=MODEL.format(name="Two", key="two"))
    models = load_models(root)
    assert list(models) == ["one", "two"]
    assert list(models["one"].declarations) == ["price", "twice"]


def test_two_roots_in_one_process_do_not_meet(tmp_path: Path) -> None:
    text = MODEL.format(name="One", key="one")
    first = load_models(make_root(tmp_path / "a", label="First", one=text))["one"]
    second = load_models(make_root(tmp_path / "b", label="Second", one=text))["one"]
    assert (first.declarations["price"].label, second.declarations["price"].label) == ("First", "Second")


def test_loading_twice_gives_the_same_classes(tmp_path: Path) -> None:
    root = make_root(tmp_path, one=MODEL.format(name="One", key="one"))
    assert load_models(root) == load_models(root)


def test_an_edited_model_is_loaded_anew(tmp_path: Path) -> None:
    root = make_root(tmp_path, one=MODEL.format(name="One", key="one"))
    load_models(root)
    file = root.path / "models" / "one.py"
    file.write_text(MODEL.format(name="One", key="another"))
    assert list(load_models(root)) == ["another"]


def test_a_change_of_the_same_size_at_the_same_time_is_seen(tmp_path: Path) -> None:
    root = make_root(tmp_path, one=MODEL.format(name="One", key="one"))
    load_models(root)
    file = root.path / "models" / "one.py"
    then = file.stat()
    file.write_text(MODEL.format(name="One", key="two"))
    os.utime(file, ns=(then.st_atime_ns, then.st_mtime_ns))
    assert list(load_models(root)) == ["two"]


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("x = 1\ny = (\n", "models/broken.py:2: SyntaxError", "never closed"),
        ("x = 1\n\nraise ValueError('no')\n", "models/broken.py:3: ValueError", "no"),
        ("from .parts import Nothing\n", "models/broken.py:1: ImportError", "Nothing"),
        ("import no_such_thing\n", "models/broken.py:1: ModuleNotFoundError", "no_such_thing"),
    ],
)
def test_a_broken_model_names_file_and_line(tmp_path: Path, text: str, place: str, reason: str) -> None:
    root = make_root(tmp_path, broken=text)
    with pytest.raises(ModelError, match=reason) as caught:
        load_models(root)
    assert str(caught.value).startswith(place)


def test_a_fault_in_a_part_names_the_part(tmp_path: Path) -> None:
    root = make_root(tmp_path, one=MODEL.format(name="One", key="one"))
    (tmp_path / "models" / "parts" / "__init__.py").write_text("1 / 0\n")
    with pytest.raises(ModelError, match=r"models/parts/__init__\.py:1: ZeroDivisionError"):
        load_models(root)


def test_one_key_is_one_model(tmp_path: Path) -> None:
    root = make_root(tmp_path, one=MODEL.format(name="One", key="one"), two=MODEL.format(name="Two", key="one"))
    with pytest.raises(ModelError, match="the key one is already that of One"):
        load_models(root)


def test_a_root_with_values_only_uses_the_bundled_models(tmp_path: Path) -> None:
    (tmp_path / "assumptions").mkdir()
    root = Root(tmp_path, "option")
    assert root.models == bundled() / "models"
    assert list(load_models(root)) == list(load_models(Root(bundled(), "bundled")))
