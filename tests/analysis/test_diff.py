"""What differs between two versions: found cell by cell, made again, and held against the changelog."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import helpers
import pandas as pd
import pytest
from click.testing import Result
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import cstocases
from cstocases.analysis.diff import COLUMNS, folded, unannounced
from cstocases.errors import ComparisonError

ROOT = Path(__file__).resolve().parents[2]
Rows = dict[str, list[list[str]]]


def run(*words: str | Path) -> Result:
    """Run the command as a user would."""
    return helpers.run("diff", *words)


@pytest.fixture
def other(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second copy of the small dataset, to be edited."""
    return Path(shutil.copytree(small, tmp_path_factory.mktemp("other") / "data"))


def listed(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    """The rows of a frame, None where a cell is NA."""
    return list(frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None))


def reshape(home: Path, table: str, change: Callable[[list[str]], list[str]]) -> None:
    """Give a table other columns, in schema and file; cells of new columns are FILL."""
    header, *rows = helpers.read_rows(home, table)
    names = change(header)
    helpers.change_schema(home, table, lambda schema: schema.update(fields=[{"name": name} for name in names]))
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    helpers.write_rows(home, table, [names, *([c.get(n, helpers.FILL) for n in names] for c in cells)])


def test_nothing_differs_from_itself(small: Path) -> None:
    """A version beside itself has no rows, and the columns all the same."""
    found = cstocases.diff(small, small)

    assert (COLUMNS, []) == (list(found.columns), listed(found))
    done = run(small, small)
    assert (0, "", "no cell differs\n") == (done.exit_code, done.stdout, done.stderr)


def test_a_changed_cell_has_its_address_both_texts_and_says_whether_its_readings_changed(
    small: Path, other: Path
) -> None:
    """One row per changed cell, with its case; kinds of missing are tokens; other cells of the record are not told."""
    helpers.spoil(other, "decisions", "kaz-2022-council", "deployed_best", "unknown")
    helpers.spoil(other, "requests", "kaz-2022-second", "date", "2022-01-02")
    helpers.spoil(other, "readings", "requests kaz-2022-second date kaz-001", "reading", "2022-01-02")
    helpers.spoil(other, "states", "ARM", "name", "Republic of Armenia")

    assert [
        ("kaz-2022", "requests", "kaz-2022-second", "date", "changed", "2022-01-01", "2022-01-02", True),
        ("kaz-2022", "decisions", "kaz-2022-council", "deployed_best", "changed", "2030", "unknown", False),
        (None, "readings", "requests/kaz-2022-second/date/kaz-001", "reading", "changed", "2022-01", "2022-01-02", False),
        (None, "states", "ARM", "name", "changed", "Armenia", "Republic of Armenia", False),
    ] == listed(cstocases.diff(small, other))  # fmt: skip
    assert [
        "requests kaz-2022-second date: 2022-01-01 -> 2022-01-02 [readings changed]",
        "decisions kaz-2022-council deployed_best: 2030 -> unknown",
        "readings requests/kaz-2022-second/date/kaz-001 reading: 2022-01 -> 2022-01-02",
        "states ARM name: Armenia -> Republic of Armenia",
    ] == run(small, other).stdout.splitlines()


def test_records_that_came_and_went_have_a_row_per_cell_and_a_line_each(small: Path, other: Path) -> None:
    """Every cell of an added record is told, none as changed; as text the record is one line."""
    helpers.drop(other, "events", "kaz-2022-airport")
    helpers.add(other, "states", iso3c="KGZ", name="Kyrgyzstan")
    helpers.add(other, "readings", table_name="states", record_id="KGZ", field_name="name", evidence_id="leg-001", reading="x")  # fmt: skip
    found = cstocases.diff(small, other)
    fields = cstocases.package(small).table("states").names

    came = found[found["record_id"] == "KGZ"]
    assert [(name, "added", None, {"iso3c": "KGZ", "name": "Kyrgyzstan"}.get(name, helpers.FILL), name == "name") for name in fields] == listed(
        came[["field_name", "change", "old", "new", "readings_changed"]]
    )  # fmt: skip
    assert [
        "events kaz-2022-airport: removed",
        "readings states/KGZ/name/leg-001: added",
        "states KGZ: added [readings changed]",
    ] == run(small, other).stdout.splitlines()
    assert "3 changes in 3 tables\n" == run(small, other).stderr


