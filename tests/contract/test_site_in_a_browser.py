"""The built site as a browser shows it: three pages with search, in light and dark, and from this machine alone.

The screenshots stay in .build/docs, to be looked at. Skipped where there is no Chromium, or no site: ``make docs``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.pages import ROOT

SITE = ROOT / ".build" / "site"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1300,2400",
    "--virtual-time-budget=5000",
)
PAGES = {"index.html": "Slipway", "explain/how-it-works.html": "How it works", "operate/runbook.html": "Runbook"}
LOOKS = {"light": "1", "dark": "0"}
"""Chromium's numbers of the schemes that a reader may prefer."""

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not SITE.is_dir(), reason="no site; make docs builds it"),
]


class Served(SimpleHTTPRequestHandler):
    """Serves the site and keeps the paths that were asked for, with the statuses of the answers."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        self.asked.append((self.path, str(code)))

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def address() -> Iterator[str]:
    Served.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Served, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def browse(url: str, folder: Path, *flags: str) -> str:
    """Returns what Chromium prints of a page; no name but this machine's leads anywhere."""
    alone = ("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--user-data-dir={folder}")
    command = [str(CHROMIUM), *FLAGS, *alone, *flags, url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_its_heading_search_and_highlighted_code_from_this_machine_alone(
    page: str, address: str, tmp_path: Path
) -> None:
    shown = browse(f"{address}/{page}", tmp_path, "--dump-dom")
    assert re.search(rf"<h1[^>]*>{PAGES[page]}", shown)
    assert ("/search.json", "200") in Served.asked
    assert [path for path, status in Served.asked if not status.startswith(("2", "3"))] == []
    loaded = re.findall(r'<(?:script|img|link rel="stylesheet")[^>]*(?:src|href)="([^"]+)"', shown)
    assert [each for each in loaded if "://" in each and not each.startswith(address)] == []
    assert page != "operate/runbook.html" or re.search(r'<span class="s\d">', shown)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_looks_different_in_light_and_in_dark(page: str, address: str, tmp_path: Path) -> None:
    pictures = []
    for look, number in LOOKS.items():
        picture = ROOT / ".build" / "docs" / f"{Path(page).stem}-{look}.png"
        browse(
            f"{address}/{page}",
            tmp_path / look,
            f"--screenshot={picture}",
            f"--blink-settings=preferredColorScheme={number}",
        )
        pictures.append(picture.read_bytes())
    assert min(map(len, pictures)) > 20_000, "an empty page is smaller"
    assert pictures[0] != pictures[1]
