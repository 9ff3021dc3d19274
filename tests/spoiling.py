"""What becomes of a cell, a row or a file that a hand, a spreadsheet, a merge or a program spoils."""

from __future__ import annotations

import functools
import json
import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from helpers import csv_path
from planting import (  # fmt: skip
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
    cell_of,
    field_of,
    join,
    shipped,
    split,
    tags_of,
    whole,
)

# By the schema, not by the rules: a rule that forgets a table or a column is found out.
EVIDENCED = [name for name, table in TABLES.items() if table.evidenced]
UNIQUE = [name for name, table in TABLES.items() if any(f.unique for f in table.fields)]
KEYED = [name for name, table in TABLES.items() if len(table.primary_key) == 1 and name not in ("states", "cases")]
OF_CASE = [name for name, table in TABLES.items() if "case_id" in table.names and table.evidenced and name not in ("cases", "candidates")]  # fmt: skip
OF_STATE = [name for name, table in TABLES.items() if "state" in table.names and table.evidenced and name != "rationales"]  # fmt: skip
GAPS = ("None", "\\N", "Unknown", "UNKNOWN", "unknown.", "n/a", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "Not applicable", "not-applicable", "no evidence found")  # fmt: skip
TWINS = dict(zip("aeopcxykmABCEHKMOPTX", "аеорсхукмАВСЕНКМОРТХ", strict=True))
UNSEEN = "\u200b\u200d\u2060\ufeff\u00ad\u200e\u202e\u2066\u061c\u034f\ufe0f\u3164\u2800"
OTHER_GAP = {"unknown": "not_applicable", "not_applicable": "unknown"}
FLIPPED = {"true": "false", "false": "true"}
MANY = 60  # a row to which more cells refer is not lost here: it would fill the copy by itself

Change = Callable[[Book, str, Row], Edit]

# ---- How: what becomes of one cell; None where it cannot become so.


def need(holds: object) -> None:
    """Leave this place, where the fault cannot be planted, for another.

    Raises:
        LookupError: it does not hold.
    """
    if not holds:
        raise LookupError


def day(value: str) -> date | None:
    """The day a cell gives, if it is a whole date."""
    try:
        return date.fromisoformat(value) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else None
    except ValueError:
        return None


def dated(form: str) -> Callable[[Cell], str | None]:
    """A date in another form."""

    def change(c: Cell) -> str | None:
        d = day(c.value)
        return d and form.format(d=d.day, m=d.month, y=d.year, b=f"{d:%b}", yy=d.year % 100, s=(d - date(1899, 12, 30)).days)  # fmt: skip

    return change


def figured(form: str) -> Callable[[Cell], str]:
    """A number in another form."""
    return lambda c: form.format(n=int(c.value), t=f"{int(c.value):,}")


def mapped(*pairs: str) -> Callable[[Cell], str]:
    """One of two booleans, true first."""
    return lambda c: dict(zip(("true", "false"), pairs, strict=True))[c.value]


def chosen(*texts: str) -> Callable[[Cell], str]:
    """One of these in place of the cell."""
    return lambda c: c.rng.choice(texts)


def inside(marks: str) -> Callable[[Cell], str]:
    """One of these characters somewhere in the cell."""

    def change(c: Cell) -> str:
        at = c.rng.randint(0, len(c.value))
        return c.value[:at] + c.rng.choice(marks) + c.value[at:]

    return change


def one(rng: random.Random, text_: str, old: str, new: str) -> str:
    """One occurrence of a pattern replaced."""
    at = rng.choice(list(re.finditer(old, text_)))
    return text_[: at.start()] + at.expand(new) + text_[at.end() :]


def swapped(old: str, new: str) -> Callable[[Cell], str]:
    """One occurrence of a pattern replaced; \\g<0> is what was there."""
    return lambda c: one(c.rng, c.value, old, new)


