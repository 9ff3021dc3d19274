"""The folder that tests of writing write in."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import lay
from striking import FOREIGN


@pytest.fixture
def there(tmp_path: Path) -> Path:
    """A folder to write `x` in, with other people's things."""
    lay(tmp_path / "there", FOREIGN)
    return tmp_path / "there"
