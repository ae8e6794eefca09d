"""Plays the demo and records what a terminal of 100 columns shows: ``make recording``.

    docs/pictures/demo.svg        moves, four times as fast as the demo; stands still for people who turn motion off
    docs/pictures/demo-still.svg  the last frame
    docs/pictures/shift.json      the error gate's numbers of v5, which ``docs.draw`` draws

Note: the moving picture is a strip of frames that is pulled past a window. A row that several frames share is written
once, which keeps the file small.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rich.console import Console, RenderableType
from rich.style import Style

from cli.showing.display import LivePanel
from cli.showing.panel import Moment
from docs.draw import PICTURES, SHIFT
from local.demo.run import played, reported

COLUMNS, ROWS = 100, 36
CELL, LINE = 8.4, 18
"""The width and the height of a character, in pixels."""
EVERY = 1.0
"""Seconds of the demo between two frames."""
FASTER = 4
LAST_STAYS = 6.0
"""Seconds for which the last frame stays."""
JUDGED = "5"
_BACKGROUND, _TEXT, _DIM = "#16181d", "#d8dce3", "#7d8590"
_BOLD = ' font-weight="bold"'
_COLOURS = {
    "cyan": "#56c2d6",
    "magenta": "#d787d7",
    "yellow": "#e0c069",
    "green": "#7bc47f",
    "blue": "#7aa6f0",
    "red": "#f2777a",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of one style, which begins at a column."""

    column: int
    text: str
    colour: str
    bold: bool


Row = tuple[Piece, ...]
Frame = tuple[Row, ...]


class Recorder(LivePanel):
    """Keeps the panels that would be drawn, at most one each second, and the numbers of the error gate."""

    def __init__(self) -> None:
        self._paper = Console(
            file=io.StringIO(), width=COLUMNS, height=ROWS, force_terminal=True, color_system="standard", no_color=False
        )
        super().__init__(self._paper)
        self._drawn_at = float("-inf")
        self.frames: list[Frame] = []
        self.numbers: list[dict[str, object]] = []

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves nothing to be put away."""

    def show(self, moment: Moment) -> None:
        found = moment.deployment
        if found and found.canary == JUDGED and (seen := found.evidence):
            number = {
                "minute": seen.minutes,
                "canary": [seen.canary.requests, seen.canary.errors],
                "stable": [seen.stable.requests, seen.stable.errors],
                "log": round(seen.log, 3),
                "log_bar": round(seen.log_bar, 3),
            }
            if self.numbers[-1:] != [number]:
                self.numbers.append(number)
        super().show(moment)

    def draw(self, picture: RenderableType) -> None:
        frame = tuple(_row(line) for line in _lines(self._paper, picture))
        if not self.frames or time.monotonic() - self._drawn_at >= EVERY:
            self._drawn_at = time.monotonic()
            self.frames.append(frame)
        else:
            self.frames[-1] = frame


def _lines(console: Console, picture: RenderableType) -> list[list[tuple[str, Style]]]:
    lines = console.render_lines(picture, console.options.update(height=None), pad=False)
    return [[(segment.text, segment.style or Style()) for segment in line] for line in lines]


def _row(line: Sequence[tuple[str, Style]]) -> Row:
    pieces, column = [], 0
    for text, style in line:
        name = style.color.name if style.color else ""
        colour = _DIM if style.dim else _COLOURS.get(name, _TEXT)
        if text.strip():
            lead = len(text) - len(text.lstrip())
            pieces.append(Piece(column + lead, text.strip(), colour, bool(style.bold)))
        column += len(text)
    return tuple(pieces)


def moving(frames: Sequence[Frame]) -> str:
    """Returns the frames as one picture that plays them, and stands at the last where motion is turned off."""
    names = {row: f"r{number}" for number, row in enumerate(dict.fromkeys(row for frame in frames for row in frame))}
    rows = "".join(f'<g id="{name}">{_drawn(row)}</g>' for row, name in names.items() if row)
    strip = "".join(
        f'<use href="#{names[row]}" y="{(number * ROWS + line) * LINE}"/>'
        for number, frame in enumerate(frames)
        for line, row in enumerate(frame)
        if row
    )
    playing = len(frames) * EVERY / FASTER
    seconds = playing + LAST_STAYS
    end = f"translateY(-{(len(frames) - 1) * ROWS * LINE}px)"
    style = (
        f"@keyframes play{{0%{{transform:none;animation-timing-function:steps({len(frames) - 1},end)}}"
        f"{100 * playing / seconds:.2f}%,100%{{transform:{end}}}}}"
        f"#strip{{transform:{end};animation:play {seconds:g}s infinite}}"
        "@media(prefers-reduced-motion:reduce){#strip{animation:none}}"
    )
    return _window(f'<style>{style}</style><defs>{rows}</defs><g id="strip">{strip}</g>')


def still(frame: Frame) -> str:
    """Returns one frame as a picture."""
    return _window(
        "".join(f'<g transform="translate(0 {line * LINE})">{_drawn(row)}</g>' for line, row in enumerate(frame)),
        len(frame),
    )


def _window(inside: str, rows: int = ROWS) -> str:
    width, height = round(COLUMNS * CELL), rows * LINE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 24} {height + 24}" role="img" '
        f'aria-label="Slipway\'s demo on a terminal" font-family="DejaVu Sans Mono,Menlo,Consolas,monospace" '
        f'font-size="14" xml:space="preserve"><rect width="100%" height="100%" rx="8" fill="{_BACKGROUND}"/>'
        f'<svg x="12" y="12" width="{width}" height="{height}">{inside}</svg></svg>\n'
    )


def _drawn(row: Row) -> str:
    return "".join(
        f'<text x="{piece.column * CELL:.1f}" y="14" textLength="{len(piece.text) * CELL:.1f}" '
        f'lengthAdjust="spacingAndGlyphs" fill="{piece.colour}"{_BOLD if piece.bold else ""}>'
        f"{escape(piece.text, quote=False)}</text>"
        for piece in row
    )


def main() -> int:
    """Plays the demo and writes the three files if it went as it must."""
    recorder = Recorder()
    status = reported(lambda: played(recorder))
    if status == 0:
        (PICTURES / "demo.svg").write_text(moving(recorder.frames), "utf-8")
        (PICTURES / "demo-still.svg").write_text(still(recorder.frames[-1]), "utf-8")
        SHIFT.write_text("[\n" + ",\n".join(map(json.dumps, recorder.numbers)) + "\n]\n", "utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
