"""Rules on searches, blind codings and what came of them. Each docstring is a line in the codebook."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cstocases.errors import Problem, quoted
from cstocases.parsing.joins import is_in
from cstocases.resolution.checks import said
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, RECORD
from cstocases.schema.model import NOT_CODED
from cstocases.validation.fit import rows_exist, unfit

OWNERS = {"asks": "requests", "answers": "decisions"}  # whose id the id of a row begins with; the kind of help follows
VALUES = {"codings": "coded_value", "checks": "seen_value"}
SOMEBODY_ELSE = "somebody else must judge this cell"


def searches_behind_no_evidence(data: Data) -> Iterator[Problem]:
    """A cell coded no_evidence_found has at least one row in searches; a search or a blind coding names a cell that exists, and a coding gives a value that the cell could hold or a missing-value code in round brackets, such as (unknown)."""
    searched: set[tuple[str, str, str]] = set()
    if "searches" in data.parsed and data.sound("searches"):
        searched = set(data.frames["searches"][CELL].itertuples(index=False, name=None))
    for name, parsed in data.parsed.items():
        records = parsed.frame[parsed.table.primary_key[0]].tolist()
        precisions = {parsed.table.precision_of(column) for column in parsed.table.names}
        for column in (c for c in parsed.missing_codes.columns if c not in precisions):
            found = pc.equal(pa.array(parsed.missing_codes[column]), "no_evidence_found")
            for place in pc.indices_nonzero(found).to_pylist():
                if (name, records[place], column) not in searched:
                    line = parsed.frame.index[place]
                    message = 'is "no_evidence_found" but searches has no search for it'
                    yield data.problem(name, line, column, "no-search", message)
    for name in ("searches", "codings", "adjudications", "checks"):
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
    if name in ("codings", "adjudications"):
        records = records[~_of_kind(data, frame)]
    for table, ids in records.groupby(frame["table_name"]):
        yield from rows_exist(data, name, ids, stored[str(table)], "no-cell")
    if name in VALUES:
        yield from _values_fit(data, name, frame[is_in(frame["field_name"], [RECORD, *read])])


def _of_kind(data: Data, frame: pd.DataFrame) -> pd.Series:
    """Which rows are about an ask or an answer named by its request or decision and the kind of help, whether there is one or not. Dtype: bool."""
    known = pd.Series(False, index=frame.index)
    for table, owner in OWNERS.items():
        if table in data.parsed:
            kinds = [f"-{code.replace('_', '-')}" for code in data.package.table(table).field("help_kind").labels]
            owners = data.frames[owner][data.package.table(owner).primary_key[0]]
            ids = [f"{record}{kind}" for record in owners.dropna() for kind in kinds]
            mine = is_in(frame["record_id"], ids) | (
                not data.sound(owner)
            )  # of owners that cannot be read nothing is known
            known |= (frame["table_name"] == table).fillna(False) & mine
    return known.astype(bool)


def _values_fit(data: Data, name: str, rows: pd.DataFrame) -> Iterator[Problem]:
    """A coding, or a check, gives a value that its cell could hold, or says in round brackets why there is none."""
    tokens, column = set(data.package.missing_codes), VALUES[name]
    bare = data.missing_codes[name][column].loc[rows.index]
    for line, token in bare[is_in(bare, [token for token in tokens if token in data.package.missing])].items():
        message = f"a missing value is written ({token}) here, in round brackets"
        yield data.problem(name, line, column, "coding-value", message)
    read = {f.name: f for t in data.package.stored.values() for f in t.evidenced}
    coded = rows[column].dropna()
    coded = coded[~is_in(coded, [f"({token})" for token in tokens])]
    for field_name, values in coded.groupby(rows["field_name"]):
        for line, message in unfit(read.get(str(field_name)), values).items():
            word = re.sub("[^a-z]+", "_", values[line].casefold()).strip("_")
            if word in tokens:
                message = f"is no value; a missing value is written ({word}), in round brackets"
            yield data.problem(name, line, column, "coding-value", f"{quoted(values[line])} {message}")


def checks_say_why(data: Data) -> Iterator[Problem]:
    """A check that does not agree has a reason."""
    if "checks" in data.parsed:
        made = data.frames["checks"]
        for line in made.index[is_in(made["check_verdict"], ["disagree", "unsure"]) & made["check_reason"].isna()]:
            verdict = made.at[line, "check_verdict"]
            yield data.problem(
                "checks", line, "check_reason", "check-reason", f'is missing but the verdict is "{verdict}"'
            )


def verdicts_are_on_others(data: Data) -> Iterator[Problem]:
    """A verdict names only values that a coder gave for the cell, and is given by nobody who gave one of them."""
    if not {"codings", "adjudications"} <= set(data.parsed) or not data.sound("codings"):
        return
    known = set(data.frames["coders"]["coder"]) if "coders" in data.frames else set()
    given: dict[tuple[str, ...], list[str]] = {}
    for coder, *key in data.frames["codings"][["coder", *CELL, "coded_value"]].dropna().itertuples(index=False):
        given.setdefault(tuple(key), []).append(coder)
    judged = data.frames["adjudications"].dropna(subset=[*CELL, "values_judged"])
    for line, *cell, values, judge in judged[[*CELL, "values_judged", "judge"]].itertuples(name=None):
        for value in values.split("; "):
            coders = given.get((*cell, value), [])
            if not coders:
                message = f"{quoted(value)} was given by no coder of this cell"
                yield data.problem("adjudications", line, "values_judged", "judged-value", message)
            elif pd.notna(judge) and any(same_coder(coder, judge, known) for coder in coders):
                message = f"{judge} coded {quoted(value)}; {SOMEBODY_ELSE}"
                yield data.problem("adjudications", line, "judge", "own-coding", message)


def same_coder(one: str, other: str, known: Collection[str]) -> bool:
    """Whether two ids are of one coder: that of a second pass ends in -2, -3 and so on.

    >>> same_coder("anna", "anna-2", []), same_coder("anna-2", "anna-3", []), same_coder("anna-2", "anna-3", ["anna"])
    (True, False, True)
    """
    first_of = {re.sub(r"-([2-9]|[1-9][0-9]+)$", "", name) for name in (one, other)}
    # Two coders named coder-2 and coder-3 are the same only if there is a coder named coder.
    return one == other or (len(first_of) == 1 and first_of <= {one, other, *known})


def differing(data: Data) -> pd.DataFrame:
    """The codings that differ from the published value.

    Columns: those of `compared`, and values_judged, verdict and verdict_reason of the verdict on the value given, NA where none
    was given. Of an ask or an answer that is not published only its record is compared.
    """
    beside, told = compared(data), ["values_judged", "verdict", "verdict_reason"]
    beside = beside[~beside["same"] & beside["coded_value"].notna()]
    if "adjudications" not in data.parsed:
        return beside.assign(**dict.fromkeys(told, pd.NA))
    judged = data.frames["adjudications"][[*CELL, *told]].dropna(subset="values_judged")
    judged = judged.assign(coded_value=judged["values_judged"].str.split("; ", regex=False)).explode("coded_value")
    judged = judged.drop_duplicates([*CELL, "coded_value"])
    return beside.merge(judged, on=[*CELL, "coded_value"], how="left").sort_values("line", ignore_index=True)


def open_differences(data: Data) -> pd.DataFrame:
    """The codings that differ from the published value and await a verdict; columns as `differing`."""
    found = differing(data)
    return found[found["values_judged"].isna()].reset_index(drop=True)


def published_ids(data: Data, cells: pd.DataFrame) -> pd.Series:
    """The record_id of each cell, of an ask or an answer that is named by its owner and kind of help the id of its published row. Dtype: string.

    An answer to something else, or to nothing that was asked, has a longer id; of several of one kind the first counts.
    """
    ids = cells["record_id"].copy()
    for name, owner in OWNERS.items():
        if name in data.parsed:
            key, rows = data.package.table(name).primary_key[0], data.frames[name]
            kind = rows["help_kind"].str.replace("_", "-", regex=False)
            plain = rows[data.package.table(owner).primary_key[0]] + "-" + kind
            # An id that is itself of this form stays as it is.
            known = rows[key].set_axis(plain)[~(plain.duplicated() | is_in(plain, rows[key]) | plain.isna()).to_numpy()]
            mine = is_in(cells["table_name"], [name]) & is_in(ids, known.index.to_series())
            ids = ids.mask(mine, ids.map(known.to_dict()))
    return ids.astype("string")


def as_coded(values: pd.Series) -> pd.Series:
    """Values as a coder who reads the evidence and cannot search would give them, by which a coding and a published value are compared.

    (no_evidence_found) and (withheld) are then (unknown). The other kinds of missing, (not_applicable) and (disputed), are answers of their own.
    """
    return values.mask(is_in(values, ["(no_evidence_found)", "(withheld)"]), "(unknown)")


def compared(data: Data) -> pd.DataFrame:
    """The codings beside the published values.

    Columns: line (in codings), those of codings, published (as a coding writes it; of a row of evidence what its readings
    say, separated by semicolons; NA where nothing is published), same (see `as_coded`; also where there is nothing to compare), unread (the published
    cell could not be read, or is not coded yet). Of an ask or an answer that is not published only its record is compared.
    """
    codings = data.frames["codings"]
    # Of a table that could not be read whole, and of a cell that could not be read, nothing is known.
    whole = [name for name in data.parsed if data.sound(name)]
    coded = codings[is_in(codings["table_name"], whole)].reset_index(names="line").dropna(subset=CELL)
    cells = data.published[[*CELL, "value", "kind"]].rename(columns={"record_id": "id"})
    found = coded.assign(id=published_ids(data, coded)).merge(
        cells, on=["table_name", "id", "field_name"], how="left", indicator=True
    )
    there = pd.Series(False, index=found.index)
    for name in whole:
        keys = data.frames[name][data.package.table(name).primary_key[0]]
        there |= (found["table_name"] == name) & is_in(found["id"], keys)
    record = found["field_name"] == RECORD
    says = said(found).mask(record, there.map({True: "yes", False: "no"}))
    says = says.mask(is_in(says, [f"({NOT_CODED})"]))
    unread = (found["_merge"] == "both") & says.isna()
    same = (
        (as_coded(found["coded_value"]) == as_coded(says)).fillna(False)
        | unread
        | (~there & ~record & is_in(found["table_name"], list(OWNERS)))
    )
    # Of an evidence row any variable can be coded; it is right if a reading of that row says so, or if there is none and it says nothing.
    columns = {"field_name": "field_name", "evidence_id": "record_id", "reading": "coded_value"}
    told = data.frames["readings"][list(columns)].drop_duplicates().rename(columns=columns)
    of_evidence = (found["table_name"] == "evidence").fillna(False).astype(bool)
    asked = found[list(told)].assign(record_id=found["record_id"].replace(data.merged))
    same = same.mask(of_evidence, asked.merge(told, how="left", indicator="told")["told"] == "both")
    of_asked = told[is_in(told["record_id"], asked.loc[of_evidence, "record_id"])].dropna()
    readings = of_asked.groupby(["record_id", "field_name"])["coded_value"].agg("; ".join).rename("told")
    says = says.mask(of_evidence, asked.join(readings, on=["record_id", "field_name"])["told"].astype("string"))
    same |= of_evidence & says.isna() & is_in(found["coded_value"], ["(unknown)", "(not_applicable)"])
    return found.drop(columns=["id", "value", "kind", "_merge"]).assign(
        published=says, same=same.astype(bool), unread=unread
    )


def differences_are_judged(data: Data) -> Iterator[Problem]:
    """Where a blind coder differs from the published value, adjudications has the verdict; it has none of kept where all coders agree."""
    if not {"codings", "adjudications"} <= set(data.parsed) or not data.sound("codings", "adjudications", "readings"):
        return
    for row in open_differences(data).itertuples():
        message = f"{row.coder} says {quoted(row.coded_value)}, but adjudications has no verdict on it"
        yield data.problem("codings", row.line, "coded_value", "unjudged", message)
    judged = data.frames["adjudications"]
    kept = judged[(judged["verdict"] == "kept").fillna(False)].reset_index(names="line").dropna(subset=CELL)
    kept = kept[is_in(kept["table_name"], [name for name in data.parsed if data.sound(name)])]
    beside = compared(data)
    # What cannot be read is reported for that, and may well differ.
    at_odds = beside[~beside["same"] | beside["unread"]]
    moot = kept.merge(at_odds[CELL].drop_duplicates(), on=CELL, how="left", indicator=True)
    for row in moot[moot["_merge"] == "left_only"].itertuples():
        message = 'the verdict is "kept" but no coding differs'
        yield data.problem("adjudications", row.line, "verdict", "unjudged", message)
