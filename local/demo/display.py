"""Shows the demo: lines with the time where stdout is piped, one panel that is drawn again and again on a terminal.

Note: stdout ends with one line of JSON, printed after the display was left. Nothing is drawn over it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
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
"""How many of the last lines the panel shows; fewer on a low terminal, for ``OTHER_ROWS`` come before them."""
OTHER_ROWS = 20
WIDEST_BAR = 60

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
        self._lines: deque[str] = deque(maxlen=max(3, min(LINES, console.height - OTHER_ROWS)))
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

    def _draw(self) -> None:
        self._live.update(panel(self._moment, tuple(self._lines), self._console.width), refresh=True)


def display() -> Lines:
    """Returns the panel on a terminal, else lines.

    A terminal's abilities are in the environment, which the embedded AWS replaces: call this before it starts.
    ``isatty`` is asked, too, because FORCE_COLOR makes rich take a pipe for a terminal.
    """
    console = Console()
    return LivePanel(console) if sys.stdout.isatty() and console.is_interactive else Lines()


def panel(moment: Moment, lines: tuple[str, ...], width: int) -> RenderableType:
    """Returns the panel of one moment."""
    found = moment.deployment
    phase = Text(found.phase if found else "-", style=_PHASES.get(found.phase, "bold") if found else "bold")
    return Panel(
        Group(
            Text.assemble(
                (moment.title, "bold"), "\n", found.name if found else "no deployment yet", "  ", phase, "\n"
            ),
            _weights(moment.routing, min(WIDEST_BAR, max(10, width - 24))),
            _table(moment.counts),
            _evidence(found, min(WIDEST_BAR, max(10, width - 20))),
            *(Text(line, no_wrap=True, overflow="ellipsis") for line in lines),
        ),
        title=f"Slipway  {moment.seconds:.0f} s",
        title_align="left",
    )


def _weights(routing: Routing | None, width: int) -> Text:
    """One bar in which every version has its share of the cells; a small share can be seen, too."""
    if routing is None:
        return Text("no alias yet\n", style="dim")
    others = {version: max(1, round(fraction * width)) for version, fraction in routing.weights}
    cells = {routing.version: width - sum(others.values()), **others}
    bar = [("█" * count, _colour(version)) for version, count in cells.items()]
    words = [(f"  v{version} {percent:g} %", _colour(version)) for version, percent in routing.percents.items()]
    return Text.assemble(*bar, *words, "\n")


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
    return Text.assemble(words, ("█" * full, style), ("░" * (width - full), "dim"), "\n", no_wrap=True)


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
