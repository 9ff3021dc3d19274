"""Judging again in one process: only what changed is read again, and what stays is judged by the schema of now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import helpers
import pytest

from cstocases.parsing import parsed_table


def test_only_the_edited_table_is_read_again(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an edit one table is read, with its problem; after it is undone there is none."""
    assert [] == helpers.shown(small)
    read, parse = list[str](), parsed_table.parse

    def watched(package: Any, table: Any, raw: bytes) -> parsed_table.Parsed:
        read.append(table.name)
        return parse(package, table, raw)

    monkeypatch.setattr(parsed_table, "parse", watched)
    file = helpers.csv_path(small, "states")
    sound = file.read_bytes()
    file.write_bytes(sound.replace(b"ARM", b"arm", 1))
    (told,) = (line for line in helpers.shown(small) if "[pattern]" in line)
    file.write_bytes(sound)

    assert told.startswith("cases/states.csv:2:iso3c: 'arm' does not have the form")
    assert [] == helpers.shown(small)
    assert ["states", "states"] == read


def test_the_same_table_under_another_schema(small: Path) -> None:
    """A table that was sound is judged by a schema that has changed since."""
    assert [] == helpers.shown(small)
    helpers.change_schema(small, "states", lambda table: _field(table, "cow_number")["constraints"].update(maximum=370))
    assert "cases/states.csv:2:cow_number: 371 is above 370 [maximum]" in helpers.shown(small)


def test_the_same_table_with_other_missing_value_codes(small: Path) -> None:
    """What was a value is missing once dataset.json lists it among the missing-value codes."""
    helpers.edit(small, "cases/states.csv", b"Armenia", b"armenia")
    assert [] == helpers.shown(small)
    helpers.change_schema(
        small, "dataset", lambda dataset: dataset["missingValues"].append({"value": "armenia", "label": "is Armenia"})
    )
    assert ['cases/states.csv:2:name: is required but is "armenia" [required]'] == helpers.shown(small)


def _field(table: dict[str, Any], name: str) -> dict[str, Any]:
    return next(field for field in table["fields"] if field["name"] == name)
