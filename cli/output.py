"""Writes for people and for programs: pictures fit a terminal, and are whole lines where standard output is piped."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Mapping

from rich.console import Console, RenderableType

_WIDE = 500
"""Columns of piped text: a program or a log breaks no line."""


def show(*pictures: RenderableType) -> None:
    """Writes to standard output."""
    if is_terminal():
        Console(highlight=False).print(*pictures, sep="\n")
        return
    text = io.StringIO()
    Console(file=text, width=_WIDE, highlight=False, color_system=None).print(*pictures, sep="\n")
    for line in text.getvalue().splitlines():
        print(line.rstrip())


def show_json(answer: Mapping[str, object]) -> None:
    """Writes an answer as it is."""
    print(json.dumps(answer, indent=2, ensure_ascii=False))


def show_text(text: str) -> int:
    """Writes text as it is; returns the exit status of a command that did no more."""
    print(text)
    return 0


def tell(text: str) -> None:
    """Writes what is no part of the answer: progress, and what went wrong."""
    print(f"slipway: {printable(text)}", file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """Returns the text with a space for each character that shows nothing: nobody's escape codes reach a terminal."""
    return "".join(each if each.isprintable() else " " for each in text)


def is_terminal() -> bool:
    """Is standard output a terminal? FORCE_COLOR makes rich take a pipe for one."""
    return sys.stdout.isatty()
