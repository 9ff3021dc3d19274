"""The schema files, read into frozen objects and checked. No pandas here.

A schema file is a Table Schema (v2) in a closed subset of its vocabulary; any other
keyword is an error, so that a schema never promises what nobody checks. Two extensions:
`evidenced`, for a field that needs a reading behind every value, and in each category
`number`, the integer that stands for the code in Stata and SPSS. In the files
of derived tables a field may refer by `$ref` to the field it is taken from, so that its
type and codes are said once.
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cstocases.errors import SchemaFileError, UnknownNameError
from cstocases.tableschema import Category, Field, ForeignKey, Package, Spread, Table

TYPES = ("string", "integer", "number", "boolean", "date")
ORDERED_TYPES = ("integer", "number", "date")
TABLE_KEYS = {"name", "title", "description", "licenses", "fields", "primaryKey", "uniqueKeys", "foreignKeys"}
FIELD_KEYS = {"name", "type", "title", "description", "categories", "categoriesOrdered", "constraints", "evidenced"}
CONSTRAINT_KEYS = {"required", "unique", "minimum", "maximum", "pattern"}
DATASET_KEYS = {
    "name", "title", "version", "released", "description", "homepage", "contributors", "licenses", "keywords", "missingValues", "groups",
}  # fmt: skip
MAX_NAME, MAX_TITLE = 32, 80  # Stata's limits on names and variable labels
MAX_NUMBER = 32_740  # and on the integers of a value label
MAX_KINDS = 26  # .a to .z


def default_home() -> Path:
    """The folder that holds cases/ and schema/: beside the package when installed, above it in a checkout."""
    here = Path(__file__).resolve().parent
    packaged = here / "_data"
    return packaged if packaged.is_dir() else here.parent


def package(home: str | Path | None = None) -> Package:
    """The dataset in `home` (default: the shipped one), with every schema file read and checked.

    Raises:
        SchemaFileError: a schema file is missing or wrong.
    """
    return _package(Path(home) if home is not None else default_home())


@functools.lru_cache(maxsize=32)
def _package_at(home: Path, stamp: tuple[tuple[str, int, int], ...]) -> Package:
    dataset = _object(home, "schema/dataset.json")
    _closed(dataset, DATASET_KEYS, "schema/dataset.json", "")
    for wanted in ("name", "title", "version", "released", "description", "licenses", "missingValues", "groups"):
        if wanted not in dataset:
            raise SchemaFileError(f"schema/dataset.json#/{wanted}: missing")
    missing = {str(m["value"]): str(m["label"]) for m in dataset["missingValues"]}
    if "" not in missing or len(missing) > MAX_KINDS + 1:
        raise SchemaFileError(
            f"schema/dataset.json#/missingValues: must list the empty cell and at most {MAX_KINDS} other kinds (Stata)"
        )
    tables: dict[str, Table] = {}
    derived = []
    for group in dataset["groups"]:
        for name in group["tables"]:
            raw = _object(home, f"schema/{name}.json")
            if any("$ref" in f for f in raw.get("fields", []) if isinstance(f, dict)):
                derived.append((name, raw, group["title"]))
            else:
                tables[name] = _table(name, raw, group["title"], tables={})
    for name, raw, title in derived:
        table = _table(name, raw, title, tables=tables)
        tables[name] = replace(
            table, fields=(*table.fields, *(_spread(tables) if name == SPREAD_INTO else ())), derived=True
        )
    listed = {f"{name}.json" for name in tables} | {"dataset.json"}
    for path in sorted((home / "schema").glob("*.json")):
        if path.name not in listed:
            raise SchemaFileError(f"schema/{path.name}: no group in schema/dataset.json lists it")
    _one_meaning(tables)
    _references(tables)
    order = [name for group in dataset["groups"] for name in group["tables"]]
    return Package(home, dataset, missing, {name: tables[name] for name in order})


def _package(home: Path) -> Package:
    folder = home / "schema"
    if not folder.is_dir():
        raise SchemaFileError(f"no folder schema/ in {home}; a dataset has cases/ and schema/ side by side")
    stats = [(p.name, p.stat()) for p in sorted(folder.glob("*.json"))]
    return _package_at(home, tuple((name, s.st_mtime_ns, s.st_size) for name, s in stats))


def _object(home: Path, path: str) -> dict[str, Any]:
    try:
        text = (home / path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SchemaFileError(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise SchemaFileError(f"{path}: not UTF-8") from None
    try:
        value = json.loads(text, object_pairs_hook=functools.partial(_without_twins, path))
    except json.JSONDecodeError as error:
        raise SchemaFileError(f"{path}:{error.lineno}: not JSON: {error.msg}") from None
    except RecursionError:
        raise SchemaFileError(f"{path}: nested too deeply") from None
    if not isinstance(value, dict):
        raise SchemaFileError(f"{path}: not a JSON object")
    return value


def _without_twins(path: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose names each stand once; of two, as a merge leaves them, JSON would keep the last in silence."""
    for name, n in Counter(name for name, _ in pairs).items():
        if n > 1:
            raise SchemaFileError(f"{path}: {name!r} stands twice in one object")
    return dict(pairs)


