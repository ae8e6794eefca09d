"""Who asked for it, and why: in the timeline, the notice and the history; and which deployment a person means."""

from __future__ import annotations

from typing import Any

import pytest

from controller.core.model import Person, Phase, Routing
from tests.cloud.faults import Json
from tests.cloud.scene import Scene, split

ALICE: dict[str, Any] = {"who": "alice", "why": "load test"}
FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:checkout"


def last_event(story: Scene) -> Json:
    return story.cloud.bus.details[-1]


def revision(story: Scene) -> str:
    return str(story.shown()["alias_revision"])


# -- who and why ------------------------------------------------------------------------------------------------------


def test_a_pause_and_its_end_are_told_with_who_and_why(story: Scene) -> None:
    story.given_shifting().requests("pause", **ALICE).requests("resume", who="bob")
    assert story.timeline()[-2:] == ["paused by request of alice: load test", "resumed by request of bob"]


def test_a_request_without_a_name_is_by_request(story: Scene) -> None:
    story.given_shifting().requests("pause")
    assert story.timeline()[-1] == "paused by request"


def test_a_promote_leaves_a_trace_of_the_person_and_of_the_gates_that_were_skipped(story: Scene) -> None:
    story.given_shifting().requests("promote", **ALICE)
    (said,) = (text for text in story.timeline() if text.startswith("BAKING"))
    assert said == (
        "BAKING: all traffic to version 2; rollback stays armed; the steps and gates left are skipped (hold for another"
        " 5m) by request of alice: load test"
    )
    event = last_event(story)
    assert (event["text"], event["who"], event["why"]) == (said, "alice", "load test")


def test_a_promotion_by_the_clock_names_nobody(story: Scene) -> None:
    story.given_shifting().ticks(16)
    assert (last_event(story)["phase"], last_event(story)["who"], last_event(story)["why"]) == ("BAKING", None, None)


def test_the_end_of_a_bake_by_request_names_the_person(story: Scene) -> None:
    story.given_baking().requests("promote", phase="BAKING", **ALICE)
    assert "the bake is ended by request of alice: load test" in story.timeline()


def test_a_rollback_names_the_person_in_both_notices_and_the_reason(story: Scene) -> None:
    story.given_shifting().requests("rollback", **ALICE)
    told = [event for event in story.cloud.bus.details if event["phase"] in ("ROLLING_BACK", "ROLLED_BACK")]
    assert [(each["who"], each["why"]) for each in told] == [("alice", "load test")] * 2
    assert story.deployment().reason is not None
    assert story.deployment().reason.text == "alice asked: load test"


def test_a_rollback_with_none_open_is_a_deployment_of_the_person(story: Scene) -> None:
    story.given_baking().requests("promote", phase="BAKING").ticks(2)
    story.requests("rollback", who="carol", why="late complaints")
    assert story.deployment().person == Person("carol", "late complaints")
    assert story.timeline()[0] == "carol asked for version 1 again: late complaints"


def test_an_alarm_that_was_faster_than_a_promote_is_not_put_down_to_the_person(story: Scene) -> None:
    story.given_alarm("queue-age").given_shifting(gates={"alarms": ["queue-age"], "min_invocations": 0})
    answer = story.turns("queue-age").answer("promote", **ALICE)
    assert (answer["ok"], "alarm queue-age is firing" in answer["error"]) == (False, True)
    assert (story.phase(), story.deployment().bookkeeping.carried_out) == (Phase.ROLLED_BACK, ())
    assert last_event(story)["who"] is None


def test_what_was_kept_of_somebody_elses_names_who_kept_it(story: Scene) -> None:
    story.given_shifting().moves("1").ticks().requests("accept_drift", **ALICE)
    assert story.deployment().reason is not None
    assert story.deployment().reason.text.endswith("and that was kept by request of alice: load test")


def test_a_deploy_says_who_asked(story: Scene) -> None:
    story.given_live().puts("v2")
    story.sends({"request": "deploy", "bucket": "drop", "key": "checkout/v2.zip", **ALICE})
    assert story.deployment().person == Person("alice", "load test")
    assert story.timeline()[0].endswith("by request of alice: load test")


# -- who dropped it ---------------------------------------------------------------------------------------------------


def test_a_drop_names_the_account_that_s3_names(story: Scene) -> None:
    story.given_live().drops("v2")
    assert story.deployment().person == Person("123456789012 at 203.0.113.7")
    assert story.timeline()[0].endswith(", dropped by 123456789012 at 203.0.113.7")


def test_a_drop_names_whom_its_metadata_names(story: Scene) -> None:
    story.given_live().puts("v2")
    key = ("drop", "checkout/v2.zip")
    story.cloud.storage.put(*key, story.cloud.storage.read(*key, None), who="alice", why="release 1.4")
    story.deliver()
    assert story.deployment().person == Person("alice", "release 1.4")
    assert story.timeline()[0].endswith(", dropped by alice: release 1.4")


