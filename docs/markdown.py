"""Words and tables of Markdown, as the generated parts of the pages have them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Row = tuple[str, ...]
ANY = "any JSON"
KINDS: Mapping[object, str] = {
    ANY: ANY,
    "array": "list",
    "boolean": "true or false",
    "integer": "whole number",
    "number": "number",
    "object": "object",
    "string": "text",
}
"""JSON's types in words."""
_BAR = "\\|"


def either(words: Iterable[str]) -> str:
    """Returns "list or text"."""
    return " or ".join(words)


def code(text: str) -> str:
    """Returns a word as code."""
    return f"`{text}`"


def quoted(text: str) -> str:
    """Returns code that may have backticks in it."""
    return f"``` {text} ```" if "`" in text else code(text)


def table(head: Row, rows: Iterable[Row]) -> str:
    """Returns a table with this head."""
    return "\n".join(_line(cells) for cells in (head, ("---",) * len(head), *rows))


def _line(cells: Row) -> str:
    # Markdown takes a bar for the end of a cell, between backticks too.
    return f"| {' | '.join(cell.replace('|', _BAR) for cell in cells)} |"
