"""Column rules: pandera judges, each finding has a line and a message, and no pattern runs away."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cache
from typing import Any

import helpers
import pandas as pd
import pandera.errors
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cstocases
from cstocases.parsing import column_rules, csv_reader
from cstocases.schema.model import Category, Field, Table

NAMES = {"not_nullable": "required", "field_uniqueness": "unique"}


@cache
def shipped(name: str) -> csv_reader.Parsed:
    """A shipped table, parsed."""
    dataset = cstocases.package()
    return helpers.parse_file(dataset, dataset.stored[name])


def by_pandera(parsed: csv_reader.Parsed) -> set[tuple[int, str, str]]:
    """Line, column and rule of every failure pandera finds."""
    try:
        cstocases.to_pandera(parsed.table).validate(parsed.frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        return {
            (int(line), column, NAMES.get(check, check))
            for line, column, check in zip(cases["index"], cases["column"], cases["check"], strict=True)
        }
    return set()


def odd_value(f: Field, column: pd.Series, seed: int) -> Any:
    """A value of the field's type that may break a rule: none, another row's, out of bounds, no code."""
    odd: dict[str, list[Any]] = {
        "string": [pd.NA, "x", "", "1", "a b", "http://x"],
        "integer": [pd.NA, -1, 0, 10**9],
        "number": [pd.NA, -1.5, 1e9],
        "boolean": [pd.NA, True],
        "date": [pd.NaT, pd.Timestamp("1900-01-01")],
    }
    choice = [*odd[f.type], *column.dropna().head(3)]
    return choice[seed % len(choice)]


@pytest.mark.parametrize("name", sorted(cstocases.package().stored))
@settings(max_examples=15)
@given(data=st.data())
def test_columns_are_judged_as_pandera_judges_them(name: str, data: st.DataObject) -> None:
    """Whatever cells of a table are spoilt, validate finds the same cells and rules as pandera with the same schema."""
    parsed = shipped(name)
    frame, kinds = parsed.frame.copy(), parsed.missing_codes.copy()
    for _ in range(data.draw(st.integers(0, 5))):
        f = data.draw(st.sampled_from(parsed.table.fields))
        line = data.draw(st.sampled_from(list(frame.index)))
        frame.at[line, f.name] = odd_value(f, frame[f.name], data.draw(st.integers(0, 20)))
    # A missing cell always has its kind; here it is the empty one.
    kinds = kinds.where(frame.isna(), pd.NA).mask(frame.isna() & kinds.isna(), "not_coded").astype("string")
    spoilt = replace(parsed, frame=frame, missing_codes=kinds, problems=[])
    assert by_pandera(spoilt) == {(p.line, p.column, p.rule) for p in column_rules.check_columns(spoilt)}


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|a)*b", "(.*a){25}", "(x+x+)+y"])
def test_no_pattern_runs_away(pattern: str) -> None:
    """A pattern that takes a backtracking engine longer than the universe has is answered at once."""
    text = "a" * 30_000 + "!"
    start = time.monotonic()
    assert [False] == column_rules.matches(pd.Series([text], dtype="string"), pattern).tolist()
    assert time.monotonic() - start < 10


def test_a_value_that_stands_often_is_told_briefly() -> None:
    """Of many lines with one value that must be unique, each names five at most and how many more there are."""
    table = Table(
        "things", "Things", "One.", (Field("thing_id", "string", "Thing", "Key.", unique=True),), ("thing_id",)
    )
    frame = pd.DataFrame({"thing_id": ["a"] * 9}, index=range(2, 11), dtype="string")
    kinds = pd.DataFrame({"thing_id": [pd.NA] * 9}, index=frame.index, dtype="string")
    assert ["'a' is also in line 3, 4, 5, 6 and 4 more", "'a' is also in line 2, 3, 4, 5, 6 and 3 more"] == [
        problem.message
        for problem in column_rules.check_columns(csv_reader.Parsed(table, frame, kinds))
        if problem.line in (2, 10)
    ]


def test_findings_have_the_words_of_their_rule() -> None:
    """Each rule of a column is told at its line, in its words, with the value as the file has it."""
    codes = (Category("yes", 1, "Yes"), Category("no", 2, "No"))
    fields = (
        Field("thing_id", "string", "Thing", "Key.", required=True, unique=True, pattern="[a-z]+"),
        Field("answer", "string", "Answer", "A code.", categories=codes),
        Field("number", "integer", "Number", "A number.", required=True, minimum=1, maximum=9),
    )
    texts = {"thing_id": ["a", "a", "B", "unknown", ""], "answer": ["yes", "perhaps", "", "no", "no"]}
    frame = pd.DataFrame({**texts, "number": pd.array([0, 10, 5, None, None], "Int64")}, index=range(2, 7))
    frame = frame.astype({"thing_id": "string", "answer": "string"}).replace({"": pd.NA, "unknown": pd.NA})
    missing = frame.copy().astype("string").map(lambda _: pd.NA).astype("string")
    missing.loc[[5, 6], "thing_id"] = ["unknown", "not_coded"]
    missing.loc[4, "answer"] = "not_coded"
    missing.loc[5, "number"] = "unknown"  # what stood in line 6 was no integer, and the parser said so
    table = Table("things", "Things", "One.", fields, ("thing_id",))
    assert [
        (2, "number", "minimum", "0 is below 1", "0"),
        (2, "thing_id", "unique", "'a' is also in line 3", "a"),
        (3, "answer", "category", "'perhaps' is not a code of answer: yes, no", "perhaps"),
        (3, "number", "maximum", "10 is above 9", "10"),
        (3, "thing_id", "unique", "'a' is also in line 2", "a"),
        (4, "thing_id", "pattern", "'B' does not have the form [a-z]+", "B"),
        (5, "number", "required", 'is required but is "unknown"', ""),
        (5, "thing_id", "required", 'is required but is "unknown"', ""),
        (6, "thing_id", "required", "is required but is empty", ""),
    ] == sorted(
        (p.line, p.column, p.rule, p.message, p.value)
        for p in column_rules.check_columns(csv_reader.Parsed(table, frame, missing))
    )


def test_a_table_is_judged_in_parts_and_none_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long table every part is judged, and what must be unique is so in the whole of it."""
    monkeypatch.setattr(column_rules, "MAX_REPORTED", 2)
    f = Field("thing_id", "string", "Thing", "Key.", unique=True, pattern="[a-z]+")
    frame = pd.DataFrame({"thing_id": ["a", "B", "c", "D", "a"]}, index=range(2, 7), dtype="string")
    missing = pd.DataFrame({"thing_id": [pd.NA] * 5}, index=frame.index, dtype="string")
    parsed = csv_reader.Parsed(Table("things", "Things", "One.", (f,), ("thing_id",)), frame, missing)
    assert [(2, "unique"), (3, "pattern"), (5, "pattern"), (6, "unique")] == sorted(
        (p.line, p.rule) for p in column_rules.check_columns(parsed)
    )
