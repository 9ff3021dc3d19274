"""Damage of every kind, and what is said of it: exact lines on the small dataset, every planted fault on the shipped one.

Where an expected line has no path it is about the damaged cell itself. `<key>` after a path is the line of that row, `<+>`
that of a row added at the end. `{!r}` is the new value in quotes.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from helpers import add, addressed, change_schema, csv_path, parse_file, read_rows, shown, spoil, write_rows

import cstocases


class Damage(NamedTuple):
    """What is done to a copy of the small dataset, the table and key of the row it is about, and the lines expected."""

    do: Callable[[Path], int]  # gives the line of the row it adds, if it adds one
    rows: set[tuple[str, ...]]
    lines: tuple[str, ...]


def damage(do: Callable[[Path], int], row: tuple[str, ...], said: tuple[str, ...], at: str, new: str = "") -> Damage:
    """A damage to a row; its lines, but for those with a path, are about a place."""
    lines = tuple(line if line.startswith("cases/") else at + line.replace("{!r}", repr(new)) for line in said)
    found = (re.match(r"cases/(\w+)\.csv:<([^>+]+)>", line) for line in lines)
    return Damage(do, {row, *(match.groups() for match in found if match)}, lines)


def cell(spot: str, new: str, *said: str, alike: str = "") -> Damage:
    """Damage that replaces one cell; `alike` is the evidence of its one reading, if that is to say the same."""
    table, key, column = spot.split("/")

    def do(home: Path) -> int:
        if alike:
            spoil(home, "readings", f"{table} {key} {column} {alike}", "reading", new)
        return spoil(home, table, key, column, new)

    about = tuple(key.split(" ")[:2]) if table == "readings" else (table, key)
    return damage(do, about, said, f"cases/{table}.csv:<{key}>:{column}: ", new)


def row(table: str, said: str, **cells: str) -> Damage:
    """Damage that adds a row; what is said of it begins with a column."""
    key = next(iter(cells.values()))
    return damage(lambda home: add(home, table, **cells), (table, key), (said,), f"cases/{table}.csv:<+>:")


def reading(spot: str, new: str, *said: str) -> Damage:
    """Damage that adds a reading of a cell by a piece of evidence; what is said of it begins with a column."""
    key = dict(zip(("table_name", "record_id", "field_name", "evidence_id"), spot.split("/"), strict=True))
    about = (key["table_name"], key["record_id"])
    return damage(lambda home: add(home, "readings", **key, reading=new), about, said, "cases/readings.csv:<+>:", new)


def no_reading(spot: str, *said: str) -> Damage:
    """Damage that takes a cell its one reading, which becomes one of the row as a whole."""
    table, key, column, evidence = spot.split("/")

    def do(home: Path) -> int:
        spoil(home, "readings", f"{table} {key} {column} {evidence}", "reading", "yes")
        return spoil(home, "readings", f"{table} {key} {column} {evidence}", "field_name", "record")

    return damage(do, (table, key), said, f"cases/{table}.csv:<{key}>:{column}: ")


def together(*damages: Damage, said: tuple[str, ...]) -> Damage:
    """Several damages, and the lines they give together."""
    return Damage(lambda home: max([d.do(home) for d in damages]), set().union(*(d.rows for d in damages)), said)


ADD = "add one to readings or write a missing-value code [no-reading]"
PUBLISH = 'but has a reading; write its value or "disputed" [unread]'
WORDS = "{!r} is no value; write a missing-value code: not_applicable, unknown, no_evidence_found, disputed, withheld [missing]"
NO_TABLE = "table_name: 'event' has no evidenced columns [reading-cell]"
NO_ROW = "record_id: 'kaz-2022-port' is no event_id of cases/events.csv [reading-cell]"
NEW = {"type": "report", "title": "A report", "publisher": "A press", "language": "en", "source_kind": "news", "access": "full", "accessed": "2026-11-24"}  # fmt: skip

FORMS = [
    cell("cases/kaz-2022/end_date", "2022-13-19", "{!r} is not a day of the calendar [type]"),
    cell("cases/kaz-2022/end_date", "19.01.2022", "{!r} is not a date; write YYYY-MM-DD [type]"),
    cell("cases/kaz-2022/deaths_best", "1,225", "{!r} is not an integer; write digits only [type]"),
    cell("cases/arm-2020/deaths_low", "-0", "{!r} is not an integer; write digits only [type]"),
    cell("explanations/kaz-2022-author-regime/year", "Unknown", "{!r} is not an integer; write digits only [type]"),
    cell("contributions/kaz-2022-rus/personnel_best", "99999999999", "{!r} is beyond 2147483647 [type]"),
    cell("cases/kaz-2022/core", "TRUE", "{!r} is not true or false [type]"),
    cell("contributions/kaz-2022-rus/contribution_kind", "troop", "{!r} is not a code of contribution_kind: troops, materiel, relief, advisers, transport [category]"),
    cell("provisions/treaty-4/statement", "A\ncrowd", "{!r} holds the invisible character U+000A; retype it [text]"),
    cell("cases/kaz-2022/summary", "", "is required but is empty [required]"),
    cell("positions/kaz-2022-rus/actor", "unknown", 'is required but is "unknown" [required]'),
    cell("explanations/kaz-2022-author-regime/author", "Not applicable", WORDS),
    cell("sources/akorda-2022/url", "www.akorda.kz", r"{!r} does not have the form https?://\S+ [pattern]"),
    cell("states/KAZ/gw_number", "7050", "7050 is above 999 [maximum]"),
    cell("decisions/kaz-2022-council/deployed_low", "-5", "-5 is below 0 [minimum]", f"no reading says '-5'; {ADD}", "is -5, but the lowest figure in a reading is 2000 [extreme]"),
    cell("events/kaz-2022-airport/case_id", "kaz-2021", "{!r} is no case_id of cases/cases.csv [reference]"),
    cell("positions/kaz-2022-rus/state", "RUM", "RUM was no party on 2022-01-02 [position-member]", "{!r} is no iso3c of cases/states.csv [reference]"),
    cell("evidence/kaz-004/citekey", "book-2023", "cases/sources.csv:<book-2022>:citekey: supports no evidence row [unused-source]", "{!r} is no citekey of cases/sources.csv [reference]"),
    cell("evidence/kaz-005/citekey", "", "cases/sources.csv:<undated-2022>:citekey: supports no evidence row [unused-source]", "is required but is empty [required]"),
    cell("readings/positions kaz-2022-rus date kaz-002/evidence_id", "kaz-999", "{!r} is no evidence_id of cases/evidence.csv [reference]"),
    cell("events/kaz-2022-airport/event_id", "", f"cases/events.csv:<kaz-2022-airport>:date: no reading says '2022-01-05'; {ADD}", "is required but is empty [required]", "cases/readings.csv:<events kaz-2022-airport date kaz-001>:record_id: 'kaz-2022-airport' is no event_id of cases/events.csv [reading-cell]"),
    cell("states/KAZ/iso3n", "051", "cases/states.csv:<ARM>:iso3n: '051' is also in line 4 [unique]", "{!r} is also in line 2 [unique]"),
    cell("states/KAZ/cow_number", "371", "cases/states.csv:<ARM>:cow_number: 371 is also in line 4 [unique]", "371 is also in line 2 [unique]"),
    row("cases", "case_id: 'kaz-2022' is already in line 3 [primary-key]", case_id="kaz-2022", title="Again", state="KAZ", core="true", summary="Again."),
    reading("positions/kaz-2022-rus/date/kaz-002", "2022-01-06", "table_name: 'positions, kaz-2022-rus, date, kaz-002' is already in line 55 [primary-key]"),
]  # fmt: skip

# What a text may not hold.
TEXTS = {
    "Crowd ": "begins or ends with a space; remove it",
    " Crowd": "begins or ends with a space; remove it",
    "A  crowd": "holds two spaces in a row; remove one",
    "Alma\u0308ty": "is not in Unicode normal form C; `cstocases format` writes it",
    "A\u00a0crowd": "holds the invisible character U+00A0; retype it",
    "Cro\u200bwd": "holds the invisible character U+200B; retype it",
    "\u202eCrowd": "holds the invisible character U+202E; retype it",
    "\u061cCrowd": "holds the invisible character U+061C; retype it",
    "A\U000e0041crowd": "holds the invisible character U+E0041; retype it",
    "A\u3164crowd": "holds the invisible character U+3164; retype it",
    "A\tcrowd": "holds the invisible character U+0009; retype it",
    "Cro\0wd": "holds the invisible character U+0000; retype it",
    "Cr\u043ewd": "mixes letters of two scripts in one word; retype it",
    "A ri\ufb02e": "holds a ligature or a wide letter; retype it",
    "Soci\u00c3\u00a9t\u00c3\u00a9": "is UTF-8 read as cp1252; retype it",
    "Medvedev\u0432\u0402\u2122s": "is UTF-8 read as cp1251; retype it",
    "Kakha \ufffdmail": "holds U+FFFD, left by a wrong encoding; retype it",
    "Soci?t?": "holds a question mark for a letter; retype it",
    "#REF!": "is what a spreadsheet made of the text; retype it",
    "4-May": "is what a spreadsheet made of the text; retype it",
    "1.33E+04": "is what a spreadsheet made of a number; retype it",
    "A crowd &amp; others": "holds mark-up or an escape of a program; write the character itself",
    'The ""Crowd""': "holds mark-up or an escape of a program; write the character itself",
    "<<<<<<< HEAD": "is a conflict marker of a merge",
}
PLACES = [
    f"evidence/{key}/statement"
    for key in ["arm-001", "arm-002", "kaz-001", "kaz-002", "kaz-003", "kaz-004", "kaz-005", "leg-001"]
]
PLACES += [f"sources/{key}/title" for key in ["akorda-2022", "book-2022", "letter-2020", "lost-2022", "tass-2022"]]
FORMS += [cell(PLACES[i % len(PLACES)], new, f"{{!r}} {said} [text]") for i, (new, said) in enumerate(TEXTS.items())]

RULES = [
    cell("decisions/kaz-2022-parliament/date", "2022-01-07", "known to the month must be written as its first day [date-precision]"),
    cell("sources/book-2022/published", "2022-03-01", "known to the year must be written as 1 January [date-precision]"),
    cell("events/kaz-2022-airport/date_precision", "", "is not_coded, but the date is given [date-precision]"),
    cell("events/kaz-2022-airport/date_precision", "month ", "{!r} begins or ends with a space; remove it [text]"),
    cell("sources/tass-2022/published", "unknown", "cases/sources.csv:<tass-2022>:published_precision: is day, but the date is unknown [date-precision]"),
    cell("cases/arm-2020/end_date_precision", "not_applicable", "is not_applicable, but the date is unknown [date-precision]"),
    cell("cases/kaz-2022/end_date", "2022-01-01", "is before start_date, 2022-01-02 [end-before-start]", alike="kaz-002"),
    cell("decisions/kaz-2022-council/deployment_end", "2022-01-05", "is before deployment_start, 2022-01-06 [end-before-start]", alike="kaz-002"),
    cell("decisions/arm-2020-reply/date", "2020-10-30", "is before the request arm-2020-letter of 2020-10-31 [decision-before-request]", alike="arm-001"),
    cell("decisions/kaz-2022-council/deployed_low", "2031", "2031 is above deployed_best, 2030 [low-best-high]", "is 2031, but the lowest figure in a reading is 2030 [extreme]", alike="kaz-002"),
    cell("decisions/kaz-2022-council/deployed_high", "2029", "cases/decisions.csv:<kaz-2022-council>:deployed_best: 2030 is above deployed_high, 2029 [low-best-high]", "is 2029, but the highest figure in a reading is 2030 [extreme]", alike="kaz-002"),
    together(
        cell("cases/kaz-2022/deaths_best", "unknown"), no_reading("cases/kaz-2022/deaths_best/kaz-002"), cell("cases/kaz-2022/deaths_low", "300", alike="kaz-002"),
        said=(
            "cases/cases.csv:<kaz-2022>:deaths_low: 300 is above deaths_high, 238 [low-best-high]",
            "cases/cases.csv:<kaz-2022>:deaths_low: is 300, but the lowest figure in a reading is 238 [extreme]",
            "cases/cases.csv:<kaz-2022>:deaths_high: is 238, but the highest figure in a reading is 300 [extreme]",
        ),
    ),
    cell("contributions/kaz-2022-rus/state", "AZE", "cases/contributions.csv:<kaz-2022-rus>:framework: is \"csto\" but AZE was no party on 2022-01-06 [contributor-member]", "is AZE but the id kaz-2022-rus does not hold aze [other-state]"),
    cell("contributions/kaz-2022-rus/state", "KAZ", "is KAZ but the id kaz-2022-rus does not hold kaz [other-state]"),
    cell("contributions/kaz-2022-uzb/framework", "national", "is \"national\" but UZB was no party on 2022-01-06 [contributor-member]", alike="kaz-002"),
    cell("contributions/kaz-2022-uzb/state", "KAZ", "cases/contributions.csv:<kaz-2022-uzb>:framework: is \"non_member\" but KAZ was a party on 2022-01-06 [contributor-member]", "is KAZ but the id kaz-2022-uzb does not hold kaz [other-state]"),
    cell("positions/kaz-2022-rus/state", "UZB", "is UZB but the id kaz-2022-rus does not hold uzb [other-state]", "UZB was no party on 2022-01-02 [position-member]"),
    together(
        *(cell(f"readings/rationales kaz-2022-tokayev-bands {name} kaz-003/evidence_id", "kaz-005") for name in ("date", "direction", "rationale")),
        said=("cases/rationales.csv:<kaz-2022-tokayev-bands>:rationale_id: no reading of it has a source with a known date [dated-source]",),
    ),
    cell("readings/explanations kaz-2022-author-regime explains kaz-004/evidence_id", "arm-002", "arm-002 already supports a stated rationale and cannot support an explanation too [one-layer]"),
    cell("explanations/kaz-2022-author-regime/statement", "Bands trained abroad attacked the country.", "the same statement is in rationales; keep it in one of the two tables [one-layer]"),
    no_reading("cases/kaz-2022/deaths_best/kaz-002", f"no reading says '225'; {ADD}"),
    cell("readings/contributions kaz-2022-rus personnel_best kaz-002/reading", "3001", f"cases/contributions.csv:<kaz-2022-rus>:personnel_best: no reading says '3000'; {ADD}", "cases/contributions.csv:<kaz-2022-rus>:personnel_high: is 3000, but the highest figure in a reading is 3001 [extreme]"),
    cell("readings/decisions kaz-2022-parliament date kaz-002/reading", "2022-01-07", f"cases/decisions.csv:<kaz-2022-parliament>:date: no reading says '2022-01'; {ADD}"),
    cell("cases/arm-2020/deaths_best", "disputed", "is \"disputed\" but it has 0 readings; two must differ [disputed]"),
    cell("positions/kaz-2022-rus/stance", "disputed", "is \"disputed\" but it has 1 reading; two must differ [disputed]"),
    together(
        cell("cases/kaz-2022/deaths_best", "disputed"), reading("cases/kaz-2022/deaths_best/kaz-001", "225"),
        said=("cases/cases.csv:<kaz-2022>:deaths_best: is \"disputed\" but every reading says '225'; two must differ [disputed]",),
    ),
    together(
        cell("cases/kaz-2022/end_date", "disputed"), cell("cases/kaz-2022/end_date_precision", "disputed"),
        reading("cases/kaz-2022/end_date/kaz-001", "2022-01"), reading("cases/kaz-2022/end_date/kaz-003", "2022"),
        said=("cases/cases.csv:<kaz-2022>:end_date: is \"disputed\" but every reading says '2022-01-19'; two must differ [disputed]",),
    ),
    cell("requests/kaz-2022-appeal/status", "unknown", f'is "unknown" {PUBLISH}'),
    cell("contributions/kaz-2022-rus/personnel_best", "", f"is empty {PUBLISH}"),
    cell("requests/kaz-2022-second/status", "no_evidence_found", 'is "no_evidence_found" but searches has no search for it [no-search]', f'is "no_evidence_found" {PUBLISH}'),
    reading("event/kaz-2022-airport/date/kaz-002", "2022-01-05", NO_TABLE),
    reading("states/KAZ/name/kaz-001", "Kazakhstan", NO_TABLE.replace("event", "states")),
    reading("comparison/kaz-2022-appeal/status/kaz-001", "documented", NO_TABLE.replace("event", "comparison")),
    reading("events/kaz-2022-port/date/kaz-001", "2022-01-05", NO_ROW),
    reading("events/kaz-2022-airport/day/kaz-001", "2022-01-05", "field_name: 'day' is no evidenced column of events: date [reading-cell]"),
    reading("decisions/kaz-2022-council/deployed_high/kaz-001", "about 225", "reading: {!r} is not an integer; write digits only [reading-value]"),
    reading("contributions/kaz-2022-rus/personnel_best/kaz-001", "-4", "reading: {!r} is below 0 [reading-value]"),
    reading("requests/arm-2020-letter/adversary_state/kaz-001", "Azerbaijan", "reading: {!r} does not have the form [A-Z]{3} [reading-value]"),
    reading("contributions/kaz-2022-rus/framework/kaz-001", "bilateral", "reading: {!r} is not a code of framework: csto, national, non_member [reading-value]"),
    reading("events/kaz-2022-airport/date/kaz-002", "2022-1", "reading: {!r} is not a date; write YYYY, YYYY-MM or YYYY-MM-DD [reading-value]"),
    reading("events/kaz-2022-airport/record/kaz-001", "true", "reading: {!r} is no verdict on a row as a whole: yes, no, unclear [reading-value]"),
    reading("decisions/kaz-2022-council/deployed_best/kaz-001", "unknown", 'reading: is required but is "unknown" [required]'),
    reading("cases/kaz-2022//kaz-001", "225", "field_name: is required but is empty [required]"),
    reading("cases/unknown/deaths_best/kaz-001", "225", 'record_id: is required but is "unknown" [required]'),
    row("events", "event_id: 'kaz-2022-fire' has no reading [no-reading]", event_id="kaz-2022-fire", case_id="kaz-2022", event_kind="violence", actor="Crowd", description="A fire."),
    cell("readings/requests kaz-2022-second record kaz-001/reading", "no", "cases/requests.csv:<kaz-2022-second>:request_id: no reading says yes to 'kaz-2022-second' as a whole; add one with field_name \"record\" [no-record]"),
    cell("readings/memberships kaz-treaty-1 record leg-001/reading", "no", "cases/memberships.csv:<kaz-treaty-1>:membership_id: no reading says yes to 'kaz-treaty-1' as a whole; add one with field_name \"record\" [no-record]"),
    cell("readings/provisions treaty-4 record leg-001/reading", "no", "cases/provisions.csv:<treaty-4>:provision_id: no reading says yes to 'treaty-4' as a whole; add one with field_name \"record\" [no-record]"),
    cell("sources/tass-2022/published", "2026-11-25", "is after the day the source was read (accessed), 2026-11-24 [published-after-access]"),
    cell("evidence/kaz-001/date", "2062-01-05", "is after the day its source was read, 2026-11-24 [dated-after-access]"),
    row("sources", "citekey: supports no evidence row [unused-source]", citekey="report-2022", **NEW),
    cell("readings/decisions kaz-2022-council organ kaz-002/evidence_id", "kaz-006", "cases/decisions.csv:<kaz-2022-council>:organ: rests only on sources that were not seen [not-seen]"),
    reading("offices/chair-arm-2021/record/kaz-006", "yes", "cases/offices.csv:<chair-arm-2021>: rests only on sources that were not seen [not-seen]"),
    reading("events/kaz-2022-port/record/kaz-006", "yes", NO_ROW),
    reading("event/kaz-2022-airport/record/kaz-006", "yes", NO_TABLE),
    cell("requests/kaz-2022-second/is_primary", "true", "cases/cases.csv:<kaz-2022>:case_id: 'kaz-2022' has 2 primary requests; exactly one request must be is_primary [one-primary]"),
    cell("requests/kaz-2022-appeal/is_primary", "false", "cases/cases.csv:<kaz-2022>:case_id: 'kaz-2022' has 0 primary requests; exactly one request must be is_primary [one-primary]"),
    cell("decisions/kaz-2022-parliament/is_final", "true", *(f"cases/decisions.csv:<kaz-2022-{name}>:is_final: kaz-2022-appeal has another final decision in this forum [one-final]" for name in ("council", "parliament"))),
    cell("events/kaz-2022-airport/case_id", "arm-2020", "belongs to arm-2020 but the id kaz-2022-airport does not begin with it [other-case]"),
    cell("decisions/kaz-2022-parliament/request_id", "arm-2020-letter", "belongs to arm-2020 but the id kaz-2022-parliament does not begin with it [other-case]"),
    cell("contributions/kaz-2022-uzb/decision_id", "arm-2020-reply", "belongs to arm-2020 but the id kaz-2022-uzb does not begin with it [other-case]"),
    cell("cases/arm-2020/state", "KAZ", "is KAZ but the id arm-2020 does not hold kaz [other-state]"),
    cell("rationales/kaz-2022-tokayev-bands/answer_id", "arm-2020-reply-help", "belongs to arm-2020 but the rationale to kaz-2022 [one-case]"),
    cell("rationales/kaz-2022-tokayev-bands/answer_id", "not_applicable", 'is missing but belongs_to is "answer" [belongs-to]'),
    cell("rationales/kaz-2022-tokayev-bands/ask_id", "kaz-2022-appeal-forces", 'is given but belongs_to is "answer" [belongs-to]'),
    cell("sources/lost-2022/publisher", "Example press", "{!r} is elsewhere spelt 'Example Press'; spell it one way [spelling]"),
    reading("requests/kaz-2022-appeal/requester/kaz-002", "KASSYM-JOMART TOKAYEV", "cases/readings.csv:<requests kaz-2022-appeal requester kaz-001>:reading: 'Kassym-Jomart Tokayev' is elsewhere spelt 'KASSYM-JOMART TOKAYEV'; spell it one way [spelling]", "reading: {!r} is elsewhere spelt 'Kassym-Jomart Tokayev'; spell it one way [spelling]"),
    cell("requests/arm-2020-letter/adversary_type", "foreign_nonstate", "cases/requests.csv:<arm-2020-letter>:adversary_state: is AZE but adversary_type is no state [adversary]", alike="arm-001"),
]  # fmt: skip


def groups(damages: list[Damage]) -> Iterator[list[Damage]]:
    """The damages, in groups that fit into one copy because no two of a group are about the same row."""
    while damages:
        group: list[Damage] = []
        for damage in damages:
            if not any(damage.rows & other.rows for other in group):
                group.append(damage)
        damages = [damage for damage in damages if damage not in group]
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
    """In the shipped data a lost table, one with semicolons, and cells that judgements rest on are one line each, also beside the coding of an ask that is not published."""
    add(home, "codings", coder="coder-a", pass_date="2026-12-01", table_name="asks", record_id="kgz-2016-session-access", field_name="record", coded_value="no")  # noqa: S106  # fmt: skip
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


def test_a_missing_value_in_codings_is_written_in_round_brackets(home: Path) -> None:
    """A coder who found no value writes (unknown); whoever writes [unknown] or unknown is told so, and what is only wrong is told as before."""
    judged = [row[:3] for row in read_rows(home, "adjudications")]
    header, *rows = read_rows(home, "codings")
    places = [i for i, row in enumerate(rows) if row[2:5] in judged and row[4] in ("crisis_type", "organ")][:5]
    written = ["(unknown)", "[unknown]", "(Not applicable)", "unknown", "[some]"]
    for place, value in zip(places, written, strict=True):
        rows[place][5] = value
    write_rows(home, "codings", [header, *rows])
    found = [p for p in cstocases.validate(home) if p.path == "cases/codings.csv"]
    told = [(p.line, p.message.partition(" is not a code of")[0]) for p in found]

    _, second, third, fourth, fifth = (place + 2 for place in places)
    assert [
        (second, "'[unknown]' is no value; a missing value is written (unknown), in round brackets"),
        (third, "'(Not applicable)' is no value; a missing value is written (not_applicable), in round brackets"),
        (fourth, "a missing value is written (unknown) here, in round brackets"),
        (fourth, 'is required but is "unknown"'),
        (fifth, "'[some]'"),
    ] == told
