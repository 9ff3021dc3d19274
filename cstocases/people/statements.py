"""Sources, and statements taken from them: a sheet's blocks as rows of sources, evidence and readings."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

import pandas as pd

from cstocases.errors import quoted
from cstocases.people.citekeys import citekey
from cstocases.people.draft import Address, Draft, dated, near, today
from cstocases.people.proposal import Row
from cstocases.people.stubs import hint, keys
from cstocases.people.toml_lines import Path
from cstocases.resolution.readings import RECORD, VERDICTS
from cstocases.schema.model import Package, Table
from cstocases.validation.fit import unfit

Texts = Mapping[str, str]
Resolve = Callable[[Path, str], Address | None]  # of a name in `says`, the cell; what is wrong with it is noted

# What stands in a column that a sheet leaves blank. The others must be filled in.
BLANK_SOURCE = {"author": "unknown", "origin": "not_applicable", "published": "unknown"}
BLANK_STATEMENT = {
    "case_id": "not_applicable", "actor": "not_applicable", "speaker": "not_applicable", "speaker_office": "not_applicable",
    "date": "unknown", "said_date": "unknown", "locator": "unknown", "note": "not_applicable",
}  # fmt: skip
KEY_OF = {"statement": "words", "case_id": "case"}  # of a statement, where it is not the column's name
OWN = ("evidence_id", "citekey", "merged_ids")  # columns of a statement that a sheet fills by itself
SOURCE_KEYS = ("citekey", "type", "author", "title", "publisher", "origin", "published", "language", "url", "source_kind", "access", "accessed")  # fmt: skip
STATEMENT_KEYS = ("words", "case", "topic", "actor", "speaker", "speaker_office", "date", "said_date", "locator", "note", "says", "inferred")  # fmt: skip


def statement_keys(package: Package, values: Mapping[str, str]) -> list[str]:
    """The keys of a statement but `says`, to be filled in."""
    return keys(package.table("evidence"), values, KEY_OF, OWN, BLANK_STATEMENT)


def filled_row(
    draft: Draft,
    table: Table,
    path: Path,
    leave: Collection[str] = (),
    blank: Texts | None = None,
    names: Texts | None = None,
) -> Row:
    """The columns of a table, but those in `leave`, from the block at `path`, as in the CSV.

    `blank` has the values of columns left blank; another blank column is noted, and is "". `names` are the keys of columns
    that are not called by their name.
    """
    row: Row = {}
    leave = {*leave, *table.precisions}
    for f in (f for f in table.fields if f.name not in leave):
        where = (*path, (names or {}).get(f.name, f.name))
        before = len(draft.problems)
        text = draft.text(*where)
        # Words are a text whatever they look like; what `validate` would find in them has its address all the same.
        if where[-1] != "words":
            text = draft.cell(where, table, f, text)
        if not text.strip() and len(draft.problems) == before:
            text = (blank or {}).get(f.name, "")
            if not text and where not in draft.meant:
                how = ", ".join(c.value for c in f.offered) or hint(table, f)
                draft.wrong(where, "lacking", f"{f.title} is not filled in{how and f': {how}'}")
        row |= dated(table, f, text)
    return row


def source(draft: Draft, path: Path) -> tuple[str, bool]:
    """The citekey of the source that a block describes, and whether the data have it: then no row is added."""
    blank = {**BLANK_SOURCE, "accessed": today(), "citekey": " "}
    row = filled_row(draft, draft.package.table("sources"), path, blank=blank)
    sources = draft.data.parsed["sources"].texts
    if row["url"] and row["url"] not in draft.package.missing:
        known = sources.loc[sources["url"].map(page_of) == page_of(row["url"]), "citekey"]
    else:
        known = sources.loc[(sources["title"] == row["title"]) & (sources["publisher"] == row["publisher"]), "citekey"]
    if len(known):
        return str(known.iloc[0]), True
    row["citekey"] = row["citekey"].strip() or citekey(draft, row)
    taken = {*sources["citekey"], *(one["citekey"] for one in draft.rows.get("sources", []))}
    if row["citekey"] in taken:
        draft.wrong((*path, "citekey"), "citekey", f"{quoted(row['citekey'])} is another source; leave it out")
    draft.add("sources", row, path)
    return row["citekey"], False


def page_of(url: str) -> str:
    """An address without what tells no pages apart: http or https, www., capitals of the host, a last slash, a fragment, utm_ parts.

    >>> page_of("http://WWW.Example.org/a/?id=1&utm_source=x#top") == page_of("https://example.org/a?id=1")
    True
    """
    page, _, query = url.partition("#")[0].partition("?")
    host, _, path = page.partition("://")[2].partition("/")
    asked = [part for part in query.split("&") if not part.startswith("utm_")]
    return f"{host.lower().removeprefix('www.')}/{path.rstrip('/')}?{'&'.join(asked)}"


def statement(draft: Draft, path: Path, key: str, case: str, resolve: Resolve) -> str:
    """The evidence id of a statement taken from the source `key`; `case` is meant where it names none.

    A statement that the data have keeps its id; the readings that it does not have yet are added.
    """
    row = filled_row(draft, draft.package.table("evidence"), path, OWN, {**BLANK_STATEMENT, "case_id": case}, KEY_OF)
    if row["statement"] in draft.package.missing and row["statement"]:
        draft.wrong((*path, "words"), "value", f"{quoted(row['statement'])} says nothing; write what the source says")
    row |= {"citekey": key, "merged_ids": "not_applicable"}
    cases = {*draft.data.parsed["cases"].texts["case_id"], *(one["case_id"] for one in draft.rows.get("cases", []))}
    if row["case_id"] not in {"", case, *draft.package.missing, *cases}:
        draft.wrong((*path, "case"), "reference", near("case", row["case_id"], sorted(cases)))
    _own_voice(draft, row)
    known = draft.evidence.get((key, row["statement"]))
    row["evidence_id"] = known or draft.free("evidence", "add-")
    if known is None:
        draft.add("evidence", row, path, {column: (*path, name) for column, name in KEY_OF.items()})
        draft.evidence[key, row["statement"]] = row["evidence_id"]
    _readings(draft, path, row["evidence_id"], resolve)
    return row["evidence_id"]


def _own_voice(draft: Draft, row: Row) -> None:
    """Where the source speaks in its own voice, the day of the words is that of its publication."""
    if row["speaker"] == "not_applicable" and row["said_date"] == "unknown":
        texts = draft.data.parsed["sources"].texts
        rows = [*texts[texts["citekey"] == row["citekey"]].to_dict("records"), *draft.rows.get("sources", [])]
        for one in (one for one in rows if one["citekey"] == row["citekey"]):
            row |= {"said_date": one["published"], "said_date_precision": one["published_precision"]}


def said(draft: Draft, path: Path) -> Iterator[tuple[str, Path]]:
    """The names in `says` with their keys: request.date without quotes is a table in a table, which comes to the same."""
    for key, value in draft.at(path).items():
        if isinstance(value, dict):
            yield from ((f"{key}.{name}", where) for name, where in said(draft, (*path, key)))
        else:
            yield key, (*path, key)


def _readings(draft: Draft, path: Path, evidence: str, resolve: Resolve) -> None:
    inferred = draft.at((*path, "inferred")) or []
    if not isinstance(draft.at((*path, "says")) or {}, dict):
        draft.wrong((*path, "says"), "form", 'write says = { "TABLE/RECORD/FIELD" = "VALUE" }')
        return
    if not isinstance(inferred, list) or not all(isinstance(one, str) for one in inferred):
        draft.wrong((*path, "inferred"), "form", 'write inferred = ["..."] with names that stand in says')
        return
    names = dict(said(draft, (*path, "says"))) if draft.at((*path, "says")) else {}
    cells = {name: cell for name, where in names.items() if (cell := resolve(where, name))}
    gathered = {cells.get(name) for name in inferred}
    for n, name in enumerate(inferred):
        # A cell can be named in two ways; and a name in says that is wrong is told there.
        cell = None if name in names or len(cells) < len(names) else resolve((*path, "inferred", n), name)
        if cell is not None and cell not in cells.values():
            draft.wrong((*path, "inferred", n), "reference", f"{quoted(name)} does not stand in says")
        gathered.add(cell)
    for name, cell in cells.items():
        reading(draft, names[name], cell, evidence, draft.text(*names[name]), cell in gathered)


def reading(draft: Draft, where: Path, cell: Address, evidence: str, text: str, inferred: bool) -> None:
    """Add that a statement says a value of a cell, unless the data have it."""
    table, _, field_name = cell
    whole, had = field_name == RECORD, draft.read.get((*cell, evidence))
    rule, wrong = "value", ""
    if not text.strip():
        rule, wrong = "lacking", "has no value; write what the statement says of this cell"
    elif whole and text not in VERDICTS:
        wrong = f"{quoted(text)} is no verdict on a row as a whole: {', '.join(VERDICTS)}"
    elif not whole and text.strip("()") in draft.package.missing:
        wrong = f"{quoted(text)} is no reading; a statement that does not say it is left out"
    elif not whole and (
        why := unfit(draft.package.table(table).field(field_name), pd.Series([text], dtype="string")).get(0)
    ):
        wrong = f"{quoted(text)} {why}"
    elif had is not None and had != text:
        rule, wrong = "reading", f"{evidence} says {quoted(had)} of this cell already"
    if wrong:
        draft.wrong(where, rule, wrong)
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
    fields = [f.name for f in draft.package.table(found[0]).evidenced] if found else []
    if found is None or (fields and found[2] in (*fields, RECORD)):
        return found
    why = near(f"evidenced column of {found[0]}", found[2], [*fields, RECORD])
    draft.wrong(where, "cell", why if fields else f"{found[0]} has no evidenced columns")
    return None


def address(draft: Draft, where: Path, name: str) -> Address | None:
    """Table, record and field of the data that a name gives; whether the table has such a field is not asked."""
    tables, parts = correctable(draft.package), name.split("/")
    if len(parts) != 3:
        wrong = f"{quoted(name)} names no cell; write TABLE/RECORD/FIELD"
    elif parts[0] not in tables:
        wrong = near("table", parts[0], tables)
    else:
        table, record, field_name = parts
        key = tables[table].primary_key[0]
        ids = [*draft.data.parsed[table].texts[key].tolist(), *(row[key] for row in draft.rows.get(table, []))]
        if record in ids:
            return table, record, field_name
        wrong = near(f"record of {table}", record, ids)
    draft.wrong(where, "cell", wrong)
    return None
