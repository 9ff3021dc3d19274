"""The comparison: what its columns are computed from, and what they say where that is missing."""

from __future__ import annotations

import pandas as pd
import pytest
from helpers import mostly_slow

import cstocases
from cstocases.dataset import data
from cstocases.derived.comparison import comparison
from cstocases.derived.outcomes import was_helped
from cstocases.resolution.data import Data
from cstocases.resolution.rules import RULES

DAYS = mostly_slow([None, "2021-01-01", "2010-06-20"], None)


def owners(found: Data, table: str, frame: pd.DataFrame) -> list[list[tuple[str, bool | None]]]:
    """For each row of a table the requests it may count for, and whether it does; None where that is open."""
    if table == "rationales":
        asked = dict(found.frames["asks"][["ask_id", "request_id"]].itertuples(index=False))
        decided = dict(found.frames["decisions"][["decision_id", "request_id"]].itertuples(index=False))
        of_answer = dict(found.frames["answers"][["answer_id", "decision_id"]].itertuples(index=False))
        rows = found.frames[table][["ask_id", "answer_id"]].astype(object).itertuples(index=False)
        names = [asked.get(ask) or decided.get(of_answer.get(answer)) for ask, answer in rows]
        return [[(name, True)] if name else [] for name in names]
    out: list[list[tuple[str, bool | None]]] = []
    was = {request: was_helped(found, request) for request in frame["request_id"]}
    of_case = {case: list(mine["request_id"]) for case, mine in frame.groupby("case_id")}
    for row in found.frames[table].astype(object).itertuples():
        counts = []
        for request in of_case.get(row.case_id, []):
            wanted = None if was[request] is None else "grant" if was[request] else "refusal"
            if pd.isna(row.explains):
                counts.append((request, None))
            elif row.explains == "both":
                counts.append((request, True))
            elif row.explains != "request":
                counts.append((request, None if wanted is None else wanted == row.explains))
        out.append(counts)
    return out


@pytest.mark.parametrize("rule", mostly_slow(sorted(RULES), "published", "strict"))
@pytest.mark.parametrize("as_of", DAYS)
def test_dummy_columns_are_missing_where_rows_are_unknown(rule: str, as_of: str | None) -> None:
    """Under each resolution rule and day a dummy column says what its rows say one by one, and nothing where they do not."""
    found = data(None, rule, as_of)
    frame = comparison(found).frame
    of_table = {table: owners(found, table, frame) for table in ("rationales", "explanations")}
    rows = {table: found.frames[table].astype(object).to_dict("records") for table in of_table}
    for f in found.package.table("comparison").fields:
        if f.dummy_of is None:
            continue
        _, table, field, where = f.dummy_of[:4]
        code = f.name.removeprefix(f"{f.dummy_of.prefix}_")
        answers: dict[str, list[bool | None]] = {}
        for row, requests in zip(rows[table], of_table[table], strict=True):
            same = None if pd.isna(row[field]) else row[field] == code
            counts = True if where is None else None if pd.isna(row[where[0]]) else row[where[0]] in where[1]
            for request, owned in requests:
                parts = (same, counts, owned)
                answers.setdefault(request, []).append(False if False in parts else None if None in parts else True)
        want = [
            True if True in said else pd.NA if None in said else False
            for said in (answers.get(request, []) for request in frame["request_id"])
        ]
        assert want == frame[f.name].tolist(), f.name


def test_dummy_columns_say_why_they_are_missing() -> None:
    """Before anybody published, every reason is unknown; where sources conflict under the strict rule, it is disputed."""
    names = [f.name for f in cstocases.package().table("comparison").fields if f.dummy_of]
    early = cstocases.missing("comparison", as_of="1990-01-01")[names]
    strict = cstocases.missing("comparison", rule="strict")[names]

    assert {"unknown"} == set(early.stack().dropna())
    assert {"disputed", "unknown"} >= set(strict.stack().dropna()) >= {"disputed"}
    assert not cstocases.missing("comparison")[names].notna().any(axis=None)


def test_derived_tables_are_computed_once() -> None:
    """The comparison of the same data is the same object."""
    assert comparison(data()) is comparison(data())
    assert data(None, "strict") is data(None, "strict")
