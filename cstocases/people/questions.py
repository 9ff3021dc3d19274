"""What a blind coder is asked about a case: cues, all evidence, and every variable with its codes, but no published value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from cstocases.errors import UnknownNameError
from cstocases.people.cells import short_hash
from cstocases.resolution.data import Data
from cstocases.resolution.readings import RECORD, cut_date
from cstocases.schema.model import Field

MISSING = ("unknown", "not_applicable", "disputed")  # a blind coder cannot search, and has nothing to withhold
RECORDS = ("cases", "requests", "decisions")
# Of each request and decision a row per kind of help, and what is asked of it.
GRIDS = {
    "requests": ("asks", "Which kinds of help were asked for?", (RECORD, "ask_form", "purpose")),
    "decisions": ("answers", "Which kinds of help does the answer speak of?", (RECORD, "answer", "taken", "delivery")),
}
ELSEWHERE = r" (UCDP|CAMEO) [^.]*\."  # how other datasets code a kind of help
OF_EVIDENCE = ("rationales.rationale", "rationales.direction", "explanations.mechanism", "explanations.explains")
YES_NO = {
    "asks.record": ("Asked for?", "Whether this kind of help was asked for in this request, by whatever words."),
    "answers.record": (
        "Spoken of?",
        "Whether this kind of help was granted, refused, put off or given unasked in this decision.",
    ),
}


class Cell(NamedTuple):
    """The cell that a question is about, as `codings` names it."""

    table: str
    record: str
    field: str


class Asked(NamedTuple):
    """A sheet, and the cell behind each token in it."""

    sheet: dict[str, Any]
    cells: dict[str, Cell]


def coding_sheet(data: Data, case: str, coder: str) -> Asked:
    """The questions of a case for a coder, as plain data, and the cell that each token stands for.

    Nothing in the sheet depends on a published value, a reading, a coding, a note or a topic. The same coder and case
    give the same tokens, so that answers can be moved to a newer sheet.

    Raises:
        UnknownNameError: no such case.
    """
    cases = data.frames["cases"].set_index("case_id")
    if case not in cases.index:
        raise UnknownNameError("case", case, cases.index)
    variables = {name: _variable(data, name) for name in _names(data)}
    cells: dict[str, Cell] = {}

    def question(cell: Cell, variable: str, cue: str) -> dict[str, str]:
        token = short_hash(12, coder, case, *cell)
        cells[token] = cell
        return {
            "token": token,
            "digest": short_hash(8, variable, json.dumps(variables[variable]), cue),
            "variable": variable,
        }

    groups = []
    for heading, table, record, cue in _records(data, case):
        asked = [question(Cell(table, record, f), f"{table}.{f}", cue) for f in _fields(data, table)]
        grids = []
        if table in GRIDS:
            into, title, fields = GRIDS[table]
            rows = []
            for kind in data.package.table(into).field("help_kind").categories:
                covers = re.sub(ELSEWHERE, "", kind.description)
                ids = [Cell(into, f"{record}-{kind.value.replace('_', '-')}", f) for f in fields]
                made = [question(cell, f"{into}.{cell.field}", f"{cue}: {covers}") for cell in ids]
                rows.append({"label": kind.label, "description": covers, "questions": made})
            grids.append({"title": title, "rows": rows})
        groups.append({"heading": heading, "cue": cue, "questions": asked, "grids": grids})

    evidence, background = [], []
    for shown, record in _evidence(data, case, coder):
        reasons = [question(Cell("evidence", record, v.partition(".")[2]), v, shown["statement"]) for v in OF_EVIDENCE]
        evidence.append(shown | {"questions": reasons})
    background = [shown for shown, _ in _evidence(data, None, coder)]
    told = data.package.missing
    codes = {token: told[token] for token in MISSING}
    sheet = {
        "cstocases": "coding",
        "version": data.package.version,
        "coder": coder,
        "case": case,
        "evidence_digest": evidence_digest(data, case),
        "cue": str(cases.at[case, "cue"]),
        "evidence": evidence,
        "background": background,
        "variables": variables,
        "missing": [{"value": f"({k})", "label": k.replace("_", " "), "description": v} for k, v in codes.items()],
        "groups": groups,
    }
    return Asked(sheet, cells)


def evidence_digest(data: Data, case: str) -> str:
    """Sixteen hexadecimal digits over the evidence of a case as a sheet shows it."""
    return short_hash(16, json.dumps([shown for shown, _ in _evidence(data, case, "")], sort_keys=True))


def _fields(data: Data, table: str) -> list[str]:
    """The columns of a table that a coder can be asked for: all evidenced ones but names in words."""
    t = data.package.table(table)
    coded = {key.fields[0] for key in t.foreign_keys}
    return [f.name for f in t.evidenced if f.type != "string" or f.categories or f.name in coded]


def _names(data: Data) -> Iterator[str]:
    for table in RECORDS:
        yield from (f"{table}.{name}" for name in _fields(data, table))
    for into, _, fields in GRIDS.values():
        yield from (f"{into}.{name}" for name in fields)
    yield from OF_EVIDENCE


def _variable(data: Data, name: str) -> dict[str, Any]:
    """A variable as a coder sees it: what it means, and its codes with their definitions."""
    if name in YES_NO:
        title, description = YES_NO[name]
        return {"title": title, "description": description, "type": "code", "choices": _yes_no()}
    table, _, column = name.partition(".")
    f = data.package.table(table).field(column)
    if f.type == "boolean":
        kind, choices = "boolean", _yes_no("true", "false")
    elif f.type == "string":
        kind, choices = "code", [{"value": c.value, "label": c.label, "description": c.description} for c in _codes(data, table, f)]  # fmt: skip
    else:
        kind, choices = f.type, []
    # How a table writes a date that is known to the month is no matter of the coder's.
    description = f.description.partition(" If only the month or the year is known")[0]
    return {"title": f.title, "description": description, "type": kind, "choices": choices}


class _Code(NamedTuple):
    value: str
    label: str
    description: str


def _codes(data: Data, table: str, f: Field) -> list[Any]:
    """The codes of a column; of one that names a state, the states."""
    if f.categories:
        return f.offered
    states = data.frames["states"]
    return [_Code(code, name, "") for code, name in zip(states["iso3c"], states["name"], strict=True)]


def _yes_no(yes: str = "yes", no: str = "no") -> list[dict[str, str]]:
    return [{"value": yes, "label": "Yes", "description": ""}, {"value": no, "label": "No", "description": ""}]


def _records(data: Data, case: str) -> Iterator[tuple[str, str, str, str]]:
    """Heading, table, id and cue of the case, and of each of its requests with its decisions."""
    yield "The case", "cases", case, str(data.frames["cases"].set_index("case_id").at[case, "cue"])
    requests, decisions = data.frames["requests"], data.frames["decisions"]
    # In the order of the cues, as that of ids or dates would tell something.
    mine = requests[(requests["case_id"] == case).fillna(False)].sort_values("cue")
    for n, (request, cue) in enumerate(zip(mine["request_id"], mine["cue"], strict=True), 1):
        yield f"Request {n}", "requests", request, cue
        of_it = decisions[(decisions["request_id"] == request).fillna(False)].sort_values("cue")
        for k, (decision, about) in enumerate(zip(of_it["decision_id"], of_it["cue"], strict=True), 1):
            yield f"Request {n}, answer {k}", "decisions", decision, about


def _evidence(data: Data, case: str | None, coder: str) -> list[tuple[dict[str, str], str]]:
    """The statements of a case (None: those of no case) as shown, each with its id, by the day they speak of."""
    frame = data.frames["evidence"]
    mine = frame[frame["case_id"].isna() if case is None else (frame["case_id"] == case).fillna(False)]
    rows = mine.merge(data.frames["sources"], on="citekey", how="left", suffixes=("", "_source"))
    kinds = data.package.table("sources").field("source_kind").labels
    out = []
    for row in rows.to_dict("records"):
        known: Mapping[str, str] = {str(k): str(v) for k, v in row.items() if pd.notna(v)}
        shown = {
            "token": short_hash(12, coder, known["evidence_id"]),
            "actor": known.get("actor", ""),
            "speaker": ", ".join(known[name] for name in ("speaker", "speaker_office") if name in known),
            "statement": known["statement"],
            "day": _day(known, "date"),
            "said": _day(known, "said_date"),
            "locator": known.get("locator", ""),
            "publisher": known.get("publisher", ""),
            "source_kind": kinds.get(known.get("source_kind", ""), ""),
            "url": known.get("url", ""),
        }
        out.append((shown, known["evidence_id"]))
    return sorted(out, key=lambda pair: (pair[0]["day"] or pair[0]["said"] or "9", pair[0]["statement"]))


def _day(row: Mapping[str, str], name: str) -> str:
    return cut_date(row.get(name, "")[:10], row.get(f"{name}_precision")) or ""
