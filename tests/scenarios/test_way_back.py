"""What a rollback does beside the traffic: nothing before traffic is back, all of it before it ends, and no longer than
it may.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from controller.core.model import Milestone, Phase, Routing, Transient
from controller.core.model.observation import AlarmState
from tests.builders import CHECKOUT
from tests.scenarios.story import Story

OWN = "slipway/checkout/live/1"
STABLE = Routing("1")
THEIRS = Routing("7")
QUARANTINE = ("checkout:live", "quarantine#sha-v2")


def in_danger(story: Story) -> Story:
    """Its own alarm fires, and nobody has heard of it."""
    story.world.alarms[OWN] = AlarmState.FIRING
    return story


def is_cleaned_up(story: Story) -> tuple[bool, bool]:
    """Returns whether the bytes are quarantined, and whether ``$LATEST`` runs the stable ones again."""
    return QUARANTINE in story.world.items, story.world.functions["checkout"].code == "sha-v1"


def baking(story: Story) -> Story:
    """Its own alarm knows by now how often the stable version failed before."""
    return story.given_baking().ticks(2)


@pytest.fixture(params=[Story.given_shifting, baking])
def story(request: pytest.FixtureRequest) -> Story:
    given: Story = request.param(Story().given_latest_left_as_published())
    return given


def test_bytes_are_not_quarantined_while_they_serve(story: Story) -> None:
    """Nothing is done behind an alias that cannot be written: whoever looks would find traffic on refused bytes."""
    in_danger(story).world.down = {"aliases.route"}
    story.ticks_in_trouble(3)
    assert (story.phase(), is_cleaned_up(story)) == (Phase.ROLLING_BACK, (False, False))
    story.world.forget_faults()
    story.ticks()
    assert (story.phase(), story.routing, is_cleaned_up(story)) == (Phase.ROLLED_BACK, STABLE, (True, True))


def test_after_drift_nothing_is_cleaned_up_before_a_person_has_decided(story: Story) -> None:
    """Whoever moved the alias may be on their way to the canary, or run its code from ``$LATEST``."""
    story.world.functions["checkout"].versions["7"] = "theirs"
    in_danger(story).meanwhile("aliases.route", lambda: story.world.move(CHECKOUT, THEIRS)).ticks(3)
    assert (story.routing, is_cleaned_up(story)) == (THEIRS, (False, False))
    story.asks("rollback").ticks()
    assert (story.phase(), story.routing, is_cleaned_up(story)) == (Phase.ROLLED_BACK, STABLE, (True, True))


def test_a_rollback_is_not_over_before_its_bytes_are_quarantined(story: Story) -> None:
    in_danger(story).world.down = {"store.quarantine"}
    story.ticks_in_trouble(3)
    assert (story.phase(), story.routing) == (Phase.ROLLING_BACK, STABLE)
    story.world.forget_faults()
    story.ticks()
    assert (story.phase(), is_cleaned_up(story)) == (Phase.ROLLED_BACK, (True, True))


def test_a_rollback_whose_alias_is_taken_before_it_was_seen_back_is_not_over(story: Story) -> None:
    """The write was answered, and that is all that anybody knows."""
    story.world.functions["checkout"].versions["7"] = "theirs"

    def is_taken() -> None:
        story.meanwhile("aliases.read", lambda: story.world.move(CHECKOUT, THEIRS))

    story.meanwhile("aliases.route", is_taken).asks("rollback")
    story.passes(timedelta(minutes=20)).ticks(2)
    assert (story.phase(), story.routing) == (Phase.ROLLING_BACK, THEIRS)


def test_a_rollback_that_cannot_restore_latest_ends_after_fifteen_minutes_and_says_so(story: Story) -> None:
    in_danger(story).world.down = {"publishing.restore"}
    story.ticks_in_trouble(15)
    assert (story.phase(), story.routing) == (Phase.ROLLING_BACK, STABLE)
    story.ticks_in_trouble(2)
    assert (story.phase(), story.routing, is_cleaned_up(story)) == (Phase.ROLLED_BACK, STABLE, (True, False))
    assert any("given up: cleaning up took too long" in entry.text for entry in story.deployment().timeline)
    assert Milestone.RESTORED not in story.deployment().done


def test_an_alarm_that_comes_again_in_the_rollback_begins_nothing_anew(story: Story) -> None:
    """Else nobody would ever be told that cleaning up took too long."""
    in_danger(story).world.down = {"publishing.restore"}
    for _ in range(17):
        story.ticks_in_trouble()
        with suppress(Transient):
            story.hears(story.alarm(OWN, "2"))
    assert (story.phase(), story.told().count(Phase.ROLLING_BACK)) == (Phase.ROLLED_BACK, 1)
