"""The events and answers that pages show: each is what the real controller says, over an AWS in memory."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from controller.core.model import Phase
from docs.refusals import BUCKET, with_manifest
from tests.cloud import cloudtrail
from tests.cloud.steps import Ask, Fire, Live, Until
from tests.cloud.story import SETTINGS, Story

_KEY = "checkout/build-1.4.2.zip"
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _zip(total: str) -> bytes:
    return with_manifest(
        code=f"def handler(event, context):\n    return {{'total': {total}}}\n",
        tests=[{"name": "adds up", "response": {"type": "object"}}],
    )


def phase_change() -> str:
    """Shows the event of a rollback by the deployment's own alarm."""
    story = _uploaded(_KEY)
    story.play([Until(Phase.SHIFTING), Fire(f"{SETTINGS.alarm_prefix}checkout/live/1")])
    return _event(story, Phase.ROLLING_BACK.value)


def refused_upload() -> str:
    """Shows the event of an upload whose key names no function."""
    return _event(_uploaded("check.out/build.zip"), "check.out")


def alias_drift() -> str:
    """Shows the event of an alias that somebody moved while no deployment was open."""
    story = _uploaded(_KEY).play([Until(Phase.SHIFTING), Ask("promote"), Until(Phase.SUCCEEDED)])
    weights: dict[str, Any] = {"AdditionalVersionWeights": {}}
    story.hears(cloudtrail.changes(story, "UpdateAlias", FunctionVersion="1", RoutingConfig=weights))
    return _event(story, cloudtrail.ALICE)


def plan() -> str:
    """Shows the answer to ``plan`` for an object whose drop the controller has not heard of, during another's shift."""
    story = _uploaded("checkout/build-1.4.1.zip").play([Until(Phase.SHIFTING)])
    story.cloud.storage.put(BUCKET, _KEY, _zip("510"))
    return _answer(story, {"request": "plan", "bucket": BUCKET, "key": _KEY})


def backtest() -> str:
    """Shows the answer to ``backtest`` of two hours in which version 4 failed three times as often as version 3."""
    story = Story().play([Live()])
    clock, counted = story.cloud.clock, story.cloud.metrics
    begin = clock.now
    clock.now -= _DAY
    while clock.now < begin + 2 * _HOUR:
        counted.total("checkout", "live", "3", (900, 1))
        if clock.now >= begin:
            counted.total("checkout", "live", "4", (100, 1 if clock.now.minute % 3 == 0 else 0))
        clock.now += _MINUTE
    clock.now += _HOUR
    versions = {"function": "checkout", "stable": "3", "canary": "4"}
    times = {"from": "2026-11-24T10:00:00Z", "to": "2026-11-24T12:00:00Z"}
    return _answer(story, {"request": "backtest", **versions, **times})


def _uploaded(key: str) -> Story:
    """Returns a story in which checkout serves and the controller has heard of one upload."""
    story = Story().play([Live()])
    story.cloud.storage.put(BUCKET, key, _zip("500"))
    story.deliver()
    return story


def _event(story: Story, word: str) -> str:
    """Returns the first event with this word in its detail, as a rule of EventBridge sees it."""
    found = ((each, json.loads(each["Detail"])) for each in story.cloud.bus.entries)
    entry, detail = next((entry, detail) for entry, detail in found if word in detail.values())
    return _json({"source": entry["Source"], "detail-type": entry["DetailType"], "detail": detail})


def _answer(story: Story, request: dict[str, Any]) -> str:
    story.asks(request)
    return _json(story.answers[-1])


def _json(document: object) -> str:
    return f"```json\n{json.dumps(document, indent=2, ensure_ascii=False)}\n```"
