"""What holds for every test: deterministic hypothesis in CI, and when a test that needs LibreOffice may be skipped."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

# Compiling a kernel inside a test takes longer than hypothesis expects of an example.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test marked ``libreoffice`` where there is none, unless the environment requires it."""
    if item.get_closest_marker("libreoffice") and shutil.which("soffice") is None:
        if os.environ.get("ALATAU_REQUIRE_LIBREOFFICE"):
            pytest.fail("LibreOffice Calc is required (ALATAU_REQUIRE_LIBREOFFICE) and soffice is not on the path")
        pytest.skip("LibreOffice Calc (soffice) is not installed")
