"""``rollback`` with ``to`` and ``to_version``: all traffic to a version that a person chose."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Milestone, Phase, Routing
from tests.cloud.faults import Json
from tests.cloud.scene import MANIFEST, Scene
from tests.cloud.story import SETTINGS

AT_ONCE: dict[str, Any] = {"strategy": {"steps": [], "bake": "1m"}}


@pytest.fixture
def story(story: Scene) -> Scene:
    """Version 1 was onboarded, #1 to #3 have shipped versions 2 to 4, and version 4 serves."""
    story.settings = replace(SETTINGS, keep_versions=9)
    story.given_live()
    for code in ("v2", "v3", "v4"):
        story.drops(code, **AT_ONCE).ticks(8)
    assert (story.phase(3), story.routing) == (Phase.SUCCEEDED, Routing("4"))
    return story


def error(answer: Json) -> str:
    assert not answer["ok"], answer
    return str(answer["error"])


def sent(text: str) -> Json:
    """Returns the request that a refusal says to send."""
    found: Json = json.loads(text[text.index("{") : text.index("}") + 1])
    return found


def backup(story: Scene) -> str:
    """Returns the version that the backup alias keeps."""
    return str(story.cloud.lambda_.functions["checkout"].aliases["previous"]["FunctionVersion"])


def latest(story: Scene) -> Json:
    """Returns the settings of ``$LATEST``."""
    return dict(story.cloud.lambda_.functions["checkout"].latest.configuration)


# -- a version that has served ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [{"to": 1}, {"to": "checkout:live#1"}, {"to": "1"}, {"to_version": "2"}])
def test_the_alias_goes_to_the_chosen_version_at_once(story: Scene, to: dict[str, Any]) -> None:
    before = len(story.cloud.calls)
    story.requests("rollback", why="totals are wrong since Monday", **to)
    assert story.routing == Routing("2")
    assert (story.phase(4), story.cause(4)) == (Phase.ROLLED_BACK, Cause.REQUESTED)
    assert "asked for version 2 again: totals are wrong since Monday" in story.because(4)
    assert "Invoke" not in story.operations()[before:]


def test_the_version_left_is_quarantined_and_those_between_are_not(story: Scene) -> None:
    story.requests("rollback", to=1)
    assert story.is_quarantined("4")
    story.drops("v3-again")
    assert story.cause(5) is not Cause.QUARANTINED


def test_the_way_back_afterwards_is_that_of_the_chosen_version(story: Scene) -> None:
    story.requests("rollback", to=2)
    assert backup(story) == "2"
    story.passes(timedelta(minutes=11)).requests("rollback")
    assert story.routing == Routing("2")


def test_latest_gets_the_code_and_every_setting_of_the_chosen_version_back(story: Scene) -> None:
    story.drops("v5", **AT_ONCE, function={**MANIFEST["function"], "MemorySize": 512}).ticks(8)
    story.drops("v6", **AT_ONCE).ticks(8)
    assert latest(story)["MemorySize"] == 512
    story.requests("rollback", to=3)
    assert (story.latest_code, latest(story)["MemorySize"]) == ("v4", 128)


def test_a_deployment_that_went_back_names_the_version_that_it_went_to(story: Scene) -> None:
    story.requests("rollback", to=1)
    story.drops("v5", **AT_ONCE).ticks(8)
    assert story.routing == Routing("5")
    story.requests("rollback", to=4)
    assert story.routing == Routing("2")


def test_the_next_deployment_starts_from_the_chosen_version(story: Scene) -> None:
    story.requests("rollback", to=1).drops("v5", **AT_ONCE)
    assert (story.deployment(5).stable, backup(story)) == ("2", "2")


def test_the_way_back_is_that_of_the_release_also_after_it_was_left_once(story: Scene) -> None:
    """Version 4 was shipped over 3, left for 2, and is chosen again."""
    story.requests("rollback", to=1)
    lift = {
        "request": "quarantine",
        "function": "checkout",
        "lift": "checkout:live#4",
        "who": "alice",
        "why": "no fault",
    }
    assert story.sends(lift)["ok"]
    story.requests("rollback", to=3)
    assert (story.routing, backup(story)) == (Routing("4"), "3")