def test_tables_and_columns_that_came_and_went_are_told(small: Path, other: Path) -> None:
    """A column or table added or removed is one line, however many cells; another order of columns is a change too."""
    reshape(other, "offices", lambda names: [*names[:2], "deputy", *names[3:]])
    reshape(other, "states", lambda names: [names[0], *names[:0:-1]])
    helpers.unlist(other, "provisions")
    helpers.csv_path(other, "provisions").unlink()
    helpers.edit(other, "cases/offices.csv", b"chair,not_applicable", b"chair,Somebody")
    found = cstocases.diff(small, other)
    names = {name: table.names for name, table in cstocases.package(small).stored.items()}

    assert [
        ("offices", "changed", ",".join(names["offices"]), ",".join([*names["offices"][:2], "deputy", *names["offices"][3:]])),
        ("provisions", "removed", ",".join(names["provisions"]), None),
        ("states", "changed", ",".join(names["states"]), ",".join([names["states"][0], *names["states"][:0:-1]])),
    ] == sorted(listed(found.loc[found["record_id"].isna(), ["table_name", "change", "old", "new"]]))  # fmt: skip
    assert ("chair-arm-2021", "added", None, "Somebody") in listed(found[["record_id", "change", "old", "new"]])
    assert [
        "states: columns in another order",
        "offices deputy: column added",
        "offices person: column removed",
        "provisions: table removed",
    ] == run(small, other).stdout.splitlines()
    assert "provisions: table added" in run(other, small).stdout.splitlines()


def test_another_key_makes_another_table(small: Path, other: Path) -> None:
    """Records under another primary key are not matched: the table is removed and added, and `apply` makes it."""
    helpers.change_schema(other, "states", lambda schema: schema.update(primaryKey=["iso2c"]))
    found = cstocases.diff(small, other)

    assert ["states: table removed", "states: table added"] == run(small, other).stdout.splitlines()
    header, *rows = helpers.read_rows(other, "states")
    by_iso2 = sorted(rows, key=lambda row: row[header.index("iso2c")])
    assert by_iso2 == [list(row) for row in listed(cstocases.apply(found, small)["states"])]


def test_long_texts_and_invisible_ones_can_be_read(small: Path, other: Path) -> None:
    """Sentences stand below one another within 80 columns; an empty cell and a line break are shown as such."""
    helpers.spoil(other, "cases", "arm-2020", "summary", "Armenia wrote to Moscow, " + "and wrote again, " * 6)
    helpers.spoil(other, "states", "ARM", "name", "")
    helpers.spoil(other, "states", "AZE", "name", "Azer\nbaijan")

    assert [
        "cases arm-2020 summary:",
        "  - Armenia wrote to Moscow.",
        "  + 'Armenia wrote to Moscow, and wrote again, and wrote again, and wrote again,",
        "    and wrote again, and wrote again, and wrote again, '",
        "states ARM name: Armenia -> (empty)",
        "states AZE name: Azerbaijan -> 'Azer\\nbaijan'",
    ] == run(small, other).stdout.splitlines()


