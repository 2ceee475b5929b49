"""A model written as text, so that the file and lines its complaints name do not move when a test file is edited."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent, indent
from typing import Any

import pytest

from alatau_finance.modelling.model import Model
from alatau_finance.modelling.plan import Plan, build_plan

HEADER = "from alatau_finance.modelling import *\n\n\nclass Example(Model):\n"


def _model(body: str) -> type[Model]:
    names: dict[str, Any] = {}
    source = HEADER + indent(dedent(body).strip(), "    ")
    exec(compile(source, "/somewhere/models/example.py", "exec", dont_inherit=True), names)
    return names["Example"]


@pytest.fixture(scope="session")
def model_of() -> Callable[[str], type[Model]]:
    """The class ``Example`` with this body; its first line is line 5 of models/example.py."""
    return _model


@pytest.fixture(scope="session")
def plan_of() -> Callable[[str], Plan]:
    """The plan of the class with this body."""
    return lambda body: build_plan(_model(body))
