"""The shipped data: sound, canonical, and described to the last code."""

from __future__ import annotations

from collections import Counter

import pytest
from helpers import SHIPPED, csv_path

import cstocases

PACKAGE = cstocases.package()
STORED = list(PACKAGE.stored)


def test_the_shipped_data_are_sound() -> None:
    """Nothing is wrong with what is shipped."""
    assert cstocases.validate() == []


@pytest.mark.parametrize("table", STORED)
def test_files_are_canonical(table: str) -> None:
    """Every file is byte for byte what `format` would write, so that a changed value is a changed line and no more."""
    assert cstocases.canonical(table).encode() == csv_path(SHIPPED, table).read_bytes()


def test_no_evidence_was_lost() -> None:
    """Every proposition of the seven dossiers is here: that many rows by the letters their ids begin with."""
    dossiers = {"kgz": 150, "arm": 230, "kaz": 217, "leg": 140, "uni": 200, "mem": 119, "org": 61}
    found = Counter(cstocases.load("evidence")["evidence_id"].str.split("-").str[0])
    assert dossiers == {prefix: found[prefix] for prefix in dossiers}


def test_three_founding_cases_are_here() -> None:
    """The cases the dataset began with stay in it and stay core."""
    cases = cstocases.load("cases")
    assert {"kgz-2010", "arm-2020", "kaz-2022"} <= set(cases.loc[cases["core"], "case_id"])


def test_every_field_is_described() -> None:
    """Every field of every table, the derived one included, has a title, and a description that says more."""
    assert [
        f"{table.name}.{field.name}"
        for table in PACKAGE.all_tables.values()
        for field in table.fields
        if not field.title.strip() or not field.description.strip() or field.title == field.description
    ] == []


def test_every_code_is_defined() -> None:
    """Every code of every list but the topics of evidence has a definition."""
    assert [
        f"{table.name}.{field.name}: {code.value}"
        for table in PACKAGE.stored.values()
        for field in table.fields
        for code in field.categories
        if (table.name, field.name) != ("evidence", "topic") and not code.description.strip()
    ] == []


def test_every_code_of_the_comparison_has_a_borderline_case() -> None:
    """What is compared across cases says, code by code, which borderline case falls under it."""
    assert [
        f"{table.name}.{field.name}: {code.value}"
        for table in PACKAGE.stored.values()
        if table.group == "Cases, requests and responses"
        for field in table.fields
        for code in field.categories
        if "Borderline: " not in code.description
    ] == []
