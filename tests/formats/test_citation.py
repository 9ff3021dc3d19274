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
    owner = next((name for name in ("decision", "request", "ask") if f"{name}_id" in row and name != table[:-1]), None)
    return case_of(f"{owner}s", row[f"{owner}_id"]) if owner else None


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


def behind_comparison(case: str) -> set[str]:
    """The sources behind what the comparison says of a case, from the CSV files and the schema alone."""
    fields = cstocases.package().table("comparison").fields
    requests = {r["request_id"] for r in STORED["requests"] if r["case_id"] == case}
    finals = {r["decision_id"]: r["forum"] for r in STORED["decisions"] if r["request_id"] in requests and r["is_final"] == "true"}  # fmt: skip
    decided = {r["decision_id"] for r in STORED["decisions"] if r["request_id"] in requests}
    said = {name: {r[f"{name[:-1]}_id"] for r in STORED[name] if r["case_id"] == case} for name in ("rationales", "explanations")}  # fmt: skip
    used = {("requests", f.ref[1]) for f in fields if f.ref and f.ref[0] == "requests"}
    used |= {("cases", f.ref[1]) for f in fields if f.ref and f.ref[0] == "cases"}
    of_forum = {(f.name.split("_")[0], f.ref[1]) for f in fields if f.ref and f.ref[0] == "decisions"}
    asks = {r["ask_id"] for r in STORED["asks"] if r["request_id"] in requests}
    answers = {r["answer_id"] for r in STORED["answers"] if r["decision_id"] in decided}
    used |= {("asks", name) for name in ("help_kind", "status")}
    used |= {("answers", name) for name in ("help_kind", "answer", "taken", "delivery")}
    used |= {("rationales", "rationale"), ("rationales", "direction"), ("explanations", "mechanism")}

    def counts(r: dict[str, str]) -> bool:
        table, record, field = r["table_name"], r["record_id"], r["field_name"]
        mine = {"requests": requests, "cases": {case}, "asks": asks, "answers": answers, **said}
        if table == "decisions":
            return record in decided and (field in ("record", "date") or (finals.get(record, ""), field) in of_forum)
        return record in mine.get(table, ()) and (field == "record" or (table, field) in used)

    return {SOURCE[r["evidence_id"]] for r in STORED["readings"] if counts(r)}


@pytest.mark.parametrize("case", CASES)
def test_the_comparison_has_the_sources_behind_its_cells(case: str) -> None:
    """Of a case those of its requests, final decisions, rationales and explanations, as far as the comparison shows them."""
    found = [item["id"] for item in json.loads(cstocases.cite("csl-json", table="comparison", case=case))]

    assert ["cstocases", *sorted(behind_comparison(case))] == found
    assert len(found) > 3


def test_a_field_of_the_comparison_has_its_own_sources() -> None:
    """A field taken over has the sources of the cell it comes from, an outcome those of the answers, one made of a code those of the rows with that code."""

    def cited(**selection: str) -> list[str]:
        return [item["id"] for item in json.loads(cstocases.cite("csl-json", **selection))][1:]

    organ = cited(table="comparison", case="kaz-2022", field="csto_organ")
    assert organ
    assert set(organ) <= set(cited(table="decisions", case="kaz-2022", field="organ"))
    outcome = cited(table="comparison", case="kaz-2022", field="csto_outcome_military")
    assert set(cited(table="answers", case="kaz-2022", field="answer")) <= set(outcome)
    code = next(r for r in STORED["rationales"] if r["case_id"] == "kaz-2022" and r["direction"] == "for")
    for_ = cited(table="comparison", case="kaz-2022", field=f"for_{code['rationale']}")
    assert for_
    assert set(for_) < set(cited(table="rationales", case="kaz-2022"))


def test_all_of_the_comparison_and_the_statuses() -> None:
    """The comparison rests on a part of the sources, the statuses on those of every evidenced cell."""
    ids = {name: {i["id"] for i in json.loads(cstocases.cite("csl-json", table=name))} for name in ("comparison", "statuses", "decisions", "requests")}  # fmt: skip

    assert ids["comparison"] < ids["statuses"]
    assert ids["statuses"] == {"cstocases", *SOURCE.values()} & ids["statuses"]
    assert {SOURCE[r["evidence_id"]] for r in STORED["readings"]} == ids["statuses"] - {"cstocases"}
