"""The request ``redrive``: what a dead letter was, what it did, and which ones stay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from controller.core.model import Phase, Routing
from tests.cloud.faults import Json
from tests.cloud.scene import Scene
from tests.cloud.story import TICK


def redrives(story: Scene, **more: Any) -> Json:
    return story.sends({"request": "redrive", **more})


def given_lost(story: Scene, *codes: str) -> Scene:
    """The function is live, and these zips were dropped while the controller could not handle their events."""
    story.given_live()
    for code in codes:
        story.puts(code)
        story.cloud.dead_letters.put(story.upload(code), "the table did not answer")
    return story


def test_a_lost_upload_is_deployed_and_its_letter_deleted(story: Scene) -> None:
    answer = redrives(given_lost(story, "v2"))
    (letter,) = answer["letters"]
    assert (letter["handled"], letter["error"], letter["did"][0]["deployment"], answer["waiting"]) == (
        True, "the table did not answer", "checkout:live#1", 0,
    )  # fmt: skip
    assert (story.phase(), story.cloud.dead_letters.bodies) == (Phase.SHIFTING, [])


def test_an_empty_queue_is_nothing_to_do(story: Scene) -> None:
    answer = redrives(story.given_live())
    assert (answer["ok"], answer["letters"], answer["waiting"]) == (True, [], 0)


def test_a_letter_that_fails_again_stays_and_says_why(story: Scene) -> None:
    given_lost(story, "v2").down("TransactWriteItems")
    answer = redrives(story)
    (letter,) = answer["letters"]
    assert (letter["handled"], "it comes again in 5 minutes" in letter["why"], answer["waiting"]) == (False, True, 1)
    assert redrives(story.up())["letters"] == []
    story.ticks(6)
    assert redrives(story)["letters"][0]["handled"]


def test_one_that_fails_keeps_none_of_the_others_back(story: Scene) -> None:
    given_lost(story)
    story.cloud.dead_letters.put("no JSON at all")
    story.puts("v2")
    story.cloud.dead_letters.put(story.upload("v2"), "throttled", "ERROR_MESSAGE")
    first, second = redrives(story)["letters"]
    assert (first["handled"], second["handled"], second["error"]) == (False, True, "throttled")
    assert story.cloud.dead_letters.bodies == ["no JSON at all"]


def test_a_letter_that_nobody_can_read_keeps_none_of_the_others_back(story: Scene) -> None:
    given_lost(story, "v2")
    story.cloud.dead_letters.messages.reverse()
    for body in ("[" * 100_000, "1" * 5_000, '"hello"', "{}", "null", '{"function": "checkout"}'):
        story.cloud.dead_letters.put(body)
    told = redrives(story)["letters"]
    assert [letter["handled"] for letter in told] == [True, False, False, True, True, True, True]
    assert (told[1]["why"], story.phase()) == ("its body is no JSON: it is nested too deeply", Phase.SHIFTING)


def test_what_was_done_is_told_though_the_next_letter_cannot_be_received(story: Scene) -> None:
    given_lost(story, "v2", "v3").meanwhile("DeleteMessage", lambda: story.down("ReceiveMessage"))
    answer = redrives(story)
    assert (answer["ok"], answer["letters"][0]["handled"], answer["waiting"]) == (True, True, 1)
    assert "receiving a dead letter failed" in answer["stopped"]
    assert not story.sends({"request": "redrive"})["ok"]


def test_the_record_of_a_destination_holds_the_event(story: Scene) -> None:
    given_lost(story).puts("v2")
    record = {
        "version": "1.0",
        "requestContext": {"condition": "RetriesExhausted"},
        "requestPayload": story.upload("v2"),
        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
    }
    story.cloud.dead_letters.put(record)
    assert (redrives(story)["letters"][0]["handled"], story.phase()) == (True, Phase.SHIFTING)


def test_an_old_tick_is_over(story: Scene) -> None:
    story.given_shifting()
    story.cloud.dead_letters.put({**TICK, "time": "2026-01-01T00:00:00Z"})
    (letter,) = redrives(story)["letters"]
    assert (letter["handled"], letter["did"][0]["event"]) == (True, "ignored")


def test_an_alarm_that_was_lost_brings_the_stable_version_back(story: Scene) -> None:
    story.given_shifting()
    story.cloud.cloudwatch.move("slipway/checkout/live/1", "ALARM")
    event = story.cloud.events.pop()
    story.cloud.dead_letters.put(event)
    assert (redrives(story)["letters"][0]["handled"], story.routing) == (True, Routing("1"))
    assert story.ticks().phase() is Phase.ROLLED_BACK


def test_a_persons_request_is_told_and_not_carried_out_again(story: Scene) -> None:
    story.given_shifting()
    promote = {"request": "promote", "function": "checkout"}
    story.cloud.dead_letters.put(promote)
    (letter,) = redrives(story)["letters"]
    assert (letter["handled"], letter["event"], story.phase()) == (False, promote, Phase.SHIFTING)


def test_a_redrive_in_a_letter_does_not_begin_again(story: Scene) -> None:
    story.given_live()
    story.cloud.dead_letters.put({"request": "redrive"})
    (letter,) = redrives(story)["letters"]
    assert (letter["handled"], letter["did"], story.cloud.dead_letters.bodies) == (True, [], [])


def test_there_is_a_limit(story: Scene) -> None:
    for _ in range(12):
        story.cloud.dead_letters.put({**TICK, "time": "2026-01-01T00:00:00Z"})
    first = redrives(story.given_live())
    assert (len(first["letters"]), first["waiting"], len(redrives(story, limit=1)["letters"])) == (10, 2, 1)


def test_it_stops_before_a_client_would_ask_again(story: Scene) -> None:
    given_lost(story, "v2", "v3", "v4")
    story.meanwhile("DeleteMessage", lambda: story.passes(timedelta(seconds=30)))
    story.meanwhile("DeleteMessage", lambda: story.passes(timedelta(seconds=30)), nth=2)
    answer = redrives(story)
    assert (len(answer["letters"]), answer["waiting"], answer["stopped"]) == (
        2, 1, "time is short; send redrive again",
    )  # fmt: skip


def test_a_letter_that_cannot_be_deleted_is_handled_all_the_same(story: Scene) -> None:
    given_lost(story, "v2").down("DeleteMessage")
    (letter,) = redrives(story)["letters"]
    assert (letter["handled"], "stays in the queue" in letter["warning"], story.phase()) == (True, True, Phase.SHIFTING)
    story.up().ticks(6)
    assert redrives(story)["letters"][0]["did"][0]["ignored"]
    assert story.cloud.dead_letters.bodies == []


def test_status_says_how_many_letters_wait(story: Scene) -> None:
    given_lost(story, "v2")
    assert story.sends({"request": "status"})["controller"]["dead_letters"] == 1


def test_status_warns_when_the_letters_cannot_be_counted(story: Scene) -> None:
    story.given_live().down("GetQueueAttributes")
    controller = story.sends({"request": "status"})["controller"]
    assert controller["dead_letters"] is None
    assert "the dead letters cannot be counted" in controller["warnings"][0]
