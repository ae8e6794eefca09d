"""Traffic that is brought back: by alarms, gates and people, and with services away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Milestone, Phase, Reason, Routing
from tests.cloud.faults import Json
from tests.cloud.scene import Scene
from tests.cloud.steps import Hear

SPLIT = Routing("1", "2", 1000)
AWAY = frozenset({"dynamodb", "s3", "cloudwatch", "events", "sns", "Invoke"})
JUDGED = {"errors": {"significance": 0.01}, "min_invocations": 0}


# -- the way back -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_its_own_alarm_brings_stable_back_in_one_read_and_one_write(given: object) -> None:
    story = given(Scene())  # type: ignore[operator]
    before = len(story.cloud.calls)
    story.alarms()
    assert story.operations()[before : before + 2] == ["GetAlias", "UpdateAlias"]
    assert (story.routing, story.phase()) == (Routing("1"), Phase.ROLLED_BACK)


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_a_named_alarm_rolls_back_whatever_its_dimensions(given: object) -> None:
    story = given(Scene().given_alarm("queue-age"), gates={"alarms": ["queue-age"], "min_invocations": 0})  # type: ignore[operator]
    story.alarms("queue-age")
    assert (story.routing, story.phase()) == (Routing("1"), Phase.ROLLED_BACK)


def test_an_alarm_whose_event_was_lost_is_seen_by_the_tick(story: Scene) -> None:
    story.given_shifting()
    story.turns("slipway/checkout/live/1")
    story.ticks()
    assert story.phase() is Phase.ROLLED_BACK


def test_a_canary_that_fails_more_often_is_rolled_back_before_any_alarm(story: Scene) -> None:
    story.given_counts(v1=(900, 1), v2=(100, 4)).given_shifting(gates=JUDGED)
    story.ticks(6)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))
    assert "errors were version 2's" in story.because()
    story.drops("v2-again")
    assert story.cause(2) is Cause.QUARANTINED


def test_a_canary_that_fails_as_often_goes_on(story: Scene) -> None:
    story.given_counts(v1=(900, 9), v2=(100, 1)).given_shifting(gates=JUDGED)
    story.ticks(5)
    story.given_counts(v1=(500, 5), v2=(500, 5))
    story.ticks(11)
    assert story.phase() is Phase.BAKING
    assert story.deployment().evidence.shift.evidence.units >= 10


def test_rolled_back_bytes_are_quarantined_under_any_name(story: Scene) -> None:
    story.given_shifting().alarms().drops("v2-again")
    assert story.cause(2) is Cause.QUARANTINED
    assert story.routing == Routing("1")


def test_quarantined_bytes_whose_hash_aws_tells_only_afterwards_get_no_traffic(story: Scene) -> None:
    story.given_shifting().alarms().puts("v2-again")
    usual = story.cloud.lambda_._update_function_code

    def says_no_hash_when_asked_only(asked: Json) -> Json:
        told = usual(asked)
        return {name: value for name, value in told.items() if name != "CodeSha256"} if asked.get("DryRun") else told

    story.cloud.lambda_._update_function_code = says_no_hash_when_asked_only  # type: ignore[method-assign]
    story.tells(story.upload("v2-again"))
    assert story.cause(2) is Cause.QUARANTINED
    assert (story.phase(2), story.routing) == (Phase.FAILED, Routing("1"))


def test_a_person_may_lift_a_quarantine(story: Scene) -> None:
    story.given_shifting().alarms()
    story.puts("v2-again")
    answer = story.answer("deploy", bucket="drop", key="checkout/v2-again.zip", lift_quarantine=True, function=None)
    assert not answer["ok"]
    payload = {"request": "deploy", "bucket": "drop", "key": "checkout/v2-again.zip", "lift_quarantine": True}
    story.tells(payload)
    assert story.phase(2) is Phase.SHIFTING


def test_the_stable_code_is_put_back_into_latest(story: Scene) -> None:
    story.given_shifting().alarms()
    assert story.latest_code == "v1"


def test_its_own_alarm_is_deleted_at_the_end(story: Scene) -> None:
    story.given_shifting()
    assert "slipway/checkout/live/1" in story.cloud.cloudwatch.alarms
    story.alarms()
    assert "slipway/checkout/live/1" not in story.cloud.cloudwatch.alarms


def test_a_deployment_that_has_ended_is_open_no_more_also_while_its_alarm_is_to_be_deleted_again(story: Scene) -> None:
    def open_ones() -> object:
        return [each["deployment"] for each in story.sends({"request": "status"})["open"]]

    story.given_shifting()
    assert open_ones() == ["checkout:live#1"]
    story.alarms()
    assert open_ones() == []


def test_an_alarm_that_comes_after_the_end_changes_nothing(story: Scene) -> None:
    story.given_baking().ticks(31)
    assert story.phase() is Phase.SUCCEEDED
    story.tells(story.alarm("slipway/checkout/live/1", "2"))
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))


def test_an_alarm_of_another_version_or_deployment_changes_nothing(story: Scene) -> None:
    story.given_shifting()
    story.tells(story.alarm("slipway/checkout/live/7", "2")).tells(story.alarm("theirs", "1"))
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


def test_an_alarm_that_comes_twice_rolls_back_once(story: Scene) -> None:
    story.given_shifting().alarms().play([Hear()])
    assert story.told().count(Phase.ROLLED_BACK) == 1


# -- with services away -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
@pytest.mark.parametrize("alarm", ["slipway/checkout/live/1", "errors-of-the-canary"])
def test_with_lambda_alone_alive_traffic_comes_back_and_the_record_heals(given: object, alarm: str) -> None:
    gates = {"alarms": ["errors-of-the-canary"], "min_invocations": 0}
    story = given(Scene().given_alarm("errors-of-the-canary"), gates=gates)  # type: ignore[operator]
    story.down(*AWAY)
    story.turns(alarm)
    event = story.alarm(alarm, "2")
    story.tells(event)
    assert story.routing == Routing("1")
    story.up()
    story.turns(alarm, "OK")
    story.passes(timedelta(minutes=1)).tells(event).ticks_now()
    assert story.phase() is Phase.ROLLED_BACK
    assert story.deployment().reason and alarm in story.deployment().reason.text


def test_no_event_moves_traffic_back_to_a_canary_that_an_emergency_took_it_from(story: Scene) -> None:
    story.given_shifting().down("dynamodb")
    story.tells(story.alarm("slipway/checkout/live/1", "2"))
    story.up()
    assert "checkout:live#1 is ROLLED_BACK" in story.answer("pause")["error"]
    assert (story.routing, story.phase()) == (Routing("1"), Phase.ROLLED_BACK)


@pytest.mark.parametrize("again", [True, False])
@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
@pytest.mark.parametrize("down", [AWAY, frozenset({"GetItem"})])
def test_with_lambda_alone_alive_a_person_gets_traffic_back_and_the_record_heals(
    given: Any, down: frozenset[str], again: bool
) -> None:
    """At the end of the hold or the bake, or once they ask again."""
    story = given(Scene())
    story.down(*down)
    answer = story.answer("rollback", why="the basket is empty", deployment=1)
    assert (answer["ok"], answer["alias"], story.routing) == (True, {"version": "1", "weights": {}}, Routing("1"))
    assert "the record could not follow yet, so ask again later" in answer["unfinished"]
    story.up()
    if again:
        story.requests("rollback", why="the basket is empty")
    else:
        story.ticks(31)
    reason = story.deployment().reason
    assert reason is not None
    assert (reason.cause, reason.text) == (Cause.REQUESTED, "a person asked: the basket is empty")
    assert (story.phase(), story.routing, story.told()[-1]) == (Phase.ROLLED_BACK, Routing("1"), Phase.ROLLED_BACK)
    assert Milestone.QUARANTINED in story.deployment().done


def test_a_rollback_that_could_not_be_saved_was_asked_for_all_the_same(story: Scene) -> None:
    story.given_shifting().down("PutItem")
    assert story.answer("rollback")["ok"]
    assert story.routing == Routing("1")
    story.up()
    story.ticks(6)
    assert story.deployment().reason == Reason(Cause.REQUESTED, "a person asked")


@pytest.mark.parametrize("word", ["promote", "resume", "accept_drift", "pause"])
def test_with_lambda_alone_alive_no_other_request_moves_traffic(story: Scene, word: str) -> None:
    story.given_shifting().down(*AWAY)
    story.answer(word)
    assert story.routing == SPLIT


def test_a_rollback_of_another_deployment_than_the_alias_tells_of_moves_nothing(story: Scene) -> None:
    story.given_shifting().down(*AWAY)
    story.answer("rollback", deployment=2)
    assert story.routing == SPLIT


def test_a_rollback_waits_for_the_record_where_the_alias_is_not_armed(story: Scene) -> None:
    """What the alias carries may be what a deployment that has ended left there."""
    story.given_baking().ticks(31)
    story.down(*AWAY)
    story.answer("rollback")
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))


def test_a_rollback_that_is_refused_moves_nothing(story: Scene) -> None:
    story.given_shifting()
    assert "is not open" in story.answer("rollback", deployment=7)["error"]
    assert story.routing == SPLIT


def test_a_rollback_that_slipway_itself_refuses_is_not_done_by_the_alias_alone(story: Scene) -> None:
    """The table was made anew, so nothing is known of the deployment that armed the alias; nor is there a backup."""
    story.given_shifting().cloud.table.rows.clear()
    del story.cloud.lambda_.functions["checkout"].aliases["previous"]
    assert "there is nothing to go back to" in story.answer("rollback")["error"]
    assert story.routing == SPLIT


def test_notices_that_cannot_be_sent_hold_nothing_up(story: Scene) -> None:
    story.given_live().down("events")
    story.drops("v2")
    assert story.routing == SPLIT
    story.up()
    story.ticks()
    assert story.told() == [Phase.TESTING, Phase.SHIFTING]


def test_unreadable_alarms_hold_the_step(story: Scene) -> None:
    story.given_shifting().down("DescribeAlarms")
    story.ticks(10)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    assert "cannot be read from CloudWatch" in story.held_by()
    story.ticks(10)
    assert story.routing == Routing("1")


def test_one_targets_trouble_does_not_keep_a_tick_from_the_next(story: Scene) -> None:
    story.given_shifting()
    story.down("UpdateAlias")
    story.turns("slipway/checkout/live/1")
    story.ticks()
    story.up()
    story.ticks()
    assert story.phase() is Phase.ROLLED_BACK
