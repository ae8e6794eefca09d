"""Alarms that come late, twice, in the wrong order, or while a service is away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Milestone, Phase, Routing
from controller.core.model import Reason as Why
from tests.cloud.fault_steps import FailsAt
from tests.cloud.faults import Fault
from tests.cloud.scene import Scene

STABLE = Routing("1")
SPLIT = Routing("1", "2", 1000)
OWN = "slipway/checkout/live/1"
NAMED = {"alarms": ["queue-age"], "min_invocations": 0}


# -- an alarm that a person has answered ------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["promote", "resume"])
def test_the_event_of_an_alarm_that_a_person_went_over_does_not_freeze_again(story: Scene, word: str) -> None:
    """It comes once more, or late: what it says is what they have answered."""
    story.given_alarm("queue-age").given_shifting(gates=NAMED, on_failure="freeze").ticks()
    fired = story.alarm("queue-age")
    story.alarms("queue-age").turns("queue-age", "OK")
    assert story.deployment().hold.frozen
    story.ticks().requests(word).tells(fired)
    assert (story.deployment().hold.frozen, story.deployment().hold.paused) == (None, False)
    story.ticks().tells(story.alarm("queue-age"))
    assert story.deployment().hold.frozen, "it fires again"


@pytest.mark.parametrize("quiet", [True, False], ids=["calmed down", "still firing"])
def test_a_person_ends_what_is_frozen_also_while_the_alarm_still_fires(story: Scene, quiet: bool) -> None:
    story.given_alarm("queue-age").given_shifting(gates=NAMED, on_failure="freeze").ticks().alarms("queue-age")
    story.requests("promote").ticks(2)
    assert (story.phase(), story.deployment().hold.paused) == (Phase.BAKING, True), "it fires on all traffic, too"
    if quiet:
        story.turns("queue-age", "OK")
    story.requests("promote", phase="BAKING").ticks(2)
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))


def test_what_froze_while_it_was_closing_can_be_ended(story: Scene) -> None:
    """Lambda is away when the bake is over, and an alarm fires meanwhile."""
    story.given_alarm("queue-age").given_baking(gates=NAMED, on_failure="freeze").down("UpdateAlias")
    story.cloud.lambda_.point("checkout", "live", "2", said="slipway #1 deploys 2, back to 1")
    story.ticks(31)
    assert story.deployment().traffic.closing
    story.alarms("queue-age")
    assert story.deployment().hold.paused
    story.up()
    story.ticks(2).requests("promote").ticks(2)
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))


# -- an alarm that fired before the first percent ---------------------------------------------------------------------


def test_the_late_event_of_an_alarm_that_fired_before_the_start_does_not_arm_it(story: Scene) -> None:
    """It went from OK to ALARM before the first percent; that its event comes after it changes nothing."""
    story.given_live().given_alarm("queue-age").turns("queue-age")
    late = story.alarm("queue-age")
    story.passes(timedelta(seconds=30)).drops("v2", gates=NAMED)
    story.tells(late).ticks(2).tells(late).ticks(2)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


def test_it_is_armed_by_an_event_of_its_own_time(story: Scene) -> None:
    story.given_live().given_alarm("queue-age").turns("queue-age")
    story.drops("v2", gates=NAMED).passes(timedelta(seconds=30))
    story.tells(story.alarm("queue-age")).ticks_now()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


@pytest.mark.parametrize("nth", range(1, 12))
def test_one_that_calms_down_while_the_deployment_starts_is_not_armed_by_old_news(story: Scene, nth: int) -> None:
    """Another controller sees it OK and arms it; the first one has still read it firing."""
    story.given_live().given_alarm("queue-age").turns("queue-age")

    def calms() -> None:
        story.turns("queue-age", "OK")
        story.ticks_now()

    story.puts("v2", gates=NAMED).meanwhile("GetAlias", calms, nth).tells(story.upload("v2"))
    story.cloud.plan.forget_others()
    story.ticks(6)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, Routing("1", "2", 5000))


def test_nor_by_what_a_tick_had_read_before_it_was_overtaken(story: Scene) -> None:
    story.given_live().given_alarm("queue-age").turns("queue-age")

    def calms() -> None:
        story.turns("queue-age", "OK")
        story.ticks_now()

    story.drops("v2", gates=NAMED).passes(timedelta(minutes=5)).meanwhile("PutItem", calms)
    story.ticks_now()
    assert (story.phase(), story.routing) == (Phase.SHIFTING, Routing("1", "2", 5000))


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_an_alarm_that_fires_and_calms_before_its_event_comes_rolls_back(given: Any) -> None:
    story = given(Scene().given_alarm("queue-age"), gates=NAMED)
    event = story.alarm("queue-age")
    story.passes(timedelta(minutes=2)).tells(event).ticks_now()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_an_alarm_before_any_traffic_is_nobodys(story: Scene) -> None:
    """Its event comes while people are asked about the first percent; nothing of the canary can have set it off."""
    asked = {"steps": [{"pause": "1h"}, {"weight": 10, "hold": "5m"}], "bake": "30m"}
    story.given_live().given_alarm("queue-age").drops("v2", gates=NAMED, strategy=asked).tells(story.alarm("queue-age"))
    assert (story.phase(), story.deployment().reason, story.routing) == (Phase.TESTING, None, STABLE)


# -- late news of alarms -----------------------------------------------------------------------------------------------


def test_the_alarms_of_two_deployments_in_the_wrong_order_hit_each_its_own(story: Scene) -> None:
    story.given_shifting()
    old = story.alarm(OWN, "2")
    story.passes(timedelta(seconds=10)).drops("v3")
    assert (story.phase(2), story.routing) == (Phase.SHIFTING, Routing("1", "3", 1000))
    story.passes(timedelta(seconds=10))
    new = story.alarm("slipway/checkout/live/2", "3")
    story.tells(old)
    assert story.phase(2) is Phase.SHIFTING
    story.tells(new).tells(old).tells(new).ticks_now()
    assert (story.phase(2), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_alarms_are_read_again_after_tests_that_took_their_time(story: Scene) -> None:
    """What was OK before minutes of tests may be firing by the time of the first percent."""
    story.given_live().given_alarm("queue-age")
    story.meanwhile("Invoke", lambda: story.turns("queue-age"))
    story.drops("v2", tests=[{"name": "slow"}], gates={**NAMED, "already_alarming": "block"})
    assert (story.phase(), story.routing) == (Phase.TESTING, STABLE)


def test_a_tick_goes_by_news_of_the_alarms_only(story: Scene) -> None:
    """Another target kept the tick for a minute; meanwhile the alarm fired, and its event was lost."""
    story.given_shifting().passes(timedelta(minutes=5))

    def takes_its_time() -> None:
        story.passes(timedelta(minutes=1)).turns(OWN)

    story.meanwhile("Query", takes_its_time).ticks_now()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


# -- a CloudWatch that does not answer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_cloudwatch_is_asked_for_nothing_before_a_named_alarm_has_brought_traffic_back(given: Any) -> None:
    """It may be what is broken, and wait for its own time-out again and again."""
    story = given(Scene().given_alarm("queue-age"), gates={"alarms": ["queue-age"], "min_invocations": 50})
    story.passes(timedelta(minutes=6))
    before = len(story.cloud.calls)
    story.alarms("queue-age")
    assert story.routing == STABLE
    assert not _asked_of_cloudwatch(story, before)


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_nor_before_a_person_has_brought_it_back(given: Any) -> None:
    story = given(Scene().given_alarm("queue-age"), gates={"alarms": ["queue-age"], "min_invocations": 50})
    story.passes(timedelta(minutes=6))
    before = len(story.cloud.calls)
    story.requests("rollback")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert not _asked_of_cloudwatch(story, before)


def _asked_of_cloudwatch(story: Scene, before: int) -> list[str]:
    """Returns what CloudWatch was asked for until the alias was written."""
    calls = story.operations(before)
    return [call for call in calls[: calls.index("UpdateAlias")] if call in ("DescribeAlarms", "GetMetricData")]


def test_two_short_outages_hours_apart_are_not_hours_of_blindness(story: Scene) -> None:
    story.given_shifting(strategy={"steps": [{"weight": 10, "hold": "5h"}], "bake": "30m"})
    story.down("DescribeAlarms")
    story.requests("pause").requests("resume")
    story.up()
    story.ticks(1).passes(timedelta(hours=5)).down("DescribeAlarms")
    story.ticks(3)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    story.up()
    story.ticks()
    assert story.phase() is Phase.BAKING


# -- a record that cannot be read or saved ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", [Fault.SERVICE_ERROR, Fault.DENIED], ids=["down", "denied"])
@pytest.mark.parametrize("operation", ["GetItem", "PutItem"])
@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_a_named_alarm_on_the_canary_brings_traffic_back_without_the_table(
    given: Any, operation: str, how: Fault
) -> None:
    story = given(Scene().given_alarm("queue-age"), gates=NAMED)
    story.cloud.fail(lambda call: call.operation == operation, how, None)
    event = story.alarm("queue-age", "2")
    assert story.tells(event).routing == STABLE
    story.up().passes(timedelta(minutes=1)).tells(event).ticks_now()
    assert story.phase() is Phase.ROLLED_BACK
    assert story.deployment().reason == Why(Cause.ALARM, "alarm queue-age is firing")


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_danger_that_a_tick_sees_brings_traffic_back_though_it_cannot_be_saved(given: Any) -> None:
    story = given(Scene().given_alarm("queue-age"), gates=NAMED)
    story.turns("queue-age")
    story.down("PutItem")
    story.ticks()
    assert story.routing == STABLE
    story.up()
    story.ticks()
    assert (story.phase(), Milestone.QUARANTINED in story.deployment().done) == (Phase.ROLLED_BACK, True)


def test_a_newer_artifact_waits_until_the_record_can_be_saved(story: Scene) -> None:
    """Nothing is wrong with the canary: its way back may wait, and must not be taken for an alarm's."""
    story.given_shifting().passes(timedelta(seconds=10)).puts("v3")
    story.down("PutItem")
    story.tells(story.upload("v3"))
    assert story.routing == SPLIT
    story.up()
    story.ticks()
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)
    assert story.cause(1) is Cause.SUPERSEDED


