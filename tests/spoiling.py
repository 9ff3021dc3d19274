"""What becomes of a cell, a row or a line that a hand, a spreadsheet, a merge or a program spoils."""

from __future__ import annotations

import contextlib
import functools
import json
import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from helpers import csv_path
from planting import (
    KEPT,
    MISSING,
    TABLES,
    Book,
    Cell,
    Edit,
    Place,
    Planter,
    Row,
    Spot,
    field_of,
    join,
    shipped,
    split,
    whole,
)

SPELLS = (("start_date", "end_date"), ("deployment_start", "deployment_end"))
TRIOS = ("deaths", "authorised", "deployed", "personnel")
CRITERIA = ("was_party", "sought_help", "named_threat")
OF_CASE = ("requests", "positions", "rationales", "explanations", "events")
OF_STATE = ("candidates", "cases", "contributions", "positions", "memberships", "offices")
NAMES = {"actor", "author", "dataset", "dataset_version", "instrument_name", "measure", "office", "origin", "person", "publisher", "requester", "speaker", "unit"}  # fmt: skip
GAPS = ("None", "\\N", "Unknown", "UNKNOWN", "unknown.", "n/a", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "Not applicable", "not-applicable", "no evidence found")  # fmt: skip
TWINS = dict(zip("aeopcxykmABCEHKMOPTX", "аеорсхукмАВСЕНКМОРТХ", strict=True))
UNSEEN = "\u200b\u200d\u2060\ufeff\u00ad\u200e\u202e\u2066\u061c\u034f\ufe0f\u3164\u2800"
OTHER_GAP = {"unknown": "not_applicable", "not_applicable": "unknown"}
MANY = 60  # a row to which more cells refer is not lost here: it would fill the copy by itself

EVIDENCED = [name for name, table in TABLES.items() if table.evidenced]
UNIQUE = [name for name, table in TABLES.items() if any(f.unique for f in table.fields)]
KEYED = [name for name, table in TABLES.items() if len(table.primary_key) == 1 and name not in ("states", "cases")]

Where = Callable[[Place], bool]
Change = Callable[[Book, str, Row], Edit | None]

# ---- Where: which columns a kind can befall, by their schema.


def of_type(*types: str) -> Callable[[Place], bool]:
    """Columns of a type."""
    return lambda p: p.field.type in types


DATE, INTEGER, BOOLEAN, TEXT = (of_type(t) for t in ("date", "integer", "boolean", "string"))


def anywhere(_: Place) -> bool:
    """Every column."""
    return True


def code(p: Place) -> bool:
    """Columns with a list of codes."""
    return bool(p.field.categories)


def key(p: Place) -> bool:
    """Keys, references and other short forms."""
    return p.column == "record_id" or bool(
        p.field.pattern and "http" not in p.field.pattern and p.column != "covariate_value"
    )


def url(p: Place) -> bool:
    """Addresses."""
    return "http" in (p.field.pattern or "")


def words(p: Place) -> bool:
    """Free text, names included."""
    return TEXT(p) and not code(p) and not key(p) and not url(p) and p.column != "covariate_value"


def prose(p: Place) -> bool:
    """Free text that no reading and no other row can be held against."""
    free = words(p) and p.column not in NAMES | {"reading", "coded_value", "external_id"}
    return free and not (p.field.evidenced or p.field.unique or p.column in TABLES[p.table].primary_key)


def refers(p: Place) -> bool:
    """Columns that point to a row."""
    return p.column == "record_id" or any(p.column in k.fields for k in TABLES[p.table].foreign_keys)


def evidenced(p: Place) -> bool:
    """Columns whose every value needs a reading."""
    return p.field.evidenced


def column_of(name: str, table: str = "") -> Where:
    """The columns of a name, in one table or in all."""
    return lambda p: p.column == name and p.table in (table or p.table, "")


def optional(p: Place) -> bool:
    """Columns that may be missing without another being so too."""
    free = not p.field.required and not p.column.endswith("_precision")
    return free and f"{p.column}_precision" not in TABLES[p.table].names


def unsupported(p: Place) -> bool:
    """Codes that no reading and no rule can be held against."""
    bound = p.field.evidenced or p.column.endswith("_precision") or p.column in ("reading", "coded_value")
    return not bound and p.column not in ("forum", "access", "bound_by", "verdict")


# ---- How: what becomes of one cell; None where it cannot become so.


def day(value: str) -> date | None:
    """The day a cell gives, if it is a whole date."""
    with contextlib.suppress(ValueError):
        return date.fromisoformat(value) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else None
    return None


def dated(form: str) -> Callable[[Cell], str | None]:
    """A date in another form."""

    def change(c: Cell) -> str | None:
        d = day(c.value)
        return d and form.format(
            d=d.day, m=d.month, y=d.year, b=f"{d:%b}", yy=d.year % 100, s=(d - date(1899, 12, 30)).days
        )

    return change


