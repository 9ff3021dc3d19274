"""What happens to rows, columns, readings, sources and codings. `at` is what must be named; `also` are rows that must stay as they are for that."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from planting import KEPT, MISSING, TABLES, Book, Cell, Edit, Place, Row, Spot, cell_of, field_of, tags_of
from spoil_cells import FLIPPED, MANY, OTHER_GAP, Change, day, need, other


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
    said = "unknown" if said in ("no_evidence_found", "withheld") else said  # a blind coder cannot tell them apart
    return said != "" and row["coded_value"] != (f"({said})" if said in MISSING else said)


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
