"""``alatau-fin show``."""

from __future__ import annotations

import pytest

MODELS = ("budget", "concession", "economy", "epcf", "investment", "pool")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("form", "start"), [("python", "def "), ("excel", "   1  "), ("graph", "digraph "), ("kernel", '"""')]
)
def test_every_model_in_every_form(alatau, model: str, form: str, start: str) -> None:
    done = alatau("show", model, "--as", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(start)
    if form in ("python", "kernel"):
        compile(done.stdout, model, "exec")


def test_python_is_what_is_shown_unless_asked(alatau) -> None:
    assert alatau("show", "epcf").stdout == alatau("show", "epcf", "--as", "python").stdout