def twin(c: Cell) -> str:
    """A Latin letter within a word replaced by the Cyrillic one that looks like it."""
    like = f"[{''.join(TWINS)}]"
    at = c.rng.choice(list(re.finditer(f"(?<=[A-Za-z]){like}|{like}(?=[A-Za-z])", c.value)))
    return c.value[: at.start()] + TWINS[at[0]] + c.value[at.end() :]


def typeset(text: str) -> str:
    """A text as a word processor sets it."""
    return text.replace("'", "\u2019").replace(" - ", " \u2013 ").replace('"', "\u201c")


def misread(encoding: str) -> Callable[[Cell], str]:
    """UTF-8 read as a code page of Windows, bytes it leaves open kept as they are."""
    return lambda c: "".join(bytes([b]).decode(encoding, "ignore") or chr(b) for b in typeset(c.value).encode())


def questioned(c: Cell) -> str:
    """Letters that a code page lacks saved as question marks."""
    need(re.search(r"[^\x00-\x7f]\w", typeset(c.value)))
    return typeset(c.value).encode("ascii", "replace").decode()


def other(c: Cell) -> str:
    """Another value of the same type."""
    v, f = c.value, c.place.field
    if f.categories:
        return c.rng.choice([value for value in f.labels if value != v])
    if f.type == "boolean":
        return FLIPPED[v]
    if f.type == "integer":
        return str(int(v) + c.rng.choice((1, 10, 100)))
    if f.type == "date":
        return f"{int(v[:4]) + c.rng.choice((-1, 1))}{v[4:].replace('02-29', '02-28')}"
    if "key" in c.place.tags:
        return c.rng.choice([row["iso3c"] for row in c.book.rows["states"] if row["iso3c"] != v])
    need(v[:-1].strip())
    return v[:-1].strip()


def nobody(c: Cell) -> str:
    """A key that no row has."""
    new = c.rng.choice((c.value[:-1], c.value + c.value[-1], c.value[:-1] + c.rng.choice("0123456789")))
    keys = TABLES[c.place.table].foreign_keys
    owner = c.row["table_name"] if c.place.column == "record_id" else next(k.table for k in keys if c.place.column in k.fields)  # fmt: skip
    need(re.fullmatch(c.place.field.pattern or ".*", new) and (owner, new) not in c.book.by_key)
    return new


def gap(*codes: str) -> Callable[[Cell], str | None]:
    """A missing-value code where readings give a value."""
    return lambda c: c.rng.choice(codes) if c.read() else None


def other_list(c: Cell) -> str:
    """A code of another list."""
    codes = {value for t in TABLES.values() for f in t.fields for value in f.labels}
    return c.rng.choice(sorted(codes - set(c.place.field.labels)))


def transposed(c: Cell) -> str:
    """Two digits that stand side by side exchanged."""
    at = c.rng.choice([m.start() for m in re.finditer(r"(\d)(?=\d)(?!\1)", c.value)])
    return c.value[:at] + c.value[at + 1] + c.value[at] + c.value[at + 2 :]


def invented(c: Cell) -> str:
    """A value as other rows have it."""
    return c.rng.choice([row[c.place.column] for row in shipped()[c.place.table] if row[c.place.column] not in MISSING])


def free_of(table: str, change: Callable[[Cell], str | None]) -> Callable[[Cell], str | None]:
    """A change of cells that no row of searches or codings names."""

    def made(c: Cell) -> str | None:
        cell = (c.place.table, c.book.id[id(c.row)], c.place.column)
        return None if any(cell_of(r) == cell for r in c.book.rows[table]) else change(c)

    return made


def earlier(c: Cell) -> str | None:
    """The year before."""
    return f"{int(c.value[:4]) - 1}{c.value[4:]}" if not c.value.endswith("02-29") else None


def above(c: Cell) -> str | None:
    """The cell filled down from the row above."""
    rows = c.book.rows[c.place.table]
    at = next(i for i, row in enumerate(rows) if row is c.row)
    new = rows[at - 1][c.place.column]
    return new if at and new != "disputed" and c.book.free(c.place.table, rows[at - 1], c.place.column) else None