# -- an alarm of its own ----------------------------------------------------------------------------------------------


def test_its_own_alarm_is_deleted_although_nobody_noted_that_it_was_made(story: Scene) -> None:
    story.given_live().play([FailsAt("PutMetricAlarm", Fault.CRASH_AFTER)]).drops("v2")
    assert OWN in story.cloud.cloudwatch.alarms
    story.requests("rollback").ticks()
    assert (story.phase(), OWN in story.cloud.cloudwatch.alarms) == (Phase.ROLLED_BACK, False)


@pytest.mark.parametrize("crashes", [False, True])
def test_its_own_alarm_that_is_made_only_after_the_end_is_deleted_all_the_same(story: Scene, crashes: bool) -> None:
    """One controller is about to make it when another one rolls back, deletes it and closes."""
    story.given_live().meanwhile("PutMetricAlarm", lambda: story.requests("rollback"))
    story.play([FailsAt("PutMetricAlarm", Fault.CRASH_AFTER)] * crashes).drops("v2")
    assert (story.phase(), OWN in story.cloud.cloudwatch.alarms) == (Phase.ROLLED_BACK, True)
    story.ticks(7)
    assert OWN not in story.cloud.cloudwatch.alarms
    assert Milestone.ALARM_DELETED in story.deployment().done


