"""The sheets as pages: nothing preselected, texts stay texts, axe finds nothing, the ways out are in view."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import sheets
from axe_core_python.sync_playwright import Axe
from form_page import STATUS, laid, open_file, opened
from playwright.sync_api import BrowserContext

from cstocases.dataset import data
from cstocases.errors import CstocasesError
from cstocases.people.checks import checks_sheet
from cstocases.people.forms import columns, form_html, values_given
from cstocases.people.questions import coding_sheet


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


def test_rows_have_names_and_sentences_one_stop() -> None:
    """A row without a title is called by those it joins, not by its id; a place in a source that ends with a stop gets no second."""
    sheet = checks_sheet(data(), "kgz-2010", "anna")[0]

    assert [] == [r["heading"] for r in sheet["records"] if re.search(r": [a-z]{3}-[0-9]{4}", r["heading"])]
    assert "last para. <a" in form_html(sheet)


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
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(CstocasesError, match=r"pip install 'cstocases\[people\]'"):
        form_html(sheets.CODING)


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
@pytest.mark.parametrize("width", [1920, 1280, 700])
def test_the_kinds_of_help_fit_the_window(browser: Any, tmp_path: Path, width: int) -> None:
    """Every column is in view, and scrolled to its last row the names of the columns still stand under the bar."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(laid(tmp_path, coding_sheet(data(), "kgz-2016", "anna").sheet).as_uri())
    grid = page.locator(".grid").last
    grid.locator("tbody th").last.evaluate("e => window.scrollTo(0, e.getBoundingClientRect().top + scrollY - 300)")
    bar, heads = page.locator(".bar").bounding_box(), [h.bounding_box() for h in grid.locator("thead th").all()]
    inner = grid.evaluate("g => Math.max(...Array.from(g.querySelectorAll('select'), s => s.getBoundingClientRect().right))")  # fmt: skip
    page.close()

    assert [round(bar["y"] + bar["height"])] * 5 == [round(head["y"]) for head in heads]
    assert max(inner, *(head["x"] + head["width"] for head in heads)) <= width


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


@pytest.mark.slow
def test_definitions_can_be_hidden(context: BrowserContext, tmp_path: Path) -> None:
    """Every code's definition is in view until the coder hides them all, and can be brought back."""
    page = opened(context, laid(tmp_path, sheets.CODING))
    definition = page.locator(f"#q-{STATUS}").get_by_text("A source shows the words or a text.")
    button = page.get_by_role("button", name="Hide the definitions of codes")

    shown = [definition.is_visible()]
    for _ in range(2):
        button.click()
        shown.append(definition.is_visible())
    assert [True, False, True] == shown


def test_a_code_stands_beside_its_label() -> None:
    """Where a definition says `reported`, the coder finds which choice that is: at the question and among the definitions of a table."""
    page = form_html(sheets.CODING)

    assert 2 == page.count('>Reported</span> <code class="soft">reported</code>') + page.count('<dt>Reported <code class="soft">reported</code></dt>')  # fmt: skip
    assert [] == re.findall(r"<code[^>]*>(?:true|false|yes|no|\()", page)
