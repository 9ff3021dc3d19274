"""The report in a real browser: cells open, cases filter, search finds, nothing is fetched, axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import helpers
import pytest
from axe_core_python.base import AXE_SCRIPT
from playwright.sync_api import Page

import cstocases
from cstocases.errors import CstocasesError, ExportError
from cstocases.pages.html import PICTURES, codebook_html, report

# Bare tags are refused in a cell; these have attributes.
NASTY = '<script x>alert("x")</script x><img src=x onerror=alert(1)> & "quoted"'


# Leaves on the page one text of each kind. Colours and sizes come from the style sheet alone, which goes by tags, classes
# and `open`: texts alike in these, and in those of all that is around them, look alike.
ONE_OF_EACH_KIND = """() => {
  const kinds = new Map();
  const kind = (e) => e ? kind(e.parentElement) + ">" + e.tagName + "." + e.className + e.hasAttribute("open") : "";
  const says = (e) => [...e.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
  for (const e of document.querySelectorAll("body *"))
    if (says(e) && e.checkVisibility() && !kinds.has(kind(e))) kinds.set(kind(e), e);
  const kept = new Set();
  for (let e of kinds.values()) for (; e; e = e.parentElement) kept.add(e);
  for (const e of document.querySelectorAll("body *")) if (!kept.has(e)) e.remove();
  return kinds.size;
}"""


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the shipped data."""
    return report(tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture
def heard(browser: Any) -> Iterator[tuple[Page, list[str]]]:
    """A page of the browser, and whatever it complained of or asked for beyond its own file."""
    heard: list[str] = []
    page = browser.new_page()
    page.on("console", lambda m: heard.append(f"console: {m.text}"))
    page.on("pageerror", lambda e: heard.append(f"error: {e}"))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else heard.append(f"request: {r.url}"))
    page.on("dialog", lambda d: heard.append(f"dialog: {d.message}"))
    yield page, heard
    page.close()


def shown(page: Page, selector: str) -> int:
    """How many elements of a selector are visible."""
    return page.locator(f"{selector}:visible").count()


def violations(page: Page, options: str) -> list[list[str]]:
    """What axe finds wrong with a page under these options: each rule with the first element that breaks it."""
    page.evaluate(AXE_SCRIPT)
    found: list[list[str]] = page.evaluate(
        f"axe.run(document, {options}).then((r) => r.violations.map((v) => [v.id, v.nodes[0].html.slice(0, 200)]))"
    )
    return found


def test_cells_open_to_their_readings(page_file: Path, heard: tuple[Page, list[str]]) -> None:
    """A click on a cell shows its readings with sources, conflicting ones marked; nothing is complained of or fetched."""
    page, complaints = heard
    page.goto(page_file.as_uri())
    cell = page.locator(".matrix tr", has=page.get_by_role("rowheader", name="Addressee", exact=True)).locator(
        'td[data-case="kgz-2010"] details'
    )
    wanted = cstocases.evidence("requests", "kgz-2010-troops", "addressee")

    assert 0 == cell.locator("li:visible").count()
    cell.locator("summary").first.click()
    assert len(wanted) == cell.locator("li:visible").count()
    assert (wanted["agreement"] == "rival").sum() == cell.locator("li.conflicts:visible").count()
    assert set(wanted["url"].dropna()) == {a.get_attribute("href") for a in cell.locator("a").all()}
    assert [] == complaints


def test_cases_filter(page_file: Path, heard: tuple[Page, list[str]]) -> None:
    """The founding three are shown first; a box adds a case everywhere, the buttons all or the founding ones."""
    page, complaints = heard
    page.goto(page_file.as_uri())
    assert 3 == shown(page, ".matrix thead th[data-case]") == shown(page, "article[data-case]")
    page.get_by_role("checkbox", name="tjk-2021").check()
    assert 4 == shown(page, ".matrix thead th[data-case]") == shown(page, "article[data-case]")
    assert "4 cases shown" == page.locator("#said").inner_text()
    page.get_by_role("button", name="All cases").click()
    assert len(cstocases.load("cases")) == shown(page, ".matrix thead th[data-case]")
    page.get_by_role("button", name="Founding cases").click()
    assert 3 == shown(page, ".matrix thead th[data-case]")
    assert [] == complaints


def test_search_of_the_codebook(page_file: Path, heard: tuple[Page, list[str]]) -> None:
    """The search shows the fields and codes that hold the words, and all again when emptied."""
    page, complaints = heard
    page.goto(page_file.as_uri())
    every = shown(page, "#codebook [data-search]")
    page.get_by_label("Search fields and codes").fill("threat_framing")
    assert re.fullmatch(r"\d entries found", page.locator("#found").inner_text())
    assert {"threat_framing"} == set(page.locator("#codebook [data-search]:visible th").all_inner_texts())
    page.get_by_label("Search fields and codes").fill("")
    assert (
        every
        == shown(page, "#codebook [data-search]")
        == sum(len(t.fields) for t in cstocases.package().all_tables.values())
    )
    assert [] == complaints


def test_accessible(page_file: Path, browser: Any) -> None:
    """Axe finds no violation on the whole page, of any rule but that of contrast, which takes 80 % of its time and is the next test."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(page_file.as_uri())
    page.locator('td[data-case="kgz-2010"] summary').first.click()
    found = violations(page, "{rules: {'color-contrast': {enabled: false}}, resultTypes: ['violations']}")
    page.close()

    assert [] == found


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_legible(page_file: Path, browser: Any, scheme: str, width: int) -> None:
    """Every kind of text has contrast enough, light on a wide screen and dark on a phone, with every cell and detail open; nothing overflows the phone."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    page.get_by_role("button", name="All cases").click()
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    kinds = page.evaluate(ONE_OF_EACH_KIND)
    found = violations(page, "{runOnly: ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable']}")
    page.close()

    assert kinds > 60
    assert [] == found
    assert 0 == overflow


def test_whole_without_scripts(page_file: Path, browser: Any) -> None:
    """Without JavaScript all cases are there and cells open."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert len(cstocases.load("cases")) == shown(page, ".matrix thead th[data-case]")
    page.locator('td[data-case="kgz-2010"] summary').first.click()
    assert page.locator('td[data-case="kgz-2010"] li:visible').count() > 0
    context.close()


def test_one_file_that_loads_nothing(page_file: Path) -> None:
    """No element of the page loads anything but what the page itself holds."""
    tags = re.findall(r"<(\w+)([^>]*)>", page_file.read_text(encoding="utf-8"))
    loads = [
        found for _, given in tags for found in re.findall(r"\s(?:src|srcset|data|poster)\s*=\s*['\"]?([^,]*)", given)
    ]

    assert {"data:image/svg+xml;base64"} == set(loads)
    assert (0, 1) == tuple(sum(tag == name for tag, _ in tags) for name in ("link", "h1"))


def test_markup_in_a_cell_is_text(home: Path, tmp_path: Path, heard: tuple[Page, list[str]]) -> None:
    """Markup in any text of the data, schema included, is shown as the text it is and does nothing."""
    spoiled = {
        "cases": "title", "requests": "title", "events": "description", "rationales": "statement", "explanations": "author",
        "evidence": "statement", "sources": "title", "candidates": "reason",
    }  # fmt: skip
    for name, column in spoiled.items():
        header, *rows = helpers.read_rows(home, name)
        for row in rows:
            row[header.index(column)] = NASTY
        helpers.write_rows(home, name, [header, *rows])
    helpers.edit(home, "schema/events.json", b'"title": "', b'"title": "<i>x</i>')
    made = report(tmp_path / "x.html", ["kgz-2010"], home=home)
    page, complaints = heard
    page.goto(made.as_uri())
    page.get_by_role("button", name="Open every cell").click()

    assert [] == complaints
    text = page.locator("main").text_content()
    assert text is not None
    assert text.count(NASTY) > 100
    assert "<script x>alert" not in made.read_text(encoding="utf-8")
    assert 0 == page.locator("main img:not([alt]), main i").count()


def test_columns_are_named(page_file: Path) -> None:
    """The comparison's columns are headed by state and year, with the id beside it; every other table has words first and ids second."""
    page = page_file.read_text(encoding="utf-8")
    heads = re.findall(r'<th scope="col" data-case="[^"]+">([^<]+) <span class="id">([^<]+)</span></th>', page)
    assert ("Kyrgyzstan 2010", "kgz-2010") in heads
    assert set(cstocases.load("cases")["case_id"]) == {case for _, case in heads}
    candidates = page.partition('id="candidates"')[2].partition("</section>")[0]
    assert list(cstocases.load("candidates")["candidate_id"]) == re.findall(r'<th scope="row">[^<]+ <span class="id">([^<]+)</span>', candidates)  # fmt: skip
    assert 'Status of the request <span class="id">requests.status</span>' in page


def test_independent_sources_are_counted(page_file: Path) -> None:
    """A cell says how many independent sources give its value and how many another, and a statement how many of its sources are independent."""
    page = page_file.read_text(encoding="utf-8")
    row = page.partition('<tr><th scope="row">Addressee</th>')[2].partition("</tr>")[0]
    read = cstocases.evidence("requests", "kgz-2010-troops", "addressee")
    source = read["origin"].fillna(read["publisher"])
    agree, differ = (source[read["agreement"] == side].nunique() for side in ("supports", "rival"))
    assert f"Independent sources for it: {agree}; against it: {differ}." in row
    several = re.findall(r"<summary>(\d+) sources, (\d+) independent</summary>", page)
    assert several
    assert all(int(fewer) < int(n) for n, fewer in several)


def test_pictures_are_said_in_words(page_file: Path) -> None:
    """Each picture has a text in its place, and what the pictures of requests show stands in words under each request."""
    page = page_file.read_text(encoding="utf-8")
    assert [alt for alt, _ in PICTURES.values()] == [alt.replace("&#39;", "'") for alt in re.findall(r'<img src="[^"]+" alt="([^"]*)">', page)]  # fmt: skip
    appeal = page.partition("<strong>Appeal of 5 January to the heads of the CSTO states</strong>")[2].partition("</dl>")[0]  # fmt: skip
    assert "<dt>Sent forces</dt><dd>Armenia, Belarus, Kyrgyzstan, Russia, Tajikistan</dd>" in appeal
    assert "Forces to guard or part, Agreed, Accepted, Delivered" in appeal


def test_what_the_reader_can_say(page_file: Path) -> None:
    """From the page alone: who was asked, what came of it, why officials said so, why scholars think so, what is disputed."""
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page_file.read_text(encoding="utf-8")))
    for table, column in (("rationales", "statement"), ("explanations", "statement"), ("events", "description"), ("requests", "title"), ("candidates", "title")):  # fmt: skip
        frame = cstocases.load(table)
        escaped = [
            v.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&#34;").replace("'", "&#39;")
            for v in frame[column]
        ]
        assert [v for v in escaped if re.sub(r"\s+", " ", v) not in text] == [], table
    assert cstocases.cite() in text.replace("&#39;", "'")
    undated = cstocases.load("explanations").query("year.isna()")["author"].iloc[0]
    assert f" {undated}, no date " in text
    assert not re.search(r", None\b|&lt;NA&gt;|\bnan\b", text)


