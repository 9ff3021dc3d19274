"""Sources, and statements taken from them: a sheet's blocks as rows of sources, evidence and readings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import pandas as pd

from cstocases.errors import quoted
from cstocases.people.draft import Address, Draft, Row, citekey, today
from cstocases.people.filled import as_cell, dated, near, only, text_at
from cstocases.people.toml_lines import Path
from cstocases.resolution.readings import RECORD, VERDICTS
from cstocases.schema.model import Package, Table
from cstocases.validation.fit import unfit

Resolve = Callable[[Path, str], Address | None]  # of a name in `says`, the cell; what is wrong with it is noted

# What stands in a column that a sheet leaves blank. The others must be filled in.
BLANK_SOURCE = {"author": "unknown", "origin": "not_applicable", "published": "unknown"}
BLANK_STATEMENT = {
    "case_id": "not_applicable", "actor": "not_applicable", "speaker": "not_applicable", "speaker_office": "not_applicable",
    "date": "unknown", "said_date": "unknown", "locator": "unknown", "note": "not_applicable",
}  # fmt: skip
KEY_OF = {"statement": "words", "case_id": "case"}  # of a statement, where it is not the column's name
SOURCE_KEYS = ("citekey", "type", "author", "title", "publisher", "origin", "published", "language", "url", "source_kind", "access", "accessed")  # fmt: skip
STATEMENT_KEYS = ("words", "case", "topic", "actor", "speaker", "speaker_office", "date", "said_date", "locator", "note", "says", "inferred")  # fmt: skip


def filled_row(
    draft: Draft,
    table: Table,
    path: Path,
    block: Mapping[str, Any],
    blank: Mapping[str, str],
    keys: Mapping[str, str],
    leave: Collection[str] = (),
) -> Row:
    """The columns of a table, but those in `leave`, from a block, as in the CSV.

    `keys` are the keys of columns that are not called by their name, `blank` the values of columns left blank; another
    blank column is noted, and is "".
    """
    row: Row = {}
    leave = {*leave, *table.precisions}
    for f in (f for f in table.fields if f.name not in leave):
        where = (*path, keys.get(f.name, f.name))
        before = len(draft.filled.problems)
        text = text_at(draft.filled, where, block)
        # Words are a text whatever they look like; what `validate` would find in them has its address all the same.
        if where[-1] != "words":
            text = as_cell(draft.filled, where, draft.package, table, f, text)
        if not text.strip() and len(draft.filled.problems) == before:
            text = blank.get(f.name, "")
            if not text and where not in draft.filled.meant:
                codes = f": {', '.join(c.value for c in f.offered)}" if f.categories else ""
                draft.filled.wrong(where, "lacking", f"{f.title} is not filled in{codes}")
        row |= dated(table, f, text)
    return row


def source(draft: Draft, path: Path, block: Mapping[str, Any]) -> tuple[str, bool]:
    """The citekey of the source that a block describes, and whether the data have it: then no row is added."""
    only(draft.filled, path, block, SOURCE_KEYS)
    table = draft.package.table("sources")
    row = filled_row(draft, table, path, block, {**BLANK_SOURCE, "accessed": today(), "citekey": " "}, {})
    sources = draft.data.parsed["sources"].texts
    if row["url"] and row["url"] not in draft.package.missing:
        known = sources.loc[sources["url"] == row["url"], "citekey"]
    else:
        known = sources.loc[(sources["title"] == row["title"]) & (sources["publisher"] == row["publisher"]), "citekey"]
    if len(known):
        return str(known.iloc[0]), True
    row["citekey"] = row["citekey"].strip() or citekey(draft, row)
    taken = {*sources["citekey"], *(one["citekey"] for one in draft.rows.get("sources", []))}
    if row["citekey"] in taken:
        draft.filled.wrong((*path, "citekey"), "citekey", f"{quoted(row['citekey'])} is another source; leave it out")
    draft.add("sources", row, path)
    return row["citekey"], False


def statement(draft: Draft, path: Path, block: Mapping[str, Any], key: str, case: str, resolve: Resolve) -> str:
    """The evidence id of a statement taken from the source `key`; `case` is meant where it names none.

    A statement that the data have keeps its id; the readings that it does not have yet are added.
    """
    table, filled = draft.package.table("evidence"), draft.filled
    blank = {**BLANK_STATEMENT, "case_id": case}
    row = filled_row(draft, table, path, block, blank, KEY_OF, ("evidence_id", "citekey", "merged_ids"))
    if row["statement"] in draft.package.missing and row["statement"]:
        filled.wrong((*path, "words"), "value", f"{quoted(row['statement'])} says nothing; write what the source says")
    row |= {"citekey": key, "merged_ids": "not_applicable"}
    if row["case_id"] != case:
        _case(draft, path, row)
    _own_voice(draft, row)
    known = draft.evidence.get((key, row["statement"]))
    row["evidence_id"] = known or draft.free("evidence", "add-")
    if known is None:
        paths = {column: (*path, name) for column, name in KEY_OF.items()}
        draft.add("evidence", row, path, paths)
        draft.evidence[key, row["statement"]] = row["evidence_id"]
    _readings(draft, path, block, row["evidence_id"], resolve)
    return row["evidence_id"]


def _case(draft: Draft, path: Path, row: Row) -> None:
    cases = {*draft.data.parsed["cases"].texts["case_id"], *(one["case_id"] for one in draft.rows.get("cases", []))}
    if row["case_id"] and row["case_id"] not in cases | set(draft.package.missing):
        draft.filled.wrong((*path, "case"), "reference", near("case", row["case_id"], sorted(cases)))


def _own_voice(draft: Draft, row: Row) -> None:
    """Where the source speaks in its own voice, the day of the words is that of its publication."""
    if row["speaker"] == "not_applicable" and row["said_date"] == "unknown":
        texts = draft.data.parsed["sources"].texts
        rows = [*texts[texts["citekey"] == row["citekey"]].to_dict("records"), *draft.rows.get("sources", [])]
        for one in (one for one in rows if one["citekey"] == row["citekey"]):
            row |= {"said_date": one["published"], "said_date_precision": one["published_precision"]}


def said(block: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Path]]:
    """The names in `says` with the keys they stand at: request.date without quotes is a table in a table, which comes to the same."""
    for key, value in block.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{name}", where) for name, where in said(value, (*path, key)))
        else:
            yield key, (*path, key)


def _readings(draft: Draft, path: Path, block: Mapping[str, Any], evidence: str, resolve: Resolve) -> None:
    says, inferred = block.get("says", {}), block.get("inferred", [])
    if not isinstance(says, dict):
        draft.filled.wrong((*path, "says"), "form", 'write says = { "TABLE/RECORD/FIELD" = "VALUE" }')
        return
    if not isinstance(inferred, list) or not all(isinstance(one, str) for one in inferred):
        draft.filled.wrong((*path, "inferred"), "form", 'write inferred = ["..."] with names that stand in says')
        return
    names = dict(said(says, (*path, "says")))
    cells = {name: cell for name, where in names.items() if (cell := resolve(where, name))}
    gathered = {cells.get(name) for name in inferred}
    for n, name in enumerate(inferred):
        # A cell can be named in two ways; and a name in says that is wrong is told there.
        cell = None if name in names or len(cells) < len(names) else resolve((*path, "inferred", n), name)
        if cell is not None and cell not in cells.values():
            draft.filled.wrong((*path, "inferred", n), "reference", f"{quoted(name)} does not stand in says")
        gathered.add(cell)
    for name, cell in cells.items():
        where = names[name]
        inner: Any = says
        for part in where[len(path) + 1 : -1]:
            inner = inner[part]
        reading(draft, where, cell, evidence, text_at(draft.filled, where, inner), cell in gathered)


def reading(draft: Draft, where: Path, cell: Address, evidence: str, text: str, inferred: bool) -> None:
    """Add that a statement says a value of a cell, unless the data have it."""
    table, _, field_name = cell
    before = len(draft.filled.problems)
    if not text.strip():
        draft.filled.wrong(where, "lacking", "has no value; write what the statement says of this cell")
    elif field_name == RECORD:
        if text not in VERDICTS:
            draft.filled.wrong(
                where, "value", f"{quoted(text)} is no verdict on a row as a whole: {', '.join(VERDICTS)}"
            )
    elif text.strip("()") in draft.package.missing:
        draft.filled.wrong(
            where, "value", f"{quoted(text)} is no reading; a statement that does not say it is left out"
        )
    elif why := unfit(draft.package.table(table).field(field_name), pd.Series([text], dtype="string")).get(0):
        draft.filled.wrong(where, "value", f"{quoted(text)} {why}")
    had = draft.read.get((*cell, evidence))
    if had is not None and had != text:
        draft.filled.wrong(where, "reading", f"{evidence} says {quoted(had)} of this cell already")
    if len(draft.filled.problems) > before:
        draft.doubtful.add(cell)
    elif had is None:
        draft.read[*cell, evidence] = text
        row = dict(zip(("table_name", "record_id", "field_name"), cell, strict=True))
        row |= {"evidence_id": evidence, "reading": text, "basis": "inferred" if inferred else "stated"}
        draft.add("readings", row, where, dict.fromkeys(row, where))


def correctable(package: Package) -> dict[str, Table]:
    """The tables of whose records a sheet can speak."""
    return {n: t for n, t in package.stored.items() if len(t.primary_key) == 1 and n not in ("coders", "searches")}


def cell_of(draft: Draft, where: Path, name: str) -> Address | None:
    """The evidenced cell of the data that TABLE/RECORD/FIELD names, `record` among the fields; None, and why is noted, if there is none."""
    found = address(draft, where, name)
    if found is None:
        return None
    table, _, field_name = found
    fields = [f.name for f in draft.package.table(table).evidenced]
    if fields and field_name in (*fields, RECORD):
        return found
    why = near(f"evidenced column of {table}", field_name, [*fields, RECORD])
    draft.filled.wrong(where, "cell", why if fields else f"{table} has no evidenced columns")
    return None


def address(draft: Draft, where: Path, name: str) -> Address | None:
    """Table, record and field of the data that a name gives; whether the table has such a field is not asked."""
    parts, tables = name.split("/"), correctable(draft.package)
    if len(parts) != 3:
        draft.filled.wrong(where, "cell", f"{quoted(name)} names no cell; write TABLE/RECORD/FIELD")
        return None
    table, record, field_name = parts
    if table not in tables:
        draft.filled.wrong(where, "cell", near("table", table, tables))
        return None
    ids = draft.data.parsed[table].texts[tables[table].primary_key[0]].tolist()
    ids += [row[tables[table].primary_key[0]] for row in draft.rows.get(table, [])]
    if record not in ids:
        draft.filled.wrong(where, "cell", near(f"record of {table}", record, ids))
        return None
    return table, record, field_name
