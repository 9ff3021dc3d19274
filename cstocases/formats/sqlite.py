"""An SQLite file: typed tables with keys and references, their documentation, and views for reading."""

from __future__ import annotations

import contextlib
import graphlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cstocases.derived.comparison import FORUMS, source_of
from cstocases.formats.contents import Contents
from cstocases.formats.datapackage import never_missing
from cstocases.schema.model import Field, Package, Table

COMPUTED = "comparison_computed"  # what the comparison does not take from another table
TYPES = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "BOOLEAN", "date": "DATE"}


def sqlite(contents: Contents, work: Path) -> None:
    """One SQLite file. Dates are ISO texts and booleans 0 and 1, as is the custom there."""
    package = contents.package
    with contextlib.closing(sqlite3.connect(work / f"{package.metadata['name']}.sqlite")) as con, con:
        con.execute("PRAGMA foreign_keys = ON")
        for table in _in_order(package):
            name = COMPUTED if table.name == "comparison" else table.name
            fields = [f for f in table.fields if name != COMPUTED or f.ref is None or f.name in table.primary_key]
            columns = [f"{_column(f)}, -- {f.title}" for f in fields]
            con.execute(f"CREATE TABLE {_id(name)} (\n  " + "\n  ".join(columns) + f"\n  {_keys(table, name)}\n)")
            values = {f.name: contents.values[table.name][f.name] for f in fields}
            texts = {f.name: values[f.name].cast(pa.string()) for f in fields if f.type == "date"}
            rows = zip(*(column.to_pylist() for column in (values | texts).values()), strict=True)
            con.executemany(f"INSERT INTO {_id(name)} VALUES ({', '.join('?' * len(fields))})", rows)  # noqa: S608 - names are the schema's
        for name, frame in _documentation(contents).items():
            frame.to_sql(name, con, index=False)
        for view in _views(package):
            con.execute(view)


def _in_order(package: Package) -> Iterator[Table]:
    """The stored tables, each after those it refers to, then the derived ones."""
    needs = {name: {key.table for key in table.foreign_keys} for name, table in package.stored.items()}
    yield from (package.table(name) for name in graphlib.TopologicalSorter(needs).static_order())
    yield from (table for table in package.all_tables.values() if table.derived)


def _column(f: Field) -> str:
    allowed = "0, 1" if f.type == "boolean" else ", ".join(_quote(c.value) for c in f.categories)
    check = f" CHECK ({_id(f.name)} IN ({allowed}))" if allowed else ""
    return f"{_id(f.name)} {TYPES[f.type]}{' NOT NULL' if never_missing(f) else ''}{check}"


def _keys(table: Table, name: str) -> str:
    keys = [f"PRIMARY KEY ({_id(*table.primary_key)})", *(f"UNIQUE ({_id(*key)})" for key in table.unique_keys)]
    for key in table.foreign_keys:
        keys.append(f"FOREIGN KEY ({_id(*key.fields)}) REFERENCES {_id(key.table)} ({_id(*key.to)})")
    if name == COMPUTED:
        keys.append("FOREIGN KEY (request_id) REFERENCES requests (request_id)")
    return ",\n  ".join(keys)


def _documentation(contents: Contents) -> dict[str, pd.DataFrame]:
    """The tables about the data."""
    package = contents.package
    every = [(name, f) for name, table in package.all_tables.items() for f in table.fields]
    about = {
        "title": package.metadata["title"],
        "version": package.version,
        "released": package.metadata["released"],
        "citation": contents.citation,
        "licence": package.metadata["licenses"][0]["name"],
        "rule": contents.how,
    }
    fields = [(name, f.name, f.type, f.title, f.description) for name, f in every]
    codes = [(name, f.name, c.value, c.number, c.label, c.description) for name, f in every for c in f.categories]
    kinds = [(kind, k.label, k.stata, k.spss) for kind, k in package.missing_codes.items()]
    return {
        "missing": contents.missing.to_pandas(),
        "about": pd.DataFrame(about.items(), columns=["item", "content"]),
        "fields": pd.DataFrame(fields, columns=["table_name", "field_name", "type", "title", "description"]),
        "codes": pd.DataFrame(codes, columns=["table_name", "field_name", "code", "number", "label", "description"]),
        "kinds": pd.DataFrame(kinds, columns=["kind", "label", "stata", "spss"]).astype({"spss": "Int64"}),
    }


def _views(package: Package) -> Iterator[str]:
    if "comparison" in package.all_tables:
        yield _comparison(package.table("comparison"))
    for name, table in package.all_tables.items():
        if any(f.categories for f in table.fields):
            columns = ", ".join(_labelled(name, f) for f in table.fields)
            yield f"CREATE VIEW {name}_labelled AS SELECT {columns} FROM {_id(name)} AS t"  # noqa: S608 - as above


def _labelled(table: str, f: Field) -> str:
    if not f.categories:
        return _id(f.name)
    where = f"c.table_name = {_quote(table)} AND c.field_name = {_quote(f.name)} AND c.code = CAST(t.{_id(f.name)} AS VARCHAR)"
    return f"(SELECT c.label FROM codes AS c WHERE {where}) AS {_id(f.name)}"  # noqa: S608 - as above


def _comparison(table: Table) -> str:
    """The comparison as a view of the tables it is taken from, beside what is computed of it."""
    columns = ", ".join(
        f"{source_of(f.name, f.ref[0])}_row.{_id(f.ref[1])} AS {_id(f.name)}" if f.ref else f"computed.{_id(f.name)}"
        for f in table.fields
    )
    finals = " ".join(
        f"LEFT JOIN decisions AS {forum}_row ON {forum}_row.request_id = request_row.request_id "
        f"AND {forum}_row.is_final AND {forum}_row.forum = '{forum}'"
        for forum in FORUMS.values()
    )
    return (
        f"CREATE VIEW comparison AS SELECT {columns} FROM requests AS request_row "  # noqa: S608 - names are the schema's
        f"JOIN cases AS case_row ON case_row.case_id = request_row.case_id {finals} "
        f"JOIN {COMPUTED} AS computed ON computed.request_id = request_row.request_id"
    )


def _id(*names: str) -> str:
    """Names as SQL reads them, even one that is a word of its own, such as order."""
    return ", ".join(f'"{name}"' for name in names)


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
