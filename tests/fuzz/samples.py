"""Stories that have come to where a payload may do harm, each told once, and the samples that fit them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from controller.core.model import Routing
from tests.cloud.faults import Json
from tests.cloud.steps import BUCKET, Drop, Live, Minutes
from tests.cloud.story import TICK
from tests.fuzz.handler import AtTheDoor

EVENTS = Path(__file__).parents[2] / "events"


@cache
def shifting() -> AtTheDoor:
    """A story in which version 2 has some of the traffic, and nothing is due. Whoever goes on with it takes a copy."""
    story = AtTheDoor()
    story.play([Live("v1"), Drop("v2"), Minutes(1)])
    assert story.routing == Routing("1", "2", 2000)
    story.hears(TICK)
    return story


@cache
def samples() -> dict[str, Json]:
    """Returns every file of events/, about the target, the object and the alarm of the story, by its name."""
    return {file.stem: _of_the_story(file.read_text("utf-8")) for file in sorted(EVENTS.glob("*.json"))}


def uploaded() -> Json:
    """Returns the event of the upload that the story began with."""
    return next(event for event in shifting().cloud.events if event["detail-type"] == "Object Created")


def _of_the_story(text: str) -> Json:
    for theirs, ours in _NAMES.items():
        text = text.replace(theirs, ours)
    found: Json = json.loads(text)
    return {name: value for name, value in found.items() if (name, "request" in found) != ("version", True)}


_NAMES = {
    "slipway/checkout/live/42": "slipway/checkout/live/1",
    '"ExecutedVersion": "7"': '"ExecutedVersion": "2"',
    '"stable": "3"': '"stable": "1"',
    '"canary": "4"': '"canary": "2"',
    "2026-11-24T10:00:00Z": "2026-11-24T09:00:00Z",
    "slipway-artifacts": BUCKET,
    "checkout/build-1.4.2.zip": "checkout/v2.zip",
}
