"""The documentation site: links lead somewhere, the search finds variables, axe finds nothing, and no other host is asked."""

from __future__ import annotations

import functools
import html
import importlib.util
import posixpath
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import expect

import cstocases
from cstocases.schema.build import DUMMIES, DUMMIES_INTO

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` makes it: a warning of any kind is a failure."""
    if not importlib.util.find_spec("furo"):
        pytest.skip("Sphinx is not installed")
    folder = tmp_path_factory.mktemp("docs")
    (line,) = re.findall(r"^\t\$\(BIN\)/sphinx-build (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    words = line.replace("build/", f"{folder}/").split()
    done = subprocess.run([sys.executable, "-m", "sphinx", *words], cwd=ROOT, capture_output=True, text=True)

    assert (0, "") == (done.returncode, done.stderr)
    return folder / "site"


@pytest.fixture(params=["server", "disk"])
def address(request: pytest.FixtureRequest, site: Path) -> Iterator[str]:
    """Where a browser finds the site: at a plain server, and on the disk."""
    if request.param == "disk":
        yield site.as_uri()
        return
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(SimpleHTTPRequestHandler, directory=str(site))
    ) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def ids(page: Path) -> set[str]:
    """The anchors of a page."""
    return set(re.findall(r'\sid="([^"]+)"', page.read_text(encoding="utf-8")))


def test_every_link_leads_somewhere(site: Path) -> None:
    """Links within the site have their page and anchor; to other hosts there are links of good form, and nothing is loaded from them."""
    anchors = {page.relative_to(site).as_posix(): ids(page) for page in site.rglob("*.html")}
    broken, inside = [], 0
    for name in anchors:
        text = (site / name).read_text(encoding="utf-8")
        for tag, given in re.findall(r"<([a-z]+)(\s[^<>]+)>", text):
            for link in re.findall(r'\s(?:href|src|action)="([^"]*)"', given):
                to = urlsplit(html.unescape(link))
                target = posixpath.normpath(posixpath.join(posixpath.dirname(name), to.path)) if to.path else name
                if to.scheme:
                    good = to.scheme == "data" or (
                        tag == "a" and to.scheme in ("http", "https") and "." in to.netloc and " " not in link
                    )
                else:
                    inside += 1
                    good = (site / target).is_file() and (not to.fragment or to.fragment in anchors[target])
                broken += [] if good else [(name, link)]

    assert [] == broken
    assert inside > 1000


def test_variables_and_codes_have_addresses(site: Path) -> None:
    """The codebook has an anchor for each variable, each list of codes and each code, and no other with a dot."""
    wanted = {f"{DUMMIES_INTO}.{dummies.prefix}_CODE" for dummies in DUMMIES}
    for table in cstocases.package().all_tables.values():
        for f in table.fields:
            if not f.dummy_of:
                wanted.add(f"{table.name}.{f.name}")
            if f.categories and f.ref is None:
                wanted |= {f"{table.name}.{f.name}.{code}" for code in ("codes", *f.labels)}

    assert wanted == {name for name in ids(site / "CODEBOOK.html") if "." in name}


def test_functions_are_listed(site: Path) -> None:
    """Each public name has its entry."""
    assert {f"cstocases.{name}" for name in cstocases.__all__} - ids(site / "docs/functions.html") == set()


def test_the_search_leads_to_a_variable(address: str, browser: Any) -> None:
    """The search for a variable leads to its row in the codebook, and to the page nothing comes from elsewhere."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/index.html")
    page.get_by_label("Search").fill("addressee")
    page.get_by_label("Search").press("Enter")
    page.get_by_role("link", name="requests.addressee", exact=True).click()
    row = page.locator(":target")
    expect(row).to_be_in_viewport(timeout=60_000)

    assert page.url.endswith("/CODEBOOK.html#requests.addressee")
    assert row.inner_text().startswith("addressee")
    assert [] == [url for url in asked if not url.startswith((address, "data:"))]
    page.close()


@pytest.mark.parametrize("name", ["index.html", "CODEBOOK.html", "docs/example.html"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 400)])
def test_accessible(site: Path, browser: Any, name: str, scheme: str, width: int) -> None:
    """Axe finds no violation, light on a wide screen and dark on a phone, and nothing overflows the phone."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto((site / name).as_uri())
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    # On the whole codebook axe takes many minutes; each of its tables is made like the first.
    if name == "CODEBOOK.html":
        page.evaluate(
            "document.querySelectorAll('section > section:nth-of-type(n + 4)').forEach(part => part.remove())"
        )
    found = Axe().run(page)["violations"]
    page.close()

    assert [] == [(v["id"], v["nodes"][0]["html"]) for v in found]
    assert 0 == overflow
