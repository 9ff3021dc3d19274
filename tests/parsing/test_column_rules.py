"""Column rules: pandera judges, each finding has a line and a message, and no pattern runs away."""

from __future__ import annotations

import time
from functools import cache

import helpers
import pandas as pd
import pandera.errors
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cstocases
from cstocases.parsing import column_rules, parsed_table
from cstocases.schema.model import Field, Table

NAMES = {"not_nullable": "required", "field_uniqueness": "unique"}


@cache
def shipped(name: str) -> parsed_table.Parsed:
    """The first rows of a shipped table, parsed."""
    dataset = cstocases.package()
    whole = helpers.parse_file(dataset, dataset.stored[name])
    return whole.with_texts(whole.texts.head(200))


def by_pandera(parsed: parsed_table.Parsed) -> set[tuple[int, str, str]]:
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


STORED = list(cstocases.package().stored)
ODD = {
    "string": ["", "x", "1", "a b", "http://x"],
    "integer": ["", "-1", "0", "1000000000"],
    "number": ["", "-1.5", "1000000000"],
    "boolean": ["", "true"],
    "date": ["", "1900-01-01"],
}  # values of the type that may break a rule: none, out of bounds, no code


@pytest.mark.parametrize(
    "name",
    helpers.mostly_slow(
        sorted(cstocases.tables().query("rows > 0 and table in @STORED")["table"]),
        "asks",
        "cases",
        "readings",
        "requests",
        "sources",
    ),
)
@settings(max_examples=5)
@given(data=st.data())
def test_columns_are_judged_as_pandera_judges_them(name: str, data: st.DataObject) -> None:
    """Whatever cells of a table are spoilt, validate finds the same cells and rules as a user of `to_pandera` does."""
    shipped_table = shipped(name)
    texts = shipped_table.texts.copy()
    for _ in range(data.draw(st.integers(0, 5))):
        f = data.draw(st.sampled_from(shipped_table.table.fields))
        line = data.draw(st.sampled_from(list(texts.index)))
        texts.at[line, f.name] = data.draw(st.sampled_from([*ODD[f.type], *texts[f.name].head(3)]))
    spoilt = shipped_table.with_texts(texts)
    found = list(column_rules.check_columns(spoilt))
    assert by_pandera(spoilt) == {(p.line, p.column, p.rule) for p in found}
    assert [] == [p for p in found if p.rule != "required" and p.value != texts.at[p.line, p.column]]


@pytest.mark.parametrize("pattern", ["(a+)+", "(a|a)*b", "(.*a){25}", "(x+x+)+y"])
def test_no_pattern_runs_away(pattern: str) -> None:
    """A pattern that takes a backtracking engine longer than the universe has is answered at once."""
    text = "a" * 30_000 + "!"
    start = time.monotonic()
    assert [False] == column_rules.matches(pd.Series([text], dtype="string"), pattern).tolist()
    assert time.monotonic() - start < 10


def parsed(fields: tuple[Field, ...], **texts: list[str | None]) -> parsed_table.Parsed:
    """A table of these cells from line 2 on; None where the parser found no value."""
    columns = {name: pa.chunked_array([pa.array(cells, pa.large_string())]) for name, cells in texts.items()}
    lines = pd.RangeIndex(2, 2 + len(next(iter(texts.values()))))
    table = Table("things", "Things", "One.", fields, (fields[0].name,))
    return parsed_table.Parsed(table, columns, lines, ("", "unknown"))


def test_a_value_that_stands_often_is_told_briefly() -> None:
    """Of many lines with one value that must be unique, each names five at most and how many more there are."""
    things = parsed((Field("thing_id", "string", "Thing", "Key.", unique=True),), thing_id=["a"] * 9)
    assert ["'a' is also in line 3, 4, 5, 6 and 4 more", "'a' is also in line 2, 3, 4, 5, 6 and 3 more"] == [
        problem.message for problem in column_rules.check_columns(things) if problem.line in (2, 10)
    ]


def test_a_table_is_judged_in_parts_and_none_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a long table every part is judged, and what must be unique is so in the whole of it."""
    monkeypatch.setattr(column_rules, "MAX_REPORTED", 2)
    f = Field("thing_id", "string", "Thing", "Key.", unique=True, pattern="[a-z]+")
    things = parsed((f,), thing_id=["a", "B", "c", "D", "a"])
    assert [(2, "unique"), (3, "pattern"), (5, "pattern"), (6, "unique")] == sorted(
        (p.line, p.rule) for p in column_rules.check_columns(things)
    )
