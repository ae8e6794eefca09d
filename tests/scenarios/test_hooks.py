"""Hooks: functions of a team that are asked whether a deployment may go on, at each point, and whatever they answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing, Transient
from controller.core.model.hook_run import HookStatus
from controller.core.model.observation import AlarmState
from tests.builders import CHECKOUT
from tests.fakes import Crash
from tests.scenarios.story import HOOK, PLENTY, Story, hooks

YES = {"status": "SUCCEEDED"}
NO = {"status": "FAILED", "reason": "3 of 40 checks"}
BUSY = {"status": "IN_PROGRESS", "reason": "12 of 40 checks"}
RAISES = ZeroDivisionError()
STABLE, SPLIT, HALF, CANARY = Routing("1"), Routing("1", "2", 1000), Routing("1", "2", 5000), Routing("2")
ALL_AT_ONCE = {"steps": [], "bake": "30m"}
ONE_STEP = {"steps": [{"weight": 10, "hold": "5m"}], "bake": "30m"}
FREEZES = {"on_failure": "freeze"}
POINTS = ("before_traffic", "each_step", "before_promotion", "after_bake", "after_rollback")


@pytest.fixture
def story() -> Story:
    return Story().given_live()


def status(story: Story) -> Mapping[str, Any]:
    found: Mapping[str, Any] = story.answer("status")["deployment"]
    return found


def said(story: Story, number: int = 1) -> list[str]:
    return [entry.text for entry in story.deployment(number).timeline]


def at_last_step(story: Story, *answers: Any, **manifest: Any) -> Story:
    """The only step's hold is over, and before_promotion was called once."""
    section = hooks("before_promotion", wait="10m", then=manifest.pop("then", "rollback"))
    story.given_hook("before_promotion", *answers).drops("v2", strategy=ONE_STEP, **section, **manifest)
    return story.ticks(5)


def in_the_bake(story: Story, *answers: Any, **manifest: Any) -> Story:
    """The bake is over, and after_bake was called once."""
    section = hooks("after_bake", wait="10m", then=manifest.pop("then", "rollback"))
    story.given_hook("after_bake", *answers).drops("v2", strategy=ALL_AT_ONCE, **section, **manifest)
    return story.ticks(30)


# -- before_traffic ---------------------------------------------------------------------------------------------------


def test_no_percent_moves_before_the_hook_before_traffic_succeeded(story: Story) -> None:
    story.given_hook("before_traffic", BUSY, YES).drops("v2", **hooks("before_traffic"))
    assert (story.phase(), story.routing) == (Phase.TESTING, STABLE)
    story.ticks()
    assert (story.asked(), story.routing) == ([("before_traffic", 1)], STABLE)
    assert (
        status(story)["held_by"]
        == f"hook before_traffic ({HOOK.format('before_traffic')}) is in progress: 12 of 40 checks"
    )
    story.ticks()
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


def test_a_hook_is_asked_only_once_the_tests_have_passed(story: Story) -> None:
    story.given_hook("before_traffic", YES).world.down = {"versions.invoke"}
    story.drops("v2", tests=[{"name": "ping"}], **hooks("before_traffic")).ticks(2)
    assert (story.asked(), story.deployment().hooks) == ([], ())
    story.world.forget_faults()
    story.ticks(3)
    assert (story.asked(), story.phase()) == ([("before_traffic", 1)], Phase.SHIFTING)


def test_a_hook_that_fails_before_traffic_fails_the_deployment(story: Story) -> None:
    story.given_hook("before_traffic", NO).drops("v2", **hooks("before_traffic")).ticks()
    reason = story.deployment().reason
    assert reason and reason.cause is Cause.HOOK
    assert reason.text == f"hook before_traffic ({HOOK.format('before_traffic')}) failed: 3 of 40 checks"
    assert (story.phase(), story.routing) == (Phase.FAILED, STABLE)
    assert story.world.functions["checkout"].code == "sha-v1", "$LATEST is restored"


def test_a_first_deployment_is_asked_before_it_gets_an_alias() -> None:
    story = Story().given_hook("before_traffic", NO).drops("v1", **hooks("before_traffic")).ticks()
    assert (story.phase(), story.routing) == (Phase.FAILED, None)


@pytest.mark.parametrize("given", [Story(), Story().given_live()], ids=["first", "all at once"])
def test_all_at_once_the_hook_before_promotion_comes_after_the_one_before_traffic(given: Story) -> None:
    given.given_hook("before_traffic", BUSY, YES).given_hook("before_promotion", BUSY, YES)
    given.drops("v2", strategy=ALL_AT_ONCE, **hooks("before_traffic", "before_promotion"))
    carried = given.routing
    given.ticks(3)
    assert given.asked() == [("before_traffic", 1), ("before_traffic", 2), ("before_promotion", 1)]
    assert (given.phase(), given.routing) == (Phase.TESTING, carried)
    given.ticks()
    assert given.deployment().phase in (Phase.BAKING, Phase.SUCCEEDED)


