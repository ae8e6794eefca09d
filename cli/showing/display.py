"""Shows a deployment under way: lines with the time if stdout is piped, one panel that is drawn again and again on a
terminal.

Note: what is printed after the display was left stands below it. Nothing is drawn over it.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TextIO

from rich.console import Console, RenderableType
from rich.live import Live

from cli.asking.answers import Deployment
from cli.showing.panel import Moment, in_words, last_panel, panel

BETWEEN_LINES = 4.0
"""Seconds after which the traffic gets another line although nothing moved."""
LINES = 12
"""How many of the last lines the panel shows; fewer where they are long or the terminal is low."""


class Lines:
    """Prints a line for what is said, for every change of phase or routing, for every minute that the error gate has
    judged, and every few seconds for the traffic.
    """

    def __init__(
        self, out: TextIO = sys.stdout, clock: Callable[[], float] = time.time, between: float = BETWEEN_LINES
    ) -> None:
        self._out = out
        self._clock = clock
        self._between = between
        self._told: Counter[str] = Counter()
        self._shown: tuple[object, ...] = ()
        self._shown_at = float("-inf")
        self._judged = ""

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.flush()

    def say(self, text: str, at: datetime | None = None) -> None:
        """Adds a line that stays: of something that happened at a time, else now."""
        moment = at or datetime.fromtimestamp(self._clock(), UTC)
        print(f"{_clock(moment)}  {text}", file=self._out, flush=True)

    def tell(self, deployment: Deployment) -> None:
        """Says what the deployment's timeline has gained since it was last told."""
        for entry in deployment.timeline[self._told[deployment.name] :]:
            self.say(f"  {deployment.name}  {entry.text}", entry.at)
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
        if essence != self._shown or self._clock() - self._shown_at >= self._between:
            self._shown, self._shown_at = essence, self._clock()
            held = f" | held by: {found.held_by}" if found.held_by else ""
            self.say(f"    {found.phase} | {moment.routing or 'no alias'} | requests: {in_words(moment.counts)}{held}")


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

    def say(self, text: str, at: datetime | None = None) -> None:
        self._lines.append(f"{_clock(at)}{text}" if at else text)
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


def display(between: float = BETWEEN_LINES) -> Lines:
    """Returns the panel on a terminal, else lines, of which one comes in so many seconds although nothing moved.

    A terminal's abilities are in the environment, which the embedded AWS replaces: call this before it starts.
    ``isatty`` is asked, too, because FORCE_COLOR makes rich take a pipe for a terminal.
    """
    console = Console()
    return LivePanel(console) if sys.stdout.isatty() and console.is_interactive else Lines(sys.stdout, between=between)


def _clock(moment: datetime) -> str:
    """Writes a moment in UTC, as the controller's texts have it: 11:57:48.2Z."""
    return f"{moment.astimezone(UTC):%H:%M:%S}.{moment.microsecond // 100_000}Z"
