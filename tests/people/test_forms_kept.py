"""What becomes of answers: kept by the browser, saved, opened again, never lost unasked, never of somebody else."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import sheets
from form_page import (
    CHROMIUM,
    LETTERS,
    QUIET,
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
from playwright.sync_api import BrowserContext, expect

pytestmark = pytest.mark.slow
BROKEN_STORE = (
    "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })"
)


def test_answers_survive_a_reload(context: BrowserContext, tmp_path: Path) -> None:
    """What was filled in, finished or not, is there again after a reload, and the store holds nothing of the sheet."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    answers = fill_coding(page)
    page.get_by_label("Forces to guard or part: Date: month").fill("13")
    page.reload()

    assert "8 of 15 answered" == progress(page)
    assert "13" == page.get_by_label("Forces to guard or part: Date: month").input_value()
    page.get_by_label("Forces to guard or part: Date: or no value").select_option("(not_applicable)")
    assert answers == save(page)[1]["answers"]
    assert ["cstocases/coding/kgz-2010/anna"] == page.evaluate("Object.keys(localStorage)")
    kept = page.evaluate("localStorage['cstocases/coding/kgz-2010/anna']")
    assert [] == [word for word in ("telegram", "violence", "Secretary-General") if word in kept]


def test_answers_survive_the_browser(driver: Any, tmp_path: Path) -> None:
    """A browser that is closed and started again on the same profile shows the answers."""
    path = laid(tmp_path, sheets.CHECKS)

    def started() -> BrowserContext:
        return driver.chromium.launch_persistent_context(tmp_path / "profile", executable_path=CHROMIUM, args=QUIET)

    first = started()
    page = opened(first, path)
    fieldset(page, "f00000000001").get_by_label("I am unsure").check()
    page.wait_for_timeout(500)
    first.close()
    second = started()
    page = opened(second, path)
    try:
        assert fieldset(page, "f00000000001").get_by_label("I am unsure").is_checked()
    finally:
        second.close()


def test_a_browser_that_keeps_nothing(context: BrowserContext, tmp_path: Path) -> None:
    """With the store switched off everything but the keeping works, and the page says so."""
    context.add_init_script(BROKEN_STORE)
    page = opened(context, laid(tmp_path, sheets.CODING))
    answers = fill_coding(page)

    assert answers == save(page)[1]["answers"]
    assert "keeps nothing for this page" in page.locator("#kept").inner_text()
    page.once("dialog", lambda d: d.accept())
    page.get_by_role("button", name="Forget my answers").click()
    assert "0 of 15 answered" == progress(page)


def test_an_answer_whose_question_changed_is_left_open(context: BrowserContext, tmp_path: Path) -> None:
    """By digest, token or value: what no longer fits is counted and left open, the rest is opened."""
    old = {
        "cstocases": "coding", "version": "0.0.9", "coder": "anna", "case": "kgz-2010", "evidence_digest": "fedcba9876543210",
        "day": "2026-12-01", "shown_as": "", "saw_values": "no",
        "answers": {
            START: entry(START, "2010-06-12"), STATUS: {**entry(STATUS, "reported"), "digest": "changed0"}, WITHDRAWN: entry(WITHDRAWN, "perhaps"),
            LETTERS: entry(LETTERS, "many"), "d00000000013": entry("d00000000013", "2010-02-30"), "999999999999": entry("999999999999", "true"), "__proto__": 1,
        },
    }  # fmt: skip
    page = opened(context, laid(tmp_path, sheets.CODING))
    text = json.dumps(old)
    said = open_file(page, tmp_path / "old.json", text)

    assert said.startswith("1 answer opened from old.json. 6 answers are left open: ")
    assert said.endswith("The evidence has changed since: look through it again.")
    assert {START: entry(START, "2010-06-12")} == save(page)[1]["answers"]


def test_kept_answers_of_a_changed_question_are_left_open(context: BrowserContext, tmp_path: Path) -> None:
    """A newer sheet in the same place does not take over the answer to a question that has changed."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    fieldset(page, STATUS).get_by_role("radio", name="Reported", exact=True).check()
    fieldset(page, WITHDRAWN).get_by_role("radio", name="No", exact=True).check()
    newer = copy.deepcopy(sheets.CODING)
    newer["groups"][1]["questions"][0]["digest"] = "newer000"
    laid(tmp_path, newer)
    page.reload()

    assert "1 of 15 answered" == progress(page)
    assert "1 answer that this browser kept is left open" in message(page)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"coder": "ben"}, "it is by ben, this sheet is for anna"),
        ({"case": "kaz-2022"}, "it is on the case kaz-2022, this sheet is on kgz-2010"),
        ({"cstocases": "checks"}, "it is of kind checks, this sheet is of kind coding"),
        ({"answers": []}, "it was not saved from a sheet of cstocases"),
        ("not JSON", "it was not saved from a sheet of cstocases"),
        ("null", "it was not saved from a sheet of cstocases"),
    ],
)
def test_a_foreign_file_is_refused(context: BrowserContext, tmp_path: Path, changed: Any, why: str) -> None:
    """A file of another coder, case or kind is not opened, says why, and leaves what is there."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    fieldset(page, WITHDRAWN).get_by_role("radio", name="No", exact=True).check()
    mine = {"cstocases": "coding", "coder": "anna", "case": "kgz-2010", "answers": {}}

    assert f"x.json was not opened: {why}." == open_file(
        page, tmp_path / "x.json", changed if isinstance(changed, str) else mine | changed
    )
    assert "1 of 15 answered" == progress(page)


def test_unsaved_answers_are_not_lost_unasked(context: BrowserContext, tmp_path: Path) -> None:
    """The page asks before it is left or another file takes its place, and only while answers are in no file."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    asked: list[str] = []

    def no(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", no)
    page.get_by_role("group", name="Had you seen published values").get_by_label("No", exact=True).check()
    fieldset(page, WITHDRAWN).get_by_role("radio", name="No", exact=True).check()
    page.close(run_before_unload=True)
    page.wait_for_timeout(500)
    assert ["beforeunload"] == asked
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a saved file").click()
    (tmp_path / "x.json").write_text(
        json.dumps({"cstocases": "coding", "coder": "anna", "case": "kgz-2010", "answers": {}}), encoding="utf-8"
    )
    chooser.value.set_files(tmp_path / "x.json")
    page.wait_for_timeout(500)
    assert (["beforeunload", "confirm"], "1 of 15 answered") == (asked, progress(page))
    save(page)
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert ["beforeunload", "confirm"] == asked


def test_two_tabs_do_not_undo_each_other(context: BrowserContext, tmp_path: Path) -> None:
    """What is answered in one tab appears in the other, and both save all of it."""
    path = laid(tmp_path, sheets.CODING)
    one, two = opened(context, path), opened(context, path)
    one.get_by_role("group", name="Had you seen published values").get_by_label("No", exact=True).check()
    fieldset(one, WITHDRAWN).get_by_role("radio", name="No", exact=True).check()
    expect(two.locator("#progress")).to_have_text("1 of 15 answered")
    fieldset(two, LETTERS).get_by_label("number").fill("3")
    expect(one.locator("#progress")).to_have_text("2 of 15 answered")

    assert {WITHDRAWN: entry(WITHDRAWN, "false"), LETTERS: entry(LETTERS, "3")} == save(one)[1]["answers"]
    assert save(one)[1] == save(two)[1]
