"""SQLite and DuckDB files: typed tables with keys and references, their documentation, and views for reading."""

from __future__ import annotations

import contextlib
import graphlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from cstocases.derived.comparison import FORUMS, source_of
from cstocases.formats.citation import cite
from cstocases.formats.contents import Contents
from cstocases.schema.model import Field, Package, Table

COMPUTED = "comparison_computed"
SQLITE_TYPES = {"string": "TEXT", "integer": "INTEGER", "number": "REAL", "boolean": "BOOLEAN", "date": "DATE"}
DUCKDB_TYPES = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE"}
Column = tuple[str, str, str]  # name, what follows it in the table's definition, title


def sqlite(contents: Contents, path: Path) -> None:
    """One SQLite file. Dates are ISO texts and booleans 0 and 1, as is the custom there."""
    with contextlib.closing(sqlite3.connect(path)) as con, con:
        con.execute("PRAGMA foreign_keys = ON")
        for name, table in _tables(contents):
            con.execute(_create(contents.package, name, table.schema, _sqlite_column, comments=True))
            _insert(con, name, table)
        for view in _views(contents.package):
            con.execute(view)


def _insert(con: sqlite3.Connection, name: str, table: pa.Table) -> None:
    columns = [
        [value.isoformat() if value is not None else None for value in column.to_pylist()]
        if pa.types.is_date(column.type)
        else column.to_pylist()
        for column in table.columns
    ]
    marks = ", ".join("?" * len(columns))
    con.executemany(f"INSERT INTO {_id(name)} VALUES ({marks})", zip(*columns, strict=True))  # noqa: S608 - names are the schema's


def duckdb(contents: Contents, path: Path) -> None:
    """One DuckDB file. Code lists are enumerations in their declared order; every table and column has its comment."""
    import duckdb as engine

    package = contents.package
    with engine.connect(str(path)) as con:
        for name, f in _coded(package).items():
            con.execute(f"CREATE TYPE {name}_code AS ENUM ({_quoted(c.value for c in f.categories)})")
        for name, table in _tables(contents):
            con.execute(_create(package, name, table.schema, _duckdb_column, comments=False))
            con.register("incoming", table)
            con.execute(f"INSERT INTO {_id(name)} SELECT * FROM incoming")  # noqa: S608 - names are the schema's
            con.unregister("incoming")
            comments = {column: (table.schema.field(column).metadata or {}) for column in table.schema.names}
            for column, said in comments.items():
                text = ". ".join(part.decode() for key in (b"title", b"description") if (part := said.get(key)))
                con.execute(f"COMMENT ON COLUMN {_id(name)}.{_id(column)} IS {_quote(text)}")
            con.execute(
                f"COMMENT ON TABLE {_id(name)} IS {_quote((table.schema.metadata or {})[b'description'].decode())}"
            )
        for view in _views(package):
            con.execute(view)
        made = {row[0] for row in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()}
        for name, table in package.all_tables.items():
            for view in sorted({name, f"{name}_labelled"} & made):
                con.execute(f"COMMENT ON VIEW {_id(view)} IS {_quote(table.description)}")
                for f in table.fields:
                    con.execute(
                        f"COMMENT ON COLUMN {_id(view)}.{_id(f.name)} IS {_quote(f'{f.title}. {f.description}')}"
                    )
        con.execute("CHECKPOINT")


def _coded(package: Package) -> dict[str, Field]:
    """Fields with a code list, by name: a name means one thing in every table."""
    return {f.name: f for table in package.all_tables.values() for f in table.fields if f.categories}


def _tables(contents: Contents) -> Iterator[tuple[str, pa.Table]]:
    """What is stored, each table after those it refers to: data, what is computed of the comparison, documentation."""
    package = contents.package
    needs = {name: {key.table for key in table.foreign_keys} for name, table in package.stored.items()}
    for name in graphlib.TopologicalSorter(needs).static_order():
        yield name, contents.arrow(name)
    for name, table in package.all_tables.items():
        if name == "comparison":
            keep = [*table.primary_key, *(f.name for f in table.fields if f.ref is None)]
            yield COMPUTED, contents.arrow(name).select(keep)
        elif table.derived:
            yield name, contents.arrow(name)
    yield "missing", contents.arrow_missing()
    yield from _documentation(contents)