@pytest.mark.slow
def test_the_coders_have_a_matrix(tmp_path: Path) -> None:
    """Of each variable that several pairs share: alpha above the diagonal, cells below, a dash with its reason in mark and text; headers have a scope."""
    home = helpers.copy_untouched(tmp_path / "home")
    helpers.add(home, "coders", coder="anna", coder_kind="person", saw_values="no", codebook_version="0.3.0")
    helpers.add(home, "codings", coder="anna", pass_date="2026-12-01", table_name="requests", record_id="kaz-2022-appeal", field_name="status", coded_value="documented")  # noqa: S106  # fmt: skip
    page = report(tmp_path / "x.html", ["kgz-2010"], home=home).read_text(encoding="utf-8")
    section = page.partition('<h3 id="coders">')[2].partition("</section>")[0]
    shared = cstocases.pairs(home).query("n > 0 and variable != 'all variables'").groupby("variable").size()
    shown = dict(re.findall(r"<details class=\"coders\"><summary>(\S+) \([^)]*\)</summary>(.*?)</details>", section, re.DOTALL))  # fmt: skip

    assert list(shared[shared > 1].index) == list(shown)
    rows = re.findall(r"<tr>(.*?)</tr>", shown["requests.status"])
    names = ["Coder", "anna (human)", *(f"coder-{x} (model)" for x in "abcd")]
    assert names == re.findall(r'<th scope="col">(.*?)</th>', rows[0])
    assert names[1:] == re.findall(r'<th scope="row">(.*?)</th>', "".join(rows[1:]))
    cells = [re.findall(r"<td>(.*?)</td>", line) for line in rows[1:]]
    dash = '<abbr title="undefined: fewer than 3 cells coded by both">–</abbr> (1)'
    assert ["", dash, dash, dash, dash] == cells[0]
    # Of coder-a and coder-b alpha is 0.64; anna shares one cell with each, coder-c 26 with coder-d.
    assert (["1", "", "0.64"], ["1", "11", "11", "26", ""]) == (cells[1][:3], cells[4])
    assert '<p class="soft">(1) undefined: fewer than 3 cells coded by both</p>' in shown["requests.status"]
    assert ["human-model", "model-model"] == re.findall(r'<th scope="row">(\w+-\w+)</th>', section)