def figured(form: str) -> Callable[[Cell], str]:
    """A number in another form."""
    return lambda c: form.format(n=int(c.value), t=f"{int(c.value):,}")


def chosen(*texts: str) -> Callable[[Cell], str]:
    """One of these in place of the cell."""
    return lambda c: c.rng.choice(texts)


def inside(marks: str) -> Callable[[Cell], str]:
    """One of these characters somewhere in the cell."""

    def change(c: Cell) -> str:
        at = c.rng.randint(0, len(c.value))
        return c.value[:at] + c.rng.choice(marks) + c.value[at:]

    return change


def swapped(old: str, new: str) -> Callable[[Cell], str | None]:
    """One occurrence of a pattern replaced; \\g<0> is what was there."""
    return lambda c: one(c.rng, c.value, old, new)


def twin(c: Cell) -> str | None:
    """A Latin letter within a word replaced by the Cyrillic one that looks like it."""
    found = [
        m.start()
        for m in re.finditer(r"(?<=[A-Za-z])[aeopcxykmABCEHKMOPTX]|[aeopcxykmABCEHKMOPTX](?=[A-Za-z])", c.value)
    ]
    at = c.rng.choice(found) if found else None
    return None if at is None else c.value[:at] + TWINS[c.value[at]] + c.value[at + 1 :]


def typeset(text: str) -> str:
    """A text as a word processor sets it."""
    return text.replace("'", "\u2019").replace(" - ", " \u2013 ").replace('"', "\u201c")


def misread(encoding: str) -> Callable[[Cell], str | None]:
    """UTF-8 read as a code page of Windows, bytes it leaves open kept as they are."""

    def change(c: Cell) -> str | None:
        raw = [bytes([byte]) for byte in typeset(c.value).encode()]
        return "".join(b.decode(encoding, "ignore") or chr(b[0]) for b in raw)

    return change


def other(c: Cell) -> str | None:
    """Another value of the same type; not one that a reading gives, where the cell has readings."""
    v, f = c.value, c.place.field
    if code(c.place):
        new = c.rng.choice([value for value in f.labels if value != v] or [v])
    elif f.type == "boolean":
        new = {"true": "false", "false": "true"}[v]
    elif f.type == "integer":
        new = str(int(v) + c.rng.choice((1, 10, 100)))
    elif f.type == "date":
        new = f"{int(v[:4]) + c.rng.choice((-1, 1))}{v[4:].replace('02-29', '02-28')}"
    elif key(c.place):
        new = c.rng.choice([row["iso3c"] for row in c.book.rows["states"] if row["iso3c"] != v])
    else:
        new = v[:-1].strip()
    return new if new and not (f.evidenced and heard(c, new)) else None


def heard(c: Cell, new: str) -> bool:
    """Whether a reading of the cell says so, or less exactly."""
    said = {r["reading"] for r in c.book.readings(c.place.table, c.row, c.place.column)}
    return any(s[: len(new)] == new[: len(s)] for s in said) if DATE(c.place) else new in said


def nobody(c: Cell) -> str | None:
    """A key that no row has."""
    new = c.rng.choice((c.value[:-1], c.value + c.value[-1], c.value[:-1] + c.rng.choice("0123456789")))
    owner = c.row["table_name"] if c.place.column == "record_id" else next(
        k.table for k in TABLES[c.place.table].foreign_keys if c.place.column in k.fields
    )  # fmt: skip
    fits = re.fullmatch(c.place.field.pattern or ".*", new)
    return new if fits and (owner, new) not in c.book.by_key else None


def gap(*kinds: str) -> Callable[[Cell], str | None]:
    """A kind of missing where readings give a value."""
    return lambda c: c.rng.choice(kinds) if c.book.readings(c.place.table, c.row, c.place.column) else None


def agreed(c: Cell) -> str | None:
    """Disputed, where all readings say the same."""
    said = {r["reading"] for r in c.book.readings(c.place.table, c.row, c.place.column)}
    return "disputed" if len(said) == 1 else None


def arabic(c: Cell) -> str:
    """Digits as written in Arabic."""
    return c.value.translate({ord(str(n)): chr(0x660 + n) for n in range(10)})


def number(c: Cell) -> str:
    """The number of a code."""
    return next(str(known.number) for known in c.place.field.categories if known.value == c.value)


def other_list(c: Cell) -> str | None:
    """A code of another list."""
    codes = {value for t in TABLES.values() for f in t.fields for value in f.labels}
    return c.rng.choice(sorted(codes - set(c.place.field.labels)))


def questioned(c: Cell) -> str | None:
    """Letters that a code page lacks saved as question marks."""
    text = typeset(c.value)
    return text.encode("ascii", "replace").decode() if re.search(r"[^\x00-\x7f]\w", text) else None


