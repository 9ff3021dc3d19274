"""What people who checked published values said of them, and how many cells they checked, case by case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cstocases.analysis.case_record import known_case, rows_of
from cstocases.dataset import data
from cstocases.errors import count
from cstocases.resolution.checks import newest_checks
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL

STATES = ["checked", "questioned", "out_of_date", "unchecked"]


def checked(cases: Iterable[str] | None = None, home: str | Path | None = None) -> pd.DataFrame:
    """How many cells that have readings people have checked, one row a case (default: all).

    Columns: case_id, cells, checked (a person agreed with the value, and none doubted it), questioned (a person disagreed or
    was unsure), out_of_date (whoever checked saw another value), unchecked. Checks by models do not count. Dtypes string, Int64.

    Raises:
        UnknownNameError: no such case.
        DataError: the data have problems.
    """
    return checked_of(data(home), cases)


def checked_of(found: Data, cases: Iterable[str] | None = None) -> pd.DataFrame:
    """What `checked` gives, of data already loaded."""
    cells = found.statuses[[*CELL, "status", "check_status"]]
    rows = []
    for case in found.frames["cases"]["case_id"] if cases is None else cases:
        known_case(found, case)
        rows.append(counted(rows_of(found, case, cells)).assign(case_id=case))
    out = pd.concat(rows) if rows else counted(cells.head(0)).assign(case_id="").head(0)
    return out[["case_id", "cells", *STATES]].astype({"case_id": "string"}).reset_index(drop=True)


def checks(case: str | None = None, home: str | Path | None = None) -> pd.DataFrame:
    """What people say of published values, of one case or of all: the newest check of each cell by each person, one row a check.

    Columns: table_name, record_id, field_name, published (a missing-value code in round brackets), checker, shown_as (NA where the
    checker wants no name), check_date, seen_value, check_verdict, check_reason (NA where none was given), out_of_date (whether the
    cell has another value than the one seen). Checks by models do not count. Dtypes string and boolean.

    Raises:
        UnknownNameError: no such case.
        DataError: the data have problems.
    """
    found = data(home)
    if case is None:
        return newest_checks(found.statuses, found.frames).reset_index(drop=True)
    known_case(found, case)
    return newest_checks(rows_of(found, case, found.statuses), found.frames).reset_index(drop=True)


def counted(cells: pd.DataFrame) -> pd.DataFrame:
    """How many of some cells (columns status and check_status) people have checked. One row: cells, then each state. Dtype: Int64."""
    counts = cells.loc[cells["status"] != "no_reading", "check_status"].value_counts()
    row = {"cells": int(counts.sum()), **{state: int(counts.get(state, 0)) for state in STATES}}
    return pd.DataFrame([row], dtype="Int64")


def in_words(counts: pd.DataFrame) -> str:
    """One sentence on the rows of `checked`.

    >>> in_words(pd.DataFrame({"cells": [83], "checked": [2], "questioned": [0], "out_of_date": [0]}))
    'Checked by people: 2 of 83 cells.'
    """
    sums = counts[["cells", "checked", "questioned", "out_of_date"]].sum()
    doubts = "".join(
        f"; {count(int(sums[state]), 'cell')} {words}"
        for state, words in (("questioned", "questioned"), ("out_of_date", "checked when it had another value"))
        if sums[state]
    )
    return f"Checked by people: {sums['checked'] or 'none'} of {sums['cells']:,} cells{doubts}."


def told(check: Mapping[str, Any]) -> str:
    """A row of `checks` as a line: who, when, what and why.

    >>> check = {"checker": "anna", "shown_as": "Anna A.", "check_date": "2026-12-01", "check_verdict": "unsure"}
    >>> told(check | {"check_reason": "The page is gone.", "out_of_date": True, "seen_value": "russia"})
    'Anna A., 2026-12-01, unsure (out of date: it was russia): The page is gone.'
    """
    old = f" (out of date: it was {check['seen_value']})" if check["out_of_date"] else ""
    why = "" if pd.isna(check["check_reason"]) else f": {check['check_reason']}"
    who = check["checker"] if pd.isna(check["shown_as"]) else check["shown_as"]
    return f"{who}, {check['check_date']}, {check['check_verdict']}{old}{why}"


def by_cell(checks: Iterable[Mapping[str, Any]]) -> dict[tuple[str, ...], list[str]]:
    """Rows of `checks` as lines, by cell."""
    out: dict[tuple[str, ...], list[str]] = {}
    for check in checks:
        out.setdefault(tuple(check[name] for name in CELL), []).append(told(check))
    return out
