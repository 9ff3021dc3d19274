"""A new case as one TOML sheet: its rows are those of a real case, and all that is lacking is told by line of the sheet."""

from __future__ import annotations

import tomllib
from pathlib import Path

import applying
import helpers
import pytest

import cstocases
from cstocases.analysis.diff import diff, unannounced
from cstocases.dataset import data
from cstocases.errors import CstocasesError, UnknownNameError
from cstocases.people import draft, new_case
from cstocases.people.new_case import case_toml, parties, proposal
from cstocases.people.proposal import Cell, ReturnError
from cstocases.people.trial import applied, tried

WHOLE = Path(__file__).with_name("case.toml").read_text(encoding="utf-8")
NEW, TOLD = "kgz-2016-2", "kgz-2016"  # the case of the sheet, and the shipped one that it tells again
ROWS = Path(__file__).with_name("told")  # the rows of that case as they were when the sheet was written


def refused(text: str) -> list[str]:
    """Why a sheet is refused, as it is printed."""
    with pytest.raises(ReturnError) as error:
        proposal(data(), text, "case.toml")
    return [str(problem) for problem in error.value.problems]


def at(words: str, after: str = "") -> int:
    """The line of the sheet on which some words stand, after others."""
    start = WHOLE.index(after)
    return WHOLE.count("\n", 0, WHOLE.index(words, start)) + 1


@pytest.fixture(autouse=True)
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The days of the sheet have passed, whatever the clock says."""
    monkeypatch.setattr(draft, "tomorrow", lambda: "2100-01-01")


@pytest.fixture
def unvalidated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet at fault is not also validated, which takes seconds."""
    monkeypatch.setattr(new_case, "tried", lambda *asked: (data(), []))


@pytest.mark.parametrize(
    "table", ["candidates", "cases", "requests", "asks", "decisions", "answers", "positions", "events"]
)
def test_the_rows_are_those_of_the_case_told_again(table: str) -> None:
    """Every row about the world is that of the case under the other id, but for the cues, which must differ."""
    made = proposal(data(), WHOLE, "case.toml")
    header, *rows = helpers.read_rows(ROWS, table)
    key = header[0]
    told = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    renamed = [{name: text.replace(NEW, TOLD) for name, text in row.items()} for row in made.rows[table]]

    assert [told[row[key]] | {"cue": row.get("cue")} for row in renamed] == [{"cue": None} | row for row in renamed]
    assert set(told) == {row[key] for row in renamed}


def test_statements_become_evidence_and_readings() -> None:
    """Seven statements are new and two the data have; each gives the readings of the shipped statement with its words, and no other."""
    made = proposal(data(), WHOLE, "case.toml")
    evidence = data().frames["evidence"]
    ids = dict(zip(evidence["statement"], evidence["evidence_id"], strict=True))
    said = {row["evidence_id"]: row["statement"] for row in made.rows["evidence"]}
    told = [
        (row["table_name"], row["record_id"].replace(NEW, TOLD), row["field_name"], said.get(row["evidence_id"], ""), row["reading"], row["basis"])
        for row in made.rows["readings"]
    ]  # fmt: skip
    shipped = data().frames["readings"]
    words = evidence.set_index("evidence_id")["statement"]
    there = {
        (*row[:3], words[row.evidence_id] if words[row.evidence_id] in said.values() else "", row.reading, row.basis)
        for row in shipped.itertuples(index=False)
    }

    last = max(int(one.removeprefix("add-")) for one in evidence["evidence_id"] if one.startswith("add-"))
    assert [f"add-{n}" for n in range(last + 1, last + 8)] == list(said)
    assert set(said.values()) <= set(ids)
    assert [] == [one for one in told if one not in there]
    assert 104 == len(told)
    assert {"mem-032", "mem-077"} == {row["evidence_id"] for row in made.rows["readings"]} - set(said)
    assert {"not_checked"} == {row["match_quality"] for row in made.rows["crosswalk"]}


