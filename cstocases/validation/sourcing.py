"""Rules on who says so: readings, sources, searches and codings. Each docstring is a line in the codebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from cstocases.errors import Problem, count, quoted
from cstocases.parsing.column_rules import is_in, lookup, matches
from cstocases.parsing.csv_reader import cell_faults, typed
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, RECORD, VERDICTS, readings, refined
from cstocases.schema.model import Field, Table


def rationales_have_dated_source(data: Data) -> Iterator[Problem]:
    """A stated rationale names its speaker and rests on at least one source whose date, or the date of the words it reports, is known."""
    if not data.sound("rationales", "readings", "evidence", "sources"):
        return
    evidence, sources = data.frames["evidence"], data.frames["sources"]
    reported = sources.loc[sources["published"].notna(), "citekey"]
    dated = evidence.loc[evidence["date"].notna() | is_in(evidence["citekey"], reported), "evidence_id"]
    read = data.frames["readings"]
    dated = read.loc[(read["table_name"] == "rationales") & is_in(read["evidence_id"], dated), "record_id"]
    frame = data.frames["rationales"]
    for line in frame.index[~is_in(frame["rationale_id"], dated)]:
        yield data.problem("rationales", line, "rationale_id", "dated-source", "rests on no source with a date")


def layers_apart(data: Data) -> Iterator[Problem]:
    """No statement stands in both layers: an evidence row supports stated rationales or explanations, never both, and no text is in both."""
    if not data.sound("rationales", "explanations", "readings"):
        return
    read = data.frames["readings"]
    said = read.loc[read["table_name"] == "rationales", "evidence_id"]
    argued = read[read["table_name"] == "explanations"]
    for line in argued.index[is_in(argued["evidence_id"], said)]:
        message = f"{read.at[line, 'evidence_id']} already supports a stated rationale; one layer only"
        yield data.problem("readings", line, "evidence_id", "one-layer", message)
    rationales, explanations = data.frames["rationales"], data.frames["explanations"]
    for line in explanations.index[is_in(explanations["statement"], rationales["statement"])]:
        message = "the same statement is in rationales; one layer only"
        yield data.problem("explanations", line, "statement", "one-layer", message)


def evidenced_cells_have_readings(data: Data) -> Iterator[Problem]:
    """Every value of an evidenced column has at least one reading equal to it."""
    if not data.sound("readings"):
        return
    support = data.frames["readings"][[*CELL, "reading"]].rename(columns={"reading": "value"})
    wanted = data.published.dropna(subset=["value"])
    found = wanted.merge(support.drop_duplicates(), on=[*CELL, "value"], how="left", indicator=True)
    for row in found[found["_merge"] == "left_only"].itertuples():
        message = f"no reading says {quoted(row.value)}; add one to readings or code the kind of missing"
        yield data.problem(row.table_name, row.line, row.field_name, "no-reading", message)


def missing_cells_agree_with_readings(data: Data) -> Iterator[Problem]:
    """A cell coded disputed has two readings that differ; one that is missing for any other reason has none."""
    if not data.sound("readings"):
        return
    gaps = data.published[data.published["kind"].notna()]
    said = gaps[CELL].merge(data.frames["readings"], on=CELL).sort_values("reading")
    read = said.groupby(CELL)["reading"]
    told = pd.DataFrame({"n": read.nunique(), "n_rows": read.size(), "said": read.last()})
    told["n"] -= refined(data.package, said).groupby(CELL).size().reindex(told.index).fillna(0).astype(int)
    gaps = gaps.join(told, on=CELL)
    gaps[["n", "n_rows"]] = gaps[["n", "n_rows"]].fillna(0).astype(int)
    for row in gaps.itertuples():
        n = row.n
        if row.kind == "disputed" and n < 2:
            rows = row.n_rows
            said = (
                f"every reading says {quoted(row.said)}"
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
    read = read[
        read[["table_name", "record_id", "field_name", "reading"]].notna().all(axis=1)
    ]  # else reported as required
    for (name, field_name), group in read.groupby(["table_name", "field_name"]):
        table = data.package.stored.get(str(name))
        if table is None or not table.evidenced:
            for line in group.index:
                yield data.problem(
                    "readings", line, "table_name", "reading-cell", f"{quoted(name)} has no evidenced columns"
                )
            continue
        yield from _rows_exist(data, "readings", group["record_id"], table, "reading-cell")
        field = next((f for f in table.evidenced if f.name == field_name), None)
        if field is None and field_name != RECORD:
            message = (
                f"{quoted(field_name)} is no evidenced column of {name}: {', '.join(f.name for f in table.evidenced)}"
            )
            for line in group.index:
                yield data.problem("readings", line, "field_name", "reading-cell", message)
            continue
        for line, message in _unfit(field, group["reading"]).items():
            shown = f"{quoted(group.at[line, 'reading'])} {message}"
            yield data.problem("readings", line, "reading", "reading-value", shown)


def _rows_exist(data: Data, name: str, ids: pd.Series, table: Table, rule: str) -> Iterator[Problem]:
    """Of a table that could be read whole, the rows named exist."""
    if data.sound(table.name):
        key = table.primary_key[0]
        for line in ids.index[~is_in(ids, data.frames[table.name][key])]:
            message = f"{quoted(ids[line])} is no {key} of {table.path}"
            yield data.problem(name, line, "record_id", rule, message)


def _unfit(field: Field | None, values: pd.Series) -> dict[int, str]:
    """Why texts cannot be values of the field, or where there is none verdicts on a row as a whole, by line."""
    if field is None:
        verdict = f"is no verdict on a row as a whole: {', '.join(VERDICTS)}"
        return dict.fromkeys(values.index[~is_in(values, VERDICTS)], verdict)
    unfit: dict[int, str] = {}

    def refuse(odd: pd.Series, why: str) -> None:
        unfit.update({line: why for line in values.index[odd] if line not in unfit})

    if field.type == "date":
        refuse(~matches(values, r"\d{4}(-\d{2}){0,2}"), "is not a date; write YYYY, YYYY-MM or YYYY-MM-DD")
        values = values.drop(list(unfit))
        values = values.mask(values.str.len() == len("2010"), values + "-01")
        values = values.mask(values.str.len() == len("2010-06"), values + "-01")
    if field.categories:
        refuse(~is_in(values, list(field.labels)), f"is not a code of {field.name}: {', '.join(field.labels)}")
    if field.pattern is not None:
        refuse(~matches(values, field.pattern), f"does not have the form {field.pattern}")
    for line, (_, message) in cell_faults(field, values).items():
        unfit.setdefault(line, message)
    if field.minimum is not None:
        refuse(_typed(field, values, unfit) < field.minimum, f"is below {field.minimum:.15g}")
    if field.maximum is not None:
        refuse(_typed(field, values, unfit) > field.maximum, f"is above {field.maximum:.15g}")
    return unfit


def _typed(field: Field, values: pd.Series, unfit: dict[int, str]) -> pd.Series:
    """Values of the field's type, NA where they are unfit."""
    return typed(field, values.drop([line for line in unfit if line in values.index])).reindex(values.index)


