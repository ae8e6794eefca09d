"""Whole deployments over an AWS that is as unkind as the real one: outages, late counts, versions that cannot start.

Each is played over the AWS in memory with the real adapters and the real own alarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from tests.cloud.aws_behaviour import (
    ByVersionWithWeightsOnly,
    CannotStart,
    ComesLater,
    IsSlow,
    LateTicks,
    NothingTrimmed,
    Outage,
    OutageIsOver,
)
from tests.cloud.steps import ROLE, Ask, Behave, Drop, Live, Minutes, Step, Traffic, Until
from tests.cloud.story import Story, asking

PLAIN: Mapping[str, object] = {
    "strategy": {"steps": [{"weight": 10, "hold": "5m"}], "bake": "10m"},
    "gates": {"errors": {"significance": 0.01}},
    "tests": [],
}
"""README's default strategy and gates, and no tests, which is the default, too."""
SLOW: Mapping[str, object] = {
    **PLAIN,
    "strategy": {"steps": [{"weight": 10, "hold": "15m"}], "bake": "30m"},
    "function": {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE, "Timeout": 900},
}
"""Of a function whose requests may take a quarter of an hour."""
TRAFFIC = (2, 10, 60, 600)
BY_VERSION: tuple[tuple[Step, ...], ...] = ((), (ByVersionWithWeightsOnly(),))
"""Both ways to read whether an alias without weights has series by version."""
both_answers = pytest.mark.parametrize("answer", BY_VERSION, ids=["always by version", "by version with weights only"])


# -- what both versions meet ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("late", [(), ("1", 60), ("1", 170), ("2", 60), ("1", 120, 0.6)])
@pytest.mark.parametrize("requests", TRAFFIC)
def test_an_outage_that_hits_both_versions_in_the_shift_brings_nothing_back(
    requests: int, late: tuple[Any, ...]
) -> None:
    later = [ComesLater(*late)] if late else []
    story = Story().play([Live("v1"), Traffic(requests), *later, Minutes(5), Drop("v2", PLAIN)])
    story.play([Minutes(2), Outage(), Minutes(2), OutageIsOver(), Minutes(15)])
    assert story.phase() in (Phase.SHIFTING, Phase.BAKING, Phase.SUCCEEDED), story.in_words()
    assert story.routing and "2" in (story.routing.version, story.routing.canary), story.in_words()


@pytest.mark.parametrize("share", [0.05, 0.3])
def test_errors_of_the_stable_version_that_come_minutes_after_its_requests_are_not_taken_for_none(share: float) -> None:
    story = Story().play([Live("v1"), Traffic(300), Behave("v1", "NotFound", share), Behave("v2", "NotFound", share)])
    points = story.cloud.metrics.points

    def errors_later(metric: Any, grid: Any, until: Any) -> dict[float, float]:
        found = points(metric, grid, until)
        is_late = metric.name == "Errors" and ("ExecutedVersion", "1") in metric.dimensions
        last = story.cloud.clock.now.timestamp() - 600
        return {began: value for began, value in found.items() if not is_late or began + 60 <= last}

    story.cloud.metrics.points = errors_later  # type: ignore[method-assign]
    story.play([Minutes(70), Drop("v2", PLAIN)]).to_the_end()
    assert (story.phase(), story.routing, story.violations) == (Phase.SUCCEEDED, Routing("2"), [])


def test_a_fix_of_a_version_that_cannot_be_started_blames_nobody_and_a_person_may_promote_it() -> None:
    story = Story().play([Live("v1"), CannotStart("v1"), Traffic(60), Minutes(5), Drop("v2", PLAIN), Minutes(10)])
    assert "Lambda may be unable to start version 1; send promote" in story.deployments()[0].timeline[-1].text
    story.play([Ask("promote")]).to_the_end()
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2")), story.in_words()


# -- what comes late --------------------------------------------------------------------------------------------------


@both_answers
@pytest.mark.parametrize("minutes", [1, 2, 4, 10])
@pytest.mark.parametrize("share", [0.1, 0.3])
def test_what_fails_after_minutes_is_brought_back_in_the_shift_or_in_the_bake(
    minutes: int, share: float, answer: tuple[Step, ...]
) -> None:
    failing = IsSlow("v2", fails_after=60 * minutes, share=share)
    story = Story().play([Live("v1"), Traffic(600), *answer, failing, Minutes(5), Drop("v2", SLOW)]).to_the_end()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1")), story.in_words()


@pytest.mark.parametrize("minutes", [2, 5, 10])
def test_what_is_merely_slower_is_promoted(minutes: int) -> None:
    slower = IsSlow("v2", seconds=60 * minutes)
    story = Story().play([Live("v1"), Traffic(600), slower, Minutes(5), Drop("v2", SLOW)]).to_the_end()
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2")), story.in_words()


