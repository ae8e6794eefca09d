"""What a hook function answers, or fails to; when it is called again, and what people are told of it."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Phase
from controller.core.model.deployment.hook_run import HookStatus
from tests.cloud.scene import Scene, hooks
from tests.cloud.steps import HOOK
from tests.scenarios.hooked import (
    BUSY,
    CANARY,
    FREEZES,
    NO,
    ONE_STEP,
    POINTS,
    RAISES,
    SPLIT,
    STABLE,
    YES,
    at_last_step,
    in_the_bake,
    status,
)


@pytest.fixture
def story(story: Scene) -> Scene:
    return story.given_live()


# -- no answer --------------------------------------------------------------------------------------------------------

SILENCE = {
    "it raises": RAISES,
    "not of the shape": {"statusCode": 200, "body": "hunter2"},
    "an unknown status": {"status": "hunter2"},
    "a text": "hunter2",
    "too large a state": {"status": "IN_PROGRESS", "state": {"hunter2": "x" * 5000}},
}


@pytest.mark.parametrize("answer", SILENCE.values(), ids=SILENCE)
def test_what_is_no_answer_is_asked_again_until_the_wait_is_over(story: Scene, answer: Any) -> None:
    at_last_step(story, answer).ticks(9)
    assert (story.routing, len(story.hooks_asked())) == (SPLIT, 10)
    story.ticks()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert story.cause() is Cause.HOOK_SILENT
    assert story.because().startswith("hook before_promotion (slipway-hook-before_promotion) has not answered in 10m: ")
    assert "hunter2" not in "".join(story.timeline()) + str(story.notices())


def test_then_rollback_goes_back_also_where_a_failure_freezes(story: Scene) -> None:
    at_last_step(story, RAISES, **FREEZES).ticks(10)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_after_drift_silence_brings_nothing_back(story: Scene) -> None:
    at_last_step(story, RAISES)
    story.moves("1")
    story.ticks(20)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, STABLE)


def test_a_hook_that_does_not_answer_says_nothing_against_the_bytes(story: Scene) -> None:
    at_last_step(story, RAISES).ticks(10)
    assert story.phase() is Phase.ROLLED_BACK
    story.passes(timedelta(minutes=1)).drops("v2-again")
    assert story.phase(2) is Phase.SHIFTING


def test_one_that_is_in_progress_for_too_long_has_not_finished(story: Scene) -> None:
    at_last_step(story, BUSY).ticks(10)
    assert story.cause() is Cause.HOOK_SILENT
    assert story.because().endswith("has not finished in 10m: 12 of 40 checks")


def test_a_function_that_is_deleted_meanwhile_is_no_answer(story: Scene) -> None:
    at_last_step(story, BUSY)
    del story.cloud.lambda_.functions[HOOK.format("before_promotion")]
    story.ticks()
    assert story.held_by().endswith("has not answered yet: the function does not exist")
    story.given_hook("before_promotion", YES).ticks()
    assert story.phase() is Phase.BAKING


def test_before_traffic_silence_fails_the_deployment(story: Scene) -> None:
    story.given_hook("before_traffic", RAISES).drops("v2", **hooks("before_traffic", wait="3m")).ticks(2)
    assert story.phase() is Phase.TESTING
    story.ticks()
    assert (story.phase(), story.cause()) == (Phase.FAILED, Cause.HOOK_SILENT)


def test_then_hold_waits_on_and_tells_people_once(story: Scene) -> None:
    at_last_step(story, RAISES, then="hold").ticks(30)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    told = [text for text in story.notices() if "a person decides" in text]
    named = "hook before_promotion (slipway-hook-before_promotion)"
    silence = f"{named} has not answered in 10m: the function failed with ZeroDivisionError"
    assert told == [f"{silence}; a person decides"]
    assert story.held_by() == f"{silence}; Slipway goes on calling it, and a person decides"


@pytest.mark.parametrize(("late", "phase"), [(YES, Phase.BAKING), (NO, Phase.ROLLED_BACK)], ids=["yes", "no"])
def test_then_hold_takes_an_answer_that_comes_late(story: Scene, late: Any, phase: Phase) -> None:
    at_last_step(story, RAISES, then="hold").ticks(30).given_hook("before_promotion", late).ticks()
    assert story.phase() is phase


def test_then_promote_goes_on_without_it_and_tells_people(story: Scene) -> None:
    at_last_step(story, RAISES, then="promote").ticks(9)
    assert story.phase() is Phase.SHIFTING
    story.ticks()
    assert (story.phase(), story.routing) == (Phase.BAKING, CANARY)
    assert any("it goes on, because its then is promote" in text for text in story.notices())
    assert len(story.hooks_asked()) == 10


@pytest.mark.parametrize(
    ("then", "phase"), [("hold", Phase.BAKING), ("promote", Phase.SUCCEEDED), ("rollback", Phase.ROLLED_BACK)]
)
def test_after_the_bake_silence_means_what_then_says(story: Scene, then: str, phase: Phase) -> None:
    in_the_bake(story, RAISES, then=then).ticks(11)
    assert story.phase() is phase


def test_lambdas_own_trouble_is_raised_and_the_same_call_is_made_again(story: Scene) -> None:
    story.down("Invoke")
    story.given_hook("each_step", YES).drops("v2", **hooks("each_step"))
    story.ticks()
    story.up()
    story.ticks(2)
    assert story.hooks_asked() == [("each_step", 1)]
    assert story.deployment().evidence.hooks[0].status is HookStatus.SUCCEEDED


def test_a_hook_that_lambda_never_calls_has_a_few_minutes_more_and_then_its_time_is_over(story: Scene) -> None:
    story.given_hook("each_step", YES).drops("v2", **hooks("each_step", wait="1m"))
    story.down("Invoke").ticks(4)
    assert story.routing == SPLIT
    story.ticks(3)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


# -- when it is called again, and with what ---------------------------------------------------------------------------


def test_a_hook_gets_its_state_back(story: Scene) -> None:
    first = {**BUSY, "state": {"run": "r-1", "seen": [1, 2.5]}}
    at_last_step(story, first, RAISES, BUSY, YES).ticks(3)
    states = [told["state"] for told in story.hooks_told()]
    assert states == [None, first["state"], first["state"], None]


def test_a_state_is_neither_told_nor_kept(story: Scene) -> None:
    at_last_step(story, {**BUSY, "state": {"token": "hunter2"}})
    assert "hunter2" in str(story.cloud.table.rows)
    assert "hunter2" not in str(story.deployment())
    assert "hunter2" not in str(story.answer("status")) + str(story.notices())
    story.requests("rollback").ticks()
    assert story.phase() is Phase.ROLLED_BACK
    assert "hunter2" not in str(story.cloud.table.rows)


def test_it_says_itself_when_it_is_called_again(story: Scene) -> None:
    at_last_step(story, {**BUSY, "call_again_after": 180}, YES).ticks(2)
    assert len(story.hooks_asked()) == 1
    story.ticks()
    assert (len(story.hooks_asked()), story.phase()) == (2, Phase.BAKING)


def test_meanwhile_a_tick_asks_lambda_for_nothing(story: Scene) -> None:
    at_last_step(story, {**BUSY, "call_again_after": 300}, YES)
    before = story.operations().count("GetAlias")
    story.ticks(4)
    assert story.operations().count("GetAlias") == before


def test_it_is_called_once_in_a_tick_however_soon_it_wants_to_be(story: Scene) -> None:
    at_last_step(story, {**BUSY, "call_again_after": 0})
    assert len(story.hooks_asked()) == 1
    story.ticks()
    assert len(story.hooks_asked()) == 2


def test_a_wait_ends_though_it_wants_to_be_called_after_it(story: Scene) -> None:
    at_last_step(story, {**BUSY, "call_again_after": 86_400}).ticks(10)
    assert (story.phase(), len(story.hooks_asked())) == (Phase.ROLLED_BACK, 1)


def test_a_hook_is_told_the_whole_deployment(story: Scene) -> None:
    at_last_step(story, YES)
    (told,) = story.hooks_told()
    arn = "arn:aws:lambda:us-east-1:123456789012:function:checkout"
    sha256 = base64.b64decode(story.cloud.lambda_.version("checkout", "2")["CodeSha256"]).hex()
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
        "artifact": {"bucket": "drop", "key": "checkout/v2.zip", "version_id": "version-1", "sha256": sha256},
        "why": None,
        "state": None,
    }


# -- what is refused before anything is done --------------------------------------------------------------------------


def test_a_function_outside_the_prefix_is_refused_by_name(story: Scene) -> None:
    story.drops("v2", hooks={"each_step": {"function": "reporter:live"}})
    assert (story.phase(), story.cause()) == (Phase.FAILED, Cause.PREFLIGHT)
    text = "`hooks.each_step` is reporter:live, which Slipway may not call (allowed: slipway-hook-*)"
    assert text in story.because()
    assert [*story.versions] == ["1"]
    assert "hooks.problem" not in story.operations(), "what may not be called is not asked about either"


def test_a_hook_that_does_not_exist_is_refused_by_name(story: Scene) -> None:
    story.drops("v2", **hooks("after_bake"))
    assert story.because().startswith("`hooks.after_bake` is slipway-hook-after_bake, and that cannot be called: ")
    assert story.phase() is Phase.FAILED


def test_a_plan_lists_the_hooks_and_calls_none(story: Scene) -> None:
    story.given_hook("each_step", YES).puts("v2", **hooks("each_step"))
    plan = story.sends({"request": "plan", "bucket": "drop", "key": "checkout/v2.zip"})
    assert plan["hooks"] == {"each_step": "slipway-hook-each_step"}
    assert story.hooks_told() == []


# -- people -----------------------------------------------------------------------------------------------------------


def test_status_shows_every_hook_that_was_asked(story: Scene) -> None:
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


def test_the_timeline_tells_when_a_hook_is_asked_and_what_it_came_to(story: Scene) -> None:
    at_last_step(story, BUSY, BUSY, RAISES, YES).ticks(3)
    named = "hook before_promotion (slipway-hook-before_promotion)"
    assert [text for text in story.timeline() if text.startswith("hook")] == [
        f"{named} is called",
        f"{named}: IN_PROGRESS: 12 of 40 checks",
        f"{named}: NO_ANSWER: the function failed with ZeroDivisionError",
        f"{named}: SUCCEEDED",
    ]


def test_a_reason_is_one_line_of_what_can_be_read(story: Scene) -> None:
    at_last_step(story, {"status": "FAILED", "reason": "bad\n\x1b[31mred\u202e " + "x" * 500})
    assert story.because().startswith("hook before_promotion (slipway-hook-before_promotion) failed: bad [31mred xxx")
    assert story.because().isprintable() and len(story.because()) < 300


def test_every_point_is_one_that_a_manifest_can_name(story: Scene) -> None:
    for point in POINTS:
        story.given_hook(point, YES)
    story.drops("v2", strategy=ONE_STEP, **hooks(*POINTS)).ticks(40)
    assert story.phase() is Phase.SUCCEEDED
    assert [point for point, _ in story.hooks_asked()] == list(POINTS[:4])
