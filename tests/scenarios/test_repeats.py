"""A request that comes again: the AWS CLI sends one again after a minute, and Lambda an asynchronous one for hours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.fault_steps import FailsAt
from tests.cloud.faults import Fault
from tests.cloud.scene import STEPS, Scene

STABLE, SPLIT, CANARY = Routing("1"), Routing("1", "2", 1000), Routing("2")
LONG = {"strategy": {"steps": STEPS, "bake": "20h"}}
ALARM = {"gates": {"alarms": ["queue-age"], "errors": False, "min_invocations": 0}}
HOURS = timedelta(hours=1)
ONE = {"id": "one"}


def deploys(story: Scene, name: str, **more: Any) -> Mapping[str, Any]:
    """Returns what a person is answered who asks to deploy what was dropped before."""
    return story.sends({"request": "deploy", "bucket": "drop", "key": f"checkout/{name}.zip", **more})


def newer(story: Scene, name: str = "v3", **manifest: Any) -> Scene:
    """The next release is on its way."""
    return story.passes(timedelta(seconds=5)).drops(name, **manifest)


# -- promote ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [0, 1, 5, 9])
def test_a_promote_that_is_sent_twice_does_not_end_the_bake(story: Scene, minutes: int) -> None:
    story.given_baking().ticks(minutes)
    again = story.answer("promote")
    assert again["ok"] and again["deployment"]["phase"] == "BAKING"
    assert 'to end the bake, with "phase": "BAKING"' in again["repeated"]
    assert story.ticks().phase() is Phase.BAKING


@pytest.mark.parametrize("member", [{"deployment": 1}, ONE], ids=str)
@pytest.mark.parametrize("hours", [0, 1, 5])
def test_nor_does_one_with_a_deployment_or_an_id_that_comes_hours_late(
    story: Scene, member: dict[str, Any], hours: int
) -> None:
    story.given_shifting(**LONG).requests("promote", **member).ticks(hours, every=HOURS)
    assert "checkout:live#1 did this" in story.requests("promote", **member).answer("promote", **member)["repeated"]
    assert story.ticks().phase() is Phase.BAKING


@pytest.mark.parametrize(
    "second", [{"phase": "BAKING"}, {"phase": "BAKING", "deployment": 1}, {"id": "two"}, {"deployment": 1}], ids=str
)
def test_a_bake_is_ended_by_a_promote_that_says_so(story: Scene, second: dict[str, Any]) -> None:
    story.given_baking().requests("promote", **second).ticks()
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, CANARY)
    assert story.answer("promote", **second)["deployment"]["phase"] == "SUCCEEDED"


def test_a_promote_that_comes_ten_minutes_after_the_first_is_another_one(story: Scene) -> None:
    story.given_baking().ticks(10).requests("promote").ticks()
    assert story.phase() is Phase.SUCCEEDED


@pytest.mark.parametrize(
    ("given", "phase", "found"), [("given_shifting", "BAKING", "SHIFTING"), ("given_baking", "SHIFTING", "BAKING")]
)
def test_a_promote_for_another_phase_is_refused(story: Scene, given: str, phase: str, found: str) -> None:
    getattr(story, given)()
    before = story.deployment()
    refused = story.answer("promote", phase=phase)
    assert f"checkout:live#1 is {found}, not {phase}; allowed now: promote" in refused["error"]
    assert story.deployment() == before


def test_the_same_promote_does_not_hit_the_next_deployment(story: Scene) -> None:
    story.given_shifting().requests("promote", **ONE).requests("promote", phase="BAKING").ticks()
    newer(story)
    assert "checkout:live#1 did this" in story.answer("promote", **ONE)["repeated"]
    assert story.phase(2) is Phase.SHIFTING


def test_what_was_refused_was_not_carried_out(story: Scene) -> None:
    story.given_live()
    assert not story.answer("promote", **ONE)["ok"]
    story.drops("v2").requests("promote", **ONE)
    assert story.phase() is Phase.BAKING


@pytest.mark.parametrize("member", [{}, ONE], ids=["bare", "with an id"])
@pytest.mark.parametrize("call", ["GetItem", "GetAlias", "PutItem", "UpdateAlias", "PutEvents"])
def test_two_that_are_carried_out_at_the_same_time_are_one(story: Scene, call: str, member: dict[str, str]) -> None:
    story.given_shifting().meanwhile(call, lambda: story.answer("promote", **member))
    assert story.answer("promote", **member)["ok"]
    assert story.ticks().phase() is Phase.BAKING


# -- rollback ---------------------------------------------------------------------------------------------------------


def with_an_older_backup(story: Scene) -> None:
    """The backup alias points to what it did before the deployment, as after a failed release."""
    story.given_version("7").cloud.lambda_.point("checkout", "previous", "7")


@pytest.mark.parametrize("minutes", [0, 1, 9])
def test_a_rollback_that_is_sent_twice_does_not_go_back_two_versions(story: Scene, minutes: int) -> None:
    story.given_shifting().requests("rollback")
    with_an_older_backup(story)
    again = story.ticks(minutes).answer("rollback")
    assert again["ok"] and again["deployment"]["phase"] == "ROLLED_BACK"
    assert "checkout:live#1 went back to version 1" in again["repeated"]
    assert story.routing == STABLE


def test_nor_does_one_that_meets_the_rollback_of_an_alarm(story: Scene) -> None:
    story.given_shifting().alarms()
    with_an_older_backup(story)
    assert story.requests("rollback").routing == STABLE


@pytest.mark.parametrize(("minutes", "member"), [(0, ONE), (10, {})], ids=["with an id", "ten minutes later"])
def test_a_person_can_go_back_further(story: Scene, minutes: int, member: dict[str, str]) -> None:
    story.given_shifting().requests("rollback")
    with_an_older_backup(story)
    story.ticks(minutes).requests("rollback", **member)
    assert story.routing == Routing("7")
    assert story.requests("rollback", **member).routing == Routing("7")


def test_a_rollback_after_somebody_moved_the_alias_since_goes_back(story: Scene) -> None:
    story.given_shifting().requests("rollback")
    story.moves("2")
    assert story.requests("rollback").routing == STABLE


def test_a_rollback_brings_every_open_deployment_back_however_soon_after_another(story: Scene) -> None:
    story.given_shifting().requests("rollback")
    newer(story).requests("rollback")
    assert (story.phase(2), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_a_rollback_with_an_id_that_comes_late_leaves_the_next_deployment_alone(story: Scene) -> None:
    story.given_shifting().requests("rollback", **ONE)
    newer(story, **LONG).ticks(5, every=HOURS)
    assert story.requests("rollback", **ONE).phase(2) is not Phase.ROLLED_BACK
    assert story.requests("rollback", id="two").phase(2) is Phase.ROLLED_BACK


@pytest.mark.parametrize("member", [{}, ONE], ids=["bare", "with an id"])
def test_the_same_rollback_again_finishes_what_a_controller_that_died_has_begun(
    story: Scene, member: dict[str, str]
) -> None:
    story.given_shifting().play([FailsAt("UpdateAlias", Fault.CRASH_BEFORE)]).answer("rollback", **member)
    assert (story.phase(), story.routing) == (Phase.ROLLING_BACK, SPLIT)
    assert story.requests("rollback", **member).routing == STABLE


@pytest.mark.parametrize("member", [{}, ONE], ids=["bare", "with an id"])
def test_a_rollback_works_with_lambda_alone_and_twice(story: Scene, member: dict[str, str]) -> None:
    story.given_shifting().down("dynamodb")
    assert story.requests("rollback", **member).routing == STABLE
    story.answer("rollback", **member)
    assert story.routing == STABLE


@pytest.mark.parametrize("member", [{}, ONE], ids=["bare", "with an id"])
def test_a_rollback_by_the_alias_alone_is_known_by_what_it_came_to(story: Scene, member: dict[str, str]) -> None:
    """The record was out of reach, so it cannot say which request that was."""
    story.given_shifting().requests("pause").down("dynamodb")
    story.requests("rollback", **member).up()
    story.ticks(6)
    assert story.phase() is Phase.ROLLED_BACK
    with_an_older_backup(story)
    again = story.requests("rollback", **member).answer("rollback", **member)
    assert "to go back further, send rollback in " in again["repeated"]
    assert story.routing == STABLE
    assert story.ticks(10).requests("rollback", **member).routing == Routing("7")


# -- the others -------------------------------------------------------------------------------------------------------


def test_a_pause_with_an_id_that_comes_again_does_not_pause_what_was_resumed(story: Scene) -> None:
    story.given_shifting().requests("pause", **ONE).requests("resume").requests("pause", **ONE)
    assert not story.deployment().hold.paused


def test_a_pause_without_one_always_pauses(story: Scene) -> None:
    story.given_shifting().requests("pause").requests("resume").requests("pause")
    assert story.deployment().hold.paused


@pytest.mark.parametrize("member", [{}, ONE], ids=["bare", "with an id"])
def test_a_resume_that_comes_again_does_not_answer_the_next_freeze(story: Scene, member: dict[str, str]) -> None:
    story.given_alarm("queue-age").given_shifting(**ALARM, on_failure="freeze").ticks().alarms("queue-age")
    story.turns("queue-age", "OK")
    story.ticks().requests("resume", **member).ticks()
    assert not story.deployment().hold.paused
    story.alarms("queue-age").turns("queue-age", "OK")
    assert story.requests("resume", **member).deployment().hold.paused
    assert not story.requests("resume", id="two").deployment().hold.paused


@pytest.mark.parametrize("member", [{}, ONE], ids=["bare", "with an id"])
@pytest.mark.parametrize("word", ["approve", "deny"])
def test_an_answer_that_comes_again_does_not_answer_the_next_question(
    story: Scene, word: str, member: dict[str, str]
) -> None:
    asks_first = {"steps": [{"pause": "12h"}, {"weight": 10, "hold": "1m"}, {"pause": "12h"}], "bake": "5m"}
    story.given_live().drops("v2", strategy=asks_first).requests(word, **member)
    if word == "deny":
        newer(story, strategy=asks_first)
    story.ticks(2)
    newest = story.deployment(2 if word == "deny" else 1)
    assert newest.hold.approval is not None and not newest.hold.approval.given
    assert "with the step you mean" in str(story.answer(word, **member)["repeated"]) or member
    assert story.deployment(newest.number) == newest


def test_an_override_that_comes_again_is_answered_with_what_it_came_to(story: Scene) -> None:
    asked = {"alarm": "queue-age", "who": "alice", "why": "this release is the fix"}
    story.given_live().given_alarm("queue-age").turns("queue-age")
    gates = {**ALARM["gates"], "already_alarming": "block"}
    story.drops("v2", gates=gates).requests("override", **asked)
    again = story.answer("override", **asked)
    assert (again["ok"], again["deployment"]["phase"]) == (True, "SHIFTING")


def test_an_accept_drift_that_comes_again_does_not_keep_what_was_moved_after_it(story: Scene) -> None:
    story.given_shifting().moves("2")
    story.ticks(6).requests("accept_drift")
    assert story.phase() is Phase.BAKING
    story.moves("1")
    story.ticks()
    again = story.answer("accept_drift")
    assert (again["ok"], again["deployment"]["phase"]) == (True, "BAKING")
    assert story.requests("accept_drift", **ONE).phase() is Phase.ROLLED_BACK


# -- deploy -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", [{}, ONE], ids=["bare", "with an id"])
@pytest.mark.parametrize("minutes", [0, 4, 9])
def test_a_deploy_that_is_sent_twice_is_one_deployment(story: Scene, minutes: int, member: dict[str, str]) -> None:
    story.given_live().puts("v2")
    first = deploys(story, "v2", **member)
    again = deploys(story.ticks(minutes), "v2", **member)
    assert first["deployment"]["deployment"] == again["deployment"]["deployment"] == "checkout:live#1"
    assert "repeated" in again


def test_one_that_waits_is_no_other(story: Scene) -> None:
    story.given_shifting(on_newer="queue", **LONG).passes(timedelta(seconds=5)).puts("v3")
    assert deploys(story, "v3")["deployment"]["queued"]
    again = deploys(story, "v3")
    assert (again["deployment"]["deployment"], again["deployment"]["queued"]) == ("checkout:live#2", True)


@pytest.mark.parametrize("member", [{}, ONE], ids=["bare", "with an id"])
def test_bytes_that_were_rolled_back_again_are_not_shipped_by_the_same_request(
    story: Scene, member: dict[str, str]
) -> None:
    """The person lifted the quarantine that they knew of, and not the one that follows from it."""
    story.given_shifting().requests("rollback")
    lifted = {"lift_quarantine": True, **member}
    assert deploys(story, "v2", **lifted)["deployment"]["phase"] == "SHIFTING"
    story.requests("rollback")
    again = deploys(story, "v2", **lifted)
    assert (again["deployment"]["deployment"], again["deployment"]["phase"]) == ("checkout:live#2", "ROLLED_BACK")
    assert story.routing == STABLE
    assert deploys(story, "v2", lift_quarantine=True, id="two")["deployment"]["phase"] == "SHIFTING"


def test_what_failed_may_be_asked_for_again_at_once(story: Scene) -> None:
    story.given_live().puts("v2", tests=[{"name": "ping"}]).behaves("v2", error="ValueError")
    assert deploys(story, "v2")["deployment"]["phase"] == "FAILED"
    story.behaves("v2")
    assert deploys(story, "v2")["deployment"]["phase"] == "SHIFTING"


def test_but_not_with_the_same_id(story: Scene) -> None:
    story.given_live().puts("v2", tests=[{"name": "ping"}]).behaves("v2", error="ValueError")
    deploys(story, "v2", **ONE)
    story.behaves("v2")
    again = deploys(story, "v2", **ONE)
    assert (again["deployment"]["phase"], "give another request another id" in again["repeated"]) == ("FAILED", True)


# -- what is remembered -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [lambda story: story.answer("pause", **ONE), lambda story: deploys(story, "v2", **ONE)],
    ids=["a pause", "a deploy"],
)
def test_after_six_hours_the_same_id_is_a_new_request(story: Scene, ask: Callable[[Scene], Mapping[str, Any]]) -> None:
    story.given_shifting(**LONG)
    ask(story)
    story.requests("resume") if story.deployment().hold.paused else None
    story.passes(timedelta(hours=6))
    assert "repeated" not in ask(story)


@pytest.mark.parametrize("wrong", ["", "a" * 201, 7, None, ["one"]], ids=str)
def test_an_id_is_a_text(story: Scene, wrong: object) -> None:
    refused = story.given_shifting().answer("pause", id=wrong)
    assert "id" in refused["error"] and not story.deployment().hold.paused


@pytest.mark.parametrize("text", ["two\nlines", "\ud83d", "caf\u00e9", "a" * 200], ids=ascii)
def test_any_text_is_one(story: Scene, text: str) -> None:
    story.given_shifting().requests("pause", id=text).requests("resume").requests("pause", id=text)
    assert not story.deployment().hold.paused
