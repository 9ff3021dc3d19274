"""Stata and SPSS files: codes as labelled integers, missing-value codes as the programs' own missing values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from cstocases.errors import ExportError
from cstocases.formats.contents import Contents
from cstocases.formats.datapackage import never_missing
from cstocases.schema.model import Field, Package, Table

DAY = 86_400
STATA_1960, SPSS_1582 = 3_653, 141_428  # days from each program's day 0 to 1 January 1970
STATA_14 = 14  # release 118 of the format; the newer 119 is for more than 32,767 variables and not read by others
BOOLEANS = {0: "no", 1: "yes"}


def stata(contents: Contents, work: Path) -> None:
    """In the folder stata/ one .dta per table, for Stata 14 and newer."""
    import pyreadstat

    (work / "stata").mkdir()
    package = contents.package
    letters = {kind: k.stata[1:] or None for kind, k in package.missing_codes.items()}
    named = {letters[kind]: k.label for kind, k in package.missing_codes.items() if letters[kind]}
    for table, columns, coded in _tables(contents, letters, STATA_1960, 1):
        path = work / f"stata/{table.name}.dta"
        # The library names a set of labels after its column and a number, which Stata's 32 characters may not hold;
        # so the columns go by their place while it writes.
        place = {name: f"_c{i}_" for i, name in enumerate(table.names)}
        empty = {f.name for f in coded} if not len(contents.texts[table.name]) else ()  # it takes these for text too
        frame = pd.DataFrame(
            {
                place[name]: pd.Series(cells, dtype="float64" if name in empty else object)
                for name, cells in columns.items()
            }
        )
        pyreadstat.write_dta(
            numbers_first(frame, [place[f.name] for f in coded]),
            path,
            file_label=_label(package, table),
            column_labels=[f.title for f in table.fields],
            version=STATA_14,
            variable_value_labels={place[f.name]: labels for f in coded if (labels := _labels(f, named))},
            missing_user_values={place[f.name]: list(named) for f in coded if not never_missing(f)},
            variable_format={place[f.name]: "%tdCCYY-NN-DD" for f in coded if f.type == "date"},
        )
        raw = _with_names(_whole(path, b"</stata_dta>"), table.names)
        at = raw.index(b"<timestamp>") + len(b"<timestamp>") + 1
        path.write_bytes(_stamped(package, raw, at, "%d %b %Y 00:00"))


def numbers_first(frame: pd.DataFrame, coded: list[str]) -> pd.DataFrame:
    """The rows in an order in which each coded column that has a number has one early.

    The library takes a column for text if its first hundred cells are letters, which stand for missing values. Where
    that would happen, a row with a number of every column goes to the top, so that none pushes down another.
    """
    numbers = [frame[name].map(lambda cell: isinstance(cell, float)) for name in coded]
    numbers = [found for found in numbers if found.any()]
    if all(found.head(100).any() for found in numbers):
        return frame
    first = dict.fromkeys(found.idxmax() for found in numbers)
    return frame.reindex([*first, *(line for line in frame.index if line not in first)])


def _with_names(raw: bytes, names: list[str]) -> bytes:
    """Give the columns their names, and each set of value labels that of its column, in their slots of fixed width."""

    def named(slot: re.Match[bytes]) -> bytes:
        return names[int(slot[1])].encode("ascii").ljust(len(slot[0]), b"\0")

    head, data, rest = raw.partition(b"<data>")
    texts, labels, tail = rest.rpartition(b"<value_labels>")
    slot = re.compile(rb"_c([0-9]+)_[0-9]*\0+")
    return slot.sub(named, head) + data + texts + labels + slot.sub(named, tail)


def spss(contents: Contents, work: Path) -> None:
    """In the folder spss/ one .sav per table, with the missing-value codes as a user-missing range.

    Raises:
        ExportError: a value would be taken for missing.
    """
    import pyreadstat

    (work / "spss").mkdir()
    package = contents.package
    numbers = {kind: k.spss for kind, k in package.missing_codes.items()}
    named = {k.spss: k.label for k in package.missing_codes.values() if k.spss is not None}
    low, high = min(named), max(named)
    for table, columns, coded in _tables(contents, numbers, SPSS_1582, DAY):
        path = work / f"spss/{table.name}.sav"
        for f in (f for f in coded if f.type in ("integer", "number")):
            values = contents.values[table.name][f.name].drop_null().to_pylist()
            if taken := [value for value in values if low <= value <= high]:
                raise ExportError(
                    f"{table.name}, {f.name}: {taken[0]:g} lies among the numbers that stand for missing in SPSS "
                    f"({low} to {high}); leave spss out"
                )
        floats = {f.name for f in coded}
        pyreadstat.write_sav(
            pd.DataFrame({n: pd.Series(c, dtype="float64" if n in floats else object) for n, c in columns.items()}),
            path,
            file_label=_label(package, table),
            column_labels={f.name: f.title for f in table.fields},
            variable_value_labels={f.name: labels for f in coded if (labels := _labels(f, named))},
            missing_ranges={f.name: [{"lo": low, "hi": high}] for f in coded if not never_missing(f)},
            variable_measure={f.name: _measure(f) for f in table.fields},
            variable_format={f.name: {"date": "SDATE10", "number": "F12.4"}.get(f.type, "F8.0") for f in coded},
        )
        # The header's date and time, 9 and 8 bytes.
        path.write_bytes(_stamped(package, _whole(path, b"\xe7\x03\0\0\0\0\0\0"), 92, "%d %b %y00:00:00"))


def _tables(
    contents: Contents, missing: Mapping[str, Any], epoch: int, day: int
) -> Iterator[tuple[Table, dict[str, list[Any]], list[Field]]]:
    """Each table with its columns as the program holds them, and the fields that are numbers there.

    `missing` gives what stands for each missing-value code, `epoch` and `day` how the program counts days.
    """
    for name, table in contents.package.all_tables.items():
        coded = [f for f in table.fields if f.type != "string" or f.categories]
        columns = {column: texts.tolist() for column, texts in contents.texts[name].items()}
        for f in coded:
            values = _numbers(f, contents.values[name][f.name], epoch, day)
            codes = contents.missing_codes[name][f.name].tolist()
            columns[f.name] = [v if c is pd.NA else missing[c] for c, v in zip(codes, values, strict=True)]
        yield table, columns, coded


def _numbers(f: Field, values: pa.ChunkedArray, epoch: int, day: int) -> list[float | None]:
    """Values of a coded column as the program's numbers, None where missing."""
    if f.categories:
        number = {c.value: float(c.number) for c in f.categories}
        return [number.get(v) for v in values.to_pylist()]
    if f.type == "date":
        return [None if v is None else float((v + epoch) * day) for v in values.cast(pa.int32()).to_pylist()]
    return [None if v is None else float(v) for v in values.to_pylist()]


