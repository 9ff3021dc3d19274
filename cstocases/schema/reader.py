"""The schema files, read into frozen objects and checked. No pandas here.

A schema file is a Table Schema (v2) in a closed subset of its vocabulary; any other
keyword is an error, so that a schema never promises what nobody checks. Two extensions:
`evidenced`, for a field that needs a reading behind every value, and in each category
`number`, the integer that stands for the code in Stata and SPSS. In the files
of derived tables a field may refer by `$ref` to the field it is taken from, so that its
type and codes are said once.

The files may come from strangers. Whatever their bytes, the answer is a Package or a
SchemaFileError, and what has passed can be put into paths, scripts and terminals.
"""

from __future__ import annotations

import datetime
import functools
import graphlib
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cstocases.errors import SchemaFileError, UnknownNameError, quoted, visible
from cstocases.schema import json_values
from cstocases.schema.model import NOT_CODED, Category, Dummies, Field, ForeignKey, Package, Table

TYPES = ("string", "integer", "number", "boolean", "date")
ORDERED_TYPES = ("integer", "number")
TABLE_KEYS = {"name", "title", "description", "licenses", "fields", "primaryKey", "uniqueKeys", "foreignKeys"}
FIELD_KEYS = {"name", "type", "title", "description", "categories", "categoriesOrdered", "constraints", "evidenced"}
CONSTRAINT_KEYS = {"required", "unique", "minimum", "maximum", "pattern"}
DATASET_KEYS = {
    "name", "title", "version", "released", "description", "homepage", "contributors", "licenses", "keywords", "missingValues", "groups",
}  # fmt: skip
DATASET = "schema/dataset.json"
MAX_TABLES = 100
MAX_SHEET = 31  # Excel's limit on the name of a sheet
MAX_FIELDS = 2_000  # SQLite's on columns
MAX_KEYS = 100
MAX_NUMBER = 32_740  # Stata's on the integers of a value label
MAX_KINDS = 26  # .a to .z
# Names an export gives to what stands beside the tables, and names that Windows and Excel keep for themselves.
TAKEN = re.compile(
    r"about|codebook|codes|dataset|fields|kinds|missing|comparison_computed|\w+_labelled"
    r"|aux|con|nul|prn|com[0-9]|lpt[0-9]|history"
)
# Patterns are run by RE2, whose time is linear. What it, Python and ECMAScript read alike:
PATTERN = re.compile(
    r"""(?:
        \((?:\?:)? | \|
        | (?: [^\\^$.|?*+(){}\[\]] | \. | \\[S\\^$.|?*+(){}\[\]/-]  # a character, any character, an escape
            | \[\^?(?: [^\W_]-[^\W_] | [^\\\[\]^&|~-] | \\[\\\[\]^-] )+-?\]  # a set
            | \)
          )
          (?: [*+?] | \{[0-9]{1,3}(?:,[0-9]{0,3})?\} )?
    )+""",
    re.VERBOSE,
)
MAX_PATTERN = 500
MAX_REPEATS = 1_000  # RE2's limit on counted repeats, multiplied where they nest
# Tables that rules and pages can do without.
OPTIONAL = {"adjudications", "candidates", "codings", "covariates", "crosswalk", "searches"}
FORUMS = ("csto_", "bilateral_")  # a column of the comparison that begins so is taken from a decision


def default_home() -> Path:
    """The folder that holds cases/ and schema/: beside the package when installed, above it in a checkout."""
    here = Path(__file__).resolve().parents[1]
    packaged = here / "_data"
    return packaged if packaged.is_dir() else here.parent


def package(home: str | Path | None = None) -> Package:
    """The dataset in `home` (default: the shipped one), with every schema file read and checked.

    Raises:
        SchemaFileError: a schema file is missing or wrong.
    """
    shipped = default_home()
    found = _package(Path(home) if home is not None else shipped)
    if found.home != shipped:
        _serves(found, _package(shipped))
    return found


def _package(home: Path) -> Package:
    folder = home / "schema"
    try:
        if not folder.is_dir():
            raise SchemaFileError(
                f"no folder schema/ in {visible(str(home))}; a dataset has cases/ and schema/ side by side"
            )
        stats = [(p.name, p.stat()) for p in sorted(folder.glob("*.json"))]
    except OSError as error:
        raise SchemaFileError(f"{visible(str(error.filename))}: {error.strerror}") from None
    return _package_at(home, tuple((name, s.st_mtime_ns, s.st_size) for name, s in stats))


