"""Checks: of a cell that exists, by somebody known, with a value the cell could have, and with a reason unless they agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers import add, copy_untouched

import cstocases

CELL = {"table_name": "requests", "record_id": "kgz-2016-session", "field_name": "addressee"}
CHECK = {**CELL, "checker": "anna", "check_date": "2026-12-01", "seen_value": "csto_body", "opened_source": "true", "check_verdict": "agree"}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped data with no person but a coder anna, who has checked nothing."""
    home = copy_untouched(tmp_path_factory.mktemp("checks") / "home")
    add(home, "coders", coder="anna", coder_kind="person", saw_values="yes", codebook_version="0.1.0")
    return home


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({}, []),
        ({"check_verdict": "unsure", "check_reason": "The page is gone."}, []),
        ({"check_verdict": "disagree"}, ['check_reason: is missing but the verdict is "disagree" [check-reason]']),
        ({"record_id": "kgz-2017"}, ["record_id: 'kgz-2017' is no request_id of cases/requests.csv [no-cell]"]),
        ({"field_name": "adressee"}, ["field_name: 'requests.adressee' is no column [no-cell]"]),
        ({"seen_value": "(not known)"}, ["seen_value: '(not known)' is not a code of addressee: "]),
        ({"checker": "ann"}, ["checker: 'ann' is no coder of cases/coders.csv [reference]"]),
    ],
)
def test_a_check(home: Path, cells: dict[str, str], said: list[str]) -> None:
    """A sound check is taken; one spoilt cell gives one line at its place."""
    table = home / "cases/checks.csv"
    before = table.read_text(encoding="utf-8")
    line = add(home, "checks", **(CHECK | cells))
    found = [str(problem) for problem in cstocases.validate(home)]
    table.write_text(before, encoding="utf-8")

    assert len(said) == len(found)
    assert [] == [text for text, words in zip(found, said, strict=True) if not text.startswith(f"cases/checks.csv:{line}:{words}")]  # fmt: skip
