"""What a blind coder is asked: everything that can be coded, and nothing that tells what was coded."""

from __future__ import annotations

import json
import random
import re

import pandas as pd
import pytest

import cstocases
from cstocases.dataset import data
from cstocases.errors import UnknownNameError
from cstocases.people.codings import questions_of
from cstocases.people.questions import coding_sheet
from cstocases.resolution.data import Data

CASES = list(cstocases.load("cases")["case_id"])


def shuffled(found: Data) -> Data:
    """The data with every value, reading, coding, verdict, title, note and topic in another place, and other asks and answers."""
    rng, tables = random.Random(7), {}  # noqa: S311 - no secrets
    loose = {
        "title",
        "note",
        "topic",
        "summary",
        "reading",
        "basis",
        "coded_value",
        "coding_note",
        "values_judged",
        "verdict",
    }
    for name, parsed in found.parsed.items():
        texts = parsed.texts.copy()
        columns = {f.name for f in parsed.table.evidenced} | (
            loose & set(texts.columns) if name != "sources" else set()
        )
        for column in columns | {c for c in texts if c.removesuffix("_precision") in columns}:
            texts[column] = pd.array(rng.sample(list(texts[column]), len(texts)), dtype="string")
        tables[name] = parsed.with_texts(
            texts.iloc[::2] if name in ("asks", "answers", "rationales", "readings") else texts
        )
    return found.counterfactual(tables)


@pytest.mark.parametrize("case", ["kgz-2010", "arm-2020", "kgz-2016"])
def test_no_value_reaches_the_sheet(case: str) -> None:
    """With all values, readings, codings and notes exchanged the sheet is the same to the byte."""
    other = shuffled(data())

    assert not other.frames["requests"].equals(data().frames["requests"])
    assert json.dumps(coding_sheet(data(), case, "anna").sheet) == json.dumps(coding_sheet(other, case, "anna").sheet)


def test_every_variable_of_the_case_its_requests_and_decisions_is_asked() -> None:
    """Each evidenced column but names in words is asked of each record, and each kind of help of each request and decision."""
    asked = coding_sheet(data(), "kgz-2010", "anna")
    requests = cstocases.load("requests").query("case_id == 'kgz-2010'")["request_id"]
    kinds = cstocases.package().table("asks").field("help_kind").labels
    of_records = {(c.record, c.field) for c in asked.cells.values() if c.table == "requests"}
    columns = {f.name for f in cstocases.package().table("requests").evidenced} - {"requester", "office"}

    assert {(r, f) for r in requests for f in columns} == of_records
    assert len(requests) * len(kinds) == sum(c[0] == "asks" and c.field == "record" for c in asked.cells.values())
    assert {"rationale", "direction", "mechanism", "explains"} == {
        c.field for c in asked.cells.values() if c.table == "evidence"
    }
    assert set(asked.cells) == set(questions_of(asked.sheet))


def test_published_asks_and_answers_are_among_the_questions() -> None:
    """The id under which an ask or an answer of a kind is asked for is that of the published row, where there is one."""
    for case in CASES:
        asked = set(coding_sheet(data(), case, "anna").cells.values())
        requests = cstocases.load("requests").query("case_id == @case")["request_id"]
        asks = cstocases.load("asks")
        published = asks.loc[asks["request_id"].isin(list(requests)), "ask_id"]
        assert {("asks", ask, "record") for ask in published} <= asked


def test_all_evidence_of_the_case_is_shown_once() -> None:
    """Statements of the case and of no case are there, without their ids, topics and notes."""
    sheet = coding_sheet(data(), "kgz-2016", "anna").sheet
    evidence = cstocases.load("evidence")

    assert sorted(evidence.query("case_id == 'kgz-2016'")["statement"]) == sorted(
        e["statement"] for e in sheet["evidence"]
    )
    assert evidence["case_id"].isna().sum() == len(sheet["background"])
    assert set() == {"topic", "note", "evidence_id", "citekey"} & set(sheet["evidence"][0])


def test_tokens_stay_and_differ_between_coders() -> None:
    """The same coder and case give the same tokens; another coder's are others, so that files cannot be mixed up."""
    anna, again, ben = (coding_sheet(data(), "kgz-2016", coder).cells for coder in ("anna", "anna", "ben"))

    assert anna == again
    assert set() == set(anna) & set(ben)


def test_only_missing_values_that_a_blind_coder_can_know_are_offered() -> None:
    """No evidence found needs a search, withheld something to withhold."""
    sheet = coding_sheet(data(), "kgz-2016", "anna").sheet

    assert ["(unknown)", "(not_applicable)", "(disputed)"] == [m["value"] for m in sheet["missing"]]


def test_no_retired_code_is_offered() -> None:
    """A code that is kept for old codings stands in the schema and on no sheet."""
    retired = {
        f"{t.name}.{f.name}/{c.value}" for t in data().package.stored.values() for f in t.fields for c in f.categories if c.retired
    }  # fmt: skip
    variables = coding_sheet(data(), "kgz-2016", "anna").sheet["variables"]
    offered = {f"{name}/{c['value']}" for name, v in variables.items() for c in v["choices"]}

    assert {"explanations.mechanism/legal_assessment"} == retired
    assert "explanations.mechanism/legal_limits" in offered
    assert set() == retired & offered


def test_definitions_name_only_what_is_on_the_sheet() -> None:
    """A definition names no column, no code of another dataset, and of ours only codes that the sheet offers."""
    sheet = coding_sheet(data(), "kgz-2010", "anna").sheet
    variables = sheet["variables"].values()
    codes = {c["value"].strip("()") for v in (*variables, {"choices": sheet["missing"]}) for c in v["choices"]}
    kinds = [row["description"] for g in sheet["groups"] for grid in g["grids"] for row in grid["rows"]]
    texts = [*kinds, *(v["description"] for v in variables), *(c["description"] for v in variables for c in v["choices"])]  # fmt: skip

    assert {"treaty_2", "csto_mandate"} <= {word for text in texts for word in re.findall(r"\b[a-z]+_\w+", text)}
    wrong = r"\b(?:UCDP|CAMEO|columns?)\b|\b[a-z]+_\w+"
    assert [] == [(word, text) for text in texts for word in re.findall(wrong, text) if word not in codes]


def test_cues_hold_no_label_of_a_code() -> None:
    """A cue never has the words of a code that is asked for, but for the forum, which it may name."""
    labels = {
        c.label.casefold(): f"{t}.{f.name}"
        for t in ("cases", "requests", "decisions", "asks", "answers")
        for f in cstocases.package().table(t).fields
        for c in f.categories
        if f.name != "forum" and c.label != "CSTO"
    }
    cues = [cue for t in ("cases", "requests", "decisions") for cue in cstocases.load(t)["cue"]]

    assert len(labels) > 100
    assert [] == [(cue, labels[x]) for cue in cues for x in labels if re.search(rf"\b{re.escape(x)}\b", cue.casefold())]


def test_an_unknown_case_is_named() -> None:
    """The nearest case is offered."""
    with pytest.raises(UnknownNameError, match="kgz-2010"):
        coding_sheet(data(), "kgz-2011", "anna")