@pytest.mark.parametrize("late", ["1", "2"])
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_what_fails_is_brought_back_though_one_series_comes_later(late: str, share: float) -> None:
    story = Story().play([Live("v1"), Traffic(600), ComesLater(late, 120), Minutes(5), Drop("v2", PLAIN)])
    story.play([Behave("v2", error="ValueError", share=share), Minutes(12)])
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1")), story.in_words()


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_errors_that_are_no_invocations_are_errors_all_the_same(share: float) -> None:
    """Not documented for a version that fails while it starts."""
    story = Story().play([Live("v1"), Traffic(600), Minutes(5), Drop("v2", PLAIN)])
    story.cloud.lambda_.behave("v2", error="Runtime.ImportModuleError", share=share, is_counted=False)
    story.play([Minutes(45)])
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1")), story.in_words()


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_ticks_that_come_six_hours_late_hide_no_failure(phase: Phase) -> None:
    story = Story().play([Live("v1"), Traffic(600), Minutes(5), Drop("v2", PLAIN), Until(phase), LateTicks(360)])
    assert story.phase() is phase
    story.play([Behave("v2", error="ValueError"), Minutes(6)])
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1")), story.in_words()


# -- the bake ---------------------------------------------------------------------------------------------------------


@both_answers
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_what_fails_in_the_bake_is_brought_back(share: float, answer: tuple[Step, ...]) -> None:
    story = Story().play([Live("v1"), Traffic(600), *answer, Minutes(70), Drop("v2", PLAIN), Until(Phase.BAKING)])
    story.play([Behave("v2", error="ValueError", share=share), Minutes(9)])
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1")), story.in_words()


@both_answers
@pytest.mark.parametrize("share", [0.05, 0.12, 0.4])
def test_a_version_that_fails_as_often_as_the_one_before_is_promoted(share: float, answer: tuple[Step, ...]) -> None:
    alike = [Behave(code, error="NotFound", share=share) for code in ("v1", "v2")]
    story = Story().play([Live("v1"), Traffic(600), *answer, *alike, Minutes(70), Drop("v2", PLAIN)]).to_the_end()
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2")), story.in_words()


@both_answers
def test_a_fix_that_still_fails_now_and_then_is_kept(answer: tuple[Step, ...]) -> None:
    failing = (Behave("v1", error="NotFound", share=0.4), Behave("v2", error="NotFound", share=0.14))
    story = Story().play([Live("v1"), Traffic(600), *answer, *failing, Minutes(70), Drop("v2", PLAIN)]).to_the_end()
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2")), story.in_words()


# -- what cannot start ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("requests", [6, 60, 600])
@pytest.mark.parametrize("error", ["EFSMountTimeoutException", "InvalidZipFileException", "KMSAccessDeniedException"])
def test_a_version_that_lambda_cannot_start_is_taken_back_within_the_hour(error: str, requests: int) -> None:
    story = Story().play([Live("v1"), Traffic(requests), CannotStart("v2", error), Minutes(5), Drop("v2", PLAIN)])
    story.play([Minutes(60)])
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1")), story.in_words()
    assert not [entry.text for entry in story.deployments()[-1].timeline if "bypass" in entry.text]


# -- what cannot be counted -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("requests", [30, 600])
def test_latency_that_cloudwatch_does_not_count_is_blind_and_not_calm(requests: int) -> None:
    gates = {"errors": {"significance": 0.01}, "latency": {"significance": 0.01}}
    story = Story().play([Live("v1"), Traffic(requests), NothingTrimmed(), IsSlow("v2", seconds=2), Minutes(70)])
    story.play([Drop("v2", {**PLAIN, "gates": gates}), Minutes(5)])
    assert story.phase() is Phase.SHIFTING
    story.asks(asking("status"))
    latency = story.answers[-1]["deployment"]["latency"]
    assert latency["p50"]["no_data"] == "CloudWatch has counted no minute of requests over the p50 of both versions yet"
    assert latency["p50"]["minutes"] == 0


def test_a_slower_version_is_found_where_they_are_counted() -> None:
    gates = {"errors": False, "latency": {"significance": 0.01}}
    story = Story().play([Live("v1"), Traffic(600), IsSlow("v2", seconds=2), Minutes(70)])
    story.play([Drop("v2", {**PLAIN, "gates": gates}), Minutes(15)])
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1")), story.in_words()


LATENCY: Mapping[str, object] = {"errors": False, "latency": {"significance": 0.01}}


@pytest.mark.parametrize("seconds", [2, 90, 300])
@pytest.mark.parametrize("timeout", [301, 900])
def test_a_slower_version_is_found_though_its_requests_are_counted_minutes_later(seconds: int, timeout: int) -> None:
    """The shift may be over by then; its last minutes are judged in the bake, which waits for them."""
    story = Story().play([Live("v1"), Traffic(600), IsSlow("v2", seconds=seconds), Minutes(70)])
    function = {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE, "Timeout": timeout}
    story.play([Drop("v2", {**PLAIN, "gates": LATENCY, "function": function}), Minutes(30)])
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1")), story.in_words()
    assert "the p50 of version 1 before" in story.in_words()


