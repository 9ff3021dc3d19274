"""Verdicts: the sheet of codings that differ from the published value, and what came back, as rows of `adjudications`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cstocases.errors import Problem, count, quoted
from cstocases.people import cells
from cstocases.people.cells import Key, short_hash
from cstocases.people.changes import values_given, verdict
from cstocases.people.coders import coder_row
from cstocases.people.proposal import Cell, Proposal, ReturnError, Row
from cstocases.resolution.checks import said
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, RECORD
from cstocases.validation.coding import OWNERS, SOMEBODY_ELSE, open_differences, published_ids

NO_READING = "no reading of the cell gives that value; `cstocases sheet correction` makes a file that brings the source"


def verdicts_sheet(data: Data) -> tuple[dict[str, Any], dict[str, Key]]:
    """The cells on which a coding differs and no verdict was given, as plain data; and the cell of each token.

    Codings are lettered in an order that tells nothing; who coded, and whether a person did, is left out.
    """
    published = _cells_meant(data)
    keys = list(published)
    readings, status = cells.readings_by_cell(data, set(published.values())), _published(data)
    codings = data.frames["codings"]
    shown, tokens = [], {}
    for key in keys:
        token = short_hash(12, "verdict", *key)
        tokens[token] = key
        given = codings[(codings[CELL] == list(key)).all(axis=1)].to_dict("records")
        given.sort(key=lambda row: short_hash(12, str(row["coder"]), *key))
        lettered = [
            {
                "letter": chr(ord("A") + i),
                "value": cells.worded(data, key, str(row["coded_value"])),
                "note": row["coding_note"] if isinstance(row["coding_note"], str) else "",
            }
            for i, row in enumerate(given)
        ]
        meant = published[key]
        value, state = status.get(meant, ("no", "not published"))
        cell = cells.shown_cell(data, meant, value, state, readings.get(meant, []))
        f = cells.field_behind(data, key)
        codes = [
            {"value": c.value, "label": c.label, "description": c.description} for c in (f.categories if f else ())
        ]
        digest = short_hash(8, cell["digest"], *(str(row["coded_value"]) for row in given))
        where = cells.heading(data, *meant[:2])
        shown.append({**cell, "token": token, "digest": digest, "where": where, "choices": codes, "codings": lettered})
    return {"cstocases": "verdicts", "version": data.package.version, "cells": shown}, tokens


def _cells_meant(data: Data) -> dict[Key, Key]:
    """For each cell that awaits a verdict, as it was coded, the published cell: that of an ask or an answer may have a longer id."""
    waiting = open_differences(data)
    meant = waiting.assign(record_id=published_ids(data, waiting))
    return dict(zip(cells.keys_of(waiting), cells.keys_of(meant), strict=True))


def _published(data: Data) -> dict[Key, tuple[str, str]]:
    """Value and status of each evidenced cell, and of each row as a whole, also of those that no source need speak of by itself."""
    rows = {(name, row, RECORD): ("yes", "no_reading") for name in OWNERS for row in data.parsed[name].texts.iloc[:, 0]}
    frame = data.statuses
    values = said(frame).mask(frame["field_name"] == RECORD, "yes")
    return rows | dict(zip(cells.keys_of(frame), zip(values, frame["status"], strict=True), strict=True))


def proposal(data: Data, name: str, content: Mapping[str, Any]) -> Proposal:
    """The rows that returned verdicts add, and the cells that they correct.

    Raises:
        ReturnError: a cell that awaits no verdict, or of which something has changed by now; a verdict without reason; a
            correction to a value that no reading gives.
    """
    sheet, tokens = verdicts_sheet(data)
    published = _cells_meant(data)
    shown = {cell["token"]: cell for cell in sheet["cells"]}
    row, problems = coder_row(data, name, content, "yes")
    coder = content["coder"]
    rows, changes, entries, same = list[Row](), list[Cell](), list[str](), 0
    for token, answer in content["answers"].items():
        at, reason = f"answers.{token}", answer.get("reason", "").strip()
        if token not in tokens:
            entered = _entered(data, token, answer, coder)
            same += entered
            if not entered:
                problems.append(Problem(name, 0, at, "no-question", "no cell that awaits a verdict has that token"))
            continue
        key, to = tokens[token], answer.get("to", "")
        value = _reading(data, published[key], to) if answer["verdict"] == "corrected" else ""
        if answer["digest"] != shown[token]["digest"]:
            message = (
                f"something about {' '.join(key)} is another by now; make the sheet again and open this file in it"
            )
            problems.append(Problem(name, 0, at, "stale", message))
        elif not reason:
            problems.append(Problem(name, 0, f"{at}.reason", "check-reason", "a verdict needs a reason"))
        elif own := values_given(data, key, coder):
            message = f"{coder} coded {', '.join(sorted(own))}; {SOMEBODY_ELSE}"
            problems.append(Problem(name, 0, at, "own-coding", message))
        elif value is None:
            problems.append(Problem(name, 0, f"{at}.to", "no-reading", f"{quoted(to)}: {NO_READING}"))
        else:
            added, judged = verdict(data, key, answer["verdict"], reason, coder)
            rows += added
            changes += judged
            if value:
                changes += cells.change(data, published[key], value)
                entries.append(
                    f"- {published[key][1]}: `{key[0]}.{key[2]}` is {value}, after blind codings that differed: {reason}"
                )
    if problems:
        raise ReturnError(problems)
    lines = [f"{count(len(content['answers']) - same, 'verdict')} on {len(tokens)} open cells by {coder}"]
    lines += [f"{count(same, 'verdict')} entered before"] * bool(same)
    made = {"coders": row if rows or changes else [], "adjudications": rows}
    return Proposal("verdicts", made, changes, "\n".join(entries), lines)


def _reading(data: Data, key: Key, to: str) -> str | None:
    """The value of a reading of the cell that is `to`, as written or as worded."""
    read = data.frames["readings"]
    values = read.loc[(read[CELL] == list(key)).all(axis=1), "reading"].dropna().unique()
    return next((v for v in values if to in (v, cells.worded(data, key, v))), None)


def _entered(data: Data, token: str, answer: Mapping[str, str], coder: str) -> bool:
    """Whether the data have this verdict of this coder, and the value to which it corrected the cell."""
    judged = data.parsed["adjudications"].texts
    judged = judged[[short_hash(12, "verdict", *key) == token for key in cells.keys_of(judged)]]
    told = {"verdict": answer["verdict"], "verdict_reason": answer.get("reason", "").strip(), "judge": coder}
    mine = judged[(judged[list(told)] == list(told.values())).all(axis=1)]
    if mine.empty or answer["verdict"] == "kept":
        return not mine.empty
    (key,) = cells.keys_of(mine.assign(record_id=published_ids(data, mine)))
    value, _ = _published(data).get(key, ("no", ""))
    return answer.get("to", "") in (value, cells.worded(data, key, value))
