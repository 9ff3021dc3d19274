"""CSV text to typed frames, strictly and with line numbers; and back to canonical text."""

from __future__ import annotations

import csv
import datetime
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from cstocases.errors import DataError, Problem, count, quoted
from cstocases.parsing import text_faults
from cstocases.schema.model import NOT_CODED, Field, Package, Table

DTYPES = {
    "string": "string", "integer": "Int64", "number": "Float64", "boolean": "boolean", "date": "datetime64[s]",
}  # fmt: skip
_DTYPES = {name: pd.api.types.pandas_dtype(dtype) for name, dtype in DTYPES.items()}
PATTERNS = {
    "integer": (re.compile(r"0|-?[1-9][0-9]*"), "is not an integer; write digits only"),
    "number": (re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"), "is not a number; write digits and a point"),
    "boolean": (re.compile(r"true|false"), "is not true or false"),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "is not a date; write YYYY-MM-DD"),
}
MAX_BYTES = 2**28  # of a file, and
MAX_CELLS = 2**25  # in it: what still fits into the memory of a laptop when every cell is wrong
MAX_LINE = 2**24  # characters of a line
MAX_INT = 2**31 - 1  # what every target format can hold
MAX_REPORTED = 100_000  # problems of one kind told one by one; a file of nothing but problems would fill the memory