def respelt(c: Cell) -> str | None:
    """A name that is elsewhere too, in capitals or with other quotes or dashes."""
    v = c.value
    new = c.rng.choice((v.upper(), v.lower(), typeset(v), v.replace("-", "\u2013"), v + "."))
    return new if sum(row[c.place.column] == v for row in c.place.rows) > 2 else None


# ---- What happens to rows. `at` is what must be named; `also` are rows that must stay as they are for that.


def changed(spot: Spot, new: str, *also: Spot) -> Edit:
    """One cell replaced, and named."""
    return Edit([(spot, new)], [spot], list(also))


def few(at: list[Spot]) -> list[Spot]:
    """The cells, if there are not too many to be spoilt together."""
    need(len(at) <= MANY)
    return at


def row_lost(book: Book, table: str, row: Row) -> Edit:
    """A row lost to which others refer; each of these is named."""
    return Edit(lost=[(table, row)], at=few(book.referring[table, book.id[id(row)]]))


def end_lost(book: Book, table: str, row: Row) -> Edit:
    """The last two rows lost with the end of a file."""
    rows = [r for r in book.rows[table][-2:] if id(r) in book.id]
    at = [spot for r in rows for spot in book.referring[table, book.id[id(r)]]]
    return Edit(lost=[(table, r) for r in rows], at=few(at))


def key_changed(book: Book, table: str, row: Row) -> Edit:
    """A key retyped to which others refer; each of these is named."""
    name = TABLES[table].primary_key[0]
    new = row[name][:-1] + book.rng.choice("0123456789")
    need((table, new) not in book.by_key)
    return Edit([((table, row, name), new)], few(book.referring[table, row[name]]))


def doubled(n: int) -> Change:
    """Rows copied and pasted below themselves."""

    def make(book: Book, table: str, row: Row) -> Edit:
        at = next(i for i, r in enumerate(book.rows[table]) if r is row)
        old = book.rows[table][at : at + n]
        new = [dict(r) for r in old]
        added = [(table, above, r) for above, r in zip([old[-1], *new], new, strict=False)]
        return Edit(at=[(table, r, "*") for r in new], also=[(table, r, "*") for r in old], added=added)

    return make


def inserted(make_row: Callable[[str, Row], Row], column: str = "*") -> Change:
    """A row that is none, or none of its own, inserted below another."""

    def make(book: Book, table: str, row: Row) -> Edit:
        new = make_row(table, row)
        at = (table, new, column or TABLES[table].primary_key[0])
        return Edit(at=[at], also=[(table, row, "*")], added=[(table, row, new)])

    return make


def with_new_key(table: str, row: Row) -> Row:
    """A row under another key."""
    name = TABLES[table].primary_key[0]
    return {**row, name: f"{row[name]}-copy"}


def other_version(table: str, row: Row) -> Row:
    """A row as the other side of a merge has it."""
    name = TABLES[table].names[-1]
    return {**row, name: f"{row[name]} (too)"}


def unlike(table: str, row: Row, left: str, right: str) -> bool:
    """Whether the value of one cell of a row cannot be that of the other."""
    f, value, held = TABLES[table].field(right), row[left], {row[left], row[right]}.isdisjoint(MISSING)
    fits = {"string": not f.labels or value in f.labels, "integer": value.isdecimal(), "date": day(value) is not None}
    return held and not fits.get(f.type, value in FLIPPED)


def exchanged(book: Book, table: str, row: Row) -> Edit:
    """Two cells of a row put in each other's place."""
    a, b = book.rng.sample(TABLES[table].names, 2)
    need(unlike(table, row, a, b))
    return Edit([((table, row, a), row[b]), ((table, row, b), row[a])], [(table, row, b)])


