"""Whole deployments whose new version stops being reached once it has all traffic: Lambda counts nothing of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.aws_behaviour import ByVersionWithWeightsOnly, CannotStart, IsSlow
from tests.cloud.fault_steps import Down
from tests.cloud.steps import Behave, Drop, Live, Minutes, Step, Traffic, Until
from tests.cloud.story import Story, asking

OFF: Mapping[str, object] = {"errors": False}
NOTHING_ASKED: Mapping[str, object] = {"errors": False, "min_invocations": 0}
ON: Mapping[str, object] = {"errors": {"significance": 0.01}}
ONE_STEP = [{"weight": 10, "hold": "5m"}]
BACK, DONE = (Phase.ROLLED_BACK, Routing("1")), (Phase.SUCCEEDED, Routing("2"))
BY_VERSION: tuple[tuple[Step, ...], ...] = ((), (ByVersionWithWeightsOnly(),))
both_answers = pytest.mark.parametrize("answer", BY_VERSION, ids=["always by version", "by version with weights only"])
every_gate = pytest.mark.parametrize("gates", [ON, OFF, NOTHING_ASKED], ids=["errors", "no errors", "nothing"])


def serving(requests: int, *more: Step, minutes: int = 70) -> Story:
    return Story().play([Live("v1"), Traffic(requests), *more, Minutes(minutes)])


def manifest(gates: Mapping[str, object], steps: Any = (), bake: str = "10m") -> Mapping[str, object]:
    return {"strategy": {"steps": list(steps), "bake": bake}, "gates": gates, "tests": []}


def ended(story: Story) -> tuple[Phase | None, Routing | None]:
    return story.phase(), story.routing


def held_by(story: Story) -> str:
    story.asks(asking("status"))
    told: Any = story.answers[-1]["deployment"]
    return str(told["held_by"])


@both_answers
@every_gate
@pytest.mark.parametrize(("requests", "bake"), [(6, "1m"), (600, "10m")])
def test_a_version_that_cannot_start_and_has_all_traffic_at_once_is_taken_back(
    requests: int, bake: str, gates: Mapping[str, object], answer: tuple[Step, ...]
) -> None:
    story = serving(requests, *answer).play([CannotStart("v2"), Drop("v2", manifest(gates, bake=bake)), Minutes(15)])
    assert "no request has reached version 2 for 1" in held_by(story)
    story.play([Minutes(35)])
    assert (ended(story), story.cause()) == (BACK, Cause.NO_TRAFFIC), story.in_words()
    assert not any(sk.startswith("quarantine#") for _, sk in story.cloud.table.rows)


@both_answers
@every_gate
@pytest.mark.parametrize("after", [0, 5])
@pytest.mark.parametrize(("requests", "steps"), [(6, ONE_STEP), (600, [])], ids=["in a step", "at once"])
def test_a_version_that_stops_starting_in_the_bake_is_held_and_taken_back(
    requests: int, steps: Any, after: int, gates: Mapping[str, object], answer: tuple[Step, ...]
) -> None:
    story = serving(requests, *answer).play([Drop("v2", manifest(gates, steps)), Until(Phase.BAKING), Minutes(after)])
    story.play([CannotStart("v2"), Minutes(14)])
    assert "Lambda may be unable to start it" in held_by(story)
    story.play([Minutes(35)])
    assert (ended(story), story.cause()) == (BACK, Cause.NO_TRAFFIC), story.in_words()


@pytest.mark.parametrize("minutes", [10, 30])
def test_one_that_starts_again_goes_on(minutes: int) -> None:
    story = serving(60).play([Drop("v2", manifest(OFF)), Until(Phase.BAKING), Minutes(2), CannotStart("v2")])
    story.play([Minutes(minutes), Behave("v2"), Minutes(8)])
    assert ended(story) == DONE, story.in_words()


def test_where_the_bake_is_looked_at_anyway_the_silence_ends_it_before_its_time() -> None:
    """In a bake of six hours all callers would fail for six hours."""
    story = serving(60).play([Drop("v2", manifest(ON, bake="6h")), Until(Phase.BAKING), Minutes(20), CannotStart("v2")])
    story.play([Minutes(40)])
    assert ended(story) == BACK, story.in_words()


@pytest.mark.parametrize("gates", [ON, OFF])
def test_callers_who_had_gone_before_the_promotion_hold_nothing(gates: Mapping[str, object]) -> None:
    """The stable version served nobody then, either."""
    story = serving(60).play([Drop("v2", manifest(gates, [{"weight": 50, "hold": "10m"}])), Minutes(4), Traffic(0)])
    assert (story.to_the_end().phase(), story.routing) == DONE, story.in_words()


@pytest.mark.parametrize("gates", [ON, OFF])
def test_a_job_that_runs_once_an_hour_is_not_missed(gates: Mapping[str, object]) -> None:
    once_an_hour = [Traffic(300), Minutes(6), Traffic(0), Minutes(54)]
    story = serving(0).play([*once_an_hour, *once_an_hour, Traffic(300), Minutes(5), Drop("v2", manifest(gates))])
    story.play([Minutes(1), Traffic(0), Minutes(15)])
    assert ended(story) == DONE, story.in_words()


@pytest.mark.parametrize("seconds", [90, 300])
def test_requests_that_take_long_are_waited_for_and_not_missed(seconds: int) -> None:
    """They are counted when they have ended, so the newest minutes are always empty."""
    story = serving(60, IsSlow("v1", seconds=seconds), IsSlow("v2", seconds=seconds))
    for latest in story.cloud.lambda_.functions["checkout"].versions.values():
        latest.configuration["Timeout"] = 900
    timeout = {"function": {"Timeout": 900}}
    story.play([Drop("v2", {**manifest(OFF), **timeout}), Minutes(22)])
    assert ended(story) == DONE, story.in_words()


def test_a_cloudwatch_that_does_not_answer_is_no_silence() -> None:
    story = serving(60).play([Drop("v2", manifest(OFF)), Until(Phase.BAKING), Down("cloudwatch", 12), Minutes(30)])
    assert ended(story) == DONE, story.in_words()


def test_the_manifest_may_promote_it_all_the_same_and_the_record_says_so() -> None:
    goes_on = {**OFF, "no_traffic": {"wait": "10m", "then": "promote"}}
    story = serving(60).play([CannotStart("v2"), Drop("v2", manifest(goes_on)), Minutes(40)])
    assert ended(story) == DONE
    assert any("no request has reached version 2" in entry.text for entry in story.deployments()[-1].timeline)
