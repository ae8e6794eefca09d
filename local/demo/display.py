"""Shows the demo: lines with the time where stdout is piped, one panel that is drawn again and again on a terminal.

Note: stdout ends with one line of JSON, printed after the display was left. Nothing is drawn over it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.demo.alias import Routing
from local.demo.controller import Deployment
from local.demo.traffic import Count

BETWEEN_LINES = 4.0
"""Seconds after which the traffic gets another line although nothing moved."""
LINES = 12
"""How many of the last lines the panel shows; fewer where they are long or the terminal is low."""
FEWEST_ROWS = 3
"""Rows that the last lines get on the lowest terminal."""
WIDEST_BAR = 60
BORDERS = 4
"""Cells of a row that the panel's borders and their padding take."""

_STABLE, _CANARY = "█", "▒"
"""What the bar of the traffic is made of: its parts differ without colours, too."""
_COLOURS = ("cyan", "magenta", "yellow", "green", "blue")
_PHASES = {"SUCCEEDED": "bold green", "ROLLING_BACK": "bold red", "ROLLED_BACK": "bold red", "FAILED": "bold red"}


@dataclass(frozen=True, slots=True)
class Moment:
    """What can be seen of the demo at one moment: after so many seconds, during which drop, and how things are."""

    seconds: float
    title: str
    deployment: Deployment | None = None
    routing: Routing | None = None
    counts: Mapping[str, Count] = field(default_factory=dict)


class Lines:
    """Prints a line for what is said, for every change of phase or routing, for every minute that the error gate has
    judged, and every few seconds for the traffic.
    """

    def __init__(self, out: TextIO = sys.stdout, clock: Callable[[], float] = time.time) -> None:
        self._out = out
        self._clock = clock
        self._told: Counter[str] = Counter()
        self._shown: tuple[object, ...] = ()
        self._shown_at = float("-inf")
        self._judged = ""

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.flush()

    def say(self, text: str) -> None:
        """Adds a line that stays."""
        clock = datetime.fromtimestamp(self._clock()).astimezone().strftime("%H:%M:%S.%f")[:-5]
        print(f"{clock}  {text}", file=self._out, flush=True)

    def tell(self, deployment: Deployment) -> None:
        """Says what the deployment's timeline has gained since it was last told."""
        for text in deployment.timeline[self._told[deployment.name] :]:
            self.say(f"  {deployment.name}  {text}")
        self._told[deployment.name] = len(deployment.timeline)

    def end(self, endings: Sequence[Deployment], closing: str) -> None:
        """Says how every deployment ended, and the closing sentence."""
        for one in endings:
            self.say(f"{one.artifact}: {one.phase}")
        for line in closing.splitlines():
            self.say(line)

    def show(self, moment: Moment) -> None:
        """Shows how things are now."""
        found = moment.deployment
        if found is None:
            return
        if found.evidence and found.counts != self._judged:
            self._judged = found.counts
            self.say(f"      {found.counts}; {found.evidence.odds}")
        essence = (found.name, found.phase, moment.routing)
        if essence != self._shown or self._clock() - self._shown_at >= BETWEEN_LINES:
            self._shown, self._shown_at = essence, self._clock()
            self.say(f"    {found.phase} | {moment.routing or 'no alias'} | requests: {_in_words(moment.counts)}")


class LivePanel(Lines):
    """Draws the phase, the weights as a bar, requests and errors by version, the evidence against the new version on
    its way to a rollback, and the last lines.
    """

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._lines: deque[str] = deque(maxlen=LINES)
        self._moment = Moment(0.0, "setting up")

    def __enter__(self) -> LivePanel:
        self._live.__enter__()
        self._draw()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        self._lines.append(text)
        self._draw()

    def show(self, moment: Moment) -> None:
        self._moment = moment
        self._draw()

    def end(self, endings: Sequence[Deployment], closing: str) -> None:
        self.draw(last_panel(endings, closing))

    def draw(self, picture: RenderableType) -> None:
        """Puts a picture in the place of the one before."""
        self._live.update(picture, refresh=True)

    def _draw(self) -> None:
        self.draw(panel(self._moment, tuple(self._lines), self._console))


