"""Draws the report: one HTML page that needs no other file, no network and no script.

All text of AWS and of people goes through ``tag``, which escapes. The frame alone is written as markup: it is constant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cli.asking.answers import Deployment
from cli.report import lane
from cli.report.collecting import MOST_SHOWN
from cli.report.figures import FourKeys, History, Outcome, Period, began, duration, four_keys, outcome, stays
from cli.showing.times import clock, span
from viewer.page.markup import Content, Element, html, tag

_FRAME = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
{title}{style}</head>
{body}</html>
"""
_NONE = "none yet"
_COLUMNS = (
    "deployment", "outcome", "began", "took", "phases", "artifact, who and why", "reason and evidence", "back in",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """What the page shows."""

    histories: tuple[History, ...]
    period: Period


@dataclass(frozen=True, slots=True)
class _Key:
    """One of the four keys: its value, the number of things that it is of, and its definition."""

    name: str
    value: str
    of: str
    means: str


def page(report: Report) -> str:
    """Returns the page as HTML."""
    about = report.histories[0].target if len(report.histories) == 1 else f"{len(report.histories)} targets"
    title = f"Deployments of {about}"
    keys = four_keys(report.histories, report.period)
    body = tag(
        "body",
        tag("h1", title),
        tag("p", f"{_between(report.period)}, all times in UTC. Written by slipway report.", class_="soft"),
        (tag("p", each, class_="covers") for each in _covers(report)),
        tag("div", map(_card, _keys(keys)), class_="cards"),
        _legend(),
        (_section(each, report.period) for each in report.histories),
        None if report.histories else tag("section", tag("p", "No target is known; name one.", class_="calm")),
    )
    style = tag("style", (Path(__file__).parent / "page.css").read_text("utf-8"))
    return _FRAME.format(title=html(tag("title", title)), style=html(style), body=html(body))


def in_words(histories: Iterable[History], period: Period) -> str:
    """Returns the four keys in a line."""
    return "; ".join(f"{each.name.lower()} {each.value}" for each in _keys(four_keys(histories, period)))


def _between(period: Period) -> str:
    return f"{clock(period.since)} to {clock(period.until)}, {(period.until - period.since).days} days"


def _covers(report: Report) -> Iterator[str]:
    for each in report.histories:
        if not each.is_whole:
            oldest = began(each.deployments[-1]) if each.deployments else None
            yield (
                f"Of {each.target} only the newest {len(each.deployments)} deployments could be read, back to"
                f" {clock(oldest)}. The figures miss the older ones."
            )
    if sum(len(each.deployments) for each in report.histories) > MOST_SHOWN:
        yield f"Phases and evidence are those of the newest {MOST_SHOWN} deployments."


def _keys(keys: FourKeys) -> Iterator[_Key]:
    rate, longest = keys.failure_rate, keys.longest_restore
    yield _Key(
        "Deployment frequency",
        f"{keys.a_week:.1f} a week",
        f"{keys.live} succeeded",
        "Deployments that succeeded, divided by the weeks of the period; drills do not count.",
    )
    yield _Key(
        "Lead time",
        _NONE if keys.lead_time is None else span(keys.lead_time),
        "median, from drop to live",
        "From the drop, or from the deployment's turn after a queue, to the end of the bake; of those that succeeded.",
    )
    yield _Key(
        "Change failure rate",
        _NONE if rate is None else f"{rate:.0%}",
        f"{keys.failures} of {keys.changes} versions",
        "Versions that an alarm, a gate, a hook or a person brought back, of those and all that succeeded; failures"
        " before traffic, drills, superseded deployments and rollbacks for want of data do not count.",
    )
    yield _Key(
        "Time to restore",
        _NONE if keys.time_to_restore is None else f"{keys.time_to_restore.total_seconds():g} s",
        f"median of {keys.restores}{'' if longest is None else f', longest {longest.total_seconds():g} s'}",
        "From the alarm, or the decision without an alarm, until the alias was seen back on the stable version.",
    )


def _card(key: _Key) -> Element:
    return tag(
        "div",
        tag("h2", key.name),
        tag("p", key.value, class_="value"),
        tag("p", key.of),
        tag("p", key.means, class_="soft"),
        class_="card",
    )


def _legend() -> Element:
    marks = (tag("span", each.value, class_=f"chip {lane.colour(each)}") for each in Outcome)
    return tag("p", marks, class_="legend")


def _section(history: History, period: Period) -> Element:
    if not history.deployments:
        says: Content = tag("p", f"No deployment of {history.target} in this period.", class_="calm")
        return tag("section", tag("h2", history.target), says)
    head = (tag("th", name) for name in _COLUMNS)
    rows = tag("tbody", (_row(each, period) for each in history.deployments))
    return tag(
        "section",
        tag("h2", history.target),
        lane.drawn(history.deployments, period),
        tag("div", tag("table", tag("thead", tag("tr", head)), rows), class_="scrolls"),
    )


def _row(each: Deployment, period: Period) -> Element:
    how, took, back = outcome(each), duration(each), each.seconds_to_restore
    return tag(
        "tr",
        tag("td", f"#{each.name.rpartition('#')[2]}", class_="name"),
        tag("td", tag("span", _ended_as(each), class_=f"chip {lane.colour(how)}")),
        tag("td", clock(began(each)), class_="short"),
        tag("td", span(took) if took is not None else "", class_="short"),
        tag("td", _phases(each, period.until), class_="short"),
        tag("td", _origin(each)),
        tag("td", (tag("p", text) for text in _why(each))),
        tag("td", f"{back:g} s" if back is not None else "", class_="short"),
    )


def _ended_as(each: Deployment) -> str:
    how = outcome(each)
    return _plain(each.phase) if how is Outcome.OPEN else how.value


def _phases(each: Deployment, now: datetime) -> Iterator[Element]:
    for stay in stays(each):
        yield tag("div", f"{_plain(stay.phase)} {span((stay.ended or now) - stay.began)}")


def _plain(phase: str) -> str:
    return phase.lower().replace("_", " ")


def _origin(each: Deployment) -> str:
    version = f", version {each.canary}" if each.canary else ""
    by = ": ".join(text for text in (each.who, each.why) if text)
    return f"{each.artifact}{version}{f', by {by}' if by else ''}"


def _why(each: Deployment) -> Iterator[str]:
    if each.reason:
        yield each.reason
    if each.evidence:
        yield f"{each.counts}; {each.evidence.odds}"