def test_a_version_whose_slow_requests_are_less_slow_is_kept() -> None:
    """Its slow requests are counted first: the newest minutes show them beside the stable version's fast ones alone."""
    slow = [IsSlow("v1", fails_after=240, share=0.3), IsSlow("v2", fails_after=2, share=0.3)]
    function = {"Runtime": "python3.13", "Handler": "app.handler", "Role": ROLE, "Timeout": 300}
    story = Story().play([Live("v1")])
    story.cloud.lambda_.functions["checkout"].versions["1"].configuration["Timeout"] = 300
    story.play([Traffic(600), *slow, Minutes(70)])
    story.play([Drop("v2", {**PLAIN, "gates": LATENCY, "function": function})]).to_the_end()
    assert story.cause() is not Cause.LATENCY, story.in_words()


@pytest.mark.parametrize("trims", [(), (NothingTrimmed(),)])
def test_timeouts_are_blind_and_not_calm_where_cloudwatch_does_not_count_them(trims: tuple[Step, ...]) -> None:
    gates = {"errors": False, "timeouts": {"significance": 0.01}}
    story = Story().play([Live("v1"), Traffic(600), *trims, Minutes(70), Drop("v2", {**PLAIN, "gates": gates})])
    story.play([Minutes(6)])
    story.asks(asking("status"))
    assert bool(story.answers[-1]["deployment"]["timeouts"]["minutes"]) is not bool(trims)


# -- all at once ------------------------------------------------------------------------------------------------------

AT_ONCE: Mapping[str, object] = {**PLAIN, "strategy": {"steps": [], "bake": "10m"}}


@both_answers
@pytest.mark.parametrize("requests", [6, 600])
def test_a_version_that_cannot_start_and_has_all_traffic_is_taken_back_within_the_hour(
    requests: int, answer: tuple[Step, ...]
) -> None:
    story = Story().play([Live("v1"), Traffic(requests), *answer, Minutes(70), CannotStart("v2"), Drop("v2", AT_ONCE)])
    story.play([Minutes(15)])
    story.asks(asking("status"))
    assert "unable to start" in story.answers[-1]["deployment"]["held_by"]
    story.play([Minutes(35)])
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1")), story.in_words()
    assert not any(sk.startswith("quarantine#") for _, sk in story.cloud.table.rows)


@both_answers
@pytest.mark.parametrize(("requests", "bake"), [(600, "10m"), (60, "2m"), (600, "1m"), (1, "10m"), (0, "10m")])
def test_a_version_that_starts_and_has_all_traffic_is_promoted(
    requests: int, bake: str, answer: tuple[Step, ...]
) -> None:
    manifest = {**PLAIN, "strategy": {"steps": [], "bake": bake}}
    story = Story().play([Live("v1"), Traffic(requests), *answer, Minutes(70), Drop("v2", manifest), Minutes(16)])
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2")), story.in_words()


# -- errors before their requests -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "gates", [{"errors": {"significance": 0.01}}, {"errors": {"significance": 0.01}, "min_invocations": 0}]
)
@pytest.mark.parametrize("requests", [6, 600])
def test_errors_without_requests_hold_the_step_and_are_not_taken_for_none(
    requests: int, gates: Mapping[str, object]
) -> None:
    story = Story().play([Live("v1"), Traffic(requests), Minutes(5), Drop("v2", {**PLAIN, "gates": gates})])
    story.cloud.lambda_.behave("v2", error="Runtime.ImportModuleError", is_counted=False)
    story.play([Minutes(9)])
    story.asks(asking("status"))
    assert "CloudWatch has more errors than requests in " in story.answers[-1]["deployment"]["held_by"]
    assert story.routing == Routing("1", "2", 1000)
    story.play([Minutes(40)])
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, Routing("1")), story.in_words()


@pytest.mark.parametrize("share", [0.05, 0.4])
def test_errors_whose_requests_come_minutes_later_throw_no_good_version_away(share: float) -> None:
    alike = [Behave(code, error="NotFound", share=share) for code in ("v1", "v2")]
    story = Story().play([Live("v1"), Traffic(600), *alike, Minutes(70), Drop("v2", PLAIN)])
    points = story.cloud.metrics.points

    def requests_come_later(metric: Any, grid: Any, until: Any) -> dict[float, float]:
        found = points(metric, grid, until)
        newest = story.cloud.clock.now.timestamp() - 4 * 60
        is_late = metric.name == "Invocations" and dict(metric.dimensions).get("ExecutedVersion") == "2"
        return {began: value for began, value in found.items() if not is_late or began < newest}

    story.cloud.metrics.points = requests_come_later  # type: ignore[method-assign]
    story.play([Minutes(35)])
    assert (story.phase(), story.routing) == (Phase.SUCCEEDED, Routing("2")), story.in_words()
