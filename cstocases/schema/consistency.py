"""What must be true of schema files and no JSON Schema can say: names, keys and references that fit each other."""

from __future__ import annotations

import graphlib
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from cstocases.errors import SchemaFileError, UnknownNameError, quoted
from cstocases.schema.build import DUMMIES, DUMMIES_INTO
from cstocases.schema.json_values import is_name
from cstocases.schema.model import Field, Package, Table

DATASET = "schema/dataset.json"
MAX_TABLES = 100
MAX_TITLE = 80  # Stata's limit on variable labels
# Tables that rules and pages can do without.
OPTIONAL = {"adjudications", "candidates", "codings", "covariates", "crosswalk", "searches"}
FORUMS = ("csto_", "bilateral_")  # a column of the comparison that begins so is taken from a decision


def check_dataset(raw: Mapping[str, Any]) -> None:
    """Codes and tables are listed once, the empty cell among the codes.

    Raises:
        SchemaFileError: the first fault.
    """
    codes = [item["value"] for item in raw["missingValues"]]
    _told_apart(codes, f"{DATASET}#/missingValues", "/value")
    if "" not in codes:
        raise SchemaFileError(f'{DATASET}#/missingValues: must list the empty cell; add one with "value": ""')
    seen: set[str] = set()
    for i, group in enumerate(raw["groups"]):
        for j, name in enumerate(group["tables"]):
            if name in seen:
                raise SchemaFileError(f"{DATASET}#/groups/{i}/tables/{j}: {name!r} is duplicated")
            seen.add(name)
    if len(seen) > MAX_TABLES:
        raise SchemaFileError(f"{DATASET}#/groups: more than {MAX_TABLES} tables")


def check_table(raw: Mapping[str, Any], name: str) -> None:
    """A file has the name of its table; names, codes and numbers are told apart; keys name its columns.

    Raises:
        SchemaFileError: the first fault.
    """
    at = f"schema/{name}.json#"
    if raw["name"] != name:
        raise SchemaFileError(f"{at}/name: {quoted(raw['name'])} is not the name of the file")
    for i, f in enumerate(raw["fields"]):
        _check_codes(f, f"{at}/fields/{i}")
        bounds = f.get("constraints", {})
        if "minimum" in bounds and "maximum" in bounds and bounds["minimum"] > bounds["maximum"]:
            raise SchemaFileError(f"{at}/fields/{i}/constraints/maximum: is below the minimum")
    names = [f.get("name") or f["$ref"].partition(".")[2] for f in raw["fields"]]
    _told_apart(names, f"{at}/fields", "/name")
    keys = {f"{at}/uniqueKeys/{i}": key for i, key in enumerate(raw.get("uniqueKeys", []))}
    keys |= {f"{at}/foreignKeys/{i}/fields": key["fields"] for i, key in enumerate(raw.get("foreignKeys", []))}
    for here, columns in {f"{at}/primaryKey": raw["primaryKey"], **keys}.items():
        _told_apart(columns, here)
        for column in columns:
            if column not in names:
                raise SchemaFileError(f"{here}: {UnknownNameError('field', column, names)}")


def _check_codes(f: Mapping[str, Any], at: str) -> None:
    codes = f.get("categories", [])
    numbers = [code["number"] for code in codes]
    _told_apart([code["value"] for code in codes], f"{at}/categories", "/value")
    _told_apart(numbers, f"{at}/categories", "/number")
    if f.get("categoriesOrdered"):
        for i, (number, after) in enumerate(itertools.pairwise(numbers), 1):
            if after < number:
                raise SchemaFileError(f"{at}/categories/{i}/number: must rise along an ordered list")


def _told_apart(names: Sequence[Any], at: str, below: str = "") -> None:
    seen: set[Any] = set()
    for i, name in enumerate(names):
        if name in seen:
            raise SchemaFileError(f"{at}/{i}{below}: {name!r} is duplicated")
        seen.add(name)


def check_package(found: Package) -> None:
    """Keys hold, columns of one name mean one thing, codes are no missing-value codes, references lead to a key.

    Raises:
        SchemaFileError: the first fault.
    """
    for table in found.all_tables.values():
        at = f"schema/{table.name}.json#"
        _told_apart(table.names, f"{at}/fields", "/name")
        _key_holds(table, at)
        for i, f in enumerate(table.fields):
            for j, code in enumerate(f.categories):
                if code.value in found.missing:
                    here = f"{at}/fields/{i}/categories/{j}/value"
                    raise SchemaFileError(f"{here}: {code.value!r} is a missing-value code in {DATASET}")
    _dummies_fit(found)
    _one_meaning(found.stored)
    _references(found.stored)


def _key_holds(table: Table, at: str) -> None:
    """Records are told apart by their key, so no part of it may be missing, and readings name a record by one text."""
    key = [table.names.index(name) for name in table.primary_key]
    for place in key:
        f = table.fields[place]
        if not f.required and f.ref is None:
            raise SchemaFileError(f"{at}/fields/{place}/constraints: {f.name} is in the primary key, so required")
    if table.evidenced and (len(key) > 1 or table.fields[key[0]].type != "string"):
        place = table.names.index(table.evidenced[0].name)
        raise SchemaFileError(f"{at}/fields/{place}/evidenced: only in a table whose primary key is one text")