# -- sent twice -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{}, {"id": "one"}])
def test_sent_twice_it_moves_the_alias_once(story: Scene, more: dict[str, Any]) -> None:
    story.requests("rollback", to=1, **more)
    again = story.answer("rollback", to=1, **more)
    assert (again["ok"], "repeated" in again) == (True, True)
    assert (story.routing, len(story.deployments())) == (Routing("2"), 4)


def test_heard_again_after_a_newer_deployment_it_does_not_throw_that_away(story: Scene) -> None:
    story.requests("rollback", to=1).drops("v5", **AT_ONCE)
    assert "repeated" in story.answer("rollback", to=1)
    story.ticks(8)
    assert (story.phase(5), story.routing) == (Phase.SUCCEEDED, Routing("5"))


def test_with_the_revision_of_an_alias_that_was_moved_since_it_is_refused(story: Scene) -> None:
    assert "was changed since you looked" in error(story.answer("rollback", to=1, alias_revision="old"))
    assert story.routing == Routing("4")


def test_the_record_says_who_asked(story: Scene) -> None:
    story.requests("rollback", to=1, who="alice", why="totals are wrong")
    assert story.because(4) == "alice asked for version 2 again: totals are wrong"


def test_on_the_version_already_it_is_refused(story: Scene) -> None:
    assert error(story.answer("rollback", to=3)) == "checkout:live is on version 4 already"


def test_two_at_the_same_time_make_one_rollback(story: Scene) -> None:
    story.meanwhile("TransactWriteItems", lambda: story.sends({"request": "rollback", "function": "checkout", "to": 1}))
    story.requests("rollback", to=1)
    assert (story.routing, len(story.deployments())) == (Routing("2"), 4)


# -- what cannot be reached -------------------------------------------------------------------------------------------


def test_quarantined_bytes_are_refused_with_what_lifts_that(story: Scene) -> None:
    story.requests("rollback", to=1).passes(timedelta(minutes=11))
    said = error(story.answer("rollback", to=3))
    assert "version 4: these bytes are quarantined: checkout:live#4 was rolled back because" in said
    assert story.routing == Routing("2")
    assert story.sends(sent(said))["ok"]
    story.requests("rollback", to=3)
    assert story.routing == Routing("4")


def test_a_version_that_is_pruned_is_refused_with_what_ships_it_again(story: Scene) -> None:
    story.settings = SETTINGS
    story.drops("v5", **AT_ONCE).ticks(8)
    assert "2" not in story.cloud.lambda_.functions["checkout"].versions
    said = error(story.answer("rollback", to=1))
    assert said.startswith("version 2 of checkout does not exist")
    assert sent(said)["key"] == "checkout/v2.zip"
    assert story.sends(sent(said))["ok"]


def test_a_deployment_that_does_not_exist_or_has_no_version_is_refused(story: Scene) -> None:
    assert "there is no deployment checkout:live#9" in error(story.answer("rollback", to=9))
    story.drops("v5", bad=b"no zip")
    assert "checkout:live#4 is FAILED and has no version" in error(story.answer("rollback", to=4))
    assert "is a deployment of other:live" in error(story.answer("rollback", to="other:live#4"))
    assert "give one of them" in error(story.answer("rollback", to=1, to_version="2"))


def test_a_version_that_sleeps_is_woken_and_reached_when_it_is_awake(story: Scene) -> None:
    story.cloud.lambda_.version("checkout", "2")["State"] = "Inactive"
    said = error(story.answer("rollback", to=1))
    assert "version 2 is Inactive" in said
    assert "send the same again in some minutes" in said
    assert story.routing == Routing("4")
    story.passes(timedelta(minutes=10)).requests("rollback", to=1)
    assert story.routing == Routing("2")


def test_an_alias_that_is_gone_is_refused(story: Scene) -> None:
    del story.cloud.lambda_.functions["checkout"].aliases["live"]
    assert "checkout:live does not exist" in error(story.answer("rollback", to=1))


# -- a version that never had all traffic -----------------------------------------------------------------------------


