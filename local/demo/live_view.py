"""Shows the story on a terminal: one panel that is drawn again and again."""

from __future__ import annotations

from collections import deque
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.demo.scene import Scene, bar, evidence_in_words

LINES = 12
"""How many of the last lines are shown; fewer on a low terminal."""
OTHER_ROWS = 20
WIDEST_BAR = 60

_COLOURS = ("cyan", "magenta", "yellow", "green", "blue")
_PHASES = {"SUCCEEDED": "bold green", "ROLLING_BACK": "bold red", "ROLLED_BACK": "bold red", "FAILED": "bold red"}


class LiveView:
    """A panel with the phase, the weights as a bar, requests and errors by version, the evidence against the new
    version on its way to a rollback, and the last lines.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._lines: deque[str] = deque(maxlen=max(3, min(LINES, console.height - OTHER_ROWS)))
        self._scene = Scene(0.0, "setting up")

    def __enter__(self) -> LiveView:
        self._live.__enter__()
        self._draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.__exit__(kind, value, traceback)

    def say(self, text: str) -> None:
        self._lines.append(text)
        self._draw()

    def show(self, scene: Scene) -> None:
        self._scene = scene
        self._draw()

    def _draw(self) -> None:
        self._live.update(picture(self._scene, tuple(self._lines), self._console.width), refresh=True)


def picture(scene: Scene, lines: tuple[str, ...], width: int) -> RenderableType:
    """Returns the panel of one moment."""
    return Panel(
        Group(
            _heading(scene),
            Text(),
            _weights(scene, min(WIDEST_BAR, max(10, width - 24))),
            Text(),
            _table(scene),
            Text(),
            _evidence(scene, min(WIDEST_BAR, max(10, width - 20))),
            Text(),
            *(Text(line, no_wrap=True, overflow="ellipsis") for line in lines),
        ),
        title=f"Slipway  {scene.seconds:.0f} s",
        title_align="left",
    )


def _heading(scene: Scene) -> Text:
    phase = Text(scene.phase or "-", style=_PHASES.get(scene.phase, "bold"))
    return Text.assemble(Text(scene.act, style="bold"), "\n", scene.deployment or "no deployment yet", "  ", phase)


def _weights(scene: Scene, width: int) -> Text:
    text = Text()
    for version, cells in bar(scene.routing, width):
        text.append("█" * cells, style=_colour(version))
    for version, _ in bar(scene.routing, width):
        share = scene.routing.percent_of(version) if scene.routing else 0
        text.append(f"  v{version} {share:g} %", style=_colour(version))
    return text if scene.routing else Text("no alias yet", style="dim")


def _evidence(scene: Scene, width: int) -> Text:
    """Three rows: the counts, the odds, and a bar that is full where that is enough for a rollback."""
    if scene.evidence is None:
        return Text("nothing judged yet\n\n", style="dim")
    full = round(scene.evidence.way * width)
    style = "bold red" if scene.evidence.rolls_back else "yellow"
    words = "\n".join(evidence_in_words(scene))
    return Text.assemble(words, "\n", ("█" * full, style), ("░" * (width - full), "dim"), no_wrap=True)


def _table(scene: Scene) -> Table:
    table = Table("version", box=None, pad_edge=False)
    for column in ("requests", "errors"):
        table.add_column(column, justify="right", min_width=9)
    for version, count in scene.counts.items():
        errors = Text(str(count.errors), style="bold red" if count.errors else "")
        table.add_row(Text(f"v{version}", style=_colour(version)), str(count.requests), errors)
    return table


def _colour(version: str) -> str:
    return _COLOURS[(int(version) - 1) % len(_COLOURS)]
