"""The harness: stories play by themselves, faults reach the controller, and what goes wrong is seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.builders import CHECKOUT
from tests.cloud.deliveries import Order
from tests.cloud.fault_steps import Before, Down, FailsAt
from tests.cloud.faults import Fault
from tests.cloud.steps import (
    Ask,
    Behave,
    Drop,
    Ends,
    Fire,
    HasAlarm,
    Hear,
    HookSays,
    Live,
    Minutes,
    MoveAlias,
    Running,
    Scenario,
    Until,
    UntilNoted,
    UntilStep,
)
from tests.cloud.story import TICK, Story, asking

NAMED: Mapping[str, object] = {"gates": {"alarms": ["queue-age"], "errors": False, "min_invocations": 0}}


@pytest.fixture
def story() -> Story:
    return Story().play([Live("v1")])


# -- stories ----------------------------------------------------------------------------------------------------------


def test_a_drop_is_a_real_zip_whose_event_reaches_a_real_controller(story: Story) -> None:
    story.play([Drop("v2")])
    assert (story.phase(), story.routing) == (Phase.SHIFTING, Routing("1", "2", 2000))
    assert story.cloud.lambda_.functions["checkout"].versions["2"].code.startswith(b"PK")
    assert story.cloud.bus.details[-1]["phase"] == "SHIFTING"
    assert story.cloud.sns.messages


def test_a_function_without_the_alias_is_onboarded() -> None:
    story = Story().play([Running("v1"), Drop("v2"), Until(Phase.SUCCEEDED)])
    assert (story.routing, story.violations) == (Routing("2"), [])


def test_a_minute_brings_traffic_of_both_versions_and_a_tick(story: Story) -> None:
    story.play([Drop("v2"), Minutes(2)])
    asked = [call.operation for call in story.cloud.calls[-2:]]
    assert asked == ["Query", "DescribeAlarms"]
    assert story.cloud.clock.now.second == 0
    versions = [story.cloud.lambda_.version("checkout", number) for number in ("1", "2")]
    assert all(versions)
    assert story.cloud.metrics._values


def test_a_named_alarm_rolls_back_without_knowing_the_version(story: Story) -> None:
    story.play([HasAlarm("queue-age"), Drop("v2", NAMED), Fire("queue-age")]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.ROLLED_BACK, Routing("1"), [])


def test_an_alarm_that_is_not_heard_of_at_once_is_heard_of_with_what_comes_next(story: Story) -> None:
    story.play([HasAlarm("queue-age"), Drop("v2", NAMED), Fire("queue-age", heard=False)])
    assert story.phase() is Phase.SHIFTING
    story.deliver()
    assert story.phase() is Phase.ROLLED_BACK


def test_a_hook_is_a_function_that_says_what_it_is_told_to(story: Story) -> None:
    hooks = {"hooks": {"each_step": {"function": "slipway-hook-each_step"}}}
    story.play([HookSays("each_step", "IN_PROGRESS"), Drop("v2", hooks), UntilNoted("IN_PROGRESS")])
    assert story.phase() is Phase.SHIFTING
    story.play([HookSays("each_step", "FAILED", "3 of 40"), UntilNoted("3 of 40")]).to_the_end()
    assert (story.phase(), story.cause(), story.violations) == (Phase.ROLLED_BACK, Cause.HOOK, [])


def test_a_step_is_waited_for_until_the_alias_was_seen_to_carry_it(story: Story) -> None:
    story.play([Drop("v2"), UntilStep(2)])
    assert (story.routing, story.deployments()[0].traffic.step) == (Routing("1", "2", 6000), 1)


def test_what_is_given_is_not_counted_among_the_faults() -> None:
    given = (Live(), FailsAt("Invoke", Fault.LOST), Drop("v2"))
    scenario = Scenario("given", (Minutes(2),), Ends(Phase.SUCCEEDED, "2"), given)
    assert scenario.begun().to_the_end().cloud.plan.injected == 0


def test_events_that_come_twice_are_one_deployment(story: Story) -> None:
    story.order = Order.DOUBLED
    story.play([Drop("v2"), Hear()]).to_the_end()
    assert (len(story.deployments()), story.phase(), story.violations) == (1, Phase.SUCCEEDED, [])


def test_what_somebody_else_did_is_left_alone_until_a_person_says_so(story: Story) -> None:
    story.play([Drop("v2"), MoveAlias("1"), Minutes(5)])
    assert (story.routing, story.violations) == (Routing("1"), [])
    story.play([Ask("accept_drift")]).to_the_end()
    assert (story.phase(), story.violations) == (Phase.ROLLED_BACK, [])


def test_a_person_who_is_not_answered_asks_again(story: Story) -> None:
    story.play([Drop("v2")])
    story.cloud.down("dynamodb", until=story.cloud.clock.now + timedelta(minutes=3))
    story.play([Ask("rollback")]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.ROLLED_BACK, Routing("1"), [])
    assert len(story.failures) > 1


def test_a_person_who_is_refused_asks_a_few_times_more(story: Story) -> None:
    story.play([Drop("v2")])
    story.cloud.fail(len(story.cloud.calls), Fault.DENIED)
    story.play([Ask("promote")]).to_the_end()
    assert [answer["ok"] for answer in story.answers] == [False, True]
    assert (story.phase(), story.violations) == (Phase.SUCCEEDED, [])


def test_while_a_controller_waits_the_next_tick_starts_another_and_callers_call(story: Story) -> None:
    story.play([Drop("v2")])
    story.cloud.down("lambda", Fault.READ_TIMEOUT, until=story.cloud.clock.now + timedelta(minutes=2))
    began, calls = story.cloud.clock.now, len(story.cloud.calls)
    story.play([Ask("rollback")])
    assert story.cloud.clock.now - began > timedelta(minutes=2)
    asked = [call.operation for call in story.cloud.calls[calls:]]
    assert asked.count("DescribeAlarms") >= 2
    story.to_the_end()
    assert (story.phase(), story.violations) == (Phase.ROLLED_BACK, [])


def test_two_controllers_at_once_are_one_call_in_the_middle_of_another(story: Story) -> None:
    story.play([Drop("v2"), Minutes(2), Before("GetItem", Ask("rollback")), Minutes(1)]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.ROLLED_BACK, Routing("1"), [])
    asked = [call.operation for call in story.cloud.calls]
    assert "UpdateAlias" in asked


def test_somebody_acts_before_the_next_call_of_an_operation_however_late_it_comes(story: Story) -> None:
    theirs = MoveAlias("1", {"2": 0.5})
    story.play([Drop("v2"), FailsAt("GetItem", Fault.CRASH_BEFORE), Before("UpdateAlias", theirs), Ask("rollback")])
    assert story.failures
    asked = [call.operation for call in story.cloud.calls]
    assert asked.count("UpdateAlias") == 3  # the refused rollback, and the one that the person sends after that
    assert (story.interruptions, story.violations) == ({}, [])


def test_a_second_controller_that_is_still_to_come_comes_in_a_copy_too(story: Story) -> None:
    story.play([Drop("v2"), Minutes(2), Before("GetItem", Ask("rollback"))])
    other = story.copy().to_the_end()
    assert (other.phase(), story.phase()) == (Phase.ROLLED_BACK, Phase.SHIFTING)
    assert story.to_the_end().phase() is Phase.ROLLED_BACK


def test_trouble_is_a_step_like_any_other(story: Story) -> None:
    story.play([FailsAt("TransactWriteItems", Fault.CRASH_AFTER), Drop("v2"), Down("cloudwatch", 5)]).to_the_end()
    assert (story.phase(), story.violations) == (Phase.SUCCEEDED, [])
    assert story.failures[0] == "after call 4 dynamodb TransactWriteItems (crash after)"
    assert story.cloud.plan.injected == 1 + 4 * 2, "each tick tries to read the day before and to make the alarm"


# -- what goes wrong --------------------------------------------------------------------------------------------------


def test_an_event_that_fails_comes_again_as_lambda_brings_it(story: Story) -> None:
    story.cloud.fail(0, Fault.CRASH_BEFORE)
    story.play([Drop("v2")])
    assert (story.deployments(), len(story.deliveries)) == ([], 1)
    story.to_the_end()
    assert (story.phase(), story.violations) == (Phase.SUCCEEDED, [])


def test_an_invocation_that_lasts_too_long_is_ended(story: Story) -> None:
    story.play([Drop("v2")])
    story.cloud.down("lambda", Fault.READ_TIMEOUT)
    story.cloud.down("dynamodb", Fault.READ_TIMEOUT)
    assert not story.hears(asking("rollback"))
    assert not story.hears(TICK)
    assert all("failed" in failure or "ended the invocation" in failure for failure in story.failures)


def test_a_story_that_stalls_says_so(story: Story) -> None:
    story.play([Drop("v2"), Ask("pause")]).to_the_end()
    assert any("nothing has come to rest" in text for text in story.violations)


def test_a_fault_of_the_controllers_own_is_no_word_about_aws(story: Story) -> None:
    story.cloud.table.rows[str(CHECKOUT), "head"] = {"pk": {"S": str(CHECKOUT)}, "sk": {"S": "head"}}
    story.play([Drop("v2")])
    assert any("the controller broke" in text for text in story.violations)


def test_a_story_that_ends_otherwise_says_how() -> None:
    scenario = Scenario("wrong", given=(Live("v1"),), when=(Drop("v2"),), then=Ends(Phase.ROLLED_BACK, "1"))
    (wrong,) = scenario.wrong(scenario.begun().to_the_end())
    assert wrong.startswith("it should have ended ROLLED_BACK on version 1: ['checkout:live#1 SUCCEEDED")


def test_a_story_that_ends_for_another_cause_says_so(story: Story) -> None:
    story.play([Drop("v2"), Ask("rollback")]).to_the_end()
    assert Ends(Phase.ROLLED_BACK, "1", Cause.REQUESTED).wrong(story) is None
    wrong = Ends(Phase.ROLLED_BACK, "1", Cause.ALARM).wrong(story)
    assert wrong and wrong.startswith("it should have ended ROLLED_BACK on version 1 because of ALARM: ")


# -- copies -----------------------------------------------------------------------------------------------------------


def test_a_copy_goes_on_by_itself(story: Story) -> None:
    story.play([Drop("v2"), Minutes(1)])
    other = story.copy()
    other.play([Behave("v2", "ValueError")]).to_the_end()
    story.to_the_end()
    assert (other.phase(), story.phase()) == (Phase.ROLLED_BACK, Phase.SUCCEEDED)
    assert (other.violations, story.violations) == ([], [])


def test_the_same_story_told_twice_is_the_same_call_for_call(story: Story) -> None:
    other = story.copy()
    for each in (story, other):
        each.play([Drop("v2")]).to_the_end()
    assert [str(call) for call in story.cloud.calls] == [str(call) for call in other.cloud.calls]
    assert story.cloud.clock.now == other.cloud.clock.now


def test_a_story_can_be_pasted() -> None:
    """It prints as what it is written as."""
    step = Drop("v2", {"on_newer": "queue"})
    assert repr(step) == "Drop(code='v2', changes={'on_newer': 'queue'}, key='')"
    assert eval(repr(step)) == step  # noqa: S307 - that is the point


def test_a_rollback_names_its_cause(story: Story) -> None:
    story.play([Drop("v2"), Ask("rollback")])
    reason = story.deployments()[0].reason
    assert reason and reason.cause is Cause.REQUESTED
