"""What somebody with bad intent reaches who can send events, drop zips, or has a function in hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.scene import OWN_ALARM, Scene
from tests.cloud.steps import HOOK

STABLE = Routing("1")
SHIFTED = Routing("1", "2", 1000)
FUNCTION = {"Runtime": "python3.13", "Handler": "app.handler"}


# -- forged events ----------------------------------------------------------------------------------------------------


def test_a_forged_alarm_that_guards_the_canary_brings_back_what_was_stable_and_nothing_else(story: Scene) -> None:
    story.given_shifting().tells(story.alarm(OWN_ALARM.format(1), "2")).ticks_now()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_a_forged_alarm_that_guards_nothing_moves_nothing(story: Scene) -> None:
    story.given_shifting().tells(story.alarm("a name nobody gave", "2"))
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SHIFTED)


@pytest.mark.parametrize("version", ["1", "3", "99", None])
def test_a_forged_alarm_about_another_version_moves_nothing(story: Scene, version: str | None) -> None:
    story.given_shifting().tells(story.alarm(OWN_ALARM.format(1), version))
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SHIFTED)


def test_a_forged_alarm_moves_nothing_where_no_deployment_is_open(story: Scene) -> None:
    story.given_baking().ticks(31)
    story.tells(story.alarm(OWN_ALARM.format(1), "2"))
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))


def test_forged_ticks_make_no_step_shorter(story: Scene) -> None:
    story.given_shifting()
    for _ in range(50):
        story.ticks_now()
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SHIFTED)


# -- uploads ----------------------------------------------------------------------------------------------------------


def test_a_replayed_upload_is_deployed_once_however_often_it_comes(story: Scene) -> None:
    story.given_baking()
    event = story.upload("v2")
    story.ticks(31).tells(event).tells(event)
    assert len(story.deployments()) == 1
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))


def test_bytes_that_were_rolled_back_stay_out_under_any_name(story: Scene) -> None:
    story.given_shifting().alarms()
    story.passes(timedelta(seconds=10)).drops("v2-under-another-name")
    assert (story.phase(2), story.cause(2)) == (
        Phase.FAILED,
        Cause.QUARANTINED,
    )


# -- manifests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sections", "cause"),
    [
        ({"function": {**FUNCTION, "Role": "arn:aws:iam::123456789012:role/admin"}}, Cause.PREFLIGHT),
        ({"hooks": {"before_traffic": {"function": "payroll"}}}, Cause.PREFLIGHT),
        ({"function": {**FUNCTION, "FunctionName": "payroll"}}, Cause.BAD_MANIFEST),
        ({"alias": "previous"}, Cause.BAD_MANIFEST),
    ],
)
def test_a_manifest_reaches_no_other_role_function_or_alias(
    story: Scene, sections: dict[str, Any], cause: Cause
) -> None:
    story.given_live().drops("v2", **sections)
    assert (story.phase(), story.cause(1)) == (Phase.FAILED, cause)
    assert story.routing == STABLE


# -- a function in bad hands ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        {"request": "promote", "function": "payroll"},
        "x" * 1_000_000,
        [[[[]]]],
        None,
    ],
)
def test_what_a_version_answers_to_its_tests_is_compared_and_nothing_more(story: Scene, said: object) -> None:
    story.given_live().behaves("v2", response=said)
    story.drops("v2", tests=[{"name": "ping", "response": {"required": ["ok"], "type": "object"}}])
    assert (story.phase(), story.routing) == (Phase.FAILED, STABLE)
    assert story.deployment(1).reason and len(story.deployment(1).reason.text) < 500


def test_what_a_hook_answers_can_hold_or_fail_its_own_deployment_and_no_more(story: Scene) -> None:
    story.given_hook("before_traffic", {"status": "SUCCEEDED", "request": "promote", "weight": 100})
    story.given_live().drops("v2", hooks={"before_traffic": {"function": HOOK.format("before_traffic")}}).ticks()
    assert (story.phase(), story.routing) in ((Phase.SHIFTING, SHIFTED), (Phase.TESTING, STABLE))