def transposed(c: Cell) -> str | None:
    """Two digits that stand side by side exchanged."""
    found = [m.start() for m in re.finditer(r"\d(?=\d)", c.value) if c.value[m.start()] != c.value[m.start() + 1]]
    at = c.rng.choice(found) if found else None
    new = None if at is None else c.value[:at] + c.value[at + 1] + c.value[at] + c.value[at + 2 :]
    return new if new and not heard(c, new) else None


def invented(c: Cell) -> str | None:
    """A value as other rows have it."""
    values = [row[c.place.column] for row in shipped()[c.place.table] if row[c.place.column] not in MISSING]
    new = c.rng.choice(values) if values else None
    return new if new and not heard(c, new) else None


def named(c: Cell, table: str) -> bool:
    """Whether a row of searches, codings or adjudications names the cell."""
    cell = (c.place.table, c.book.id[id(c.row)], c.place.column)
    return any((r["table_name"], r["record_id"], r["field_name"]) == cell for r in c.book.rows[table])


def in_vain(c: Cell) -> str | None:
    """Said to be searched for, where nobody searched."""
    return None if named(c, "searches") else "no_evidence_found"


def other_gap(c: Cell) -> str | None:
    """Unknown for not_applicable, and the other way round, where nobody coded blindly."""
    return None if named(c, "codings") else OTHER_GAP.get(c.value)


def recased(c: Cell) -> str | None:
    """A reading in capitals, beside one of the same cell that is not."""
    cell = (c.row["table_name"], c.row["record_id"], c.row["field_name"])
    return c.value.upper() if sum(r["reading"] == c.value for r in c.book.read[cell]) > 1 else None


def earlier(c: Cell) -> str | None:
    """The year before."""
    return f"{int(c.value[:4]) - 1}{c.value[4:]}" if not c.value.endswith("02-29") else None


def above(c: Cell) -> str | None:
    """The cell filled down from the row above."""
    rows = c.book.rows[c.place.table]
    at = next(i for i, row in enumerate(rows) if row is c.row)
    new = rows[at - 1][c.place.column]
    sound = c.book.free(c.place.table, rows[at - 1], c.place.column)
    return new if at and sound and new != "disputed" and not heard(c, new) else None


def respelt(c: Cell) -> str | None:
    """A name that stands elsewhere, in capitals or with other quotes or dashes."""
    new = c.rng.choice(
        (c.value.upper(), c.value.lower(), typeset(c.value), c.value.replace("-", "\u2013"), c.value + ".")
    )
    same = sum(row[c.place.column] == c.value for row in c.place.rows)
    return new if same > 2 else None


# ---- What happens to rows. `at` is what must be named; `also` are rows that must stay as they are for that.


def row_lost(book: Book, table: str, row: Row) -> Edit:
    """A row lost to which others refer; each of these is named."""
    at = book.referring[table, book.id[id(row)]]
    return Edit(lost=[(table, row)], at=at if len(at) <= MANY else [])


def end_lost(book: Book, table: str, row: Row) -> Edit:
    """The last two rows lost with the end of a file."""
    rows = [r for r in book.rows[table][-2:] if id(r) in book.id]
    at = [spot for r in rows for spot in book.referring[table, book.id[id(r)]]]
    return Edit(lost=[(table, r) for r in rows], at=at if len(at) <= MANY else [])


def key_changed(book: Book, table: str, row: Row) -> Edit:
    """A key retyped to which others refer; each of these is named."""
    at, name = book.referring[table, book.id[id(row)]], TABLES[table].primary_key[0]
    new = row[name][:-1] + book.rng.choice("0123456789")
    return Edit([((table, row, name), new)], at=at if len(at) <= MANY and (table, new) not in book.by_key else [])


def doubled(n: int) -> Change:
    """Rows copied and pasted below themselves."""

    def make(book: Book, table: str, row: Row) -> Edit:
        at = next(i for i, r in enumerate(book.rows[table]) if r is row)
        old = book.rows[table][at : at + n]
        new = [dict(r) for r in old]
        added = [(table, above, r) for above, r in zip([old[-1], *new], new, strict=False)]
        return Edit(at=[(table, r, "*") for r in new], also=[(table, r, "*") for r in old], added=added)

    return make


def with_new_key(table: str, row: Row) -> Row:
    """A row under another key."""
    name = TABLES[table].primary_key[0]
    return {**row, name: f"{row[name]}-copy"}


def other_version(table: str, row: Row) -> Row:
    """A row as the other side of a merge has it."""
    name = TABLES[table].names[-1]
    return {**row, name: f"{row[name]} (too)"}


def inserted(make_row: Callable[[str, Row], Row], column: str = "*") -> Change:
    """A row that is none, or none of its own, inserted below another."""

    def make(book: Book, table: str, row: Row) -> Edit:
        new = make_row(table, row)
        return Edit(
            at=[(table, new, column or TABLES[table].primary_key[0])],
            also=[(table, row, "*")],
            added=[(table, row, new)],
        )

    return make


