"""Files of any content: each is answered with an address, in bounded time and memory, and no message controls a terminal."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import fuzz
import helpers
import pytest
from helpers import lay, run

import cstocases
from cstocases.errors import ComparisonError, ExportError, SchemaFileError
from cstocases.parsing import csv_reader
from cstocases.schema import reader

unix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of this kind are Unix's")


def refusal(home: Path) -> str:
    """What is said of a schema that is refused."""
    with pytest.raises(SchemaFileError) as caught:
        cstocases.package(home)
    return str(caught.value)


def test_a_dataset_without_a_register_says_so(small: Path) -> None:
    """Commands on tables a dataset need not have name the table."""
    for words in (["candidates"], ["why", "x"], ["reliability"]):
        done = run(*words, "--home", small)
        assert (1, True) == (done.exit_code, done.stderr.startswith("Error: no table named '")), done.stderr


# Folders, pipes and links.


def apart(code: str, *words: str | Path, seconds: int = 240) -> tuple[list[str], int]:
    """What code prints in a process of its own, and the most memory it took, in MiB; it may take so long and 12 GiB of addresses."""
    head = "import resource, sys\nresource.setrlimit(resource.RLIMIT_AS, (12 * 2**30,) * 2)\nimport cstocases\n"
    # Of this program alone: that of getrusage may be its parent's.
    tail = "\nprint(int(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]) // 1024)"
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


@pytest.mark.slow
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
    for made, said in {
        "-> /dev/zero": "is not a plain file",
        f"-> {path}": "Too many levels of symbolic links",
        "-> nowhere": "No such file or directory",
        "folder": "is not a plain file",
        "pipe": "is not a plain file",
    }.items():
        lay(path, {} if made == "folder" else None if made == "pipe" else made)
        if made == "pipe":
            os.mkfifo(path)
        assert refusal(small).endswith(f"schema/{name}.json: {said}")
    lay(path, f"-> {kept}")
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
    assert (0, True) == (done.returncode, done.stderr.startswith("no cell differs; none without"))


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


@pytest.mark.slow
def test_messages_hold_no_control_characters(small: Path) -> None:
    """A cell with escape sequences or text turned around is a problem, and the message that says so is printable."""
    helpers.spoil(small, "cases", "arm-2020", "title", "\x1b[2J\u202eWar")
    helpers.spoil(small, "events", "kaz-2022-airport", "actor", "\x9b31m")
    for words in (f"validate {small}", f"show arm-2020 --home {small}", f"validate {small} --format github"):
        done = run(*words.split())
        assert 1 == done.exit_code
        assert "holds the invisible character U+001B; retype it" in done.stdout + done.stderr
        assert (done.stdout + done.stderr).replace("\n", "").isprintable()
    for word in ("\x1b[2J", "\u202e"):
        for words in (f"show {word}", f"describe cases.{word}", f"compare --rule {word}", word, f"tables {word}"):
            done = run(*words.split())
            assert done.exit_code in (1, 2)
            assert word.encode("unicode_escape").decode() in done.stderr, words
            assert (done.stdout + done.stderr).replace("\n", "").isprintable(), words


# The fuzzer itself.


@pytest.mark.slow
@pytest.mark.parametrize("name", ["csv", "schema", "returns"])
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
