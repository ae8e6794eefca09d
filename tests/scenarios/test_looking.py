"""What ``status``, ``show`` and ``history`` say: everywhere, of one target, of one deployment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from controller.core.model import Phase
from tests.cloud.faults import Json
from tests.cloud.scene import Scene

EVERYTHING = {"request": "status"}


def everywhere(story: Scene) -> Json:
    answer = story.sends(EVERYTHING)
    assert answer["ok"], answer
    return answer


# -- everywhere -------------------------------------------------------------------------------------------------------


def test_what_is_open_is_told_with_its_share_its_step_and_what_holds_it_until_when(story: Scene) -> None:
    story.given_shifting()
    (told,) = everywhere(story)["open"]
    assert (told["deployment"], told["phase"], told["share"]) == ("checkout:live#1", "SHIFTING", 10.0)
    assert (told["step"]["number"], told["step"]["of"], told["step"]["weight"]) == (1, 2, 10.0)
    assert told["held_by"].startswith("hold for another")
    assert told["until"] == told["step"]["hold_ends"]


def test_a_pause_a_firing_alarm_and_a_missing_approval_are_told(story: Scene) -> None:
    story.given_alarm("queue-age").given_shifting(
        gates={"alarms": ["queue-age"], "min_invocations": 0}, on_failure="freeze"
    )
    story.turns("queue-age").ticks()
    (told,) = everywhere(story)["open"]
    assert (told["modes"], told["firing"], told["cause"]) == (["frozen"], ["queue-age"], "alarm")
    assert told["held_by"].startswith("frozen, because alarm queue-age is firing")


def test_a_quiet_function_says_when_it_goes_back(story: Scene) -> None:
    story.given_traffic(0).given_shifting(gates={"errors": False, "min_invocations": 10, "alarms": []}).ticks(7)
    (told,) = everywhere(story)["open"]
    assert told["held_by"].startswith("0 of 10 requests have reached version 2 in this step")
    assert told["held_by"].endswith(f"; without enough of them by {told['until']} gates.no_traffic says rollback")
    until = datetime.fromisoformat(told["until"])
    story.passes(until - story.cloud.clock.now + timedelta(seconds=1)).ticks_now()
    assert story.phase() is Phase.ROLLED_BACK


def test_what_ended_in_the_last_day_is_told_the_newest_first_with_the_seconds_to_restore(story: Scene) -> None:
    story.given_shifting().alarms().ticks(2)
    story.drops("v3").requests("promote").requests("promote", phase="BAKING").ticks(2)
    answer = everywhere(story)
    assert answer["open"] == []
    assert [(each["deployment"], each["phase"]) for each in answer["ended"]] == [
        ("checkout:live#2", "SUCCEEDED"),
        ("checkout:live#1", "ROLLED_BACK"),
    ]
    assert answer["ended"][1]["seconds_to_restore"] is not None
    assert answer["ended"][0]["seconds_to_restore"] is None


def test_what_ended_before_that_is_in_the_history_alone(story: Scene) -> None:
    story.given_shifting().requests("rollback").ticks(2).passes(timedelta(days=1, minutes=1))
    assert everywhere(story)["ended"] == []
    assert [each["phase"] for each in story.answer("history")["deployments"]] == ["ROLLED_BACK"]


def test_the_view_of_everything_asks_lambda_nothing_about_a_deployment(story: Scene) -> None:
    story.given_shifting()
    before = len(story.cloud.calls)
    everywhere(story)
    asked = [str(call.parameters) for call in story.cloud.calls[before:] if call.service == "lambda"]
    assert not [each for each in asked if "checkout" in each]


# -- one target -------------------------------------------------------------------------------------------------------


def test_what_serves_comes_before_what_failed_last(story: Scene) -> None:
    story.given_shifting().requests("promote").requests("promote", phase="BAKING").ticks(2)
    story.drops("junk", bad=b"no zip")
    answer = story.answer("status")
    assert (answer["serves"]["version"], answer["serves"]["deployment"]) == ("2", "checkout:live#1")
    assert answer["serves"]["artifact"] == "checkout/v2.zip"
    assert (answer["open"], answer["newest"]["phase"], answer["drift"]) == (None, "FAILED", None)


def test_the_open_deployment_and_a_newer_failed_one_are_both_told(story: Scene) -> None:
    story.given_shifting().drops("junk", bad=b"no zip")
    answer = story.answer("status")
    assert (answer["open"]["deployment"], answer["newest"]["deployment"]) == ("checkout:live#1", "checkout:live#2")
    assert answer["serves"]["weights"] == {"2": "10%"}


def test_an_alias_moved_at_rest_is_told(story: Scene) -> None:
    story.given_shifting().requests("promote").requests("promote", phase="BAKING").ticks(2)
    story.moves("1")
    assert story.answer("status")["drift"].startswith(
        "checkout:live carries version 1, and checkout:live#1 left version 2 there: somebody else moved it"
    )
    story.moves("2")
    assert story.answer("status")["drift"] is None


@pytest.mark.parametrize("word", ["status", "history"])
def test_a_function_that_nobody_knows_is_refused(story: Scene, word: str) -> None:
    answer = story.sends({"request": word, "function": "chekout"})
    assert not answer["ok"]
    assert answer["error"].startswith("nobody knows chekout:live")


# -- one deployment ---------------------------------------------------------------------------------------------------


def test_an_older_deployment_is_shown_whole(story: Scene) -> None:
    story.given_shifting().requests("rollback", who="alice", why="wrong totals").ticks(2).drops("v3")
    told = story.sends({"request": "show", "function": "checkout:live#1"})["deployment"]
    assert (told["deployment"], told["phase"]) == ("checkout:live#1", "ROLLED_BACK")
    assert told["timeline"]
    (asked,) = told["requests"]
    assert (asked["request"], asked["who"], asked["why"]) == ("rollback", "alice", "wrong totals")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"deployment": 7}, "there is no checkout:live#7: its deployments are #1 to #1"),
        ({}, "allowed: a deployment of checkout:live, by its number"),
    ],
    ids=str,
)
def test_a_deployment_that_there_is_not_is_refused(story: Scene, more: dict[str, Any], error: str) -> None:
    assert error in story.given_shifting().answer("show", **more)["error"]


def test_the_history_is_read_on_where_it_ended(story: Scene) -> None:
    story.given_live()
    for name in ("a", "b", "c"):
        story.drops(name, bad=b"no zip")
    first = story.answer("history", limit=2)["deployments"]
    assert [each["deployment"] for each in first] == ["checkout:live#3", "checkout:live#2"]
    rest = story.answer("history", limit=2, before=first[-1]["deployment"])["deployments"]
    assert [each["deployment"] for each in rest] == ["checkout:live#1"]


def test_the_history_of_all_targets_has_what_ended_and_is_read_on_and_cut_off(story: Scene) -> None:
    story.given_live()
    for name in ("a", "b", "c"):
        story.drops(name, bad=b"no zip").passes(timedelta(days=1))
    listed = story.sends({"request": "history"})["deployments"]
    assert [each["deployment"] for each in listed] == [f"checkout:live#{number}" for number in (3, 2, 1)]
    first = story.sends({"request": "history", "limit": 2})["deployments"]
    rest = story.sends({"request": "history", "limit": 2, "before": first[-1]["deployment"]})["deployments"]
    assert [each["deployment"] for each in rest] == ["checkout:live#1"]
    late = (datetime.fromisoformat(everywhere(story)["at"]) - timedelta(days=2, minutes=5)).isoformat(
        timespec="seconds"
    )
    assert len(story.sends({"request": "history", "from": late})["deployments"]) == 2


def test_the_history_of_all_targets_has_what_has_just_ended_and_owes_the_deletion_of_an_alarm(story: Scene) -> None:
    story.given_shifting().requests("rollback")
    (told,) = story.sends({"request": "history"})["deployments"]
    assert (told["deployment"], told["phase"]) == ("checkout:live#1", "ROLLED_BACK")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"before": 4}, "found 4, allowed: a deployment as it is printed"),
        ({"before": "checkout:live#9"}, "before: found checkout:live#9, allowed: a deployment that has ended"),
        ({"alias": "live"}, "allowed: alias with function"),
        ({"function": "checkout", "from": "2026-11-24T10:00:00Z"}, "from: allowed without function"),
    ],
)
def test_a_history_of_all_targets_that_cannot_be_is_refused(story: Scene, wrong: dict[str, object], error: str) -> None:
    assert error in str(story.sends({"request": "history", **wrong})["error"])


def test_times_have_whole_seconds(story: Scene) -> None:
    story.given_shifting().passes(timedelta(milliseconds=1234)).requests("pause")
    told = story.shown()
    moments = [told["since"], told["opened"], told["deadline"], *(each["at"] for each in told["timeline"])]
    assert [each for each in moments if "." in each] == []


# -- deploy -----------------------------------------------------------------------------------------------------------


def test_a_deploy_that_fails_at_once_is_refused_with_its_record(story: Scene) -> None:
    story.given_live().puts("junk", bad=b"no zip")
    answer = story.sends({"request": "deploy", "bucket": "drop", "key": "checkout/junk.zip"})
    assert (answer["ok"], answer["deployment"]["phase"]) == (False, "FAILED")
    assert answer["error"] == answer["deployment"]["reason"]