def test_existing_files_are_left_alone(tmp_path: Path) -> None:
    """An existing file is not replaced without force."""
    (tmp_path / "x.html").write_text("mine", encoding="utf-8")
    with pytest.raises(ExportError, match="exists; choose another name, or --force"):
        report(tmp_path / "x.html")
    assert "mine" == (tmp_path / "x.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    "how", [{"rule": "strict"}, {"rule": "official"}, {"as_of": "2012-01-01"}, {"as_of": "1900-01-01"}]
)
def test_what_is_not_settled_is_said(tmp_path: Path, how: dict[str, str]) -> None:
    """Where a rule or a day leaves what was said open, the page is still made and says so."""
    page = report(tmp_path / "x.html", ["kgz-2010", "arm-2020"], **how).read_text(encoding="utf-8")
    assert "(not settled)" in page
    assert f"settled by the rule {how.get('rule', 'published')}" in page


def test_commands(tmp_path: Path) -> None:
    """`report` writes chosen cases, `codebook --format html` prints the page the library gives."""
    dest = tmp_path / "r.html"
    done = helpers.run("report", str(dest), "kgz-2010", "kaz-2022")
    assert (0, True) == (done.exit_code, "open it in a browser" in done.stderr)
    assert 2 == dest.read_text(encoding="utf-8").count("<article data-case=")
    assert codebook_html() == helpers.run("codebook", "--format", "html").stdout


def test_missing_libraries_are_named_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its libraries the report names all of them and the one extra that brings them, and writes nothing."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(CstocasesError) as error:
        report(tmp_path / "x.html")

    assert "report needs jinja2, matplotlib, krippendorff, not installed: pip install 'cstocases[report]'" == str(
        error.value
    )
    assert list(tmp_path.iterdir()) == []