@dataclass(eq=False)
class Parsed:
    """A table as read: the text of its cells, what they mean, and what was wrong with them.

    `columns` holds the texts by column, `lines` the line number of each row in the file; a cell
    is null where its text is no value of the column. `tokens` are the texts that stand for a
    missing value. `sound` is False where rows could not be read at all, so that absence proves nothing.
    """

    table: Table
    columns: Mapping[str, pa.ChunkedArray]
    lines: pd.Index
    tokens: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)
    sound: bool = True

    @cached_property
    def texts(self) -> pd.DataFrame:
        """The text of every cell; `lines` as index, dtype string."""
        return _frame(self.columns, self.lines)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Typed values, NA where a cell is missing; `lines` as index."""
        return self.select(*self.table.names)

    def select(self, *names: str) -> pd.DataFrame:
        """Some columns of `frame`."""
        return pd.DataFrame({name: self.values(name) for name in names}, index=self.lines, copy=False)

    def values(self, name: str) -> Any:
        """The typed values of a column as an array of pandas or numpy."""
        f = self.table.field(name)
        return _as_pandas(_converted(f, self.split(name)[0]), f.type)

    @cached_property
    def missing_codes(self) -> pd.DataFrame:
        """The missing-value code where a cell is missing, NA elsewhere; `lines` as index, dtype string."""
        return _frame({name: self.split(name)[1] for name in self.table.names}, self.lines)

    def split(self, name: str) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
        """The texts of a column that are values, and the missing-value codes of the others, null elsewhere."""
        if name not in self._splits:
            self._splits[name] = self._split(name)
        return self._splits[name]

    @cached_property
    def _splits(self) -> dict[str, tuple[pa.ChunkedArray, pa.ChunkedArray]]:
        return {}

    def _split(self, name: str) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
        column = self.columns[name]
        absent = pc.is_in(column, value_set=pa.array(self.tokens, pa.large_string()))
        if not pc.any(absent).as_py():
            return column, pa.nulls(len(column), pa.large_string())
        code = pc.if_else(pc.equal(column, ""), NOT_CODED, column)
        return pc.if_else(absent, None, column), pc.if_else(absent, code, None)

    def with_texts(self, texts: pd.DataFrame) -> Parsed:
        """The table with other cells or fewer rows."""
        return replace(self, columns=_columns_of(texts), lines=texts.index)


def _columns_of(texts: pd.DataFrame) -> dict[str, pa.ChunkedArray]:
    return {name: pa.array(texts[name]) for name in texts.columns}


def read(raw: bytes, table: Table, path: str | None = None) -> tuple[pd.DataFrame, list[Problem], bool]:
    """The cells of a table as text, the line numbers as index; what could not be read; whether all rows were.

    `path` is where the table stands if not where the dataset's layout has it.
    """
    where = path or table.path
    empty = pd.DataFrame(columns=table.names, dtype="string")
    text, problems = _as_utf8(raw, where)
    if text is None:
        return empty, problems, False
    raw = text

    def complain(line: int, rule: str, message: str) -> None:
        problems.append(Problem(where, line, "", rule, message))

    names = _first(raw)
    if names != table.names:
        complain(1, "header", _header_fault(names, table.names))
        return empty, problems, False
    whole = _columns(raw, names)
    if whole is not None:
        return _frame(whole, pd.RangeIndex(2, len(whole[names[0]]) + 2)), problems, True
    good, lines, sound = [], [], True
    for line, row, fault in _rows(raw):
        if line == 1:
            continue
        if fault is None and len(row) == len(names):
            good.append(row)
            lines.append(line)
        else:
            complain(line, *(fault or ("row", _row_fault(row, len(names)))))
            sound = False
            if len(problems) >= MAX_REPORTED:
                complain(line, "row", f"ends the reading: {MAX_REPORTED:,} lines before it are no rows of this table")
                break
    return pd.DataFrame(good, columns=names, index=lines, dtype="string"), problems, sound


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


def _as_utf8(raw: bytes, where: str) -> tuple[bytes | None, list[Problem]]:
    """The file as UTF-8 with lines ended by LF, or None where it has no rows to read; and what is wrong with it as a whole."""
    problems = []
    if (size := raw.count(b",") + raw.count(b"\n")) > MAX_CELLS:
        message = f"has {size:,} commas and line ends; a table may have {MAX_CELLS:,} at most"
        return None, [Problem(where, 0, "", "file", message)]
    if raw.startswith(b"\xef\xbb\xbf"):
        message = "starts with a byte order mark; save as UTF-8 without it"
        problems.append(Problem(where, 1, "", "encoding", message))
        raw = raw[3:]
    if not raw:
        return None, [*problems, Problem(where, 0, "", "file", "is empty; the first line must name the columns")]
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"byte {raw[error.start]:#04x} is not UTF-8; save as UTF-8"
        return None, [*problems, Problem(where, line, "", "encoding", message)]
    if b"\r" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\r")) + 1
        message = "a carriage return ends or breaks the line; `cstocases format` writes LF"
        problems.append(Problem(where, line, "", "line-end", message))
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not raw.endswith(b"\n"):
        message = "does not end with a line break; the file may be cut off"
        problems.append(Problem(where, raw.count(b"\n") + 1, "", "line-end", message))
    return raw, problems


def _text(raw: bytes) -> Iterator[str]:
    """The lines. A row of a thousand million cells would take a hundred times the memory of the file."""
    text = io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline="")
    while line := text.readline(MAX_LINE):
        if len(line) == MAX_LINE:
            raise csv.Error(f"a line of more than {MAX_LINE:,} characters")
        yield line


def _first(raw: bytes) -> list[str]:
    """The cells of the first row, or the text of the first line where it is no CSV."""
    try:
        return next(csv.reader(_text(raw), strict=True))
    except csv.Error:
        return [raw.split(b"\n", 1)[0].decode("utf-8", "replace")]


def _columns(raw: bytes, names: list[str]) -> dict[str, pa.ChunkedArray] | None:
    """The columns, read all at once, or None where rows are ragged, blank or longer than a line, so that they are read one by one."""
    if b"\n\n" in raw:
        return None
    if b'"' in raw:
        # Arrow forgives what follows a closing quote; the strict reader does not.
        reader = csv.reader(_text(raw), strict=True)
        try:
            rows = sum(map(bool, reader))  # no row is blank, as no line is
        except csv.Error:
            return None
        if reader.line_num != rows:
            return None
    try:
        return _arrow(raw, names)
    except pa.ArrowInvalid:
        return None


def _arrow(raw: bytes, names: list[str]) -> dict[str, pa.ChunkedArray]:
    table = pa.csv.read_csv(
        pa.BufferReader(raw),
        read_options=pa.csv.ReadOptions(column_names=names, skip_rows=1, use_threads=False),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
        ),
    )
    return dict(zip(names, table.columns, strict=True))


def _rows(raw: bytes) -> Iterator[tuple[int, list[str], tuple[str, str] | None]]:
    """Each row and the line it starts on; at last the fault that ends the reading early, if any."""
    reader = csv.reader(_text(raw), strict=True)
    start = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield start, [], ("csv", f"cannot be read as CSV from here on: {error}")
            return
        yield start, row, None
        start = reader.line_num + 1


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
    other = next((mark for mark in ";\t|" if header and len(header) == 1 and mark in header[0]), None)
    if other:
        return f"columns are separated by {other!r}; save the table with commas"
    parts = []
    if any(name.startswith(text_faults.MARKERS) for name in header):
        parts.append("a conflict marker of a merge stands here")
    if twice:
        parts.append(f"repeated: {_some(twice)}")
    if missing:
        parts.append(f"missing: {', '.join(missing)}")
    if unknown:
        parts.append(f"unknown: {_some(unknown)}")
    return "columns are not those of the schema; " + ("; ".join(parts) or "their order differs")


def _some(names: list[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def parse(package: Package, table: Table, raw: bytes) -> Parsed:
    """The table in a file, each cell checked for the type of its column; nothing is trimmed, guessed or repaired."""
    cells, problems, sound = read(raw, table)
    tokens = pa.array(list(package.missing), pa.large_string())
    for f in table.fields:
        column = cells[f.name]
        absent = pc.is_in(pa.array(column), value_set=tokens)
        wrong = cell_faults(f, column[pc.invert(absent).to_numpy(zero_copy_only=False)])
        for line, (rule, message) in wrong.head(MAX_REPORTED).items():
            value = column[line]
            problems.append(Problem(table.path, int(line), f.name, rule, f"{quoted(value)} {message}", value))
        if (untold := len(wrong) - MAX_REPORTED) > 0:
            message = f"and {untold:,} more cells that are no values"
            problems.append(Problem(table.path, int(wrong.index[MAX_REPORTED]), f.name, rule, message))
        if len(wrong):
            cells[f.name] = column.mask(cells.index.isin(wrong.index))
    return Parsed(table, _columns_of(cells), cells.index, tuple(package.missing), problems, sound)


def unread(package: Package, table: Table) -> Parsed:
    """The table without rows, as nothing could be read of it."""
    texts = pd.DataFrame(columns=table.names, dtype="string")
    return Parsed(table, _columns_of(texts), texts.index, tuple(package.missing), sound=False)


def parse_judged(package: Package, table: Table, raw: bytes) -> Parsed:
    """The table in a file whose bytes were judged and found sound: nothing is checked again."""
    columns = _arrow(raw, table.names)
    return Parsed(table, columns, pd.RangeIndex(2, len(columns[table.names[0]]) + 2), tuple(package.missing))


def _frame(columns: Mapping[str, pa.ChunkedArray], index: pd.Index) -> pd.DataFrame:
    """Arrow columns of texts as a frame. Dtype: string."""
    made = {name: _as_pandas(column, "string") for name, column in columns.items()}
    return pd.DataFrame(made, index=index, copy=False)


def _as_pandas(column: pa.ChunkedArray, kind: str) -> Any:
    dtype = _DTYPES[kind]
    return column.to_numpy(zero_copy_only=False) if dtype.kind == "M" else dtype.__from_arrow__(column)


def cell_faults(f: Field, present: pd.Series) -> pd.Series:
    """Why texts are no values of the field, as rule and message; only those that are none, under their own index."""
    suspects = _suspects(f, pa.array(present))
    if not pc.any(suspects).as_py():
        return pd.Series(dtype=object)
    suspected = present[suspects.to_numpy(zero_copy_only=False)]
    return suspected.astype(object).map({value: cell_fault(f, value) for value in suspected.unique()}).dropna()


def _suspects(f: Field, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The cells of which cell_fault must be asked: all it finds fault with, and perhaps some more."""
    if f.type == "string":
        return text_faults.suspects(column)
    if f.type in ("date", "number"):
        unique = pc.unique(column)
        fault = [cell_fault(f, value) is not None for value in unique.to_pylist()]
        return pc.is_in(column, value_set=unique.filter(pa.array(fault, pa.bool_())))
    # An integer of nine digits is certainly below MAX_INT.
    pattern = r"0|-?[1-9][0-9]{0,8}" if f.type == "integer" else PATTERNS[f.type][0].pattern
    return pc.invert(pc.match_substring_regex(column, rf"^({pattern})$"))