def test_an_alarm_that_blocks_the_start_is_waited_for_before_a_hook_is_asked(story: Story) -> None:
    story.given_alarm("p99").given_hook("before_traffic", YES).world.alarms["p99"] = AlarmState.FIRING
    gates = {"alarms": ["p99"], "already_alarming": "block", "errors": False, "min_invocations": 0}
    story.drops("v2", gates=gates, **hooks("before_traffic")).ticks(3)
    assert story.asked() == []
    story.world.alarms["p99"] = AlarmState.OK
    story.ticks(2)
    assert (story.asked(), story.phase()) == ([("before_traffic", 1)], Phase.SHIFTING)


# -- each_step --------------------------------------------------------------------------------------------------------


def test_a_step_has_its_hook_beside_its_hold(story: Story) -> None:
    story.given_hook("each_step", YES).drops("v2", **hooks("each_step")).ticks()
    assert story.asked() == [("each_step", 1)]
    assert status(story)["held_by"].startswith("hold for another")
    story.ticks(4)
    assert story.routing == HALF
    story.ticks()
    assert [(told["step"], told["weight"]) for told in story.world.told] == [(1, 10.0), (2, 50.0)]


def test_a_step_does_not_end_before_its_hook_succeeded(story: Story) -> None:
    story.given_hook("each_step", *[BUSY] * 7, YES).drops("v2", **hooks("each_step")).ticks(7)
    assert story.routing == SPLIT
    assert (
        status(story)["held_by"] == "hook each_step of step 1 (slipway-hook-each_step) is in progress: 12 of 40 checks"
    )
    story.ticks()
    assert story.routing == HALF


def test_a_hook_that_fails_in_a_step_brings_traffic_back_before_the_hold_is_over(story: Story) -> None:
    story.given_hook("each_step", NO).drops("v2", **hooks("each_step")).ticks()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    told = [notice.text for _, notice in story.world.notices if notice.phase is Phase.ROLLING_BACK]
    failed = "hook each_step of step 1 (slipway-hook-each_step) failed: 3 of 40 checks"
    assert told == [f"ROLLING_BACK: back to version 1 because {failed}"]


def test_without_requests_the_hook_of_the_step_is_still_waited_for(story: Story) -> None:
    gates = {"errors": False, "min_invocations": 50, "no_traffic": {"wait": "2m", "then": "promote"}}
    story.given_hook("each_step", *[BUSY] * 9, YES).world.invocations = 0
    story.drops("v2", gates=gates, **hooks("each_step", wait="1h")).ticks(9)
    assert story.routing == SPLIT
    story.ticks()
    assert story.routing == HALF


# -- before_promotion -------------------------------------------------------------------------------------------------


def test_all_traffic_moves_only_after_the_hook_before_promotion(story: Story) -> None:
    at_last_step(story, BUSY, BUSY, YES)
    assert (story.asked(), story.routing) == ([("before_promotion", 1)], SPLIT)
    story.ticks(2)
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)


def test_the_hook_before_promotion_is_asked_when_every_other_gate_is_open(story: Story) -> None:
    gates = {"errors": False, "min_invocations": 50, "no_traffic": {"wait": "1h", "then": "rollback"}}
    story.world.invocations = 49
    at_last_step(story, YES, gates=gates).ticks(3)
    assert story.asked() == []
    story.world.invocations = 50
    story.ticks()
    assert (story.asked(), story.phase()) == ([("before_promotion", 1)], Phase.BAKING)


def test_without_requests_the_hook_before_promotion_is_asked_all_the_same(story: Story) -> None:
    gates = {"errors": False, "min_invocations": 50, "no_traffic": {"wait": "2m", "then": "promote"}}
    story.world.invocations = 0
    at_last_step(story, BUSY, YES, gates=gates).ticks(2)
    assert (story.asked(), story.routing) == ([("before_promotion", 1)], SPLIT)
    story.ticks()
    assert story.phase() is Phase.BAKING


def test_the_hook_of_the_last_step_comes_before_the_one_before_promotion(story: Story) -> None:
    story.given_hook("each_step", *[BUSY] * 6, YES).given_hook("before_promotion", YES)
    story.drops("v2", strategy=ONE_STEP, **hooks("each_step", "before_promotion")).ticks(6)
    assert "before_promotion" not in dict(story.asked())
    story.ticks(2)
    assert story.asked()[-1] == ("before_promotion", 1)
    assert story.phase() is Phase.BAKING


