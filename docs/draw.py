"""Draws the pictures of the pages from what they show: ``make pictures``.

The states come from the transition table, the house from the import contracts, the shift from the numbers of one run of
the demo. Each picture brings its own ground and follows the reader's choice of light or dark.
"""

from __future__ import annotations

import json
import math
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

from controller.core.lifecycle import state_machine
from controller.core.model import Phase

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
SHIFT = PICTURES / "shift.json"
"""The error gate's numbers of one run of the demo, minute by minute; ``make recording`` writes them."""
_STYLE = """
svg{--ink:#1f2430;--soft:#667085;--paper:#ffffff;--box:#eef2f8;--good:#1a7f4b;--bad:#c0353a;--new:#2f62c9}
@media(prefers-color-scheme:dark){svg{--ink:#e3e7ee;--soft:#98a2b3;--paper:#1b1e26;--box:#2a303c;--good:#5cc98d;
--bad:#f0787c;--new:#86aaf7}}
text{fill:var(--ink);font:14px system-ui,sans-serif}.soft{fill:var(--soft);font-size:12px}.name{font-weight:600}
.box{fill:var(--box);stroke:var(--soft)}.line{fill:none;stroke:var(--soft);stroke-width:1.5}
.good{stroke:var(--good);stroke-width:2.5}.bad{stroke:var(--bad);stroke-width:2.5}.new{stroke:var(--new);stroke-width:2.5}
.limit{stroke-dasharray:6 4}
"""
Point = tuple[float, float]


