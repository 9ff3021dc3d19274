"""Published cells as a sheet shows them to somebody who checks or judges: value, definition, and what each source says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cstocases.analysis.case_record import records_of
from cstocases.people.draft import dated
from cstocases.people.proposal import Cell
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, RECORD
from cstocases.schema.model import Field

Key = tuple[str, str, str]
WHOLE = "The row as a whole: whether there is such a thing."
VERDICTS = {"yes": "Yes, there is", "no": "No, there is none", "unclear": "Unclear"}


def field_behind(data: Data, key: Key) -> Field | None:
    """The column of a cell; of a row of evidence any variable that is read from evidence; None for a row as a whole."""
    if key[2] == RECORD:
        return None
    if key[0] == "evidence":
        return next(f for t in data.package.stored.values() for f in t.evidenced if f.name == key[2])
    return data.package.table(key[0]).field(key[2])


def worded(data: Data, key: Key, value: str) -> str:
    """A value as a person reads it: the label of a code, a kind of missing without underscores.

    A label is followed by its code in square brackets where they differ by more than capitals.
    """
    if value.startswith("("):
        return value.replace("_", " ")
    f = field_behind(data, key)
    if f is None:
        return VERDICTS.get(value, value)
    return {"true": "Yes", "false": "No"}.get(value, value) if f.type == "boolean" else f.labels.get(value, value)


def definition(data: Data, key: Key, value: str) -> str:
    """What a value means, where it is a code or a kind of missing; else nothing."""
    if value.startswith("("):
        return data.package.missing.get(value[1:-1], "")
    f = field_behind(data, key)
    return next((c.description for c in (f.categories if f else ()) if c.value == value), "")


def heading(data: Data, table: str, record: str) -> str:
    """How a row is called: the title of its table and its own, or its id."""
    if table == "evidence" or table not in data.parsed:
        return f"{table} {record}"
    return f"{data.package.table(table).title}: {_called(data, table, record) or record}"


def _called(data: Data, table: str, record: str) -> str:
    """The title of a row, or where the table has none those of the rows that it joins; "" if there is no such row."""
    t, texts = data.package.table(table), data.parsed[table].texts
    row = texts[texts[t.primary_key[0]] == record]
    if row.empty:
        return ""
    name = next((n for n in ("title", "statement", "description", "name") if n in t.names), None)
    if name:
        return str(row[name].iloc[0])
    joined = (_called(data, key.table, str(row[key.fields[0]].iloc[0])) for key in t.foreign_keys)
    return "; ".join(filter(None, joined))


def readings_by_cell(data: Data, keys: set[Key]) -> dict[Key, list[dict[str, Any]]]:
    """What each source says of some cells, as a sheet shows it."""
    read = data.readings
    out: dict[Key, list[dict[str, Any]]] = {}
    for row in read[read["reading"].notna()].to_dict("records"):
        key = (str(row["table_name"]), str(row["record_id"]), str(row["field_name"]))
        if key in keys:
            known = {name: "" if pd.isna(row[name]) else str(row[name]) for name in row}
            who = next((known[n] for n in ("speaker", "author", "publisher") if known[n]), "no name")
            out.setdefault(key, []).append(
                {
                    "value": worded(data, key, known["reading"]),
                    "agrees": known["agreement"] in ("supports", "yes"),
                    "basis": known["basis"],
                    "who": who,
                    "day": known["said_date"] or known["published"],
                    "statement": known["statement"],
                    "locator": known["locator"],
                    "publisher": known["publisher"],
                    "url": known["url"],
                }
            )
    return out


def shown_cell(data: Data, key: Key, value: str, status: str, readings: list[dict[str, Any]]) -> dict[str, Any]:
    """A published cell for a sheet; its digest changes when the value or what is said of it does."""
    f = field_behind(data, key)
    said = {
        "title": f.title if f else "The row as a whole",
        "description": f.description if f else WHOLE,
        "value": worded(data, key, value),
        "definition": definition(data, key, value),
        "status": status.replace("_", " "),
        "readings": readings,
    }
    return {"digest": short_hash(8, value, json.dumps(said)), **said}


def short_hash(length: int, *parts: str) -> str:
    """The first hexadecimal digits of the SHA-256 over some texts."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:length]


def keys_of(frame: pd.DataFrame) -> list[Key]:
    """The cells of a frame with table, record and field."""
    return list(frame[CELL].itertuples(index=False, name=None))


def of_case(data: Data, case: str) -> pd.DataFrame:
    """The statuses of the cells that belong to a case, table by table in the order of the schema."""
    records = records_of(data, case)
    cells = data.statuses
    mine = [pair in records for pair in zip(cells["table_name"], cells["record_id"], strict=True)]
    order: Mapping[str, int] = {name: i for i, name in enumerate(data.package.stored)}
    found = cells[mine].assign(order=cells["table_name"][mine].map(order))
    return found.sort_values(["order", "record_id"], kind="stable").drop(columns="order")


def change(data: Data, key: Key, value: str) -> list[Cell]:
    """The cells that change, as in the CSV, if a cell gets a value as a reading or a coding writes it: of a date its precision too."""
    table, record, field = key
    t, texts = data.package.table(table), data.parsed[table].texts
    old = texts[texts[t.primary_key[0]] == record].iloc[0]
    missing = value.startswith("(") and value[1:-1] in data.package.missing
    new = dated(t, t.field(field), value[1:-1] if missing else value)
    return [Cell(table, record, name, str(old[name]), text) for name, text in new.items() if old[name] != text]