def _closed(value: Mapping[str, Any], allowed: set[str], path: str, pointer: str) -> None:
    for key in value:
        if key not in allowed:
            raise SchemaFileError(f"{path}#{pointer}: {UnknownNameError('keyword', key, allowed)}")


def _text(value: Any, path: str, pointer: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SchemaFileError(f"{path}#{pointer}: must be a text")
    return value


def _list(value: Any, path: str, pointer: str) -> list[Any]:
    if not isinstance(value, list):
        raise SchemaFileError(f"{path}#{pointer}: must be a list")
    return value


def _table(name: str, raw: dict[str, Any], group: str, tables: Mapping[str, Table]) -> Table:
    path = f"schema/{name}.json"
    _closed(raw, TABLE_KEYS, path, "")
    for wanted in ("name", "title", "description", "fields", "primaryKey"):
        if wanted not in raw:
            raise SchemaFileError(f"{path}#/{wanted}: missing")
    if raw["name"] != name:
        raise SchemaFileError(f"{path}#/name: {raw['name']!r} is not the name of the file")
    fields = tuple(
        _field(item, path, f"/fields/{i}", tables) for i, item in enumerate(_list(raw["fields"], path, "/fields"))
    )
    names = [f.name for f in fields]
    for i, field_name in enumerate(names):
        if field_name in names[:i]:
            raise SchemaFileError(f"{path}#/fields/{i}/name: {field_name!r} stands twice")

    def columns(value: Any, pointer: str) -> tuple[str, ...]:
        for column in _list(value, path, pointer):
            if column not in names:
                raise SchemaFileError(f"{path}#{pointer}: {UnknownNameError('field', str(column), names)}")
        return tuple(value)

    foreign = []
    for i, key in enumerate(_list(raw.get("foreignKeys", []), path, "/foreignKeys")):
        pointer = f"/foreignKeys/{i}"
        try:
            to = tuple(key["reference"]["fields"])
            foreign.append(ForeignKey(columns(key["fields"], f"{pointer}/fields"), key["reference"]["resource"], to))
        except (KeyError, TypeError):
            raise SchemaFileError(f"{path}#{pointer}: needs fields and reference/resource, reference/fields") from None
    return Table(
        name=name,
        title=_text(raw["title"], path, "/title"),
        description=_text(raw["description"], path, "/description"),
        fields=fields,
        primary_key=columns(raw["primaryKey"], "/primaryKey"),
        unique_keys=tuple(columns(k, f"/uniqueKeys/{i}") for i, k in enumerate(raw.get("uniqueKeys", []))),
        foreign_keys=tuple(foreign),
        group=group,
        licenses=tuple(_license(item, path, f"/licenses/{i}") for i, item in enumerate(raw.get("licenses", []))),
    )


def _field(raw: Any, path: str, pointer: str, tables: Mapping[str, Table]) -> Field:
    if not isinstance(raw, dict):
        raise SchemaFileError(f"{path}#{pointer}: must be an object")
    if "$ref" in raw:
        return _referring_field(raw, path, pointer, tables)
    _closed(raw, FIELD_KEYS, path, pointer)
    for wanted in ("name", "type", "title", "description"):
        if wanted not in raw:
            raise SchemaFileError(f"{path}#{pointer}/{wanted}: missing")
    name = _name(raw["name"], path, f"{pointer}/name")
    if raw["type"] not in TYPES:
        raise SchemaFileError(f"{path}#{pointer}/type: {UnknownNameError('type', str(raw['type']), TYPES)}")
    constraints = raw.get("constraints", {})
    if not isinstance(constraints, dict):
        raise SchemaFileError(f"{path}#{pointer}/constraints: must be an object")
    _closed(constraints, CONSTRAINT_KEYS, path, f"{pointer}/constraints")
    for key in ("minimum", "maximum"):
        if key in constraints and raw["type"] not in ORDERED_TYPES:
            raise SchemaFileError(f"{path}#{pointer}/constraints/{key}: only for {', '.join(ORDERED_TYPES)}")
        if key in constraints and not isinstance(constraints[key], (int, float)):
            raise SchemaFileError(f"{path}#{pointer}/constraints/{key}: must be a number")
    if "pattern" in constraints:
        if raw["type"] != "string":
            raise SchemaFileError(f"{path}#{pointer}/constraints/pattern: only for string")
        try:
            re.compile(constraints["pattern"])
        except (re.error, TypeError) as error:
            raise SchemaFileError(f"{path}#{pointer}/constraints/pattern: not a regular expression: {error}") from None
    return Field(
        name=name,
        type=raw["type"],
        title=_title(raw["title"], path, f"{pointer}/title"),
        description=_text(raw["description"], path, f"{pointer}/description"),
        categories=_categories(raw, path, pointer),
        ordered=bool(raw.get("categoriesOrdered", False)),
        required=bool(constraints.get("required", False)),
        unique=bool(constraints.get("unique", False)),
        minimum=constraints.get("minimum"),
        maximum=constraints.get("maximum"),
        pattern=constraints.get("pattern"),
        evidenced=bool(raw.get("evidenced", False)),
    )


def _referring_field(raw: dict[str, Any], path: str, pointer: str, tables: Mapping[str, Table]) -> Field:
    """A field of a derived table that takes what it does not say from a field of a stored one."""
    _closed(raw, {"$ref", "name", "title", "description"}, path, pointer)
    table, _, name = str(raw["$ref"]).partition(".")
    if table not in tables or name not in tables[table].names:
        raise SchemaFileError(f"{path}#{pointer}/$ref: no field {raw['$ref']!r}")
    source = tables[table].field(name)
    return replace(
        source,
        name=_name(raw.get("name", source.name), path, f"{pointer}/name"),
        title=_title(raw.get("title", source.title), path, f"{pointer}/title"),
        description=_text(raw.get("description", source.description), path, f"{pointer}/description"),
        required=False,
        unique=False,
        ref=(table, name),
    )


SPREAD_INTO = "comparison"
# It gets one boolean per code of these lists: prefix, table, field, values of
# another column that count, title, description.
SPREAD = (
    Spread("for", "rationales", "rationale", ("direction", ("for", "conditional")), "Officials said, for help", "Whether an official gave this reason for helping, perhaps on a condition, in the case."),
    Spread("against", "rationales", "rationale", ("direction", ("against",)), "Officials said, against help", "Whether an official gave this reason against helping or asking in the case."),
    Spread("argued", "explanations", "mechanism", None, "Scholars argue", "Whether a scholar or analyst read argues this in the case."),
)  # fmt: skip


def _spread(tables: Mapping[str, Table]) -> Iterator[Field]:
    for spread in SPREAD:
        codes = tables[spread.table].field(spread.field).categories if spread.table in tables else ()
        for code in codes:
            name = _name(f"{spread.prefix}_{code.value}", f"schema/{spread.table}.json", "/fields")
            label = _title(
                f"{spread.title}: {code.label[0].lower()}{code.label[1:]}", f"schema/{spread.table}.json", ""
            )
            yield Field(name, "boolean", label, f"{spread.description} {code.description}", spread=spread)


def _name(value: Any, path: str, pointer: str) -> str:
    name = _text(value, path, pointer)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > MAX_NAME:
        raise SchemaFileError(
            f"{path}#{pointer}: {name!r} must be lower_snake_case of at most {MAX_NAME} characters (Stata)"
        )
    return name


def _title(value: Any, path: str, pointer: str) -> str:
    title = _text(value, path, pointer)
    if len(title) > MAX_TITLE:
        raise SchemaFileError(f"{path}#{pointer}: longer than {MAX_TITLE} characters (Stata)")
    return title


def _categories(raw: dict[str, Any], path: str, pointer: str) -> tuple[Category, ...]:
    items = _list(raw.get("categories", []), path, f"{pointer}/categories")
    if items and raw["type"] != "string":
        raise SchemaFileError(f"{path}#{pointer}/categories: only for string")
    out: list[Category] = []
    for i, item in enumerate(items):
        at = f"{pointer}/categories/{i}"
        if not isinstance(item, dict):
            raise SchemaFileError(f"{path}#{at}: must be an object with value and label")
        _closed(item, {"value", "number", "label", "description"}, path, at)
        category = Category(
            _text(item.get("value"), path, f"{at}/value"),
            _number(item.get("number"), path, f"{at}/number"),
            _text(item.get("label"), path, f"{at}/label"),
            item.get("description", ""),
        )
        for part in ("value", "number"):
            if getattr(category, part) in [getattr(c, part) for c in out]:
                raise SchemaFileError(f"{path}#{at}/{part}: {getattr(category, part)!r} stands twice")
        if raw.get("categoriesOrdered") and out and category.number < out[-1].number:
            raise SchemaFileError(f"{path}#{at}/number: must rise along an ordered list")
        out.append(category)
    return tuple(out)


def _license(item: Any, path: str, pointer: str) -> Mapping[str, str]:
    if not isinstance(item, dict) or not {"name", "title"} <= set(item):
        raise SchemaFileError(f"{path}#{pointer}: must be an object with name and title")
    return item


def _number(value: Any, path: str, pointer: str) -> int:
    if type(value) is not int or not 1 <= value <= MAX_NUMBER:
        raise SchemaFileError(f"{path}#{pointer}: must be an integer from 1 to {MAX_NUMBER}")
    return value


def _one_meaning(tables: Mapping[str, Table]) -> None:
    """A column name means one thing in every table: same type, title, description and codes."""
    first: dict[str, tuple[str, Field]] = {}
    for table in tables.values():
        if table.derived:
            continue
        for i, f in enumerate(table.fields):
            name, other = first.setdefault(f.name, (table.name, f))
            for part in ("type", "title", "description", "categories"):
                if getattr(f, part) != getattr(other, part):
                    raise SchemaFileError(
                        f"schema/{table.name}.json#/fields/{i}/{part}: differs from that of {f.name} in "
                        f"schema/{name}.json; a column name means one thing in every table"
                    )


def _references(tables: Mapping[str, Table]) -> None:
    for table in tables.values():
        for i, key in enumerate(table.foreign_keys):
            pointer = f"schema/{table.name}.json#/foreignKeys/{i}/reference"
            if key.table not in tables:
                raise SchemaFileError(f"{pointer}/resource: {UnknownNameError('table', key.table, tables)}")
            if key.to != tables[key.table].primary_key:
                raise SchemaFileError(f"{pointer}/fields: must be the primary key of {key.table}")