def test_json_and_csv_are_the_twin_and_can_be_applied(small: Path, other: Path) -> None:
    """What `--format json` prints is what `diff` returns, and `apply` takes it back."""
    helpers.spoil(other, "states", "ARM", "name", "")
    helpers.drop(other, "states", "UZB")
    shown = json.loads(run(small, other, "--format", "json").stdout)

    assert listed(cstocases.diff(small, other)) == [tuple(row.values()) for row in shown]
    assert helpers.read_rows(other, "states")[1:] == [
        list(row) for row in listed(cstocases.apply(pd.DataFrame(shown), small)["states"])
    ]
    printed = run(small, other, "--format", "csv").stdout.splitlines()
    assert [",".join(COLUMNS), ",states,ARM,name,changed,Armenia,,false"] == printed[:2]  # booleans as in the files


def test_changes_that_do_not_fit_are_refused(small: Path, other: Path) -> None:
    """A cell that is not what a change says it was, a record or a table that is there already, stop `apply`."""
    helpers.spoil(other, "states", "ARM", "name", "Hayastan")
    cell = cstocases.diff(small, other)
    with pytest.raises(ComparisonError, match="states ARM name: is 'Hayastan', should be 'Armenia'; the changes are"):
        cstocases.apply(cell, other)
    helpers.add(other, "states", iso3c="KGZ")
    record = cstocases.diff(small, other).query("change == 'added'")
    with pytest.raises(ComparisonError, match="states KGZ iso3c: is 'KGZ', should not be there"):
        cstocases.apply(record, other)
    helpers.unlist(other, "states")
    helpers.csv_path(other, "states").unlink()
    table = cstocases.diff(other, small)
    with pytest.raises(ComparisonError, match="states: is there already"):
        cstocases.apply(table, small)
    with pytest.raises(ComparisonError, match="states ARM name: is not there, should be 'Armenia'"):
        cstocases.apply(cell, other)


# A carriage return is turned into a line feed on reading, so a cell cannot hold one.
TEXTS = st.sampled_from(["", "unknown", 'say "no", then\nyes', "e\u0301", "\u00e9", "Ош", "/", " ", ","]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=8
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["set", "set", "set", "drop", "add", "column", "order", "table"]),
        st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), TEXTS,
    ),
    max_size=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rows, dict[str, list[str]]]:
    """The rows of the small dataset, header first, and the primary keys, by table."""
    home = helpers.write_small(tmp_path_factory.mktemp("small"))
    stored = cstocases.package(home).stored
    return {name: helpers.read_rows(home, name) for name in stored}, {n: list(t.primary_key) for n, t in stored.items()}


def edited(tables: Rows, keys: dict[str, list[str]], edits: list[tuple[str, int, int, int, str]]) -> Rows:
    """The tables after the edits, rows by key, and of rows whose ids are alike the first."""
    out = {name: [list(row) for row in rows] for name, rows in tables.items()}
    for what, i, j, k, text in edits:
        name = list(out)[i % len(out)]
        header, *rows = out[name]
        row, column = j % max(len(rows), 1), k % len(header)
        free = header[column] not in keys[name]
        if what == "set" and rows:
            rows[row][column] = text
        elif what == "drop" and rows:
            del rows[row]
        elif what == "add":
            rows.append([text if n in keys[name] or n == header[column] else f"{text}{j}" for n in header])
        elif what == "column" and free:
            header, rows = [n for n in header if n != header[column]], [r[:column] + r[column + 1 :] for r in rows]
        elif what == "column" and f"extra_{j}_{i}" not in header:
            header, rows = [*header, f"extra_{j}_{i}"], [[*r, text] for r in rows]
        elif what == "order":
            header, rows = header[::-1], [r[::-1] for r in rows]
        elif what == "table" and len(out) > 1:
            del out[name]
            continue
        out[name] = [header, *rows]
    for name, (header, *rows) in out.items():
        places = [header.index(part) for part in keys[name]]
        rows.sort(key=lambda row: [row[p] for p in places])
        unlike = {"/".join(row[p] for p in places): row for row in reversed(rows)}
        out[name] = [header, *reversed(unlike.values())]
    return out


