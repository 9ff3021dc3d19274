"""CSV text to typed frames, strictly and with line numbers; and back to canonical text."""

from __future__ import annotations

import csv
import datetime
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from cstocases.errors import DataError, Problem, count
from cstocases.tableschema import NOT_CODED, Field, Package, Table

DTYPES = {
    "string": "string", "integer": "Int64", "number": "Float64", "boolean": "boolean", "date": "datetime64[s]",
}  # fmt: skip
PATTERNS = {
    "integer": (re.compile(r"0|-?[1-9][0-9]*"), "is not an integer; write digits only"),
    "number": (re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"), "is not a number; write digits and a point"),
    "boolean": (re.compile(r"true|false"), "is not true or false"),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "is not a date; write YYYY-MM-DD"),
}
MARKERS = ("<<<<<<<", "=======", ">>>>>>>")
# Letters of Greek, Cyrillic and Armenian, many of which look like Latin ones.
_LATIN, _OTHER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f", "\u0370-\u03ff\u0400-\u052f\u0531-\u0556\u0561-\u0587"
_MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# What a hand, a spreadsheet or a wrong encoding leaves in a text, and how it is said.
TRACES = (
    (re.compile(f"[{_LATIN}][{_OTHER}]|[{_OTHER}][{_LATIN}]"), "mixes letters of two scripts in one word; retype it"),
    # Addresses may hold such question marks.
    (re.compile(r"^(?!.*://).*(\?\w|\?\?\?)"), "holds a question mark for a letter; retype it"),
    (
        re.compile(
            rf"^(#(REF!|NAME\?|VALUE!|DIV/0!|N/A|NUM!|NULL!)|#{{3,}}|[0-9]{{1,2}}-{_MONTH}(-[0-9]+)?|{_MONTH}-[0-9]+)$"
        ),
        "is what a spreadsheet made of the text; retype it",
    ),
    (re.compile(r"^-?[0-9](\.[0-9]+)?[Ee][-+][0-9]+$"), "is what a spreadsheet made of a number; retype it"),
    (
        re.compile(r'&#?\w+;|</?[A-Za-z]+ ?/?>|\\["\'/nrtux]|""'),
        "holds mark-up or an escape of a program; write the character itself",
    ),
    (re.compile("  "), "holds two spaces in a row; remove one"),
    (re.compile("[\ufb00-\ufb06\uff01-\uff5e]"), "holds a ligature or a wide letter; retype it"),
)
# Joiners, fillers and selectors that Unicode counts among the letters and marks, and that show nothing.
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0" + "".join(
    map(chr, range(0xFE00, 0xFE10))
)
MAX_INT = 2**31 - 1  # what every target format can hold


@dataclass
class Parsed:
    """A table as read: typed values, kinds of missing, and what was wrong with it.

    `frame` and `kinds` have the line number in the file as index and the schema's
    columns; `kinds` holds the kind where a cell is missing and NA elsewhere.
    `sound` is False where rows could not be read at all, so that absence proves nothing.
    """

    table: Table
    frame: pd.DataFrame
    kinds: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    sound: bool = True


