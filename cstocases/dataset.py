"""The dataset as a whole: load its tables, ask what they mean, validate them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cstocases.derived.comparison import derived, n_rows
from cstocases.errors import DataError, Problem, UnknownNameError, visible
from cstocases.files.judged import content_digest, is_judged, remember
from cstocases.parsing import csv_reader
from cstocases.parsing.joins import Lazy
from cstocases.parsing.parsed_table import parse_judged
from cstocases.resolution.data import Data
from cstocases.resolution.rules import resolve
from cstocases.schema.model import Package
from cstocases.schema.reader import package

Watch = Callable[[int, int], None]


def validate(home: str | Path | None = None, watch: Watch | None = None, *, release: bool = False) -> list[Problem]:
    """Every problem of the shipped data, or of another folder in the same layout; an empty list if it is sound.

    With `release` also what a release needs besides: a verdict wherever a blind coding differs from the published value.
    `watch` is told, after each step, how many steps of how many are done. Time grows with the
    number of rows: docs/performance.md has the measures.

    Raises:
        SchemaFileError: the schema itself is wrong.
    """
    dataset = package(home)
    raw, absent = _contents(dataset)
    problems = _judged(dataset, raw, absent, watch=watch, release=release)[1]
    if not problems:
        remember(_digest(dataset, raw))
    return problems


def _contents(dataset: Package) -> tuple[dict[str, bytes], list[Problem]]:
    """The bytes of each table's file by path, and a problem for each file that is missing, cannot be read or is no table."""
    raw, problems = dict[str, bytes](), list[Problem]()
    paths = [table.path for table in dataset.stored.values()]
    for path in paths:
        found, wrong = csv_reader.file_bytes(dataset.home, path)
        problems += wrong
        if found is not None:
            raw[path] = found
    for file in sorted((dataset.home / "cases").glob("*")):
        if f"cases/{file.name}" not in paths:
            message = "no table of the schema; remove it or list it in schema/dataset.json"
            problems.append(Problem(f"cases/{visible(file.name)}", 0, "", "file", message))
    return raw, problems


def _digest(dataset: Package, raw: dict[str, bytes]) -> str:
    schema = {f"schema/{path.name}": path.read_bytes() for path in (dataset.home / "schema").glob("*.json")}
    return content_digest([*raw.items(), *schema.items()])


def _judged(
    dataset: Package, raw: Mapping[str, bytes], absent: list[Problem], **how: Any
) -> tuple[Data, list[Problem]]:
    # Loading what was judged before does not need the validation rules.
    from cstocases.validation.judging import judged

    return judged(dataset, raw, absent, **how)


def amended(before: Data, files: Mapping[str, bytes]) -> tuple[Data, list[Problem]]:
    """Sound data with other files of some tables, by path, and every problem that they have then; nothing is written."""
    package, raw = before.package, _contents(before.package)[0]
    known = {name: parsed for name, parsed in before.parsed.items() if parsed.table.path not in files}
    # What is remembered as sound must be what was judged, and the other files may have changed since they were read.
    digest = _digest(package, {**raw, **files}) if _digest(package, raw) == before.digest else ""
    if digest and is_judged(digest):
        stored = package.stored.items()
        tables = {name: known.get(name) or parse_judged(package, table, files[table.path]) for name, table in stored}
        return Data(package, tables, digest), []
    found, problems = _judged(package, files, [], known=known)
    if digest and not problems:
        remember(digest)
    return Data(package, found.parsed, "" if problems else digest), problems


def data(home: str | Path | None = None, rule: str = "published", as_of: str | datetime.date | None = None) -> Data:
    """All tables, found sound and resolved by a resolution rule.

    Content whose bytes were judged before, in this process or another, is not judged again.

    Raises:
        UnknownNameError: no such resolution rule.
        DataError: the data have problems.
    """
    dataset = package(home)
    raw, absent = _contents(dataset)
    digest = _digest(dataset, raw)
    found = _kept((str(dataset.home), digest), lambda: _sound(dataset, raw, absent, digest))
    return _kept((str(dataset.home), digest, rule, str(as_of)), lambda: resolve(found, rule, as_of))


def _sound(dataset: Package, raw: dict[str, bytes], absent: list[Problem], digest: str) -> Data:
    if absent or not is_judged(digest):
        found, problems = _judged(dataset, raw, absent)
        if problems:
            raise DataError(problems)
        remember(digest)
        return Data(dataset, found.parsed, digest)
    stored = dataset.stored
    tables = Lazy(list(stored), lambda name: parse_judged(dataset, stored[name], raw[stored[name].path]))
    return Data(dataset, tables, digest)