def pushed(book: Book, table: str, row: Row) -> Edit:
    """A cell inserted in a row, so that those after it move one to the right and the last is lost."""
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
    """Two columns exchanged under a header that stays; named where a cell cannot be in the other."""
    names = [name for name in TABLES[table].names if name not in TABLES[table].primary_key]
    need(len(names) > 1)
    a, b = book.rng.sample(names, 2)
    rows = [row for row in book.rows[table] if row[a] != row[b]]
    at = [(table, row, b) for row in rows if unlike(table, row, a, b)]
    return Edit([((table, row, x), row[y]) for row in rows for x, y in ((a, b), (b, a))], at)


# ---- Readings, sources and codings.


def reading_lost(book: Book, table: str, row: Row) -> Edit:
    """The one reading lost that gives a published value, or one side of a dispute; named at the cell."""
    cell = cell_of(row)
    at, said = (cell[0], book.by_key[cell[:2]], cell[2]), [r["reading"] for r in book.read[cell]]
    need(cell[2] != "record" and said.count(row["reading"]) == 1)
    need(book.said(*at) in (row["reading"], "disputed" if len(set(said)) == 2 else ""))
    return Edit(lost=[(table, row)], at=[at])


def record_lost(book: Book, table: str, row: Row) -> Edit:
    """The one reading lost that says yes to a row as a whole; named at the row's key."""
    name, key, column = cell_of(row)
    need(column == "record" and name in ("requests", "memberships", "provisions"))
    need([r for r in book.read[name, key, column] if r["reading"] == "yes"] == [row])
    return Edit(lost=[(table, row)], at=[(name, book.by_key[name, key], TABLES[name].primary_key[0])])


def reading_drifted(book: Book, table: str, row: Row) -> Edit:
    """The one reading that gives a published value made to say something else; named at the cell."""
    at = reading_lost(book, table, row).at
    need(book.said(*at[0]) != "disputed")
    return Edit([((table, row, "reading"), other_value(book, table, row))], at)


def reading_moved(book: Book, table: str, row: Row) -> Edit:
    """The one reading that gives a published value given to another record; named at the cell."""
    at = reading_lost(book, table, row).at
    new = book.pick(row["table_name"], lambda r: book.id[id(r)] != row["record_id"])
    return Edit([((table, row, "record_id"), book.id[id(new)])], at)


def other_value(book: Book, table: str, row: Row) -> str:
    """Another value for a reading or a coding."""
    column = "reading" if table == "readings" else "coded_value"
    need(not row[column].startswith("("))
    f = field_of(row["table_name"], row["field_name"])
    return other(Cell(book, Place(table, column, f, [], tags_of(table, column, f)), row, row[column]))


def differs(book: Book, row: Row) -> bool:
    """Whether a coding differs from the published value, or from what was read in the evidence coded."""
    table, record, name = cell_of(row)
    if table == "evidence":
        read = [r for r in book.rows["readings"] if (r["evidence_id"], r["field_name"]) == (record, name)]
        return all(r["reading"] != row["coded_value"] for r in read)
    said = book.said(table, book.by_key[table, record], name)
    return row["coded_value"] != (f"({said or 'not_coded'})" if said in MISSING else said)


def coding_drifted(book: Book, table: str, row: Row) -> Edit:
    """A coding that comes to differ, with nobody to judge it."""
    need(("adjudications", "/".join(cell_of(row))) not in book.by_key)
    new = other_value(book, table, row)
    need(not differs(book, row) and differs(book, {**row, "coded_value": new}))
    return changed((table, row, "coded_value"), new)


def gap_drifted(book: Book, table: str, row: Row) -> Edit:
    """Another missing-value code than the blind coders gave; named at the codings."""
    cell, code = cell_of(row), row["coded_value"].strip("()")
    owner = book.by_key[cell[:2]]
    need(owner[cell[2]] == code in OTHER_GAP and ("adjudications", "/".join(cell)) not in book.by_key)
    same = [r for r in book.rows[table] if cell_of(r) == cell and r["coded_value"] == row["coded_value"]]
    return Edit([((cell[0], owner, cell[2]), OTHER_GAP[code])], [(table, r, "coded_value") for r in same])


