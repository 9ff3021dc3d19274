"""Kinds of damage, each done once to the small dataset: what validate says, and that it says nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import SMALL, add, addressed, csv_path, drop, edit, read_rows, shown, spoil, write_rows

import cstocases

Damage = Callable[[Path], object]

EVENT = "kaz-2022-airport"
CASE_COLUMNS = cstocases.package().table("cases").names
DAY = "events kaz-2022-airport date kaz-001"  # the one reading of that event
NEW_SOURCE = {
    "type": "report", "title": "A report", "publisher": "A press", "language": "en", "source_kind": "news", "access": "full", "accessed": "2026-11-24",
}  # fmt: skip


def cell(table: str, key: str, field: str, value: str) -> Damage:
    """Damage that replaces one cell."""
    return lambda home: spoil(home, table, key, field, value)


def cell_and_reading(table: str, key: str, field: str, value: str, evidence: str) -> Damage:
    """Damage that replaces a cell and its one reading alike, so that only a rule can object."""
    return both(cell(table, key, field, value), cell("readings", f"{table} {key} {field} {evidence}", "reading", value))


def row(table: str, **cells: str) -> Damage:
    """Damage that appends a row."""
    return lambda home: add(home, table, **cells)


def reading(table_name: str, record_id: str, field_name: str, evidence_id: str, value: str) -> Damage:
    """Damage that appends a reading."""
    return row(
        "readings",
        table_name=table_name,
        record_id=record_id,
        field_name=field_name,
        evidence_id=evidence_id,
        reading=value,
    )


def without(table: str, key: str) -> Damage:
    """Damage that removes a row."""
    return lambda home: drop(home, table, key)


def both(*damages: Damage) -> Damage:
    """Several damages in turn."""

    def all_of_them(home: Path) -> None:
        for damage in damages:
            damage(home)

    return all_of_them


def text(table: str, old: bytes, new: bytes) -> Damage:
    """Damage to the bytes of a file."""
    return lambda home: edit(home, f"cases/{table}.csv", old, new)


def whole(table: str, change: Callable[[bytes], bytes]) -> Damage:
    """Damage to all bytes of a file."""
    return lambda home: csv_path(home, table).write_bytes(change(csv_path(home, table).read_bytes()))


def columns(table: str, change: Callable[[list[str]], object]) -> Damage:
    """Damage done to every row of a file alike, header included."""

    def to_every_row(home: Path) -> None:
        rows = read_rows(home, table)
        for cells in rows:
            change(cells)
        write_rows(home, table, rows)

    return to_every_row


def unlinked(table: str) -> Damage:
    """Damage that removes a file."""
    return lambda home: csv_path(home, table).unlink()


def linked(home: Path) -> None:
    """Put a symbolic link in the place of states.csv."""
    file = csv_path(home, "states")
    file.symlink_to(file.rename(home / "elsewhere.csv"))


def a_folder(home: Path) -> None:
    """Put a folder in the place of states.csv."""
    csv_path(home, "states").unlink()
    csv_path(home, "states").mkdir()


# Damage by name: what is done, and every line validate then prints. `<key>` stands for the line of that row.
CELLS: dict[str, tuple[Damage, list[str]]] = {
    "a month 13": (
        cell("cases", "kaz-2022", "end_date", "2022-13-19"),
        ["cases/cases.csv:<kaz-2022>:end_date: '2022-13-19' is not a day of the calendar [type]"],
    ),
    "a 30 February": (
        cell("events", EVENT, "date", "2022-02-30"),
        ["cases/events.csv:<kaz-2022-airport>:date: '2022-02-30' is not a day of the calendar [type]"],
    ),
    "a date as a spreadsheet rewrites it": (
        cell("cases", "kaz-2022", "end_date", "19.01.2022"),
        ["cases/cases.csv:<kaz-2022>:end_date: '19.01.2022' is not a date; write YYYY-MM-DD [type]"],
    ),
    "a date with a time": (
        cell("sources", "akorda-2022", "accessed", "2026-11-24T00:00:00"),
        ["cases/sources.csv:<akorda-2022>:accessed: '2026-11-24T00:00:00' is not a date; write YYYY-MM-DD [type]"],
    ),
    "thousands set apart": (
        cell("cases", "kaz-2022", "deaths_best", "1,225"),
        ["cases/cases.csv:<kaz-2022>:deaths_best: '1,225' is not an integer; write digits only [type]"],
    ),
    "an integer with decimals": (
        cell("cases", "kaz-2022", "deaths_high", "238.0"),
        ["cases/cases.csv:<kaz-2022>:deaths_high: '238.0' is not an integer; write digits only [type]"],
    ),
    "an integer with a leading zero": (
        cell("states", "KAZ", "vdem_id", "0121"),
        ["cases/states.csv:<KAZ>:vdem_id: '0121' is not an integer; write digits only [type]"],
    ),
    "minus zero": (
        cell("cases", "arm-2020", "deaths_low", "-0"),
        ["cases/cases.csv:<arm-2020>:deaths_low: '-0' is not an integer; write digits only [type]"],
    ),
    "an integer too large for other formats": (
        cell("cases", "kaz-2022", "deaths_high", "99999999999"),
        ["cases/cases.csv:<kaz-2022>:deaths_high: '99999999999' is beyond 2147483647 [type]"],
    ),
    "TRUE": (
        cell("cases", "kaz-2022", "core", "TRUE"),
        ["cases/cases.csv:<kaz-2022>:core: 'TRUE' is not true or false [type]"],
    ),
    "no for false": (
        cell("requests", "kaz-2022-second", "is_primary", "no"),
        ["cases/requests.csv:<kaz-2022-second>:is_primary: 'no' is not true or false [type]"],
    ),
    "0 for false": (
        cell("decisions", "kaz-2022-council", "given_troops", "0"),
        ["cases/decisions.csv:<kaz-2022-council>:given_troops: '0' is not true or false [type]"],
    ),
    "an unknown code": (
        cell("contributions", "kaz-2022-rus", "contribution_kind", "troop"),
        [
            "cases/contributions.csv:<kaz-2022-rus>:contribution_kind: 'troop' is not a code of contribution_kind: troops, materiel, relief, advisers, transport [category]"
        ],
    ),
    "an unknown precision": (
        cell("events", EVENT, "date_precision", "hour"),
        [
            "cases/events.csv:<kaz-2022-airport>:date_precision: 'hour' is not a code of date_precision: day, month, year [category]"
        ],
    ),
    "a kind of missing in capitals": (
        cell("explanations", "kaz-2022-author-regime", "year", "Unknown"),
        ["cases/explanations.csv:<kaz-2022-author-regime>:year: 'Unknown' is not an integer; write digits only [type]"],
    ),
    "a required cell left empty": (
        cell("cases", "kaz-2022", "summary", ""),
        ["cases/cases.csv:<kaz-2022>:summary: is required but is empty [required]"],
    ),
    "a required cell coded unknown": (
        cell("positions", "kaz-2022-rus", "actor", "unknown"),
        ['cases/positions.csv:<kaz-2022-rus>:actor: is required but is "unknown" [required]'],
    ),
    "a key left empty": (
        cell("events", EVENT, "event_id", ""),
        [
            "cases/events.csv:<kaz-2022-airport>:date: no reading says '2022-01-05'; add one to readings or write a missing-value code [no-reading]",
            "cases/events.csv:<kaz-2022-airport>:event_id: is required but is empty [required]",
            f"cases/readings.csv:<{DAY}>:record_id: 'kaz-2022-airport' is no event_id of cases/events.csv [reading-cell]",
        ],
    ),
    "a kind of missing in other words": (
        cell("explanations", "kaz-2022-author-regime", "author", "Not applicable"),
        [
            "cases/explanations.csv:<kaz-2022-author-regime>:author: 'Not applicable' is no value; write a missing-value code: not_applicable, unknown, no_evidence_found, disputed, withheld [missing]"
        ],
    ),
    "a gap as pandas writes it": (
        cell("sources", "tass-2022", "origin", "nan"),
        [
            "cases/sources.csv:<tass-2022>:origin: 'nan' is no value; write a missing-value code: not_applicable, unknown, no_evidence_found, disputed, withheld [missing]"
        ],
    ),
    "a pattern broken": (
        cell("provisions", "treaty-4", "version", "92"),
        ["cases/provisions.csv:<treaty-4>:version: '92' does not have the form [0-9]{4} [pattern]"],
    ),
    "an address without its scheme": (
        cell("sources", "akorda-2022", "url", "www.akorda.kz"),
        [r"cases/sources.csv:<akorda-2022>:url: 'www.akorda.kz' does not have the form https?://\S+ [pattern]"],
    ),
    "below the minimum": (
        cell("cases", "kaz-2022", "deaths_low", "-5"),
        [
            "cases/cases.csv:<kaz-2022>:deaths_low: -5 is below 0 [minimum]",
            "cases/cases.csv:<kaz-2022>:deaths_low: no reading says '-5'; add one to readings or write a missing-value code [no-reading]",
        ],
    ),
    "above the maximum": (
        cell("states", "KAZ", "gw_number", "7050"),
        ["cases/states.csv:<KAZ>:gw_number: 7050 is above 999 [maximum]"],
    ),
    "a space after the text": (
        cell("events", EVENT, "actor", "Crowd "),
        ["cases/events.csv:<kaz-2022-airport>:actor: 'Crowd ' begins or ends with a space; remove it [text]"],
    ),
    "a space before a code": (
        cell("contributions", "kaz-2022-rus", "contribution_kind", " troops"),
        [
            "cases/contributions.csv:<kaz-2022-rus>:contribution_kind: ' troops' begins or ends with a space; remove it [text]"
        ],
    ),
    "a letter and its accent apart": (
        cell("events", EVENT, "actor", "Crowd of Alma\u0308ty"),
        [
            "cases/events.csv:<kaz-2022-airport>:actor: 'Crowd of Alma\u0308ty' is not in Unicode normal form C; `cstocases format` writes it [text]"
        ],
    ),
    "a no-break space": (
        cell("events", EVENT, "actor", "A\u00a0crowd"),
        [
            r"cases/events.csv:<kaz-2022-airport>:actor: 'A\xa0crowd' holds the invisible character U+00A0; retype it [text]"
        ],
    ),
    "a space of zero width": (
        cell("events", EVENT, "actor", "Cro\u200bwd"),
        [
            r"cases/events.csv:<kaz-2022-airport>:actor: 'Cro\u200bwd' holds the invisible character U+200B; retype it [text]"
        ],
    ),
    "a right-to-left override": (
        cell("events", EVENT, "actor", "\u202eCrowd"),
        [
            r"cases/events.csv:<kaz-2022-airport>:actor: '\u202eCrowd' holds the invisible character U+202E; retype it [text]"
        ],
    ),
    "an Arabic letter mark": (
        cell("events", EVENT, "actor", "\u061cCrowd"),
        [
            r"cases/events.csv:<kaz-2022-airport>:actor: '\u061cCrowd' holds the invisible character U+061C; retype it [text]"
        ],
    ),
    "a wide space": (
        cell("events", EVENT, "actor", "A\u2003crowd"),
        [
            r"cases/events.csv:<kaz-2022-airport>:actor: 'A\u2003crowd' holds the invisible character U+2003; retype it [text]"
        ],
    ),
    "a tag character": (
        cell("events", EVENT, "actor", "A\U000e0041crowd"),
        [
            r"cases/events.csv:<kaz-2022-airport>:actor: 'A\U000e0041crowd' holds the invisible character U+E0041; retype it [text]"
        ],
    ),
    "a Cyrillic letter in a Latin word": (
        cell("events", EVENT, "actor", "Cr\u043ewd"),
        [
            "cases/events.csv:<kaz-2022-airport>:actor: 'Cr\u043ewd' mixes letters of two scripts in one word; retype it [text]"
        ],
    ),
    "two spaces": (
        cell("events", EVENT, "actor", "A  crowd"),
        ["cases/events.csv:<kaz-2022-airport>:actor: 'A  crowd' holds two spaces in a row; remove one [text]"],
    ),
    "a ligature of a PDF": (
        cell("events", EVENT, "actor", "A ri\ufb02e"),
        [
            "cases/events.csv:<kaz-2022-airport>:actor: 'A ri\ufb02e' holds a ligature or a wide letter; retype it [text]"
        ],
    ),
    "UTF-8 read as a code page of Windows": (
        cell("events", EVENT, "actor", "Soci\u00c3\u00a9t\u00c3\u00a9"),
        [
            "cases/events.csv:<kaz-2022-airport>:actor: 'Soci\u00c3\u00a9t\u00c3\u00a9' is UTF-8 read as cp1252; retype it [text]"
        ],
    ),
    "UTF-8 read as a Russian code page": (
        cell("events", EVENT, "actor", "Medvedev\u0432\u0402\u2122s"),
        [
            "cases/events.csv:<kaz-2022-airport>:actor: 'Medvedev\u0432\u0402\u2122s' is UTF-8 read as cp1251; retype it [text]"
        ],
    ),
    "letters saved as question marks": (
        cell("events", EVENT, "actor", "Soci?t?"),
        ["cases/events.csv:<kaz-2022-airport>:actor: 'Soci?t?' holds a question mark for a letter; retype it [text]"],
    ),
    "an error of a spreadsheet": (
        cell("events", EVENT, "actor", "#REF!"),
        ["cases/events.csv:<kaz-2022-airport>:actor: '#REF!' is what a spreadsheet made of the text; retype it [text]"],
    ),
    "a text that became a date": (
        cell("events", EVENT, "actor", "4-May"),
        ["cases/events.csv:<kaz-2022-airport>:actor: '4-May' is what a spreadsheet made of the text; retype it [text]"],
    ),
    "a text that became an exponent": (
        cell("events", EVENT, "actor", "1.33E+04"),
        [
            "cases/events.csv:<kaz-2022-airport>:actor: '1.33E+04' is what a spreadsheet made of a number; retype it [text]"
        ],
    ),
    "a letter that shows nothing": (
        cell("events", EVENT, "actor", "A\u3164crowd"),
        [
            "cases/events.csv:<kaz-2022-airport>:actor: 'A\u3164crowd' holds the invisible character U+3164; retype it [text]"
        ],
    ),
    "an entity of HTML": (
        cell("events", EVENT, "actor", "A crowd &amp; others"),
        [
            "cases/events.csv:<kaz-2022-airport>:actor: 'A crowd &amp; others' holds mark-up or an escape of a program; write the character itself [text]"
        ],
    ),
    "quotes quoted twice": (
        cell("events", EVENT, "actor", 'The ""Crowd""'),
        [
            'cases/events.csv:<kaz-2022-airport>:actor: \'The ""Crowd""\' holds mark-up or an escape of a program; write the character itself [text]'
        ],
    ),
    "a letter lost to a wrong encoding": (
        cell("events", EVENT, "actor", "Kakha \ufffdmail"),
        [
            "cases/events.csv:<kaz-2022-airport>:actor: 'Kakha \ufffdmail' holds U+FFFD, left by a wrong encoding; retype it [text]"
        ],
    ),
    "a tab": (
        cell("events", EVENT, "actor", "A\tcrowd"),
        [
            r"cases/events.csv:<kaz-2022-airport>:actor: 'A\tcrowd' holds the invisible character U+0009; retype it [text]"
        ],
    ),
    "a line break in a cell": (
        cell("events", EVENT, "actor", "A\ncrowd"),
        [
            r"cases/events.csv:<kaz-2022-airport>:actor: 'A\ncrowd' holds the invisible character U+000A; retype it [text]"
        ],
    ),
    "a null byte": (
        text("states", b"Kazakhstan", b"Kazakh\0stan"),
        [r"cases/states.csv:<KAZ>:name: 'Kazakh\x00stan' holds the invisible character U+0000; retype it [text]"],
    ),
    "a conflict marker in a key": (
        cell("provisions", "treaty-4", "instrument_name", "<<<<<<< HEAD"),
        ["cases/provisions.csv:<treaty-4>:instrument_name: '<<<<<<< HEAD' is a conflict marker of a merge [text]"],
    ),
    "a reference to no case": (
        cell("events", EVENT, "case_id", "kaz-2021"),
        ["cases/events.csv:<kaz-2022-airport>:case_id: 'kaz-2021' is no case_id of cases/cases.csv [reference]"],
    ),
    "a reference to no state": (
        cell("positions", "kaz-2022-rus", "state", "RUM"),
        [
            "cases/positions.csv:<kaz-2022-rus>:state: RUM was no party on 2022-01-02 [position-member]",
            "cases/positions.csv:<kaz-2022-rus>:state: 'RUM' is no iso3c of cases/states.csv [reference]",
        ],
    ),
    "a reference to no decision": (
        cell("contributions", "kaz-2022-rus", "decision_id", "kaz-2022-gone"),
        [
            "cases/contributions.csv:<kaz-2022-rus>:decision_id: 'kaz-2022-gone' is no decision_id of cases/decisions.csv [reference]"
        ],
    ),
    "a reference to no source": (
        cell("evidence", "kaz-004", "citekey", "book-2023"),
        [
            "cases/sources.csv:<book-2022>:citekey: supports no evidence row [unused-source]",
            "cases/evidence.csv:<kaz-004>:citekey: 'book-2023' is no citekey of cases/sources.csv [reference]",
        ],
    ),
    "evidence without a source": (
        cell("evidence", "kaz-005", "citekey", ""),
        [
            "cases/sources.csv:<undated-2022>:citekey: supports no evidence row [unused-source]",
            "cases/evidence.csv:<kaz-005>:citekey: is required but is empty [required]",
        ],
    ),
    "a reference to no evidence": (
        cell("readings", DAY, "evidence_id", "kaz-999"),
        [f"cases/readings.csv:<{DAY}>:evidence_id: 'kaz-999' is no evidence_id of cases/evidence.csv [reference]"],
    ),
    "a text that must be unique": (
        cell("states", "KAZ", "iso3n", "051"),
        [
            "cases/states.csv:<ARM>:iso3n: '051' is also in line 4 [unique]",
            "cases/states.csv:<KAZ>:iso3n: '051' is also in line 2 [unique]",
        ],
    ),
    "a number that must be unique": (
        cell("states", "KAZ", "cow_number", "371"),
        [
            "cases/states.csv:<ARM>:cow_number: 371 is also in line 4 [unique]",
            "cases/states.csv:<KAZ>:cow_number: 371 is also in line 2 [unique]",
        ],
    ),
    "a key given twice": (
        row(
            "decisions",
            decision_id="kaz-2022-council",
            request_id="kaz-2022-appeal",
            title="Again",
            forum="csto",
            is_final="false",
        ),
        ["cases/decisions.csv:<+>:decision_id: 'kaz-2022-council' is already in line 3 [primary-key]"],
    ),
    "a case given twice": (
        row("cases", case_id="kaz-2022", title="Again", state="KAZ", core="true", summary="Again."),
        ["cases/cases.csv:<+>:case_id: 'kaz-2022' is already in line 3 [primary-key]"],
    ),
    "evidence given twice": (
        row("evidence", evidence_id="kaz-001", topic="context", statement="Again.", citekey="tass-2022"),
        ["cases/evidence.csv:<+>:evidence_id: 'kaz-001' is already in line 4 [primary-key]"],
    ),
    "a source given twice": (
        row("sources", citekey="tass-2022", **NEW_SOURCE),
        ["cases/sources.csv:<+>:citekey: 'tass-2022' is already in line 6 [primary-key]"],
    ),
    "a key of several columns given twice": (
        reading("events", EVENT, "date", "kaz-001", "2022-01-05"),
        [
            "cases/readings.csv:<+>:table_name: 'events, kaz-2022-airport, date, kaz-001' is already in line 31 [primary-key]"
        ],
    ),
}

RULES: dict[str, tuple[Damage, list[str]]] = {
    "a day where only the month is known": (
        cell("decisions", "kaz-2022-parliament", "date", "2022-01-07"),
        [
            "cases/decisions.csv:<kaz-2022-parliament>:date: known to the month must be written as its first day [date-precision]"
        ],
    ),
    "a day where only the year is known": (
        cell("sources", "book-2022", "published", "2022-03-01"),
        ["cases/sources.csv:<book-2022>:published: known to the year must be written as 1 January [date-precision]"],
    ),
    "a date without its precision": (
        cell("events", EVENT, "date_precision", ""),
        ["cases/events.csv:<kaz-2022-airport>:date_precision: is not_coded, but the date is given [date-precision]"],
    ),
    "a precision that cannot be read": (
        cell("events", EVENT, "date_precision", "month "),
        ["cases/events.csv:<kaz-2022-airport>:date_precision: 'month ' begins or ends with a space; remove it [text]"],
    ),
    "a precision without its date": (
        cell("sources", "tass-2022", "published", "unknown"),
        ["cases/sources.csv:<tass-2022>:published_precision: is day, but the date is unknown [date-precision]"],
    ),
    "date and precision missing for different reasons": (
        cell("cases", "arm-2020", "end_date_precision", "not_applicable"),
        ["cases/cases.csv:<arm-2020>:end_date_precision: is not_applicable, but the date is unknown [date-precision]"],
    ),
    "a case that ends before it starts": (
        cell_and_reading("cases", "kaz-2022", "end_date", "2022-01-01", "kaz-002"),
        ["cases/cases.csv:<kaz-2022>:end_date: is before start_date, 2022-01-02 [end-before-start]"],
    ),
    "a membership that ends before it starts": (
        cell_and_reading("memberships", "uzb-treaty-1", "end_date", "2002-12-19", "leg-001"),
        ["cases/memberships.csv:<uzb-treaty-1>:end_date: is before start_date, 2006-08-16 [end-before-start]"],
    ),
    "a deployment that ends before it starts": (
        cell_and_reading("decisions", "kaz-2022-council", "deployment_end", "2022-01-05", "kaz-002"),
        [
            "cases/decisions.csv:<kaz-2022-council>:deployment_end: is before deployment_start, 2022-01-06 [end-before-start]"
        ],
    ),
    "a decision before its request": (
        cell_and_reading("decisions", "arm-2020-reply", "date", "2020-10-30", "arm-001"),
        [
            "cases/decisions.csv:<arm-2020-reply>:date: is before the request arm-2020-letter of 2020-10-31 [decision-before-request]"
        ],
    ),
    "a lowest figure above the best": (
        cell_and_reading("cases", "kaz-2022", "deaths_low", "226", "kaz-002"),
        ["cases/cases.csv:<kaz-2022>:deaths_low: 226 is above deaths_best, 225 [low-best-high]"],
    ),
    "a best figure above the highest": (
        cell_and_reading("decisions", "kaz-2022-council", "deployed_high", "2029", "kaz-002"),
        ["cases/decisions.csv:<kaz-2022-council>:deployed_best: 2030 is above deployed_high, 2029 [low-best-high]"],
    ),
    "a lowest figure above the highest and no best": (
        both(
            cell("cases", "kaz-2022", "deaths_best", "unknown"),
            without("readings", "cases kaz-2022 deaths_best kaz-002"),
            cell_and_reading("cases", "kaz-2022", "deaths_low", "300", "kaz-002"),
        ),
        ["cases/cases.csv:<kaz-2022>:deaths_low: 300 is above deaths_high, 238 [low-best-high]"],
    ),
    "a contribution by a state never a party": (
        cell("contributions", "kaz-2022-rus", "state", "AZE"),
        [
            'cases/contributions.csv:<kaz-2022-rus>:framework: is "csto" but AZE was no party on 2022-01-06 [contributor-member]',
            "cases/contributions.csv:<kaz-2022-rus>:state: is AZE but the id kaz-2022-rus does not hold aze [other-state]",
        ],
    ),
    "a contribution by a state that had left": (
        cell_and_reading("contributions", "kaz-2022-uzb", "framework", "national", "kaz-002"),
        [
            'cases/contributions.csv:<kaz-2022-uzb>:framework: is "national" but UZB was no party on 2022-01-06 [contributor-member]'
        ],
    ),
    "a party marked non_member": (
        cell("contributions", "kaz-2022-uzb", "state", "KAZ"),
        [
            'cases/contributions.csv:<kaz-2022-uzb>:framework: is "non_member" but KAZ was a party on 2022-01-06 [contributor-member]',
            "cases/contributions.csv:<kaz-2022-uzb>:state: is KAZ but the id kaz-2022-uzb does not hold kaz [other-state]",
        ],
    ),
    "a position of a state that had left": (
        cell("positions", "kaz-2022-rus", "state", "UZB"),
        [
            "cases/positions.csv:<kaz-2022-rus>:state: is UZB but the id kaz-2022-rus does not hold uzb [other-state]",
            "cases/positions.csv:<kaz-2022-rus>:state: UZB was no party on 2022-01-02 [position-member]",
        ],
    ),
    "a stated rationale without a dated source": (
        both(
            cell("readings", "rationales kaz-2022-tokayev-bands date kaz-003", "evidence_id", "kaz-005"),
            cell("readings", "rationales kaz-2022-tokayev-bands direction kaz-003", "evidence_id", "kaz-005"),
            cell("readings", "rationales kaz-2022-tokayev-bands rationale kaz-003", "evidence_id", "kaz-005"),
        ),
        [
            "cases/rationales.csv:<kaz-2022-tokayev-bands>:rationale_id: no reading of it has a source with a known date [dated-source]"
        ],
    ),
    "one piece of evidence in both layers": (
        cell("readings", "explanations kaz-2022-author-regime explains kaz-004", "evidence_id", "kaz-003"),
        [
            "cases/readings.csv:<explanations kaz-2022-author-regime explains kaz-004>:evidence_id: kaz-003 already supports a stated rationale and cannot support an explanation too [one-layer]"
        ],
    ),
    "one statement in both layers": (
        cell("explanations", "kaz-2022-author-regime", "statement", "Bands trained abroad attacked the country."),
        [
            "cases/explanations.csv:<kaz-2022-author-regime>:statement: the same statement is in rationales; keep it in one of the two tables [one-layer]"
        ],
    ),
    "a reading lost": (
        without("readings", "cases kaz-2022 deaths_best kaz-002"),
        [
            "cases/cases.csv:<kaz-2022>:deaths_best: no reading says '225'; add one to readings or write a missing-value code [no-reading]"
        ],
    ),
    "a reading drifted": (
        cell("readings", "cases kaz-2022 deaths_best kaz-002", "reading", "227"),
        [
            "cases/cases.csv:<kaz-2022>:deaths_best: no reading says '225'; add one to readings or write a missing-value code [no-reading]"
        ],
    ),
    "a reading more exact than the cell": (
        cell("readings", "decisions kaz-2022-parliament date kaz-002", "reading", "2022-01-07"),
        [
            "cases/decisions.csv:<kaz-2022-parliament>:date: no reading says '2022-01'; add one to readings or write a missing-value code [no-reading]"
        ],
    ),
    "disputed with no reading": (
        cell("cases", "arm-2020", "deaths_best", "disputed"),
        ['cases/cases.csv:<arm-2020>:deaths_best: is "disputed" but it has 0 readings; two must differ [disputed]'],
    ),
    "disputed with one reading": (
        cell("cases", "kaz-2022", "deaths_best", "disputed"),
        ['cases/cases.csv:<kaz-2022>:deaths_best: is "disputed" but it has 1 reading; two must differ [disputed]'],
    ),
    "disputed with two readings that agree": (
        both(
            cell("cases", "kaz-2022", "deaths_best", "disputed"),
            reading("cases", "kaz-2022", "deaths_best", "kaz-001", "225"),
        ),
        [
            "cases/cases.csv:<kaz-2022>:deaths_best: is \"disputed\" but every reading says '225'; two must differ [disputed]"
        ],
    ),
    "disputed between a day and its month": (
        both(
            cell("cases", "kaz-2022", "end_date", "disputed"),
            cell("cases", "kaz-2022", "end_date_precision", "disputed"),
            reading("cases", "kaz-2022", "end_date", "kaz-001", "2022-01"),
            reading("cases", "kaz-2022", "end_date", "kaz-003", "2022"),
        ),
        [
            "cases/cases.csv:<kaz-2022>:end_date: is \"disputed\" but every reading says '2022-01-19'; two must differ [disputed]"
        ],
    ),
    "unknown with a reading": (
        cell("cases", "kaz-2022", "deaths_best", "unknown"),
        [
            'cases/cases.csv:<kaz-2022>:deaths_best: is "unknown" but has a reading; write its value or "disputed" [unread]'
        ],
    ),
    "not applicable with a reading": (
        cell("cases", "kaz-2022", "deaths_best", "not_applicable"),
        [
            'cases/cases.csv:<kaz-2022>:deaths_best: is "not_applicable" but has a reading; write its value or "disputed" [unread]'
        ],
    ),
    "withheld with a reading": (
        cell("cases", "kaz-2022", "deaths_best", "withheld"),
        [
            'cases/cases.csv:<kaz-2022>:deaths_best: is "withheld" but has a reading; write its value or "disputed" [unread]'
        ],
    ),
    "not coded with a reading": (
        cell("cases", "kaz-2022", "deaths_best", ""),
        ['cases/cases.csv:<kaz-2022>:deaths_best: is empty but has a reading; write its value or "disputed" [unread]'],
    ),
    "searched for and not found with a reading": (
        cell("cases", "kaz-2022", "deaths_best", "no_evidence_found"),
        [
            'cases/cases.csv:<kaz-2022>:deaths_best: is "no_evidence_found" but searches has no search for it [no-search]',
            'cases/cases.csv:<kaz-2022>:deaths_best: is "no_evidence_found" but has a reading; write its value or "disputed" [unread]',
        ],
    ),
    "a reading of no table": (
        reading("event", EVENT, "date", "kaz-002", "2022-01-05"),
        ["cases/readings.csv:<+>:table_name: 'event' has no evidenced columns [reading-cell]"],
    ),
    "a reading of a table that needs none": (
        reading("states", "KAZ", "name", "kaz-001", "Kazakhstan"),
        ["cases/readings.csv:<+>:table_name: 'states' has no evidenced columns [reading-cell]"],
    ),
    "a reading of the derived table": (
        reading("comparison", "kaz-2022-appeal", "status", "kaz-001", "documented"),
        ["cases/readings.csv:<+>:table_name: 'comparison' has no evidenced columns [reading-cell]"],
    ),
    "a reading of no row": (
        reading("events", "kaz-2022-port", "date", "kaz-001", "2022-01-05"),
        ["cases/readings.csv:<+>:record_id: 'kaz-2022-port' is no event_id of cases/events.csv [reading-cell]"],
    ),
    "a reading of no column": (
        reading("events", EVENT, "day", "kaz-001", "2022-01-05"),
        ["cases/readings.csv:<+>:field_name: 'day' is no evidenced column of events: date [reading-cell]"],
    ),
    "a reading of a column that needs none": (
        reading("events", EVENT, "actor", "kaz-001", "Crowd"),
        ["cases/readings.csv:<+>:field_name: 'actor' is no evidenced column of events: date [reading-cell]"],
    ),
    "a reading of another type": (
        reading("cases", "kaz-2022", "deaths_best", "kaz-001", "about 225"),
        ["cases/readings.csv:<+>:reading: 'about 225' is not an integer; write digits only [reading-value]"],
    ),
    "a reading below the minimum": (
        reading("cases", "kaz-2022", "deaths_best", "kaz-001", "-4"),
        ["cases/readings.csv:<+>:reading: '-4' is below 0 [reading-value]"],
    ),
    "a reading that breaks the pattern": (
        reading("requests", "arm-2020-letter", "adversary_state", "kaz-001", "Azerbaijan"),
        ["cases/readings.csv:<+>:reading: 'Azerbaijan' does not have the form [A-Z]{3} [reading-value]"],
    ),
    "a reading that is no code": (
        reading("contributions", "kaz-2022-rus", "framework", "kaz-001", "bilateral"),
        [
            "cases/readings.csv:<+>:reading: 'bilateral' is not a code of framework: csto, national, non_member [reading-value]"
        ],
    ),
    "a reading that is no date": (
        reading("events", EVENT, "date", "kaz-002", "2022-1"),
        ["cases/readings.csv:<+>:reading: '2022-1' is not a date; write YYYY, YYYY-MM or YYYY-MM-DD [reading-value]"],
    ),
    "a reading that is no verdict": (
        reading("events", EVENT, "record", "kaz-001", "true"),
        ["cases/readings.csv:<+>:reading: 'true' is no verdict on a row as a whole: yes, no, unclear [reading-value]"],
    ),
    "a reading that is missing": (
        reading("cases", "kaz-2022", "deaths_best", "kaz-001", "unknown"),
        ['cases/readings.csv:<+>:reading: is required but is "unknown" [required]'],
    ),
    "a reading without its column": (
        reading("cases", "kaz-2022", "", "kaz-001", "225"),
        ["cases/readings.csv:<+>:field_name: is required but is empty [required]"],
    ),
    "a reading without its row": (
        reading("cases", "unknown", "deaths_best", "kaz-001", "225"),
        ['cases/readings.csv:<+>:record_id: is required but is "unknown" [required]'],
    ),
    "a row without readings": (
        row(
            "events",
            event_id="kaz-2022-fire",
            case_id="kaz-2022",
            event_kind="violence",
            actor="Crowd",
            description="A fire.",
        ),
        ["cases/events.csv:<+>:event_id: 'kaz-2022-fire' has no reading [no-reading]"],
    ),
    "a source published after it was read": (
        cell("sources", "tass-2022", "published", "2026-11-25"),
        [
            "cases/sources.csv:<tass-2022>:published: is after the day the source was read (accessed), 2026-11-24 [published-after-access]"
        ],
    ),
    "words dated after their source was read": (
        cell("evidence", "kaz-001", "date", "2062-01-05"),
        ["cases/evidence.csv:<kaz-001>:date: is after the day its source was read, 2026-11-24 [dated-after-access]"],
    ),
    "a source nobody uses": (
        row("sources", citekey="report-2022", **NEW_SOURCE),
        ["cases/sources.csv:<+>:citekey: supports no evidence row [unused-source]"],
    ),
    "a value nobody has read": (
        cell("readings", "cases kaz-2022 deaths_best kaz-002", "evidence_id", "kaz-006"),
        ["cases/cases.csv:<kaz-2022>:deaths_best: rests only on sources that were not seen [not-seen]"],
    ),
    "a row nobody has read of": (
        reading("offices", "chair-arm-2021", "record", "kaz-006", "yes"),
        ["cases/offices.csv:<chair-arm-2021>: rests only on sources that were not seen [not-seen]"],
    ),
    "a row that does not exist and nobody has read of": (
        reading("events", "kaz-2022-port", "record", "kaz-006", "yes"),
        ["cases/readings.csv:<+>:record_id: 'kaz-2022-port' is no event_id of cases/events.csv [reading-cell]"],
    ),
    "a row of no table that nobody has read of": (
        reading("event", EVENT, "record", "kaz-006", "yes"),
        ["cases/readings.csv:<+>:table_name: 'event' has no evidenced columns [reading-cell]"],
    ),
    "two primary requests": (
        cell("requests", "kaz-2022-second", "is_primary", "true"),
        [
            "cases/cases.csv:<kaz-2022>:case_id: 'kaz-2022' has 2 primary requests; exactly one request must be is_primary [one-primary]"
        ],
    ),
    "no primary request": (
        cell("requests", "kaz-2022-appeal", "is_primary", "false"),
        [
            "cases/cases.csv:<kaz-2022>:case_id: 'kaz-2022' has 0 primary requests; exactly one request must be is_primary [one-primary]"
        ],
    ),
    "two final decisions": (
        cell("decisions", "kaz-2022-parliament", "is_final", "true"),
        [
            "cases/decisions.csv:<kaz-2022-council>:is_final: kaz-2022-appeal has another final decision in this forum [one-final]",
            "cases/decisions.csv:<kaz-2022-parliament>:is_final: kaz-2022-appeal has another final decision in this forum [one-final]",
        ],
    ),
    "an event given to another case": (
        cell("events", EVENT, "case_id", "arm-2020"),
        [
            "cases/events.csv:<kaz-2022-airport>:case_id: belongs to arm-2020 but the id kaz-2022-airport does not begin with it [other-case]"
        ],
    ),
    "a decision given to a request of another case": (
        cell("decisions", "kaz-2022-parliament", "request_id", "arm-2020-letter"),
        [
            "cases/decisions.csv:<kaz-2022-parliament>:request_id: belongs to arm-2020 but the id kaz-2022-parliament does not begin with it [other-case]"
        ],
    ),
    "a contribution given to a decision of another case": (
        cell("contributions", "kaz-2022-uzb", "decision_id", "arm-2020-reply"),
        [
            "cases/contributions.csv:<kaz-2022-uzb>:decision_id: belongs to arm-2020 but the id kaz-2022-uzb does not begin with it [other-case]"
        ],
    ),
    "a contribution given to the state of the case": (
        cell("contributions", "kaz-2022-rus", "state", "KAZ"),
        [
            "cases/contributions.csv:<kaz-2022-rus>:state: is KAZ but the id kaz-2022-rus does not hold kaz [other-state]"
        ],
    ),
    "a case given to another state": (
        cell("cases", "arm-2020", "state", "KAZ"),
        ["cases/cases.csv:<arm-2020>:state: is KAZ but the id arm-2020 does not hold kaz [other-state]"],
    ),
    "a publisher spelt in two ways": (
        cell("sources", "lost-2022", "publisher", "Example press"),
        [
            "cases/sources.csv:<lost-2022>:publisher: 'Example press' is elsewhere spelt 'Example Press'; spell it one way [spelling]"
        ],
    ),
    "readings that differ only in case": (
        reading("requests", "kaz-2022-appeal", "requester", "kaz-002", "KASSYM-JOMART TOKAYEV"),
        [
            "cases/readings.csv:<requests kaz-2022-appeal requester kaz-001>:reading: 'Kassym-Jomart Tokayev' is elsewhere spelt 'KASSYM-JOMART TOKAYEV'; spell it one way [spelling]",
            "cases/readings.csv:<+>:reading: 'KASSYM-JOMART TOKAYEV' is elsewhere spelt 'Kassym-Jomart Tokayev'; spell it one way [spelling]",
        ],
    ),
    "an adversary state where the adversary is no state": (
        cell_and_reading("requests", "arm-2020-letter", "adversary_type", "foreign_nonstate", "arm-001"),
        ["cases/requests.csv:<arm-2020-letter>:adversary_state: is AZE but adversary_type is no state [adversary]"],
    ),
    "troops given where help was declined": (
        cell_and_reading("decisions", "arm-2020-reply", "given_troops", "true", "arm-001"),
        ['cases/decisions.csv:<arm-2020-reply>:given_troops: is true but the outcome is "declined" [outcome-given]'],
    ),
    "materiel given where help was declined": (
        cell_and_reading("decisions", "arm-2020-reply", "given_materiel", "true", "arm-001"),
        ['cases/decisions.csv:<arm-2020-reply>:given_materiel: is true but the outcome is "declined" [outcome-given]'],
    ),
    "a rationale for a decision of another case": (
        cell("rationales", "kaz-2022-tokayev-bands", "decision_id", "arm-2020-reply"),
        [
            "cases/rationales.csv:<kaz-2022-tokayev-bands>:decision_id: belongs to arm-2020 but the rationale to kaz-2022 [one-case]"
        ],
    ),
}

FILES: dict[str, tuple[Damage, list[str]]] = {
    **{
        f"no {table}.csv": (unlinked(table), [f"cases/{table}.csv: no such file; the schema lists this table [file]"])
        for table in SMALL
    },
    "a link for a file": (linked, ["cases/states.csv: is not a plain file; the schema lists this table [file]"]),
    "a folder for a file": (a_folder, ["cases/states.csv: is not a plain file; the schema lists this table [file]"]),
    "no bytes": (
        whole("states", lambda raw: b""),
        ["cases/states.csv: is empty; the first line must name the columns [file]"],
    ),
    "no row but the header": (
        whole("events", lambda raw: raw[: raw.index(b"\n") + 1]),
        [f"cases/readings.csv:<{DAY}>:record_id: 'kaz-2022-airport' is no event_id of cases/events.csv [reading-cell]"],
    ),
    "a byte order mark": (
        whole("states", lambda raw: b"\xef\xbb\xbf" + raw),
        ["cases/states.csv:1: starts with a byte order mark; save as UTF-8 without it [encoding]"],
    ),
    "line ends of Windows": (
        whole("states", lambda raw: raw.replace(b"\n", b"\r\n")),
        ["cases/states.csv:1: a carriage return ends or breaks the line; `cstocases format` writes LF [line-end]"],
    ),
    "one line end of Windows": (
        text("states", b"\nKAZ", b"\r\nKAZ"),
        ["cases/states.csv:3: a carriage return ends or breaks the line; `cstocases format` writes LF [line-end]"],
    ),
    "Latin-1": (
        text("states", b"Kazakhstan", b"Kazakhst\xe9n"),
        ["cases/states.csv:4: byte 0xe9 is not UTF-8; save as UTF-8 [encoding]"],
    ),
    "UTF-16": (
        whole("states", lambda raw: raw.decode().encode("utf-16")),
        ["cases/states.csv:1: byte 0xff is not UTF-8; save as UTF-8 [encoding]"],
    ),
    "semicolons": (
        whole("cases", lambda raw: b"case_id;title\n"),
        ["cases/cases.csv:1: columns are separated by ';'; save the table with commas [header]"],
    ),
    "a column by another name": (
        text("states", b"iso2c", b"iso2"),
        ["cases/states.csv:1: columns are not those of the schema; missing: iso2c; unknown: 'iso2' [header]"],
    ),
    "a column lost": (
        columns("states", lambda cells: cells.pop(3)),
        ["cases/states.csv:1: columns are not those of the schema; missing: iso3n [header]"],
    ),
    "a column too many": (
        columns("states", lambda cells: cells.append("note")),
        ["cases/states.csv:1: columns are not those of the schema; unknown: 'note' [header]"],
    ),
    "a column twice": (
        columns("states", lambda cells: cells.append(cells[1])),
        ["cases/states.csv:1: columns are not those of the schema; repeated: 'name' [header]"],
    ),
    "columns in another order": (
        columns("states", lambda cells: cells.insert(0, cells.pop())),
        ["cases/states.csv:1: columns are not those of the schema; their order differs [header]"],
    ),
    "a comma too few": (
        text("states", b"KAZ,Kazakhstan,KZ,398", b"KAZ,Kazakhstan,398"),
        ["cases/states.csv:4: 8 cells where the header has 9; a comma too many or too few, or an open quote [row]"],
    ),
    "a comma too many": (
        text("states", b"Kazakhstan", b"Kazakhstan, Republic of"),
        ["cases/states.csv:4: 10 cells where the header has 9; a comma too many or too few, or an open quote [row]"],
    ),
    "a blank line": (
        text("states", b"KAZ,Kaz", b"\nKAZ,Kaz"),
        ["cases/states.csv:4: is a blank line; remove it [row]"],
    ),
    "an open quote": (
        text("states", b"Kazakhstan", b'"Kazakhstan'),
        ["cases/states.csv:4: cannot be read as CSV from here on: unexpected end of data [csv]"],
    ),
    "a quote that closes too early": (
        text("states", b"Kazakhstan", b'"Kazakhstan" Republic'),
        ["cases/states.csv:4: cannot be read as CSV from here on: ',' expected after '\"' [csv]"],
    ),
    "conflict markers": (
        both(
            text("states", b"KAZ,", b"<<<<<<< HEAD\nKAZ,"),
            text("states", b"RUS,", b"=======\n>>>>>>> other\nRUS,"),
        ),
        [
            "cases/states.csv:4: '<<<<<<< HEAD' is a conflict marker of a merge; keep one side [row]",
            "cases/states.csv:6: '=======' is a conflict marker of a merge; keep one side [row]",
            "cases/states.csv:7: '>>>>>>> other' is a conflict marker of a merge; keep one side [row]",
        ],
    ),
    "a conflict marker above the header": (
        whole("cases", lambda raw: b"<<<<<<< HEAD\n" + raw),
        [
            "cases/cases.csv:1: columns are not those of the schema; a conflict marker of a merge stands here; missing: "
            + ", ".join(CASE_COLUMNS)
            + "; unknown: '<<<<<<< HEAD' [header]"
        ],
    ),
    "a file cut off between cells": (
        whole("sources", lambda raw: raw[: raw.index(b",Dispatch of 6 January")] + b"\n"),
        ["cases/sources.csv:6: 3 cells where the header has 13; a comma too many or too few, or an open quote [row]"],
    ),
    "a file cut off within its last text": (
        whole("positions", lambda raw: raw[: raw.index(b" steps.")]),
        ["cases/positions.csv:2: does not end with a line break; the file may be cut off [line-end]"],
    ),
    "a file nobody expects": (
        lambda home: csv_path(home, "events").with_name("event.csv").write_text("event_id\n", encoding="utf-8"),
        ["cases/event.csv: no table of the schema; remove it or list it in schema/dataset.json [file]"],
    ),
    "no file at all": (
        lambda home: shutil.rmtree(home / "cases"),
        [f"cases/{table}.csv: no such file; the schema lists this table [file]" for table in SMALL],
    ),
}

DAMAGES = CELLS | RULES | FILES


def test_the_small_dataset_is_sound(small: Path) -> None:
    """What the tests below damage is sound before it is damaged."""
    assert shown(small) == []


def test_every_kind_of_problem_is_provoked() -> None:
    """No kind of problem goes untested: these are all, unique-key aside, which no table of the schema has."""
    assert {
        "adversary", "category", "contributor-member", "csv", "date-precision", "dated-after-access", "dated-source",
        "decision-before-request", "disputed", "encoding", "end-before-start", "file", "header", "line-end",
        "low-best-high", "maximum", "minimum", "missing", "no-reading", "no-search", "not-seen", "one-case", "one-final", "one-layer",
        "one-primary", "other-case", "other-state", "outcome-given", "pattern", "position-member", "primary-key", "published-after-access",
        "reading-cell", "reading-value", "reference", "required", "row", "spelling", "text", "type", "unique", "unread",
        "unused-source",
    } == {line.rpartition("[")[2].rstrip("]") for _, expected in DAMAGES.values() for line in expected}  # fmt: skip


def test_a_date_known_to_the_year_may_be_any_day_of_it(small: Path) -> None:
    """A state that joined in the year in which a case is said to have begun may have been a party by then."""
    joined = cell_and_reading("memberships", "rus-treaty-1", "start_date", "2022-03-01", "leg-001")
    joined(small)
    outside = "cases/positions.csv:2:state: RUS was no party on 2022-01-02 [position-member]"
    assert outside in shown(small)
    both(
        cell_and_reading("cases", "kaz-2022", "start_date", "2022-01-01", "kaz-001"),
        cell("cases", "kaz-2022", "start_date_precision", "year"),
        cell("readings", "cases kaz-2022 start_date kaz-001", "reading", "2022"),
    )(small)
    assert [] == [line for line in shown(small) if "position-member" in line]
    spoil(small, "memberships", "rus-treaty-1", "start_date", "2023-03-01")
    assert outside.replace("-02 ", "-01 ") in shown(small)


def semicolons(raw: bytes) -> bytes:
    """What a spreadsheet saves where the comma is the decimal sign."""
    return raw.replace(b",", b";")


ALONE: dict[str, tuple[Damage, str]] = {
    "semicolons": (whole("requests", semicolons), "cases/requests.csv:1: columns are separated by ';'; save the table with commas [header]"),
    "a table lost": (unlinked("requests"), "cases/requests.csv: no such file; the schema lists this table [file]"),
    "a date of a spreadsheet, judged before": (cell("cases", "tjk-2013", "start_date", "26.09.2013"), "cases/cases.csv:<tjk-2013>:start_date: '26.09.2013' is not a date; write YYYY-MM-DD [type]"),
    "a primary request of a spreadsheet": (cell("requests", "kgz-2010-troops", "is_primary", "TRUE"), "cases/requests.csv:<kgz-2010-troops>:is_primary: 'TRUE' is not true or false [type]"),
}  # fmt: skip


@pytest.mark.parametrize(("damage", "expected"), list(ALONE.values()), ids=list(ALONE))
def test_what_cannot_be_read_accuses_nobody_else(home: Path, damage: Damage, expected: str) -> None:
    """In the shipped data, with all its codings and judgements, a table or cell that cannot be read is one line."""
    wanted = expected if "<" not in expected else addressed(home, [expected])[0]
    damage(home)
    assert [wanted] == shown(home)


def test_a_unique_key_is_kept(small: Path) -> None:
    """Rows that repeat a key the schema calls unique are reported with the line they repeat."""
    file = small / "schema" / "memberships.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    schema["uniqueKeys"] = [["state", "bound_by", "start_date"]]
    file.write_text(json.dumps(schema), encoding="utf-8")
    line = spoil(small, "memberships", "kaz-treaty-1", "state", "ARM")
    assert [
        f"cases/memberships.csv:{line}:state: is ARM but the id kaz-treaty-1 does not hold arm [other-state]",
        f"cases/memberships.csv:{line}:state: 'ARM, treaty, 1994-04-20' is already in line 2 [unique-key]",
    ] == [text for text in shown(small) if "memberships" in text]


@pytest.mark.parametrize(
    ("damage", "expected"),
    [pytest.param(*damage, id=name) for name, damage in DAMAGES.items()],
)
def test_damage_is_found(small: Path, damage: Damage, expected: list[str]) -> None:
    """Each kind of damage gives the lines foreseen for it, at its address, and no others."""
    expected = addressed(small, expected)
    damage(small)
    assert expected == shown(small)
