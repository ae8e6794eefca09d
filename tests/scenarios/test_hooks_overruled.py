"""What beats a hook function that was asked: alarms, people, newer artifacts; and two controllers at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.model import Cause, Phase
from controller.core.model.deployment.hook_run import HookStatus
from tests.cloud.fault_steps import FailsAt
from tests.cloud.faults import Fault
from tests.cloud.scene import OWN_ALARM, Scene, hooks
from tests.scenarios.hooked import (
    BUSY,
    CANARY,
    NO,
    ONE_STEP,
    STABLE,
    YES,
    at_last_step,
    in_the_bake,
)


@pytest.fixture
def story(story: Scene) -> Scene:
    return story.given_live()


# -- what beats a hook ------------------------------------------------------------------------------------------------


def test_an_alarm_beats_a_hook_in_progress(story: Scene) -> None:
    at_last_step(story, BUSY).alarms()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_an_alarm_that_fires_while_the_hook_is_called_beats_its_success(story: Scene) -> None:
    """The call lasts most of a minute, and the alarm's own event is lost."""
    at_last_step(story, BUSY)

    story.given_hook("before_promotion", YES, duration=timedelta(seconds=55))
    story.meanwhile("Invoke", lambda: story.turns(OWN_ALARM.format(1))).ticks()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert Phase.BAKING not in story.told()


def test_an_answer_that_comes_after_the_rollback_changes_nothing(story: Scene) -> None:
    at_last_step(story, BUSY)
    story.given_hook("before_promotion", NO).meanwhile("Invoke", story.alarms).ticks()
    assert (story.phase(), story.cause()) == (Phase.ROLLED_BACK, Cause.ALARM)
    assert story.deployment().evidence.hooks[0].calls == 1


def test_nobody_in_danger_waits_behind_a_hook(story: Scene) -> None:
    """One tick finds a hook to call and, after it in order, a deployment whose alarm fires."""
    at_last_step(story, BUSY)
    story.turns(OWN_ALARM.format(1)).ticks()
    assert (story.hooks_asked(), story.phase()) == ([("before_promotion", 1)], Phase.ROLLED_BACK)


def test_a_request_to_roll_back_beats_a_hook(story: Scene) -> None:
    at_last_step(story, BUSY).requests("rollback")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    story.ticks(3)
    assert len(story.hooks_asked()) == 1


def test_a_newer_artifact_takes_the_place_of_one_that_waits_for_a_hook(story: Scene) -> None:
    at_last_step(story, BUSY).passes(timedelta(seconds=5)).drops("v3")
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)


def test_a_newer_artifact_beats_a_hook_before_traffic(story: Scene) -> None:
    story.given_hook("before_traffic", BUSY).drops("v2", **hooks("before_traffic")).ticks()
    story.passes(timedelta(seconds=5)).drops("v3")
    assert (story.phase(1), story.phase(2)) == (Phase.FAILED, Phase.SHIFTING)


def test_a_newer_artifact_waits_for_the_hook_after_the_rollback_and_no_longer(story: Scene) -> None:
    story.given_hook("after_rollback", BUSY, YES).drops("v2", **hooks("after_rollback"))
    story.passes(timedelta(seconds=5)).drops("v3")
    assert (story.phase(1), story.routing, story.phase(2)) == (Phase.ROLLING_BACK, STABLE, Phase.PREPARING)
    story.ticks(2)
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)


def test_promote_goes_over_a_hook_and_the_record_says_so(story: Scene) -> None:
    at_last_step(story, BUSY).requests("promote")
    assert story.phase() is Phase.BAKING
    assert "hook before_promotion (slipway-hook-before_promotion) is passed over, by request" in story.timeline()
    story.ticks(3)
    assert len(story.hooks_asked()) == 1


def test_promote_in_the_bake_goes_over_the_hook_after_it(story: Scene) -> None:
    in_the_bake(story, BUSY).requests("promote")
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, CANARY)
    assert "hook after_bake (slipway-hook-after_bake) is passed over, by request" in story.timeline()


def test_a_pause_holds_the_next_hook(story: Scene) -> None:
    story.given_hook("each_step", YES).given_hook("before_promotion", YES)
    story.drops("v2", strategy=ONE_STEP, **hooks("each_step", "before_promotion")).ticks()
    story.requests("pause").ticks(9)
    assert story.hooks_asked() == [("each_step", 1)]
    story.requests("resume").ticks()
    assert (story.hooks_asked()[-1], story.phase()) == (("before_promotion", 1), Phase.BAKING)


