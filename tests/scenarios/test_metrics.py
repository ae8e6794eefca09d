"""A team's own counts judge a release that Lambda has nothing against: web frameworks answer 500 and never fail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from controller.core.statistics.sequential_evidence import Minute
from tests.builders import NOW
from tests.scenarios.story import Story

SERVED = {"namespace": "Checkout", "bad": "ServerErrors", "all": "Requests", "version": "version"}
OWN = {"metrics": [SERVED], "errors": False, "min_invocations": 0}
BOTH = {**OWN, "errors": {"significance": 0.01}}
GOOD, BAD, STABLE_ALONE = Minute(100, 1, 900, 9), Minute(100, 30, 900, 9), Minute(0, 0, 1_000, 10)


def published(
    while_shifting: Minute, baking: Minute = STABLE_ALONE, promoted_after: int = 60
) -> Callable[[datetime], Minute]:
    """Returns what is published: the stable version's for a day, then that of the shift, then that of the bake."""

    def counts(began: datetime) -> Minute:
        minute = (began - NOW).total_seconds() / 60
        return STABLE_ALONE if minute < 0 else while_shifting if minute < promoted_after else baking

    return counts


def shifting(story: Story, while_shifting: Minute, gates: dict[str, Any] = OWN, **manifest: Any) -> Story:
    story.world.traffic, story.world.day_before = Minute(100, 0, 900, 0), (1_000, 0)
    story.world.published = published(while_shifting)
    return story.given_shifting(gates=gates, **manifest)


@pytest.mark.parametrize("gates", [OWN, BOTH], ids=["errors off", "errors on"])
def test_a_version_that_answers_500_is_rolled_back_though_lambda_counts_no_error(
    story: Story, gates: dict[str, Any]
) -> None:
    shifting(story, BAD, gates).ticks(6)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))
    reason = story.deployment().reason
    assert reason and reason.cause is Cause.METRICS
    assert reason.text.startswith("Checkout ServerErrors of Requests: 90 of 117 ServerErrors were version 2's, which")


def test_its_bytes_are_quarantined(story: Story) -> None:
    shifting(story, BAD).ticks(6).drops("v2-again")
    assert story.deployment(2).reason and story.deployment(2).reason.cause is Cause.QUARANTINED


def test_a_version_that_answers_500_as_often_goes_through(story: Story) -> None:
    shifting(story, GOOD, strategy={"steps": [{"weight": 10, "hold": "10m"}], "bake": "10m"})
    story.world.published = published(GOOD, Minute(1_000, 10, 0, 0), promoted_after=10)
    story.ticks(25)
    assert story.phase() is Phase.SUCCEEDED


def test_a_version_that_answers_500_from_the_promotion_on_is_rolled_back_in_the_bake(story: Story) -> None:
    shifting(story, GOOD, strategy={"steps": [{"weight": 10, "hold": "60m"}], "bake": "30m"}).ticks(60)
    story.world.published = published(GOOD, baking=Minute(1_000, 300, 0, 0))
    story.ticks(1)
    assert story.phase() is Phase.BAKING
    story.ticks(9)
    assert (story.phase(), story.deployment().reason and story.deployment().reason.cause) == (
        Phase.ROLLED_BACK,
        Cause.METRICS,
    )


def test_an_outage_of_both_versions_is_no_evidence_against_either(story: Story) -> None:
    shifting(story, Minute(100, 50, 900, 450)).ticks(5)
    assert (story.phase(), story.deployment().step) == (Phase.SHIFTING, 1)


def test_a_metric_without_points_says_nothing(story: Story) -> None:
    story.world.traffic = Minute(100, 0, 900, 0)
    story.given_shifting(gates=BOTH).ticks(5)
    assert story.deployment().step == 1


def test_doubt_about_a_metric_holds_the_step(story: Story) -> None:
    shifting(story, Minute(100, 2, 900, 8)).ticks(5)
    assert (story.deployment().step, story.deployment().doubts) == (0, 1)
    assert "ServerErrors were version 2's" in story.deployment().timeline[-1].text


def test_status_says_what_each_metric_has_shown(story: Story) -> None:
    shifting(story, GOOD).ticks(3)
    (shown,) = story.answer("status")["deployment"]["metrics"]
    assert shown["metric"] == "Checkout ServerErrors of Requests"
    assert shown["shift"]["canary"] == {"Requests": 200, "ServerErrors": 2}
    assert shown["bake"] is None


def test_counts_that_cannot_be_read_hold_the_step(story: Story) -> None:
    shifting(story, GOOD)
    story.world.down.add("metrics")
    story.ticks(5)
    assert story.deployment().step == 0
    assert "cannot be read from CloudWatch" in str(story.answer("status")["deployment"]["held_by"])


def test_with_no_steps_the_bake_alone_judges(story: Story) -> None:
    story.world.traffic, story.world.day_before = Minute(100, 0, 900, 0), (1_000, 0)
    bad_from_now_on = Minute(1_000, 300, 0, 0)
    story.world.published = lambda began: STABLE_ALONE if began < NOW else bad_from_now_on
    story.given_live().drops("v2", strategy={"steps": [], "bake": "30m"}, gates=OWN)
    story.ticks(10)
    assert (story.phase(), story.deployment().reason and story.deployment().reason.cause) == (
        Phase.ROLLED_BACK,
        Cause.METRICS,
    )
