"""Files of any content: each is answered with an address, in bounded time and memory, and no message controls a terminal."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import fuzz
import helpers
import pyarrow.compute as pc
import pytest
from helpers import run
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import cstocases
from cstocases.errors import ComparisonError, ExportError, SchemaFileError
from cstocases.parsing import csv_reader
from cstocases.schema import reader, shape

unix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of this kind are Unix's")


def refusal(home: Path) -> str:
    """What is said of a schema that is refused."""
    with pytest.raises(SchemaFileError) as caught:
        cstocases.package(home)
    return str(caught.value)


# Schema files.


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
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), list(FILES.values()), ids=list(FILES))
def test_schema_files_that_cannot_be_read_are_refused(
    small: Path, body: bytes | Callable[[str], str], expected: str
) -> None:
    """A schema file that holds something twice, unseen, endless or too large is refused in one line."""
    path = small / "schema/states.json"
    path.write_bytes(body if isinstance(body, bytes) else body(json.dumps(json.loads(path.read_bytes()))).encode())
    assert f"schema/states.json{expected}" == refusal(small)


NAMES = {
    "../../etc/passwd": "'../../etc/passwd' must be lower_snake_case of at most 32 characters (Stata)",
    "/etc/passwd": "'/etc/passwd' must be lower_snake_case of at most 32 characters (Stata)",
    "a/b": "'a/b' must be lower_snake_case of at most 32 characters (Stata)",
    "States": "'States' must be lower_snake_case of at most 32 characters (Stata)",
    "": "must be a text; it is empty",
    "con": "'con' cannot be the name of a table; it is taken in an export",
    "missing": "'missing' cannot be the name of a table; it is taken in an export",
    "dataset": "'dataset' cannot be the name of a table; it is taken in an export",
    "states_labelled": "'states_labelled' cannot be the name of a table; it is taken in an export",
    "x" * 32: "longer than 31 characters (Excel)",
    "cases": "'cases' is duplicated",
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_unsafe_table_names_are_refused(small: Path, name: str, expected: str) -> None:
    """A name that leads out of the folder, or that an export or a system keeps for itself, is refused where it is listed."""
    helpers.change_schema(small, "dataset", lambda value: value["groups"][1]["tables"].append(name))
    last = len(json.loads((small / "schema/dataset.json").read_bytes())["groups"][1]["tables"]) - 1
    assert f"schema/dataset.json#/groups/1/tables/{last}: {expected}" == refusal(small)


DATASET: dict[str, tuple[dict[str, Any], str]] = {
    "a name that is code": ({"name": 'x; system("id")'}, "/name: 'x; system(\"id\")' must be lower_snake_case of at most 32 characters (Stata)"),
    "a version that is code": ({"version": "1\nquit()"}, "/version: holds the invisible character U+000A; retype it"),
    "a version that is none": ({"version": "latest"}, "/version: 'latest' is not a version such as 1.2.0"),
    "a day that is none": ({"released": "2026-02-30"}, "/released: '2026-02-30' is not a day; write YYYY-MM-DD"),
    "no licence": ({"licenses": []}, "/licenses: must name a licence"),
    "a licence at no address": ({"licenses": [{"name": "x", "title": "x", "path": "javascript:alert(1)"}]}, "/licenses/0/path: 'javascript:alert(1)' is not the address of a web page"),
    "a page that ends its bracket": ({"homepage": "https://x.org/}"}, "/homepage: 'https://x.org/}' is not the address of a web page"),
    "a contributor without a name": ({"contributors": [{"roles": ["x"]}]}, "/contributors/0/title: missing; add it"),
    "a role that is a number": ({"contributors": [{"title": "x", "roles": [1]}]}, "/contributors/0/roles/0: must be a text"),
    "a word that is a list": ({"keywords": [["x"]]}, "/keywords/0: must be a text"),
    "kinds that are texts": ({"missingValues": [""]}, "/missingValues/0: must be an object"),
    "a kind twice": ({"missingValues": [{"value": "", "label": "x"}, {"value": "", "label": "y"}]}, "/missingValues/1/value: '' is duplicated"),
    "a kind that is a value": ({"missingValues": [{"value": "true", "label": "x"}]}, "/missingValues/0/value: true, false and not_coded have meanings of their own; choose another word"),
    "a kind the package writes": ({"missingValues": [{"value": "", "label": "x"}]}, "/missingValues: lacks 'not_applicable', which the package itself writes"),
    "groups that are texts": ({"groups": ["x"]}, "/groups/0: must be an object"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "expected"), list(DATASET.values()), ids=list(DATASET))
def test_metadata_are_checked(small: Path, parts: dict[str, Any], expected: str) -> None:
    """What goes into scripts, paths and citations is checked where it stands."""
    helpers.change_schema(small, "dataset", lambda value: value.update(parts))
    assert f"schema/dataset.json#{expected}" == refusal(small)


def field(name: str, **parts: Any) -> Callable[[dict[str, Any]], object]:
    """A change of parts of a field."""
    return lambda value: next(f for f in value["fields"] if f["name"] == name).update(parts)


def put(**parts: Any) -> Callable[[dict[str, Any]], object]:
    """A change of parts of a table."""
    return lambda value: value.update(parts)


KEY = {"fields": ["state"], "reference": {"resource": "states", "fields": ["iso3c"]}}
TABLES: dict[str, tuple[str, Callable[[dict[str, Any]], object], str]] = {
    "a flag that is a text": ("states", field("name", evidenced="no"), "/fields/1/evidenced: must be true or false"),
    "a bound beyond exactness": ("states", field("cow_number", constraints={"maximum": 10**18}), "/fields/5/constraints/maximum: must be a number from -2^53 to 2^53"),
    "a bound that is true": ("states", field("cow_number", constraints={"minimum": True}), "/fields/5/constraints/minimum: must be a number"),
    "bounds without room": ("states", field("cow_number", constraints={"minimum": 2, "maximum": 1}), "/fields/5/constraints/maximum: is below the minimum"),
    "a bound of a date": ("memberships", field("start_date", constraints={"minimum": 1}), "/fields/3/constraints/minimum: only for integer, number"),
    "a code of two words": ("memberships", field("bound_by", categories=[{"value": "a b", "number": 1, "label": "A"}]), "/fields/2/categories/0/value: 'a b' must be one word of letters, digits and . + / _ -"),
    "a code that is a gap": ("memberships", field("bound_by", categories=[{"value": "unknown", "number": 1, "label": "A"}]), "/fields/2/categories/0/value: 'unknown' is a missing-value code in schema/dataset.json"),
    "a label too long for SPSS": ("memberships", field("bound_by", categories=[{"value": "a", "number": 1, "label": "é" * 61}]), "/fields/2/categories/0/label: longer than 120 bytes in UTF-8 (SPSS)"),
    "a definition that is a number": ("memberships", field("bound_by", categories=[{"value": "a", "number": 1, "label": "A", "description": 1}]), "/fields/2/categories/0/description: must be a text"),
    "keys without end": ("states", put(uniqueKeys=[["name"]] * 200_000), "/uniqueKeys: more than 100"),
    "a key without end": ("states", put(primaryKey=["iso3c"] * 200_000), "/primaryKey: must name from 1 to 2000 fields"),
    "references without end": ("memberships", put(foreignKeys=[KEY] * 40_000), "/foreignKeys: more than 100"),
    "no key": ("states", put(primaryKey=[]), "/primaryKey: must name from 1 to 2000 fields"),
    "a key that is a text": ("states", put(primaryKey="iso3c"), "/primaryKey: must be a list"),
    "a key of lists": ("states", put(primaryKey=[["iso3c"]]), "/primaryKey/0: must be a text"),
    "half a key twice": ("states", put(uniqueKeys=[["name", "name"]]), "/uniqueKeys/0/1: 'name' is duplicated"),
    "a key that may be missing": ("states", field("iso3c", constraints={"pattern": "[A-Z]{3}"}), "/fields/0/constraints: iso3c is in the primary key, so required"),
    "evidence of half a key": ("readings", field("reading", evidenced=True), "/fields/4/evidenced: only in a table whose primary key is one text"),
    "a reference of two columns": ("memberships", put(foreignKeys=[{**KEY, "fields": ["state", "bound_by"]}]), "/foreignKeys/0/fields: must be one field"),
    "a reference to a number": ("memberships", put(foreignKeys=[{"fields": ["state"], "reference": {"resource": 1, "fields": ["x"]}}]), "/foreignKeys/0/reference/resource: must be a text"),
    "a circle of one": ("states", put(foreignKeys=[{"fields": ["name"], "reference": {"resource": "states", "fields": ["iso3c"]}}]), "/foreignKeys: references run in a circle: states - states"),
    "a reference of another type": ("states", put(foreignKeys=[{"fields": ["cow_number"], "reference": {"resource": "provisions", "fields": ["provision_id"]}}]), "/foreignKeys/0/reference/fields: the type differs from that of cow_number"),
    "a rule's column gone": ("requests", lambda value: value["fields"].pop(10), "/fields: no field named 'channel_letter', of which rules and pages speak"),
    "a rule's column of another type": ("decisions", field("forum", type="integer", categories=[]), "/fields/3: type must be 'string', as in the shipped schema"),
    "an id of any form": ("cases", field("case_id", constraints={"required": True}), "/fields/0: pattern must be '[a-z0-9][a-z0-9-]*', as in the shipped schema"),
    "an id that may be missing": ("requests", field("case_id", constraints={"pattern": "[a-z0-9][a-z0-9-]*"}), "/fields/1: required must be True, as in the shipped schema"),
    "a reference by a number": ("comparison", lambda value: value["fields"].append({"$ref": 1}), "/fields/57/$ref: must be a text"),
    "a column nobody derives": ("comparison", lambda value: value["fields"].append({"$ref": "states.name", "name": "state_name"}), "/fields/57: nothing says how to derive state_name"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "change", "expected"), list(TABLES.values()), ids=list(TABLES))
def test_table_schemas_are_checked(
    small: Path, name: str, change: Callable[[dict[str, Any]], object], expected: str
) -> None:
    """What would end in an error deep in a rule or an export is refused where it is written."""
    helpers.change_schema(small, name, change)
    assert f"schema/{name}.json#{expected}" == refusal(small)


def test_a_table_that_rules_need_may_not_be_left_out(small: Path) -> None:
    """A dataset in which no group lists the events is none, though no table refers to them."""
    helpers.change_schema(small, "dataset", lambda value: value["groups"][0]["tables"].remove("events"))
    (small / "schema/events.json").unlink()
    assert "schema/dataset.json#/groups: no group lists events, of which rules and pages speak" == refusal(small)


def test_a_dataset_without_a_register_says_so(small: Path) -> None:
    """Commands on tables a dataset need not have name the table."""
    for words in (["candidates"], ["why", "x"], ["plot", "universe", "-o", small / "x.svg"], ["reliability"]):
        done = run(*words, "--home", small)
        assert (1, True) == (done.exit_code, done.stderr.startswith("Error: no table named '")), done.stderr


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


# Folders, pipes and links.


def apart(code: str, *words: str | Path, seconds: int = 240) -> tuple[list[str], int]:
    """What code prints in a process of its own, and the most memory it took, in MiB; it may take so long and 12 GiB of addresses."""
    head = "import resource, sys\nresource.setrlimit(resource.RLIMIT_AS, (12 * 2**30,) * 2)\nimport cstocases\n"
    tail = "\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    done = subprocess.run(
        [sys.executable, "-c", head + code + tail, *map(str, words)],
        capture_output=True, text=True, encoding="utf-8", timeout=seconds, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    *said, memory = done.stdout.splitlines()
    return said, int(memory)


VALIDATE = """
try:
    for problem in cstocases.validate(sys.argv[1]): print(problem)
