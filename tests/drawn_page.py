"""A page of the viewer as a browser reads it: its elements, its texts, and what its buttons and links send."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any


class Read(HTMLParser):
    """``actions`` are (label, attributes of the cwdb-action, its JSON)."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.actions: list[tuple[str, dict[str, str | None], dict[str, Any]]] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((name, dict(attributes)))
        if name != "input":
            self._open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self._open.pop() == name

    def handle_data(self, text: str) -> None:
        if self._open and self._open[-1] == "cwdb-action":
            self.actions.append((self.texts[-1], self.elements[-1][1], json.loads(text)))
        elif "style" not in self._open:
            self.texts.append(text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())
