"""Faults and hostile content in the schema files: each stops with a message that carries file and JSON pointer."""

from __future__ import annotations

import functools
import json
import operator
import os
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import helpers
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import cstocases
from cstocases.schema import reader, shape

Change = Callable[[dict[str, Any]], object]


def put(**parts: Any) -> Change:
    """A change that sets keys."""
    return lambda value: value.update(parts)


def field(name: str, change: Change | None = None, /, **parts: Any) -> Change:
    """A change to one field, or of keys of it."""
    return lambda table: (change or put(**parts))(next(f for f in table["fields"] if f["name"] == name))


def codes(*numbers: tuple[str, int], **parts: Any) -> Change:
    """A change of the code list of memberships."""
    listed = [{"value": value, "number": number, "label": value.title()} for value, number in numbers]
    return field("bound_by", categories=listed, **parts)


def key(column: str, table: str = "states", of: str = "iso3c", times: int = 1) -> Change:
    """A change of the references to other tables."""
    return put(foreignKeys=[{"fields": [column], "reference": {"resource": table, "fields": [of]}}] * times)


SNAKE = "must be lower_snake_case of at most 32 characters (Stata)"
CODES = "memberships#/fields/2/categories"
REFERENCE = "memberships#/foreignKeys/0"
FAULTS: list[tuple[Change, str]] = [
    (put(primarykey=["iso3c"]), "states#: no keyword named 'primarykey'; did you mean primaryKey?"),
    (field("name", type="strng"), "states#/fields/1/type: no type named 'strng'; did you mean string?"),
    (lambda schema: schema.pop("title"), "states#/title: missing; add it"),
    (field("name", description=" "), "states#/fields/1/description: must be a text; it is empty"),
    (field("name", title="x" * 81), "states#/fields/1/title: longer than 80 characters (Stata)"),
    (field("name", name="n" * 33), f"states#/fields/1/name: '{'n' * 33}' {SNAKE}"),
    (field("name", name="iso3c"), "states#/fields/1/name: 'iso3c' is duplicated"),
    (codes(("treaty", 1), ("treaty", 2)), f"{CODES}/1/value: 'treaty' is duplicated"),
    (codes(("treaty", 1), ("charter", 1)), f"{CODES}/1/number: 1 is duplicated"),
    (codes(("treaty", 32_741)), f"{CODES}/0/number: must be an integer from 1 to 32740"),
    (
        codes(("treaty", 2), ("charter", 1), categoriesOrdered=True),
        f"{CODES}/1/number: must rise along an ordered list",
    ),
    (field("cow_number", categories=[{"value": "1", "label": "One"}]), "states#/fields/5/categories: only for string"),
    (
        field("name", constraints={"pattern": "[A-Z"}),
        "states#/fields/1/constraints/pattern: not a regular expression: unterminated character set at position 0",
    ),
    (field("cow_number", constraints={"pattern": "[0-9]"}), "states#/fields/5/constraints/pattern: only for string"),
    (field("name", constraints={"minimum": 1}), "states#/fields/1/constraints/minimum: only for integer, number"),
    (put(primaryKey=["iso3"]), "states#/primaryKey: no field named 'iso3'; did you mean iso3n or iso3c or iso2c?"),
    (put(uniqueKeys=[["nam"]]), "states#/uniqueKeys/0: no field named 'nam'; did you mean name?"),
    (key("stat"), f"{REFERENCE}/fields: no field named 'stat'; did you mean state or start_date?"),
    (key("state", "xyz"), f"{REFERENCE}/reference/resource: no table named 'xyz'"),
    (key("state", of="iso2c"), f"{REFERENCE}/reference/fields: must be the primary key of states"),
    (put(name="state"), "states#/name: 'state' is not the name of the file"),
    (
        field("state", title="State bound"),
        "memberships#/fields/1/title: differs from that of state in schema/cases.json; a column name means one thing in every table",
    ),
    (
        lambda schema: schema["fields"].insert(0, {"$ref": "requests.nothing"}),
        "comparison#/fields/0/$ref: no field 'requests.nothing'; write table.field of a stored table",
    ),
]
# What would end in an error deep in a rule, a script or an export.
FAULTS += [
    (put(**{"name": 'x; system("id")'}), "dataset#/name: 'x; system(\"id\")' must be lower_snake_case of at most 32 characters (Stata)"),
    (put(**{"version": "1\nquit()"}), "dataset#/version: holds the invisible character U+000A; retype it"),
    (put(**{"version": "latest"}), "dataset#/version: 'latest' is not a version such as 1.2.0"),
    (put(**{"released": "2026-02-30"}), "dataset#/released: '2026-02-30' is not a day; write YYYY-MM-DD"),
    (put(**{"licenses": []}), "dataset#/licenses: must name a licence"),
    (put(**{"licenses": [{"name": "x", "title": "x", "path": "javascript:alert(1)"}]}), "dataset#/licenses/0/path: 'javascript:alert(1)' is not the address of a web page"),
    (put(**{"homepage": "https://x.org/}"}), "dataset#/homepage: 'https://x.org/}' is not the address of a web page"),
    (put(**{"missingValues": [{"value": "", "label": "x"}, {"value": "", "label": "y"}]}), "dataset#/missingValues/1/value: '' is duplicated"),
    (put(**{"missingValues": [{"value": "true", "label": "x"}]}), "dataset#/missingValues/0/value: true, false and not_coded have meanings of their own; choose another word"),
    (put(**{"missingValues": [{"value": "", "label": "x"}]}), "dataset#/missingValues: lacks 'not_applicable', which the package itself writes"),
    (field("cow_number", constraints={"maximum": 10**18}), "states#/fields/5/constraints/maximum: must be a number from -2^53 to 2^53"),
    (field("cow_number", constraints={"minimum": 2, "maximum": 1}), "states#/fields/5/constraints/maximum: is below the minimum"),
    (codes(("a b", 1)), "memberships#/fields/2/categories/0/value: 'a b' must be one word of letters, digits and . + / _ -"),
    (codes(("unknown", 1)), "memberships#/fields/2/categories/0/value: 'unknown' is a missing-value code in schema/dataset.json"),
    (field("bound_by", categories=[{"value": "a", "number": 1, "label": "é" * 61}]), "memberships#/fields/2/categories/0/label: longer than 120 bytes in UTF-8 (SPSS)"),
    (put(uniqueKeys=[["name"]] * 200_000), "states#/uniqueKeys: more than 100"),
    (put(primaryKey=["iso3c"] * 200_000), "states#/primaryKey: must name from 1 to 2000 fields"),
    (key("state", times=40_000), "memberships#/foreignKeys: more than 100"),
    (put(primaryKey=[]), "states#/primaryKey: must name from 1 to 2000 fields"),
    (put(uniqueKeys=[["name", "name"]]), "states#/uniqueKeys/0/1: 'name' is duplicated"),
    (field("iso3c", constraints={"pattern": "[A-Z]{3}"}), "states#/fields/0/constraints: iso3c is in the primary key, so required"),
    (field("reading", evidenced=True), "readings#/fields/4/evidenced: only in a table whose primary key is one text"),
    (put(foreignKeys=[{"fields": ["state", "bound_by"], "reference": {"resource": "states", "fields": ["iso3c"]}}]), "memberships#/foreignKeys/0/fields: must be one field"),
    (key("name"), "states#/foreignKeys: references run in a circle: states - states"),
    (key("cow_number", "provisions", "provision_id"), "states#/foreignKeys/0/reference/fields: the type differs from that of cow_number"),
    (lambda value: value["fields"].pop(11), "requests#/fields: no field named 'channel_letter', of which rules and pages speak"),
    (field("forum", type="integer", categories=[]), "decisions#/fields/4: type must be 'string', as in the shipped schema"),
    (field("case_id", constraints={"required": True}), "cases#/fields/0: pattern must be '[a-z0-9][a-z0-9-]*', as in the shipped schema"),
    (field("case_id", constraints={"pattern": "[a-z0-9][a-z0-9-]*"}), "requests#/fields/1: required must be True, as in the shipped schema"),
    (lambda value: value["fields"].append({"$ref": "states.name", "name": "state_name"}), "comparison#/fields/65: nothing says how to derive state_name"),
]  # fmt: skip