except cstocases.CstocasesError as error: print("refused:", error)
"""


@unix
def test_pipes_devices_and_links_are_reported_at_once(small: Path) -> None:
    """Pipes, sockets, devices, folders and links among the tables are reported at once, their names with escapes."""
    cases = small / "cases"
    for name in ("events", "offices", "positions", "states", "provisions", "explanations"):
        (cases / f"{name}.csv").rename(small / name)
    os.mkfifo(cases / "events.csv")
    with closing(socket.socket(socket.AF_UNIX)) as door:
        door.bind(str(cases / "offices.csv"))
    (cases / "positions.csv").symlink_to("/dev/zero")
    (cases / "states.csv").mkdir()
    (cases / "provisions.csv").symlink_to("nowhere")
    (cases / "explanations.csv").symlink_to("explanations.csv")
    (cases / "a\n\x1b[2J\u202e,b:c").write_text("x", encoding="utf-8")
    (cases / os.fsdecode(b"\xff.csv")).write_text("x", encoding="utf-8")
    said, _ = apart(VALIDATE, small)

    strange = "no table of the schema; remove it or list it in schema/dataset.json [file]"
    absent = ("events", "explanations", "offices", "positions", "provisions", "states")
    assert [
        *(f"cases/{name}.csv: is not a plain file; the schema lists this table [file]" for name in absent),
        rf"cases/\udcff.csv: {strange}",
        rf"cases/a\n\x1b[2J\u202e,b:c: {strange}",
    ] == sorted((line for line in said if line.endswith("[file]")), key=lambda line: (strange in line, line))
    named = {
        "text": rf"cases/a\n\x1b[2J\u202e,b:c: {strange}",
        "json": r'"path": "cases/a\\n\\x1b[2J\\u202e,b:c"',
        "github": r"::error file=cases/a\n\x1b[2J\u202e%2Cb%3Ac,line=1::",
    }
    for form, expected in named.items():
        done = run("validate", small, "--format", form)
        assert done.exit_code == 1
        assert expected in done.stdout, done.stdout
    refused = run("compare", "--home", small)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "is not a plain file" in refused.stderr, refused.stderr


@unix
@pytest.mark.parametrize("name", ["dataset", "states"])
def test_only_a_plain_file_is_a_schema_file(small: Path, name: str) -> None:
    """A pipe, a folder, a device and links to nowhere are no schema files; a link to a file is."""
    path = small / f"schema/{name}.json"
    kept = path.rename(small / "kept.json")
    os.mkfifo(path)
    assert f"schema/{name}.json: is not a plain file" == refusal(small)
    path.unlink()
    path.mkdir()
    assert f"schema/{name}.json: is not a plain file" == refusal(small)
    path.rmdir()
    path.symlink_to("/dev/zero")
    assert f"schema/{name}.json: is not a plain file" == refusal(small)
    path.unlink()
    path.symlink_to(path)
    assert refusal(small).endswith(f"schema/{name}.json: Too many levels of symbolic links")
    path.unlink()
    path.symlink_to("nowhere")
    assert refusal(small).endswith(f"schema/{name}.json: No such file or directory")
    path.unlink()
    path.symlink_to(kept)
    assert "States" == cstocases.package(small).table("states").title


def test_the_name_of_an_unlisted_schema_file_is_escaped(small: Path) -> None:
    """A file of schema/ that no group lists is named without its escape sequences."""
    (small / "schema/a\x1b[2J\n.json").write_text("{}", encoding="utf-8")
    assert r"schema/a\x1b[2J\n.json: no group in schema/dataset.json lists it" == refusal(small)


def test_a_home_may_be_a_link(small: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A link to the folder, or to its folder of tables, is followed; a path no system takes is refused."""
    away = tmp_path_factory.mktemp("away")
    shutil.move(small / "cases", away / "cases")
    (small / "cases").symlink_to(away / "cases")
    (away / "home").symlink_to(small)
    assert [] == cstocases.validate(away / "home")
    for path in ("x" * 5000, "a\0b"):
        with pytest.raises(SchemaFileError):
            cstocases.package(path)


