"""The sheets filled in, in a browser: by mouse and by keyboard, what is wrong is said, and the file is the return agreed on."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
import sheets
from form_page import (
    LETTERS,
    START,
    STATUS,
    WITHDRAWN,
    entry,
    fieldset,
    fill_coding,
    laid,
    message,
    open_file,
    opened,
    progress,
    save,
)
from playwright.sync_api import BrowserContext

pytestmark = pytest.mark.slow


def test_a_coding_is_saved_as_agreed(context: BrowserContext, tmp_path: Path) -> None:
    """The saved file is the return of the contract, name and all, and opens again in an empty page; the progress counts what was answered."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    assert "0 of 15 answered" == progress(page)
    answers = fill_coding(page)
    assert "9 of 15 answered" == progress(page)
    name, found = save(page)

    assert "anna-kgz-2010-coding.json" == name
    assert {
        "cstocases": "coding", "version": "0.1.0", "coder": "anna", "case": "kgz-2010", "evidence_digest": "0123456789abcdef",
        "day": datetime.date.today().isoformat(), "shown_as": 'Anna "A." <b>', "saw_values": "partly", "answers": answers,
    } == found  # fmt: skip
    page.once("dialog", lambda d: d.accept())
    page.get_by_role("button", name="Forget my answers").click()
    assert "0 of 15 answered" == progress(page)
    assert "9 answers opened from saved.json." == open_file(page, tmp_path / "saved.json", found)
    assert found == save(page)[1]


def test_an_untouched_sheet_saves_no_answers(context: BrowserContext, tmp_path: Path) -> None:
    """Blank is not coded: only what was answered has an entry."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    page.get_by_role("group", name="Had you seen published values").get_by_label("No", exact=True).check()
    _, found = save(page)

    assert ({}, "", "no") == (found["answers"], found["shown_as"], found["saw_values"])


def test_by_keyboard_alone(context: BrowserContext, tmp_path: Path) -> None:
    """With tab, arrows, space and typing a coder answers, changes, clears and saves."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    keys = page.keyboard
    keys.press("Tab")
    keys.press("Enter")  # skips to the content
    keys.press("Tab")
    keys.type("Anna")
    keys.press("Tab")
    keys.press("Space")
    keys.press("ArrowDown")
    assert "partly" == page.evaluate("document.activeElement.value")
    for _ in range(40):
        keys.press("Tab")
        if page.evaluate("document.activeElement.dataset.part") == "year":
            break
    keys.type("2010")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Tab")  # over month and day to the kinds of missing
    keys.press("Space")
    assert ("", "(unknown)") == tuple(page.evaluate("[at('main').querySelector('[data-part=year]').value, document.activeElement.value]"))  # fmt: skip
    keys.press("Tab")
    assert "Clear: The crisis: Start" == page.evaluate("document.activeElement.getAttribute('aria-label')")
    keys.press("Enter")
    assert "0 of 15 answered" == progress(page)
    assert "year" == page.evaluate("document.activeElement.dataset.part")
    keys.type("2011")
    for _ in range(10):
        keys.press("Tab")
        if page.evaluate("document.activeElement.value") == "documented":
            break
    keys.press("Space")
    keys.press("ArrowDown")
    with page.expect_download() as download:
        keys.press("Control+s")
    found = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))

    assert {START: entry(START, "2011"), STATUS: entry(STATUS, "reported")} == found["answers"]
    assert ("Anna", "partly") == (found["shown_as"], found["saw_values"])


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        (("2010", "13", ""), "there is no month 13"),
        (("2010", "2", "31"), "that month has no day 31"),
        (("2011", "2", "29"), "that month has no day 29"),
        (("", "6", "12"), "the year is missing"),
        (("2010", "", "12"), "the month is missing"),
        (("10", "", ""), "the year has four digits"),
        (("2010", "0", ""), "there is no month 0"),
        (("2010", "x", ""), "there is no month x"),
    ],
)
def test_a_date_that_is_none_blocks_saving(
    context: BrowserContext, tmp_path: Path, typed: tuple[str, ...], fault: str
) -> None:
    """It is said at its boxes, listed when saving, and the list leads to it; mended, it is saved."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    page.get_by_role("group", name="Had you seen published values").get_by_label("No", exact=True).check()
    boxes = fieldset(page, START)
    for part, text in zip(("year", "month", "day"), typed, strict=True):
        boxes.get_by_label(part).fill(text)
    boxes.get_by_label("day").blur()
    page.get_by_role("button", name="Save to a file").click()

    assert fault == boxes.locator(".problem").inner_text()
    assert "Not saved: 1 thing to mend first." == message(page)
    assert [f"The crisis: Start: {fault}"] == page.locator("#message li").all_inner_texts()
    page.get_by_role("link", name=fault).click()
    assert "year" == page.evaluate("document.activeElement.dataset.part")
    for part, text in zip(("year", "month", "day"), ("2012", "2", "29"), strict=True):
        boxes.get_by_label(part).fill(text)
    assert not boxes.locator(".problem").is_visible()
    assert {START: entry(START, "2012-02-29")} == save(page)[1]["answers"]


def test_what_is_lacking_is_listed_at_once(context: BrowserContext, tmp_path: Path) -> None:
    """Saving names every question that is half answered, wherever it is folded away, and who the coder is."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    fieldset(page, WITHDRAWN).get_by_text("Note", exact=True).click()
    fieldset(page, WITHDRAWN).get_by_label("Note on Withdrawn").fill("Hard to say.")
    fieldset(page, LETTERS).get_by_label("number").fill("a few")
    page.get_by_label("Forces to fight: Date: month").fill("6")
    page.get_by_role("button", name="Save to a file").click()

    assert "Not saved: 4 things to mend first." == message(page)
    assert [
        "Had you seen published values: say whether you had",
        "Request 1: Withdrawn: a note without an answer; choose one, or empty the note",
        "Request 1: Letters sent: this is no whole number",
        "Request 1, Forces to fight: Date: the year is missing",
    ] == page.locator("#message li").all_inner_texts()


