"""The sheets in a real browser: filled in by keyboard and by mouse, kept, saved, opened again; nothing fetched, axe finds nothing."""

from __future__ import annotations

import copy
import datetime
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sheets
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from cstocases.errors import CstocasesError
from cstocases.people.forms import columns, form_html, values_given

CHROMIUM = shutil.which("chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
START, STATUS, WITHDRAWN, LETTERS = "b00000000001", "c00000000001", "c00000000002", "c00000000003"
BROKEN_STORE = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError'); } })"


class Controls(HTMLParser):
    """The controls of a page that have something in them before anybody touched it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.n, self.preset = 0, list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.n += tag in ("input", "option", "textarea")
        typed = tag == "input" and given.get("type") == "text" and "value" in given
        if typed or {"checked", "selected"} & set(given):
            self.preset.append(f"{tag} {given}")

    def handle_data(self, data: str) -> None:
        if self.lasttag == "textarea" and data.strip():
            self.preset.append(data)


@pytest.mark.parametrize("kind", sheets.ALL)
def test_nothing_is_preselected(kind: str) -> None:
    """No control has a value of its own, and the first option of each select is the empty one."""
    page = form_html(sheets.ALL[kind])
    found = Controls(page)

    assert [] == found.preset
    assert found.n > 5
    first = re.findall(r"<select[^>]*>\s*<option value=\"([^\"]*)\"", page)
    assert {""} == {*first, ""}
    assert len(re.findall("<select", page)) == len(first)


@pytest.mark.parametrize("kind", sheets.ALL)
def test_the_page_holds_texts_as_text(kind: str) -> None:
    """Markup in a text of a sheet is escaped wherever it stands, and an address that is no web address is no link."""
    page = form_html(sheets.ALL[kind])

    assert "<b>" not in page
    assert 1 == page.count("<script>") == page.count("</script>")
    assert [] == re.findall(r"<img|href=\"javascript", page)
    assert {"noopener noreferrer"} == set(re.findall(r"rel=\"([^\"]*)\"", page))


def test_columns_of_a_grid_are_the_union_of_its_rows() -> None:
    """A variable that only some rows ask has a column."""
    asked = [["asks.record"], ["asks.record", "asks.date"], []]
    assert ["asks.record", "asks.date"] == columns(
        {"rows": [{"questions": [sheets.question("1", name) for name in names]} for names in asked]}
    )


def test_a_cell_may_be_corrected_to_what_somebody_gave() -> None:
    """Each value once, by its code where it has one, without the published one."""
    status, date = sheets.VERDICTS["cells"]
    assert [("reported", "Reported")] == values_given(status)
    assert [("2010-06", "2010-06"), ("(unknown)", "(unknown)")] == values_given(date)


def test_jinja2_lacking_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without jinja2 the error names the extra of the sheets."""
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    with pytest.raises(CstocasesError, match=r"pip install 'cstocases\[people\]'"):
        form_html(sheets.CODING)


# From here on in Chromium.


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    """Playwright, where there is a Chromium."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(driver: Any) -> Iterator[Any]:
    """Chromium, without a screen."""
    chromium = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield chromium
    chromium.close()


def watched(page: Page, heard: list[str]) -> Page:
    """A page whose complaints, and requests beyond files, are heard."""
    page.on("console", lambda m: heard.append(f"console: {m.text}"))
    page.on("pageerror", lambda e: heard.append(f"error: {e}"))
    page.on("request", lambda r: None if r.url.startswith(("file:", "blob:")) else heard.append(f"request: {r.url}"))
    return page


@pytest.fixture
def context(browser: Any) -> Iterator[BrowserContext]:
    """A profile of its own. Whatever its pages complain of or ask for beyond files fails the test."""
    heard: list[str] = []
    context = browser.new_context()
    context.set_default_timeout(10_000)
    context.on("page", lambda page: watched(page, heard))
    yield context
    context.close()
    assert [] == heard


def laid(folder: Path, sheet: dict[str, Any]) -> Path:
    """The file of a sheet, the same for the same kind."""
    path = folder / f"{sheet['cstocases']}.html"
    path.write_text(form_html(sheet), encoding="utf-8")
    return path


def opened(context: BrowserContext, path: Path) -> Page:
    """The page of a file."""
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def save(page: Page) -> tuple[str, dict[str, Any]]:
    """The name and the content of the file that the page saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Save to a file").click()
    return download.value.suggested_filename, json.loads(Path(download.value.path()).read_text(encoding="utf-8"))


def open_file(page: Page, path: Path, value: Any) -> str:
    """What the page says when a file with this in it is opened."""
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    page.locator("#message").evaluate("m => m.hidden = true")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open a saved file").click()
    chooser.value.set_files(path)
    page.locator("#message").wait_for()
    return message(page)


def message(page: Page) -> str:
    """The message that is shown."""
    return page.locator("#message p").inner_text()


def progress(page: Page) -> str:
    """How many are answered, as the page says."""
    return page.locator("#progress").inner_text()


def fieldset(page: Page, token: str) -> Any:
    """The question of a token."""
    return page.locator(f"#q-{token}")


def entry(token: str, value: str, note: str = "") -> dict[str, str]:
    """An answer as a return holds it."""
    return {"value": value, "note": note, "digest": token[:8]}


def fill_coding(page: Page) -> dict[str, dict[str, str]]:
    """Fill in a bit of everything with the mouse; the answers that must come of it."""
    page.get_by_label("Name to thank you by").fill('Anna "A." <b>')
    page.get_by_role("group", name="Had you seen published values").get_by_label("Partly").check()
    boxes = fieldset(page, START)
    boxes.get_by_label("year").fill("2010")
    boxes.get_by_label("month").fill("6")
    fieldset(page, STATUS).get_by_role("radio", name="Reported", exact=True).check()
    fieldset(page, STATUS).get_by_text("Note", exact=True).click()
    fieldset(page, STATUS).get_by_label("Note on Status").fill("Close to <i>documented</i>.\nSee page 3.")
    fieldset(page, WITHDRAWN).get_by_role("radio", name="Unknown").check()
    fieldset(page, LETTERS).get_by_label("number").fill("3")
    page.get_by_label("Forces to fight: Status", exact=True).select_option("denied")
    page.get_by_label("Forces to fight: Date: day").fill("12")
    page.get_by_label("Forces to fight: Date: month").fill("06")
    page.get_by_label("Forces to fight: Date: year").fill("2010")
    page.get_by_label("Forces to guard or part: Asked for at all", exact=True).select_option("false")
    page.get_by_label("Forces to guard or part: Date: or no value").select_option("(not_applicable)")
    page.get_by_text("A reason or an explanation?").last.click()
    page.get_by_label("Reason given").select_option("law")
    return {
        "a00000000001": entry("a0000000", "law"),
        START: entry(START, "2010-06"),
        STATUS: entry(STATUS, "reported", "Close to <i>documented</i>.\nSee page 3."),
        WITHDRAWN: entry(WITHDRAWN, "(unknown)"),
        LETTERS: entry(LETTERS, "3"),
        "d00000000012": entry("d00000000012", "denied"),
        "d00000000013": entry("d00000000013", "2010-06-12"),
        "d00000000021": entry("d00000000021", "false"),
        "d00000000023": entry("d00000000023", "(not_applicable)"),
    }


@pytest.mark.slow
def test_a_coding_is_saved_as_agreed(context: BrowserContext, tmp_path: Path) -> None:
    """The saved file is the return of the contract, name and all; the progress counts what was answered."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    assert "0 of 13 answered" == progress(page)
    answers = fill_coding(page)
    assert "8 of 13 answered, and 1 on statements" == progress(page)
    name, found = save(page)

    assert "anna-kgz-2010-coding.json" == name
    assert {
        "cstocases": "coding", "version": "0.1.0", "coder": "anna", "case": "kgz-2010", "evidence_digest": "0123456789abcdef",
        "day": datetime.date.today().isoformat(), "shown_as": 'Anna "A." <b>', "saw_values": "partly", "answers": answers,
    } == found  # fmt: skip


@pytest.mark.slow
def test_an_untouched_sheet_saves_no_answers(context: BrowserContext, tmp_path: Path) -> None:
    """Blank is not coded: only what was answered has an entry."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    page.get_by_role("group", name="Had you seen published values").get_by_label("No", exact=True).check()
    _, found = save(page)

    assert ({}, "", "no") == (found["answers"], found["shown_as"], found["saw_values"])


@pytest.mark.slow
def test_a_saved_file_brings_back_the_answers(context: BrowserContext, tmp_path: Path) -> None:
    """Opened in an empty page, a saved file gives the same file again."""
    first = opened(context, laid(tmp_path, sheets.CODING))
    fill_coding(first)
    _, wanted = save(first)
    first.once("dialog", lambda d: d.accept())
    first.get_by_role("button", name="Forget my answers").click()
    expect(first.locator("#progress")).to_have_text("0 of 13 answered")
    assert "9 answers opened from saved.json." == open_file(first, tmp_path / "saved.json", wanted)
    _, found = save(first)

    assert wanted == found


@pytest.mark.slow
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
    assert "0 of 13 answered" == progress(page)
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


@pytest.mark.slow
def test_answers_survive_a_reload(context: BrowserContext, tmp_path: Path) -> None:
    """What was filled in, finished or not, is there again after a reload, and the store holds nothing of the sheet."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    answers = fill_coding(page)
    page.get_by_label("Forces to guard or part: Date: month").fill("13")
    page.reload()

    assert "7 of 13 answered, and 1 on statements" == progress(page)
    assert "13" == page.get_by_label("Forces to guard or part: Date: month").input_value()
    page.get_by_label("Forces to guard or part: Date: or no value").select_option("(not_applicable)")
    assert answers == save(page)[1]["answers"]
    assert ["cstocases/coding/kgz-2010/anna"] == page.evaluate("Object.keys(localStorage)")
    kept = page.evaluate("localStorage['cstocases/coding/kgz-2010/anna']")
    assert [] == [word for word in ("telegram", "violence", "Secretary-General") if word in kept]


@pytest.mark.slow
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
        assert "1 of 3 answered" == progress(page) or "0 of 3 answered" == progress(page)
        assert fieldset(page, "f00000000001").get_by_label("I am unsure").is_checked()
    finally:
        second.close()


@pytest.mark.slow
def test_a_browser_that_keeps_nothing(context: BrowserContext, tmp_path: Path) -> None:
    """With the store switched off everything but the keeping works, and the page says so."""
    context.add_init_script(BROKEN_STORE)
    page = opened(context, laid(tmp_path, sheets.CODING))
    answers = fill_coding(page)

    assert answers == save(page)[1]["answers"]
    assert "keeps nothing for this page" in page.locator("#kept").inner_text()
    page.once("dialog", lambda d: d.accept())
    page.get_by_role("button", name="Forget my answers").click()
    assert "0 of 13 answered" == progress(page)


@pytest.mark.slow
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


@pytest.mark.slow
def test_kept_answers_of_a_changed_question_are_left_open(context: BrowserContext, tmp_path: Path) -> None:
    """A newer sheet in the same place does not take over the answer to a question that has changed."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    fieldset(page, STATUS).get_by_role("radio", name="Reported", exact=True).check()
    fieldset(page, WITHDRAWN).get_by_role("radio", name="No", exact=True).check()
    newer = copy.deepcopy(sheets.CODING)
    newer["groups"][1]["questions"][0]["digest"] = "newer000"
    laid(tmp_path, newer)
    page.reload()

    assert "1 of 13 answered" == progress(page)
    assert "1 answer that this browser kept is left open" in message(page)


@pytest.mark.slow
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
    assert "1 of 13 answered" == progress(page)


@pytest.mark.slow
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
    assert (["beforeunload", "confirm"], "1 of 13 answered") == (asked, progress(page))
    save(page)
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert ["beforeunload", "confirm"] == asked


@pytest.mark.slow
def test_two_tabs_do_not_undo_each_other(context: BrowserContext, tmp_path: Path) -> None:
    """What is answered in one tab appears in the other, and both save all of it."""
    path = laid(tmp_path, sheets.CODING)
    one, two = opened(context, path), opened(context, path)
    one.get_by_role("group", name="Had you seen published values").get_by_label("No", exact=True).check()
    fieldset(one, WITHDRAWN).get_by_role("radio", name="No", exact=True).check()
    expect(two.locator("#progress")).to_have_text("1 of 13 answered")
    fieldset(two, LETTERS).get_by_label("number").fill("3")
    expect(one.locator("#progress")).to_have_text("2 of 13 answered")

    assert {WITHDRAWN: entry(WITHDRAWN, "false"), LETTERS: entry(LETTERS, "3")} == save(one)[1]["answers"]
    assert save(one)[1] == save(two)[1]


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
@pytest.mark.parametrize("kind", sheets.ALL)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_accessible(browser: Any, tmp_path: Path, kind: str, scheme: str, width: int) -> None:
    """Axe finds no violation, all unfolded and a message shown; nothing overflows 320 pixels."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(laid(tmp_path, sheets.ALL[kind]).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.locator("main textarea").first.fill("A reason.")
    page.get_by_role("button", name="Save to a file").click()
    with_message = Axe().run(page)["violations"]
    page.get_by_role("button", name="Close this message").click()
    without = Axe().run(page)["violations"]
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.close()

    assert [] == [(v["id"], v["nodes"][0]["html"]) for v in with_message + without]
    assert 0 == overflow


@pytest.mark.slow
@pytest.mark.parametrize("kind", sheets.ALL)
def test_markup_is_shown_as_text(context: BrowserContext, tmp_path: Path, kind: str) -> None:
    """Markup in a sheet, and in a file that is opened, stands on the page as it was written and does nothing."""
    page = opened(context, laid(tmp_path, sheets.ALL[kind]))
    page.on("dialog", lambda d: pytest.fail(d.message))

    assert sheets.NASTY in (page.locator("body").text_content() or "")
    assert 0 == page.locator("b, img").count()
    nasty = {"cstocases": kind, "coder": sheets.NASTY, "case": sheets.NASTY, "answers": {sheets.NASTY: {}}}
    said = open_file(page, tmp_path / "x.json", nasty)
    assert 0 == page.locator("b, img").count()
    assert (sheets.NASTY in said) is (kind != "verdicts")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 320])
def test_ways_out_are_always_visible(browser: Any, tmp_path: Path, width: int) -> None:
    """At the end of the page both buttons are still in view, and a focused question is not under them."""
    page = browser.new_page(viewport={"width": width, "height": 640})
    page.goto(laid(tmp_path, sheets.CODING).as_uri())
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    tops = [page.get_by_role("button", name=name).bounding_box()["y"] for name in ("Save to a file", "Open a saved file")]  # fmt: skip
    page.locator(f"#q-{STATUS} input").first.focus()
    place = page.evaluate("[document.activeElement.getBoundingClientRect().top, document.querySelector('.bar').getBoundingClientRect().bottom]")  # fmt: skip
    page.close()

    assert [True, True] == [0 <= top < 120 for top in tops]
    assert place[0] >= place[1]