def test_a_licence_that_is_a_link_or_huge_is_not_exported(
    small: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A licence that is a link, or as large as a disk, could carry any file of the reader's into the export."""
    cstocases.load("cases", home=helpers.write_small(tmp_path_factory.mktemp("alike")))  # the same bytes elsewhere
    secret = tmp_path_factory.mktemp("secret") / "id"
    secret.write_text("secret", encoding="utf-8")
    (small / "LICENSE-DATA").symlink_to(secret)
    with pytest.raises(ExportError, match="is a link, or larger than a licence; an export does not carry it"):
        cstocases.export(small / "out", ["csv"], home=small)
    (small / "LICENSE-DATA").unlink()
    with (small / "LICENSE-DATA").open("wb") as file:
        file.truncate(2**31)
    with pytest.raises(ExportError, match="larger than a licence"):
        cstocases.export(small / "out", ["csv"], home=small)
    assert not (small / "out").exists()


# Large files: bounded in time and memory. Each is made in the process that is asked of it, or takes no room.

ROWS = "rows = open(sys.argv[1] + '/cases/states.csv', 'rb').read()\nhead = rows.split(b'\\n')[0] + b'\\n'\n"
HEADER = "columns are not those of the schema; "
LARGE: dict[str, tuple[str, str, int]] = {
    "2 GiB": ("", "cases/states.csv: is 2.0 GiB; a table may have 256 MiB at most [file]", 1),
    "a cell of 10 million": ("rows + b'KGZ,\"' + b'x' * 10**7 + b'\"' + b',unknown' * 7 + b'\\n'", "cases/states.csv:7: cannot be read as CSV from here on: field larger than field limit (131072) [csv]", 1),
    "a cell of 40,000": ("rows + b'KGZ,\"' + b'x' * 40_000 + b'\"' + b',unknown' * 7 + b'\\n'", f"cases/states.csv:7:name: '{'x' * 60}…' (40,000 characters) is longer than the 32,767 characters of a spreadsheet's cell; is a quote left open? [text]", 2),
    "50 million cells": ("rows + b'a,b,c,d\\n' * (5 * 10**7 // 4)", "cases/states.csv: has 50,000,054 commas and line ends; a table may have 33,554,432 at most [file]", 1),
    "a row of 20 million cells": ("rows + b',' * (2 * 10**7) + b'\\n'", "cases/states.csv:7: cannot be read as CSV from here on: a line of more than 16,777,216 characters [csv]", 1),
    "200,000 blank lines": ("rows + b'\\n' * 200_000", "cases/states.csv:7: is a blank line; remove it [row]", csv_reader.MAX_REPORTED),
    "5 MB of carriage returns": ("rows + b'\\r' * (5 * 10**6)", "cases/states.csv:7: a carriage return ends or breaks the line; `cstocases format` writes LF [line-end]", csv_reader.MAX_REPORTED),
    "a header of 200,000": ("b','.join(b'c%d' % i for i in range(200_000)) + b'\\n'", f"cases/states.csv:1: {HEADER}missing: iso3c, name, iso2c, iso3n, cow_letters, cow_number, gw_number, vdem_id, ucdp_id; unknown: 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9' and 199,990 more [header]", 1),
    "200,000 rows of too few cells": ("rows + b'x,y\\n' * 200_000", "cases/states.csv:7: 2 cells where the header has 9; a comma too many or too few, or an open quote [row]", csv_reader.MAX_REPORTED),
    "110,000 rows of escapes": ("head + b''.join(b'%d' % i + b',\\x1b' * 8 + b'\\n' for i in range(110_000))", r"cases/states.csv:2:name: '\x1b' holds the invisible character U+001B; retype it [text]", 8 * csv_reader.MAX_REPORTED),
}  # fmt: skip


@pytest.mark.slow
@unix
@pytest.mark.parametrize(("body", "expected", "many"), list(LARGE.values()), ids=list(LARGE))
def test_a_large_file_is_answered_in_bounded_memory(small: Path, body: str, expected: str, many: int) -> None:
    """Whatever fills a table, the answer comes within minutes and 2 GiB, names the line, and no problem is a page long."""
    write = f"{ROWS}open(sys.argv[1] + '/cases/states.csv', 'wb').write({body})\n" if body else ""
    if not body:
        os.truncate(small / "cases/states.csv", 2**31)
    said, memory = apart(write + VALIDATE, small)

    mine = [line for line in said if line.startswith("cases/states.csv")]
    assert expected in mine
    assert many <= len(mine) <= many + csv_reader.MAX_REPORTED + 10
    assert max(map(len, said)) < 400
    assert memory < 2048


@pytest.mark.slow
@unix
def test_a_key_repeated_often_is_not_joined_with_itself(small: Path) -> None:
    """Ten thousand rows of one key, in two tables that rules join, are reported and not paired with one another."""
    n = 10_000
    for table, unique in (("requests", ""), ("decisions", "decision_id"), ("memberships", "membership_id"), ("positions", "position_id")):  # fmt: skip
        header, first, *rest = helpers.read_rows(small, table)
        many = [
            [f"u{i}" if name == unique else cell for name, cell in zip(header, first, strict=True)] for i in range(n)
        ]
        helpers.write_rows(small, table, [header, first, *rest, *many])
    header, *rows = helpers.read_rows(small, "readings")
    about = next(row for row in rows if row[0] == "requests")
    helpers.write_rows(small, "readings", [header, *rows, *([*about[:3], f"e{i}", about[4]] for i in range(n))])
    said, memory = apart(VALIDATE, small)

    assert "cases/requests.csv:5:request_id: 'arm-2020-letter' is already in line 2 [primary-key]" in said
    assert n == sum("'arm-2020-letter' is already in line 2 [primary-key]" in line for line in said)
    assert memory < 2048


@pytest.mark.slow
@unix
def test_schema_files_and_changelogs_have_a_largest_size(small: Path) -> None:
    """A schema file and a changelog of 2 GiB are refused; a changelog may come through a pipe."""
    os.truncate(small / "schema/states.json", 2**31)
    said, memory = apart(VALIDATE, small)
    assert (["refused: schema/states.json: is larger than 4 MiB"], True) == (said, memory < 1024)
    news = small / "NEWS"
    news.write_text("x", encoding="utf-8")
    os.truncate(news, 2**31)
    shipped = helpers.SHIPPED
    code = "from cstocases.analysis.diff import read_changelog\ntry: read_changelog(__import__('pathlib').Path(sys.argv[1]))\nexcept cstocases.ComparisonError as error: print(error)"
    assert [f"{news}: is larger than 4 MiB; a changelog is not"] == apart(code, news)[0]
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m cstocases diff {shipped} {shipped} --changelog <(echo '# x')"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (0, "no cell differs; none without") == (
        done.returncode,
        done.stderr[: len("no cell differs; none without")],
    )


