"""A full case record: everything the data hold on one case, nested, and which rows those are."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from cstocases.dataset import data
from cstocases.derived.computed import in_force
from cstocases.derived.rows import UNCODED, by, known
from cstocases.errors import UnknownNameError
from cstocases.parsing.joins import is_in, joined, positions
from cstocases.resolution.checks import newest_checks
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, cut_date
from cstocases.schema.model import Field, Table

# What says whose words a reading rests on, and when and where they stand.
WHOSE = ("speaker", "author", "publisher", "said_date", "locator")


def known_case(found: Data, case: str, what: str = "case") -> None:
    """Nothing, if there is such a case.

    Raises:
        UnknownNameError: there is none.
    """
    known = list(found.frames["cases"]["case_id"])
    if case not in known:
        raise UnknownNameError(what, case, known)


def known_record(found: Data, record: str, *tables: str) -> None:
    """Nothing, if one of these tables has such a record.

    Raises:
        UnknownNameError: none has.
    """
    ids = [str(each) for name in tables for each in _texts(found, name, found.package.table(name).primary_key[0])]
    if record not in ids:
        raise UnknownNameError(f"record of {tables[0]}" if len(tables) == 1 else "record", record, ids)


def with_evidence(found: Data, table: str, *others: str) -> Table:
    """A stored table whose cells have readings; `others` are names that the caller takes besides.

    Raises:
        UnknownNameError: there is none of that name.
    """
    stored = {name: t for name, t in found.package.stored.items() if t.evidenced}
    if table not in stored:
        raise UnknownNameError("table with evidence", table, [*stored, *others])
    return stored[table]


def show(case: str, home: str | Path | None = None) -> dict[str, Any]:
    """A full case record, as nested records.

    Keys: case; requests (each with its asks and its decisions, each of these with its answers and
    contributions); law (the provisions in force when the case began); legal_views; positions;
    rationales; explanations; events; contested (cells with conflicting values and who says each); statuses (of every evidenced cell, with what people who checked it said);
    checks (the newest of each cell by each person, as in `checks`); sources, each with the words taken from it (said: speaker, day, locator). Values as in the CSV,
    dates cut to their precision, None where missing.

    Raises:
        UnknownNameError: no such case.
        DataError: the data have problems.
    """
    return case_file(data(home), case)


def case_rows(found: Data, case: str, typed: bool = False) -> dict[str, Any]:
    """The rows of the tables that belong to a case, in the form of `show`, of data already resolved; `typed` as in `case_file`."""
    _records = functools.partial(_rows, typed=typed)
    known_case(found, case)
    requests = _records(found, "requests", "case_id", [case])
    for request in requests:
        for part in ("asks", "decisions"):
            request[part] = _records(found, part, "request_id", [request["request_id"]])
        for ask in request["asks"]:
            ask["text_tests"] = _records(found, "text_tests", "ask_id", [ask["ask_id"]])
        for decision in request["decisions"]:
            for part in ("answers", "contributions"):
                decision[part] = _records(found, part, "decision_id", [decision["decision_id"]])
    parts = ("legal_views", "positions", "rationales", "explanations", "events")
    return {
        "case": _records(found, "cases", "case_id", [case])[0],
        "requests": requests,
        **{name: _records(found, name, "case_id", [case]) for name in parts},
    }


def case_file(found: Data, case: str, typed: bool = False) -> dict[str, Any]:
    """What `show` gives, of data already resolved; `typed` with numbers and booleans as such and dates whole, as in the tables."""
    rows = case_rows(found, case, typed)
    status = rows_of(found, case, found.statuses)
    contested, checks = status[status["status"] == "contested"], newest_checks(status, found.frames)
    read = rows_of(found, case, found.readings[[*CELL, *WHOSE, "reading", "citekey", "evidence_id"]])
    words = said_in(read)
    sources = _rows(found, "sources", "citekey", sorted(words), typed)
    return {
        "case": rows.pop("case"),
        "requests": rows.pop("requests"),
        "law": _rows(found, "provisions", "provision_id", _law_of(found, case), typed),
        **rows,
        "contested": _contests(contested, read),
        "statuses": status[[*CELL, "status", "check_status"]].to_dict("records"),
        "checks": checks.astype(object).where(checks.notna(), None).to_dict("records"),
        "sources": [{**source, "said": words[source["citekey"]]} for source in sources],
    }


def of_no_case(found: Data, name: str) -> list[dict[str, Any]]:
    """The rows of a table that belong to no case, as records in the form of `show`."""
    return _rows(found, name, "case_id", [None])


def _rows(found: Data, name: str, key: str, wanted: Sequence[str | None], typed: bool = False) -> list[dict[str, Any]]:
    if name not in found.package.stored:
        return []
    table, among = found.package.table(name), set(wanted)
    lines = [line for line, value in enumerate(_texts(found, name, key)) if value in among]
    if "date" in table.names:
        order = [_texts(found, name, part) for part in ("date", *table.primary_key)]
        lines.sort(key=lambda line: (order[0][line] is None, *(str(part[line]) for part in order)))
    columns = {f.name: _column(found, table, f, lines, typed) for f in table.fields}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


@functools.lru_cache(maxsize=1024)
def _texts(found: Data, table: str, field: str) -> list[str | None]:
    """The texts of a column, None where a cell is missing; kept because each case takes a few rows of it."""
    texts: list[str | None] = found.parsed[table].split(field)[0].to_pylist()
    return texts


def listed(column: pd.Series) -> list[Any]:
    """The values of a column, None where missing."""
    values: list[Any] = pa.array(column, from_pandas=True).to_pylist()
    return values


def _column(found: Data, table: Table, f: Field, lines: Sequence[int], typed: bool) -> list[Any]:
    """The cells of a column as text, dates cut to their precision, or as the values JSON has; None where missing."""
    texts = _texts(found, table.name, f.name)
    if typed:
        read = json.loads if f.type in ("integer", "number", "boolean") else str
        return [None if texts[line] is None else read(str(texts[line])) for line in lines]
    name = table.precision_of(f.name)
    precision = _texts(found, table.name, name) if name else [None] * len(texts)
    return [cut_date(texts[line], precision[line]) for line in lines]


def _law_of(found: Data, case: str) -> list[str]:
    """The provisions in force when a case began."""
    cases = found.frames["cases"]
    day = cases.loc[cases["case_id"] == case, "start_date"].iloc[0]
    return [] if pd.isna(day) else sorted(in_force(found, day))


def disputes(found: Data, cases: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """By case what `show` has as `contested`."""
    made = _contests(found.statuses[found.statuses["status"] == "contested"], found.readings)
    of = {case: records_of(found, case) for case in cases}
    return {
        case: [cell for cell in made if (cell["table_name"], cell["record_id"]) in mine] for case, mine in of.items()
    }


def _contests(contested: pd.DataFrame, read: pd.DataFrame) -> list[dict[str, Any]]:
    """Contested cells as records, each with its readings: who gives each value."""
    given: dict[tuple[str, ...], dict[str, set[str]]] = {}
    read = read[is_in(_cell(read), _cell(contested)) & read["reading"].notna()]
    for row in read[[*CELL, *WHOSE, "reading", "citekey"]].itertuples():
        cell = (row.table_name, row.record_id, row.field_name)
        given.setdefault(cell, {}).setdefault(row.reading, set()).add(f"{whose(row)}, {row.citekey}")
    names = {**{name: name for name in CELL}, "value": "published", "kind": "kind", "conflict": "conflict"}
    rows = zip(*(listed(contested[name]) for name in names), strict=True)
    out: list[dict[str, Any]] = [dict(zip(names.values(), row, strict=True)) for row in rows]
    for record in out:
        of_cell = given.get(tuple(record[name] for name in CELL), {})
        record["readings"] = {value: sorted(of_cell[value]) for value in sorted(of_cell)}
    return out


def _cell(frame: pd.DataFrame) -> pd.Series:
    """Table, record and field of each row, as one text."""
    return joined(*(frame[name] for name in CELL))


def whose(row: Any) -> str:
    """Whose words a reading rests on, and when and where: speaker (author or publisher, where the source speaks itself), day, locator."""
    who = next(name for name in (row.speaker, row.author, row.publisher, "no name") if pd.notna(name))
    return ", ".join(str(part) for part in (who, row.said_date, row.locator) if pd.notna(part))


def said_in(read: pd.DataFrame) -> dict[str, list[str]]:
    """The words taken from each source by these readings, by citekey: each as `whose` tells it, once, in the order of days."""
    words: dict[str, dict[str, str]] = {}
    rows = read[read["citekey"].notna()].drop_duplicates("evidence_id")
    for row in rows[[*WHOSE, "citekey"]].itertuples():
        words.setdefault(str(row.citekey), {})[whose(row)] = str(row.said_date)
    return {citekey: sorted(said, key=lambda words: (said[words], words)) for citekey, said in words.items()}


def records_of(found: Data, case: str) -> set[tuple[str, str]]:
    """Table and record id of every row that belongs to a case."""
    out = {("cases", case)}
    owned = {"case_id": [case]}
    for name, table in found.package.stored.items():
        for key in ("case_id", "request_id", "decision_id", "ask_id"):
            if table.evidenced and name != "cases" and key in table.names and key in owned:
                rows = zip(_texts(found, name, table.primary_key[0]), _texts(found, name, key), strict=True)
                ids = [str(record) for record, owner in rows if owner in owned[key]]
                out |= {(name, record) for record in ids}
                owned.setdefault(table.primary_key[0], []).extend(ids)
                break
    return out


def title_of(found: Data, table: str, record: str) -> str:
    """What a reader would call a row: its title, or that of the nearest row that it belongs to, or whose or which it is."""
    row = by(found, table, found.package.table(table).primary_key[0])[record,][0]
    if "title" in row:
        return row["title"]
    for owner in ("decision", "request", "ask", "answer", "case", "candidate"):
        above = known(row.get(f"{owner}_id", UNCODED))
        if above and table != f"{owner}s":
            return title_of(found, f"{owner}s", above)
    return next(row[name] for name in ("person", "instrument_name", "state", *row) if name in row)


def readings_of(found: Data, cells: Sequence[Sequence[str]]) -> pd.DataFrame:
    """The readings of these cells, in their order."""
    place = positions(_cell(found.readings), pd.Series(["\t".join(cell) for cell in cells], dtype="string"))
    return found.readings.iloc[[line for line in np.argsort(place, kind="stable") if place[line] >= 0]]


def rows_of(found: Data, case: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a frame of cells that belong to a case."""
    records = records_of(found, case)
    some = frame[is_in(frame["record_id"], [record for _, record in records])]  # few rows, of which the keys are made
    return some[is_in(joined(*(some[name] for name in CELL[:2])), ["\t".join(row) for row in records])]
