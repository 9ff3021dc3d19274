"""A correction in TOML: what it adds and changes, what is refused and where, and that twice is once."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from pathlib import Path

import applying
import helpers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cstocases
from cstocases.analysis.diff import diff, unannounced
from cstocases.dataset import data
from cstocases.errors import UnknownNameError
from cstocases.people.corrections import correction_toml, proposal
from cstocases.people.proposal import Cell, ReturnError
from cstocases.people.trial import applied

CELL = "requests/kgz-2010-troops/date"
CELL_PARTS = ("table_name", "record_id", "field_name")
SOURCE = """\
[source]
type = "legislation"
title = "Decree on the letter to the President of Russia"
publisher = "Government of Kyrgyzstan"
published = "2010-06"
language = "ru"
url = "https://example.org/decree"
source_kind = "official"
access = "full"
accessed = 2011-01-05
"""
STATEMENT = f"""\
[[statement]]
words = "The decree dates the letter to the eleventh."
case = "kgz-2010"
topic = "request"
actor = "Roza Otunbayeva"
date = "2010-06-11"
locator = "para. 3"
says = {{ "{CELL}" = "2010-06-11", "requests/kgz-2010-troops/channel_letter" = true }}
inferred = ["requests/kgz-2010-troops/channel_letter"]
"""
CHANGE = f"""\
[[change]]
cell = "{CELL}"
was = "2010-06-12"
now = "2010-06-11"
"""
WHO = 'by = "anna"\nreason = "The decree gives the day."\n'
NEW = '# A new coder\nshown_as = "Anna A."\n'
WHOLE = WHO + NEW + SOURCE + STATEMENT + CHANGE


def refused(text: str) -> list[str]:
    """Why a correction is refused, as it is printed."""
    with pytest.raises(ReturnError) as error:
        proposal(data(), text, "fix.toml")
    assert all(str(problem) in str(error.value) for problem in error.value.problems)
    return [str(problem) for problem in error.value.problems]


def test_a_correction_expands_to_rows_of_every_table_it_needs() -> None:
    """Source, statement, readings, coder and verdict each get a row, and the cell its new value."""
    made = proposal(data(), WHOLE, "fix.toml")
    ids = data().frames["evidence"]["evidence_id"]
    new = f"add-{max(int(one.removeprefix('add-')) for one in ids if one.startswith('add-')) + 1}"

    assert ["sources", "evidence", "readings", "adjudications", "coders"] == list(made.rows)
    (source,), (evidence,), (verdict,) = (made.rows[name] for name in ("sources", "evidence", "adjudications"))
    assert {
        "citekey": "example-2010-decree-letter",
        "type": "legislation",
        "author": "unknown",
        "title": "Decree on the letter to the President of Russia",
        "publisher": "Government of Kyrgyzstan",
        "origin": "not_applicable",
        "published": "2010-06-01",
        "published_precision": "month",
        "language": "ru",
        "url": "https://example.org/decree",
        "source_kind": "official",
        "access": "full",
        "accessed": "2011-01-05",
    } == source
    assert {
        "evidence_id": new,
        "case_id": "kgz-2010",
        "topic": "request",
        "actor": "Roza Otunbayeva",
        "speaker": "not_applicable",
        "speaker_office": "not_applicable",
        "statement": "The decree dates the letter to the eleventh.",
        "date": "2010-06-11",
        "date_precision": "day",
        "said_date": "2010-06-01",
        "said_date_precision": "month",
        "citekey": "example-2010-decree-letter",
        "locator": "para. 3",
        "note": "not_applicable",
        "merged_ids": "not_applicable",
    } == evidence
    assert [
        ["requests", "kgz-2010-troops", "date", new, "2010-06-11", "stated"],
        ["requests", "kgz-2010-troops", "channel_letter", new, "true", "inferred"],
    ] == [list(row.values()) for row in made.rows["readings"]]
    assert [
        "requests",
        "kgz-2010-troops",
        "date",
        "2010-06-12",
        "corrected",
        "The decree gives the day.",
        "anna",
    ] == list(verdict.values())
    assert [["anna", "person", "Anna A.", "yes", cstocases.package().version]] == [
        list(row.values()) for row in made.rows["coders"]
    ]
    assert [Cell("requests", "kgz-2010-troops", "date", "2010-06-12", "2010-06-11")] == made.cells
    assert 27 == made.lines["requests", "kgz-2010-troops", "date"]
    assert 21 == made.lines["evidence", new, "locator"]


@pytest.mark.slow
def test_the_data_are_sound_after_it_and_the_changelog_names_all_of_it(home: Path) -> None:
    """With the rows in and the cell changed nothing is amiss, every change is announced, and the two ways to apply it agree."""
    made = proposal(data(), WHOLE, "fix.toml")
    applying.put(home, made)

    assert [] == cstocases.validate(home)
    assert {path: (home / path).read_bytes() for path in applied(data(), made)} == applied(data(), made)
    changes = diff(cstocases.package().home, home)
    assert [] == unannounced(changes, f"## Unreleased\n\n### Data\n\n{made.changelog}\n").values.tolist()
    again = proposal(data(home), WHOLE, "fix.toml")
    assert again.empty
    assert ["fix.toml adds nothing: the data have all of it"] == again.said


def test_without_a_change_only_a_reading_is_added() -> None:
    """A source that says otherwise is a rival, and the value stays."""
    made = proposal(data(), WHO + NEW + SOURCE + STATEMENT, "fix.toml")

    assert ["sources", "evidence", "readings", "coders"] == list(made.rows)
    assert [] == made.cells
    assert made.changelog.startswith("- requests kgz-2010-troops: a further reading of `date`, 2010-06-11.")


def test_a_date_known_less_well_changes_its_precision_too() -> None:
    """A change to the month writes its first day, and the month in the next column."""
    text = WHOLE.replace(f'"{CELL}" = "2010-06-11"', f'"{CELL}" = "2010-06"').replace(
        'now = "2010-06-11"', 'now = "2010-06"'
    )
    made = proposal(data(), text, "fix.toml")

    assert [
        ("requests", "kgz-2010-troops", "date", "2010-06-12", "2010-06-01"),
        ("requests", "kgz-2010-troops", "date_precision", "day", "month"),
    ] == [tuple(cell) for cell in made.cells]
    assert "`date` (with `date_precision`) is 2010-06, was 2010-06-12." in made.changelog.replace("\n ", "")


def test_a_verdict_that_is_there_gives_way() -> None:
    """A cell already judged gets the verdict of who corrects it; the reading that gives the new value is one the data have."""
    text = WHO + NEW + '[[change]]\ncell = "requests/kgz-2010-troops/withdrawn"\nwas = "(disputed)"\nnow = true\n'
    made = proposal(data(), text, "fix.toml")

    assert ["coders"] == list(made.rows)
    assert [
        ("requests", "kgz-2010-troops", "withdrawn", "disputed", "true"),
        ("adjudications", "requests/kgz-2010-troops/withdrawn", "verdict", "kept", "corrected"),
    ] == [tuple(cell) for cell in made.cells[:2]]
    assert [("verdict_reason", "The decree gives the day."), ("judge", "anna")] == [
        (cell.field, cell.new) for cell in made.cells[2:]
    ]
    assert 8 == made.lines["requests", "kgz-2010-troops", "withdrawn"]


@pytest.mark.slow
def test_who_corrects_judges_no_coding_of_her_own(home: Path) -> None:
    """What she coded herself, in whichever pass, stays for somebody else to judge."""
    for coder, value in (("anna-2", "2010-06-10"), ("ben", "2010-06-09")):
        helpers.add(home, "coders", coder=coder, coder_kind="person", saw_values="no", codebook_version="0.1.0")
        helpers.add(home, "codings", coder=coder, pass_date="2026-11-25", **dict(zip(CELL_PARTS, CELL.split("/"), strict=True)), coded_value=value)  # noqa: S106  # fmt: skip
    (verdict,) = proposal(data(home), WHOLE, "fix.toml").rows["adjudications"]

    assert "2010-06-09; 2010-06-12" == verdict["values_judged"]


def test_a_slip_in_a_column_without_readings_needs_no_source() -> None:
    """Where in a source a statement stands is mended without a source for that; who did it is kept."""
    text = (
        WHO + NEW + '[[change]]\ncell = "evidence/uni-100/locator"\nwas = "third paragraph"\nnow = "fourth paragraph"\n'
    )
    made = proposal(data(), text, "fix.toml")

    assert ["coders"] == list(made.rows)
    assert [("evidence", "uni-100", "locator", "third paragraph", "fourth paragraph")] == [
        tuple(cell) for cell in made.cells
    ]
    assert "\nsays = " not in correction_toml(data(), "evidence", "uni-100", "locator")


def test_a_known_source_is_cited_and_a_known_statement_is_not_repeated() -> None:
    """With a citekey no source is added; a statement the data have keeps its id and gets the further reading."""
    evidence = data().frames["evidence"].set_index("evidence_id").loc["uni-100"]
    text = (
        f"{WHO}cite = {json.dumps(evidence['citekey'])}\n{NEW}[[statement]]\ntopic = 'decision'\n"
        f"words = {json.dumps(evidence['statement'])}\n[statement.says]\n'cases/kgz-2016/threat_origin' = 'external'\n"
    )
    made = proposal(data(), text, "fix.toml")

    assert ["readings", "coders"] == list(made.rows)
    assert ["cases", "kgz-2016", "threat_origin", "uni-100", "external", "stated"] == list(
        made.rows["readings"][0].values()
    )


def test_a_source_we_have_is_refused_and_its_citekey_offered() -> None:
    """The address tells a known source, whatever else the sheet says of it, and however it is written."""
    row = data().frames["sources"].set_index("citekey").loc["asiatv-2020-zas-belarus"]
    url = row["url"]
    said = f'fix.toml:11:source.url: the data have this source; take out [source] and write cite = "{row.name}" above it [known-source]'

    assert re.fullmatch("http://asiatv.kg/.*/", url)
    for same in (url, url.replace("http://", "https://www."), url.rstrip("/"), url.replace("asiatv", "AsiaTV"), f"{url}?utm_source=x", f"{url}#top"):  # fmt: skip
        assert [said] == refused(WHOLE.replace("https://example.org/decree", same))
    for other in (f"{url}?page=2", url.replace("/2020/", "/2021/")):
        assert "sources" in proposal(data(), WHOLE.replace("https://example.org/decree", other), "fix.toml").rows


SPOILT = {
    "a stale value": ('was = "2010-06-12"', 'was = "2010-06-10"', "26:change.was: '2010-06-10' is not the present value, '2010-06-12'; look whether the correction is still needed [stale]"),
    "a key": ("words =", "wrods =", "16:statement.wrods: no key named 'wrods'; did you mean words? [unknown-key]"),
    "a record": ('kgz-2010-troops/channel_letter" = true', 'kgz-2010-troop/channel_letter" = true', "22:statement.says.requests/kgz-2010-troop/channel_letter: no record of requests named 'kgz-2010-troop'; did you mean kgz-2010-troops or "),
    "a column": ('cell = "requests/kgz-2010-troops/date"', 'cell = "requests/kgz-2010-troops/dat"', "25:change.cell: no column of requests that can be changed named 'dat'; did you mean date? [cell]"),
    "a key column": ('cell = "requests/kgz-2010-troops/date"', 'cell = "requests/kgz-2010-troops/request_id"', "25:change.cell: no column of requests that can be changed named 'request_id'; did you mean requester? [cell]"),
    "a table": ('cell = "requests/', 'cell = "request/', "25:change.cell: no table named 'request'; did you mean requests? [cell]"),
    "no cell": ('cell = "requests/kgz-2010-troops/date"', 'cell = "the date"', "25:change.cell: 'the date' names no cell; write TABLE/RECORD/FIELD [cell]"),
    "a code": ('source_kind = "official"', 'source_kind = "offical"', "12:source.source_kind: 'offical' is not a code of source_kind: official, intergovernmental, news_agency, news, analysis, scholarly, reference [value]"),
    "a date": ('published = "2010-06"', 'published = "June 2010"', "9:source.published: 'June 2010' is not a date; write YYYY, YYYY-MM or YYYY-MM-DD [value]"),
    "a day": ("accessed = 2011-01-05", 'accessed = "2011-01"', "14:source.accessed: '2011-01' is not a day; write YYYY-MM-DD [value]"),
    "a day to come": ("accessed = 2011-01-05", "accessed = 9999-01-01", "14:source.accessed: '9999-01-01' is in the future [value]"),
    "a month to come": ('locator = "para. 3"', 'said_date = "9999-01"', "21:statement.said_date: '9999-01' is in the future [value]"),
    "a language": ('language = "ru"', 'language = "Russian"', "10:source.language: 'Russian' does not have the form [a-z]{2,3}; write two small letters, such as \"ru\" [value]"),
    "no words": ('words = "The decree dates the letter to the eleventh."', 'words = " "', "16:statement.words: Statement in our words is not filled in [lacking]"),
    "no reason": ("The decree gives the day.", "", "2:reason: is not filled in; say why in a sentence [lacking]"),
    "a case": ('case = "kgz-2010"', 'case = "kgz-20100"', "17:statement.case: no case named 'kgz-20100'; did you mean kgz-2010 or "),
    "a reading": ('channel_letter" = true', 'channel_letter" = "yes"', "22:statement.says.requests/kgz-2010-troops/channel_letter: 'yes' is not true or false [value]"),
    "a reading of nothing": ('channel_letter" = true', 'channel_letter" = "(unknown)"', "22:statement.says.requests/kgz-2010-troops/channel_letter: '(unknown)' is no reading; a statement that does not say it is left out [value]"),
    "a kind of missing without brackets": ('now = "2010-06-11"', 'now = "unknown"', "27:change.now: a missing value is written (unknown) here, in round brackets [value]"),
    "a value that no source gives": ('now = "2010-06-11"', 'now = "2010-06-10"', "27:change.now: no statement says '2010-06-10'; add \"requests/kgz-2010-troops/date\" = \"2010-06-10\" to says [no-reading]"),
    "a coder": (NEW, "", "1:by: no coder named 'anna'; there are coder-a, coder-b, coder-c, coder-d, coder-e, coder-f; if you are new, add shown_as = \"NAME\" or \"(withheld)\" below [coder]"),
    "a model": ('by = "anna"', 'by = "coder-a"', "1:by: coder-a is a model; choose another name [coder]"),
    "a control character": ("to the eleventh", "to\\u0007 the eleventh", "16:statement.words: holds the control character U+0007; write it without [text]"),
    "a line break": ("to the eleventh", "to\\nthe eleventh", "16:statement.words: holds a line break; write it without [text]"),
    "a long text": ("The decree dates", "x" * 2_001, "16:statement.words: has 2,029 characters; 2,000 are the most [text]"),
    "one bracket": ("[[change]]", "[change]", "24:change: write [[change]] on a line, and its keys below it [form]"),
    "a number": ('locator = "para. 3"', "locator = 1.5", "21:statement.locator: '1.5' must be a text; write locator = \"...\" [form]"),
    "an inferred cell": ('inferred = ["requests/kgz-2010-troops/channel_letter"]', 'inferred = ["requests/kgz-2010-troops/office"]', "23:statement.inferred: 'requests/kgz-2010-troops/office' does not stand in says [reference]"),
    "two sources": (NEW, 'cite = "ria-2010-bordyuzha-consults"\n' + NEW, "3:cite: names a source, and [source] describes one; take one of the two out [form]"),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILT)
def test_one_thing_spoilt_is_one_line(name: str) -> None:
    """Each fault is told once, at its line and key, with what to do; which names are near is up to the data."""
    old, new, line = SPOILT[name]
    assert old in WHOLE

    (found,) = refused(WHOLE.replace(old, new, 1))
    assert f"fix.toml:{line}" == (found[: found.index(" or ") + 4] if line.endswith(" or ") else found)


def test_a_cell_is_changed_once() -> None:
    """Two changes of one cell are both refused."""
    said = "change.cell: is changed twice in this file; take one [[change]] out [cell]"

    assert [f"fix.toml:25:{said}", f"fix.toml:29:{said}"] == refused(WHOLE + CHANGE)


def test_every_problem_is_told_at_once() -> None:
    """Faults that do not hide each other are all in one list, by line."""
    faults = [
        fault
        for name, fault in SPOILT.items()
        if name in ("a code", "a day", "a line break", "a reading", "a stale value")
    ]
    text = WHOLE
    for old, new, _ in faults:
        text = text.replace(old, new, 1)

    assert {f"fix.toml:{line}" for _, _, line in faults} == set(refused(text))


def test_the_sheet_as_it_comes_is_refused_by_what_is_blank() -> None:
    """The sheet is TOML with the present value in it; not filled in, it is refused line by line, and each line is one of a blank."""
    text = correction_toml(data(), "requests", "kgz-2010-troops", "addressee", "anna")
    lines = text.splitlines()

    assert "russia" == tomllib.loads(text)["change"][0]["was"]
    assert "third_party (Third party)" in text
    keys = ["shown_as", "reason", "type", "title", "publisher", "language", "url", "source_kind", "access", "topic", "words", "says", "now"]  # fmt: skip
    found = refused(text)
    assert keys == [lines[int(line.split(":")[1]) - 1].split()[0] for line in found]
    assert all(" [lacking]" in line for line in found)


@pytest.mark.parametrize(
    "cell", [("request", "x", "date"), ("requests", "x", "date"), ("requests", "kgz-2010-troops", "dat")]
)
def test_a_sheet_for_no_cell_is_not_made(cell: tuple[str, str, str]) -> None:
    """A table, record or field that is none is named."""
    with pytest.raises(UnknownNameError, match=r"no .* named"):
        correction_toml(data(), *cell)


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


@pytest.mark.slow
@settings(max_examples=50)
@given(WORDS.filter(lambda text: text.strip() and text not in cstocases.package().missing))
def test_words_arrive_as_they_were_written(words: str) -> None:
    """A text without control characters is the statement, byte for byte; in the sheet it may be escaped."""
    assert "Cc" not in map(unicodedata.category, words)
    written = json.dumps(words, ensure_ascii=len(words) % 2 == 0)
    if any(ord(character) > 0xFFFF for character in words):
        written = json.dumps(words, ensure_ascii=False)  # JSON writes such a character as two, and TOML does not

    text = f'{WHO}cite = "ria-2010-bordyuzha-consults"\n{NEW}[[statement]]\ntopic = "request"\nwords = {written}\n'
    made = proposal(data(), text, "fix.toml")

    assert words.encode() == made.rows["evidence"][0]["statement"].encode()