@functools.lru_cache(maxsize=32)
def _package_at(home: Path, stamp: tuple[tuple[str, int, int], ...]) -> Package:
    dataset = _dataset(json_values.read(home, DATASET), f"{DATASET}#")
    missing = _missing(dataset["missingValues"], f"{DATASET}#/missingValues")
    groups = _groups(dataset["groups"], f"{DATASET}#/groups")
    listed = {"dataset", *groups}
    for name, *_ in stamp:
        if name.removesuffix(".json") not in listed:
            raise SchemaFileError(f"schema/{visible(name)}: no group in {DATASET} lists it")
    tables: dict[str, Table] = {}
    derived = []
    for name, group in groups.items():
        raw = json_values.read(home, f"schema/{name}.json")
        fields = raw.get("fields")
        if isinstance(fields, list) and any(isinstance(f, dict) and "$ref" in f for f in fields):
            derived.append((name, raw, group))
        else:
            tables[name] = _table(name, raw, group, tables={})
    stored = dict(tables)
    for name, raw, group in derived:
        table = _table(name, raw, group, tables=stored)
        fields = (*table.fields, *(_dummies(stored) if name == DUMMIES_INTO else ()))
        _told_apart([f.name for f in fields], f"schema/{name}.json#/fields", "/name")
        tables[name] = replace(table, fields=fields, derived=True)
    _no_code_is_a_gap(tables, missing)
    _one_meaning(stored)
    _references(stored)
    return Package(home, dataset, missing, {name: tables[name] for name in groups})


def _dataset(raw: dict[str, Any], at: str) -> dict[str, Any]:
    """What describes the dataset as a whole; missingValues and groups are checked by those who read them."""
    needed = ("name", "title", "version", "released", "description", "licenses", "missingValues", "groups")
    json_values.members(raw, at, DATASET_KEYS, needed)
    json_values.name(raw["name"], f"{at}/name")
    json_values.text(raw["title"], f"{at}/title")
    json_values.text(raw["description"], f"{at}/description")
    if not re.fullmatch(r"[0-9][0-9A-Za-z.+-]{0,39}", json_values.text(raw["version"], f"{at}/version")):
        raise SchemaFileError(f"{at}/version: {quoted(raw['version'])} is not a version such as 1.2.0")
    if not _is_day(json_values.text(raw["released"], f"{at}/released")):
        raise SchemaFileError(f"{at}/released: {quoted(raw['released'])} is not a day; write YYYY-MM-DD")
    if "homepage" in raw:
        json_values.url(raw["homepage"], f"{at}/homepage")
    for i, word in enumerate(json_values.items(raw.get("keywords", []), f"{at}/keywords")):
        json_values.text(word, f"{at}/keywords/{i}")
    for i, person in enumerate(json_values.items(raw.get("contributors", []), f"{at}/contributors")):
        _contributor(person, f"{at}/contributors/{i}")
    if not json_values.items(raw["licenses"], f"{at}/licenses"):
        raise SchemaFileError(f"{at}/licenses: must name a licence")
    for i, licence in enumerate(raw["licenses"]):
        _licence(licence, f"{at}/licenses/{i}", needed=("name", "path", "title"))
    return raw


def _is_day(text: str) -> bool:
    try:
        return re.fullmatch(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}", text) is not None and bool(
            datetime.date.fromisoformat(text)
        )
    except ValueError:
        return False


def _contributor(item: Any, at: str) -> None:
    json_values.members(item, at, {"title", "path", "email", "organization", "roles"}, ("title",))
    for key in ("title", "email", "organization"):
        if key in item:
            json_values.text(item[key], f"{at}/{key}")
    if "path" in item:
        json_values.url(item["path"], f"{at}/path")
    for i, role in enumerate(json_values.items(item.get("roles", []), f"{at}/roles")):
        json_values.text(role, f"{at}/roles/{i}")


def _licence(item: Any, at: str, needed: tuple[str, ...] = ("name", "title")) -> Mapping[str, str]:
    json_values.members(item, at, {"name", "path", "title"}, needed)
    for key in ("name", "title"):
        json_values.text(item[key], f"{at}/{key}")
    if "path" in item:
        json_values.url(item["path"], f"{at}/path")
    return dict(item)


