"""Whole deployments whose canary is slow, runs into its timeout, or whose alias is throttled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from controller.core.statistics.slow_requests import Measure
from tests.cloud.fault_steps import Fails
from tests.cloud.faults import Fault, Json
from tests.cloud.scene import Scene

SPLIT, STABLE = Routing("1", "2", 1000), Routing("1")
OFF = {"errors": False, "min_invocations": 0}
LATENCY = {**OFF, "latency": {"significance": 0.01, "skip_invocations": 100}}
TIMEOUTS = {**OFF, "timeouts": {"significance": 0.01}}
THROTTLES = {**OFF, "throttles": {"percent": 1, "then": "rollback"}}
SLOWER: Json = {"duration": timedelta(milliseconds=500)}
TIMES_OUT: Json = {"error": "TimeoutError", "fails_after": timedelta(seconds=4)}
HOUR = timedelta(hours=1)


def shifting(story: Scene, gates: Mapping[str, Any], failed: int = 0, **how: Any) -> Scene:
    """Version 2 shifts after an hour with a hundred requests in each minute, and behaves so."""
    story.given_live().given_counts(v1=(900, 0), v2=(100, failed)).behaves("v2", **how).passes(HOUR)
    return story.drops("v2", gates=gates)


def test_a_slower_canary_is_rolled_back_within_minutes_and_its_bytes_stay_out(story: Scene) -> None:
    shifting(story, LATENCY, **SLOWER).ticks(6)
    assert (story.phase(), story.routing, story.cause()) == (Phase.ROLLED_BACK, STABLE, Cause.LATENCY)
    assert "version 2 was slower than 20 ms, the p50 of version 1 before, in " in story.because()
    story.drops("v2-again")
    assert story.cause(2) is Cause.QUARANTINED


def test_a_canary_that_is_as_fast_goes_on(story: Scene) -> None:
    shifting(story, {**LATENCY, **TIMEOUTS}).ticks(16)
    assert story.phase() is Phase.BAKING
    assert {each.measure for each in story.deployment().evidence.slow_requests} == set(Measure)


def test_a_canary_that_is_slow_only_while_it_is_cold_goes_on(story: Scene) -> None:
    gates = {**LATENCY, "latency": {"significance": 0.01, "skip_invocations": 200}}
    shifting(story, gates, **SLOWER).ticks(2).behaves("v2").ticks(14)
    assert story.phase() is Phase.BAKING


def test_a_quiet_hour_before_gives_its_thresholds_later(story: Scene) -> None:
    story.given_live().given_traffic(0).behaves("v2", **SLOWER).passes(HOUR).drops("v2", gates=LATENCY).ticks(3)
    assert (story.phase(), story.deployment().evidence.slow_requests) == (Phase.SHIFTING, ())
    story.given_counts(v1=(900, 0), v2=(100, 0)).ticks(8)
    assert (story.phase(), story.cause()) == (Phase.ROLLED_BACK, Cause.LATENCY)


def test_a_canary_that_runs_into_its_timeout_is_rolled_back(story: Scene) -> None:
    shifting(story, TIMEOUTS, failed=8, **TIMES_OUT).ticks(6)
    assert (story.phase(), story.cause()) == (Phase.ROLLED_BACK, Cause.TIMEOUTS)


@pytest.mark.parametrize("given", [Scene.given_shifting, Scene.given_baking])
def test_throttles_bring_the_stable_version_back_and_the_bytes_may_come_again(given: Any) -> None:
    story = given(Scene(), gates=THROTTLES)
    story.cloud.throttled["checkout", "live"] = 50
    story.ticks(5)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert story.cause() is Cause.THROTTLES
    story.cloud.throttled.clear()
    story.passes(timedelta(minutes=10)).drops("v2-again")
    assert story.phase(2) is Phase.SHIFTING


def test_throttles_may_also_only_hold(story: Scene) -> None:
    story.given_shifting(gates={**OFF, "throttles": {"percent": 1, "then": "hold"}})
    story.cloud.throttled["checkout", "live"] = 50
    story.ticks(20)
    assert story.routing == SPLIT
    assert "throttled in the last 5 minutes" in story.held_by()
    story.cloud.throttled.clear()
    story.ticks(8)
    assert story.routing == Routing("1", "2", 5000)


@pytest.mark.parametrize("gates", [LATENCY, TIMEOUTS, THROTTLES], ids=["latency", "timeouts", "throttles"])
def test_a_cloudwatch_without_metrics_holds_and_after_fifteen_minutes_rolls_back(gates: dict[str, Any]) -> None:
    story = Scene().given_shifting(gates=gates)
    story.down("GetMetricData")
    story.ticks(14)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    story.ticks(2)
    assert story.phase() is Phase.ROLLED_BACK
    assert story.cause() is Cause.ALARMS_UNREADABLE


@pytest.mark.parametrize("ask", [lambda story: story.requests("rollback"), lambda story: story.alarms("queue-age")])
def test_cloudwatch_is_not_asked_before_traffic_is_brought_back(ask: Callable[[Scene], Scene]) -> None:
    gates = {**LATENCY, **TIMEOUTS, **THROTTLES, "alarms": ["queue-age"]}
    story = Scene().given_alarm("queue-age").given_shifting(gates=gates).ticks(2)
    before = len(story.cloud.calls)
    ask(story)
    until_back = story.operations(before)[: story.operations(before).index("UpdateAlias")]
    assert story.routing == STABLE
    assert not [call for call in until_back if call in ("GetMetricData", "DescribeAlarms")]


@pytest.mark.parametrize("how", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_a_crash_at_any_call_costs_time_and_nothing_else(story: Scene, how: Fault) -> None:
    begun = shifting(story, {**LATENCY, **TIMEOUTS}, **SLOWER).ticks(2)
    for number in range(25):
        crashed = begun.copy().play([Fails(number, how)]).ticks(7)
        assert (crashed.phase(), crashed.routing, crashed.violations) == (Phase.ROLLED_BACK, STABLE, []), number
        (first, *_) = crashed.deployment().evidence.slow_requests
        assert first.judgement.canary_invocations == 100 * first.judgement.evidence.minutes, number
