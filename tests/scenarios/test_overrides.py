"""An alarm that fires already blocks the first percent, and a person overrides it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.fault_steps import Fails
from tests.cloud.faults import Fault
from tests.cloud.scene import Scene
from tests.cloud.steps import Until
from tests.cloud.story import asking

STABLE = Routing("1")
SPLIT = Routing("1", "2", 1000)
BLOCKING = {"alarms": ["queue-age", "checkout-p99"], "min_invocations": 0, "errors": False, "already_alarming": "block"}
ALICE = {"alarm": "queue-age", "who": "alice", "why": "this release is the fix"}
SAID = "alice overrides alarm queue-age, which counts again once it has calmed down: this release is the fix"


def given_blocked() -> Scene:
    """Version 2 is tested and an alarm that fires already keeps it from its first percent."""
    story = Scene().given_live().given_alarm("queue-age").given_alarm("checkout-p99")
    story.turns("queue-age")
    story.drops("v2", gates=BLOCKING)
    assert (story.phase(), story.routing) == (Phase.TESTING, STABLE)
    return story


def test_an_override_starts_traffic_and_says_who_and_why() -> None:
    story = given_blocked()
    fired = story.alarm("queue-age")
    story.ticks(9)
    assert "queue-age is already firing" in story.held_by()
    story.requests("override", **ALICE)
    assert (story.phase(), story.routing, story.deployment().alarms.disarmed) == (Phase.SHIFTING, SPLIT, {"queue-age"})
    assert story.notices().count(SAID) == 1
    assert story.timeline().count(SAID) == 1
    story.ticks(2).tells(fired)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


def test_an_overridden_alarm_counts_once_it_has_been_ok() -> None:
    story = given_blocked().requests("override", **ALICE)
    story.turns("queue-age", "OK")
    story.ticks(6).alarms("queue-age")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_an_alarm_that_is_ok_when_traffic_begins_is_armed_although_it_was_overridden() -> None:
    story = given_blocked()
    story.turns("queue-age", "OK").turns("checkout-p99")
    story.requests("override", **ALICE)
    assert (story.phase(), story.routing) == (Phase.TESTING, STABLE)
    story.turns("checkout-p99", "OK")
    story.ticks(2)
    assert (story.phase(), story.deployment().alarms.disarmed) == (Phase.SHIFTING, frozenset())
    story.alarms("queue-age")
    assert story.phase() is Phase.ROLLED_BACK


def test_an_override_is_for_one_alarm_only() -> None:
    story = given_blocked()
    story.turns("checkout-p99")
    story.requests("override", **ALICE).ticks()
    assert (story.phase(), story.routing) == (Phase.TESTING, STABLE)
    assert "checkout-p99 is already firing" in story.held_by()
    story.requests("override", **{**ALICE, "alarm": "checkout-p99"})
    assert story.deployment().alarms.disarmed == {"queue-age", "checkout-p99"}


def test_an_override_is_for_one_deployment_only() -> None:
    story = given_blocked().requests("override", **ALICE).requests("rollback").ticks()
    story.passes(timedelta(seconds=9)).drops("v3", gates=BLOCKING)
    assert (story.phase(2), story.routing) == (Phase.TESTING, STABLE)


def test_an_override_while_the_version_is_being_published_is_kept(story: Scene) -> None:
    story.given_live().given_alarm("queue-age").given_alarm("checkout-p99")
    story.turns("queue-age").cloud.lambda_.updated_in = timedelta(minutes=6)
    story.drops("v2", gates=BLOCKING)
    assert story.phase() is Phase.PREPARING
    story.requests("override", **ALICE).play([Until(Phase.SHIFTING)])
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)


def test_an_override_that_comes_twice_is_told_once_and_too_late_is_refused() -> None:
    story = (
        given_blocked().requests("pause").requests("override", **ALICE).requests("override", **{**ALICE, "who": "bob"})
    )
    assert len([text for text in story.notices() if "overrides" in text]) == 1
    story.requests("resume")
    assert story.phase() is Phase.SHIFTING
    carol = {**ALICE, "who": "carol", "id": "late"}
    assert "an armed alarm that fires rolls back at once" in story.answer("override", **carol)["error"]
    assert "no deployment of checkout:live is open" in story.requests("rollback").answer("override", **carol)["error"]


@pytest.mark.parametrize(
    "member",
    [
        {"who": None}, {"why": None}, {"alarm": None}, {"who": ""}, {"why": "  "}, {"why": "two\nlines"},
        {"who": "a" * 201}, {"why": "a" * 201}, {"alarm": "not-named"}, {"alarm": ""}, {"deployment": 7},
    ],
    ids=str,
)  # fmt: skip
def test_an_override_without_a_name_or_a_reason_is_refused(member: dict[str, Any]) -> None:
    story = given_blocked()
    asked = {name: value for name, value in {**ALICE, **member}.items() if value is not None}
    assert not story.answer("override", **asked)["ok"]
    assert (story.phase(), story.deployment().alarms.overridden) == (Phase.TESTING, frozenset())


@pytest.mark.parametrize("how", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_a_crash_at_any_call_of_an_override_heals(how: Fault) -> None:
    blocked = given_blocked()
    request, before = asking("override", **ALICE), len(blocked.cloud.calls)
    for call in range(len(blocked.copy().tells(request).cloud.calls) - before):
        story = blocked.copy().play([Fails(call, how)]).tells(request)
        story.passes(timedelta(seconds=30)).tells(request).tells(request).ticks(3)
        assert (story.phase(), story.routing, story.deployment().alarms.disarmed) == (
            Phase.SHIFTING,
            SPLIT,
            {"queue-age"},
        )
        assert len({each["at"] for each in story.cloud.bus.details if each["text"] == SAID}) == 1, call


@pytest.mark.parametrize("nth", range(1, 9))
@pytest.mark.parametrize("call", ["GetAlias", "GetItem", "PutItem", "DescribeAlarms", "PutEvents"])
def test_an_override_beside_another_controller_arms_and_disarms_alike(call: str, nth: int) -> None:
    """The alarm calms down and a tick sees that, between any two calls of the override."""

    def calms() -> None:
        story.turns("queue-age", "OK")
        story.ticks_now()

    story = given_blocked().meanwhile(call, calms, nth)
    story.answer("override", **ALICE)
    story.cloud.plan.forget_others()
    calm = story.cloud.cloudwatch.state("queue-age") == "OK"
    assert calm or story.deployment().alarms.disarmed == {"queue-age"}
    story.ticks(6)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, Routing("1", "2", 5000))
    assert story.deployment().alarms.disarmed == (set() if calm else {"queue-age"})