def _documentation(contents: Contents) -> Iterator[tuple[str, pa.Table]]:
    package = contents.package
    meta = package.metadata
    every = [(name, f) for name, table in package.all_tables.items() for f in table.fields]
    yield (
        "about",
        _plain(
            "The dataset: title, version, how to cite, licence, and how cells whose sources differ were settled.",
            ["item", "content"],
            [
                ("title", meta["title"]),
                ("version", package.version),
                ("released", meta["released"]),
                ("citation", cite(home=package.home)),
                ("licence", meta["licenses"][0]["name"]),
                ("rule", contents.how),
            ],
        ),
    )
    yield (
        "fields",
        _plain(
            "Every column of every table, with what it means.",
            ["table_name", "field_name", "type", "title", "description"],
            [(name, f.name, f.type, f.title, f.description) for name, f in every],
        ),
    )
    yield (
        "codes",
        _plain(
            "Every code of every code list, in its order; the number is the one used in Stata and SPSS.",
            ["table_name", "field_name", "code", "number", "label", "description"],
            [(name, f.name, c.value, c.number, c.label, c.description) for name, f in every for c in f.categories],
        ),
    )
    yield (
        "kinds",
        _plain(
            "The kinds of missing, as `missing` names them.",
            ["kind", "label", "stata", "spss"],
            [(kind, k.label, k.stata, k.spss) for kind, k in package.missing_codes.items()],
        ),
    )


def _plain(description: str, names: list[str], rows: list[tuple[object, ...]]) -> pa.Table:
    table = pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)})
    return table.replace_schema_metadata({"description": description})


def _create(
    package: Package, name: str, schema: pa.Schema, column: Callable[[str, pa.Field, Field | None], str], comments: bool
) -> str:
    table = package.all_tables.get("comparison" if name == COMPUTED else name)
    known = {f.name: f for f in table.fields} if table else {}
    lines = []
    for field in schema:
        title = (field.metadata or {}).get(b"title", b"").decode()
        lines.append((column(field.name, field, known.get(field.name)), title if comments else ""))
    keys = []
    if table:
        keys = [
            f"PRIMARY KEY ({_id(*table.primary_key)})",
            *(f"UNIQUE ({_id(*k)})" for k in table.unique_keys),
        ]
        keys += [f"FOREIGN KEY ({_id(*k.fields)}) REFERENCES {_id(k.table)} ({_id(*k.to)})" for k in table.foreign_keys]
    if name == COMPUTED:
        keys.append("FOREIGN KEY (request_id) REFERENCES requests (request_id)")
    body = [*lines, *((key, "") for key in keys)]
    text = [
        f"  {said}{',' if i + 1 < len(body) else ''}{' -- ' + note if note else ''}"
        for i, (said, note) in enumerate(body)
    ]
    return f"CREATE TABLE {_id(name)} (\n" + "\n".join(text) + "\n)"


def _sqlite_column(name: str, field: pa.Field, known: Field | None) -> str:
    kind = SQLITE_TYPES[known.type] if known else "INTEGER" if pa.types.is_integer(field.type) else "TEXT"
    check = (
        f" CHECK ({_id(name)} IN ({_quoted(c.value for c in known.categories)}))" if known and known.categories else ""
    )
    if known and known.type == "boolean":
        check = f" CHECK ({_id(name)} IN (0, 1))"
    return f"{_id(name)} {kind}{'' if field.nullable else ' NOT NULL'}{check}"


def _duckdb_column(name: str, field: pa.Field, known: Field | None) -> str:
    if known and known.categories:
        kind = f"{name}_code"
    else:
        kind = DUCKDB_TYPES[known.type] if known else "BIGINT" if pa.types.is_integer(field.type) else "VARCHAR"
    return f"{_id(name)} {kind}{'' if field.nullable else ' NOT NULL'}"


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


def _quoted(texts: Iterator[str]) -> str:
    return ", ".join(_quote(text) for text in texts)