def display() -> Lines:
    """Returns the panel on a terminal, else lines.

    A terminal's abilities are in the environment, which the embedded AWS replaces: call this before it starts.
    ``isatty`` is asked, too, because FORCE_COLOR makes rich take a pipe for a terminal.
    """
    console = Console()
    return LivePanel(console) if sys.stdout.isatty() and console.is_interactive else Lines()


def panel(moment: Moment, lines: Sequence[str], console: Console) -> RenderableType:
    """Returns the panel of one moment: as many of the last lines as fit, each of them whole."""
    found = moment.deployment
    phase = Text(found.phase, style=_PHASES.get(found.phase, "bold")) if found else Text("-", style="bold")
    width = console.width - BORDERS
    upper = Group(
        Text(moment.title, style="bold"),
        Text.assemble(found.name if found else "no deployment yet", "  ", phase, "\n"),
        _weights(moment.routing, min(WIDEST_BAR, width)),
        _table(moment.counts),
        _evidence(found, min(WIDEST_BAR, width)),
    )
    used = len(console.render_lines(upper, console.options.update(width=width)))
    # One row stays free below the panel, for the cursor.
    rows = max(FEWEST_ROWS, console.height - used - 3)
    return Panel(
        Group(upper, *_last(lines, rows, console, width)), title=f"Slipway  {moment.seconds:.0f} s", title_align="left"
    )


def last_panel(endings: Sequence[Deployment], closing: str) -> RenderableType:
    """Returns the panel of how the demo ended: every zip, its end and the reason, and one sentence for people."""
    table = Table("zip", "version", "ended", "why", box=None, pad_edge=False)
    for one in endings:
        phase = Text(one.phase, style=_PHASES.get(one.phase, "bold"))
        table.add_row(one.artifact.rpartition("/")[2], f"v{one.canary}" if one.canary else "-", phase, one.reason or "")
    return Panel(Group(table, Text(f"\n{closing}", style="bold")), title="Slipway  the end", title_align="left")


def _last(lines: Sequence[str], rows: int, console: Console, width: int) -> list[Text]:
    """Returns the last of the lines that fit into so many rows; the very last one in any case."""
    shown: list[Text] = []
    for text in map(Text, reversed(lines)):
        rows -= len(text.wrap(console, width))
        if rows < 0 and shown:
            break
        shown.insert(0, text)
    return shown


def _weights(routing: Routing | None, width: int) -> Text:
    """One bar in which every version has its share of the cells; a small share can be seen, too."""
    if routing is None:
        return Text("no alias yet\n\n", style="dim")
    others = {version: max(1, round(fraction * width)) for version, fraction in routing.weights}
    cells = {routing.version: width - sum(others.values()), **others}
    made_of = {version: _CANARY if version in others else _STABLE for version in cells}
    bar = [(made_of[version] * count, _colour(version)) for version, count in cells.items()]
    words = [
        (f"{made_of[version]} v{version} {percent:g} %   ", _colour(version))
        for version, percent in routing.percents.items()
    ]
    return Text.assemble(*bar, "\n", *words, "\n")


def _table(counts: Mapping[str, Count]) -> Table:
    table = Table("version", box=None, pad_edge=False)
    for column in ("requests", "errors"):
        table.add_column(column, justify="right", min_width=9)
    for version, count in counts.items():
        errors = Text(str(count.errors), style="bold red" if count.errors else "")
        table.add_row(Text(f"v{version}", style=_colour(version)), str(count.requests), errors)
    return table


def _evidence(found: Deployment | None, width: int) -> Text:
    """Three rows: the counts, the odds, and a bar that is full where that is enough for a rollback."""
    if found is None or found.evidence is None:
        return Text("\nnothing judged yet\n\n\n", style="dim")
    full = round(found.evidence.progress * width)
    style = "bold red" if found.evidence.rolls_back else "yellow"
    words = f"\n{found.counts}\n{found.evidence.odds}\n"
    return Text.assemble(words, ("█" * full, style), ("░" * (width - full), "dim"), "\n")


def _in_words(counts: Mapping[str, Count]) -> str:
    """Returns "v1 200, v2 31 with 4 errors"."""
    words = (
        f"v{version} {count.requests}"
        + (f" with {count.errors} error{'s' if count.errors > 1 else ''}" if count.errors else "")
        for version, count in counts.items()
    )
    return ", ".join(words) or "none yet"


def _colour(version: str) -> str:
    return _COLOURS[(int(version) - 1) % len(_COLOURS)]
