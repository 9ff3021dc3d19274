"""Rules on who says so: readings, sources, searches and codings. Each docstring is a line in the codebook."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pandas as pd

from cstocases import cells
from cstocases.errors import Problem, count
from cstocases.frames import Data
from cstocases.parse import cell_fault
from cstocases.tableschema import Field


def rationales_have_dated_source(data: Data) -> Iterator[Problem]:
    """A stated rationale names its speaker and rests on at least one source whose date, or the date of the words it reports, is known."""
    if not data.sound("rationales", "readings", "evidence", "sources"):
        return
    read = data.readings[data.readings["table_name"] == "rationales"]
    dates = data.frames["evidence"].drop_duplicates("evidence_id").set_index("evidence_id")["date"]
    dated = read[read["published"].notna() | read["evidence_id"].map(dates).notna()]["record_id"]
    frame = data.frames["rationales"]
    for line in frame.index[~frame["rationale_id"].isin(dated)]:
        yield data.problem("rationales", line, "rationale_id", "dated-source", "rests on no source with a date")


def layers_apart(data: Data) -> Iterator[Problem]:
    """No statement stands in both layers: an evidence row supports stated rationales or explanations, never both, and no text is in both."""
    if not data.sound("rationales", "explanations", "readings"):
        return
    read = data.frames["readings"]
    said = set(read.loc[read["table_name"] == "rationales", "evidence_id"])
    both = (read["table_name"] == "explanations") & read["evidence_id"].isin(said)
    for line in read.index[both]:
        message = f"{read.at[line, 'evidence_id']} already supports a stated rationale; one layer only"
        yield data.problem("readings", line, "evidence_id", "one-layer", message)
    rationales, explanations = data.frames["rationales"], data.frames["explanations"]
    texts = set(rationales["statement"].dropna())
    for line in explanations.index[explanations["statement"].isin(texts)]:
        message = "the same statement is in rationales; one layer only"
        yield data.problem("explanations", line, "statement", "one-layer", message)


def evidenced_cells_have_readings(data: Data) -> Iterator[Problem]:
    """Every value of an evidenced column has at least one reading equal to it."""
    if not data.sound("readings"):
        return
    support = data.frames["readings"][[*cells.CELL, "reading"]].rename(columns={"reading": "value"})
    wanted = data.published.dropna(subset=["value"])
    found = wanted.merge(support.drop_duplicates(), on=[*cells.CELL, "value"], how="left", indicator=True)
    for row in found[found["_merge"] == "left_only"].itertuples():
        message = f"no reading says {row.value!r}; add one to readings or code the kind of missing"
        yield data.problem(row.table_name, row.line, row.field_name, "no-reading", message)


def missing_cells_agree_with_readings(data: Data) -> Iterator[Problem]:
    """A cell coded disputed has two readings that differ; one that is missing for any other reason has none."""
    if not data.sound("readings"):
        return
    read = data.frames["readings"].groupby(cells.CELL)["reading"]
    told = pd.DataFrame({"n": read.nunique(), "n_rows": read.size(), "said": read.first()})
    gaps = data.published[data.published["kind"].notna()].join(told, on=cells.CELL)
    gaps[["n", "n_rows"]] = gaps[["n", "n_rows"]].fillna(0).astype(int)
    for row in gaps.itertuples():
        n = row.n
        if row.kind == "disputed" and n < 2:
            rows = row.n_rows
            said = (
                f"every reading says {row.said!r}"
                if rows > 1
                else f"{count(rows, 'reading')} speak{'s' if rows == 1 else ''} to it"
            )
            message = f"is disputed, and {said}; two must differ"
            yield data.problem(row.table_name, row.line, row.field_name, "disputed", message)
        elif row.kind != "disputed" and n:
            message = f"is {row.kind}, and a reading speaks to it; publish the value or code disputed"
            yield data.problem(row.table_name, row.line, row.field_name, "unread", message)


def readings_fit_their_cell(data: Data) -> Iterator[Problem]:
    """A reading names a row that exists and an evidenced column of it, or the word record, and gives a value that column could hold."""
    read = data.frames["readings"]
    keys = {
        n: set(data.frames[n][t.primary_key[0]].dropna())
        for n, t in data.package.stored.items()
        if len(t.primary_key) == 1
    }
    for row in read.itertuples():
        where, value = ("readings", row.Index), row.reading
        if any(pd.isna(cell) for cell in (row.table_name, row.record_id, row.field_name, value)):
            continue  # reported as required
        table = data.package.stored.get(row.table_name)
        if table is None or not table.evidenced:
            yield data.problem(*where, "table_name", "reading-cell", f"{row.table_name!r} has no evidenced columns")
            continue
        if data.sound(table.name) and row.record_id not in keys[table.name]:
            message = f"{row.record_id!r} is no {table.primary_key[0]} of {table.path}"
            yield data.problem(*where, "record_id", "reading-cell", message)
        if row.field_name == cells.RECORD:
            if value not in cells.VERDICTS:
                message = f"{value!r}: on a row as a whole a reading says {', '.join(cells.VERDICTS)}"
                yield data.problem(*where, "reading", "reading-value", message)
            continue
        field = next((f for f in table.evidenced if f.name == row.field_name), None)
        if field is None:
            message = f"{row.field_name!r} is no evidenced column of {table.name}: {', '.join(f.name for f in table.evidenced)}"
            yield data.problem(*where, "field_name", "reading-cell", message)
        elif unfit := _unfit(field, value):
            yield data.problem(*where, "reading", "reading-value", f"{value!r} {unfit}")


def _unfit(field: Field, value: str) -> str:
    """Why a text cannot be a value of the field, or nothing."""
    if field.type == "date":
        parts = value.split("-")
        if [len(p) for p in parts] != [4, 2, 2][: len(parts)] or not all(p.isdecimal() for p in parts):
            return "is not a date; write YYYY, YYYY-MM or YYYY-MM-DD"
        value = "-".join([*parts, "01", "01"][:3])
    if field.labels and value not in field.labels:
        return f"is not a code of {field.name}: {', '.join(field.labels)}"
    if field.pattern and not re.fullmatch(field.pattern, value):
        return f"does not have the form {field.pattern}"
    if fault := cell_fault(field, value):
        return fault[1]
    return f"is below {field.minimum:g}" if field.minimum is not None and float(value) < field.minimum else ""


def rows_have_readings(data: Data) -> Iterator[Problem]:
    """Every row of a table with evidenced columns has at least one reading, of a cell or of the row as a whole."""
    if not data.sound("readings"):
        return
    read = data.frames["readings"]
    for name, table in data.package.stored.items():
        if table.evidenced:
            key, frame = table.primary_key[0], data.frames[name]
            seen = set(read.loc[read["table_name"] == name, "record_id"])
            for line in frame.index[frame[key].notna() & ~frame[key].isin(seen)]:
                yield data.problem(name, line, key, "no-reading", f"no reading speaks to {frame.at[line, key]!r}")


def sources_read_and_used(data: Data) -> Iterator[Problem]:
    """A source is not published after the day it was read, nor is what it reports dated after it; a source supports at least one evidence row, and no value rests only on sources not seen."""
    first, _ = data.spans("sources", "published")
    frame = data.frames["sources"]
    for line in frame.index[(first > frame["accessed"]).fillna(False)]:
        message = f"is after accessed, {frame.at[line, 'accessed']:%Y-%m-%d}"
        yield data.problem("sources", line, "published", "published-after-access", message)
    evidence = data.frames["evidence"]
    days = frame.drop_duplicates("citekey").set_index("citekey")["accessed"]
    read_on = evidence[["citekey"]].join(days, on="citekey")["accessed"]
    for line in evidence.index[(evidence["date"] > read_on).fillna(False)]:
        message = f"is after its source was read, {read_on[line]:%Y-%m-%d}"
        yield data.problem("evidence", line, "date", "dated-after-access", message)
    if data.sound("evidence"):
        for line in frame.index[~frame["citekey"].isin(data.frames["evidence"]["citekey"])]:
            yield data.problem("sources", line, "citekey", "unused-source", "supports no evidence row")
    if data.sound("readings", "evidence", "sources"):
        read = data.readings[data.readings["agreement"].isin(["supports", "yes"]) & data.readings["access"].notna()]
        seen = read.assign(seen=read["access"] != "not_seen").groupby(cells.CELL, as_index=False)["seen"].any()
        for row in seen[~seen["seen"].astype(bool)].itertuples():
            for line in _lines_of(data, row.table_name, row.record_id):
                column = "" if row.field_name == cells.RECORD else row.field_name
                yield data.problem(row.table_name, line, column, "not-seen", "rests only on sources nobody has read")


def _lines_of(data: Data, table: str, record: str) -> pd.Index:
    """The lines of a record; none where it, or its table, does not exist."""
    if table not in data.frames:
        return pd.Index([])
    frame = data.frames[table]
    return frame.index[(frame[data.package.stored[table].primary_key[0]] == record).fillna(False)]


def searches_behind_no_evidence(data: Data) -> Iterator[Problem]:
    """A cell coded no_evidence_found has at least one row in searches; a search or a blind coding names a cell that exists, and a coding gives a value or a kind of missing that it could hold."""
    searched: set[tuple[str, str, str]] = set()
    if "searches" in data.parsed and data.sound("searches"):
        rows = data.frames["searches"]
        searched = set(zip(rows["table_name"], rows["record_id"], rows["field_name"], strict=True))
    for name, parsed in data.parsed.items():
        key = parsed.table.primary_key[0]
        precisions = {parsed.table.precision_of(column) for column in parsed.table.names}
        for column in (c for c in parsed.kinds.columns if c not in precisions):
            for line in parsed.kinds.index[(parsed.kinds[column] == "no_evidence_found").fillna(False)]:
                if (name, parsed.frame.at[line, key], column) not in searched:
                    message = "is no_evidence_found, and searches has no search for it"
                    yield data.problem(name, line, column, "no-search", message)
    for name in ("searches", "codings", "adjudications"):
        if name in data.parsed:
            yield from _cells_exist(data, name)


def _cells_exist(data: Data, name: str) -> Iterator[Problem]:
    """A cell named in a table exists; of an evidence row, any variable that is read from evidence can be coded."""
    frame = data.frames[name]
    read = {f.name: f for t in data.package.stored.values() for f in t.evidenced}
    keys = {n: set(data.frames[n][t.primary_key[0]].dropna()) for n, t in data.package.stored.items()}
    for row in frame.dropna(subset=["table_name", "record_id", "field_name"]).itertuples():
        table = data.package.stored.get(row.table_name)
        known = set() if table is None else {cells.RECORD, *table.names, *(read if table.name == "evidence" else ())}
        if table is None or row.field_name not in known:
            message = f"{row.table_name}.{row.field_name} is no column"
            yield data.problem(name, row.Index, "field_name", "no-cell", message)
        elif data.sound(table.name) and row.record_id not in keys[table.name]:
            message = f"{row.record_id!r} is no {table.primary_key[0]} of {table.path}"
            yield data.problem(name, row.Index, "record_id", "no-cell", message)
        elif name == "codings" and row.field_name in read and pd.notna(row.coded_value):
            value = str(row.coded_value)
            if value.removeprefix("(").removesuffix(")") not in data.package.kinds and (
                unfit := _unfit(read[row.field_name], value)
            ):
                yield data.problem(name, row.Index, "coded_value", "coding-value", f"{value!r} {unfit}")


def differences_are_judged(data: Data) -> Iterator[Problem]:
    """Where a blind coder differs from the published value, adjudications says what came of it; it says nothing of cells on which all agree."""
    if not {"codings", "adjudications"} <= set(data.parsed) or not data.sound("codings", "adjudications", "readings"):
        return
    value = {
        tuple(row[:3]): row for row in data.published[[*cells.CELL, "value", "kind"]].itertuples(index=False, name=None)
    }
    read = data.frames["readings"]
    said = set(zip(read["field_name"], read["evidence_id"], read["reading"], strict=True))
    judged = data.frames["adjudications"]
    open_cells = set(judged[cells.CELL].itertuples(index=False, name=None))
    differing = set()
    for row in data.frames["codings"].dropna(subset=cells.CELL).itertuples():
        cell = (row.table_name, row.record_id, row.field_name)
        if pd.isna(row.coded_value):
            differing.add(cell)  # what cannot be read is reported for that, and may well differ
            continue
        if row.table_name == "evidence":
            same = (row.field_name, row.record_id, row.coded_value) in said
        else:
            found = value.get(cell)
            if found is not None and pd.isna(found[3]) and pd.isna(found[4]):
                continue  # the cell could not be read, and is reported for that
            same = found is not None and row.coded_value == (f"({found[4]})" if pd.isna(found[3]) else found[3])
        if not same:
            differing.add(cell)
            if cell not in open_cells:
                message = f"{row.coder} says {row.coded_value!r}, and adjudications does not say what came of it"
                yield data.problem("codings", row.Index, "coded_value", "unjudged", message)
    for row in judged.dropna(subset=[*cells.CELL, "verdict"]).itertuples():
        if row.verdict == "kept" and (row.table_name, row.record_id, row.field_name) not in differing:
            yield data.problem("adjudications", row.Index, "verdict", "unjudged", "is kept, and no coder differs")


RULES: tuple[Callable[[Data], Iterator[Problem]], ...] = (
    rationales_have_dated_source,
    layers_apart,
    evidenced_cells_have_readings,
    missing_cells_agree_with_readings,
    readings_fit_their_cell,
    rows_have_readings,
    sources_read_and_used,
    searches_behind_no_evidence,
    differences_are_judged,
)
