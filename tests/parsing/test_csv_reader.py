"""Parsing: what is typed goes back to the bytes it came from, and every row knows its line."""

from __future__ import annotations

import csv
import datetime
import io
import random
import re
import unicodedata

import helpers
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cstocases.parsing import cell_values, csv_reader, parsed_table, text_faults
from cstocases.schema.model import Field, Package, Table

MISSING = {"": "not yet coded", "unknown": "nobody says", "not_applicable": "cannot be"}
THINGS = Table(
    name="things",
    title="Things",
    description="One column of each type.",
    fields=(
        Field("thing_id", "string", "Thing", "Its key."),
        Field("remark", "string", "Remark", "A text."),
        Field("size", "integer", "Size", "An integer."),
        Field("weight", "number", "Weight", "A number."),
        Field("heavy", "boolean", "Heavy", "A boolean."),
        Field("found", "date", "Found", "A day."),
    ),
    primary_key=("thing_id",),
)

# Letters, marks, figures, signs and the plain space: no control or format character, no surrogate, no other space.
characters = st.characters(
    exclude_categories=["Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp", "Zs"], include_characters=' ,"'
)
# Some letters and marks show nothing, or stand for a letter lost; a text may not hold them either.
unseen = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\ufffd") | {chr(c) for c in range(0xFE00, 0xFE10)}
texts = (
    st.text(characters, max_size=20)
    .map(lambda text: unicodedata.normalize("NFC", "".join(c for c in text if c not in unseen)).strip())
    .filter(lambda text: text not in MISSING and not text.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")))
    .filter(lambda text: not any(0xE0000 <= ord(c) < 0xE1000 or 0x180B <= ord(c) < 0x1810 for c in text))
    .filter(
        lambda text: (
            not any(trace.search(text) for trace, _ in text_faults.TRACES) and text_faults.misread(text) is None
        )
    )
    .filter(lambda text: re.search(text_faults.QUESTION, text) is None)
)
missing = st.sampled_from(list(MISSING))
integers = st.integers(-cell_values.MAX_INT, cell_values.MAX_INT).map(str)
numbers = st.decimals(-(10**6), 10**6, places=4).map(lambda d: f"{d.normalize():f}").filter(lambda text: text != "-0")
booleans = st.sampled_from(["true", "false"])
dates = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31)).map(datetime.date.isoformat)
keys = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
rows = st.tuples(keys, texts | missing, integers | missing, numbers | missing, booleans | missing, dates | missing).map(
    list
)
tables = st.lists(rows, max_size=8, unique_by=lambda row: row[0])