class Picture:
    """Shapes on a ground of one size, in pixels."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._size = (width, height)
        self._title = title
        self._shapes: list[str] = []

    def text(self, at: Point, words: str, look: str = "", anchor: str = "middle") -> None:
        self._shapes.append(
            f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" class="{look}" text-anchor="{anchor}">{escape(words)}</text>'
        )

    def box(self, centre: Point, size: Point, *words: str) -> None:
        """Draws a box; the first of the words is its name, the others stand below in small letters."""
        (x, y), (width, height) = centre, size
        self._shapes.append(
            f'<rect x="{x - width / 2:.1f}" y="{y - height / 2:.1f}" width="{width}" height="{height}" rx="6" '
            'class="box"/>'
        )
        for number, line in enumerate(words):
            below = y + 5 + 17 * (number - (len(words) - 1) / 2)
            self.text((x, below), line, "soft" if number else "name")

    def line(self, points: Sequence[Point], look: str = "") -> None:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._shapes.append(f'<polyline points="{path}" class="line {look}"/>')

    def arrow(self, begin: Point, end: Point, look: str = "", bend: Point | None = None) -> None:
        """Draws an arrow, straight or towards ``bend`` first."""
        by = bend or begin
        curve = f"Q{by[0]:.1f},{by[1]:.1f} " if bend else "L"
        self._shapes.append(
            f'<path d="M{begin[0]:.1f},{begin[1]:.1f} {curve}{end[0]:.1f},{end[1]:.1f}" class="line {look}" '
            'marker-end="url(#head)"/>'
        )

    def svg(self) -> str:
        width, height = self._size
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">'
            f"<title>{escape(self._title)}</title><style>{_STYLE}</style>"
            '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
            'markerUnits="userSpaceOnUse" orient="auto">'
            '<path d="M0,0 L10,5 L0,10 z" style="fill:var(--soft)"/></marker></defs>'
            f'<rect width="{width}" height="{height}" rx="8" style="fill:var(--paper)"/>\n'
            + "\n".join(self._shapes)
            + "\n</svg>\n"
        )


def flow() -> Picture:
    """Draws the way of a zip, and the way back."""
    made = Picture(860, 300, "A zip becomes a version, gets traffic in steps, and comes back when something is wrong")
    way = (
        ("zip dropped", "in the bucket"),
        ("checked", "and published"),
        ("tested", "by its number"),
        ("shifted", "10 % to the new"),
        ("baked", "100 %, armed"),
        ("closed", "the new is live"),
    )
    places = [(80 + 140 * number, 110) for number in range(len(way))]
    for place, words in zip(places, way, strict=True):
        made.box(place, (116, 60), *words)
    for (x, y), (after, _) in pairwise(places):
        made.arrow((x + 58, y), (after - 58, y))
    made.text((430, 40), "every upload, alarm, request and minute: look, decide, save, act", "soft")
    made.box((570, 240), (290, 60), "traffic is back on the old version", "the new bytes are quarantined")
    for x, _ in places[3:5]:
        made.arrow((x, 140), (x, 210), "bad")
    made.text((648, 180), "alarm, gate or person", "soft", "start")
    made.box((290, 240), (240, 60), "refused", "nobody was served by it")
    for x, _ in places[1:3]:
        made.arrow((x, 140), (x, 210), "bad")
    return made


def alarm() -> Picture:
    """Draws how an alarm brings traffic back: one read, one write."""
    made = Picture(860, 380, "From alarm to alias: one read and one write")
    lanes = {"CloudWatch": 90, "EventBridge": 290, "controller": 510, "Lambda": 750}
    for name, x in lanes.items():
        made.line(((x, 60), (x, 360)))
        made.box((x, 40), (130, 36), name)
    told = (
        ("CloudWatch", "EventBridge", "state is ALARM", ""),
        ("EventBridge", "controller", "event", ""),
        ("controller", "Lambda", "read: GetAlias", ""),
        ("Lambda", "controller", "2, 10 % to 3: “back to 2”", ""),
        ("controller", "Lambda", "write: UpdateAlias, 2 alone", "good"),
    )
    for number, (sender, receiver, words, look) in enumerate(told):
        y = 100 + 42 * number
        made.text(((lanes[sender] + lanes[receiver]) / 2, y - 7), words, "soft")
        made.arrow((lanes[sender], y), (lanes[receiver], y), look)
    made.text((740, 300), "traffic is back", "name", "end")
    made.text((522, 330), "then: record, quarantine, notice", "soft", "start")
    return made


_PLACES: Mapping[Phase, Point] = {
    Phase.PREPARING: (0, 0),
    Phase.TESTING: (1, 0),
    Phase.SHIFTING: (2, 0),
    Phase.BAKING: (3, 0),
    Phase.SUCCEEDED: (4, 0),
    Phase.ROLLING_BACK: (2.5, 1),
    Phase.ROLLED_BACK: (4, 1),
    Phase.FAILED: (3.5, 2),
}


def states() -> Picture:
    """Draws the phases with every change that the transition table allows."""
    made = Picture(860, 400, "The states of a deployment")
    size, highest = (136.0, 40.0), 110
    at = {phase: (80 + 174 * column, highest + 120 * row) for phase, (column, row) in _PLACES.items()}
    for before, after in state_machine.edges():
        begin, end = at[before], at[after]
        if begin[1] == end[1] == highest and end[0] - begin[0] > 180:
            top = highest - size[1] / 2
            made.arrow((begin[0], top), (end[0], top), bend=((begin[0] + end[0]) / 2, top - (end[0] - begin[0]) / 5))
        elif end[1] - begin[1] > 200 and end[0] - begin[0] > 180:
            made.arrow((begin[0], begin[1] + size[1] / 2), (end[0] - size[0] / 2, end[1]), bend=(begin[0], end[1]))
        else:
            made.arrow(_edge(begin, end, size), _edge(end, begin, size))
    for phase, place in at.items():
        made.box(place, size, phase.value)
    return made


def _edge(centre: Point, towards: Point, size: Point) -> Point:
    """Returns where a line from the centre of a box leaves the box."""
    across, down = towards[0] - centre[0], towards[1] - centre[1]
    share = min(size[0] / 2 / abs(across) if across else math.inf, size[1] / 2 / abs(down) if down else math.inf)
    return centre[0] + across * share, centre[1] + down * share


def shift() -> Picture:
    """Draws the errors of both versions, and the evidence that climbs to its limit."""
    minutes: list[dict[str, Any]] = json.loads(SHIFT.read_text("utf-8"))
    made = Picture(860, 470, "Errors of both versions, and the evidence against the new one, minute by minute")
    limit, last = float(minutes[-1]["log_bar"]), int(minutes[-1]["minute"])
    most = max(int(each["canary"][1]) for each in minutes)
    top = max(limit, *(float(each["log"]) for each in minutes))

    def across(minute: float) -> float:
        return 70 + 640 * minute / last

    def errors(count: float) -> float:
        return 210 - 160 * count / most

    def evidence(log: float) -> float:
        return 420 - 160 * max(0.0, log) / top

    for title, base in (("requests that failed", 210), ("evidence that v5 is worse than v4", 420)):
        made.text((70, base - 172), title, "name", "start")
        made.line(((70, base - 165), (70, base), (710, base)))
    for version, key, look in (("v5", "canary", "bad"), ("v4", "stable", "good")):
        made.line([(70, 210), *((across(each["minute"]), errors(each[key][1])) for each in minutes)], look)
        requests, failed = minutes[-1][key]
        made.text((720, errors(failed) + 4), f"{version}: {failed} of {requests:,}", "soft", "start")
    made.line([(70, 420), *((across(each["minute"]), evidence(each["log"])) for each in minutes)], "new")
    made.text((720, evidence(minutes[-1]["log"]) - 2), f"{math.exp(minutes[-1]['log']):,.0f} to 1", "soft", "start")
    made.line(((70, evidence(limit)), (710, evidence(limit))), "bad limit")
    made.text((720, evidence(limit) + 12), f"limit {math.exp(limit):,.0f} to 1", "soft", "start")
    made.text((390, 450), f"{last} minutes; traffic is back after the last one", "soft")
    return made


def house() -> Picture:
    """Draws the layers of controller/ and of its core, as the import contracts have them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    made = Picture(860, 480, "The house: a floor imports only what is below it")
    for left, name in ((30, "controller"), (450, "core")):
        layers = next(each["layers"] for each in contracts if each["id"] == name)
        made.text((left, 40), "controller/" if name == "controller" else "controller/core/", "name", "start")
        for floor, layer in enumerate(layers):
            rooms = layer.split(" | ")
            width = 380 / len(rooms)
            for number, room in enumerate(rooms):
                made.box((left + width * (number + 0.5), 80 + 48 * floor), (width - 8, 40), room)
    made.text((430, 465), "a floor imports only what is below it; rooms of one floor do not import each other", "soft")
    return made


DRAWN: Mapping[str, Callable[[], Picture]] = {
    "flow": flow,
    "alarm": alarm,
    "states": states,
    "shift": shift,
    "house": house,
}
"""What draws ``docs/pictures/NAME.svg``."""


def main() -> int:
    """Draws every picture anew."""
    for name, draw in DRAWN.items():
        (PICTURES / f"{name}.svg").write_text(draw().svg(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
