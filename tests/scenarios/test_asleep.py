"""Lambda puts versions to sleep that nobody invokes: nobody is told that one serves while it refuses every request."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.fault_steps import Down
from tests.cloud.steps import Ask, Drop, Fire, HasAlarm, Live, Minutes, Traffic, Until, UntilStep
from tests.cloud.story import Story, asking

NAMED = {"gates": {"alarms": ["queue-age"], "errors": False, "min_invocations": 0}}
BACK = Routing("1")


def timeline(story: Story) -> str:
    return "\n".join(entry.text for entry in story.deployments()[-1].timeline)


def told(story: Story) -> str:
    return "\n".join(str(detail) for detail in story.cloud.bus.details)


def woken(story: Story, version: str = "1") -> int:
    """Returns how often the version was invoked to wake it."""
    return sum(
        call.operation == "Invoke"
        and call.parameters.get("Qualifier") == version
        and call.parameters.get("Payload") == b"{}"
        for call in story.cloud.calls
    )


def state(story: Story, version: str = "1") -> str:
    return str(story.cloud.lambda_.version("checkout", version).configuration["State"])


def released(snapshot: bool = False) -> Story:
    """Version 2 was released over version 1 weeks ago, and nobody has called version 1 since."""
    story = Story().play([Live("v1"), Drop("v2"), Until(Phase.SUCCEEDED)]).to_the_end()
    if snapshot:
        story.cloud.lambda_.functions["checkout"].versions["1"]["SnapStart"] = {"ApplyOn": "PublishedVersions"}
    story.cloud.lambda_.sleep("checkout", "1")
    return story


@pytest.mark.parametrize("snapshot", [True, False], ids=["SnapStart", "VPC"])
def test_a_rollback_that_is_asked_for_moves_the_alias_wakes_the_version_and_says_so(snapshot: bool) -> None:
    story = released(snapshot)
    story.play([Traffic(0), Ask("rollback", {"why": "wrong totals"})])
    answer = story.answers[-1]["deployment"]
    assert (story.routing, answer["phase"], woken(story)) == (BACK, "ROLLING_BACK", 1)
    assert "version 1 is Inactive: Lambda refuses its requests until it is Active" in str(answer["timeline"])
    assert "version 1 is Pending: Lambda refuses its requests until it is Active; looked at" in answer["held_by"]
    assert "version 1 is Inactive" in told(story)
    assert "ROLLED_BACK" not in told(story)
    story.to_the_end()
    assert (story.phase(), state(story), story.violations) == (Phase.ROLLED_BACK, "Active", [])
    assert "version 1 is Active again and serves" in told(story)
    assert "version 1 serves; rolled back because" in timeline(story)


def test_a_rollback_by_alarm_moves_the_alias_at_once_and_says_the_same() -> None:
    story = Story().play([HasAlarm("queue-age"), Live("v1"), Drop("v2", NAMED), Until(Phase.BAKING), Traffic(0)])
    story.cloud.lambda_.sleep("checkout", "1")
    before = len(story.cloud.calls)
    story.play([Fire("queue-age")])
    calls = [call.operation for call in story.cloud.calls[before:] if call.service == "lambda"]
    assert calls[:2] == ["GetAlias", "UpdateAlias"]
    assert (story.routing, story.phase(), woken(story)) == (BACK, Phase.ROLLING_BACK, 1)
    story.to_the_end()
    assert (story.phase(), story.violations) == (Phase.ROLLED_BACK, [])
    assert "version 1 is Active again and serves" in told(story)


def test_callers_wake_it_too_and_it_is_invoked_no_more_than_needed() -> None:
    story = released().play([Ask("rollback")]).to_the_end()
    assert (story.phase(), woken(story)) == (Phase.ROLLED_BACK, 1)


def test_a_version_that_does_not_wake_is_said_to_be_asleep_at_the_end() -> None:
    story = released()
    story.cloud.lambda_.woken_in = timedelta(days=1)
    story.play([Traffic(0), Ask("rollback"), Minutes(20)])
    assert (story.phase(), story.violations) == (Phase.ROLLED_BACK, [])
    assert "given up" not in timeline(story)  # $LATEST, and all else, is as it should be
    last = story.cloud.bus.details[-1]["text"]
    assert "version 1 is Pending: Lambda refuses its requests until it is Active" in last
    assert "serves" not in last


def test_where_the_record_is_out_of_reach_the_answer_says_it() -> None:
    story = Story().play([Live("v1"), Drop("v2"), UntilStep(1), Traffic(0)])
    story.cloud.lambda_.sleep("checkout", "1")
    story.play([Down("dynamodb", 5)])
    assert story.asks(asking("rollback"))
    assert story.routing == BACK
    assert "the alias is back, and version 1 is Inactive" in story.answers[-1]["unfinished"]
    assert woken(story) == 1


def test_a_rollback_to_a_version_that_is_awake_says_nothing_of_it() -> None:
    story = Story().play([Live("v1"), Drop("v2"), UntilStep(1), Ask("rollback")]).to_the_end()
    assert (woken(story), story.deployments()[-1].traffic.asleep) == (0, "")
    assert "Active" not in timeline(story)


# -- before traffic ---------------------------------------------------------------------------------------------------


def test_a_stable_version_that_sleeps_is_woken_and_the_deployment_goes_on() -> None:
    story = Story().play([Live("v1"), Traffic(0)])
    story.cloud.lambda_.sleep("checkout", "1")
    story.play([Drop("v2")])
    assert (story.phase(), story.routing, woken(story)) == (Phase.PREPARING, BACK, 1)
    story.play([Traffic(60)]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_a_version_that_sleeps_because_its_bytes_came_before_is_woken_and_tested() -> None:
    story = Story().play([Live("v1"), Drop("v2", {"tests": [{"name": "no", "response": {"const": 1}}]})]).to_the_end()
    assert story.phase() is Phase.FAILED
    story.cloud.lambda_.sleep("checkout", "2")
    tested = woken(story, "2")
    story.play([Drop("v2", {"tests": [{"name": "no", "response": {"const": 1}}]}, key="checkout/again.zip")])
    assert (story.phase(), woken(story, "2") - tested) == (Phase.PREPARING, 1)
    story.to_the_end()
    assert (story.phase(), set(story.cloud.lambda_.functions["checkout"].versions)) == (Phase.FAILED, {"1", "2"})
    assert "test 'no' failed on version 2" in timeline(story)


def test_the_stable_version_is_active_before_the_first_percent_moves() -> None:
    story = Story().play([Live("v1"), Traffic(0)])
    story.cloud.lambda_.sleep("checkout", "1")
    story.cloud.lambda_.woken_in = timedelta(minutes=4)
    story.play([Drop("v2")])
    while story.routing == BACK and story.phase() is not Phase.FAILED:
        assert story.phase() is Phase.PREPARING or state(story) == "Active"
        story.minute()
    assert (story.routing, state(story)) == (Routing("1", "2", 2000), "Active")