@pytest.mark.parametrize(
    ("who", "name"),
    [
        ("=?UTF-8?B?SsO2cmc=?=", "Jörg"),
        ("=?utf-8?q?J=C3=B6rg?= of =?iso-8859-1?q?K=F6ln?=", "Jörg of Köln"),
        ("=?UTF-8?B?4oCuZ25w?=", "\\u202egnp"),
        ("=?UTF-8?B?Cg==?= a", "\\n a"),
        ("=?no-such?B?SsO2cmc=?=", "=?no-such?B?SsO2cmc=?="),
        ("what=?", "what=?"),
    ],
)
def test_a_name_outside_of_ascii_is_read_as_s3_returns_it_and_is_one_line(story: Scene, who: str, name: str) -> None:
    story.given_live()
    story.cloud.storage.put("drop", "checkout/v2.zip", b"no zip", who=who)
    story.deliver()
    assert story.deployment().person.who == name


def test_a_zip_that_is_refused_names_whom_its_metadata_names(story: Scene) -> None:
    story.given_live()
    story.cloud.storage.put("drop", "checkout/v2.zip", b"no zip", who="alice")
    story.deliver()
    assert (story.phase(), story.deployment().person.who) == (Phase.FAILED, "alice")


# -- the same request again -------------------------------------------------------------------------------------------


def test_two_people_who_promote_at_once_do_not_end_the_bake(story: Scene) -> None:
    story.given_shifting().requests("promote", **ALICE)
    again = story.answer("promote", who="bob", why="me too")
    assert again["ok"]
    assert "did this" in again["repeated"]
    assert story.phase() is Phase.BAKING


# -- which deployment is meant ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "named",
    [
        {"function": "checkout:live"},
        {"function": "checkout:live#1"},
        {"function": "checkout", "deployment": "checkout:live#1"},
        {"function": "checkout:live#1", "alias": "live", "deployment": 1},
        {"function": FUNCTION_ARN},
        {"function": f"{FUNCTION_ARN}:live"},
    ],
    ids=str,
)
def test_a_deployment_may_be_named_as_it_is_printed(story: Scene, named: dict[str, Any]) -> None:
    story.given_shifting()
    assert story.sends({"request": "pause", **named})["ok"]
    assert story.deployment().hold.paused


@pytest.mark.parametrize(
    ("named", "error"),
    [
        (
            {"function": "checkout:live#1", "deployment": 2},
            "deployment: found 2, but the deployment named before is 1",
        ),
        (
            {"function": "checkout", "deployment": "cart:live#1"},
            "deployment: found cart:live#1, but the function named before is checkout",
        ),
        ({"function": "checkout:beta", "alias": "live"}, "alias: found live, but the alias named before is beta"),
        ({"function": "checkout:7"}, "function: found checkout:7, allowed: an alias, not version 7"),
        ({"function": "checkout:live#2"}, "checkout:live#2 is not open, checkout:live#1 is"),
        (
            {"function": FUNCTION_ARN.replace("us-east-1", "eu-west-1")},
            "allowed: the functions of this account and Region, arn:aws:lambda:us-east-1:123456789012:function:...",
        ),
    ],
    ids=str,
)
def test_a_name_that_contradicts_itself_or_is_nobodys_is_refused(
    story: Scene, named: dict[str, Any], error: str
) -> None:
    story.given_shifting()
    answer = story.sends({"request": "pause", **named})
    assert error in answer["error"]
    assert not story.deployment().hold.paused


# -- what the person saw ----------------------------------------------------------------------------------------------


def test_a_request_about_the_alias_that_the_person_saw_is_met(story: Scene) -> None:
    story.given_shifting().requests("promote", alias_revision=revision(story))
    assert story.phase() is Phase.BAKING


@pytest.mark.parametrize("word", ["promote", "pause", "rollback"])
def test_a_request_about_an_alias_that_has_changed_since_is_refused(story: Scene, word: str) -> None:
    story.given_shifting()
    saw = revision(story)
    story.ticks(5)
    answer = story.answer(word, alias_revision=saw)
    assert answer["error"] == (
        "checkout:live was changed since you looked, and carries version 1 with 50% to version 2 now; look again, or"
        " send the request without alias_revision"
    )
    assert (story.routing, story.phase()) == (split(5000), Phase.SHIFTING)


def test_a_stale_rollback_is_refused_while_the_record_is_out_of_reach(story: Scene) -> None:
    story.given_shifting()
    saw = revision(story)
    story.ticks(5).down("dynamodb")
    assert not story.answer("rollback", alias_revision=saw)["ok"]
    assert story.routing == split(5000)
    story.requests("rollback")
    assert story.routing == Routing("1")


def test_a_repeated_request_is_answered_though_its_own_first_time_changed_the_alias(story: Scene) -> None:
    story.given_shifting()
    asked = {"alias_revision": revision(story), "id": "one"}
    story.requests("promote", **asked)
    assert "repeated" in story.answer("promote", **asked)
