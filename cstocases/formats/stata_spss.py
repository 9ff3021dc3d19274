"""Stata and SPSS files: codes as labelled integers, kinds of missing as the programs' own missing values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from cstocases.errors import ExportError
from cstocases.formats.contents import Contents
from cstocases.schema.model import Field, Package, Table

DAY = 86_400
EPOCHS = {"stata": pd.Timestamp("1960-01-01"), "spss": pd.Timestamp("1582-10-14")}
STATA_14 = 14  # release 118 of the format; the newer 119 is for more than 32,767 variables and not read by others
BOOLEANS = {0: "no", 1: "yes"}


def stata(contents: Contents, folder: Path) -> None:
    """One .dta a table, for Stata 14 and newer."""
    import pyreadstat

    package = contents.package
    letters = {kind: k.stata[1:] for kind, k in package.missing_codes.items()}
    for table, columns, path in _tables(contents, folder, "dta"):
        coded = [f for f in table.fields if _is_coded(f)]
        for f in coded:
            numbers = _numbers(f, contents.frames[table.name][f.name], "stata", 1).astype(object)
            kinds = contents.missing_codes[table.name][f.name]
            columns[f.name] = numbers.where(kinds.isna(), kinds.map(letters).replace("", None))
        gaps = [f.name for f in coded if _may_miss(f)]
        named = {letters[kind]: k.label for kind, k in package.missing_codes.items() if letters[kind]}
        # The library names a set of labels after its column and a number, which Stata's 32 characters may not hold;
        # so the columns go by their place while it writes.
        place = {name: f"_c{i}_" for i, name in enumerate(columns)}
        pyreadstat.write_dta(
            pd.DataFrame(columns).rename(columns=place),
            path,
            file_label=_label(package, table),
            column_labels=[f.title for f in table.fields],
            version=STATA_14,
            variable_value_labels={
                place[f.name]: labels for f in coded if (labels := _value_labels(f) | (named if f.name in gaps else {}))
            },
            missing_user_values={place[name]: list(named) for name in gaps},
            variable_format={place[f.name]: "%tdCCYY-NN-DD" for f in coded if f.type == "date"},
        )
        _name_columns(path, list(columns))
        at = path.read_bytes().index(b"<timestamp>") + len(b"<timestamp>") + 1
        _stamp(path, at, f"{_released(package):%d %b %Y} 00:00")


def _name_columns(path: Path, names: list[str]) -> None:
    """Give the columns their names, and each set of value labels that of its column, in their slots of fixed width."""

    def named(slot: re.Match[bytes]) -> bytes:
        return names[int(slot[1])].encode("ascii").ljust(len(slot[0]), b"\0")

    head, data, rest = path.read_bytes().partition(b"<data>")
    texts, labels, tail = rest.rpartition(b"<value_labels>")
    slot = re.compile(rb"_c([0-9]+)_[0-9]*\0+")
    path.write_bytes(slot.sub(named, head) + data + texts + labels + slot.sub(named, tail))


def spss(contents: Contents, folder: Path) -> None:
    """One .sav a table, with the kinds of missing as a user-missing range.

    Raises:
        ExportError: a value would be taken for missing.
    """
    import pyreadstat

    package = contents.package
    numbers = {kind: k.spss for kind, k in package.missing_codes.items()}
    named = {k.spss: k.label for k in package.missing_codes.values() if k.spss is not None}
    for table, columns, path in _tables(contents, folder, "sav"):
        coded = [f for f in table.fields if _is_coded(f)]
        for f in coded:
            values = _numbers(f, contents.frames[table.name][f.name], "spss", DAY)
            if (taken := values[values.between(min(named), max(named)).fillna(False)]).size:
                raise ExportError(
                    f"{table.name}, {f.name}: {taken.iloc[0]:g} lies among the numbers that stand for missing in SPSS "
                    f"({min(named)} to {max(named)}); leave spss out"
                )
            columns[f.name] = values.fillna(contents.missing_codes[table.name][f.name].map(numbers).astype("Float64"))
        gaps = [f.name for f in coded if _may_miss(f)]
        pyreadstat.write_sav(
            pd.DataFrame(columns),
            path,
            file_label=_label(package, table),
            column_labels={f.name: f.title for f in table.fields},
            variable_value_labels={
                f.name: labels for f in coded if (labels := _value_labels(f) | (named if f.name in gaps else {}))
            },
            missing_ranges={name: [{"lo": min(named), "hi": max(named)}] for name in gaps},
            variable_measure={f.name: _measure(f) for f in table.fields},
            variable_format={f.name: _format(f) for f in coded},
        )
        _stamp(path, 92, f"{_released(package):%d %b %y}00:00:00")  # the header's date and time, 9 and 8 bytes


def _tables(contents: Contents, folder: Path, suffix: str) -> list[tuple[Table, dict[str, pd.Series], Path]]:
    """Each table with its columns as text, to be replaced where they are numbers, and the file to write."""
    out = []
    for name, table in contents.package.all_tables.items():
        texts = {column: values.astype(object) for column, values in contents.texts[name].items()}
        out.append((table, texts, folder / f"{name}.{suffix}"))
    return out


def _is_coded(f: Field) -> bool:
    return f.type != "string" or bool(f.categories)


def _may_miss(f: Field) -> bool:
    return not f.required or f.evidenced


def _numbers(f: Field, values: pd.Series, program: str, day: int) -> pd.Series:
    """Values of a coded column as the program's numbers; NA where missing. Dtype: Float64."""
    if f.categories:
        values = values.map({c.value: c.number for c in f.categories})
    elif f.type == "date":
        values = (values - EPOCHS[program]).dt.days * day
    return values.astype("Float64")


def _value_labels(f: Field) -> dict[Any, str]:
    if f.type == "boolean":
        return dict(BOOLEANS)
    return {c.number: c.label for c in f.categories}


def _measure(f: Field) -> str:
    if f.ordered:
        return "ordinal"
    return "scale" if f.type in ("integer", "number", "date") else "nominal"


def _format(f: Field) -> str:
    return {"date": "SDATE10", "number": "F12.4"}.get(f.type, "F8.0")


def _label(package: Package, table: Table) -> str:
    label = f"{package.metadata['name']} {package.version}: {table.title}"[:80]  # Stata's limit
    return label.encode()[:255].decode(errors="ignore")  # the library's, which cuts a character in two


def _released(package: Package) -> pd.Timestamp:
    return pd.Timestamp(package.metadata["released"])


def _stamp(path: Path, at: int, text: str) -> None:
    """Put the day of release where the program would put the time of writing, so that two exports are alike."""
    raw = bytearray(path.read_bytes())
    raw[at : at + len(text)] = text.encode("ascii")
    path.write_bytes(raw)