def _missing(value: Any, at: str) -> dict[str, str]:
    """The kinds of missing: token to label."""
    out: dict[str, str] = {}
    for i, item in enumerate(json_values.items(value, at)):
        json_values.members(item, f"{at}/{i}", {"value", "label"}, ("value", "label"))
        token = item["value"] if item["value"] == "" else json_values.name(item["value"], f"{at}/{i}/value")
        if token in ("true", "false", NOT_CODED):
            raise SchemaFileError(f"{at}/{i}/value: {token!r} has a meaning of its own")
        if token in out:
            raise SchemaFileError(f"{at}/{i}/value: {token!r} stands twice")
        out[token] = json_values.label(item["label"], f"{at}/{i}/label")
    if "" not in out or len(out) > MAX_KINDS + 1:
        raise SchemaFileError(f"{at}: must list the empty cell and at most {MAX_KINDS} other kinds (Stata)")
    return out


def _groups(value: Any, at: str) -> dict[str, str]:
    """The tables in order, each with the title of its group. Their names are safe to make paths of."""
    out: dict[str, str] = {}
    for i, group in enumerate(json_values.items(value, at)):
        json_values.members(group, f"{at}/{i}", {"name", "title", "tables"}, ("name", "title", "tables"))
        json_values.name(group["name"], f"{at}/{i}/name")
        title = json_values.text(group["title"], f"{at}/{i}/title")
        for j, item in enumerate(json_values.items(group["tables"], f"{at}/{i}/tables")):
            here = f"{at}/{i}/tables/{j}"
            name = json_values.name(item, here)
            if TAKEN.fullmatch(name):
                raise SchemaFileError(f"{here}: {name!r} cannot be the name of a table; it is taken in an export")
            if len(name) > MAX_SHEET:
                raise SchemaFileError(f"{here}: longer than {MAX_SHEET} characters (Excel)")
            if name in out:
                raise SchemaFileError(f"{here}: {name!r} stands twice")
            if len(out) == MAX_TABLES:
                raise SchemaFileError(f"{at}: more than {MAX_TABLES} tables")
            out[name] = title
    return out


def _table(name: str, raw: dict[str, Any], group: str, tables: Mapping[str, Table]) -> Table:
    at = f"schema/{name}.json#"
    json_values.members(raw, at, TABLE_KEYS, ("name", "title", "description", "fields", "primaryKey"))
    if json_values.text(raw["name"], f"{at}/name") != name:
        raise SchemaFileError(f"{at}/name: {quoted(raw['name'])} is not the name of the file")
    if not 0 < len(json_values.items(raw["fields"], f"{at}/fields")) <= MAX_FIELDS:
        raise SchemaFileError(f"{at}/fields: must be from 1 to {MAX_FIELDS} (SQLite)")
    fields = tuple(_field(item, f"{at}/fields/{i}", tables) for i, item in enumerate(raw["fields"]))
    names = [f.name for f in fields]
    _told_apart(names, f"{at}/fields", "/name")
    table = Table(
        name=name,
        title=json_values.text(raw["title"], f"{at}/title"),
        description=json_values.text(raw["description"], f"{at}/description"),
        fields=fields,
        primary_key=_columns(raw["primaryKey"], f"{at}/primaryKey", names),
        unique_keys=tuple(
            _columns(key, f"{at}/uniqueKeys/{i}", names)
            for i, key in enumerate(_some(raw.get("uniqueKeys", []), f"{at}/uniqueKeys", MAX_KEYS))
        ),
        foreign_keys=tuple(
            _foreign_key(key, f"{at}/foreignKeys/{i}", names)
            for i, key in enumerate(_some(raw.get("foreignKeys", []), f"{at}/foreignKeys", MAX_KEYS))
        ),
        group=group,
        licenses=tuple(
            _licence(item, f"{at}/licenses/{i}")
            for i, item in enumerate(json_values.items(raw.get("licenses", []), f"{at}/licenses"))
        ),
    )
    _key_holds(table, at)
    return table


def _key_holds(table: Table, at: str) -> None:
    """Records are told apart by their key, so no part of it may be missing, and readings name a record by one text."""
    key = [(names := table.names).index(name) for name in table.primary_key]
    for place in key:
        f = table.fields[place]
        if not f.required and f.ref is None:
            raise SchemaFileError(f"{at}/fields/{place}/constraints: {f.name} is in the primary key, so required")
    if table.evidenced and (len(key) > 1 or table.fields[key[0]].type != "string"):
        place = names.index(table.evidenced[0].name)
        raise SchemaFileError(f"{at}/fields/{place}/evidenced: only in a table whose primary key is one text")