@pytest.mark.slow
@pytest.mark.parametrize("table", ["cases", "readings", "every"])
def test_tables_without_rows_or_values_are_validated(small: Path, table: str) -> None:
    """A table of which only the header is left, or only missing values, is reported without a traceback."""
    for name in helpers.SMALL if table == "every" else [table]:
        header, *rows = helpers.read_rows(small, name)
        helpers.write_rows(small, name, [header])
        before = cstocases.validate(small)
        helpers.write_rows(small, name, [header, *([["unknown"] * len(header)] * len(rows))])
        after = cstocases.validate(small)
        assert {problem.rule for problem in after} >= {"required"}
    helpers.write_rows(small, "cases", helpers.read_rows(small, "cases")[:1])
    assert before or table == "every"
    assert [] == [p for p in cstocases.validate(small) if not str(p).isprintable()]


# Folders and exports of other people, given to diff.


MANIFESTS: list[Callable[[dict[str, Any]], object]] = [
    lambda value: value["resources"][0].update(name="../../../../etc/passwd"),
    lambda value: value["resources"][0].update(name=1),
    lambda value: value["resources"][0]["schema"]["fields"][0].update(name="a\x1b[2J"),
    lambda value: value["resources"][0]["schema"]["fields"][0].update(name=["x"]),
    lambda value: value["resources"][0]["schema"].update(primaryKey=[["x"]]),
    lambda value: value["resources"][0].update(schema="schema.json"),
    lambda value: value.update(resources={"x": 1}),
    lambda value: value.pop("resources"),
]


