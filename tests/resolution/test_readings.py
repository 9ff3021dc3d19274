"""Cells and their readings, on a table of one evidenced number and one evidenced date."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cstocases.parsing import parsed_table
from cstocases.parsing.parsed_table import Parsed
from cstocases.resolution.readings import CELL, agree, published, readings, statuses, to_precision
from cstocases.schema.model import Field, Package, Table

THINGS = Table(
    name="things",
    title="Things",
    description="One evidenced number and one evidenced date.",
    fields=(
        Field("thing_id", "string", "Thing", "Its key."),
        Field("size", "integer", "Size", "A number.", evidenced=True),
        Field("found", "date", "Found", "A date.", evidenced=True),
        Field("found_precision", "string", "Precision", "How exactly."),
    ),
    primary_key=("thing_id",),
)
DATASET = Package(Path(), {"version": "0"}, {"": "not yet coded", "disputed": "sources differ"}, {"things": THINGS})

# Two agencies; two papers that relay the first of them; a ministry.
SOURCES = [
    ("tass", "TASS", None),
    ("reuters", "Reuters", None),
    ("paper", "A paper", "TASS"),
    ("journal", "A journal", "TASS"),
    ("ministry", "Ministry", None),
]


def strings(rows: list[tuple[str | None, ...]], columns: list[str]) -> pd.DataFrame:
    """A frame of strings."""
    return pd.DataFrame(rows, columns=columns, dtype="string")


def frames(*said: tuple[str, str, str], size: int | None = 5, found: str = "2022-01-05", how: str = "day"):
    """Frames of one thing and of readings given as field, citekey, reading; each reading has its own evidence."""
    places = range(1, len(said) + 1)
    things = pd.DataFrame(
        {
            "thing_id": pd.array(["a"], dtype="string"),
            "size": pd.array([size], dtype="Int64"),
            "found": pd.Series(pd.to_datetime([found])).astype("datetime64[s]"),
            "found_precision": pd.array([how], dtype="string"),
        }
    )
    evidence = [
        (f"e{n}", "Somebody", "Said so.", "p. 1", citekey) for n, (_, citekey, _) in zip(places, said, strict=True)
    ]
    read = [("things", "a", field, f"e{n}", value) for n, (field, _, value) in zip(places, said, strict=True)]
    sources = [(key, "A title", publisher, origin, "news", "full", None) for key, publisher, origin in SOURCES]
    out = {
        "things": things,
        "evidence": strings(evidence, ["evidence_id", "actor", "statement", "locator", "citekey"]),
        "readings": strings(read, [*CELL, "evidence_id", "reading"]),
        "sources": strings(sources, ["citekey", "title", "publisher", "origin", "source_kind", "access", "url"]),
    }
    out["sources"]["published"] = pd.Series(pd.NaT, index=out["sources"].index, dtype="datetime64[s]")
    return out


def kinds(**missing: str) -> dict[str, pd.DataFrame]:
    """Kinds of missing of the one thing, by column."""
    return {"things": strings([tuple(missing.get(name) for name in THINGS.names)], THINGS.names)}


def parsed(given: dict[str, pd.DataFrame], codes: dict[str, pd.DataFrame]) -> dict[str, Parsed]:
    """The things as if parsed from a file with these values and missing-value codes."""
    texts = parsed_table.cells(THINGS, given["things"], codes["things"])
    return {"things": parsed_table.unread(DATASET, THINGS).with_texts(texts)}


def status(
    field: str, *said: tuple[str, str], size: int | None = 5, how: str = "day"
) -> tuple[int, int, int, int, str]:
    """Evidence, sources, publishers, rivals and status of one cell with these readings, given as citekey, reading."""
    found = kinds() if size is not None else kinds(size="disputed")
    given = frames(*((field, *r) for r in said), size=size, how=how)
    cells = published(DATASET, parsed(given, found))
    out = statuses(cells, readings(DATASET, given, cells))
    (row,) = out[out["field_name"] == field].itertuples()
    return int(row.n_evidence), int(row.n_sources), int(row.n_publishers), int(row.n_rivals), row.status


@pytest.mark.parametrize(
    ("expected", "value", "reading", "is_date"),
    [
        (True, "5", "5", False),
        (False, "5", "50", False),
        (False, None, "5", False),
        (False, "2022-01", "2022", False),
        (True, "2022-01-05", "2022-01-05", True),
        (True, "2022-01-05", "2022-01", True),
        (True, "2022-01-05", "2022", True),
        (True, "2022-01", "2022-01-05", True),
        (False, "2022-01-05", "2022-01-06", True),
        (False, "2022-01-05", "2022-0", True),
        (False, None, "2022", True),
    ],
)
def test_a_reading_agrees(expected: bool, value: str | None, reading: str, is_date: bool) -> None:
    """A reading agrees with the same value, or with a date that says the same more or less exactly."""
    value_, reading_ = (pd.Series([text], dtype="string") for text in (value, reading))
    assert [expected] == agree(value_, reading_, pd.Series([is_date])).tolist()


def test_dates_are_cut_to_what_is_known() -> None:
    """A date is shown to its day, month or year; one without a precision, or missing, is left as it is."""
    dates = pd.Series(["2022-03-05", "2022-03-01", "2022-01-01", None, "2022-03-05"], dtype="string")
    precision = pd.Series(["day", "month", "year", None, None], dtype="string")
    assert [None if pd.isna(date) else date for date in to_precision(dates, precision)] == [
        "2022-03-05",
        "2022-03",
        "2022",
        None,
        "2022-03-05",
    ]


def test_published_is_every_evidenced_cell() -> None:
    """Each evidenced cell is there once, with its value as written or its kind of missing; other columns are not."""
    out = published(DATASET, parsed(frames(size=None, found="2022-01-01", how="month"), kinds(size="disputed")))
    assert [tuple(None if pd.isna(v) else v for v in row) for row in out.itertuples(index=False)] == [
        ("things", "a", "size", 0, None, "disputed"),
        ("things", "a", "found", 0, "2022-01", None),
    ]


def test_readings_stand_beside_their_cell_and_source() -> None:
    """A reading knows the value it speaks to, whether it supports it, and whose voice it is."""
    given = frames(("size", "paper", "5"), ("size", "reuters", "6"), ("record", "ministry", "unclear"))
    out = readings(DATASET, given, published(DATASET, parsed(given, kinds())))[
        ["reading", "value", "agreement", "independent_source"]
    ]
    assert [tuple(None if pd.isna(v) else v for v in row) for row in out.itertuples(index=False)] == [
        ("5", "5", "supports", "TASS"),
        ("6", "5", "rival", "Reuters"),
        ("unclear", None, "unclear", "Ministry"),
    ]


STATUSES: dict[str, tuple[tuple[int, int, int, int, str], str, list[tuple[str, str]]]] = {
    "nobody speaks to it": ((0, 0, 0, 0, "no_reading"), "size", []),
    "one source": ((1, 1, 1, 0, "single_source"), "size", [("tass", "5")]),
    "one source says it twice": ((2, 1, 1, 0, "single_source"), "size", [("tass", "5"), ("tass", "5")]),
    "two publishers": ((2, 2, 2, 0, "corroborated"), "size", [("tass", "5"), ("reuters", "5")]),
    "an agency and who relays it": ((3, 3, 1, 0, "single_source"), "size", [("tass", "5"), ("paper", "5"), ("journal", "5")]),
    "a third gives another value": ((3, 3, 2, 1, "contested"), "size", [("tass", "5"), ("reuters", "5"), ("ministry", "6")]),
    "two conflicting values": ((4, 4, 1, 2, "contested"), "size", [("tass", "5"), ("reuters", "6"), ("ministry", "6"), ("paper", "7")]),
    "a less exact date": ((2, 2, 2, 0, "corroborated"), "found", [("tass", "2022-01-05"), ("reuters", "2022-01")]),
    "another day": ((2, 2, 1, 1, "contested"), "found", [("tass", "2022-01-05"), ("reuters", "2022-01-06")]),
    "the row as a whole": ((2, 2, 2, 0, "corroborated"), "record", [("tass", "yes"), ("reuters", "yes")]),
    "the row as a whole denied": ((2, 2, 1, 1, "contested"), "record", [("tass", "yes"), ("reuters", "no")]),
    "the row as a whole left open": ((2, 2, 1, 1, "contested"), "record", [("tass", "yes"), ("reuters", "unclear")]),
}  # fmt: skip


@pytest.mark.parametrize(("expected", "field", "said"), list(STATUSES.values()), ids=list(STATUSES))
def test_status(expected: tuple[int, int, int, int, str], field: str, said: list[tuple[str, str]]) -> None:
    """Evidence, sources and publishers are each counted once, conflicting values once a value, and make the status."""
    assert expected == status(field, *said)


@pytest.mark.parametrize(
    ("expected", "more"),
    [
        ((3, 3, 3, 0, "corroborated"), ("2022-01", "2022-01-05")),
        ((3, 3, 1, 2, "contested"), ("2022-01", "2022-02-05")),
        ((3, 3, 1, 2, "contested"), ("2022-01-05", "2022-01-06")),
        ((4, 4, 2, 2, "contested"), ("2022-01", "2022-01-05", "2022-01-06")),
    ],
)
def test_more_exact_dates_that_differ_are_rivals(
    expected: tuple[int, int, int, int, str], more: tuple[str, ...]
) -> None:
    """Sources that agree on the year published, and contradict each other on the day, contest it; one that knows the month alone does not."""
    said = zip(("reuters", "ministry", "paper"), more, strict=False)
    assert status("found", ("tass", "2022"), *said, how="year") == expected


def test_a_disputed_cell_is_contested_by_its_readings() -> None:
    """A cell left open because sources differ has no supporter, its values as rivals, and is contested."""
    assert status("size", ("tass", "5"), ("reuters", "6"), size=None) == (2, 2, 0, 2, "contested")