def unjudged(book: Book, table: str, row: Row) -> Edit:
    """An adjudication lost; named at the codings that differ."""
    same = [r for r in book.rows["codings"] if cell_of(r) == cell_of(row)]
    return Edit(lost=[(table, row)], at=[("codings", r, "coded_value") for r in same if differs(book, r)])


def search_lost(book: Book, table: str, row: Row) -> Edit:
    """The one search lost behind a cell coded no_evidence_found; named at the cell."""
    cell = cell_of(row)
    owner = book.by_key[cell[:2]]
    need(owner[cell[2]] == "no_evidence_found" and sum(cell_of(r) == cell for r in book.rows[table]) == 1)
    return Edit(lost=[(table, row)], at=[(cell[0], owner, cell[2])])


def not_seen(book: Book, table: str, row: Row) -> Edit:
    """A source marked as not seen; named at the cells that rest on it alone."""
    mine = {r["evidence_id"] for r in book.rows["evidence"] if r["citekey"] == row["citekey"]}
    read = [r for r in book.rows["readings"] if r["evidence_id"] in mine and r["field_name"] != "record"]
    alone = [c for c in sorted(set(map(cell_of, read))) if {r["evidence_id"] for r in book.read[c]} <= mine]
    at = [(c[0], book.by_key[c[:2]], c[2]) for c in alone if book.by_key[c[:2]][c[2]] not in MISSING]
    return Edit([((table, row, "access"), "not_seen")], few(at), [("readings", r, "*") for r in read])


def undated(book: Book, table: str, row: Row) -> Edit:
    """The dates lost of all sources behind a stated rationale and of the words they report; named at the rationale."""
    read = [r for r in book.rows["readings"] if cell_of(r)[:2] == (table, row["rationale_id"])]
    reports = [book.by_key["evidence", key] for key in sorted({r["evidence_id"] for r in read})]
    sources = [book.by_key["sources", key] for key in sorted({r["citekey"] for r in reports})]
    dates_ = [("evidence", r, "date") for r in reports] + [("sources", r, "published") for r in sources]
    lost = [(t, r, name + end) for t, r, name in dates_ for end in ("", "_precision")]
    return Edit([(spot, "unknown") for spot in lost], [(table, row, "rationale_id")])


def orphaned(book: Book, table: str, row: Row) -> Edit:
    """The one evidence row of a source given to another source; named at the source left without."""
    need(sum(r["citekey"] == row["citekey"] for r in book.rows[table]) == 1)
    new, old = book.pick("sources", lambda s: s["citekey"] != row["citekey"]), book.by_key["sources", row["citekey"]]
    return Edit([((table, row, "citekey"), new["citekey"])], [("sources", old, "citekey")], [("sources", new, KEPT)])


def both_layers(book: Book, table: str, row: Row) -> Edit:
    """A statement of officials, or a piece of evidence behind one, given to an explanation too."""
    if table == "explanations":
        model = book.pick("rationales", lambda r: True)
        return changed((table, row, "statement"), model["statement"], ("rationales", model, "*"))
    need(row["table_name"] == "explanations")
    model = book.pick(table, lambda r: r["table_name"] == "rationales")
    return changed((table, row, "evidence_id"), model["evidence_id"], (table, model, "*"))


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


def ends_early(book: Book, table: str, row: Row) -> Edit:
    """An end before its start."""
    start = book.rng.choice([n for n in dates(row) if "start" in n and n.replace("start", "end") in dates(row)])
    return alike(book, table, row, start.replace("start", "end"), days_from(book, row[start], -1))


def decided_early(book: Book, table: str, row: Row) -> Edit:
    """A decision before its request."""
    asked = book.by_key["requests", row["request_id"]]
    need("date" in dates(row) and "date" in dates(asked))
    return alike(book, table, row, "date", days_from(book, asked["date"], -1), ("requests", asked, "*"))


