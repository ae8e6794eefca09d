"""What the gates, hooks, people and drift do to each other when they meet in one deployment."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from controller.core.model import Cause, Phase, Routing, Transient
from controller.core.statistics.sequential_evidence import Minute
from tests.builders import CHECKOUT
from tests.scenarios.story import Story, hooks

YES, BUSY = {"status": "SUCCEEDED"}, {"status": "IN_PROGRESS"}
STABLE, SPLIT, HALF, CANARY = Routing("1"), Routing("1", "2", 1000), Routing("1", "2", 5000), Routing("2")
JUDGED = {"errors": {"significance": 0.01, "bake_significance": 0.001}, "min_invocations": 0}
BAD = Minute(100, 60, 900, 1)
GOOD = Minute(100, 0, 900, 1)


def test_what_somebody_elses_version_did_in_the_bake_is_not_held_against_the_canary(story: Story) -> None:
    story.world.traffic, story.world.day_before = GOOD, (1_000, 1)
    story.given_shifting(gates=JUDGED).ticks(10).asks("promote").ticks(2)
    story.world.baking = (1_000, 500)
    story.world.functions["checkout"].versions["7"] = "theirs"
    story.world.move(CHECKOUT, Routing("7"))
    story.ticks(9)
    story.world.baking = (1_000, 0)
    story.world.move(CHECKOUT, CANARY)
    story.ticks(3)
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)


def test_a_hook_has_all_its_time_again_once_the_alias_is_ours_again(story: Story) -> None:
    story.given_hook("each_step", BUSY, YES)
    story.given_shifting(**hooks("each_step", wait="10m")).ticks()
    story.world.functions["checkout"].versions["7"] = "theirs"
    story.world.move(CHECKOUT, Routing("7"))
    story.ticks(20)
    story.world.move(CHECKOUT, SPLIT)
    story.ticks(2)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    assert story.asked() == [("each_step", 1), ("each_step", 2)]


def test_a_promotion_by_request_does_not_go_over_what_is_proved_in_that_very_look(story: Story) -> None:
    story.world.traffic, story.world.day_before = BAD, (1_000, 1)
    story.given_shifting(gates=JUDGED).ticks(3)
    assert story.phase() is Phase.SHIFTING
    story.passes(timedelta(minutes=1)).asks("promote")
    reason = story.deployment().reason
    assert reason and reason.cause is Cause.ERRORS
    assert story.routing == STABLE


def test_the_same_at_the_end_of_a_bake(story: Story) -> None:
    story.world.traffic, story.world.day_before = GOOD, (1_000, 1)
    story.given_shifting(gates=JUDGED).ticks(10).asks("promote").ticks()
    story.world.baking = (1_000, 500)
    story.passes(timedelta(minutes=7)).asks("promote")
    reason = story.deployment().reason
    assert reason and reason.cause is Cause.ERRORS
    assert story.routing == STABLE


def test_a_call_that_was_lost_in_an_earlier_step_is_not_made_in_place_of_this_ones(story: Story) -> None:
    story.given_hook("each_step", YES).world.down = {"hooks.call"}
    story.given_shifting(**hooks("each_step", wait="1m", then="promote"))
    story.ticks_in_trouble(8)
    assert story.routing == HALF
    story.world.forget_faults()
    story.ticks(2)
    assert [told["step"] for told in story.world.told] == [2]
    assert [run.calls for run in story.deployment().hooks] == [0, 1]


def test_a_hook_is_called_although_nobody_can_be_told(story: Story) -> None:
    story.given_hook("each_step", YES)
    story.given_live().puts("v2", **hooks("each_step", wait="1m"))
    story.world.down = {"notices.send"}
    with suppress(Transient):
        story.hears(story.upload("v2"))
    story.ticks_in_trouble(9)
    assert (story.phase(), story.asked()[:1]) == (Phase.SHIFTING, [("each_step", 1)])


def test_a_deployment_that_froze_at_its_deadline_can_be_promoted_to_its_end(story: Story) -> None:
    story.given_shifting(on_failure="freeze", deadline="2h").asks("pause").ticks(130)
    assert story.deployment().reason
    story.asks("promote").ticks(2).asks("promote", phase="BAKING").ticks(2)
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, CANARY)