def write(home: Path, tables: Rows, keys: dict[str, list[str]]) -> Path:
    """Tables as a folder in the dataset's layout, with no more of a schema than columns and keys, and rows backwards."""
    (home / "cases").mkdir(parents=True)
    (home / "schema").mkdir()
    (home / "schema/dataset.json").write_text(json.dumps({"groups": [{"tables": list(tables)}]}), encoding="utf-8")
    for name, (header, *rows) in tables.items():
        schema = {"fields": [{"name": n} for n in header], "primaryKey": keys[name]}
        (home / f"schema/{name}.json").write_text(json.dumps(schema), encoding="utf-8")
        helpers.write_rows(home, name, [header, *reversed(rows)])
    return home


@pytest.mark.slow
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])  # shrinking takes minutes
@given(EDITS, EDITS)
def test_changes_made_again_give_the_new_version(
    tables: tuple[Rows, dict[str, list[str]]],
    one: list[tuple[str, int, int, int, str]],
    two: list[tuple[str, int, int, int, str]],
) -> None:
    """apply(diff(a, b), a) is b, row for row in canonical order, whatever the edits; and no cell is told twice."""
    rows, keys = tables
    before, after = edited(rows, keys, one), edited(edited(rows, keys, one), keys, two)
    with tempfile.TemporaryDirectory() as folder:
        a, b = write(Path(folder, "a"), before, keys), write(Path(folder, "b"), after, keys)
        found = cstocases.diff(a, b)
        made = cstocases.apply(found, a)

    assert after == {name: [list(frame.columns), *frame.to_numpy().tolist()] for name, frame in made.items()}
    assert [] == listed(found[found.duplicated(["table_name", "record_id", "field_name"])])
    assert (before == after) == found.empty
    assert folded(found).empty == found.empty


def test_an_export_is_the_data_it_was_made_from(tmp_path: Path) -> None:
    """The CSV of an export holds what the stored tables hold."""
    assert [] == listed(cstocases.diff(helpers.SHIPPED, cstocases.export(tmp_path / "x", ["csv"])))


@pytest.mark.slow
def test_derived_tables_are_compared_on_demand(small: Path, other: Path, tmp_path: Path) -> None:
    """With `--derived` two exports are compared whole; a folder has no derived tables to compare."""
    helpers.spoil(other, "answers", "kaz-2022-council-forces", "answer", "agreed_in_part")
    helpers.spoil(other, "readings", "answers kaz-2022-council-forces answer kaz-002", "reading", "agreed_in_part")
    old, new = (cstocases.export(tmp_path / name, ["csv"], home=home) for name, home in (("1", small), ("2", other)))

    stored = [
        "answers kaz-2022-council-forces answer: agreed -> agreed_in_part [readings changed]",
        "readings answers/kaz-2022-council-forces/answer/kaz-002 reading: agreed -> agreed_in_part",
    ]
    assert stored == run(old, new).stdout.splitlines()
    whole = run(old, new, "--derived").stdout.splitlines()
    assert "comparison kaz-2022-appeal csto_outcome_military: granted -> granted_in_part" in whole
    assert set(stored) < set(whole)
    done = run(old, other, "--derived")
    assert (1, f"Error: {other}: derived tables stand only in exports; this is none\n") == (done.exit_code, done.stderr)