def unlike(table: str, row: Row, left: str, right: str) -> bool:
    """Whether what stands in one cell of a row cannot stand in the other."""
    f, value, held = TABLES[table].field(right), row[left], {row[left], row[right]}.isdisjoint(MISSING)
    fits = {"string": not f.labels or value in f.labels, "integer": value.isdecimal(), "date": day(value) is not None}
    return held and not fits.get(f.type, value in ("true", "false"))


def exchanged(book: Book, table: str, row: Row) -> Edit:
    """Two cells of a row put in each other's place."""
    a, b = book.rng.sample(TABLES[table].names, 2)
    at = [(table, row, b)] if unlike(table, row, a, b) else []
    return Edit([((table, row, a), row[b]), ((table, row, b), row[a])], at)


def pushed(book: Book, table: str, row: Row) -> Edit:
    """A cell inserted in a row, so that those after it stand one to the right and the last is lost."""
    names = TABLES[table].names
    pairs = list(pairwise(names))[book.rng.randrange(len(names) - 1) :]
    moved = [((table, row, right), row[left]) for left, right in pairs]
    at = [(table, row, right) for left, right in pairs if unlike(table, row, left, right)]
    return Edit([((table, row, pairs[0][0]), ""), *moved], at)


def column(order: Callable[[list[str]], list[str]]) -> Change:
    """The cells of an evidenced column in another order, the rest of the rows left as it is; named where no reading fits."""

    def make(book: Book, table: str, _: Row) -> Edit:
        name = book.rng.choice(TABLES[table].evidenced).name
        edit = Edit()
        for row, new in zip(book.rows[table], order([row[name] for row in book.rows[table]]), strict=True):
            said = {r["reading"] for r in book.readings(table, row, name)}
            if new != row[name]:
                edit.cells.append(((table, row, name), new))
                fits = any(s[: len(new)] == new[: len(s)] for s in said) or new == "disputed"
                if not fits and (said or new not in MISSING):
                    edit.at.append((table, row, name))
        return edit

    return make


def columns_exchanged(book: Book, table: str, _: Row) -> Edit:
    """Two columns exchanged under a header that stays; named where a cell cannot stand in the other."""
    names = [name for name in TABLES[table].names if name not in TABLES[table].primary_key]
    a, b = book.rng.sample(names, 2) if len(names) > 1 else (names[0], names[0])
    rows = [(row, row[a], row[b]) for row in book.rows[table] if row[a] != row[b]]
    at = [(table, row, b) for row, _, _ in rows if unlike(table, row, a, b)]
    return Edit(
        [cell for row, was_a, was_b in rows for cell in (((table, row, a), was_b), ((table, row, b), was_a))], at
    )


# ---- Readings, sources and codings.


def reading_lost(book: Book, table: str, row: Row) -> Edit | None:
    """The one reading lost that gives a published value, or one side of a dispute; named at the cell."""
    cell = (row["table_name"], row["record_id"], row["field_name"])
    if cell[:2] not in book.by_key or cell[2] == "record":
        return None
    at, said = (cell[0], book.by_key[cell[:2]], cell[2]), [r["reading"] for r in book.read[cell]]
    published = book.said(*at)
    alone = said.count(row["reading"]) == 1
    ok = alone and (row["reading"] == published or (published == "disputed" and len(set(said)) == 2))
    return Edit(lost=[(table, row)], at=[at]) if ok else None


def reading_drifted(book: Book, table: str, row: Row) -> Edit | None:
    """The one reading that gives a published value made to say something else; named at the cell."""
    lost, new = reading_lost(book, table, row), other_value(book, table, row)
    ok = lost and new and book.said(*lost.at[0]) != "disputed"
    return Edit([((table, row, "reading"), new)], lost.at) if lost and ok else None


def reading_moved(book: Book, table: str, row: Row) -> Edit | None:
    """The one reading that gives a published value given to another record; named at the cell."""
    lost = reading_lost(book, table, row)
    new = book.pick(row["table_name"], lambda r: book.id[id(r)] != row["record_id"]) if lost else None
    return Edit([((table, row, "record_id"), book.id[id(new)])], lost.at) if lost and new else None


def other_value(book: Book, table: str, row: Row) -> str | None:
    """Another value for a reading or a coding."""
    column = "reading" if table == "readings" else "coded_value"
    f = field_of(row["table_name"], row["field_name"])
    return None if row[column].startswith("(") else other(Cell(book, Place(table, column, f, []), row, row[column]))


