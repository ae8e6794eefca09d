"""A step that waits for requests tells people once, and when it will end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Phase
from tests.cloud.steps import Ask, Drop, Live, Minutes, Until
from tests.cloud.story import Story

STRATEGY = {"strategy": {"steps": [{"weight": 10, "hold": "5m"}], "bake": "1m"}}


def quiet(no_traffic: dict[str, str], **gates: Any) -> Story:
    """checkout has 10 % on version 2 and nobody calls it."""
    manifest = {**STRATEGY, "gates": {"no_traffic": no_traffic, **gates}}
    story = Story()
    story.play([Live("v1")])
    story.cloud.callers.clear()
    return story.play([Drop("v2", manifest), Until(Phase.SHIFTING)])


def told(story: Story) -> list[str]:
    """The messages about requests that do not come."""
    return [each["Message"] for each in story.cloud.sns.messages if "of 10 requests have reached" in each["Message"]]


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("rollback", "without more requests it goes back at "),
        ("promote", "without more requests the step goes on at "),
        ("hold", "the step waits, as gates.no_traffic says; send next to go on"),
    ],
)
def test_people_are_told_once_what_follows_and_when(then: str, words: str) -> None:
    story = quiet({"wait": "30m", "then": then})
    story.play([Minutes(9)])
    assert told(story) == []
    story.play([Minutes(15)])
    (message,) = told(story)
    assert words in message


def test_the_moment_that_people_are_told_is_the_moment_at_which_it_goes_back() -> None:
    story = quiet({"wait": "30m", "then": "rollback"})
    story.play([Minutes(15)])
    (message,) = told(story)
    story.to_the_end()
    back = next(each.at for each in story.deployments()[-1].timeline if each.text.startswith("ROLLING_BACK"))
    hour, minute = message.partition("goes back at ")[2].partition(" UTC")[0].split(":")
    said = back.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    assert timedelta(0) <= back - said < timedelta(minutes=2)


def test_a_function_with_requests_tells_nothing() -> None:
    story = Story().play([Live("v1"), Drop("v2", STRATEGY), Until(Phase.SUCCEEDED)])
    assert told(story) == []


def test_a_person_who_ended_the_hold_is_told_nothing() -> None:
    story = quiet({"wait": "30m", "then": "rollback"})
    story.play([Minutes(6), Ask("next"), Minutes(15)])
    assert told(story) == []