def test_a_hook_that_fails_speaks_against_the_bytes(story: Story) -> None:
    at_last_step(story, NO)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    story.passes(timedelta(minutes=1)).drops("v2-again")
    again = story.deployment(2).reason
    assert again and again.cause is Cause.QUARANTINED


def test_a_hook_that_fails_freezes_where_a_failure_does(story: Story) -> None:
    at_last_step(story, NO, YES, **FREEZES)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    assert status(story)["held_by"].startswith(
        "frozen, because hook before_promotion (slipway-hook-before_promotion) failed"
    )
    story.ticks(20)
    assert (story.asked(), story.routing) == ([("before_promotion", 1)], SPLIT)


def test_resume_asks_the_hook_again_that_froze_the_deployment(story: Story) -> None:
    at_last_step(story, NO, YES, **FREEZES).asks("resume").ticks()
    assert (story.asked()[-1], story.phase()) == (("before_promotion", 2), Phase.BAKING)


def test_a_hook_has_its_time_again_after_a_freeze_that_had_another_reason(story: Story) -> None:
    story.given_alarm("p99")
    gates = {"alarms": ["p99"], "errors": False, "min_invocations": 0}
    at_last_step(story, BUSY, BUSY, YES, gates=gates, **FREEZES).alarms("p99")
    story.world.alarms["p99"] = AlarmState.OK
    story.ticks(30).asks("resume").ticks(2)
    assert (story.asked()[-1], story.phase()) == (("before_promotion", 3), Phase.BAKING)


# -- after_bake -------------------------------------------------------------------------------------------------------


def test_a_bake_ends_with_its_hook_and_rollback_stays_armed_until_then(story: Story) -> None:
    in_the_bake(story, BUSY, YES)
    alias = story.world.alias(CHECKOUT)
    assert (story.asked(), story.phase()) == ([("after_bake", 1)], Phase.BAKING)
    assert alias and alias.description == "slipway #1 deploys 2, back to 1"
    story.ticks()
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, CANARY)


def test_a_hook_that_fails_after_the_bake_brings_traffic_back(story: Story) -> None:
    in_the_bake(story, NO)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


@pytest.mark.parametrize("answer", [NO, RAISES], ids=["failed", "silent"])
def test_a_first_deployment_closes_whatever_its_hook_says_for_there_is_no_way_back(answer: Any) -> None:
    story = Story().given_hook("after_bake", answer).drops("v1", **hooks("after_bake")).ticks(12)
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("1"))
    told = [notice.text for _, notice in story.world.notices]
    assert any("there is no version to go back to" in text for text in told)


# -- after_rollback ---------------------------------------------------------------------------------------------------


def _rolled_back(story: Story, *answers: Any, **more: Any) -> Story:
    story.given_hook("after_rollback", *answers).drops("v2", **hooks("after_rollback", **more))
    return story.asks("rollback", why="a drill")


def test_the_hook_after_a_rollback_is_told_once_traffic_is_back(story: Story) -> None:
    _rolled_back(story, YES)
    assert (story.asked(), story.routing) == ([], STABLE)
    story.ticks()
    (told,) = story.world.told
    assert (told["hook"], told["phase"], told["weight"]) == ("after_rollback", "ROLLING_BACK", 0)
    assert told["why"] == "a person asked: a drill"
    assert story.phase() is Phase.ROLLED_BACK


@pytest.mark.parametrize("answer", [YES, NO, RAISES, {"what": "ever"}], ids=["yes", "no", "raises", "nonsense"])
def test_nothing_that_it_says_changes_the_rollback(story: Story, answer: Any) -> None:
    _rolled_back(story, answer).ticks(11)
    reason = story.deployment().reason
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert reason and reason.cause is Cause.REQUESTED


def test_what_is_cleaned_up_after_a_rollback_does_not_wait_for_the_hook(story: Story) -> None:
    _rolled_back(story, BUSY).ticks()
    assert story.phase() is Phase.ROLLING_BACK
    assert story.world.functions["checkout"].code == "sha-v1"
    assert ("checkout:live", "quarantine#sha-v2") in story.world.items


@pytest.mark.parametrize(("wait", "minutes"), [("3m", 3), ("2h", 15)])
def test_a_rollback_is_kept_open_for_its_hook_only_so_long(story: Story, wait: str, minutes: int) -> None:
    _rolled_back(story, BUSY, wait=wait, then="hold").ticks(minutes - 1)
    assert story.phase() is Phase.ROLLING_BACK
    story.ticks()
    assert story.phase() is Phase.ROLLED_BACK
    assert story.deployment().hooks[0].call_at is None


