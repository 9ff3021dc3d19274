"""Citations by selection: the dataset and exactly the sources behind the cells selected."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import helpers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cstocases
from cstocases.schema.reader import default_home

STORED = {
    name: list(csv.DictReader(io.StringIO((default_home() / table.path).read_bytes().decode(), newline="")))
    for name, table in cstocases.package().stored.items()
}
KEYS = {name: table.primary_key[0] for name, table in cstocases.package().stored.items()}
ROWS = {(name, row[KEYS[name]]): row for name, rows in STORED.items() for row in rows[::-1]}
CASES = [row["case_id"] for row in STORED["cases"]]
TABLES = sorted({row["table_name"] for row in STORED["readings"]})
FIELDS = sorted({row["field_name"] for row in STORED["readings"]} - {"record"})
EVIDENCED = {f.name for table in cstocases.package().stored.values() for f in table.evidenced}


def case_of(table: str, record: str) -> str | None:
    """The case a row belongs to, by walking from contribution to decision to request."""
    row = ROWS[table, record]
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
    used |= {
        ("rationales", "rationale"),
        ("rationales", "direction"),
        ("explanations", "mechanism"),
        ("explanations", "explains"),
    }
    used |= {(table, bound) for table in ("offices", "provisions") for bound in ("start_date", "end_date")}
    came = cstocases.load("comparison").query("case_id == @case")
    granted = came[["csto_outcome_military", "bilateral_outcome_military"]].isin(["granted", "granted_in_part"])
    helped = granted.any(axis=1) | came[["csto_forces_sent", "bilateral_forces_sent"]].fillna(False).any(axis=1)
    why = {"both", *helped.map({True: "grant", False: "refusal"})}
    said["explanations"] &= {r["explanation_id"] for r in STORED["explanations"] if r["explains"] in why}
    said["rationales"] &= {
        r["rationale_id"] for r in STORED["rationales"] if r["ask_id"] in asks or r["answer_id"] in answers
    }
    days = [r["date"] for r in STORED["requests"] if r["case_id"] == case and r["date"][0].isdigit()]

    def held(r: dict[str, str]) -> bool:
        return any(
            r["start_date"] <= day and (r["end_date"] == "not_applicable" or day < r["end_date"]) for day in days
        )

    law = {
        r["provision_id"] for r in STORED["provisions"] if re.fullmatch("cst-4-[0-9]{4}", r["provision_id"]) and held(r)
    }
    said |= {
        "offices": {r["office_id"] for r in STORED["offices"] if r["office_kind"] == "chair" and held(r)},
        "provisions": {*law, "crisis-rules-2010"},
    }

    def counts(r: dict[str, str]) -> bool:
        table, record, field = r["table_name"], r["record_id"], r["field_name"]
        mine = {"requests": requests, "cases": {case}, "asks": asks, "answers": answers, **said}
        if table == "decisions":
            return record in decided and (field in ("record", "date") or (finals.get(record, ""), field) in of_forum)
        return record in mine.get(table, ()) and (field == "record" or (table, field) in used)

    return {SOURCE[r["evidence_id"]] for r in STORED["readings"] if counts(r)}


@pytest.mark.parametrize("case", CASES)
def test_the_comparison_has_the_sources_behind_its_cells(case: str) -> None:
    """Of a case those of its requests, final decisions, rationales, explanations, law and chair, as far as the comparison shows them."""
    found = [item["id"] for item in json.loads(cstocases.cite("csl-json", table="comparison", case=case))]

    assert ["cstocases", *sorted(behind_comparison(case))] == found
    assert len(found) > 3


def test_a_field_of_the_comparison_has_its_own_sources() -> None:
    """A field taken over has the sources of the cell it comes from, an outcome those of the answers, one made of a code those of the rows with that code."""
    organ = cited(table="comparison", case="kaz-2022", field="csto_organ")
    assert organ
    assert set(organ) <= set(cited(table="decisions", case="kaz-2022", field="organ"))
    outcome = cited(table="comparison", case="kaz-2022", field="csto_outcome_military")
    assert set(cited(table="answers", case="kaz-2022", field="answer")) <= set(outcome)
    code = next(r for r in STORED["rationales"] if r["case_id"] == "kaz-2022" and r["direction"] == "for")
    for_ = cited(table="comparison", case="kaz-2022", field=f"for_{code['rationale']}")
    assert for_
    assert set(for_) < set(cited(table="rationales", case="kaz-2022"))


def cited(style: str = "csl-json", **selection: object) -> list[str]:
    """The ids of the sources cited, in their order."""
    return [item["id"] for item in json.loads(cstocases.cite(style, **selection))][1:]


def test_a_record_and_its_sides() -> None:
    """The sources of one cell fall into those that give the published value and those that give another; one may do both."""
    cell = {"table": "requests", "record": "kgz-2010-troops", "field": "date"}
    gives = {r["reading"]: set() for r in STORED["readings"]}
    for r in STORED["readings"]:
        if (r["table_name"], r["record_id"], r["field_name"]) == tuple(cell.values()):
            gives[r["reading"]].add(SOURCE[r["evidence_id"]])
    other = {citekey for value, sources in gives.items() if not "2010-06-12".startswith(value) for citekey in sources}

    assert other
    assert sorted(other) == cited(**cell, side="conflicts")
    assert sorted(set().union(*gives.values())) == cited(**cell) == sorted({*cited(**cell, side="supports"), *other})
    assert set(cited(**cell)) < set(cited(record="kgz-2010-troops")) < set(cited(case="kgz-2010"))
    assert sorted(other) == cited(**{**cell, "table": "comparison"}, side="conflicts")


@pytest.mark.parametrize(
    ("table", "record", "field", "behind"),
    [
        ("comparison", "kaz-2022-appeal", "chair_state", {"table": "offices", "record": "chair-arm-2021"}),
        (
            "request_members",
            "kaz-2022-appeal/ARM",
            "personnel_best",
            {"table": "contributions", "record": "kaz-2022-arm"},
        ),
        ("member_years", "KAZ/2022", "cases_n", {"table": "cases", "record": "kaz-2022", "field": "start_date"}),
    ],
)
def test_a_derived_cell_has_the_sources_of_the_cells_behind_it(
    table: str, record: str, field: str, behind: dict[str, str]
) -> None:
    """A cell of each derived table cites the stored cell that it is computed from; another row of the table does not."""
    of_field = {"chair_state": "start_date", "personnel_best": "personnel_best"}
    of_cell = cited(**{"field": of_field.get(field), **behind})
    rows = [
        [str(part) for part in row]
        for row in cstocases.load(table)[list(cstocases.package().table(table).primary_key)].itertuples(index=False)
    ]

    assert of_cell
    assert set(of_cell) <= set(cited(table=table, record=record, field=field)) <= set(cited(table=table, record=record))
    assert any(not set(of_cell) & set(cited(table=table, record="/".join(row), field=field)) for row in rows[:5])


def test_keys_are_the_citekeys_however_sources_are_sorted_or_selected(small: Path) -> None:
    """An entry has its citekey as key in every selection, and the same text; turning sources.csv round changes nothing."""
    selections = [{"table": "statuses"}, {"table": "comparison"}, {"case": "kaz-2022"}, {"record": "kaz-2022-appeal"}, {"side": "supports"}]  # fmt: skip
    entries = re.compile(r"^@\w+\{([^,]+),\n(.*?)^\}", re.MULTILINE | re.DOTALL)

    def written() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for selection in selections:
            for key, text in entries.findall(cstocases.cite("bibtex", **selection, home=small)):
                found.setdefault(key, []).append(re.sub(r"  annotation = .*\n|(?<=\}),$", "", text, flags=re.MULTILINE))
        return found

    before = written()
    head, *rows = helpers.read_rows(small, "sources")
    assert set(before) <= {"cstocases", *(row[0] for row in rows)}
    assert len(before) > 4
    assert {1} == {len(set(texts)) for texts in before.values()}
    assert max(len(texts) for texts in before.values()) == len(selections)
    helpers.write_rows(small, "sources", [head, *rows[::-1]])
    assert before == written()


def test_all_of_the_comparison_and_the_statuses() -> None:
    """The comparison rests on a part of the sources, the statuses on those of every evidenced cell."""
    ids = {name: {i["id"] for i in json.loads(cstocases.cite("csl-json", table=name))} for name in ("comparison", "statuses", "decisions", "requests")}  # fmt: skip

    assert ids["comparison"] < ids["statuses"]
    assert ids["statuses"] == {"cstocases", *SOURCE.values()} & ids["statuses"]
    assert {SOURCE[r["evidence_id"]] for r in STORED["readings"]} == ids["statuses"] - {"cstocases"}