def read(home: Path, table: Table, path: str | None = None) -> tuple[pd.DataFrame, list[Problem], bool]:
    """The cells of a table as text, the line numbers as index; what could not be read; whether all rows were.

    `path` is where the table stands if not where the dataset's layout has it.
    """
    where = path or table.path
    problems: list[Problem] = []
    empty = pd.DataFrame(columns=table.names, dtype="string")

    def complain(line: int, rule: str, message: str, column: str = "", value: str = "") -> None:
        problems.append(Problem(where, line, column, rule, message, value))

    file = home / where
    if file.is_symlink() or not file.is_file():
        missing = "is not a plain file" if file.exists() or file.is_symlink() else "no such file"
        complain(0, "file", f"{missing}; the schema lists this table")
        return empty, problems, False
    raw = file.read_bytes()
    if raw.startswith(b"\xef\xbb\xbf"):
        complain(1, "encoding", "starts with a byte order mark; save as UTF-8 without it")
        raw = raw[3:]
    if not raw:
        complain(0, "file", "is empty; the first line must name the columns")
        return empty, problems, False
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        complain(line, "encoding", f"byte {raw[error.start]:#04x} is not UTF-8; save as UTF-8")
        return empty, problems, False
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        complain(line, "line-end", "a carriage return ends or breaks the line; `cstocases format` writes LF")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.endswith("\n"):
        complain(text.count("\n") + 1, "line-end", "does not end with a line break; the file may be cut off")
    rows, lines, fault = _rows(text)
    header = rows[0] if rows else []
    if header != table.names:
        complain(1, "header", _header_fault(header, table.names))
        return empty, problems, False
    good, index, sound = [], [], fault is None
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) == len(header):
            good.append(row)
            index.append(line)
        else:
            sound = False
            complain(line, "row", _row_fault(row, len(header)))
    if fault is not None:
        complain(*fault)
    frame = pd.DataFrame(good, columns=table.names, index=index, dtype="string")
    return frame, problems, sound


def _rows(text: str) -> tuple[list[list[str]], list[int], tuple[int, str, str] | None]:
    """Rows, the line each starts on, and the fault that ended the reading early, if any."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return rows, lines, None
        except csv.Error as error:
            return rows, lines, (start, "csv", f"cannot be read as CSV from here on: {error}")
        rows.append(row)
        lines.append(start)
        start = reader.line_num + 1


def _row_fault(row: list[str], wanted: int) -> str:
    if not row:
        return "is a blank line; remove it"
    if row[0].startswith(MARKERS):
        return f"{row[0]!r} is a conflict marker of a merge; keep one side"
    return f"{count(len(row), 'cell')} where the header has {wanted}; a comma too many or too few, or an open quote"


def _header_fault(header: list[str], names: list[str]) -> str:
    twice = [name for name, n in Counter(header).items() if n > 1]
    missing = [name for name in names if name not in header]
    unknown = [name for name in header if name not in names]
    parts = []
    if any(name.startswith(MARKERS) for name in header):
        parts.append("a conflict marker of a merge stands here")
    if twice:
        parts.append(f"repeated: {', '.join(twice)}")
    if missing:
        parts.append(f"missing: {', '.join(missing)}")
    if unknown:
        parts.append(f"unknown: {', '.join(repr(name) for name in unknown)}")
    return "columns are not those of the schema; " + ("; ".join(parts) or "their order differs")


def parse(package: Package, table: Table, home: Path | None = None) -> Parsed:
    """The table, typed: what does not parse is a problem and missing; nothing is trimmed, guessed or repaired."""
    cells, problems, sound = read(home or package.home, table)
    frame = pd.DataFrame(index=cells.index)
    kinds = pd.DataFrame(index=cells.index)
    for f in table.fields:
        column = cells[f.name]
        absent = column.isin(list(package.missing))
        kinds[f.name] = column.where(absent).replace({"": NOT_CODED})
        present = column[~absent]
        faults = _faults(f, present)
        problems.extend(
            Problem(table.path, line, f.name, rule, f"{value!r} {message}", value)
            for line, value, rule, message in faults
        )
        wrong = [line for line, *_ in faults]
        frame[f.name] = typed(f, present.drop(index=wrong)).reindex(cells.index).astype(DTYPES[f.type])
    return Parsed(table, frame, kinds, problems, sound)


def _faults(f: Field, present: pd.Series) -> list[tuple[int, str, str, str]]:
    """Cells that are not a value of the field's type, or hold text that cannot be told apart by eye."""
    verdicts = {value: cell_fault(f, value) for value in present.unique()}
    bad = {value: verdict for value, verdict in verdicts.items() if verdict}
    if not bad:
        return []
    hits = present[present.isin(list(bad))]
    return [(int(line), value, *bad[value]) for line, value in hits.items()]


