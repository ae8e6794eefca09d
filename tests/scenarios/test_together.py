"""What the gates, hooks, people and drift do to each other when they meet in one deployment."""

from __future__ import annotations

from datetime import timedelta

from controller.core.model import Cause, Phase, Routing
from tests.cloud.scene import Scene, hooks

YES, BUSY = {"status": "SUCCEEDED"}, {"status": "IN_PROGRESS"}
STABLE, SPLIT, HALF, CANARY = Routing("1"), Routing("1", "2", 1000), Routing("1", "2", 5000), Routing("2")
JUDGED = {"errors": {"significance": 0.01, "bake_significance": 0.001}, "min_invocations": 0}


def test_what_somebody_elses_version_did_in_the_bake_is_not_held_against_the_canary(story: Scene) -> None:
    story.given_day(100).given_counts(v1=(900, 1), v2=(100, 0)).given_shifting(gates=JUDGED).ticks(10).requests(
        "promote"
    ).ticks(2)
    story.given_counts(v7=(1_000, 80)).given_version("7")
    story.moves("7")
    story.ticks(9)
    story.given_counts(v2=(1_000, 0))
    story.moves("2")
    story.ticks(3)
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)


def test_a_hook_has_all_its_time_again_once_the_alias_is_ours_again(story: Scene) -> None:
    story.given_hook("each_step", BUSY, YES)
    story.given_shifting(**hooks("each_step", wait="10m")).ticks()
    story.given_version("7")
    story.moves("7")
    story.ticks(20)
    story.moves("1", {"2": 0.1})
    story.ticks(2)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    assert story.hooks_asked() == [("each_step", 1), ("each_step", 2)]


def test_a_promotion_by_request_does_not_go_over_what_is_proved_in_that_very_look(story: Scene) -> None:
    story.given_day(100).given_counts(v1=(900, 1), v2=(100, 8)).given_shifting(gates=JUDGED).ticks(3)
    assert story.phase() is Phase.SHIFTING
    assert "errors were version 2's" in story.passes(timedelta(minutes=1)).answer("promote")["error"]
    reason = story.deployment().reason
    assert reason and reason.cause is Cause.ERRORS
    assert story.routing == STABLE


def test_the_same_at_the_end_of_a_bake(story: Scene) -> None:
    story.given_day(100).given_counts(v1=(900, 1), v2=(100, 0)).given_shifting(gates=JUDGED).ticks(10).requests(
        "promote"
    ).ticks()
    story.given_counts(v2=(1_000, 80))
    story.passes(timedelta(minutes=7)).requests("promote")
    reason = story.deployment().reason
    assert reason and reason.cause is Cause.ERRORS
    assert story.routing == STABLE


def test_a_call_that_was_lost_in_an_earlier_step_is_not_made_in_place_of_this_ones(story: Scene) -> None:
    story.given_hook("each_step", YES).given_shifting(**hooks("each_step", wait="1m", then="promote"))
    story.down("Invoke").ticks(8)
    assert story.routing == HALF
    story.up()
    story.ticks(2)
    assert [told["step"] for told in story.hooks_told()] == [2]
    assert [run.calls for run in story.deployment().evidence.hooks] == [0, 1]


def test_a_hook_is_called_although_nobody_can_be_told(story: Scene) -> None:
    story.given_hook("each_step", YES)
    story.given_live().puts("v2", **hooks("each_step", wait="1m"))
    story.down("events")
    story.tells(story.upload("v2"))
    story.ticks(4)
    assert (story.phase(), story.hooks_asked()[:1]) == (Phase.SHIFTING, [("each_step", 1)])


def test_a_deployment_that_froze_at_its_deadline_can_be_promoted_to_its_end(story: Scene) -> None:
    story.given_shifting(on_failure="freeze", deadline="2h").requests("pause").ticks(130)
    assert story.deployment().hold.frozen
    story.requests("promote").ticks(2).requests("promote", phase="BAKING").ticks(2)
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, CANARY)
