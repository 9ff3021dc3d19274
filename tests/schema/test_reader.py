"""Faults in the schema files: each stops with a message that carries file and JSON pointer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cstocases
from cstocases.schema import reader

Change = Callable[[dict[str, Any]], object]


def index(schema: dict[str, Any], name: str) -> int:
    """Place of a field in a schema file."""
    return [field["name"] for field in schema["fields"]].index(name)


def field(name: str, change: Change) -> Change:
    """A change to one field."""
    return lambda schema: change(schema["fields"][index(schema, name)])


def put(**parts: Any) -> Change:
    """A change that sets keys."""
    return lambda value: value.update(parts)


def code(value: str, number: int) -> dict[str, Any]:
    """A code of a code list."""
    return {"value": value, "number": number, "label": value.title()}


FAULTS: dict[str, tuple[str, Change, str]] = {
    "an unknown keyword of a table": (
        "states",
        put(primarykey=["iso3c"]),
        "#: no keyword named 'primarykey'; did you mean primaryKey?",
    ),
    "an unknown keyword of a field": (
        "states",
        field("name", put(descripton="A name.")),
        "#/fields/1: no keyword named 'descripton'; did you mean description?",
    ),
    "an unknown constraint": (
        "states",
        field("name", put(constraints={"minLength": 1})),
        "#/fields/1/constraints: no keyword named 'minLength'; there are maximum, minimum, pattern, required, unique",
    ),
    "an unknown keyword of a code": (
        "memberships",
        field("bound_by", put(categories=[{"value": "a", "label": "A", "descriptio": ""}])),
        "#/fields/2/categories/0: no keyword named 'descriptio'; did you mean description?",
    ),
    "an unknown type": (
        "states",
        field("name", put(type="strng")),
        "#/fields/1/type: no type named 'strng'; did you mean string?",
    ),
    "no title": ("states", lambda schema: schema.pop("title"), "#/title: missing; add it"),
    "a field without a description": (
        "states",
        field("name", lambda value: value.pop("description")),
        "#/fields/1/description: missing; add it",
    ),
    "an empty description": (
        "states",
        field("name", put(description=" ")),
        "#/fields/1/description: must be a text; it is empty",
    ),
    "a title too long for Stata": (
        "states",
        field("name", put(title="x" * 81)),
        "#/fields/1/title: longer than 80 characters (Stata)",
    ),
    "a name not in snake case": (
        "states",
        field("name", put(name="stateName")),
        "#/fields/1/name: 'stateName' must be lower_snake_case of at most 32 characters (Stata)",
    ),
    "a name too long for Stata": (
        "states",
        field("name", put(name="n" * 33)),
        f"#/fields/1/name: '{'n' * 33}' must be lower_snake_case of at most 32 characters (Stata)",
    ),
    "a field given twice": ("states", field("name", put(name="iso3c")), "#/fields/1/name: 'iso3c' is duplicated"),
    "a code given twice": (
        "memberships",
        field("bound_by", put(categories=[code("treaty", 1), code("treaty", 2)])),
        "#/fields/2/categories/1/value: 'treaty' is duplicated",
    ),
    "a code without a label": (
        "memberships",
        field("bound_by", put(categories=[{"value": "treaty", "number": 1}])),
        "#/fields/2/categories/0/label: missing; add it",
    ),
    "a number given twice": (
        "memberships",
        field("bound_by", put(categories=[code("treaty", 1), code("charter", 1)])),
        "#/fields/2/categories/1/number: 1 is duplicated",
    ),
    "a code without a number": (
        "memberships",
        field("bound_by", put(categories=[{"value": "treaty", "label": "A"}])),
        "#/fields/2/categories/0/number: missing; add it",
    ),
    "a number beyond Stata": (
        "memberships",
        field("bound_by", put(categories=[code("treaty", 32_741)])),
        "#/fields/2/categories/0/number: must be an integer from 1 to 32740",
    ),
    "numbers that fall along an ordered list": (
        "memberships",
        field("bound_by", put(categories=[code("treaty", 2), code("charter", 1)], categoriesOrdered=True)),
        "#/fields/2/categories/1/number: must rise along an ordered list",
    ),
    "codes of numbers": (
        "states",
        field("cow_number", put(categories=[{"value": "1", "label": "One"}])),
        "#/fields/5/categories: only for string",
    ),
    "a pattern that is none": (
        "states",
        field("name", put(constraints={"pattern": "[A-Z"})),
        "#/fields/1/constraints/pattern: not a regular expression: unterminated character set at position 0",
    ),
    "a pattern of numbers": (
        "states",
        field("cow_number", put(constraints={"pattern": "[0-9]"})),
        "#/fields/5/constraints/pattern: only for string",
    ),
    "a minimum of a text": (
        "states",
        field("name", put(constraints={"minimum": 1})),
        "#/fields/1/constraints/minimum: only for integer, number",
    ),
    "a minimum that is no number": (
        "states",
        field("cow_number", put(constraints={"minimum": "one"})),
        "#/fields/5/constraints/minimum: must be a number",
    ),
    "a key that names no field": (
        "states",
        put(primaryKey=["iso3"]),
        "#/primaryKey: no field named 'iso3'; did you mean iso3n or iso3c or iso2c?",
    ),
    "a unique key that names no field": (
        "states",
        put(uniqueKeys=[["nam"]]),
        "#/uniqueKeys/0: no field named 'nam'; did you mean name?",
    ),
    "a foreign key that names no field": (
        "memberships",
        put(foreignKeys=[{"fields": ["stat"], "reference": {"resource": "states", "fields": ["iso3c"]}}]),
        "#/foreignKeys/0/fields: no field named 'stat'; did you mean state or start_date?",
    ),
    "a foreign key to no table": (
        "memberships",
        put(foreignKeys=[{"fields": ["state"], "reference": {"resource": "xyz", "fields": ["iso3c"]}}]),
        "#/foreignKeys/0/reference/resource: no table named 'xyz'",
    ),
    "a foreign key to another column than the key": (
        "memberships",
        put(foreignKeys=[{"fields": ["state"], "reference": {"resource": "states", "fields": ["iso2c"]}}]),
        "#/foreignKeys/0/reference/fields: must be the primary key of states",
    ),
    "a foreign key without its reference": (
        "memberships",
        put(foreignKeys=[{"fields": ["state"]}]),
        "#/foreignKeys/0/reference: missing; add it",
    ),
    "a name that is not the file's": ("states", put(name="state"), "#/name: 'state' is not the name of the file"),
    "one name with two meanings": (
        "memberships",
        field("state", put(title="State bound")),
        "#/fields/1/title: differs from that of state in schema/cases.json; a column name means one thing in every table",
    ),
    "a derived field of no field": (
        "comparison",
        lambda schema: schema["fields"].insert(0, {"$ref": "requests.nothing"}),
        "#/fields/0/$ref: no field 'requests.nothing'; write table.field of a stored table",
    ),
    "fields that are no list": ("states", put(fields={}), "#/fields: must be a list"),
    "a dataset without a version": ("dataset", lambda schema: schema.pop("version"), "#/version: missing; add it"),
    "an unknown keyword of the dataset": (
        "dataset",
        put(licences=[]),
        "#: no keyword named 'licences'; did you mean licenses?",
    ),
}


def message(home: Path) -> str:
    """What is said of a faulty schema."""
    with pytest.raises(cstocases.SchemaFileError) as caught:
        cstocases.package(home)
    return str(caught.value)


@pytest.mark.parametrize(("name", "change", "expected"), list(FAULTS.values()), ids=list(FAULTS))
def test_faults_are_named(small: Path, name: str, change: Change, expected: str) -> None:
    """A fault in a schema file is reported with the file, the place in it, and what was probably meant."""
    file = small / "schema" / f"{name}.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    change(schema)
    file.write_text(json.dumps(schema), encoding="utf-8")
    assert f"schema/{name}.json{expected}" == message(small)


def test_a_missing_file_is_named(small: Path) -> None:
    """A table that dataset.json lists must have its schema file."""
    (small / "schema" / "states.json").unlink()
    assert message(small) == "schema/states.json: no such file"


def test_an_unlisted_file_is_named(small: Path) -> None:
    """A schema file that no group of dataset.json lists is an error, not ignored."""
    (small / "schema" / "sanctions.json").write_text("{}", encoding="utf-8")
    assert message(small) == "schema/sanctions.json: no group in schema/dataset.json lists it"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"name": "states",\n', "schema/states.json:2: not JSON: Expecting property name enclosed in double quotes"),
        (b'{"name": "states", "title": "A", "title": "B"}', "schema/states.json#/title: is duplicated in one object"),
        (b"[]", "schema/states.json: not a JSON object"),
        (b'"\xe9"', "schema/states.json: not UTF-8"),
        (b'{"a":' * 20_000, "schema/states.json: nested too deeply"),
    ],
    ids=["broken off", "a name twice", "a list", "Latin-1", "nested"],
)
def test_a_file_that_is_no_object_is_named(small: Path, raw: bytes, expected: str) -> None:
    """A schema file that cannot be read as a JSON object is reported, with the line where JSON ends."""
    (small / "schema" / "states.json").write_bytes(raw)
    assert expected == message(small)


def test_a_folder_without_schema_is_named(tmp_path: Path) -> None:
    """A folder that holds no dataset is told apart from a broken one."""
    assert f"no folder schema/ in {tmp_path}; a dataset has cases/ and schema/ side by side" == message(tmp_path)


def test_a_changed_schema_is_read_again(small: Path) -> None:
    """A schema file edited between two calls counts in the second."""
    before = cstocases.package(small).table("states").title
    file = small / "schema" / "states.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(schema | {"title": "Other states"}), encoding="utf-8")
    assert (before, cstocases.package(small).table("states").title) == ("States", "Other states")


def test_an_edit_that_keeps_size_and_time_is_noticed(small: Path) -> None:
    """A schema file is known by its bytes: neither its size nor its time stamp can hide an edit."""
    file = small / "schema" / "states.json"
    before, stat = cstocases.package(small).table("states").title, file.stat()
    file.write_bytes(file.read_bytes().replace(b'"title": "States"', b'"title": "Status"', 1))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (stat.st_size, stat.st_mtime_ns) == (file.stat().st_size, file.stat().st_mtime_ns)
    assert ("States", "Status") == (before, cstocases.package(small).table("states").title)


PROBE = """
import sys, cstocases
found = cstocases.package(*sys.argv[1:])
print(found.table("states").title, len(found.all_tables), "jsonschema" in sys.modules)
"""


def test_a_judged_schema_is_only_built(small: Path, tmp_path: Path) -> None:
    """A second process does not check the same bytes again; one other byte is checked, and refused where it is wrong."""
    environment = {**os.environ, "CSTOCASES_CACHE": str(tmp_path / "cache")}

    def probe() -> str:
        words = [sys.executable, "-c", PROBE, str(small)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
        return done.stdout or done.stderr.splitlines()[-1]

    assert ["States 17 True\n", "States 17 False\n"] == [probe(), probe()]
    file = small / "schema" / "states.json"
    file.write_bytes(file.read_bytes().replace(b'"States"', b'"States "', 1))
    assert probe().endswith("schema/states.json#/title: begins or ends with a space; remove it")


def test_what_was_judged_and_what_was_checked_are_one(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dataset that is only built is equal to the one that was checked."""
    monkeypatch.setenv("CSTOCASES_CACHE", str(tmp_path / "cache"))
    reader._package.cache_clear()
    checked = cstocases.package(small)
    reader._package.cache_clear()
    assert cstocases.package(small) is not checked
    assert cstocases.package(small) == checked
