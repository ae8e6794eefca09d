"""Draws the page: what is open first, then what has ended, what is in force, and whether the controller is awake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

from viewer.functions import Functions
from viewer.page import buttons
from viewer.page.card import card, chips, kind, origin
from viewer.page.markup import Content, Element, html, tag
from viewer.page.seen import Deployment, Seen, Told
from viewer.page.spans import ago, until

_IN_SHORT, _ENDED, _TOLD = 40, 12, 10
"""The most lines of open deployments in short, of ended ones, and of each panel: the page stays short and small."""
_LATE = timedelta(minutes=5)
"""A last tick so long ago says that nobody looks after the deployments."""
_RESULTS = {"SUCCEEDED": ("succeeded", "good"), "ROLLED_BACK": ("rolled back", "bad"), "FAILED": ("failed", "bad")}


def page(seen: Seen, functions: Functions, theme: str) -> str:
    """Returns the page as HTML. ``functions`` are those that buttons and links call, ``theme`` "light" or "dark"."""
    whole = [each for each in seen.opened if each.details]
    short = [each for each in seen.opened if not each.details]
    return _drawn(
        theme,
        _bar(seen),
        *(tag("p", warning, class_="warning") for warning in seen.warnings),
        *(card(each, functions.controller.arn, seen.at) for each in whole),
        _others(short, functions.viewer.arn) if short else None,
        None if seen.opened else tag("div", "No deployment is open.", class_="calm"),
        tag("div", _panels(seen), class_="columns"),
    )


def sorry(problem: str, theme: str) -> str:
    """Returns the page that says why there is none."""
    says = tag("div", tag("p", "The page cannot be drawn now."), tag("p", problem, class_="soft"), class_="card bad")
    return _drawn(theme, says)


def _drawn(theme: str, *content: Content) -> str:
    default = tag("div", class_="cwdb-no-default-styles")
    look = f"slipway {'dark' if theme == 'dark' else 'light'}"
    return html(tag("div", tag("style", _style()), default, content, class_=look))


@cache
def _style() -> str:
    return (Path(__file__).parent / "page.css").read_text("utf-8")


def _bar(seen: Seen) -> Element:
    waits = sum(kind(each) == "wait" for each in seen.opened)
    bad = sum(kind(each) == "bad" for each in seen.opened)
    return tag(
        "div",
        tag("h2", f"{len(seen.opened)} open" if seen.opened else "All quiet"),
        tag("span", f"{bad} in trouble", class_="chip bad") if bad else None,
        tag("span", f"{waits} waiting for a person or a metric", class_="chip wait") if waits else None,
        _tick(seen),
        _letters(seen),
        tag("span", class_="space"),
        _person(),
        class_="bar",
    )


def _person() -> Element:
    """Returns the fields that go with each button. CloudWatch sends the fields of the widget's forms as
    ``widgetContext.forms.all``. Source: cloudwatch-custom-widgets-samples of AWS, README and athenaQuery.js, 2026-12.
    """
    # Enter submits no form of two fields without a button. Source: HTML standard, implicit submission, 2026-12.
    return tag(
        "form",
        tag("input", name="who", placeholder="Your name", maxlength="100"),
        tag("input", name="why", placeholder="Why (goes with each button)", maxlength="200", class_="why"),
        class_="person",
    )


def _tick(seen: Seen) -> Element | None:
    if seen.last_tick is None:
        return None
    late = seen.at - seen.last_tick > _LATE
    return tag("span", "last tick ", ago(seen.last_tick, seen.at), class_=f"chip {'bad' if late else 'good'}")


def _letters(seen: Seen) -> Element | None:
    if not seen.dead_letters:
        return None
    return tag("span", f"{seen.dead_letters} dead letter{'s' if seen.dead_letters > 1 else ''}", class_="chip bad")


def _others(short: list[Deployment], viewer: str) -> Element:
    """Returns the rest in short; a click on a name shows that one whole."""
    rows = (
        tag(
            "tr",
            tag("td", buttons.link(each, viewer), class_="name"),
            tag("td", chips(each)),
            tag("td", f"{each.share:g} %", class_="figure"),
            tag("td", each.held_by or each.reason),
        )
        for each in short[:_IN_SHORT]
    )
    more = len(short) - _IN_SHORT
    left = tag("p", f"and {more:,} more: slipway status shows all", class_="says soft") if more > 0 else None
    return tag("div", tag("h3", "Open, too"), tag("table", tag("tbody", rows)), left, class_="panel")


def _panels(seen: Seen) -> Iterator[Element]:
    if seen.ended:
        yield _ended(seen)
    for title, lines in (("Freezes", seen.freezes), ("Quarantine", seen.quarantine), ("Refused uploads", seen.refused)):
        if lines:
            yield _told(title, lines, seen)


def _ended(seen: Seen) -> Element:
    rows = (_row(each, seen) for each in seen.ended[:_ENDED])
    more = len(seen.ended) - _ENDED
    left = tag("p", f"and {more:,} more: slipway history FUNCTION", class_="says soft") if more > 0 else None
    return tag("div", tag("h3", "Ended in the last day"), tag("table", tag("tbody", rows)), left, class_="panel wide")


def _row(each: Deployment, seen: Seen) -> Element:
    words, colour = _RESULTS.get(each.phase, (each.phase.lower(), ""))
    back = f"traffic back in {each.seconds_to_restore:g} s" if each.seconds_to_restore is not None else ""
    says = ", ".join(filter(None, (each.reason, back)))
    return tag(
        "tr",
        tag("td", each.name, class_="name"),
        tag("td", tag("span", words, class_=f"chip {colour}".strip())),
        tag("td", origin(each), tag("div", says, class_="soft") if says else None),
        tag("td", ago(each.ended or each.since, seen.at), class_="short soft"),
    )


def _told(title: str, lines: tuple[Told, ...], seen: Seen) -> Element:
    rows = (
        tag("tr", tag("td", each.about, class_="name"), tag("td", f"{each.words} {until(each.until, seen.at)}".strip()))
        for each in lines[:_TOLD]
    )
    more = len(lines) - _TOLD
    left = tag("p", f"and {more:,} more", class_="says soft") if more > 0 else None
    return tag("div", tag("h3", title), tag("table", tag("tbody", rows)), left, class_="panel")
