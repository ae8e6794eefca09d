"""The request ``drill``: the way back by alarm, rehearsed with the bytes that serve."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Milestone, Phase, Routing
from tests.cloud.faults import Json
from tests.cloud.scene import OWN_ALARM, Scene, split
from tests.cloud.story import SETTINGS

STABLE = Routing("1")
OWN = OWN_ALARM.format(1)


def begun(story: Scene, **more: Any) -> Scene:
    """Version 1 serves, a drill of it has begun, and its alarm's event has not been heard yet."""
    story.given_live().requests("drill", **more)
    assert story.phase() is Phase.SHIFTING, story.in_words()
    return story


def description(story: Scene) -> str:
    return str(story.cloud.lambda_.functions["checkout"].latest.configuration.get("Description", ""))


def error(answer: Json) -> str:
    assert not answer["ok"], answer
    return str(answer["error"])


# -- the alarm is heard -----------------------------------------------------------------------------------------------


def test_the_event_of_the_alarm_brings_the_version_back_by_the_alias_alone(story: Scene) -> None:
    begun(story)
    assert (story.routing, story.cloud.cloudwatch.state(OWN)) == (split(), "ALARM")
    before = len(story.cloud.calls)
    story.deliver()
    assert story.operations()[before : before + 2] == ["GetAlias", "UpdateAlias"]
    assert (story.ticks_now().phase(), story.cause(), story.routing) == (Phase.ROLLED_BACK, Cause.DRILL, STABLE)


def test_a_drill_whose_event_comes_while_it_begins_is_answered_as_done(story: Scene) -> None:
    story.given_live()
    alarms = story.cloud.cloudwatch
    story.cloud.meanwhile(lambda _: OWN in alarms.alarms and alarms.state(OWN) == "ALARM", story.deliver)
    story.requests("drill")
    assert (story.phase(), story.cause()) == (Phase.ROLLED_BACK, Cause.DRILL)
    assert (story.answers[-1]["ok"], "error" in story.answers[-1]) == (True, False)


def test_the_drill_says_how_long_the_way_back_took(story: Scene) -> None:
    begun(story).passes(timedelta(seconds=7)).deliver()
    found = story.shown()["drill"]
    assert (found["heard"], found["seconds"]) == (True, pytest.approx(7, abs=1))
    assert found["in_words"] in story.timeline()
    assert found["in_words"] in story.notices()
    assert "the way back by alarm works" in found["in_words"]


def test_nothing_is_quarantined_and_nothing_is_left(story: Scene) -> None:
    begun(story).deliver()
    story.ticks(8)
    assert not story.is_quarantined("1")
    assert list(story.versions) == ["1"]
    assert OWN not in story.cloud.cloudwatch.alarms
    assert Milestone.PRUNED in story.deployment().done
    story.drops("v2")
    assert story.phase() is Phase.SHIFTING


def test_its_version_is_deleted_only_after_the_longest_request_that_it_may_have_got(story: Scene) -> None:
    function = story.given_live().cloud.lambda_.functions["checkout"]
    function.latest["Timeout"] = function.versions["1"]["Timeout"] = 900
    story.requests("drill").deliver()
    assert "2" in story.ticks(14).versions
    assert "2" not in story.ticks(3).versions


def test_a_description_that_a_drill_could_not_put_back_is_put_back_by_the_next_one(story: Scene) -> None:
    story.given_live().cloud.lambda_.functions["checkout"].latest["Description"] = "checks out carts"
    story.meanwhile("PublishVersion", lambda: story.down("UpdateFunctionConfiguration")).requests("drill").deliver()
    story.ticks(20)
    assert (story.phase(), description(story)) == (Phase.ROLLED_BACK, "slipway drill checkout:live#1")
    story.up().requests("drill", id="again")
    assert description(story) == "checks out carts"


def test_only_the_description_differs_and_it_is_put_back(story: Scene) -> None:
    story.given_live()
    story.cloud.lambda_.functions["checkout"].latest["Description"] = "checks out carts"
    story.requests("drill")
    function = story.cloud.lambda_.functions["checkout"]
    one, two = function.versions["1"], function.versions["2"]
    differing = {name for name in one.configuration if one.configuration[name] != two.configuration.get(name)}
    assert differing <= {"Description", "Version", "RevisionId", "FunctionArn", "LastModified", "State"}
    assert description(story) == "checks out carts"


def test_it_carries_the_weight_that_was_asked_for(story: Scene) -> None:
    assert begun(story, weight=2.5).routing == split(250)


def test_the_way_back_of_the_last_release_is_kept(story: Scene) -> None:
    story.given_live().drops("v2", strategy={"steps": [], "bake": "1m"}).ticks(8)
    story.requests("drill")
    assert (story.phase(2), story.answer("status")["backup"]) == (Phase.SHIFTING, "2")
    story.deliver()
    story.ticks_now()
    assert (story.phase(2), story.answer("status")["backup"]) == (Phase.ROLLED_BACK, "1")


# -- the alarm is not heard -------------------------------------------------------------------------------------------


def test_a_look_that_reads_the_alarm_does_not_hide_that_its_event_is_lost(story: Scene) -> None:
    begun(story)
    story.cloud.events.clear()
    story.ticks_now()
    assert (story.phase(), story.cloud.cloudwatch.state(OWN)) == (Phase.SHIFTING, "ALARM")
    story.ticks(2)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, split())
    assert "the event of alarm slipway/checkout/live/1 has to bring version 1 back" in story.held_by()
    story.ticks(2)
    assert (story.phase(), story.cause(), story.routing) == (Phase.ROLLED_BACK, Cause.DRILL, STABLE)
    assert story.shown()["drill"]["heard"] is False
    assert any("the way back by alarm does NOT work" in text for text in story.notices())
    assert not story.is_quarantined("1")


