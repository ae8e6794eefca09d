"""The built site as a browser shows it: three pages with search, in light and dark, and from this machine alone.

The screenshots stay in .build/docs, to be looked at. Skipped where there is no Chromium, or no site: ``make docs``.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.pages import ROOT

SITE = ROOT / ".build" / "site"
SCREENSHOTS = ROOT / ".build" / "docs"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PAGES = {"index": "Slipway", "explain/how-it-works": "How it works", "operate/runbook": "Runbook"}
"""The pages that are looked at, with their headings."""
LOOKS: tuple[Literal["light", "dark"], ...] = ("light", "dark")
"""The schemes that a reader may prefer."""

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not SITE.is_dir(), reason="no site; make docs builds it"),
]


class Quiet(SimpleHTTPRequestHandler):
    """Serves the site and prints nothing."""

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser that reaches this machine alone."""
    alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", alone])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_heading_and_loads_everything_from_this_machine(name: str, page: Page, address: str) -> None:
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.on("response", lambda answer: failed.extend([answer.url] if answer.status >= 400 else []))
    page.goto(f"{address}/{name}.html", wait_until="networkidle")
    assert page.locator("h1").inner_text().startswith(PAGES[name])
    assert failed == []


def test_code_is_highlighted(page: Page, address: str) -> None:
    page.goto(f"{address}/operate/runbook.html")
    assert page.locator("code span.s1").count() > 0


def test_the_search_finds_a_page_by_a_word_of_it(page: Page, address: str) -> None:
    page.goto(f"{address}/index.html")
    page.keyboard.press("/")
    page.keyboard.type("quarantine")
    page.get_by_role("link", name="After a rollback").first.wait_for(timeout=5000)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_different_in_light_and_in_dark(name: str, browser: Browser, address: str) -> None:
    pictures = []
    for look in LOOKS:
        # The site remembers the first look in the browser's storage, and each page made here has a storage of its own.
        page = browser.new_page(color_scheme=look, viewport={"width": 1300, "height": 1500})
        page.goto(f"{address}/{name}.html")
        pictures.append(page.screenshot(path=SCREENSHOTS / f"{name.rpartition('/')[2]}-{look}.png"))
        page.close()
    assert min(map(len, pictures)) > 20_000, "an empty page is smaller"
    assert pictures[0] != pictures[1]
