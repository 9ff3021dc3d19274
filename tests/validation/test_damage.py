"""Damage of every kind, and what is said of it: exact lines on the small dataset, every planted fault on the shipped one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers import addressed, change_schema, csv_path, parse_file, shown, spoil
from lines import FORMS, RULES, Damage, cell

import cstocases


def parts(damage: Damage) -> set[tuple[str, str, str]]:
    """The cells that a damage changes or that its lines are about; figures that are compared count as one."""
    named = (re.match(r"cases/(\w+)\.csv:<([^>+]+)>:?(\w*)", line) for line in damage.lines)
    cells = [*damage.cells, *(match.groups("") for match in named if match)]
    return {(table, key, re.sub("_(low|best|high|precision)$", "", column)) for table, key, column in cells}


def groups(damages: list[Damage]) -> Iterator[list[Damage]]:
    """The damages, in groups that fit into one copy because no two of a group are about the same cell."""
    left = damages
    while left:
        group: list[Damage] = []
        taken: set[tuple[str, str, str]] = set()
        for damage in left:
            mine = parts(damage)
            rows = {(table, key) for table, key, column in mine if column == "*"}
            near = {(table, key) for table, key, _ in mine}
            full = {(table, key) for table, key, column in taken if column == "*"}
            if not (mine & taken or rows & {(t, k) for t, k, _ in taken} or near & full):
                group.append(damage)
                taken |= mine
        left = [damage for damage in left if damage not in group]
        yield group


# Apart, for a cell that cannot be read silences the rules on it.
GROUPS = [*groups(FORMS), *groups(RULES)]


@pytest.mark.parametrize("group", GROUPS)
def test_each_damage_gives_its_lines_and_no_others(small: Path, group: list[Damage]) -> None:
    """Cells, rows and readings are damaged; validate prints the lines foreseen for each, at their addresses, and no more."""
    expected = []
    at = [addressed(small, list(damage.lines)) for damage in group]
    for damage, lines in zip(group, at, strict=True):
        place = damage.do(small)
        expected += [line.replace("<+>", str(place)) for line in lines]

    assert sorted(expected) == sorted(shown(small))


# What becomes of states.csv, and what is then said of it.
Change = Callable[[bytes], bytes]


def text(old: bytes, new: bytes) -> Change:
    """The first occurrence of some bytes replaced."""
    return lambda raw: raw.replace(old, new, 1)


def columns(change: Callable[[list[bytes]], list[bytes]]) -> Change:
    """The cells of every row changed alike, header included; no cell holds a comma."""
    return lambda raw: b"".join(b",".join(change(row.split(b","))) + b"\n" for row in raw.splitlines())


COLUMNS = ":1: columns are not those of the schema; "
CELLS = "a comma too many or too few, or an open quote [row]"
CSV = ":4: cannot be read as CSV from here on: "
FILES: dict[str, tuple[Change, list[str]]] = {
    "no bytes": (lambda raw: b"", [": is empty; the first line must name the columns [file]"]),
    "a byte order mark": (lambda raw: b"\xef\xbb\xbf" + raw, [":1: starts with a byte order mark; save as UTF-8 without it [encoding]"]),
    "line ends of Windows": (text(b"\n", b"\r\n"), [":1: a carriage return ends or breaks the line; `cstocases format` writes LF [line-end]"]),
    "one line end of Windows": (text(b"\nKAZ", b"\r\nKAZ"), [":3: a carriage return ends or breaks the line; `cstocases format` writes LF [line-end]"]),
    "Latin-1": (text(b"Kazakhstan", b"Kazakhst\xe9n"), [":4: byte 0xe9 is not UTF-8; save as UTF-8 [encoding]"]),
    "UTF-16": (lambda raw: raw.decode().encode("utf-16"), [":1: byte 0xff is not UTF-8; save as UTF-8 [encoding]"]),
    "semicolons": (lambda raw: raw.replace(b",", b";"), [":1: columns are separated by ';'; save the table with commas [header]"]),
    "a column by another name": (text(b"iso2c", b"iso2"), [f"{COLUMNS}missing: iso2c; unknown: 'iso2' [header]"]),
    "a column lost": (columns(lambda row: row[:3] + row[4:]), [f"{COLUMNS}missing: iso3n [header]"]),
    "a column too many": (columns(lambda row: [*row, b"note"]), [f"{COLUMNS}unknown: 'note' [header]"]),
    "a column twice": (columns(lambda row: [*row, row[1]]), [f"{COLUMNS}repeated: 'name' [header]"]),
    "columns in another order": (columns(lambda row: [row[-1], *row[:-1]]), [f"{COLUMNS}their order differs [header]"]),
    "a comma too few": (text(b"KAZ,Kazakhstan,KZ,398", b"KAZ,Kazakhstan,398"), [f":4: 8 cells where the header has 9; {CELLS}"]),
    "a comma too many": (text(b"Kazakhstan", b"Kazakhstan, Republic of"), [f":4: 10 cells where the header has 9; {CELLS}"]),
    "a blank line": (text(b"KAZ,Kaz", b"\nKAZ,Kaz"), [":4: is a blank line; remove it [row]"]),
    "an open quote": (text(b"Kazakhstan", b'"Kazakhstan'), [f"{CSV}unexpected end of data [csv]"]),
    "a quote that closes too early": (text(b"Kazakhstan", b'"Kazakhstan" Republic'), [f"{CSV}',' expected after '\"' [csv]"]),
    "conflict markers": (
        lambda raw: text(b"KAZ,", b"<<<<<<< HEAD\nKAZ,")(text(b"RUS,", b"=======\n>>>>>>> other\nRUS,")(raw)),
        [f":{n}: '{mark}' is a conflict marker of a merge; keep one side [row]" for n, mark in ((4, "<<<<<<< HEAD"), (6, "======="), (7, ">>>>>>> other"))],
    ),
    "a conflict marker above the header": (
        lambda raw: b"<<<<<<< HEAD\n" + raw,
        [f"{COLUMNS}a conflict marker of a merge stands here; missing: iso3c, name, iso2c, iso3n, cow_letters, cow_number, gw_number, vdem_id, ucdp_id; unknown: '<<<<<<< HEAD' [header]"],
    ),
    "cut off between cells": (lambda raw: raw[: raw.index(b",Russia") + 7] + b"\n", [f":5: 2 cells where the header has 9; {CELLS}"]),
    "cut off within the last cell": (lambda raw: raw[:-2], [":6: does not end with a line break; the file may be cut off [line-end]"]),
}  # fmt: skip


def test_a_file_that_cannot_be_read_says_why(small: Path) -> None:
    """Whatever a spreadsheet, a merge or a program made of a file, each place is named, with the remedy."""
    sound = csv_path(small, "states").read_bytes()
    dataset = cstocases.package(small)
    found = {}
    for name, (change, _) in FILES.items():
        csv_path(small, "states").write_bytes(change(sound))
        found[name] = [str(problem) for problem in parse_file(dataset, dataset.table("states")).problems]

    assert {name: [f"cases/states.csv{said}" for said in expected] for name, (_, expected) in FILES.items()} == found


def test_what_is_no_file_is_named(small: Path) -> None:
    """Tables lost, links and folders in their place and files too many are each one line, and nothing else is accused."""
    csv_path(small, "events").unlink()
    csv_path(small, "offices").unlink()
    csv_path(small, "offices").mkdir()
    csv_path(small, "states").symlink_to(csv_path(small, "states").rename(small / "elsewhere.csv"))
    csv_path(small, "event").write_text("event_id\n", encoding="utf-8")

    assert [
        "cases/event.csv: no table of the schema; remove it or list it in schema/dataset.json [file]",
        "cases/events.csv: no such file; the schema lists this table [file]",
        "cases/offices.csv: is not a plain file; the schema lists this table [file]",
        "cases/states.csv: is not a plain file; the schema lists this table [file]",
    ] == sorted(shown(small))
    shutil.rmtree(small / "cases")
    assert [
        f"cases/{t}.csv: no such file; the schema lists this table [file]" for t in cstocases.package(small).stored
    ] == shown(small)


def test_a_table_without_rows_is_sound_but_lacks_its_keys(small: Path) -> None:
    """Of a table of which only the header is left, the rows that refer to it are named."""
    line = addressed(small, ["cases/readings.csv:<events kaz-2022-airport date kaz-001>:record_id: "])[0]
    csv_path(small, "events").write_text(csv_path(small, "events").read_text().splitlines()[0] + "\n")
    assert [f"{line}'kaz-2022-airport' is no event_id of cases/events.csv [reading-cell]"] == shown(small)


def test_the_small_dataset_is_sound(small: Path) -> None:
    """What these tests damage is sound before it is damaged."""
    assert [] == shown(small)


def test_a_date_known_to_the_year_may_be_any_day_of_it(small: Path) -> None:
    """A state that joined in the year in which a case is said to have begun may have been a party by then."""
    cell("memberships/rus-treaty-1/start_date", "2022-03-01", alike="leg-001").do(small)
    outside = "cases/positions.csv:2:state: RUS was no party on 2022-01-02 [position-member]"
    assert outside in shown(small)
    spoil(small, "cases", "kaz-2022", "start_date", "2022-01-01")
    spoil(small, "cases", "kaz-2022", "start_date_precision", "year")
    spoil(small, "readings", "cases kaz-2022 start_date kaz-001", "reading", "2022")
    assert [] == [line for line in shown(small) if "position-member" in line]
    spoil(small, "memberships", "rus-treaty-1", "start_date", "2023-03-01")
    assert outside.replace("-02 ", "-01 ") in shown(small)


def test_what_cannot_be_read_accuses_nobody_else(home: Path) -> None:
    """In the shipped data a lost table, one with semicolons, and cells that judgements rest on are one line each."""
    expected = addressed(home, [
        "cases/cases.csv:<tjk-2013>:start_date: '26.09.2013' is not a date; write YYYY-MM-DD [type]",
        "cases/requests.csv:<kgz-2010-troops>:is_primary: 'TRUE' is not true or false [type]",
    ])  # fmt: skip
    spoil(home, "cases", "tjk-2013", "start_date", "26.09.2013")
    spoil(home, "requests", "kgz-2010-troops", "is_primary", "TRUE")
    assert expected == shown(home)
    csv_path(home, "requests").write_bytes(csv_path(home, "requests").read_bytes().replace(b",", b";"))
    csv_path(home, "decisions").unlink()
    assert [
        expected[0],
        "cases/requests.csv:1: columns are separated by ';'; save the table with commas [header]",
        "cases/decisions.csv: no such file; the schema lists this table [file]",
    ] == shown(home)


def test_a_unique_key_is_kept(small: Path) -> None:
    """Rows that repeat a key the schema calls unique are reported with the line they repeat."""
    change_schema(small, "memberships", lambda schema: schema.update(uniqueKeys=[["state", "bound_by", "start_date"]]))
    line = spoil(small, "memberships", "kaz-treaty-1", "state", "ARM")
    assert [
        f"cases/memberships.csv:{line}:state: is ARM but the id kaz-treaty-1 does not hold arm [other-state]",
        f"cases/memberships.csv:{line}:state: 'ARM, treaty, 1994-04-20' is already in line 2 [unique-key]",
    ] == [text for text in shown(small) if "memberships" in text]