_KEPT: dict[tuple[str, ...], Data] = {}
MAX_KEPT = 8


def _kept(key: tuple[str, ...], make: Callable[[], Data]) -> Data:
    """The data of this content, rule and day that were made before in this process, or new ones."""
    if key not in _KEPT:
        made = make()
        while len(_KEPT) >= MAX_KEPT:
            _KEPT.pop(next(iter(_KEPT)))
        _KEPT[key] = made
    return _KEPT[key]


def load(
    name: str, home: str | Path | None = None, *, rule: str = "published", as_of: str | datetime.date | None = None
) -> pd.DataFrame:
    """A table as a typed frame; also `comparison`, the derived wide table with one row a request, and `statuses`.

    Columns are those `describe(name)` lists, in that order; dtypes string, Int64,
    boolean and datetime64[s], with NA where a cell is missing (see `missing`). `rule`
    (published, official, plurality, stated, strict) settles cells whose sources differ, and with
    `as_of` only sources published by that day count.

    Raises:
        UnknownNameError: no such table or rule.
        DataError: the data have problems.

    >>> load("requests").dtypes["date"]
    dtype('<M8[s]')
    """
    table = package(home).table(name)
    found = data(home, rule, as_of)
    frame = derived(found, name)[0] if table.derived else found.frames[name]
    return frame.reset_index(drop=True)


def missing(
    name: str, home: str | Path | None = None, *, rule: str = "published", as_of: str | datetime.date | None = None
) -> pd.DataFrame:
    """The missing-value codes of a table: a frame of the shape of `load(name)`, dtype string, NA where a value stands.

    Kinds are the tokens of the CSV, and `not_coded` for an empty cell.

    Raises:
        UnknownNameError: no such table or rule.
        DataError: the data have problems.
    """
    table = package(home).table(name)
    found = data(home, rule, as_of)
    kinds = derived(found, name)[1] if table.derived else found.missing_codes[name]
    return kinds.reset_index(drop=True)


def tables(home: str | Path | None = None) -> pd.DataFrame:
    """The tables of the dataset. Columns: table, group, rows, columns, title, description.

    Raises:
        DataError: the data have problems.
    """
    found = data(home)
    rows = []
    for name, table in found.package.all_tables.items():
        n = n_rows(found, name) if table.derived else len(found.parsed[name].lines)
        rows.append((name, table.group, n, len(table.fields), table.title, table.description))
    return pd.DataFrame(rows, columns=["table", "group", "rows", "columns", "title", "description"])


def canonical(name: str, home: str | Path | None = None) -> str:
    """The CSV text of a stored table in canonical form: UTF-8 in NFC, LF, least quoting, schema order, rows by primary key.

    Raises:
        UnknownNameError: no such stored table.
        DataError: the file cannot be read as rows of this table.
    """
    dataset = package(home)
    if name not in dataset.stored:
        raise UnknownNameError("stored table", name, dataset.stored)
    table = dataset.stored[name]
    raw, absent = csv_reader.file_bytes(dataset.home, table.path)
    if raw is None:
        raise DataError(absent)
    return csv_reader.canonical(table, raw)


def describe(name: str, home: str | Path | None = None) -> pd.DataFrame:
    """What a table or a field means. `name` is `table` or `table.field`.

    For a table one row a field: field, type, title, description, evidenced, required,
    codes (number of). For a field with a code list one row a code: code, label,
    description; for another field one row of its properties.

    Raises:
        UnknownNameError: no such table or field.
    """
    table_name, _, field_name = name.partition(".")
    table = package(home).table(table_name)
    if not field_name:
        return pd.DataFrame(
            [
                (f.name, f.type, f.title, f.description, f.evidenced, f.required, len(f.categories))
                for f in table.fields
            ],
            columns=["field", "type", "title", "description", "evidenced", "required", "codes"],
        )
    field = table.field(field_name)
    if field.categories:
        return pd.DataFrame(
            [(c.value, c.label, c.description) for c in field.categories], columns=["code", "label", "description"]
        )
    return pd.DataFrame(
        [(field.name, field.type, field.title, field.description)], columns=["field", "type", "title", "description"]
    )