def test_the_hook_is_told_also_where_the_alarm_alone_brought_traffic_back(story: Story) -> None:
    story.given_hook("after_rollback", YES).drops("v2", **hooks("after_rollback"))
    story.world.down = {"store"}
    with pytest.raises(Transient):
        story.alarms()
    assert (story.routing, story.asked()) == (STABLE, [])
    story.world.forget_faults()
    story.ticks(2)
    assert (story.asked(), story.phase()) == ([("after_rollback", 1)], Phase.ROLLED_BACK)


def test_a_rollback_to_the_backup_tells_the_hook_of_what_it_leaves(story: Story) -> None:
    story.given_hook("after_rollback", YES).drops("v2", strategy=ALL_AT_ONCE, **hooks("after_rollback")).ticks(31)
    assert story.phase() is Phase.SUCCEEDED
    story.asks("rollback").ticks()
    assert (story.phase(2), story.asked()) == (Phase.ROLLED_BACK, [("after_rollback", 1)])
    assert story.world.told[0]["deployment"] == "checkout:live#2"


# -- no answer --------------------------------------------------------------------------------------------------------

SILENCE = {
    "it raises": RAISES,
    "not of the shape": {"statusCode": 200, "body": "hunter2"},
    "an unknown status": {"status": "hunter2"},
    "a text": "hunter2",
    "too large a state": {"status": "IN_PROGRESS", "state": {"hunter2": "x" * 5000}},
}


@pytest.mark.parametrize("answer", SILENCE.values(), ids=SILENCE)
def test_what_is_no_answer_is_asked_again_until_the_wait_is_over(story: Story, answer: Any) -> None:
    at_last_step(story, answer).ticks(9)
    assert (story.routing, len(story.asked())) == (SPLIT, 10)
    story.ticks()
    reason = story.deployment().reason
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert reason and reason.cause is Cause.HOOK_SILENT
    assert reason.text.startswith("hook before_promotion (slipway-hook-before_promotion) has not answered in 10m: ")
    assert "hunter2" not in "".join(said(story)) + str(story.world.notices)


def test_then_rollback_goes_back_also_where_a_failure_freezes(story: Story) -> None:
    at_last_step(story, RAISES, **FREEZES).ticks(10)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_after_drift_silence_brings_nothing_back(story: Story) -> None:
    at_last_step(story, RAISES)
    story.world.move(CHECKOUT, Routing("1"), "by hand")
    story.ticks(20)
    assert (story.phase(), story.world.alias(CHECKOUT).description) == (Phase.SHIFTING, "by hand")  # type: ignore[union-attr]


def test_a_hook_that_does_not_answer_says_nothing_against_the_bytes(story: Story) -> None:
    at_last_step(story, RAISES).ticks(10)
    assert story.phase() is Phase.ROLLED_BACK
    story.world.hooks.clear()
    story.passes(timedelta(minutes=1)).drops("v2-again")
    assert story.phase(2) is Phase.SHIFTING


def test_one_that_is_in_progress_for_too_long_has_not_finished(story: Story) -> None:
    at_last_step(story, BUSY).ticks(10)
    reason = story.deployment().reason
    assert reason and reason.cause is Cause.HOOK_SILENT
    assert reason.text.endswith("has not finished in 10m: 12 of 40 checks")


def test_a_function_that_is_deleted_meanwhile_is_no_answer(story: Story) -> None:
    at_last_step(story, BUSY).world.hooks.clear()
    story.ticks()
    assert status(story)["held_by"].endswith("has not answered yet: the function does not exist")
    story.given_hook("before_promotion", YES).ticks()
    assert story.phase() is Phase.BAKING


def test_before_traffic_silence_fails_the_deployment(story: Story) -> None:
    story.given_hook("before_traffic", RAISES).drops("v2", **hooks("before_traffic", wait="3m")).ticks(2)
    assert story.phase() is Phase.TESTING
    story.ticks()
    reason = story.deployment().reason
    assert (story.phase(), reason and reason.cause) == (Phase.FAILED, Cause.HOOK_SILENT)


def test_then_hold_waits_on_and_tells_people_once(story: Story) -> None:
    at_last_step(story, RAISES, then="hold").ticks(30)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    told = [notice.text for _, notice in story.world.notices if "a person decides" in notice.text]
    named = "hook before_promotion (slipway-hook-before_promotion)"
    silence = f"{named} has not answered in 10m: the function failed with ZeroDivisionError"
    assert told == [f"{silence}; a person decides"]
    assert status(story)["held_by"] == f"{silence}; it is called on, and a person decides"


