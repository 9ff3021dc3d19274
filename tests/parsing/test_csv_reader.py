"""Parsing: what is typed goes back to the bytes it came from, and every row knows its line."""

from __future__ import annotations

import csv
import io
import random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from things import DATASET, ROW, THINGS, as_csv, whole

from cstocases.parsing import csv_reader, parsed_table
from cstocases.schema.model import Field, Table

keys = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
tables = st.lists(st.builds(whole, keys, ROW), max_size=8, unique_by=lambda row: row[0])


def text_of(body: list[list[str]]) -> str:
    """Rows of the table as CSV text, header first."""
    return as_csv(THINGS.names, body)


def parse(body: list[list[str]]) -> parsed_table.Parsed:
    """Rows of the table, parsed from a file."""
    return parsed_table.parse(DATASET, THINGS, text_of(body).encode())


def row(key: str, remark: str = "x", weight: str = "1") -> list[str]:
    """A row of the table."""
    return [key, remark, "red", "1", weight, "true", "2022-01-05", "day"]


def is_written_as_it_was(body: list[list[str]]) -> None:
    """What was parsed is written with the bytes it was parsed from."""
    parsed = parse(body)
    assert text_of(body) == csv_reader.to_csv(parsed_table.cells(THINGS, parsed.frame, parsed.missing_codes))


@given(body=tables)
def test_cells_have_types_or_codes_and_go_back_to_their_bytes(body: list[list[str]]) -> None:
    """Each column has the dtype of its field, each cell a value or a missing-value code, and written again the file is the same."""
    parsed = parse(body)
    dtypes = ["string"] * 3 + ["Int64", "Float64", "boolean", "datetime64[s]", "string"]
    missing = [[cell in DATASET.missing for cell in row] for row in body]
    codes = [[{"": "not_coded"}.get(cell, cell) if cell in DATASET.missing else "" for cell in row] for row in body]

    assert ([], dtypes) == (parsed.problems, [str(dtype) for dtype in parsed.frame.dtypes])
    assert codes == parsed.missing_codes.fillna("").to_numpy().tolist()
    assert missing == parsed.frame.isna().to_numpy().tolist()
    is_written_as_it_was(body)


@given(body=tables, seed=st.integers(0, 999))
def test_canonical_form_is_one(body: list[list[str]], seed: int) -> None:
    """Whatever the order of rows, quotes and line ends, canonical form is plain and in the order of keys; it is its own."""
    buffer = io.StringIO(newline="")
    quoted = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    quoted.writerows([THINGS.names, *random.Random(seed).sample(body, len(body))])  # noqa: S311
    for text in (buffer.getvalue(), text_of(sorted(body))):
        assert text_of(sorted(body)) == csv_reader.canonical(THINGS, text.encode())


@given(remarks=st.lists(st.text('ab,"\n', max_size=8).filter(lambda text: text not in DATASET.missing), max_size=6))
def test_rows_know_their_lines(remarks: list[str]) -> None:
    """A row's number is the line of the file it starts on, whatever line breaks the cells above it hold."""
    body = [row(f"t{n}", remark) for n, remark in enumerate(remarks)]
    text = text_of(body)
    lines = [text.count("\n", 0, text.index(f"\nt{n},")) + 2 for n in range(len(body))]
    assert lines == list(parse(body).frame.index)
    assert remarks == csv_reader.read(text.encode(), THINGS)[0]["remark"].to_pylist()


@pytest.mark.parametrize("weight", ["0.00001", "10000000000000000", "0.1234567890123456"])
def test_numbers_are_written_as_they_are_read(weight: str) -> None:
    """A number very small, very large or very exact is written without an exponent and without loss."""
    is_written_as_it_was([row("a", weight=weight)])


def test_what_cannot_be_read_has_no_canonical_form() -> None:
    """A file with a ragged row is not formatted: a row would be lost."""
    with pytest.raises(
        csv_reader.DataError, match=r"things\.csv:2: 2 cells where the header has 8; a comma too many or"
    ):
        csv_reader.canonical(THINGS, text_of([["a", "b"]]).encode())


@given(body=st.text('ab,"\n\0\u00e9 ', max_size=40))
def test_judged_files_are_read_as_they_were_judged(body: str) -> None:
    """What the strict reader finds nothing wrong with, the quick reader of judged files reads the same."""
    raw = f"a,b\n{body}".encode()
    table = Table("things", "Things", "Two texts.", tuple(Field(n, "string", n, n) for n in "ab"), ("a",))
    columns, _, problems, _ = csv_reader.read(raw, table)
    if not problems:
        judged = csv_reader.read_judged(raw, table.names)
        assert [c.to_pylist() for c in columns.values()] == [c.to_pylist() for c in judged.values()]


@pytest.mark.parametrize(
    "character", ["\u034f", "\u115f", "\u180b", "\u2800", "\u3164", "\ufe0f", "\uffa0", "\U000e0100"]
)
def test_letters_that_show_nothing_are_invisible_too(character: str) -> None:
    """A filler, a joiner or a variation selector is named, though its category is that of a letter, a mark or a sign."""
    (problem,) = parse([row("a", f"x{character}y")]).problems
    assert problem.message.endswith(f"holds the invisible character U+{ord(character):04X}; retype it")


# Not a carriage return: before Python 3.13 the csv module leaves it bare.
@given(body=st.lists(st.tuples(st.text('ab,"\n ', max_size=4), st.text('ab,"\n ', max_size=4)), max_size=5))
@pytest.mark.parametrize("columns", [["a", "b"], ["a"]])
def test_written_columns_are_what_the_csv_module_writes(columns: list[str], body: list[tuple[str, str]]) -> None:
    """Quotes, commas and line breaks, in one column or two, are written as the csv module writes them with least quoting."""
    rows = [list(row[: len(columns)]) for row in body]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows([columns, *rows])
    assert buffer.getvalue() == csv_reader.to_csv(pd.DataFrame(rows, columns=columns, dtype="string"))
