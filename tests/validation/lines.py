"""Damage to the small dataset, and every line that `validate` then prints: the exact words and addresses.

A line without a path is about the damaged cell itself. `<key>` after a path is the line of that row, `<+>` that of a row
added at the end. `{!r}` is the new value in quotes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from helpers import add, spoil


class Damage(NamedTuple):
    """What is done to a copy of the small dataset, the cells it is about, and the lines expected."""

    do: Callable[[Path], int]  # gives the line of the row it adds, if it adds one
    cells: tuple[tuple[str, str, str], ...]  # table, key and column; * is every column
    lines: tuple[str, ...]


def cell(spot: str, new: str, *said: str, alike: str = "") -> Damage:
    """Damage that replaces one cell; `alike` is the evidence of its one reading, if that is to say the same."""
    table, key, column = spot.split("/")

    def do(home: Path) -> int:
        if alike:
            spoil(home, "readings", f"{table} {key} {column} {alike}", "reading", new)
        return spoil(home, table, key, column, new)

    here = f"cases/{table}.csv:<{key}>:{column}: "
    lines = tuple(line if line.startswith("cases/") else here + line.replace("{!r}", repr(new)) for line in said)
    of = tuple(key.split(" ")[:3]) if table == "readings" else (table, key, "*" if column.endswith("_id") else column)
    return Damage(do, (of,), lines)


def row(table: str, said: str, **cells: str) -> Damage:
    """Damage that adds a row; what is said of it begins with a column."""
    key = next(iter(cells.values()))
    return Damage(lambda home: add(home, table, **cells), ((table, key, "*"),), (f"cases/{table}.csv:<+>:{said}",))


def reading(spot: str, new: str, *said: str) -> Damage:
    """Damage that adds a reading of a cell by a piece of evidence; what is said of it begins with a column."""
    key = spot.split("/")
    cells = dict(zip(("table_name", "record_id", "field_name", "evidence_id"), key, strict=True))
    lines = (line if line.startswith("cases/") else f"cases/readings.csv:<+>:{line}" for line in said)
    return Damage(
        lambda home: add(home, "readings", **cells, reading=new),
        ((key[0], key[1], key[2]),),
        tuple(line.replace("{!r}", repr(new)) for line in lines),
    )


def no_reading(spot: str, *said: str) -> Damage:
    """Damage that takes a cell its one reading, which becomes one of the row as a whole."""
    table, key, column, evidence = spot.split("/")

    def do(home: Path) -> int:
        spoil(home, "readings", f"{table} {key} {column} {evidence}", "reading", "yes")
        return spoil(home, "readings", f"{table} {key} {column} {evidence}", "field_name", "record")

    return Damage(do, ((table, key, column),), tuple(f"cases/{table}.csv:<{key}>:{column}: {line}" for line in said))


def together(*damages: Damage, said: str) -> Damage:
    """Several damages, and the one line they give together."""
    return Damage(
        lambda home: max([damage.do(home) for damage in damages]),
        tuple(cell for damage in damages for cell in damage.cells),
        (said,),
    )


ADD = "add one to readings or write a missing-value code [no-reading]"
PUBLISH = 'but has a reading; write its value or "disputed" [unread]'
WORDS = "{!r} is no value; write a missing-value code: not_applicable, unknown, no_evidence_found, disputed, withheld [missing]"
NO_TABLE = "table_name: 'event' has no evidenced columns [reading-cell]"
NO_ROW = "record_id: 'kaz-2022-port' is no event_id of cases/events.csv [reading-cell]"
NEW = {"type": "report", "title": "A report", "publisher": "A press", "language": "en", "source_kind": "news", "access": "full", "accessed": "2026-11-24"}  # fmt: skip

FORMS = [
    cell("cases/kaz-2022/end_date", "2022-13-19", "{!r} is not a day of the calendar [type]"),
    cell("sources/book-2022/published", "2022-02-30", "{!r} is not a day of the calendar [type]"),
    cell("cases/kaz-2022/end_date", "19.01.2022", "{!r} is not a date; write YYYY-MM-DD [type]"),
    cell("sources/akorda-2022/accessed", "2026-11-24T00:00:00", "{!r} is not a date; write YYYY-MM-DD [type]"),
    cell("cases/kaz-2022/deaths_best", "1,225", "{!r} is not an integer; write digits only [type]"),
    cell("decisions/kaz-2022-council/deployed_best", "2030.0", "{!r} is not an integer; write digits only [type]"),
    cell("states/UZB/vdem_id", "0140", "{!r} is not an integer; write digits only [type]"),
    cell("cases/arm-2020/deaths_low", "-0", "{!r} is not an integer; write digits only [type]"),
    cell("explanations/kaz-2022-author-regime/year", "Unknown", "{!r} is not an integer; write digits only [type]"),
    cell("contributions/kaz-2022-rus/personnel_best", "99999999999", "{!r} is beyond 2147483647 [type]"),
    cell("cases/kaz-2022/core", "TRUE", "{!r} is not true or false [type]"),
    cell("requests/kaz-2022-second/is_primary", "no", "{!r} is not true or false [type]"),
    cell("decisions/kaz-2022-council/given_troops", "0", "{!r} is not true or false [type]"),
    cell("contributions/kaz-2022-rus/contribution_kind", "troop", "{!r} is not a code of contribution_kind: troops, materiel, relief, advisers, transport [category]"),
    cell("events/kaz-2022-airport/date_precision", "hour", "{!r} is not a code of date_precision: day, month, year [category]"),
    cell("provisions/treaty-4/statement", "A\ncrowd", "{!r} holds the invisible character U+000A; retype it [text]"),
    cell("cases/kaz-2022/summary", "", "is required but is empty [required]"),
    cell("positions/kaz-2022-rus/actor", "unknown", 'is required but is "unknown" [required]'),
    cell("explanations/kaz-2022-author-regime/author", "Not applicable", WORDS),
    cell("sources/tass-2022/origin", "nan", WORDS),
    cell("provisions/treaty-4/version", "92", "{!r} does not have the form [0-9]{4} [pattern]"),
    cell("sources/akorda-2022/url", "www.akorda.kz", r"{!r} does not have the form https?://\S+ [pattern]"),
    cell("states/KAZ/gw_number", "7050", "7050 is above 999 [maximum]"),
    cell("decisions/kaz-2022-council/deployed_low", "-5", "-5 is below 0 [minimum]", f"no reading says '-5'; {ADD}"),
    cell("events/kaz-2022-airport/case_id", "kaz-2021", "{!r} is no case_id of cases/cases.csv [reference]"),
    cell("positions/kaz-2022-rus/state", "RUM", "RUM was no party on 2022-01-02 [position-member]", "{!r} is no iso3c of cases/states.csv [reference]"),
    cell("contributions/kaz-2022-rus/decision_id", "kaz-2022-gone", "{!r} is no decision_id of cases/decisions.csv [reference]"),
    cell("evidence/kaz-004/citekey", "book-2023", "cases/sources.csv:<book-2022>:citekey: supports no evidence row [unused-source]", "{!r} is no citekey of cases/sources.csv [reference]"),
    cell("evidence/kaz-005/citekey", "", "cases/sources.csv:<undated-2022>:citekey: supports no evidence row [unused-source]", "is required but is empty [required]"),
    cell("readings/positions kaz-2022-rus date kaz-002/evidence_id", "kaz-999", "{!r} is no evidence_id of cases/evidence.csv [reference]"),
    cell("events/kaz-2022-airport/event_id", "", f"cases/events.csv:<kaz-2022-airport>:date: no reading says '2022-01-05'; {ADD}", "is required but is empty [required]", "cases/readings.csv:<events kaz-2022-airport date kaz-001>:record_id: 'kaz-2022-airport' is no event_id of cases/events.csv [reading-cell]"),
    cell("states/KAZ/iso3n", "051", "cases/states.csv:<ARM>:iso3n: '051' is also in line 4 [unique]", "{!r} is also in line 2 [unique]"),
    cell("states/KAZ/cow_number", "371", "cases/states.csv:<ARM>:cow_number: 371 is also in line 4 [unique]", "371 is also in line 2 [unique]"),
    row("decisions", "decision_id: 'kaz-2022-council' is already in line 3 [primary-key]", decision_id="kaz-2022-council", request_id="kaz-2022-appeal", title="Again", forum="bilateral", is_final="false"),
    row("cases", "case_id: 'kaz-2022' is already in line 3 [primary-key]", case_id="kaz-2022", title="Again", state="KAZ", core="true", summary="Again."),
    row("sources", "citekey: 'tass-2022' is already in line 6 [primary-key]", citekey="tass-2022", **NEW),
    reading("positions/kaz-2022-rus/date/kaz-002", "2022-01-06", "table_name: 'positions, kaz-2022-rus, date, kaz-002' is already in line 44 [primary-key]"),
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
    cell("memberships/uzb-treaty-1/end_date", "2002-12-19", "is before start_date, 2006-08-16 [end-before-start]", alike="leg-001"),
    cell("decisions/kaz-2022-council/deployment_end", "2022-01-05", "is before deployment_start, 2022-01-06 [end-before-start]", alike="kaz-002"),
    cell("decisions/arm-2020-reply/date", "2020-10-30", "is before the request arm-2020-letter of 2020-10-31 [decision-before-request]", alike="arm-001"),
    cell("decisions/kaz-2022-council/deployed_low", "2031", "2031 is above deployed_best, 2030 [low-best-high]", alike="kaz-002"),
    cell("decisions/kaz-2022-council/deployed_high", "2029", "cases/decisions.csv:<kaz-2022-council>:deployed_best: 2030 is above deployed_high, 2029 [low-best-high]", alike="kaz-002"),
    together(
        cell("cases/kaz-2022/deaths_best", "unknown"), no_reading("cases/kaz-2022/deaths_best/kaz-002"), cell("cases/kaz-2022/deaths_low", "300", alike="kaz-002"),
        said="cases/cases.csv:<kaz-2022>:deaths_low: 300 is above deaths_high, 238 [low-best-high]",
    ),
    cell("contributions/kaz-2022-rus/state", "AZE", "cases/contributions.csv:<kaz-2022-rus>:framework: is \"csto\" but AZE was no party on 2022-01-06 [contributor-member]", "is AZE but the id kaz-2022-rus does not hold aze [other-state]"),
    cell("contributions/kaz-2022-rus/state", "KAZ", "is KAZ but the id kaz-2022-rus does not hold kaz [other-state]"),
    cell("contributions/kaz-2022-uzb/framework", "national", "is \"national\" but UZB was no party on 2022-01-06 [contributor-member]", alike="kaz-002"),
    cell("contributions/kaz-2022-uzb/state", "KAZ", "cases/contributions.csv:<kaz-2022-uzb>:framework: is \"non_member\" but KAZ was a party on 2022-01-06 [contributor-member]", "is KAZ but the id kaz-2022-uzb does not hold kaz [other-state]"),
    cell("positions/kaz-2022-rus/state", "UZB", "is UZB but the id kaz-2022-rus does not hold uzb [other-state]", "UZB was no party on 2022-01-02 [position-member]"),
    together(
        *(cell(f"readings/rationales kaz-2022-tokayev-bands {name} kaz-003/evidence_id", "kaz-005") for name in ("date", "direction", "rationale")),
        said="cases/rationales.csv:<kaz-2022-tokayev-bands>:rationale_id: no reading of it has a source with a known date [dated-source]",
    ),
    cell("readings/explanations kaz-2022-author-regime explains kaz-004/evidence_id", "arm-002", "arm-002 already supports a stated rationale and cannot support an explanation too [one-layer]"),
    cell("explanations/kaz-2022-author-regime/statement", "Bands trained abroad attacked the country.", "the same statement is in rationales; keep it in one of the two tables [one-layer]"),
    no_reading("cases/kaz-2022/deaths_best/kaz-002", f"no reading says '225'; {ADD}"),
    cell("readings/contributions kaz-2022-rus personnel_best kaz-002/reading", "3001", f"cases/contributions.csv:<kaz-2022-rus>:personnel_best: no reading says '3000'; {ADD}"),
    cell("readings/decisions kaz-2022-parliament date kaz-002/reading", "2022-01-07", f"cases/decisions.csv:<kaz-2022-parliament>:date: no reading says '2022-01'; {ADD}"),
    cell("cases/arm-2020/deaths_best", "disputed", "is \"disputed\" but it has 0 readings; two must differ [disputed]"),
    cell("positions/kaz-2022-rus/stance", "disputed", "is \"disputed\" but it has 1 reading; two must differ [disputed]"),
    together(
        cell("cases/kaz-2022/deaths_best", "disputed"), reading("cases/kaz-2022/deaths_best/kaz-001", "225"),
        said="cases/cases.csv:<kaz-2022>:deaths_best: is \"disputed\" but every reading says '225'; two must differ [disputed]",
    ),
    together(
        cell("cases/kaz-2022/end_date", "disputed"), cell("cases/kaz-2022/end_date_precision", "disputed"),
        reading("cases/kaz-2022/end_date/kaz-001", "2022-01"), reading("cases/kaz-2022/end_date/kaz-003", "2022"),
        said="cases/cases.csv:<kaz-2022>:end_date: is \"disputed\" but every reading says '2022-01-19'; two must differ [disputed]",
    ),
    cell("requests/kaz-2022-appeal/status", "unknown", f'is "unknown" {PUBLISH}'),
    cell("decisions/kaz-2022-parliament/organ", "not_applicable", f'is "not_applicable" {PUBLISH}'),
    cell("requests/kaz-2022-appeal/adversary_type", "withheld", f'is "withheld" {PUBLISH}'),
    cell("contributions/kaz-2022-rus/personnel_best", "", f"is empty {PUBLISH}"),
    cell("requests/kaz-2022-second/status", "no_evidence_found", 'is "no_evidence_found" but searches has no search for it [no-search]', f'is "no_evidence_found" {PUBLISH}'),
    reading("event/kaz-2022-airport/date/kaz-002", "2022-01-05", NO_TABLE),
    reading("states/KAZ/name/kaz-001", "Kazakhstan", NO_TABLE.replace("event", "states")),
    reading("comparison/kaz-2022-appeal/status/kaz-001", "documented", NO_TABLE.replace("event", "comparison")),
    reading("events/kaz-2022-port/date/kaz-001", "2022-01-05", NO_ROW),
    reading("events/kaz-2022-airport/day/kaz-001", "2022-01-05", "field_name: 'day' is no evidenced column of events: date [reading-cell]"),
    reading("events/kaz-2022-airport/actor/kaz-001", "Crowd", "field_name: 'actor' is no evidenced column of events: date [reading-cell]"),
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
    cell("rationales/kaz-2022-tokayev-bands/decision_id", "arm-2020-reply", "belongs to arm-2020 but the rationale to kaz-2022 [one-case]"),
    cell("sources/lost-2022/publisher", "Example press", "{!r} is elsewhere spelt 'Example Press'; spell it one way [spelling]"),
    reading("requests/kaz-2022-appeal/requester/kaz-002", "KASSYM-JOMART TOKAYEV", "cases/readings.csv:<requests kaz-2022-appeal requester kaz-001>:reading: 'Kassym-Jomart Tokayev' is elsewhere spelt 'KASSYM-JOMART TOKAYEV'; spell it one way [spelling]", "reading: {!r} is elsewhere spelt 'Kassym-Jomart Tokayev'; spell it one way [spelling]"),
    cell("requests/arm-2020-letter/adversary_type", "foreign_nonstate", "cases/requests.csv:<arm-2020-letter>:adversary_state: is AZE but adversary_type is no state [adversary]", alike="arm-001"),
    *(cell(f"decisions/arm-2020-reply/{name}", "true", "is true but the outcome is \"declined\" [outcome-given]", alike="arm-001") for name in ("given_troops", "given_materiel")),
]  # fmt: skip
