"""What must be true of schema files and no JSON Schema can say: names, keys and references that fit each other.

Each rule gives its faults in order, address first; it may rely on the rules before it, as the first fault ends the reading.
"""

from __future__ import annotations

import graphlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cstocases.errors import UnknownNameError, quoted
from cstocases.schema.build import DUMMIES, DUMMIES_INTO
from cstocases.schema.json_values import is_name
from cstocases.schema.model import Field, Package, Table

DATASET = "schema/dataset.json"
MAX_TABLES = 100
MAX_TITLE = 80  # Stata's limit on variable labels
# Tables that rules and pages can do without.
OPTIONAL = {
    *("adjudications", "candidates", "checks", "coders", "codings"),
    *("covariates", "crosswalk", "legal_views", "text_tests", "searches"),
}
FORUMS = ("csto_", "bilateral_")  # a column of the comparison that begins so is taken from a decision


def dataset_faults(raw: Mapping[str, Any]) -> Iterator[str]:
    """Codes and tables are listed once, the empty cell among the codes."""
    codes = [item["value"] for item in raw["missingValues"]]
    yield from _repeated((f"{DATASET}#/missingValues/{i}/value", code) for i, code in enumerate(codes))
    if "" not in codes:
        yield f'{DATASET}#/missingValues: must list the empty cell; add one with "value": ""'
    listed = [
        (f"{DATASET}#/groups/{i}/tables/{j}", name)
        for i, group in enumerate(raw["groups"])
        for j, name in enumerate(group["tables"])
    ]
    yield from _repeated(listed)
    if len(listed) > MAX_TABLES:
        yield f"{DATASET}#/groups: more than {MAX_TABLES} tables"


def table_faults(raw: Mapping[str, Any], name: str) -> Iterator[str]:
    """A file has the name of its table; names, codes and numbers are told apart; keys name its columns."""
    at = f"schema/{name}.json#"
    if raw["name"] != name:
        yield f"{at}/name: {quoted(raw['name'])} is not the name of the file"
    for i, f in enumerate(raw["fields"]):
        here, codes, bounds = f"{at}/fields/{i}", f.get("categories", []), f.get("constraints", {})
        for part in ("value", "number"):
            yield from _repeated((f"{here}/categories/{j}/{part}", code[part]) for j, code in enumerate(codes))
        for j, (code, after) in enumerate(itertools.pairwise(codes), 1):
            if f.get("categoriesOrdered") and after["number"] < code["number"]:
                yield f"{here}/categories/{j}/number: must rise along an ordered list"
        if "minimum" in bounds and "maximum" in bounds and bounds["minimum"] > bounds["maximum"]:
            yield f"{here}/constraints/maximum: is below the minimum"
    names = [f.get("name") or f["$ref"].partition(".")[2] for f in raw["fields"]]
    yield from _repeated((f"{at}/fields/{i}/name", name) for i, name in enumerate(names))
    keys = {f"{at}/primaryKey": raw["primaryKey"]}
    keys |= {f"{at}/uniqueKeys/{i}": key for i, key in enumerate(raw.get("uniqueKeys", []))}
    keys |= {f"{at}/foreignKeys/{i}/fields": key["fields"] for i, key in enumerate(raw.get("foreignKeys", []))}
    for here, columns in keys.items():
        yield from _repeated((f"{here}/{i}", column) for i, column in enumerate(columns))
        yield from (f"{here}: {UnknownNameError('field', c, names)}" for c in columns if c not in names)


