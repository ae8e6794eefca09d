"""Hooks: functions of a team that are asked whether a deployment may go on, at each point."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.builders import CHECKOUT
from tests.cloud.scene import Scene, hooks
from tests.cloud.steps import HOOK
from tests.scenarios.hooked import (
    ALL_AT_ONCE,
    BUSY,
    CANARY,
    FREEZES,
    HALF,
    NO,
    ONE_STEP,
    RAISES,
    SPLIT,
    STABLE,
    YES,
    at_last_step,
    in_the_bake,
)


@pytest.fixture
def story(story: Scene) -> Scene:
    return story.given_live()


# -- before_traffic ---------------------------------------------------------------------------------------------------


def test_no_percent_moves_before_the_hook_before_traffic_succeeded(story: Scene) -> None:
    story.given_hook("before_traffic", BUSY, YES).drops("v2", **hooks("before_traffic"))
    assert (story.phase(), story.routing) == (Phase.TESTING, STABLE)
    story.ticks()
    assert (story.hooks_asked(), story.routing) == ([("before_traffic", 1)], STABLE)
    assert story.held_by() == f"hook before_traffic ({HOOK.format('before_traffic')}) is in progress: 12 of 40 checks"
    story.ticks()
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


def test_a_hook_is_asked_only_once_the_tests_have_passed(story: Scene) -> None:
    story.given_hook("before_traffic", YES).behaves("v2", refuses="KMSAccessDeniedException")
    story.drops("v2", tests=[{"name": "ping"}], **hooks("before_traffic")).ticks(2)
    assert (story.hooks_asked(), story.deployment().evidence.hooks) == ([], ())
    story.behaves("v2")
    story.ticks(3)
    assert (story.hooks_asked(), story.phase()) == ([("before_traffic", 1)], Phase.SHIFTING)


def test_a_hook_that_fails_before_traffic_fails_the_deployment(story: Scene) -> None:
    story.given_hook("before_traffic", NO).drops("v2", **hooks("before_traffic")).ticks()
    assert story.cause() is Cause.HOOK
    assert story.because() == f"hook before_traffic ({HOOK.format('before_traffic')}) failed: 3 of 40 checks"
    assert (story.phase(), story.routing) == (Phase.FAILED, STABLE)
    assert story.latest_code == "v1", "$LATEST is restored"


def test_a_first_deployment_is_asked_before_it_gets_an_alias() -> None:
    story = Scene().given_hook("before_traffic", NO).drops("v1", **hooks("before_traffic")).ticks()
    assert (story.phase(), story.routing) == (Phase.FAILED, None)


@pytest.mark.parametrize("given", [Scene(), Scene().given_live()], ids=["first", "all at once"])
def test_all_at_once_the_hook_before_promotion_comes_after_the_one_before_traffic(given: Scene) -> None:
    given.given_hook("before_traffic", BUSY, YES).given_hook("before_promotion", BUSY, YES)
    given.drops("v2", strategy=ALL_AT_ONCE, **hooks("before_traffic", "before_promotion"))
    carried = given.routing
    given.ticks(3)
    assert given.hooks_asked() == [("before_traffic", 1), ("before_traffic", 2), ("before_promotion", 1)]
    assert (given.phase(), given.routing) == (Phase.TESTING, carried)
    given.ticks()
    assert given.deployment().phase in (Phase.BAKING, Phase.SUCCEEDED)


def test_an_alarm_that_blocks_the_start_is_waited_for_before_a_hook_is_asked(story: Scene) -> None:
    story.given_alarm("p99").given_hook("before_traffic", YES).turns("p99")
    gates = {"alarms": ["p99"], "already_alarming": "block", "errors": False, "min_invocations": 0}
    story.drops("v2", gates=gates, **hooks("before_traffic")).ticks(3)
    assert story.hooks_asked() == []
    story.turns("p99", "OK")
    story.ticks(2)
    assert (story.hooks_asked(), story.phase()) == ([("before_traffic", 1)], Phase.SHIFTING)


# -- each_step --------------------------------------------------------------------------------------------------------


def test_a_step_has_its_hook_beside_its_hold(story: Scene) -> None:
    story.given_hook("each_step", YES).drops("v2", **hooks("each_step")).ticks()
    assert story.hooks_asked() == [("each_step", 1)]
    assert story.held_by().startswith("hold for another")
    story.ticks(4)
    assert story.routing == HALF
    story.ticks()
    assert [(told["step"], told["weight"]) for told in story.hooks_told()] == [(1, 10.0), (2, 50.0)]


def test_a_step_does_not_end_before_its_hook_succeeded(story: Scene) -> None:
    story.given_hook("each_step", *[BUSY] * 7, YES).drops("v2", **hooks("each_step")).ticks(7)
    assert story.routing == SPLIT
    assert story.held_by() == "hook each_step of step 1 (slipway-hook-each_step) is in progress: 12 of 40 checks"
    story.ticks()
    assert story.routing == HALF


def test_a_hook_that_fails_in_a_step_brings_traffic_back_before_the_hold_is_over(story: Scene) -> None:
    story.given_hook("each_step", NO).drops("v2", **hooks("each_step")).ticks()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    told = [text for text in story.notices() if text.startswith("ROLLING_BACK")]
    failed = "hook each_step of step 1 (slipway-hook-each_step) failed: 3 of 40 checks"
    assert told == [f"ROLLING_BACK: back to version 1 because {failed}"]


def test_without_requests_the_hook_of_the_step_is_still_waited_for(story: Scene) -> None:
    gates = {"errors": False, "min_invocations": 50, "no_traffic": {"wait": "2m", "then": "promote"}}
    story.given_hook("each_step", *[BUSY] * 9, YES).given_traffic(0)
    story.drops("v2", gates=gates, **hooks("each_step", wait="1h")).ticks(9)
    assert story.routing == SPLIT
    story.ticks()
    assert story.routing == HALF


# -- before_promotion -------------------------------------------------------------------------------------------------


def test_all_traffic_moves_only_after_the_hook_before_promotion(story: Scene) -> None:
    at_last_step(story, BUSY, BUSY, YES)
    assert (story.hooks_asked(), story.routing) == ([("before_promotion", 1)], SPLIT)
    story.ticks(2)
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)


def test_the_hook_before_promotion_is_asked_when_every_other_gate_is_open(story: Scene) -> None:
    gates = {"errors": False, "min_invocations": 50, "no_traffic": {"wait": "1h", "then": "rollback"}}
    story.given_counts(v1=(90, 0), v2=(6, 0))
    at_last_step(story, YES, gates=gates).ticks(3)
    assert story.hooks_asked() == []
    story.ticks(2)
    assert (story.hooks_asked(), story.phase()) == ([("before_promotion", 1)], Phase.BAKING)


def test_without_requests_the_hook_before_promotion_is_asked_all_the_same(story: Scene) -> None:
    gates = {"errors": False, "min_invocations": 50, "no_traffic": {"wait": "2m", "then": "promote"}}
    story.given_traffic(0)
    at_last_step(story, BUSY, YES, gates=gates).ticks(2)
    assert (story.hooks_asked(), story.routing) == ([("before_promotion", 1)], SPLIT)
    story.ticks()
    assert story.phase() is Phase.BAKING


def test_the_hook_of_the_last_step_comes_before_the_one_before_promotion(story: Scene) -> None:
    story.given_hook("each_step", *[BUSY] * 6, YES).given_hook("before_promotion", YES)
    story.drops("v2", strategy=ONE_STEP, **hooks("each_step", "before_promotion")).ticks(6)
    assert "before_promotion" not in dict(story.hooks_asked())
    story.ticks(2)
    assert story.hooks_asked()[-1] == ("before_promotion", 1)
    assert story.phase() is Phase.BAKING


def test_a_hook_that_fails_speaks_against_the_bytes(story: Scene) -> None:
    at_last_step(story, NO)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    story.passes(timedelta(minutes=1)).drops("v2-again")
    assert story.cause(2) is Cause.QUARANTINED


def test_a_hook_that_fails_freezes_where_a_failure_does(story: Scene) -> None:
    at_last_step(story, NO, YES, **FREEZES)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    assert story.held_by().startswith("frozen, because hook before_promotion (slipway-hook-before_promotion) failed")
    story.ticks(20)
    assert (story.hooks_asked(), story.routing) == ([("before_promotion", 1)], SPLIT)


def test_resume_asks_the_hook_again_that_froze_the_deployment(story: Scene) -> None:
    at_last_step(story, NO, YES, **FREEZES).requests("resume").ticks()
    assert (story.hooks_asked()[-1], story.phase()) == (("before_promotion", 2), Phase.BAKING)


def test_a_hook_has_its_time_again_after_a_freeze_that_had_another_reason(story: Scene) -> None:
    story.given_alarm("p99")
    gates = {"alarms": ["p99"], "errors": False, "min_invocations": 0}
    at_last_step(story, BUSY, BUSY, YES, gates=gates, **FREEZES).alarms("p99")
    story.turns("p99", "OK")
    story.ticks(30).requests("resume").ticks(2)
    assert (story.hooks_asked()[-1], story.phase()) == (("before_promotion", 3), Phase.BAKING)


# -- after_bake -------------------------------------------------------------------------------------------------------


def test_a_bake_ends_with_its_hook_and_rollback_stays_armed_until_then(story: Scene) -> None:
    in_the_bake(story, BUSY, YES)
    alias = story.seen().alias(CHECKOUT)
    assert (story.hooks_asked(), story.phase()) == ([("after_bake", 1)], Phase.BAKING)
    assert alias and alias["Description"] == "slipway #1 deploys 2, back to 1"
    story.ticks()
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, CANARY)


def test_a_hook_that_fails_after_the_bake_brings_traffic_back(story: Scene) -> None:
    in_the_bake(story, NO)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


@pytest.mark.parametrize("answer", [NO, RAISES], ids=["failed", "silent"])
def test_a_first_deployment_closes_whatever_its_hook_says_for_there_is_no_way_back(answer: Any) -> None:
    story = Scene().given_hook("after_bake", answer).drops("v1", **hooks("after_bake")).ticks(12)
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("1"))
    told = story.notices()
    assert any("there is no version to go back to" in text for text in told)


# -- after_rollback ---------------------------------------------------------------------------------------------------


def _rolled_back(story: Scene, *answers: Any, **more: Any) -> Scene:
    story.given_hook("after_rollback", *answers).drops("v2", **hooks("after_rollback", **more))
    return story.requests("rollback", why="a drill")


def test_the_hook_after_a_rollback_is_told_once_traffic_is_back(story: Scene) -> None:
    _rolled_back(story, YES)
    assert (story.hooks_asked(), story.routing) == ([], STABLE)
    story.ticks()
    (told,) = story.hooks_told()
    assert (told["hook"], told["phase"], told["weight"]) == ("after_rollback", "ROLLING_BACK", 0)
    assert told["why"] == "a person asked: a drill"
    assert story.phase() is Phase.ROLLED_BACK


@pytest.mark.parametrize("answer", [YES, NO, RAISES, {"what": "ever"}], ids=["yes", "no", "raises", "nonsense"])
def test_nothing_that_it_says_changes_the_rollback(story: Scene, answer: Any) -> None:
    _rolled_back(story, answer).ticks(11)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert story.cause() is Cause.REQUESTED


def test_what_is_cleaned_up_after_a_rollback_does_not_wait_for_the_hook(story: Scene) -> None:
    _rolled_back(story, BUSY).ticks()
    assert story.phase() is Phase.ROLLING_BACK
    assert story.latest_code == "v1"
    assert story.is_quarantined()


@pytest.mark.parametrize(("wait", "minutes"), [("3m", 3), ("2h", 15)])
def test_a_rollback_is_kept_open_for_its_hook_only_so_long(story: Scene, wait: str, minutes: int) -> None:
    _rolled_back(story, BUSY, wait=wait, then="hold").ticks(minutes - 1)
    assert story.phase() is Phase.ROLLING_BACK
    story.ticks()
    assert story.phase() is Phase.ROLLED_BACK
    assert story.deployment().evidence.hooks[0].call_at is None


def test_the_hook_is_told_also_where_the_alarm_alone_brought_traffic_back(story: Scene) -> None:
    story.given_hook("after_rollback", YES).drops("v2", **hooks("after_rollback"))
    story.down("dynamodb")
    story.alarms()
    assert (story.routing, story.hooks_asked()) == (STABLE, [])
    story.up()
    story.ticks(2)
    assert (story.hooks_asked(), story.phase()) == ([("after_rollback", 1)], Phase.ROLLED_BACK)


def test_a_rollback_to_the_backup_tells_the_hook_of_what_it_leaves(story: Scene) -> None:
    story.given_hook("after_rollback", YES).drops("v2", strategy=ALL_AT_ONCE, **hooks("after_rollback")).ticks(31)
    assert story.phase() is Phase.SUCCEEDED
    story.requests("rollback").ticks()
    assert (story.phase(2), story.hooks_asked()) == (Phase.ROLLED_BACK, [("after_rollback", 1)])
    assert story.hooks_told()[0]["deployment"] == "checkout:live#2"