def cell_fault(f: Field, value: str) -> tuple[str, str] | None:
    """Why a text is no value of the field, as rule and message; None if it is one."""
    if f.type == "string":
        if "\ufffd" in value:
            return "text", "holds U+FFFD, left by a wrong encoding; retype it"
        unseen = next((c for c in value if c < " " or (c > "~" and _unseen(c))), None)
        if unseen:
            return "text", f"holds the invisible character U+{ord(unseen):04X}; retype it"
        if value != value.strip():
            return "text", "begins or ends with a space; remove it"
        if not unicodedata.is_normalized("NFC", value):
            return "text", "is not in Unicode normal form C; `cstocases format` writes it"
        if value.startswith(MARKERS):
            return "text", "is a conflict marker of a merge"
        if page := _misread(value):
            return "text", f"is UTF-8 read as {page}; retype it"
        return next((("text", said) for trace, said in TRACES if trace.search(value)), None)
    pattern, message = PATTERNS[f.type]
    if not pattern.fullmatch(value):
        return "type", message
    if f.type == "date":
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return "type", "is not a day of the calendar"
    if f.type == "integer" and abs(int(value)) > MAX_INT:
        return "type", f"is beyond {MAX_INT}"
    return None


def _misread(value: str) -> str | None:
    """The code page as which UTF-8 was read, if the whole text turns back into other UTF-8."""
    for page in () if value.isascii() else ("cp1252", "cp1251"):
        try:
            value.encode(page).decode("utf-8")
        except UnicodeError:
            continue
        return page
    return None


def _unseen(character: str) -> bool:
    """Whether it makes two cells look alike and compare unequal, or turns text around."""
    category = unicodedata.category(character)
    return category[0] == "C" or category in ("Zl", "Zp", "Zs") or character in _BLANKS


def typed(f: Field, good: pd.Series) -> pd.Series:
    """Texts that are values of the field, converted to its type."""
    if f.type == "string":
        return good
    if f.type == "boolean":
        return (good == "true").astype("boolean")
    if f.type == "date":
        return pd.Series([datetime.datetime.fromisoformat(v) for v in good], index=good.index, dtype="datetime64[s]")
    convert = int if f.type == "integer" else float
    return pd.Series([convert(v) for v in good], index=good.index, dtype=DTYPES[f.type])


def as_text(f: Field, values: pd.Series) -> pd.Series:
    """Typed values as they are written in a CSV cell; NA stays NA. Dtype: string."""
    if f.type == "boolean":
        return values.map({True: "true", False: "false"}).astype("string")
    if f.type == "date":
        # strftime drops leading zeros of early years on some platforms; isoformat does not.
        return values.map(lambda v: v.date().isoformat(), na_action="ignore").astype("string")
    if f.type == "number":
        return values.map(lambda v: np.format_float_positional(v, trim="-"), na_action="ignore").astype("string")
    return values.astype("string")


def cells(table: Table, frame: pd.DataFrame, kinds: pd.DataFrame) -> pd.DataFrame:
    """Typed values and kinds of missing back as the text of the cells."""
    out = pd.DataFrame(index=frame.index)
    for f in table.fields:
        tokens = kinds[f.name].replace({NOT_CODED: ""})
        out[f.name] = as_text(f, frame[f.name]).fillna(tokens)
    return out


def to_csv(texts: pd.DataFrame) -> str:
    """Cells as CSV text: LF, least quoting, header first."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(texts.columns)
    writer.writerows(texts.itertuples(index=False, name=None))
    return buffer.getvalue()


def canonical(package: Package, table: Table, home: Path | None = None) -> str:
    """The table in canonical form: UTF-8 in NFC, LF, least quoting, columns in schema order, rows by primary key.

    Raises:
        DataError: the file cannot be read as rows of this table.
    """
    texts, problems, sound = read(home or package.home, table)
    if not sound:
        raise DataError(problems)
    for name in texts.columns:
        texts[name] = texts[name].map(lambda v: unicodedata.normalize("NFC", v))
    return to_csv(texts.sort_values(list(table.primary_key), kind="stable"))
