"""The schema in the forms others read: Data Package and Arrow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from cstocases.schema.model import Field, Package, Table

PROFILES = "https://datapackage.org/profiles/2.0"
ARROW_TYPES = {
    "string": pa.string(), "integer": pa.int64(), "number": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(),
}  # fmt: skip


def datapackage(dataset: Package, files: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """datapackage.json (Data Package v2) for an export whose CSV files have these sizes and SHA-256 sums, by table."""
    meta = dataset.metadata
    return {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": meta["name"],
        "title": meta["title"],
        "description": meta["description"],
        "version": dataset.version,
        "created": f"{meta['released']}T00:00:00Z",
        **{key: meta[key] for key in ("homepage", "keywords", "contributors") if key in meta},
        "licenses": meta["licenses"],
        "resources": [_resource(dataset, dataset.table(name), *files[name]) for name in files],
    }


def _resource(dataset: Package, table: Table, size: int, digest: str) -> dict[str, Any]:
    return {
        "name": table.name,
        "type": "table",
        "title": table.title,
        "description": table.description,
        "path": f"csv/{table.name}.csv",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        **({"licenses": list(table.licenses)} if table.licenses else {}),
        "schema": table_schema(dataset, table),
    }


def table_schema(dataset: Package, table: Table) -> dict[str, Any]:
    """The table as a standard Table Schema (v2), without our extension and with `enum` beside `categories`."""
    out = {
        "$schema": f"{PROFILES}/tableschema.json",
        "fieldsMatch": "exact",
        "fields": [_field(f) for f in table.fields],
        "missingValues": [{"value": value, "label": label} for value, label in dataset.missing.items()],
        "primaryKey": list(table.primary_key),
        "uniqueKeys": [list(key) for key in table.unique_keys],
        "foreignKeys": [
            {"fields": list(key.fields), "reference": {"resource": key.table, "fields": list(key.to)}}
            for key in table.foreign_keys
        ],
    }
    return {key: value for key, value in out.items() if value}


def never_missing(f: Field) -> bool:
    """Whether a column has no gaps in any export: a rule such as strict may leave one in a column that is evidenced."""
    return f.required and not f.evidenced


def _field(f: Field) -> dict[str, Any]:
    # frictionless-py does not enforce categories, so the codes stand in `enum` too.
    constraints = {
        "enum": list(f.labels) or None,
        "required": never_missing(f) or None,
        **{key: getattr(f, key) for key in ("unique", "minimum", "maximum", "pattern")},
    }
    out = {
        **{key: getattr(f, key) for key in ("name", "type", "title", "description")},
        "categories": [{"value": code, "label": label} for code, label in f.labels.items()],
        "categoriesOrdered": bool(f.categories) and f.ordered,
        "constraints": {key: value for key, value in constraints.items() if value is not None and value is not False},
    }
    return {key: value for key, value in out.items() if value}


def arrow_schema(dataset: Package, table: Table) -> pa.Schema:
    """An Arrow schema: types and nullability, title, description and codes as field metadata, dataset and version as the table's."""
    fields = []
    for f in table.fields:
        metadata = {"title": f.title, "description": f.description}
        if f.categories:
            metadata["categories"] = json.dumps([[c.value, c.label] for c in f.categories], ensure_ascii=False)
            metadata["categoriesOrdered"] = json.dumps(f.ordered)
        fields.append(pa.field(f.name, ARROW_TYPES[f.type], nullable=not never_missing(f), metadata=metadata))
    return pa.schema(
        fields,
        metadata={
            "dataset": dataset.metadata["name"],
            "version": dataset.version,
            "title": table.title,
            "description": table.description,
            "primaryKey": json.dumps(list(table.primary_key)),
            "license": (table.licenses or dataset.metadata["licenses"])[0]["name"],
        },
    )
