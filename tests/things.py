"""A table with a column of each type, any rows for it, and readings of it by sources: what tests of any data are told on."""

from __future__ import annotations

import csv
import datetime
import io
import random
import re
import unicodedata
from typing import NamedTuple

from hypothesis import strategies as st

import cstocases
from cstocases.parsing import cell_values, parsed_table, text_faults
from cstocases.resolution.data import Data
from cstocases.schema.model import Category, Field, Package, Table

DATASET = cstocases.package()
COLOURS = tuple(Category(code, n, code.title()) for n, code in ((3, "blue"), (1, "green"), (2, "red")))
THINGS = Table(
    name="things",
    title="Things",
    description="One column of each type.",
    fields=(
        Field("thing_id", "string", "Thing", "Its key.", required=True),
        Field("remark", "string", "Remark", "A text."),
        Field("colour", "string", "Colour", "A code.", categories=COLOURS, evidenced=True),
        Field("size", "integer", "Size", "An integer."),
        Field("weight", "number", "Weight", "A number."),
        Field("heavy", "boolean", "Heavy", "A boolean."),
        Field("found", "date", "Found", "A day.", evidenced=True),
        Field("found_precision", "string", "Precision of: found", "How exact.", categories=DATASET.table("requests").field("date_precision").categories),
    ),
    primary_key=("thing_id",),
)  # fmt: skip
CASES = Table("cases", "Cases", "None.", (Field("case_id", "string", "Case", "Its key.", required=True),), ("case_id",))
# Letters, marks, figures, signs and the plain space: no control or format character, no surrogate, no other space.
characters = st.characters(
    exclude_categories=["Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Zs"], include_characters=' ,"'
)
# Some letters and marks show nothing, or stand for a letter lost; a text may not hold them either.
unseen = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\ufffd") | {chr(c) for c in range(0xFE00, 0xFE10)}
texts = (
    st.text(characters, max_size=20)
    .map(lambda text: unicodedata.normalize("NFC", "".join(c for c in text if c not in unseen)).strip())
    .filter(
        lambda text: text not in DATASET.missing and not text.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||"))
    )
    .filter(lambda text: not any(0xE0000 <= ord(c) < 0xE1000 or 0x180B <= ord(c) < 0x1810 for c in text))
    .filter(
        lambda text: (
            not any(trace.search(text) for trace, _ in text_faults.TRACES) and text_faults.misread(text) is None
        )
    )
    .filter(lambda text: re.search(text_faults.QUESTION, text) is None)
) | st.sampled_from(["=1+1", "-1", "051", "1e5", "TRUE", "_x0041_", "'", '"', "x\\", "a;b", "NA", "nan"])
gaps = st.sampled_from(list(DATASET.missing))
ROW = st.tuples(
    texts | gaps,
    st.sampled_from([c.value for c in COLOURS]) | gaps,
    st.integers(-cell_values.MAX_INT, cell_values.MAX_INT).map(str) | gaps,
    st.decimals(-(10**6), 10**6, places=4).map(lambda d: f"{d.normalize():f}").filter(lambda t: t != "-0") | gaps,
    st.sampled_from(["true", "false"]) | gaps,
    st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31)).map(datetime.date.isoformat) | gaps,
)
BODY = st.lists(ROW, min_size=1, max_size=8)


def as_csv(header: list[str], rows: list[list[str]]) -> str:
    """Rows as CSV text."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows([header, *rows])
    return buffer.getvalue()


def whole(key: str, row: tuple[str, ...]) -> list[str]:
    """A row of the table: its key, a drawn row, and how exact the date is."""
    return [key, *row, row[-1] if row[-1] in DATASET.missing else "day"]


def parsed(tables: dict[str, tuple[Table, list[list[str]]]]) -> Data:
    """Rows of tables, parsed; they hold no fault of their own."""
    named = {name: table for name, (table, _) in tables.items()}
    package = Package(DATASET.home, DATASET.metadata, DATASET.missing, named)
    found = {
        name: parsed_table.parse(package, table, as_csv(table.names, rows).encode())
        for name, (table, rows) in tables.items()
    }
    assert [] == [str(problem) for table in found.values() for problem in table.problems]
    return Data(package, found)


class Source(NamedTuple):
    """A source: who speaks, of what kind, and when."""

    publisher: str
    kind: str
    day: str
    origin: str = "not_applicable"  # whose report it relays


class Reading(NamedTuple):
    """What the nth evidence row of a source says of a cell."""

    thing: str
    field: str
    source: int
    n: int
    value: str
    basis: str = "stated"


def fill(table: Table, **given: str) -> list[str]:
    """A row of a shipped table, not_applicable where no cell is given."""
    return [given.get(name, "not_applicable") for name in table.names]


def world(rows: list[list[str]], sources: list[Source], read: list[Reading], rng: random.Random | None = None) -> Data:  # fmt: skip
    """The tables of things, sources, evidence and readings; in any order if a generator is given."""
    named = {name: DATASET.table(name) for name in ("sources", "evidence", "readings")}
    body = {
        "sources": [
            fill(named["sources"], citekey=f"s{i}", type="webpage", title=f"S{i}", publisher=s.publisher, source_kind=s.kind, origin=s.origin, published=s.day, published_precision="day", language="en", access="full", accessed="2026-01-01")
            for i, s in enumerate(sources)
        ],
        "evidence": [
            fill(named["evidence"], evidence_id=f"e{i}-{n}", topic="context", actor="A", statement=f"E{i}-{n}", citekey=f"s{i}", locator="p. 1")
            for i in range(len(sources)) for n in range(2)
        ],
        "readings": [["things", r.thing, r.field, f"e{r.source}-{r.n}", r.value, r.basis] for r in read],
    }  # fmt: skip
    if rng:
        for part in body.values():
            rng.shuffle(part)
        rows = rng.sample(rows, len(rows))
    return parsed({"things": (THINGS, rows), **{name: (table, body[name]) for name, table in named.items()}})