def differs(book: Book, row: Row) -> bool:
    """Whether a coding differs from the published value, or from what was read in the evidence coded."""
    table, record, name = row["table_name"], row["record_id"], row["field_name"]
    if table == "evidence":
        read = [r for r in book.rows["readings"] if (r["evidence_id"], r["field_name"]) == (record, name)]
        return all(r["reading"] != row["coded_value"] for r in read)
    said = book.said(table, book.by_key[table, record], name)
    return row["coded_value"] != (f"({said or 'not_coded'})" if said in MISSING else said)


def coding_drifted(book: Book, table: str, row: Row) -> Edit | None:
    """A coding that comes to differ, with nobody to judge it."""
    judged = "/".join((row["table_name"], row["record_id"], row["field_name"]))
    new = None if ("adjudications", judged) in book.by_key else other_value(book, table, row)
    ok = new and not differs(book, row) and differs(book, {**row, "coded_value": new})
    return Edit([((table, row, "coded_value"), str(new))], [(table, row, "coded_value")]) if ok else None


def gap_drifted(book: Book, table: str, row: Row) -> Edit | None:
    """Another kind of missing than the blind coders gave; named at the codings."""
    cell = (row["table_name"], row["record_id"], row["field_name"])
    owner, kind = book.by_key.get(cell[:2], {}), row["coded_value"].strip("()")
    ok = owner.get(cell[2]) == kind in OTHER_GAP and ("adjudications", "/".join(cell)) not in book.by_key
    same = [r for r in book.rows[table] if (r["table_name"], r["record_id"], r["field_name"]) == cell]
    at = [(table, r, "coded_value") for r in same if r["coded_value"] == row["coded_value"]]
    return Edit([((cell[0], owner, cell[2]), OTHER_GAP[kind])], at) if ok else None


def unjudged(book: Book, table: str, row: Row) -> Edit:
    """An adjudication lost; named at the codings that differ."""
    same = [r for r in book.rows["codings"] if all(r[n] == row[n] for n in ("table_name", "record_id", "field_name"))]
    return Edit(lost=[(table, row)], at=[("codings", r, "coded_value") for r in same if differs(book, r)])


def search_lost(book: Book, table: str, row: Row) -> Edit | None:
    """The one search lost behind a cell coded no_evidence_found; named at the cell."""
    same = [r for r in book.rows[table] if all(r[n] == row[n] for n in ("table_name", "record_id", "field_name"))]
    owner = book.by_key.get((row["table_name"], row["record_id"]), {})
    ok = len(same) == 1 and owner.get(row["field_name"]) == "no_evidence_found"
    return Edit(lost=[(table, row)], at=[(row["table_name"], owner, row["field_name"])]) if ok else None


def not_seen(book: Book, table: str, row: Row) -> Edit | None:
    """A source marked as not seen; named at the cells that rest on it alone."""
    mine = {r["evidence_id"] for r in book.rows["evidence"] if r["citekey"] == row["citekey"]}
    read = [r for r in book.rows["readings"] if r["evidence_id"] in mine and r["field_name"] != "record"]
    cells = sorted({(r["table_name"], r["record_id"], r["field_name"]) for r in read})
    alone = [c for c in cells if {r["evidence_id"] for r in book.read[c]} <= mine]
    at = [(c[0], book.by_key[c[:2]], c[2]) for c in alone if book.by_key[c[:2]][c[2]] not in MISSING]
    return (
        Edit([((table, row, "access"), "not_seen")], at, [("readings", r, "*") for r in read])
        if len(at) <= MANY
        else None
    )


def undated(book: Book, table: str, row: Row) -> Edit:
    """The dates lost of all sources behind a stated rationale and of the words they report; named at the rationale."""
    ids = {
        r["evidence_id"]
        for r in book.rows["readings"]
        if (r["table_name"], r["record_id"]) == (table, row["rationale_id"])
    }
    reports = [("evidence", book.by_key["evidence", key], "date") for key in sorted(ids)]
    sources = [
        ("sources", book.by_key["sources", key], "published") for key in sorted({r["citekey"] for _, r, _ in reports})
    ]
    lost = [(t, r, name + end) for t, r, name in (*reports, *sources) for end in ("", "_precision")]
    return Edit([(spot, "unknown") for spot in lost], [(table, row, "rationale_id")])


def orphaned(book: Book, table: str, row: Row) -> Edit | None:
    """The one evidence row of a source given to another source; named at the source left without."""
    new, old = book.pick("sources", lambda s: s["citekey"] != row["citekey"]), book.by_key["sources", row["citekey"]]
    ok = sum(r["citekey"] == row["citekey"] for r in book.rows[table]) == 1
    return (
        Edit([((table, row, "citekey"), new["citekey"])], [("sources", old, "citekey")], [("sources", new, KEPT)])
        if ok
        else None
    )