@pytest.mark.slow
def test_the_data_are_sound_with_the_case_and_show_prints_it(home: Path) -> None:
    """Nothing is amiss, every change is announced, `show` has the case, and entering it again adds nothing."""
    made = proposal(data(), WHOLE, "case.toml")
    applying.put(home, made)

    assert [] == cstocases.validate(home)
    assert {path: (home / path).read_bytes() for path in applied(data(), made)} == applied(data(), made)
    shown = cstocases.show(NEW, home)
    assert ["2016-03-18", "kgz-2016-2-session", "consultations"] == [
        shown["case"]["start_date"],
        shown["requests"][0]["request_id"],
        shown["requests"][0]["asks"][0]["help_kind"],
    ]
    assert [3, 5, 9] == [
        len(part) for part in (shown["requests"][0]["decisions"][0]["answers"], shown["positions"], shown["events"])
    ]
    changes = diff(cstocases.package().home, home)
    assert [] == unannounced(changes, f"## Unreleased\n\n### Data\n\n{made.changelog}\n").values.tolist()
    again = proposal(data(home), WHOLE, "case.toml")
    assert again.empty
    assert ["case.toml adds nothing: the data have all of it"] == again.said
    with pytest.raises(ReturnError, match="kgz-2016-2 is a case already, and not as it is here"):
        proposal(data(home), WHOLE.replace('threat_origin = "external"', 'threat_origin = "mixed"', 1), "case.toml")


SPOILT = {
    "a blank": ('crisis_type = "border_conflict"', 'crisis_type = ""', "case.crisis_type: Type of crisis is not filled in: interstate_war, border_conflict, armed_incursion, cross_border_spillover, communal_violence, domestic_unrest [lacking]"),
    "a code": ('addressee = "csto_body"', 'addressee = "csto_bodies"', "request.addressee: 'csto_bodies' is not a code of addressee: csto_council, csto_body, csto, member_states, russia_and_csto, russia, third_party [value]"),
    "a kind of missing without brackets": ('deaths_low = "(unknown)"', 'deaths_low = "unknown"', "case.deaths_low: a missing value is written (unknown) here, in round brackets [value]"),
    "a key": ("summary = ", "sumary = ", "case.sumary: no key named 'sumary'; did you mean summary? [unknown-key]"),
    "a date": ('start_date = "2016-03-18"', 'start_date = "18 March"', "case.start_date: '18 March' is not a date; write YYYY, YYYY-MM or YYYY-MM-DD [value]"),
    "a request": ('request = "session"', 'request = "sesion"', "decision.request: no request named 'sesion'; did you mean session? [reference]"),
    "an ask": ('ask = "consultations"', 'ask = ""', "answer.ask: is not filled in; write the kind of help asked for, or (not_applicable) if nobody had asked [lacking]"),
    "a cell": ('case.end_date = "2016-03-26"', 'case.end_dat = "2016-03-26"', "statement.says.case.end_dat: no cell named 'case.end_dat'; did you mean case.end_date or case.start_date or case.record? [cell]"),
    "a reading": ("request.channel_meeting = true", 'request.channel_meeting = "maybe"', "statement.says.request.channel_meeting: 'maybe' is not true or false [value]"),
    "a searched cell": ('cells = ["case.deaths_best"]', 'cells = ["case.deaths"]', "search.cells: no cell named 'case.deaths'; did you mean case.deaths_low or case.deaths_high or case.deaths_best? [cell]"),
    "a source": ('source = "csto-nd-25-years"', 'source = "csto-nd-25-year"', "statement.source: no source named 'csto-nd-25-year'; did you mean csto-nd-25-years or "),
    "an event": ('{ id = "border-talks", event_kind = "settlement", description = "The border services of the two states settle the matter in talks." }', '{ id = "border-talks" }', "statement.event.id: no statement describes the event 'border-talks'; add event_kind and description = \"...\" [reference]"),
    "the id": (f'case_id = "{NEW}"', 'case_id = "kgz"', "case_id: 'kgz' is no id of a case; write the state and the year: kgz-2010 [lacking]"),
}  # fmt: skip