def after_access(book: Book, table: str, row: Row) -> Edit:
    """A source published, or words reported, after the day on which the source was read."""
    name, source = {"sources": "published", "evidence": "date"}[table], book.by_key["sources", row["citekey"]]
    need(name in dates(row))
    return changed((table, row, name), days_from(book, source["accessed"], 1), ("sources", source, "accessed"))


def low_above(book: Book, table: str, row: Row) -> Edit:
    """A lowest figure above the best or the highest, or a best above the highest."""
    known = [n for n in row if n.endswith(("_low", "_best", "_high")) and row[n].isdecimal()]
    low, high = book.rng.choice([
        (f"{stem}_{a}", f"{stem}_{b}")
        for stem in sorted({n.rpartition("_")[0] for n in known})
        for a, b in (("low", "best"), ("low", "high"), ("best", "high"))
        if {f"{stem}_{a}", f"{stem}_{b}"} <= set(known)
    ])  # fmt: skip
    return alike(book, table, row, low, str(int(row[high]) + book.rng.randint(1, 99)))


def figure(column: str) -> bool:
    """Whether a column is one of the lowest, best and highest figure for a thing."""
    return column.endswith(("_low", "_best", "_high"))


def beyond(book: Book, table: str, row: Row) -> Edit:
    """A reading of a figure made higher than the highest, which is named."""
    need(figure(row["field_name"]) and row["field_name"].endswith("_best"))
    record, high = book.by_key[cell_of(row)[:2]], f"{row['field_name'].removesuffix('best')}high"
    need(record[high].isdecimal())
    spot = (row["table_name"], record, high)
    return Edit([((table, row, "reading"), str(int(record[high]) + book.rng.randint(1, 99)))], [spot], [(row["table_name"], record, "*")])  # fmt: skip


def merged_again(book: Book, table: str, row: Row) -> Edit:
    """An id that was merged into a row given to another row too."""
    need(row["merged_ids"] not in MISSING)
    other = book.pick(table, lambda r: r["merged_ids"] in MISSING)
    return changed((table, other, "merged_ids"), row["merged_ids"], (table, row, "merged_ids"))


def no_member(book: Book, table: str, row: Row) -> Edit:
    """A contribution marked as a non-member's though its state was a party, or the other way round."""
    need("start_date" in dates(row))
    spells = [("memberships", r, "*") for r in book.rows["memberships"] if book.id[id(r)][:3] == row["state"].lower()]
    return alike(book, table, row, "framework", "national" if row["framework"] == "non_member" else "non_member", *spells)  # fmt: skip


def outsider(book: Book, table: str, row: Row) -> Edit:
    """A position of a state that never was a party."""
    members = {r["state"] for r in shipped()["memberships"]}
    new, case = book.pick("states", lambda s: s["iso3c"] not in members), book.by_key["cases", row["case_id"]]
    also = [("states", new, KEPT), ("cases", case, "start_date"), ("cases", case, KEPT)]
    return changed((table, row, "state"), new["iso3c"], *also)


def primary(book: Book, table: str, row: Row) -> Edit:
    """A second primary request of a case, or none; named at the case."""
    also = [(table, r, "*") for r in book.rows[table] if r["case_id"] == row["case_id"]]
    case = ("cases", book.by_key["cases", row["case_id"]], "case_id")
    return Edit([((table, row, "is_primary"), FLIPPED[row["is_primary"]])], [case], also)


def final(book: Book, table: str, row: Row) -> Edit:
    """A second final decision on a request in one forum."""
    same = [r for r in book.rows[table] if all(r[n] == row[n] for n in ("request_id", "forum"))]
    need(row["is_final"] == "false" and any(r["is_final"] == "true" for r in same))
    return changed((table, row, "is_final"), "true", *((table, r, "*") for r in same))


