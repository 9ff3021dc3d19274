"""Frozen objects from the JSON of schema files that are known to be sound. No pandas here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from cstocases.errors import SchemaFileError, quoted
from cstocases.schema.model import Category, Dummies, Field, ForeignKey, Package, Table

Json = Mapping[str, Any]
DUMMIES_INTO = "comparison"
# It gets one boolean per code of these lists: prefix, table, field, values of
# another column that count, title, description.
DUMMIES = (
    Dummies("for", "rationales", "rationale", ("direction", ("for",)), "Officials said, for help", "Whether an official gave this reason for helping, as one for asking in this request or for an answer to it; what was said of the case as a whole counts for no request."),
    Dummies("cond", "rationales", "rationale", ("direction", ("conditional",)), "Said, on a condition", "Whether an official gave this reason for helping if something happens first, in this request or an answer to it."),
    Dummies("against", "rationales", "rationale", ("direction", ("against",)), "Officials said, against help", "Whether an official gave this reason against helping or asking, in this request or an answer to it."),
    Dummies("argued", "explanations", "mechanism", None, "Scholars argue", "Whether a scholar or analyst read argues this of the case, of what came of this request: by explanations.explains a grant where military help was granted or forces were sent, a refusal anywhere else, or both."),
)  # fmt: skip


def build(home: Path, dataset: Json, raw: Mapping[str, Json]) -> Package:
    """The dataset, of what dataset.json says and what the file of each table says.

    Raises:
        SchemaFileError: a field of a derived table refers to no field of a stored one.
    """
    missing = {item["value"]: item["label"] for item in dataset["missingValues"]}
    group_of = {name: group["title"] for group in dataset["groups"] for name in group["tables"]}
    derived = {name for name in group_of if any("$ref" in item for item in raw[name]["fields"])}
    stored = {name: _table(raw[name], group_of[name], {}) for name in group_of if name not in derived}
    tables = {name: stored.get(name) or _table(raw[name], group_of[name], stored) for name in group_of}
    if DUMMIES_INTO in derived:
        into = tables[DUMMIES_INTO]
        tables[DUMMIES_INTO] = replace(into, fields=(*into.fields, *_dummies(stored)))
    return Package(home, dataset, missing, tables)


def _table(raw: Json, group: str, stored: Mapping[str, Table]) -> Table:
    name = raw["name"]
    return Table(
        name=name,
        title=raw["title"],
        description=raw["description"],
        fields=tuple(_field(f, f"schema/{name}.json#/fields/{i}", stored) for i, f in enumerate(raw["fields"])),
        primary_key=tuple(raw["primaryKey"]),
        unique_keys=tuple(tuple(key) for key in raw.get("uniqueKeys", [])),
        foreign_keys=tuple(
            ForeignKey(tuple(key["fields"]), key["reference"]["resource"], tuple(key["reference"]["fields"]))
            for key in raw.get("foreignKeys", [])
        ),
        group=group,
        derived=bool(stored),
        licenses=tuple(dict(licence) for licence in raw.get("licenses", [])),
    )


def _field(raw: Json, at: str, stored: Mapping[str, Table]) -> Field:
    if "$ref" in raw:
        return _referring_field(raw, at, stored)
    said = {key: raw[key] for key in ("name", "type", "title", "description", "evidenced") if key in raw}
    return Field(
        **said,
        **raw.get("constraints", {}),
        categories=tuple(Category(**c | {"number": int(c["number"])}) for c in raw.get("categories", [])),
        ordered=raw.get("categoriesOrdered", False),
    )


def _referring_field(raw: Json, at: str, stored: Mapping[str, Table]) -> Field:
    """A field of a derived table that takes what it does not say from a field of a stored one."""
    table, _, name = raw["$ref"].partition(".")
    if table not in stored or name not in stored[table].names:
        raise SchemaFileError(f"{at}/$ref: no field {quoted(raw['$ref'])}; write table.field of a stored table")
    source = stored[table].field(name)
    said = {key: text for key, text in raw.items() if key != "$ref"}
    return replace(source, **said, required=False, unique=False, ref=(table, name))


def _dummies(stored: Mapping[str, Table]) -> Iterator[Field]:
    for dummies in DUMMIES:
        if dummies.table in stored and dummies.field in stored[dummies.table].names:
            for code in stored[dummies.table].field(dummies.field).categories:
                title = f"{dummies.title}: {code.label[0].lower()}{code.label[1:]}"
                description = f"{dummies.description} {code.description}"
                yield Field(f"{dummies.prefix}_{code.value}", "boolean", title, description, dummy_of=dummies)