@pytest.mark.usefixtures("unvalidated")
@pytest.mark.parametrize("name", SPOILT)
def test_one_thing_spoilt_is_one_line(name: str) -> None:
    """Each fault of the sheet is told once, at its line and key, with what to do; which names are near is up to the data."""
    old, new, said = SPOILT[name]

    (found,) = refused(WHOLE.replace(old, new, 1))
    assert f"case.toml:{at(old)}:{said}" == (found[: found.index(" or ") + 4] if said.endswith(" or ") else found)


@pytest.mark.usefixtures("unvalidated")
def test_a_block_that_is_not_there_is_missed() -> None:
    """Without its case the file says so, and every cell of the case that a statement names is none."""
    start, end = WHOLE.index("[case]"), WHOLE.index("[[request]]")

    found = refused(WHOLE[:start] + WHOLE[end:])
    assert "case.toml:1: has no [case] [lacking]" == found[0]
    assert all("no cell named 'case." in line for line in found[1:])


BEHIND = [
    ('case.threat_origin = "external"\n', "", 'threat_origin = "external"', "cases/kgz-2016-2/threat_origin: no reading says 'external'; add it to says of a [[statement]] or write a missing-value code [no-reading]"),
    ('end_date = "2016-03-26"', 'end_date = "2016-03-17"', 'end_date = "2016-03-26"', "cases/kgz-2016-2/end_date: is before start_date, 2016-03-18 [end-before-start]"),
    ('cells = ["request.channel_letter"]', 'cells = ["request.channel_telephone"]', 'channel_letter = "(no_evidence_found)"', 'requests/kgz-2016-2-session/channel_letter: is "no_evidence_found" but no [[search]] names it [no-search]'),
    ('state = "TJK"\nactor = "Government of Tajikistan"', 'state = "UZB"\nactor = "Government of Tajikistan"', 'state = "TJK"', "positions/kgz-2016-2-uzb/state: UZB was no party on 2016-03-18 [position-member]"),
]  # fmt: skip


@pytest.mark.slow
def test_what_validation_finds_has_the_line_of_the_sheet() -> None:
    """Faults that only the rules of the data can tell are told at the key that makes the cell."""
    text = WHOLE
    for old, new, _, _ in BEHIND:
        assert old in text
        text = text.replace(old, new, 1)
    text = text.replace("position.tjk.record", "position.uzb.record")
    made = proposal(data(), text, "case.toml")
    found = [str(problem) for problem in tried(data(), made, applied(data(), made), "case.toml")[1]]

    lines = {said: at(key, "[case]") for _, _, key, said in BEHIND}
    assert {f"case.toml:{line}:{said}" for said, line in lines.items()} <= set(found)
    assert all(line.startswith("case.toml:") for line in found)


@pytest.mark.slow
def test_all_that_is_lacking_comes_in_one_round() -> None:
    """A blank of the sheet and a value without a reading are told together; a cell of which a bad value is said is told once."""
    text = WHOLE.replace('case.threat_origin = "external"\n', "", 1)
    text = text.replace('end_date = "2016-03-26"', 'end_date = ""', 1)
    text = text.replace('case.end_date = "2016-03-26"\n', "", 1).replace('  "case.end_date",\n', "", 1)
    text = text.replace("request.channel_meeting = true", 'request.channel_meeting = "maybe"', 1)
    said = [line.split(":", 2)[2] for line in refused(text)]

    assert [
        "case.end_date: End is not filled in [lacking]",
        "cases/kgz-2016-2/threat_origin: no reading says 'external'; add it to says of a [[statement]] or write a missing-value code [no-reading]",
        "statement.says.request.channel_meeting: 'maybe' is not true or false [value]",
    ] == said