def test_a_manifest_without_plain_table_names_is_refused(small: Path) -> None:
    """A description of an export that names no tables and columns as such is refused in one line."""
    out = cstocases.export(small / "out", ["csv"], home=small)
    path = out / "datapackage.json"
    sound = path.read_bytes()
    said = f"Error: {path}: does not say which tables, columns and keys there are\n"
    for change in MANIFESTS:
        value = json.loads(sound)
        change(value)
        path.write_text(json.dumps(value), encoding="utf-8")
        done = run("diff", small, out)
        assert (1, "", said) == (done.exit_code, done.stdout, done.stderr)


@unix
def test_a_manifest_that_cannot_be_read_is_refused(small: Path) -> None:
    """Diff waits for no pipe, and reads no endless or bottomless manifest."""
    path = small / "schema/dataset.json"
    for body, said in ((b"[" * 100_000, "nested too deeply"), (b" " * 5 * 2**20, "is larger than 4 MiB"), (b"\xff", "not UTF-8")):  # fmt: skip
        path.write_bytes(body)
        with pytest.raises(ComparisonError, match=f"schema/dataset.json: {said}"):
            cstocases.diff(small, small)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ComparisonError, match=r"schema/dataset\.json: is not a plain file"):
        cstocases.diff(small, small)


def test_diff_prints_no_control_characters(small: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Diff compares data that are not valid; ids and values that a terminal would act on are spelt out."""
    other = Path(shutil.copytree(small, tmp_path_factory.mktemp("other") / "data"))
    helpers.add(other, "states", iso3c="\x1b[2J", name="\u202ex")
    helpers.spoil(other, "states", "ARM", "name", "\x1b[31mred\x07")
    done = run("diff", small, other)

    assert [r"states '\x1b[2J': added", r"states ARM name: Armenia -> '\x1b[31mred\x07'"] == done.stdout.splitlines()


def test_messages_hold_no_control_characters(small: Path) -> None:
    """A cell with escape sequences or text turned around is a problem, and the message that says so is printable."""
    helpers.spoil(small, "cases", "arm-2020", "title", "\x1b[2J\u202eWar")
    helpers.spoil(small, "events", "kaz-2022-airport", "actor", "\x9b31m")
    for words in (
        ["validate", small],
        ["show", "arm-2020", "--home", small],
        ["validate", small, "--format", "github"],
    ):
        done = run(*words)
        assert 1 == done.exit_code
        assert "holds the invisible character U+001B; retype it" in done.stdout + done.stderr
        assert (done.stdout + done.stderr).replace("\n", "").isprintable()
    for word in ("\x1b[2J", "\u202e"):
        for words in (
            ["show", word],
            ["describe", f"cases.{word}"],
            ["compare", "--rule", word],
            [word],
            ["tables", word],
        ):
            done = run(*words)
            assert done.exit_code in (1, 2)
            assert word.encode("unicode_escape").decode() in done.stderr, words
            assert (done.stdout + done.stderr).replace("\n", "").isprintable(), words


# The fuzzer itself.


@pytest.mark.parametrize("name", ["csv", "schema"])
def test_the_fuzzer_starts_from_sound_inputs(small: Path, tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Each seed of a target, and a few inputs made of it, are answered without a fault."""
    kept = tmp_path_factory.mktemp("kept")
    target = fuzz.TARGETS[name](small)
    rng = random.Random(0)  # noqa: S311
    for seed in target.seeds:
        fuzz.recorded(target.run, seed, kept)
    for _ in range(30):
        fuzz.recorded(target.run, target.mutate(rng.choice(target.seeds), rng), kept)

    assert [] == [path.read_text(encoding="utf-8") for path in kept.glob("*.txt")]


def test_the_fuzzer_keeps_what_led_to_a_fault(
    small: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault put into the package is recorded once, with the input and its traceback; what the package refuses is not."""
    kept = tmp_path_factory.mktemp("kept")
    target = fuzz.schema_target(small)
    fuzz.recorded(target.run, b"states\n{}", kept)
    assert [] == list(kept.iterdir())
    monkeypatch.setattr(reader, "build", lambda home, dataset, raw: raw.nothing)
    reader._package.cache_clear()
    for seed in target.seeds[:3]:
        fuzz.recorded(target.run, seed, kept)
    assert 2 == len(list(kept.iterdir()))
    assert "AttributeError" in next(path.read_text(encoding="utf-8") for path in kept.glob("*.txt"))
