"""Draws what would be: the answers of ``check``, ``plan`` and ``backtest``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import cast

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.asking.parsing import Answer
from cli.showing.times import span

_IN_THE_HEAD = frozenset({"ok", "request", "target", "file", "would"})


def verdict(answer: Answer) -> RenderableType:
    """Draws what would be done, and every member of the answer that says something."""
    would = str(answer.get("would"))
    about = str(answer.get("target") or answer.get("file"))
    head = Text.assemble((about, "bold"), "  would ", (would, "bold green" if would == "deploy" else "bold red"))
    rows = Table.grid(padding=(0, 2))
    for name, text in _facts(answer):
        rows.add_row(f"  {name}", text)
    return Group(head, rows)


def _facts(answer: Answer) -> Iterator[tuple[str, str]]:
    for name, value in answer.items():
        if name not in _IN_THE_HEAD and value not in (None, [], {}, "", 0):
            words = _WORDS.get(name, _plain)(value)
            yield name.removesuffix("_seconds").replace("_", " "), words


def _plain(value: object) -> str:
    """Says a value: lists of texts as such, what has words of its own by these, others as JSON."""
    if isinstance(value, bool):
        return "yes"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    if isinstance(value, dict) and "in_words" in value:
        return str(value["in_words"])
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _steps(value: object) -> str:
    return ", ".join(_step(step) for step in cast("list[Answer]", value))


def _step(step: Answer) -> str:
    if "pause_seconds" in step:
        return f"approval within {_seconds(step['pause_seconds'])}, else {step['then']}"
    return f"{step['weight']:g} % for {_seconds(step['hold_seconds'])}"


def _seconds(value: object) -> str:
    return span(timedelta(seconds=cast("float", value)))


_WORDS: Mapping[str, Callable[[object], str]] = {"steps": _steps, "bake_seconds": _seconds}
