"""The request ``quarantine``: which bytes are refused, and how they are let go."""

from __future__ import annotations

from tests.cloud.faults import Json
from tests.cloud.scene import Scene

WHO = {"who": "alice", "why": "the database was at fault"}


def given_quarantined(story: Scene) -> Json:
    """Version 2 was rolled back by its alarm; returns the one entry of the list."""
    (found,) = story.given_shifting().alarms().answer("quarantine")["quarantined"]
    return dict(found)


def test_the_list_says_what_is_refused_and_why(story: Scene) -> None:
    found = given_quarantined(story)
    assert (found["deployment"], found["artifact"], found["cause"]) == ("checkout:live#1", "checkout/v2.zip", "alarm")
    assert (found["because"], found["lifted_at"]) == ("alarm slipway/checkout/live/1 is firing", None)


def test_a_lifted_quarantine_ships_again_and_says_who_lifted_it(story: Scene) -> None:
    found = given_quarantined(story)
    answer = story.answer("quarantine", lift=found["sha256"], **WHO)
    assert (answer["lifted"]["sha256"], answer["quarantined"]) == (found["sha256"], [])
    assert [(each["deployment"], each["who"]) for each in answer["lifted_before"]] == [("checkout:live#1", "alice")]
    story.drops("v2-again")
    assert story.phase() is not None and story.phase().value == "SHIFTING", story.in_words()  # type: ignore[union-attr]


def test_a_quarantine_may_be_named_by_its_deployment(story: Scene) -> None:
    given_quarantined(story)
    assert story.answer("quarantine", lift="checkout:live#1", **WHO)["quarantined"] == []


def test_lifting_twice_is_lifting_once(story: Scene) -> None:
    given_quarantined(story)
    story.answer("quarantine", lift="1", **WHO)
    again = story.answer("quarantine", lift="1", **WHO)
    assert (again["ok"], len(again["lifted_before"]), "repeated" in again) == (True, 1, True)


def test_a_lift_that_comes_once_more_does_not_tell_bytes_as_let_go_that_were_quarantined_anew(story: Scene) -> None:
    given_quarantined(story)
    story.answer("quarantine", lift="checkout:live#1", **WHO)
    story.drops("v2-again").alarms()
    answer = story.answer("quarantine", lift="checkout:live#1", **WHO)
    assert (answer["ok"], "quarantined anew by checkout:live#2" in answer["error"]) == (False, True)
    assert story.answer("quarantine", lift="checkout:live#2", **WHO)["quarantined"] == []


def test_what_is_not_quarantined_cannot_be_lifted(story: Scene) -> None:
    given_quarantined(story)
    answer = story.answer("quarantine", lift="7", **WHO)
    assert (answer["ok"], "of checkout:live#1" in answer["error"]) == (False, True)


def test_nobody_lifts_a_quarantine_without_a_name_and_a_reason(story: Scene) -> None:
    given_quarantined(story)
    assert not story.answer("quarantine", lift="1")["ok"]


def test_a_lift_that_dies_between_its_two_calls_can_be_sent_again(story: Scene) -> None:
    given_quarantined(story)
    story.down("DeleteItem")
    assert not story.answer("quarantine", lift="1", **WHO)["ok"]
    answer = story.up().answer("quarantine", lift="1", **WHO)
    assert (answer["quarantined"], len(answer["lifted_before"])) == ([], 1)


def test_a_deploy_that_lifts_the_quarantine_leaves_a_trace_too(story: Scene) -> None:
    given_quarantined(story)
    story.sends({"request": "deploy", "bucket": "drop", "key": "checkout/v2.zip", "lift_quarantine": True})
    (trace,) = story.answer("quarantine")["lifted_before"]
    assert trace["who"] == "checkout:live#2"
