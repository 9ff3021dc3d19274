"""Fixtures: the shipped dataset and the small one, each in a folder of its own that a test may damage."""

from __future__ import annotations

from pathlib import Path

import helpers
import pytest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the shipped dataset."""
    return helpers.copy_shipped(tmp_path)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the small dataset."""
    return helpers.write_small(tmp_path)
