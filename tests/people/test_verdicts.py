"""Differences between codings and published values: shown without names, judged once, and closed only for the values judged."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from answers import DAY, coding, saved
from helpers import add, copy_untouched, run

import cstocases
from cstocases.dataset import data
from cstocases.people.entering import enter
from cstocases.people.proposal import ReturnError
from cstocases.people.verdicts import verdicts_sheet

CASE = "kgz-2016"
DATE = "requests/kgz-2016-session/date"
STATEMENT = "answers/kgz-2016-session-permanent-council-statement/answer"  # published under a longer id
VALUES = {DATE: "2016-03-18", STATEMENT: "refused"}


@pytest.fixture(scope="module")
def entered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data with two codings of anna's that differ; no test changes them."""
    folder = tmp_path_factory.mktemp("coded")
    home = copy_untouched(folder / "home")
    enter(saved(coding(CASE, VALUES, home=home), folder / "anna.json"), home, write=True)
    return home


@pytest.fixture
def coded(entered: Path, tmp_path: Path) -> Path:
    """A copy of the data with two codings of anna's that differ."""
    return Path(shutil.copytree(entered, tmp_path / "home"))


def returned(home: Path, verdicts: dict[str, dict[str, str]], path: Path, coder: str = "judy") -> Path:
    """Verdicts as a browser would save them, by table/record/field."""
    sheet, tokens = verdicts_sheet(data(home))
    named = {"/".join(key): token for token, key in tokens.items()}
    digests = {cell["token"]: cell["digest"] for cell in sheet["cells"]}
    answers = {
        named[cell]: {"to": "", "reason": "As read.", "digest": digests[named[cell]]} | told
        for cell, told in verdicts.items()
    }
    head = {"cstocases": "verdicts", "version": sheet["version"], "coder": coder, "day": DAY, "shown_as": ""}
    return saved(head | {"answers": answers}, path)


def test_the_sheet_tells_no_names(coded: Path) -> None:
    """Codings are lettered; who gave them, and whether a person did, is nowhere in the sheet."""
    sheet, tokens = verdicts_sheet(data(coded))
    text = json.dumps(sheet)

    assert sorted(VALUES) == sorted("/".join(key) for key in tokens.values())
    assert [["A"], ["A", "B", "C", "D", "E"]] == [[c["letter"] for c in cell["codings"]] for cell in sheet["cells"]]
    assert [] == [name for name in ("anna", "coder-a", "coder-c", "person", "model") if f'"{name}"' in text]


def test_a_coding_of_a_longer_id_is_shown_with_its_published_value(coded: Path) -> None:
    """An answer coded by its decision and kind of help stands beside the published row, whose id is longer."""
    sheet, tokens = verdicts_sheet(data(coded))
    cell = next(c for c in sheet["cells"] if "/".join(tokens[c["token"]]) == STATEMENT)

    assert "Agreed" == cell["value"]
    assert ["Refused"] == [c["value"] for c in cell["codings"]]
    assert cell["readings"]


@pytest.mark.slow
def test_a_row_that_is_published_is_not_shown_as_lacking(coded: Path, tmp_path: Path) -> None:
    """Whoever said that a kind of help was not spoken of is shown beside the published answer that has it."""
    row = "answers/kgz-2016-session-permanent-council-statement/record"
    enter(saved(coding(CASE, {row: "no"}, home=coded), tmp_path / "more.json"), coded, write=True)
    sheet, tokens = verdicts_sheet(data(coded))
    cell = next(c for c in sheet["cells"] if "/".join(tokens[c["token"]]) == row)

    assert ["Yes, there is", "No, there is none"] == [cell["value"], *(c["value"] for c in cell["codings"])]


@pytest.mark.slow
def test_kept_closes_the_difference_for_the_values_judged(coded: Path, tmp_path: Path) -> None:
    """A verdict leaves the published value, and another coder's other value is open again."""
    enter(
        returned(coded, {DATE: {"verdict": "kept"}, STATEMENT: {"verdict": "kept"}}, tmp_path / "v.json"),
        coded,
        write=True,
    )

    assert [] == cstocases.validate(coded, release=True)
    assert "kept" == cstocases.differences("anna", coded).set_index("field_name").at["date", "outcome"]
    enter(saved(coding(CASE, {DATE: "2016-03-19"}, "ben", home=coded), tmp_path / "ben.json"), coded, write=True)
    assert ["ben says '2016-03-19', but adjudications has no verdict on it"] == [
        problem.message for problem in cstocases.validate(coded, release=True)
    ]