def both_layers(book: Book, table: str, row: Row) -> Edit | None:
    """A statement of officials, or a piece of evidence behind one, given to an explanation too."""
    if table == "explanations":
        of = "rationales"
        name, model = "statement", book.pick(of, lambda r: True)
    else:
        of, name = table, "evidence_id"
        model = book.pick(of, lambda r: r["table_name"] == "rationales")
    ok = row.get("table_name", table) == "explanations"
    return Edit([((table, row, name), model[name])], [(table, row, name)], [(of, model, "*")]) if ok else None


# ---- Cells that must fit each other: the readings are changed alike, so that only the rule can object.


def alike(book: Book, table: str, row: Row, column: str, new: str, *also: Spot) -> Edit:
    """A cell and the readings behind it changed alike; named at the cell."""
    return Edit(book.alike(table, row, column, new), [(table, row, column)], list(also))


def dates(row: Row) -> list[str]:
    """The columns of a row with dates known to the day."""
    return [n for n in row if f"{n}_precision" in row and day(row[n]) and row[f"{n}_precision"] == "day"]


def days_from(book: Book, day_: str, sign: int) -> str:
    """A day some time before or after another."""
    return str(date.fromisoformat(day_) + sign * timedelta(days=book.rng.randint(1, 400)))


def ends_early(book: Book, table: str, row: Row) -> Edit | None:
    """An end before its start."""
    spells = [(start, end) for start, end in SPELLS if {start, end} <= set(dates(row))]
    return next((alike(book, table, row, end, days_from(book, row[start], -1)) for start, end in spells), None)


def decided_early(book: Book, table: str, row: Row) -> Edit | None:
    """A decision before its request."""
    asked = book.by_key["requests", row["request_id"]]
    ok = "date" in dates(row) and "date" in dates(asked)
    return alike(book, table, row, "date", days_from(book, asked["date"], -1), ("requests", asked, "*")) if ok else None


def after_access(book: Book, table: str, row: Row) -> Edit | None:
    """A source published, or words reported, after the day on which the source was read."""
    name, source = {"sources": "published", "evidence": "date"}[table], book.by_key["sources", row["citekey"]]
    new = days_from(book, source["accessed"], 1)
    return (
        Edit([((table, row, name), new)], [(table, row, name)], [("sources", source, "accessed")])
        if name in dates(row)
        else None
    )


def low_above(book: Book, table: str, row: Row) -> Edit | None:
    """A lowest figure above the best or the highest, or a best above the highest."""
    order = (("low", "best"), ("low", "high"), ("best", "high"))
    pairs = [(f"{s}_{a}", f"{s}_{b}") for s in TRIOS for a, b in order if f"{s}_low" in row]
    pairs = [(low, high) for low, high in pairs if row[low].isdecimal() and row[high].isdecimal()]
    low, high = book.rng.choice(pairs or [("", "")])
    return alike(book, table, row, low, str(int(row[high]) + book.rng.randint(1, 99))) if pairs else None


def no_member(book: Book, table: str, row: Row) -> Edit | None:
    """A contribution marked as a non-member's though its state was a party, or the other way round."""
    spells = [("memberships", r, "*") for r in book.rows["memberships"] if book.id[id(r)][:3] == row["state"].lower()]
    new = "national" if row["framework"] == "non_member" else "non_member"
    return alike(book, table, row, "framework", new, *spells) if "start_date" in dates(row) else None


def outsider(book: Book, table: str, row: Row) -> Edit:
    """A position of a state that never was a party."""
    members = {r["state"] for r in shipped()["memberships"]}
    new, case = book.pick("states", lambda s: s["iso3c"] not in members), book.by_key["cases", row["case_id"]]
    also = [("states", new, KEPT), ("cases", case, "start_date"), ("cases", case, KEPT)]
    return Edit([((table, row, "state"), new["iso3c"])], [(table, row, "state")], also)


def primary(book: Book, table: str, row: Row) -> Edit:
    """A second primary request of a case, or none; named at the case."""
    new = {"true": "false", "false": "true"}[row["is_primary"]]
    also = [(table, r, "*") for r in book.rows[table] if r["case_id"] == row["case_id"]]
    return Edit([((table, row, "is_primary"), new)], [("cases", book.by_key["cases", row["case_id"]], "case_id")], also)


def final(book: Book, table: str, row: Row) -> Edit | None:
    """A second final decision on a request in one forum."""
    same = [r for r in book.rows[table] if all(r[n] == row[n] for n in ("request_id", "forum"))]
    ok = row["is_final"] == "false" and any(r["is_final"] == "true" for r in same)
    spot = (table, row, "is_final")
    return Edit([(spot, "true")], [spot], [(table, r, "*") for r in same]) if ok else None


def no_state(book: Book, table: str, row: Row) -> Edit | None:
    """An adversary that is no state, beside the name of one; named at the name."""
    new = book.rng.choice(
        [v for v in TABLES[table].field("adversary_type").labels if v not in ("state", "member_state")]
    )
    cells = book.alike(table, row, "adversary_type", new)
    return Edit(cells, [(table, row, "adversary_state")]) if row["adversary_state"] not in MISSING else None


