"""The log says once that a deployment has ended, and how: the metric of outcomes is made of that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from controller.core.model import Phase
from controller.dispatch import Dispatcher
from tests.cloud import controllers
from tests.cloud import story as stories
from tests.cloud.event_bus import TOPIC
from tests.cloud.scene import Scene

QUICK = {"steps": [{"weight": 10, "hold": "1m"}], "bake": "1m"}


@pytest.fixture
def ends(story: Scene) -> Iterator[list[Any]]:
    """The ends that the log has told, oldest first. One controller stays warm, as on AWS."""
    found: list[Any] = []
    made: list[Dispatcher] = []

    class Warm:
        def dispatch(self, event: Any, time_left: Any) -> Any:
            outcomes = made[0].dispatch(event, time_left)
            found.extend(end for each in outcomes for end in each.line.get("ended", ()))
            return outcomes

    original = controllers.dispatcher

    def warm(*asked: Any) -> Any:
        made.append(original(*asked)) if not made else None
        return Warm()

    stories.dispatcher = warm
    yield found
    stories.dispatcher = original


def test_a_success_is_told_once(story: Scene, ends: list[Any]) -> None:
    story.given_baking(strategy=QUICK).ticks(10)
    assert ends == [{"deployment": "checkout:live#1", "outcome": "SUCCEEDED", "cause": "promoted"}]


def test_a_rollback_by_alarm_is_told_once_with_its_cause(story: Scene, ends: list[Any]) -> None:
    story.given_shifting().alarms().ticks(5)
    assert ends == [{"deployment": "checkout:live#1", "outcome": "ROLLED_BACK", "cause": "alarm"}]


def test_what_never_began_is_told_too(story: Scene, ends: list[Any]) -> None:
    story.given_live().drops("v2", bad=b"no zip").ticks(2)
    assert [(each["outcome"], each["cause"]) for each in ends] == [("FAILED", "bad_artifact")]


def test_an_end_whose_event_failed_is_told_with_the_next_one(story: Scene, ends: list[Any]) -> None:
    story.given_shifting().down("UpdateFunctionCode").requests("rollback")
    story.ticks(3).up().ticks(3)
    assert story.phase() is Phase.ROLLED_BACK
    assert [each["outcome"] for each in ends] == ["ROLLED_BACK"]


def test_an_end_that_nobody_can_be_told_of_by_mail_is_told_once_all_the_same(story: Scene, ends: list[Any]) -> None:
    story.cloud.sns.topics.remove(TOPIC)
    story.given_baking(strategy=QUICK).ticks(10)
    assert len(ends) == 1