def test_an_alarm_that_nobody_can_make_any_more_is_deleted_once(story: Scene) -> None:
    story.given_baking().ticks(6).alarms().ticks(10)
    assert (story.phase(), story.operations().count("DeleteAlarms")) == (Phase.ROLLED_BACK, 1)


def test_an_alarm_is_deleted_at_the_end_and_once_more_when_nobody_can_make_it_any_more(story: Scene) -> None:
    story.given_shifting().ticks(2).alarms()
    assert OWN not in story.cloud.cloudwatch.alarms
    story.ticks(20)
    assert story.operations().count("DeleteAlarms") == 2


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_its_own_alarm_that_somebody_deletes_is_no_protection_and_ends_it(given: Any) -> None:
    story = given(Scene()).ticks(2)  # in the bake it is put again until then
    del story.cloud.cloudwatch.alarms[OWN]
    story.ticks(60)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert story.cause() is Cause.ALARMS_UNREADABLE


def test_an_alarm_brings_back_a_canary_that_lambda_itself_gives_a_weight_beside(story: Scene) -> None:
    """Lambda writes such weights while it moves provisioned concurrency to the new version."""
    story.given_baking()
    alias = story.cloud.lambda_.functions["checkout"].aliases["live"]
    alias.update(RoutingConfig={"AdditionalVersionWeights": {"1": 0.5}}, RevisionId=story.cloud.lambda_.revision())
    story.tells(story.alarm(OWN, "2")).ticks_now()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