@pytest.mark.usefixtures("unvalidated")
def test_the_sheet_as_it_comes_is_refused_by_what_is_blank() -> None:
    """The sheet is TOML with a position for every other party; not filled in, each line it is refused by is one of a blank, and every blank that must be filled is named."""
    text = case_toml(data(), "KGZ", "kgz-2015", "anna")
    value, lines = tomllib.loads(text), text.splitlines()

    assert ["ARM", "BLR", "KAZ", "RUS", "TJK"] == [one["state"] for one in value["position"]]
    found = refused(text)
    numbers = {int(line.split(":")[1]) for line in found}
    may = {"author", "origin", "published", "actor", "speaker", "speaker_office", "date", "said_date", "locator", "note", "request", "decision"}  # fmt: skip
    blank = {n for n, line in enumerate(lines, 1) if line.endswith('= ""') and not line.startswith("#")}
    assert [] == [lines[n - 1] for n in numbers - blank if not lines[n - 1].startswith("event =")]
    assert set() == {lines[n - 1].split()[0] for n in blank - numbers} - may


def test_an_occasion_that_we_have_becomes_a_case() -> None:
    """Of a candidate already in the data the cells change that differ, and no second row is added; its sheet has its values."""
    made = proposal(data(), WHOLE.replace(NEW, "kgz-2006"), "case.toml")

    assert "candidates" not in made.rows
    assert Cell("candidates", "kgz-2006", "case_id", "not_applicable", "kgz-2006") in made.cells
    title = data().frames["candidates"].set_index("candidate_id").at["kgz-2006", "title"]
    text = case_toml(data(), "KGZ", "kgz-2006")
    assert title == tomllib.loads(text)["candidate"]["title"]
    assert "it fails at asked_csto; as long as it does, it is no case: cstocases why kgz-2006" in text


def test_what_the_data_have_on_an_occasion_is_in_its_sheet() -> None:
    """Each proposition read for a candidate stands in the sheet with its words, so that it keeps its id when it says more."""
    read = data().frames["readings"].query("table_name == 'candidates' and record_id == 'kgz-2006'")
    words = data().frames["evidence"].set_index("evidence_id").loc[sorted(set(read["evidence_id"])), "statement"]
    text = case_toml(data(), "KGZ", "kgz-2006")

    assert list(words) == [one["words"] for one in tomllib.loads(text)["statement"][1:]]


def test_a_kind_of_help_is_named_by_its_code_too() -> None:
    """With _ for - an ask, and its cells, are the same."""
    text = WHOLE.replace('help_kind = "consultations"', 'help_kind = "military_unspecified"')
    hyphens = text.replace('ask = "consultations"', 'ask = "military-unspecified"').replace(".consultations.", ".military-unspecified.")  # fmt: skip
    made = proposal(data(), hyphens, "case.toml")

    assert "kgz-2016-2-session-military-unspecified" in [row["ask_id"] for row in made.rows["asks"]]
    assert made.rows == proposal(data(), hyphens.replace("military-unspecified", "military_unspecified"), "case.toml").rows  # fmt: skip


def test_only_parties_of_the_year_have_positions() -> None:
    """A state that left before the year, or came after it, is not asked for one."""
    assert ["ARM", "BLR", "KAZ", "KGZ", "RUS", "TJK", "UZB"] == list(parties(data(), "kgz-2010"))
    assert ["ARM", "KAZ", "KGZ", "RUS", "TJK", "UZB"] == list(parties(data(), "arm-1992-2"))


@pytest.mark.parametrize(
    ("state", "case", "error"),
    [("KGY", "kgz-2015", UnknownNameError), ("KGZ", "arm-2015", CstocasesError), ("KGZ", "kgz-2016", CstocasesError)],
)
def test_a_sheet_for_no_new_case_is_not_made(state: str, case: str, error: type[Exception]) -> None:
    """A state that is none, an id of another state and a case that is there are refused."""
    with pytest.raises(error):
        case_toml(data(), state, case)
