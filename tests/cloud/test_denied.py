"""IAM lets the controller do nothing with a function: what is dropped for it ends by name, once, and nothing moves."""

from __future__ import annotations

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.faults import Call, Fault
from tests.cloud.steps import Drop, Live
from tests.cloud.story import Story, asking


def about_the_function(call: Call) -> bool:
    return call.service == "lambda" and "FunctionName" in call.parameters


@pytest.fixture
def story() -> Story:
    """Version 1 serves; to the controller it is somebody else's."""
    story = Story().play([Live("v1")])
    story.cloud.fail(about_the_function, Fault.DENIED, times=None)
    return story


def test_a_drop_for_a_function_of_others_fails_by_name_at_once(story: Story) -> None:
    story.play([Drop("v2")]).to_the_end()
    (made,) = story.deployments()
    assert (made.phase, made.reason and made.reason.cause) == (Phase.FAILED, Cause.PUBLISH_FAILED)
    assert made.reason is not None
    assert "GetFunction of checkout" in made.reason.text
    assert "parameter FunctionPrefix" in made.reason.text
    assert (story.routing, story.violations) == (Routing("1"), [])


def test_that_it_failed_is_told_and_no_event_is_tried_again(story: Story) -> None:
    story.play([Drop("v2")]).to_the_end()
    (told,) = story.cloud.bus.details
    assert told["phase"] == "FAILED"
    assert "not authorized to perform: lambda:GetFunction" in told["text"]
    assert "parameter FunctionPrefix" in told["text"]
    assert (story.failures, story.deliveries) == ([], [])


def test_a_drop_for_a_function_of_others_changes_nothing_in_lambda(story: Story) -> None:
    story.play([Drop("v2")]).to_the_end()
    assert {call.operation for call in story.cloud.calls if call.service == "lambda"} <= {"GetFunction", "GetAlias"}


@pytest.mark.parametrize("word", ["status", "rollback"])
def test_who_asks_about_a_function_of_others_is_told_what_would_allow_it(story: Story, word: str) -> None:
    assert story.hears(asking(word)), story.failures
    answer = story.answers[-1]
    assert not answer["ok"]
    assert "lambda:GetAlias" in answer["error"]
    assert "parameter FunctionPrefix" in answer["error"]