def _labels(f: Field, missing: dict[Any, str]) -> dict[Any, str]:
    """The labels of the numbers of a column, those that stand for missing included."""
    labels: dict[Any, str] = BOOLEANS if f.type == "boolean" else {c.number: c.label for c in f.categories}
    return labels | ({} if never_missing(f) else missing)


def _measure(f: Field) -> str:
    if f.ordered:
        return "ordinal"
    return "scale" if f.type in ("integer", "number", "date") else "nominal"


def _label(package: Package, table: Table) -> str:
    label = f"{package.metadata['name']} {package.version}: {table.title}"[:80]  # Stata's limit
    return label.encode()[:255].decode(errors="ignore")  # the library's, which cuts a character in two


def _whole(path: Path, end: bytes) -> bytes:
    """The bytes of a file that has what stands at the end of its description.

    Raises:
        OSError: it has not; the library does not tell of a full disk where a table has no rows.
    """
    raw = path.read_bytes()
    if end not in raw:
        raise OSError(f"{path.name} could not be written whole")
    return raw


def _stamped(package: Package, raw: bytes, at: int, form: str) -> bytes:
    """The day of release where the program puts the time of writing, so that two exports are alike."""
    text = f"{pd.Timestamp(package.metadata['released']):{form}}"
    return raw[:at] + text.encode("ascii") + raw[at + len(text) :]
