"""A small dataset written by hand, and the ways to damage it that the tests share."""

from __future__ import annotations

import csv
import functools
import io
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

import cstocases
from cstocases.cli.main import main
from cstocases.parsing import csv_reader, parsed_table
from cstocases.schema.model import Package, Table

SHIPPED = cstocases.package().home
FILL = "not_applicable"  # what a column gets that a table below does not name

# Two cases, sound under the shipped schema; columns that no test needs are left to FILL.
SMALL = {
    path.stem: path.read_text(encoding="utf-8") for path in sorted(Path(__file__).with_name("small").glob("*.csv"))
}


def mostly_slow(values: Iterable[Any], *kept: Any) -> list[Any]:
    """Parameters of a test of which only those in `kept` are part of `make test`."""
    return [value if value in kept else pytest.param(value, marks=pytest.mark.slow) for value in values]


def program(name: str) -> str:
    """The path of a program that reads an export, e.g. pspp. Without it the test is skipped, which in CI is a failure."""
    path = os.environ.get(f"CSTOCASES_{name.upper()}") or shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@functools.cache
def _has_r(package: str) -> bool:
    return 0 == subprocess.run(["Rscript", "-e", f"library({package})"], capture_output=True, check=False).returncode


def rscript(*packages: str) -> str:
    """The path of Rscript, where R has these packages; see `program`."""
    path = program("Rscript")
    for package in packages:
        if not _has_r(package):
            pytest.skip(f"R's {package} is not installed")
    return path


def copy_shipped(to: Path) -> Path:
    """A copy of the shipped dataset in the folder `to`."""
    for part in ("cases", "schema"):
        shutil.copytree(SHIPPED / part, to / part)
    return to


# Cells that tests correct, as they were before anybody did.
BEFORE = {
    ("requests", "kgz-2010-troops"): {"date": "2010-06-12", "date_precision": "day", "withdrawn": "disputed"},
    ("adjudications", "requests kgz-2010-troops withdrawn"): {"verdict": "kept"},
    ("requests", "kgz-2016-session"): {"date": "2016-03-01", "date_precision": "month"},
    ("adjudications", "requests kgz-2016-session date"): {"verdict": "kept"},
    ("evidence", "uni-100"): {"locator": "third paragraph"},
}


@functools.cache
def _files(make: Callable[[Path], None], shipped: Path) -> dict[str, bytes]:
    """What `make` writes into a folder, by path, so that it need be made only once for the data in `shipped`."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder))
        return {str(file.relative_to(folder)): file.read_bytes() for file in Path(folder).rglob("*") if file.is_file()}


def _write(make: Callable[[Path], None], to: Path) -> Path:
    for path, raw in _files(make, SHIPPED).items():
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (to / path).write_bytes(raw)
    return to


def copy_untouched(to: Path) -> Path:
    """A copy of the shipped dataset as though no person had taken part: nobody coded, checked or corrected a cell of BEFORE."""
    return _write(_untouched, to)


def _untouched(to: Path) -> None:
    copy_shipped(to)
    people = {row[0] for row in read_rows(to, "coders") if row[1] == "person"}
    for name, column in (("coders", 0), ("codings", 0), ("checks", 3)):
        write_rows(to, name, [row for row in read_rows(to, name) if row[column] not in people])
    given = {tuple(row[2:6]) for row in read_rows(to, "codings")}
    header, *verdicts = read_rows(to, "adjudications")
    judged = [[v for v in row[3].split("; ") if (*row[:3], v) in given or v == FILL] for row in verdicts]
    kept = [
        [*row[:3], "; ".join(values), *row[4:6], "unknown" if row[6] in people else row[6]]
        for row, values in zip(verdicts, judged, strict=True)
        if values
    ]
    write_rows(to, "adjudications", [header, *(r for r in kept if r[:3] != ["requests", "kgz-2010-troops", "date"])])
    for (table, key), cells in BEFORE.items():
        place, rows = list(lines(to, table)).index(key) + 1, read_rows(to, table)
        rows[place] = [cells.get(name, text) for name, text in zip(rows[0], rows[place], strict=True)]
        write_rows(to, table, rows)


def write_small(to: Path) -> Path:
    """The small dataset in the folder `to`, under the shipped schema without the stored tables SMALL does not have."""
    return _write(_small, to)


def _small(to: Path) -> None:
    shutil.copytree(SHIPPED / "schema", to / "schema")
    others = set(cstocases.package().stored) - set(SMALL)
    for name in others:
        unlist(to, name)
    for name in SMALL:
        change_schema(to, name, lambda table: _drop_references(table, others))
    (to / "cases").mkdir()
    for name, table in cstocases.package(to).stored.items():
        rows = [
            {column: row.pop(column, FILL) for column in table.names} | row
            for row in csv.DictReader(io.StringIO(SMALL[name], newline=""))
        ]
        with csv_path(to, name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, table.names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _drop_references(table: dict[str, Any], to: set[str]) -> None:
    """Take out the foreign keys of a schema file that lead to these tables."""
    table["foreignKeys"] = [key for key in table.get("foreignKeys", []) if key["reference"]["resource"] not in to]


def csv_path(home: Path, table: str) -> Path:
    """The file of a table."""
    return home / "cases" / f"{table}.csv"


def read_rows(home: Path, table: str) -> list[list[str]]:
    """The rows of a table's file as they stand, header first."""
    return list(csv.reader(io.StringIO(csv_path(home, table).read_text(encoding="utf-8"), newline="")))


