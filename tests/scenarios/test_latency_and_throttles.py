"""Whole deployments whose canary is slow, runs into its timeout, or whose alias is throttled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from controller.core.model import Cause, Phase, Routing
from controller.core.model.observation import Throttles
from controller.core.statistics.sequential_evidence import Minute
from controller.core.statistics.slow_requests import Measure
from tests.fakes import Crash
from tests.scenarios.story import Story

SPLIT, STABLE = Routing("1", "2", 1000), Routing("1")
OFF = {"errors": False, "min_invocations": 0}
LATENCY = {**OFF, "latency": {"significance": 0.01, "skip_invocations": 100}}
TIMEOUTS = {**OFF, "timeouts": {"significance": 0.01}}
THROTTLES = {**OFF, "throttles": {"percent": 1, "then": "rollback"}}
SLOW, FAST = Minute(100, 8, 900, 1), Minute(100, 1, 900, 9)


def test_a_slower_canary_is_rolled_back_within_minutes_and_its_bytes_stay_out(story: Story) -> None:
    story.world.pace.minute = SLOW
    story.given_shifting(gates=LATENCY).ticks(5)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    reason = story.deployment().reason
    assert reason and reason.cause is Cause.LATENCY
    assert "version 2 was slower than 240 ms, the p50 of version 1 before, in 8 of 100 (8 %) requests" in reason.text
    story.drops("v2-again")
    assert story.deployment(2).reason and story.deployment(2).reason.cause is Cause.QUARANTINED


def test_a_canary_that_is_as_fast_goes_on(story: Story) -> None:
    story.world.pace.minute = FAST
    story.given_shifting(gates={**LATENCY, **TIMEOUTS}).ticks(16)
    assert story.phase() is Phase.BAKING
    assert {each.measure for each in story.deployment().slowness} == set(Measure)


def test_a_canary_that_is_slow_only_while_it_is_cold_goes_on(story: Story) -> None:
    story.world.pace.minute = SLOW
    story.given_shifting(gates={**LATENCY, "latency": {"significance": 0.01, "skip_invocations": 200}}).ticks(2)
    story.world.pace.minute = FAST
    story.ticks(14)
    assert story.phase() is Phase.BAKING


def test_a_quiet_hour_before_gives_its_yardsticks_later(story: Story) -> None:
    story.world.pace.in_hour, story.world.pace.minute = 19, SLOW
    story.given_shifting(gates=LATENCY).ticks(3)
    assert (story.phase(), story.deployment().slowness) == (Phase.SHIFTING, ())
    story.world.pace.in_hour = 999
    story.ticks(4)
    assert (story.phase(), [each.measure for each in story.deployment().slowness]) == (
        Phase.ROLLED_BACK,
        [Measure.P50],
    )


def test_a_canary_that_runs_into_its_timeout_is_rolled_back(story: Story) -> None:
    story.world.pace.minute = SLOW
    story.given_shifting(gates=TIMEOUTS).ticks(5)
    assert story.phase() is Phase.ROLLED_BACK
    assert story.deployment().reason and story.deployment().reason.cause is Cause.TIMEOUTS


@pytest.mark.parametrize("given", [Story.given_shifting, Story.given_baking])
def test_throttles_bring_the_stable_version_back_and_the_bytes_may_come_again(given: Any) -> None:
    story = given(Story(), gates=THROTTLES)
    story.world.pace.throttles = Throttles(50, 950, 5)
    story.ticks()
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    assert story.deployment().reason and story.deployment().reason.cause is Cause.THROTTLES
    story.world.pace.throttles = Throttles()
    story.drops("v2-again")
    assert story.phase(2) is Phase.SHIFTING


def test_throttles_may_also_only_hold(story: Story) -> None:
    story.given_shifting(gates={**OFF, "throttles": {"percent": 1, "then": "hold"}})
    story.world.pace.throttles = Throttles(50, 950, 5)
    story.ticks(20)
    assert story.routing == SPLIT
    assert "throttled in the last 5 minutes" in story.answer("status")["deployment"]["held_by"]
    story.world.pace.throttles = Throttles(0, 1000, 5)
    story.ticks()
    assert story.routing == Routing("1", "2", 5000)


@pytest.mark.parametrize("gates", [LATENCY, TIMEOUTS, THROTTLES], ids=["latency", "timeouts", "throttles"])
def test_a_cloudwatch_without_metrics_holds_and_after_fifteen_minutes_rolls_back(gates: dict[str, Any]) -> None:
    story = Story().given_shifting(gates=gates)
    story.world.down = {"durations"}
    story.ticks(14)
    assert (story.phase(), story.routing) == (Phase.SHIFTING, SPLIT)
    story.ticks(2)
    assert story.phase() is Phase.ROLLED_BACK
    assert story.deployment().reason and story.deployment().reason.cause is Cause.ALARMS_UNREADABLE


@pytest.mark.parametrize("ask", [lambda story: story.asks("rollback"), lambda story: story.alarms("queue-age", None)])
def test_cloudwatch_is_not_asked_before_traffic_is_brought_back(ask: Callable[[Story], Story]) -> None:
    gates = {**LATENCY, **TIMEOUTS, **THROTTLES, "alarms": ["queue-age"]}
    story = Story().given_alarm("queue-age").given_shifting(gates=gates).ticks(2)
    before = len(story.world.calls)
    ask(story)
    until_back = story.world.calls[before:][: story.world.calls[before:].index("aliases.route")]
    assert story.routing == STABLE
    assert not [call for call in until_back if call.startswith(("durations", "versions"))]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(25))
def test_a_crash_at_any_call_costs_time_and_nothing_else(number: int, moment: str) -> None:
    story = Story()
    story.world.pace.minute = SLOW
    story.given_shifting(gates={**LATENCY, **TIMEOUTS}).ticks(1)
    story.world.crash = (len(story.world.calls) + number, moment)
    for _ in range(4):
        with suppress(Crash):
            story.ticks(1)
    story.world.forget_faults()
    story.ticks(3)
    assert (story.phase(), story.routing) == (Phase.ROLLED_BACK, STABLE)
    (first, *_) = story.deployment().slowness
    assert first.judgement.canary_invocations == 100 * first.judgement.evidence.minutes