def _repeated(named: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """Names, given with their addresses, that came before."""
    seen: set[Any] = set()
    for at, name in named:
        if name in seen:
            yield f"{at}: {name!r} is duplicated"
        seen.add(name)


def package_faults(found: Package) -> Iterator[str]:
    """Keys hold, columns of one name mean one thing, codes are no missing-value codes, references lead to a key."""
    for table in found.all_tables.values():
        at = f"schema/{table.name}.json#/fields"
        yield from _repeated((f"{at}/{i}/name", name) for i, name in enumerate(table.names))
        yield from _key_faults(table, at)
        for i, f in enumerate(table.fields):
            for j, code in enumerate(f.categories):
                if code.value in found.missing:
                    yield f"{at}/{i}/categories/{j}/value: {code.value!r} is a missing-value code in {DATASET}"
    yield from _dummy_faults(found)
    yield from _meaning_faults(found.stored)
    yield from _reference_faults(found.stored)


def _key_faults(table: Table, at: str) -> Iterator[str]:
    """Records are told apart by their key, so no part of it may be missing, and readings name a record by one text."""
    key = [table.field(name) for name in table.primary_key]
    for f in key:
        if not f.required and f.ref is None:
            yield f"{at}/{table.names.index(f.name)}/constraints: {f.name} is in the primary key, so required"
    if not table.derived and table.evidenced and (len(key) > 1 or key[0].type != "string"):
        place = table.names.index(table.evidenced[0].name)
        yield f"{at}/{place}/evidenced: only in a table whose primary key is one text"


def _dummy_faults(found: Package) -> Iterator[str]:
    """The codes that become columns of the comparison make names and titles of columns."""
    if DUMMIES_INTO not in found.all_tables or not found.all_tables[DUMMIES_INTO].derived:
        return
    made = {f.name: f for f in found.all_tables[DUMMIES_INTO].fields if f.dummy_of}
    for dummies in DUMMIES:
        at = f"schema/{dummies.table}.json#/fields"
        names = found.stored[dummies.table].names if dummies.table in found.stored else []
        if dummies.field not in names:
            yield f"{at}: no field named {dummies.field!r}; its codes are columns of {DUMMIES_INTO}"
        place = names.index(dummies.field)
        for i, code in enumerate(found.stored[dummies.table].fields[place].categories):
            here, name = f"{at}/{place}/categories/{i}", f"{dummies.prefix}_{code.value}"
            if not is_name(name):
                yield f"{here}/value: {quoted(name)} must be lower_snake_case of at most 32 characters (Stata)"
            if len(title := made[name].title) > MAX_TITLE:
                yield f"{here}/label: {quoted(title)} is longer than {MAX_TITLE} characters (Stata)"


def _meaning_faults(tables: Mapping[str, Table]) -> Iterator[str]:
    """A column name means one thing in every table: same type, title, description and codes."""
    first: dict[str, tuple[str, Field]] = {}
    for table in tables.values():
        for i, f in enumerate(table.fields):
            name, other = first.setdefault(f.name, (table.name, f))
            for part in ("type", "title", "description", "categories"):
                if getattr(f, part) != getattr(other, part):
                    yield (
                        f"schema/{table.name}.json#/fields/{i}/{part}: differs from that of {f.name} in "
                        f"schema/{name}.json; a column name means one thing in every table"
                    )


def _reference_faults(tables: Mapping[str, Table]) -> Iterator[str]:
    """References lead to the key of another stored table, and never in a circle."""
    for table in tables.values():
        for i, key in enumerate(table.foreign_keys):
            at = f"schema/{table.name}.json#/foreignKeys/{i}/reference"
            if key.table not in tables:
                yield f"{at}/resource: {UnknownNameError('table', key.table, tables)}"
            target = tables[key.table]
            if key.to != target.primary_key or len(key.to) != len(key.fields):
                yield f"{at}/fields: must be the primary key of {key.table}"
            if table.field(key.fields[0]).type != target.field(key.to[0]).type:
                yield f"{at}/fields: the type differs from that of {key.fields[0]}"
    try:
        graphlib.TopologicalSorter({n: {k.table for k in t.foreign_keys} for n, t in tables.items()}).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
        yield f"schema/{circle[0]}.json#/foreignKeys: references run in a circle: {' - '.join(circle)}"


def unserved(found: Package, shipped: Package) -> Iterator[str]:
    """Rules, comparison and pages speak of tables and columns by name: a dataset keeps those of the shipped one."""
    for token in shipped.missing:
        if token not in found.missing:
            yield f"{DATASET}#/missingValues: lacks {token!r}, which the package itself writes"
    for name, table in found.all_tables.items():
        if table.derived and name not in shipped.all_tables:
            yield f"schema/{name}.json#/fields: {name} is none of the tables that can be derived"
    for name, ours in shipped.all_tables.items():
        if name in found.all_tables:
            yield from _not_kept(found.all_tables[name], ours)
        elif not ours.derived and name not in OPTIONAL:
            yield f"{DATASET}#/groups: no group lists {name}, of which rules and pages speak"


def _not_kept(table: Table, ours: Table) -> Iterator[str]:
    at = f"schema/{table.name}.json#"
    there = {f.name: (f"{at}/fields/{i}", f) for i, f in enumerate(table.fields)}
    if table.primary_key != ours.primary_key or table.derived != ours.derived:
        yield f"{at}/primaryKey: must be {', '.join(ours.primary_key)}, as in the shipped schema"
    for f in (f for f in ours.fields if not f.dummy_of):
        if f.name not in there:
            yield f"{at}/fields: no field named {f.name!r}, of which rules and pages speak"
        here, mine = there[f.name]
        for part in ("type", "ref", "pattern", "required"):
            if getattr(f, part) and getattr(f, part) != getattr(mine, part):
                yield f"{here}: {part} must be {getattr(f, part)!r}, as in the shipped schema"
        if bool(f.categories) != bool(mine.categories):
            yield f"{here}: must {'' if f.categories else 'not '}have a code list"
        if f.name.endswith("_precision") and set(f.labels) != set(mine.labels):
            yield f"{here}/categories: must be {', '.join(f.labels)}"
    for here, mine in (there[name] for name in there if table.derived and name not in ours.names):
        origin = mine.ref[0] if mine.ref else ""
        fits = origin == "decisions" if mine.name.startswith(FORUMS) else origin in ("requests", "cases")
        if table.name != DUMMIES_INTO or not (fits or mine.dummy_of):
            yield f"{here}: nothing says how to derive {mine.name}"