def message(home: Path) -> str:
    """What is said of a faulty schema."""
    with pytest.raises(cstocases.SchemaFileError) as caught:
        cstocases.package(home)
    return str(caught.value)


@pytest.mark.parametrize(("change", "expected"), FAULTS, ids=[expected for _, expected in FAULTS])
def test_faults_are_named(small: Path, change: Change, expected: str) -> None:
    """A fault in a schema file is reported with the file, the place in it, and what was probably meant."""
    name, _, said = expected.partition("#")
    helpers.change_schema(small, name, change)
    assert f"schema/{name}.json#{said}" == message(small)


def places(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in a JSON value, by its pointer."""
    yield at, value
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from places(inner, f"{at}/{key}")


@pytest.mark.parametrize("name", ["dataset", "states", "memberships", "requests", "comparison"])
def test_other_types_and_keywords_are_refused_wherever_they_stand(small: Path, name: str) -> None:
    """In each kind of place of a schema file a value of another type is refused, and in each object a keyword of no meaning."""
    path = small / f"schema/{name}.json"
    sound = json.loads(path.read_bytes())
    for at, value in {
        re.sub(r"/\d+", "/*", at): (at, value) for at, value in places(sound) if at and not at.endswith("/type")
    }.values():
        spoilt = json.loads(json.dumps(sound))
        *way, last = [int(part) if part.isdigit() else part for part in at.split("/")[1:]]
        where = functools.reduce(operator.getitem, way, spoilt)
        where[last] = {} if isinstance(value, list) else [1]
        path.write_text(json.dumps(spoilt), encoding="utf-8")
        assert message(small).startswith(f"schema/{name}.json#{at}: must be ")
        if isinstance(value, dict):
            where[last] = {**value, "titel": "x"}
            path.write_text(json.dumps(spoilt), encoding="utf-8")
            assert message(small).startswith(f"schema/{name}.json#{at}: no keyword named 'titel'; ")


def duplicate(text: str) -> str:
    """A JSON text in which the first key of the first object in a list stands twice."""
    return re.sub(r'\[\{("\w+"): ', r"[{\1: 0, \1: ", text, count=1)


FILES: dict[str, tuple[bytes | Callable[[str], str], str]] = {
    "a key twice": (duplicate, "#/fields/0/name: is duplicated in one object"),
    "a key twice at the top": (lambda text: '{"name": 1, ' + text[1:], "#/name: is duplicated in one object"),
    "a byte order mark": (lambda text: "\ufeff" + text, ": starts with a byte order mark; save as UTF-8 without it"),
    "UTF-16": ("{}".encode("utf-16"), ": not UTF-8"),
    "5,000 digits": (lambda text: text.replace('"required": true', f'"required": {"9" * 5000}', 1), "#/fields/0/constraints/required: must be true or false"),
    "no number": (lambda text: text.replace('"required": true', '"required": NaN', 1), ": NaN is not JSON; write a number"),
    "half a character": (lambda text: text.replace('"States"', '"\\ud800"'), "#/title: holds the invisible character U+D800; retype it"),
    "text turned around": (lambda text: text.replace('"States"', '"\\u202eStates"'), "#/title: holds the invisible character U+202E; retype it"),
    "an escape sequence": (lambda text: text.replace('"States"', '"\\u001b[2J"'), "#/title: holds the invisible character U+001B; retype it"),
    "two lines": (lambda text: text.replace('"States"', '"a\\nb"'), "#/title: holds the invisible character U+000A; retype it"),
    "nothing": (b"", ":1: not JSON: Expecting value"),
    "5 MiB of spaces": (b" " * 5 * 2**20, ": is larger than 4 MiB"),
    "lists in lists": (b"[" * 100_000, ": nested too deeply"),
    "a million empty keys": (b'{"":0' + b',"":0' * 600_000 + b"}", "#/: is duplicated in one object"),
    "100,000 fields": (b'{"name":"states","title":"x","description":"x","primaryKey":["a"],"fields":[' + b",".join([b"{}"] * 100_000) + b"]}", "#/fields: must be from 1 to 2000 fields (SQLite)"),
    "a broken line": (b'{"name": "states",\n', ":2: not JSON: Expecting property name enclosed in double quotes"),
    "a list": (b"[]", ": not a JSON object"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), list(FILES.values()), ids=list(FILES))
def test_schema_files_that_cannot_be_read_are_refused(
    small: Path, body: bytes | Callable[[str], str], expected: str
) -> None:
    """A schema file that holds something twice, unseen, endless or too large is refused in one line."""
    path = small / "schema/states.json"
    path.write_bytes(body if isinstance(body, bytes) else body(json.dumps(json.loads(path.read_bytes()))).encode())
    assert f"schema/states.json{expected}" == message(small)


TAKEN = "cannot be the name of a table; it is taken in an export"
NAMES = {
    "../../etc/passwd": f"'../../etc/passwd' {SNAKE}",
    "States": f"'States' {SNAKE}",
    "": "must be a text; it is empty",
    **{name: f"'{name}' {TAKEN}" for name in ("con", "missing", "dataset", "states_labelled")},
    "x" * 32: "longer than 31 characters (Excel)",
    "cases": "'cases' is duplicated",
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_unsafe_table_names_are_refused(small: Path, name: str, expected: str) -> None:
    """A name that leads out of the folder, or that an export or a system keeps for itself, is refused where it is listed."""
    helpers.change_schema(small, "dataset", lambda value: value["groups"][1]["tables"].append(name))
    last = len(json.loads((small / "schema/dataset.json").read_bytes())["groups"][1]["tables"]) - 1
    assert f"schema/dataset.json#/groups/1/tables/{last}: {expected}" == message(small)


def test_a_table_that_rules_need_may_not_be_left_out(small: Path) -> None:
    """A dataset in which no group lists the events is none, though no table refers to them."""
    helpers.unlist(small, "events")
    assert "schema/dataset.json#/groups: no group lists events, of which rules and pages speak" == message(small)


@pytest.mark.parametrize(
    "pattern", ["[a-z]{2,3}", "https?://\\S+", "(?:ab|c)*d?", "[^a-z-]+", "\\[x\\.\\]", "([0-9]{2}-){3}", "[А-Я]+"]
)
def test_patterns_that_are_allowed(pattern: str) -> None:
    """Sets, groups, alternatives and repeats."""
    assert shape.check_pattern(pattern)


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?<!a)b", "(a)\\1", "^a$", "\\d", "\\Z", "(?i)a", "(?P<n>a)", "[[a]]", "[a--b]", "[[:alpha:]]", "a*?", "a++", "a{1001}", "(a{30}){40}", "((a{9}){9}){13}", "x" * 501, "(?#x)a", "\\x41", "[\\d]"])  # fmt: skip
def test_patterns_that_are_refused(pattern: str) -> None:
    """What RE2 cannot run, or what Python and RE2 read differently, is no pattern of a schema."""
    with pytest.raises(ValueError, match=r"."):
        shape.check_pattern(pattern)


ATOMS = st.sampled_from(
    [*"ab-1 {},^", ".", "\\S", "\\.", "\\\\", "[a-b]", "[^a-]", "[.1,]", "[\\]]", "(", ")", "|", "(?:", "[", "?="]
)
TIMES = st.sampled_from(["", "", "", "", "*", "+", "?", "{2}", "{1,3}", "{0}", "{,2}", "?="])
PATTERNS = st.recursive(
    st.tuples(ATOMS, TIMES).map("".join),
    lambda inner: st.tuples(
        st.sampled_from(["(", "(?:"]),
        st.lists(inner, max_size=3).map("".join),
        st.sampled_from([")", ")*", "|a)+", "|)?"]),
    ).map("".join),
    max_leaves=4,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.lists(PATTERNS, min_size=1, max_size=4).map("".join), st.lists(st.text("ab-1. {},", max_size=6), max_size=8))
def test_an_allowed_pattern_means_the_same_to_python_and_to_re2(pattern: str, texts: list[str]) -> None:
    """Whatever the schema allows, RE2 takes, and finds in it what Python finds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            shape.check_pattern(pattern)
        except ValueError:
            assume(False)
    found = pc.match_substring_regex(["", *texts], pattern=f"^(?:{pattern})$").to_pylist()
    assert [re.fullmatch(pattern, text) is not None for text in ["", *texts]] == found


def test_a_missing_file_is_named(small: Path) -> None:
    """A table that dataset.json lists must have its schema file."""
    (small / "schema" / "states.json").unlink()
    assert message(small) == "schema/states.json: no such file"


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

    n = len(cstocases.package(small).all_tables)
    assert [f"States {n} True\n", f"States {n} False\n"] == [probe(), probe()]
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
