"""Every request that acts, in every state of a target, heard twice and beside somebody else: no invariant is broken.

The invariants say the rest: above all (q), that what is answered with ok is recorded or done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.builders import CHECKOUT
from tests.cloud.scene import OWN_ALARM, Scene
from tests.cloud.story import SETTINGS
from tests.turns import in_turn

WHO = {"who": "alice", "why": "the database moves"}
AT_ONCE: Mapping[str, Any] = {"strategy": {"steps": [], "bake": "1m"}}
ASKS_FIRST: Mapping[str, Any] = {"strategy": {"steps": [{"pause": "2h"}, {"weight": 10, "hold": "5m"}], "bake": "30m"}}
RED = "queue-age"
BLOCKED: Mapping[str, Any] = {"gates": {"alarms": [RED], "already_alarming": "block"}}
REQUESTS: tuple[tuple[str, Mapping[str, Any]], ...] = (
    ("promote", {}),
    ("promote", {"phase": "BAKING"}),
    ("next", {}),
    ("rollback", {}),
    ("rollback", {"to": 1}),
    ("rollback", {"to_version": "1"}),
    ("rollback", {"to_version": "9"}),
    ("drill", {"freeze": True}),
    ("pause", {}),
    ("resume", {}),
    ("accept_drift", {}),
    ("approve", {}),
    ("deny", {}),
    ("override", {"freeze": True, **WHO}),
    ("override", {"alarm": RED, **WHO}),
    ("quarantine", {"lift": "2", **WHO}),
    ("deploy", {"bucket": "drop", "key": "checkout/v3.zip", "lift_quarantine": True}),
    ("freeze", {"scope": "checkout", **WHO}),
    ("unfreeze", {"scope": "all", **WHO}),
)


def at_rest() -> Scene:
    """Version 1 was onboarded, #1 has shipped version 2, and v3 lies in the bucket."""
    story = Scene()
    story.settings = replace(SETTINGS, keep_versions=9)
    return story.given_live().drops("v2", **AT_ONCE).ticks(8).puts("v3")


def shifting(**manifest: Any) -> Scene:
    """#2 ships version 3 over version 2."""
    return at_rest().drops("v3", **manifest)


def under_a_freeze(story: Scene) -> Scene:
    assert story.sends({"request": "freeze", "scope": "all", **WHO})["ok"]
    return story.ticks(6)


def frozen() -> Scene:
    story = at_rest().given_alarm(RED)
    story.drops("v3", on_failure="freeze", gates={"alarms": [RED], "min_invocations": 0})
    return story.turns(RED).ticks()


def drifted() -> Scene:
    return shifting(gates={"errors": {"significance": 0.01}}).moves("1").ticks()


def drilled() -> Scene:
    return at_rest().requests("drill")


def without_alias(story: Scene) -> Scene:
    del story.cloud.lambda_.functions[CHECKOUT.function].aliases[CHECKOUT.alias]
    return story


STATES: Mapping[str, Callable[[], Scene]] = {
    "nothing is known": Scene,
    "at rest": at_rest,
    "PREPARING under a freeze": lambda: under_a_freeze(at_rest()).drops("v3"),
    "TESTING, blocked": lambda: at_rest().given_alarm(RED, "ALARM").drops("v3", **BLOCKED),
    "TESTING, approval": lambda: shifting(**ASKS_FIRST).ticks(),
    "SHIFTING": shifting,
    "SHIFTING under a freeze": lambda: under_a_freeze(shifting()),
    "SHIFTING, frozen": frozen,
    "SHIFTING, drifted": drifted,
    "SHIFTING, queued behind": lambda: shifting(on_newer="queue").drops("v4"),
    "SHIFTING, alias deleted": lambda: without_alias(shifting()),
    "SHIFTING, drill": drilled,
    "BAKING": lambda: shifting().requests("promote"),
    "ROLLED_BACK": lambda: shifting().requests("rollback"),
}


def asks(story: Scene, word: str, more: Mapping[str, Any]) -> None:
    if word == "deploy":
        story.sends({"request": word, **more})
    else:
        story.answer(word, **more)


def nothing_else(_: Scene) -> None:
    """Nobody comes between."""


def an_alarm(story: Scene) -> None:
    number = story.deployment().number if story.deployments() else 0
    if OWN_ALARM.format(number) in story.cloud.cloudwatch.alarms:
        story.alarms()


def a_tick(story: Scene) -> None:
    story.ticks()


BETWEEN = (nothing_else, a_tick, an_alarm)


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("state", STATES)
def test_no_request_breaks_an_invariant(state: str, between: Callable[[Scene], None]) -> None:
    given = STATES[state]()
    for word, more in in_turn(list(STATES).index(state) + BETWEEN.index(between), REQUESTS):
        if word == "deploy" and state == "nothing is known":
            continue  # there is no zip to deploy
        story = given.copy()
        story.meanwhile("GetItem", lambda story=story: between(story), nth=2)  # type: ignore[misc]
        asks(story, word, more)
        asks(story, word, more)
        story.ticks(3)
        assert (word, more, story.violations) == (word, more, [])
        assert story.failures == []
