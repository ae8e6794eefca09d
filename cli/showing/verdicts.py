"""Draws answers that are no deployment: what would be, says ``check``, ``plan`` or ``backtest``, and lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import cast

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.asking.parsing import Answer, text
from cli.showing.times import span

_IN_THE_HEAD = frozenset({"ok", "request", "target", "file", "would"})


def verdict(answer: Answer) -> RenderableType:
    """Draws what would be done, and every member of the answer that says something."""
    would = text(answer.get("would"))
    about = text(answer.get("target") or answer.get("file"))
    head = Text.assemble((about, "bold"), "  would ", (would, "bold green" if would == "deploy" else "bold red"))
    return Group(head, members(answer))


def members(answer: Answer) -> RenderableType:
    """Draws every member of an answer that says something."""
    rows = Table.grid(padding=(0, 2))
    for name, words in _facts(answer):
        rows.add_row(f"  {name}", words)
    return rows


def _facts(answer: Answer) -> Iterator[tuple[str, str]]:
    for name, value in answer.items():
        if name not in _IN_THE_HEAD and _says_something(value):
            words = _WORDS.get(name, _plain)(value)
            yield name.removesuffix("_seconds").replace("_", " "), words


def _plain(value: object) -> str:
    """Says a value: a list line by line, and an object in words of its own if it has some."""
    match value:
        case bool():
            return "yes" if value else "no"
        case [*each] if all(isinstance(one, str) for one in each):
            return ", ".join(map(text, each))
        case [*each]:
            return "\n".join(map(_plain, each))
        case {"in_words": words}:
            return text(words)
        case dict():
            return "; ".join(f"{name} {_plain(inner)}" for name, inner in value.items() if _says_something(inner))
        case _:
            return text(value)


def _says_something(value: object) -> bool:
    return value is not False and value not in (None, [], {}, "")


def _steps(value: object) -> str:
    return ", ".join(_step(step) for step in cast("list[Answer]", value))


def _step(step: Answer) -> str:
    if "pause_seconds" in step:
        return f"approval within {_seconds(step['pause_seconds'])}, else {step['then']}"
    return f"{step['weight']:g} % for {_seconds(step['hold_seconds'])}"


def _seconds(value: object) -> str:
    return span(timedelta(seconds=cast("float", value)))


_WORDS: Mapping[str, Callable[[object], str]] = {"steps": _steps, "bake_seconds": _seconds}
