"""The bytes of a CSV file as texts by column, strictly and with line numbers; and back to canonical text."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from cstocases.errors import DataError, Problem, count, quoted
from cstocases.parsing import text_faults
from cstocases.schema.model import Table

MAX_BYTES = 2**28  # of a file, and
MAX_CELLS = 2**25  # in it: what still fits into the memory of a laptop when every cell is wrong
MAX_LINE = 2**24  # characters of a line
MAX_REPORTED = 100_000  # problems of one kind told one by one; a file of nothing but problems would fill the memory

Columns = dict[str, pa.Array]
Complain = Callable[[int, str, str], None]  # of a line, by rule, in words


def read(raw: bytes, table: Table, path: str | None = None) -> tuple[Columns, list[int], list[Problem], bool]:
    """The texts of a table by column; the line each row starts on; what could not be read; whether all rows were.

    `path` is where the table stands if not where the dataset's layout has it.
    """
    problems, names = list[Problem](), table.names

    def complain(line: int, rule: str, message: str) -> None:
        problems.append(Problem(path or table.path, line, "", rule, message))

    text = _as_utf8(raw, complain)
    good, lines, sound = [], [], text is not None
    for line, row, fault in _rows(text or b""):
        if line == 1 and row != names:
            fault = "header", _header_fault(row, names)
        elif fault is None and len(row) != len(names):
            fault = "row", _row_fault(row, len(names))
        if fault:
            complain(line, *fault)
            sound = False
            if line == 1:
                break
            if len(problems) >= MAX_REPORTED:
                complain(line, "row", f"ends the reading: {MAX_REPORTED:,} lines before it are no rows of this table")
                break
        elif line > 1:
            good.append(row)
            lines.append(line)
    columns = zip(*good, strict=True) if good else [()] * len(names)
    by_name = zip(names, columns, strict=True)
    return {name: pa.array(column, pa.large_string()) for name, column in by_name}, lines, problems, sound


def read_judged(raw: bytes, names: list[str]) -> dict[str, pa.ChunkedArray]:
    """The texts by column of a file that was judged and found sound: nothing is checked."""
    table = pa.csv.read_csv(
        pa.BufferReader(raw),
        read_options=pa.csv.ReadOptions(column_names=names, skip_rows=1, use_threads=False),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
        ),
    )
    return dict(zip(names, table.columns, strict=True))


def file_bytes(home: Path, where: str) -> tuple[bytes | None, list[Problem]]:
    """The bytes of a table's file; None, and why, where it is no plain file or too large."""
    file = home / where
    if file.is_symlink() or not file.is_file():
        missing = "is not a plain file" if file.exists() or file.is_symlink() else "no such file"
        return None, [Problem(where, 0, "", "file", f"{missing}; the schema lists this table")]
    if (size := file.stat().st_size) > MAX_BYTES:
        message = f"is {size / 2**30:.1f} GiB; a table may have {MAX_BYTES // 2**20} MiB at most"
        return None, [Problem(where, 0, "", "file", message)]
    return file.read_bytes(), []


def _as_utf8(raw: bytes, complain: Complain) -> bytes | None:
    """The file as UTF-8 with lines ended by LF, or None where it has no rows to read."""
    if (size := raw.count(b",") + raw.count(b"\n")) > MAX_CELLS:
        complain(0, "file", f"has {size:,} commas and line ends; a table may have {MAX_CELLS:,} at most")
        return None
    if raw.startswith(codecs.BOM_UTF8):
        complain(1, "encoding", "starts with a byte order mark; save as UTF-8 without it")
        raw = raw.removeprefix(codecs.BOM_UTF8)
    if not raw:
        complain(0, "file", "is empty; the first line must name the columns")
        return None
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        complain(line, "encoding", f"byte {raw[error.start]:#04x} is not UTF-8; save as UTF-8")
        return None
    if b"\r" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\r")) + 1
        complain(line, "line-end", "a carriage return ends or breaks the line; `cstocases format` writes LF")
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not raw.endswith(b"\n"):
        complain(raw.count(b"\n") + 1, "line-end", "does not end with a line break; the file may be cut off")
    return raw


def _text(raw: bytes) -> Iterator[str]:
    """The lines. A row of a thousand million cells would take a hundred times the memory of the file."""
    text = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline="")
    while line := text.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise csv.Error(f"a line of more than {MAX_LINE:,} characters")
        yield line


def _rows(raw: bytes) -> Iterator[tuple[int, list[str], tuple[str, str] | None]]:
    """Each row and the line it starts on; at last, if that ends the reading early, a line as it stands and its fault."""
    reader = csv.reader(_text(raw), strict=True)
    start = 1
    try:
        for row in reader:
            yield start, row, None
            start = reader.line_num + 1
    except csv.Error as error:
        line = raw.split(b"\n", start)[start - 1].decode()
        yield start, [line], ("csv", f"cannot be read as CSV from here on: {error}")


def _row_fault(row: list[str], wanted: int) -> str:
    if not row:
        return "is a blank line; remove it"
    if row[0].startswith(text_faults.MARKERS):
        return f"{quoted(row[0])} is a conflict marker of a merge; keep one side"
    return f"{count(len(row), 'cell')} where the header has {wanted}; a comma too many or too few, or an open quote"


def _header_fault(header: list[str], names: list[str]) -> str:
    twice = [quoted(name) for name, n in Counter(header).items() if n > 1]
    missing = [name for name in names if name not in header]
    unknown = [quoted(name) for name in header if name not in names]
    other = next((mark for mark in ";\t|" if len(header) == 1 and mark in header[0]), None)
    if other:
        return f"columns are separated by {other!r}; save the table with commas"
    marked = any(name.startswith(text_faults.MARKERS) for name in header)
    parts = {
        "a conflict marker of a merge stands here": marked,
        f"repeated: {_some(twice)}": twice,
        f"missing: {', '.join(missing)}": missing,
        f"unknown: {_some(unknown)}": unknown,
    }
    said = "; ".join(part for part, there in parts.items() if there)
    return f"columns are not those of the schema; {said or 'their order differs'}"


def _some(names: list[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def to_csv(texts: pd.DataFrame) -> str:
    """Cells as CSV text: LF, least quoting, header first."""
    return str(texts.to_csv(index=False, lineterminator="\n"))


def canonical(table: Table, raw: bytes) -> str:
    """The table in canonical form: UTF-8 in NFC, LF, least quoting, columns in schema order, rows by primary key.

    Raises:
        DataError: the file cannot be read as rows of this table.
    """
    columns, _, problems, sound = read(raw, table)
    if not sound:
        raise DataError(problems)
    return in_form(table, {name: column.to_pylist() for name, column in columns.items()})


def in_form(table: Table, columns: Mapping[str, Sequence[str]]) -> str:
    """The columns of a table as its file in canonical form."""
    normal = {name: [unicodedata.normalize("NFC", text) for text in texts] for name, texts in columns.items()}
    return to_csv(pd.DataFrame(normal, dtype="string").sort_values(list(table.primary_key), kind="stable"))
