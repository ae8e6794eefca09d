"""Latency, timeouts and throttles by transition: what is asked, what is noted, what rolls back and what holds."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from controller.core.gates import latency, order
from controller.core.lifecycle.due import due_at
from controller.core.lifecycle.plan import emergency
from controller.core.lifecycle.quarantine import quarantines
from controller.core.lifecycle.state_machine import transition
from controller.core.model import Cause, Deployment, Phase, Routing
from controller.core.model.events import PromoteRequested, Tick
from controller.core.model.observation import AlarmState, DurationMetrics, Observation, Throttles
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.slow_requests import Measure, SlowRequests, timeouts
from tests.builders import NOW, ROUTINGS, after, changed, confirmed, deployment, manifest, seen, slow_requests

QUIET = {"slipway/checkout/live/42": AlarmState.OK}
OFF = {"errors": False, "min_invocations": 0}
LATENCY = manifest(gates={**OFF, "latency": {"significance": 0.01, "skip_invocations": 0}})
TIMEOUTS = manifest(gates={**OFF, "timeouts": {"significance": 0.01}})
ROLLS_BACK = manifest(gates={**OFF, "throttles": {"percent": 1, "then": "rollback"}})
HOLDS = manifest(gates={**OFF, "throttles": {"percent": 1, "then": "hold"}})
BOTH = (slow_requests(Measure.P50, over=80), slow_requests(Measure.P99))
SLOW = Minute(100, 8, 900, 1)
FAST = Minute(100, 1, 900, 9)
BUSY = DurationMetrics(throttles=Throttles(11, 989, 5))
CALM = DurationMetrics(throttles=Throttles(10, 990, 5))


def shifting(**changes: Any) -> Deployment:
    return confirmed(Phase.SHIFTING, **{"manifest": LATENCY, "slow_requests": BOTH, **changes})


def view(of: DurationMetrics | None, phase: Phase = Phase.SHIFTING) -> Observation:
    return seen(ROUTINGS[phase], alarms=QUIET, durations=of)


def counted(measure: Measure, *minutes: Minute, first: int = 0) -> DurationMetrics:
    began = (CountedMinute(after(minutes=first + place), each) for place, each in enumerate(minutes))
    return DurationMetrics(minutes={measure: tuple(began)})


def looked(before: Deployment, found: DurationMetrics | None, now: datetime | None = None) -> Deployment:
    return transition(before, Tick(), view(found, before.phase), now or after(minutes=3))


# -- what is asked ----------------------------------------------------------------------------------------------------


def test_cloudwatch_is_not_asked_where_all_three_gates_are_off() -> None:
    bare = confirmed(Phase.SHIFTING)
    assert latency.question(bare, NOW) is None
    assert not latency.watches(bare)


def test_a_measure_without_a_threshold_gets_one_and_the_others_are_counted() -> None:
    everything = manifest(gates={**OFF, "latency": {"significance": 0.01}, "timeouts": {"significance": 0.01}})
    found = latency.question(shifting(manifest=everything, slow_requests=(BOTH[1],)), NOW)
    assert found == latency.Question("3", "2", (Measure.P50, Measure.TIMEOUTS), (BOTH[1],), None)


def test_nothing_is_asked_before_the_alias_was_seen_to_carry_the_step() -> None:
    assert latency.question(changed(shifting(), confirmed_at=None), NOW) is None


@pytest.mark.parametrize("watched", [LATENCY, TIMEOUTS])
def test_slow_requests_are_judged_only_while_both_versions_serve(watched: Any) -> None:
    baking = confirmed(Phase.BAKING, manifest=watched, slow_requests=BOTH)
    assert latency.question(baking, NOW) is None
    assert looked(baking, counted(Measure.P99, *[SLOW] * 9)).evidence.slow_requests == BOTH


def test_throttles_are_counted_in_the_bake_too() -> None:
    for phase in (Phase.SHIFTING, Phase.BAKING):
        found = latency.question(confirmed(phase, manifest=HOLDS), after(minutes=3))
        assert found and found.throttles_since == NOW


def test_throttles_of_long_ago_are_not_asked_for() -> None:
    found = latency.question(confirmed(Phase.BAKING, manifest=HOLDS), after(minutes=30))
    assert found and found.throttles_since == after(minutes=23)


def test_a_first_deployment_has_nothing_to_go_back_to() -> None:
    first = confirmed(Phase.BAKING, manifest=ROLLS_BACK, stable=None)
    assert not latency.watches(first)
    assert latency.question(first, NOW) is None
    assert looked(first, DurationMetrics()).phase is Phase.BAKING


@pytest.mark.parametrize("watched", [LATENCY, TIMEOUTS, HOLDS, ROLLS_BACK])
def test_slow_requests_are_looked_at_in_every_tick(watched: Any) -> None:
    assert due_at(confirmed(Phase.SHIFTING, manifest=watched), NOW) == NOW


def test_in_the_bake_only_throttles_are() -> None:
    assert due_at(confirmed(Phase.BAKING, manifest=HOLDS), NOW) == NOW
    assert due_at(confirmed(Phase.BAKING, manifest=LATENCY), NOW) == after(minutes=30)


# -- what is noted ----------------------------------------------------------------------------------------------------


def test_a_threshold_is_set_once() -> None:
    """One that moved with what it judges would prove nothing."""
    fresh, later = slow_requests(Measure.P99, over=300).threshold, slow_requests(Measure.P99, over=999).threshold
    once = looked(shifting(slow_requests=()), DurationMetrics(thresholds=(fresh,)), after(minutes=1))
    assert once.evidence.slow_requests == (SlowRequests(fresh, after(minutes=1), (NOW,)),)
    assert looked(once, DurationMetrics(thresholds=(later,))).evidence.slow_requests == once.evidence.slow_requests


def test_minutes_are_judged_from_look_to_look_and_from_step_to_step() -> None:
    once = looked(shifting(), counted(Measure.P99, Minute(100, 2, 900, 1)))
    assert once.phase is Phase.SHIFTING
    next_step = changed(once, step=1, confirmed_at=after(minutes=6), expected_routings=(Routing("2", "3", 5000),))
    again = transition(
        next_step,
        Tick(),
        seen(Routing("2", "3", 5000), alarms=QUIET, durations=counted(Measure.P99, Minute(100, 5, 900, 0), first=1)),
        after(minutes=7),
    )
    assert again.phase is Phase.ROLLING_BACK


def test_only_latency_leaves_first_requests_out() -> None:
    both = manifest(
        gates={
            **OFF,
            "latency": {"significance": 0.01, "skip_invocations": 1000},
            "timeouts": {"significance": 0.01},
        }
    )
    watched = (slow_requests(Measure.P50), slow_requests(Measure.TIMEOUTS))
    minutes = tuple(CountedMinute(after(minutes=each), FAST) for each in range(3))
    found = looked(
        shifting(manifest=both, slow_requests=watched), DurationMetrics(minutes=dict.fromkeys(Measure, minutes))
    ).evidence.slow_requests
    assert [(each.skipped, each.judgement.evidence.minutes) for each in found] == [(300, 0), (0, 3)]


def test_a_look_without_anything_new_changes_nothing() -> None:
    before = shifting()
    assert looked(before, DurationMetrics()) == before


# -- what rolls back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", [Measure.P50, Measure.P99])
def test_a_slower_canary_is_rolled_back_with_the_counts(measure: Measure) -> None:
    back = looked(shifting(), counted(measure, SLOW, SLOW))
    assert back.phase is Phase.ROLLING_BACK
    assert back.reason and back.reason.cause is Cause.LATENCY
    assert f"the {measure.value} of version 2 before, in 16 of 200 (8 %) requests" in back.reason.text
    assert quarantines(back)


def test_a_canary_that_runs_into_its_timeout_is_rolled_back() -> None:
    watched = (SlowRequests(timeouts(timedelta(seconds=3), timedelta(seconds=3)), NOW, (NOW,)),)
    back = looked(shifting(manifest=TIMEOUTS, slow_requests=watched), counted(Measure.TIMEOUTS, SLOW, SLOW))
    assert back.reason and back.reason.cause is Cause.TIMEOUTS
    assert "version 3 ran into its timeout in 16 of 200 (8 %) requests" in back.reason.text
    assert quarantines(back)


@pytest.mark.parametrize("measure", [Measure.P50, Measure.P99])
def test_a_canary_that_is_as_fast_stays(measure: Measure) -> None:
    assert looked(shifting(), counted(measure, *[FAST] * 30)).phase is Phase.SHIFTING


def test_each_percentile_has_half_of_the_significance() -> None:
    """Two looks at the same requests are wrong twice as often as one."""
    assert latency.significance_of(shifting(), Measure.P50) == latency.significance_of(shifting(), Measure.P99) == 0.005
    assert latency.significance_of(shifting(manifest=TIMEOUTS), Measure.TIMEOUTS) == 0.01
    counts = (Minute(200, ours, 1800, theirs) for ours in range(20) for theirs in range(20))
    seen_so_far = (slow_requests(Measure.P99).after([CountedMinute(NOW, each)], skip=0) for each in counts)
    enough = (each for each in seen_so_far if each.judgement.is_worse(0.01))
    between = next(each for each in enough if not each.judgement.is_worse(0.005))
    assert looked(shifting(slow_requests=(between,)), DurationMetrics()).phase is Phase.SHIFTING


def test_a_slow_canary_is_frozen_where_the_manifest_says_so() -> None:
    gates_of = {**OFF, "latency": {"significance": 0.01, "skip_invocations": 0}}
    found = looked(shifting(manifest=manifest(gates=gates_of, on_failure="freeze")), counted(Measure.P99, SLOW, SLOW))
    assert (found.phase, found.hold.paused) == (Phase.SHIFTING, True)
    assert found.hold.frozen and found.hold.frozen.cause is Cause.LATENCY


def test_danger_beats_a_promotion() -> None:
    proved = counted(Measure.P99, SLOW, SLOW)
    before = latency.note(shifting(), view(proved), after(minutes=3))
    assert transition(before, PromoteRequested(), view(DurationMetrics()), after(minutes=3)).phase is Phase.ROLLING_BACK


def test_a_measure_whose_gate_is_off_rolls_nothing_back() -> None:
    proved = tuple(each.after([CountedMinute(NOW, SLOW), CountedMinute(after(minutes=1), SLOW)], 0) for each in BOTH)
    assert (
        looked(confirmed(Phase.SHIFTING, manifest=TIMEOUTS, slow_requests=proved), DurationMetrics()).phase
        is Phase.SHIFTING
    )


def test_evidence_that_a_person_promoted_over_does_not_roll_back_in_the_bake() -> None:
    proved = tuple(each.after([CountedMinute(NOW, SLOW), CountedMinute(after(minutes=1), SLOW)], 0) for each in BOTH)
    assert (
        looked(confirmed(Phase.BAKING, manifest=LATENCY, slow_requests=proved), DurationMetrics()).phase is Phase.BAKING
    )


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_throttles_roll_back_and_speak_against_nobodys_bytes(phase: Phase) -> None:
    before = confirmed(phase, manifest=ROLLS_BACK)
    back = looked(before, BUSY)
    assert back.phase is Phase.ROLLING_BACK
    assert back.reason and back.reason.cause is Cause.THROTTLES
    assert back.reason.text == (
        "11 of 1,000 requests (1.1 %) for checkout:live were throttled in the last 5 minutes, allowed: 1%;"
        " both versions share that limit"
    )
    assert not quarantines(back)
    assert emergency(back, view(BUSY)) == ()
    assert looked(before, CALM).phase is phase


def test_one_throttle_is_the_least_that_counts() -> None:
    assert not Throttles(0, 1000, 5).is_over(0)
    assert not Throttles().is_over(0)
    assert Throttles(1, 1_000_000, 5).is_over(0)
    assert Throttles(3, 0, 1).is_over(9_999)


# -- what holds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", [Phase.SHIFTING, Phase.BAKING])
def test_throttles_hold_where_the_manifest_says_so(phase: Phase) -> None:
    before, over = confirmed(phase, manifest=HOLDS), after(hours=1)
    held = looked(before, BUSY, over)
    assert (held.phase, held.traffic.step, held.traffic.closing) == (phase, 0, False)
    assert (order.holding(held, view(BUSY, phase), over) or "").startswith("11 of 1,000 requests (1.1 %)")
    gone_on = looked(held, CALM, over)
    assert (gone_on.traffic.step, gone_on.traffic.closing) != (0, False)


@pytest.mark.parametrize("watched", [LATENCY, TIMEOUTS, HOLDS, ROLLS_BACK])
def test_unreadable_metrics_hold_for_a_while_and_then_the_policy_decides(watched: Any) -> None:
    held = looked(shifting(manifest=watched), None, after(minutes=5))
    assert (held.traffic.step, held.evidence.unreadable_since) == (0, after(minutes=5))
    assert order.holding(held, view(None), after(minutes=5)) == latency.UNREADABLE
    back = looked(held, None, after(minutes=20))
    assert back.reason and back.reason.cause is Cause.ALARMS_UNREADABLE


def test_a_percentile_that_cannot_be_used_yet_holds_nothing() -> None:
    assert looked(shifting(slow_requests=()), DurationMetrics(), after(minutes=5)).traffic.step == 1


def test_before_traffic_nothing_of_it_holds() -> None:
    waiting = deployment(Phase.TESTING, manifest=HOLDS)
    assert order.holding(waiting, seen(Routing("2"), alarms=QUIET, durations=BUSY), NOW) is None