def as_csv(body: list[list[str]]) -> str:
    """Rows of `things` as CSV text, header first."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows([THINGS.names, *body])
    return buffer.getvalue()


@pytest.fixture(scope="module")
def things(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """A dataset of the one table `things`, its file not yet written."""
    home = tmp_path_factory.mktemp("things")
    (home / "cases").mkdir()
    return Package(home, {"version": "0"}, MISSING, {"things": THINGS})


def write(things: Package, text: str) -> None:
    """Write the file of `things`."""
    (things.home / "cases" / "things.csv").write_bytes(text.encode())


@given(body=tables)
def test_cells_have_types_or_codes_and_go_back_to_their_bytes(things: Package, body: list[list[str]]) -> None:
    """Each column has the dtype of its field, each cell a value or a missing-value code, and written again the file is the same."""
    write(things, as_csv(body))
    parsed = helpers.parse_file(things, THINGS)
    dtypes = ["string", "string", "Int64", "Float64", "boolean", "datetime64[s]"]
    codes = [[{"": "not_coded"}.get(cell, cell) if cell in MISSING else "" for cell in row] for row in body]

    assert ([], dtypes) == (parsed.problems, [str(dtype) for dtype in parsed.frame.dtypes])
    assert codes == parsed.missing_codes.fillna("").to_numpy().tolist()
    assert [[cell in MISSING for cell in row] for row in body] == parsed.frame.isna().to_numpy().tolist()
    assert as_csv(body) == csv_reader.to_csv(parsed_table.cells(THINGS, parsed.frame, parsed.missing_codes))


@given(body=tables, seed=st.integers(0, 999))
def test_canonical_form_is_one(things: Package, body: list[list[str]], seed: int) -> None:
    """Whatever the order of rows, quotes and line ends, canonical form is plain and in the order of keys; it is its own."""
    buffer = io.StringIO(newline="")
    quoted = csv.writer(buffer, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    quoted.writerows([THINGS.names, *random.Random(seed).sample(body, len(body))])  # noqa: S311
    for text in (buffer.getvalue(), as_csv(sorted(body))):
        write(things, text)
        assert as_csv(sorted(body)) == helpers.canonical_file(things, THINGS)


@given(remarks=st.lists(st.text('ab,"\n', max_size=8).filter(lambda text: text not in MISSING), max_size=6))
def test_rows_know_their_lines(things: Package, remarks: list[str]) -> None:
    """A row's number is the line of the file it starts on, whatever line breaks the cells above it hold."""
    body = [[f"t{n}", remark, "1", "1", "true", "2022-01-05"] for n, remark in enumerate(remarks)]
    text = as_csv(body)
    write(things, text)
    found = helpers.parse_file(things, THINGS)
    assert list(found.frame.index) == [text.count("\n", 0, text.index(f"\nt{n},")) + 2 for n in range(len(body))]
    assert remarks == csv_reader.read((things.home / THINGS.path).read_bytes(), THINGS)[0]["remark"].to_pylist()


@pytest.mark.parametrize("weight", ["0.00001", "10000000000000000", "0.1234567890123456"])
def test_numbers_are_written_as_they_are_read(things: Package, weight: str) -> None:
    """A number very small, very large or very exact is written without an exponent and without loss."""
    body = [["a", "b", "1", weight, "true", "2022-01-05"]]
    write(things, as_csv(body))
    parsed = helpers.parse_file(things, THINGS)
    assert as_csv(body) == csv_reader.to_csv(parsed_table.cells(THINGS, parsed.frame, parsed.missing_codes))


def test_what_cannot_be_read_has_no_canonical_form(things: Package) -> None:
    """A file with a ragged row is not formatted: a row would be lost."""
    write(things, as_csv([["a", "b"]]))
    with pytest.raises(csv_reader.DataError) as caught:
        helpers.canonical_file(things, THINGS)
    assert [str(problem) for problem in caught.value.problems] == [
        "cases/things.csv:2: 2 cells where the header has 6; a comma too many or too few, or an open quote [row]"
    ]


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
def test_letters_that_show_nothing_are_invisible_too(things: Package, character: str) -> None:
    """A filler, a joiner or a variation selector is named, though its category is that of a letter, a mark or a sign."""
    write(things, as_csv([["a", f"x{character}y", "1", "1", "true", "2022-01-05"]]))
    assert [f"holds the invisible character U+{ord(character):04X}; retype it"] == [
        problem.message.split("' ", 1)[1] for problem in helpers.parse_file(things, THINGS).problems
    ]


# Not a carriage return: before Python 3.13 the csv module leaves it bare.
@given(body=st.lists(st.tuples(st.text('ab,"\n ', max_size=4), st.text('ab,"\n ', max_size=4)), max_size=5))
@pytest.mark.parametrize("columns", [["a", "b"], ["a"]])
def test_written_columns_are_what_the_csv_module_writes(columns: list[str], body: list[tuple[str, str]]) -> None:
    """Quotes, commas and line breaks, in one column or two, are written as the csv module writes them with least quoting."""
    rows = [list(row[: len(columns)]) for row in body]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows([columns, *rows])
    assert buffer.getvalue() == csv_reader.to_csv(pd.DataFrame(rows, columns=columns, dtype="string"))
