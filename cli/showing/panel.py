"""Draws a deployment as one panel: for the demo, and for ``watch``.

The panel has the phase, the weights as a bar, requests and errors by version, the evidence against the new version on
its way to a rollback, what holds the deployment, and the last lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cli.asking.answers import Count, Deployment, Routing

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
    """What can be seen of a deployment at one moment: after so many seconds, of which drop, and how things are."""

    seconds: float
    title: str
    deployment: Deployment | None = None
    routing: Routing | None = None
    counts: Mapping[str, Count] = field(default_factory=dict)


def panel(moment: Moment, lines: Sequence[str], console: Console) -> RenderableType:
    """Returns the panel of one moment: as many of the last lines as fit, each of them whole."""
    found = moment.deployment
    width = console.width - BORDERS
    upper = Group(
        Text(moment.title, style="bold"),
        Text.assemble(found.name if found else "no deployment yet", "  ", phase(found), "\n"),
        _weights(moment.routing, min(WIDEST_BAR, width)),
        _table(moment.counts),
        _evidence(found, min(WIDEST_BAR, width)),
        *_held(found),
    )
    used = len(console.render_lines(upper, console.options.update(width=width)))
    # One row stays free below the panel, for the cursor.
    rows = max(FEWEST_ROWS, console.height - used - 3)
    return Panel(
        Group(upper, *_last(lines, rows, console, width)), title=f"Slipway  {moment.seconds:.0f} s", title_align="left"
    )


def last_panel(endings: Sequence[Deployment], closing: str) -> RenderableType:
    """Returns the panel of how everything ended: every zip, its end and the reason, and one sentence for people."""
    table = Table("zip", "version", "ended", "why", box=None, pad_edge=False)
    for one in endings:
        version = f"v{one.canary}" if one.canary else "-"
        table.add_row(one.artifact.rpartition("/")[2], version, phase(one), one.reason or "")
    return Panel(Group(table, Text(f"\n{closing}", style="bold")), title="Slipway  the end", title_align="left")


def phase(found: Deployment | None) -> Text:
    """Returns a deployment's phase in its colour."""
    return Text(found.phase, style=_PHASES.get(found.phase, "bold")) if found else Text("-", style="bold")


def in_words(counts: Mapping[str, Count]) -> str:
    """Returns "v1 200, v2 31 with 4 errors"."""
    words = (
        f"v{version} {count.requests}"
        + (f" with {count.errors} error{'s' if count.errors > 1 else ''}" if count.errors else "")
        for version, count in counts.items()
    )
    return ", ".join(words) or "none yet"


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


def _held(found: Deployment | None) -> Iterator[Text]:
    if found and found.firing:
        yield Text(f"firing: {', '.join(found.firing)}", style="bold red")
    if found and found.held_by:
        yield Text.assemble(("held by: ", "dim"), f"{found.held_by}{_until(found)}\n")


def _until(found: Deployment) -> str:
    return f"; until {found.until:%H:%M:%SZ}" if found.until else ""


def _colour(version: str) -> str:
    return _COLOURS[(int(version) - 1) % len(_COLOURS)]
