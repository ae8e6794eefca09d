"""A function, an alias or a version is deleted while a deployment is open: it ends in words, and blocks nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.faults import Fault
from tests.cloud.steps import Behave, Drop, Live, Minutes, Until
from tests.cloud.story import Story

NAME = "checkout"
OPEN = [Phase.PREPARING, Phase.TESTING, Phase.SHIFTING, Phase.BAKING, Phase.ROLLING_BACK]


def reached(phase: Phase) -> Story:
    """Returns a story whose deployment of version 2 is in that phase and stays there for some minutes."""
    story = Story().play([Live("v1")])
    lambda_ = story.cloud.lambda_
    if phase is Phase.PREPARING:
        lambda_.published_in = timedelta(minutes=5)
        story.play([Drop("v2")])
    elif phase is Phase.TESTING:
        lambda_.switched_off.add(NAME)
        story.play([Drop("v2"), Minutes(2)])
        lambda_.switched_off.clear()
    elif phase is Phase.ROLLING_BACK:
        story.play([Drop("v2"), Until(Phase.SHIFTING)])
        until = story.cloud.clock.now + timedelta(minutes=6)
        story.cloud.fail(
            lambda call: call.operation == "UpdateAlias" and call.at < until, Fault.SERVICE_ERROR, times=None
        )
        story.play([Behave("v2", "ValueError"), Minutes(4)])
    else:
        story.play([Drop("v2"), Until(phase)])
    assert story.phase() is phase, story.in_words()
    return story


def delete_function(story: Story) -> None:
    del story.cloud.lambda_.functions[NAME]


def delete_alias(story: Story) -> None:
    del story.cloud.lambda_.functions[NAME].aliases["live"]


@pytest.mark.parametrize("deletes", [delete_function, delete_alias])
@pytest.mark.parametrize("phase", OPEN)
def test_what_is_deleted_ends_the_deployment_and_a_new_zip_starts_anew(
    phase: Phase, deletes: Callable[[Story], None]
) -> None:
    story = reached(phase)
    deletes(story)
    story.play([Minutes(8)])
    ended = story.deployments()[0]
    assert ended.phase in (Phase.FAILED, Phase.ROLLED_BACK), story.in_words()
    assert ended.reason
    told = ended.timeline[-1].text
    assert "somebody deleted" in told or "nothing serves, because checkout:live is gone" in told
    assert story.routing is None, "nothing is made again behind the back of who deleted it"
    if deletes is delete_function:
        assert NAME not in story.cloud.lambda_.functions
    story.play([Drop("v3")]).to_the_end()
    assert (story.phase(), story.violations) == (Phase.SUCCEEDED, []), story.in_words()
    serves = story.routing
    assert serves and serves.version == story.deployments()[-1].canary


def test_a_version_that_is_deleted_before_its_test_fails_it_in_words() -> None:
    story = reached(Phase.TESTING)
    del story.cloud.lambda_.functions[NAME].versions["2"]
    story.play([Minutes(3)])
    assert (story.phase(), story.routing, story.cause()) == (Phase.FAILED, Routing("1"), Cause.DRIFT)
    assert (
        "version 2 of checkout does not exist any more: somebody deleted it" in story.deployments()[0].timeline[-1].text
    )
    story.play([Drop("v3")]).to_the_end()
    assert (story.phase(), story.violations) == (Phase.SUCCEEDED, [])


def test_a_version_that_is_deleted_after_its_test_never_serves() -> None:
    """It waits for an alarm to calm down; nothing points to it, so AWS lets it go."""
    story = Story().play([Live("v1")])
    story.cloud.cloudwatch.put("busy", "ALARM")
    gates = {"alarms": ["busy"], "errors": False, "min_invocations": 0, "already_alarming": "block"}
    story.play([Drop("v2", {"gates": gates}), Minutes(2)])
    assert story.phase() is Phase.TESTING
    del story.cloud.lambda_.functions[NAME].versions["2"]
    story.cloud.cloudwatch.move("busy", "OK")
    story.play([Minutes(6)])
    assert (story.phase(), story.routing, story.cause()) == (Phase.ROLLED_BACK, Routing("1"), Cause.DRIFT)
    assert "somebody deleted it" in story.deployments()[0].timeline[-1].text
    story.play([Drop("v3")]).to_the_end()
    assert story.phase() is Phase.SUCCEEDED


@pytest.mark.parametrize("alarmed", [True, False])
def test_where_the_version_to_go_back_to_is_deleted_a_rollback_ends_and_says_so(alarmed: bool) -> None:
    """AWS lets it go once nothing points to it: somebody deleted the backup alias, too."""
    story = reached(Phase.BAKING)
    function = story.cloud.lambda_.functions[NAME]
    del function.aliases["previous"], function.versions["1"]
    story.violations.clear()
    if alarmed:
        story.play([Behave("v2", "ValueError"), Minutes(12)])
        ended = story.deployments()[0]
        assert ended.phase is Phase.FAILED, story.in_words()
        assert "rollback is impossible: " in ended.timeline[-1].text
        assert "alarm slipway/checkout/live/1 is firing" in ended.timeline[-1].text
        assert not story.failures, "an alarm that can bring nothing back is no dead letter"
    story.play([Behave("v2"), Drop("v3")]).to_the_end()
    assert story.phase() is Phase.SUCCEEDED, story.in_words()
