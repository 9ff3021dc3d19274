"""Rules on sources and on the readings that support each value. Each docstring is a line in the codebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from cstocases.errors import Problem, count, quoted
from cstocases.parsing.joins import is_in, lookup
from cstocases.resolution.data import Data
from cstocases.resolution.readings import CELL, RECORD, readings, refined
from cstocases.schema.model import NOT_CODED
from cstocases.validation.coding import (
    checks_say_why,
    differences_are_judged,
    searches_behind_no_evidence,
    verdicts_are_on_others,
)
from cstocases.validation.content import TRIOS
from cstocases.validation.fit import rows_exist, unfit


def rationales_have_dated_source(data: Data) -> Iterator[Problem]:
    """A stated rationale has at least one reading whose source, or the statement it reports, has a known date."""
    if not data.sound("rationales", "readings", "evidence", "sources"):
        return
    evidence, sources = data.frames["evidence"], data.frames["sources"]
    reported = sources.loc[sources["published"].notna(), "citekey"]
    dated = evidence.loc[evidence["date"].notna() | is_in(evidence["citekey"], reported), "evidence_id"]
    read = data.frames["readings"]
    dated = read.loc[(read["table_name"] == "rationales") & is_in(read["evidence_id"], dated), "record_id"]
    frame = data.frames["rationales"]
    for line in frame.index[~is_in(frame["rationale_id"], dated)]:
        yield data.problem(
            "rationales", line, "rationale_id", "dated-source", "no reading of it has a source with a known date"
        )


def layers_apart(data: Data) -> Iterator[Problem]:
    """Stated rationales and explanations are kept apart: an evidence row supports one or the other, never both, and no statement is in both tables."""
    if not data.sound("rationales", "explanations", "readings"):
        return
    read = data.frames["readings"]
    said = read.loc[read["table_name"] == "rationales", "evidence_id"]
    argued = read[read["table_name"] == "explanations"]
    for line in argued.index[is_in(argued["evidence_id"], said)]:
        message = (
            f"{read.at[line, 'evidence_id']} already supports a stated rationale and cannot support an explanation too"
        )
        yield data.problem("readings", line, "evidence_id", "one-layer", message)
    rationales, explanations = data.frames["rationales"], data.frames["explanations"]
    for line in explanations.index[is_in(explanations["statement"], rationales["statement"])]:
        message = "the same statement is in rationales; keep it in one of the two tables"
        yield data.problem("explanations", line, "statement", "one-layer", message)


def merged_rows_are_gone(data: Data) -> Iterator[Problem]:
    """An id of evidence that was merged into another row is named there once and is no row any more."""
    frame = data.frames["evidence"]
    gone = frame["merged_ids"].dropna().str.split("; ").explode()
    for line, name in gone[is_in(gone, frame["evidence_id"]) | gone.duplicated(keep=False)].items():
        message = f"{quoted(name)} is {'named twice' if (gone == name).sum() > 1 else 'still a row'}; a merged id leads to one row"
        yield data.problem("evidence", line, "merged_ids", "merged-id", message)


def evidenced_cells_have_readings(data: Data) -> Iterator[Problem]:
    """Every value of an evidenced column has at least one reading equal to it."""
    if not data.sound("readings"):
        return
    support = data.frames["readings"][[*CELL, "reading"]].rename(columns={"reading": "value"})
    wanted = data.published.dropna(subset=["value"])
    found = wanted.merge(support.drop_duplicates(), on=[*CELL, "value"], how="left", indicator=True)
    for row in found[found["_merge"] == "left_only"].itertuples():
        message = f"no reading says {quoted(row.value)}; add one to readings or write a missing-value code"
        yield data.problem(row.table_name, row.line, row.field_name, "no-reading", message)


def missing_cells_agree_with_readings(data: Data) -> Iterator[Problem]:
    """A cell coded disputed has two readings that differ; a cell with any other missing-value code has none."""
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
            said = f"every reading says {quoted(row.said)}" if rows > 1 else f"it has {count(rows, 'reading')}"
            message = f'is "disputed" but {said}; two must differ'
            yield data.problem(row.table_name, row.line, row.field_name, "disputed", message)
        elif row.kind != "disputed" and n:
            code = "empty" if row.kind == NOT_CODED else f'"{row.kind}"'
            message = f'is {code} but has a reading; write its value or "disputed"'
            yield data.problem(row.table_name, row.line, row.field_name, "unread", message)


def readings_fit_their_cell(data: Data) -> Iterator[Problem]:
    """A reading names a row that exists and an evidenced column of it, or the word record, and gives a value that the column could hold."""
    evidenced = {name: table for name, table in data.package.stored.items() if table.evidenced}
    read = data.frames["readings"][[*CELL, "reading"]].dropna()  # the others are reported as required
    known = is_in(read["table_name"], list(evidenced))
    for line in read.index[~known]:
        message = f"{quoted(read.at[line, 'table_name'])} has no evidenced columns"
        yield data.problem("readings", line, "table_name", "reading-cell", message)
    read = read[known]
    for name, ids in read["record_id"].groupby(read["table_name"]):
        yield from rows_exist(data, "readings", ids, evidenced[str(name)], "reading-cell")
    for (name, field_name), texts in read["reading"].groupby([read["table_name"], read["field_name"]]):
        field = next((f for f in evidenced[name].evidenced if f.name == field_name), None)
        if field is None and field_name != RECORD:
            columns = ", ".join(f.name for f in evidenced[name].evidenced)
            for line in texts.index:
                message = f"{quoted(field_name)} is no evidenced column of {name}: {columns}"
                yield data.problem("readings", line, "field_name", "reading-cell", message)
            continue
        for line, message in unfit(field, texts).items():
            yield data.problem("readings", line, "reading", "reading-value", f"{quoted(texts[line])} {message}")


def extremes_are_read(data: Data) -> Iterator[Problem]:
    """The lowest and the highest of three figures for one thing are the lowest and the highest that a reading of any of the three gives."""
    if not data.sound("readings"):
        return
    stems = {f"{stem}_{end}": stem for stem in TRIOS for end in ("low", "best", "high")}
    cells = data.published[is_in(data.published["field_name"], list(stems))]
    cells = cells[cells["value"].notna() | cells["kind"].notna()]  # others could not be read
    read = data.frames["readings"][[*CELL, "reading"]].merge(cells[CELL]).dropna()
    figure = pd.to_numeric(read["reading"], errors="coerce")
    of_three = [read["table_name"], read["record_id"], read["field_name"].map(stems)]
    bounds = figure[figure >= 0].groupby(of_three).agg(["min", "max"]).dropna()
    for cell in cells[cells["field_name"].str.contains("_low|_high")].itertuples():
        stem, _, end = cell.field_name.rpartition("_")
        if (cell.table_name, cell.record_id, stem) in bounds.index:
            bound = f"{bounds.at[(cell.table_name, cell.record_id, stem), 'min' if end == 'low' else 'max']:.0f}"
            shown = cell.kind if pd.isna(cell.value) else cell.value
            if shown != bound:
                message = f"is {shown}, but the {end}est figure in a reading is {bound}"
                yield data.problem(cell.table_name, cell.line, cell.field_name, "extreme", message)


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
                yield data.problem(name, line, key, "no-reading", f"{quoted(ids[line])} has no reading")


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
    """No source is published, and no evidence from it dated or said, after the day it was read; every source supports at least one evidence row; no value rests only on sources that were not seen."""
    first, _ = data.spans("sources", "published")
    frame = data.frames["sources"]
    for line in frame.index[(first > frame["accessed"]).fillna(False)]:
        message = f"is after the day the source was read (accessed), {frame.at[line, 'accessed']:%Y-%m-%d}"
        yield data.problem("sources", line, "published", "published-after-access", message)
    evidence = data.frames["evidence"]
    read_on = lookup(evidence["citekey"], frame["citekey"], frame["accessed"])
    for column in ("date", "said_date"):
        for line in evidence.index[(evidence[column] > read_on).fillna(False)]:
            message = f"is after the day its source was read, {read_on[line]:%Y-%m-%d}"
            yield data.problem("evidence", line, column, "dated-after-access", message)
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
                yield data.problem(row.table_name, line, column, "not-seen", "rests only on sources that were not seen")


def _lines_of(data: Data, table: str, record: str) -> pd.Index:
    """The lines of a record; none where it, or its table, does not exist."""
    if table not in data.frames:
        return pd.Index([])
    frame = data.frames[table]
    return frame.index[(frame[data.package.stored[table].primary_key[0]] == record).fillna(False)]


RULES: tuple[Callable[[Data], Iterator[Problem]], ...] = (
    rationales_have_dated_source,
    layers_apart,
    merged_rows_are_gone,
    evidenced_cells_have_readings,
    missing_cells_agree_with_readings,
    readings_fit_their_cell,
    extremes_are_read,
    rows_have_readings,
    whole_rows_have_readings,
    sources_read_and_used,
    searches_behind_no_evidence,
    checks_say_why,
    verdicts_are_on_others,
)
# What a release needs besides: one honest disagreement must not keep the data from being read.
FOR_RELEASE: tuple[Callable[[Data], Iterator[Problem]], ...] = (differences_are_judged,)
