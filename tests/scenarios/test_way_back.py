"""What a rollback does beside the traffic: nothing before traffic is back, all of it before it ends, and no longer than
it may.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from controller.core.model import Milestone, Phase, Routing
from tests.cloud.faults import Call, Fault
from tests.cloud.scene import Scene

OWN = "slipway/checkout/live/1"
STABLE = Routing("1")
THEIRS = Routing("7")


def in_danger(story: Scene) -> Scene:
    """Its own alarm fires, and nobody has heard of it."""
    story.turns(OWN)
    return story


def is_cleaned_up(story: Scene) -> tuple[bool, bool]:
    """Returns whether the bytes are quarantined, and whether ``$LATEST`` runs the stable ones again."""
    return story.is_quarantined(), story.latest_code == "v1"


def quarantines(call: Call) -> bool:
    return call.operation == "PutItem" and "quarantine#" in str(call.parameters)


@pytest.fixture(params=["shifting", "baking"])
def story(story: Scene, request: pytest.FixtureRequest) -> Scene:
    """In the bake, its own alarm knows by now how often the stable version failed before."""
    story.given_latest_left_as_published()
    return story if request.param == "shifting" else story.ticks(4).requests("promote").ticks(2)


def test_bytes_are_not_quarantined_while_they_serve(story: Scene) -> None:
    """Nothing is done behind an alias that cannot be written: whoever looks would find traffic on refused bytes."""
    in_danger(story).down("UpdateAlias")
    story.ticks(3)
    assert (story.phase(), is_cleaned_up(story)) == (Phase.ROLLING_BACK, (False, False))
    story.up()
    story.ticks()
    assert (story.phase(), story.routing, is_cleaned_up(story)) == (Phase.ROLLED_BACK, STABLE, (True, True))


def test_after_drift_nothing_is_cleaned_up_before_a_person_has_decided(story: Scene) -> None:
    """Whoever moved the alias may be on their way to the canary, or run its code from ``$LATEST``."""
    story.given_version("7")
    in_danger(story).meanwhile("UpdateAlias", lambda: story.moves("7")).ticks(3)
    assert (story.routing, is_cleaned_up(story)) == (THEIRS, (False, False))
    story.requests("rollback").ticks()
    assert (story.phase(), story.routing, is_cleaned_up(story)) == (Phase.ROLLED_BACK, STABLE, (True, True))


def test_a_rollback_is_not_over_before_its_bytes_are_quarantined(story: Scene) -> None:
    in_danger(story).cloud.fail(quarantines, Fault.SERVICE_ERROR, None)
    story.ticks(3)
    assert (story.phase(), story.routing) == (Phase.ROLLING_BACK, STABLE)
    story.up()
    story.ticks()
    assert (story.phase(), is_cleaned_up(story)) == (Phase.ROLLED_BACK, (True, True))


def test_a_rollback_whose_alias_is_taken_before_it_was_seen_back_is_not_over(story: Scene) -> None:
    """The write was answered, and that is all that anybody knows."""
    story.given_version("7")

    def is_taken() -> None:
        story.meanwhile("GetAlias", lambda: story.moves("7"))

    answer = story.meanwhile("UpdateAlias", is_taken).answer("rollback")
    assert "somebody else made the alias carry version 7" in answer["error"]
    story.passes(timedelta(minutes=20)).ticks(2)
    assert (story.phase(), story.routing) == (Phase.ROLLING_BACK, THEIRS)


def test_a_rollback_that_cannot_restore_latest_ends_after_fifteen_minutes_and_says_so(story: Scene) -> None:
    in_danger(story).down("UpdateFunctionCode")
    story.ticks(15)
    assert (story.phase(), story.routing) == (Phase.ROLLING_BACK, STABLE)
    story.ticks(2)
    assert (story.phase(), story.routing, is_cleaned_up(story)) == (Phase.ROLLED_BACK, STABLE, (True, False))
    assert any("given up: cleaning up took too long" in entry.text for entry in story.deployment().timeline)
    assert Milestone.RESTORED not in story.deployment().done


def test_an_alarm_that_comes_again_in_the_rollback_begins_nothing_anew(story: Scene) -> None:
    """Else nobody would ever be told that cleaning up took too long."""
    in_danger(story).down("UpdateFunctionCode")
    for _ in range(17):
        story.ticks()
        story.tells(story.alarm(OWN, "2"))
    assert (story.phase(), story.told().count(Phase.ROLLING_BACK)) == (Phase.ROLLED_BACK, 1)
