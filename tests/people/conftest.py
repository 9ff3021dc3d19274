"""What the tests of people's sheets share."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import copy_shipped


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the shipped data that may be written to."""
    return copy_shipped(tmp_path / "home")
