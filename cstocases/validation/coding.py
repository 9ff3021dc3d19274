"""Rules on searches, blind codings and what came of them. Each docstring is a line in the codebook."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.errors import Problem, quoted
from cstocases.parsing.joins import is_in
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, RECORD
from cstocases.validation.fit import rows_exist, unfit


def searches_behind_no_evidence(data: Data) -> Iterator[Problem]:
    """A cell coded no_evidence_found has at least one row in searches; a search or a blind coding names a cell that exists, and a coding gives a value that the cell could hold or a missing-value code in round brackets, such as (unknown)."""
    searched: set[tuple[str, str, str]] = set()
    if "searches" in data.parsed and data.sound("searches"):
        searched = set(data.frames["searches"][CELL].itertuples(index=False, name=None))
    for name, parsed in data.parsed.items():
        key = parsed.table.primary_key[0]
        precisions = {parsed.table.precision_of(column) for column in parsed.table.names}
        for column in (c for c in parsed.missing_codes.columns if c not in precisions):
            found = pc.equal(pa.array(parsed.missing_codes[column]), "no_evidence_found")
            for place in pc.indices_nonzero(found).to_pylist():
                line = parsed.frame.index[place]
                if (name, parsed.frame.at[line, key], column) not in searched:
                    message = 'is "no_evidence_found" but searches has no search for it'
                    yield data.problem(name, line, column, "no-search", message)
    for name in ("searches", "codings", "adjudications"):
        if name in data.parsed:
            yield from _cells_exist(data, name)


def _cells_exist(data: Data, name: str) -> Iterator[Problem]:
    """A cell named in a table exists; of an evidence row, any variable that is read from evidence can be coded."""
    frame, stored = data.frames[name].dropna(subset=CELL), data.package.stored
    read = {f.name: f for t in stored.values() for f in t.evidenced}
    column = frame["table_name"] + "." + frame["field_name"]
    names = {t.name: (RECORD, *t.names, *(read if t.name == "evidence" else ())) for t in stored.values()}
    there = is_in(column, [f"{table}.{f}" for table in names for f in names[table]])
    for line in frame.index[~there]:
        yield data.problem(name, line, "field_name", "no-cell", f"{quoted(column[line])} is no column")
    frame = frame[there]
    records = frame["record_id"].mask(frame["table_name"] == "evidence", frame["record_id"].replace(data.merged))
    for table, ids in records.groupby(frame["table_name"]):
        yield from rows_exist(data, name, ids, stored[str(table)], "no-cell")
    if name == "codings":
        yield from _values_fit(data, frame[is_in(frame["field_name"], [RECORD, *read])])


def _values_fit(data: Data, codings: pd.DataFrame) -> Iterator[Problem]:
    """A coding gives a value that its cell could hold, or says in round brackets why there is none."""
    tokens = set(data.package.missing_codes)
    bare = data.missing_codes["codings"]["coded_value"].loc[codings.index]
    for line, token in bare[is_in(bare, [token for token in tokens if token in data.package.missing])].items():
        message = f"a missing value is written ({token}) here, in round brackets"
        yield data.problem("codings", line, "coded_value", "coding-value", message)
    read = {f.name: f for t in data.package.stored.values() for f in t.evidenced}
    coded = codings["coded_value"].dropna()
    coded = coded[~is_in(coded, [f"({token})" for token in tokens])]
    for field_name, values in coded.groupby(codings["field_name"]):
        for line, message in unfit(read.get(str(field_name)), values).items():
            word = re.sub("[^a-z]+", "_", values[line].casefold()).strip("_")
            if word in tokens:
                message = f"is no value; a missing value is written ({word}), in round brackets"
            yield data.problem("codings", line, "coded_value", "coding-value", f"{quoted(values[line])} {message}")


def differences_are_judged(data: Data) -> Iterator[Problem]:
    """Where a blind coder differs from the published value, adjudications has the verdict; it has none of kept where all coders agree."""
    if not {"codings", "adjudications"} <= set(data.parsed) or not data.sound("codings", "adjudications", "readings"):
        return
    codings, judged = data.frames["codings"], data.frames["adjudications"]
    # Of a table that could not be read whole, and of a cell that could not be read, nothing is known.
    whole = [name for name in data.parsed if data.sound(name)]
    coded = codings[is_in(codings["table_name"], whole)].reset_index(names="line").dropna(subset=CELL)
    found = coded.merge(data.published[[*CELL, "value", "kind"]], on=CELL, how="left", indicator=True)
    says = found["value"].fillna("(" + found["kind"] + ")").mask(found["field_name"] == RECORD, "yes")
    unread = (found["_merge"] == "both") & says.isna()
    same = (found["coded_value"] == says).fillna(False) | unread
    # Of an evidence row any variable can be coded; it is right if a reading of that row says so.
    columns = {"field_name": "field_name", "evidence_id": "record_id", "reading": "coded_value"}
    said = data.frames["readings"][list(columns)].drop_duplicates().rename(columns=columns)
    of_evidence = found["table_name"] == "evidence"
    asked = found[list(said)].assign(record_id=found["record_id"].replace(data.merged))
    told = asked.merge(said, how="left", indicator="told")["told"] == "both"
    same = same.mask(of_evidence.fillna(False).astype(bool), told)
    differing = found.loc[~same.astype(bool), ["line", "coder", "coded_value", *CELL]]
    open_cells = differing.merge(judged[CELL].drop_duplicates(), how="left", indicator=True)
    # What cannot be read is reported for that, and may well differ.
    for row in open_cells[(open_cells["_merge"] == "left_only") & open_cells["coded_value"].notna()].itertuples():
        message = f"{row.coder} says {quoted(row.coded_value)}, but adjudications has no verdict on it"
        yield data.problem("codings", row.line, "coded_value", "unjudged", message)
    kept = judged[(judged["verdict"] == "kept").fillna(False)].reset_index(names="line").dropna(subset=CELL)
    kept = kept[is_in(kept["table_name"], whole)]
    open_to_doubt = pd.concat([differing, found[unread]])[CELL].drop_duplicates()
    moot = kept.merge(open_to_doubt, on=CELL, how="left", indicator=True)
    for row in moot[moot["_merge"] == "left_only"].itertuples():
        yield data.problem(
            "adjudications", row.line, "verdict", "unjudged", 'the verdict is "kept" but no coding differs'
        )