def _some(value: Any, at: str, most: int) -> list[Any]:
    if len(json_values.items(value, at)) > most:
        raise SchemaFileError(f"{at}: more than {most}")
    return list(value)


def _told_apart(names: list[Any], at: str, below: str = "") -> None:
    seen: set[Any] = set()
    for i, name in enumerate(names):
        if name in seen:
            raise SchemaFileError(f"{at}/{i}{below}: {name!r} stands twice")
        seen.add(name)


def _columns(value: Any, at: str, names: list[str]) -> tuple[str, ...]:
    columns = [json_values.text(column, at) for column in _some(value, at, len(names))]
    for column in columns:
        if column not in names:
            raise SchemaFileError(f"{at}: {UnknownNameError('field', column, names)}")
    if not columns:
        raise SchemaFileError(f"{at}: must name a field")
    _told_apart(columns, at)
    return tuple(columns)


def _foreign_key(value: Any, at: str, names: list[str]) -> ForeignKey:
    json_values.members(value, at, {"fields", "reference"}, ("fields", "reference"))
    fields = _columns(value["fields"], f"{at}/fields", names)
    if len(fields) > 1:
        raise SchemaFileError(f"{at}/fields: must be one field")
    reference = json_values.members(
        value["reference"], f"{at}/reference", {"resource", "fields"}, ("resource", "fields")
    )
    to = json_values.items(reference["fields"], f"{at}/reference/fields")
    return ForeignKey(
        fields,
        json_values.text(reference["resource"], f"{at}/reference/resource"),
        tuple(json_values.text(name, f"{at}/reference/fields") for name in to),
    )


def _field(raw: Any, at: str, tables: Mapping[str, Table]) -> Field:
    if isinstance(raw, dict) and "$ref" in raw:
        return _referring_field(raw, at, tables)
    json_values.members(raw, at, FIELD_KEYS, ("name", "type", "title", "description"))
    name, kind = json_values.name(raw["name"], f"{at}/name"), json_values.text(raw["type"], f"{at}/type")
    if kind not in TYPES:
        raise SchemaFileError(f"{at}/type: {UnknownNameError('type', kind, TYPES)}")
    return Field(
        name=name,
        type=kind,
        title=json_values.title(raw["title"], f"{at}/title"),
        description=json_values.text(raw["description"], f"{at}/description"),
        categories=_categories(raw, at),
        ordered=json_values.flag(raw.get("categoriesOrdered", False), f"{at}/categoriesOrdered"),
        evidenced=json_values.flag(raw.get("evidenced", False), f"{at}/evidenced"),
        **_constraints(raw.get("constraints", {}), f"{at}/constraints", kind),
    )


def _constraints(raw: Any, at: str, kind: str) -> dict[str, Any]:
    json_values.members(raw, at, CONSTRAINT_KEYS)
    out: dict[str, Any] = {}
    for key in ("required", "unique"):
        out[key] = json_values.flag(raw.get(key, False), f"{at}/{key}")
    for key in ("minimum", "maximum"):
        if key in raw and kind not in ORDERED_TYPES:
            raise SchemaFileError(f"{at}/{key}: only for {', '.join(ORDERED_TYPES)}")
        if key in raw:
            out[key] = json_values.number(raw[key], f"{at}/{key}")
    if out.get("minimum", -math.inf) > out.get("maximum", math.inf):
        raise SchemaFileError(f"{at}/maximum: is below the minimum")
    if "pattern" in raw:
        if kind != "string":
            raise SchemaFileError(f"{at}/pattern: only for string")
        out["pattern"] = _pattern(raw["pattern"], f"{at}/pattern")
    return out


def _pattern(value: Any, at: str) -> str:
    """A regular expression that means one thing to Python, RE2 and ECMAScript."""
    pattern = json_values.text(value, at)
    if len(pattern) > MAX_PATTERN:
        raise SchemaFileError(f"{at}: longer than {MAX_PATTERN} characters")
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of sets that PATTERN refuses
            re.compile(pattern)
    except (re.error, OverflowError) as error:
        raise SchemaFileError(f"{at}: not a regular expression: {error}") from None
    if not PATTERN.fullmatch(pattern):
        raise SchemaFileError(
            f"{at}: {quoted(pattern)} holds more than sets, groups, alternatives and repeats: no look-around, no "
            "reference back, no ^ and $ (the whole value must match), no class but \\S (write [0-9] for \\d)"
        )
    counts = [int(n) for part in re.findall(r"\{([0-9,]+)\}", pattern) for n in part.split(",") if n]
    if math.prod(max(n, 1) for n in counts) > MAX_REPEATS:
        raise SchemaFileError(f"{at}: its counted repeats come to more than {MAX_REPEATS}")
    return pattern