def test_an_alarm_that_cannot_be_set_proves_nothing_and_comes_back(story: Scene) -> None:
    story.given_live().down("SetAlarmState").requests("drill")
    story.ticks(5)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert story.because() == f"alarm {OWN} could not be set to ALARM in 3m, so nothing is proved"
    assert story.shown()["drill"]["heard"] is None
    assert not any("does NOT work" in text for text in story.timeline())


def test_an_alarm_that_is_set_late_is_waited_for_and_measured_from_then(story: Scene) -> None:
    story.given_live().down("SetAlarmState").requests("drill")
    story.ticks(1).up().ticks(1)
    story.cloud.events.clear()
    story.ticks(2)
    assert story.phase() is Phase.SHIFTING
    story.passes(timedelta(seconds=5)).tells(story.alarm(OWN, "2"))
    assert story.shown()["drill"]["seconds"] == pytest.approx(125, abs=3)


def test_an_event_that_comes_after_all_changes_nothing(story: Scene) -> None:
    begun(story)
    late = story.cloud.events[-1]
    story.cloud.events.clear()
    story.ticks(5)
    assert story.phase() is Phase.ROLLED_BACK
    story.tells(late)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)


# -- others -----------------------------------------------------------------------------------------------------------


def test_a_person_may_end_it(story: Scene) -> None:
    begun(story).requests("rollback")
    assert (story.phase(), story.cause(), story.routing) == (Phase.ROLLED_BACK, Cause.REQUESTED, STABLE)
    assert not story.is_quarantined("1")
    assert "nothing is proved" in story.shown()["drill"]["in_words"]


def test_a_newer_artifact_takes_its_place(story: Scene) -> None:
    begun(story)
    story.drops("v2")
    assert story.cause(1) is Cause.SUPERSEDED
    assert story.phase(2) is Phase.SHIFTING


@pytest.mark.parametrize("word", ["promote", "next"])
def test_it_cannot_be_promoted(story: Scene, word: str) -> None:
    said = error(begun(story).answer(word))
    assert said == (
        "checkout:live#1 is a drill, which ends by itself; allowed now: rollback, pause, resume, accept_drift"
    )


def test_somebody_elses_move_is_left_alone(story: Scene) -> None:
    begun(story).given_version("9").moves("9")
    story.deliver()
    story.ticks(5)
    assert story.routing == Routing("9")
    story.requests("rollback")
    assert story.routing == STABLE


# -- refused ----------------------------------------------------------------------------------------------------------


def test_it_is_refused_while_a_deployment_is_open(story: Scene) -> None:
    story.given_shifting()
    assert "checkout:live#1 is open, and a drill needs the alias alone" in error(story.answer("drill"))


def test_it_is_refused_if_the_alias_was_moved_since_the_person_looked(story: Scene) -> None:
    assert "was changed since you looked" in error(story.given_live().answer("drill", alias_revision="old"))
    seen = story.cloud.lambda_.functions["checkout"].aliases["live"]["RevisionId"]
    story.requests("drill", alias_revision=seen, who="alice", why="before the sale")
    assert any("by request of alice: before the sale" in line for line in story.timeline())


def test_it_is_refused_without_an_alias_and_over_somebody_elses_weights(story: Scene) -> None:
    story.given_running()
    assert "checkout:live does not exist" in error(story.answer("drill"))
    story.given_live().given_version("2").moves("1", {"2": 0.1})
    assert "a drill needs the alias alone; clear the weights" in error(story.answer("drill"))


def test_it_fails_where_latest_is_not_what_serves(story: Scene) -> None:
    story.given_live()
    story.cloud.lambda_.functions["checkout"].latest["MemorySize"] = 512
    answer = story.answer("drill")
    assert "has other code or settings than version 1" in error(answer)
    assert answer["deployment"]["phase"] == "FAILED"
    assert (description(story), list(story.versions), story.routing) == ("", ["1"], STABLE)


def test_slipway_does_not_drill_itself(story: Scene) -> None:
    story.settings = replace(SETTINGS, function="checkout", version="1")
    assert "Slipway does not drill itself" in error(story.given_live().answer("drill"))


def test_a_drill_named_by_rollback_is_the_version_that_it_went_back_to(story: Scene) -> None:
    begun(story).deliver()
    story.ticks_now()
    assert error(story.answer("rollback", to=1)).startswith("checkout:live is on version 1 already")


def test_a_drills_version_that_a_person_accepts_bakes_like_any_other(story: Scene) -> None:
    begun(story)
    story.cloud.events.clear()
    story.moves("2").ticks(1).requests("accept_drift").ticks(6)
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2"))
    story.ticks(8)
    assert list(story.versions) == ["1", "2"]


def test_under_a_freeze_it_is_refused_unless_a_person_says_so(story: Scene) -> None:
    story.given_live().sends({"request": "freeze", "scope": "all", "who": "alice", "why": "a sale"})
    assert 'wait, or send drill with "freeze": true' in error(story.answer("drill"))
    story.requests("drill", freeze=True)
    assert story.phase() is Phase.SHIFTING
    story.deliver()
    assert story.ticks_now().phase() is Phase.ROLLED_BACK


@pytest.mark.parametrize("more", [{}, {"id": "one"}])
def test_sent_twice_it_drills_once(story: Scene, more: dict[str, Any]) -> None:
    begun(story, **more)
    assert "repeated" in story.answer("drill", **more)
    story.deliver()
    assert "repeated" in story.answer("drill", **more)
    assert len(story.deployments()) == 1
