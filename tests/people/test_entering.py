"""What comes back enters whole or not at all: previewed first, tried on a copy, written in one move."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from answers import DAY, checks, coding, saved
from helpers import run, spoil
from spoil_returns import CORRECTION

import cstocases
from cstocases.analysis.versions import Sheet
from cstocases.errors import ExportError
from cstocases.people import entering
from cstocases.people.entering import announced, enter
from cstocases.people.proposal import ReturnError

CASE = "kgz-2016"
ADDRESSEE = "requests/kgz-2016-session/addressee"
VALUES = {ADDRESSEE: "csto_council", "asks/kgz-2016-session-consultations/record": "yes", "asks/kgz-2016-session-materiel/record": "yes"}  # fmt: skip


def bytes_of(home: Path) -> dict[str, str]:
    """What stands in the folder."""
    files = sorted(path for path in home.rglob("*") if path.is_file())
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_nothing_is_written_without_write(home: Path, tmp_path: Path) -> None:
    """A preview lists what would be added and changes no byte."""
    before = bytes_of(home)
    done = run("enter", str(saved(coding(CASE, VALUES, home=home), tmp_path / "anna.json")), "--home", str(home))

    assert "codings: 3 rows added" in done.stdout
    assert "coders anna: added" in done.stdout
    assert "nothing is written yet: add --write" in done.stderr
    assert before == bytes_of(home)


def test_codings_enter_and_differences_stay_open(home: Path, tmp_path: Path) -> None:
    """Written codings leave the data sound; what differs awaits a verdict, and only a release asks for it."""
    file = saved(coding(CASE, VALUES, home=home), tmp_path / "anna.json")
    run("enter", str(file), "--write", "--home", str(home))
    codings = cstocases.load("codings", home).query("coder == 'anna'")

    assert list(VALUES.values()) == [codings.set_index(["table_name", "record_id", "field_name"]).at[tuple(c.split("/")), "coded_value"] for c in VALUES]  # fmt: skip
    assert [] == cstocases.validate(home)
    assert [
        "anna says 'csto_council', but adjudications has no verdict on it",
        "anna says 'yes', but adjudications has no verdict on it",
    ] == sorted(problem.message for problem in cstocases.validate(home, release=True))
    assert "no problems; 2 codings that await a verdict" in run("validate", str(home)).stderr


@pytest.mark.slow
def test_what_is_said_at_entry_is_what_the_list_says_later(home: Path, tmp_path: Path) -> None:
    """A value that was judged before and one that was not both differ; a value that is published does not, though it was judged when it was not."""
    request = "requests/kgz-2016-session"
    values = {
        ADDRESSEE: "csto_council",
        f"{request}/date": "2016-03-21",
        f"{request}/on_own_territory": "(not_applicable)",
    }
    done = run("enter", saved(coding(CASE, values, home=home), tmp_path / "anna.json"), "--write", "--home", home)

    assert "2 codings by anna not as published, 1 of them on values that were judged before;\n" in done.stdout
    assert run("reliability", "--coder", "anna", "--home", home).stdout.startswith(
        "2 codings of anna not as published: open 1, kept 1, corrected 0.\n\n"
        "No verdict yet (1):\n- requests kgz-2016-session addressee: coded csto_council, published csto_body\n"
    )


@pytest.mark.slow
def test_the_same_file_twice_adds_nothing(home: Path, tmp_path: Path) -> None:
    """What was entered is there already; another value for the same cell is refused."""
    file = saved(coding(CASE, VALUES, home=home), tmp_path / "anna.json")
    enter(file, home, write=True)
    before = bytes_of(home)

    again = enter(file, home, write=True)
    assert 0 == len(again.changes)
    assert ["3 codings on kgz-2016 by anna are in the data already"] == again.proposal.said
    assert before == bytes_of(home)
    with pytest.raises(
        ReturnError,
        match=r"anna coded csto_council before; a second pass is another coder, such as anna-2 \[coded-before\]",
    ):
        enter(saved(coding(CASE, {ADDRESSEE: "csto"}, home=home), file), home)


@pytest.mark.slow
def test_a_correction_is_shown_and_credited(home: Path, tmp_path: Path) -> None:
    """The preview has the line of the changelog as it is written, and CONTRIBUTORS.md counts it by the name that stands in it."""
    for name, text in (("CHANGELOG.md", "# Changes\n"), ("CONTRIBUTORS.md", "")):
        (home / name).write_text(text, encoding="utf-8")
    (tmp_path / "fix.toml").write_text(CORRECTION.replace("06-18", "06-11"), encoding="utf-8")
    done = run("enter", tmp_path / "fix.toml", "--write", "--home", home)

    assert 0 == done.exit_code
    assert "  - requests kgz-2010-troops: `date` is 2010-06-11, was 2010-06-12." in done.stdout
    assert done.stderr.startswith(f"Trying {tmp_path / 'fix.toml'} on the data, which takes some seconds ...\n")
    assert "adjudications, coders. By `anna`." in " ".join((home / "CHANGELOG.md").read_text(encoding="utf-8").split())
    assert "- Anna A. (`anna`): judged 1 cell, made 1 correction\n" in (home / "CONTRIBUTORS.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("words", [["coding", "x.html", "--case", "kgz-2016"], ["correction", "x.toml", "requests", "kgz-2010-troops", "date"], ["case", "x.toml", "--state", "ARM", "--case", "arm-2024"]])  # fmt: skip
def test_one_rule_for_names_of_coders(words: list[str], tmp_path: Path) -> None:
    """A name with a capital is refused by every sheet."""
    done = run("sheet", words[0], tmp_path / words[1], *words[2:], "--coder", "Anna")

    assert 1 == done.exit_code
    assert "'Anna' is no name of a coder; write small letters and digits, such as anna or anna-2" in done.stderr


@pytest.mark.slow
def test_checks_enter_and_go_out_of_date(home: Path, tmp_path: Path) -> None:
    """A check counts until the value changes; show, compare and evidence say so."""
    file = saved(checks(CASE, {ADDRESSEE: ("agree", ""), "requests/kgz-2016-session/instrument": ("unsure", "The note is not quoted.")}, home=home), tmp_path / "c.json")  # fmt: skip
    enter(file, home, write=True)

    assert "Checked by people: 1 of 83 cells; 1 cell questioned." in run("show", CASE, "--home", str(home)).stdout
    assert "Checked by people: 1 of 83 cells" in run("compare", CASE, "--home", str(home)).stdout
    page = run("evidence", *ADDRESSEE.split("/"), "--home", str(home)).stdout
    assert "[corroborated; checked]" in page
    assert page.endswith(f"- checked by Anna A., {DAY}, agree\n")
    spoil(home, "checks", "requests kgz-2016-session addressee anna " + DAY, "seen_value", "csto")
    page = run("evidence", *ADDRESSEE.split("/"), "--home", str(home)).stdout
    assert page.endswith(f"- checked by Anna A., {DAY}, agree (out of date: it was csto)\n")
    assert (0, 1) == tuple(cstocases.checked([CASE], home)[["checked", "out_of_date"]].iloc[0])


@pytest.mark.slow
def test_who_doubts_a_cell_and_why_is_told_where_it_is_shown(home: Path, tmp_path: Path) -> None:
    """`show` names the questioned cells, who doubts them and why; `compare` those it shows, and those that they are computed from."""
    reason = "The note is not quoted."
    answer = "answers/kgz-2016-session-permanent-council-consultations/answer"
    given = {ADDRESSEE: ("agree", ""), "requests/kgz-2016-session/instrument": ("unsure", reason), answer: ("disagree", "It was put off.")}  # fmt: skip
    enter(saved(checks(CASE, given, home=home, shown_as=""), tmp_path / "c.json"), home, write=True)
    page = run("show", CASE, "--home", home).stdout
    told = page.partition("## Questioned cells\n\n")[2].partition("\n\n##")[0]

    assert [
        "- requests kgz-2016-session instrument",
        f"    anna, {DAY}, unsure: {reason}",
        "- answers kgz-2016-session-permanent-council-consultations answer",
        f"    anna, {DAY}, disagree: It was put off.",
    ] == told.splitlines()
    assert [("addressee", "agree"), ("instrument", "unsure"), ("answer", "disagree")] == [
        (check["field_name"], check["check_verdict"]) for check in cstocases.show(CASE, home)["checks"]
    ]
    fields = ["addressee", "instrument", "csto_agreed"]
    shown = run("compare", CASE, *(word for name in fields for word in ("--field", name)), "--home", home).stdout
    assert (
        "Questioned above, or in what it is computed from: kgz-2016 instrument, kgz-2016\ncsto_agreed.\n"
        "List who says so and why:\n  cstocases evidence comparison kgz-2016-session instrument\n"
    ) in shown
    assert [False, True, True] == list(cstocases.compare([CASE], fields, home)["questioned"])
    assert "Questioned" not in run("compare", CASE, "--field", "addressee", "--home", home).stdout
    assert 3 == len(cstocases.checks(CASE, home)) == len(cstocases.checks(home=home))
    assert 0 == len(cstocases.checks("kgz-2010", home))


def test_a_check_that_does_not_agree_needs_a_reason(home: Path, tmp_path: Path) -> None:
    """Without the reason nothing is written."""
    file = saved(checks(CASE, {ADDRESSEE: ("disagree", " ")}, home=home), tmp_path / "c.json")
    with pytest.raises(ReturnError, match=r"a check that does not agree needs a reason \[check-reason\]"):
        enter(file, home)


@pytest.mark.slow
def test_other_sources_make_a_check_stale(home: Path, tmp_path: Path) -> None:
    """A sheet made before a value, or what sources say of it, changed is refused, as its reader saw something else."""
    file = saved(checks(CASE, {ADDRESSEE: ("agree", "")}, home=home), tmp_path / "c.json")
    spoil(home, "evidence", "uni-097", "statement", "The session was called because Kyrgyzstan wished it.")
    with pytest.raises(ReturnError, match=r"is another by now; make the sheet again .* \[stale\]"):
        enter(file, home)


def test_all_problems_at_once_and_no_byte_changed(home: Path, tmp_path: Path) -> None:
    """Exit code 1, every problem with its place, nothing written."""
    before = bytes_of(home)
    content = coding(CASE, VALUES | {"cases/kgz-2016/start_date": "2016-13"}, home=home, evidence_digest="0" * 16)
    done = run("enter", str(saved(content, tmp_path / "anna.json")), "--write", "--home", str(home))

    assert 1 == done.exit_code
    assert ["coding-value", "stale"] == [line.rsplit("[", 1)[1].rstrip("]") for line in done.stdout.splitlines()]
    assert "2 problems; nothing was written" in done.stderr
    assert before == bytes_of(home)


@pytest.mark.slow
def test_data_that_change_meanwhile_are_left_alone(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that somebody else changes while a file enters are not overwritten."""
    file = saved(coding(CASE, VALUES, home=home), tmp_path / "anna.json")
    compared = entering.differing

    def meanwhile(*sides: dict[str, Sheet]):
        spoil(home, "cases", CASE, "summary", "Somebody else was faster.")
        return compared(*sides)

    monkeypatch.setattr(entering, "differing", meanwhile)
    with pytest.raises(ExportError, match="changed in the meantime; nothing was written"):
        enter(file, home, write=True)
    assert "anna" not in set(cstocases.load("codings", home)["coder"])