def given_never_served(story: Scene) -> Scene:
    """Version 5 is tested and published, and was ended before its first percent."""
    story.given_alarm("red", "ALARM")
    tests = [{"name": "ping", "payload": {"order": 1}, "response": {"type": "object", "required": ["ok"]}}]
    story.drops("v5", gates={"alarms": ["red"], "already_alarming": "block"}, tests=tests).requests("rollback")
    assert (story.phase(4), story.deployment(4).canary) == (Phase.FAILED, "5")
    return story


def test_it_is_tested_first_and_then_reached(story: Scene) -> None:
    given_never_served(story)
    before = len(story.cloud.calls)
    story.requests("rollback", to=4)
    asked = [each for each in story.cloud.calls[before:] if each.operation == "Invoke"]
    assert [json.loads(each.parameters["Payload"]) for each in asked] == [{"order": 1}]
    assert (story.phase(5), story.routing) == (Phase.ROLLED_BACK, Routing("5"))
    assert [test.name for test in story.deployment(5).evidence.tests] == ["ping"]
    assert backup(story) == "3"


def test_it_is_not_reached_if_a_test_fails(story: Scene) -> None:
    given_never_served(story).behaves("v5", error="ValueError")
    said = error(story.answer("rollback", to=4))
    assert said.startswith("version 5 has never had all traffic of checkout:live, and its test 'ping' fails")
    assert (story.routing, len(story.deployments())) == (Routing("4"), 4)


def test_it_is_not_reached_if_its_zip_is_gone(story: Scene) -> None:
    given_never_served(story).cloud.storage.buckets["drop"]["checkout/v5.zip"].clear()
    assert "its tests cannot be read" in error(story.answer("rollback", to=4))


def test_somebody_elses_version_is_not_reached(story: Scene) -> None:
    story.given_version("9")
    assert "no deployment made it, so nothing is known of it" in error(story.answer("rollback", to_version="9"))


# -- while a deployment is open ---------------------------------------------------------------------------------------


def test_in_a_shift_the_open_deployment_goes_back_first_as_the_refusal_says(story: Scene) -> None:
    story.drops("v5")
    said = error(story.answer("rollback", to=1))
    assert said.startswith("checkout:live#4 is SHIFTING; send ")
    assert story.routing == Routing("4", "5", 1000)
    assert story.sends(sent(said))["ok"]
    assert story.routing == Routing("4")
    story.requests("rollback", to=1)
    assert story.routing == Routing("2")


def test_to_the_stable_version_of_the_open_deployment_it_is_that_ones_rollback(story: Scene) -> None:
    story.drops("v5").requests("rollback", to=3)
    assert (story.phase(4), story.routing, len(story.deployments())) == (Phase.ROLLED_BACK, Routing("4"), 4)


# -- trouble ----------------------------------------------------------------------------------------------------------


def test_without_the_record_it_moves_nothing(story: Scene) -> None:
    story.down("dynamodb")
    assert not story.answer("rollback", to=1)["ok"]
    assert story.routing == Routing("4")


def test_a_version_that_is_deleted_just_before_the_write_is_said_to_be_gone(story: Scene) -> None:
    story.meanwhile("UpdateAlias", lambda: story.cloud.lambda_.functions["checkout"].versions.pop("2"))
    assert "rollback is impossible: UpdateAlias of checkout:live to version 2" in error(story.answer("rollback", to=1))
    assert (story.phase(4), story.routing) == (Phase.FAILED, Routing("4"))
    assert story.deployment(4).only_goes_back
    assert story.answer("status")["serves"]["deployment"] == "checkout:live#3"


def test_somebody_elses_move_in_between_is_left_alone(story: Scene) -> None:
    story.meanwhile("UpdateAlias", lambda: story.moves("3"))
    said = error(story.answer("rollback", to=1))
    assert "checkout:live#4 is ROLLING_BACK; somebody else made the alias carry version 3; send accept_drift" in said
    assert story.routing == Routing("3")
    assert "somebody else made the alias carry version 3" in story.held_by()
    assert Milestone.QUARANTINED not in story.deployment(4).done
