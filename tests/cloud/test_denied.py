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
def foreign() -> Story:
    """Version 1 serves; to the controller it is somebody else's."""
    story = Story().play([Live("v1")])
    story.cloud.fail(about_the_function, Fault.DENIED, times=None)
    return story


def test_a_drop_for_a_foreign_function_fails_by_name_at_once(foreign: Story) -> None:
    foreign.play([Drop("v2")]).to_the_end()
    (made,) = foreign.deployments()
    assert (made.phase, made.reason and made.reason.cause) == (Phase.FAILED, Cause.PUBLISH_FAILED)
    assert made.reason is not None
    assert "GetFunction of checkout" in made.reason.text
    assert "parameter FunctionPrefix" in made.reason.text
    assert (foreign.routing, foreign.violations) == (Routing("1"), [])


def test_that_it_failed_is_told_and_no_event_is_tried_again(foreign: Story) -> None:
    foreign.play([Drop("v2")]).to_the_end()
    (told,) = foreign.cloud.bus.details
    assert told["phase"] == "FAILED"
    assert "not authorized to perform: lambda:GetFunction" in told["text"]
    assert "parameter FunctionPrefix" in told["text"]
    assert (foreign.failures, foreign.deliveries) == ([], [])


def test_a_drop_for_a_foreign_function_changes_nothing_in_lambda(foreign: Story) -> None:
    foreign.play([Drop("v2")]).to_the_end()
    assert {call.operation for call in foreign.cloud.calls if call.service == "lambda"} <= {"GetFunction", "GetAlias"}


@pytest.mark.parametrize("word", ["status", "rollback"])
def test_who_asks_about_a_foreign_function_is_told_what_would_allow_it(foreign: Story, word: str) -> None:
    assert foreign.hears(asking(word)), foreign.failures
    answer = foreign.answers[-1]
    assert not answer["ok"]
    assert "lambda:GetAlias" in answer["error"]
    assert "parameter FunctionPrefix" in answer["error"]
