"""The shipped data: sound, canonical, and described to the last code."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from helpers import SHIPPED, csv_path, grow, shown

import cstocases

PACKAGE = cstocases.package()
STORED = list(PACKAGE.stored)


@pytest.mark.parametrize("table", STORED)
def test_files_are_canonical(table: str) -> None:
    """Every file is byte for byte what `format` would write, so that a changed value is a changed line and no more."""
    assert cstocases.canonical(table).encode() == csv_path(SHIPPED, table).read_bytes()


def test_no_evidence_was_lost() -> None:
    """Every statement of the seven dossiers is here, as a row or merged into one: that many ids by the letters they begin with."""
    dossiers = {"kgz": 150, "arm": 230, "kaz": 217, "leg": 140, "uni": 200, "mem": 119, "org": 61}
    rows = cstocases.load("evidence")
    ids = [*rows["evidence_id"], *rows["merged_ids"].dropna().str.split("; ").explode()]
    found = Counter(name.split("-")[0] for name in ids)
    assert dossiers == {prefix: found[prefix] for prefix in dossiers}


def test_every_field_and_code_is_described() -> None:
    """A field's description says more than its title; codes are defined, those compared across cases with a borderline case."""
    fields = [(t, f) for t in PACKAGE.all_tables.values() for f in t.fields]
    codes = [(t, f, c.description) for t, f in fields if t.name in STORED and f.name != "topic" for c in f.categories]
    compared = [(t, f, text) for t, f, text in codes if t.group == "Cases, requests and responses"]

    assert [] == [(t.name, f.name) for t, f in fields if f.title == f.description]
    assert [] == [(t.name, f.name) for t, f, text in codes if not text.strip()]
    assert [] == [(t.name, f.name, text) for t, f, text in compared if "Borderline: " not in text]


@pytest.mark.slow
def test_enlarged_data_are_sound(tmp_path: Path) -> None:
    """What the benchmark measures at size is a dataset of the asked number of readings that `validate` accepts."""
    grow(tmp_path, 2000)
    assert shown(tmp_path) == []
    assert 1900 <= len(cstocases.load("readings", home=tmp_path)) <= 2000
