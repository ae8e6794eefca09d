"""Draws the deployments of one target on a time line, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from cli.asking.answers import Deployment
from cli.report.figures import Outcome, Period, began, end, outcome
from cli.showing.times import clock
from viewer.page.markup import Element, tag

_WIDE, _HIGH, _EDGE = 1000, 56, 10
_TOP, _THICK, _NARROWEST = 6, 24, 4
_TICKS = 6
_COLOURS = {
    Outcome.SUCCEEDED: "good",
    Outcome.BROUGHT_BACK: "bad",
    Outcome.WITHDRAWN: "wait",
    Outcome.DRILL: "drill",
    Outcome.FAILED: "stopped",
    Outcome.OPEN: "open",
}


def colour(how: Outcome) -> str:
    """Returns the class that colours an outcome."""
    return _COLOURS[how]


def drawn(deployments: Sequence[Deployment], period: Period) -> Element:
    """Returns a bar for each deployment, from its beginning to its end; the oldest is drawn first."""
    spoken = f"{len(deployments)} deployments from {clock(period.since)} to {clock(period.until)}"
    bars = (_bar(each, period) for each in reversed(deployments))
    return tag("svg", tag("title", spoken), _ticks(period), bars, viewBox=f"0 0 {_WIDE} {_HIGH}", role="img")


def _bar(each: Deployment, period: Period) -> Element | None:
    start = began(each)
    if start is None:
        return None
    left, right = _across(start, period), _across(end(each) or period.until, period)
    how = outcome(each)
    words = f"{each.name}: {each.phase if how is Outcome.OPEN else how.value}, {clock(start)}"
    return tag(
        "rect",
        tag("title", f"{words}. {each.reason}" if each.reason else words),
        class_=f"bar {colour(how)}",
        x=f"{min(left, _WIDE - _EDGE - _NARROWEST):.1f}",
        y=f"{_TOP}",
        width=f"{max(right - left, _NARROWEST):.1f}",
        height=f"{_THICK}",
        rx="2",
    )


def _ticks(period: Period) -> Iterator[Element]:
    for number in range(_TICKS + 1):
        at = period.since + (period.until - period.since) * number / _TICKS
        place = _across(at, period)
        anchor = "start" if number == 0 else "end" if number == _TICKS else "middle"
        ends = {"x1": f"{place:.1f}", "x2": f"{place:.1f}", "y1": "0", "y2": f"{_TOP + _THICK + 8}"}
        yield tag("line", class_="tick", **ends)
        yield tag("text", f"{at:%d %b}", x=f"{place:.1f}", y=f"{_HIGH - 4}", text_anchor=anchor)


def _across(at: datetime, period: Period) -> float:
    """Returns where a moment is on the line; one before the period is at the line's beginning."""
    part = (at - period.since) / (period.until - period.since)
    return _EDGE + (_WIDE - 2 * _EDGE) * min(max(part, 0.0), 1.0)