def given(book: Book, table: str, row: Row) -> Edit | None:
    """Troops or materiel given where help was declined or not decided."""
    name = book.rng.choice(("given_troops", "given_materiel"))
    ok = row["outcome"] in ("declined", "no_decision") and row[name] == "false"
    return alike(book, table, row, name, "true") if ok else None


@functools.cache
def case_of(table: str, record: str) -> str:
    """The case a shipped row belongs to."""
    if table == "cases":
        return record
    row = next(r for r in shipped()[table] if r[TABLES[table].primary_key[0]] == record)
    link = next(n for n in ("case_id", "request_id", "decision_id") if n in row and n not in TABLES[table].primary_key)
    return case_of(link.replace("_id", "s"), row[link])


def other_case(name: str) -> Change:
    """A row given to another case, or to a request or decision of another case."""

    def make(book: Book, table: str, row: Row) -> Edit | None:
        target, mine = name.replace("_id", "s"), case_of(table, book.id[id(row)])
        new = book.pick(target, lambda r: case_of(target, book.id[id(r)]) != mine)
        whole = target != "cases" or "is_primary" in row  # which a case has once
        also = [(target, new, "*" if whole else KEPT)]
        if target == "decisions":
            also.append(("requests", book.by_key["requests", new["request_id"]], "*"))
        also.append(("cases", book.by_key["cases", case_of(target, book.id[id(new)])], KEPT))
        spot = (table, row, name)
        return Edit([(spot, book.id[id(new)])], [spot], also) if row[name] not in MISSING else None

    return make


def other_state(book: Book, table: str, row: Row) -> Edit:
    """A row given to another state."""
    new = book.pick("states", lambda s: s["iso3c"] != row["state"])
    return Edit([((table, row, "state"), new["iso3c"])], [(table, row, "state")], [("states", new, KEPT)])


def excluded(book: Book, table: str, row: Row) -> Edit | None:
    """A case that its candidate no longer names; named at the case."""
    case = book.by_key.get(("cases", row["case_id"]))
    return Edit([((table, row, "case_id"), "not_applicable")], [("cases", case, "case_id")]) if case else None


def criterion(book: Book, table: str, row: Row) -> Edit | None:
    """A case that no longer meets a criterion of the inclusion rule; named at the candidate's case."""
    case, name = book.by_key.get(("cases", row["case_id"]), {}), book.rng.choice(CRITERIA)
    cells = book.alike(table, row, name, "false")
    return Edit(cells, [(table, row, "case_id")], [("cases", case, "core")]) if case.get("core") == "false" else None


def coarser(book: Book, table: str, row: Row) -> Edit | None:
    """A day called a month or a year; named at the date."""
    name = book.rng.choice(dates(row) or [""])
    new = [p for p, rest in (("month", "-01"), ("year", "-01-01")) if name and not row[name].endswith(rest)]
    return Edit([((table, row, f"{name}_precision"), book.rng.choice(new))], [(table, row, name)]) if new else None


def one_gap(book: Book, table: str, row: Row) -> Edit | None:
    """A date and its precision missing for different reasons, or one of them alone; named at the precision."""
    name = book.rng.choice([n for n in row if f"{n}_precision" in row] or [""])
    new, place = (
        book.rng.choice(("", "unknown", "not_applicable", "withheld")),
        name + book.rng.choice(("", "_precision")),
    )
    ok = name and row[place] != new
    return Edit([((table, row, place), new)], [(table, row, f"{name}_precision")]) if ok else None


def taken(book: Book, table: str, row: Row) -> Edit | None:
    """A value that must be unique copied from another row; named at both."""
    name = book.rng.choice([f.name for f in TABLES[table].fields if f.unique])
    model = book.pick(table, lambda r: r is not row and r[name] not in MISSING)
    ok = row[name] not in MISSING
    return Edit([((table, row, name), model[name])], [(table, r, name) for r in (row, model)]) if ok else None


# ---- What only the version before can show.


def coded(book: Book, row: Row) -> bool:
    """Whether a blind coder coded the evidence of a reading, so that the reading is held against the coding."""
    return any(r["table_name"] == "evidence" and r["record_id"] == row["evidence_id"] for r in book.rows["codings"])


def resourced(book: Book, table: str, row: Row) -> Edit | None:
    """Evidence given to another source that was read, its own keeping other evidence."""
    new = book.pick("sources", lambda s: s["access"] != "not_seen" and s["citekey"] != row["citekey"])
    ok = sum(r["citekey"] == row["citekey"] for r in book.rows[table]) > 1 and day(row["date"])
    spot = (table, row, "citekey")
    return Edit([(spot, new["citekey"])], [spot], [("sources", new, "*")]) if ok else None


