"""README.md taken apart, for the tests of what it says and of what it lets people do."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text("utf-8")
WALK_THROUGH = "Try it by hand"
"""The heading under which every block is run for real."""


@dataclass(frozen=True)
class Block:
    """A fenced block: the heading it stands under, the language it is marked with, and its text."""

    heading: str
    language: str
    text: str
    line: int

    def __str__(self) -> str:
        return f"line-{self.line}"


def _read_blocks() -> Iterator[Block]:
    heading = ""
    for found in re.finditer(r"^## ([^\n]+)$|^( *)```(\w+)\n(.*?)^ *```$", TEXT, re.MULTILINE | re.DOTALL):
        if found[1]:
            heading = found[1]
        else:
            yield Block(heading, found[3], textwrap.dedent(found[4]), TEXT.count("\n", 0, found.start()) + 1)


BLOCKS = tuple(_read_blocks())
