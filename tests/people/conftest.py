"""The data before any person took part, and Chromium for the sheets; whatever a page complains of or fetches fails its test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from form_page import CHROMIUM, QUIET
from helpers import copy_untouched
from playwright.sync_api import BrowserContext, Page, sync_playwright


@pytest.fixture(autouse=True)
def shipped(untouched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the shipped data are those in which no person has taken part, so that tests may be the first who do."""
    monkeypatch.setattr("cstocases.schema.reader.default_home", lambda: untouched)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of these data that may be written to."""
    return copy_untouched(tmp_path / "home")


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
