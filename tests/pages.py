"""README.md and the pages of docs/ taken apart, for the tests of what they say and of what they let people do."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_FILES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
PAGES = {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in _FILES}
"""The text of each page by its path: README.md, docs/guides/gates.md."""
TUTORIAL, RUNBOOK = RUN_FOR_REAL = ("docs/tutorial.md", "docs/operate/runbook.md")
"""Every block of these pages is run for real."""


@dataclass(frozen=True)
class Block:
    """A fenced block: its page, the heading it stands under, the language it is marked with, its text, and its line."""

    page: str
    heading: str
    language: str
    text: str
    line: int

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str, text: str) -> Iterator[Block]:
    """Yields every fenced block of a page."""
    heading = ""
    for found in re.finditer(r"^##? ([^\n]+)$|^( *)```(\w*)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        if found[1]:
            heading = found[1]
        else:
            line = text.count("\n", 0, found.start()) + 1
            yield Block(page, heading, found[3], textwrap.dedent(found[4]), line)


def with_output(shown: Sequence[Block]) -> Iterator[tuple[Block, str]]:
    """Yields the commands with what the page says that they print, "" where the page says nothing of that."""
    for block, following in zip(shown, [*shown[1:], None], strict=True):
        if block.language == "sh":
            yield block, following.text if following and following.language == "text" else ""


BLOCKS = tuple(block for page, text in PAGES.items() for block in blocks(page, text))
