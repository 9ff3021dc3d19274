"""The comparison: what its columns are computed from, and what they say where that is missing."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import cstocases
from cstocases.dataset import data
from cstocases.derived.comparison import comparison
from cstocases.resolution.rules import RULES

DAYS = [None, "1990-01-01", "2010-06-20", "2021-01-01"]


def expected(rows: list[tuple[str, Any, Any]], case: str, code: str, counted: tuple[str, ...]) -> Any:
    """Whether a code occurs in a case, row by row; NA where a row without code or direction leaves it open."""
    answers = []
    for row_case, row_code, row_direction in rows:
        counts = pd.NA if pd.isna(row_direction) else not counted or row_direction in counted
        same = pd.NA if pd.isna(row_code) else row_code == code
        if pd.notna(row_case) and row_case == case:
            answers.append(False if same is False or counts is False else pd.NA if pd.isna(same & counts) else True)
    return True if True in [a for a in answers if a is not pd.NA] else pd.NA if any(map(pd.isna, answers)) else False


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("as_of", DAYS)
def test_dummy_columns_are_missing_where_rows_are_unknown(rule: str, as_of: str | None) -> None:
    """Under each resolution rule and day a dummy column says what its rows say one by one, and nothing where they do not."""
    found = data(None, rule, as_of)
    frame = comparison(found).frame
    for f in found.package.table("comparison").fields:
        if f.dummy_of is None:
            continue
        rows = found.frames[f.dummy_of.table]
        where, counted = f.dummy_of.where or (f.dummy_of.field, ())
        listed = list(zip(rows["case_id"], rows[f.dummy_of.field], rows[where], strict=True))
        code = f.name.removeprefix(f"{f.dummy_of.prefix}_")
        want = {case: expected(listed, case, code, counted) for case in frame["case_id"].unique()}
        assert [want[case] for case in frame["case_id"]] == frame[f.name].tolist(), f.name


def test_dummy_columns_say_why_they_are_missing() -> None:
    """Before anybody published, every reason is unknown; where sources conflict under the strict rule, it is disputed."""
    names = [f.name for f in cstocases.package().table("comparison").fields if f.dummy_of]
    early = cstocases.missing("comparison", as_of="1990-01-01")[names]
    strict = cstocases.missing("comparison", rule="strict")[names]

    assert {"unknown"} == set(early.stack().dropna())
    assert {"disputed"} == set(strict.stack().dropna())
    assert not cstocases.missing("comparison")[names].notna().any(axis=None)


def test_derived_tables_are_computed_once() -> None:
    """The comparison of the same data is the same object."""
    assert comparison(data()) is comparison(data())
    assert data(None, "strict") is data(None, "strict")
