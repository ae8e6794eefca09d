"""Draws one open deployment: the split of traffic first, then steps, what holds it, evidence, and the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from viewer.page import buttons, pictures
from viewer.page.markup import Content, Element, tag
from viewer.page.seen import Counts, Deployment, Details, Evidence
from viewer.page.spans import clock, span, until

_SHOWN = 25
"""Lines of a timeline, the newest first."""
_WORDS = {
    "PREPARING": ("preparing", "canary"),
    "TESTING": ("testing", "canary"),
    "SHIFTING": ("shifting", "canary"),
    "BAKING": ("baking", "good"),
    "ROLLING_BACK": ("rolling back", "bad"),
    "SUCCEEDED": ("succeeded", "good"),
    "ROLLED_BACK": ("rolled back", "bad"),
    "FAILED": ("failed", "bad"),
}
_WAITING = {
    "paused": "paused",
    "frozen": "frozen",
    "drifted": "moved by somebody else",
    "in_doubt": "in doubt",
    "awaiting_approval": "waits for approval",
    "unreadable": "CloudWatch does not answer",
    "queued": "queued",
}


def card(deployment: Deployment, controller: str, at: datetime) -> Element:
    """Returns a deployment that is shown whole."""
    details = deployment.details
    return tag(
        "div",
        _head(deployment, buttons.drawn(deployment, details, controller, at) if details else ()),
        tag("p", origin(deployment), _since(deployment, at), class_="from soft"),
        split(deployment),
        tag("div", _way(deployment, at), _evidence(deployment), class_="beside"),
        _timeline(deployment, details) if details else None,
        class_=f"card {kind(deployment)}".strip(),
    )


def kind(deployment: Deployment) -> str:
    """Returns the colour of a deployment: "bad", "wait", "good" or none for one that is on its way."""
    if deployment.firing or deployment.phase == "ROLLING_BACK":
        return "bad"
    if _WAITING.keys() - {"queued"} & {*deployment.modes}:
        return "wait"
    return "good" if deployment.phase == "BAKING" else ""


def chips(deployment: Deployment) -> Iterator[Element]:
    """Yields the phase, with its step, and every mode that a person should know of."""
    words, colour = _WORDS.get(deployment.phase, (deployment.phase.lower(), "canary"))
    step = f", step {deployment.step} of {deployment.of}" if deployment.of else ""
    yield tag("span", words, step, class_=f"chip {colour}")
    for mode in deployment.modes:
        if mode in _WAITING:
            yield tag("span", _WAITING[mode], class_="chip wait")
    for alarm in deployment.firing:
        yield tag("span", "alarm ", alarm, class_="chip bad")


def origin(deployment: Deployment) -> str:
    """Returns "checkout/build-7.zip, by alice: hotfix"."""
    who = f", by {deployment.who}" if deployment.who else ""
    why = f": {deployment.why}" if deployment.why else ""
    return f"{deployment.artifact}{who}{why}"


def split(deployment: Deployment) -> Element:
    """Returns the bar that shows which version gets how much of the traffic."""
    share, stable = deployment.share, deployment.stable
    canary = f"version {deployment.canary}" if deployment.canary else "no version yet"
    old = tag("div", f"version {stable}  {100 - share:g} %", class_="stable", style=f"flex: {100 - share:g} 1 0")
    new = tag("div", f"{canary}  {share:g} %", class_=f"canary {kind(deployment)}", style=f"flex: {share:g} 1 0")
    parts = ([old] if stable and share < 100 else []) + ([new] if share > 0 else [])
    spoken = f"{canary} has {share:g} % of the traffic"
    return tag("div", parts or tag("div", f"{canary}: no traffic", class_="stable"), class_="split", title=spoken)


def _since(deployment: Deployment, at: datetime) -> str:
    phase = _WORDS.get(deployment.phase, (deployment.phase.lower(), ""))[0]
    return f", {phase} for {span(at - deployment.since)}" if deployment.since else ""


def _head(deployment: Deployment, pressed: Iterator[Content] | tuple[()]) -> Element:
    name = tag("h3", deployment.target, tag("span", f"  #{deployment.number}", class_="soft"))
    return tag("div", name, chips(deployment), tag("span", pressed, class_="buttons"), class_="head")


def _says(deployment: Deployment, at: datetime) -> Element | None:
    if deployment.reason:
        return tag("p", deployment.reason, class_=f"says {'bad' if kind(deployment) == 'bad' else 'wait'}")
    if not deployment.held_by:
        return None
    end = until(deployment.until, at)
    return tag(
        "p", tag("span", "Held by: ", class_="soft"), deployment.held_by, f", {end}" if end else "", class_="says"
    )


def _way(deployment: Deployment, at: datetime) -> Element:
    track = pictures.track(deployment) if deployment.details else None
    return tag("div", track, _says(deployment, at))


def _evidence(deployment: Deployment) -> Element:
    found = deployment.details.evidence if deployment.details else ()
    gauges = (tag("div", pictures.gauge(each), title=each.long_words or None) for each in found)
    return tag("div", gauges, _counts(deployment))


def _counts(deployment: Deployment) -> Element | None:
    found: list[Evidence] = [
        each for each in (deployment.details.evidence if deployment.details else ()) if each.counts
    ]
    if not found:
        return None
    rows = ((deployment.canary, deployment.share), (deployment.stable, 100 - deployment.share))
    counted = {each.version: each for each in found[-1].counts}
    lines = (_row(counted[version], share) for version, share in rows if version in counted)
    heads = (tag("th", text, class_="figure" if text != "version" else None) for text in _HEADS)
    return tag("table", tag("thead", tag("tr", heads)), tag("tbody", lines), class_="says counts")


_HEADS = ("version", "traffic now", "requests counted", "failed", "error rate")


def _row(counts: Counts, share: float) -> Element:
    rate = f"{100 * counts.failed / counts.requests:.3g} %" if counts.requests else "-"
    figures = (f"{share:g} %", f"{counts.requests:,}", f"{counts.failed:,}", rate)
    return tag("tr", tag("td", counts.version, class_="name"), (tag("td", each, class_="figure") for each in figures))


def _timeline(deployment: Deployment, details: Details) -> Element:
    lines = list(reversed(details.timeline))[:_SHOWN]
    last = lines[0].text if lines else "nothing yet"
    rows = (tag("tr", tag("td", clock(each.at), class_="short soft"), tag("td", each.text)) for each in lines)
    left = len(details.timeline) - len(lines)
    more = tag("p", f"and {left} earlier lines: slipway show {deployment.name}", class_="soft") if left else None
    summary = tag("summary", "Last: ", last)
    return tag("details", summary, tag("table", tag("tbody", rows), class_="timeline"), more)
