"""Fixtures: the shipped dataset and the small one, each in a folder of its own that a test may damage."""

from __future__ import annotations

from pathlib import Path

import helpers
import pytest
from hypothesis import settings

import cstocases

# How long an example takes depends on the machine; what it costs is the benchmark's to say.
settings.register_profile("search", deadline=None)
# The same examples in every run, so that a change is judged by what it changes.
settings.register_profile("cstocases", settings.get_profile("search"), derandomize=True)
settings.load_profile("cstocases")


@pytest.fixture(scope="session")
def export_all(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One export of the shipped data in every format; no test changes it."""
    return cstocases.export(tmp_path_factory.mktemp("export") / "data", ["all"])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the shipped dataset."""
    return helpers.copy_shipped(tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the small dataset."""
    return helpers.write_small(tmp_path)
