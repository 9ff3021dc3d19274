"""What the tests of the sheets do with a page: lay it, open it, fill it in, save, open a file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

from cstocases.people.forms import form_html

CHROMIUM = shutil.which("chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
START, STATUS, WITHDRAWN, LETTERS = "b00000000001", "c00000000001", "c00000000002", "c00000000003"


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
    page.get_by_label("Forces to guard or part: Asked for at all", exact=True).select_option("no")
    page.get_by_label("Forces to guard or part: Date: or no value").select_option("(not_applicable)")
    page.get_by_text("A reason or an explanation?").last.click()
    page.get_by_label("Reason given: Government of Kyrgyzstan, 2010-06-12").select_option("law")
    return {
        "a00000000001": entry("a0000000", "law"),
        START: entry(START, "2010-06"),
        STATUS: entry(STATUS, "reported", "Close to <i>documented</i>.\nSee page 3."),
        WITHDRAWN: entry(WITHDRAWN, "(unknown)"),
        LETTERS: entry(LETTERS, "3"),
        "d00000000012": entry("d00000000012", "denied"),
        "d00000000013": entry("d00000000013", "2010-06-12"),
        "d00000000021": entry("d00000000021", "no"),
        "d00000000023": entry("d00000000023", "(not_applicable)"),
    }