def _dummies_fit(found: Package) -> None:
    """The codes that become columns of the comparison make names and titles of columns."""
    if DUMMIES_INTO not in found.all_tables or not found.all_tables[DUMMIES_INTO].derived:
        return
    made = {f.name: f for f in found.all_tables[DUMMIES_INTO].fields if f.dummy_of}
    for dummies in DUMMIES:
        at = f"schema/{dummies.table}.json#/fields"
        names = found.stored[dummies.table].names if dummies.table in found.stored else []
        if dummies.field not in names:
            raise SchemaFileError(f"{at}: no field named {dummies.field!r}; its codes are columns of {DUMMIES_INTO}")
        place = names.index(dummies.field)
        for i, code in enumerate(found.stored[dummies.table].fields[place].categories):
            name = f"{dummies.prefix}_{code.value}"
            if not is_name(name):
                message = f"{quoted(name)} must be lower_snake_case of at most 32 characters (Stata)"
                raise SchemaFileError(f"{at}/{place}/categories/{i}/value: {message}")
            if len(made[name].title) > MAX_TITLE:
                message = f"{quoted(made[name].title)} is longer than {MAX_TITLE} characters (Stata)"
                raise SchemaFileError(f"{at}/{place}/categories/{i}/label: {message}")


def _one_meaning(tables: Mapping[str, Table]) -> None:
    """A column name means one thing in every table: same type, title, description and codes."""
    first: dict[str, tuple[str, Field]] = {}
    for table in tables.values():
        for i, f in enumerate(table.fields):
            name, other = first.setdefault(f.name, (table.name, f))
            for part in ("type", "title", "description", "categories"):
                if getattr(f, part) != getattr(other, part):
                    raise SchemaFileError(
                        f"schema/{table.name}.json#/fields/{i}/{part}: differs from that of {f.name} in "
                        f"schema/{name}.json; a column name means one thing in every table"
                    )


def _references(tables: Mapping[str, Table]) -> None:
    """References lead to the key of another stored table, and never in a circle."""
    for table in tables.values():
        for i, key in enumerate(table.foreign_keys):
            at = f"schema/{table.name}.json#/foreignKeys/{i}/reference"
            if key.table not in tables:
                raise SchemaFileError(f"{at}/resource: {UnknownNameError('table', key.table, tables)}")
            target = tables[key.table]
            if key.to != target.primary_key or len(key.to) != len(key.fields):
                raise SchemaFileError(f"{at}/fields: must be the primary key of {key.table}")
            if table.field(key.fields[0]).type != target.field(key.to[0]).type:
                raise SchemaFileError(f"{at}/fields: the type differs from that of {key.fields[0]}")
    try:
        graphlib.TopologicalSorter({n: {k.table for k in t.foreign_keys} for n, t in tables.items()}).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
        raise SchemaFileError(
            f"schema/{circle[0]}.json#/foreignKeys: references run in a circle: {' - '.join(circle)}"
        ) from None


def check_serves(found: Package, shipped: Package) -> None:
    """Rules, comparison and pages speak of tables and columns by name: a dataset keeps those of the shipped one.

    Raises:
        SchemaFileError: the first that it does not keep.
    """
    for token in shipped.missing:
        if token not in found.missing:
            raise SchemaFileError(f"{DATASET}#/missingValues: lacks {token!r}, which the package itself writes")
    for name, table in found.all_tables.items():
        if table.derived and name not in shipped.all_tables:
            raise SchemaFileError(f"schema/{name}.json#/fields: {name} is none of the tables that can be derived")
    for name, ours in shipped.all_tables.items():
        if name in found.all_tables:
            _keeps(found.all_tables[name], ours)
        elif not ours.derived and name not in OPTIONAL:
            raise SchemaFileError(f"{DATASET}#/groups: no group lists {name}, of which rules and pages speak")


def _keeps(table: Table, ours: Table) -> None:
    at = f"schema/{table.name}.json#"
    there = {f.name: (f"{at}/fields/{i}", f) for i, f in enumerate(table.fields)}
    if table.primary_key != ours.primary_key or table.derived != ours.derived:
        raise SchemaFileError(f"{at}/primaryKey: must be {', '.join(ours.primary_key)}, as in the shipped schema")
    for f in (f for f in ours.fields if not f.dummy_of):
        if f.name not in there:
            raise SchemaFileError(f"{at}/fields: no field named {f.name!r}, of which rules and pages speak")
        here, mine = there[f.name]
        for part in ("type", "ref", "pattern", "required"):
            if getattr(f, part) and getattr(f, part) != getattr(mine, part):
                raise SchemaFileError(f"{here}: {part} must be {getattr(f, part)!r}, as in the shipped schema")
        if bool(f.categories) != bool(mine.categories):
            raise SchemaFileError(f"{here}: must {'' if f.categories else 'not '}have a code list")
        if f.name.endswith("_precision") and set(f.labels) != set(mine.labels):
            raise SchemaFileError(f"{here}/categories: must be {', '.join(f.labels)}")
    for here, mine in (there[name] for name in there if table.derived and name not in ours.names):
        origin = mine.ref[0] if mine.ref else ""
        fits = origin == "decisions" if mine.name.startswith(FORUMS) else origin in ("requests", "cases")
        if table.name != DUMMIES_INTO or not (fits or mine.dummy_of):
            raise SchemaFileError(f"{here}: nothing says how to derive {mine.name}")
