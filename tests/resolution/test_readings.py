"""Cells and their readings, on a table of one evidenced number and one evidenced date."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from things import Reading, Source, world

from cstocases.resolution.data import Data
from cstocases.resolution.readings import agree, to_precision

# Two agencies; two papers that relay the first of them; a ministry.
VOICES = {"TASS": "not_applicable", "Reuters": "not_applicable", "A paper": "TASS", "A journal": "TASS", "Ministry": "not_applicable"}  # fmt: skip


def thing(*said: tuple[str, str, str], colour: str = "red", found: str = "2022-01-05", how: str = "day") -> Data:
    """One thing and its readings, given as field, publisher and reading; each has its own evidence."""
    sources = [Source(publisher, "news", "2022-02-01", origin) for publisher, origin in VOICES.items()]
    times: Counter[str] = Counter()
    read = []
    for field, publisher, value in said:
        read.append(Reading("a", field, list(VOICES).index(publisher), times[publisher], value))
        times[publisher] += 1
    return world([["a", "x", colour, "1", "1", "true", found, how]], sources, read)


def rows(frame: pd.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    """Some columns of a frame, None where a cell is NA."""
    part = frame[list(columns)].astype(object)
    return list(part.where(part.notna(), None).itertuples(index=False, name=None))


def status(field: str, *said: tuple[str, str], **cells: str) -> tuple[object, ...]:
    """Evidence, sources, publishers, rivals and status of one cell with these readings, given as publisher, reading."""
    found = thing(*((field, *r) for r in said), **cells).statuses
    (row,) = rows(found[found["field_name"] == field], "n_evidence", "n_sources", "n_publishers", "n_rivals", "status")
    return row


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
    found = thing(colour="disputed", found="2022-01-01", how="month").published
    assert [("things", "a", "colour", 2, None, "disputed"), ("things", "a", "found", 2, "2022-01", None)] == rows(
        found, *found.columns
    )


def test_readings_stand_beside_their_cell_and_source() -> None:
    """A reading knows the value it speaks to, whether it supports it, and whose voice it is."""
    found = thing(("colour", "A paper", "red"), ("colour", "Reuters", "blue"), ("record", "Ministry", "unclear"))
    assert [
        ("red", "red", "supports", "TASS"),
        ("blue", "red", "rival", "Reuters"),
        ("unclear", None, "unclear", "Ministry"),
    ] == rows(found.readings, "reading", "value", "agreement", "independent_source")


STATUSES: dict[str, tuple[tuple[int, int, int, int, str], str, list[tuple[str, str]]]] = {
    "nobody speaks to it": ((0, 0, 0, 0, "no_reading"), "colour", []),
    "one source": ((1, 1, 1, 0, "single_source"), "colour", [("TASS", "red")]),
    "one source says it twice": ((2, 1, 1, 0, "single_source"), "colour", [("TASS", "red"), ("TASS", "red")]),
    "two publishers": ((2, 2, 2, 0, "corroborated"), "colour", [("TASS", "red"), ("Reuters", "red")]),
    "an agency and who relays it": ((3, 3, 1, 0, "single_source"), "colour", [("TASS", "red"), ("A paper", "red"), ("A journal", "red")]),
    "a third gives another value": ((3, 3, 2, 1, "contested"), "colour", [("TASS", "red"), ("Reuters", "red"), ("Ministry", "blue")]),
    "two conflicting values": ((4, 4, 1, 2, "contested"), "colour", [("TASS", "red"), ("Reuters", "blue"), ("Ministry", "blue"), ("A paper", "green")]),
    "a less exact date": ((2, 2, 2, 0, "corroborated"), "found", [("TASS", "2022-01-05"), ("Reuters", "2022-01")]),
    "another day": ((2, 2, 1, 1, "contested"), "found", [("TASS", "2022-01-05"), ("Reuters", "2022-01-06")]),
    "the row as a whole": ((2, 2, 2, 0, "corroborated"), "record", [("TASS", "yes"), ("Reuters", "yes")]),
    "the row as a whole denied": ((2, 2, 1, 1, "contested"), "record", [("TASS", "yes"), ("Reuters", "no")]),
    "the row as a whole left open": ((2, 2, 1, 1, "contested"), "record", [("TASS", "yes"), ("Reuters", "unclear")]),
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
    said = zip(("Reuters", "Ministry", "A paper"), more, strict=False)
    assert status("found", ("TASS", "2022"), *said, found="2022-01-01", how="year") == expected


def test_a_disputed_cell_is_contested_by_its_readings() -> None:
    """A cell left open because sources differ has no supporter, its values as rivals, and is contested."""
    assert status("colour", ("TASS", "red"), ("Reuters", "blue"), colour="disputed") == (2, 2, 0, 2, "contested")