@pytest.fixture
def checkout(small: Path) -> Path:
    """The small dataset in a git repository."""
    helpers.git(small, "init", "-q")
    helpers.git(small, "add", "-A")
    helpers.git(small, "commit", "-qm", "x")
    return small


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@needs_git
def test_versions_are_git_revisions(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is no folder is a revision of the checkout, with or without the v of its tag; errors name what was tried."""
    monkeypatch.chdir(checkout)
    helpers.git(checkout, "tag", "v0.0.9")
    helpers.spoil(checkout, "states", "ARM", "name", "Hayastan")

    for name in ("v0.0.9", "0.0.9", "git:v0.0.9", "HEAD"):
        assert "states ARM name: Armenia -> Hayastan\n" == run(name, ".", "--home", checkout).stdout
    (checkout / "0.0.9").mkdir()
    assert "0.0.9: holds neither cases/ and schema/ nor csv/ and datapackage.json" in run("0.0.9", ".").stderr
    assert 0 == run("git:0.0.9", ".", "--home", checkout).exit_code
    done = run("0.0.8", ".", "--home", checkout)
    said = f"Error: '0.0.8' is no folder, and neither 0.0.8 nor v0.0.8 is a git revision of {checkout}\n"
    assert (1, "", said) == (done.exit_code, done.stdout, done.stderr)
    helpers.git(checkout, "rm", "-rqf", "cases")
    helpers.git(checkout, "commit", "-qm", "y")
    assert (
        f"HEAD: the git revision HEAD of {checkout} holds no cases/ and schema/"
        in run("HEAD", ".", "--home", checkout).stderr
    )


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda home: helpers.add(home, "states", iso3c="KAZ"), "cases/states.csv:7: 'KAZ' stands in line 4 already; records are told apart by iso3c [key]"),
        (lambda home: helpers.add(home, "readings", table_name="requests", record_id="kaz-2022-appeal", field_name="date", evidence_id="kaz-001"), "cases/readings.csv:82: 'requests/kaz-2022-appeal/date/kaz-001' stands in line 73 already; records are told apart by table_name/record_id/field_name/evidence_id [key]"),
        (lambda home: helpers.edit(home, "cases/states.csv", b"AZ,", b"AZ,,"), "cases/states.csv:3: 10 cells where the header has 9; a comma too many or too few, or an open quote [row]"),
        (lambda home: helpers.csv_path(home, "states").unlink(), "cases/states.csv: no such file; the schema lists this table [file]"),
        (lambda home: (home / "schema/states.json").unlink(), "schema/states.json: No such file or directory"),
        (lambda home: reshape(home, "states", lambda names: [*names, names[1]]), "cases/states.csv:1: columns stand twice in its schema: name [header]"),
        (lambda home: helpers.change_schema(home, "states", dict.clear), "schema/states.json: does not say which tables, columns and keys there are"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_one_line_with_an_address(
    damage: Callable[[Path], object], said: str, small: Path, other: Path
) -> None:
    """A key that stands twice, a file that cannot be read as rows, a schema that says nothing: on either side, exit 1."""
    damage(other)
    for sides in ((small, other), (other, small)):
        done = run(*sides)
        assert (1, "", f"Error: {other.as_posix()}/{said}\n") == (done.exit_code, done.stdout, done.stderr)


def changelog(*entries: str, part: str = "Data") -> str:
    """A changelog whose newest section has these entries."""
    lines = "".join(f"- {entry}\n" for entry in entries)
    return f"# Changelog\n\n## 9.0.0 (2027-01-01)\n\n### {part}\n\n{lines}\n### Other\n\n- x\n\n## 0.1.0\n\n### Data\n\n- kaz-2022: `requests.date`.\n"


DATE = ("requests", "kaz-2022-appeal", "date")
EVENT = ("events", "kaz-2022-airport", None)


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        ([], changelog("kaz-2022: `requests.date` is the day before, see requests.\n  kaz-2022: the events.")),
        ([], changelog("kaz-2022-appeal: its `date`.", "The airport, kaz-2022-airport, is no event.")),
        ([EVENT], changelog("kaz-2022: requests.date is another.")),
        ([DATE, EVENT], changelog("kaz-2022: the date of a request is another, and what happened.")),
        ([DATE, EVENT], changelog("kaz-2022: `decisions.date`, `start_date`.", "events")),
        ([DATE, EVENT], changelog("kaz-2022.", "`requests.date` and events.")),
        ([DATE, EVENT], changelog("kaz-2022-second: `requests.date`; arm-2020: events.")),
        ([DATE, EVENT], changelog("kaz-2022: `requests.date` and events", part="Package")),
        ([DATE, EVENT], ""),
    ],
)  # fmt: skip
def test_a_change_without_an_entry_is_found(
    missing: list[tuple[str, str, str | None]], text: str, small: Path, other: Path, tmp_path: Path
) -> None:
    """One entry of the newest Data section must name case or record and the variable; older sections do not count."""
    helpers.spoil(other, *DATE[:1], "kaz-2022-appeal", "date", "2022-01-04")
    helpers.drop(other, "events", "kaz-2022-airport")
    found = unannounced(cstocases.diff(small, other), text)
    (tmp_path / "NEWS").write_text(text, encoding="utf-8")
    done = run(small, other, "--changelog", tmp_path / "NEWS")

    assert missing == listed(found[["table_name", "record_id", "field_name"]])
    assert (int(bool(missing)), len(missing)) == (done.exit_code, len(done.stdout.splitlines()))
    last = (
        f"2 changes in 2 tables; {len(missing) or 'none'} without an entry under Data in the newest section of NEWS\n"
    )
    assert last == done.stderr


def test_a_released_section_announces_nothing_new(small: Path, other: Path, tmp_path: Path) -> None:
    """Entries of the version the changes are against were made before them."""
    helpers.spoil(other, *DATE, "2022-01-04")
    changes, text = cstocases.diff(small, other), changelog("kaz-2022: `requests.date`.")
    (tmp_path / "NEWS").write_text(text.replace("9.0.0", cstocases.package(small).version), encoding="utf-8")

    assert [] == listed(unannounced(changes, text, since="0.1.9"))
    assert [DATE] == listed(unannounced(changes, text, since="9.0.0")[["table_name", "record_id", "field_name"]])
    done = run(small, other, "--changelog", tmp_path / "NEWS")
    assert done.exit_code == 1
    assert "without an entry" in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("entry", "missing"),
    [
        ("states, readings and candidates", {"offices", "requests"}),
        ("ARM; requests: `channel`, `offices.deputy`", {"readings"}),
        ("offices: a new column deputy; `requests.channel`", {"readings", "states"}),
        ("`requests` and `channel` and readings", {"offices", "states"}),
        ("requests", {"offices", "readings", "requests", "states"}),
    ],
)
def test_evidence_and_reference_tables_are_announced_by_name(
    entry: str, missing: set[str], small: Path, other: Path
) -> None:
    """For these the table or the record is enough; a column of the comparison must be named with its table."""
    helpers.spoil(other, "states", "ARM", "name", "Hayastan")
    helpers.drop(other, "readings", "requests arm-2020-letter date arm-001")
    reshape(other, "requests", lambda names: [*names, "channel"])
    reshape(other, "offices", lambda names: [*names, "deputy"])

    assert missing == set(unannounced(cstocases.diff(small, other), changelog(entry))["table_name"])


@pytest.mark.slow
@needs_git
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_release_check(checkout: Path) -> None:
    """`make release-check` says so where no version is tagged, passes while nothing changes, and fails on a silent change."""
    shutil.copy(ROOT / "Makefile", checkout)
    (checkout / "CHANGELOG.md").write_text(changelog("none"), encoding="utf-8")

    def check() -> tuple[int, str]:
        done = subprocess.run(
            ["make", "-s", "-o", ".venv/ready", "release-check", f"BIN={Path(sys.executable).parent}"],
            cwd=checkout, env=None, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout

    assert (0, "no version is tagged yet, so there is nothing to compare the data with\n") == check()
    helpers.git(checkout, "tag", "v0.1.0")
    assert (0, "") == check()
    helpers.spoil(checkout, *DATE, "2022-01-04")
    assert (2, "requests kaz-2022-appeal date: 2022-01-05 -> 2022-01-04\n") == check()
    (checkout / "CHANGELOG.md").write_text(changelog("kaz-2022: `requests.date`."), encoding="utf-8")
    assert (0, "") == check()