def rival_drifted(book: Book, table: str, row: Row) -> Edit | None:
    """A reading that differs from the published value made to differ otherwise."""
    if row["field_name"] == "record" or coded(book, row):
        return None
    owner, new = book.by_key[row["table_name"], row["record_id"]], other_value(book, table, row)
    said = book.said(row["table_name"], owner, row["field_name"])
    ok = said not in MISSING and new and not {new[: len(said)], row["reading"][: len(said)]} & {said}
    return Edit([((table, row, "reading"), str(new))], [(table, row, "reading")]) if ok else None


def repeat_lost(book: Book, table: str, row: Row) -> Edit | None:
    """One of several readings that say the same lost."""
    same = book.read[row["table_name"], row["record_id"], row["field_name"]]
    ok = sum(r["reading"] == row["reading"] for r in same) > 2 and not coded(book, row)
    return Edit(lost=[(table, row)], at=[(table, row, "reading")]) if ok else None


def plain_lost(book: Book, table: str, row: Row) -> Edit:
    """A row lost to which nothing refers."""
    return Edit(lost=[(table, row)], at=[(table, row, TABLES[table].primary_key[0])])


def all_lost(book: Book, table: str, row: Row) -> Edit | None:
    """A record lost and its readings with it."""
    near = [(t, r) for t, r, _ in book.referring[table, book.id[id(row)]]]
    ok = all(t == "readings" and not coded(book, r) for t, r in near) and row.get("candidate_id") != row["case_id"]
    return Edit(lost=[(table, row), *near], at=[(table, row, TABLES[table].primary_key[0])]) if ok else None


# ---- What becomes of files.


def text(lines: list[str]) -> str:
    """Lines as the text of a file."""
    return "\n".join([*lines, ""])


def columns(change: Callable[[list[str], int, int], list[str]], name: str = "") -> Planter:
    """Columns of a file changed, header and rows alike; a new one may have a name."""

    def make(lines: list[str], rng: random.Random) -> str:
        rows = [split(row) for row in lines]
        i, j = rng.sample(range(len(rows[0])), 2)
        new = [change(row, i, j) for row in rows]
        new[0] = [name if name and k == i else cell for k, cell in enumerate(new[0])]
        return text([join(row) for row in new])

    return whole(make, 1)


def header(change: Callable[[str], str]) -> Planter:
    """The name of one column changed."""

    def make(lines: list[str], rng: random.Random) -> str:
        names = split(lines[0])
        at = rng.randrange(len(names))
        return text([join([*names[:at], change(names[at]), *names[at + 1 :]]), *lines[1:]])

    return whole(make, 1)


def without(row: list[str], rng: random.Random) -> list[str]:
    """A row that has lost a cell."""
    at = rng.randrange(len(row))
    return row[:at] + row[at + 1 :]


def two(lines: list[str], rng: random.Random) -> list[str]:
    """Lines of which two rows changed places."""
    i, j = rng.sample(range(1, len(lines)), 2)
    return [lines[{i: j, j: i}.get(k, k)] for k in range(len(lines))]


def changed(lines: list[str], new: list[str]) -> str | None:
    """The new lines, if they differ."""
    return text(new) if new != lines else None


def file(change: Callable[[Path], object], *names: str) -> Planter:
    """A file itself changed; these must be named, {} being its table."""

    def plant(home: Path, table: str, _: random.Random) -> list[tuple[str, int]]:
        change(csv_path(home, table))
        return [(f"cases/{name.format(table)}", 0) for name in names or ("{}.csv",)]

    return plant


def schema(change: Callable[[str, random.Random], str | None] | None, copy: bool = False) -> Planter:
    """A file of the schema changed, lost (no change), or copied."""

    def plant(home: Path, _: str, rng: random.Random) -> list[tuple[str, int]] | None:
        path = rng.choice(sorted((home / "schema").iterdir()))
        new = change(path.read_text(encoding="utf-8"), rng) if change else ""
        if new is None:
            return None
        place = path.with_stem(f"{path.stem} (1)") if copy else path
        place.write_text(new, encoding="utf-8", errors="surrogateescape")
        if change is None:
            path.unlink()
        return [(f"schema/{place.name}", 0)]

    return plant


def one(rng: random.Random, text_: str, old: str, new: str) -> str | None:
    """One occurrence of a pattern replaced."""
    found = list(re.finditer(old, text_))
    at = rng.choice(found) if found else None
    return at and text_[: at.start()] + at.expand(new) + text_[at.end() :]


def field_twice(text_: str, rng: random.Random) -> str | None:
    """A field of a schema written a second time."""
    raw = json.loads(text_)
    return json.dumps({**raw, "fields": [*raw["fields"], rng.choice(raw["fields"])]}) if "fields" in raw else None