def _referring_field(raw: dict[str, Any], at: str, tables: Mapping[str, Table]) -> Field:
    """A field of a derived table that takes what it does not say from a field of a stored one."""
    json_values.members(raw, at, {"$ref", "name", "title", "description"})
    table, _, name = json_values.text(raw["$ref"], f"{at}/$ref").partition(".")
    if table not in tables or name not in tables[table].names:
        raise SchemaFileError(f"{at}/$ref: no field {quoted(raw['$ref'])}")
    source = tables[table].field(name)
    return replace(
        source,
        name=json_values.name(raw.get("name", source.name), f"{at}/name"),
        title=json_values.title(raw.get("title", source.title), f"{at}/title"),
        description=json_values.text(raw.get("description", source.description), f"{at}/description"),
        required=False,
        unique=False,
        ref=(table, name),
    )


DUMMIES_INTO = "comparison"
# It gets one boolean per code of these lists: prefix, table, field, values of
# another column that count, title, description.
DUMMIES = (
    Dummies("for", "rationales", "rationale", ("direction", ("for", "conditional")), "Officials said, for help", "Whether an official gave this reason for helping, perhaps on a condition, in the case."),
    Dummies("against", "rationales", "rationale", ("direction", ("against",)), "Officials said, against help", "Whether an official gave this reason against helping or asking in the case."),
    Dummies("argued", "explanations", "mechanism", None, "Scholars argue", "Whether a scholar or analyst read argues this in the case."),
)  # fmt: skip


def _dummies(tables: Mapping[str, Table]) -> Iterator[Field]:
    for dummies in DUMMIES:
        at = f"schema/{dummies.table}.json#/fields"
        names = tables[dummies.table].names if dummies.table in tables else []
        if dummies.field not in names:
            raise SchemaFileError(f"{at}: no field named {dummies.field!r}; its codes are columns of {DUMMIES_INTO}")
        place = names.index(dummies.field)
        for i, code in enumerate(tables[dummies.table].fields[place].categories):
            here = f"{at}/{place}/categories/{i}"
            name = json_values.name(f"{dummies.prefix}_{code.value}", f"{here}/value")
            title = json_values.title(f"{dummies.title}: {code.label[0].lower()}{code.label[1:]}", f"{here}/label")
            yield Field(name, "boolean", title, f"{dummies.description} {code.description}", dummy_of=dummies)


def _categories(raw: dict[str, Any], at: str) -> tuple[Category, ...]:
    items = json_values.items(raw.get("categories", []), f"{at}/categories")
    if items and raw["type"] != "string":
        raise SchemaFileError(f"{at}/categories: only for string")
    out: list[Category] = []
    for i, item in enumerate(items):
        here = f"{at}/categories/{i}"
        json_values.members(item, here, {"value", "number", "label", "description"})
        category = Category(
            json_values.word(item.get("value"), f"{here}/value"),
            _number(item.get("number"), f"{here}/number"),
            json_values.label(item.get("label"), f"{here}/label"),
            json_values.text(item["description"], f"{here}/description") if "description" in item else "",
        )
        if raw.get("categoriesOrdered") and out and category.number < out[-1].number:
            raise SchemaFileError(f"{here}/number: must rise along an ordered list")
        out.append(category)
    _told_apart([c.value for c in out], f"{at}/categories", "/value")
    _told_apart([c.number for c in out], f"{at}/categories", "/number")
    return tuple(out)


def _number(value: Any, at: str) -> int:
    if type(value) is not int or not 1 <= value <= MAX_NUMBER:
        raise SchemaFileError(f"{at}: must be an integer from 1 to {MAX_NUMBER}")
    return value


def _no_code_is_a_gap(tables: Mapping[str, Table], missing: Mapping[str, str]) -> None:
    for table in tables.values():
        for i, f in enumerate(table.fields):
            for j, code in enumerate(f.categories):
                if code.value in missing:
                    at = f"schema/{table.name}.json#/fields/{i}/categories/{j}/value"
                    raise SchemaFileError(f"{at}: {code.value!r} is a kind of missing in {DATASET}")


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


def _serves(found: Package, shipped: Package) -> None:
    """Rules, comparison and pages speak of tables and columns by name: a dataset keeps those of the shipped one."""
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