def rows_have_readings(data: Data) -> Iterator[Problem]:
    """Every row of a table with evidenced columns has at least one reading, of a cell or of the row as a whole."""
    if not data.sound("readings"):
        return
    read = data.frames["readings"]
    for name, table in data.package.stored.items():
        if table.evidenced:
            key = table.primary_key[0]
            ids = data.frames[name][key].dropna()
            for line in ids.index[~is_in(ids, read.loc[read["table_name"] == name, "record_id"])]:
                yield data.problem(name, line, key, "no-reading", f"no reading speaks to {quoted(ids[line])}")


def whole_rows_have_readings(data: Data) -> Iterator[Problem]:
    """Every request, membership and provision has a reading of the row as a whole that says yes; no other reading supports its title or wording."""
    if not data.sound("readings"):
        return
    read = data.frames["readings"]
    # A verdict that is none is reported for that.
    whole = read[(read["field_name"] == RECORD).fillna(False) & ~is_in(read["reading"], ["no", "unclear"])]
    for name in ("requests", "memberships", "provisions"):
        key = data.package.stored[name].primary_key[0]
        ids = data.frames[name][key].dropna()
        ids = ids[is_in(ids, read.loc[read["table_name"] == name, "record_id"])]  # a row without any has its own rule
        for line in ids.index[~is_in(ids, whole.loc[whole["table_name"] == name, "record_id"])]:
            message = f'no reading says yes to {quoted(ids[line])} as a whole; add one with field_name "{RECORD}"'
            yield data.problem(name, line, key, "no-record", message)


def sources_read_and_used(data: Data) -> Iterator[Problem]:
    """A source is not published after the day it was read, nor is what it reports dated after it; a source supports at least one evidence row, and no value rests only on sources not seen."""
    first, _ = data.spans("sources", "published")
    frame = data.frames["sources"]
    for line in frame.index[(first > frame["accessed"]).fillna(False)]:
        message = f"is after accessed, {frame.at[line, 'accessed']:%Y-%m-%d}"
        yield data.problem("sources", line, "published", "published-after-access", message)
    evidence = data.frames["evidence"]
    read_on = lookup(evidence["citekey"], frame["citekey"], frame["accessed"])
    for line in evidence.index[(evidence["date"] > read_on).fillna(False)]:
        message = f"is after its source was read, {read_on[line]:%Y-%m-%d}"
        yield data.problem("evidence", line, "date", "dated-after-access", message)
    if data.sound("evidence"):
        for line in frame.index[~is_in(frame["citekey"], data.frames["evidence"]["citekey"])]:
            yield data.problem("sources", line, "citekey", "unused-source", "supports no evidence row")
    if data.sound("readings", "evidence", "sources"):
        evidence, read = data.frames["evidence"], data.frames["readings"]
        not_seen = evidence.loc[
            is_in(evidence["citekey"], frame.loc[frame["access"] == "not_seen", "citekey"]), "evidence_id"
        ]
        doubtful = read.loc[is_in(read["evidence_id"], not_seen), CELL].drop_duplicates()
        said = readings(data.package, {**data.frames, "readings": read.merge(doubtful)}, data.published)
        said = said[said["agreement"].isin(["supports", "yes"]) & said["access"].notna()]
        seen = said.assign(seen=said["access"] != "not_seen").groupby(CELL, as_index=False)["seen"].any()
        for row in seen[~seen["seen"].astype(bool)].itertuples():
            for line in _lines_of(data, row.table_name, row.record_id):
                column = "" if row.field_name == RECORD else row.field_name
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
        for column in (c for c in parsed.missing_codes.columns if c not in precisions):
            for line in parsed.missing_codes.index[(parsed.missing_codes[column] == "no_evidence_found").fillna(False)]:
                if (name, parsed.frame.at[line, key], column) not in searched:
                    message = "is no_evidence_found, and searches has no search for it"
                    yield data.problem(name, line, column, "no-search", message)
    for name in ("searches", "codings", "adjudications"):
        if name in data.parsed:
            yield from _cells_exist(data, name)


