"""The site of the pages: it names every page once, and links that leave the pages are plain names on it."""

from __future__ import annotations

import tomllib
from typing import Any

from docs.site import DOCS, PAGES, page
from tests.pages import ROOT

CONFIGURATION = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))["project"]


def named(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    return [name for each in (nav.values() if isinstance(nav, dict) else nav) for name in named(each)]


def test_the_site_names_every_page_once() -> None:
    assert sorted(named(CONFIGURATION["nav"])) == sorted(str(file.relative_to(DOCS)) for file in DOCS.rglob("*.md"))


def test_the_site_is_made_of_the_copied_pages() -> None:
    assert ROOT / CONFIGURATION["docs_dir"] == PAGES


def test_a_link_to_another_page_stays_and_one_that_leaves_the_pages_is_its_name() -> None:
    text = page(DOCS / "operate" / "failures.md")
    assert "[what was broken](../evidence/fault-sweep.md)" in text
    assert "](../../tests" not in text
    assert "tests/faults breaks every call" in text
