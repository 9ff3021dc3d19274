"""Checks: the sheet of a case's published cells with their sources, and what came back, as rows of `checks`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cstocases.analysis.case_record import known_case
from cstocases.errors import Problem, count
from cstocases.people import cells
from cstocases.people.cells import Key, short_hash
from cstocases.people.coders import coder_row
from cstocases.people.proposal import Proposal, ReturnError, Row, matched, there_already
from cstocases.resolution.checks import said
from cstocases.resolution.data import Data
from cstocases.resolution.readings import RECORD

LACKS = "a check that does not agree needs a reason"


def checks_sheet(data: Data, case: str, coder: str) -> tuple[dict[str, Any], dict[str, tuple[Key, str]]]:
    """The published cells of a case with what each source says, as plain data; and by token the cell and its value.

    Raises:
        UnknownNameError: no such case.
    """
    known_case(data, case)
    frame = cells.of_case(data, case)
    frame = frame[frame["status"] != "no_reading"]
    keys = cells.keys_of(frame)
    readings = cells.readings_by_cell(data, set(keys))
    values = dict(zip(keys, said(frame).mask(frame["field_name"] == RECORD, "yes"), strict=True))
    searches = _searches(data)
    records: dict[tuple[str, str], list[dict[str, Any]]] = {}
    tokens: dict[str, tuple[Key, str]] = {}
    for key, status in zip(keys, frame["status"], strict=True):
        token = short_hash(12, coder, case, *key)
        tokens[token] = (key, values[key])
        shown = cells.shown_cell(data, key, values[key], status, readings.get(key, []))
        records.setdefault(key[:2], []).append({"token": token, **shown, "searches": searches.get(key, [])})
    sheet = {
        "cstocases": "checks",
        "version": data.package.version,
        "coder": coder,
        "case": case,
        "title": str(data.frames["cases"].set_index("case_id").at[case, "title"]),
        "records": [{"heading": cells.heading(data, *record), "cells": made} for record, made in records.items()],
    }
    return sheet, tokens


def _searches(data: Data) -> dict[Key, list[str]]:
    """What was searched for in vain, by cell."""
    out: dict[Key, list[str]] = {}
    if "searches" in data.parsed:
        texts = data.parsed["searches"].texts
        for row in texts.to_dict("records"):
            line = f"{row['searched']}: {row['question']} ({row['query']}; {row['hits']} hits)"
            out.setdefault((row["table_name"], row["record_id"], row["field_name"]), []).append(line)
    return out


def proposal(data: Data, name: str, content: Mapping[str, Any]) -> Proposal:
    """The rows that returned checks add.

    Raises:
        ReturnError: a cell that is not on the sheet, or that has another value or other readings by now; a check
            without the reason it needs; a check of the same day that said something else.
        UnknownNameError: no such case.
    """
    sheet, tokens = checks_sheet(data, content["case"], content["coder"])
    shown = {
        cell["token"]: (cell["digest"], f"{record['heading']}: {cell['title']}")
        for record in sheet["records"]
        for cell in record["cells"]
    }
    row, problems = coder_row(data, name, content, "yes")
    columns = data.package.table("checks").names
    there = {tuple(r[:5]): list(r[5:]) for r in data.parsed["checks"].texts[columns].itertuples(index=False, name=None)}
    rows, same = list[Row](), 0
    stale = "the value, or what sources say of it, is another"
    for token, at, where, answer in matched(name, content, shown, stale, problems):
        (key, value), reason = tokens[token], answer.get("reason", "").strip()
        told = [value, "true" if answer.get("opened") else "false", answer["verdict"], reason or "not_applicable"]
        place = (*key, content["coder"], content["day"])
        if answer["verdict"] != "agree" and not reason:
            problems.append(Problem(name, 0, f"{at}.reason", "check-reason", f"{where}: {LACKS}"))
        elif place not in there:
            rows.append(dict(zip(columns, (*place, *told), strict=True)))
        elif there[place] == told:
            same += 1
        else:
            message = f"{where}: was checked on the same day with another result; correct the row in checks, or check on another day"
            problems.append(Problem(name, 0, at, "checked-before", message))
    if problems:
        raise ReturnError(problems)
    counts = [f"{sum(r['check_verdict'] == v for r in rows)} {v}" for v in ("agree", "disagree", "unsure")]
    by = f"of {content['case']} by {content['coder']}"
    lines = [f"{count(len(rows), 'check')} of {len(tokens)} cells {by}: {', '.join(counts)}"] * bool(rows or not same)
    lines += there_already(same, "check", by)
    return Proposal("checks", {"coders": row if rows else [], "checks": rows}, said=lines)
