"""What becomes of one cell that a hand, a spreadsheet, a merge or a program spoils; nothing where it cannot become so."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date

from planting import MISSING, TABLES, Book, Cell, Edit, Row, cell_of, shipped

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