def test_a_pause_holds_the_step_and_not_the_calls_of_a_hook_that_was_asked(story: Scene) -> None:
    at_last_step(story, BUSY, YES).requests("pause").ticks(3)
    assert (story.hooks_asked(), story.phase()) == ([("before_promotion", 1), ("before_promotion", 2)], Phase.SHIFTING)
    story.requests("resume")
    assert story.phase() is Phase.BAKING


def test_a_hook_that_fails_in_a_pause_brings_traffic_back(story: Scene) -> None:
    at_last_step(story, BUSY, NO).requests("pause").ticks()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_after_drift_no_hook_is_called(story: Scene) -> None:
    at_last_step(story, BUSY, YES)
    story.moves("1")
    story.ticks(3)
    assert len(story.hooks_asked()) == 1
    assert "somebody else" in story.held_by()


def test_a_person_is_asked_for_approval_when_the_hooks_have_answered(story: Scene) -> None:
    """Whoever approves sees what the hooks said."""
    steps = [{"pause": "1h"}, {"weight": 10, "hold": "5m"}, {"pause": "1h"}]
    story.given_hook("before_traffic", BUSY, YES).given_hook("before_promotion", BUSY, YES)
    story.drops("v2", strategy={"steps": steps, "bake": "30m"}, **hooks("before_traffic", "before_promotion"))
    for point, phase in (("before_traffic", Phase.TESTING), ("before_promotion", Phase.SHIFTING)):
        assert story.deployment().hold.approval is None
        story.ticks(1 if phase is Phase.TESTING else 5)
        assert story.hooks_asked()[-1] == (point, 1)
        story.ticks(5)
        assert (story.hooks_asked()[-1], story.phase()) == ((point, 2), phase)
        assert story.held_by().startswith("waits for approval")
        story.requests("approve")
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)


def test_the_deadline_beats_a_hook_that_holds(story: Scene) -> None:
    at_last_step(story, BUSY, then="hold", deadline="2h").ticks(121)
    assert (story.phase(), story.cause()) == (Phase.ROLLED_BACK, Cause.DEADLINE)


# -- twice, and two at once -------------------------------------------------------------------------------------------


def test_a_doubled_tick_calls_a_hook_once(story: Scene) -> None:
    at_last_step(story, BUSY, BUSY, YES)
    story.passes(timedelta(minutes=1))
    for _ in range(2):
        story.ticks_now()
    assert story.hooks_asked() == [("before_promotion", 1), ("before_promotion", 2)]


@pytest.mark.parametrize("call", ["PutItem", "GetItem", "GetAlias", "Invoke", "DescribeAlarms"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_two_ticks_at_once_call_a_hook_once(story: Scene, call: str, nth: int) -> None:
    at_last_step(story, BUSY, BUSY, YES)
    story.meanwhile(call, story.ticks_now, nth).ticks()
    assert story.hooks_asked() == [("before_promotion", 1), ("before_promotion", 2)]
    assert story.deployment().evidence.hooks[0].calls == 2


def test_the_next_tick_does_not_call_a_hook_that_is_still_being_called(story: Scene) -> None:
    at_last_step(story, BUSY)
    story.given_hook("before_promotion", YES).meanwhile("Invoke", story.ticks).ticks()
    assert (len(story.hooks_asked()), story.phase()) == (2, Phase.BAKING)


def test_an_answer_is_not_lost_to_somebody_who_writes_meanwhile(story: Scene) -> None:
    at_last_step(story, BUSY)
    story.given_hook("before_promotion", YES).meanwhile("Invoke", lambda: story.requests("pause")).ticks()
    assert (story.phase(), story.deployment().evidence.hooks[0].status) == (Phase.SHIFTING, HookStatus.SUCCEEDED)
    story.requests("resume")
    assert (story.phase(), len(story.hooks_asked())) == (Phase.BAKING, 2)


@pytest.mark.parametrize(("how", "calls"), [(Fault.CRASH_BEFORE, 1), (Fault.CRASH_AFTER, 2)])
def test_a_crash_at_the_call_makes_the_same_call_again(story: Scene, how: Fault, calls: int) -> None:
    story.given_hook("each_step", YES).drops("v2", **hooks("each_step"))
    story.play([FailsAt("Invoke", how)]).ticks()
    assert story.deployment().evidence.hooks[0].calling
    story.ticks(2)
    assert story.hooks_asked() == [("each_step", 1)] * calls
    run = story.deployment().evidence.hooks[0]
    assert (run.status, run.calls, run.calling) == (HookStatus.SUCCEEDED, 1, False)
