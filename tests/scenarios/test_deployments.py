"""Whole deployments over the AWS in memory: what a person sees when all goes well, or ill."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Milestone, Phase, Reason, Routing
from tests.cloud.faults import Json
from tests.cloud.scene import Scene
from tests.cloud.steps import Drop, Hear

SPLIT = Routing("1", "2", 1000)
AWAY = frozenset({"dynamodb", "s3", "cloudwatch", "events", "sns", "Invoke"})
JUDGED = {"errors": {"significance": 0.01}, "min_invocations": 0}


# -- the way forward --------------------------------------------------------------------------------------------------


def test_a_good_version_is_shifted_promoted_baked_and_kept(story: Scene) -> None:
    story.given_live().drops("v2")
    assert story.routing == SPLIT
    story.ticks(5)
    assert story.routing == Routing("1", "2", 5000)
    story.ticks(10)
    assert (story.routing, story.phase()) == (Routing("2"), Phase.BAKING)
    story.ticks(31)
    assert story.phase() is Phase.SUCCEEDED
    assert story.told() == [Phase.TESTING, Phase.SHIFTING, Phase.BAKING, Phase.SUCCEEDED]


def test_the_stable_version_is_backed_up_before_the_first_percent(story: Scene) -> None:
    story.given_live().drops("v2")
    assert story.operations().index("CreateAlias") < story.operations().index("UpdateAlias")
    assert story.answer("status")["backup"] == "1"


def test_the_first_deployment_is_tested_and_then_gets_its_alias(story: Scene) -> None:
    story.drops("v1", tests=[{"name": "ping"}])
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("1"))
    assert story.operations().index("Invoke") < story.operations().index("CreateAlias")


def test_a_first_deployment_that_fails_its_tests_gets_no_alias(story: Scene) -> None:
    story.behaves("v1", error="ValueError")
    story.drops("v1", tests=[{"name": "ping"}])
    assert (story.phase(), story.routing) == (Phase.FAILED, None)
    story.drops("v2")
    assert (story.phase(2), story.routing) == (Phase.SUCCEEDED, Routing("2"))


def test_a_function_without_the_alias_is_onboarded_first(story: Scene) -> None:
    story.given_running("theirs")
    story.drops("v2")
    assert story.routing == SPLIT
    assert story.versions["1"] == "theirs"
    (said,) = (text for text in story.notices() if "callers must use the alias live" in text)
    assert "destinations of asynchronous calls are set for checkout and not for the alias: set them there, too" in said


def test_all_at_once_has_a_bake_and_a_way_back(story: Scene) -> None:
    story.given_live().drops("v2", strategy={"steps": [], "bake": "5m"})
    assert (story.phase(), story.routing) == (Phase.BAKING, Routing("2"))
    story.alarms()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))


def test_unchanged_bytes_are_no_change(story: Scene) -> None:
    story.given_live().play([Drop("v1", None)])
    assert story.cause() is Cause.UNCHANGED
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("1"))


def test_a_publish_that_takes_minutes_is_carried_on_by_the_tick(story: Scene) -> None:
    story.cloud.lambda_.updated_in = timedelta(minutes=8)
    story.given_live().drops("v2")
    assert story.phase() is Phase.PREPARING
    story.ticks(3)
    assert story.phase() is Phase.SHIFTING


def test_old_versions_are_pruned_but_never_one_in_use(story: Scene) -> None:
    story.given_live()
    for number in range(2, 10):
        story.drops(f"v{number}", strategy={"steps": [], "bake": "0s"})
    assert {"8", "9"} <= story.versions.keys()
    assert "2" not in story.versions


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
    story.passes(timedelta(minutes=1)).tells(event)
    assert story.phase() is Phase.ROLLED_BACK
    assert story.deployment().reason and alarm in story.deployment().reason.text


def test_no_event_moves_traffic_back_to_a_canary_that_an_emergency_took_it_from(story: Scene) -> None:
    story.given_shifting().down("dynamodb")
    story.tells(story.alarm("slipway/checkout/live/1", "2"))
    story.up()
    story.requests("pause")
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
    assert story.deployment().reason == Reason(Cause.REQUESTED, "a person asked: the basket is empty")
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


# -- newer, older, doubled --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_a_newer_artifact_supersedes_from_the_stable_version(given: object) -> None:
    story = given(Scene())  # type: ignore[operator]
    story.passes(timedelta(seconds=10)).drops("v3")
    assert story.phase(1) is Phase.ROLLED_BACK
    story.ticks()
    assert (story.phase(2), story.deployment(2).stable) == (Phase.SHIFTING, "1")


def test_superseded_bytes_are_not_quarantined(story: Scene) -> None:
    story.given_shifting().passes(timedelta(seconds=10)).drops("v3").ticks()
    story.passes(timedelta(seconds=10)).drops("v2-again").ticks()
    assert story.phase(3) is Phase.SHIFTING


def test_a_queued_artifact_waits_and_the_newest_one_wins(story: Scene) -> None:
    story.given_shifting(on_newer="queue")
    for name in ("v3", "v4"):
        story.passes(timedelta(seconds=10)).drops(name)
    assert story.phase(2) is Phase.FAILED
    assert story.deployment(3).hold.queued
    story.ticks(50)
    assert story.phase(1) is Phase.SUCCEEDED
    assert (story.phase(3), story.deployment(3).stable) == (Phase.SHIFTING, "2")


def test_a_rejected_artifact_fails_and_the_open_one_goes_on(story: Scene) -> None:
    story.given_shifting(on_newer="reject").passes(timedelta(seconds=10)).drops("v3")
    assert story.cause(2) is Cause.REJECTED
    assert story.phase(1) is Phase.SHIFTING


def test_an_upload_that_is_heard_of_twice_is_one_deployment(story: Scene) -> None:
    story.given_live().puts("v2")
    event = story.upload("v2")
    story.tells(event).tells(event)
    assert len(story.deployments()) == 1


def test_an_older_upload_that_arrives_late_is_ignored(story: Scene) -> None:
    story.puts("v0").passes(timedelta(minutes=5)).given_shifting().tells(story.upload("v0"))
    assert len(story.deployments()) == 1
    assert story.phase() is Phase.SHIFTING


def test_the_stable_bytes_dropped_while_a_canary_serves_go_back_at_once(story: Scene) -> None:
    story.given_shifting().passes(timedelta(seconds=10)).play([Drop("v1", None)])
    assert story.routing == Routing("1")
    story.ticks()
    assert story.cause(2) is Cause.UNCHANGED


# -- drift ------------------------------------------------------------------------------------------------------------


def test_somebody_elses_alias_is_never_overwritten_without_command(story: Scene) -> None:
    story.given_shifting()
    story.given_version("7")
    story.moves("7")
    story.ticks(60).passes(timedelta(seconds=10)).drops("v3").ticks(3)
    assert story.routing == Routing("7")
    assert "somebody else" in story.held_by()
    story.requests("rollback")
    assert (story.phase(1), story.routing) == (Phase.ROLLED_BACK, Routing("1", "8", 1000))


def test_accept_drift_keeps_what_somebody_else_chose(story: Scene) -> None:
    story.given_shifting()
    story.given_version("7")
    story.moves("7")
    story.ticks().requests("accept_drift")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("7"))


def test_an_alias_that_moves_while_the_record_is_read_is_read_again(story: Scene) -> None:
    story.given_shifting()
    stale = story.routing

    def rolls_back() -> None:
        story.alarms()

    story.passes(timedelta(minutes=1))
    story.meanwhile("GetItem", rolls_back)
    story.requests("status")
    story.ticks()
    assert stale == SPLIT
    assert story.phase() is Phase.ROLLED_BACK
    assert not story.deployment().traffic.drift


# -- what people ask for ----------------------------------------------------------------------------------------------


def test_promote_goes_to_the_bake_and_then_to_the_end(story: Scene) -> None:
    story.given_shifting().requests("promote")
    assert (story.phase(), story.routing) == (Phase.BAKING, Routing("2"))
    story.requests("promote", phase="BAKING").ticks()
    assert story.phase() is Phase.SUCCEEDED


def test_pause_holds_until_resume(story: Scene) -> None:
    story.given_shifting().requests("pause").ticks(30)
    assert story.routing == SPLIT
    story.requests("resume").ticks()
    assert story.routing == Routing("1", "2", 5000)


def test_rollback_without_an_open_deployment_goes_back_to_the_backup_at_once(story: Scene) -> None:
    story.given_baking().ticks(31)
    published = len(story.versions)
    story.requests("rollback", why="customers complain")
    assert (story.routing, story.phase(2)) == (Routing("1"), Phase.ROLLED_BACK)
    assert len(story.versions) == published
    again = story.ticks(10).answer("rollback")
    assert not again["ok"]
    assert "on version 1 already" in again["error"]


def test_a_request_for_another_deployment_hits_none(story: Scene) -> None:
    story.given_shifting()
    answer = story.answer("promote", deployment=7)
    assert not answer["ok"]
    assert "checkout:live#7 is not open, checkout:live#1 is" in answer["error"]
    assert story.phase() is Phase.SHIFTING


def test_a_request_that_no_phase_allows_says_what_is_allowed(story: Scene) -> None:
    story.given_live()
    assert "no deployment of checkout:live is open" in story.answer("promote")["error"]


def test_a_request_nobody_knows_says_what_there_is(story: Scene) -> None:
    answer = story.answer("reboot")
    assert not answer["ok"]
    assert '"status", "history"' in answer["error"]


def test_plan_says_what_a_drop_would_do_and_changes_nothing(story: Scene) -> None:
    story.given_live().puts("v2")
    before = repr(story.cloud.lambda_.functions), len(story.cloud.table.rows)
    payload = {"request": "plan", "bucket": "drop", "key": "checkout/v2.zip"}
    answer = story.sends(payload)
    assert answer is not None
    assert (answer["would"], answer["stable"], answer["creates_function"]) == ("deploy", "1", False)
    assert (repr(story.cloud.lambda_.functions), len(story.cloud.table.rows)) == before


def test_history_lists_the_newest_first(story: Scene) -> None:
    story.given_shifting().alarms().passes(timedelta(seconds=5)).drops("v3")
    listed = [each["deployment"] for each in story.answer("history")["deployments"]]
    assert listed == ["checkout:live#2", "checkout:live#1"]


# -- bad input --------------------------------------------------------------------------------------------------------


def test_a_bad_zip_leaves_one_failed_record_and_one_notice_and_touches_nothing(story: Scene) -> None:
    story.given_live()
    before = repr(story.cloud.lambda_.functions)
    story.puts("v2", bad=b"not a zip")
    event = story.upload("v2")
    story.tells(event).tells(event).ticks(2)
    assert (story.phase(), story.told()) == (Phase.FAILED, [Phase.FAILED])
    assert repr(story.cloud.lambda_.functions) == before


def test_a_bad_newer_zip_does_not_disturb_the_open_deployment(story: Scene) -> None:
    story.given_shifting().passes(timedelta(seconds=5)).drops("v3", bad=b"truncated")
    assert (story.phase(1), story.phase(2)) == (Phase.SHIFTING, Phase.FAILED)


def test_a_key_with_other_characters_is_refused_by_name(story: Scene) -> None:
    story.drops("my build")
    assert "my build.zip" in story.because()


def test_a_zip_without_its_handler_is_refused_by_name(story: Scene) -> None:
    story.given_live().drops("v2", function={"Handler": "main.handler"})
    assert "main.py" in story.because()
    assert (story.phase(), [*story.versions]) == (Phase.FAILED, ["1"])


def test_a_manifest_that_names_a_missing_alarm_is_refused(story: Scene) -> None:
    story.given_live().drops("v2", gates={"alarms": ["nobody"], "min_invocations": 0})
    assert "nobody" in story.because()
    assert story.routing == Routing("1")