@pytest.mark.parametrize(("late", "phase"), [(YES, Phase.BAKING), (NO, Phase.ROLLED_BACK)], ids=["yes", "no"])
def test_then_hold_takes_an_answer_that_comes_late(story: Story, late: Any, phase: Phase) -> None:
    at_last_step(story, RAISES, then="hold").ticks(30).given_hook("before_promotion", late).ticks()
    assert story.phase() is phase


def test_then_promote_goes_on_without_it_and_tells_people(story: Story) -> None:
    at_last_step(story, RAISES, then="promote").ticks(9)
    assert story.phase() is Phase.SHIFTING
    story.ticks()
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)
    assert any("its then says promote, so it goes on" in notice.text for _, notice in story.world.notices)
    assert len(story.asked()) == 10


@pytest.mark.parametrize(
    ("then", "phase"), [("hold", Phase.BAKING), ("promote", Phase.SUCCEEDED), ("rollback", Phase.ROLLED_BACK)]
)
def test_after_the_bake_silence_means_what_then_says(story: Story, then: str, phase: Phase) -> None:
    in_the_bake(story, RAISES, then=then).ticks(11)
    assert story.phase() is phase


def test_lambdas_own_trouble_is_raised_and_the_same_call_is_made_again(story: Story) -> None:
    story.world.down = {"hooks.call"}
    story.given_hook("each_step", YES).drops("v2", **hooks("each_step"))
    with pytest.raises(Transient, match=r"hooks\.call is down"):
        story.ticks()
    story.world.forget_faults()
    story.ticks(2)
    assert story.asked() == [("each_step", 1)]
    assert story.deployment().hooks[0].status is HookStatus.SUCCEEDED


def test_a_hook_that_lambda_never_calls_has_a_few_minutes_more_and_then_its_time_is_over(story: Story) -> None:
    story.given_hook("each_step", YES).world.down = {"hooks.call"}
    story.drops("v2", **hooks("each_step", wait="1m")).ticks_in_trouble(4)
    assert story.routing == SPLIT
    story.ticks_in_trouble(3)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


# -- when it is called again, and with what ---------------------------------------------------------------------------


def test_a_hook_gets_its_state_back(story: Story) -> None:
    first = {**BUSY, "state": {"run": "r-1", "seen": [1, 2.5]}}
    at_last_step(story, first, RAISES, BUSY, YES).ticks(3)
    states = [told["state"] for told in story.world.told]
    assert states == [None, first["state"], first["state"], None]


def test_a_state_is_neither_told_nor_kept(story: Story) -> None:
    at_last_step(story, {**BUSY, "state": {"token": "hunter2"}})
    assert "hunter2" in str(story.world.items)
    assert "hunter2" not in str(story.deployment())
    assert "hunter2" not in str(story.answer("status")) + str(story.world.notices)
    story.asks("rollback").ticks()
    assert story.phase() is Phase.ROLLED_BACK
    assert "hunter2" not in str(story.world.items)


def test_it_says_itself_when_it_is_called_again(story: Story) -> None:
    at_last_step(story, {**BUSY, "call_again_after": 180}, YES).ticks(2)
    assert len(story.asked()) == 1
    story.ticks()
    assert (len(story.asked()), story.phase()) == (2, Phase.BAKING)


def test_meanwhile_a_tick_asks_lambda_for_nothing(story: Story) -> None:
    at_last_step(story, {**BUSY, "call_again_after": 300}, YES)
    before = story.world.calls.count("aliases.read")
    story.ticks(4)
    assert story.world.calls.count("aliases.read") == before


def test_it_is_called_once_in_a_tick_however_soon_it_wants_to_be(story: Story) -> None:
    at_last_step(story, {**BUSY, "call_again_after": 0})
    assert len(story.asked()) == 1
    story.ticks()
    assert len(story.asked()) == 2


def test_a_wait_ends_though_it_wants_to_be_called_after_it(story: Story) -> None:
    at_last_step(story, {**BUSY, "call_again_after": 86_400}).ticks(10)
    assert (story.phase(), len(story.asked())) == (Phase.ROLLED_BACK, 1)


def test_a_hook_is_told_the_whole_deployment(story: Story) -> None:
    at_last_step(story, YES)
    (told,) = story.world.told
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:checkout"
    assert told == {
        "hook": "before_promotion",
        "call": 1,
        "deployment": "checkout:live#1",
        "number": 1,
        "function": "checkout",
        "alias": "live",
        "alias_arn": f"{arn}:live",
        "stable": {"version": "1", "arn": f"{arn}:1"},
        "canary": {"version": "2", "arn": f"{arn}:2"},
        "phase": "SHIFTING",
        "weight": 10.0,
        "step": 1,
        "steps": 1,
        "artifact": {"bucket": "drop", "key": "checkout/v2.zip", "version_id": "id-v2", "sha256": "sha-v2"},
        "why": None,
        "state": None,
    }