def no_state(book: Book, table: str, row: Row) -> Edit:
    """An adversary that is no state, beside the name of one; named at the name."""
    need(row["adversary_state"] not in MISSING)
    codes = [v for v in TABLES[table].field("adversary_type").labels if v not in ("state", "member_state")]
    return Edit(book.alike(table, row, "adversary_type", book.rng.choice(codes)), [(table, row, "adversary_state")])


def belongs(book: Book, table: str, row: Row) -> Edit:
    """A reason whose ask or answer is taken away, or that says that it is about the case; named at the id."""
    name = "ask_id" if row["ask_id"] not in MISSING else "answer_id"
    need(row[name] not in MISSING)
    if book.rng.random() < 0.5:
        return Edit([((table, row, name), "not_applicable")], [(table, row, name)])
    return Edit([((table, row, "belongs_to"), "case")], [(table, row, name)])


def obliging(book: Book, table: str, row: Row) -> Edit:
    """A text that obliges though the facts do not meet it; named at what the text says."""
    need(row["trigger_facts"] != "met" and row["text_says"] not in ("obliges", "not_in_force"))
    return alike(book, table, row, "text_says", "obliges")


@functools.cache
def case_of(table: str, record: str) -> str:
    """The case a shipped row belongs to."""
    if table == "cases":
        return record
    row = next(r for r in shipped()[table] if r[TABLES[table].primary_key[0]] == record)
    link = next(
        n for n in ("case_id", "request_id", "decision_id", "ask_id") if n in row and n not in TABLES[table].primary_key
    )
    return case_of(link.replace("_id", "s"), row[link])


def other_case(name: str) -> Change:
    """A row given to another case, or to a request or decision of another case."""

    def make(book: Book, table: str, row: Row) -> Edit:
        need(row[name] not in MISSING)
        target, mine = name.replace("_id", "s"), case_of(table, book.id[id(row)])
        new = book.pick(target, lambda r: case_of(target, book.id[id(r)]) != mine)
        whole = target != "cases" or "is_primary" in row  # which a case has once
        also = [(target, new, "*" if whole else KEPT), ("cases", book.by_key["cases", case_of(target, book.id[id(new)])], KEPT)]  # fmt: skip
        also += [("requests", book.by_key["requests", new["request_id"]], "*")] if target == "decisions" else []
        return changed((table, row, name), book.id[id(new)], *also)

    return make


def other_state(book: Book, table: str, row: Row) -> Edit:
    """A row given to another state."""
    new = book.pick("states", lambda s: s["iso3c"] != row["state"])
    return changed((table, row, "state"), new["iso3c"], ("states", new, KEPT))


def excluded(book: Book, table: str, row: Row) -> Edit:
    """A case that its candidate no longer names; named at the case."""
    case = ("cases", book.by_key["cases", row["case_id"]], "case_id")
    return Edit([((table, row, "case_id"), "not_applicable")], [case])


def criterion(book: Book, table: str, row: Row) -> Edit:
    """A case that no longer meets an inclusion criterion; named at the candidate's case."""
    case = book.by_key["cases", row["case_id"]]
    need(case["core"] == "false")
    cells = book.alike(table, row, book.rng.choice(("was_party", "sought_help", "named_threat")), "false")
    return Edit(cells, [(table, row, "case_id")], [("cases", case, "core")])


def coarser(book: Book, table: str, row: Row) -> Edit:
    """A day called a month or a year; named at the date."""
    name = book.rng.choice(dates(row))
    new = book.rng.choice([p for p, rest in (("month", "-01"), ("year", "-01-01")) if not row[name].endswith(rest)])
    return Edit([((table, row, f"{name}_precision"), new)], [(table, row, name)])


def one_gap(book: Book, table: str, row: Row) -> Edit:
    """A date and its precision missing for different reasons, or one of them alone; named at the precision."""
    name = book.rng.choice([n for n in row if f"{n}_precision" in row])
    new, place = book.rng.choice(("", "unknown", "not_applicable", "withheld")), name + book.rng.choice(("", "_precision"))  # fmt: skip
    need(row[place] != new)
    return Edit([((table, row, place), new)], [(table, row, f"{name}_precision")])