def test_what_a_killed_run_left_is_put_back(home: Path, tmp_path: Path) -> None:
    """A run killed between moving the old tables away and the new ones in leaves them beside their place, where the next finds them."""
    file = saved(coding(CASE, VALUES, home=home), tmp_path / "anna.json")
    before = bytes_of(home)
    left = home / ".cases.cstocases-4194304-abcdefgh"
    left.mkdir()
    (home / "cases").rename(left / "old")
    enter(file, home)

    assert before == bytes_of(home)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# C\n\n## Unreleased\n\n### Data\n\n- one.\n\n### Package\n\n- x.\n", "# C\n\n## Unreleased\n\n### Data\n\n- one.\n- new.\n\n### Package\n\n- x.\n"),
        ("# C\n\n## Unreleased\n\n### Package\n\n- x.\n\n## 0.1\n", "# C\n\n## Unreleased\n\n### Data\n\n- new.\n\n### Package\n\n- x.\n\n## 0.1\n"),
        ("# C\n\n## 0.1 (2026)\n\n### Data\n\n- one.\n", "# C\n\n## Unreleased\n\n### Data\n\n- new.\n\n## 0.1 (2026)\n\n### Data\n\n- one.\n"),
        ("# C\n\n## Unreleased\n\n### Data\n", "# C\n\n## Unreleased\n\n### Data\n\n- new.\n"),
    ],
)  # fmt: skip
def test_the_changelog_gets_an_entry(before: str, after: str) -> None:
    """The entry stands last under Data of the section Unreleased, which is begun where there is none."""
    assert after == announced(before, "- new.")