# -- what beats a hook ------------------------------------------------------------------------------------------------


def test_an_alarm_beats_a_hook_in_progress(story: Story) -> None:
    at_last_step(story, BUSY).alarms()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_an_alarm_that_fires_while_the_hook_is_called_beats_its_success(story: Story) -> None:
    """The call lasts most of a minute, and the alarm's own event is lost."""
    at_last_step(story, BUSY)

    def slow(_told: Mapping[str, Any]) -> Mapping[str, Any]:
        story.world.alarms["slipway/checkout/live/1"] = AlarmState.FIRING
        story.passes(timedelta(seconds=55))
        return YES

    story.world.hooks[HOOK.format("before_promotion")] = slow
    story.ticks()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert all(notice.phase is not Phase.BAKING for _, notice in story.world.notices)


def test_an_answer_that_comes_after_the_rollback_changes_nothing(story: Story) -> None:
    at_last_step(story, BUSY)

    def overtaken(_told: Mapping[str, Any]) -> Mapping[str, Any]:
        story.alarms()
        return NO

    story.world.hooks[HOOK.format("before_promotion")] = overtaken
    story.ticks()
    reason = story.deployment().reason
    assert (story.phase(), reason and reason.cause) == (Phase.ROLLED_BACK, Cause.ALARM)
    assert story.deployment().hooks[0].calls == 1


def test_nobody_in_danger_waits_behind_a_hook(story: Story) -> None:
    """One tick finds a hook to call and, after it in order, a deployment whose alarm fires."""
    at_last_step(story, BUSY)
    seen: list[Phase] = []

    def looks(_told: Mapping[str, Any]) -> Mapping[str, Any]:
        seen.append(story.phase())
        return BUSY

    story.given_hook("after_rollback", YES)
    story.world.hooks[HOOK.format("before_promotion")] = looks
    story.world.alarms["slipway/checkout/live/1"] = AlarmState.FIRING
    story.ticks()
    assert (seen, story.phase()) == ([], Phase.ROLLED_BACK)


def test_a_request_to_roll_back_beats_a_hook(story: Story) -> None:
    at_last_step(story, BUSY).asks("rollback")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    story.ticks(3)
    assert len(story.asked()) == 1


def test_a_newer_artifact_takes_the_place_of_one_that_waits_for_a_hook(story: Story) -> None:
    at_last_step(story, BUSY).passes(timedelta(seconds=5)).drops("v3")
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)


def test_a_newer_artifact_beats_a_hook_before_traffic(story: Story) -> None:
    story.given_hook("before_traffic", BUSY).drops("v2", **hooks("before_traffic")).ticks()
    story.passes(timedelta(seconds=5)).drops("v3")
    assert (story.phase(1), story.phase(2)) == (Phase.FAILED, Phase.SHIFTING)


def test_a_newer_artifact_waits_for_the_hook_after_the_rollback_and_no_longer(story: Story) -> None:
    story.given_hook("after_rollback", BUSY, YES).drops("v2", **hooks("after_rollback"))
    story.passes(timedelta(seconds=5)).drops("v3")
    assert (story.phase(1), story.routing, story.phase(2)) == (Phase.ROLLING_BACK, STABLE, Phase.PREPARING)
    story.ticks(2)
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)


def test_promote_goes_over_a_hook_and_the_record_says_so(story: Story) -> None:
    at_last_step(story, BUSY).asks("promote")
    assert story.phase() is Phase.BAKING
    assert "hook before_promotion (slipway-hook-before_promotion) is not waited for, by request" in said(story)
    story.ticks(3)
    assert len(story.asked()) == 1


def test_promote_in_the_bake_goes_over_the_hook_after_it(story: Story) -> None:
    in_the_bake(story, BUSY).asks("promote")
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, CANARY)
    assert "hook after_bake (slipway-hook-after_bake) is not waited for, by request" in said(story)


def test_a_pause_holds_the_next_hook(story: Story) -> None:
    story.given_hook("each_step", YES).given_hook("before_promotion", YES)
    story.drops("v2", strategy=ONE_STEP, **hooks("each_step", "before_promotion")).ticks()
    story.asks("pause").ticks(9)
    assert story.asked() == [("each_step", 1)]
    story.asks("resume").ticks()
    assert (story.asked()[-1], story.phase()) == (("before_promotion", 1), Phase.BAKING)


