"""Whole deployments over the AWS in memory: what a person sees when all goes well, or ill."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.scene import Scene
from tests.cloud.steps import Drop

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
    story.ticks(8)
    assert story.phase() is Phase.SHIFTING


def test_old_versions_are_pruned_but_never_one_in_use(story: Scene) -> None:
    story.given_live()
    for number in range(2, 10):
        story.drops(f"v{number}", strategy={"steps": [], "bake": "0s"})
    assert {"8", "9"} <= story.versions.keys()
    assert "2" not in story.versions


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
    assert '"status", "show", "history"' in answer["error"]


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