def test_what_is_mended_leaves_the_list(context: BrowserContext, tmp_path: Path) -> None:
    """The message says what is still wrong; each answer that is mended leaves it, and the last takes it away."""
    page = opened(context, laid(tmp_path, sheets.VERDICTS))
    status = fieldset(page, "f10000000001")
    status.get_by_label("It is corrected").check()
    page.get_by_role("button", name="Save to a file").click()
    assert "Not saved: 2 things to mend first." == message(page)
    status.get_by_label("corrected to").select_option("Reported")
    assert "Request: Appeal for troops: Status of the request: say why" == page.locator("#message li").last.inner_text()
    status.get_by_label("Why?").fill("Only one side spoke.")
    assert "Not saved: 1 thing to mend first." == message(page)
    assert ["Your id"] == [text.partition(":")[0] for text in page.locator("#message li").all_inner_texts()]
    page.get_by_label("Your id").fill("ben")
    assert not page.locator("#message").is_visible()
    assert not page.locator(".problem").filter(visible=True).count()


def test_no_to_every_kind_left_blank(context: BrowserContext, tmp_path: Path) -> None:
    """By keyboard, each kind of help about which nothing was said yet becomes a no, and the rest stays as it was."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    page.get_by_role("group", name="Had you seen published values").get_by_label("No", exact=True).check()
    page.get_by_label("Forces to fight: Status", exact=True).select_option("reported")
    page.get_by_role("button", name="Request 1: No to every kind left blank").focus()
    page.keyboard.press("Enter")

    assert "3 of 15 answered" == progress(page)
    assert {
        "d00000000012": entry("d00000000012", "reported"),
        "d00000000021": entry("d00000000021", "no"),
        "d00000000031": entry("d00000000031", "no"),
    } == save(page)[1]["answers"]


def test_checks_are_saved_as_agreed(context: BrowserContext, tmp_path: Path) -> None:
    """A reason is asked for unless the checker agrees; then the file is the return of the contract, and opens again."""
    page = opened(context, laid(tmp_path, sheets.CHECKS))
    fieldset(page, "f00000000001").get_by_label("I agree").check()
    fieldset(page, "f00000000001").get_by_label("I opened a source").check()
    fieldset(page, "f00000000002").get_by_label("I disagree").check()
    page.get_by_role("button", name="Save to a file").click()
    assert ["Request: Appeal for troops: Date: say why"] == page.locator("#message li").all_inner_texts()
    page.get_by_role("link", name="say why").click()
    page.keyboard.type("The decree gives the day before.")
    name, found = save(page)

    assert "anna-kgz-2010-checks.json" == name
    assert {
        "cstocases": "checks", "version": "0.1.0", "coder": "anna", "case": "kgz-2010",
        "day": datetime.date.today().isoformat(), "shown_as": "",
        "answers": {
            "f00000000001": {"verdict": "agree", "reason": "", "opened": True, "digest": "f0000000"},
            "f00000000002": {"verdict": "disagree", "reason": "The decree gives the day before.", "opened": False, "digest": "f0000000"},
        },
    } == found  # fmt: skip
    assert "2 answers opened from c.json." == open_file(page, tmp_path / "c.json", found)
    assert found == save(page)[1]


def test_verdicts_are_saved_as_agreed(context: BrowserContext, tmp_path: Path) -> None:
    """A reason is always asked for, a value where one is corrected, and who judged; the file opens again."""
    page = opened(context, laid(tmp_path, sheets.VERDICTS))
    status, date = fieldset(page, "f10000000001"), fieldset(page, "f10000000002")
    status.get_by_label("It is corrected").check()
    date.get_by_label("It is kept").check()
    assert date.get_by_label("corrected to").is_disabled()
    page.get_by_role("button", name="Save to a file").click()
    assert [
        "Your id: small letters and digits are needed, such as anna or anna-2",
        "Request: Appeal for troops: Status of the request: say corrected to what, and why",
        "Request: Appeal for troops: Date: say why",
    ] == page.locator("#message li").all_inner_texts()
    page.get_by_role("button", name="Close this message").click()
    page.get_by_label("Your id").fill("judge-2")
    status.get_by_label("corrected to").select_option("Reported")
    status.get_by_label("Why?").fill("Only one side spoke.")
    date.get_by_label("Why?").fill("The letter has the day.")
    name, found = save(page)

    assert "judge-2-verdicts.json" == name
    assert {
        "cstocases": "verdicts", "version": "0.1.0", "coder": "judge-2",
        "day": datetime.date.today().isoformat(), "shown_as": "",
        "answers": {
            "f10000000001": {"verdict": "corrected", "to": "reported", "reason": "Only one side spoke.", "digest": "f1000000"},
            "f10000000002": {"verdict": "kept", "to": "", "reason": "The letter has the day.", "digest": "f1000000"},
        },
    } == found  # fmt: skip
    assert "2 answers opened from v.json." == open_file(page, tmp_path / "v.json", found)
    assert found == save(page)[1]