def test_a_pause_holds_the_step_and_not_the_calls_of_a_hook_that_was_asked(story: Story) -> None:
    at_last_step(story, BUSY, YES).asks("pause").ticks(3)
    assert (story.asked(), story.phase()) == ([("before_promotion", 1), ("before_promotion", 2)], Phase.SHIFTING)
    story.asks("resume")
    assert story.phase() is Phase.BAKING


def test_a_hook_that_fails_in_a_pause_brings_traffic_back(story: Story) -> None:
    at_last_step(story, BUSY, NO).asks("pause").ticks()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_after_drift_no_hook_is_called(story: Story) -> None:
    at_last_step(story, BUSY, YES)
    story.world.move(CHECKOUT, Routing("1"), "by hand")
    story.ticks(3)
    assert len(story.asked()) == 1
    assert "somebody else" in status(story)["held_by"]


def test_a_person_is_asked_for_approval_when_the_hooks_have_answered(story: Story) -> None:
    """Whoever approves sees what the hooks said."""
    steps = [{"pause": "1h"}, {"weight": 10, "hold": "5m"}, {"pause": "1h"}]
    story.given_hook("before_traffic", BUSY, YES).given_hook("before_promotion", BUSY, YES)
    story.drops("v2", strategy={"steps": steps, "bake": "30m"}, **hooks("before_traffic", "before_promotion"))
    for point, phase in (("before_traffic", Phase.TESTING), ("before_promotion", Phase.SHIFTING)):
        assert story.deployment().approval is None
        story.ticks(1 if phase is Phase.TESTING else 5)
        assert story.asked()[-1] == (point, 1)
        story.ticks(5)
        assert (story.asked()[-1], story.phase()) == ((point, 2), phase)
        assert status(story)["held_by"].startswith("waits for approval")
        story.asks("approve")
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)


def test_the_deadline_beats_a_hook_that_holds(story: Story) -> None:
    at_last_step(story, BUSY, then="hold", deadline="2h").ticks(121)
    reason = story.deployment().reason
    assert (story.phase(), reason and reason.cause) == (Phase.ROLLED_BACK, Cause.DEADLINE)


# -- twice, and two at once -------------------------------------------------------------------------------------------


def test_a_doubled_tick_calls_a_hook_once(story: Story) -> None:
    at_last_step(story, BUSY, BUSY, YES)
    story.passes(timedelta(minutes=1))
    for _ in range(2):
        story.hears({"source": "aws.events", "detail-type": "Scheduled Event"})
    assert story.asked() == [("before_promotion", 1), ("before_promotion", 2)]