def _cells_exist(data: Data, name: str) -> Iterator[Problem]:
    """A cell named in a table exists; of an evidence row, any variable that is read from evidence can be coded."""
    frame = data.frames[name].dropna(subset=CELL)
    read = {f.name: f for t in data.package.stored.values() for f in t.evidenced}
    for (table_name, field_name), group in frame.groupby(["table_name", "field_name"]):
        table = data.package.stored.get(str(table_name))
        known = set() if table is None else {RECORD, *table.names, *(read if table.name == "evidence" else ())}
        if table is None or field_name not in known:
            for line in group.index:
                message = f"{quoted(f'{table_name}.{field_name}')} is no column"
                yield data.problem(name, line, "field_name", "no-cell", message)
            continue
        yield from _rows_exist(data, name, group["record_id"], table, "no-cell")
        if name == "codings" and field_name in {RECORD, *read}:
            coded = group["coded_value"].dropna()
            values = coded[~is_in(coded, [f"({kind})" for kind in data.package.missing_codes])]
            for line, message in _unfit(read.get(str(field_name)), values).items():
                yield data.problem(name, line, "coded_value", "coding-value", f"{quoted(values[line])} {message}")


def differences_are_judged(data: Data) -> Iterator[Problem]:
    """Where a blind coder differs from the published value, adjudications says what came of it; it says nothing of cells on which all agree."""
    if not {"codings", "adjudications"} <= set(data.parsed) or not data.sound("codings", "adjudications", "readings"):
        return
    codings, judged = data.frames["codings"], data.frames["adjudications"]
    # Of a table that could not be read whole, and of a cell that could not be read, nothing is known.
    whole = [name for name in data.parsed if data.sound(name)]
    coded = codings[is_in(codings["table_name"], whole)].reset_index(names="line").dropna(subset=CELL)
    found = coded.merge(data.published[[*CELL, "value", "kind"]], on=CELL, how="left", indicator=True)
    says = found["value"].fillna("(" + found["kind"] + ")")
    unread = (found["_merge"] == "both") & says.isna()
    same = (found["coded_value"] == says).fillna(False) | unread
    # Of an evidence row any variable can be coded; it is right if a reading of that row says so.
    columns = {"field_name": "field_name", "evidence_id": "record_id", "reading": "coded_value"}
    said = data.frames["readings"][list(columns)].drop_duplicates().rename(columns=columns)
    of_evidence = found["table_name"] == "evidence"
    told = found[list(said)].merge(said, how="left", indicator="told")["told"] == "both"
    same = same.mask(of_evidence.fillna(False).astype(bool), told)
    differing = found.loc[~same.astype(bool), ["line", "coder", "coded_value", *CELL]]
    open_cells = differing.merge(judged[CELL].drop_duplicates(), how="left", indicator=True)
    # What cannot be read is reported for that, and may well differ.
    for row in open_cells[(open_cells["_merge"] == "left_only") & open_cells["coded_value"].notna()].itertuples():
        message = f"{row.coder} says {quoted(row.coded_value)}, and adjudications does not say what came of it"
        yield data.problem("codings", row.line, "coded_value", "unjudged", message)
    kept = judged[(judged["verdict"] == "kept").fillna(False)].reset_index(names="line").dropna(subset=CELL)
    kept = kept[is_in(kept["table_name"], whole)]
    open_to_doubt = pd.concat([differing, found[unread]])[CELL].drop_duplicates()
    moot = kept.merge(open_to_doubt, on=CELL, how="left", indicator=True)
    for row in moot[moot["_merge"] == "left_only"].itertuples():
        yield data.problem("adjudications", row.line, "verdict", "unjudged", "is kept, and no coder differs")


RULES: tuple[Callable[[Data], Iterator[Problem]], ...] = (
    rationales_have_dated_source,
    layers_apart,
    evidenced_cells_have_readings,
    missing_cells_agree_with_readings,
    readings_fit_their_cell,
    rows_have_readings,
    whole_rows_have_readings,
    sources_read_and_used,
    searches_behind_no_evidence,
    differences_are_judged,
)
