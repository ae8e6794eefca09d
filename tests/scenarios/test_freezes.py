"""Freezes: nothing new starts, nothing goes forward, and whatever goes back goes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Phase, Routing
from tests.cloud.faults import Fault, Json
from tests.cloud.scene import Scene, split

HALF, CANARY, STABLE = split(5000), Routing("2"), Routing("1")
WHO = {"who": "alice", "why": "holidays"}


def hides_the_freezes(story: Scene) -> None:
    """From now on the table does not answer where it is asked for the freezes."""
    story.cloud.fail(lambda call: "freezes#all" in str(call.parameters), Fault.SERVICE_ERROR, None)


def freezes(story: Scene, scope: str = "all", **more: Any) -> Json:
    return story.sends({"request": "freeze", "scope": scope, **WHO, **more})


def unfreezes(story: Scene, scope: str = "all") -> Json:
    return story.sends({"request": "unfreeze", "scope": scope, "who": "bob", "why": "back at work"})


def in_force(story: Scene) -> list[Json]:
    return list(story.sends({"request": "status"})["freezes"])


def overrides(story: Scene) -> Json:
    return story.answer("override", freeze=True, who="carol", why="it is the fix")


def given_frozen(**manifest: Any) -> Scene:
    """Version 2 is at its first step, and everything is under a freeze."""
    story = Scene().given_shifting(**manifest)
    assert freezes(story)["ok"]
    return story


# -- what a freeze holds ----------------------------------------------------------------------------------------------


def test_a_drop_is_recorded_and_waits_before_anything_is_published(story: Scene) -> None:
    story.given_live()
    freezes(story, until="2026-12-24T12:00:00Z")
    story.drops("v2").ticks(3)
    assert (story.phase(), sorted(story.versions), story.latest_code) == (Phase.PREPARING, ["1"], "v1")
    assert story.held_by() == (
        "freeze of all until 2026-12-24T12:00:00+00:00, by alice: holidays; override lets this deployment go on"
    )


def test_a_function_is_neither_created_nor_onboarded_under_a_freeze(story: Scene) -> None:
    story.given_running()
    freezes(story)
    story.drops("v2").ticks(2)
    assert (story.phase(), story.versions, story.routing) == (Phase.PREPARING, {}, None)


def test_the_drop_goes_on_when_the_freeze_is_lifted(story: Scene) -> None:
    story.given_live()
    freezes(story)
    story.drops("v2").ticks(2)
    unfreezes(story)
    story.ticks(2)
    assert story.phase() is Phase.SHIFTING
    assert [text for text in story.timeline() if "freeze" in text] == [
        "waits: freeze of all until somebody sends unfreeze, by alice: holidays",
        "no freeze holds it any more",
    ]


def test_no_step_is_taken_under_a_freeze(story: Scene) -> None:
    story = given_frozen().ticks(30)
    assert (story.phase(), story.routing, story.held_by()[:13]) == (Phase.SHIFTING, split(), "freeze of all")
    assert story.shown()["modes"] == ["under_freeze"]


def test_a_hold_that_still_lasts_is_told_as_that(story: Scene) -> None:
    assert given_frozen().ticks(1).held_by().startswith("hold for another")


def test_the_step_is_taken_when_the_freeze_ends_by_itself(story: Scene) -> None:
    story.given_shifting()
    until = story.cloud.clock.now + timedelta(minutes=20)
    freezes(story, until=until.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert story.ticks(18).routing == split()
    assert story.ticks(3).routing == HALF


def test_the_last_step_is_not_followed_by_a_promotion(story: Scene) -> None:
    story.given_shifting().ticks(6)
    assert story.routing == HALF
    freezes(story)
    assert story.ticks(30).routing == HALF


def test_a_tested_version_gets_no_first_percent(story: Scene) -> None:
    story.given_live()
    story.meanwhile("PublishVersion", lambda: freezes(story))
    story.drops("v2").ticks(5)
    assert (story.phase(), story.routing, "2" in story.versions) == (Phase.TESTING, STABLE, True)
    unfreezes(story)
    assert story.ticks(2).phase() is Phase.SHIFTING


def test_a_bake_goes_on_and_ends(story: Scene) -> None:
    story.given_baking()
    freezes(story)
    assert story.ticks(35).phase() is Phase.SUCCEEDED


@pytest.mark.parametrize(
    ("scope", "held"),
    [
        ("all", True), ("prefix check", True), ("prefix a-", False), ("checkout", True), ("checkout:live", True),
        ("checkout:beta", False), ("check", False),
    ],
)  # fmt: skip
def test_a_freeze_holds_its_scope_alone(story: Scene, scope: str, held: bool) -> None:
    story.given_shifting()
    assert freezes(story, scope)["ok"]
    assert (story.ticks(7).routing == split()) is held


def test_an_open_deployment_does_not_make_way_for_a_newer_one_that_could_not_start(story: Scene) -> None:
    story.given_baking()
    freezes(story)
    story.drops("v3").ticks(2)
    assert (story.phase(1), story.routing, story.phase(2)) == (Phase.BAKING, CANARY, Phase.PREPARING)
    unfreezes(story)
    story.ticks(2)
    assert (story.phase(1), story.phase(2)) == (Phase.ROLLED_BACK, Phase.SHIFTING)


def test_plan_says_that_the_open_deployment_would_not_make_way(story: Scene) -> None:
    story = given_frozen()
    story.puts("v3")
    answer = story.sends({"request": "plan", "bucket": "drop", "key": "checkout/v3.zip"})
    assert (answer["open"]["would"], answer["freeze"]["scope"]) == ("queue behind", "all")
    assert "freeze of all" in answer["open"]["in_words"]


# -- what no freeze holds ---------------------------------------------------------------------------------------------


def test_an_alarm_brings_the_stable_version_back_under_a_freeze(story: Scene) -> None:
    story = given_frozen().alarms()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_an_alarm_that_only_a_tick_sees_does_too(story: Scene) -> None:
    story = given_frozen().ticks(8)
    story.turns("slipway/checkout/live/1")
    assert story.ticks(1).phase() is Phase.ROLLED_BACK


def test_a_person_rolls_back_under_a_freeze_though_the_freezes_cannot_be_read(story: Scene) -> None:
    story = given_frozen()
    hides_the_freezes(story)
    story.requests("rollback")
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


def test_a_rollback_to_the_version_before_is_met_with_none_open(story: Scene) -> None:
    story.given_baking().ticks(35)
    freezes(story)
    story.requests("rollback")
    assert story.routing == STABLE


def test_neither_an_alarm_nor_a_rollback_reads_the_freezes(story: Scene) -> None:
    story = given_frozen()
    before = len(story.cloud.calls)
    story.alarms()
    asked = [call for call in story.cloud.calls[before:] if "freezes#all" in str(call.parameters)]
    assert (story.phase(), asked) == (Phase.ROLLED_BACK, [])


# -- people -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["promote", "next"])
def test_a_person_who_wants_to_go_forward_is_told_of_the_freeze(story: Scene, word: str) -> None:
    story = given_frozen()
    answer = story.answer(word)
    assert (answer["ok"], story.ticks(1).routing) == (False, split())
    assert "freeze of all until somebody sends unfreeze, by alice: holidays" in answer["error"]


def test_the_end_of_a_bake_cannot_be_hurried_under_a_freeze(story: Scene) -> None:
    story.given_baking()
    freezes(story)
    assert not story.answer("promote", phase="BAKING")["ok"]
    assert story.phase() is Phase.BAKING


def test_an_override_lets_one_deployment_go_on_and_is_recorded(story: Scene) -> None:
    story = given_frozen()
    assert overrides(story)["ok"]
    assert story.ticks(6).routing == HALF
    text = "carol overrides the freeze of all until somebody sends unfreeze, by alice: holidays; because: it is the fix"
    assert text in story.timeline()
    assert text in story.notices()


def test_an_override_lets_a_drop_begin(story: Scene) -> None:
    story.given_live()
    freezes(story)
    story.drops("v2")
    assert (overrides(story)["ok"], story.phase()) == (True, Phase.SHIFTING)


def test_an_override_does_not_outlast_its_freeze(story: Scene) -> None:
    story = given_frozen()
    overrides(story)
    freezes(story, "checkout")
    assert story.ticks(10).routing == split()


def test_an_override_without_a_freeze_is_refused(story: Scene) -> None:
    story.given_shifting()
    answer = overrides(story)
    assert (answer["ok"], "no freeze" in answer["error"]) == (False, True)


@pytest.mark.parametrize("more", [{}, {"freeze": True, "alarm": "checkout-p99"}])
def test_an_override_is_of_an_alarm_or_of_a_freeze(story: Scene, more: Json) -> None:
    answer = story.given_shifting().answer("override", who="carol", why="it is the fix", **more)
    assert (answer["ok"], "either alarm" in answer["error"]) == (False, True)


def test_approval_is_taken_and_moves_nothing_under_a_freeze(story: Scene) -> None:
    steps = [{"weight": 10, "hold": "5m"}, {"pause": "2h"}, {"weight": 50, "hold": "5m"}]
    story.given_shifting(strategy={"steps": steps, "bake": "30m"}).ticks(5)
    freezes(story)
    story.requests("approve", who="bob")
    assert story.ticks(2).routing == split()
    unfreezes(story)
    assert story.ticks(1).routing == HALF


def test_a_freeze_sent_twice_is_one(story: Scene) -> None:
    first, second = freezes(story.given_live()), freezes(story)
    assert (second["freezes"], "repeated" in second) == (first["freezes"], True)


def test_a_freeze_that_comes_once_more_after_it_was_lifted_freezes_nothing_and_says_so(story: Scene) -> None:
    freezes(story.given_live())
    unfreezes(story)
    answer = freezes(story)
    assert (answer["ok"], in_force(story)) == (False, [])
    assert "by bob: back at work; it freezes nothing now" in answer["error"]
    assert answer["error"].endswith("to freeze once more, send it with an id")
    assert freezes(story, id="again")["ok"]


def test_a_freeze_that_comes_once_more_after_another_took_its_place_does_not_shorten_that(story: Scene) -> None:
    freezes(story.given_live(), until="2026-12-24T12:00:00Z", id="one")
    freezes(story, who="bob", why="the audit")
    answer = freezes(story.passes(timedelta(hours=5)), until="2026-12-24T12:00:00Z", id="one")
    assert (answer["ok"], "another one took its place: the audit" in answer["error"]) == (False, True)
    assert [(each["who"], each["until"]) for each in in_force(story)] == [("bob", None)]


def test_a_lifting_that_comes_once_more_does_not_lift_the_freeze_that_came_since(story: Scene) -> None:
    freezes(story.given_live())
    unfreezes(story)
    freezes(story, id="again")
    answer = unfreezes(story)
    assert (answer["ok"], "to unfreeze once more, send it with an id" in answer["error"]) == (False, True)
    assert len(in_force(story)) == 1


@pytest.mark.parametrize("word", ["freeze", "unfreeze"])
def test_one_id_for_two_scopes_is_two_requests(story: Scene, word: str) -> None:
    story.given_live()
    for scope in ("checkout", "prefix a-"):
        freezes(story, scope)
        assert story.sends({"request": word, "scope": scope, "id": "deploy-7", **WHO})["ok"]
    left = ["prefix a-", "checkout"] if word == "freeze" else []
    assert [each["scope"] for each in in_force(story)] == left


def test_the_lifting_of_a_freeze_sent_twice_is_one(story: Scene) -> None:
    freezes(story.given_live())
    first, second = unfreezes(story), unfreezes(story)
    assert (first["ok"], second["ok"], "repeated" in second) == (True, True, True)


def test_lifting_what_nobody_froze_is_refused_with_what_is_in_force(story: Scene) -> None:
    freezes(story.given_live(), "prefix a-")
    answer = unfreezes(story)
    assert (answer["ok"], "freeze of prefix a-" in answer["error"]) == (False, True)


def test_a_freeze_of_the_same_scope_takes_the_place_of_the_one_before(story: Scene) -> None:
    freezes(story.given_live())
    told = freezes(story, until="2026-12-24T12:00:00Z")["freezes"]
    assert [(each["scope"], each["until"]) for each in told] == [("all", "2026-12-24T12:00:00+00:00")]


def test_a_freeze_that_is_over_has_vanished(story: Scene) -> None:
    until = story.given_live().cloud.clock.now + timedelta(minutes=5)
    freezes(story, until=until.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert [each["scope"] for each in freezes(story.ticks(6), "checkout")["freezes"]] == ["checkout"]


@pytest.mark.parametrize("until", ["2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z"])
def test_a_freeze_until_a_time_that_is_past_or_never_is_refused(story: Scene, until: str) -> None:
    answer = freezes(story.given_live(), until=until)
    assert (answer["ok"], answer["error"].startswith("until: found")) == (False, True)


def test_two_people_who_freeze_at_the_same_time_both_do(story: Scene) -> None:
    story.given_live()
    story.meanwhile("PutItem", lambda: freezes(story, "prefix a-"), about="freezes#all")
    assert {each["scope"] for each in freezes(story, "checkout")["freezes"]} == {"checkout", "prefix a-"}


def test_status_lists_the_freezes_in_force_and_says_which_one_is_over_a_function(story: Scene) -> None:
    freezes(story.given_live(), "prefix a-")
    freezes(story, "checkout:live")
    everything, one = story.sends({"request": "status"}), story.answer("status")
    assert [each["scope"] for each in everything["freezes"]] == ["checkout:live", "prefix a-"]
    assert (one["freeze"]["scope"], one["freeze"]["who"]) == ("checkout:live", "alice")


def test_status_says_that_the_freezes_cannot_be_read(story: Scene) -> None:
    hides_the_freezes(story.given_live())
    assert "cannot be read" in story.sends({"request": "status"})["freezes"][0]["in_words"]
    assert "cannot be read" in story.answer("status")["freeze"]["in_words"]


# -- waits and their ends ---------------------------------------------------------------------------------------------


def test_the_time_under_a_freeze_does_not_count_for_the_deadline(story: Scene) -> None:
    story = given_frozen(deadline="1h").ticks(90)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, split())
    unfreezes(story)
    assert story.ticks(2).routing == HALF


def test_nor_does_it_for_a_drop_that_has_not_begun(story: Scene) -> None:
    story.given_live()
    freezes(story)
    story.drops("v2", deadline="1h").ticks(90)
    assert story.phase() is Phase.PREPARING


def test_the_deadline_still_ends_a_deployment_afterwards(story: Scene) -> None:
    story = given_frozen(deadline="1h").ticks(90)
    unfreezes(story)
    story.requests("pause").ticks(70)
    assert story.phase() is Phase.ROLLED_BACK


def test_a_question_for_approval_is_open_for_its_whole_time_after_a_freeze(story: Scene) -> None:
    steps = [{"weight": 10, "hold": "5m"}, {"pause": "30m", "then": "rollback"}, {"weight": 50, "hold": "5m"}]
    story.given_shifting(strategy={"steps": steps, "bake": "30m"}).ticks(6)
    freezes(story)
    story.ticks(60)
    unfreezes(story)
    assert story.ticks(20).phase() is Phase.SHIFTING
    assert story.ticks(20).phase() is Phase.ROLLED_BACK


def test_requests_are_waited_for_in_full_after_a_freeze(story: Scene) -> None:
    gates = {"alarms": [], "errors": False, "min_invocations": 10, "no_traffic": {"wait": "30m", "then": "rollback"}}
    story = Scene().given_traffic(0).given_shifting(gates=gates)
    freezes(story)
    story.ticks(60)
    unfreezes(story)
    assert story.ticks(20).phase() is Phase.SHIFTING
    assert story.ticks(20).phase() is Phase.ROLLED_BACK


# -- freezes that cannot be read --------------------------------------------------------------------------------------


def test_freezes_that_cannot_be_read_hold_and_say_so(story: Scene) -> None:
    story.given_shifting()
    hides_the_freezes(story)
    assert story.ticks(8).routing == split()
    assert story.held_by().startswith("whether a freeze is in force cannot be read")
    assert story.up().ticks(1).routing == HALF


# -- shipping windows -------------------------------------------------------------------------------------------------


def given_windows(windows: str) -> Scene:
    story = Scene()
    story.settings = replace(story.settings, shipping_windows=windows)
    return story


def test_outside_of_the_shipping_windows_nothing_goes_forward(story: Scene) -> None:
    story = given_windows("Mon-Fri 00:00-00:10 UTC").given_live().drops("v2").ticks(5)
    assert story.phase() is Phase.PREPARING
    assert "outside of the shipping windows" in story.held_by()
    assert (overrides(story)["ok"], story.phase()) == (True, Phase.SHIFTING)


def test_inside_of_a_shipping_window_all_goes_as_ever(story: Scene) -> None:
    story = given_windows("Mon-Sun 00:00-24:00 Europe/Berlin").given_live().drops("v2").ticks(6)
    assert story.routing == HALF


@pytest.mark.parametrize(
    "windows",
    ["always", "Mon 09:00-16:00 Europe/Berln", "Mon-Tor 09:00-16:00 UTC", "Mon 09:00-16:00 /etc/passwd"],
)
def test_windows_that_cannot_be_read_hold_and_say_which_parameter(windows: str) -> None:
    story = given_windows(windows).given_live().drops("v2")
    assert story.phase() is Phase.PREPARING
    assert "ShippingWindows" in story.held_by()
    story.requests("rollback")
    assert story.phase() is Phase.FAILED
