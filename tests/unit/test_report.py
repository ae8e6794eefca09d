"""What a person is told of a deployment, as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from controller.core.lifecycle.repeated_requests import mark, noted
from controller.core.model import Cause, Deployment, Entry, Person, Phase, Reason, Routing, TestOutcome
from controller.core.model.observation import AlarmState, DurationMetrics, Throttles
from controller.core.report import full, glance, held_by, requests, routing, short
from controller.core.statistics.sequential_evidence import CountedMinute, Minute
from controller.core.statistics.slow_requests import Measure, timeouts
from tests.builders import NOW, ROUTINGS, after, changed, confirmed, deployment, manifest, seen, slow_requests

SPLIT = ROUTINGS[Phase.SHIFTING]
QUIET = {"checkout-p99": AlarmState.OK, "slipway/checkout/live/42": AlarmState.INSUFFICIENT_DATA}


UNSEEN = glance(deployment(), QUIET, ())


def test_a_deployment_in_short_says_what_is_deployed_where_and_why() -> None:
    failed = deployment(
        Phase.FAILED, reason=Reason(Cause.TEST_FAILED, "test 'ping' failed"), person=Person("alice", "release 1.4")
    )
    assert short(failed, UNSEEN, NOW) == {
        "deployment": "checkout:live#42",
        "phase": "FAILED",
        "since": "2026-11-24T10:00:00+00:00",
        "opened": "2026-11-24T10:00:00+00:00",
        "artifact": "checkout/3.zip",
        "artifact_version": "v3",
        "sha256": "sha-3",
        "stable": "2",
        "canary": "3",
        "share": None,
        "step": None,
        "held_by": None,
        "until": None,
        "modes": [],
        "firing": [],
        "reason": "test 'ping' failed",
        "cause": "test_failed",
        "who": "alice",
        "why": "release 1.4",
        "ended": "2026-11-24T10:00:00+00:00",
        "seconds_to_restore": None,
    }


@pytest.mark.parametrize(
    ("phase", "share"),
    [(Phase.TESTING, 0), (Phase.SHIFTING, 10), (Phase.BAKING, 100), (Phase.ROLLING_BACK, 0), (Phase.SUCCEEDED, None)],
)
def test_the_share_is_what_the_canary_should_have(phase: Phase, share: float | None) -> None:
    assert short(confirmed(phase) if phase in ROUTINGS else deployment(phase), UNSEEN, NOW)["share"] == share


def test_the_alarms_that_fire_are_named() -> None:
    firing = {**QUIET, "checkout-p99": AlarmState.FIRING}
    assert short(confirmed(Phase.SHIFTING), glance(deployment(), firing, ()), NOW)["firing"] == ["checkout-p99"]


def test_a_step_is_held_until_its_hold_is_over() -> None:
    told = short(confirmed(Phase.SHIFTING), UNSEEN, after(minutes=1))
    assert (told["held_by"], told["until"]) == ("hold for another 4m", "2026-11-24T10:05:00+00:00")


def test_a_quiet_step_is_held_until_it_goes_back() -> None:
    quiet = confirmed(Phase.SHIFTING, manifest=manifest(gates={"errors": False}))
    told = short(quiet, glance(quiet, QUIET, ()), after(minutes=7))
    assert told["until"] == "2026-11-24T10:35:00+00:00"
    assert str(told["held_by"]).endswith(
        "; without enough of them by 2026-11-24T10:35:00+00:00 gates.no_traffic says rollback"
    )


def test_the_seconds_to_restore_count_from_the_alarm_and_else_from_the_decision() -> None:
    back = changed(deployment(Phase.ROLLED_BACK), turned_back_at=after(seconds=10), back_at=after(seconds=14.24))
    assert short(back, UNSEEN, NOW)["seconds_to_restore"] == 4.2
    assert short(changed(back, alarmed_at=after(seconds=9)), UNSEEN, NOW)["seconds_to_restore"] == 5.2


def test_each_request_that_changed_the_deployment_says_who_and_why() -> None:
    payload = {"request": "pause", "function": "checkout"}
    paused = noted(deployment(), mark(payload), NOW, Person("alice", "load test"))
    assert requests(paused) == [
        {"at": "2026-11-24T10:00:00+00:00", "request": "pause", "who": "alice", "why": "load test"}
    ]


def test_a_deployment_that_goes_well_has_no_reason() -> None:
    found = short(deployment(), UNSEEN, NOW)
    assert (found["reason"], found["cause"], found["stable"], found["canary"]) == (None, None, None, None)


def test_a_step_is_reported_in_full() -> None:
    shifting = confirmed(
        Phase.SHIFTING,
        newer=43,
        tests=(TestOutcome("ping", passed=True, seconds=0.1234, runs=5),),
        timeline=(Entry(NOW, "accepted"),),
        disarmed=frozenset({"b", "a"}),
    )
    found = full(shifting, seen(SPLIT, alarms=QUIET), after(minutes=1))
    assert found == {
        **short(shifting, seen(SPLIT, alarms=QUIET), after(minutes=1)),
        "requests": [],
        "queued": False,
        "newer": 43,
        "paused": False,
        "modes": [],
        "drill": None,
        "wanted": {"version": "2", "weights": {"3": "10%"}},
        "alias": {"version": "2", "weights": {"3": "10%"}},
        "alias_revision": "revision-1",
        "steps": [
            {"weight": 10.0, "hold_seconds": 300.0, "approval": False},
            {"weight": 50.0, "hold_seconds": 600.0, "approval": False},
        ],
        "allowed": ["promote", "next", "rollback", "pause", "resume", "accept_drift"],
        "alarms": {"checkout-p99": "OK", "slipway/checkout/live/42": "INSUFFICIENT_DATA"},
        "disarmed": ["a", "b"],
        "overridden": [],
        "approval": None,
        "errors": None,
        "errors_in_bake": None,
        "metrics": [],
        "alarms_without_data": ["slipway/checkout/live/42"],
        "hooks": [],
        "tests": [{"name": "ping", "passed": True, "runs": 5, "slowest_seconds": 0.123, "why": ""}],
        "latency": None,
        "timeouts": None,
        "throttles": None,
        "deadline": "2026-11-25T10:00:00+00:00",
        "timeline": [{"at": "2026-11-24T10:00:00+00:00", "text": "accepted"}],
    }


@pytest.mark.parametrize(
    ("before", "allowed"),
    [
        (deployment(Phase.PREPARING), ["rollback", "pause", "resume"]),
        (deployment(queued=True), []),
        (confirmed(Phase.BAKING), ["promote", "rollback", "pause", "resume", "accept_drift"]),
        (confirmed(Phase.ROLLING_BACK), ["rollback", "accept_drift"]),
        (deployment(Phase.SUCCEEDED), []),
    ],
    ids=str,
)
def test_what_can_be_asked_now_is_said(before: Deployment, allowed: list[str]) -> None:
    assert full(before, seen(SPLIT, alarms=QUIET), NOW)["allowed"] == allowed


def test_the_first_deployment_has_no_steps_and_no_way_back() -> None:
    first = confirmed(Phase.BAKING, stable=None, preflighted=True)
    found = full(first, seen(None, alarms=QUIET), NOW)
    assert found["steps"] == []
    assert "rollback" not in found["allowed"]


def test_the_latency_gate_says_what_it_has_seen_and_for_what_it_has_no_data() -> None:
    judged = slow_requests(Measure.P50, over=80.5).after([CountedMinute(NOW, Minute(100, 3, 900, 1))], skip=0)
    watched = manifest(gates={"latency": {"significance": 0.01}})
    found = full(confirmed(Phase.SHIFTING, slow_requests=(judged,), manifest=watched), seen(SPLIT, alarms=QUIET), NOW)
    assert found["latency"] == {
        "p50": {
            "over_ms": 80.5,
            "left_out": 0,
            "minutes": 1,
            "canary": {"invocations": 100, "slow": 3, "in_words": "3 of 100 (3 %)"},
            "stable": {"invocations": 900, "slow": 1, "in_words": "1 of 900 (0.111 %)"},
            "log_evidence": round(judged.judgement.evidence.log, 3),
            "rolls_back_at": 5.298,
            "evidence": f"{judged.judgement.odds} to 1, rolls back at 200 to 1",
        },
        "p99": {"no_data": "1,000 requests of version 2 in one hour have not been counted yet"},
    }


def test_timeouts_are_said_with_those_of_both_versions_where_they_differ() -> None:
    watched = manifest(gates={"timeouts": {"significance": 0.01}})
    unmeasured = full(confirmed(Phase.SHIFTING, manifest=watched), seen(SPLIT, alarms=QUIET), NOW)
    assert unmeasured["timeouts"] == {"no_data": "Lambda has not told the timeouts of both versions yet"}
    threshold = timeouts(timedelta(seconds=3), timedelta(seconds=10))
    set_now = (slow_requests(Measure.TIMEOUTS, threshold=threshold),)
    found: Any = full(
        confirmed(Phase.SHIFTING, slow_requests=set_now, manifest=watched), seen(SPLIT, alarms=QUIET), NOW
    )["timeouts"]
    assert (found["over_ms"], found["rolls_back_at"]) == ({"canary": 2999.0, "stable": 9999.0}, 4.605)


def test_throttles_are_said_with_what_is_allowed() -> None:
    watched = confirmed(Phase.BAKING, manifest=manifest(gates={"throttles": {"percent": 0.5, "then": "hold"}}))
    view = seen(Routing("3"), alarms=QUIET, durations=DurationMetrics(throttles=Throttles(3, 97, 4)))
    assert full(watched, view, NOW)["throttles"] == {
        "minutes": 4,
        "throttled": 3,
        "served": 97,
        "allowed": "0.5%",
        "then": "hold",
    }
    for unknown in (DurationMetrics(), None):
        assert full(watched, seen(Routing("3"), alarms=QUIET, durations=unknown), NOW)["throttles"] is None


def test_nothing_is_said_of_latency_before_the_first_percent() -> None:
    watched = manifest(gates={"latency": {"significance": 0.01}, "timeouts": {"significance": 0.01}})
    found = full(deployment(Phase.TESTING, manifest=watched), seen(Routing("2")), NOW)
    assert (found["latency"], found["timeouts"]) == (None, None)


def test_a_hold_that_has_not_begun_has_no_end() -> None:
    step: Any = full(deployment(Phase.SHIFTING), seen(Routing("2")), NOW)["step"]
    assert step["hold_ends"] is None


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase is not Phase.SHIFTING])
def test_only_a_shift_has_a_step(phase: Phase) -> None:
    assert full(deployment(phase), seen(Routing("2")), NOW)["step"] is None


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("view", [None, Routing("2"), SPLIT], ids=str)
def test_a_report_is_json_in_every_phase(phase: Phase, view: Routing | None) -> None:
    for before in (deployment(phase), changed(deployment(phase), queued=True, confirmed_at=NOW)):
        assert json.loads(json.dumps(full(before, seen(view, alarms=QUIET), NOW)))["phase"] == phase.value


def test_alarms_that_were_not_read_are_not_listed() -> None:
    assert full(deployment(), replace(seen(None), alarms=None), NOW)["alarms"] == {}


# -- why it does not go on --------------------------------------------------------------------------------------------


def test_a_waiting_deployment_waits_for_the_older_one() -> None:
    assert held_by(deployment(queued=True), seen(None), NOW) == "an older deployment of this target is open"


@pytest.mark.parametrize("phase", [Phase.TESTING, Phase.SHIFTING, Phase.BAKING])
def test_a_gate_can_hold_from_the_tests_to_the_end_of_the_bake(phase: Phase) -> None:
    assert held_by(deployment(phase, paused=True), seen(None), NOW) == "paused; send resume to go on"


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase.is_terminal])
def test_a_deployment_that_is_over_is_held_by_nothing(phase: Phase) -> None:
    assert held_by(deployment(phase, paused=True, drift="version 7"), seen(None), NOW) is None


# -- routings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("carried", "said"),
    [
        (None, None),
        (Routing("2"), {"version": "2", "weights": {}}),
        (Routing("2", "3", 25), {"version": "2", "weights": {"3": "0.25%"}}),
        (Routing("2", "3", 9999), {"version": "2", "weights": {"3": "99.99%"}}),
    ],
)
def test_a_routing_is_said_in_percent(carried: Routing | None, said: object) -> None:
    assert routing(carried) == said