def write_rows(home: Path, table: str, rows: list[list[str]]) -> None:
    """Write the rows of a table's file, header first."""
    with csv_path(home, table).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def lines(home: Path, table: str) -> dict[str, int]:
    """The file line of every row by its primary key, the parts of a key joined by spaces."""
    schema = cstocases.package(home).table(table)
    header, *rows = read_rows(home, table)
    at, out = 2, {}
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        out[" ".join(cells[part] for part in schema.primary_key)] = at
        at += 1 + sum(cell.count("\n") for cell in row)
    return out


def change_schema(home: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a schema file."""
    path = home / f"schema/{name}.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def unlist(home: Path, table: str) -> None:
    """Take a table out of the schema."""

    def change(dataset: dict[str, Any]) -> None:
        for group in dataset["groups"]:
            group["tables"] = [name for name in group["tables"] if name != table]

    change_schema(home, "dataset", change)
    (home / f"schema/{table}.json").unlink()


def spoil(home: Path, table: str, key: str, field: str, value: str) -> int:
    """Replace one cell of the row with this primary key, and return the line of the row."""
    place = list(lines(home, table)).index(key) + 1
    rows = read_rows(home, table)
    column = rows[0].index(field)
    assert rows[place][column] != value, f"{field} of {key} is {value!r} already: nothing would be spoilt"
    rows[place][column] = value
    write_rows(home, table, rows)
    return lines_before(rows, place)


def lines_before(rows: list[list[str]], place: int) -> int:
    """The file line on which the row at `place` starts."""
    return 1 + sum(1 + sum(cell.count("\n") for cell in row) for row in rows[:place])


def add(home: Path, table: str, **cells: str) -> int:
    """Append a row, FILL where no cell is given but for the cue, which is unique, and return its line."""
    rows = read_rows(home, table)
    unknown = set(cells) - set(rows[0])
    assert not unknown, f"{table} has no {unknown}"
    rows.append([cells.get(name, f"Row {len(rows)}" if name == "cue" else FILL) for name in rows[0]])
    write_rows(home, table, rows)
    return lines_before(rows, len(rows) - 1)


def drop(home: Path, table: str, key: str) -> None:
    """Remove the row with this primary key."""
    place = list(lines(home, table)).index(key) + 1
    rows = read_rows(home, table)
    del rows[place]
    write_rows(home, table, rows)


def edit(home: Path, path: str, old: bytes, new: bytes) -> None:
    """Replace the first occurrence of some bytes in a file."""
    file = home / path
    raw = file.read_bytes()
    assert old in raw, f"{path} does not hold {old!r}"
    file.write_bytes(raw.replace(old, new, 1))


def shown(home: Path) -> list[str]:
    """What validate finds, as it is printed."""
    return [str(problem) for problem in cstocases.validate(home)]


def addressed(home: Path, expected: list[str]) -> list[str]:
    """Expected lines with `<key>` after a path turned into the line of that row, as `home` now stands."""

    def line(match: re.Match[str]) -> str:
        return f"cases/{match['table']}.csv:{lines(home, match['table'])[match['key']]}"

    return [re.sub(r"^cases/(?P<table>[a-z]+)\.csv:<(?P<key>[^>+]+)>", line, text) for text in expected]


def run(*words: str | Path) -> Result:
    """Run the command line as a user would; an error that Python would print as a traceback fails the test."""
    return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False, terminal_width=80)


def _of_rows_left(table: dict[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """The rows of a table of cells whose record is still in its own table."""
    stored = cstocases.package().stored
    left = {n: set(table[n][t.primary_key[0]]) for n, t in stored.items() if len(t.primary_key) == 1}
    cells = zip(table[name]["table_name"], table[name]["record_id"], strict=True)
    return table[name][[row in left.get(where, ()) for where, row in cells]]


def _drop_orphans(table: dict[str, pd.DataFrame], of: Table) -> bool:
    """Take out the rows of a table that name a row of another table which is not there; whether there were any."""
    frame = table[of.name]
    kept = pd.Series(data=True, index=frame.index)
    for key in of.foreign_keys:
        there = set(table[key.table][list(key.to)].itertuples(index=False, name=None))
        named = frame[list(key.fields)]
        missing = named.isin(list(cstocases.package().missing)).any(axis=1)
        kept &= missing | pd.Series([row in there for row in named.itertuples(index=False, name=None)], frame.index)
    table[of.name] = frame[kept]
    return not kept.all()


def grow(home: Path, readings: int, case: str = "tjk-2021") -> None:
    """Write a sound dataset of about that many readings: one shipped case, its events and their evidence told again and again."""
    dataset = cstocases.package()
    table = {
        name: pd.read_csv(SHIPPED / t.path, dtype=str, keep_default_na=False) for name, t in dataset.stored.items()
    }
    for name, frame in table.items():
        if "case_id" in frame.columns and name != "evidence":
            table[name] = frame[frame["case_id"] == case]
    evidence = table["evidence"]
    of_a_case = ~evidence["case_id"].isin(list(dataset.missing))
    evidence = evidence.assign(case_id=evidence["case_id"].mask(of_a_case, case), merged_ids="not_applicable")
    table["evidence"] = evidence
    while any(_drop_orphans(table, t) for t in dataset.stored.values()):
        pass
    for name in ("codings", "adjudications", "checks"):
        table[name] = table[name].iloc[:0]
    table["readings"] = _of_rows_left(table, "readings")
    read = table["readings"]
    table["evidence"] = evidence = evidence[evidence["evidence_id"].isin(read["evidence_id"])]
    table["sources"] = table["sources"][table["sources"]["citekey"].isin(evidence["citekey"])]
    table["searches"] = _of_rows_left(table, "searches")

    events = table["events"][~table["events"]["date"].isin(list(dataset.missing))]
    about = read[(read["table_name"] == "events") & read["record_id"].isin(events["event_id"])]
    behind = evidence[evidence["evidence_id"].isin(about["evidence_id"])]
    copies = range(max(0, (readings - len(read)) // len(about)))
    for name, block, ids in (
        ("events", events, ["event_id"]), ("evidence", behind, ["evidence_id"]), ("readings", about, ["record_id", "evidence_id"]),
    ):  # fmt: skip
        again = [block.assign(**{column: block[column] + f"-{n}" for column in ids}) for n in copies]
        table[name] = pd.concat([table[name], *again])
    shutil.copytree(SHIPPED / "schema", home / "schema")
    (home / "cases").mkdir()
    for name, frame in table.items():
        frame.to_csv(home / f"cases/{name}.csv", index=False, lineterminator="\n")


def git(home: Path, *words: str) -> None:
    """Run git in a folder, with no settings but these."""
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false", *words],
        cwd=home, check=True, capture_output=True,
    )  # fmt: skip


def parse_file(package: Package, table: Table, home: Path | None = None) -> parsed_table.Parsed:
    """A table's file, parsed and not judged."""
    raw, absent = csv_reader.file_bytes(home or package.home, table.path)
    parsed = parsed_table.unread(package, table) if raw is None else parsed_table.parse(package, table, raw)
    parsed.problems[:0] = absent
    return parsed


def state(path: Path) -> Any:
    """What is at a path: None, a link's target, a file's bytes, or what a folder holds by name."""
    if path.is_symlink():
        return f"-> {path.readlink()}"
    if path.is_dir():
        return {p.name: state(p) for p in path.iterdir()}
    return path.read_bytes() if path.exists() else None


def lay(path: Path, wanted: Any) -> None:
    """Make a path hold just this."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    if isinstance(wanted, dict):
        path.mkdir(parents=True)
        for name, inner in wanted.items():
            lay(path / name, inner)
    elif isinstance(wanted, str):
        path.symlink_to(wanted.removeprefix("-> "))
    elif wanted is not None:
        path.write_bytes(wanted)
