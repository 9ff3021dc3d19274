"""Blind codings that came back, as rows of `codings`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cstocases.errors import Problem, count, quoted
from cstocases.people.coders import coder_row
from cstocases.people.proposal import Proposal, ReturnError, Row
from cstocases.people.questions import Asked, Cell, coding_sheet
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, RECORD
from cstocases.schema.model import Field
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
    before, questions = _before(data, content["coder"]), questions_of(asked.sheet)
    rows, same = list[Row](), 0
    for token, answer in content["answers"].items():
        found = list(_answer_problems(data, name, asked, questions, token, answer))
        cell = asked.cells.get(token)
        if not found and cell in before:
            same += before[cell] == answer["value"]
            if before[cell] != answer["value"]:
                who, where = content["coder"], questions[token]["where"]
                message = f"{where}: {who} coded {before[cell]} before; a second pass is another coder, such as {who}-2"
                found.append(Problem(name, 0, f"answers.{token}", "coded-before", message))
        elif not found and cell:
            note = answer.get("note", "").strip() or "not_applicable"
            values = (content["coder"], content["day"], *cell, answer["value"], note)
            rows.append(dict(zip(data.package.table("codings").names, values, strict=True)))
        problems += found
    if problems:
        raise ReturnError(problems)
    of = f"on {content['case']} by {content['coder']}"
    said = [f"{count(len(rows), 'coding')} of {len(asked.cells)} questions {of}"] * bool(rows or not same)
    said += [f"{count(same, 'coding')} {of} {'is' if same == 1 else 'are'} in the data already"] * bool(same)
    return Proposal("coding", {"coders": row if rows else [], "codings": rows}, said=said)


def _before(data: Data, coder: str) -> dict[Cell | None, str]:
    codings = data.frames["codings"]
    mine = codings.loc[(codings["coder"] == coder).fillna(False), [*CELL, "coded_value"]]
    return {Cell(*row[:3]): row[3] for row in mine.itertuples(index=False, name=None)}


def _answer_problems(
    data: Data,
    name: str,
    asked: Asked,
    questions: Mapping[str, Mapping[str, str]],
    token: str,
    answer: Mapping[str, str],
) -> Iterator[Problem]:
    cell = asked.cells.get(token)
    if cell is None:
        yield Problem(name, 0, f"answers.{token}", "no-question", "no question of this sheet has that token")
        return
    at, where = f"answers.{token}", questions[token]["where"]
    if answer["digest"] != questions[token]["digest"]:
        message = f"{where}: the question is put otherwise by now; make the sheet again and open this file in it"
        yield Problem(name, 0, at, "stale", message)
        return
    value = answer["value"]
    if value.startswith("("):
        known = [missing["value"] for missing in asked.sheet["missing"]]
        wrong = "" if value in known else f"is none of {', '.join(known)}"
    else:
        wrong = unfit(field_of(data, cell), pd.Series([value], dtype="string")).get(0, "")
    if wrong:
        yield Problem(name, 0, at, "coding-value", f"{where}: {quoted(value)} {wrong}")


def questions_of(sheet: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Every question of a coding sheet by its token; `where` is the heading that it stands under, and its title."""
    parts = [(f"Statement {n}", shown["questions"]) for n, shown in enumerate(sheet["evidence"], 1)]
    for group in sheet["groups"]:
        parts.append((group["heading"], group["questions"]))
        rows = (row for grid in group["grids"] for row in grid["rows"])
        parts += [(f"{group['heading']}, {row['label']}", row["questions"]) for row in rows]
    titles = {name: variable["title"] for name, variable in sheet["variables"].items()}
    return {q["token"]: {**q, "where": f"{head}: {titles[q['variable']]}"} for head, asked in parts for q in asked}


def field_of(data: Data, cell: Cell) -> Field | None:
    """The column whose values a coding of the cell gives; None for a row as a whole."""
    if cell.field == RECORD:
        return None
    read = {f.name: f for t in data.package.stored.values() for f in t.evidenced}
    return data.package.table(cell.table).field(cell.field) if cell.table != "evidence" else read[cell.field]