TROOPS = "requests/kgz-2010-troops/date"  # one source gives the day before


@pytest.mark.slow
def test_the_same_verdicts_twice_change_nothing(coded: Path, tmp_path: Path) -> None:
    """Verdicts carry their judge; entered again they are in the data already, and with another reason or value they are refused."""
    table, record, field = TROOPS.split("/")
    add(coded, "codings", coder="anna", pass_date=DAY, table_name=table, record_id=record, field_name=field, coded_value="2010-06-11")  # fmt: skip
    verdicts = {DATE: {"verdict": "kept"}, TROOPS: {"verdict": "corrected", "to": "2010-06-11"}}
    file = returned(coded, verdicts, tmp_path / "v.json")
    enter(file, coded, write=True)
    before = [(coded / f"cases/{name}.csv").read_bytes() for name in ("adjudications", "coders", "requests")]
    judged = cstocases.load("adjudications", coded)
    again = run("enter", file, "--write", "--home", coded)

    assert {"judy"} == set(judged["judge"].dropna())
    assert "2010-06-11" == str(cstocases.load("requests", coded).set_index("request_id").at[record, "date"])[:10]
    assert (0, "nothing to change: it is in the data already") == (again.exit_code, again.stderr.splitlines()[-1])
    assert "2 verdicts by judy are in the data already" in again.stdout
    assert before == [(coded / f"cases/{name}.csv").read_bytes() for name in ("adjudications", "coders", "requests")]
    text = file.read_text(encoding="utf-8")
    for old, new in (("As read.", "As read by others."), ('"to": "2010-06-11"', '"to": "2010-06-12"')):
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(ReturnError, match=r"no question of this sheet has that token \[no-question\]"):
            enter(file, coded)


@pytest.mark.slow
@pytest.mark.parametrize("coder", ["anna", "anna-2"])
def test_nobody_judges_a_coding_of_their_own(coded: Path, tmp_path: Path, coder: str) -> None:
    """A verdict by who made one of the codings of the cell, in whichever pass, is refused at its place."""
    file = returned(coded, {DATE: {"verdict": "kept"}}, tmp_path / "v.json", coder)
    done = run("enter", file, "--write", "--home", coded)
    (token,) = json.loads(file.read_text(encoding="utf-8"))["answers"]

    assert 1 == done.exit_code
    assert f"v.json:answers.{token}: Requests: Turning to the CSTO for consultations: Date: {coder} coded 2016-03-18; somebody else must judge this cell [own-coding]\n" == done.stdout  # fmt: skip


def test_corrected_needs_a_reading(coded: Path, tmp_path: Path) -> None:
    """A value that no source gives is refused with the way to bring the source."""
    file = returned(coded, {DATE: {"verdict": "corrected", "to": "2016-03-18"}}, tmp_path / "v.json")
    with pytest.raises(ReturnError, match="no reading of the cell gives that value; `cstocases sheet correction`"):
        enter(file, coded)


@pytest.mark.slow
def test_a_verdict_without_reason_or_of_an_older_sheet(coded: Path, tmp_path: Path) -> None:
    """Both are named, each at its token."""
    file = returned(
        coded,
        {DATE: {"verdict": "kept", "reason": ""}, STATEMENT: {"verdict": "kept", "digest": "0" * 8}},
        tmp_path / "v.json",
    )
    done = run("enter", file, "--home", coded)

    assert 1 == done.exit_code
    assert ["check-reason", "stale"] == sorted(line.rsplit("[", 1)[1].rstrip("]") for line in done.stdout.splitlines())


def test_nothing_open_writes_no_sheet(home: Path, tmp_path: Path) -> None:
    """Where no cell awaits a verdict no file is written, and one line says so."""
    done = run("sheet", "verdicts", tmp_path / "open.html", "--home", home)

    assert "no cell awaits a verdict; nothing was written" in done.stderr
    assert not (tmp_path / "open.html").exists()
