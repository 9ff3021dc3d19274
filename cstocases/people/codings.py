"""Blind codings that came back, as rows of `codings`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cstocases.errors import Problem, count, quoted
from cstocases.people.cells import field_behind
from cstocases.people.coders import coder_row
from cstocases.people.proposal import Proposal, ReturnError, Row, matched, there_already
from cstocases.people.questions import Asked, Cell, coding_sheet
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL
from cstocases.validation.fit import unfit


def proposal(data: Data, name: str, content: Mapping[str, Any]) -> Proposal:
    """The rows that a returned coding adds; what is left blank is no coding.

    Raises:
        ReturnError: an answer to a question that is not asked, or asked in other words by now; a value that the cell
            cannot have; a cell that this coder coded otherwise before.
        UnknownNameError: no such case.
    """
    asked = coding_sheet(data, content["case"], content["coder"])
    row, problems = coder_row(data, name, content, content["saw_values"])
    if content["evidence_digest"] != asked.sheet["evidence_digest"]:
        message = "the evidence of the case is another by now; make the sheet again and open this file in it"
        problems.append(Problem(name, 0, "evidence_digest", "stale", message))
    before, who = _before(data, content["coder"]), content["coder"]
    questions = {token: (asks["digest"], asks["where"]) for token, asks in questions_of(asked.sheet).items()}
    rows, same = list[Row](), 0
    for token, at, where, answer in matched(name, content, questions, "the question is put otherwise", problems):
        cell, value = asked.cells[token], answer["value"]
        if wrong := _unfit(data, asked, cell, value):
            problems.append(Problem(name, 0, at, "coding-value", f"{where}: {quoted(value)} {wrong}"))
        elif cell not in before:
            values = (who, content["day"], *cell, value, answer.get("note", "").strip() or "not_applicable")
            rows.append(dict(zip(data.package.table("codings").names, values, strict=True)))
        elif before[cell] == value:
            same += 1
        else:
            message = f"{where}: {who} coded {before[cell]} before; a second pass is another coder, such as {who}-2"
            problems.append(Problem(name, 0, at, "coded-before", message))
    if problems:
        raise ReturnError(problems)
    of = f"on {content['case']} by {who}"
    said = [f"{count(len(rows), 'coding')} of {len(asked.cells)} questions {of}"] * bool(rows or not same)
    said += there_already(same, "coding", of)
    return Proposal("coding", {"coders": row if rows else [], "codings": rows}, said=said)


def _before(data: Data, coder: str) -> dict[Cell, str]:
    codings = data.frames["codings"]
    mine = codings.loc[(codings["coder"] == coder).fillna(False), [*CELL, "coded_value"]]
    return {Cell(*row[:3]): row[3] for row in mine.itertuples(index=False, name=None)}


def _unfit(data: Data, asked: Asked, cell: Cell, value: str) -> str:
    """Why a cell cannot have a value, or nothing."""
    if value.startswith("("):
        known = [missing["value"] for missing in asked.sheet["missing"]]
        return "" if value in known else f"is none of {', '.join(known)}"
    return unfit(field_behind(data, cell), pd.Series([value], dtype="string")).get(0, "")


def questions_of(sheet: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Every question of a coding sheet by its token; `where` is the heading that it stands under, and its title."""
    parts = [(f"Statement {n}", shown["questions"]) for n, shown in enumerate(sheet["evidence"], 1)]
    for group in sheet["groups"]:
        parts.append((group["heading"], group["questions"]))
        rows = (row for grid in group["grids"] for row in grid["rows"])
        parts += [(f"{group['heading']}, {row['label']}", row["questions"]) for row in rows]
    titles = {name: variable["title"] for name, variable in sheet["variables"].items()}
    return {q["token"]: {**q, "where": f"{head}: {titles[q['variable']]}"} for head, asked in parts for q in asked}
