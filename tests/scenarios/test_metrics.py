"""A team's own counts judge a release that Lambda has nothing against: web frameworks answer 500 and never fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.scene import Scene

SERVED = {"namespace": "Checkout", "bad": "ServerErrors", "all": "Requests", "version": "version"}
OWN = {"metrics": [SERVED], "errors": False, "min_invocations": 0}
BOTH = {**OWN, "errors": {"significance": 0.01}}
GOOD, BAD = {"v1": (900, 9), "v2": (100, 1)}, {"v1": (900, 9), "v2": (100, 30)}


def shifting(
    story: Scene, published: Mapping[str, tuple[int, int]], gates: Mapping[str, Any] = OWN, **manifest: Any
) -> Scene:
    """Version 2 shifts after a day; no request fails, and of a hundred of version 1 one is bad."""
    story.given_day(100, bad=1).given_counts(v1=(900, 0), v2=(100, 0)).given_published(**published)
    return story.given_shifting(gates=gates, **manifest)


@pytest.mark.parametrize("gates", [OWN, BOTH], ids=["errors off", "errors on"])
def test_a_version_that_answers_500_is_rolled_back_though_lambda_counts_no_error(
    story: Scene, gates: dict[str, Any]
) -> None:
    shifting(story, BAD, gates).ticks(6)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1"))
    reason = story.deployment().reason
    assert reason and reason.cause is Cause.METRICS
    assert reason.text.startswith("Checkout ServerErrors of Requests: 90 of 117 ServerErrors were version 2's, which")


def test_its_bytes_are_quarantined(story: Scene) -> None:
    shifting(story, BAD).ticks(6).drops("v2-again")
    assert story.cause(2) is Cause.QUARANTINED


def test_a_version_that_answers_500_as_often_goes_through(story: Scene) -> None:
    shifting(story, GOOD, strategy={"steps": [{"weight": 10, "hold": "10m"}], "bake": "10m"})
    story.ticks(25)
    assert story.phase() is Phase.SUCCEEDED


def test_a_version_that_answers_500_from_the_promotion_on_is_rolled_back_in_the_bake(story: Scene) -> None:
    shifting(story, GOOD, strategy={"steps": [{"weight": 10, "hold": "60m"}], "bake": "30m"}).ticks(60)
    assert story.phase() is Phase.BAKING
    story.given_published(v2=(1_000, 300))
    story.ticks(9)
    assert (story.phase(), story.cause()) == (
        Phase.ROLLED_BACK,
        Cause.METRICS,
    )


def test_an_outage_of_both_versions_is_no_evidence_against_either(story: Scene) -> None:
    shifting(story, {"v1": (900, 450), "v2": (100, 50)}).ticks(5)
    assert (story.phase(), story.deployment().traffic.step) == (Phase.SHIFTING, 1)


def test_a_metric_without_points_says_nothing(story: Scene) -> None:
    story.given_counts(v1=(900, 0), v2=(100, 0)).given_shifting(gates=BOTH).ticks(5)
    assert story.deployment().traffic.step == 1


def test_doubt_about_a_metric_holds_the_step(story: Scene) -> None:
    shifting(story, {"v1": (900, 8), "v2": (100, 2)}).ticks(5)
    assert (story.deployment().traffic.step, story.deployment().hold.doubts) == (0, 1)
    assert "ServerErrors were version 2's" in story.deployment().timeline[-1].text


def test_status_says_what_each_metric_has_shown(story: Scene) -> None:
    shifting(story, GOOD).ticks(3)
    (shown,) = story.shown()["metrics"]
    assert shown["metric"] == "Checkout ServerErrors of Requests"
    assert shown["shift"]["canary"] == {"Requests": 200, "ServerErrors": 2, "in_words": "2 of 200 (1 %)"}
    assert shown["bake"] is None


def test_counts_that_cannot_be_read_hold_the_step(story: Scene) -> None:
    shifting(story, GOOD)
    story.down("GetMetricData")
    story.ticks(5)
    assert story.deployment().traffic.step == 0
    assert "cannot be read from CloudWatch" in story.held_by()


def test_with_no_steps_the_bake_alone_judges(story: Scene) -> None:
    story.given_day(100, bad=1).given_counts(v1=(1_000, 0), v2=(1_000, 0)).given_published(v2=(1_000, 300))
    story.given_live().drops("v2", strategy={"steps": [], "bake": "30m"}, gates=OWN)
    story.ticks(10)
    assert (story.phase(), story.cause()) == (
        Phase.ROLLED_BACK,
        Cause.METRICS,
    )
