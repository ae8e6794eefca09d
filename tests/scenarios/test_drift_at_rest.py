"""Somebody else changes an alias while no deployment is open: people are told once, and nothing is written."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.cloudtrail import ALICE, CONTROLLER, changes, event, of_call
from tests.cloud.event_bus import CHAT_TOPIC
from tests.cloud.faults import Fault, Json
from tests.cloud.scene import Scene

DRIFT = "Slipway Alias Drift"
QUICK = {"steps": [{"weight": 10, "hold": "1m"}], "bake": "1m"}
MOVED = "checkout:live carries version 1, and checkout:live#1 left version 2 there: "


@pytest.fixture
def rests(story: Scene) -> Scene:
    """Version 2 has been deployed over version 1, and nothing is open."""
    story.given_baking(strategy=QUICK).ticks(3)
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))
    return story


def told(story: Scene) -> list[Json]:
    """Returns the details of the notices about drift, oldest first."""
    return [json.loads(each["Detail"]) for each in story.cloud.bus.entries if each["DetailType"] == DRIFT]


# -- told -------------------------------------------------------------------------------------------------------------


def test_people_are_told_what_the_alias_carries_what_slipway_left_and_who_did_it(rests: Scene) -> None:
    happened = changes(rests, "UpdateAlias", FunctionVersion="1")
    rests.passes(timedelta(minutes=4)).tells(happened)
    assert told(rests) == [
        {
            "function": "checkout",
            "alias": "live",
            "at": happened["time"].replace("Z", "+00:00"),
            "text": f"{MOVED}{ALICE} moved it; the next deployment takes version 1 as its stable version",
            "carries": {"version": "1", "weights": {}},
            "left": {"deployment": "checkout:live#1", "version": "2"},
            "who": ALICE,
        }
    ]


def test_the_mail_says_it_with_the_command_that_puts_back_what_slipway_left(rests: Scene) -> None:
    rests.tells(changes(rests, "UpdateAlias", FunctionVersion="1"))
    mail = rests.cloud.sns.messages[-1]
    assert mail["Subject"] == "checkout:live drifted"
    assert f"UpdateAlias by {ALICE} at " in mail["Message"]
    command = "aws lambda update-alias --function-name checkout --name live --function-version 2"
    assert f"{command} --routing-config AdditionalVersionWeights={{}}\n" in mail["Message"]
    changes(rests, "UpdateAlias", FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}})
    assert rests.answer("status")["drift"] is None


def test_a_chat_shows_it_as_a_thread_of_the_alias(rests: Scene) -> None:
    rests.settings = replace(rests.settings, chat_topic=CHAT_TOPIC)
    rests.tells(changes(rests, "UpdateAlias", FunctionVersion="1"))
    message = json.loads(rests.cloud.sns.messages[-1]["Message"])
    assert message["metadata"]["threadId"] == "checkout:live"


def test_weights_are_told_with_what_they_keep_from_starting(rests: Scene) -> None:
    weights = {"AdditionalVersionWeights": {"1": 0.1}}
    rests.tells(changes(rests, "UpdateAlias", RoutingConfig=weights))
    (detail,) = told(rests)
    assert detail["carries"] == {"version": "2", "weights": {"1": "10%"}}
    assert detail["text"].endswith("; the next deployment is refused until the weights are cleared")
    rests.drops("v3")
    assert rests.phase() is Phase.FAILED
    assert "clear the weights" in rests.because()


def test_a_deleted_alias_is_told_with_how_it_is_made_again(rests: Scene) -> None:
    rests.tells(changes(rests, "DeleteAlias"))
    (detail,) = told(rests)
    assert detail["carries"] is None
    assert f"does not exist any more, and checkout:live#1 left version 2 there: {ALICE} deleted it" in detail["text"]
    made_again = "aws lambda create-alias --function-name checkout --name live --function-version 2\n"
    assert made_again in rests.cloud.sns.messages[-1]["Message"]
    rests.tells(changes(rests, "CreateAlias", FunctionVersion="2"))
    assert len(told(rests)) == 1
    assert rests.answer("status")["drift"] is None


def test_it_is_told_after_a_rollback_as_after_a_success(story: Scene) -> None:
    story.given_shifting().requests("rollback").ticks(2)
    assert story.phase() is Phase.ROLLED_BACK
    story.tells(changes(story, "UpdateAlias", FunctionVersion="2"))
    (detail,) = told(story)
    assert detail["left"] == {"deployment": "checkout:live#1", "version": "1"}


# -- once -------------------------------------------------------------------------------------------------------------


def test_a_doubled_event_a_late_one_and_one_of_the_same_move_are_silent(rests: Scene) -> None:
    happened = changes(rests, "UpdateAlias", FunctionVersion="1")
    rests.tells(happened).tells(copy.deepcopy(happened))
    rests.passes(timedelta(hours=5)).tells(happened)
    rests.tells(changes(rests, "UpdateAlias", Description="mine"))
    assert len(told(rests)) == 1


def test_another_move_is_told_again_and_so_is_the_same_one_after_it_was_healed(rests: Scene) -> None:
    rests.tells(changes(rests, "UpdateAlias", FunctionVersion="1"))
    rests.tells(changes(rests, "UpdateAlias", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}}))
    healed = changes(rests, "UpdateAlias", FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}})
    rests.tells(healed).passes(timedelta(seconds=1))
    rests.tells(changes(rests, "UpdateAlias", FunctionVersion="1"))
    assert [each["carries"] for each in told(rests)] == [
        {"version": "1", "weights": {}},
        {"version": "1", "weights": {"2": "50%"}},
        {"version": "1", "weights": {}},
    ]


def test_events_out_of_order_blame_nobody_for_what_somebody_else_did(rests: Scene) -> None:
    first = changes(rests, "UpdateAlias", FunctionVersion="1")
    rests.given_version("3")
    bob = ALICE.replace("alice", "bob")
    second = changes(rests, "UpdateAlias", who=bob, FunctionVersion="3")
    rests.tells(first)
    (detail,) = told(rests)
    assert (detail["carries"]["version"], detail["who"]) == ("3", None)
    assert ALICE not in detail["text"]
    assert (
        f"CloudTrail has told of another change so far: UpdateAlias by {ALICE}"
        in (rests.cloud.sns.messages[-1]["Message"])
    )
    rests.tells(second)
    assert len(told(rests)) == 1


@pytest.mark.parametrize("before", ["GetAlias", "Query", "PutItem", "PutEvents", "Publish"])
def test_two_controllers_that_hear_of_it_at_once_tell_once(rests: Scene, before: str) -> None:
    """The other one hears of it, from beginning to end, just before that call of this one."""
    happened = changes(rests, "UpdateAlias", FunctionVersion="1")
    rests.meanwhile(before, lambda: (rests.hears(happened), rests.passes(timedelta(seconds=1)))).tells(happened)
    assert len(told(rests)) == 1


CALLS = ["GetItem", "GetAlias", "Query", "PutItem", "PutEvents", "Publish"]


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.SERVICE_ERROR, Fault.LOST])
@pytest.mark.parametrize("operation", CALLS)
def test_whatever_call_fails_people_know_after_the_event_has_come_again(
    rests: Scene, operation: str, fault: Fault
) -> None:
    happened = changes(rests, "UpdateAlias", FunctionVersion="1")
    rests.cloud.fail(lambda call: call.operation == operation, fault)
    rests.tells(happened)
    rests.passes(timedelta(minutes=1)).tells(happened)
    assert 1 <= len(told(rests)) <= 2
    known = len(told(rests))
    rests.passes(timedelta(minutes=2)).tells(happened)
    assert len(told(rests)) == known


def test_a_topic_that_is_gone_keeps_nobody_else_from_knowing(rests: Scene) -> None:
    rests.cloud.sns.topics.clear()
    happened = changes(rests, "UpdateAlias", FunctionVersion="1")
    assert not rests.hears(happened)
    assert rests.failures.pop().startswith("Transient: ")
    assert rests.hears(happened)
    assert len(told(rests)) == 1


# -- not told ---------------------------------------------------------------------------------------------------------


def test_what_a_deployment_did_itself_is_told_by_nobody(rests: Scene) -> None:
    writes = [call for call in rests.cloud.calls if call.operation in ("CreateAlias", "UpdateAlias")]
    assert len(writes) > 2
    for call in writes:
        assert of_call(call)["detail"]["userIdentity"]["arn"] == CONTROLLER
        rests.tells(of_call(call))
    assert told(rests) == []


def test_while_a_deployment_is_open_its_own_look_tells(story: Scene) -> None:
    story.given_shifting()
    before = len(story.cloud.bus.entries)
    weights = {"AdditionalVersionWeights": {}}
    story.tells(changes(story, "UpdateAlias", FunctionVersion="2", RoutingConfig=weights))
    assert len(story.cloud.bus.entries) == before
    story.ticks(6)
    assert "somebody else made the alias carry" in story.held_by()
    assert told(story) == []


def test_a_deployment_that_ended_because_of_the_change_has_told_of_it(story: Scene) -> None:
    story.given_shifting()
    happened = changes(story, "DeleteAlias")
    story.ticks(31)
    assert story.phase() is not None and story.phase().is_terminal  # type: ignore[union-attr]
    story.tells(happened)
    assert told(story) == []


def test_drift_that_a_person_has_accepted_is_not_told(story: Scene) -> None:
    story.given_shifting()
    happened = changes(story, "UpdateAlias", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {}})
    story.ticks(6).requests("accept_drift").tells(happened)
    assert told(story) == []


@pytest.mark.parametrize("word", ["rollback", "promote"])
def test_a_rollback_by_request_at_rest_is_no_drift(rests: Scene, word: str) -> None:
    if word == "promote":
        rests.drops("v3", strategy=QUICK).requests("promote").ticks(2)
    else:
        rests.requests("rollback")
    rests.ticks()
    for call in [call for call in rests.cloud.calls if call.operation in ("CreateAlias", "UpdateAlias")]:
        rests.tells(of_call(call))
    assert told(rests) == []


IGNORED: dict[str, dict[str, Any]] = {
    "a call that Lambda refused": {"errorCode": "ResourceConflictException"},
    "a call that was denied": {"errorCode": "AccessDenied", "requestParameters": None},
    "a read": {"eventName": "GetAlias20150331v2", "readOnly": True},
    "another service's call of that name": {"eventSource": "kms.amazonaws.com", "eventName": "UpdateAlias"},
    "no alias": {"requestParameters": {"functionName": "checkout", "name": "7"}},
    "no function": {"requestParameters": {"functionName": "check out", "name": "live"}},
}


@pytest.mark.parametrize("what", IGNORED)
def test_what_changed_no_alias_is_ignored_without_a_look(rests: Scene, what: str) -> None:
    happened = changes(rests, "UpdateAlias", FunctionVersion="1")
    happened["detail"].update(IGNORED[what])
    before = len(rests.cloud.calls)
    rests.tells(happened)
    assert rests.operations(before) == []


def test_an_alias_that_slipway_does_not_know_costs_one_read_of_the_table(rests: Scene) -> None:
    before = len(rests.cloud.calls)
    asked = {"FunctionName": "checkout", "Name": "canary", "FunctionVersion": "1"}
    rests.tells(event("UpdateAlias", asked, ALICE, rests.cloud.clock.now))
    assert rests.operations(before) == ["GetItem"]


@pytest.mark.parametrize(
    "named",
    ["checkout", "123456789012:function:checkout", "arn:aws:lambda:us-east-1:123456789012:function:checkout"],
)
def test_the_function_is_named_as_the_caller_wrote_it(rests: Scene, named: str) -> None:
    happened = changes(rests, "UpdateAlias", FunctionVersion="1")
    happened["detail"]["requestParameters"]["functionName"] = named
    rests.tells(happened)
    assert len(told(rests)) == 1


def test_an_update_of_the_stack_moves_the_controllers_own_alias_unremarked(rests: Scene) -> None:
    rests.settings = replace(rests.settings, function="checkout")
    rests.tells(changes(rests, "UpdateAlias", FunctionVersion="1"))
    assert told(rests) == []