def _converted(f: Field, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts that are values of the field as values of its type."""
    if f.type == "string":
        return column
    if f.type == "boolean":
        return pc.equal(column, "true")
    if f.type == "date":
        return column.cast(pa.date32()).cast(pa.timestamp("s"))
    return column.cast(pa.int64() if f.type == "integer" else pa.float64())


def cell_fault(f: Field, value: str) -> tuple[str, str] | None:
    """Why a text is no value of the field, as rule and message; None if it is one."""
    if f.type == "string":
        return next((("text", fault) for fault in text_faults.faults(value)), None)
    pattern, message = PATTERNS[f.type]
    if not pattern.fullmatch(value):
        return "type", message
    if f.type == "date":
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return "type", "is not a day of the calendar"
    if f.type == "number" and value != (shown := np.format_float_positional(float(value), trim="-")):
        return "type", f"is a number written {shown}; write it so" if "inf" not in shown else "is beyond any number"
    if f.type == "integer" and (len(value) > len(str(-MAX_INT)) or abs(int(value)) > MAX_INT):
        return "type", f"is beyond {MAX_INT}"
    return None


def typed(f: Field, good: pd.Series) -> pd.Series:
    """Texts that are values of the field, or NA, converted to its type."""
    column = _converted(f, pa.array(good.astype("string")))
    return pd.Series(_as_pandas(column, f.type), index=good.index)


def as_text(f: Field, values: pd.Series) -> pd.Series:
    """Typed values as they are written in a CSV cell; NA stays NA. Dtype: string."""
    if f.type == "number":
        return values.map(lambda v: np.format_float_positional(v, trim="-"), na_action="ignore").astype("string")
    if f.type == "string":
        return values.astype("string")
    column = pa.array(values)
    texts = column.cast(pa.date32()) if f.type == "date" else column
    return pd.Series(_as_pandas(texts.cast(pa.large_string()), "string"), index=values.index)


def cells(table: Table, frame: pd.DataFrame, kinds: pd.DataFrame) -> pd.DataFrame:
    """Typed values and kinds of missing back as the text of the cells."""
    out = pd.DataFrame(index=frame.index)
    for f in table.fields:
        tokens = kinds[f.name].replace({NOT_CODED: ""})
        out[f.name] = as_text(f, frame[f.name]).fillna(tokens)
    return out


def to_csv(texts: pd.DataFrame) -> str:
    """Cells as CSV text: LF, least quoting, header first; what the csv module writes, a column at a time."""
    special = '[",\r\n]' if len(texts.columns) > 1 else '^$|[",\r\n]'  # else an empty cell would be a blank line
    quote, comma, nothing = (pa.scalar(text, pa.large_string()) for text in ('"', ",", ""))
    cells = []
    for name in texts.columns:
        column = pa.array(texts[name].astype("string")).cast(pa.large_string())
        wrapped = pc.binary_join_element_wise(quote, pc.replace_substring(column, '"', '""'), quote, nothing)
        cells.append(pc.if_else(pc.match_substring_regex(column, special), wrapped, column))
    lines = pc.binary_join_element_wise(*cells, comma).to_pylist()
    return "\n".join([",".join(texts.columns), *lines, ""])


def canonical(table: Table, raw: bytes) -> str:
    """The table in canonical form: UTF-8 in NFC, LF, least quoting, columns in schema order, rows by primary key.

    Raises:
        DataError: the file cannot be read as rows of this table.
    """
    texts, problems, sound = read(raw, table)
    if not sound:
        raise DataError(problems)
    for name in texts.columns:
        texts[name] = texts[name].map(lambda v: unicodedata.normalize("NFC", v))
    return to_csv(texts.sort_values(list(table.primary_key), kind="stable"))
