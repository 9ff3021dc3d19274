"""Citations by selection: the dataset and exactly the sources behind the cells selected."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cstocases
from cstocases.schema.reader import default_home

STORED = {
    name: list(csv.DictReader(io.StringIO((default_home() / table.path).read_bytes().decode(), newline="")))
    for name, table in cstocases.package().stored.items()
}
CASES = [row["case_id"] for row in STORED["cases"]]
TABLES = sorted({row["table_name"] for row in STORED["readings"]})
FIELDS = sorted({row["field_name"] for row in STORED["readings"]} - {"record"})
EVIDENCED = {f.name for table in cstocases.package().stored.values() for f in table.evidenced}


def case_of(table: str, record: str) -> str | None:
    """The case a row belongs to, by walking from contribution to decision to request."""
    key = cstocases.package().table(table).primary_key[0]
    row = next(r for r in STORED[table] if r[key] == record)
    if row.get("case_id"):
        return row["case_id"]
    if table == "contributions":
        return case_of("decisions", row["decision_id"])
    return case_of("requests", row["request_id"]) if table == "decisions" else None


OWNER = {pair: case_of(*pair) for pair in {(r["table_name"], r["record_id"]) for r in STORED["readings"]}}
SOURCE = {row["evidence_id"]: row["citekey"] for row in STORED["evidence"]}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    case=st.none() | st.sampled_from(CASES),
    table=st.none() | st.sampled_from(TABLES),
    field=st.none() | st.sampled_from(FIELDS),
)
def test_exactly_the_sources_behind_a_selection(case: str | None, table: str | None, field: str | None) -> None:
    """For any case, table and field, the ids cited are the dataset's and those of the sources its readings come from."""
    if field and field not in ({f.name for f in cstocases.package().table(table).evidenced} if table else EVIDENCED):
        with pytest.raises(cstocases.UnknownNameError, match="no evidenced field named"):
            cstocases.cite("csl-json", case=case, table=table, field=field)
        return
    wanted = {
        SOURCE[r["evidence_id"]]
        for r in STORED["readings"]
        if (case is None or OWNER[r["table_name"], r["record_id"]] == case)
        and table in (None, r["table_name"])
        and field in (None, r["field_name"])
    }
    found = [item["id"] for item in json.loads(cstocases.cite("csl-json", case=case, table=table, field=field))]

    assert "cstocases" == found[0]
    assert sorted(wanted if case or table or field else ()) == found[1:]


def test_styles_cite_the_same_sources() -> None:
    """Text, BibTeX, CSL-JSON and RIS of one selection have the same entries in the same order."""
    selection = {"case": "kgz-2010", "table": "requests"}
    ids = [item["id"] for item in json.loads(cstocases.cite("csl-json", **selection))]

    assert len(ids) > 10
    assert ids == re.findall(r"^@\w+\{([^,]+),", cstocases.cite("bibtex", **selection), re.MULTILINE)
    assert ids == re.findall(r"^ID  - (.+)$", cstocases.cite("ris", **selection), re.MULTILINE)
    assert len(ids) == len(cstocases.cite("text", **selection).split("\n\n"))