@pytest.mark.parametrize("call", ["store.save", "store.load", "aliases.read", "hooks.call", "alarms.states"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_two_ticks_at_once_call_a_hook_once(story: Story, call: str, nth: int) -> None:
    at_last_step(story, BUSY, BUSY, YES)
    story.meanwhile(call, lambda: story.ticks(1, timedelta()), nth).ticks()
    assert story.asked() == [("before_promotion", 1), ("before_promotion", 2)]
    assert story.deployment().hooks[0].calls == 2


def test_the_next_tick_does_not_call_a_hook_that_is_still_being_called(story: Story) -> None:
    at_last_step(story, BUSY)

    def slow(_told: Mapping[str, Any]) -> Mapping[str, Any]:
        story.given_hook("before_promotion", NO)
        story.ticks()
        return YES

    story.world.hooks[HOOK.format("before_promotion")] = slow
    story.ticks()
    assert (len(story.asked()), story.phase()) == (2, Phase.BAKING)


def test_an_answer_is_not_lost_to_somebody_who_writes_meanwhile(story: Story) -> None:
    at_last_step(story, BUSY)

    def interrupted(_told: Mapping[str, Any]) -> Mapping[str, Any]:
        story.asks("pause")
        return YES

    story.world.hooks[HOOK.format("before_promotion")] = interrupted
    story.ticks()
    assert (story.phase(), story.deployment().hooks[0].status) == (Phase.SHIFTING, HookStatus.SUCCEEDED)
    story.asks("resume")
    assert (story.phase(), len(story.asked())) == (Phase.BAKING, 2)


@pytest.mark.parametrize(("moment", "calls"), [("before", 1), ("after", 2)])
def test_a_crash_at_the_call_makes_the_same_call_again(story: Story, moment: str, calls: int) -> None:
    story.given_hook("each_step", YES).drops("v2", **hooks("each_step"))
    story.passes(timedelta(minutes=1))
    tick = {"source": "aws.events", "detail-type": "Scheduled Event"}
    with pytest.raises(Crash):
        _crash_at(story, "hooks.call", moment, tick)
    assert story.deployment().hooks[0].calling
    story.ticks(2)
    assert story.asked() == [("each_step", 1)] * calls
    run = story.deployment().hooks[0]
    assert (run.status, run.calls, run.calling) == (HookStatus.SUCCEEDED, 1, False)


def _crash_at(story: Story, call: str, moment: str, event: object) -> None:
    """Crashes before or after the next call of that name, and not at the one in between."""
    if moment == "before":
        story.meanwhile(call, _crash)
        story.hears(event)
        return
    hook = story.world.hooks[HOOK.format("each_step")]

    def answers_nobody(told: Mapping[str, Any]) -> object:
        story.world.hooks[HOOK.format("each_step")] = hook
        raise Crash(told["hook"])

    story.world.hooks[HOOK.format("each_step")] = answers_nobody
    story.hears(event)


def _crash() -> None:
    raise Crash("hooks.call")


# -- what is refused before anything is done --------------------------------------------------------------------------


def test_a_function_outside_the_prefix_is_refused_by_name(story: Story) -> None:
    story.drops("v2", hooks={"each_step": {"function": "reporter:live"}})
    reason = story.deployment().reason
    assert (story.phase(), reason and reason.cause) == (Phase.FAILED, Cause.PREFLIGHT)
    assert (
        reason
        and "`hooks.each_step` is reporter:live, which Slipway may not call (allowed: slipway-hook-*)" in reason.text
    )
    assert story.world.functions["checkout"].published == 1
    assert "hooks.problem" not in story.world.calls, "what may not be called is not asked about either"


def test_a_hook_that_does_not_exist_is_refused_by_name(story: Story) -> None:
    story.drops("v2", **hooks("after_bake"))
    reason = story.deployment().reason
    assert reason and reason.text.startswith(
        "`hooks.after_bake` is slipway-hook-after_bake, and that cannot be called: "
    )
    assert story.phase() is Phase.FAILED


def test_a_plan_lists_the_hooks_and_calls_none(story: Story) -> None:
    story.given_hook("each_step", YES).puts("v2", **hooks("each_step"))
    assert _plan(story)["hooks"] == {"each_step": "slipway-hook-each_step"}
    assert story.world.told == []


def _plan(story: Story) -> Mapping[str, Any]:
    asked = {"request": "plan", "bucket": "drop", "key": "checkout/v2.zip"}
    answer = story.world.dispatcher().dispatch(asked, lambda: PLENTY)[0].answer
    assert answer is not None
    return answer


# -- people -----------------------------------------------------------------------------------------------------------


def test_status_shows_every_hook_that_was_asked(story: Story) -> None:
    story.given_hook("before_traffic", YES).given_hook("each_step", BUSY)
    story.drops("v2", **hooks("before_traffic", "each_step")).ticks(2)
    named = {"step": None, "function": "slipway-hook-before_traffic"}
    assert status(story)["hooks"] == [
        {"hook": "before_traffic", **named, "status": "SUCCEEDED", "reason": "", "calls": 1},
        {
            "hook": "each_step",
            "step": 1,
            "function": "slipway-hook-each_step",
            "status": "IN_PROGRESS",
            "reason": "12 of 40 checks",
            "calls": 1,
        },
    ]


def test_the_timeline_tells_when_a_hook_is_asked_and_what_it_came_to(story: Story) -> None:
    at_last_step(story, BUSY, BUSY, RAISES, YES).ticks(3)
    named = "hook before_promotion (slipway-hook-before_promotion)"
    assert [text for text in said(story) if text.startswith("hook")] == [
        f"{named} is asked",
        f"{named}: IN_PROGRESS: 12 of 40 checks",
        f"{named}: NO_ANSWER: the function failed with ZeroDivisionError",
        f"{named}: SUCCEEDED",
    ]


def test_a_reason_is_one_line_of_what_can_be_read(story: Story) -> None:
    at_last_step(story, {"status": "FAILED", "reason": "bad\n\x1b[31mred\u202e " + "x" * 500})
    reason = story.deployment().reason
    assert reason and reason.text.startswith(
        "hook before_promotion (slipway-hook-before_promotion) failed: bad [31mred xxx"
    )
    assert reason.text.isprintable() and len(reason.text) < 300


def test_every_point_is_one_that_a_manifest_can_name(story: Story) -> None:
    for point in POINTS:
        story.given_hook(point, YES)
    story.drops("v2", strategy=ONE_STEP, **hooks(*POINTS)).ticks(40)
    assert story.phase() is Phase.SUCCEEDED
    assert [point for point, _ in story.asked()] == list(POINTS[:4])
