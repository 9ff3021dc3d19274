"""Each format of an export read back by a reader that did not write it, in one common form."""

from __future__ import annotations

import csv
import datetime
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pandas as pd
import polars
import pyarrow.parquet as pq

import cstocases
from cstocases.schema.model import Field, Table

DATASET = cstocases.package()
KINDS = DATASET.missing_codes
TOKENS = {k.token: kind for kind, k in KINDS.items()}


class Gap(NamedTuple):
    """A cell without a value."""

    kind: str


@dataclass
class Back:
    """A table as read: cells by column, and what the format says of codes and titles (None where it says nothing)."""

    cells: dict[str, list[Any]]
    labels: dict[str, dict[str, str]] | None = None
    order: dict[str, list[str]] | None = None
    titles: dict[str, str] | None = None


@dataclass
class Expected:
    """What every format should give for a table."""

    table: Table
    cells: dict[str, list[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        frame, kinds = cstocases.load(self.table.name), cstocases.missing(self.table.name)
        plain: dict[str, Callable[[Any], Any]] = {
            "string": str,
            "integer": int,
            "number": float,
            "boolean": bool,
            "date": lambda v: v.date(),
        }
        for f in self.table.fields:
            pairs = zip(frame[f.name], kinds[f.name], strict=True)
            self.cells[f.name] = [plain[f.type](v) if pd.isna(kind) else Gap(kind) for v, kind in pairs]

    @property
    def labels(self) -> dict[str, dict[str, str]]:
        """Labels by code, of the columns that have codes."""
        return {f.name: f.labels for f in self.table.fields if f.categories}

    @property
    def order(self) -> dict[str, list[str]]:
        """Codes in order, of the columns that have codes."""
        return {f.name: [c.value for c in f.categories] for f in self.table.fields if f.categories}

    @property
    def titles(self) -> dict[str, str]:
        """Titles of all columns."""
        return {f.name: f.title for f in self.table.fields}


def from_text(f: Field, text: str) -> Any:
    """A cell of a CSV, by the codebook alone."""
    if text in TOKENS:
        return Gap(TOKENS[text])
    convert: dict[str, Callable[[str], Any]] = {
        "integer": int,
        "number": float,
        "boolean": {"true": True, "false": False}.__getitem__,
        "date": datetime.date.fromisoformat,
    }
    return convert.get(f.type, str)(text)


def read_csv(export: Path, table: Table) -> Back:
    """The standard library's csv, and datapackage.json."""
    with (export / f"csv/{table.name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    package = json.loads((export / "datapackage.json").read_text(encoding="utf-8"))
    (schema,) = (r["schema"] for r in package["resources"] if r["name"] == table.name)
    coded = {f["name"]: f["categories"] for f in schema["fields"] if "categories" in f}
    return Back(
        {f.name: [from_text(f, row[f.name]) for row in rows] for f in table.fields},
        {name: {c["value"]: c["label"] for c in codes} for name, codes in coded.items()},
        {name: [c["value"] for c in codes] for name, codes in coded.items()},
        {f["name"]: f["title"] for f in schema["fields"]},
    )


def with_gaps(table: Table, rows: list[dict[str, Any]], gaps: list[tuple[str, ...]]) -> dict[str, list[Any]]:
    """Cells of records, empty ones with the kind a list of (table, record, field, kind) gives them."""
    kinds = {tuple(gap[1:3]): gap[3] for gap in gaps if gap[0] == table.name}
    out: dict[str, list[Any]] = {name: [] for name in table.names}
    for row in rows:
        key = "/".join(str(row[name]) for name in table.primary_key)
        for name in table.names:
            # A missing part of a key would be a fault; a value with a missing-value code too.
            value = row[name]
            assert (value is None) == ((key, name) in kinds), (table.name, key, name)
            out[name].append(Gap(kinds[key, name]) if value is None else value)
    return out


def read_parquet(export: Path, table: Table) -> Back:
    """Polars' own Parquet reader; the schema's metadata by pyarrow."""
    rows = polars.read_parquet(export / f"parquet/{table.name}.parquet").to_dicts()
    gaps = polars.read_parquet(export / "parquet/missing.parquet").rows()
    schema = pq.read_schema(export / f"parquet/{table.name}.parquet")
    coded = {f.name: json.loads(codes) for f in schema if (codes := f.metadata.get(b"categories"))}
    return Back(
        with_gaps(table, rows, gaps),
        {name: dict(codes) for name, codes in coded.items()},
        {name: [code for code, _ in codes] for name, codes in coded.items()},
        {f.name: f.metadata[b"title"].decode() for f in schema},
    )


def read_stata(export: Path, table: Table) -> Back:
    """The Stata reader of pandas."""
    with pd.io.stata.StataReader(export / f"stata/{table.name}.dta") as reader:
        frame = reader.read(convert_dates=False, convert_categoricals=False, convert_missing=True)
        titles, sets = reader.variable_labels(), reader.value_labels()
        formats = dict(zip(frame.columns, reader._fmtlist, strict=True))
    kinds = {k.stata: kind for kind, k in KINDS.items()}
    cells, labels = {}, {}
    for f in table.fields:
        codes = {c.number: c.value for c in f.categories}
        values = []
        for value in frame[f.name]:
            if isinstance(value, pd.io.stata.StataMissingValue):
                values.append(Gap(kinds[str(value)]))
            elif f.type == "date":
                assert formats[f.name].startswith("%td")
                values.append(datetime.date(1960, 1, 1) + datetime.timedelta(days=int(value)))
            else:
                values.append(codes[int(value)] if codes else from_number(f, value))
        cells[f.name] = values
        if codes:
            labels[f.name] = {codes[n]: label for n, label in sets[f.name].items() if n in codes}
        # The extended missing values are labelled too: .a is stored as the integer 2147483622.
        if f.name in sets:
            gaps = [label for n, label in sorted(sets[f.name].items()) if n > 2_147_483_621]
            assert gaps in ([], [k.label for k in KINDS.values() if k.token])
    return Back(cells, labels, {name: list(found) for name, found in labels.items()}, titles)


def from_number(f: Field, value: Any) -> Any:
    """A cell of a column without codes in Stata or SPSS."""
    if f.type == "string":
        return Gap(TOKENS[value]) if value in TOKENS else value
    return {"integer": int, "number": float, "boolean": bool}[f.type](value)


PSPP = """\
GET FILE='{sav}'.
{formats}
SAVE TRANSLATE /OUTFILE='{out}.values' /TYPE=CSV /FIELDNAMES /CELLS=VALUES /REPLACE.
SAVE TRANSLATE /OUTFILE='{out}.labels' /TYPE=CSV /FIELDNAMES /CELLS=LABELS /REPLACE.
DISPLAY DICTIONARY.
"""


def read_spss(export: Path, table: Table) -> Back:
    """PSPP, the free reading of SPSS: values and labels saved as CSV, titles from its dictionary."""
    out = export.parent / f"{table.name}.pspp"
    dates = " ".join(f.name for f in table.fields if f.type == "date")
    syntax = PSPP.format(
        sav=export / f"spss/{table.name}.sav", out=out, formats=f"FORMATS {dates} (F14.0)." if dates else ""
    )
    script = out.with_suffix(".sps")
    script.write_text(syntax, encoding="utf-8")
    done = subprocess.run(
        ["pspp", "-O", "format=csv", str(script)], capture_output=True, text=True, encoding="utf-8", check=True
    )
    values, labelled = (pspp_csv(out.with_suffix(f".pspp.{part}")) for part in ("values", "labels"))
    kinds = {str(k.spss): kind for kind, k in KINDS.items() if k.spss}
    cells, labels = {}, {}
    for f in table.fields:
        codes = {str(c.number): c.value for c in f.categories}
        column = []
        for row in values:
            text = row[f.name]
            if f.type == "string" and not codes:
                column.append(from_number(f, text))
            elif text.strip() == "":
                column.append(Gap("not_coded"))
            elif text in kinds:
                column.append(Gap(kinds[text]))
            elif f.type == "date":
                column.append(datetime.date(1582, 10, 14) + datetime.timedelta(seconds=int(text)))
            else:
                column.append(codes[text] if codes else from_number(f, float(text)))
        cells[f.name] = column
        if codes:
            seen = zip(values, labelled, strict=True)
            labels[f.name] = {codes[v[f.name]]: w[f.name] for v, w in seen if v[f.name] in codes}
    dictionary = list(csv.reader(done.stdout.splitlines()))
    start = next(i for i, row in enumerate(dictionary) if row[:2] == ["Name", "Position"])
    titles = {row[0]: row[2] for row in dictionary[start + 1 : start + 1 + len(table.fields)]}
    return Back(cells, labels, None, titles)


def pspp_csv(path: Path) -> list[dict[str, str]]:
    """A CSV that PSPP saved."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_excel(export: Path, table: Table) -> Back:
    """openpyxl; labels and order from the sheet codebook, titles from above the names; a column of labels is one of its own."""
    book = workbook(export)
    above, header, *rows = book[table.name].iter_rows(values_only=True)
    plain = {f.name: f for f in table.fields}

    def cell(f: Field, value: Any) -> Any:
        if value is None or isinstance(value, str):
            return from_text(f, value or "")
        return value.date() if isinstance(value, datetime.datetime) else value

    labels: dict[str, dict[str, str]] = {}
    for _, name, _, _, code, _, label, _ in coded(export).get(table.name, []):
        labels.setdefault(name, {})[code] = label
    return Back(
        {name: [cell(plain[name], row[i]) for row in rows] for i, name in enumerate(header) if name in plain},
        labels,
        {name: list(codes) for name, codes in labels.items()},
        {name: title for name, title in zip(header, above, strict=True) if name in plain},
    )


@cache
def workbook(export: Path) -> Any:
    """The workbook, opened once."""
    return openpyxl.load_workbook(export / "cstocases.xlsx")


@cache
def coded(export: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the sheet codebook that are codes, by table."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in workbook(export)["codebook"].iter_rows(values_only=True, min_row=3):
        if row[2] == "code":
            found.setdefault(row[0], []).append(row)
    return found


def records(cursor: Any, query: str) -> Iterator[dict[str, Any]]:
    """Rows of a query as records."""
    done = cursor.execute(query)
    names = [column[0] for column in done.description]
    return (dict(zip(names, row, strict=True)) for row in done.fetchall())


def documented(cursor: Any, table: Table) -> tuple[dict[str, dict[str, str]], dict[str, list[str]], dict[str, str]]:
    """Labels, order and titles from the tables codes and fields of a database."""
    labels: dict[str, dict[str, str]] = {}
    for row in records(cursor, f"SELECT * FROM codes WHERE table_name = '{table.name}' ORDER BY field_name, number"):
        labels.setdefault(row["field_name"], {})[row["code"]] = row["label"]
    titles = records(cursor, f"SELECT field_name, title FROM fields WHERE table_name = '{table.name}'")
    order = {name: list(codes) for name, codes in labels.items()}
    return labels, order, {row["field_name"]: row["title"] for row in titles}


def read_sqlite(export: Path, table: Table) -> Back:
    """The engine SQLite."""
    with closing(sqlite3.connect(export / "cstocases.sqlite")) as con:
        rows = list(records(con, f"SELECT * FROM {table.name} ORDER BY {', '.join(table.primary_key)}"))
        gaps = con.execute("SELECT * FROM missing").fetchall()
        about = documented(con, table)
    for row in rows:
        for f in table.fields:
            if row[f.name] is not None and f.type in ("boolean", "date"):
                row[f.name] = (
                    datetime.date.fromisoformat(row[f.name]) if f.type == "date" else {0: False, 1: True}[row[f.name]]
                )
    return Back(with_gaps(table, rows, gaps), *about)


def read_json(export: Path, table: Table) -> Back:
    """The standard library's json."""
    rows = json.loads((export / f"json/{table.name}.json").read_text(encoding="utf-8"))
    gaps = [tuple(gap.values()) for gap in json.loads((export / "json/missing.json").read_text(encoding="utf-8"))]
    for row in rows:
        for f in table.fields:
            if f.type == "date" and row[f.name] is not None:
                row[f.name] = datetime.date.fromisoformat(row[f.name])
    return Back(with_gaps(table, rows, gaps))


@cache
def r_library(export: Path) -> Path:
    """A library of R's with the package of an export in it."""
    library = export.parent / "r-library"
    library.mkdir()
    (archive,) = export.glob("*.tar.gz")
    said = ["R", "CMD", "INSTALL", f"--library={library}", str(archive)]
    done = subprocess.run(said, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return library


@cache
def _r_tables(export: Path) -> Path:
    """A folder in which R wrote every table of the package as text."""
    out = export.parent / "r-tables"
    out.mkdir()
    script = Path(__file__).with_name("readers") / "tables.R"
    said = ["Rscript", str(script), "package", str(export), str(out), *DATASET.all_tables]
    done = subprocess.run(
        said, env={**os.environ, "R_LIBS": str(r_library(export))}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return out


R_CLASSES = {"string": "character", "integer": "integer", "number": "numeric", "boolean": "logical", "date": "Date"}


def read_r(export: Path, table: Table) -> Back:
    """R itself, with the package installed."""
    out = _r_tables(export)
    with (out / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (out / f"{table.name}.about.csv").open(encoding="utf-8", newline="") as file:
        about = list(csv.DictReader(file))
    labels: dict[str, dict[str, str]] = {}
    for row in about:
        f = table.field(row["name"])
        coded = "ordered factor" if f.ordered else "factor"
        assert row["class"] == (coded if f.categories else R_CLASSES[f.type]), f.name
        if f.categories:
            labels.setdefault(f.name, {})[row["code"]] = row["label"]
    return Back(
        {
            f.name: [Gap(row[f.name]) if row[f.name] in KINDS else from_text(f, row[f.name]) for row in rows]
            for f in table.fields
        },
        labels,
        {name: list(codes) for name, codes in labels.items()},
        {row["name"]: row["title"] for row in about},
    )


READERS: dict[str, Callable[[Path, Table], Back]] = {
    "csv": read_csv,
    "parquet": read_parquet,
    "stata": read_stata,
    "spss": read_spss,
    "r": read_r,
    "excel": read_excel,
    "sqlite": read_sqlite,
    "json": read_json,
}