def taken(book: Book, table: str, row: Row) -> Edit:
    """A value that must be unique copied from another row; named at both."""
    name = book.rng.choice([f.name for f in TABLES[table].fields if f.unique])
    need(row[name] not in MISSING)
    model = book.pick(table, lambda r: r is not row and r[name] not in MISSING)
    return Edit([((table, row, name), model[name])], [(table, r, name) for r in (row, model)])


# ---- What only the version before can show.


def coded(book: Book, row: Row) -> bool:
    """Whether a blind coder coded the evidence of a reading, so that the reading is held against the coding."""
    return any(r["table_name"] == "evidence" and r["record_id"] == row["evidence_id"] for r in book.rows["codings"])


def resourced(book: Book, table: str, row: Row) -> Edit:
    """Evidence given to another source that was read, its own keeping other evidence."""
    need(sum(r["citekey"] == row["citekey"] for r in book.rows[table]) > 1 and day(row["date"]))
    new = book.pick("sources", lambda s: s["access"] != "not_seen" and s["citekey"] != row["citekey"])
    return changed((table, row, "citekey"), new["citekey"], ("sources", new, "*"))


def conflicting_drifted(book: Book, table: str, row: Row) -> Edit:
    """A reading that differs from the published value made to differ otherwise."""
    need(row["field_name"] != "record" and not coded(book, row) and not figure(row["field_name"]))
    said = book.said(row["table_name"], book.by_key[cell_of(row)[:2]], row["field_name"])
    new = other_value(book, table, row)
    need(said not in MISSING and said not in (new[: len(said)], row["reading"][: len(said)]))
    return changed((table, row, "reading"), new)


def repeat_lost(book: Book, table: str, row: Row) -> Edit:
    """One of several readings that say the same lost."""
    need(sum(r["reading"] == row["reading"] for r in book.read[cell_of(row)]) > 2 and not coded(book, row))
    return Edit(lost=[(table, row)], at=[(table, row, "reading")])


def plain_lost(book: Book, table: str, row: Row) -> Edit:
    """A row lost to which nothing refers."""
    return Edit(lost=[(table, row)], at=[(table, row, TABLES[table].primary_key[0])])


def all_lost(book: Book, table: str, row: Row) -> Edit:
    """A record lost and its readings with it."""
    near = [(t, r) for t, r, _ in book.referring[table, book.id[id(row)]]]
    need(all(t == "readings" and not coded(book, r) for t, r in near) and row.get("candidate_id") != row["case_id"])
    return Edit(lost=[(table, row), *near], at=[(table, row, TABLES[table].primary_key[0])])


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


def file(change: Callable[[Path], object], *names: str) -> Planter:
    """A file itself changed; these must be named, {} being its table."""

    def plant(home: Path, table: str, _: random.Random) -> list[tuple[str, int]]:
        change(csv_path(home, table))
        return [(f"cases/{name.format(table)}", 0) for name in names or ("{}.csv",)]

    return plant


def schema(change: Callable[[str, random.Random], str] | None, copy: bool = False) -> Planter:
    """A file of the schema changed, lost (no change), or copied."""

    def plant(home: Path, _: str, rng: random.Random) -> list[tuple[str, int]] | None:
        path = rng.choice(sorted((home / "schema").iterdir()))
        place = path.with_stem(f"{path.stem} (1)") if copy else path
        if change is None:
            path.unlink()
        else:
            try:
                place.write_text(change(path.read_text("utf-8"), rng), encoding="utf-8", errors="surrogateescape")
            except LookupError:
                return None
        return [(f"schema/{place.name}", 0)]

    return plant


def field_twice(text_: str, rng: random.Random) -> str:
    """A field of a schema written a second time."""
    raw = json.loads(text_)
    return json.dumps({**raw, "fields": [*raw["fields"], rng.choice(raw["fields"])]})
