"""The two pictures of a card, as SVG: the steps done and to come, and the evidence beside its limit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from viewer.page.markup import Element, tag
from viewer.page.seen import Deployment, Evidence

_WIDE, _EDGE, _RAIL, _RADIUS = 440, 26, 16, 8
_LIMIT = 400
"""Where the gauge has its limit, on a width of ``_WIDE``."""
_DOUBTFUL, _CLOSE = 0.3, 0.7
"""Parts of the evidence, on a logarithmic scale, at which the gauge changes its colour."""


def track(deployment: Deployment) -> Element | None:
    """Returns the steps on a line: those done are filled, the present one is a ring. None for one that goes back."""
    if deployment.phase == "ROLLING_BACK":
        return None
    labels = [f"{weight:g} %" for weight in (deployment.details.steps if deployment.details else ())]
    stops = ["tests", *labels, "100 %, bake", "done"]
    now = _stop(deployment, len(labels))
    across = (_WIDE - 2 * _EDGE) / (len(stops) - 1)
    places = [_EDGE + across * number for number in range(len(stops))]
    spoken = f"steps: {', '.join(stops)}; at {stops[now]}"
    drawn = (*_rails(places, now), *_stops(places, stops, now))
    return tag("svg", tag("title", spoken), drawn, viewBox=f"0 0 {_WIDE} 46", role="img")


def gauge(evidence: Evidence) -> Element:
    """Returns the evidence as a bar; the red line is where traffic comes back."""
    colour = "bad" if evidence.part >= _CLOSE else "wait" if evidence.part >= _DOUBTFUL else ""
    length = max(_LIMIT * evidence.part, 3)
    return tag(
        "svg",
        tag("title", f"{evidence.about}: {evidence.words}"),
        tag("text", "evidence against the new version: ", evidence.about, class_="soft", x="0", y="11"),
        tag("text", evidence.words, x=f"{_LIMIT}", y="11", text_anchor="end"),
        tag("rect", class_="trough", x="0", y="18", width=f"{_LIMIT}", height="9", rx="4"),
        tag("rect", class_=f"fill {colour}".strip(), x="0", y="18", width=f"{length:.1f}", height="9", rx="4"),
        tag("line", class_="limit", x1=f"{_LIMIT}", x2=f"{_LIMIT}", y1="14", y2="31"),
        viewBox=f"0 0 {_WIDE} 34",
        role="img",
    )


def _stop(deployment: Deployment, steps: int) -> int:
    """Returns the number of the present stop: 0 before any traffic."""
    if deployment.phase == "SHIFTING":
        return min(deployment.step, steps)
    return {"BAKING": steps + 1, "SUCCEEDED": steps + 2}.get(deployment.phase, 0)


def _rails(places: list[float], now: int) -> Iterator[Element]:
    for number, (left, right) in enumerate(pairwise(places)):
        done = " done" if number < now else ""
        ends = {"x1": f"{left:.1f}", "x2": f"{right:.1f}", "y1": f"{_RAIL}", "y2": f"{_RAIL}"}
        yield tag("line", class_=f"rail{done}", **ends)


def _stops(places: list[float], labels: list[str], now: int) -> Iterator[Element]:
    for number, (place, label) in enumerate(zip(places, labels, strict=True)):
        state = "done" if number < now else "now" if number == now else ""
        yield tag("circle", class_=f"stop {state}".strip(), cx=f"{place:.1f}", cy=f"{_RAIL}", r=f"{_RADIUS}")
        look = None if number == now else "soft"
        yield tag("text", label, class_=look, x=f"{place:.1f}", y="42", text_anchor="middle")
