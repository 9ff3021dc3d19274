"""The comparison of the report: a row a variable, a column a case, each cell with the readings or statements behind it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cstocases.analysis.case_record import listed
from cstocases.analysis.queries import AT_A_GLANCE, LISTS, MARKS, SAID, labelled, primary_rows
from cstocases.derived.comparison import Comparison, comparison
from cstocases.derived.outcomes import was_helped
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL
from cstocases.schema.model import Field

# The groups of columns that count statements by officials and scholars; shown from the tables of those statements.
STATED = {"for_": ("rationales", "rationale", "for"), "cond_": ("rationales", "rationale", "conditional"), "against_": ("rationales", "rationale", "against"), "argued_": ("explanations", "mechanism", "")}  # fmt: skip
COMPUTED = "Computed from other cells; see the codebook."
SHOWN = ["reading", "agreement", "basis", "evidence_id", "speaker", "speaker_office", "said_date", "statement", "locator", "citekey", "title", "publisher", "origin", "source_kind", "published", "access", "url"]  # fmt: skip
Record = dict[str, Any]
Readings = dict[tuple[str, str], dict[str, list[Record]]]  # by table and record, then by field


def readings_of(found: Data) -> Readings:
    """Every reading as a record for the templates, those that support the published value first."""
    names = [*CELL, *SHOWN]
    columns = [listed(found.readings[name]) for name in names]
    order = {"supports": 0, "yes": 0, "rival": 1, "no": 1}
    out: Readings = {}
    for values in zip(*columns, strict=True):
        row = dict(zip(names, values, strict=True))
        fields = out.setdefault((row["table_name"], row["record_id"]), {})
        fields.setdefault(row["field_name"], []).append(row)
    for group in (group for fields in out.values() for group in fields.values()):
        group.sort(key=lambda row: (order.get(row["agreement"], 2), str(row["reading"]), row["evidence_id"]))
        for row in group:
            row["said"] = SAID.get(row["agreement"], row["agreement"])
    return out


def independent(readings: Iterable[Record]) -> tuple[int, int]:
    """How many independent sources give the published value of a cell, and how many another: reprints of one agency's report count once."""
    sides: tuple[set[str], set[str]] = set(), set()
    for row in readings:
        sides[row["agreement"] not in ("supports", "yes")].add(row["origin"] or row["publisher"])
    return len(sides[0]), len(sides[1])


def matrix(found: Data, read: Readings, files: dict[str, Record]) -> list[Record]:
    """The rows of the comparison for these case files."""
    table, wide = found.package.table("comparison"), comparison(found)
    at = primary_rows(found, wide, files)
    rows = []
    for entry in AT_A_GLANCE:
        if entry in STATED:
            cells = [_stated(found, read, entry, file, wide.columns["request_id"].texts[at[case]]) for case, file in files.items()]  # fmt: skip
        else:
            cells = [_cell(found, wide, read, table.field(entry), at[case]) for case in files]
        title = LISTS[entry] if entry in STATED else table.field(entry).title
        rows.append({"title": title, "cells": list(zip(files, cells, strict=True))})
    return rows


def _cell(found: Data, wide: Comparison, read: Readings, f: Field, line: Any) -> Record:
    """The value of one variable with the mark of its status, and how many independent sources give it."""
    status, readings = str(wide.status.at[line, f.name]), _readings_behind(found, wide, read, f, line)
    value = wide.text(f.name, line)
    label = value if value is None else labelled(found.package, f, value)
    text = shown(f, label, wide.missing_codes.at[line, f.name])
    text += MARKS.get(status, "") if readings else ""
    agree, differ = independent(readings)
    note = f"Independent sources for it: {agree}; against it: {differ}." if readings else "No reading."
    return {
        "text": text, "contested": status == "contested", "readings": readings, "statements": [], "note": note if f.ref else COMPUTED
    }  # fmt: skip


def _readings_behind(found: Data, wide: Comparison, read: Readings, f: Field, line: Any) -> list[Record]:
    """The readings of the cell that a cell of the comparison is taken from."""
    if not f.ref:
        return []
    table, field = f.ref
    labels = found.package.table(table).field(field).labels
    group = read.get((table, wide.records.at[line, f.name]), {}).get(field, [])
    return [{**row, "shown": labels.get(row["reading"], row["reading"])} for row in group]


def shown(f: Field, value: str | None, code: object) -> str:
    """A value as a reader is shown it, or why there is none."""
    if value is None:
        return f"({str(code).replace('_', ' ')})"
    return {"true": "yes", "false": "no"}.get(value, f.labels.get(value, value))


def _stated(found: Data, read: Readings, entry: str, file: Record, request: str | None) -> Record:
    """What officials said of a request, or scholars argue of what came of it, as a cell of the comparison."""
    name, field, direction = STATED[entry]
    if name == "rationales":
        rows = [row for row in file[name] if row["direction"] == direction and request == request_of(file, row)]
    else:
        what = ("both", "grant" if was_helped(found, str(request)) else "refusal")
        rows = [row for row in file[name] if row["explains"] in what]
    f, key = found.package.table(name).field(field), found.package.table(name).primary_key[0]
    codes = dict(zip(found.frames[name][key], found.missing_codes[name][field], strict=True))
    said = [statement(read, name, row, shown(f, row[field], codes[row[key]])) for row in rows]
    order = list(f.labels.values())
    given = sorted({s["code"] for s in said}, key=lambda code: order.index(code) if code in order else len(order))
    note = "" if said else "Nothing recorded."
    return {"text": "; ".join(given) or "none", "contested": False, "readings": [], "statements": said, "note": note}


def request_of(file: Record, rationale: Record) -> str | None:
    """The request whose ask or answer a rationale of a case file belongs to; None where it belongs to the case."""
    for request in file["requests"]:
        answers = [answer["answer_id"] for decision in request["decisions"] for answer in decision["answers"]]
        if rationale["answer_id"] in answers or rationale["ask_id"] in [ask["ask_id"] for ask in request["asks"]]:
            return str(request["request_id"])
    return None


def statement(read: Readings, table: str, row: Record, code: str) -> Record:
    """A statement with what it is coded as and the sources behind it, each once."""
    fields = read.get((table, row[f"{table[:-1]}_id"]), {})
    sources = {r["citekey"]: r for group in fields.values() for r in group}
    apart = sum(independent(sources.values()))
    who = row["speaker"] if table == "rationales" else f"{row['author']}, {row['year'] or 'no date'}"
    return {"when": row.get("date") or "", "who": who, "code": code, "text": row["statement"], "sources": list(sources.values()), "independent": apart}  # fmt: skip
